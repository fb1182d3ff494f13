//! From an [`Export`](crate::Export) to one commit: identities, merging, roll-ups.

mod columns;
mod enrolment;
mod identity;
mod journal;
mod lessons;
mod movement;
mod organisations;
mod place;
mod plan;
mod rollup;
mod rows;
mod slices;
mod staff;

use crate::export::Content;
use crate::notes::{Notes, Place};
use crate::outcome::{ImportOutcome, ImportStatus};
use crate::read::ReadOutcome;
use std::collections::BTreeMap;
use svodka_journal::{Finding, Severity};
use svodka_lake::{
    Commit, ImportRecord, Lake, LakeError, Sequence, SliceState, TableChange, Writer,
};
use svodka_vault::{Vault, VaultError};

/// Why a file could not be loaded although it was read: the store failed, not the file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("rows could not be arranged: {0}")]
    Arrange(String),
}

impl From<arrow::error::ArrowError> for LoadError {
    fn from(error: arrow::error::ArrowError) -> LoadError {
        LoadError::Arrange(error.to_string())
    }
}

impl From<polars::prelude::PolarsError> for LoadError {
    fn from(error: polars::prelude::PolarsError) -> LoadError {
        LoadError::Arrange(error.to_string())
    }
}

/// What loading needs to know besides the file.
#[derive(Debug, Clone, Default)]
pub struct LoadContext {
    /// Institution for files that do not name one: its number or a title it is known by.
    pub organisation: Option<String>,
    /// Name of the folder the file lies in; counts only if an institution is known by it.
    pub folder: Option<String>,
    /// Export moment for files that do not tell one, µs UTC.
    pub exported_at: Option<i64>,
    /// The moment of loading, µs UTC.
    pub now: i64,
    pub dry_run: bool,
}

/// One import on its way to the commit.
pub(crate) struct Import<'a> {
    pub writer: &'a mut Writer,
    pub vault: &'a Vault,
    pub notes: Notes,
    pub import_id: i32,
    /// Beginning of the digest: breaks ties between exports of the same moment.
    pub sha: String,
    pub engine: &'static str,
    /// µs UTC; set once the time zone of the institution is known.
    pub exported_at: i64,
    pub changes: Vec<TableChange>,
    pub slices: Vec<SliceState>,
    pub rows: BTreeMap<String, u64>,
    /// Institutions that the file spoke of.
    pub organisations: Vec<i32>,
}

/// The file is not loaded; the finding is noted.
#[derive(Debug)]
pub(crate) enum Stop {
    Rejected,
    Failed(LoadError),
}

impl<E: Into<LoadError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Failed(error.into())
    }
}

/// Commits what a file says; a file that says nothing new leaves the lake as it is.
pub async fn load(
    lake: &Lake,
    vault: &Vault,
    file: ReadOutcome,
    context: &LoadContext,
) -> Result<ImportOutcome, LoadError> {
    let ReadOutcome {
        stamp,
        export,
        findings,
    } = file;
    let mut outcome = ImportOutcome {
        file: stamp.file_name.clone(),
        sha256: stamp.sha256.clone(),
        engine: export
            .as_ref()
            .map(|export| export.engine.as_str().to_owned()),
        org_id: None,
        status: ImportStatus::Rejected,
        snapshot_id: None,
        rows: BTreeMap::new(),
        findings,
    };
    if context.dry_run {
        if let Some(export) = &export {
            outcome.status = ImportStatus::Loaded;
            outcome.rows = rows_of(&export.content);
        }
        return Ok(outcome);
    }
    let mut writer = lake.writer().await?;
    if let Some(known) = writer.known_import(&stamp.sha256).await? {
        outcome.status = ImportStatus::Unchanged;
        outcome.engine = Some(known.import.engine);
        outcome.org_id = known.import.org_id;
        outcome.snapshot_id = Some(known.snapshot_id);
        outcome.findings = Vec::new();
        return Ok(outcome);
    }
    let import_id = writer.next_ids(Sequence::Import, 1) as i32;
    let mut record = ImportRecord {
        import_id,
        sha256: stamp.sha256.clone(),
        file_name: stamp.file_name.clone(),
        file_bytes: stamp.bytes as i64,
        engine: outcome.engine.clone().unwrap_or_default(),
        org_id: None,
        exported_at: None,
        imported_at: context.now,
        status: svodka_lake::ImportStatus::Rejected,
        rows: BTreeMap::new(),
        sheets: Vec::new(),
    };
    let Some(export) = export else {
        drop(writer);
        return reject(lake, record, outcome).await;
    };
    record.sheets = export.sheets.clone();
    let mut import = Import {
        writer: &mut writer,
        vault,
        notes: Notes::new(),
        import_id,
        sha: stamp.sha256.get(..16).unwrap_or("").to_owned(),
        engine: export.engine.as_str(),
        exported_at: 0,
        changes: Vec::new(),
        slices: Vec::new(),
        rows: BTreeMap::new(),
        organisations: Vec::new(),
    };
    let told = place::Told {
        local: export.exported_at,
        fallback: context
            .exported_at
            .or(stamp.modified_at)
            .unwrap_or(context.now),
    };
    let done = match export.content {
        Content::Journal(journal) => journal::load(&mut import, journal, context, told).await,
        Content::Plan(plan) => plan::load(&mut import, plan, context, told).await,
        Content::Staff(staff) => staff::load(&mut import, staff, context, told).await,
        Content::Organisations(rows) => organisations::load(&mut import, rows, told).await,
        Content::Movement(movement) => movement::load(&mut import, movement, context, told).await,
    };
    let Import {
        notes,
        exported_at,
        changes,
        slices,
        rows,
        mut organisations,
        ..
    } = import;
    outcome.findings.extend(notes.finish(&export.sheets));
    organisations.sort_unstable();
    organisations.dedup();
    if let [only] = organisations[..] {
        outcome.org_id = Some(only);
        record.org_id = Some(only);
    }
    match done {
        Err(Stop::Rejected) => {
            // Numbers and keys given out for this file are forgotten with the writer.
            drop(writer);
            return reject(lake, record, outcome).await;
        }
        Err(Stop::Failed(error)) => return Err(error),
        Ok(()) => {}
    }
    record.exported_at = Some(exported_at);
    record.status = svodka_lake::ImportStatus::Loaded;
    record.rows = rows.clone();
    let changes_nothing = changes.is_empty() && slices.is_empty();
    let note = format!("{} ({})", record.file_name, record.engine);
    let committed = writer
        .commit(Commit {
            import: Some(record),
            changes,
            slices,
            findings: outcome.findings.clone(),
            note,
        })
        .await?;
    outcome.status = if changes_nothing {
        ImportStatus::Unchanged
    } else {
        ImportStatus::Loaded
    };
    outcome.snapshot_id = Some(committed.snapshot_id);
    outcome.rows = rows;
    Ok(outcome)
}

/// Keeps the findings of a file of which nothing was loaded.
async fn reject(
    lake: &Lake,
    mut record: ImportRecord,
    mut outcome: ImportOutcome,
) -> Result<ImportOutcome, LoadError> {
    outcome.status = ImportStatus::Rejected;
    outcome.rows = BTreeMap::new();
    if !record.sha256.is_empty() {
        let mut writer = lake.writer().await?;
        record.import_id = writer.next_ids(Sequence::Import, 1) as i32;
        let note = format!("{}: не загружен", record.file_name);
        let findings: Vec<Finding> = outcome.findings.clone();
        writer
            .commit(Commit {
                import: Some(record),
                changes: Vec::new(),
                slices: Vec::new(),
                findings,
                note,
            })
            .await?;
    }
    Ok(outcome)
}

/// Rows by table as the file tells them, before anything is merged.
fn rows_of(content: &Content) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    let mut put = |table: &str, count: usize| {
        if count > 0 {
            rows.insert(table.to_owned(), count as u64);
        }
    };
    match content {
        Content::Journal(journal) => {
            put("lesson", journal.lessons.len());
            put("attendance", journal.attendance.len());
            put("mark", journal.mark_count());
        }
        Content::Plan(plan) => put("plan_item", plan.rows.len()),
        Content::Staff(staff) => put("staff", staff.rows.len()),
        Content::Organisations(rows) => put("organisation", rows.len()),
        Content::Movement(movement) => put("enrolment", movement.rows.len()),
    }
    rows
}

impl Import<'_> {
    /// Adds new rows of a table in place of those with the keys.
    pub fn change(
        &mut self,
        table: &'static str,
        rows: Vec<arrow::array::RecordBatch>,
        replaced: Vec<svodka_lake::Key>,
    ) {
        if replaced.is_empty() && rows.iter().all(|batch| batch.num_rows() == 0) {
            return;
        }
        self.changes.push(TableChange {
            table,
            rows,
            replaced,
        });
    }

    /// Counts rows that the file brought into a table.
    pub fn count(&mut self, table: &str, rows: usize) {
        if rows > 0 {
            *self.rows.entry(table.to_owned()).or_insert(0) += rows as u64;
        }
    }

    /// Notes a finding about the file as a whole.
    pub fn note(
        &mut self,
        severity: Severity,
        code: &'static str,
        found: String,
        expected: &str,
        hint: &str,
    ) {
        self.notes
            .add(severity, code, Place::File, found, expected, hint);
    }
}
