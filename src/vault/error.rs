//! What can go wrong with the vault. No error holds a name.

use std::path::{Path, PathBuf};

/// An error of the vault. After any of them the vault is as it was before the call.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    #[error("{}: no space left; free some and run it again, the vault is as it was", path.display())]
    DiskFull { path: PathBuf },
    #[error(
        "{}: the vault has format {found}, this program knows formats up to {known}; update svodka",
        path.display()
    )]
    NewerFormat {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("person {person_id} is not in the vault")]
    NoPerson { person_id: i64 },
}

impl VaultError {
    pub(crate) fn database(path: &Path, source: sqlx::Error) -> VaultError {
        // SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: no room for the index of the log.
        let is_full = source
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| code == "13" || code == "4874");
        if is_full {
            VaultError::DiskFull {
                path: path.to_owned(),
            }
        } else {
            VaultError::Database {
                path: path.to_owned(),
                source,
            }
        }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> VaultError {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                VaultError::DiskFull { path }
            }
            _ => VaultError::Io { path, source },
        }
    }
}
