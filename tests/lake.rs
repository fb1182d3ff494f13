//! The lake: what is committed is read back, at every snapshot, whatever was replaced or merged.

mod keeping;
mod model;
mod rows;

pub use rows::{any_batch, attendance_of_an_institution, open};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int16Type, Int32Type};
use rows::{ResultRow, commit, data_files, import, result, result_batch, results, sorted_results};
use std::collections::BTreeSet;
use std::path::PathBuf;
use svodka_journal::contract::{self, TABLES};
use svodka_journal::{Finding, Severity};
use svodka_lake::{
    Access, AsOf, Commit, Filter, FindingFilter, ImportFilter, ImportStatus, KeyKind, Lake,
    LakeError, Sequence, SliceState, StatValue, TableChange, arrow_schema,
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
