//! What a reader found wrong, with the place and the way out.

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is lost; worth knowing.
    Info,
    /// Loaded, but the journal contradicts itself or the reader could not be sure.
    Warning,
    /// A row, a cell or a whole file was not loaded.
    Error,
}

impl Severity {
    /// The text stored beside the import.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing wrong in one place of one file. Texts never hold a person's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable kebab-case code, for example `printed-mean-differs`.
    pub code: String,
    /// Title of the sheet; none for text files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sheet: Option<String>,
    /// `AX21`, or `строка 214, столбец 7` for text files; none when the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cell: Option<String>,
    pub found: String,
    pub expected: String,
    /// What the reader of the finding can do about it.
    pub hint: String,
}
