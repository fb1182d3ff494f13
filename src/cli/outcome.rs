//! How a command ends.
//!
//! | end | exit code |
//! |---|---|
//! | `Ending::Done`: done, warnings allowed | 0 |
//! | `Ending::Rejected`: a file was rejected, a check failed | 1 |
//! | `CliError`, wrong usage: unknown report, parameter, setting, SQL | 2 |
//! | `CliError`, anything else | 1 |

use std::path::PathBuf;
use svodka_ingest::LoadError;
use svodka_lake::LakeError;
use svodka_print::PrintError;
use svodka_query::QueryError;
use svodka_sample::SampleError;
use svodka_vault::VaultError;

/// The end of a command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Done,
    Rejected,
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error(transparent)]
    Print(#[from] PrintError),
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Refused(String),
}

impl CliError {
    /// Exit code of the program.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            CliError::Usage(_) => 2,
            CliError::Query(error) => match error {
                QueryError::UnknownReport { .. }
                | QueryError::Params(_)
                | QueryError::Refused { .. }
                | QueryError::Sql { .. } => 2,
                QueryError::TooLarge
                | QueryError::Lake(_)
                | QueryError::Vault(_)
                | QueryError::Engine { .. }
                | QueryError::Scope { .. } => 1,
            },
            CliError::Sample(SampleError::Option { .. }) => 2,
            CliError::Sample(_)
            | CliError::Lake(_)
            | CliError::Vault(_)
            | CliError::Load(_)
            | CliError::Print(_)
            | CliError::File { .. }
            | CliError::Io(_)
            | CliError::Json(_)
            | CliError::Refused(_) => 1,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> CliError {
        CliError::File {
            path: path.into(),
            source,
        }
    }
}
