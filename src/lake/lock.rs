//! One writer at a time: a lock file between processes, a mutex inside one.

use crate::LakeError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The right to write; given back on drop, and by the kernel when the process dies.
#[derive(Debug)]
pub(crate) struct WriteLock {
    // Fields drop in order: the file lock goes first, then the next task of this process may try.
    _file: File,
    _guard: OwnedMutexGuard<()>,
}

/// Waits for the right to write to the lake in `dir`.
pub(crate) async fn acquire(dir: &Path, mutex: &Arc<Mutex<()>>) -> Result<WriteLock, LakeError> {
    let guard = Arc::clone(mutex).lock_owned().await;
    let path = dir.join("lake.lock");
    let file = tokio::task::spawn_blocking(move || -> Result<File, LakeError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| LakeError::io(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                tracing::info!("another process writes to this lake; waiting for it");
                file.lock().map_err(|error| LakeError::io(&path, error))?;
            }
            Err(TryLockError::Error(error)) => return Err(LakeError::io(&path, error)),
        }
        Ok(file)
    })
    .await
    .map_err(|error| LakeError::Worker {
        reason: error.to_string(),
    })??;
    Ok(WriteLock {
        _file: file,
        _guard: guard,
    })
}
