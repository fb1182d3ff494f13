//! Lessons, attendance and marks of one file meet what is live.

use super::enrolment;
use super::identity::{self, Identities, Used};
use super::lessons::{self, LessonRow, NaturalKey};
use super::place::{self, Told};
use super::rollup::{self, Touched};
use super::rows::{self, Counts, Lists, Mark, PupilRef, Rows};
use super::slices::{LayerMemo, Memo, Version};
use super::{Import, LoadContext, Stop};
use crate::codes::Verdict;
use crate::export::{Journal, Layer};
use crate::notes::Place;
use arrow::datatypes::Int64Type;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use svodka_journal::{AbsenceReason, AttendanceStatus, Day, Month, Severity};
use svodka_lake::{Filter, Key, Sequence, SliceState};

/// A course and a month.
pub(crate) type Slice = (i32, i32);

/// What becomes of one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// What is live is later than the file.
    Skip,
    /// Nothing of what is live stays.
    Replace,
    /// The lesson list stays a layer of its own beside new attendance.
    UnderLessons,
    /// The attendance stays beside a new lesson list.
    UnderAttendance,
    /// Pupil by pupil and day by day.
    Merge,
    /// Another engine is later; what it beats of the owner goes.
    Raise,
}

/// A slice on its way.
struct Plan {
    fate: Fate,
    memo: Memo,
    engine: String,
}

pub(crate) async fn load(
    import: &mut Import<'_>,
    mut journal: Journal,
    context: &LoadContext,
    told: Told,
) -> Result<(), Stop> {
    let organisations =
        place::organisations(import, &journal.names.organisations, context, told).await?;
    let mut used = Used::none(&journal.names);
    for lesson in &journal.lessons {
        used.courses[lesson.course as usize] = true;
        for teacher in [lesson.main_teacher, lesson.taught_by]
            .into_iter()
            .flatten()
        {
            used.teachers[teacher as usize] = true;
        }
    }
    for pupil in journal
        .attendance
        .pupil
        .iter()
        .chain(journal.marks.iter().map(|mark| &mark.pupil))
    {
        used.pupils[*pupil as usize] = true;
    }
    for covered in &journal.coverage {
        used.courses[covered.course as usize] = true;
        used.pupils[covered.pupil as usize] = true;
    }
    let ids = identity::resolve(import, &journal.names, &used, organisations).await?;
    let version = Version {
        at: import.exported_at,
        sha: import.sha.clone(),
    };
    let new_lessons = lessons::of_journal(&journal, &ids, import.import_id);

    // Slices that the file speaks of.
    let mut told_slices: FxHashSet<Slice> = new_lessons.iter().map(LessonRow::slice).collect();
    for covered in &journal.coverage {
        let course_id = ids.courses[covered.course as usize];
        for month in months(covered.from_on, covered.to_on) {
            told_slices.insert((course_id, month.0));
        }
    }
    if told_slices.is_empty() {
        import.note(
            Severity::Warning,
            "nothing-to-load",
            "ни одного занятия".to_owned(),
            "занятия с датами",
            "Проверьте, за тот ли период сделана выгрузка.",
        );
        return Ok(());
    }
    let courses: Vec<i32> = told_slices
        .iter()
        .map(|slice| slice.0)
        .collect::<FxHashSet<_>>()
        .into_iter()
        .collect();
    let live: FxHashMap<Slice, SliceState> = import
        .writer
        .live_slices(&courses)
        .await?
        .into_iter()
        .map(|state| ((state.course_id, state.month), state))
        .collect();
    let mut plans: BTreeMap<Slice, Plan> = BTreeMap::new();
    for slice in &told_slices {
        plans.insert(
            *slice,
            plan(
                import.engine,
                import.import_id,
                &journal,
                &version,
                live.get(slice),
            ),
        );
    }
    cover(&journal, &ids, &version, &mut plans);
    note_fates(import, &plans, &live);
    plans.retain(|_, plan| plan.fate != Fate::Skip);
    if plans.is_empty() {
        return Ok(());
    }

    // What is live of the touched slices, as far as it can matter.
    let live_keys: Vec<Key> = plans
        .keys()
        .filter(|slice| live.contains_key(*slice))
        .map(|slice| [i64::from(slice.0), i64::from(slice.1), 0])
        .collect();
    let merged_keys: Vec<Key> = plans
        .iter()
        .filter(|(slice, plan)| {
            matches!(plan.fate, Fate::Merge | Fate::Raise) && live.contains_key(*slice)
        })
        .map(|(slice, _)| [i64::from(slice.0), i64::from(slice.1), 0])
        .collect();
    let counted_keys: Vec<Key> = plans
        .iter()
        .filter(|(_, plan)| plan.fate == Fate::UnderAttendance)
        .map(|(slice, _)| [i64::from(slice.0), i64::from(slice.1), 0])
        .collect();
    let live_lessons = if live_keys.is_empty() {
        Vec::new()
    } else {
        let filter = Filter {
            org_id: None,
            keys: Some(&live_keys),
            columns: None,
        };
        lessons::of_lake(&import.writer.read("lesson", filter).await?)
    };
    let mut live_counts: FxHashMap<i64, Counts> = FxHashMap::default();
    if !counted_keys.is_empty() {
        let columns = ["lesson_id", "status", "reason"];
        let filter = Filter {
            org_id: None,
            keys: Some(&counted_keys),
            columns: Some(&columns),
        };
        for batch in import.writer.read("attendance", filter).await? {
            let ids = super::columns::values::<Int64Type>(&batch, "lesson_id");
            let statuses = super::columns::texts(&batch, "status");
            let reasons = super::columns::texts(&batch, "reason");
            for (at, id) in ids.iter().enumerate() {
                let status = statuses[at]
                    .and_then(AttendanceStatus::parse)
                    .unwrap_or(AttendanceStatus::Unrecorded);
                live_counts
                    .entry(*id)
                    .or_default()
                    .add(status, reasons[at].and_then(AbsenceReason::parse));
            }
        }
    }
    let (kept_rows, kept_marks) = if merged_keys.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        let filter = Filter {
            org_id: None,
            keys: Some(&merged_keys),
            columns: None,
        };
        let attendance = rows::live_attendance(&import.writer.read("attendance", filter).await?);
        let marks = rows::live_marks(&import.writer.read("mark", filter).await?);
        let stays = |course_id: i32, pupil: i64, day: i32| {
            stays(&plans, &version, import.engine, course_id, pupil, Day(day))
        };
        (
            attendance
                .into_iter()
                .filter(|row| stays(row.course_id, row.pupil.pupil_id, row.held_on))
                .collect::<Vec<_>>(),
            marks
                .into_iter()
                .filter(|row| stays(row.2, row.1.pupil_id, row.3))
                .collect::<Vec<_>>(),
        )
    };

    let is_text = import.engine == "long" && journal.attendance.sheet_no.is_empty();
    // Pupils and rows, then lessons: a lesson of a workbook is there as long as a row speaks of it.
    let mut merged = Merged::gather(
        &mut journal,
        &ids,
        import,
        &plans,
        &version,
        &new_lessons,
        &live_lessons,
        &live_counts,
        kept_rows,
        kept_marks,
        !merged_keys.is_empty(),
    );
    merged.give_ids(import);
    let lists = Lists {
        lessons: &merged.lessons,
        pupils: &merged.pupils,
        verdicts: &merged.verdicts,
        import_id: import.import_id,
    };
    let is_json = import.engine == "dnevnik-json";
    let place = |sheet_no: i16, row: i32, column: i16| {
        if is_json {
            Place::Record {
                array: "lessonLogEntries",
                ordinal: row,
            }
        } else if is_text {
            Place::Line { row, column }
        } else {
            Place::Sheet {
                sheet_no,
                row,
                column,
            }
        }
    };
    let sorted = rows::sort(&merged.rows, &lists, &mut import.notes, place);
    let mut counts = rows::count(&merged.rows, &sorted, &lists);
    for (count, kept) in counts.iter_mut().zip(&merged.kept_counts) {
        if let Some(kept) = kept {
            *count = *kept;
        }
    }

    let attendance = rows::attendance_batches(&merged.rows, &sorted, &lists)?;
    let mut marks = vec![rows::marks_in_cells(&merged.rows, &sorted, &lists)?];
    let own_marks = marks[0].num_rows() + merged.own_marks;
    if !merged.marks.is_empty() {
        marks.push(rows::mark_batch(std::mem::take(&mut merged.marks), &lists)?);
    }
    let lesson_batch = lessons::to_batch(&merged.lessons)?;
    let mut main_teachers: FxHashMap<i32, i64> = FxHashMap::default();
    let offsets: FxHashMap<i32, i64> = ids
        .organisations
        .iter()
        .map(|place| (place.org_id, place.offset))
        .collect();
    for org_id in offsets.keys() {
        main_teachers.extend(rollup::main_teachers(import, *org_id).await?);
    }
    let frames = rollup::frames(
        &merged.lessons,
        &counts,
        |course| main_teachers.get(&course).copied(),
        |org_id| offsets.get(&org_id).copied().unwrap_or(0),
    )?;
    let (attendance_day, lesson_day) = (frames.attendance_day()?, frames.lesson_day()?);

    enrolment::from_journal(import, &merged, &sorted, &plans_of(&plans), &live).await?;

    let keys = |wanted: &dyn Fn(&Fate) -> bool| -> Vec<Key> {
        plans
            .iter()
            .filter(|(slice, plan)| live.contains_key(*slice) && wanted(&plan.fate))
            .map(|(slice, _)| [i64::from(slice.0), i64::from(slice.1), 0])
            .collect()
    };
    let attendance_keys = keys(&|fate| *fate != Fate::UnderAttendance);
    let all_keys = keys(&|_| true);
    let own_rows = merged.own_rows;
    import.count("lesson", merged.own_lessons);
    import.count(
        "attendance",
        own_rows.saturating_sub(merged.rows.lesson.len() - sorted.order.len()),
    );
    import.count("mark", own_marks);
    let touched = Touched {
        attendance: plans.keys().copied().collect(),
        lessons: plans.keys().copied().collect(),
        plans: FxHashSet::default(),
        new: vec![&attendance_day, &lesson_day],
        new_plan: Vec::new(),
    };
    let org_of_course: FxHashMap<i32, i32> = merged
        .lessons
        .iter()
        .map(|lesson| (lesson.course_id, lesson.org_id))
        .chain(
            live_lessons
                .iter()
                .map(|lesson| (lesson.course_id, lesson.org_id)),
        )
        .collect();
    let touched_months: FxHashSet<(i32, i32)> = plans
        .keys()
        .filter_map(|slice| Some((*org_of_course.get(&slice.0)?, slice.1)))
        .collect();
    rollup::organisation_days(import, &touched_months, &touched).await?;
    import.change("lesson", vec![lesson_batch], all_keys.clone());
    import.change("attendance", attendance, attendance_keys.clone());
    import.change("mark", marks, attendance_keys.clone());
    import.change("attendance_day", vec![attendance_day], all_keys.clone());
    import.change("lesson_day", vec![lesson_day], all_keys);
    for (slice, plan) in plans {
        let latest = plan.memo.latest().map_or(version.at, |latest| latest.at);
        import.slices.push(SliceState {
            course_id: slice.0,
            month: slice.1,
            import_id: import.import_id,
            exported_at: latest,
            engine: plan.engine,
            memo: plan.memo.text(),
        });
    }
    Ok(())
}

/// Slices whose attendance changes.
fn plans_of(plans: &BTreeMap<Slice, Plan>) -> FxHashSet<Slice> {
    plans
        .iter()
        .filter(|(_, plan)| plan.fate != Fate::UnderAttendance)
        .map(|(slice, _)| *slice)
        .collect()
}

fn months(from: Day, to: Day) -> impl Iterator<Item = Month> {
    let last = to.month();
    std::iter::successors(Some(from.month()), move |month| {
        Some(month.next()).filter(|next| *next <= last)
    })
}

/// Decides what becomes of a slice.
fn plan(
    engine: &str,
    import_id: i32,
    journal: &Journal,
    version: &Version,
    live: Option<&SliceState>,
) -> Plan {
    let own = LayerMemo {
        version: version.clone(),
        import: import_id,
        told: journal.told,
    };
    let is_workbook = engine == "school-workbook";
    let mut memo = live.map(Memo::of).unwrap_or_default();
    if let Some(state) = live
        && state.engine != engine
    {
        let owner = memo.latest().cloned();
        // Two engines at one moment: the name decides, so that the order of loading does not.
        let is_owner_later = owner
            .as_ref()
            .is_some_and(|owner| (owner, state.engine.as_str()) > (version, engine));
        if is_owner_later {
            memo.raise(version.clone());
            return Plan {
                fate: Fate::Raise,
                memo,
                engine: state.engine.clone(),
            };
        }
        memo = Memo {
            floor: owner.max(memo.floor),
            ..Memo::default()
        };
    }
    if memo.is_below_floor(version) {
        return Plan {
            fate: Fate::Skip,
            memo,
            engine: engine.to_owned(),
        };
    }
    if is_workbook {
        return Plan {
            fate: Fate::Merge,
            memo,
            engine: engine.to_owned(),
        };
    }
    let (mine, other) = match journal.layer {
        Layer::Attendance => (&mut memo.attendance, &memo.lessons),
        Layer::Lessons => (&mut memo.lessons, &memo.attendance),
    };
    if mine.as_ref().is_some_and(|layer| layer.version >= *version) {
        return Plan {
            fate: Fate::Skip,
            memo,
            engine: engine.to_owned(),
        };
    }
    let fate = match (journal.layer, other.is_some()) {
        (_, false) => Fate::Replace,
        (Layer::Attendance, true) => Fate::UnderLessons,
        (Layer::Lessons, true) => Fate::UnderAttendance,
    };
    *mine = Some(own);
    Plan {
        fate,
        memo,
        engine: engine.to_owned(),
    }
}

/// Writes down which days of which pupils the file told.
fn cover(
    journal: &Journal,
    ids: &Identities,
    version: &Version,
    plans: &mut BTreeMap<Slice, Plan>,
) {
    for covered in &journal.coverage {
        let course_id = ids.courses[covered.course as usize];
        let pupil = ids.pupils[covered.pupil as usize];
        for month in months(covered.from_on, covered.to_on) {
            let Some(plan) = plans.get_mut(&(course_id, month.0)) else {
                continue;
            };
            if plan.fate == Fate::Merge {
                let from = covered.from_on.max(month.first_day());
                let to = covered.to_on.min(month.last_day());
                plan.memo.cover(pupil, from, to, version);
            }
        }
    }
}

/// Tells of slices where the file is not the latest word, or takes over from another engine.
fn note_fates(
    import: &mut Import<'_>,
    plans: &BTreeMap<Slice, Plan>,
    live: &FxHashMap<Slice, SliceState>,
) {
    let older = plans
        .values()
        .filter(|plan| plan.fate == Fate::Skip)
        .count();
    if older > 0 {
        import.note(
            Severity::Info,
            "older-export",
            format!("журналов по месяцам: {older}"),
            "выгрузка новее загруженной",
            "Эти месяцы уже загружены из более поздней выгрузки и не изменены.",
        );
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let mut beaten: BTreeMap<&str, usize> = BTreeMap::new();
    for (slice, plan) in plans {
        let Some(state) = live.get(slice) else {
            continue;
        };
        if plan.fate == Fate::Raise {
            *beaten.entry(state.engine.as_str()).or_insert(0) += 1;
        } else if state.engine != plan.engine {
            *taken.entry(state.engine.as_str()).or_insert(0) += 1;
        }
    }
    let (taken, beaten): (Vec<_>, Vec<_>) =
        (taken.into_iter().collect(), beaten.into_iter().collect());
    for (engine, count) in taken {
        import.note(
            Severity::Warning,
            "engine-changed",
            format!("журналов по месяцам: {count}, раньше {engine}"),
            "одна система на журнал и месяц",
            "Эти месяцы заменены более поздней выгрузкой из другой системы.",
        );
    }
    for (engine, count) in beaten {
        import.note(
            Severity::Warning,
            "engine-differs-from-live",
            format!("журналов по месяцам: {count}, загружены из {engine}"),
            "одна система на журнал и месяц",
            "Эти месяцы уже загружены из другой системы более поздней выгрузкой и не заменены.",
        );
    }
}

/// Whether a live row of a merged slice stays.
fn stays(
    plans: &BTreeMap<Slice, Plan>,
    version: &Version,
    engine: &str,
    course_id: i32,
    pupil: i64,
    day: Day,
) -> bool {
    let Some(plan) = plans.get(&(course_id, day.month().0)) else {
        return false;
    };
    match plan.fate {
        // The latest word on this day: if it is the file's own, the live row is not.
        Fate::Merge => {
            plan.engine == engine
                && plan
                    .memo
                    .version_of(pupil, day)
                    .is_some_and(|latest| latest != version)
        }
        Fate::Raise if plan.memo.pupils.is_empty() => plan.memo.attendance.is_some(),
        Fate::Raise => plan.memo.version_of(pupil, day).is_some(),
        Fate::Skip | Fate::Replace | Fate::UnderLessons | Fate::UnderAttendance => false,
    }
}

/// What the touched slices hold after the commit.
pub(crate) struct Merged {
    pub lessons: Vec<LessonRow>,
    pub pupils: Vec<PupilRef>,
    pub verdicts: Vec<Verdict>,
    pub rows: Rows,
    marks: Vec<Mark>,
    /// Counts of lessons whose attendance stays in the lake.
    kept_counts: Vec<Option<Counts>>,
    own_lessons: usize,
    own_rows: usize,
    own_marks: usize,
}

impl Merged {
    #[expect(
        clippy::too_many_arguments,
        reason = "both sides of the meeting, once each"
    )]
    fn gather(
        journal: &mut Journal,
        ids: &Identities,
        import: &Import<'_>,
        plans: &BTreeMap<Slice, Plan>,
        version: &Version,
        new_lessons: &[LessonRow],
        live_lessons: &[LessonRow],
        live_counts: &FxHashMap<i64, Counts>,
        kept_rows: Vec<rows::LiveRow>,
        kept_marks: Vec<(i64, PupilRef, i32, i32, Mark)>,
        is_live: bool,
    ) -> Merged {
        let mut merged = Merged {
            lessons: Vec::with_capacity(new_lessons.len()),
            pupils: Vec::new(),
            verdicts: journal.verdicts.clone(),
            rows: Rows::default(),
            marks: Vec::new(),
            kept_counts: Vec::new(),
            own_lessons: 0,
            own_rows: 0,
            own_marks: 0,
        };
        // Which lessons of the file go in.
        let mut position_of_new = vec![u32::MAX; new_lessons.len()];
        let mut by_key: FxHashMap<NaturalKey, u32> = FxHashMap::default();
        for (at, lesson) in new_lessons.iter().enumerate() {
            let Some(plan) = plans.get(&lesson.slice()) else {
                continue;
            };
            if plan.fate == Fate::Raise {
                continue;
            }
            let position = *by_key.entry(lesson.key()).or_insert_with(|| {
                merged.lessons.push(lesson.clone());
                merged.lessons.len() as u32 - 1
            });
            position_of_new[at] = position;
        }
        merged.own_lessons = merged.lessons.len();
        // Live lessons lend their ids, and those of the other layer stay.
        let mut position_of_live: FxHashMap<i64, u32> = FxHashMap::default();
        for lesson in live_lessons {
            let Some(plan) = plans.get(&lesson.slice()) else {
                continue;
            };
            let in_list = |memo: &Memo| {
                memo.lessons
                    .as_ref()
                    .is_some_and(|layer| layer.import == lesson.import_id)
            };
            let is_attended = live_counts.contains_key(&lesson.lesson_id);
            if let Some(&position) = by_key.get(&lesson.key()) {
                position_of_live.insert(lesson.lesson_id, position);
                let own = &mut merged.lessons[position as usize];
                own.lesson_id = lesson.lesson_id;
                match plan.fate {
                    Fate::UnderLessons if in_list(&plan.memo) => {
                        if let (Some(list), Some(attendance)) =
                            (&plan.memo.lessons, &plan.memo.attendance)
                        {
                            let mut row = lesson.clone();
                            row.take_from(
                                own,
                                (&list.told, &list.version),
                                (&attendance.told, version),
                            );
                            *own = row;
                        }
                    }
                    Fate::UnderAttendance if is_attended => {
                        if let (Some(list), Some(attendance)) =
                            (&plan.memo.lessons, &plan.memo.attendance)
                        {
                            let told = attendance.told;
                            own.take_from(
                                lesson,
                                (&list.told, version),
                                (&told, &attendance.version),
                            );
                        }
                    }
                    _ => {}
                }
                continue;
            }
            let is_kept = match plan.fate {
                Fate::UnderLessons => in_list(&plan.memo),
                Fate::UnderAttendance => is_attended,
                // Kept below, if a row speaks of it.
                Fate::Merge | Fate::Raise => true,
                Fate::Replace | Fate::Skip => false,
            };
            if is_kept {
                let position = merged.lessons.len() as u32;
                by_key.insert(lesson.key(), position);
                position_of_live.insert(lesson.lesson_id, position);
                merged.lessons.push(lesson.clone());
            }
        }
        // Live lessons of kept attendance bring their counts.
        merged.kept_counts = vec![None; merged.lessons.len()];
        for (id, position) in &position_of_live {
            merged.kept_counts[*position as usize] = live_counts.get(id).copied();
        }
        merged.take_new(
            journal,
            ids,
            import,
            plans,
            version,
            &position_of_new,
            is_live,
        );
        merged.take_kept(&position_of_live, kept_rows, kept_marks, import.import_id);
        merged.settle_sources(plans);
        merged.drop_empty(plans);
        merged
    }

    /// Rows of the file.
    #[expect(clippy::too_many_arguments, reason = "what decides of a row")]
    fn take_new(
        &mut self,
        journal: &mut Journal,
        ids: &Identities,
        import: &Import<'_>,
        plans: &BTreeMap<Slice, Plan>,
        version: &Version,
        position_of_new: &[u32],
        is_live: bool,
    ) {
        self.pupils = journal
            .names
            .pupils
            .iter()
            .zip(&ids.pupils)
            .map(|(pupil, id)| PupilRef {
                group_id: ids.groups[pupil.group as usize],
                pupil_id: *id,
            })
            .collect();
        // In slices that nobody told before, every row of the file is the latest word.
        let is_merging = is_live && plans.values().any(|plan| plan.fate == Fate::Merge);
        // A later export may have spoken of this pupil and day already.
        let is_latest = |lesson: u32, pupil: u32| {
            let row = &self.lessons[lesson as usize];
            match plans.get(&row.slice()) {
                Some(plan) if plan.fate == Fate::Merge => {
                    plan.memo
                        .version_of(self.pupils[pupil as usize].pupil_id, row.held_on)
                        == Some(version)
                }
                _ => true,
            }
        };
        let from = std::mem::take(&mut journal.attendance);
        let goes_in: Vec<bool> = from
            .lesson
            .iter()
            .zip(&from.pupil)
            .map(|(lesson, pupil)| {
                let position = position_of_new[*lesson as usize];
                position != u32::MAX && (!is_merging || is_latest(position, *pupil))
            })
            .collect();
        let takes_all = goes_in.iter().all(|goes_in| *goes_in);
        fn pick<T: Copy>(column: Vec<T>, goes_in: &[bool], takes_all: bool) -> Vec<T> {
            if takes_all || column.is_empty() {
                return column;
            }
            column
                .iter()
                .zip(goes_in)
                .filter(|entry| *entry.1)
                .map(|entry| *entry.0)
                .collect()
        }
        let offset = ids.organisations.first().map_or(0, |place| place.offset);
        self.rows = Rows {
            lesson: pick(from.lesson, &goes_in, takes_all)
                .into_iter()
                .map(|at| position_of_new[at as usize])
                .collect(),
            pupil: pick(from.pupil, &goes_in, takes_all),
            verdict: pick(from.verdict, &goes_in, takes_all),
            row_no: pick(from.row_no, &goes_in, takes_all),
            col_no: pick(from.col_no, &goes_in, takes_all),
            sheet_no: pick(from.sheet_no, &goes_in, takes_all),
            recorded_at: pick(from.recorded_at, &goes_in, takes_all)
                .into_iter()
                .map(|at| if at == i64::MIN { at } else { at - offset })
                .collect(),
            import_id: Vec::new(),
        };
        self.own_rows = self.rows.lesson.len();
        for mark in &journal.marks {
            let position = position_of_new[mark.lesson as usize];
            if position == u32::MAX || (is_merging && !is_latest(position, mark.pupil)) {
                continue;
            }
            self.marks.push(Mark {
                lesson: position,
                pupil: mark.pupil,
                seq: mark.seq,
                value: mark.value.clone(),
                value_num: mark.value_num,
                weight: mark.weight,
                work_kind: mark.work_kind.clone(),
                due_on: mark.due_on.map(|day| day.0),
                recorded_at: mark.recorded_at.map(|at| at - offset),
                import_id: import.import_id,
                sheet_no: mark.sheet_no,
                row_no: mark.row_no,
                col_no: mark.col_no,
            });
        }
        self.own_marks = self.marks.len();
    }

    /// Live rows that stay.
    fn take_kept(
        &mut self,
        position_of_live: &FxHashMap<i64, u32>,
        kept_rows: Vec<rows::LiveRow>,
        kept_marks: Vec<(i64, PupilRef, i32, i32, Mark)>,
        import_id: i32,
    ) {
        if kept_rows.is_empty() && kept_marks.is_empty() {
            return;
        }
        let mut pupil_index: FxHashMap<PupilRef, u32> = self
            .pupils
            .iter()
            .enumerate()
            .map(|(at, pupil)| (*pupil, at as u32))
            .collect();
        let mut index_of = |pupil: PupilRef, pupils: &mut Vec<PupilRef>| {
            *pupil_index.entry(pupil).or_insert_with(|| {
                pupils.push(pupil);
                pupils.len() as u32 - 1
            })
        };
        let mut verdict_index: FxHashMap<
            (AttendanceStatus, Option<AbsenceReason>, Option<Box<str>>),
            u32,
        > = FxHashMap::default();
        let rows = &mut self.rows;
        let own = rows.lesson.len();
        if rows.sheet_no.is_empty() {
            rows.sheet_no = vec![1; own];
        }
        if rows.recorded_at.is_empty() {
            rows.recorded_at = vec![i64::MIN; own];
        }
        rows.import_id = vec![import_id; own];
        for row in kept_rows {
            let Some(&lesson) = position_of_live.get(&row.lesson_id) else {
                continue;
            };
            let verdicts = &mut self.verdicts;
            let verdict = *verdict_index
                .entry((row.status, row.reason, row.raw.clone()))
                .or_insert_with(|| {
                    verdicts.push(Verdict {
                        status: row.status,
                        reason: row.reason,
                        raw: row.raw.clone(),
                        marks: Vec::new(),
                        problem: None,
                    });
                    verdicts.len() as u32 - 1
                });
            rows.lesson.push(lesson);
            rows.pupil.push(index_of(row.pupil, &mut self.pupils));
            rows.verdict.push(verdict);
            rows.row_no.push(row.row_no);
            rows.col_no.push(row.col_no);
            rows.sheet_no.push(row.sheet_no);
            rows.recorded_at.push(row.recorded_at);
            rows.import_id.push(row.import_id);
        }
        for (lesson_id, pupil, _, _, mut mark) in kept_marks {
            let Some(&lesson) = position_of_live.get(&lesson_id) else {
                continue;
            };
            mark.lesson = lesson;
            mark.pupil = index_of(pupil, &mut self.pupils);
            self.marks.push(mark);
        }
    }

    /// The source of a lesson that several workbooks tell is the uppermost row of the latest one,
    /// whatever was loaded first.
    fn settle_sources(&mut self, plans: &BTreeMap<Slice, Plan>) {
        if self.rows.import_id.is_empty() {
            return;
        }
        let mut best: Vec<Option<(&Version, std::cmp::Reverse<(i16, i32)>, usize)>> =
            vec![None; self.lessons.len()];
        for at in 0..self.rows.lesson.len() {
            let lesson = self.rows.lesson[at] as usize;
            let row = &self.lessons[lesson];
            let Some(plan) = plans.get(&row.slice()) else {
                continue;
            };
            let pupil = self.pupils[self.rows.pupil[at] as usize].pupil_id;
            let Some(version) = plan.memo.version_of(pupil, row.held_on) else {
                continue;
            };
            let place = std::cmp::Reverse((self.rows.sheet_no[at], self.rows.row_no[at]));
            if best[lesson].is_none_or(|known| (known.0, known.1) < (version, place)) {
                best[lesson] = Some((version, place, at));
            }
        }
        for (lesson, best) in self.lessons.iter_mut().zip(best) {
            if let Some((_, _, at)) = best {
                lesson.import_id = self.rows.import_id[at];
                lesson.sheet_no = self.rows.sheet_no[at];
                lesson.row_no = self.rows.row_no[at];
                lesson.col_no = self.rows.col_no[at];
            }
        }
    }

    /// Lessons of merged slices of which no row speaks any more go.
    fn drop_empty(&mut self, plans: &BTreeMap<Slice, Plan>) {
        let is_merged = |lesson: &LessonRow| {
            plans.get(&lesson.slice()).is_some_and(|plan| {
                plan.fate == Fate::Merge
                    || (plan.fate == Fate::Raise && plan.engine == "school-workbook")
            })
        };
        if !self.lessons.iter().any(is_merged) {
            return;
        }
        let mut is_spoken_of = vec![false; self.lessons.len()];
        for lesson in self
            .rows
            .lesson
            .iter()
            .chain(self.marks.iter().map(|mark| &mark.lesson))
        {
            is_spoken_of[*lesson as usize] = true;
        }
        let mut renumbered = vec![u32::MAX; self.lessons.len()];
        let (mut lessons, mut counts) = (Vec::new(), Vec::new());
        for (at, lesson) in std::mem::take(&mut self.lessons).into_iter().enumerate() {
            if is_spoken_of[at] || !is_merged(&lesson) {
                renumbered[at] = lessons.len() as u32;
                lessons.push(lesson);
                counts.push(self.kept_counts[at]);
            }
        }
        self.lessons = lessons;
        self.kept_counts = counts;
        for lesson in &mut self.rows.lesson {
            *lesson = renumbered[*lesson as usize];
        }
        for mark in &mut self.marks {
            mark.lesson = renumbered[mark.lesson as usize];
        }
    }

    /// Gives ids to new lessons in the order of the files, so that they pack well.
    fn give_ids(&mut self, import: &mut Import<'_>) {
        let mut new: Vec<usize> = (0..self.lessons.len())
            .filter(|at| self.lessons[*at].lesson_id == 0)
            .collect();
        new.sort_unstable_by_key(|at| {
            let lesson = &self.lessons[*at];
            (
                lesson.org_id,
                lesson.group_id,
                lesson.held_on,
                lesson.lesson_no,
                lesson.ordinal,
                lesson.course_id,
            )
        });
        let first = import.writer.next_ids(Sequence::Lesson, new.len() as i64);
        for (ordinal, at) in new.into_iter().enumerate() {
            self.lessons[at].lesson_id = first + ordinal as i64;
        }
    }
}
