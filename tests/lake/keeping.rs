//! Keeping a lake sound: verify, the collector, and places and catalogs that are refused.

use super::rows::{ResultRow, commit, data_files, open, result, results, sorted_results};
use super::{BEGINNING, DAY, first_day};
use std::path::{Path, PathBuf};
use svodka_lake::{
    Access, AsOf, Filter, GcOptions, Lake, LakeError, ProblemKind, check_sqlite_version,
    network_file_system,
};
use tempfile::TempDir;

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
