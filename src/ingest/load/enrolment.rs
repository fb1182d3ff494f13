//! Stays of pupils in groups, as far as journals show them.
//!
//! A stay begins on the first day a journal lists the pupil and ends on the last; it goes on (no
//! end) when the pupil is listed in the last month that the group's journals reach. Pupils of
//! whom a list of movement tells are left to that list.

use super::columns::{Columns, bools, maybe_values, texts, values};
use super::journal::{Merged, Slice};
use super::rows::{PupilRef, Sorted};
use super::{Import, LoadError};
use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use rustc_hash::{FxHashMap, FxHashSet};
use svodka_journal::{Day, Movement};
use svodka_lake::{Filter, Key, SliceState};

/// A row of the table `enrolment`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stay {
    pub org_id: i32,
    pub pupil: PupilRef,
    pub from_on: Day,
    pub to_on: Option<Day>,
    pub movement: Movement,
    pub is_exact: bool,
    pub exported_at: i64,
}

impl Stay {
    pub fn key(&self) -> Key {
        [
            i64::from(self.pupil.group_id),
            self.pupil.pupil_id,
            i64::from(self.from_on.0),
        ]
    }
}

/// Live stays of an institution.
pub(crate) async fn live_stays(import: &Import<'_>, org_id: i32) -> Result<Vec<Stay>, LoadError> {
    let filter = Filter {
        org_id: Some(org_id),
        keys: None,
        columns: None,
    };
    let mut stays = Vec::new();
    for batch in import.writer.read("enrolment", filter).await? {
        let pupils = values::<Int64Type>(&batch, "pupil_id");
        let groups = values::<Int32Type>(&batch, "group_id");
        let from_on = values::<Date32Type>(&batch, "from_on");
        let to_on = maybe_values::<Date32Type>(&batch, "to_on");
        let movements = texts(&batch, "movement");
        let is_exact = bools(&batch, "is_exact");
        let exported_at = values::<TimestampMicrosecondType>(&batch, "exported_at");
        for at in 0..batch.num_rows() {
            stays.push(Stay {
                org_id,
                pupil: PupilRef {
                    group_id: groups[at],
                    pupil_id: pupils[at],
                },
                from_on: Day(from_on[at]),
                to_on: to_on[at].map(Day),
                movement: movements[at]
                    .and_then(Movement::parse)
                    .unwrap_or(Movement::Enrolled),
                is_exact: is_exact[at],
                exported_at: exported_at[at],
            });
        }
    }
    Ok(stays)
}

/// The rows of the table `enrolment`.
pub(crate) fn to_batch(mut stays: Vec<Stay>) -> Result<RecordBatch, LoadError> {
    stays.sort_unstable_by_key(|stay| (stay.org_id, stay.pupil, stay.from_on));
    let movements: Vec<&str> = Movement::ALL
        .iter()
        .map(|movement| movement.as_str())
        .collect();
    Ok(Columns::default()
        .int32("org_id", stays.iter().map(|stay| stay.org_id).collect())
        .int64(
            "pupil_id",
            stays.iter().map(|stay| stay.pupil.pupil_id).collect(),
        )
        .int32(
            "group_id",
            stays.iter().map(|stay| stay.pupil.group_id).collect(),
        )
        .date("from_on", stays.iter().map(|stay| stay.from_on.0).collect())
        .maybe_date(
            "to_on",
            stays
                .iter()
                .map(|stay| stay.to_on.map(|day| day.0))
                .collect(),
        )
        .codes(
            "movement",
            stays
                .iter()
                .map(|stay| i32::from(stay.movement.code()) - 1)
                .collect(),
            &movements,
        )?
        .bool("is_exact", stays.iter().map(|stay| stay.is_exact).collect())
        .timestamp(
            "exported_at",
            stays.iter().map(|stay| stay.exported_at).collect(),
        )
        .finish()?)
}

/// First and last day on which journals list a pupil.
#[derive(Debug, Clone, Copy)]
struct Seen {
    first: i32,
    last: i32,
}

impl Seen {
    fn add(seen: &mut FxHashMap<PupilRef, Seen>, pupil: PupilRef, first: i32, last: i32) {
        let entry = seen.entry(pupil).or_insert(Seen { first, last });
        entry.first = entry.first.min(first);
        entry.last = entry.last.max(last);
    }
}

/// Works out the stays of the groups whose attendance changes.
pub(crate) async fn from_journal(
    import: &mut Import<'_>,
    merged: &Merged,
    sorted: &Sorted,
    touched: &FxHashSet<Slice>,
    live: &FxHashMap<Slice, SliceState>,
) -> Result<(), LoadError> {
    let mut groups: FxHashMap<i32, i32> = merged
        .lessons
        .iter()
        .map(|lesson| (lesson.group_id, lesson.org_id))
        .collect();
    let mut seen: FxHashMap<PupilRef, Seen> = FxHashMap::default();
    let mut last_month: FxHashMap<i32, i32> = FxHashMap::default();
    for run in sorted
        .order
        .chunk_by(|one, two| merged.rows.pupil[*one as usize] == merged.rows.pupil[*two as usize])
    {
        let day = |at: u32| {
            merged.lessons[merged.rows.lesson[at as usize] as usize]
                .held_on
                .0
        };
        let (Some(&first), Some(&last)) = (run.first(), run.last()) else {
            continue;
        };
        let pupil = merged.pupils[merged.rows.pupil[first as usize] as usize];
        // Rows of a pupil are in the order of days.
        Seen::add(&mut seen, pupil, day(first), day(last));
        let month = Day(day(last)).month().0;
        let known = last_month.entry(pupil.group_id).or_insert(month);
        *known = (*known).max(month);
    }
    let organisations: FxHashSet<i32> = groups.values().copied().collect();
    let mut stays: Vec<Stay> = Vec::new();
    let mut group_of_course: FxHashMap<i32, i32> = merged
        .lessons
        .iter()
        .map(|lesson| (lesson.course_id, lesson.group_id))
        .collect();
    for org_id in &organisations {
        stays.extend(live_stays(import, *org_id).await?);
        let filter = Filter {
            org_id: Some(*org_id),
            keys: None,
            columns: Some(&["course_id", "group_id"]),
        };
        for batch in import.writer.read("course", filter).await? {
            let courses = values::<Int32Type>(&batch, "course_id");
            for (course, group) in courses
                .into_iter()
                .zip(values::<Int32Type>(&batch, "group_id"))
            {
                group_of_course.insert(course, group);
            }
        }
    }
    // A slice that lost all its lessons names its group too.
    for slice in touched {
        if let (Some(&group), Some(&org_id)) =
            (group_of_course.get(&slice.0), organisations.iter().next())
        {
            groups.entry(group).or_insert(org_id);
        }
    }
    stays.retain(|stay| groups.contains_key(&stay.pupil.group_id));

    let courses: Vec<i32> = group_of_course
        .iter()
        .filter(|entry| groups.contains_key(entry.1))
        .map(|entry| *entry.0)
        .collect();
    let mut others: FxHashMap<i32, Vec<Slice>> = FxHashMap::default();
    for state in import.writer.live_slices(&courses).await? {
        let slice = (state.course_id, state.month);
        if state.month > 0 && !touched.contains(&slice) && state.engine != "plan" {
            others
                .entry(group_of_course[&slice.0])
                .or_default()
                .push(slice);
        }
    }
    let mut to_read: Vec<Key> = Vec::new();
    for (group, slices) in &others {
        let other_last = slices.iter().map(|slice| slice.1).max().unwrap_or(0);
        let is_addition = !touched
            .iter()
            .any(|slice| live.contains_key(slice) && group_of_course.get(&slice.0) == Some(group));
        let new_last = last_month.get(group).copied().unwrap_or(0);
        let known: Vec<&Stay> = stays
            .iter()
            .filter(|stay| stay.pupil.group_id == *group && !stay.is_exact)
            .collect();
        // A stay that went on and is not listed in a later month ends on a day only the rows tell.
        let is_told = known.iter().all(|stay| {
            stay.to_on.is_some()
                || new_last <= other_last
                || seen
                    .get(&stay.pupil)
                    .is_some_and(|seen| Day(seen.last).month().0 == new_last)
        });
        if is_addition && is_told {
            for stay in known {
                // Where the stay goes on, the last day of the last month stands for the unknown one.
                let last = stay
                    .to_on
                    .unwrap_or_else(|| svodka_journal::Month(other_last).last_day());
                Seen::add(&mut seen, stay.pupil, stay.from_on.0, last.0);
            }
        } else {
            to_read.extend(
                slices
                    .iter()
                    .map(|slice| [i64::from(slice.0), i64::from(slice.1), 0]),
            );
        }
        let month = last_month.entry(*group).or_insert(other_last);
        *month = (*month).max(other_last);
    }
    if !to_read.is_empty() {
        let columns = ["pupil_id", "group_id", "held_on"];
        for org_id in &organisations {
            let filter = Filter {
                org_id: Some(*org_id),
                keys: Some(&to_read),
                columns: Some(&columns),
            };
            for batch in import.writer.read("attendance", filter).await? {
                let pupils = values::<Int64Type>(&batch, "pupil_id");
                let groups = values::<Int32Type>(&batch, "group_id");
                let days = values::<Date32Type>(&batch, "held_on");
                for at in 0..batch.num_rows() {
                    let pupil = PupilRef {
                        group_id: groups[at],
                        pupil_id: pupils[at],
                    };
                    Seen::add(&mut seen, pupil, days[at], days[at]);
                }
            }
        }
    }
    emit(import, &groups, stays, &seen, &last_month)
}

/// Adds what changed.
fn emit(
    import: &mut Import<'_>,
    groups: &FxHashMap<i32, i32>,
    stays: Vec<Stay>,
    seen: &FxHashMap<PupilRef, Seen>,
    last_month: &FxHashMap<i32, i32>,
) -> Result<(), LoadError> {
    let exact: FxHashSet<PupilRef> = stays
        .iter()
        .filter(|stay| stay.is_exact)
        .map(|stay| stay.pupil)
        .collect();
    let known: FxHashMap<PupilRef, &Stay> = stays
        .iter()
        .filter(|stay| !stay.is_exact)
        .map(|stay| (stay.pupil, stay))
        .collect();
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for (pupil, seen) in seen {
        if exact.contains(pupil) {
            continue;
        }
        let month = Day(seen.last).month().0;
        let goes_on = last_month
            .get(&pupil.group_id)
            .is_none_or(|last| month >= *last);
        let stay = Stay {
            org_id: groups.get(&pupil.group_id).copied().unwrap_or(0),
            pupil: *pupil,
            from_on: Day(seen.first),
            to_on: (!goes_on).then_some(Day(seen.last)),
            movement: Movement::Enrolled,
            is_exact: false,
            exported_at: import.exported_at,
        };
        match known.get(pupil) {
            Some(old) if (old.from_on, old.to_on) == (stay.from_on, stay.to_on) => {}
            Some(old) => {
                replaced.push(old.key());
                new.push(Stay {
                    exported_at: old.exported_at.max(stay.exported_at),
                    ..stay
                });
            }
            None => new.push(stay),
        }
    }
    for (pupil, old) in known {
        if !seen.contains_key(&pupil) {
            replaced.push(old.key());
        }
    }
    replaced.sort_unstable();
    let rows = to_batch(new)?;
    import.change("enrolment", vec![rows], replaced);
    Ok(())
}
