//! Engine `dnevnik-json`: the arrays of the Дневник.ру API in one JSON bundle.
//!
//! Ids are 64-bit and are never read as floating point. The journal lists absences only: at a
//! lesson that was conducted (by its status, a log entry or a mark) everybody of the group without
//! an entry was present; at a lesson that lies in the past and was not conducted everybody is
//! unrecorded; nothing is said of lessons to come.

use crate::codes::{MarkValue, Verdict};
use crate::container::Refused;
use crate::export::{
    Attendance, Content, Engine, Export, Group, Journal, Layer, Lesson, LessonFields, MarkRow,
};
use crate::journal_builder::NamesBuilder;
use crate::moments::{day_of, parse_day, parse_hundredths, parse_moment};
use crate::notes::{Notes, Place};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use std::borrow::Cow;
use std::fmt;
use svodka_journal::{AbsenceReason, AttendanceStatus, GroupKind, LessonStatus, Severity};

/// An id written as a number or as a string of digits; 0 where it is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
struct Id(i64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a 64-bit id")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id, E> {
                Ok(Id(number))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
                i64::try_from(number)
                    .map(Id)
                    .map_err(|_| E::custom("id above 63 bits"))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                text.trim()
                    .parse()
                    .map(Id)
                    .map_err(|_| E::custom("id is no number"))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Id, E> {
                Ok(Id(0))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

/// Null counts as absent.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A text or a number, as text.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Whole(i64),
        Fraction(f64),
        Other(de::IgnoredAny),
    }
    Ok(match Option::<Either>::deserialize(deserializer)? {
        Some(Either::Text(text)) => Some(text),
        Some(Either::Whole(number)) => Some(number.to_string()),
        Some(Either::Fraction(number)) => Some(number.to_string()),
        Some(Either::Other(_)) | None => None,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Bundle<'a> {
    #[serde(rename = "exportedAt", borrow)]
    exported_at: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "or_default")]
    school: School,
    #[serde(deserialize_with = "or_default")]
    groups: Vec<EduGroup>,
    #[serde(deserialize_with = "or_default")]
    persons: Vec<Person>,
    #[serde(borrow)]
    lessons: Vec<ApiLesson<'a>>,
    #[serde(rename = "lessonLogEntries", borrow)]
    log: Vec<LogEntry<'a>>,
    #[serde(borrow)]
    marks: Vec<ApiMark<'a>>,
    #[serde(borrow)]
    works: Vec<Work<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct School {
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EduGroup {
    id: Id,
    id_str: Option<Id>,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    studyyear: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Id,
    id_str: Option<Id>,
    #[serde(rename = "lastName")]
    last_name: Option<String>,
    #[serde(rename = "firstName")]
    first_name: Option<String>,
    #[serde(rename = "middleName")]
    middle_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(deserialize_with = "or_default")]
    groups: Vec<Id>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiLesson<'a> {
    id: Id,
    id_str: Option<Id>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    date: Option<Cow<'a, str>>,
    number: Option<i16>,
    #[serde(borrow)]
    subject: Option<Subject<'a>>,
    group: Option<Id>,
    group_str: Option<Id>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "or_default")]
    teachers: Vec<Id>,
    #[serde(deserialize_with = "text_or_number")]
    hours: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Subject<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogEntry<'a> {
    person: Id,
    person_str: Option<Id>,
    lesson: Id,
    lesson_str: Option<Id>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(rename = "createdDate", borrow)]
    created: Option<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiMark<'a> {
    #[serde(deserialize_with = "text_or_number")]
    value: Option<String>,
    #[serde(rename = "textValue", borrow)]
    text_value: Option<Cow<'a, str>>,
    person: Id,
    person_str: Option<Id>,
    lesson: Option<Id>,
    lesson_str: Option<Id>,
    work: Option<Id>,
    work_str: Option<Id>,
    #[serde(borrow)]
    date: Option<Cow<'a, str>>,
    #[serde(rename = "workType", deserialize_with = "text_or_number")]
    work_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Work<'a> {
    id: Id,
    id_str: Option<Id>,
    #[serde(rename = "type", deserialize_with = "text_or_number")]
    kind: Option<String>,
    lesson: Option<Id>,
    lesson_str: Option<Id>,
    #[serde(rename = "targetDate", borrow)]
    target_date: Option<Cow<'a, str>>,
    #[serde(rename = "sentDate", borrow)]
    sent_date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

/// Whether the text looks like a bundle, judged by its beginning and its keys.
pub(crate) fn recognise(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\"lessonLogEntries\"").is_some()
        || (memchr::memmem::find(text, b"\"lessons\"").is_some()
            && memchr::memmem::find(text, b"\"persons\"").is_some())
}

/// What a log entry says.
fn verdict_of(status: &str) -> Option<(AttendanceStatus, Option<AbsenceReason>)> {
    Some(match status {
        "Attend" => (AttendanceStatus::Present, None),
        "Pass" => (AttendanceStatus::Absent, Some(AbsenceReason::Unknown)),
        "Ill" => (AttendanceStatus::Absent, Some(AbsenceReason::Illness)),
        "Late" => (AttendanceStatus::Late, None),
        _ => return None,
    })
}

/// Reads the bundle.
pub(crate) fn read(text: &str, title: &str, notes: &mut Notes) -> Result<Export, Refused> {
    let bundle: Bundle<'_> = match serde_json::from_str(text) {
        Ok(bundle) => bundle,
        Err(error) => {
            notes.add(
                Severity::Error,
                "unreadable-file",
                Place::Line {
                    row: error.line() as i32,
                    column: error.column().min(30_000) as i16,
                },
                if error.is_eof() {
                    "файл обрывается".to_owned()
                } else {
                    "нарушенная запись JSON".to_owned()
                },
                "выгрузка Дневник.ру целиком",
                "Файл не загружен. Выгрузите его из журнала ещё раз.",
            );
            return Err(Refused);
        }
    };
    let exported_at = bundle
        .exported_at
        .as_deref()
        .and_then(|text| parse_moment(text.as_bytes()));
    let mut reader = Reader {
        names: NamesBuilder::default(),
        organisation: 0,
        groups: FxHashMap::default(),
        pupils: FxHashMap::default(),
        lessons: Vec::new(),
        by_id: FxHashMap::default(),
    };
    reader.organisation = reader
        .names
        .organisation(bundle.school.name.as_deref().unwrap_or(""));
    reader.take_groups(&bundle);
    reader.take_lessons(&bundle, notes);
    let journal = reader.finish(&bundle, exported_at, notes);
    Ok(Export {
        engine: Engine::DnevnikJson,
        sheets: vec![title.to_owned()],
        exported_at,
        content: Content::Journal(journal),
    })
}

struct Reader {
    names: NamesBuilder,
    organisation: u32,
    groups: FxHashMap<Id, u32>,
    /// Pupil of a group by person id.
    pupils: FxHashMap<(u32, Id), u32>,
    lessons: Vec<Lesson>,
    by_id: FxHashMap<Id, u32>,
}

fn full_name(person: &Person) -> String {
    [&person.last_name, &person.first_name, &person.middle_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_teacher(person: &Person) -> bool {
    matches!(
        person.kind.as_deref(),
        Some("Teacher" | "Staff" | "EduStaff")
    )
}

fn bad_record(
    notes: &mut Notes,
    code: &'static str,
    array: &'static str,
    ordinal: usize,
    found: String,
    expected: &str,
) {
    notes.add(
        Severity::Warning,
        code,
        Place::Record {
            array,
            ordinal: ordinal as i32 + 1,
        },
        found,
        expected,
        "Запись не загружена. Проверьте её в журнале.",
    );
}

impl Reader {
    /// Groups with their rosters.
    fn take_groups(&mut self, bundle: &Bundle<'_>) {
        let first_year = bundle
            .lessons
            .iter()
            .find_map(|lesson| parse_day(lesson.date.as_deref()?.as_bytes()))
            .map_or(0, svodka_journal::Day::school_year);
        for group in &bundle.groups {
            let id = group.id_str.unwrap_or(group.id);
            let year = group
                .studyyear
                .as_deref()
                .and_then(|year| year.get(..4)?.parse().ok())
                .unwrap_or(first_year);
            let title = group.name.clone().unwrap_or_else(|| id.0.to_string());
            let index = self.names.group(self.organisation, &title, year);
            if group.kind.as_deref() == Some("Subgroup") {
                let known: &mut Group = &mut self.names.names.groups[index as usize];
                known.kind = Some(GroupKind::Subgroup);
            }
            self.groups.insert(id, index);
        }
        for person in bundle.persons.iter().filter(|person| !is_teacher(person)) {
            let id = person.id_str.unwrap_or(person.id);
            for group in &person.groups {
                if let Some(&group) = self.groups.get(group) {
                    let pupil =
                        self.names
                            .pupil(group, &full_name(person), Some(&id.0.to_string()));
                    self.pupils.insert((group, id), pupil);
                }
            }
        }
    }

    fn take_lessons(&mut self, bundle: &Bundle<'_>, notes: &mut Notes) {
        let teachers: FxHashMap<Id, &Person> = bundle
            .persons
            .iter()
            .map(|person| (person.id_str.unwrap_or(person.id), person))
            .collect();
        let mut seen: FxHashMap<(u32, i32, Option<i16>), i16> = FxHashMap::default();
        for (ordinal, lesson) in bundle.lessons.iter().enumerate() {
            let id = lesson.id_str.unwrap_or(lesson.id);
            if self.by_id.contains_key(&id) {
                bad_record(
                    notes,
                    "duplicate-entry",
                    "lessons",
                    ordinal,
                    "урок второй раз".to_owned(),
                    "каждый урок один раз",
                );
                continue;
            }
            let group = lesson
                .group_str
                .or(lesson.group)
                .and_then(|id| self.groups.get(&id).copied());
            let Some(group) = group else {
                bad_record(
                    notes,
                    "unknown-group",
                    "lessons",
                    ordinal,
                    "группы урока нет в выгрузке".to_owned(),
                    "группа из groups",
                );
                continue;
            };
            let written = lesson.date.as_deref().unwrap_or("");
            let Some(held_on) = parse_day(written.as_bytes()) else {
                let found = format!("«{}»", written.chars().take(40).collect::<String>());
                bad_record(
                    notes,
                    "bad-date",
                    "lessons",
                    ordinal,
                    found,
                    "дата ГГГГ-ММ-ДД",
                );
                continue;
            };
            if self.names.names.groups[group as usize].school_year != held_on.school_year() {
                bad_record(
                    notes,
                    "date-outside-school-year",
                    "lessons",
                    ordinal,
                    held_on.to_string(),
                    "дата учебного года группы",
                );
                continue;
            }
            let subject = lesson
                .subject
                .as_ref()
                .and_then(|subject| subject.name.as_deref())
                .unwrap_or("");
            let group_title = self.names.names.groups[group as usize].title.clone();
            let course = self.names.course(
                group,
                if subject.is_empty() {
                    &group_title
                } else {
                    subject
                },
            );
            let taught_by = lesson.teachers.first().and_then(|id| {
                let name = teachers
                    .get(id)
                    .map(|person| full_name(person))
                    .unwrap_or_default();
                self.names.teacher(
                    self.organisation,
                    &name,
                    if name.is_empty() {
                        Some(id.0.to_string())
                    } else {
                        None
                    }
                    .as_deref(),
                )
            });
            let status = match lesson.status.as_deref() {
                Some("Canceled" | "Cancelled") => LessonStatus::Cancelled,
                Some("Conducted") => LessonStatus::Held,
                _ => LessonStatus::Planned,
            };
            let times = seen.entry((course, held_on.0, lesson.number)).or_insert(0);
            *times += 1;
            let written_hours = lesson.hours.as_deref().unwrap_or("");
            self.by_id.insert(id, self.lessons.len() as u32);
            self.lessons.push(Lesson {
                course,
                held_on,
                lesson_no: lesson.number,
                ordinal: *times,
                starts_at: None,
                ends_at: None,
                hours: parse_hundredths(written_hours.as_bytes()).unwrap_or(100),
                topic: lesson
                    .title
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(Into::into),
                homework: None,
                main_teacher: None,
                taught_by,
                status,
                recorded_at: None,
                homework_at: None,
                sheet_no: 1,
                row_no: ordinal as i32 + 1,
                col_no: 0,
            });
        }
        for work in &bundle.works {
            let lesson = work
                .lesson_str
                .or(work.lesson)
                .and_then(|id| self.by_id.get(&id));
            if let (Some(&lesson), Some("Homework")) = (lesson, work.kind.as_deref()) {
                let lesson = &mut self.lessons[lesson as usize];
                lesson.homework = work
                    .text
                    .as_deref()
                    .filter(|text| !text.trim().is_empty())
                    .map(Into::into);
                lesson.homework_at = work
                    .sent_date
                    .as_deref()
                    .and_then(|text| parse_moment(text.as_bytes()));
            }
        }
    }

    fn finish(
        mut self,
        bundle: &Bundle<'_>,
        exported_at: Option<i64>,
        notes: &mut Notes,
    ) -> Journal {
        let mut verdicts: Vec<Verdict> = Vec::new();
        let mut verdict_index: FxHashMap<String, u32> = FxHashMap::default();
        let plain = |status| Verdict {
            status,
            reason: None,
            raw: None,
            marks: Vec::new(),
            problem: None,
        };
        verdicts.push(plain(AttendanceStatus::Present));
        verdicts.push(plain(AttendanceStatus::Unrecorded));
        // What the log says of whom: (verdict, moment, ordinal).
        let mut log: FxHashMap<(u32, u32), (u32, i64, i32)> = FxHashMap::default();
        let mut is_recorded: Vec<bool> = self
            .lessons
            .iter()
            .map(|lesson| lesson.status == LessonStatus::Held)
            .collect();
        let mut extra: Vec<(u32, u32)> = Vec::new();
        for (ordinal, entry) in bundle.log.iter().enumerate() {
            let Some(&lesson) = self.by_id.get(&entry.lesson_str.unwrap_or(entry.lesson)) else {
                bad_record(
                    notes,
                    "unknown-lesson",
                    "lessonLogEntries",
                    ordinal,
                    "урока этой записи нет в выгрузке".to_owned(),
                    "урок из lessons",
                );
                continue;
            };
            let group =
                self.names.names.courses[self.lessons[lesson as usize].course as usize].group;
            let person = entry.person_str.unwrap_or(entry.person);
            let pupil = match self.pupils.get(&(group, person)) {
                Some(&pupil) => pupil,
                None => {
                    // Not in the roster any more, yet the journal speaks of them.
                    let pupil = self.names.pupil(group, "", Some(&person.0.to_string()));
                    self.pupils.insert((group, person), pupil);
                    extra.push((lesson, pupil));
                    pupil
                }
            };
            let status = entry.status.as_deref().unwrap_or("");
            let verdict = *verdict_index.entry(status.to_owned()).or_insert_with(|| {
                let (known, problem) = match verdict_of(status) {
                    Some(known) => (known, None),
                    None => (
                        (AttendanceStatus::Unrecorded, None),
                        Some(crate::codes::CodeProblem::Unknown),
                    ),
                };
                verdicts.push(Verdict {
                    status: known.0,
                    reason: known.1,
                    raw: Some(status.into()),
                    marks: Vec::new(),
                    problem,
                });
                verdicts.len() as u32 - 1
            });
            if verdicts[verdict as usize].problem.is_some() {
                notes.add_counted(
                    Severity::Warning,
                    "unknown-code",
                    Place::Record {
                        array: "lessonLogEntries",
                        ordinal: ordinal as i32 + 1,
                    },
                    &format!("«{}»", status.chars().take(40).collect::<String>()),
                    1,
                    "Attend, Pass, Ill, Late",
                    "Запись сохранена как неотмеченная, код сохранён.",
                );
            }
            let moment = entry
                .created
                .as_deref()
                .and_then(|text| parse_moment(text.as_bytes()))
                .unwrap_or(i64::MIN);
            is_recorded[lesson as usize] = true;
            let known_lesson = &mut self.lessons[lesson as usize];
            if moment != i64::MIN {
                known_lesson.recorded_at = Some(
                    known_lesson
                        .recorded_at
                        .map_or(moment, |known| known.min(moment)),
                );
            }
            match log.entry((lesson, pupil)) {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert((verdict, moment, ordinal as i32 + 1));
                }
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    notes.add(
                        Severity::Info,
                        "duplicate-entry",
                        Place::Record {
                            array: "lessonLogEntries",
                            ordinal: ordinal as i32 + 1,
                        },
                        "вторая запись о том же обучающемся на том же уроке",
                        "одна запись",
                        "Учтена запись, внесённая позже.",
                    );
                    if moment > known.get().1 {
                        known.insert((verdict, moment, ordinal as i32 + 1));
                    }
                }
            }
        }
        let marks = self.marks(bundle, &mut is_recorded, notes);
        let attendance = self.attendance(&log, &extra, &mut is_recorded, exported_at);
        for (lesson, is_recorded) in self.lessons.iter_mut().zip(&is_recorded) {
            if *is_recorded && lesson.status == LessonStatus::Planned {
                lesson.status = LessonStatus::Held;
            }
        }
        Journal {
            layer: Layer::Attendance,
            told: LessonFields {
                starts_at: false,
                main_teacher: false,
                hours: true,
                topic: true,
                homework: true,
                taught_by: true,
                status: true,
                recorded_at: true,
            },
            names: self.names.names,
            lessons: self.lessons,
            attendance,
            verdicts,
            marks,
            coverage: Vec::new(),
        }
    }

    /// Marks; a lesson with a mark was conducted.
    fn marks(
        &mut self,
        bundle: &Bundle<'_>,
        is_recorded: &mut [bool],
        notes: &mut Notes,
    ) -> Vec<MarkRow> {
        let works: FxHashMap<Id, &Work<'_>> = bundle
            .works
            .iter()
            .map(|work| (work.id_str.unwrap_or(work.id), work))
            .collect();
        let mut count: FxHashMap<(u32, u32), i16> = FxHashMap::default();
        let mut rows = Vec::with_capacity(bundle.marks.len());
        for (ordinal, mark) in bundle.marks.iter().enumerate() {
            let work = mark.work_str.or(mark.work).and_then(|id| works.get(&id));
            let lesson_id = mark
                .lesson_str
                .or(mark.lesson)
                .or_else(|| work.and_then(|work| work.lesson_str.or(work.lesson)));
            let Some(&lesson) = lesson_id.and_then(|id| self.by_id.get(&id)) else {
                bad_record(
                    notes,
                    "unknown-lesson",
                    "marks",
                    ordinal,
                    "урока этой отметки нет в выгрузке".to_owned(),
                    "урок из lessons",
                );
                continue;
            };
            let group =
                self.names.names.courses[self.lessons[lesson as usize].course as usize].group;
            let person = mark.person_str.unwrap_or(mark.person);
            let pupil = match self.pupils.get(&(group, person)) {
                Some(&pupil) => pupil,
                None => self.names.pupil(group, "", Some(&person.0.to_string())),
            };
            let value = mark
                .text_value
                .as_deref()
                .map(str::to_owned)
                .or_else(|| mark.value.clone())
                .unwrap_or_default();
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let mark_value = MarkValue {
                text: value.into(),
                hundredths: parse_hundredths(value.as_bytes()),
            };
            let seq = count.entry((lesson, pupil)).or_insert(0);
            *seq += 1;
            is_recorded[lesson as usize] = true;
            rows.push(MarkRow {
                lesson,
                pupil,
                seq: *seq,
                value: mark_value.text,
                value_num: mark_value.hundredths,
                weight: None,
                work_kind: mark.work_type.as_deref().map(Into::into),
                due_on: work.and_then(|work| parse_day(work.target_date.as_deref()?.as_bytes())),
                recorded_at: mark
                    .date
                    .as_deref()
                    .filter(|text| text.len() > 10)
                    .and_then(|text| parse_moment(text.as_bytes())),
                sheet_no: 1,
                row_no: ordinal as i32 + 1,
                col_no: 0,
            });
        }
        rows
    }

    /// Everybody of the roster at every lesson that the journal can speak of.
    fn attendance(
        &self,
        log: &FxHashMap<(u32, u32), (u32, i64, i32)>,
        extra: &[(u32, u32)],
        is_recorded: &mut [bool],
        exported_at: Option<i64>,
    ) -> Attendance {
        const PRESENT: u32 = 0;
        const UNRECORDED: u32 = 1;
        let today = exported_at.map(day_of);
        let mut rosters: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let left: FxHashSet<u32> = extra.iter().map(|entry| entry.1).collect();
        for (&(group, _), &pupil) in &self.pupils {
            if !left.contains(&pupil) {
                rosters.entry(group).or_default().push(pupil);
            }
        }
        for roster in rosters.values_mut() {
            roster.sort_unstable();
        }
        let mut rows = Attendance::default();
        let mut push = |lesson: u32, pupil: u32, verdict: u32, moment: i64, row_no: i32| {
            rows.lesson.push(lesson);
            rows.pupil.push(pupil);
            rows.verdict.push(verdict);
            rows.row_no.push(row_no);
            rows.col_no.push(0);
            rows.recorded_at.push(moment);
        };
        for (index, lesson) in self.lessons.iter().enumerate() {
            let index = index as u32;
            let recorded = is_recorded[index as usize];
            if lesson.status == LessonStatus::Cancelled
                || (!recorded && today.is_none_or(|today| lesson.held_on >= today))
            {
                continue;
            }
            // A lesson in the past that nobody recorded was held as far as anybody knows.
            is_recorded[index as usize] = true;
            let group = self.names.names.courses[lesson.course as usize].group;
            let fill = if recorded { PRESENT } else { UNRECORDED };
            for &pupil in rosters.get(&group).map_or(&[][..], Vec::as_slice) {
                match log.get(&(index, pupil)) {
                    Some(&(verdict, moment, ordinal)) => {
                        push(index, pupil, verdict, moment, ordinal)
                    }
                    None => push(index, pupil, fill, i64::MIN, lesson.row_no),
                }
            }
            for &pupil in &left {
                if let Some(&(verdict, moment, ordinal)) = log.get(&(index, pupil)) {
                    push(index, pupil, verdict, moment, ordinal);
                }
            }
        }
        rows
    }
}
