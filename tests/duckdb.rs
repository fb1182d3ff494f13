//! DuckDB with its ducklake extension attaches the lake read-only and finds the same rows.

use crate::lake::{any_batch, attendance_of_an_institution, open};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use svodka_journal::contract::TABLES;
use svodka_lake::{AsOf, Commit, Lake, TableChange};
use tempfile::TempDir;

/// Attaches the lake and answers each query of the first argument's JSON list.
const SCRIPT: &str = r#"
import glob, importlib.util, json, sys
import duckdb

def extension(name):
    folder = importlib.util.find_spec("duckdb_extension_" + name).submodule_search_locations[0]
    return glob.glob(f"{folder}/extensions/*/{name}.duckdb_extension")[0]

request = json.load(sys.stdin)
connection = duckdb.connect()
for name in ("sqlite_scanner", "ducklake"):
    connection.execute(f"LOAD '{extension(name)}'")
connection.execute(f"ATTACH 'ducklake:sqlite:{request['catalog']}' AS lake (READ_ONLY)")
connection.execute("USE lake")
answers = [connection.execute(query).fetchall() for query in request["queries"]]
json.dump(answers, sys.stdout, default=str)
"#;

/// What DuckDB answers: for each query its rows.
pub fn ask_duckdb(dir: &Path, queries: &[String]) -> Vec<Value> {
    let python = std::env::var("SVODKA_TEST_PYTHON")
        .expect("SVODKA_TEST_PYTHON names no Python with duckdb: run ./test.sh");
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python does not start: run ./test.sh");
    let request = json!({"catalog": dir.join("catalog.sqlite"), "queries": queries});
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(request.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "DuckDB refused the lake");
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn commit(lake: &Lake, changes: Vec<TableChange>) -> i64 {
    let commit = Commit {
        changes,
        ..Commit::default()
    };
    let writer = lake.writer().await.unwrap();
    writer.commit(commit).await.unwrap().snapshot_id
}

fn change(table: &'static str, org_id: i32, rows: i64, replaced: Vec<[i64; 3]>) -> TableChange {
    TableChange {
        table,
        rows: vec![any_batch(table, org_id, rows)],
        replaced,
    }
}

#[tokio::test]
async fn duckdb_counts_the_same_rows_at_every_snapshot() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    // Everything; then a replacement in some tables; then merged files.
    let all = |org_id| {
        TABLES
            .iter()
            .map(|table| change(table.name, org_id, 40, Vec::new()))
            .collect::<Vec<_>>()
    };
    let mut snapshots = vec![commit(&lake, all(1)).await, commit(&lake, all(2)).await];
    snapshots.push(
        commit(
            &lake,
            vec![
                change("attendance", 1, 7, vec![[3, 3, 0], [4, 4, 0]]),
                change("organisation_day", 1, 5, vec![[1, 2, 0]]),
                change("study_group", 2, 0, vec![[39, 0, 0]]),
            ],
        )
        .await,
    );
    snapshots.push(lake.compact().await.unwrap().unwrap().snapshot_id);

    let mut queries = Vec::new();
    let mut expected = Vec::new();
    for &id in &snapshots {
        let snapshot = lake.snapshot(AsOf::Id(id)).await.unwrap();
        for table in TABLES {
            let name = table.name;
            queries.push(format!("select count(*) from {name} at (version => {id})"));
            expected.push(json!([[snapshot.rows(name)]]));
        }
    }
    for table in TABLES {
        queries.push(format!("select count(*) from {}", table.name));
        let latest = lake.snapshot(AsOf::Latest).await.unwrap();
        expected.push(json!([[latest.rows(table.name)]]));
    }
    assert_eq!(ask_duckdb(dir.path(), &queries), expected);

    // 40 + 40 rows, less those of two keys in each organisation, and 7 new ones.
    let latest = lake.snapshot(AsOf::Latest).await.unwrap();
    assert_eq!(latest.rows("attendance"), 80 - 4 + 7);
    // The key (organisation 1, month 2) names one row.
    assert_eq!(latest.rows("organisation_day"), 80 - 1 + 5);
    assert_eq!(latest.rows("study_group"), 80 - 2);
}

#[tokio::test]
async fn duckdb_reads_every_type_and_prunes_rightly() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    commit(
        &lake,
        vec![
            change("lesson", 7, 40, Vec::new()),
            change("substitution", 7, 40, Vec::new()),
        ],
    )
    .await;
    let check = |query: &str, expected: Value| (query.to_owned(), expected);
    let checks = [
        // Rows 0, 1, … 39; every fifth from 3 on is null in nullable columns.
        check(
            "select sum(lesson_id), min(org_id) from lesson",
            json!([["780", 7]]),
        ),
        check(
            "select sum(hours)::varchar from lesson",
            json!([["155.00"]]),
        ),
        check(
            "select min(held_on)::varchar, max(held_on)::varchar from lesson",
            json!([["2025-10-05", "2025-11-13"]]),
        ),
        check(
            "select count(starts_at), max(epoch_us(starts_at)) from lesson",
            json!([[32, 1_759_622_400_000_000_i64 + 39 * 1_500_001]]),
        ),
        check(
            "select status, count(*) from lesson group by status order by status",
            json!([["текст «0»", 14], ["текст «1»", 13], ["текст «2»", 13]]),
        ),
        check(
            "select count(*) from substitution where is_justified",
            json!([[20]]),
        ),
        check(
            "select count(*) from lesson where held_on >= date '2025-11-10'",
            json!([[4]]),
        ),
        // Rows 1, 4, … 37 without the nulls of 13 and 28.
        check(
            "select count(*) from lesson where topic = 'текст «1»'",
            json!([[11]]),
        ),
        check(
            "select count(*) from lesson where hours > 8.70",
            json!([[1]]),
        ),
        check(
            "select count(*) from lesson where lesson_id = 40",
            json!([[0]]),
        ),
        check(
            "select column_name from information_schema.columns
             where table_name = 'period' order by ordinal_position",
            json!([
                ["org_id"],
                ["period_id"],
                ["scheme"],
                ["title"],
                ["starts_on"],
                ["ends_on"],
                ["exported_at"]
            ]),
        ),
    ];
    let queries: Vec<String> = checks.iter().map(|(query, _)| query.clone()).collect();
    let answers = ask_duckdb(dir.path(), &queries);
    for ((query, expected), answer) in checks.iter().zip(&answers) {
        let answer = as_texts(answer);
        assert_eq!(answer, as_texts(expected), "{query}");
    }
}

/// DuckDB's sums are wider than JSON numbers: compare all values as texts.
fn as_texts(rows: &Value) -> Vec<Vec<String>> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(text).collect())
        .collect()
}

#[tokio::test]
async fn duckdb_sums_attendance_as_we_do() {
    let dir = TempDir::new().unwrap();
    let lake = open(dir.path()).await;
    let batch = attendance_of_an_institution(3, 2, 20);
    let rows = batch.num_rows();
    commit(
        &lake,
        vec![TableChange {
            table: "attendance",
            rows: vec![batch],
            replaced: Vec::new(),
        }],
    )
    .await;
    let queries = [
        "select count(*), count(distinct pupil_id), count(distinct lesson_id) from attendance",
        "select count(*) from attendance where (reason is not null) <> (status = 'absent')",
        "select count(*) from attendance where group_id = 300 and held_on < date '2025-09-06'",
    ]
    .map(str::to_owned);
    let answers = ask_duckdb(dir.path(), &queries);
    assert_eq!(rows, 2 * 25 * 20 * 5);
    assert_eq!(answers[0], json!([[5_000, 50, 200]]));
    assert_eq!(answers[1], json!([[0]]));
    // One group, the five days of the first week, five lessons, 25 pupils.
    assert_eq!(answers[2], json!([[5 * 5 * 25]]));
}
