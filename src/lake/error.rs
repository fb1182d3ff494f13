//! What can go wrong with a lake.
//!
//! | error | who sees it | what they can do |
//! |---|---|---|
//! | `NetworkFileSystem`, `OldSqlite`, `NewerFormat`, `OtherContract`, `Foreign`, `NoLake` | who starts the program | move the data, update the program |
//! | `DiskFull`, `Io`, `Catalog` | who loads or serves | free space, repair the disk; the lake is as it was |
//! | `NoSnapshot`, `NoTable` | who asks | ask for one that exists |
//! | `Rows`, `ReadOnly`, `AlreadyImported` | the calling code | a fault of the caller |
//! | `Damaged` | who serves | `svodka lake verify`, restore the file |

use std::path::{Path, PathBuf};

/// An error of the lake. After any of them the lake is as it was before the call.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    #[error(
        "{}: the data directory is on a network file system ({kind}), where SQLite loses commits; move it to a local disk",
        path.display()
    )]
    NetworkFileSystem { path: PathBuf, kind: String },
    #[error("SQLite {found} has a bug that can corrupt the catalog; build with 3.51.3 or newer")]
    OldSqlite { found: String },
    #[error(
        "{}: the catalog has format {found}, this program knows formats up to {known}; update svodka",
        path.display()
    )]
    NewerFormat {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(
        "{}: table \"{table}\" of this lake differs from what this program writes ({difference}); load the exports into a new data directory",
        path.display()
    )]
    OtherContract {
        path: PathBuf,
        table: String,
        difference: String,
    },
    #[error("{}: {reason}; attach foreign lakes with DuckDB instead", path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error("{}: there is no lake here; run `svodka ingest` or `svodka demo` first", path.display())]
    NoLake { path: PathBuf },
    #[error("{}: no space left; free some and run it again, the lake is as it was", path.display())]
    DiskFull { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {source}", path.display())]
    Catalog { path: PathBuf, source: sqlx::Error },
    #[error("there is no snapshot {asked}; `svodka lake log` lists them")]
    NoSnapshot { asked: String },
    #[error("there is no table \"{name}\" in the lake")]
    NoTable { name: String },
    #[error("rows for table \"{table}\" do not fit: {reason}")]
    Rows { table: String, reason: String },
    #[error("the lake was opened for reading only")]
    ReadOnly,
    #[error("these bytes are already loaded as import {import_id}")]
    AlreadyImported { import_id: i32 },
    #[error("{}: {reason}; `svodka lake verify` lists damaged files", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("the lake's worker stopped: {reason}")]
    Worker { reason: String },
}

impl LakeError {
    /// An input or output error at `path`; a full disk is told apart.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> LakeError {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                LakeError::DiskFull { path }
            }
            _ => LakeError::Io { path, source },
        }
    }

    /// An error of SQLite; a full disk is told apart.
    pub(crate) fn catalog(path: &Path, source: sqlx::Error) -> LakeError {
        // SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: no room for the index of the log.
        let is_full = source
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| code == "13" || code == "4874");
        if is_full {
            LakeError::DiskFull {
                path: path.to_owned(),
            }
        } else {
            LakeError::Catalog {
                path: path.to_owned(),
                source,
            }
        }
    }

    pub(crate) fn rows(table: &str, reason: impl ToString) -> LakeError {
        LakeError::Rows {
            table: table.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> LakeError {
        LakeError::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
