//! A lake table as one principal sees it at one snapshot.
//!
//! The scan is a plain Parquet scan: a `DataSourceExec` over the live files that can hold rows of
//! the scope and of the filters, and, for a limited scope, a `FilterExec` on `org_id` right above
//! it. Both serialise, so that another engine could run the same plan.

use crate::prune::may_match;
use crate::reader::{LakeFile, ReaderFactory, SharedReaderFactory};
use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, DFSchema, Result, ScalarValue, Statistics, internal_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit};
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use svodka_journal::contract::TableContract;
use svodka_lake::{DataFile, Lake, Snapshot};

/// What all scans of one session share.
pub(crate) struct SessionScope {
    /// Told apart from every other session of this process.
    pub(crate) session_no: u64,
    /// None: everything.
    pub(crate) organisations: Option<BTreeSet<i32>>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) lake: Lake,
    pub(crate) reader: Arc<ReaderFactory>,
}

/// One lake table within a scope.
pub(crate) struct ScopedTable {
    pub(crate) contract: &'static TableContract,
    schema: SchemaRef,
    df_schema: Arc<DFSchema>,
    pub(crate) scope: Arc<SessionScope>,
}

impl fmt::Debug for ScopedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopedTable({})", self.contract.name)
    }
}

impl ScopedTable {
    pub(crate) fn new(
        contract: &'static TableContract,
        schema: SchemaRef,
        df_schema: Arc<DFSchema>,
        scope: Arc<SessionScope>,
    ) -> ScopedTable {
        ScopedTable {
            contract,
            schema,
            df_schema,
            scope,
        }
    }

    /// Live files that can hold rows of the scope and of every filter.
    pub(crate) fn files(&self, filters: &[Expr]) -> Vec<&Arc<DataFile>> {
        self.scope
            .snapshot
            .files(self.contract.name)
            .iter()
            .filter(|file| self.is_within_scope(file))
            .filter(|file| {
                filters
                    .iter()
                    .all(|filter| may_match(filter, self.contract, file))
            })
            .collect()
    }

    fn is_within_scope(&self, file: &DataFile) -> bool {
        let Some(organisations) = &self.scope.organisations else {
            return true;
        };
        if let Some(org_id) = file.org_id {
            return organisations.contains(&org_id);
        }
        let range = self
            .contract
            .column_index("org_id")
            .and_then(|at| file.columns.get(at)?.int_range());
        match range {
            Some((min, max)) => organisations
                .iter()
                .any(|id| (min..=max).contains(&i64::from(*id))),
            None => true,
        }
    }

    /// The filter that keeps only rows of the scope; none for a principal who may see all.
    fn scope_filter(&self) -> Option<Expr> {
        let organisations = self.scope.organisations.as_ref()?;
        Some(scope_expr(organisations))
    }

    fn partitioned(&self, file: &DataFile) -> Result<PartitionedFile> {
        let path = self.scope.lake.file_path(file);
        let location = StorePath::from_absolute_path(&path)
            .map_err(|error| datafusion::error::DataFusionError::External(Box::new(error)))?;
        let mut partitioned =
            PartitionedFile::new(String::new(), u64::try_from(file.bytes).unwrap_or(0))
                .with_arrow_schema(Arc::clone(&self.schema))
                .with_extension(LakeFile {
                    data_file_id: file.data_file_id,
                    path: Arc::new(path),
                });
        partitioned.object_meta.location = location;
        Ok(partitioned)
    }
}

/// `org_id` within `organisations`, as a logical expression.
pub(crate) fn scope_expr(organisations: &BTreeSet<i32>) -> Expr {
    match organisations.iter().next() {
        Some(only) if organisations.len() == 1 => col("org_id").eq(lit(*only)),
        _ => col("org_id").in_list(organisations.iter().map(|id| lit(*id)).collect(), false),
    }
}

#[async_trait]
impl TableProvider for ScopedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted: Vec<usize> = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.schema.fields().len()).collect(),
        };
        let files = self.files(filters);
        let is_blind = self
            .scope
            .organisations
            .as_ref()
            .is_some_and(BTreeSet::is_empty);
        if files.is_empty() || is_blind {
            let schema: Schema = self.schema.project(&wanted)?;
            return Ok(Arc::new(EmptyExec::new(Arc::new(schema))));
        }
        let scope_filter = self.scope_filter();
        let Some(org_column) = self.contract.column_index("org_id") else {
            return internal_err!("table {} has no org_id", self.contract.name);
        };

        // The scope's filter needs org_id even where the question does not ask for it.
        let mut read = wanted.clone();
        if scope_filter.is_some() && !read.contains(&org_column) {
            read.push(org_column);
        }
        let mut conditions: Vec<Expr> = Vec::new();
        for part in filters.iter().flat_map(split_conjunction) {
            let part = without_qualifiers(part)?;
            // The optimiser leaves repeated and always true conditions behind.
            let is_always_true = matches!(part, Expr::Literal(ScalarValue::Boolean(Some(true)), _));
            if !is_always_true && !conditions.contains(&part) {
                conditions.push(part);
            }
        }
        conditions.extend(scope_filter.clone());
        let predicate = conjunction(conditions);
        let rows: i64 = files.iter().map(|file| file.rows).sum();
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(0));

        let options = TableParquetOptions {
            global: state.config_options().execution.parquet.clone(),
            ..TableParquetOptions::default()
        };
        let mut source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(SharedReaderFactory(Arc::clone(
                &self.scope.reader,
            ))));
        if let Some(predicate) = predicate {
            let predicate = state.create_physical_expr(predicate, &self.df_schema)?;
            source = source.with_predicate(predicate);
        }
        let groups = groups(&files, state.config().target_partitions())
            .into_iter()
            .map(|group| {
                group
                    .into_iter()
                    .map(|file| self.partitioned(file))
                    .collect::<Result<Vec<_>>>()
                    .map(FileGroup::new)
            })
            .collect::<Result<Vec<_>>>()?;
        let config =
            FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
                .with_file_groups(groups)
                .with_statistics(statistics)
                .with_projection_indices(Some(read.clone()))?
                .with_limit(if filters.is_empty() && scope_filter.is_none() {
                    limit
                } else {
                    None
                })
                .build();
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
        let Some(scope_filter) = scope_filter else {
            return Ok(scan);
        };
        let read_schema = DFSchema::try_from(self.schema.project(&read)?)?;
        let predicate = state.create_physical_expr(scope_filter, &read_schema)?;
        let mut filter = FilterExecBuilder::new(predicate, scan);
        if read.len() > wanted.len() {
            filter = filter.apply_projection(Some((0..wanted.len()).collect()))?;
        }
        Ok(Arc::new(filter.build()?))
    }
}

/// Filters arrive qualified by the alias of the table in the query; the scan knows bare names.
fn without_qualifiers(filter: &Expr) -> Result<Expr> {
    filter
        .clone()
        .transform_up(|expr| {
            Ok(match expr {
                Expr::Column(column) => {
                    Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
                }
                other => Transformed::no(other),
            })
        })
        .data()
}

/// Files dealt into at most `most` groups of about equal size; small sets stay in one.
fn groups<'a>(files: &[&'a Arc<DataFile>], most: usize) -> Vec<Vec<&'a Arc<DataFile>>> {
    let count = most.clamp(1, files.len().max(1));
    let mut groups: Vec<(i64, Vec<&Arc<DataFile>>)> = vec![(0, Vec::new()); count];
    for file in files {
        if let Some(lightest) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
            lightest.0 += file.bytes;
            lightest.1.push(file);
        }
    }
    groups.into_iter().map(|(_, files)| files).collect()
}
