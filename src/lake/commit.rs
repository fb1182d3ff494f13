//! The commit: rows → sorted files → durable on disk → one SQL transaction over everything.

use crate::catalog::Inner;
use crate::lock::WriteLock;
use crate::merge::{self, LARGEST_FILE_ROWS, everything};
use crate::provenance::insert_keys;
use crate::read::{Key, KeySet, blocking, leftovers, read_file, table_at};
use crate::record::Record;
use crate::records::{KeyKind, Sequence};
use crate::sorting::{integers_of, normalise, sorted};
use crate::store::{NewFile, Staging};
use crate::{DataFile, ImportRecord, Lake, LakeError, SliceState, Snapshot};
use arrow::array::RecordBatch;
use std::collections::BTreeMap;
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
