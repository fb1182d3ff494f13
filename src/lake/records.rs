//! What the catalog remembers beside files: imports, findings, slices, identities, sequences.

use crate::{Lake, LakeError};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use std::collections::BTreeMap;
use svodka_journal::{Finding, Severity};

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    Loaded,
    /// Nothing of it was loaded. The same bytes may be tried again.
    Rejected,
}

impl ImportStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ImportStatus::Loaded => "loaded",
            ImportStatus::Rejected => "rejected",
        }
    }
}

/// One file that somebody tried to load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// From [`Sequence::Import`].
    pub import_id: i32,
    /// Lower-case hexadecimal digest of the file; unique.
    pub sha256: String,
    /// Name without folders.
    pub file_name: String,
    pub file_bytes: i64,
    pub engine: String,
    pub org_id: Option<i32>,
    /// When the journal wrote the file, µs in UTC.
    pub exported_at: Option<i64>,
    /// When it was loaded, µs in UTC.
    pub imported_at: i64,
    pub status: ImportStatus,
    /// Rows read from the file, by table.
    pub rows: BTreeMap<String, u64>,
    /// Titles of sheets (or files of the bundle): `sheet_no` counts from 1 in this list.
    pub sheets: Vec<String>,
}

/// An import as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    pub import: ImportRecord,
    /// Snapshot that the import made, or the latest one before a rejected file.
    pub snapshot_id: i64,
    pub errors: i64,
    pub warnings: i64,
    pub infos: i64,
}

/// Which imports to list; the newest come first.
#[derive(Debug, Clone, Default)]
pub struct ImportFilter {
    pub org_id: Option<i32>,
    /// Only imports with a smaller id: the next page of a list.
    pub before: Option<i32>,
    /// Only what a snapshot knew.
    pub snapshot_id: Option<i64>,
    /// At most this many; 1000 unless told.
    pub limit: Option<u32>,
}

/// A finding with its import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFinding {
    pub import_id: i32,
    pub org_id: Option<i32>,
    pub file_name: String,
    #[serde(flatten)]
    pub finding: Finding,
}

/// Which findings to list; those of the newest import come first, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    pub import_id: Option<i32>,
    pub org_id: Option<i32>,
    /// This severity and the graver ones.
    pub least: Option<Severity>,
    /// At most this many; 10 000 unless told.
    pub limit: Option<u32>,
}

/// Who owns one month of one course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceState {
    pub course_id: i32,
    /// yyyymm.
    pub month: i32,
    pub import_id: i32,
    /// µs in UTC.
    pub exported_at: i64,
    pub engine: String,
    /// What `ingest` wants to remember of the slice; the lake does not look inside.
    pub memo: String,
}

/// Counters whose numbers are given out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sequence {
    Import,
    Organisation,
    Group,
    Programme,
    Course,
    Lesson,
    Period,
    Substitution,
}

impl Sequence {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Sequence::Import => "import",
            Sequence::Organisation => "organisation",
            Sequence::Group => "group",
            Sequence::Programme => "programme",
            Sequence::Course => "course",
            Sequence::Lesson => "lesson",
            Sequence::Period => "period",
            Sequence::Substitution => "substitution",
        }
    }
}

/// Things that exports name with words and the lake with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    Organisation,
    Group,
    Programme,
    Course,
    Period,
}

impl KeyKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyKind::Organisation => "organisation",
            KeyKind::Group => "group",
            KeyKind::Programme => "programme",
            KeyKind::Course => "course",
            KeyKind::Period => "period",
        }
    }
}

struct ImportRow {
    import_id: i32,
    sha256: String,
    file_name: String,
    file_bytes: i64,
    engine: String,
    org_id: Option<i32>,
    exported_at: Option<i64>,
    imported_at: i64,
    status: String,
    rows: String,
    sheets: String,
    snapshot_id: i64,
    errors: i64,
    warnings: i64,
    infos: i64,
}

impl FromRow<'_, SqliteRow> for ImportRow {
    fn from_row(row: &SqliteRow) -> Result<ImportRow, sqlx::Error> {
        Ok(ImportRow {
            import_id: row.try_get("import_id")?,
            sha256: row.try_get("sha256")?,
            file_name: row.try_get("file_name")?,
            file_bytes: row.try_get("file_bytes")?,
            engine: row.try_get("engine")?,
            org_id: row.try_get("org_id")?,
            exported_at: row.try_get("exported_at")?,
            imported_at: row.try_get("imported_at")?,
            status: row.try_get("status")?,
            rows: row.try_get("rows")?,
            sheets: row.try_get("sheets")?,
            snapshot_id: row.try_get("snapshot_id")?,
            errors: row.try_get("errors")?,
            warnings: row.try_get("warnings")?,
            infos: row.try_get("infos")?,
        })
    }
}

impl From<ImportRow> for ImportSummary {
    fn from(row: ImportRow) -> ImportSummary {
        ImportSummary {
            import: ImportRecord {
                import_id: row.import_id,
                sha256: row.sha256,
                file_name: row.file_name,
                file_bytes: row.file_bytes,
                engine: row.engine,
                org_id: row.org_id,
                exported_at: row.exported_at,
                imported_at: row.imported_at,
                status: if row.status == "loaded" {
                    ImportStatus::Loaded
                } else {
                    ImportStatus::Rejected
                },
                rows: serde_json::from_str(&row.rows).unwrap_or_default(),
                sheets: serde_json::from_str(&row.sheets).unwrap_or_default(),
            },
            snapshot_id: row.snapshot_id,
            errors: row.errors,
            warnings: row.warnings,
            infos: row.infos,
        }
    }
}

struct FindingRow {
    import_id: i32,
    org_id: Option<i32>,
    file_name: String,
    severity: String,
    code: String,
    sheet: Option<String>,
    cell: Option<String>,
    found: String,
    expected: String,
    hint: String,
}

impl FromRow<'_, SqliteRow> for FindingRow {
    fn from_row(row: &SqliteRow) -> Result<FindingRow, sqlx::Error> {
        Ok(FindingRow {
            import_id: row.try_get("import_id")?,
            org_id: row.try_get("org_id")?,
            file_name: row.try_get("file_name")?,
            severity: row.try_get("severity")?,
            code: row.try_get("code")?,
            sheet: row.try_get("sheet")?,
            cell: row.try_get("cell")?,
            found: row.try_get("found")?,
            expected: row.try_get("expected")?,
            hint: row.try_get("hint")?,
        })
    }
}

impl From<FindingRow> for StoredFinding {
    fn from(row: FindingRow) -> StoredFinding {
        StoredFinding {
            import_id: row.import_id,
            org_id: row.org_id,
            file_name: row.file_name,
            finding: Finding {
                severity: match row.severity.as_str() {
                    "info" => Severity::Info,
                    "warning" => Severity::Warning,
                    _ => Severity::Error,
                },
                code: row.code,
                sheet: row.sheet,
                cell: row.cell,
                found: row.found,
                expected: row.expected,
                hint: row.hint,
            },
        }
    }
}

impl Lake {
    /// Imports, newest first.
    pub async fn imports(&self, filter: &ImportFilter) -> Result<Vec<ImportSummary>, LakeError> {
        self.select_imports(filter, None).await
    }

    /// The import with that id, if there is one.
    pub async fn import(&self, import_id: i32) -> Result<Option<ImportSummary>, LakeError> {
        let found = self
            .select_imports(&ImportFilter::default(), Some(import_id))
            .await?;
        Ok(found.into_iter().next())
    }

    async fn select_imports(
        &self,
        filter: &ImportFilter,
        import_id: Option<i32>,
    ) -> Result<Vec<ImportSummary>, LakeError> {
        let rows: Vec<ImportRow> = sqlx::query_as(
            "select i.*,
                (select count(*) from svodka_finding f
                 where f.import_id = i.import_id and f.severity = 'error') as errors,
                (select count(*) from svodka_finding f
                 where f.import_id = i.import_id and f.severity = 'warning') as warnings,
                (select count(*) from svodka_finding f
                 where f.import_id = i.import_id and f.severity = 'info') as infos
             from svodka_import i
             where (?1 is null or org_id = ?1) and (?2 is null or import_id < ?2)
               and (?3 is null or snapshot_id <= ?3) and (?4 is null or import_id = ?4)
             order by import_id desc limit ?5",
        )
        .bind(filter.org_id)
        .bind(filter.before)
        .bind(filter.snapshot_id)
        .bind(import_id)
        .bind(i64::from(filter.limit.unwrap_or(1_000)))
        .fetch_all(&self.inner.pool)
        .await
        .map_err(|error| self.inner.sql(error))?;
        Ok(rows.into_iter().map(ImportSummary::from).collect())
    }

    /// Findings, those of the newest import first.
    pub async fn findings(&self, filter: &FindingFilter) -> Result<Vec<StoredFinding>, LakeError> {
        let rows: Vec<FindingRow> = sqlx::query_as(
            "select f.import_id, i.org_id, i.file_name, f.severity, f.code, f.sheet, f.cell,
                    f.found, f.expected, f.hint
             from svodka_finding f join svodka_import i using (import_id)
             where (?1 is null or f.import_id = ?1) and (?2 is null or i.org_id = ?2)
               and (?3 is null
                    or case f.severity when 'info' then 0 when 'warning' then 1 else 2 end >= ?3)
             order by f.import_id desc, f.finding_id limit ?4",
        )
        .bind(filter.import_id)
        .bind(filter.org_id)
        .bind(filter.least.map(|severity| severity as i64))
        .bind(i64::from(filter.limit.unwrap_or(10_000)))
        .fetch_all(&self.inner.pool)
        .await
        .map_err(|error| self.inner.sql(error))?;
        Ok(rows.into_iter().map(StoredFinding::from).collect())
    }
}
