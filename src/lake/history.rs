//! The log of snapshots, and pins that keep some of them for ever.

use crate::{Lake, LakeError};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use std::collections::BTreeMap;

/// One snapshot as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    pub snapshot_id: i64,
    /// µs in UTC.
    pub at: i64,
    pub note: String,
    pub import_id: Option<i32>,
    pub file_name: Option<String>,
    pub tables: Vec<TableLog>,
    /// Why the snapshot is kept for ever, if it is.
    pub pinned: Option<String>,
}

/// What a snapshot did to one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableLog {
    #[serde(skip)]
    snapshot_id: i64,
    pub table: String,
    pub added_rows: i64,
    pub removed_rows: i64,
    pub added_files: i64,
    pub removed_files: i64,
}

impl FromRow<'_, SqliteRow> for TableLog {
    fn from_row(row: &SqliteRow) -> Result<TableLog, sqlx::Error> {
        Ok(TableLog {
            snapshot_id: row.try_get("snapshot_id")?,
            table: row.try_get("table_name")?,
            added_rows: row.try_get("added_rows")?,
            removed_rows: row.try_get("removed_rows")?,
            added_files: row.try_get("added_files")?,
            removed_files: row.try_get("removed_files")?,
        })
    }
}

type LogRow = (
    i64,
    i64,
    Option<String>,
    Option<i32>,
    Option<String>,
    Option<String>,
);

impl Lake {
    /// All snapshots, oldest first.
    pub async fn log(&self) -> Result<Vec<LogEntry>, LakeError> {
        let inner = &self.inner;
        let wrap = |error| inner.sql(error);
        let snapshots: Vec<LogRow> = sqlx::query_as(
            "select s.snapshot_id, s.at_us, c.commit_message, s.import_id, i.file_name, p.reason
             from svodka_snapshot s
             left join ducklake_snapshot_changes c using (snapshot_id)
             left join svodka_import i on i.import_id = s.import_id
             left join svodka_pin p on p.snapshot_id = s.snapshot_id
             order by s.snapshot_id",
        )
        .fetch_all(&inner.pool)
        .await
        .map_err(wrap)?;
        let changes: Vec<TableLog> = sqlx::query_as(
            "select snapshot_id, table_name, added_rows, removed_rows, added_files, removed_files
             from svodka_change join ducklake_table using (table_id)
             order by snapshot_id, table_id",
        )
        .fetch_all(&inner.pool)
        .await
        .map_err(wrap)?;
        let mut by_snapshot: BTreeMap<i64, Vec<TableLog>> = BTreeMap::new();
        for change in changes {
            by_snapshot
                .entry(change.snapshot_id)
                .or_default()
                .push(change);
        }
        Ok(snapshots
            .into_iter()
            .map(
                |(snapshot_id, at, note, import_id, file_name, pinned)| LogEntry {
                    snapshot_id,
                    at,
                    note: note.unwrap_or_default(),
                    import_id,
                    file_name,
                    tables: by_snapshot.remove(&snapshot_id).unwrap_or_default(),
                    pinned,
                },
            )
            .collect())
    }

    /// Keeps a snapshot from the collector; pinning it again changes the reason.
    pub async fn pin(&self, snapshot_id: i64, reason: &str) -> Result<(), LakeError> {
        let _lock = self.write_lock().await?;
        let inner = &self.inner;
        let done = sqlx::query(
            "insert into svodka_pin
             select snapshot_id, ?2, ?3 from ducklake_snapshot where snapshot_id = ?1
             on conflict (snapshot_id) do update set reason = excluded.reason",
        )
        .bind(snapshot_id)
        .bind(reason)
        .bind((inner.now)())
        .execute(&inner.pool)
        .await
        .map_err(|error| inner.sql(error))?;
        if done.rows_affected() == 0 {
            return Err(LakeError::NoSnapshot {
                asked: snapshot_id.to_string(),
            });
        }
        Ok(())
    }

    /// Lets the collector have the snapshot again.
    pub async fn unpin(&self, snapshot_id: i64) -> Result<(), LakeError> {
        let _lock = self.write_lock().await?;
        sqlx::query("delete from svodka_pin where snapshot_id = ?")
            .bind(snapshot_id)
            .execute(&self.inner.pool)
            .await
            .map_err(|error| self.inner.sql(error))?;
        Ok(())
    }
}
