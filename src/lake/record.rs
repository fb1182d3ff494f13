//! What one commit writes into the catalog, all of it in one SQL transaction.

use crate::catalog::Inner;
use crate::stats::{self, ColumnStats, StatValue};
use crate::store::NewFile;
use crate::{Commit, DataFile, ImportStatus, LakeError, Snapshot, schema};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use svodka_journal::contract::TABLES;

/// What the SQL transaction writes down.
pub(crate) struct Record<'a> {
    pub inner: &'a Inner,
    pub base: &'a Snapshot,
    pub ended: &'a [(usize, Arc<DataFile>)],
    pub added: &'a BTreeMap<usize, i64>,
    pub removed: &'a BTreeMap<usize, i64>,
    pub is_merge: bool,
    pub commit: &'a Commit,
}

pub(crate) type Tx = Transaction<'static, Sqlite>;

impl Record<'_> {
    /// Writes everything down; returns the new snapshot, or the latest one when the lake stays as
    /// it is.
    pub(crate) async fn insert(&self, tx: &mut Tx, files: &[NewFile]) -> Result<i64, LakeError> {
        let wrap = |error| self.inner.sql(error);
        let (last, schema_version, catalog_id, file_id): (i64, i64, i64, i64) = sqlx::query_as(
            "select snapshot_id, schema_version, next_catalog_id, next_file_id
             from ducklake_snapshot order by snapshot_id desc limit 1",
        )
        .fetch_one(&mut **tx)
        .await
        .map_err(wrap)?;
        if last != self.base.id {
            return Err(LakeError::Foreign {
                path: self.inner.catalog_path.clone(),
                reason: "another program changed the catalog during a commit".to_owned(),
            });
        }
        let is_loaded = self
            .commit
            .import
            .as_ref()
            .is_some_and(|import| import.status == ImportStatus::Loaded);
        let changes_lake = is_loaded
            || !files.is_empty()
            || !self.ended.is_empty()
            || !self.commit.slices.is_empty();
        let snapshot = if changes_lake { last + 1 } else { last };
        if changes_lake {
            self.insert_snapshot(
                tx,
                snapshot,
                schema_version,
                catalog_id,
                file_id + files.len() as i64,
                files,
            )
            .await
            .map_err(wrap)?;
            self.insert_files(tx, snapshot, file_id, files)
                .await
                .map_err(wrap)?;
            self.insert_slices(tx, snapshot).await.map_err(wrap)?;
        }
        if let Some(import) = &self.commit.import {
            self.insert_import(tx, snapshot, import).await?;
        }
        Ok(snapshot)
    }

    async fn insert_snapshot(
        &self,
        tx: &mut Tx,
        snapshot: i64,
        schema_version: i64,
        next_catalog_id: i64,
        next_file_id: i64,
        files: &[NewFile],
    ) -> Result<(), sqlx::Error> {
        // Time never runs backwards in the log, even when the clock does.
        let at = (self.inner.now)().max(self.base.at);
        sqlx::query("insert into ducklake_snapshot values (?, ?, ?, ?, ?)")
            .bind(snapshot)
            .bind(stats::instant_text(at))
            .bind(schema_version)
            .bind(next_catalog_id)
            .bind(next_file_id)
            .execute(&mut **tx)
            .await?;
        sqlx::query(
            "insert into ducklake_snapshot_changes (snapshot_id, changes_made, commit_message)
             values (?, ?, ?)",
        )
        .bind(snapshot)
        .bind(self.changes_made(files))
        .bind(&self.commit.note)
        .execute(&mut **tx)
        .await?;
        let import = self.commit.import.as_ref();
        let exported_at = import
            .filter(|import| import.status == ImportStatus::Loaded)
            .and_then(|import| import.exported_at);
        sqlx::query(
            "insert into svodka_snapshot (snapshot_id, at_us, import_id, data_as_of)
             values (?, ?, ?, ?)",
        )
        .bind(snapshot)
        .bind(at)
        .bind(import.map(|import| import.import_id))
        .bind(self.base.data_as_of.max(exported_at))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// DuckLake's list of what a snapshot did.
    fn changes_made(&self, files: &[NewFile]) -> String {
        let id = |at: usize| self.inner.table_ids[at].unwrap_or_default();
        let inserted: BTreeSet<i64> = files.iter().map(|file| id(file.table_at)).collect();
        let deleted: BTreeSet<i64> = self.ended.iter().map(|(at, _)| id(*at)).collect();
        let mut changes = Vec::new();
        if self.is_merge {
            changes.extend(inserted.iter().map(|id| format!("merge_adjacent:{id}")));
        } else {
            changes.extend(
                inserted
                    .iter()
                    .map(|id| format!("inserted_into_table:{id}")),
            );
            changes.extend(deleted.iter().map(|id| format!("deleted_from_table:{id}")));
        }
        changes.join(",")
    }

    async fn insert_files(
        &self,
        tx: &mut Tx,
        snapshot: i64,
        first_file_id: i64,
        files: &[NewFile],
    ) -> Result<(), sqlx::Error> {
        let ended: Vec<i64> = self
            .ended
            .iter()
            .map(|(_, file)| file.data_file_id)
            .collect();
        sqlx::query(
            "update ducklake_data_file set end_snapshot = ?
             where data_file_id in (select value from json_each(?))",
        )
        .bind(snapshot)
        .bind(Value::from(ended).to_string())
        .execute(&mut **tx)
        .await?;

        let mut next_row: BTreeMap<usize, i64> = BTreeMap::new();
        let touched: BTreeSet<usize> = files
            .iter()
            .map(|file| file.table_at)
            .chain(self.ended.iter().map(|(at, _)| *at))
            .chain(self.added.keys().copied())
            .collect();
        for &at in &touched {
            let next: i64 = sqlx::query_scalar(
                "select next_row_id from ducklake_table_stats where table_id = ?",
            )
            .bind(self.inner.table_ids[at])
            .fetch_one(&mut **tx)
            .await?;
            next_row.insert(at, next);
        }

        let mut data_files = Vec::new();
        let mut column_stats = Vec::new();
        let mut digests = Vec::new();
        for (file, id) in files.iter().zip(first_file_id..) {
            let table_id = self.inner.table_ids[file.table_at];
            let row_id = next_row.entry(file.table_at).or_default();
            data_files.push(json!([
                id,
                table_id,
                snapshot,
                file.name,
                file.rows,
                file.bytes,
                file.footer_size,
                *row_id
            ]));
            *row_id += file.rows;
            digests.push(json!([id, file.sha256, file.org_id]));
            let columns = TABLES[file.table_at].columns;
            for (at, (column, stats)) in columns.iter().zip(&file.stats).enumerate() {
                let text = |value: &Option<StatValue>| {
                    value
                        .as_ref()
                        .map(|value| stats::to_text(column.kind, value))
                };
                column_stats.push(json!([
                    id,
                    table_id,
                    schema::column_id(at),
                    file.column_bytes[at],
                    file.rows - stats.null_count,
                    stats.null_count,
                    text(&stats.min),
                    text(&stats.max)
                ]));
            }
        }
        insert(
            tx,
            "insert into ducklake_data_file
             select value ->> 0, value ->> 1, value ->> 2, null, null, value ->> 3, 1, 'parquet',
                    value ->> 4, value ->> 5, value ->> 6, value ->> 7, null, null, null, null
             from json_each(?)",
            data_files,
        )
        .await?;
        insert(
            tx,
            "insert into ducklake_file_column_stats
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, value ->> 7, null, null
             from json_each(?)",
            column_stats,
        )
        .await?;
        insert(
            tx,
            "insert into svodka_file select value ->> 0, value ->> 1, value ->> 2 from json_each(?)",
            digests,
        )
        .await?;
        self.update_table_stats(tx, files, &touched, &next_row)
            .await?;
        self.insert_changes(tx, snapshot, files, &touched).await
    }

    async fn update_table_stats(
        &self,
        tx: &mut Tx,
        files: &[NewFile],
        touched: &BTreeSet<usize>,
        next_row: &BTreeMap<usize, i64>,
    ) -> Result<(), sqlx::Error> {
        let mut totals = Vec::new();
        for &at in touched {
            let old = self.base.files(TABLES[at].name).iter();
            let (mut rows, mut bytes) =
                old.fold((0, 0), |sum, file| (sum.0 + file.rows, sum.1 + file.bytes));
            for (_, file) in self.ended.iter().filter(|(ended, _)| *ended == at) {
                rows -= file.rows;
                bytes -= file.bytes;
            }
            for file in files.iter().filter(|file| file.table_at == at) {
                rows += file.rows;
                bytes += file.bytes;
            }
            totals.push(json!([
                self.inner.table_ids[at],
                rows,
                next_row[&at],
                bytes
            ]));
        }
        insert(
            tx,
            "update ducklake_table_stats
             set record_count = new.value ->> 1, next_row_id = new.value ->> 2,
                 file_size_bytes = new.value ->> 3
             from json_each(?) new where table_id = new.value ->> 0",
            totals,
        )
        .await?;
        self.widen_column_stats(tx, files).await
    }

    /// Ranges of whole tables only grow: older snapshots still read the files that set them.
    async fn widen_column_stats(&self, tx: &mut Tx, files: &[NewFile]) -> Result<(), sqlx::Error> {
        let tables: BTreeSet<usize> = files.iter().map(|file| file.table_at).collect();
        let ids: Vec<i64> = tables
            .iter()
            .filter_map(|at| self.inner.table_ids[*at])
            .collect();
        let stored: Vec<(i64, i64, i64, Option<String>, Option<String>)> = sqlx::query_as(
            "select table_id, column_id, contains_null, min_value, max_value
             from ducklake_table_column_stats
             where table_id in (select value from json_each(?))",
        )
        .bind(Value::from(ids.clone()).to_string())
        .fetch_all(&mut **tx)
        .await?;
        let stored: FxHashMap<(i64, i64), _> = stored
            .into_iter()
            .map(|row| ((row.0, row.1), (row.2, row.3, row.4)))
            .collect();
        let mut rows = Vec::new();
        for at in tables {
            let Some(table_id) = self.inner.table_ids[at] else {
                continue;
            };
            for (position, column) in TABLES[at].columns.iter().enumerate() {
                let column_id = schema::column_id(position);
                let known = stored.get(&(table_id, column_id));
                let parse = |text: &Option<String>| {
                    text.as_ref()
                        .and_then(|text| stats::from_text(column.kind, text))
                };
                let mut total =
                    known.map_or_else(ColumnStats::default, |(nulls, min, max)| ColumnStats {
                        null_count: *nulls,
                        min: parse(min),
                        max: parse(max),
                    });
                let mut is_first = known.is_none();
                for file in files.iter().filter(|file| file.table_at == at) {
                    total.widen(&file.stats[position], file.rows, is_first);
                    is_first = false;
                }
                let text = |value: &Option<StatValue>| {
                    value
                        .as_ref()
                        .map(|value| stats::to_text(column.kind, value))
                };
                rows.push(json!([
                    table_id,
                    column_id,
                    i64::from(total.null_count > 0),
                    text(&total.min),
                    text(&total.max)
                ]));
            }
        }
        sqlx::query(
            "delete from ducklake_table_column_stats
             where table_id in (select value from json_each(?))",
        )
        .bind(Value::from(ids).to_string())
        .execute(&mut **tx)
        .await?;
        insert(
            tx,
            "insert into ducklake_table_column_stats
             select value ->> 0, value ->> 1, value ->> 2, null, value ->> 3, value ->> 4, null
             from json_each(?)",
            rows,
        )
        .await
    }

    async fn insert_changes(
        &self,
        tx: &mut Tx,
        snapshot: i64,
        files: &[NewFile],
        touched: &BTreeSet<usize>,
    ) -> Result<(), sqlx::Error> {
        let rows = touched
            .iter()
            .map(|at| {
                json!([
                    snapshot,
                    self.inner.table_ids[*at],
                    self.added.get(at).copied().unwrap_or_default(),
                    self.removed.get(at).copied().unwrap_or_default(),
                    files.iter().filter(|file| file.table_at == *at).count(),
                    self.ended.iter().filter(|(ended, _)| ended == at).count()
                ])
            })
            .collect();
        insert(
            tx,
            "insert into svodka_change
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
             from json_each(?)",
            rows,
        )
        .await
    }
}

/// Runs a statement over rows that travel as one JSON array: one call however many they are.
pub(crate) async fn insert(
    tx: &mut Tx,
    statement: &'static str,
    rows: Vec<Value>,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(statement)
        .bind(Value::from(rows).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
