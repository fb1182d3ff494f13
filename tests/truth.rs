//! Reports equal what the generator knows of its municipality, computed three ways: our SQL over
//! roll-ups, DuckDB over the attendance rows of the attached lake, and a naive count here over
//! the rows of the truth. The truth is never read back from an export.

use crate::cli::{json_of, svodka};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Records of a comma-separated file with quotes, by column name.
fn records(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut rows = text.lines().map(|line| {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                other => field.push(other),
            }
        }
        fields.push(field);
        fields
    });
    let head = rows.next().unwrap();
    rows.map(|row| head.iter().cloned().zip(row).collect())
        .collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> i64 {
    row[column].parse().unwrap()
}

fn rows_of(document: &Value) -> &Vec<Value> {
    document["rows"].as_array().unwrap()
}

/// A whole number of a JSON cell, be it written as a number or as decimal text; hundredths of hours.
fn hundredths(cell: &Value) -> i64 {
    let text = cell
        .as_str()
        .map_or_else(|| cell.to_string(), str::to_owned);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    assert_eq!(part.len(), 2, "more than hundredths: {text}");
    whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap()
}

const STATES: [&str; 9] = [
    "expected",
    "present",
    "absent",
    "late",
    "exempt",
    "unrecorded",
    "excused",
    "unexcused",
    "illness",
];

struct Municipality {
    folder: tempfile::TempDir,
}

impl Municipality {
    fn new(seed: &str, institutions: &str) -> Municipality {
        let folder = tempfile::tempdir().unwrap();
        let sample = folder.path().join("sample");
        svodka(&[
            "sample",
            "-o",
            sample.to_str().unwrap(),
            "--institutions",
            institutions,
            "--pupils",
            "40",
            "--from",
            "2025-09-01",
            "--to",
            "2025-11-30",
            "--seed",
            seed,
        ]);
        let municipality = Municipality { folder };
        let exports = municipality.path("sample/exports");
        let imports = municipality.json(&["ingest", &exports, "--format", "json"]);
        let rejected: Vec<&Value> = imports["imports"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["status"] != "loaded")
            .collect();
        assert!(rejected.is_empty(), "{rejected:?}");
        municipality
    }

    fn path(&self, below: &str) -> String {
        self.folder.path().join(below).to_str().unwrap().to_owned()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let data = self.path("lake");
        json_of(&[arguments, &["--data", &data]].concat())
    }

    fn sql(&self, text: &str) -> Value {
        self.json(&["sql", text, "--format", "json"])
    }

    fn truth(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        records(Path::new(&self.path("sample/truth")).join(file).as_path())
    }

    /// institution → states, over the generator's own rows.
    fn naive(&self) -> BTreeMap<String, BTreeMap<&'static str, i64>> {
        let mut sums: BTreeMap<String, BTreeMap<&'static str, i64>> = BTreeMap::new();
        for entry in std::fs::read_dir(self.path("sample/truth/attendance")).unwrap() {
            let path = entry.unwrap().path();
            let institution = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let sums = sums
                .entry(institution)
                .or_insert_with(|| STATES.map(|state| (state, 0)).into());
            for row in records(&path) {
                *sums.get_mut("expected").unwrap() += 1;
                *sums.get_mut(row["status"].as_str()).unwrap() += 1;
                if let Some(reason) = sums.get_mut(row["reason"].as_str()) {
                    *reason += 1;
                }
            }
        }
        sums
    }
}

fn by_institution(document: &Value) -> BTreeMap<String, BTreeMap<&'static str, i64>> {
    rows_of(document)
        .iter()
        .map(|row| {
            let states = STATES
                .map(|state| (state, row[state].as_i64().unwrap()))
                .into();
            (row["short_title"].as_str().unwrap().to_owned(), states)
        })
        .collect()
}

/// The sums of states as DuckDB finds them in the attendance rows of the attached lake.
const DUCKDB: &str = r#"
import json, os, sys
import duckdb, duckdb_extension_ducklake, duckdb_extension_sqlite_scanner
import glob
connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
for module in (duckdb_extension_sqlite_scanner, duckdb_extension_ducklake):
    folder = os.path.dirname(module.__file__)
    for path in glob.glob(os.path.join(folder, "extensions", "**", "*.duckdb_extension"), recursive=True):
        connection.execute(f"load '{path}'")
connection.execute(f"attach 'ducklake:sqlite:{sys.argv[1]}' as lake (read_only)")
rows = connection.execute("""
    select o.short_title, count(*) expected, count(*) filter (status = 'present') present,
           count(*) filter (status = 'absent') absent, count(*) filter (status = 'late') late,
           count(*) filter (status = 'exempt') exempt, count(*) filter (status = 'unrecorded') unrecorded,
           count(*) filter (reason = 'excused') excused, count(*) filter (reason = 'unexcused') unexcused,
           count(*) filter (reason = 'illness') illness
    from lake.attendance a join lake.organisation o using (org_id) group by 1""").fetchall()
names = ["short_title", "expected", "present", "absent", "late", "exempt", "unrecorded", "excused", "unexcused", "illness"]
print(json.dumps({"rows": [dict(zip(names, row)) for row in rows]}, ensure_ascii=False))
"#;

#[test]
fn attendance_is_the_truth_three_ways() {
    for seed in ["11", "12"] {
        let municipality = Municipality::new(seed, "5");
        let naive = municipality.naive();
        assert_eq!(naive.len(), 5);
        let ours = by_institution(&municipality.sql(
            "select short_title, sum(expected) expected, sum(present) present, sum(absent) absent, sum(late) late,
                    sum(exempt) exempt, sum(unrecorded) unrecorded, sum(excused) excused,
                    sum(unexcused) unexcused, sum(illness) illness
             from organisation_day join organisation using (org_id) group by short_title order by short_title",
        ));
        assert_eq!(ours, naive, "our SQL over roll-ups, seed {seed}");

        let python = std::env::var("SVODKA_TEST_PYTHON")
            .expect("DuckDB for Python is missing: run ./test.sh");
        let output = Command::new(python)
            .args(["-c", DUCKDB, &municipality.path("lake/catalog.sqlite")])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let theirs = by_institution(&serde_json::from_slice(&output.stdout).unwrap());
        assert_eq!(
            theirs, naive,
            "DuckDB over the attendance rows, seed {seed}"
        );

        for (institution, states) in &naive {
            let sum: i64 = ["present", "absent", "late", "exempt", "unrecorded"]
                .iter()
                .map(|one| states[one])
                .sum();
            assert_eq!(states["expected"], sum, "{institution}");
        }
    }
}

#[test]
fn every_day_of_every_institution_is_the_truth() {
    let municipality = Municipality::new("13", "6");
    let document = municipality.sql(
        "select short_title, held_on, lessons, hours, substituted_lessons, unrecorded_lessons, cancelled_lessons,
                no_topic_lessons, planned_lessons, planned_hours, expected, present, absent, late, exempt, unrecorded,
                delay_0, delay_1, delay_2, delay_3, delay_more, delay_unknown
         from organisation_day join organisation using (org_id) order by short_title, held_on",
    );
    let columns = [
        "lessons",
        "substituted_lessons",
        "unrecorded_lessons",
        "cancelled_lessons",
        "no_topic_lessons",
        "planned_lessons",
        "expected",
        "present",
        "absent",
        "late",
        "exempt",
        "unrecorded",
        "delay_0",
        "delay_1",
        "delay_2",
        "delay_3",
        "delay_more",
        "delay_unknown",
    ];
    let mut found = BTreeMap::new();
    for row in rows_of(&document) {
        let key = (
            row["short_title"].as_str().unwrap().to_owned(),
            row["held_on"].as_str().unwrap().to_owned(),
        );
        let counts: Vec<i64> = columns
            .iter()
            .map(|column| row[column].as_i64().unwrap())
            .collect();
        found.insert(
            key,
            (
                counts,
                hundredths(&row["hours"]),
                hundredths(&row["planned_hours"]),
            ),
        );
    }
    let mut expected = BTreeMap::new();
    for row in municipality.truth("organisation_day.csv") {
        let key = (row["organisation"].clone(), row["date"].clone());
        let counts: Vec<i64> = columns.iter().map(|column| number(&row, column)).collect();
        expected.insert(
            key,
            (counts, number(&row, "hours"), number(&row, "planned_hours")),
        );
    }
    let differing: Vec<_> = expected
        .iter()
        .filter(|(key, value)| found.get(*key) != Some(value))
        .map(|(key, value)| (key, value, found.get(key)))
        .take(5)
        .collect();
    assert!(differing.is_empty(), "columns {columns:?}\n{differing:#?}");
    let extra: Vec<_> = found
        .keys()
        .filter(|key| !expected.contains_key(*key))
        .take(5)
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
}

#[test]
fn hours_of_every_teacher_and_month_are_the_truth() {
    let municipality = Municipality::new("14", "5");
    // Names are in the vault, not in SQL: months are compared as a bag of figures per institution.
    let document = municipality.sql(
        "select short_title, month, teacher_id, count(*) lessons, sum(hours) hours
         from (select *, cast(date_part('year', held_on) * 100 + date_part('month', held_on) as int) as month
               from lesson_taught where status in ('held', 'made_up')) taught
         join organisation using (org_id)
         group by short_title, month, teacher_id order by short_title, month, teacher_id",
    );
    let mut found: Vec<(String, i64, i64, i64)> = rows_of(&document)
        .iter()
        .map(|row| {
            (
                row["short_title"].as_str().unwrap().to_owned(),
                row["month"].as_i64().unwrap(),
                row["lessons"].as_i64().unwrap(),
                hundredths(&row["hours"]),
            )
        })
        .filter(|row| row.2 > 0)
        .collect();
    let mut expected: Vec<(String, i64, i64, i64)> = municipality
        .truth("teacher_month.csv")
        .iter()
        .map(|row| {
            (
                row["organisation"].clone(),
                number(row, "month"),
                number(row, "lessons"),
                number(row, "hours"),
            )
        })
        .filter(|row| row.2 > 0)
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn checks_return_no_row() {
    let municipality = Municipality::new("15", "5");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(root.join("queries/checks")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let document = municipality.sql(&text);
        assert_eq!(
            rows_of(&document).len(),
            0,
            "{}: {document}",
            path.display()
        );
        count += 1;
    }
    assert!(count >= 10, "{count} checks");
}
