//! L2: journal exports become rows of the lake, with findings a person can act on.
//!
//! Owns: detection by content, guards against hostile files, encodings, the engines
//! (`school-workbook`, `long`, `dnevnik-json`), code tables, the rules by which overlapping
//! exports merge, and the roll-ups that are kept in the same commit. The only crate that knows
//! Polars and workbooks.
//! Must not know: SQL over the lake, HTTP, charts. No name of a person leaves it but to the vault.
//! When an engine is added: [`Engine`] lists it, [`read`] dispatches to it, `sample` writes its
//! files, README names it.
//!
//! Two halves: [`read`] is pure and knows no ids, [`load`] gives ids and commits.
//! [`ingest`] runs both over many files, reading the next while the last one is committed.

mod codes;
mod columns;
mod container;
mod delimited;
mod dnevnik;
mod encoding;
mod export;
mod journal_builder;
mod load;
mod long;
mod moments;
mod notes;
mod options;
mod outcome;
mod pipeline;
mod progress;
mod read;
mod school_workbook;
mod sheet_xml;
mod spelling;
mod walk;
mod workbook;

pub use codes::{MarkValue, Verdict};
pub use export::{
    Attendance, Content, Course, Coverage, Engine, Export, Group, Journal, Layer, Lesson,
    LessonFields, MarkRow, Movement, MovementRow, Names, OrganisationRow, Plan, PlanRow, Pupil,
    Staff, StaffRow, Teacher,
};
pub use load::{LoadContext, LoadError, load};
pub use options::{IngestOptions, Limits, ReadOptions};
pub use outcome::{ImportOutcome, ImportStatus, ImportsDocument};
pub use pipeline::ingest;
pub use progress::{NoProgress, Progress};
pub use read::{FileStamp, ReadOutcome, read, read_bytes};
pub use walk::find_files;
