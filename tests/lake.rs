//! The lake: what is committed is read back, at every snapshot, whatever was replaced or merged.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int8Array, Int16Array,
    Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int16Type, Int32Type, Int64Type};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use svodka_journal::contract::{self, ColumnKind, TABLES};
use svodka_journal::{Day, Finding, Severity};
use svodka_lake::{
    Access, AsOf, Commit, Filter, FindingFilter, GcOptions, ImportFilter, ImportRecord,
    ImportStatus, Key, KeyKind, Lake, LakeError, ProblemKind, Sequence, SliceState, StatValue,
    TableChange, arrow_schema, check_sqlite_version, network_file_system,
};
use tempfile::TempDir;

const DAY: i64 = 86_400_000_000;

/// 2025-10-05 00:00 UTC in microseconds.
const BEGINNING: i64 = 20_366 * DAY;

fn first_day() -> i64 {
    BEGINNING
}

fn second_day() -> i64 {
    BEGINNING + DAY
}

fn third_day() -> i64 {
    BEGINNING + 2 * DAY
}

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

fn result_rows(batches: &[RecordBatch]) -> Vec<ResultRow> {
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

fn result(org_id: i32, course_id: i32, period_id: i32, pupil_id: i64, value: &str) -> ResultRow {
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

async fn commit(lake: &Lake, commit: Commit) -> i64 {
    let writer = lake.writer().await.unwrap();
    writer.commit(commit).await.unwrap().snapshot_id
}

async fn sorted_results(lake: &Lake, as_of: AsOf) -> Vec<ResultRow> {
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

fn data_files(dir: &Path) -> Vec<PathBuf> {
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

#[tokio::test]
async fn every_table_and_type_is_read_back_as_written() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    for table in TABLES {
        let written = any_batch(table.name, 1, 40);
        let change = TableChange {
            table: table.name,
            rows: vec![written.clone()],
            replaced: Vec::new(),
        };
        commit(
            &lake,
            Commit {
                changes: vec![change],
                ..Commit::default()
            },
        )
        .await;
        let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
        let read = lake
            .read(&snapshot, table.name, Filter::default())
            .await
            .unwrap();
        let read = arrow::compute::concat_batches(&arrow_schema(table), &read).unwrap();
        assert_eq!(read.schema(), arrow_schema(table), "{}", table.name);
        assert_eq!(read.num_rows(), 40);
        // The rows may have moved to the table's order: compare them as sets of texts.
        assert_eq!(as_texts(&read), as_texts(&written), "{}", table.name);
        let file = &snapshot.files(table.name)[0];
        assert_eq!(file.rows, 40);
        let bytes = std::fs::metadata(lake.file_path(file)).unwrap().len();
        assert_eq!(file.bytes, bytes as i64);
    }
}

fn as_texts(batch: &RecordBatch) -> BTreeSet<String> {
    (0..batch.num_rows())
        .map(|row| {
            batch
                .columns()
                .iter()
                .map(|column| {
                    arrow::util::display::array_value_to_string(column, row).unwrap() + "|"
                })
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn the_catalog_tells_the_range_of_every_column() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let change = TableChange {
        table: "plan_item",
        rows: vec![any_batch("plan_item", 4, 40)],
        replaced: Vec::new(),
    };
    let changes = vec![change];
    commit(
        &lake,
        Commit {
            changes,
            ..Commit::default()
        },
    )
    .await;
    // A second process reads what the first one wrote down.
    let other = Lake::open(dir.path(), Access::ReadOnly, first_day)
        .await
        .unwrap();
    let snapshot = other.snapshot(AsOf::Latest).await.unwrap();
    let file = &snapshot.files("plan_item")[0];
    assert_eq!(file.org_id, Some(4));
    let table = contract::table("plan_item").unwrap();
    let range = |name: &str| file.columns[table.column_index(name).unwrap()].clone();
    assert_eq!(range("org_id").int_range(), Some((4, 4)));
    assert_eq!(range("course_id").int_range(), Some((0, 39)));
    // Every fifth value (3, 8, …, 38) of a nullable column is null: 8 of 40.
    assert_eq!(range("planned_on").int_range(), Some((20_366, 20_366 + 39)));
    assert_eq!(range("planned_on").null_count, 8);
    assert_eq!(range("hours").int_range(), Some((-100, 39 * 25 - 100)));
    assert_eq!(
        range("loaded_at").int_range(),
        Some((BEGINNING, BEGINNING + 39 * 1_500_001))
    );
    assert_eq!(
        range("topic").min,
        Some(StatValue::Text("текст «0»".into()))
    );
}

#[tokio::test]
async fn a_commit_drops_the_rows_it_names_and_no_others() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let (kept, gone) = (result(1, 10, 1, 5, "4"), result(1, 10, 2, 5, "4"));
    let elsewhere = result(2, 20, 2, 6, "3");
    commit(
        &lake,
        results(&[kept.clone(), gone.clone(), elsewhere.clone()], &[]),
    )
    .await;
    let added = result(1, 10, 2, 5, "5");
    commit(&lake, results(&[added.clone()], &[[10, 2, 0]])).await;
    assert_eq!(
        sorted_results(&lake, AsOf::Latest).await,
        [kept.clone(), added, elsewhere.clone()]
    );
    // Only removing is a commit too.
    commit(&lake, results(&[], &[[10, 2, 0]])).await;
    assert_eq!(sorted_results(&lake, AsOf::Latest).await, [kept, elsewhere]);
    let log = lake.log().await.unwrap();
    let last = &log.last().unwrap().tables[0];
    assert_eq!((last.added_rows, last.removed_rows), (0, 1));
}

#[tokio::test]
async fn older_snapshots_stay_as_they_were() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (result(1, 10, 1, 5, "3"), result(1, 10, 1, 5, "5"));
    let lake = Lake::open(dir.path(), Access::ReadWrite, second_day)
        .await
        .unwrap();
    let first = commit(&lake, results(std::slice::from_ref(&old), &[])).await;
    let lake = Lake::open(dir.path(), Access::ReadWrite, third_day)
        .await
        .unwrap();
    let second = commit(&lake, results(std::slice::from_ref(&new), &[[10, 1, 0]])).await;

    assert_eq!(second, first + 1);
    assert_eq!(sorted_results(&lake, AsOf::Latest).await, [new.clone()]);
    assert_eq!(sorted_results(&lake, AsOf::Id(first)).await, [old.clone()]);
    assert_eq!(sorted_results(&lake, AsOf::Id(second)).await, [new.clone()]);
    assert_eq!(
        sorted_results(&lake, AsOf::At(BEGINNING + DAY)).await,
        [old.clone()]
    );
    assert_eq!(
        sorted_results(&lake, AsOf::At(BEGINNING + 2 * DAY - 1)).await,
        [old]
    );
    assert_eq!(
        sorted_results(&lake, AsOf::At(BEGINNING + 2 * DAY)).await,
        [new]
    );
    assert_eq!(
        lake.snapshot(AsOf::Id(99)).await.unwrap_err().to_string(),
        "there is no snapshot 99; `svodka lake log` lists them"
    );
    assert_eq!(
        lake.snapshot(AsOf::At(BEGINNING))
            .await
            .unwrap_err()
            .to_string(),
        "there is no snapshot at or before 2025-10-05 00:00:00+00; `svodka lake log` lists them"
    );
}

#[tokio::test]
async fn each_file_of_a_large_table_holds_one_organisation() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let rows: Vec<ResultRow> = (0..30)
        .map(|number| result(number % 3 + 1, 10, number, 5, "4"))
        .collect();
    commit(&lake, results(&rows, &[])).await;
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let orgs: Vec<_> = snapshot
        .files("result")
        .iter()
        .map(|file| (file.org_id, file.rows))
        .collect();
    assert_eq!(orgs, [(Some(1), 10), (Some(2), 10), (Some(3), 10)]);
}

#[tokio::test]
async fn a_reader_asks_for_rows_and_columns() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let rows: Vec<ResultRow> = (0..12)
        .map(|number| result(number % 2 + 1, number % 4, number / 4, 5, "4"))
        .collect();
    commit(&lake, results(&rows, &[])).await;
    let writer = lake.writer().await.unwrap();
    let filter = Filter {
        org_id: Some(1),
        keys: Some(&[[2, 1, 0], [1, 1, 0]]),
        columns: Some(&["period_id", "course_id", "sheet_no"]),
    };
    let batches = writer.read("result", filter).await.unwrap();
    // Course 1 belongs to organisation 2: only (course 2, period 1) is left.
    assert_eq!(batches.len(), 1);
    let batch = &batches[0];
    assert_eq!(batch.num_rows(), 1);
    let names: Vec<_> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["period_id", "course_id", "sheet_no"]);
    assert_eq!(batch.column(0).as_primitive::<Int32Type>().value(0), 1);
    assert_eq!(batch.column(1).as_primitive::<Int32Type>().value(0), 2);
    assert_eq!(batch.column(2).as_primitive::<Int16Type>().value(0), 1);
}

#[tokio::test]
async fn numbers_are_given_out_once_and_only_by_a_commit() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let mut writer = lake.writer().await.unwrap();
    assert_eq!(writer.next_ids(Sequence::Lesson, 400), 1);
    assert_eq!(writer.next_ids(Sequence::Lesson, 1), 401);
    assert_eq!(writer.next_ids(Sequence::Course, 1), 1);
    drop(writer);

    let mut writer = lake.writer().await.unwrap();
    assert_eq!(writer.next_ids(Sequence::Lesson, 400), 1);
    writer.add_keys(KeyKind::Group, 1, &[("5Б|2025".to_owned(), 12)]);
    assert_eq!(
        writer.id_of(KeyKind::Group, 1, "5Б|2025").await.unwrap(),
        Some(12)
    );
    writer.commit(Commit::default()).await.unwrap();

    let mut writer = lake.writer().await.unwrap();
    assert_eq!(writer.next_ids(Sequence::Lesson, 1), 401);
    assert_eq!(
        writer.id_of(KeyKind::Group, 1, "5Б|2025").await.unwrap(),
        Some(12)
    );
    assert_eq!(
        writer.id_of(KeyKind::Group, 2, "5Б|2025").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn the_same_bytes_are_loaded_once_but_rejected_ones_may_be_tried_again() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let finding = Finding {
        severity: Severity::Error,
        code: "organisation-unknown".to_owned(),
        sheet: None,
        cell: None,
        found: "ничего".to_owned(),
        expected: "учреждение".to_owned(),
        hint: "укажите --org".to_owned(),
    };
    let rejected = Commit {
        import: Some(import(1, "aa", ImportStatus::Rejected)),
        findings: vec![finding.clone()],
        ..Commit::default()
    };
    let before = lake.snapshot(AsOf::Latest).await.unwrap().id;
    assert_eq!(commit(&lake, rejected).await, before);
    let writer = lake.writer().await.unwrap();
    assert!(writer.known_import("aa").await.unwrap().is_none());
    drop(writer);
    let stored = lake.findings(&FindingFilter::default()).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].finding, finding);
    assert_eq!(stored[0].file_name, "5Б.xlsx");

    let loaded = Commit {
        import: Some(import(2, "aa", ImportStatus::Loaded)),
        ..Commit::default()
    };
    assert_eq!(commit(&lake, loaded.clone()).await, before + 1);
    let imports = lake.imports(&ImportFilter::default()).await.unwrap();
    assert_eq!(imports.len(), 1);
    assert_eq!(imports[0].import, import(2, "aa", ImportStatus::Loaded));
    assert_eq!(imports[0].errors, 0);
    let latest = lake.snapshot(AsOf::Latest).await.unwrap();
    assert_eq!(latest.data_as_of, Some(BEGINNING - DAY));

    let again = Commit {
        import: Some(import(3, "aa", ImportStatus::Loaded)),
        ..results(&[result(1, 1, 1, 1, "5")], &[])
    };
    let writer = lake.writer().await.unwrap();
    assert_eq!(
        writer
            .known_import("aa")
            .await
            .unwrap()
            .unwrap()
            .import
            .import_id,
        2
    );
    let error = writer.commit(again).await.unwrap_err();
    assert!(matches!(error, LakeError::AlreadyImported { import_id: 2 }));
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().id, before + 1);
    assert_eq!(data_files(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_slice_has_one_owner_at_a_time() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let slice = |course_id, import_id: i32, memo: &str| SliceState {
        course_id,
        month: 202_510,
        import_id,
        exported_at: BEGINNING + i64::from(import_id),
        engine: "long".to_owned(),
        memo: memo.to_owned(),
    };
    for slices in [
        vec![slice(1, 1, ""), slice(2, 1, "")],
        vec![slice(2, 2, "{\"pupils\":2}")],
    ] {
        commit(
            &lake,
            Commit {
                slices,
                ..Commit::default()
            },
        )
        .await;
    }
    let writer = lake.writer().await.unwrap();
    assert_eq!(
        writer.live_slices(&[1, 2, 3]).await.unwrap(),
        [slice(1, 1, ""), slice(2, 2, "{\"pupils\":2}")]
    );
    assert_eq!(writer.live_slices(&[3]).await.unwrap(), []);
}

#[tokio::test]
async fn small_files_become_few() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let row = |number: i32| result(1, number, 1, i64::from(1_000 - number), "4");
    let mut counts = Vec::new();
    for number in 0..17 {
        commit(&lake, results(&[row(number)], &[])).await;
        let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
        counts.push(snapshot.files("result").len());
    }
    assert!(counts.iter().all(|&count| count < 8), "{counts:?}");
    let all: Vec<ResultRow> = (0..17).map(row).collect();
    assert_eq!(sorted_results(&lake, AsOf::Latest).await, all);

    let before = lake.snapshot(AsOf::Latest).await.unwrap().id;
    let merged = lake.compact().await.unwrap().unwrap();
    assert_eq!(merged.snapshot_id, before + 1);
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    assert_eq!(snapshot.files("result").len(), 1);
    assert_eq!(sorted_results(&lake, AsOf::Latest).await, all);
    assert_eq!(sorted_results(&lake, AsOf::Id(before)).await, all);
    assert!(lake.compact().await.unwrap().is_none());
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().id, before + 1);
}

#[tokio::test]
async fn rows_that_do_not_fit_change_nothing() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let good = result_batch(&[result(1, 1, 1, 1, "5")]);
    let without_column = good.project(&[0, 1, 2]).unwrap();
    let change = |table, rows| TableChange {
        table,
        rows: vec![rows],
        replaced: Vec::new(),
    };
    let before = lake.snapshot(AsOf::Latest).await.unwrap().id;
    for (bad, expected) in [
        (
            change("result", without_column),
            "rows for table \"result\" do not fit: no column period_id",
        ),
        (
            change("resultat", good.clone()),
            "there is no table \"resultat\" in the lake",
        ),
    ] {
        let writer = lake.writer().await.unwrap();
        let mixed = Commit {
            changes: vec![change("result", good.clone()), bad],
            ..Commit::default()
        };
        assert_eq!(
            writer.commit(mixed).await.unwrap_err().to_string(),
            expected
        );
    }
    assert_eq!(lake.snapshot(AsOf::Latest).await.unwrap().id, before);
    assert_eq!(data_files(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn one_writer_at_a_time_and_none_in_a_lake_opened_for_reading() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let writer = lake.writer().await.unwrap();
    let lock = std::fs::File::open(dir.path().join("lake.lock")).unwrap();
    assert!(matches!(
        lock.try_lock(),
        Err(std::fs::TryLockError::WouldBlock)
    ));
    // Readers go on meanwhile.
    assert_eq!(sorted_results(&lake, AsOf::Latest).await, []);
    writer.commit(Commit::default()).await.unwrap();
    lock.try_lock().unwrap();

    let reader = Lake::open(dir.path(), Access::ReadOnly, first_day)
        .await
        .unwrap();
    assert!(matches!(
        reader.writer().await.unwrap_err(),
        LakeError::ReadOnly
    ));
}

#[tokio::test]
async fn verify_names_missing_torn_and_changed_files_and_counts_strays() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    for org_id in 1..=4 {
        commit(&lake, results(&[result(org_id, org_id, 1, 1, "5")], &[])).await;
    }
    let report = lake.verify(AsOf::Latest).await.unwrap();
    assert!(report.is_sound());
    assert_eq!(report.files, 4);

    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let paths: Vec<PathBuf> = snapshot
        .files("result")
        .iter()
        .map(|file| lake.file_path(file))
        .collect();
    std::fs::remove_file(&paths[0]).unwrap();
    let bytes = std::fs::read(&paths[1]).unwrap();
    std::fs::write(&paths[1], &bytes[..100]).unwrap();
    let mut bytes = std::fs::read(&paths[2]).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&paths[2], &bytes).unwrap();
    std::fs::write(dir.path().join("files/result/stray.parquet"), "?").unwrap();

    let report = lake.verify(AsOf::Latest).await.unwrap();
    assert!(!report.is_sound());
    let kinds: Vec<&ProblemKind> = report
        .problems
        .iter()
        .map(|problem| &problem.kind)
        .collect();
    let expected_bytes = snapshot.files("result")[1].bytes;
    assert_eq!(
        kinds,
        [
            &ProblemKind::Missing,
            &ProblemKind::Torn {
                expected_bytes,
                found_bytes: 100
            },
            &ProblemKind::Changed
        ]
    );
    assert_eq!(report.extra, [PathBuf::from("files/result/stray.parquet")]);
    let error = lake
        .read(&snapshot, "result", Filter::default())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the file is missing; `svodka lake verify` lists damaged files"),
        "{error}"
    );
}

#[tokio::test]
async fn the_collector_keeps_what_is_latest_pinned_or_young() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let mut snapshots = Vec::new();
    for value in ["2", "3", "4", "5"] {
        let rows = [result(1, 1, 1, 1, value)];
        snapshots.push(commit(&lake, results(&rows, &[[1, 1, 0]])).await);
    }
    std::fs::write(dir.path().join("files/result/.unfinished-1.parquet"), "?").unwrap();
    lake.pin(snapshots[1], "отчёт № 1").await.unwrap();
    assert_eq!(data_files(dir.path()).len(), 5);

    // All snapshots are of the beginning; after 30 days nothing is old enough to go.
    let report = lake
        .gc(&GcOptions::new(BEGINNING + 30 * DAY))
        .await
        .unwrap();
    assert_eq!((report.snapshots, report.files), (0, 0));

    let report = lake
        .gc(&GcOptions::new(BEGINNING + 31 * DAY))
        .await
        .unwrap();
    // The stray file was written by the machine's clock, later than that: it stays for now.
    assert_eq!(report.files, 2);
    assert_eq!(data_files(dir.path()).len(), 3);
    let value = |rows: Vec<ResultRow>| rows[0].value.clone().unwrap();
    assert_eq!(
        value(sorted_results(&lake, AsOf::Id(snapshots[1])).await),
        "3"
    );
    assert_eq!(value(sorted_results(&lake, AsOf::Latest).await), "5");
    for gone in [snapshots[0], snapshots[2]] {
        assert!(matches!(
            lake.snapshot(AsOf::Id(gone)).await.unwrap_err(),
            LakeError::NoSnapshot { .. }
        ));
    }
    assert!(
        lake.verify(AsOf::Id(snapshots[1]))
            .await
            .unwrap()
            .is_sound()
    );

    lake.unpin(snapshots[1]).await.unwrap();
    // Far enough in the future every stray is older than a day.
    let report = lake
        .gc(&GcOptions::new(BEGINNING + 36_500 * DAY))
        .await
        .unwrap();
    assert_eq!(report.files, 2);
    assert_eq!(data_files(dir.path()).len(), 1);
    assert_eq!(value(sorted_results(&lake, AsOf::Latest).await), "5");
    let log = lake.log().await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].snapshot_id, snapshots[3]);
}

#[tokio::test]
async fn a_catalog_of_a_newer_program_is_refused() {
    let dir = TempDir::new().unwrap();
    drop(open(dir.path()).await);
    let path = dir.path().join("catalog.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("update svodka_format set format = 2")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let error = Lake::open(dir.path(), access, first_day).await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("format 2, this program knows formats up to 1; update svodka"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_empty_folder_is_no_lake() {
    let dir = TempDir::new().unwrap();
    let error = Lake::open(dir.path(), Access::ReadOnly, first_day)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("there is no lake here; run `svodka ingest` or `svodka demo` first"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_moved_lake_tells_duckdb_its_new_place() {
    let parent = TempDir::new().unwrap();
    let (old, new) = (parent.path().join("old"), parent.path().join("new"));
    let lake = open(&old).await;
    commit(&lake, results(&[result(1, 1, 1, 1, "5")], &[])).await;
    drop(lake);
    std::fs::rename(&old, &new).unwrap();
    let lake = open(&new).await;
    assert_eq!(sorted_results(&lake, AsOf::Latest).await.len(), 1);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(new.join("catalog.sqlite"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let path: String =
        sqlx::query_scalar("select value from ducklake_metadata where key = 'data_path'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let expected = new.canonicalize().unwrap().join("files");
    assert_eq!(path, format!("{}/", expected.display()));
}

#[test]
fn old_sqlite_is_refused() {
    for good in ["3.51.3", "3.51.10", "3.52.0", "4.0.0"] {
        assert!(check_sqlite_version(good).is_ok(), "{good}");
    }
    for bad in ["3.51.2", "3.50.9", "3.9.99", "2.8.17"] {
        let text = check_sqlite_version(bad).unwrap_err().to_string();
        assert!(
            text.starts_with(&format!("SQLite {bad} has a bug")),
            "{text}"
        );
    }
}

#[test]
fn network_file_systems_are_found_by_the_deepest_mount() {
    let mountinfo = "\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /mnt/school rw,relatime shared:15 - nfs4 server:/export rw,vers=4.2
31 30 254:2 / /mnt/school/local rw - xfs /dev/vdb rw
32 22 0:41 / /mnt/my\\040share rw - cifs //server/share rw
33 22 0:42 / /home/me/remote rw - fuse.sshfs me@host:/ rw
34 22 0:43 / /home/me/archive rw - fuse.fuse-archive archive rw
35 22 0:44 / /mnt/c rw - 9p drvfs rw
36 22 0:45 / /mnt/over rw - nfs old:/ rw
37 36 254:3 / /mnt/over rw - btrfs /dev/vdc rw
";
    let check = |path: &str, expected: Option<&str>| {
        let found = network_file_system(mountinfo, Path::new(path));
        assert_eq!(found.as_deref(), expected, "{path}");
    };
    check("/var/lib/svodka", None);
    check("/mnt/school", Some("nfs4"));
    check("/mnt/school/data", Some("nfs4"));
    check("/mnt/schoolhouse", None);
    check("/mnt/school/local/data", None);
    check("/mnt/my share/data", Some("cifs"));
    check("/home/me/remote/x", Some("fuse.sshfs"));
    check("/home/me/archive/x", None);
    check("/mnt/c/data", Some("9p"));
    check("/mnt/over/data", None);
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

#[tokio::test]
async fn a_row_of_attendance_takes_less_than_a_byte() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let batch = attendance_of_an_institution(3, 8, 85);
    assert_eq!(batch.num_rows(), 8 * 25 * 85 * 5);
    let rows = vec![batch];
    let change = TableChange {
        table: "attendance",
        rows,
        replaced: Vec::new(),
    };
    commit(
        &lake,
        Commit {
            changes: vec![change],
            ..Commit::default()
        },
    )
    .await;
    let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
    let file = &snapshot.files("attendance")[0];
    assert!(
        file.bytes < file.rows,
        "{} bytes for {} rows",
        file.bytes,
        file.rows
    );
}

#[derive(Debug, Clone)]
enum Step {
    Commit {
        replaced: Vec<(i32, i32)>,
        rows: Vec<(i32, i32, i64, Option<u8>)>,
    },
    Compact,
}

fn any_step() -> impl Strategy<Value = Step> {
    let key = (0..6, 0..3);
    let row = (0..6, 0..3, 0..50_i64, proptest::option::of(any::<u8>()));
    prop_oneof![
        8 => (
            proptest::collection::vec(key, 0..4),
            proptest::collection::vec(row, 0..30)
        )
            .prop_map(|(replaced, rows)| Step::Commit { replaced, rows }),
        1 => Just(Step::Compact),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_lake_equals_a_plain_list_at_every_snapshot(
        steps in proptest::collection::vec(any_step(), 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build().unwrap();
        runtime.block_on(follow(steps));
    }
}

/// Carries the steps out on a lake and on a list, and compares them at every snapshot.
async fn follow(steps: Vec<Step>) {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let mut model: Vec<ResultRow> = Vec::new();
    let mut expected: BTreeMap<i64, Vec<ResultRow>> = BTreeMap::new();
    let mut row_no = 0;
    for step in steps {
        match step {
            Step::Commit { replaced, rows } => {
                let rows: Vec<ResultRow> = rows
                    .into_iter()
                    .map(|(course_id, period_id, pupil_id, value)| {
                        row_no += 1;
                        ResultRow {
                            // Courses 0–1 belong to organisation 1, 2–3 to 2, 4–5 to 3.
                            org_id: course_id / 2 + 1,
                            course_id,
                            period_id,
                            pupil_id,
                            value: value.map(|value| value.to_string()),
                            row_no,
                        }
                    })
                    .collect();
                let keys: Vec<Key> = replaced
                    .iter()
                    .map(|&(course, period)| [i64::from(course), i64::from(period), 0])
                    .collect();
                model.retain(|row| !replaced.contains(&(row.course_id, row.period_id)));
                model.extend(rows.iter().cloned());
                commit(&lake, results(&rows, &keys)).await;
            }
            Step::Compact => {
                lake.compact().await.unwrap();
            }
        }
        let mut rows = model.clone();
        rows.sort();
        let id = lake.snapshot(AsOf::Latest).await.unwrap().id;
        expected.insert(id, rows);
    }
    // A fresh process sees the same history.
    let fresh = Lake::open(dir.path(), Access::ReadOnly, first_day)
        .await
        .unwrap();
    for (id, rows) in &expected {
        assert_eq!(&sorted_results(&lake, AsOf::Id(*id)).await, rows);
        assert_eq!(&sorted_results(&fresh, AsOf::Id(*id)).await, rows);
    }
    let latest = lake.snapshot(AsOf::Latest).await.unwrap();
    for file in latest.files("result") {
        let alone = lake
            .read(
                &latest,
                "result",
                Filter {
                    org_id: file.org_id,
                    ..Filter::default()
                },
            )
            .await
            .unwrap();
        assert!(alone.iter().map(RecordBatch::num_rows).sum::<usize>() as i64 >= file.rows);
    }
    assert!(lake.verify(AsOf::Latest).await.unwrap().is_sound());
    assert!(lake.verify(AsOf::Latest).await.unwrap().extra.is_empty());
}
