//! What the lake promises when the machine does its worst: kill -9 at any moment loses nothing
//! acknowledged, and a full disk is an error with words, not a broken lake.

use crate::cli::{json_of, svodka_at};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const KILLS: usize = 64;
const FILES: usize = 24;

/// One group's month as a long export: 6 pupils at 10 lessons.
fn export(folder: &Path, number: usize) -> String {
    let name = format!("{number:03}.csv");
    let mut text = format!(
        "# Выгружено: 05.11.2025 06:{:02}\nУчреждение;Группа;Предмет;Дата;Урок;Педагог;Часы;Обучающийся;Отметка\n",
        number % 60
    );
    for day in 1..=10 {
        for pupil in 1..=6 {
            let mark = ["+", "н", "оп"][(day + pupil + number) % 3];
            text += &format!(
                "Школа № 1;{number}А;Алгебра;{day:02}.10.2025;1;Педагог {number};1;Ученик {number}-{pupil};{mark}\n"
            );
        }
    }
    std::fs::write(folder.join(&name), text).unwrap();
    name
}

/// Attendance rows of each group: whole imports or nothing.
fn groups(data: &str) -> Vec<(String, i64)> {
    let document = json_of(&[
        "sql",
        "select title, count(*) as rows from attendance join study_group using (group_id) group by title order by title",
        "--format",
        "json",
        "--data",
        data,
    ]);
    let rows = document["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            (
                row["title"].as_str().unwrap().to_owned(),
                row["rows"].as_i64().unwrap(),
            )
        })
        .collect()
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let mut dice = StdRng::seed_from_u64(9);
    let (mut round, mut kills, mut acknowledged_total) = (0, 0, 0);
    while kills < KILLS {
        round += 1;
        let data = folder.path().join(format!("lake-{round}"));
        let data = data.to_str().unwrap();
        for number in 1..=FILES {
            export(&exports, number);
        }
        let mut acknowledged: Vec<String> = Vec::new();
        // Kill the same ingest again and again; each run goes on where the one before died.
        for _ in 0..16 {
            let mut child = Command::new(env!("CARGO_BIN_EXE_svodka"))
                .args(["ingest", exports.to_str().unwrap(), "--data", data])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let stderr = BufReader::new(child.stderr.take().unwrap());
            let (sender, receiver) = mpsc::channel();
            let reader = std::thread::spawn(move || {
                for line in stderr.lines() {
                    let Ok(line) = line else { break };
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
            // The moment of the kill is drawn over the whole run: start-up, writes, commits.
            let exited = {
                let deadline = std::time::Instant::now()
                    + Duration::from_micros(dice.random_range(1_000..900_000));
                loop {
                    if let Some(status) = child.try_wait().unwrap() {
                        break Some(status);
                    }
                    if std::time::Instant::now() >= deadline {
                        break None;
                    }
                    std::thread::yield_now();
                }
            };
            if exited.is_none() {
                child.kill().unwrap();
                kills += 1;
            }
            child.wait().unwrap();
            reader.join().unwrap();
            for line in receiver {
                if let Some(name) = line.strip_prefix("loaded: ") {
                    acknowledged.push(name.to_owned());
                }
            }
            if !Path::new(data).join("catalog.sqlite").exists() {
                // Killed before there was a lake: then nothing was acknowledged either.
                assert!(acknowledged.is_empty(), "{acknowledged:?}");
                continue;
            }
            let (status, _, errors) = svodka_at(&["lake", "verify", "--data", data]);
            assert_eq!(status, 0, "verify after kill {kills}: {errors}");
            let groups = groups(data);
            for (title, rows) in &groups {
                assert_eq!(*rows, 60, "group {title} is torn after kill {kills}");
            }
            for name in &acknowledged {
                let group = format!(
                    "{}А",
                    name.trim_end_matches(".csv").parse::<usize>().unwrap()
                );
                assert!(
                    groups.iter().any(|(title, _)| *title == group),
                    "{name} was acknowledged and is gone"
                );
            }
            if exited.is_some() || kills >= KILLS {
                break;
            }
        }
        acknowledged_total += acknowledged.len();
        // What remains loads, and what was there stays as it was.
        let (status, _, errors) = svodka_at(&["ingest", exports.to_str().unwrap(), "--data", data]);
        assert_eq!(status, 0, "{errors}");
        assert_eq!(groups(data).len(), FILES);
    }
    assert!(
        kills >= 60 && acknowledged_total > 0,
        "{kills} kills, {acknowledged_total} acknowledged"
    );
}

/// A small file system of its own; unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(kilobytes: usize) -> SmallDisk {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kilobytes}k");
        let status = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &size,
                "svodka-test",
                folder.path().to_str().unwrap(),
            ])
            .status()
            .unwrap();
        assert!(
            status.success(),
            "this test mounts a small tmpfs and needs root: run ./test.sh as root"
        );
        SmallDisk(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A failed unmount leaves an empty tmpfs behind, which is no reason to hide the test's result.
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_a_clean_error() {
    let exports = tempfile::tempdir().unwrap();
    for number in 1..=120 {
        export(exports.path(), number);
    }
    let disk = SmallDisk::new(1_600);
    let data = disk.0.path().join("lake");
    let data = data.to_str().unwrap();
    let (status, _, errors) =
        svodka_at(&["ingest", exports.path().to_str().unwrap(), "--data", data]);
    assert_eq!(status, 1, "{errors}");
    assert!(
        errors.contains("no space") || errors.contains("No space") || errors.contains("full"),
        "the error says that the disk is full: {errors}"
    );
    assert!(!errors.contains("panicked"), "{errors}");
    let before = groups(data);
    assert!(
        !before.is_empty() && before.len() < 120,
        "{} groups fitted",
        before.len()
    );
    assert!(before.iter().all(|(_, rows)| *rows == 60), "{before:?}");
    let (status, _, errors) = svodka_at(&["lake", "verify", "--data", data]);
    assert_eq!(status, 0, "{errors}");
}
