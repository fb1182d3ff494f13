//! L1: immutable sorted Parquet files and the snapshot catalog that says which of them are live.
//!
//! Owns: `DIR/catalog.sqlite` (tables of the DuckLake 1.0 specification, our own beside them with
//! the prefix `svodka_`), `DIR/files/<table>/*.parquet`, `DIR/lake.lock`, the commit, time travel,
//! merging, verification and garbage collection.
//! Must not know: persons' names, Polars, DataFusion, HTTP, what an export looks like, the clock
//! (it is passed to [`Lake::open`]).
//! When this changes: the table contract is in `journal`; a change of the catalog's own tables
//! raises [`CATALOG_FORMAT`]; `query` opens the files that a [`Snapshot`] names; `tests/lake.rs`
//! and `tests/duckdb.rs` hold the promises.

mod catalog;
mod commit;
mod encode;
mod error;
mod history;
mod keep;
mod layout;
mod lock;
mod merge;
mod place;
mod provenance;
mod read;
mod record;
mod records;
mod schema;
mod snapshot;
mod sorting;
mod stats;
mod store;
mod writer;

pub use catalog::{Access, CATALOG_FORMAT, Lake, check_sqlite_version};
pub use commit::{Commit, Committed, TableChange};
pub use error::LakeError;
pub use history::{LogEntry, TableLog};
pub use keep::{FileProblem, GcOptions, GcReport, ProblemKind, VerifyReport};
pub use place::network_file_system;
pub use read::{Filter, Key};
pub use records::{
    FindingFilter, ImportFilter, ImportRecord, ImportStatus, ImportSummary, KeyKind, Sequence,
    SliceState, StoredFinding,
};
pub use schema::{FIELD_ID_KEY, arrow_schema};
pub use snapshot::{AsOf, DataFile, Snapshot};
pub use stats::{ColumnStats, StatValue};
pub use writer::Writer;
