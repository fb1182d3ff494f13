//! Rows of attendance or of lessons: the hot path of the engine `long`.
//!
//! Neighbouring rows mostly share everything but the pupil and the mark. The bytes of the lesson
//! columns are compared with those of the row before, then looked up as a whole; only a lesson
//! seen for the first time is taken apart. Pupils and marks are looked up by their bytes too, so
//! that a row costs no allocation.

use super::header::Preamble;
use super::year::{accepted_years, day_title, year_title};
use crate::codes::LONG;
use crate::columns::{Field, Header, Kind};
use crate::delimited::{Record, count_lines, read_record};
use crate::export::{Journal, Layer, Lesson, LessonFields};
use crate::journal_builder::JournalBuilder;
use crate::moments::{parse_day, parse_hundredths, parse_minutes, parse_moment};
use crate::notes::{Notes, Place};
use crate::spelling::title_key;
use rustc_hash::FxHashMap;
use svodka_journal::{LessonStatus, Severity};

/// The text is not UTF-8 after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotUtf8;

/// Fields of one record by column of the header.
pub(crate) trait Fields {
    /// The field; empty where there is none.
    fn get(&self, column: usize) -> &[u8];

    /// The bytes of two fields with what lies between them, where they lie side by side.
    fn pair(&self, _first: usize, _second: usize) -> Option<&[u8]> {
        None
    }
}

/// Fields of a text record whose first `shift` columns were recognised as a whole.
struct TextFields<'a> {
    data: &'a [u8],
    record: &'a Record,
    shift: usize,
}

impl Fields for TextFields<'_> {
    #[inline]
    fn get(&self, column: usize) -> &[u8] {
        self.record
            .field(self.data, column.wrapping_sub(self.shift))
    }

    #[inline]
    fn pair(&self, first: usize, second: usize) -> Option<&[u8]> {
        let (start, _) = self.record.plain_range(first.wrapping_sub(self.shift))?;
        let (_, end) = self.record.plain_range(second.wrapping_sub(self.shift))?;
        Some(&self.data[start..end])
    }
}

/// Columns by meaning.
#[derive(Debug, Clone, Default)]
struct Layout {
    organisation: Option<usize>,
    group: Option<usize>,
    subject: Option<usize>,
    date: Option<usize>,
    lesson_no: Option<usize>,
    starts_at: Option<usize>,
    teacher: Option<usize>,
    main_teacher: Option<usize>,
    hours: Option<usize>,
    topic: Option<usize>,
    homework: Option<usize>,
    recorded_at: Option<usize>,
    status: Option<usize>,
    pupil: Option<usize>,
    pupil_id: Option<usize>,
    mark: Option<usize>,
    reason: Option<usize>,
    /// Columns that describe the lesson, in order.
    lesson_columns: Vec<usize>,
    /// Number of columns before the first that belongs to the pupil, when no lesson column
    /// follows; else 0.
    prefix: usize,
    width: usize,
}

impl Layout {
    fn of(header: &Header) -> Layout {
        let at = |field| header.column(field);
        let mut layout = Layout {
            organisation: at(Field::Organisation),
            group: at(Field::Group),
            subject: at(Field::Subject),
            date: at(Field::Date),
            lesson_no: at(Field::LessonNo),
            starts_at: at(Field::StartsAt),
            teacher: at(Field::Teacher),
            main_teacher: at(Field::MainTeacher),
            hours: at(Field::Hours),
            topic: at(Field::Topic),
            homework: at(Field::Homework),
            recorded_at: at(Field::RecordedAt),
            status: at(Field::Status),
            pupil: at(Field::Pupil),
            pupil_id: at(Field::PupilId),
            mark: at(Field::Mark),
            reason: at(Field::Reason),
            width: header.headings.len(),
            ..Layout::default()
        };
        layout.lesson_columns = [
            layout.organisation,
            layout.group,
            layout.subject,
            layout.date,
            layout.lesson_no,
            layout.starts_at,
            layout.teacher,
            layout.main_teacher,
            layout.hours,
            layout.topic,
            layout.homework,
            layout.recorded_at,
            layout.status,
        ]
        .into_iter()
        .flatten()
        .collect();
        layout.lesson_columns.sort_unstable();
        if header.kind == Kind::Attendance {
            let first_other = [layout.pupil, layout.pupil_id, layout.mark, layout.reason]
                .into_iter()
                .flatten()
                .min();
            let last_lesson = layout.lesson_columns.last().copied();
            if let (Some(other), Some(lesson)) = (first_other, last_lesson)
                && lesson < other
            {
                layout.prefix = lesson + 1;
            }
        }
        layout
    }
}

/// What the lesson columns of a row turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LessonRef {
    Lesson {
        index: u32,
        group: u32,
    },
    /// Index in `faults`: rows of this lesson are not loaded.
    Fault(u32),
}

/// Why rows of a lesson are not loaded.
#[derive(Debug, Clone)]
struct Fault {
    code: &'static str,
    column: i16,
    found: String,
    expected: &'static str,
    hint: &'static str,
}

/// Names by the very text, so that spellings are compared once.
#[derive(Default)]
struct NameCache {
    organisations: FxHashMap<Box<str>, u32>,
    groups: FxHashMap<(u32, i32), FxHashMap<Box<str>, u32>>,
    courses: FxHashMap<u32, FxHashMap<Box<str>, u32>>,
    teachers: FxHashMap<u32, FxHashMap<Box<str>, Option<u32>>>,
    statuses: FxHashMap<Box<str>, Option<LessonStatus>>,
}

/// What is known under the text, else what `make` says.
fn cached<T: Copy>(known: &mut FxHashMap<Box<str>, T>, text: &str, make: impl FnOnce() -> T) -> T {
    if let Some(&value) = known.get(text) {
        return value;
    }
    let value = make();
    known.insert(text.into(), value);
    value
}

/// The status of a lesson as journals write it.
fn status_of(written: &str) -> Option<LessonStatus> {
    Some(match title_key(written).as_str() {
        "" | "ПРОВЕДЕНО" | "ПРОВЕДЕН" | "ПРОВЕДЕНА" => LessonStatus::Held,
        "ОТМЕНЕНО" | "ОТМЕНЕН" | "ОТМЕНЕНА" => LessonStatus::Cancelled,
        "ВОСПОЛНЕНО" | "ПЕРЕНЕСЕНО" | "ПЕРЕНЕСЕНО/ВОСПОЛНЕНО" => {
            LessonStatus::MadeUp
        }
        "ЗАПЛАНИРОВАНО" | "ЗАПЛАНИРОВАН" => LessonStatus::Planned,
        _ => return None,
    })
}

/// Attendance or lesson rows in the making.
pub(crate) struct JournalRows {
    kind: Kind,
    layout: Layout,
    builder: JournalBuilder,
    organisation: String,
    group: String,
    school_year: Option<i32>,
    lessons: FxHashMap<Box<[u8]>, LessonRef>,
    /// Pupils of each group by the bytes of name and id.
    pupils: Vec<FxHashMap<Box<[u8]>, u32>>,
    verdicts: FxHashMap<Box<[u8]>, u32>,
    last_verdict: (Vec<u8>, u32),
    faults: Vec<Fault>,
    names: NameCache,
    scratch: Vec<u8>,
    /// 0 for a text file.
    sheet_no: i16,
    date_column: i16,
}

impl JournalRows {
    pub fn new(header: &Header, preamble: &Preamble) -> JournalRows {
        let layout = Layout::of(header);
        JournalRows {
            kind: header.kind,
            date_column: layout.date.map_or(0, |column| column as i16 + 1),
            layout,
            builder: JournalBuilder::new(&LONG),
            organisation: preamble.organisation.clone().unwrap_or_default(),
            group: preamble.group.clone().unwrap_or_default(),
            school_year: preamble.school_year,
            lessons: FxHashMap::default(),
            pupils: Vec::new(),
            verdicts: FxHashMap::default(),
            last_verdict: (Vec::new(), u32::MAX),
            faults: Vec::new(),
            names: NameCache::default(),
            scratch: Vec::new(),
            sheet_no: 0,
        }
    }

    /// Rows that follow are of that sheet.
    pub fn start_sheet(&mut self, sheet_no: i16) {
        self.sheet_no = sheet_no;
    }

    /// Rows that follow order their columns so.
    pub fn relayout(&mut self, header: &Header) {
        self.layout = Layout::of(header);
        self.lessons.clear();
    }

    /// Reads the records of a part of a text; `line` is the number of its first line.
    pub fn read_part(
        &mut self,
        data: &[u8],
        delimiter: u8,
        mut line: i32,
        notes: &mut Notes,
    ) -> Result<(), NotUtf8> {
        let prefix = self.layout.prefix;
        let width = self.layout.width;
        let mut record = Record::default();
        let mut position = 0;
        // The lesson columns of the row before: where they lie, how many lines, what they mean.
        let (mut known_start, mut known_length, mut known_lines) = (0, 0, 0);
        let mut known = LessonRef::Fault(u32::MAX);
        while position < data.len() {
            let start = position;
            record.clear();
            if known_length > 0
                && data[start..].starts_with(&data[known_start..known_start + known_length])
            {
                position = read_record(data, start + known_length, delimiter, &mut record);
                let fields = TextFields {
                    data,
                    record: &record,
                    shift: prefix,
                };
                if record.len() + prefix == width {
                    self.entry(&fields, known, line, notes)?;
                } else {
                    self.check_width(&fields, record.len() + prefix, line, notes);
                    if record.len() + prefix > width
                        && self.extra_is_blank(&fields, record.len() + prefix)
                    {
                        self.entry(&fields, known, line, notes)?;
                    }
                }
                line += 1 + known_lines;
                if record.has_quotes() {
                    line += count_lines(&data[start + known_length..position]).max(1) - 1;
                }
                continue;
            }
            position = read_record(data, start, delimiter, &mut record);
            let lines = if record.has_quotes() {
                count_lines(&data[start..position]).max(1)
            } else {
                1
            };
            let fields = TextFields {
                data,
                record: &record,
                shift: 0,
            };
            let is_blank =
                (0..record.len()).all(|index| record.field(data, index).trim_ascii().is_empty());
            let fits = record.len() == width
                || (record.len() > width && self.extra_is_blank(&fields, record.len()));
            if is_blank {
                known_length = 0;
            } else if !fits {
                self.check_width(&fields, record.len(), line, notes);
                known_length = 0;
            } else {
                let raw_end = if prefix > 0 {
                    record.raw_start(prefix)
                } else {
                    None
                };
                let lesson = match raw_end {
                    Some(end) => self.lesson(&fields, Some(&data[start..end]), line, notes)?,
                    None => self.lesson(&fields, None, line, notes)?,
                };
                (known_start, known_length) = (start, raw_end.map_or(0, |end| end - start));
                known = lesson;
                known_lines = if known_length > 0 && record.has_quotes() {
                    count_lines(&data[start..start + known_length])
                } else {
                    0
                };
                self.entry(&fields, lesson, line, notes)?;
            }
            line += lines;
        }
        Ok(())
    }

    fn extra_is_blank(&self, fields: &TextFields<'_>, count: usize) -> bool {
        (self.layout.width..count).all(|column| fields.get(column).trim_ascii().is_empty())
    }

    /// A stray or missing delimiter shifts everything after it: such a row is not read.
    #[cold]
    fn check_width(&self, fields: &TextFields<'_>, count: usize, line: i32, notes: &mut Notes) {
        let width = self.layout.width;
        if count > width && self.extra_is_blank(fields, count) {
            return;
        }
        notes.add(
            Severity::Error,
            "broken-row",
            Place::Line { row: line, column: 0 },
            format!("полей: {count}"),
            format!("полей: {width}"),
            "Строка не загружена: в ней лишний или недостающий разделитель. Текст с разделителем внутри берут в кавычки.",
        );
    }

    /// Takes one record of a sheet.
    pub fn record(
        &mut self,
        fields: &impl Fields,
        row_no: i32,
        notes: &mut Notes,
    ) -> Result<(), NotUtf8> {
        let lesson = self.lesson(fields, None, row_no, notes)?;
        self.entry(fields, lesson, row_no, notes)
    }

    fn place(&self, row: i32, column: i16) -> Place {
        if self.sheet_no > 0 {
            Place::Sheet {
                sheet_no: self.sheet_no,
                row,
                column,
            }
        } else {
            Place::Line { row, column }
        }
    }

    /// The lesson that the record speaks of; `key` is the text of its lesson columns.
    fn lesson(
        &mut self,
        fields: &impl Fields,
        key: Option<&[u8]>,
        row_no: i32,
        notes: &mut Notes,
    ) -> Result<LessonRef, NotUtf8> {
        if let Some(key) = key {
            if let Some(&known) = self.lessons.get(key) {
                return Ok(known);
            }
            let found = self.take_apart(fields, row_no, notes)?;
            self.lessons.insert(key.into(), found);
            return Ok(found);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        for column in &self.layout.lesson_columns {
            scratch.extend_from_slice(fields.get(*column));
            scratch.push(0x1f);
        }
        let found = match self.lessons.get(scratch.as_slice()) {
            Some(&known) => known,
            None => {
                let found = self.take_apart(fields, row_no, notes)?;
                self.lessons.insert(scratch.as_slice().into(), found);
                found
            }
        };
        self.scratch = scratch;
        Ok(found)
    }

    fn fault(&mut self, fault: Fault) -> LessonRef {
        self.faults.push(fault);
        LessonRef::Fault(self.faults.len() as u32 - 1)
    }

    /// Reads the lesson columns one by one.
    fn take_apart(
        &mut self,
        fields: &impl Fields,
        row_no: i32,
        notes: &mut Notes,
    ) -> Result<LessonRef, NotUtf8> {
        let layout = self.layout.clone();
        let text = |column: Option<usize>| -> Result<&str, NotUtf8> {
            match column {
                Some(column) => std::str::from_utf8(fields.get(column))
                    .map(str::trim)
                    .map_err(|_| NotUtf8),
                None => Ok(""),
            }
        };
        let written_group = text(layout.group)?;
        let group_title = if written_group.is_empty() {
            self.group.clone()
        } else {
            written_group.to_owned()
        };
        if group_title.is_empty() {
            return Ok(self.fault(Fault {
                code: "row-incomplete",
                column: layout.group.map_or(0, |column| column as i16 + 1),
                found: "группа не указана".to_owned(),
                expected: "название группы или класса",
                hint: "Строка не загружена. Заполните группу в журнале.",
            }));
        }
        let date = text(layout.date)?;
        let Some(held_on) = parse_day(date.as_bytes()) else {
            let is_empty = date.is_empty();
            return Ok(self.fault(Fault {
                code: if is_empty {
                    "row-incomplete"
                } else {
                    "bad-date"
                },
                column: self.layout.date.map_or(0, |column| column as i16 + 1),
                found: if is_empty {
                    "дата не указана".to_owned()
                } else {
                    format!("«{}»", date.chars().take(40).collect::<String>())
                },
                expected: "дата дд.мм.гггг",
                hint: "Строка не загружена. Исправьте дату в журнале.",
            }));
        };
        let written_organisation = text(layout.organisation)?;
        let names = &mut self.builder.names;
        let organisation_title = if written_organisation.is_empty() {
            self.organisation.as_str()
        } else {
            written_organisation
        };
        let organisation = cached(&mut self.names.organisations, organisation_title, || {
            names.organisation(organisation_title)
        });
        let year = held_on.school_year();
        let group = cached(
            self.names.groups.entry((organisation, year)).or_default(),
            &group_title,
            || names.group(organisation, &group_title, year),
        );
        let written_subject = text(layout.subject)?;
        // A circle without a subject column is its own programme.
        let subject = if written_subject.is_empty() {
            group_title.as_str()
        } else {
            written_subject
        };
        let course = cached(
            self.names.courses.entry(group).or_default(),
            subject,
            || names.course(group, subject),
        );
        let lesson_no = self.number(text(layout.lesson_no)?, layout.lesson_no, row_no, notes);
        let starts_at = match text(layout.starts_at)? {
            "" => None,
            written => {
                let minutes = parse_minutes(written.as_bytes());
                if minutes.is_none() {
                    self.note_value(
                        notes,
                        "bad-time",
                        written,
                        layout.starts_at,
                        row_no,
                        "время чч:мм",
                        "Урок загружен без времени начала.",
                    );
                }
                minutes
            }
        };
        let hours = match text(layout.hours)? {
            "" => 100,
            written => parse_hundredths(written.as_bytes()).unwrap_or_else(|| {
                self.note_value(
                    notes,
                    "bad-number",
                    written,
                    layout.hours,
                    row_no,
                    "число часов",
                    "Занятие учтено как один час.",
                );
                100
            }),
        };
        let recorded_at = match text(layout.recorded_at)? {
            "" => None,
            written => {
                let moment = parse_moment(written.as_bytes());
                if moment.is_none() {
                    self.note_value(
                        notes,
                        "bad-moment",
                        written,
                        layout.recorded_at,
                        row_no,
                        "дд.мм.гггг чч:мм",
                        "Занятие загружено без времени внесения.",
                    );
                }
                moment
            }
        };
        let written_status = text(layout.status)?;
        let status = match cached(&mut self.names.statuses, written_status, || {
            status_of(written_status)
        }) {
            Some(status) => status,
            None => {
                self.note_value(
                    notes,
                    "unknown-status",
                    written_status,
                    layout.status,
                    row_no,
                    "проведено, отменено, восполнено или запланировано",
                    "Занятие загружено как запланированное. Исправьте статус в журнале.",
                );
                LessonStatus::Planned
            }
        };
        let optional = |written: &str| (!written.is_empty()).then(|| written.into());
        let teachers = self.names.teachers.entry(organisation).or_default();
        let names = &mut self.builder.names;
        let mut teacher = |written: &str| {
            cached(teachers, written, || {
                names.teacher(organisation, written, None)
            })
        };
        let main_teacher = teacher(text(layout.main_teacher)?);
        let taught_by = teacher(text(layout.teacher)?);
        let lesson = Lesson {
            course,
            held_on,
            lesson_no,
            ordinal: 1,
            starts_at,
            ends_at: None,
            hours,
            topic: optional(text(layout.topic)?),
            homework: optional(text(layout.homework)?),
            main_teacher,
            taught_by,
            status,
            recorded_at,
            homework_at: None,
            sheet_no: self.sheet_no.max(1),
            row_no,
            col_no: 0,
        };
        let index = self.builder.lesson(lesson);
        Ok(LessonRef::Lesson { index, group })
    }

    fn number(
        &self,
        written: &str,
        column: Option<usize>,
        row_no: i32,
        notes: &mut Notes,
    ) -> Option<i16> {
        if written.is_empty() {
            return None;
        }
        let number = written
            .parse::<i16>()
            .ok()
            .filter(|number| (0..100).contains(number));
        if number.is_none() {
            self.note_value(
                notes,
                "bad-number",
                written,
                column,
                row_no,
                "номер урока",
                "Урок загружен без номера.",
            );
        }
        number
    }

    #[expect(clippy::too_many_arguments, reason = "a finding has that many parts")]
    fn note_value(
        &self,
        notes: &mut Notes,
        code: &'static str,
        written: &str,
        column: Option<usize>,
        row_no: i32,
        expected: &str,
        hint: &str,
    ) {
        let place = self.place(row_no, column.map_or(0, |column| column as i16 + 1));
        let found = format!("«{}»", written.chars().take(40).collect::<String>());
        notes.add_counted(Severity::Warning, code, place, &found, 1, expected, hint);
    }

    /// Takes what the record says of a pupil.
    #[inline]
    fn entry(
        &mut self,
        fields: &impl Fields,
        lesson: LessonRef,
        row_no: i32,
        notes: &mut Notes,
    ) -> Result<(), NotUtf8> {
        let LessonRef::Lesson { index, group } = lesson else {
            self.note_fault(lesson, row_no, notes);
            return Ok(());
        };
        if self.kind == Kind::Lessons {
            return Ok(());
        }
        let (Some(name_column), Some(mark_column)) = (self.layout.pupil, self.layout.mark) else {
            return Ok(());
        };
        let name = fields.get(name_column);
        let id_column = self.layout.pupil_id;
        let id = id_column.map_or(&[][..], |column| fields.get(column));
        if name.is_empty() && id.is_empty() {
            self.note_no_pupil(row_no, name_column, notes);
            return Ok(());
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let name_and_id: &[u8] = match id_column {
            None => name,
            Some(column) => match side_by_side(fields, name_column, column) {
                Some(both) => both,
                None => {
                    scratch.clear();
                    scratch.extend_from_slice(name);
                    scratch.push(0x1f);
                    scratch.extend_from_slice(id);
                    &scratch
                }
            },
        };
        if self.pupils.len() <= group as usize {
            self.pupils
                .resize_with(group as usize + 1, FxHashMap::default);
        }
        let pupil = match self.pupils[group as usize].get(name_and_id) {
            Some(&known) => known,
            None => {
                let name = std::str::from_utf8(name).map_err(|_| NotUtf8)?;
                let id = std::str::from_utf8(id).map_err(|_| NotUtf8)?.trim();
                let pupil = self
                    .builder
                    .names
                    .pupil(group, name, (!id.is_empty()).then_some(id));
                self.pupils[group as usize].insert(name_and_id.into(), pupil);
                pupil
            }
        };
        let mark = fields.get(mark_column);
        let reason_column = self.layout.reason;
        let reason = reason_column.map_or(&[][..], |column| fields.get(column));
        let mark_and_reason: &[u8] = match reason_column {
            None => mark,
            Some(column) => match side_by_side(fields, mark_column, column) {
                Some(both) => both,
                None => {
                    scratch.clear();
                    scratch.extend_from_slice(mark);
                    scratch.push(0x1f);
                    scratch.extend_from_slice(reason);
                    &scratch
                }
            },
        };
        let verdict = if self.last_verdict.1 != u32::MAX && self.last_verdict.0 == mark_and_reason {
            self.last_verdict.1
        } else {
            let verdict = match self.verdicts.get(mark_and_reason) {
                Some(&known) => known,
                None => {
                    let mark = std::str::from_utf8(mark).map_err(|_| NotUtf8)?;
                    let reason = std::str::from_utf8(reason).map_err(|_| NotUtf8)?;
                    let verdict = self.builder.verdict(mark.trim(), reason.trim());
                    self.verdicts.insert(mark_and_reason.into(), verdict);
                    verdict
                }
            };
            self.last_verdict.0.clear();
            self.last_verdict.0.extend_from_slice(mark_and_reason);
            self.last_verdict.1 = verdict;
            verdict
        };
        self.scratch = scratch;
        self.builder.cell(
            index,
            pupil,
            verdict,
            self.sheet_no,
            row_no,
            mark_column as i16 + 1,
        );
        Ok(())
    }

    #[cold]
    fn note_fault(&self, lesson: LessonRef, row_no: i32, notes: &mut Notes) {
        if let LessonRef::Fault(index) = lesson
            && let Some(fault) = self.faults.get(index as usize)
        {
            notes.add_counted(
                Severity::Error,
                fault.code,
                self.place(row_no, fault.column),
                &fault.found,
                1,
                fault.expected,
                fault.hint,
            );
        }
    }

    #[cold]
    fn note_no_pupil(&self, row_no: i32, column: usize, notes: &mut Notes) {
        notes.add(
            Severity::Error,
            "row-incomplete",
            self.place(row_no, column as i16 + 1),
            "обучающийся не указан",
            "фамилия и имя или номер обучающегося",
            "Строка не загружена. Заполните её в журнале.",
        );
    }

    /// Takes a later part of the same text, which begins `lines` lines down.
    pub fn absorb(&mut self, other: JournalRows, lines: i32) {
        self.builder.absorb(other.builder, lines);
    }

    /// Tells second lessons of a day apart, drops what lies outside the school year.
    pub fn finish(mut self, preamble: &Preamble, notes: &mut Notes, is_sheet: bool) -> Journal {
        second_lessons(&mut self.builder);
        let place = |sheet_no: i16, row: i32, column: i16| {
            if is_sheet {
                Place::Sheet {
                    sheet_no,
                    row,
                    column,
                }
            } else {
                Place::Line { row, column }
            }
        };
        self.builder.note_codes(notes, place);
        let layer = if self.kind == Kind::Attendance {
            Layer::Attendance
        } else {
            Layer::Lessons
        };
        let layout = &self.layout;
        let told = LessonFields {
            starts_at: layout.starts_at.is_some(),
            hours: layout.hours.is_some(),
            topic: layout.topic.is_some(),
            homework: layout.homework.is_some(),
            main_teacher: layout.main_teacher.is_some(),
            taught_by: layout.teacher.is_some(),
            status: layout.status.is_some(),
            recorded_at: layout.recorded_at.is_some(),
        };
        let mut journal = self.builder.finish(layer, told);
        let years = accepted_years(self.school_year.or(preamble.school_year), &journal.lessons);
        let date_column = self.date_column;
        let expected: Vec<String> = years.iter().map(|year| year_title(*year)).collect();
        journal.keep_lessons(|lesson| {
            if years.contains(&lesson.held_on.school_year()) {
                return true;
            }
            notes.add_counted(
                Severity::Error,
                "date-outside-school-year",
                place(lesson.sheet_no, lesson.row_no, date_column),
                &day_title(lesson.held_on),
                1,
                &format!("учебный год {}", expected.join(", ")),
                "Строки с этой датой не загружены. Исправьте дату в журнале.",
            );
            false
        });
        journal
    }
}

/// The bytes of two neighbouring fields in one piece, whichever comes first.
#[inline]
fn side_by_side(fields: &impl Fields, one: usize, two: usize) -> Option<&[u8]> {
    if two == one + 1 {
        fields.pair(one, two)
    } else if one == two + 1 {
        fields.pair(two, one)
    } else {
        None
    }
}

/// Where lessons have no number and no time, a pupil listed twice on a day was at two lessons, if
/// at least half of the group is listed twice; else the row is a duplicate.
fn second_lessons(builder: &mut JournalBuilder) {
    let is_unnumbered = |lesson: &Lesson| lesson.lesson_no.is_none() && lesson.starts_at.is_none();
    if !builder.lessons.iter().any(is_unnumbered) {
        return;
    }
    let mut rows: Vec<(u32, u32, i32, u32)> = builder
        .attendance
        .lesson
        .iter()
        .zip(&builder.attendance.pupil)
        .enumerate()
        .filter(|(_, (lesson, _))| is_unnumbered(&builder.lessons[**lesson as usize]))
        .map(|(row, (lesson, pupil))| (*lesson, *pupil, builder.attendance.row_no[row], row as u32))
        .collect();
    rows.sort_unstable();
    for group in rows.chunk_by(|one, two| one.0 == two.0) {
        let pupils = group.chunk_by(|one, two| one.1 == two.1);
        let (mut all, mut twice) = (0, 0);
        for pupil in pupils.clone() {
            all += 1;
            twice += usize::from(pupil.len() > 1);
        }
        if twice * 2 < all || twice == 0 {
            continue;
        }
        for pupil in pupils {
            for (ordinal, (lesson, _, _, row)) in pupil.iter().enumerate().skip(1) {
                let again = Lesson {
                    ordinal: ordinal as i16 + 1,
                    ..builder.lessons[*lesson as usize].clone()
                };
                let again = builder.lesson(again);
                builder.attendance.lesson[*row as usize] = again;
            }
        }
    }
}
