//! Many files: the next one is read while the last one is committed.

use crate::load::{LoadContext, LoadError, load};
use crate::outcome::{ImportOutcome, ImportStatus};
use crate::progress::Progress;
use crate::read::{ReadOutcome, read};
use crate::{IngestOptions, find_files};
use std::path::{Path, PathBuf};
use svodka_lake::Lake;
use svodka_vault::Vault;

/// Reads and loads every file under the paths, in an order that makes few placeholders.
///
/// `now` is the moment of loading, µs UTC. A file that cannot be read becomes a rejected outcome;
/// `Err` means that the store itself failed, and what was committed before stays.
pub async fn ingest(
    lake: &Lake,
    vault: &Vault,
    paths: &[PathBuf],
    options: &IngestOptions,
    now: i64,
    progress: &dyn Progress,
) -> Result<Vec<ImportOutcome>, LoadError> {
    let files = find_files(paths);
    let mut outcomes = Vec::with_capacity(files.len());
    let mut files = files.into_iter();
    let mut next = files.next().map(|path| start(path, options, progress));
    while let Some((path, reading)) = next.take() {
        let file = reading
            .await
            .map_err(|error| LoadError::Arrange(error.to_string()))?;
        // One file is read ahead: memory is bounded by two files, not by their number.
        next = files.next().map(|path| start(path, options, progress));
        let title = title_of(&path);
        progress.bytes_done(&title, file.stamp.bytes);
        let context = LoadContext {
            organisation: options.organisation.clone(),
            folder: path
                .parent()
                .and_then(Path::file_name)
                .map(|name| name.to_string_lossy().into_owned()),
            exported_at: options.exported_at,
            now,
            dry_run: options.dry_run,
        };
        let outcome = load(lake, vault, file, &context).await?;
        progress.file_done(&title, outcome.status);
        log(&outcome);
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn title_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Begins to read a file beside the async tasks.
fn start(
    path: PathBuf,
    options: &IngestOptions,
    progress: &dyn Progress,
) -> (PathBuf, tokio::task::JoinHandle<ReadOutcome>) {
    let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    progress.file_started(&title_of(&path), bytes);
    let read_options = options.read;
    let reading = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || read(&path, &read_options))
    };
    (path, reading)
}

/// File names may hold a name of a person: the log tells the digest only.
fn log(outcome: &ImportOutcome) {
    let digest = outcome.sha256.get(..12).unwrap_or("");
    let findings = outcome.findings.len();
    match outcome.status {
        ImportStatus::Rejected => tracing::warn!(digest, findings, "import rejected"),
        ImportStatus::Loaded | ImportStatus::Unchanged => {
            tracing::info!(
                digest,
                status = outcome.status.as_str(),
                findings,
                snapshot = outcome.snapshot_id,
                "import done"
            );
        }
    }
}
