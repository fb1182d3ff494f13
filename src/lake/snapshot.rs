//! Which files make up each table at a moment of the lake's history.

use crate::catalog::Inner;
use crate::stats::{self, ColumnStats};
use crate::{Lake, LakeError};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use std::path::PathBuf;
use std::sync::Arc;
use svodka_journal::contract::TABLES;

/// A moment of the lake's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsOf {
    Latest,
    /// The snapshot with this id.
    Id(i64),
    /// The last snapshot made at or before this instant, µs in UTC.
    At(i64),
}

/// One immutable Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    pub data_file_id: i64,
    /// Table that the file belongs to.
    pub table: &'static str,
    /// Name inside the folder of the table; [`Lake::file_path`] gives the whole path.
    pub path: String,
    pub rows: i64,
    pub bytes: i64,
    /// Length of the Parquet footer without the eight bytes after it.
    pub footer_size: i64,
    /// The only organisation in the file; none in tables that hold all organisations.
    pub org_id: Option<i32>,
    /// In the order of the table's columns.
    pub columns: Vec<ColumnStats>,
}

/// The lake at one moment: never changes, cheap to clone inside an `Arc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub id: i64,
    /// When it was made, µs in UTC.
    pub at: i64,
    /// The latest export time among the imports up to here, µs in UTC; none in an empty lake.
    pub data_as_of: Option<i64>,
    /// In the order of [`TABLES`].
    tables: Vec<Vec<Arc<DataFile>>>,
}

impl Snapshot {
    /// Live files of a table, in the order of their ids; empty for an unknown table.
    #[must_use]
    pub fn files(&self, table: &str) -> &[Arc<DataFile>] {
        TABLES
            .iter()
            .position(|known| known.name == table)
            .map_or(&[], |at| &self.tables[at])
    }

    /// Every table with its live files.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &[Arc<DataFile>])> {
        TABLES
            .iter()
            .zip(&self.tables)
            .map(|(table, files)| (table.name, files.as_slice()))
    }

    /// Rows of a table.
    #[must_use]
    pub fn rows(&self, table: &str) -> i64 {
        self.files(table).iter().map(|file| file.rows).sum()
    }
}

/// Snapshots seen lately. Files are shared between them, so each costs little.
#[derive(Debug, Default)]
pub(crate) struct SnapshotCache {
    recent: Vec<Arc<Snapshot>>,
}

/// How many snapshots stay in memory: the latest and some that people look back at.
const CACHED_SNAPSHOTS: usize = 16;

impl SnapshotCache {
    fn get(&self, id: i64) -> Option<Arc<Snapshot>> {
        self.recent.iter().find(|known| known.id == id).cloned()
    }

    /// The snapshot nearest to `id`: most of its files are shared.
    fn nearest(&self, id: i64) -> Option<Arc<Snapshot>> {
        self.recent
            .iter()
            .min_by_key(|known| known.id.abs_diff(id))
            .cloned()
    }

    /// Forgets everything: snapshots may have gone.
    pub(crate) fn clear(&mut self) {
        self.recent.clear();
    }

    fn put(&mut self, snapshot: Arc<Snapshot>) {
        self.recent.retain(|known| known.id != snapshot.id);
        if self.recent.len() == CACHED_SNAPSHOTS {
            self.recent.remove(0);
        }
        self.recent.push(snapshot);
    }
}

impl Lake {
    /// The lake at a moment. One small SELECT when nothing changed since the last call.
    pub async fn snapshot(&self, as_of: AsOf) -> Result<Arc<Snapshot>, LakeError> {
        let inner = &self.inner;
        let id: Option<i64> = match as_of {
            AsOf::Latest => sqlx::query_scalar("select max(snapshot_id) from ducklake_snapshot")
                .fetch_one(&inner.pool)
                .await
                .map_err(|error| inner.sql(error))?,
            AsOf::Id(id) => Some(id),
            AsOf::At(instant) => {
                sqlx::query_scalar("select max(snapshot_id) from svodka_snapshot where at_us <= ?")
                    .bind(instant)
                    .fetch_one(&inner.pool)
                    .await
                    .map_err(|error| inner.sql(error))?
            }
        };
        let id = id.ok_or_else(|| LakeError::NoSnapshot {
            asked: match as_of {
                AsOf::Latest => "yet".to_owned(),
                AsOf::Id(id) => id.to_string(),
                AsOf::At(instant) => format!("at or before {}", stats::instant_text(instant)),
            },
        })?;
        let (cached, nearest) = {
            let cache = lock(inner);
            (cache.get(id), cache.nearest(id))
        };
        if let Some(snapshot) = cached {
            return Ok(snapshot);
        }
        let snapshot = Arc::new(load(inner, id, nearest.as_deref()).await?);
        lock(inner).put(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Where a file lies.
    #[must_use]
    pub fn file_path(&self, file: &DataFile) -> PathBuf {
        self.inner.file_path(file.table, &file.path)
    }
}

impl Inner {
    pub(crate) fn file_path(&self, table: &str, name: &str) -> PathBuf {
        let mut path = self.dir.join("files");
        path.push(table);
        path.push(name);
        path
    }
}

fn lock(inner: &Inner) -> std::sync::MutexGuard<'_, SnapshotCache> {
    // The cache holds only whole values, so a panic elsewhere cannot have left it half-written.
    inner
        .cache
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct FileRow {
    data_file_id: i64,
    table_id: i64,
    path: String,
    record_count: i64,
    file_size_bytes: i64,
    footer_size: i64,
    org_id: Option<i32>,
}

impl FromRow<'_, SqliteRow> for FileRow {
    fn from_row(row: &SqliteRow) -> Result<FileRow, sqlx::Error> {
        Ok(FileRow {
            data_file_id: row.try_get("data_file_id")?,
            table_id: row.try_get("table_id")?,
            path: row.try_get("path")?,
            record_count: row.try_get("record_count")?,
            file_size_bytes: row.try_get("file_size_bytes")?,
            footer_size: row.try_get("footer_size")?,
            org_id: row.try_get("org_id")?,
        })
    }
}

struct StatsRow {
    data_file_id: i64,
    column_id: i64,
    null_count: i64,
    min_value: Option<String>,
    max_value: Option<String>,
}

impl FromRow<'_, SqliteRow> for StatsRow {
    fn from_row(row: &SqliteRow) -> Result<StatsRow, sqlx::Error> {
        Ok(StatsRow {
            data_file_id: row.try_get("data_file_id")?,
            column_id: row.try_get("column_id")?,
            null_count: row.try_get("null_count")?,
            min_value: row.try_get("min_value")?,
            max_value: row.try_get("max_value")?,
        })
    }
}

/// Reads snapshot `id`; what `known` already holds is shared, not read again.
async fn load(inner: &Inner, id: i64, known: Option<&Snapshot>) -> Result<Snapshot, LakeError> {
    let wrap = |error| inner.sql(error);
    let (at, data_as_of): (i64, Option<i64>) =
        sqlx::query_as("select at_us, data_as_of from svodka_snapshot where snapshot_id = ?")
            .bind(id)
            .fetch_optional(&inner.pool)
            .await
            .map_err(wrap)?
            .ok_or_else(|| LakeError::NoSnapshot {
                asked: id.to_string(),
            })?;
    let live: FxHashSet<i64> = sqlx::query_scalar(
        "select data_file_id from ducklake_data_file
         where begin_snapshot <= ?1 and (end_snapshot is null or end_snapshot > ?1)",
    )
    .bind(id)
    .fetch_all(&inner.pool)
    .await
    .map_err(wrap)?
    .into_iter()
    .collect();

    let mut tables: Vec<Vec<Arc<DataFile>>> = vec![Vec::new(); TABLES.len()];
    let mut missing = live.clone();
    if let Some(known) = known {
        for (files, known_files) in tables.iter_mut().zip(&known.tables) {
            for file in known_files {
                if missing.remove(&file.data_file_id) {
                    files.push(Arc::clone(file));
                }
            }
        }
    }
    if !missing.is_empty() {
        let mut missing: Vec<i64> = missing.into_iter().collect();
        missing.sort_unstable();
        for (at, file) in load_files(inner, &missing).await? {
            tables[at].push(Arc::new(file));
        }
    }
    for files in &mut tables {
        files.sort_unstable_by_key(|file| file.data_file_id);
    }
    Ok(Snapshot {
        id,
        at,
        data_as_of,
        tables,
    })
}

/// The files with these ids, each with the position of its table in the contract.
async fn load_files(inner: &Inner, ids: &[i64]) -> Result<Vec<(usize, DataFile)>, LakeError> {
    let wrap = |error| inner.sql(error);
    let ids = serde_json::Value::from(ids).to_string();
    let files: Vec<FileRow> = sqlx::query_as(
        "select f.data_file_id, f.table_id, f.path, f.record_count, f.file_size_bytes,
                f.footer_size, s.org_id
         from ducklake_data_file f left join svodka_file s using (data_file_id)
         where f.data_file_id in (select value from json_each(?))",
    )
    .bind(&ids)
    .fetch_all(&inner.pool)
    .await
    .map_err(wrap)?;
    let stats: Vec<StatsRow> = sqlx::query_as(
        "select data_file_id, column_id, null_count, min_value, max_value
         from ducklake_file_column_stats
         where data_file_id in (select value from json_each(?))",
    )
    .bind(&ids)
    .fetch_all(&inner.pool)
    .await
    .map_err(wrap)?;

    let mut stats_of: FxHashMap<i64, Vec<StatsRow>> = FxHashMap::default();
    for row in stats {
        stats_of.entry(row.data_file_id).or_default().push(row);
    }
    let mut found = Vec::with_capacity(files.len());
    for row in files {
        let Some(at) = inner
            .table_ids
            .iter()
            .position(|id| *id == Some(row.table_id))
        else {
            continue;
        };
        let table = &TABLES[at];
        let mut columns = vec![ColumnStats::default(); table.columns.len()];
        for stat in stats_of.remove(&row.data_file_id).unwrap_or_default() {
            let Some(position) = usize::try_from(stat.column_id - 1)
                .ok()
                .filter(|position| *position < columns.len())
            else {
                continue;
            };
            let kind = table.columns[position].kind;
            let value = |text: Option<String>| text.and_then(|text| stats::from_text(kind, &text));
            columns[position] = ColumnStats {
                null_count: stat.null_count,
                min: value(stat.min_value),
                max: value(stat.max_value),
            };
        }
        found.push((
            at,
            DataFile {
                data_file_id: row.data_file_id,
                table: table.name,
                path: row.path,
                rows: row.record_count,
                bytes: row.file_size_bytes,
                footer_size: row.footer_size,
                org_id: row.org_id,
                columns,
            },
        ));
    }
    Ok(found)
}
