//! Lessons with ids: what the file tells, what is live, and how the two meet.

use super::columns::{Columns, maybe_hundredths, maybe_values, texts, values};
use super::identity::Identities;
use super::place::Organisation;
use super::slices::Version;
use crate::export::{Journal, Lesson, LessonFields};
use crate::moments::{at_minutes, day_of};
use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use svodka_journal::{Day, LessonStatus};

/// A lesson as the lake holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LessonRow {
    /// 0 until it is given one.
    pub lesson_id: i64,
    pub org_id: i32,
    pub course_id: i32,
    pub group_id: i32,
    pub held_on: Day,
    pub lesson_no: Option<i16>,
    /// Ordinal among the lessons of that number on that day.
    pub ordinal: i16,
    /// µs UTC.
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub hours: i32,
    pub topic: Option<Box<str>>,
    pub homework: Option<Box<str>>,
    pub main_teacher_id: Option<i64>,
    pub taught_by_id: Option<i64>,
    pub status: LessonStatus,
    pub recorded_at: Option<i64>,
    pub recorded_after: Option<i64>,
    pub homework_at: Option<i64>,
    pub import_id: i32,
    pub sheet_no: i16,
    pub row_no: i32,
    pub col_no: i16,
}

/// What makes a lesson the same lesson in every export.
pub(crate) type NaturalKey = (i32, i32, Option<i16>, i16);

impl LessonRow {
    pub fn key(&self) -> NaturalKey {
        (self.course_id, self.held_on.0, self.lesson_no, self.ordinal)
    }

    /// The slice it belongs to.
    pub fn slice(&self) -> (i32, i32) {
        (self.course_id, self.held_on.month().0)
    }

    fn of(lesson: &Lesson, journal: &Journal, ids: &Identities, import_id: i32) -> LessonRow {
        let Organisation { org_id, offset } = ids.organisation_of(&journal.names, lesson.course);
        let utc = |moment: i64| moment - offset;
        LessonRow {
            lesson_id: 0,
            org_id,
            course_id: ids.courses[lesson.course as usize],
            group_id: ids.group_of(&journal.names, lesson.course),
            held_on: lesson.held_on,
            lesson_no: lesson.lesson_no,
            ordinal: lesson.ordinal,
            starts_at: lesson
                .starts_at
                .map(|minutes| utc(at_minutes(lesson.held_on, minutes))),
            ends_at: lesson
                .ends_at
                .map(|minutes| utc(at_minutes(lesson.held_on, minutes))),
            hours: lesson.hours,
            topic: lesson.topic.clone(),
            homework: lesson.homework.clone(),
            main_teacher_id: lesson
                .main_teacher
                .map(|teacher| ids.teachers[teacher as usize]),
            taught_by_id: lesson
                .taught_by
                .map(|teacher| ids.teachers[teacher as usize]),
            status: lesson.status,
            recorded_at: lesson.recorded_at.map(utc),
            recorded_after: None,
            homework_at: lesson.homework_at.map(utc),
            import_id,
            sheet_no: lesson.sheet_no,
            row_no: lesson.row_no,
            col_no: lesson.col_no,
        }
    }

    /// Takes from another layer's mention of the same lesson what that layer tells better.
    pub fn take_from(
        &mut self,
        other: &LessonRow,
        own: (&LessonFields, &Version),
        others: (&LessonFields, &Version),
    ) {
        let is_later = others.1 > own.1;
        let wins = |own: bool, other: bool| other && (!own || is_later);
        if wins(own.0.starts_at, others.0.starts_at) {
            self.starts_at = other.starts_at;
            self.ends_at = other.ends_at;
        }
        if wins(own.0.hours, others.0.hours) {
            self.hours = other.hours;
        }
        if wins(own.0.topic, others.0.topic) {
            self.topic = other.topic.clone();
        }
        if wins(own.0.homework, others.0.homework) {
            self.homework = other.homework.clone();
            self.homework_at = other.homework_at;
        }
        if wins(own.0.main_teacher, others.0.main_teacher) {
            self.main_teacher_id = other.main_teacher_id;
        }
        if wins(own.0.taught_by, others.0.taught_by) {
            self.taught_by_id = other.taught_by_id;
        }
        if wins(own.0.status, others.0.status) {
            self.status = other.status;
        }
        if wins(own.0.recorded_at, others.0.recorded_at) {
            self.recorded_at = other.recorded_at;
        }
    }

    /// Who taught, as far as the export tells; 0: the course's main teacher.
    pub fn teacher(&self) -> i64 {
        self.taught_by_id.or(self.main_teacher_id).unwrap_or(0)
    }

    /// Calendar days from the lesson to its entry.
    pub fn delay(&self, offset: i64) -> Option<i32> {
        self.recorded_at
            .map(|moment| day_of(moment + offset).0 - self.held_on.0)
    }
}

/// The lessons of a file, in its order, with ordinals per number and day.
pub(crate) fn of_journal(journal: &Journal, ids: &Identities, import_id: i32) -> Vec<LessonRow> {
    let mut rows: Vec<LessonRow> = journal
        .lessons
        .iter()
        .map(|lesson| LessonRow::of(lesson, journal, ids, import_id))
        .collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|at| {
        let row = &rows[*at];
        (
            row.course_id,
            row.held_on,
            row.lesson_no,
            row.ordinal,
            row.starts_at,
            row.row_no,
        )
    });
    number(&mut rows, &order, true);
    rows
}

/// Gives ordinals in that order; a told ordinal is never lowered.
fn number(rows: &mut [LessonRow], order: &[usize], keep_told: bool) {
    let mut last: Option<(i32, Day, Option<i16>, i16)> = None;
    for &at in order {
        let row = &mut rows[at];
        let next = match last {
            Some((course, day, no, ordinal))
                if (course, day, no) == (row.course_id, row.held_on, row.lesson_no) =>
            {
                ordinal + 1
            }
            _ => 1,
        };
        row.ordinal = if keep_told {
            row.ordinal.max(next)
        } else {
            next
        };
        last = Some((row.course_id, row.held_on, row.lesson_no, row.ordinal));
    }
}

/// Live lessons read back from the lake.
pub(crate) fn of_lake(batches: &[RecordBatch]) -> Vec<LessonRow> {
    let mut rows = Vec::new();
    for batch in batches {
        let lesson_id = values::<Int64Type>(batch, "lesson_id");
        let org_id = values::<Int32Type>(batch, "org_id");
        let course_id = values::<Int32Type>(batch, "course_id");
        let group_id = values::<Int32Type>(batch, "group_id");
        let held_on = values::<Date32Type>(batch, "held_on");
        let lesson_no = maybe_values::<Int16Type>(batch, "lesson_no");
        let starts_at = maybe_values::<TimestampMicrosecondType>(batch, "starts_at");
        let ends_at = maybe_values::<TimestampMicrosecondType>(batch, "ends_at");
        let hours = maybe_hundredths(batch, "hours");
        let topic = texts(batch, "topic");
        let homework = texts(batch, "homework");
        let main_teacher_id = maybe_values::<Int64Type>(batch, "main_teacher_id");
        let taught_by_id = maybe_values::<Int64Type>(batch, "taught_by_id");
        let status = texts(batch, "status");
        let recorded_at = maybe_values::<TimestampMicrosecondType>(batch, "recorded_at");
        let recorded_after = maybe_values::<TimestampMicrosecondType>(batch, "recorded_after");
        let homework_at = maybe_values::<TimestampMicrosecondType>(batch, "homework_at");
        let import_id = values::<Int32Type>(batch, "import_id");
        let sheet_no = values::<Int16Type>(batch, "sheet_no");
        let row_no = values::<Int32Type>(batch, "row_no");
        let col_no = values::<Int16Type>(batch, "col_no");
        for at in 0..batch.num_rows() {
            rows.push(LessonRow {
                lesson_id: lesson_id[at],
                org_id: org_id[at],
                course_id: course_id[at],
                group_id: group_id[at],
                held_on: Day(held_on[at]),
                lesson_no: lesson_no[at],
                ordinal: 1,
                starts_at: starts_at[at],
                ends_at: ends_at[at],
                hours: hours[at].unwrap_or(0),
                topic: topic[at].map(Into::into),
                homework: homework[at].map(Into::into),
                main_teacher_id: main_teacher_id[at],
                taught_by_id: taught_by_id[at],
                status: status[at]
                    .and_then(LessonStatus::parse)
                    .unwrap_or(LessonStatus::Held),
                recorded_at: recorded_at[at],
                recorded_after: recorded_after[at],
                homework_at: homework_at[at],
                import_id: import_id[at],
                sheet_no: sheet_no[at],
                row_no: row_no[at],
                col_no: col_no[at],
            });
        }
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|at| {
        let row = &rows[*at];
        (
            row.course_id,
            row.held_on,
            row.lesson_no,
            row.starts_at,
            row.lesson_id,
        )
    });
    number(&mut rows, &order, false);
    rows
}

/// The rows of the table `lesson`, in the order of its files.
pub(crate) fn to_batch(rows: &[LessonRow]) -> Result<RecordBatch, ArrowError> {
    let mut order: Vec<&LessonRow> = rows.iter().collect();
    order.sort_unstable_by_key(|row| {
        (
            row.org_id,
            row.group_id,
            row.held_on,
            row.lesson_no,
            row.lesson_id,
        )
    });
    let statuses: Vec<&str> = LessonStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    Columns::default()
        .int32("org_id", order.iter().map(|row| row.org_id).collect())
        .int64("lesson_id", order.iter().map(|row| row.lesson_id).collect())
        .int32("course_id", order.iter().map(|row| row.course_id).collect())
        .int32("group_id", order.iter().map(|row| row.group_id).collect())
        .date("held_on", order.iter().map(|row| row.held_on.0).collect())
        .int32(
            "month",
            order.iter().map(|row| row.held_on.month().0).collect(),
        )
        .int8(
            "weekday",
            order
                .iter()
                .map(|row| row.held_on.weekday() as i8)
                .collect(),
        )
        .maybe_int16("lesson_no", order.iter().map(|row| row.lesson_no).collect())
        .maybe_timestamp("starts_at", order.iter().map(|row| row.starts_at).collect())
        .maybe_timestamp("ends_at", order.iter().map(|row| row.ends_at).collect())
        .hours("hours", order.iter().map(|row| row.hours).collect())
        .maybe_text(
            "topic",
            order.iter().map(|row| row.topic.as_deref()).collect(),
        )
        .maybe_text(
            "homework",
            order.iter().map(|row| row.homework.as_deref()).collect(),
        )
        .maybe_int64(
            "main_teacher_id",
            order.iter().map(|row| row.main_teacher_id).collect(),
        )
        .maybe_int64(
            "taught_by_id",
            order.iter().map(|row| row.taught_by_id).collect(),
        )
        .codes(
            "status",
            order
                .iter()
                .map(|row| i32::from(row.status.code()) - 1)
                .collect(),
            &statuses,
        )?
        .maybe_timestamp(
            "recorded_at",
            order.iter().map(|row| row.recorded_at).collect(),
        )
        .maybe_timestamp(
            "recorded_after",
            order.iter().map(|row| row.recorded_after).collect(),
        )
        .maybe_timestamp(
            "homework_at",
            order.iter().map(|row| row.homework_at).collect(),
        )
        .int32("import_id", order.iter().map(|row| row.import_id).collect())
        .int16("sheet_no", order.iter().map(|row| row.sheet_no).collect())
        .int32("row_no", order.iter().map(|row| row.row_no).collect())
        .int16("col_no", order.iter().map(|row| row.col_no).collect())
        .finish()
}
