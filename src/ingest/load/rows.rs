//! Attendance and marks in the order of their files, one row per pupil and lesson.

use super::columns::{Columns, maybe_hundredths, maybe_values, texts, values};
use super::lessons::LessonRow;
use crate::codes::Verdict;
use crate::notes::{Notes, Place};
use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use rustc_hash::FxHashMap;
use svodka_journal::{AbsenceReason, AttendanceStatus, Severity};

/// Attendance rows that point into lists of lessons, pupils and verdicts.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub lesson: Vec<u32>,
    pub pupil: Vec<u32>,
    pub verdict: Vec<u32>,
    pub row_no: Vec<i32>,
    pub col_no: Vec<i16>,
    /// Empty: all from sheet 1.
    pub sheet_no: Vec<i16>,
    /// µs UTC; `i64::MIN`: not told; empty: nothing told.
    pub recorded_at: Vec<i64>,
    /// Empty: all from this import.
    pub import_id: Vec<i32>,
}

/// One mark that points into the same lists.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub lesson: u32,
    pub pupil: u32,
    pub seq: i16,
    pub value: Box<str>,
    pub value_num: Option<i32>,
    pub weight: Option<i32>,
    pub work_kind: Option<Box<str>>,
    pub due_on: Option<i32>,
    pub recorded_at: Option<i64>,
    pub import_id: i32,
    pub sheet_no: i16,
    pub row_no: i32,
    pub col_no: i16,
}

/// A pupil of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PupilRef {
    pub group_id: i32,
    pub pupil_id: i64,
}

/// How a lesson's pupils divide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// By code of the status, minus 1.
    pub status: [i32; 5],
    /// By code of the reason, minus 1; of the absent.
    pub reason: [i32; 4],
}

impl Counts {
    pub fn add(&mut self, status: AttendanceStatus, reason: Option<AbsenceReason>) {
        self.status[usize::from(status.code()) - 1] += 1;
        if status == AttendanceStatus::Absent {
            let reason = reason.unwrap_or(AbsenceReason::Unknown);
            self.reason[usize::from(reason.code()) - 1] += 1;
        }
    }
}

/// Everything that rows point to.
pub(crate) struct Lists<'a> {
    pub lessons: &'a [LessonRow],
    pub pupils: &'a [PupilRef],
    pub verdicts: &'a [Verdict],
    pub import_id: i32,
}

/// Rows sorted and freed of duplicates.
pub(crate) struct Sorted {
    /// Positions of the rows that stay.
    pub order: Vec<u32>,
}

/// Sorts by group, pupil, day, lesson in two counting passes: both keys are small ranks.
pub(crate) fn sort(
    rows: &Rows,
    lists: &Lists<'_>,
    notes: &mut Notes,
    place: impl Fn(i16, i32, i16) -> Place,
) -> Sorted {
    let mut lesson_order: Vec<u32> = (0..lists.lessons.len() as u32).collect();
    lesson_order.sort_unstable_by_key(|at| {
        let lesson = &lists.lessons[*at as usize];
        (lesson.held_on, lesson.lesson_id)
    });
    let mut lesson_rank = vec![0u32; lists.lessons.len()];
    for (rank, at) in lesson_order.iter().enumerate() {
        lesson_rank[*at as usize] = rank as u32;
    }
    let mut pupil_order: Vec<u32> = (0..lists.pupils.len() as u32).collect();
    pupil_order.sort_unstable_by_key(|at| lists.pupils[*at as usize]);
    let mut pupil_rank = vec![0u32; lists.pupils.len()];
    let mut rank = 0;
    for (at, pupil) in pupil_order.iter().enumerate() {
        // Two spellings of one pupil share a rank, so that their rows meet.
        if at > 0 && lists.pupils[pupil_order[at - 1] as usize] != lists.pupils[*pupil as usize] {
            rank += 1;
        }
        pupil_rank[*pupil as usize] = rank;
    }
    let by_lesson = counting_pass(None, &rows.lesson, &lesson_rank, lists.lessons.len());
    let mut order = counting_pass(
        Some(&by_lesson),
        &rows.pupil,
        &pupil_rank,
        lists.pupils.len(),
    );
    let same = |one: u32, two: u32| {
        rows.lesson[one as usize] == rows.lesson[two as usize]
            && pupil_rank[rows.pupil[one as usize] as usize]
                == pupil_rank[rows.pupil[two as usize] as usize]
    };
    if order.windows(2).any(|pair| same(pair[0], pair[1])) {
        order.dedup_by(|later, earlier| {
            if !same(*later, *earlier) {
                return false;
            }
            let line = |at: u32| {
                (
                    rows.sheet_no.get(at as usize).copied().unwrap_or(1),
                    rows.row_no[at as usize],
                )
            };
            if line(*later) < line(*earlier) {
                std::mem::swap(later, earlier);
            }
            let is_same_text = rows.verdict[*later as usize] == rows.verdict[*earlier as usize];
            let at = *later as usize;
            let sheet_no = rows.sheet_no.get(at).copied().unwrap_or(1);
            note_duplicate(
                notes,
                place(sheet_no, rows.row_no[at], rows.col_no[at]),
                is_same_text,
            );
            if !is_same_text {
                *earlier = *later;
            }
            true
        });
    }
    Sorted { order }
}

fn note_duplicate(notes: &mut Notes, place: Place, is_same_text: bool) {
    if is_same_text {
        notes.add(
            Severity::Info,
            "duplicate-row",
            place,
            "обучающийся записан на этом уроке второй раз",
            "одна строка",
            "Учтена одна строка.",
        );
    } else {
        notes.add(
            Severity::Warning,
            "contradicting-rows",
            place,
            "обучающийся записан на этом уроке второй раз, иначе",
            "одна строка",
            "Учтена нижняя строка. Исправьте журнал.",
        );
    }
}

/// A stable pass: positions ordered by the rank of what they point to.
fn counting_pass(before: Option<&[u32]>, targets: &[u32], ranks: &[u32], count: usize) -> Vec<u32> {
    let mut starts = vec![0u32; count + 1];
    for target in targets {
        starts[ranks[*target as usize] as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut order = vec![0u32; targets.len()];
    let mut put = |at: u32| {
        let next = &mut starts[ranks[targets[at as usize] as usize] as usize];
        order[*next as usize] = at;
        *next += 1;
    };
    match before {
        Some(before) => before.iter().for_each(|at| put(*at)),
        None => (0..targets.len() as u32).for_each(&mut put),
    }
    order
}

/// Counts by lesson, over the rows that stay.
pub(crate) fn count(rows: &Rows, sorted: &Sorted, lists: &Lists<'_>) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); lists.lessons.len()];
    let meanings: Vec<(AttendanceStatus, Option<AbsenceReason>)> = lists
        .verdicts
        .iter()
        .map(|verdict| (verdict.status, verdict.reason))
        .collect();
    for at in &sorted.order {
        let at = *at as usize;
        let (status, reason) = meanings[rows.verdict[at] as usize];
        counts[rows.lesson[at] as usize].add(status, reason);
    }
    counts
}

/// Rows of one batch: bounds what is held twice while arrays are built.
const BATCH_ROWS: usize = 1 << 20;

/// The rows of the table `attendance`.
pub(crate) fn attendance_batches(
    rows: &Rows,
    sorted: &Sorted,
    lists: &Lists<'_>,
) -> Result<Vec<RecordBatch>, ArrowError> {
    struct Facts {
        lesson_id: i64,
        org_id: i32,
        course_id: i32,
        held_on: i32,
        month: i32,
    }
    let facts: Vec<Facts> = lists
        .lessons
        .iter()
        .map(|lesson| Facts {
            lesson_id: lesson.lesson_id,
            org_id: lesson.org_id,
            course_id: lesson.course_id,
            held_on: lesson.held_on.0,
            month: lesson.held_on.month().0,
        })
        .collect();
    let statuses: Vec<&str> = AttendanceStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    let reasons: Vec<&str> = AbsenceReason::ALL
        .iter()
        .map(|reason| reason.as_str())
        .collect();
    // Distinct raw texts; verdicts that differ in the reason only share one.
    let mut raw_texts: Vec<&str> = Vec::new();
    let mut raw_index: FxHashMap<&str, i32> = FxHashMap::default();
    let codes: Vec<(i32, i32, i32)> = lists
        .verdicts
        .iter()
        .map(|verdict| {
            let raw = verdict.raw.as_deref().map_or(-1, |raw| {
                *raw_index.entry(raw).or_insert_with(|| {
                    raw_texts.push(raw);
                    raw_texts.len() as i32 - 1
                })
            });
            let reason = if verdict.status == AttendanceStatus::Absent {
                i32::from(verdict.reason.unwrap_or(AbsenceReason::Unknown).code()) - 1
            } else {
                -1
            };
            (i32::from(verdict.status.code()) - 1, reason, raw)
        })
        .collect();
    let mut batches = Vec::new();
    for order in sorted.order.chunks(BATCH_ROWS) {
        let take =
            |column: &[u32]| -> Vec<u32> { order.iter().map(|at| column[*at as usize]).collect() };
        let (lesson, pupil, verdict) = (take(&rows.lesson), take(&rows.pupil), take(&rows.verdict));
        let of_lesson32 = |pick: fn(&Facts) -> i32| -> Vec<i32> {
            lesson.iter().map(|at| pick(&facts[*at as usize])).collect()
        };
        let recorded_at = (!rows.recorded_at.is_empty()).then(|| {
            order
                .iter()
                .map(|at| Some(rows.recorded_at[*at as usize]).filter(|at| *at != i64::MIN))
                .collect()
        });
        let columns = Columns::default()
            .int32("org_id", of_lesson32(|facts| facts.org_id))
            .int64(
                "lesson_id",
                lesson
                    .iter()
                    .map(|at| facts[*at as usize].lesson_id)
                    .collect(),
            )
            .int64(
                "pupil_id",
                pupil
                    .iter()
                    .map(|at| lists.pupils[*at as usize].pupil_id)
                    .collect(),
            )
            .int32(
                "group_id",
                pupil
                    .iter()
                    .map(|at| lists.pupils[*at as usize].group_id)
                    .collect(),
            )
            .int32("course_id", of_lesson32(|facts| facts.course_id))
            .date("held_on", of_lesson32(|facts| facts.held_on))
            .int32("month", of_lesson32(|facts| facts.month))
            .codes(
                "status",
                verdict.iter().map(|at| codes[*at as usize].0).collect(),
                &statuses,
            )?
            .codes(
                "reason",
                verdict.iter().map(|at| codes[*at as usize].1).collect(),
                &reasons,
            )?
            .codes(
                "raw",
                verdict.iter().map(|at| codes[*at as usize].2).collect(),
                &raw_texts,
            )?;
        let columns = match recorded_at {
            Some(moments) => columns.maybe_timestamp("recorded_at", moments),
            None => columns.no_timestamp("recorded_at", order.len()),
        };
        let pick16 = |column: &[i16], default: i16| -> Vec<i16> {
            if column.is_empty() {
                vec![default; order.len()]
            } else {
                order.iter().map(|at| column[*at as usize]).collect()
            }
        };
        let import_id = if rows.import_id.is_empty() {
            vec![lists.import_id; order.len()]
        } else {
            order
                .iter()
                .map(|at| rows.import_id[*at as usize])
                .collect()
        };
        batches.push(
            columns
                .no_timestamp("recorded_after", order.len())
                .int32("import_id", import_id)
                .int16("sheet_no", pick16(&rows.sheet_no, 1))
                .int32(
                    "row_no",
                    order.iter().map(|at| rows.row_no[*at as usize]).collect(),
                )
                .int16("col_no", pick16(&rows.col_no, 0))
                .finish()?,
        );
    }
    Ok(batches)
}

/// Positions of texts in a list of distinct ones.
fn positions<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> (Vec<i32>, Vec<&'a str>) {
    let mut list: Vec<&str> = Vec::new();
    let mut index: FxHashMap<&str, i32> = FxHashMap::default();
    let positions = texts
        .map(|text| {
            text.map_or(-1, |text| {
                *index.entry(text).or_insert_with(|| {
                    list.push(text);
                    list.len() as i32 - 1
                })
            })
        })
        .collect();
    (positions, list)
}

/// Marks inside the cells of the rows that stay, in the order of the files.
pub(crate) fn marks_in_cells(
    rows: &Rows,
    sorted: &Sorted,
    lists: &Lists<'_>,
) -> Result<RecordBatch, ArrowError> {
    // Distinct mark texts over all verdicts, and the marks of each verdict as positions in them.
    let mut value_list: Vec<&str> = Vec::new();
    let mut index: FxHashMap<&str, i32> = FxHashMap::default();
    let marks_of: Vec<Vec<(i32, Option<i32>)>> = lists
        .verdicts
        .iter()
        .map(|verdict| {
            verdict
                .marks
                .iter()
                .map(|mark| {
                    let position = *index.entry(&mark.text).or_insert_with(|| {
                        value_list.push(&mark.text);
                        value_list.len() as i32 - 1
                    });
                    (position, mark.hundredths)
                })
                .collect()
        })
        .collect();
    // One entry per mark: the row, the ordinal in its cell, the text, the number.
    let mut marks: Vec<(u32, i16, i32, Option<i32>)> = Vec::new();
    for &at in &sorted.order {
        for (ordinal, (position, number)) in marks_of[rows.verdict[at as usize] as usize]
            .iter()
            .enumerate()
        {
            marks.push((at, ordinal as i16 + 1, *position, *number));
        }
    }
    let lesson = |at: u32| &lists.lessons[rows.lesson[at as usize] as usize];
    let pupil = |at: u32| lists.pupils[rows.pupil[at as usize] as usize];
    let count = marks.len();
    Columns::default()
        .int32(
            "org_id",
            marks.iter().map(|mark| lesson(mark.0).org_id).collect(),
        )
        .int64(
            "lesson_id",
            marks.iter().map(|mark| lesson(mark.0).lesson_id).collect(),
        )
        .int64(
            "pupil_id",
            marks.iter().map(|mark| pupil(mark.0).pupil_id).collect(),
        )
        .int32(
            "group_id",
            marks.iter().map(|mark| pupil(mark.0).group_id).collect(),
        )
        .int32(
            "course_id",
            marks.iter().map(|mark| lesson(mark.0).course_id).collect(),
        )
        .int16("seq", marks.iter().map(|mark| mark.1).collect())
        .date(
            "held_on",
            marks.iter().map(|mark| lesson(mark.0).held_on.0).collect(),
        )
        .int32(
            "month",
            marks
                .iter()
                .map(|mark| lesson(mark.0).held_on.month().0)
                .collect(),
        )
        .codes(
            "value",
            marks.iter().map(|mark| mark.2).collect(),
            &value_list,
        )?
        .maybe_hours("value_num", marks.iter().map(|mark| mark.3).collect())
        .maybe_hours("weight", vec![None; count])
        .codes("work_kind", vec![-1; count], &[])?
        .maybe_date("due_on", vec![None; count])
        .no_timestamp("recorded_at", count)
        .int32(
            "import_id",
            marks
                .iter()
                .map(|mark| {
                    rows.import_id
                        .get(mark.0 as usize)
                        .copied()
                        .unwrap_or(lists.import_id)
                })
                .collect(),
        )
        .int16(
            "sheet_no",
            marks
                .iter()
                .map(|mark| rows.sheet_no.get(mark.0 as usize).copied().unwrap_or(1))
                .collect(),
        )
        .int32(
            "row_no",
            marks
                .iter()
                .map(|mark| rows.row_no[mark.0 as usize])
                .collect(),
        )
        .int16(
            "col_no",
            marks
                .iter()
                .map(|mark| rows.col_no[mark.0 as usize])
                .collect(),
        )
        .finish()
}

/// Marks told apart from cells, and live ones that stay.
pub(crate) fn mark_batch(
    mut marks: Vec<Mark>,
    lists: &Lists<'_>,
) -> Result<RecordBatch, ArrowError> {
    let lesson = |mark: &Mark| &lists.lessons[mark.lesson as usize];
    let pupil = |mark: &Mark| lists.pupils[mark.pupil as usize];
    marks.sort_unstable_by_key(|mark| {
        let lesson = lesson(mark);
        (
            lesson.org_id,
            pupil(mark),
            lesson.held_on,
            lesson.lesson_id,
            mark.seq,
            mark.row_no,
        )
    });
    let (value_at, value_list) = positions(marks.iter().map(|mark| Some(&*mark.value)));
    let (kind_at, kind_list) = positions(marks.iter().map(|mark| mark.work_kind.as_deref()));
    Columns::default()
        .int32(
            "org_id",
            marks.iter().map(|mark| lesson(mark).org_id).collect(),
        )
        .int64(
            "lesson_id",
            marks.iter().map(|mark| lesson(mark).lesson_id).collect(),
        )
        .int64(
            "pupil_id",
            marks.iter().map(|mark| pupil(mark).pupil_id).collect(),
        )
        .int32(
            "group_id",
            marks.iter().map(|mark| pupil(mark).group_id).collect(),
        )
        .int32(
            "course_id",
            marks.iter().map(|mark| lesson(mark).course_id).collect(),
        )
        .int16("seq", marks.iter().map(|mark| mark.seq).collect())
        .date(
            "held_on",
            marks.iter().map(|mark| lesson(mark).held_on.0).collect(),
        )
        .int32(
            "month",
            marks
                .iter()
                .map(|mark| lesson(mark).held_on.month().0)
                .collect(),
        )
        .codes("value", value_at, &value_list)?
        .maybe_hours(
            "value_num",
            marks.iter().map(|mark| mark.value_num).collect(),
        )
        .maybe_hours("weight", marks.iter().map(|mark| mark.weight).collect())
        .codes("work_kind", kind_at, &kind_list)?
        .maybe_date("due_on", marks.iter().map(|mark| mark.due_on).collect())
        .maybe_timestamp(
            "recorded_at",
            marks.iter().map(|mark| mark.recorded_at).collect(),
        )
        .int32(
            "import_id",
            marks.iter().map(|mark| mark.import_id).collect(),
        )
        .int16("sheet_no", marks.iter().map(|mark| mark.sheet_no).collect())
        .int32("row_no", marks.iter().map(|mark| mark.row_no).collect())
        .int16("col_no", marks.iter().map(|mark| mark.col_no).collect())
        .finish()
}

/// Live attendance read back from the lake.
#[derive(Debug)]
pub(crate) struct LiveRow {
    pub lesson_id: i64,
    pub pupil: PupilRef,
    pub course_id: i32,
    pub held_on: i32,
    pub status: AttendanceStatus,
    pub reason: Option<AbsenceReason>,
    pub raw: Option<Box<str>>,
    pub recorded_at: i64,
    pub import_id: i32,
    pub sheet_no: i16,
    pub row_no: i32,
    pub col_no: i16,
}

pub(crate) fn live_attendance(batches: &[RecordBatch]) -> Vec<LiveRow> {
    let mut rows = Vec::new();
    for batch in batches {
        let lesson_id = values::<Int64Type>(batch, "lesson_id");
        let pupil_id = values::<Int64Type>(batch, "pupil_id");
        let group_id = values::<Int32Type>(batch, "group_id");
        let course_id = values::<Int32Type>(batch, "course_id");
        let held_on = values::<Date32Type>(batch, "held_on");
        let status = texts(batch, "status");
        let reason = texts(batch, "reason");
        let raw = texts(batch, "raw");
        let recorded_at = maybe_values::<TimestampMicrosecondType>(batch, "recorded_at");
        let import_id = values::<Int32Type>(batch, "import_id");
        let sheet_no = values::<Int16Type>(batch, "sheet_no");
        let row_no = values::<Int32Type>(batch, "row_no");
        let col_no = values::<Int16Type>(batch, "col_no");
        for at in 0..batch.num_rows() {
            rows.push(LiveRow {
                lesson_id: lesson_id[at],
                pupil: PupilRef {
                    group_id: group_id[at],
                    pupil_id: pupil_id[at],
                },
                course_id: course_id[at],
                held_on: held_on[at],
                status: status[at]
                    .and_then(AttendanceStatus::parse)
                    .unwrap_or(AttendanceStatus::Unrecorded),
                reason: reason[at].and_then(AbsenceReason::parse),
                raw: raw[at].map(Into::into),
                recorded_at: recorded_at[at].unwrap_or(i64::MIN),
                import_id: import_id[at],
                sheet_no: sheet_no[at],
                row_no: row_no[at],
                col_no: col_no[at],
            });
        }
    }
    rows
}

/// Live marks read back from the lake, with the ids of their lessons.
pub(crate) fn live_marks(batches: &[RecordBatch]) -> Vec<(i64, PupilRef, i32, i32, Mark)> {
    let mut rows = Vec::new();
    for batch in batches {
        let lesson_id = values::<Int64Type>(batch, "lesson_id");
        let pupil_id = values::<Int64Type>(batch, "pupil_id");
        let group_id = values::<Int32Type>(batch, "group_id");
        let course_id = values::<Int32Type>(batch, "course_id");
        let held_on = values::<Date32Type>(batch, "held_on");
        let seq = values::<Int16Type>(batch, "seq");
        let value = texts(batch, "value");
        let value_num = maybe_hundredths(batch, "value_num");
        let weight = maybe_hundredths(batch, "weight");
        let work_kind = texts(batch, "work_kind");
        let due_on = maybe_values::<Date32Type>(batch, "due_on");
        let recorded_at = maybe_values::<TimestampMicrosecondType>(batch, "recorded_at");
        let import_id = values::<Int32Type>(batch, "import_id");
        let sheet_no = values::<Int16Type>(batch, "sheet_no");
        let row_no = values::<Int32Type>(batch, "row_no");
        let col_no = values::<Int16Type>(batch, "col_no");
        for at in 0..batch.num_rows() {
            let mark = Mark {
                lesson: 0,
                pupil: 0,
                seq: seq[at],
                value: value[at].unwrap_or("").into(),
                value_num: value_num[at],
                weight: weight[at],
                work_kind: work_kind[at].map(Into::into),
                due_on: due_on[at],
                recorded_at: recorded_at[at],
                import_id: import_id[at],
                sheet_no: sheet_no[at],
                row_no: row_no[at],
                col_no: col_no[at],
            };
            let pupil = PupilRef {
                group_id: group_id[at],
                pupil_id: pupil_id[at],
            };
            rows.push((lesson_id[at], pupil, course_id[at], held_on[at], mark));
        }
    }
    rows
}
