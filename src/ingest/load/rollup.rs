//! Roll-ups that are kept in the same commit as the rows they sum. Polars groups and sums.

use super::columns::{Columns, maybe_hundredths, maybe_values, values};
use super::lessons::LessonRow;
use super::rows::Counts;
use super::{Import, LoadError};
use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, Int32Type, Int64Type};
use polars::prelude::{
    Column, DataFrame, IntoColumn, NamedFrom, PolarsResult, Series, SortMultipleOptions,
};
use rustc_hash::FxHashSet;
use svodka_journal::{Day, LessonStatus};
use svodka_lake::Filter;

/// Counters of `attendance_day`, in its order.
const PUPILS: [&str; 10] = [
    "expected",
    "present",
    "absent",
    "late",
    "exempt",
    "unrecorded",
    "excused",
    "unexcused",
    "illness",
    "reason_unknown",
];

/// Counters of `lesson_day`, in its order; hours are hundredths.
const LESSONS: [&str; 13] = [
    "lessons",
    "hours",
    "substituted_lessons",
    "substituted_hours",
    "unrecorded_lessons",
    "cancelled_lessons",
    "no_topic_lessons",
    "delay_0",
    "delay_1",
    "delay_2",
    "delay_3",
    "delay_more",
    "delay_unknown",
];

/// Sums of plan items, in the order of `organisation_day`.
const PLANS: [&str; 2] = ["planned_hours", "planned_lessons"];

/// Columns that hold hundredths of an hour.
const HOURS: [&str; 3] = ["hours", "substituted_hours", "planned_hours"];

fn int32(name: &str, values: Vec<i32>) -> Column {
    Series::new(name.into(), values).into_column()
}

fn int64(name: &str, values: Vec<i64>) -> Column {
    Series::new(name.into(), values).into_column()
}

/// Sums the counters by the keys; rows come in the order of the keys.
#[expect(
    deprecated,
    reason = "what replaces it needs the lazy engine, minutes of build for one sum"
)]
fn sums(frame: &DataFrame, keys: &[&str], counters: &[&str]) -> PolarsResult<DataFrame> {
    let mut summed = frame
        .group_by(keys.iter().copied())?
        .select(counters.iter().copied())
        .sum()?;
    for counter in counters {
        summed.rename(&format!("{counter}_sum"), (*counter).into())?;
    }
    summed.sort(keys.iter().copied(), SortMultipleOptions::default())
}

fn ints(frame: &DataFrame, name: &str) -> PolarsResult<Vec<i32>> {
    Ok(frame.column(name)?.i32()?.into_no_null_iter().collect())
}

fn longs(frame: &DataFrame, name: &str) -> PolarsResult<Vec<i64>> {
    Ok(frame.column(name)?.i64()?.into_no_null_iter().collect())
}

/// Adds counters of a frame to columns of a table.
fn with_counters(
    mut columns: Columns,
    frame: &DataFrame,
    counters: &[&'static str],
) -> PolarsResult<Columns> {
    for counter in counters {
        let values = ints(frame, counter)?;
        columns = if HOURS.contains(counter) {
            columns.hours(counter, values)
        } else {
            columns.int32(counter, values)
        };
    }
    Ok(columns)
}

fn months_of(days: &[i32]) -> Vec<i32> {
    days.iter().map(|day| Day(*day).month().0).collect()
}

fn weekdays_of(days: &[i32]) -> Vec<i8> {
    days.iter().map(|day| Day(*day).weekday() as i8).collect()
}

/// Lessons of touched slices with their counts, as Polars frames.
pub(crate) struct Frames {
    pupils: DataFrame,
    lessons: DataFrame,
}

/// Sums of the touched slices by course and day, and by teacher, course and day.
///
/// `main_teacher` gives the main teacher of a course, `offset` local time of an institution.
pub(crate) fn frames(
    lessons: &[LessonRow],
    counts: &[Counts],
    main_teacher: impl Fn(i32) -> Option<i64>,
    offset: impl Fn(i32) -> i64,
) -> Result<Frames, LoadError> {
    let with_pupils: Vec<usize> = (0..lessons.len())
        .filter(|at| counts[*at].status.iter().sum::<i32>() > 0)
        .collect();
    let pick = |pick: &dyn Fn(&LessonRow) -> i32| -> Vec<i32> {
        with_pupils.iter().map(|at| pick(&lessons[*at])).collect()
    };
    let count = |pick: &dyn Fn(&Counts) -> i32| -> Vec<i32> {
        with_pupils.iter().map(|at| pick(&counts[*at])).collect()
    };
    let mut columns = vec![
        int32("org_id", pick(&|lesson| lesson.org_id)),
        int32("group_id", pick(&|lesson| lesson.group_id)),
        int32("held_on", pick(&|lesson| lesson.held_on.0)),
        int32("course_id", pick(&|lesson| lesson.course_id)),
        int32("expected", count(&|counts| counts.status.iter().sum())),
    ];
    for (at, name) in PUPILS[1..6].iter().enumerate() {
        columns.push(int32(name, count(&|counts| counts.status[at])));
    }
    for (at, name) in PUPILS[6..].iter().enumerate() {
        columns.push(int32(name, count(&|counts| counts.reason[at])));
    }
    let pupils = sums(
        &DataFrame::new_infer_height(columns)?,
        &["org_id", "group_id", "held_on", "course_id"],
        &PUPILS,
    )?;

    let of = |pick: &dyn Fn(&LessonRow) -> i32| -> Vec<i32> { lessons.iter().map(pick).collect() };
    let is_held =
        |lesson: &LessonRow| matches!(lesson.status, LessonStatus::Held | LessonStatus::MadeUp);
    let is_substituted = |lesson: &LessonRow| {
        let main = lesson
            .main_teacher_id
            .or_else(|| main_teacher(lesson.course_id));
        is_held(lesson)
            && lesson.taught_by_id.is_some()
            && main.is_some()
            && lesson.taught_by_id != main
    };
    let is_unrecorded = |at: usize| {
        let counts = &counts[at];
        is_held(&lessons[at]) && (counts.status[4] > 0 || counts.status.iter().sum::<i32>() == 0)
    };
    let delay = |lesson: &LessonRow| lesson.delay(offset(lesson.org_id));
    let if_held = |pick: &dyn Fn(&LessonRow) -> bool| {
        of(&|lesson| i32::from(is_held(lesson) && pick(lesson)))
    };
    let columns = vec![
        int32("org_id", of(&|lesson| lesson.org_id)),
        int64(
            "teacher_id",
            lessons.iter().map(LessonRow::teacher).collect(),
        ),
        int32("held_on", of(&|lesson| lesson.held_on.0)),
        int32("course_id", of(&|lesson| lesson.course_id)),
        int32("group_id", of(&|lesson| lesson.group_id)),
        int32("lessons", if_held(&|_| true)),
        int32(
            "hours",
            of(&|lesson| if is_held(lesson) { lesson.hours } else { 0 }),
        ),
        int32(
            "substituted_lessons",
            of(&|lesson| i32::from(is_substituted(lesson))),
        ),
        int32(
            "substituted_hours",
            of(&|lesson| {
                if is_substituted(lesson) {
                    lesson.hours
                } else {
                    0
                }
            }),
        ),
        int32(
            "unrecorded_lessons",
            (0..lessons.len())
                .map(|at| i32::from(is_unrecorded(at)))
                .collect(),
        ),
        int32(
            "cancelled_lessons",
            of(&|lesson| i32::from(lesson.status == LessonStatus::Cancelled)),
        ),
        int32(
            "no_topic_lessons",
            if_held(&|lesson| lesson.topic.is_none()),
        ),
        int32(
            "delay_0",
            if_held(&|lesson| delay(lesson).is_some_and(|days| days <= 0)),
        ),
        int32("delay_1", if_held(&|lesson| delay(lesson) == Some(1))),
        int32("delay_2", if_held(&|lesson| delay(lesson) == Some(2))),
        int32("delay_3", if_held(&|lesson| delay(lesson) == Some(3))),
        int32(
            "delay_more",
            if_held(&|lesson| delay(lesson).is_some_and(|days| days > 3)),
        ),
        int32("delay_unknown", if_held(&|lesson| delay(lesson).is_none())),
    ];
    let lessons = sums(
        &DataFrame::new_infer_height(columns)?,
        &["org_id", "teacher_id", "held_on", "course_id", "group_id"],
        &LESSONS,
    )?;
    Ok(Frames { pupils, lessons })
}

impl Frames {
    /// The rows of the table `attendance_day`.
    pub fn attendance_day(&self) -> Result<RecordBatch, LoadError> {
        let frame = &self.pupils;
        let days = ints(frame, "held_on")?;
        let columns = Columns::default()
            .int32("org_id", ints(frame, "org_id")?)
            .int32("group_id", ints(frame, "group_id")?)
            .int32("course_id", ints(frame, "course_id")?)
            .int32("month", months_of(&days))
            .int8("weekday", weekdays_of(&days))
            .date("held_on", days);
        Ok(with_counters(columns, frame, &PUPILS)?.finish()?)
    }

    /// The rows of the table `lesson_day`.
    pub fn lesson_day(&self) -> Result<RecordBatch, LoadError> {
        let frame = &self.lessons;
        let days = ints(frame, "held_on")?;
        let columns = Columns::default()
            .int32("org_id", ints(frame, "org_id")?)
            .int64("teacher_id", longs(frame, "teacher_id")?)
            .int32("group_id", ints(frame, "group_id")?)
            .int32("course_id", ints(frame, "course_id")?)
            .int32("month", months_of(&days))
            .int8("weekday", weekdays_of(&days))
            .date("held_on", days);
        Ok(with_counters(columns, frame, &LESSONS)?.finish()?)
    }
}

/// What a commit changes in the tables under `organisation_day`.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    /// (course, month) whose `attendance_day` rows are replaced.
    pub attendance: FxHashSet<(i32, i32)>,
    /// (course, month) whose `lesson_day` rows are replaced.
    pub lessons: FxHashSet<(i32, i32)>,
    /// Courses whose plan is replaced.
    pub plans: FxHashSet<i32>,
    /// New rows of the three tables.
    pub new: Vec<&'a RecordBatch>,
    /// New plan items as (org, day, hundredths of an hour).
    pub new_plan: Vec<(i32, i32, i32)>,
}

/// Adds the change of `organisation_day` for these months: the sum over what is live after the
/// commit.
pub(crate) async fn organisation_days(
    import: &mut Import<'_>,
    months: &FxHashSet<(i32, i32)>,
    touched: &Touched<'_>,
) -> Result<(), LoadError> {
    if months.is_empty() {
        return Ok(());
    }
    let organisations: FxHashSet<i32> = months.iter().map(|month| month.0).collect();
    let mut total: Option<DataFrame> = None;
    let mut add = |frame: DataFrame| -> PolarsResult<()> {
        match &mut total {
            Some(total) => {
                total.vstack_mut(&frame)?;
            }
            None => total = Some(frame),
        }
        Ok(())
    };
    for org_id in organisations {
        let filter = |columns| Filter {
            org_id: Some(org_id),
            keys: None,
            columns: Some(columns),
        };
        let pupils: Vec<&str> = ["org_id", "course_id", "month", "held_on"]
            .into_iter()
            .chain(PUPILS)
            .collect();
        for batch in import
            .writer
            .read("attendance_day", filter(&pupils))
            .await?
        {
            let is_kept = |course, month| {
                months.contains(&(org_id, month)) && !touched.attendance.contains(&(course, month))
            };
            add(counters_of(&batch, &PUPILS, is_kept)?)?;
        }
        let lessons: Vec<&str> = ["org_id", "course_id", "month", "held_on"]
            .into_iter()
            .chain(LESSONS)
            .collect();
        for batch in import.writer.read("lesson_day", filter(&lessons)).await? {
            let is_kept = |course, month| {
                months.contains(&(org_id, month)) && !touched.lessons.contains(&(course, month))
            };
            add(counters_of(&batch, &LESSONS, is_kept)?)?;
        }
        let plan = ["org_id", "course_id", "month", "planned_on", "hours"];
        for batch in import.writer.read("plan_item", filter(&plan)).await? {
            let courses = values::<Int32Type>(&batch, "course_id");
            let item_months = values::<Int32Type>(&batch, "month");
            let days = maybe_values::<Date32Type>(&batch, "planned_on");
            let hours = maybe_hundredths(&batch, "hours");
            let items: Vec<(i32, i32, i32)> = (0..batch.num_rows())
                .filter(|at| {
                    months.contains(&(org_id, item_months[*at]))
                        && !touched.plans.contains(&courses[*at])
                })
                .filter_map(|at| Some((org_id, days[at]?, hours[at].unwrap_or(0))))
                .collect();
            add(plan_counters(&items)?)?;
        }
    }
    for batch in &touched.new {
        let counters: &[&str] = if batch.column_by_name("expected").is_some() {
            &PUPILS
        } else {
            &LESSONS
        };
        add(counters_of(batch, counters, |_, _| true)?)?;
    }
    let new_plan: Vec<(i32, i32, i32)> = touched
        .new_plan
        .iter()
        .copied()
        .filter(|item| months.contains(&(item.0, Day(item.1).month().0)))
        .collect();
    add(plan_counters(&new_plan)?)?;
    let Some(total) = total else {
        return Ok(());
    };
    let counters: Vec<&'static str> = LESSONS.into_iter().chain(PLANS).chain(PUPILS).collect();
    let summed = sums(&total, &["org_id", "held_on"], &counters)?;
    let days = ints(&summed, "held_on")?;
    let columns = Columns::default()
        .int32("org_id", ints(&summed, "org_id")?)
        .int32("month", months_of(&days))
        .int8("weekday", weekdays_of(&days))
        .date("held_on", days);
    let batch = with_counters(columns, &summed, &counters)?.finish()?;
    let mut replaced: Vec<svodka_lake::Key> = months
        .iter()
        .map(|month| [i64::from(month.0), i64::from(month.1), 0])
        .collect();
    replaced.sort_unstable();
    import.change("organisation_day", vec![batch], replaced);
    Ok(())
}

/// A frame with every counter of `organisation_day`: those of the batch, zero for the others.
fn counters_of(
    batch: &RecordBatch,
    counters: &[&str],
    is_kept: impl Fn(i32, i32) -> bool,
) -> Result<DataFrame, LoadError> {
    let courses = values::<Int32Type>(batch, "course_id");
    let months = values::<Int32Type>(batch, "month");
    let kept: Vec<usize> = (0..batch.num_rows())
        .filter(|at| is_kept(courses[*at], months[*at]))
        .collect();
    let org_ids = values::<Int32Type>(batch, "org_id");
    let days = values::<Date32Type>(batch, "held_on");
    let mut columns = vec![
        int32("org_id", kept.iter().map(|at| org_ids[*at]).collect()),
        int32("held_on", kept.iter().map(|at| days[*at]).collect()),
    ];
    for name in LESSONS.into_iter().chain(PLANS).chain(PUPILS) {
        let all: Vec<i32> = if !counters.contains(&name) {
            vec![0; batch.num_rows()]
        } else if HOURS.contains(&name) {
            maybe_hundredths(batch, name)
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect()
        } else {
            values::<Int32Type>(batch, name)
        };
        columns.push(int32(name, kept.iter().map(|at| all[*at]).collect()));
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

fn plan_counters(items: &[(i32, i32, i32)]) -> Result<DataFrame, LoadError> {
    let mut columns = vec![
        int32("org_id", items.iter().map(|item| item.0).collect()),
        int32("held_on", items.iter().map(|item| item.1).collect()),
    ];
    for name in LESSONS.into_iter().chain(PLANS).chain(PUPILS) {
        columns.push(match name {
            "planned_hours" => int32(name, items.iter().map(|item| item.2).collect()),
            "planned_lessons" => int32(name, vec![1; items.len()]),
            name => int32(name, vec![0; items.len()]),
        });
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Main teachers by course, of one institution.
pub(crate) async fn main_teachers(
    import: &Import<'_>,
    org_id: i32,
) -> Result<Vec<(i32, i64)>, LoadError> {
    let filter = Filter {
        org_id: Some(org_id),
        keys: None,
        columns: Some(&["org_id", "course_id", "main_teacher_id"]),
    };
    let mut found = Vec::new();
    for batch in import.writer.read("course", filter).await? {
        let owners = values::<Int32Type>(&batch, "org_id");
        let courses = values::<Int32Type>(&batch, "course_id");
        let teachers = maybe_values::<Int64Type>(&batch, "main_teacher_id");
        for at in 0..batch.num_rows() {
            if let (true, Some(teacher)) = (owners[at] == org_id, teachers[at]) {
                found.push((courses[at], teacher));
            }
        }
    }
    Ok(found)
}
