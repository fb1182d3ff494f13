//! The long layouts: one row per pupil and lesson, or one per lesson, with a Russian header.

use crate::csv::{clock, decimal, russian_date, russian_moment};
use crate::world::{Cell, Institution, Lesson};
use svodka_journal::{AbsenceReason, AttendanceStatus, LessonStatus};

/// A column of a long file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Institution,
    Group,
    Subject,
    Date,
    IsoDate,
    LessonNo,
    Start,
    Teacher,
    MainTeacher,
    Hours,
    Topic,
    Recorded,
    Status,
    PupilId,
    Pupil,
    Mark,
    Reason,
}

impl Column {
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Column::Institution => "Учреждение",
            Column::Group => "Группа",
            Column::Subject => "Предмет",
            Column::Date | Column::IsoDate => "Дата",
            Column::LessonNo => "Урок",
            Column::Start => "Начало",
            Column::Teacher => "Педагог",
            Column::MainTeacher => "Основной педагог",
            Column::Hours => "Часы",
            Column::Topic => "Тема",
            Column::Recorded => "Внесено",
            Column::Status => "Статус",
            Column::PupilId => "ID обучающегося",
            Column::Pupil => "Обучающийся",
            Column::Mark => "Отметка",
            Column::Reason => "Причина",
        }
    }

    /// Whether the value is the same for every pupil of a lesson.
    #[must_use]
    pub const fn is_of_lesson(self) -> bool {
        !matches!(
            self,
            Column::PupilId | Column::Pupil | Column::Mark | Column::Reason
        )
    }
}

/// How a column of a lesson reads.
#[must_use]
pub fn lesson_text(institution: &Institution, lesson: &Lesson, column: Column) -> String {
    let course = institution.course_of(lesson);
    match column {
        Column::Institution => institution.title.clone(),
        Column::Group => institution.groups[lesson.group as usize].title.clone(),
        Column::Subject => course.subject.clone(),
        Column::Date => russian_date(lesson.day),
        Column::IsoDate => lesson.day.to_string(),
        Column::LessonNo => lesson.lesson_no.to_string(),
        Column::Start => {
            let (hour, minute) = clock(institution.lesson_start(lesson.lesson_no));
            format!("{hour:02}:{minute:02}")
        }
        Column::Teacher => institution.teachers[lesson.taught_by as usize].name.clone(),
        Column::MainTeacher if institution.is_substitution(lesson) => {
            institution.teachers[course.teacher as usize].name.clone()
        }
        Column::Hours => decimal(course.hours),
        Column::Topic => match lesson.topic {
            Some(topic) => course.plan[topic as usize].topic.clone(),
            None => String::new(),
        },
        Column::Recorded => lesson.recorded_at.map(russian_moment).unwrap_or_default(),
        Column::Status => match lesson.status {
            LessonStatus::Held => "проведено",
            LessonStatus::Cancelled => "отменено",
            LessonStatus::MadeUp => "восполнено",
            LessonStatus::Planned => "запланировано",
        }
        .to_owned(),
        Column::MainTeacher | Column::PupilId | Column::Pupil | Column::Mark | Column::Reason => {
            String::new()
        }
    }
}

/// How a column of a pupil at a lesson reads; `at` is the place of the cell in the institution.
#[must_use]
pub fn cell_text(institution: &Institution, at: u32, cell: &Cell, column: Column) -> String {
    let pupil = &institution.pupils[cell.pupil as usize];
    match column {
        Column::PupilId => pupil.id.clone(),
        Column::Pupil => pupil.name.clone(),
        Column::Mark => match institution.replaced.get(&at) {
            Some(text) => (*text).to_owned(),
            None => mark_text(cell),
        },
        Column::Reason => reason_text(cell).to_owned(),
        _ => String::new(),
    }
}

/// `+`, `н`, `оп`, `осв`, with the marks: `5`, `н 4`, `оп 4/3`; empty where nobody recorded.
fn mark_text(cell: &Cell) -> String {
    let marks: Vec<String> = cell.marks().map(|mark| mark.to_string()).collect();
    let marks = marks.join("/");
    let code = match cell.status {
        AttendanceStatus::Present if marks.is_empty() => "+",
        AttendanceStatus::Present | AttendanceStatus::Unrecorded => "",
        AttendanceStatus::Absent => "н",
        AttendanceStatus::Late => "оп",
        AttendanceStatus::Exempt => "осв",
    };
    match (code.is_empty(), marks.is_empty()) {
        (_, true) => code.to_owned(),
        (true, false) => marks,
        (false, false) => format!("{code} {marks}"),
    }
}

/// The reason of an absence in words; empty where nobody told it.
#[must_use]
pub const fn reason_text(cell: &Cell) -> &'static str {
    match cell.reason {
        Some(AbsenceReason::Excused) => "уважительная",
        Some(AbsenceReason::Unexcused) => "неуважительная",
        Some(AbsenceReason::Illness) => "болезнь",
        Some(AbsenceReason::Unknown) | None => "",
    }
}
