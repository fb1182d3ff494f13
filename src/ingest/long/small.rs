//! Plans, load, institutions and movement: small tables, read row by row.

use super::header::Preamble;
use crate::columns::{Field, Header, Kind};
use crate::export::{
    Content, Movement, MovementRow, OrganisationRow, Plan, PlanRow, Staff, StaffRow,
};
use crate::journal_builder::NamesBuilder;
use crate::moments::{parse_day, parse_hundredths};
use crate::notes::{Notes, Place};
use crate::spelling::{group_key, tidy, title_key};
use rustc_hash::FxHashMap;
use svodka_journal::{Day, Movement as MovementWord, OrganisationKind, Severity};

/// Rows of one of the small tables in the making.
pub(crate) struct SmallRows {
    kind: Kind,
    width: usize,
    names: NamesBuilder,
    organisation: String,
    group: String,
    school_year: Option<i32>,
    exported_on: Option<Day>,
    /// Year last seen for a group title, for rows without a date.
    years: FxHashMap<String, i32>,
    /// Topics so far of each course.
    topics: FxHashMap<u32, i32>,
    plan: Vec<PlanRow>,
    staff: Vec<StaffRow>,
    organisations: Vec<OrganisationRow>,
    movement: Vec<MovementRow>,
}

/// The school year a load or a list is made for: from August on it is the coming one.
fn year_of_list(day: Day) -> i32 {
    let (year, month, _) = day.civil();
    if month >= 8 { year } else { year - 1 }
}

/// One row with what is needed to complain about it.
struct Line<'a, G: Fn(usize) -> &'a str> {
    header: &'a Header,
    get: G,
    sheet_no: i16,
    row_no: i32,
    is_sheet: bool,
}

impl<'a, G: Fn(usize) -> &'a str> Line<'a, G> {
    fn text(&self, field: Field) -> &'a str {
        self.header
            .column(field)
            .map_or("", |column| (self.get)(column).trim())
    }

    fn owned(&self, field: Field) -> Option<String> {
        let text = tidy(self.text(field));
        (!text.is_empty()).then_some(text)
    }

    fn place(&self, field: Field) -> Place {
        let column = self
            .header
            .column(field)
            .map_or(0, |column| column as i16 + 1);
        if self.is_sheet {
            Place::Sheet {
                sheet_no: self.sheet_no,
                row: self.row_no,
                column,
            }
        } else {
            Place::Line {
                row: self.row_no,
                column,
            }
        }
    }

    /// Notes a missing value; the row is not loaded.
    fn missing(&self, field: Field, notes: &mut Notes) {
        notes.add(
            Severity::Error,
            "row-incomplete",
            self.place(field),
            "пусто",
            format!("«{}»", field.title()),
            "Строка не загружена. Заполните её и загрузите файл снова.",
        );
    }

    fn bad(
        &self,
        field: Field,
        severity: Severity,
        code: &'static str,
        expected: &str,
        hint: &str,
        notes: &mut Notes,
    ) {
        let found = format!(
            "«{}»",
            self.text(field).chars().take(40).collect::<String>()
        );
        notes.add_counted(severity, code, self.place(field), &found, 1, expected, hint);
    }

    /// Hundredths of a number; a bad one is noted and left out.
    fn hundredths(&self, field: Field, notes: &mut Notes) -> Option<i32> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let number = parse_hundredths(text.as_bytes());
        if number.is_none() {
            self.bad(
                field,
                Severity::Warning,
                "bad-number",
                "число",
                "Значение не загружено. Исправьте его и загрузите файл снова.",
                notes,
            );
        }
        number
    }

    /// A day; a bad one is noted.
    fn day(&self, field: Field, severity: Severity, notes: &mut Notes) -> Result<Option<Day>, ()> {
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        match parse_day(text.as_bytes()) {
            Some(day) => Ok(Some(day)),
            None => {
                let hint = if severity == Severity::Error {
                    "Строка не загружена. Исправьте дату."
                } else {
                    "Строка загружена без даты. Исправьте дату."
                };
                self.bad(field, severity, "bad-date", "дата дд.мм.гггг", hint, notes);
                Err(())
            }
        }
    }
}

impl SmallRows {
    pub fn new(header: &Header, preamble: &Preamble, exported_on: Option<Day>) -> SmallRows {
        SmallRows {
            kind: header.kind,
            width: header.headings.len(),
            names: NamesBuilder::default(),
            organisation: preamble.organisation.clone().unwrap_or_default(),
            group: preamble.group.clone().unwrap_or_default(),
            school_year: preamble.school_year,
            exported_on,
            years: FxHashMap::default(),
            topics: FxHashMap::default(),
            plan: Vec::new(),
            staff: Vec::new(),
            organisations: Vec::new(),
            movement: Vec::new(),
        }
    }

    /// Whether the record has as many fields as the header; if not, it is noted.
    pub fn check_width(&self, texts: &[&str], line: i32, notes: &mut Notes) -> bool {
        let extra_is_blank = texts
            .iter()
            .skip(self.width)
            .all(|text| text.trim().is_empty());
        if texts.len() == self.width || (texts.len() > self.width && extra_is_blank) {
            return true;
        }
        notes.add(
            Severity::Error,
            "broken-row",
            Place::Line { row: line, column: 0 },
            format!("полей: {}", texts.len()),
            format!("полей: {}", self.width),
            "Строка не загружена: в ней лишний или недостающий разделитель. Текст с разделителем внутри берут в кавычки.",
        );
        false
    }

    /// Takes one row.
    pub fn record<'a>(
        &mut self,
        header: &'a Header,
        get: impl Fn(usize) -> &'a str,
        sheet_no: i16,
        row_no: i32,
        is_sheet: bool,
        notes: &mut Notes,
    ) {
        let line = Line {
            header,
            get,
            sheet_no,
            row_no,
            is_sheet,
        };
        match self.kind {
            Kind::Plan => self.plan_row(&line, notes),
            Kind::Staff => self.staff_row(&line, notes),
            Kind::Organisations => self.organisation_row(&line, notes),
            Kind::Movement => self.movement_row(&line, notes),
            // Journals are gathered elsewhere.
            Kind::Attendance | Kind::Lessons => {}
        }
    }

    fn organisation<'a, G: Fn(usize) -> &'a str>(&mut self, line: &Line<'a, G>) -> u32 {
        let written = line.text(Field::Organisation);
        let title = if written.is_empty() {
            self.organisation.clone()
        } else {
            written.to_owned()
        };
        self.names.organisation(&title)
    }

    /// Group of the row in the school year that fits best.
    fn group<'a, G: Fn(usize) -> &'a str>(
        &mut self,
        line: &Line<'a, G>,
        organisation: u32,
        year: Option<i32>,
    ) -> Option<(u32, String)> {
        let written = line.text(Field::Group);
        let title = if written.is_empty() {
            self.group.clone()
        } else {
            tidy(written)
        };
        if title.is_empty() {
            return None;
        }
        let key = group_key(&title);
        let year = self
            .school_year
            .or(year)
            .or_else(|| self.years.get(&key).copied())
            .or_else(|| self.exported_on.map(year_of_list))
            .unwrap_or(0);
        self.years.insert(key, year);
        Some((self.names.group(organisation, &title, year), title))
    }

    fn plan_row<'a, G: Fn(usize) -> &'a str>(&mut self, line: &Line<'a, G>, notes: &mut Notes) {
        let organisation = self.organisation(line);
        let planned_on = line
            .day(Field::Date, Severity::Warning, notes)
            .unwrap_or_default();
        let Some((group, title)) = self.group(line, organisation, planned_on.map(Day::school_year))
        else {
            line.missing(Field::Group, notes);
            return;
        };
        let written = line.text(Field::Subject);
        let course = self
            .names
            .course(group, if written.is_empty() { &title } else { written });
        let topics = self.topics.entry(course).or_insert(0);
        *topics += 1;
        let seq = match line.text(Field::Seq).trim_end_matches('.') {
            "" => *topics,
            written => match written.parse::<i32>() {
                Ok(number) => number,
                Err(_) => {
                    let ordinal = *topics;
                    line.bad(
                        Field::Seq,
                        Severity::Warning,
                        "bad-number",
                        "номер темы",
                        "Тема загружена под порядковым номером строки.",
                        notes,
                    );
                    ordinal
                }
            },
        };
        let hours = line.hundredths(Field::Hours, notes).unwrap_or(100);
        self.plan.push(PlanRow {
            course,
            seq,
            planned_on,
            hours,
            topic: line.owned(Field::Topic).map(String::into_boxed_str),
            sheet_no: line.sheet_no,
            row_no: line.row_no,
        });
    }

    fn staff_row<'a, G: Fn(usize) -> &'a str>(&mut self, line: &Line<'a, G>, notes: &mut Notes) {
        let organisation = self.organisation(line);
        let Some(teacher) = self
            .names
            .teacher(organisation, line.text(Field::Teacher), None)
        else {
            line.missing(Field::Teacher, notes);
            return;
        };
        let course = self.group(line, organisation, None).map(|(group, title)| {
            let written = line.text(Field::Subject);
            self.names
                .course(group, if written.is_empty() { &title } else { written })
        });
        let programme_kind = match title_key(line.text(Field::ProgrammeKind)).as_str() {
            "" => None,
            kind if kind.contains("ДОПОЛНИТ") => Some("supplementary"),
            kind if kind.starts_with("ОСНОВН") || kind.contains("УЧЕБНЫЙ ПРЕДМЕТ") => {
                Some("basic")
            }
            _ => {
                line.bad(
                    Field::ProgrammeKind,
                    Severity::Warning,
                    "unknown-programme-kind",
                    "основная или дополнительная",
                    "Вид программы не загружен.",
                    notes,
                );
                None
            }
        };
        self.staff.push(StaffRow {
            teacher,
            personnel_no: line.owned(Field::PersonnelNo),
            position: line.owned(Field::Position),
            rate: line.hundredths(Field::Rate, notes),
            weekly_hours: line.hundredths(Field::WeeklyHours, notes),
            course,
            hours_total: line.hundredths(Field::ProgrammeHours, notes),
            direction: line.owned(Field::Direction),
            programme_kind,
        });
    }

    fn organisation_row<'a, G: Fn(usize) -> &'a str>(
        &mut self,
        line: &Line<'a, G>,
        notes: &mut Notes,
    ) {
        let Some(title) = line.owned(Field::Organisation) else {
            line.missing(Field::Organisation, notes);
            return;
        };
        let kind = match title_key(line.text(Field::OrganisationKind)).as_str() {
            "ШКОЛА" | "ОБЩЕОБРАЗОВАТЕЛЬНАЯ ШКОЛА" | "ОБЩЕЕ ОБРАЗОВАНИЕ" => {
                OrganisationKind::School
            }
            "ДОПОЛНИТЕЛЬНОЕ ОБРАЗОВАНИЕ" | "УЧРЕЖДЕНИЕ ДОПОЛНИТЕЛЬНОГО ОБРАЗОВАНИЯ" => {
                OrganisationKind::Supplementary
            }
            "ТЕХНОПАРК" | "КВАНТОРИУМ" => OrganisationKind::Technopark,
            "РЕАБИЛИТАЦИОННЫЙ ЦЕНТР" | "ЦЕНТР РЕАБИЛИТАЦИИ" => {
                OrganisationKind::Rehabilitation
            }
            _ => {
                line.bad(
                    Field::OrganisationKind,
                    Severity::Error,
                    "unknown-organisation-kind",
                    "школа, дополнительное образование, технопарк или реабилитационный центр",
                    "Строка не загружена. Исправьте вид учреждения.",
                    notes,
                );
                return;
            }
        };
        let week_days = match line.text(Field::WeekDays) {
            "5" => 5,
            "6" => 6,
            "" => 5,
            _ => {
                line.bad(
                    Field::WeekDays,
                    Severity::Warning,
                    "bad-number",
                    "5 или 6",
                    "Взята пятидневная неделя.",
                    notes,
                );
                5
            }
        };
        let time_zone = line
            .owned(Field::TimeZone)
            .unwrap_or_else(|| "Europe/Moscow".to_owned());
        self.organisations.push(OrganisationRow {
            short_title: line
                .owned(Field::ShortTitle)
                .unwrap_or_else(|| title.clone()),
            title,
            municipality: line.owned(Field::Municipality),
            kind,
            regulation: line.owned(Field::Regulation).unwrap_or_default(),
            week_days,
            time_zone,
        });
    }

    fn movement_row<'a, G: Fn(usize) -> &'a str>(&mut self, line: &Line<'a, G>, notes: &mut Notes) {
        let organisation = self.organisation(line);
        let (Ok(from_on), Ok(to_on)) = (
            line.day(Field::FromOn, Severity::Error, notes),
            line.day(Field::ToOn, Severity::Error, notes),
        ) else {
            return;
        };
        let Some(from_on) = from_on else {
            line.missing(Field::FromOn, notes);
            return;
        };
        let Some((group, _)) = self.group(line, organisation, Some(year_of_list(from_on))) else {
            line.missing(Field::Group, notes);
            return;
        };
        let (name, id) = (line.text(Field::Pupil), line.text(Field::PupilId));
        if name.is_empty() && id.is_empty() {
            line.missing(Field::Pupil, notes);
            return;
        }
        if to_on.is_some_and(|to_on| to_on < from_on) {
            line.bad(
                Field::ToOn,
                Severity::Error,
                "bad-span",
                "день не раньше начала",
                "Строка не загружена. Исправьте даты.",
                notes,
            );
            return;
        }
        let movement = match title_key(line.text(Field::Movement)).as_str() {
            "" if to_on.is_some() => MovementWord::Departed,
            "" => MovementWord::Enrolled,
            word if word.starts_with("ЗАЧИСЛ") || word.starts_with("ПРИБЫ") => {
                MovementWord::Enrolled
            }
            word if word.starts_with("ПЕРЕВ") => MovementWord::Transferred,
            word if word.starts_with("ВЫБЫ") || word.starts_with("ОТЧИСЛ") => {
                MovementWord::Departed
            }
            _ => {
                line.bad(
                    Field::Movement,
                    Severity::Error,
                    "unknown-movement",
                    "зачислен, переведён или выбыл",
                    "Строка не загружена. Исправьте вид движения.",
                    notes,
                );
                return;
            }
        };
        let pupil = self
            .names
            .pupil(group, name, (!id.is_empty()).then_some(id));
        self.movement.push(MovementRow {
            pupil,
            from_on,
            to_on,
            movement,
        });
    }

    pub fn finish(self) -> Content {
        let names = self.names.names;
        match self.kind {
            Kind::Plan => Content::Plan(Plan {
                names,
                rows: self.plan,
            }),
            Kind::Staff => Content::Staff(Staff {
                names,
                rows: self.staff,
            }),
            Kind::Movement => Content::Movement(Movement {
                names,
                rows: self.movement,
            }),
            Kind::Organisations | Kind::Attendance | Kind::Lessons => {
                Content::Organisations(self.organisations)
            }
        }
    }
}
