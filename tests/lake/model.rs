//! Random histories: the lake equals a plain list at every snapshot.

use super::first_day;
use super::rows::{ResultRow, commit, open, results, sorted_results};
use arrow::array::RecordBatch;
use proptest::prelude::*;
use std::collections::BTreeMap;
use svodka_lake::{Access, AsOf, Filter, Key, Lake};
use tempfile::TempDir;

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
