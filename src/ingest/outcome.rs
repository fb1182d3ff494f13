//! What became of one file, as `svodka ingest --format json` prints it.

use serde::Serialize;
use std::collections::BTreeMap;
use svodka_journal::{Finding, Severity};

/// The document printed for one run.
#[derive(Debug, Clone, Serialize)]
pub struct ImportsDocument<'a> {
    pub imports: &'a [ImportOutcome],
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportOutcome {
    pub file: String,
    pub sha256: String,
    /// Name of the engine; none where nothing was recognised.
    pub engine: Option<String>,
    /// Number of the institution; none where the file holds several or was rejected.
    pub org_id: Option<i32>,
    pub status: ImportStatus,
    pub snapshot_id: Option<i64>,
    /// Rows by table that the file brought.
    pub rows: BTreeMap<String, u64>,
    pub findings: Vec<Finding>,
}

impl ImportOutcome {
    /// Whether the exit code must tell that something was rejected.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status == ImportStatus::Rejected
    }

    /// Findings of that weight.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// The three ends of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    Loaded,
    /// The same bytes were seen before, or nothing in them is newer than what is there.
    Unchanged,
    /// Nothing could be read; the findings say why.
    Rejected,
}

impl ImportStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ImportStatus::Loaded => "loaded",
            ImportStatus::Unchanged => "unchanged",
            ImportStatus::Rejected => "rejected",
        }
    }
}
