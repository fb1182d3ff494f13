//! Files on the disk: written beside their place, synced, renamed, the folder synced.

use crate::catalog::Inner;
use crate::encode::Encoded;
use crate::stats::ColumnStats;
use crate::{LakeError, encode};
use arrow::array::RecordBatch;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use svodka_journal::contract::TABLES;

/// How the name of a file that is not finished begins.
pub(crate) const TEMPORARY_PREFIX: &str = ".unfinished-";

/// A file that waits for its row in the catalog.
#[derive(Debug)]
pub(crate) struct NewFile {
    /// Position of the table in the contract.
    pub table_at: usize,
    pub org_id: Option<i32>,
    /// Name inside the folder of the table.
    pub name: String,
    pub rows: i64,
    pub bytes: i64,
    pub footer_size: i64,
    pub sha256: String,
    pub stats: Vec<ColumnStats>,
    pub column_bytes: Vec<i64>,
    temporary: PathBuf,
    target: PathBuf,
    handle: File,
}

impl NewFile {
    /// Encodes sorted rows and writes them under a temporary name.
    pub(crate) fn write(
        inner: &Inner,
        table_at: usize,
        org_id: Option<i32>,
        batch: &RecordBatch,
    ) -> Result<NewFile, LakeError> {
        let table = &TABLES[table_at];
        let encoded = encode::encode(table, batch)?;
        let name = format!("{:032x}.parquet", rand::random::<u128>());
        let target = inner.file_path(table.name, &name);
        let temporary = inner.file_path(table.name, &format!("{TEMPORARY_PREFIX}{name}"));
        let handle = write_bytes(&temporary, &encoded).inspect_err(|_| remove(&temporary))?;
        Ok(NewFile {
            table_at,
            org_id,
            name,
            rows: encoded.rows,
            bytes: encoded.bytes.len() as i64,
            footer_size: encoded.footer_size,
            sha256: encoded.sha256,
            stats: encoded.stats,
            column_bytes: encoded.column_bytes,
            temporary,
            target,
            handle,
        })
    }
}

fn write_bytes(path: &Path, encoded: &Encoded) -> Result<File, LakeError> {
    let wrap = |error| LakeError::io(path, error);
    let mut file = File::create_new(path).map_err(wrap)?;
    file.write_all(&encoded.bytes).map_err(wrap)?;
    Ok(file)
}

/// Removes a file that nobody refers to; what cannot be removed is left to the collector.
fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "an unused file stays until `lake gc`");
        }
    }
}

/// New files of one commit. Dropped before [`Staging::keep`], it removes them.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    pub files: Vec<NewFile>,
    is_kept: bool,
}

/// Threads that wait for the disk at once: syncs of several files overlap.
const SYNC_THREADS: usize = 8;

impl Staging {
    /// Makes every file durable under its final name.
    pub(crate) fn settle(&self, dir: &Path) -> Result<(), LakeError> {
        in_parallel(&self.files, |file| {
            file.handle
                .sync_all()
                .map_err(|error| LakeError::io(&file.temporary, error))
        })?;
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for file in &self.files {
            std::fs::rename(&file.temporary, &file.target)
                .map_err(|error| LakeError::io(&file.target, error))?;
            folders.extend(file.target.parent().map(Path::to_owned));
        }
        let folders: Vec<PathBuf> = folders.into_iter().collect();
        in_parallel(&folders, |folder| {
            sync_folder(folder).map_err(|error| LakeError::io(folder, error))
        })?;
        tracing::debug!(dir = %dir.display(), files = self.files.len(), "data files are durable");
        Ok(())
    }

    /// The catalog refers to the files, or may do so: they stay.
    pub(crate) fn keep(&mut self) {
        self.is_kept = true;
    }

    /// The catalog does not refer to the files: they go.
    pub(crate) fn discard(&mut self) {
        self.is_kept = false;
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_kept {
            for file in &self.files {
                remove(&file.temporary);
                remove(&file.target);
            }
        }
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn in_parallel<T: Sync>(
    items: &[T],
    work: impl Fn(&T) -> Result<(), LakeError> + Sync,
) -> Result<(), LakeError> {
    if let [only] = items {
        return work(only);
    }
    let chunk = items.len().div_ceil(SYNC_THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = items
            .chunks(chunk)
            .map(|part| scope.spawn(|| part.iter().try_for_each(&work)))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().map_err(|_| LakeError::Worker {
                reason: "a thread that syncs files stopped".to_owned(),
            })?
        })
    })
}
