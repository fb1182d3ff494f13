//! The commands as a user types them: exit codes, what goes to which stream, the whole path from
//! a file to a number.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// Exit code, standard output, standard error.
pub fn svodka_at(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_svodka"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Standard output of a command that must succeed.
pub fn svodka(arguments: &[&str]) -> String {
    let (code, out, errors) = svodka_at(arguments);
    assert_eq!(code, 0, "svodka {arguments:?}\n{out}\n{errors}");
    out
}

/// The one JSON document of a command that must succeed.
pub fn json_of(arguments: &[&str]) -> Value {
    let out = svodka(arguments);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn sample_exports() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sample_data/exports")
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn help_names_every_command_and_wrong_usage_is_2() {
    let help = svodka(&["--help"]);
    for command in [
        "demo", "sample", "ingest", "report", "sql", "check", "lake", "serve", "findings",
    ] {
        assert!(help.contains(command), "{command} is missing in {help}");
        svodka(&[command, "--help"]);
    }
    for wrong in [
        &["nonsense"][..],
        &["ingest"],
        &["report"],
        &["ingest", "x", "--format", "xml"],
        &["sql"],
    ] {
        assert_eq!(svodka_at(wrong).0, 2, "{wrong:?}");
    }
}

#[test]
fn the_checked_in_sample_becomes_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let exports = sample_exports();

    let dry = json_of(&[
        "ingest",
        &exports,
        "--data",
        data,
        "--dry-run",
        "--format",
        "json",
    ]);
    let first = json_of(&["ingest", &exports, "--data", data, "--format", "json"]);
    let imports = first["imports"].as_array().unwrap();
    assert_eq!(imports.len(), dry["imports"].as_array().unwrap().len());
    for import in imports {
        assert_eq!(import["status"], "loaded", "{import}");
        assert!(
            import["snapshot_id"].is_i64() && import["engine"].is_string(),
            "{import}"
        );
        for finding in import["findings"].as_array().unwrap() {
            for key in ["severity", "code", "found", "expected", "hint"] {
                assert!(finding[key].is_string(), "{key} of {finding}");
            }
        }
    }

    let again = json_of(&["ingest", &exports, "--data", data, "--format", "json"]);
    for import in again["imports"].as_array().unwrap() {
        assert_eq!(import["status"], "unchanged", "{import}");
    }

    let sums = json_of(&[
        "sql",
        "select sum(expected) expected, sum(present + absent + late + exempt + unrecorded) states from organisation_day",
        "--data",
        data,
        "--format",
        "json",
    ]);
    let row = &sums["rows"][0];
    assert!(row["expected"].as_i64().unwrap() > 1_000);
    assert_eq!(row["expected"], row["states"]);

    let report = json_of(&[
        "report",
        "attendance_by_organisation",
        "-p",
        "from=2025-09-01",
        "-p",
        "to=2025-09-30",
        "--format",
        "json",
        "--data",
        data,
    ]);
    assert_eq!(report["rows"].as_array().unwrap().len(), 5, "{report}");
    let share = report["rows"][0]["attendance_share"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&share));

    for format in ["table", "csv", "xlsx", "parquet"] {
        let file = folder.path().join(format!("out.{format}"));
        svodka(&[
            "report",
            "attendance_by_organisation",
            "-p",
            "from=2025-09-01",
            "-p",
            "to=2025-09-30",
            "--format",
            format,
            "--data",
            data,
            "-o",
            file.to_str().unwrap(),
        ]);
        assert!(std::fs::metadata(&file).unwrap().len() > 100, "{format}");
    }

    let log = json_of(&["lake", "log", "--data", data, "--format", "json"]);
    assert!(log["snapshots"].as_array().unwrap().len() > 5);
    let verified = svodka(&["lake", "verify", "--data", data]);
    assert!(verified.contains("all as written"), "{verified}");
    svodka(&["lake", "gc", "--data", data]);
    assert!(svodka(&["lake", "files", "--data", data]).contains("organisation_day"));

    // Before the first import there was nothing.
    let earlier = json_of(&[
        "sql",
        "select count(*) as lessons from lesson",
        "--as-of",
        "0",
        "--data",
        data,
        "--format",
        "json",
    ]);
    assert_eq!(earlier["rows"][0]["lessons"], 0, "{earlier}");
}

#[test]
fn a_number_opens_down_to_its_cell() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let csv = folder.path().join("7А.csv");
    let text = "# Выгружено: 05.11.2025 06:12\n\
                Учреждение;Группа;Предмет;Дата;Урок;Обучающийся;Отметка\n\
                Школа № 1;7А;Алгебра;06.10.2025;1;Первый Ученик;+\n\
                Школа № 1;7А;Алгебра;06.10.2025;1;Второй Ученик;н\n";
    std::fs::write(&csv, text).unwrap();
    svodka(&["ingest", csv.to_str().unwrap(), "--data", data]);
    let rows = json_of(&[
        "sql",
        "select file_name, sheet_no, row_no, col_no, raw from attendance join import using (import_id)
         where attendance.status = 'absent'",
        "--data", data, "--format", "json",
    ]);
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1, "{rows}");
    let row = &rows["rows"][0];
    // The fourth line of the file, its seventh field.
    assert_eq!(
        (&row["file_name"], &row["row_no"], &row["col_no"]),
        (&"7А.csv".into(), &4.into(), &7.into())
    );
    assert_eq!(row["raw"], "н");
}

#[test]
fn a_rejected_file_is_1_and_leaves_the_lake_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    svodka(&["ingest", &sample_exports(), "--data", data]);
    let before = svodka(&["lake", "files", "--data", data]);
    for (name, bytes) in [
        ("empty.csv", &b""[..]),
        ("truncated.xlsx", &b"PK\x03\x04\x14\x00\x00\x00"[..]),
        ("renamed.xlsx", &b"this is no workbook"[..]),
        (
            "locked.xlsx",
            &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted"[..],
        ),
        ("noise.csv", &b"\x00\x01\x02\x03\x04"[..]),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (code, out, errors) = svodka_at(&[
            "ingest",
            path.to_str().unwrap(),
            "--data",
            data,
            "--format",
            "json",
        ]);
        assert_eq!(code, 1, "{name}: {out} {errors}");
        let document: Value = serde_json::from_str(&out).unwrap();
        let import = &document["imports"][0];
        assert_eq!(import["status"], "rejected", "{name}: {out}");
        assert!(
            !import["findings"].as_array().unwrap().is_empty(),
            "{name}: {out}"
        );
    }
    assert_eq!(svodka(&["lake", "files", "--data", data]), before);
}

#[test]
fn wrong_settings_and_parameters_name_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    std::fs::write(
        folder.path().join("svodka.toml"),
        "page_cache_mb = 16\nlisten_to = \"x\"\n",
    )
    .unwrap();
    let (code, _, errors) = svodka_at(&["lake", "log", "--data", data]);
    assert_eq!(code, 2, "{errors}");
    assert!(
        errors.contains("listen_to") && errors.contains("line 2"),
        "{errors}"
    );
    std::fs::remove_file(folder.path().join("svodka.toml")).unwrap();

    svodka(&["ingest", &sample_exports(), "--data", data]);
    let (code, _, errors) = svodka_at(&[
        "report",
        "attendance_by_organisation",
        "-p",
        "from=yesterday",
        "--data",
        data,
    ]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("from"), "{errors}");
    let (code, _, errors) = svodka_at(&["report", "no_such_report", "--data", data]);
    assert_eq!(code, 2, "{errors}");
    for forbidden in [
        "drop table lesson",
        "copy lesson to 'x'",
        "create table x as select 1",
        "set a = 1",
        "select 1; select 2",
    ] {
        let (code, _, errors) = svodka_at(&["sql", forbidden, "--data", data]);
        assert_eq!(code, 2, "{forbidden}: {errors}");
    }
    let (code, _, errors) = svodka_at(&["serve", "--listen", "0.0.0.0:0", "--data", data]);
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn check_reports_all_problems_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    assert!(svodka(&["check", "--data", data.to_str().unwrap()]).contains("no problems"));
    std::fs::create_dir_all(data.join("queries/reports")).unwrap();
    std::fs::create_dir_all(data.join("dashboards")).unwrap();
    std::fs::write(
        data.join("queries/reports/broken.sql"),
        "-- Purpose: x\nselect nothing from nowhere\n",
    )
    .unwrap();
    std::fs::write(
        data.join("dashboards/broken.toml"),
        "version = 1\ncolour = \"red\"\n",
    )
    .unwrap();
    let (code, out, errors) = svodka_at(&["check", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 1, "{errors}");
    assert!(out.contains("broken.sql:"), "{out} {errors}");
    assert!(out.contains("broken.toml:2"), "{out} {errors}");
}
