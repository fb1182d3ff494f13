//! Load (тарификация): posts of teachers, main teachers of courses, hours of programmes.
//!
//! A later list wins teacher by teacher and course by course. When the main teacher of a course
//! changes, the roll-up of its lessons is summed anew: what counts as a substitution changes.

use super::columns::{Columns, maybe_hundredths, maybe_values, texts, values};
use super::identity::{self, Identities, Used};
use super::lessons;
use super::place::{self, Told};
use super::rollup::{self, Touched};
use super::rows::Counts;
use super::{Import, LoadContext, LoadError, Stop};
use crate::export::{Names, Staff};
use arrow::array::RecordBatch;
use arrow::datatypes::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use svodka_journal::{AbsenceReason, AttendanceStatus};
use svodka_lake::{Filter, Key};

pub(crate) async fn load(
    import: &mut Import<'_>,
    staff: Staff,
    context: &LoadContext,
    told: Told,
) -> Result<(), Stop> {
    let names = &staff.names;
    let organisations = place::organisations(import, &names.organisations, context, told).await?;
    let ids = identity::resolve(import, names, &Used::all(names), organisations).await?;
    posts(import, &staff, &ids).await?;
    let changed = courses(import, &staff, &ids).await?;
    programmes(import, &staff, &ids).await?;
    lesson_days(import, &ids, &changed).await?;
    Ok(())
}

fn organisation_of_teacher(names: &Names, ids: &Identities, teacher: u32) -> i32 {
    ids.organisations[names.teachers[teacher as usize].organisation as usize].org_id
}

/// A teacher's post, summed over the rows of the list.
#[derive(Debug, Clone, Default)]
struct Post {
    personnel_no: Option<String>,
    position: Option<String>,
    rate: Option<i32>,
    weekly_hours: Option<i32>,
}

async fn posts(import: &mut Import<'_>, staff: &Staff, ids: &Identities) -> Result<(), LoadError> {
    let mut by_teacher: BTreeMap<(i32, i64), Vec<Post>> = BTreeMap::new();
    for row in &staff.rows {
        let org_id = organisation_of_teacher(&staff.names, ids, row.teacher);
        let posts = by_teacher
            .entry((org_id, ids.teachers[row.teacher as usize]))
            .or_default();
        let known = posts
            .iter_mut()
            .find(|post| post.personnel_no == row.personnel_no && post.position == row.position);
        match known {
            Some(post) => {
                // The rate is that of the whole post, hours are those of the course.
                post.rate = post.rate.max(row.rate);
                post.weekly_hours = match (post.weekly_hours, row.weekly_hours) {
                    (Some(one), Some(two)) => Some(one + two),
                    (one, two) => one.or(two),
                };
            }
            None => posts.push(Post {
                personnel_no: row.personnel_no.clone(),
                position: row.position.clone(),
                rate: row.rate,
                weekly_hours: row.weekly_hours,
            }),
        }
    }
    let mut replaced: Vec<Key> = Vec::new();
    for batch in import.writer.read("staff", Filter::default()).await? {
        let org_ids = values::<Int32Type>(&batch, "org_id");
        let teachers = values::<Int64Type>(&batch, "teacher_id");
        let numbers = values::<Int16Type>(&batch, "post_no");
        let times = values::<TimestampMicrosecondType>(&batch, "exported_at");
        for at in 0..batch.num_rows() {
            let owner = (org_ids[at], teachers[at]);
            if !by_teacher.contains_key(&owner) {
                continue;
            }
            if times[at] > import.exported_at {
                by_teacher.remove(&owner);
                replaced.retain(|key| (key[0], key[1]) != (i64::from(owner.0), owner.1));
            } else {
                replaced.push([i64::from(owner.0), owner.1, i64::from(numbers[at])]);
            }
        }
    }
    let rows: Vec<(i32, i64, i16, &Post)> = by_teacher
        .iter()
        .flat_map(|(owner, posts)| {
            posts
                .iter()
                .enumerate()
                .map(|(at, post)| (owner.0, owner.1, at as i16 + 1, post))
        })
        .collect();
    let count = rows.len();
    let batch = Columns::default()
        .int32("org_id", rows.iter().map(|row| row.0).collect())
        .int64("teacher_id", rows.iter().map(|row| row.1).collect())
        .int16("post_no", rows.iter().map(|row| row.2).collect())
        .maybe_text(
            "personnel_no",
            rows.iter()
                .map(|row| row.3.personnel_no.as_deref())
                .collect(),
        )
        .maybe_text(
            "position",
            rows.iter().map(|row| row.3.position.as_deref()).collect(),
        )
        .maybe_hours("rate", rows.iter().map(|row| row.3.rate).collect())
        .maybe_hours(
            "weekly_hours",
            rows.iter().map(|row| row.3.weekly_hours).collect(),
        )
        .maybe_date("from_on", vec![None; count])
        .maybe_date("to_on", vec![None; count])
        .timestamp("exported_at", vec![import.exported_at; count])
        .finish()?;
    import.count("staff", count);
    import.change("staff", vec![batch], replaced);
    Ok(())
}

/// A row of the table `course`.
#[derive(Debug, Clone)]
struct CourseRow {
    org_id: i32,
    course_id: i32,
    group_id: i32,
    programme_id: Option<i32>,
    subject: String,
    main_teacher_id: Option<i64>,
    hours_planned: Option<i32>,
    exported_at: i64,
}

fn courses_of(batch: &RecordBatch) -> Vec<CourseRow> {
    let org_ids = values::<Int32Type>(batch, "org_id");
    let courses = values::<Int32Type>(batch, "course_id");
    let groups = values::<Int32Type>(batch, "group_id");
    let programmes = maybe_values::<Int32Type>(batch, "programme_id");
    let subjects = texts(batch, "subject");
    let teachers = maybe_values::<Int64Type>(batch, "main_teacher_id");
    let hours = maybe_hundredths(batch, "hours_planned");
    let times = values::<TimestampMicrosecondType>(batch, "exported_at");
    (0..batch.num_rows())
        .map(|at| CourseRow {
            org_id: org_ids[at],
            course_id: courses[at],
            group_id: groups[at],
            programme_id: programmes[at],
            subject: subjects[at].unwrap_or("").to_owned(),
            main_teacher_id: teachers[at],
            hours_planned: hours[at],
            exported_at: times[at],
        })
        .collect()
}

/// Rows of a table made earlier in this import: they are not in the lake yet.
fn made_now(import: &mut Import<'_>, table: &str) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    import.changes.retain_mut(|change| {
        if change.table != table {
            return true;
        }
        batches.append(&mut change.rows);
        false
    });
    batches
}

/// Courses of the list; returns those whose main teacher changes, with the old and new rows.
async fn courses(
    import: &mut Import<'_>,
    staff: &Staff,
    ids: &Identities,
) -> Result<Vec<i32>, LoadError> {
    // The main teacher of a course with several is the one with most hours, then the first.
    let mut told: BTreeMap<i32, (i64, i32, Option<i32>)> = BTreeMap::new();
    for row in &staff.rows {
        let Some(course) = row.course else { continue };
        let course_id = ids.courses[course as usize];
        let teacher = ids.teachers[row.teacher as usize];
        let weekly = row.weekly_hours.unwrap_or(0);
        match told.get_mut(&course_id) {
            Some(known) => {
                known.2 = known.2.max(row.hours_total);
                if weekly > known.1 {
                    (known.0, known.1) = (teacher, weekly);
                }
            }
            None => {
                told.insert(course_id, (teacher, weekly, row.hours_total));
            }
        }
    }
    let made = made_now(import, "course");
    let mut rows: Vec<CourseRow> = Vec::new();
    let mut replaced: Vec<Key> = Vec::new();
    let mut changed = Vec::new();
    for batch in import.writer.read("course", Filter::default()).await? {
        for row in courses_of(&batch) {
            let Some(&(teacher, _, hours)) = told.get(&row.course_id) else {
                continue;
            };
            if row.exported_at > import.exported_at {
                continue;
            }
            if row.main_teacher_id != Some(teacher) {
                changed.push(row.course_id);
            }
            replaced.push([i64::from(row.course_id), 0, 0]);
            rows.push(CourseRow {
                main_teacher_id: Some(teacher),
                hours_planned: hours,
                exported_at: import.exported_at,
                ..row
            });
        }
    }
    for row in made.iter().flat_map(courses_of) {
        let (teacher, hours) = told
            .get(&row.course_id)
            .map_or((None, None), |told| (Some(told.0), told.2));
        rows.push(CourseRow {
            main_teacher_id: teacher,
            hours_planned: hours,
            exported_at: import.exported_at,
            ..row
        });
    }
    rows.sort_unstable_by_key(|row| (row.org_id, row.group_id, row.course_id));
    let batch = Columns::default()
        .int32("org_id", rows.iter().map(|row| row.org_id).collect())
        .int32("course_id", rows.iter().map(|row| row.course_id).collect())
        .int32("group_id", rows.iter().map(|row| row.group_id).collect())
        .maybe_int32(
            "programme_id",
            rows.iter().map(|row| row.programme_id).collect(),
        )
        .text(
            "subject",
            rows.iter().map(|row| row.subject.clone()).collect(),
        )
        .maybe_int64(
            "main_teacher_id",
            rows.iter().map(|row| row.main_teacher_id).collect(),
        )
        .maybe_hours(
            "hours_planned",
            rows.iter().map(|row| row.hours_planned).collect(),
        )
        .timestamp(
            "exported_at",
            rows.iter().map(|row| row.exported_at).collect(),
        )
        .finish()?;
    import.count("course", rows.len());
    import.change("course", vec![batch], replaced);
    Ok(changed)
}

async fn programmes(
    import: &mut Import<'_>,
    staff: &Staff,
    ids: &Identities,
) -> Result<(), LoadError> {
    struct Told<'a> {
        kind: Option<&'static str>,
        direction: Option<&'a str>,
        hours: Option<i32>,
    }
    let mut told: BTreeMap<i32, Told<'_>> = BTreeMap::new();
    for row in &staff.rows {
        let Some(course) = row.course else { continue };
        let programme = told.entry(ids.programmes[course as usize]).or_insert(Told {
            kind: None,
            direction: None,
            hours: None,
        });
        programme.kind = programme.kind.or(row.programme_kind);
        programme.direction = programme.direction.or(row.direction.as_deref());
        programme.hours = programme.hours.max(row.hours_total);
    }
    let made = made_now(import, "programme");
    let live = import.writer.read("programme", Filter::default()).await?;
    let live_count = live.len();
    let mut replaced: Vec<Key> = Vec::new();
    let mut rows: Vec<(i32, i32, String, String, Option<String>, Option<i32>, i64)> = Vec::new();
    for (at_batch, batch) in live.iter().chain(&made).enumerate() {
        let org_ids = values::<Int32Type>(batch, "org_id");
        let programmes = values::<Int32Type>(batch, "programme_id");
        let titles = texts(batch, "title");
        let kinds = texts(batch, "kind");
        let times = values::<TimestampMicrosecondType>(batch, "exported_at");
        for at in 0..batch.num_rows() {
            let is_live = at_batch < live_count;
            let told = told.get(&programmes[at]);
            if is_live && (told.is_none() || times[at] > import.exported_at) {
                continue;
            }
            if is_live {
                replaced.push([i64::from(programmes[at]), 0, 0]);
            }
            let kind = told
                .and_then(|told| told.kind)
                .or(kinds[at])
                .unwrap_or("basic")
                .to_owned();
            let direction = told.and_then(|told| told.direction).map(str::to_owned);
            let hours = told.and_then(|told| told.hours);
            rows.push((
                org_ids[at],
                programmes[at],
                titles[at].unwrap_or("").to_owned(),
                kind,
                direction,
                hours,
                import.exported_at,
            ));
        }
    }
    rows.sort_unstable_by_key(|row| (row.0, row.1));
    let batch = Columns::default()
        .int32("org_id", rows.iter().map(|row| row.0).collect())
        .int32("programme_id", rows.iter().map(|row| row.1).collect())
        .text("title", rows.iter().map(|row| row.2.clone()).collect())
        .codes(
            "kind",
            rows.iter()
                .map(|row| i32::from(row.3 == "supplementary"))
                .collect(),
            &["basic", "supplementary"],
        )?
        .maybe_text(
            "direction",
            rows.iter().map(|row| row.4.as_deref()).collect(),
        )
        .maybe_hours("hours_total", rows.iter().map(|row| row.5).collect())
        .timestamp("exported_at", rows.iter().map(|row| row.6).collect())
        .finish()?;
    import.change("programme", vec![batch], replaced);
    Ok(())
}

/// Sums the lessons of these courses anew under their new main teachers.
async fn lesson_days(
    import: &mut Import<'_>,
    ids: &Identities,
    changed: &[i32],
) -> Result<(), LoadError> {
    if changed.is_empty() {
        return Ok(());
    }
    let slices: FxHashSet<(i32, i32)> = import
        .writer
        .live_slices(changed)
        .await?
        .into_iter()
        .filter(|state| state.month > 0)
        .map(|state| (state.course_id, state.month))
        .collect();
    let keys: Vec<Key> = slices
        .iter()
        .map(|slice| [i64::from(slice.0), i64::from(slice.1), 0])
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let filter = Filter {
        org_id: None,
        keys: Some(&keys),
        columns: None,
    };
    let rows = lessons::of_lake(&import.writer.read("lesson", filter).await?);
    let position: FxHashMap<i64, usize> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.lesson_id, at))
        .collect();
    let mut counts = vec![Counts::default(); rows.len()];
    let columns = ["lesson_id", "status", "reason"];
    let filter = Filter {
        org_id: None,
        keys: Some(&keys),
        columns: Some(&columns),
    };
    for batch in import.writer.read("attendance", filter).await? {
        let lesson_ids = values::<Int64Type>(&batch, "lesson_id");
        let statuses = texts(&batch, "status");
        let reasons = texts(&batch, "reason");
        for (at, lesson_id) in lesson_ids.iter().enumerate() {
            if let Some(&position) = position.get(lesson_id) {
                let status = statuses[at]
                    .and_then(AttendanceStatus::parse)
                    .unwrap_or(AttendanceStatus::Unrecorded);
                counts[position].add(status, reasons[at].and_then(AbsenceReason::parse));
            }
        }
    }
    let mut main_teachers: FxHashMap<i32, i64> = FxHashMap::default();
    for change in import
        .changes
        .iter()
        .filter(|change| change.table == "course")
    {
        for row in change.rows.iter().flat_map(courses_of) {
            if let Some(teacher) = row.main_teacher_id {
                main_teachers.insert(row.course_id, teacher);
            }
        }
    }
    let offsets: FxHashMap<i32, i64> = ids
        .organisations
        .iter()
        .map(|place| (place.org_id, place.offset))
        .collect();
    let frames = rollup::frames(
        &rows,
        &counts,
        |course| main_teachers.get(&course).copied(),
        |org_id| offsets.get(&org_id).copied().unwrap_or(0),
    )?;
    let lesson_day = frames.lesson_day()?;
    let org_of: FxHashMap<i32, i32> = rows.iter().map(|row| (row.course_id, row.org_id)).collect();
    let months: FxHashSet<(i32, i32)> = slices
        .iter()
        .filter_map(|slice| Some((*org_of.get(&slice.0)?, slice.1)))
        .collect();
    let touched = Touched {
        lessons: slices,
        new: vec![&lesson_day],
        ..Touched::default()
    };
    rollup::organisation_days(import, &months, &touched).await?;
    import.change("lesson_day", vec![lesson_day], keys);
    Ok(())
}
