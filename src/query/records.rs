//! Imports and their findings as tables: `import`, `import_sheet`, `finding`.
//!
//! They live in the lake's own database, are small, and are read whole, within the same scope and
//! as of the same snapshot as the lake's tables.

use crate::scan::SessionScope;
use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use std::fmt;
use std::sync::Arc;
use svodka_lake::{FindingFilter, ImportFilter, ImportStatus, ImportSummary, StoredFinding};

/// Which of the three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    Import,
    ImportSheet,
    Finding,
}

impl Record {
    pub(crate) const ALL: [Record; 3] = [Record::Import, Record::ImportSheet, Record::Finding];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Record::Import => "import",
            Record::ImportSheet => "import_sheet",
            Record::Finding => "finding",
        }
    }

    pub(crate) fn schema(self) -> SchemaRef {
        let instant = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let required = |name: &str, kind| Field::new(name, kind, false);
        let nullable = |name: &str, kind| Field::new(name, kind, true);
        let fields = match self {
            Record::Import => vec![
                required("import_id", DataType::Int32),
                nullable("org_id", DataType::Int32),
                required("file_name", DataType::Utf8),
                required("engine", DataType::Utf8),
                required("status", DataType::Utf8),
                nullable("exported_at", instant()),
                required("imported_at", instant()),
                required("rows", DataType::Int64),
                required("errors", DataType::Int64),
                required("warnings", DataType::Int64),
                required("infos", DataType::Int64),
            ],
            Record::ImportSheet => vec![
                required("import_id", DataType::Int32),
                nullable("org_id", DataType::Int32),
                required("sheet_no", DataType::Int16),
                required("title", DataType::Utf8),
            ],
            Record::Finding => vec![
                required("import_id", DataType::Int32),
                nullable("org_id", DataType::Int32),
                required("severity", DataType::Utf8),
                required("code", DataType::Utf8),
                nullable("sheet", DataType::Utf8),
                nullable("cell", DataType::Utf8),
                required("found", DataType::Utf8),
                required("expected", DataType::Utf8),
                required("hint", DataType::Utf8),
            ],
        };
        Arc::new(Schema::new(fields))
    }
}

/// One of the tables within a scope.
pub(crate) struct RecordTable {
    record: Record,
    pub(crate) scope: Arc<SessionScope>,
}

impl RecordTable {
    pub(crate) const fn new(record: Record, scope: Arc<SessionScope>) -> RecordTable {
        RecordTable { record, scope }
    }

    /// Imports that the snapshot knows and the scope contains, oldest first.
    async fn imports(&self) -> Result<Vec<ImportSummary>> {
        let filter = ImportFilter {
            snapshot_id: Some(self.scope.snapshot.id),
            limit: Some(u32::MAX),
            ..ImportFilter::default()
        };
        let mut imports = self.scope.lake.imports(&filter).await.map_err(external)?;
        imports.retain(|import| self.contains(import.import.org_id));
        imports.reverse();
        Ok(imports)
    }

    /// A row of no institution belongs to those who may see all.
    fn contains(&self, org_id: Option<i32>) -> bool {
        match &self.scope.organisations {
            None => true,
            Some(organisations) => org_id.is_some_and(|id| organisations.contains(&id)),
        }
    }

    async fn batch(&self) -> Result<RecordBatch> {
        let imports = self.imports().await?;
        let columns = match self.record {
            Record::Import => import_columns(&imports),
            Record::ImportSheet => sheet_columns(&imports),
            Record::Finding => {
                let filter = FindingFilter {
                    limit: Some(u32::MAX),
                    ..FindingFilter::default()
                };
                let mut findings = self.scope.lake.findings(&filter).await.map_err(external)?;
                let first = imports
                    .first()
                    .map_or(i32::MAX, |import| import.import.import_id);
                let last = imports
                    .last()
                    .map_or(i32::MIN, |import| import.import.import_id);
                findings.retain(|finding| {
                    (first..=last).contains(&finding.import_id) && self.contains(finding.org_id)
                });
                finding_columns(&findings)
            }
        };
        Ok(RecordBatch::try_new(self.record.schema(), columns)?)
    }
}

impl fmt::Debug for RecordTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordTable({})", self.record.name())
    }
}

#[async_trait]
impl TableProvider for RecordTable {
    fn schema(&self) -> SchemaRef {
        self.record.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let batch = self.batch().await?;
        let plan: Arc<dyn ExecutionPlan> = MemorySourceConfig::try_new_exec(
            &[vec![batch]],
            self.record.schema(),
            projection.cloned(),
        )?;
        Ok(plan)
    }
}

fn external(error: svodka_lake::LakeError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

fn instants(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(
        values
            .collect::<TimestampMicrosecondArray>()
            .with_timezone("UTC"),
    )
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn import_columns(imports: &[ImportSummary]) -> Vec<ArrayRef> {
    let records = || imports.iter().map(|summary| &summary.import);
    let counts = |count: fn(&ImportSummary) -> i64| -> ArrayRef {
        Arc::new(
            imports
                .iter()
                .map(|summary| Some(count(summary)))
                .collect::<Int64Array>(),
        )
    };
    vec![
        Arc::new(
            records()
                .map(|record| Some(record.import_id))
                .collect::<Int32Array>(),
        ),
        Arc::new(
            records()
                .map(|record| record.org_id)
                .collect::<Int32Array>(),
        ),
        texts(records().map(|record| Some(record.file_name.as_str()))),
        texts(records().map(|record| Some(record.engine.as_str()))),
        texts(records().map(|record| {
            Some(match record.status {
                ImportStatus::Loaded => "loaded",
                ImportStatus::Rejected => "rejected",
            })
        })),
        instants(records().map(|record| record.exported_at)),
        instants(records().map(|record| Some(record.imported_at))),
        counts(|summary| {
            let rows: u64 = summary.import.rows.values().sum();
            i64::try_from(rows).unwrap_or(i64::MAX)
        }),
        counts(|summary| summary.errors),
        counts(|summary| summary.warnings),
        counts(|summary| summary.infos),
    ]
}

fn sheet_columns(imports: &[ImportSummary]) -> Vec<ArrayRef> {
    let mut import_id = Vec::new();
    let mut org_id = Vec::new();
    let mut sheet_no = Vec::new();
    let mut title = Vec::new();
    for summary in imports {
        for (number, sheet) in (1_i16..).zip(&summary.import.sheets) {
            import_id.push(summary.import.import_id);
            org_id.push(summary.import.org_id);
            sheet_no.push(number);
            title.push(sheet.as_str());
        }
    }
    vec![
        Arc::new(Int32Array::from(import_id)),
        Arc::new(Int32Array::from(org_id)),
        Arc::new(Int16Array::from(sheet_no)),
        Arc::new(StringArray::from(title)),
    ]
}

fn finding_columns(findings: &[StoredFinding]) -> Vec<ArrayRef> {
    let required = |text: fn(&StoredFinding) -> &str| -> ArrayRef {
        texts(findings.iter().map(|finding| Some(text(finding))))
    };
    let optional =
        |text: fn(&StoredFinding) -> Option<&str>| -> ArrayRef { texts(findings.iter().map(text)) };
    vec![
        Arc::new(
            findings
                .iter()
                .map(|row| Some(row.import_id))
                .collect::<Int32Array>(),
        ),
        Arc::new(
            findings
                .iter()
                .map(|row| row.org_id)
                .collect::<Int32Array>(),
        ),
        required(|row| row.finding.severity.as_str()),
        required(|row| &row.finding.code),
        optional(|row| row.finding.sheet.as_deref()),
        optional(|row| row.finding.cell.as_deref()),
        required(|row| &row.finding.found),
        required(|row| &row.finding.expected),
        required(|row| &row.finding.hint),
    ]
}
