//! Writes the folder of one institution as its engine writes it.

use crate::csv::Encoding;
use crate::faults::Fault;
use crate::long::Column;
use crate::tables::{self, Mess};
use crate::terms::Span;
use crate::world::{Act, Institution};
use crate::{SampleError, dnevnik, reference, workbook};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use svodka_journal::{GroupKind, LessonStatus};

const FULL: &[Column] = &[
    Column::Institution,
    Column::Group,
    Column::Subject,
    Column::IsoDate,
    Column::LessonNo,
    Column::Start,
    Column::Teacher,
    Column::MainTeacher,
    Column::Hours,
    Column::Topic,
    Column::Recorded,
    Column::Status,
    Column::Pupil,
    Column::PupilId,
    Column::Mark,
    Column::Reason,
];
const THIN: &[Column] = &[
    Column::Group,
    Column::Subject,
    Column::Date,
    Column::LessonNo,
    Column::PupilId,
    Column::Pupil,
    Column::Mark,
];
const LESSONS: &[Column] = &[
    Column::Group,
    Column::Subject,
    Column::Date,
    Column::LessonNo,
    Column::Teacher,
    Column::MainTeacher,
    Column::Hours,
    Column::Topic,
    Column::Recorded,
    Column::Status,
];
const LESSONS_WITH_INSTITUTION: &[Column] = &[
    Column::Institution,
    Column::Group,
    Column::Subject,
    Column::Date,
    Column::LessonNo,
    Column::Teacher,
    Column::MainTeacher,
    Column::Hours,
    Column::Topic,
    Column::Recorded,
    Column::Status,
];
const CANCELLED: &[Column] = &[
    Column::Institution,
    Column::Group,
    Column::Subject,
    Column::IsoDate,
    Column::LessonNo,
    Column::Start,
    Column::Teacher,
    Column::Hours,
    Column::Status,
];

/// The files of one institution and the faults in them.
/// Moscow time is this far ahead of UTC; exports tell local time.
const MOSCOW_MINUTES: i64 = 180;

struct Folder<'a> {
    institution: &'a Institution,
    path: &'a Path,
    faults: Option<Vec<Fault>>,
}

/// Writes every export of the institution; with faults when `is_messy`.
pub fn write(
    institution: &Institution,
    span: Span,
    path: &Path,
    is_messy: bool,
) -> Result<Vec<Fault>, SampleError> {
    let mut folder = Folder {
        institution,
        path,
        faults: is_messy.then(Vec::new),
    };
    match institution.act {
        Act::A => folder.write_circles()?,
        Act::B => folder.write_workbooks(span)?,
        Act::C => folder.write_bundles()?,
        Act::D => folder.write_quantums()?,
        Act::E => folder.write_shifts()?,
    }
    Ok(folder.faults.unwrap_or_default())
}

impl Folder<'_> {
    /// Writes a file and dates it to the export: a workbook tells its moment nowhere else.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), SampleError> {
        let path = self.path.join(name);
        let minutes = self.institution.exported_at - MOSCOW_MINUTES;
        let exported = UNIX_EPOCH + Duration::from_secs(u64::try_from(minutes * 60).unwrap_or(0));
        std::fs::File::create(&path)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.set_modified(exported)
            })
            .map_err(|source| SampleError::Write { path, source })
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}/{name}", self.institution.short_title)
    }

    fn fault(&mut self, name: &str, cell: Option<String>, code: &'static str) {
        let file = self.full_name(name);
        if let Some(faults) = &mut self.faults {
            faults.push(Fault {
                file,
                sheet: None,
                cell,
                code,
            });
        }
    }

    fn write_reference(&self, encoding: Encoding) -> Result<(), SampleError> {
        self.put(
            "КТП.csv",
            &encoding.encode(&reference::plan(self.institution).text),
        )?;
        for (name, csv) in reference::loads(self.institution) {
            self.put(&name, &encoding.encode(&csv.text))?;
        }
        Ok(())
    }

    fn write_movement(&self, encoding: Encoding) -> Result<(), SampleError> {
        self.put(
            "Движение.csv",
            &encoding.encode(&reference::movement(self.institution).text),
        )
    }

    /// A: a workbook per group and the list of all lessons.
    fn write_circles(&mut self) -> Result<(), SampleError> {
        for (index, group) in self.institution.groups.iter().enumerate() {
            let name = match self.has_several_years() {
                true => format!("Журнал {} ({}).xlsx", group.title, group.school_year),
                false => format!("Журнал {}.xlsx", group.title),
            };
            let file = self.full_name(&name);
            let bytes =
                tables::workbook(self.institution, index as u32, &file, self.faults.as_mut());
            self.put(&name, &bytes)?;
        }
        let all = tables::lesson_list(
            self.institution,
            None,
            LESSONS_WITH_INSTITUTION,
            ';',
            |_| true,
        );
        if let Some(csv) = all {
            self.put("Занятия.csv", &Encoding::Utf8.encode(&csv.text))?;
        }
        self.write_reference(Encoding::Utf8)?;
        self.write_movement(Encoding::Utf8)
    }

    /// B: a workbook per class.
    fn write_workbooks(&mut self, span: Span) -> Result<(), SampleError> {
        let mut first: Option<(String, Vec<u8>)> = None;
        for (index, group) in self.institution.groups.iter().enumerate() {
            let name = match self.has_several_years() {
                true => format!("{} {}.xlsx", group.title, group.school_year),
                false => format!("{}.xlsx", group.title),
            };
            let year = Span {
                from: group.from,
                to: group.to,
            };
            let Some(period) = year.meet(span) else {
                continue;
            };
            let file = self.full_name(&name);
            let faults = self.faults.as_mut();
            let bytes = workbook::workbook(self.institution, index as u32, period, &file, faults);
            self.put(&name, &bytes)?;
            first.get_or_insert((name, bytes));
        }
        if let (Some((name, bytes)), true) = (first, self.faults.is_some()) {
            // A download that broke off.
            let copy = format!("{} (копия).xlsx", name.trim_end_matches(".xlsx"));
            self.put(&copy, &bytes[..bytes.len() * 3 / 5])?;
            self.fault(&copy, None, "unreadable-file");
        }
        self.write_reference(Encoding::Windows1251)
    }

    /// C: a bundle per month.
    fn write_bundles(&mut self) -> Result<(), SampleError> {
        for month in tables::months(self.institution).into_keys() {
            let name = format!("Дневник {}-{:02}.json", month.0 / 100, month.0 % 100);
            let file = self.full_name(&name);
            let bundle = dnevnik::bundle(self.institution, month, &file, self.faults.as_mut())?;
            self.put(&name, &bundle)?;
        }
        self.write_reference(Encoding::Utf8)
    }

    /// D: a full attendance file per month, and what was cancelled.
    fn write_quantums(&mut self) -> Result<(), SampleError> {
        for (index, month) in tables::months(self.institution).into_keys().enumerate() {
            let is_messy = self.faults.is_some() && index == 1;
            let mess = if is_messy {
                Mess::ChangedHeader
            } else {
                Mess::None
            };
            self.write_attendance(month, FULL, ';', Encoding::Utf8Bom, mess)?;
            let cancelled =
                tables::lesson_list(self.institution, Some(month), CANCELLED, ';', |lesson| {
                    lesson.status == LessonStatus::Cancelled
                });
            if let Some(csv) = cancelled {
                let name = format!(
                    "Отменённые занятия {}-{:02}.csv",
                    month.0 / 100,
                    month.0 % 100
                );
                self.put(&name, &Encoding::Utf8Bom.encode(&csv.text))?;
            }
        }
        self.write_reference(Encoding::Utf8Bom)?;
        if self.faults.is_some() {
            // Somebody gave the plan the name of a workbook.
            std::fs::rename(self.path.join("КТП.csv"), self.path.join("КТП.xlsx")).map_err(
                |source| SampleError::Write {
                    path: self.path.join("КТП.xlsx"),
                    source,
                },
            )?;
            self.fault("КТП.xlsx", None, "wrong-extension");
        }
        self.write_movement(Encoding::Utf8Bom)
    }

    /// E: the list of lessons and a thin attendance file per month.
    fn write_shifts(&mut self) -> Result<(), SampleError> {
        for month in tables::months(self.institution).into_keys() {
            self.write_attendance(month, THIN, '\t', Encoding::Windows1251, Mess::None)?;
            let lessons =
                tables::lesson_list(self.institution, Some(month), LESSONS, '\t', |_| true);
            if let Some(csv) = lessons {
                let name = format!("Занятия {}-{:02}.csv", month.0 / 100, month.0 % 100);
                self.put(&name, &Encoding::Windows1251.encode(&csv.text))?;
            }
        }
        if self.faults.is_some() {
            self.put("Посещаемость (черновик).csv", b"")?;
            self.fault("Посещаемость (черновик).csv", None, "empty-file");
        }
        self.write_reference(Encoding::Windows1251)?;
        self.write_movement(Encoding::Utf16)
    }

    fn write_attendance(
        &mut self,
        month: svodka_journal::Month,
        columns: &[Column],
        delimiter: char,
        encoding: Encoding,
        mess: Mess,
    ) -> Result<(), SampleError> {
        let name = format!("Посещаемость {}-{:02}.csv", month.0 / 100, month.0 % 100);
        let institution = self.institution;
        let csv = tables::attendance(
            institution,
            month,
            columns,
            delimiter,
            mess,
            |cell, code| {
                self.fault(&name, cell, code);
            },
        );
        self.put(&name, &encoding.encode(&csv.text))
    }

    fn has_several_years(&self) -> bool {
        let classes = || {
            self.institution
                .groups
                .iter()
                .filter(|it| it.kind != GroupKind::Subgroup)
        };
        classes().any(|group| Some(group.school_year) != classes().next().map(|it| it.school_year))
    }
}
