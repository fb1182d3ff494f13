//! Keeping the lake sound: comparing every file with its digest, removing what nobody needs.

use crate::catalog::Inner;
use crate::encode::hexadecimal;
use crate::read::blocking;
use crate::store::sync_folder;
use crate::{AsOf, Lake, LakeError};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;
use svodka_journal::contract::TABLES;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ProblemKind {
    Missing,
    /// Shorter or longer than when it was written.
    Torn {
        expected_bytes: i64,
        found_bytes: i64,
    },
    /// The right length, other bytes.
    Changed,
    Unreadable {
        reason: String,
    },
}

/// A live file that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileProblem {
    /// Relative to the data directory.
    pub path: PathBuf,
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// The result of [`Lake::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub snapshot_id: i64,
    /// Live files looked at, and their bytes.
    pub files: usize,
    pub bytes: i64,
    pub problems: Vec<FileProblem>,
    /// Files that no snapshot refers to: harmless, `lake gc` removes them after a day. Relative to
    /// the data directory.
    pub extra: Vec<PathBuf>,
}

impl VerifyReport {
    /// Whether every live file is as it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

const DAY: i64 = 86_400 * 1_000_000;

/// What the collector may remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GcOptions {
    /// The instant to count ages from, µs in UTC.
    pub now: i64,
    /// Snapshots that were the latest within this time stay, µs; 30 days unless told.
    pub retention: i64,
    /// Files that no snapshot refers to stay while they are younger than this, µs: they may belong
    /// to a commit that is under way; a day unless told.
    pub orphan_age: i64,
}

impl GcOptions {
    #[must_use]
    pub const fn new(now: i64) -> GcOptions {
        GcOptions {
            now,
            retention: 30 * DAY,
            orphan_age: DAY,
        }
    }
}

/// The result of [`Lake::gc`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GcReport {
    /// Snapshots that can no longer be read.
    pub snapshots: u64,
    pub files: u64,
    pub bytes: u64,
}

impl Lake {
    /// Compares every file of a snapshot with the size and the digest it was written with.
    pub async fn verify(&self, as_of: AsOf) -> Result<VerifyReport, LakeError> {
        let snapshot = self.snapshot(as_of).await?;
        let digests = self.digests().await?;
        // Listed before the catalog is asked, or a file of a commit in between would seem extra.
        let on_disk = {
            let inner = Arc::clone(&self.inner);
            blocking(move || list(&inner)).await?
        };
        let known = self.known_names().await?;
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let mut report = VerifyReport {
                snapshot_id: snapshot.id,
                files: 0,
                bytes: 0,
                problems: Vec::new(),
                extra: Vec::new(),
            };
            for (table, files) in snapshot.tables() {
                for file in files {
                    report.files += 1;
                    report.bytes += file.bytes;
                    let path = inner.file_path(table, &file.path);
                    let digest = digests.get(&file.data_file_id).map(String::as_str);
                    if let Some(kind) = look(&path, file.bytes, digest) {
                        report.problems.push(FileProblem {
                            path: relative(&inner, &path),
                            kind,
                        });
                    }
                }
            }
            for found in on_disk {
                if !known.contains(&(found.table.to_owned(), found.name.clone())) {
                    report.extra.push(relative(&inner, &found.path));
                }
            }
            Ok(report)
        })
        .await
    }

    async fn digests(&self) -> Result<FxHashMap<i64, String>, LakeError> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("select data_file_id, sha256 from svodka_file")
                .fetch_all(&self.inner.pool)
                .await
                .map_err(|error| self.inner.sql(error))?;
        Ok(rows.into_iter().collect())
    }

    /// Table and name of every file that any snapshot refers to.
    async fn known_names(&self) -> Result<FxHashSet<(String, String)>, LakeError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select t.table_name, f.path
             from ducklake_data_file f join ducklake_table t using (table_id)",
        )
        .fetch_all(&self.inner.pool)
        .await
        .map_err(|error| self.inner.sql(error))?;
        Ok(rows.into_iter().collect())
    }

    /// Forgets old snapshots and removes files that no kept snapshot refers to.
    ///
    /// The latest snapshot, pinned ones and those within the retention stay readable.
    pub async fn gc(&self, options: &GcOptions) -> Result<GcReport, LakeError> {
        let _lock = self.write_lock().await?;
        let mut report = GcReport::default();
        let on_disk = {
            let inner = Arc::clone(&self.inner);
            blocking(move || list(&inner)).await?
        };
        let dead = self.forget(options, &mut report).await?;
        let known = self.known_names().await?;
        let inner = Arc::clone(&self.inner);
        let options = *options;
        blocking(move || {
            let mut folders = FxHashSet::default();
            for found in on_disk {
                let name = (found.table.to_owned(), found.name.clone());
                let is_orphan =
                    !known.contains(&name) && options.now - found.changed_at > options.orphan_age;
                if dead.contains(&name) || is_orphan {
                    std::fs::remove_file(&found.path)
                        .map_err(|error| LakeError::io(&found.path, error))?;
                    report.files += 1;
                    report.bytes += found.bytes;
                    folders.extend(found.path.parent().map(Path::to_owned));
                }
            }
            for folder in folders {
                sync_folder(&folder).map_err(|error| LakeError::io(&folder, error))?;
            }
            tracing::debug!(dir = %inner.dir.display(), files = report.files, "collected");
            Ok(report)
        })
        .await
    }

    /// Removes old snapshots from the catalog; returns the files that went with them.
    async fn forget(
        &self,
        options: &GcOptions,
        report: &mut GcReport,
    ) -> Result<FxHashSet<(String, String)>, LakeError> {
        let wrap = |error| self.inner.sql(error);
        let mut tx = self
            .inner
            .pool
            .begin_with("begin immediate")
            .await
            .map_err(wrap)?;
        let expired: Vec<i64> = sqlx::query_scalar(
            "select s.snapshot_id from svodka_snapshot s
             where s.snapshot_id not in (select snapshot_id from svodka_pin)
               and (select min(next.at_us) from svodka_snapshot next
                    where next.snapshot_id > s.snapshot_id) < ?",
        )
        .bind(options.now - options.retention)
        .fetch_all(&mut *tx)
        .await
        .map_err(wrap)?;
        report.snapshots = expired.len() as u64;
        let expired = serde_json::Value::from(expired).to_string();
        for statement in [
            "delete from ducklake_snapshot
             where snapshot_id in (select value from json_each(?))",
            "delete from ducklake_snapshot_changes
             where snapshot_id in (select value from json_each(?))",
            "delete from svodka_snapshot
             where snapshot_id in (select value from json_each(?))",
            "delete from svodka_change
             where snapshot_id in (select value from json_each(?))",
        ] {
            sqlx::query(statement)
                .bind(&expired)
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
        }
        let dead: Vec<(i64, String, String)> = sqlx::query_as(
            "select f.data_file_id, t.table_name, f.path
             from ducklake_data_file f join ducklake_table t using (table_id)
             where f.end_snapshot is not null and not exists
                (select 1 from ducklake_snapshot s
                 where s.snapshot_id >= f.begin_snapshot and s.snapshot_id < f.end_snapshot)",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(wrap)?;
        let ids: Vec<i64> = dead.iter().map(|row| row.0).collect();
        let ids = serde_json::Value::from(ids).to_string();
        for statement in [
            "delete from ducklake_file_column_stats
             where data_file_id in (select value from json_each(?))",
            "delete from svodka_file
             where data_file_id in (select value from json_each(?))",
            "delete from ducklake_data_file
             where data_file_id in (select value from json_each(?))",
        ] {
            sqlx::query(statement)
                .bind(&ids)
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
        }
        tx.commit().await.map_err(wrap)?;
        self.inner
            .cache
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
        Ok(dead.into_iter().map(|row| (row.1, row.2)).collect())
    }
}

struct Found {
    table: &'static str,
    name: String,
    path: PathBuf,
    bytes: u64,
    /// µs in UTC.
    changed_at: i64,
}

/// Every file in the folders of the tables.
fn list(inner: &Inner) -> Result<Vec<Found>, LakeError> {
    let mut all = Vec::new();
    for table in TABLES {
        let folder = inner.dir.join("files").join(table.name);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(LakeError::io(&folder, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| LakeError::io(&folder, error))?;
            let path = entry.path();
            // A commit in another process may rename or remove its own files meanwhile.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if !metadata.is_file() {
                continue;
            }
            let changed_at = metadata
                .modified()
                .ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(0, |age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
            all.push(Found {
                table: table.name,
                name: entry.file_name().to_string_lossy().into_owned(),
                path,
                bytes: metadata.len(),
                changed_at,
            });
        }
    }
    all.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(all)
}

fn look(path: &Path, expected_bytes: i64, digest: Option<&str>) -> Option<ProblemKind> {
    let unreadable = |error: std::io::Error| ProblemKind::Unreadable {
        reason: error.to_string(),
    };
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Some(ProblemKind::Missing);
        }
        Err(error) => return Some(unreadable(error)),
    };
    let mut hasher = Sha256::new();
    let mut found_bytes = 0;
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                found_bytes += count as i64;
                hasher.update(&buffer[..count]);
            }
            Err(error) => return Some(unreadable(error)),
        }
    }
    if found_bytes != expected_bytes {
        return Some(ProblemKind::Torn {
            expected_bytes,
            found_bytes,
        });
    }
    let found = hexadecimal(&hasher.finalize());
    (digest != Some(found.as_str())).then_some(ProblemKind::Changed)
}

fn relative(inner: &Inner, path: &Path) -> PathBuf {
    path.strip_prefix(&inner.dir).unwrap_or(path).to_owned()
}
