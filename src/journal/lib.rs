//! L0: the words of the school journal and the storage contract, as plain data.
//!
//! Owns: the closed sets a journal speaks in ([`AttendanceStatus`], [`LessonStatus`], …), the
//! list of lake tables with their columns ([`contract::TABLES`]), findings ([`Finding`]), source
//! cells ([`SourceCell`]) and calendar days ([`Day`]).
//! Must not know: Arrow, Parquet, SQL, HTTP, files, the clock.
//! When a table changes here: `lake` derives Parquet and DuckLake types from it, `ingest` fills
//! it, `query` registers it, ARCHITECTURE.md describes it, and the catalog's format version in
//! `lake` goes up.

pub mod contract;
mod day;
mod finding;
mod source;
mod words;

pub use day::{Day, DayError, Month};
pub use finding::{Finding, Severity};
pub use source::{SourceCell, column_letters};
pub use words::{
    AbsenceReason, AttendanceStatus, GroupKind, LessonStatus, Movement, OrganisationKind,
    PeriodScheme, ResultOutcome,
};
