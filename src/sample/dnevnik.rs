//! The bundle of Дневник.ру: what its API tells of one month, in one JSON file.
//!
//! Ids are larger than 2^53 and stand twice, as a number and as text. Presence has no entry.

use crate::csv::{clock, day_of};
use crate::faults::Fault;
use crate::terms;
use crate::world::{Cell, Institution, Lesson};
use serde::Serialize;
use svodka_journal::{AbsenceReason, AttendanceStatus, Day, GroupKind, LessonStatus, Month};

const GROUP: i64 = 1_100_000_000_000_000_000;
const LESSON: i64 = 1_200_000_000_000_000_000;
const WORK: i64 = 1_300_000_000_000_000_000;
const MARK: i64 = 1_400_000_000_000_000_000;
const TEACHER: i64 = 1_000_000_000_000_900_000;
const SUBJECT: i64 = 1_500_000_000_000_000_000;
const SCHOOL: i64 = 1_600_000_000_000_000_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'a> {
    exported_at: String,
    school: School<'a>,
    reporting_periods: Vec<ReportingPeriod>,
    groups: Vec<EduGroup<'a>>,
    persons: Vec<Person<'a>>,
    lessons: Vec<LessonRecord<'a>>,
    lesson_log_entries: Vec<LogEntry<'a>>,
    works: Vec<Work>,
    marks: Vec<MarkRecord>,
}

#[derive(Serialize)]
struct School<'a> {
    id: i64,
    id_str: String,
    name: &'a str,
}

#[derive(Serialize)]
struct ReportingPeriod {
    id: i64,
    start: String,
    finish: String,
    number: usize,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    year: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EduGroup<'a> {
    id: i64,
    #[serde(rename = "id_str")]
    id_str: String,
    #[serde(rename = "type")]
    kind: &'static str,
    parent_ids: Vec<i64>,
    name: &'a str,
    full_name: &'a str,
    parallel: i64,
    studyyear: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person<'a> {
    id: i64,
    #[serde(rename = "id_str")]
    id_str: String,
    last_name: &'a str,
    first_name: &'a str,
    middle_name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    groups: Vec<i64>,
}

#[derive(Serialize)]
struct SubjectRecord<'a> {
    id: i64,
    name: &'a str,
}

#[derive(Serialize)]
struct LessonRecord<'a> {
    id: i64,
    id_str: String,
    title: Option<&'a str>,
    date: String,
    number: u8,
    subject: SubjectRecord<'a>,
    group: i64,
    status: &'static str,
    works: Vec<i64>,
    teachers: Vec<i64>,
    hours: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry<'a> {
    person: i64,
    lesson: i64,
    #[serde(rename = "person_str")]
    person_str: String,
    #[serde(rename = "lesson_str")]
    lesson_str: String,
    comment: Option<&'a str>,
    status: &'a str,
    created_date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Work {
    id: i64,
    #[serde(rename = "id_str")]
    id_str: String,
    #[serde(rename = "type")]
    kind: &'static str,
    work_type: i32,
    mark_type: &'static str,
    lesson: i64,
    target_date: String,
    sent_date: Option<String>,
    text: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MarkRecord {
    id: i64,
    #[serde(rename = "id_str")]
    id_str: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    text_value: String,
    person: i64,
    work: i64,
    lesson: i64,
    number: String,
    date: String,
    work_type: i32,
}

/// The bundle of one month.
pub fn bundle(
    institution: &Institution,
    month: Month,
    file: &str,
    faults: Option<&mut Vec<Fault>>,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut bundle = Bundle {
        exported_at: iso(institution.exported_at),
        school: School {
            id: SCHOOL + institution.number as i64,
            id_str: (SCHOOL + institution.number as i64).to_string(),
            name: &institution.title,
        },
        reporting_periods: quarters(month.first_day().school_year()),
        groups: groups(institution, month),
        persons: persons(institution, month),
        lessons: Vec::new(),
        lesson_log_entries: Vec::new(),
        works: Vec::new(),
        marks: Vec::new(),
    };
    let mut unknown_code = None;
    for (index, lesson) in institution.lessons.iter().enumerate() {
        if lesson.day.month() == month {
            add_lesson(&mut bundle, institution, index, lesson, &mut unknown_code);
        }
    }
    if let Some(faults) = faults {
        let mut fault = |at: usize, code: &'static str| {
            faults.push(Fault {
                file: file.to_owned(),
                sheet: None,
                cell: Some(format!("lessonLogEntries[{at}]")),
                code,
            });
        };
        if let Some(at) = unknown_code {
            fault(at, "unknown-code");
        }
        if month == first_month(institution) && bundle.lesson_log_entries.len() > 20 {
            let again = copy(&bundle.lesson_log_entries[7], 0);
            fault(bundle.lesson_log_entries.len(), "duplicate-entry");
            bundle.lesson_log_entries.push(again);
            let lost = copy(&bundle.lesson_log_entries[9], 99_000_000);
            fault(bundle.lesson_log_entries.len(), "unknown-lesson");
            bundle.lesson_log_entries.push(lost);
        }
    }
    serde_json::to_vec(&bundle)
}

fn first_month(institution: &Institution) -> Month {
    institution
        .lessons
        .iter()
        .map(|lesson| lesson.day.month())
        .min()
        .unwrap_or(Month(0))
}

/// The same entry once more, or the entry of a lesson that many ids further.
fn copy<'a>(entry: &LogEntry<'a>, shift: i64) -> LogEntry<'a> {
    LogEntry {
        lesson: entry.lesson + shift,
        lesson_str: (entry.lesson + shift).to_string(),
        person_str: entry.person_str.clone(),
        created_date: entry.created_date.clone(),
        ..*entry
    }
}

fn add_lesson<'a>(
    bundle: &mut Bundle<'a>,
    institution: &'a Institution,
    index: usize,
    lesson: &Lesson,
    unknown_code: &mut Option<usize>,
) {
    let course = &institution.courses[lesson.course as usize];
    let id = LESSON + institution.number as i64 * 10_000_000 + index as i64 * 3;
    let date = iso(i64::from(lesson.day.0) * 1440);
    let homework_id = WORK + institution.number as i64 * 10_000_000 + index as i64 * 2;
    let mut works = Vec::new();
    if lesson.recorded_at.is_some() && index % 5 < 3 {
        // Within the hour after the last lesson, mostly; some teachers write it in the evening.
        let sent = i64::from(lesson.day.0) * 1440
            + if index.is_multiple_of(11) {
                20 * 60
            } else {
                14 * 60
            }
            + (index % 50) as i64;
        works.push(homework_id);
        bundle.works.push(Work {
            id: homework_id,
            id_str: homework_id.to_string(),
            kind: "Homework",
            work_type: 1,
            mark_type: "None",
            lesson: id,
            target_date: date.clone(),
            sent_date: Some(iso(sent)),
            text: "Параграф и упражнения по теме",
        });
    }
    let has_marks = institution
        .cells_of(lesson)
        .iter()
        .any(|cell| cell.marks().next().is_some());
    if has_marks {
        works.push(homework_id + 1);
        bundle.works.push(Work {
            id: homework_id + 1,
            id_str: (homework_id + 1).to_string(),
            kind: "LessonWork",
            work_type: 2,
            mark_type: "Mark5",
            lesson: id,
            target_date: date.clone(),
            sent_date: None,
            text: "Работа на уроке",
        });
    }
    bundle.lessons.push(LessonRecord {
        id,
        id_str: id.to_string(),
        title: lesson
            .topic
            .map(|topic| course.plan[topic as usize].topic.as_str()),
        date: date.clone(),
        number: lesson.lesson_no,
        subject: subject(institution, &course.subject),
        group: GROUP + institution.number as i64 * 10_000 + i64::from(lesson.group),
        status: match (lesson.status, lesson.recorded_at) {
            (LessonStatus::Cancelled, _) => "Canceled",
            (_, None) => "Planned",
            (_, Some(_)) => "Conducted",
        },
        works,
        teachers: vec![TEACHER + i64::from(lesson.taught_by)],
        hours: "1",
    });
    for (place, cell) in institution.cells_of(lesson).iter().enumerate() {
        let at = lesson.first_cell + place as u32;
        let person = pupil_id(institution, cell.pupil);
        let status = match institution.replaced.get(&at) {
            Some(text) => {
                *unknown_code = Some(bundle.lesson_log_entries.len());
                Some(*text)
            }
            None => status(cell),
        };
        if let (Some(status), Some(created)) = (status, lesson.recorded_at) {
            bundle.lesson_log_entries.push(LogEntry {
                person,
                lesson: id,
                person_str: person.to_string(),
                lesson_str: id.to_string(),
                comment: None,
                status,
                created_date: format!("{}.{:03}", iso(created), at % 1000),
            });
        }
        for (seq, mark) in cell.marks().enumerate() {
            let mark_id =
                MARK + institution.number as i64 * 100_000_000 + i64::from(at) * 2 + seq as i64;
            bundle.marks.push(MarkRecord {
                id: mark_id,
                id_str: mark_id.to_string(),
                kind: "Mark",
                value: mark.to_string(),
                text_value: mark.to_string(),
                person,
                work: homework_id + 1,
                lesson: id,
                number: (seq + 1).to_string(),
                date: date.clone(),
                work_type: 2,
            });
        }
    }
}

const fn status(cell: &Cell) -> Option<&'static str> {
    match (cell.status, cell.reason) {
        (AttendanceStatus::Absent, Some(AbsenceReason::Illness)) => Some("Ill"),
        (AttendanceStatus::Absent, _) => Some("Pass"),
        (AttendanceStatus::Late, _) => Some("Late"),
        _ => None,
    }
}

fn subject<'a>(institution: &'a Institution, name: &'a str) -> SubjectRecord<'a> {
    let place = institution
        .courses
        .iter()
        .position(|course| course.subject == name)
        .unwrap_or(0);
    SubjectRecord {
        id: SUBJECT + place as i64,
        name,
    }
}

fn pupil_id(institution: &Institution, pupil: u32) -> i64 {
    institution.pupils[pupil as usize].id.parse().unwrap_or(0)
}

fn groups(institution: &Institution, month: Month) -> Vec<EduGroup<'_>> {
    let id = |index: usize| GROUP + institution.number as i64 * 10_000 + index as i64;
    let year = month.first_day().school_year();
    let of_year = institution
        .groups
        .iter()
        .enumerate()
        .filter(|(_, it)| it.school_year == year);
    of_year
        .map(|(index, group)| {
            let parent = institution.groups.iter().position(|class| {
                group.kind == GroupKind::Subgroup
                    && class.kind == GroupKind::Class
                    && class.school_year == year
                    && group.title.starts_with(&format!("{},", class.title))
            });
            EduGroup {
                id: id(index),
                id_str: id(index).to_string(),
                kind: if parent.is_some() {
                    "Subgroup"
                } else {
                    "Group"
                },
                parent_ids: parent.map(id).into_iter().collect(),
                name: &group.title,
                full_name: &group.title,
                parallel: i64::from(group.parallel.unwrap_or(0)),
                studyyear: group.school_year,
            }
        })
        .collect()
}

/// Pupils with the groups they belong to in that month, then teachers.
fn persons(institution: &Institution, month: Month) -> Vec<Person<'_>> {
    let mut groups: Vec<Vec<i64>> = vec![Vec::new(); institution.pupils.len()];
    let year = month.first_day().school_year();
    for (index, group) in institution.groups.iter().enumerate() {
        for stay in group.stays.iter().filter(|_| group.school_year == year) {
            let is_here =
                stay.from <= month.last_day() && stay.to.is_none_or(|to| to >= month.first_day());
            if is_here {
                groups[stay.pupil as usize]
                    .push(GROUP + institution.number as i64 * 10_000 + index as i64);
            }
        }
    }
    let pupils = institution.pupils.iter().zip(groups).enumerate();
    let teachers = institution.teachers.iter().enumerate();
    pupils
        .filter(|(_, (_, groups))| !groups.is_empty())
        .map(|(index, (pupil, groups))| Person {
            id: pupil_id(institution, index as u32),
            id_str: pupil.id.clone(),
            last_name: &pupil.surname,
            first_name: pupil.first_name,
            middle_name: &pupil.patronymic,
            kind: "Student",
            groups,
        })
        .chain(teachers.map(|(index, teacher)| {
            let mut names = teacher.name.split(' ');
            let mut name = || names.next().unwrap_or("");
            Person {
                id: TEACHER + index as i64,
                id_str: (TEACHER + index as i64).to_string(),
                last_name: name(),
                first_name: name(),
                middle_name: name(),
                kind: "Teacher",
                groups: Vec::new(),
            }
        }))
        .collect()
}

fn quarters(year: i32) -> Vec<ReportingPeriod> {
    let term = terms::school_year(year);
    let day = |month: u32, day: u32| {
        Day::from_civil(if month >= 9 { year } else { year + 1 }, month, day).unwrap_or(term.from)
    };
    let spans = [
        (term.from, day(10, 26)),
        (day(11, 5), day(12, 29)),
        (day(1, 12), day(3, 27)),
        (day(4, 6), term.to),
    ];
    spans
        .iter()
        .enumerate()
        .map(|(index, &(start, finish))| ReportingPeriod {
            id: SCHOOL + 500_000 + i64::from(year) * 10 + index as i64,
            start: iso(i64::from(start.0) * 1440),
            finish: iso(i64::from(finish.0) * 1440),
            number: index,
            kind: "Quarter",
            name: format!("{} четверть", index + 1),
            year,
        })
        .collect()
}

/// `2025-09-01T14:05:00`, the institution's time without a zone.
fn iso(minutes: i64) -> String {
    let (hour, minute) = clock(minutes);
    format!("{}T{hour:02}:{minute:02}:00", day_of(minutes))
}
