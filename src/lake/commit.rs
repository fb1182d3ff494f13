//! The commit: rows → sorted files → durable on disk → one SQL transaction over everything.

use crate::catalog::Inner;
use crate::lock::WriteLock;
use crate::merge::{self, LARGEST_FILE_ROWS, everything};
use crate::read::{Key, KeySet, blocking, leftovers, read_file, table_at};
use crate::records::{KeyKind, Sequence};
use crate::sorting::{integers_of, normalise, sorted};
use crate::stats::{self, ColumnStats};
use crate::store::{NewFile, Staging};
use crate::{DataFile, ImportRecord, ImportStatus, Lake, LakeError, SliceState, Snapshot, schema};
use arrow::array::RecordBatch;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use svodka_journal::Finding;
use svodka_journal::contract::{Partition, TABLES, TableContract};

/// What one import brings; all of it becomes visible at once.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    pub import: Option<ImportRecord>,
    pub changes: Vec<TableChange>,
    /// Who owns the touched months of courses from now on.
    pub slices: Vec<SliceState>,
    pub findings: Vec<Finding>,
    /// One line for the log.
    pub note: String,
}

/// New rows of one table and the keys whose live rows they replace.
#[derive(Debug, Clone)]
pub struct TableChange {
    pub table: &'static str,
    /// Columns are found by name; plain texts are accepted for dictionaries.
    pub rows: Vec<RecordBatch>,
    /// Values of the table's `replace_key`: live rows with these keys go. Nothing else goes.
    pub replaced: Vec<Key>,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The new snapshot, or the latest one when nothing of the lake changed.
    pub snapshot_id: i64,
    /// Rows added, by table.
    pub rows: BTreeMap<&'static str, i64>,
}

/// Rows of one partition that become one file (or several, when they are very many).
#[derive(Debug)]
pub(crate) struct Job {
    pub table_at: usize,
    pub org_id: Option<i32>,
    pub batches: Vec<RecordBatch>,
}

/// What a commit does to files.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub jobs: Vec<Job>,
    pub ended: Vec<(usize, Arc<DataFile>)>,
    /// Rows that the commit adds and drops, by position of the table.
    pub added: BTreeMap<usize, i64>,
    pub removed: BTreeMap<usize, i64>,
    /// The rows stay the same: files are merged.
    pub is_merge: bool,
}

/// Works out which live files change and which rows the new ones hold.
pub(crate) fn plan(
    inner: &Inner,
    snapshot: &Snapshot,
    changes: Vec<TableChange>,
) -> Result<Plan, LakeError> {
    let mut by_table: BTreeMap<usize, (Vec<RecordBatch>, Vec<Key>)> = BTreeMap::new();
    for change in changes {
        let (at, _) = table_at(change.table)?;
        let entry = by_table.entry(at).or_default();
        entry.0.extend(change.rows);
        entry.1.extend(change.replaced);
    }
    let mut plan = Plan::default();
    for (at, (rows, replaced)) in by_table {
        plan_table(inner, snapshot, at, &rows, &replaced, &mut plan)?;
    }
    Ok(plan)
}

fn plan_table(
    inner: &Inner,
    snapshot: &Snapshot,
    at: usize,
    rows: &[RecordBatch],
    replaced: &[Key],
    plan: &mut Plan,
) -> Result<(), LakeError> {
    let table = &TABLES[at];
    let mut partitions: BTreeMap<Option<i32>, Vec<RecordBatch>> = BTreeMap::new();
    for batch in rows.iter().filter(|batch| batch.num_rows() > 0) {
        let batch = normalise(table, batch)?;
        *plan.added.entry(at).or_default() += batch.num_rows() as i64;
        split_by_partition(table, batch, &mut partitions)?;
    }

    let mut untouched: Vec<Arc<DataFile>> = Vec::new();
    let keys = KeySet::new(table, replaced);
    for file in snapshot.files(table.name) {
        let left = if keys.may_touch_file(table, file) {
            leftovers(inner, table, file, &keys)?
        } else {
            None
        };
        let Some(left) = left else {
            untouched.push(Arc::clone(file));
            continue;
        };
        let left_rows: usize = left.iter().map(RecordBatch::num_rows).sum();
        *plan.removed.entry(at).or_default() += file.rows - left_rows as i64;
        plan.ended.push((at, Arc::clone(file)));
        if left_rows > 0 {
            partitions.entry(file.org_id).or_default().extend(left);
        }
    }

    let untouched = merge::partitions(&untouched);
    for (org_id, mut batches) in partitions {
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let others = untouched.get(&org_id).map_or(&[][..], Vec::as_slice);
        for file in merge::to_absorb(count as i64, others) {
            batches.extend(read_file(inner, table, &file, &everything(table))?);
            plan.ended.push((at, file));
        }
        plan.jobs.push(Job {
            table_at: at,
            org_id,
            batches,
        });
    }
    Ok(())
}

/// Adds the rows to their partitions: one per organisation, or one for all.
fn split_by_partition(
    table: &TableContract,
    batch: RecordBatch,
    partitions: &mut BTreeMap<Option<i32>, Vec<RecordBatch>>,
) -> Result<(), LakeError> {
    if table.partition == Partition::Global {
        partitions.entry(None).or_default().push(batch);
        return Ok(());
    }
    let is_one = |orgs: &[i64]| orgs.windows(2).all(|pair| pair[0] == pair[1]);
    let mut orgs = integers_of(table, &batch, "org_id")?;
    let batch = if is_one(&orgs) {
        batch
    } else {
        let batch = sorted(table, &[batch])?
            .ok_or_else(|| LakeError::rows(table.name, "rows got lost while sorting"))?;
        orgs = integers_of(table, &batch, "org_id")?;
        batch
    };
    let mut start = 0;
    for run in orgs.chunk_by(|left, right| left == right) {
        let org_id = i32::try_from(run[0]).map_err(|error| LakeError::rows(table.name, error))?;
        partitions
            .entry(Some(org_id))
            .or_default()
            .push(batch.slice(start, run.len()));
        start += run.len();
    }
    Ok(())
}

/// Sorts, encodes and writes the files of a plan; they are durable when this returns.
fn write(inner: &Inner, jobs: Vec<Job>) -> Result<Staging, LakeError> {
    // Largest first, so that both threads end at about the same time.
    let mut jobs = jobs;
    jobs.sort_by_key(|job| job.batches.iter().map(RecordBatch::num_rows).sum::<usize>());
    let is_small = jobs.len() < 2;
    let queue = Mutex::new(jobs);
    // Files are collected outside the threads, so that an error of one removes those of all.
    let staging = Mutex::new(Staging::default());
    let work = || -> Result<(), LakeError> {
        loop {
            let job = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(job) = job else { return Ok(()) };
            for file in write_job(inner, job) {
                let file = file?;
                staging
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .files
                    .push(file);
            }
        }
    };
    if is_small {
        work()?;
    } else {
        std::thread::scope(|scope| {
            let helper = scope.spawn(work);
            let mine = work();
            let theirs = helper.join().map_err(|_| LakeError::Worker {
                reason: "a thread that writes files stopped".to_owned(),
            })?;
            mine.and(theirs)
        })?;
    }
    let mut staging = staging.into_inner().unwrap_or_else(PoisonError::into_inner);
    staging
        .files
        .sort_by(|left, right| (left.table_at, left.org_id).cmp(&(right.table_at, right.org_id)));
    staging.settle(&inner.dir)?;
    Ok(staging)
}

fn write_job(inner: &Inner, job: Job) -> impl Iterator<Item = Result<NewFile, LakeError>> {
    let table = &TABLES[job.table_at];
    let (batch, fault) = match sorted(table, &job.batches) {
        Ok(batch) => (batch, None),
        Err(error) => (None, Some(Err(error))),
    };
    drop(job.batches);
    let pieces: Vec<RecordBatch> = batch.map_or_else(Vec::new, |batch| {
        let count = batch.num_rows().div_ceil(LARGEST_FILE_ROWS as usize).max(1);
        let length = batch.num_rows().div_ceil(count);
        (0..count)
            .map(|piece| {
                let start = piece * length;
                batch.slice(start, length.min(batch.num_rows() - start))
            })
            .collect()
    });
    fault.into_iter().chain(
        pieces
            .into_iter()
            .map(move |piece| NewFile::write(inner, job.table_at, job.org_id, &piece)),
    )
}

/// Identities given out since the writer began: kind, organisation, natural key, id.
pub(crate) type NewKeys = Vec<(KeyKind, i32, String, i32)>;

/// Carries a plan out. Runs to its end even when the caller stops waiting.
pub(crate) async fn run(
    lake: Lake,
    lock: WriteLock,
    base: Arc<Snapshot>,
    plan: Plan,
    commit: Commit,
    sequences: BTreeMap<Sequence, i64>,
    keys: NewKeys,
) -> Result<Committed, LakeError> {
    let task = tokio::spawn(async move {
        let committed = carry_out(&lake, &base, plan, &commit, &sequences, &keys).await;
        drop(lock);
        committed
    });
    task.await.map_err(|error| LakeError::Worker {
        reason: error.to_string(),
    })?
}

async fn carry_out(
    lake: &Lake,
    base: &Snapshot,
    plan: Plan,
    commit: &Commit,
    sequences: &BTreeMap<Sequence, i64>,
    keys: &NewKeys,
) -> Result<Committed, LakeError> {
    let inner = &lake.inner;
    let Plan {
        jobs,
        ended,
        added,
        removed,
        is_merge,
    } = plan;
    let mut staging = {
        let inner = Arc::clone(inner);
        blocking(move || write(&inner, jobs)).await?
    };
    let record = Record {
        inner,
        base,
        ended: &ended,
        added: &added,
        removed: &removed,
        is_merge,
        commit,
    };
    let mut tx = inner
        .pool
        .begin_with("begin immediate")
        .await
        .map_err(|error| inner.sql(error))?;
    let snapshot_id = record.insert(&mut tx, &staging.files).await?;
    insert_keys(inner, &mut tx, sequences, keys).await?;
    // From here on the catalog may refer to the files, whatever becomes of this process.
    staging.keep();
    if let Err(error) = tx.commit().await {
        let is_there: Result<bool, _> =
            sqlx::query_scalar("select count(*) > 0 from ducklake_snapshot where snapshot_id = ?")
                .bind(snapshot_id)
                .fetch_one(&inner.pool)
                .await;
        match is_there {
            // The lock is ours: nobody else can have made this snapshot.
            Ok(true) if snapshot_id > base.id => {}
            Ok(_) => {
                staging.discard();
                return Err(inner.sql(error));
            }
            // Not known: the files stay, `lake gc` removes them if the catalog lacks them.
            Err(_) => return Err(inner.sql(error)),
        }
    }
    Ok(Committed {
        snapshot_id,
        rows: added
            .into_iter()
            .map(|(at, rows)| (TABLES[at].name, rows))
            .collect(),
    })
}

/// What the SQL transaction writes down.
struct Record<'a> {
    inner: &'a Inner,
    base: &'a Snapshot,
    ended: &'a [(usize, Arc<DataFile>)],
    added: &'a BTreeMap<usize, i64>,
    removed: &'a BTreeMap<usize, i64>,
    is_merge: bool,
    commit: &'a Commit,
}

type Tx = Transaction<'static, Sqlite>;

impl Record<'_> {
    async fn insert(&self, tx: &mut Tx, files: &[NewFile]) -> Result<i64, LakeError> {
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
                let text = |value: &Option<stats::StatValue>| {
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
                let text = |value: &Option<stats::StatValue>| {
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

    async fn insert_slices(&self, tx: &mut Tx, snapshot: i64) -> Result<(), sqlx::Error> {
        let slices = &self.commit.slices;
        let keys = slices
            .iter()
            .map(|slice| json!([slice.course_id, slice.month]))
            .collect::<Vec<_>>();
        insert(
            tx,
            "update svodka_slice set end_snapshot = (select max(snapshot_id) from ducklake_snapshot)
             from json_each(?) new
             where end_snapshot is null and course_id = new.value ->> 0
               and month = new.value ->> 1",
            keys,
        )
        .await?;
        let rows = slices
            .iter()
            .map(|slice| {
                json!([
                    slice.course_id,
                    slice.month,
                    slice.import_id,
                    slice.exported_at,
                    slice.engine,
                    slice.memo,
                    snapshot
                ])
            })
            .collect();
        insert(
            tx,
            "insert into svodka_slice
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, null
             from json_each(?)",
            rows,
        )
        .await
    }

    async fn insert_import(
        &self,
        tx: &mut Tx,
        snapshot: i64,
        import: &ImportRecord,
    ) -> Result<(), LakeError> {
        let wrap = |error| self.inner.sql(error);
        let earlier: Option<(i32, String)> =
            sqlx::query_as("select import_id, status from svodka_import where sha256 = ?")
                .bind(&import.sha256)
                .fetch_optional(&mut **tx)
                .await
                .map_err(wrap)?;
        if let Some((import_id, status)) = earlier {
            if status == ImportStatus::Loaded.as_str() {
                return Err(LakeError::AlreadyImported { import_id });
            }
            // Rejected bytes may be tried again; only the last try is remembered.
            for statement in [
                "delete from svodka_finding where import_id = ?",
                "delete from svodka_import where import_id = ?",
            ] {
                sqlx::query(statement)
                    .bind(import_id)
                    .execute(&mut **tx)
                    .await
                    .map_err(wrap)?;
            }
        }
        sqlx::query("insert into svodka_import values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(import.import_id)
            .bind(&import.sha256)
            .bind(&import.file_name)
            .bind(import.file_bytes)
            .bind(&import.engine)
            .bind(import.org_id)
            .bind(import.exported_at)
            .bind(import.imported_at)
            .bind(import.status.as_str())
            .bind(json!(import.rows).to_string())
            .bind(json!(import.sheets).to_string())
            .bind(snapshot)
            .execute(&mut **tx)
            .await
            .map_err(wrap)?;
        let findings = self
            .commit
            .findings
            .iter()
            .map(|finding| {
                json!([
                    import.import_id,
                    finding.severity.as_str(),
                    finding.code,
                    finding.sheet,
                    finding.cell,
                    finding.found,
                    finding.expected,
                    finding.hint
                ])
            })
            .collect();
        insert(
            tx,
            "insert into svodka_finding
             (import_id, severity, code, sheet, cell, found, expected, hint)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, value ->> 7
             from json_each(?)",
            findings,
        )
        .await
        .map_err(wrap)
    }
}

async fn insert_keys(
    inner: &Inner,
    tx: &mut Tx,
    sequences: &BTreeMap<Sequence, i64>,
    keys: &NewKeys,
) -> Result<(), LakeError> {
    let sequences = sequences
        .iter()
        .map(|(sequence, next)| json!([sequence.as_str(), next]))
        .collect();
    insert(
        tx,
        "insert into svodka_sequence select value ->> 0, value ->> 1 from json_each(?)
         where true on conflict (name) do update set next_id = excluded.next_id",
        sequences,
    )
    .await
    .map_err(|error| inner.sql(error))?;
    let keys = keys
        .iter()
        .map(|(kind, org_id, natural, id)| json!([kind.as_str(), org_id, natural, id]))
        .collect();
    insert(
        tx,
        "insert into svodka_key
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?)",
        keys,
    )
    .await
    .map_err(|error| inner.sql(error))
}

/// Runs a statement over rows that travel as one JSON array: one call however many they are.
async fn insert(tx: &mut Tx, statement: &'static str, rows: Vec<Value>) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(statement)
        .bind(Value::from(rows).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
