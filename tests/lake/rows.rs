//! Rows to fill a lake with, and a lake to fill.

use super::{BEGINNING, DAY, first_day};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int8Array, Int16Array,
    Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use svodka_journal::Day;
use svodka_journal::contract::{self, ColumnKind, TABLES};
use svodka_lake::{
    Access, AsOf, Commit, Filter, ImportRecord, ImportStatus, Key, Lake, TableChange, arrow_schema,
};

/// A final result, the smallest table that is divided by organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultRow {
    pub org_id: i32,
    pub course_id: i32,
    pub period_id: i32,
    pub pupil_id: i64,
    pub value: Option<String>,
    pub row_no: i32,
}

pub fn result_batch(rows: &[ResultRow]) -> RecordBatch {
    let ints = |value: fn(&ResultRow) -> i32| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<Int32Array>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("org_id", ints(|row| row.org_id)),
        (
            "pupil_id",
            Arc::new(rows.iter().map(|row| row.pupil_id).collect::<Int64Array>()),
        ),
        ("course_id", ints(|row| row.course_id)),
        ("period_id", ints(|row| row.period_id)),
        (
            "value",
            Arc::new(
                rows.iter()
                    .map(|row| row.value.as_deref())
                    .collect::<StringArray>(),
            ),
        ),
        (
            "outcome",
            Arc::new(StringArray::from(vec!["completed"; rows.len()])),
        ),
        ("import_id", ints(|_| 1)),
        ("sheet_no", Arc::new(Int16Array::from(vec![1; rows.len()]))),
        ("row_no", ints(|row| row.row_no)),
        ("col_no", Arc::new(Int16Array::from(vec![3; rows.len()]))),
    ];
    RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, array)| (name, array, name == "value")),
    )
    .unwrap()
}

pub fn result_rows(batches: &[RecordBatch]) -> Vec<ResultRow> {
    let mut rows = Vec::new();
    for batch in batches {
        let int = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_primitive::<Int32Type>()
                .clone()
        };
        let pupils = batch
            .column_by_name("pupil_id")
            .unwrap()
            .as_primitive::<Int64Type>();
        let values = arrow::compute::cast(
            batch.column_by_name("value").unwrap(),
            &arrow::datatypes::DataType::Utf8,
        )
        .unwrap();
        let values = values.as_string::<i32>();
        for at in 0..batch.num_rows() {
            rows.push(ResultRow {
                org_id: int("org_id").value(at),
                course_id: int("course_id").value(at),
                period_id: int("period_id").value(at),
                pupil_id: pupils.value(at),
                value: values.is_valid(at).then(|| values.value(at).to_owned()),
                row_no: int("row_no").value(at),
            });
        }
    }
    rows
}

pub fn result(
    org_id: i32,
    course_id: i32,
    period_id: i32,
    pupil_id: i64,
    value: &str,
) -> ResultRow {
    ResultRow {
        org_id,
        course_id,
        period_id,
        pupil_id,
        value: Some(value.to_owned()),
        row_no: 7,
    }
}

pub fn results(rows: &[ResultRow], replaced: &[Key]) -> Commit {
    Commit {
        changes: vec![TableChange {
            table: "result",
            rows: vec![result_batch(rows)],
            replaced: replaced.to_vec(),
        }],
        note: "results".to_owned(),
        ..Commit::default()
    }
}

pub async fn open(dir: &Path) -> Lake {
    Lake::open(dir, Access::ReadWrite, first_day).await.unwrap()
}

pub async fn commit(lake: &Lake, commit: Commit) -> i64 {
    let writer = lake.writer().await.unwrap();
    writer.commit(commit).await.unwrap().snapshot_id
}

pub async fn sorted_results(lake: &Lake, as_of: AsOf) -> Vec<ResultRow> {
    let snapshot = lake.snapshot(as_of).await.unwrap();
    let batches = lake
        .read(&snapshot, "result", Filter::default())
        .await
        .unwrap();
    let mut rows = result_rows(&batches);
    rows.sort();
    rows
}

pub fn import(import_id: i64, sha256: &str, status: ImportStatus) -> ImportRecord {
    ImportRecord {
        import_id: i32::try_from(import_id).unwrap(),
        sha256: sha256.to_owned(),
        file_name: "5Б.xlsx".to_owned(),
        file_bytes: 4_096,
        engine: "school-workbook".to_owned(),
        org_id: Some(1),
        exported_at: Some(BEGINNING - DAY),
        imported_at: BEGINNING,
        status,
        rows: BTreeMap::from([("lesson".to_owned(), 412)]),
        sheets: vec!["Лист1".to_owned()],
    }
}

pub fn data_files(dir: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for table in TABLES {
        for entry in std::fs::read_dir(dir.join("files").join(table.name)).unwrap() {
            paths.push(entry.unwrap().path());
        }
    }
    paths
}

/// A batch of any table: every value follows from the row number.
pub fn any_batch(table: &str, org_id: i32, rows: i64) -> RecordBatch {
    let table = contract::table(table).unwrap();
    let numbers: Vec<i64> = (0..rows).collect();
    let columns: Vec<ArrayRef> = table
        .columns
        .iter()
        .map(|column| -> ArrayRef {
            let is_null = |number: i64| column.is_nullable && number % 5 == 3;
            let wrap = |number: i64| (!is_null(number)).then_some(number);
            let integers = numbers.iter().map(|&number| wrap(number));
            if column.name == "org_id" {
                return Arc::new(Int32Array::from(vec![org_id; numbers.len()]));
            }
            match column.kind {
                ColumnKind::Int8 => Arc::new(
                    integers
                        .map(|number| number.map(|number| (number % 7 + 1) as i8))
                        .collect::<Int8Array>(),
                ),
                ColumnKind::Int16 => Arc::new(
                    integers
                        .map(|number| number.map(|number| number as i16))
                        .collect::<Int16Array>(),
                ),
                ColumnKind::Int32 => Arc::new(
                    integers
                        .map(|number| number.map(|number| number as i32))
                        .collect::<Int32Array>(),
                ),
                ColumnKind::Int64 | ColumnKind::PersonId => {
                    Arc::new(integers.collect::<Int64Array>())
                }
                ColumnKind::Bool => Arc::new(
                    integers
                        .map(|number| number.map(|number| number % 2 == 0))
                        .collect::<BooleanArray>(),
                ),
                ColumnKind::Date => Arc::new(
                    integers
                        .map(|number| number.map(|number| 20_366 + number as i32))
                        .collect::<Date32Array>(),
                ),
                ColumnKind::Timestamp => Arc::new(
                    integers
                        .map(|number| number.map(|number| BEGINNING + number * 1_500_001))
                        .collect::<TimestampMicrosecondArray>()
                        .with_timezone("UTC"),
                ),
                ColumnKind::Hours => Arc::new(
                    integers
                        .map(|number| number.map(|number| i128::from(number) * 25 - 100))
                        .collect::<Decimal128Array>()
                        .with_precision_and_scale(7, 2)
                        .unwrap(),
                ),
                ColumnKind::Enum | ColumnKind::Code | ColumnKind::Text => Arc::new(
                    integers
                        .map(|number| number.map(|number| format!("текст «{}»", number % 3)))
                        .collect::<StringArray>(),
                ),
            }
        })
        .collect();
    let fields = table
        .columns
        .iter()
        .zip(columns)
        .map(|(column, array)| (column.name, array, column.is_nullable));
    RecordBatch::try_from_iter_with_nullable(fields).unwrap()
}

/// Attendance of one institution as a journal writes it: groups of 25, five lessons a day.
pub fn attendance_of_an_institution(org_id: i32, groups: i32, days: i32) -> RecordBatch {
    let mut columns: Vec<Vec<i64>> = vec![Vec::new(); 16];
    let mut random: u64 = 42;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    for group in 0..groups {
        let mut pupils: Vec<i64> = (0..25).map(|_| (next(u64::MAX) >> 1) as i64).collect();
        pupils.sort_unstable();
        // When the teacher of a lesson filled the journal in.
        let delays: Vec<i64> = (0..days * 5).map(|_| next(40_000) as i64).collect();
        for (pupil_no, &pupil) in pupils.iter().enumerate() {
            let mut is_ill = 0;
            for lesson in 0..days * 5 {
                let (day, lesson_no) = (lesson / 5, lesson % 5);
                if lesson_no == 0 && is_ill > 0 {
                    is_ill -= 1;
                } else if lesson_no == 0 && next(60) == 0 {
                    is_ill = 2 + next(6) as i32;
                }
                let is_absent = is_ill > 0 || next(40) == 0;
                let held_on = 20_332 + day / 5 * 7 + day % 5;
                let civil = Day(held_on).civil();
                let course = org_id * 1_000 + group * 12 + (day % 2 * 5 + lesson_no);
                let values = [
                    i64::from(org_id),
                    i64::from(org_id) * 1_000_000 + i64::from(group * days * 5 + lesson) + 1,
                    pupil,
                    i64::from(group + org_id * 100),
                    i64::from(course),
                    i64::from(held_on),
                    i64::from(civil.0 * 100 + civil.1 as i32),
                    i64::from(is_absent),
                    match (is_absent, is_ill > 0) {
                        (false, _) => -1,
                        (true, true) => 0,
                        (true, false) => 1,
                    },
                    i64::from(is_absent),
                    i64::from(held_on) * DAY
                        + 36_000_000_000
                        + delays[lesson as usize] * 60_000_000,
                    -1,
                    i64::from(org_id),
                    1,
                    1 + i64::from(group * days * 5 + lesson) * 25 + pupil_no as i64,
                    0,
                ];
                for (column, value) in columns.iter_mut().zip(values) {
                    column.push(value);
                }
            }
        }
    }
    let table = contract::table("attendance").unwrap();
    let arrays: Vec<ArrayRef> = table
        .columns
        .iter()
        .zip(columns)
        .map(|(column, values)| -> ArrayRef {
            let values = values.iter().copied();
            let optional = |value: i64| (!(column.is_nullable && value < 0)).then_some(value);
            match column.kind {
                ColumnKind::Int16 => {
                    Arc::new(values.map(|value| value as i16).collect::<Int16Array>())
                }
                ColumnKind::Int32 => {
                    Arc::new(values.map(|value| value as i32).collect::<Int32Array>())
                }
                ColumnKind::Date => Arc::new(Date32Array::from_iter_values(
                    values.map(|value| value as i32),
                )),
                ColumnKind::Timestamp => Arc::new(
                    values
                        .map(optional)
                        .collect::<TimestampMicrosecondArray>()
                        .with_timezone("UTC"),
                ),
                ColumnKind::Enum | ColumnKind::Code => {
                    let words: &[&str] = match column.name {
                        "status" => &["present", "absent"],
                        "reason" => &["illness", "unknown"],
                        _ => &["", "н"],
                    };
                    Arc::new(
                        values
                            .map(|value| optional(value).map(|value| words[value as usize]))
                            .collect::<StringArray>(),
                    )
                }
                _ => Arc::new(values.collect::<Int64Array>()),
            }
        })
        .collect();
    let arrays: Vec<ArrayRef> = arrays
        .iter()
        .zip(arrow_schema(table).fields())
        .map(|(array, field)| arrow::compute::cast(array, field.data_type()).unwrap())
        .collect();
    RecordBatch::try_new(arrow_schema(table), arrays).unwrap()
}
