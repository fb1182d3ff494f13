//! Few files instead of many small ones: by tiers inside a commit, wholly on request.

use crate::commit::{self, Job, Plan};
use crate::lock;
use crate::read::{Want, blocking, read_file};
use crate::records::Sequence;
use crate::{AsOf, Commit, Committed, DataFile, Lake, LakeError, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use svodka_journal::contract::{TABLES, TableContract};

/// No merged file grows beyond this: a merge holds its rows in memory.
pub(crate) const LARGEST_FILE_ROWS: i64 = 1_048_576;

/// As many files of one tier become one file of the next.
const FILES_OF_A_TIER: usize = 8;

/// Tiers grow eightfold; the last one is merged only by [`Lake::compact`].
const TIERS: [i64; 3] = [16_384, 131_072, LARGEST_FILE_ROWS];

fn tier(rows: i64) -> usize {
    TIERS.iter().take_while(|&&limit| rows >= limit).count()
}

/// Which of the `others` to merge with `rows` new rows of the same partition.
pub(crate) fn to_absorb(rows: i64, others: &[Arc<DataFile>]) -> Vec<Arc<DataFile>> {
    let mut rows = rows;
    let mut absorbed: Vec<Arc<DataFile>> = Vec::new();
    let mut rest: Vec<Arc<DataFile>> = others.to_vec();
    loop {
        let tier_now = tier(rows);
        let peers = rest
            .iter()
            .filter(|file| tier(file.rows) <= tier_now)
            .count();
        if tier_now == TIERS.len() || peers + 1 < FILES_OF_A_TIER {
            return absorbed;
        }
        // The smallest first, as long as the merged file stays within bounds.
        rest.sort_by_key(|file| file.rows);
        let mut kept = Vec::new();
        let absorbed_before = absorbed.len();
        for file in rest {
            if tier(file.rows) <= tier_now && rows + file.rows <= LARGEST_FILE_ROWS {
                rows += file.rows;
                absorbed.push(file);
            } else {
                kept.push(file);
            }
        }
        rest = kept;
        if absorbed.len() == absorbed_before {
            return absorbed;
        }
    }
}

/// Files of one organisation, or of a table that holds all organisations.
pub(crate) fn partitions(files: &[Arc<DataFile>]) -> BTreeMap<Option<i32>, Vec<Arc<DataFile>>> {
    let mut partitions: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in files {
        partitions
            .entry(file.org_id)
            .or_default()
            .push(Arc::clone(file));
    }
    partitions
}

/// Sets of files that belong together in one file each.
fn heaps(snapshot: &Snapshot) -> Vec<(usize, Vec<Arc<DataFile>>)> {
    let mut heaps = Vec::new();
    for (at, table) in TABLES.iter().enumerate() {
        for (_, mut files) in partitions(snapshot.files(table.name)) {
            files.sort_by_key(|file| file.rows);
            let mut heap: Vec<Arc<DataFile>> = Vec::new();
            let mut rows = 0;
            for file in files {
                if rows + file.rows > LARGEST_FILE_ROWS {
                    heaps.push((at, std::mem::take(&mut heap)));
                    rows = 0;
                }
                rows += file.rows;
                heap.push(file);
            }
            heaps.push((at, heap));
        }
    }
    heaps.retain(|(_, heap)| heap.len() > 1);
    heaps
}

/// How many rows one snapshot of a compaction rewrites at most: bounds the memory.
const ROWS_OF_A_STEP: i64 = 2 * LARGEST_FILE_ROWS;

impl Lake {
    /// Merges the files of each partition into as few sorted files as sensible.
    ///
    /// Rows do not change; each step makes a snapshot of its own. None when nothing was to do.
    pub async fn compact(&self) -> Result<Option<Committed>, LakeError> {
        let mut last = None;
        loop {
            let lock = self.write_lock().await?;
            let snapshot = self.snapshot(AsOf::Latest).await?;
            let mut step = Vec::new();
            let mut rows = 0;
            for (at, heap) in heaps(&snapshot) {
                let heap_rows: i64 = heap.iter().map(|file| file.rows).sum();
                if !step.is_empty() && rows + heap_rows > ROWS_OF_A_STEP {
                    break;
                }
                rows += heap_rows;
                step.push((at, heap));
            }
            if step.is_empty() {
                return Ok(last);
            }
            last = Some(self.compact_step(lock, snapshot, step).await?);
        }
    }

    async fn compact_step(
        &self,
        lock: lock::WriteLock,
        snapshot: Arc<Snapshot>,
        step: Vec<(usize, Vec<Arc<DataFile>>)>,
    ) -> Result<Committed, LakeError> {
        let inner = Arc::clone(&self.inner);
        let plan = blocking(move || {
            let mut plan = Plan {
                is_merge: true,
                ..Plan::default()
            };
            for (at, heap) in step {
                let table = &TABLES[at];
                let mut batches = Vec::new();
                for file in &heap {
                    batches.extend(read_file(&inner, table, file, &everything(table))?);
                }
                plan.jobs.push(Job {
                    table_at: at,
                    org_id: heap.first().and_then(|file| file.org_id),
                    batches,
                });
                plan.ended.extend(heap.into_iter().map(|file| (at, file)));
            }
            Ok(plan)
        })
        .await?;
        let merge = Commit {
            note: "small files merged".to_owned(),
            ..Commit::default()
        };
        let sequences: BTreeMap<Sequence, i64> = BTreeMap::new();
        commit::run(
            self.clone(),
            lock,
            snapshot,
            plan,
            merge,
            sequences,
            Vec::new(),
        )
        .await
    }
}

/// All rows and columns of a file.
pub(crate) fn everything(table: &TableContract) -> Want {
    Want {
        org_id: None,
        keys: None,
        columns: (0..table.columns.len()).collect(),
    }
}
