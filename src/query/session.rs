//! Questions of one principal about one snapshot.

use crate::bind::{Shape, with_tables, with_values};
use crate::compile::Compiled;
use crate::engine::Inner;
use crate::guard::{Stopped, check_logical, check_physical};
use crate::planner::{self, ParseError, plain};
use crate::records::{Record, RecordTable};
use crate::scan::{ScopedTable, SessionScope};
use crate::{ParamError, Params, QueryError, cells, names};
use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::DefaultTableSource;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;
use svodka_catalog::QueryFile;
use svodka_journal::contract::TABLES;
use svodka_table::{Meta, Table};

/// Rows of opened files below which a question runs on one thread. Most of them are skipped by row
/// group, so this is far above what one thread decodes in the time a second one takes to plan.
const NARROW_ROWS: i64 = 1_500_000;

/// One principal, one snapshot, one catalog. Never changes.
pub struct Session {
    engine: Arc<Inner>,
    compiled: Arc<Compiled>,
    scope: Arc<SessionScope>,
    may_see_names: bool,
}

impl Session {
    pub(crate) const fn new(
        engine: Arc<Inner>,
        compiled: Arc<Compiled>,
        scope: Arc<SessionScope>,
        may_see_names: bool,
    ) -> Session {
        Session {
            engine,
            compiled,
            scope,
            may_see_names,
        }
    }

    /// The snapshot that every answer of this session stands on.
    #[must_use]
    pub fn snapshot_id(&self) -> i64 {
        self.scope.snapshot.id
    }

    /// Newest export time in the snapshot, µs in UTC.
    #[must_use]
    pub fn data_as_of(&self) -> Option<i64> {
        self.scope.snapshot.data_as_of
    }

    /// The header of a report, for [`Params::parse`].
    ///
    /// # Errors
    /// There is no such report.
    pub fn header(&self, name: &str) -> Result<&QueryFile, QueryError> {
        let catalog = &self.compiled.catalog;
        catalog
            .reports
            .get(name)
            .or_else(|| catalog.checks.get(name))
            .ok_or_else(|| QueryError::UnknownReport {
                name: name.to_owned(),
                guess: String::new(),
            })
    }

    /// Reads `key=value` pairs by the header of report `name`.
    ///
    /// # Errors
    /// There is no such report, or parameters are wrong; all of them are told.
    pub fn params<K: AsRef<str>, V: AsRef<str>>(
        &self,
        name: &str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Params, QueryError> {
        Params::parse(self.header(name)?, pairs).map_err(QueryError::Params)
    }

    /// The answer of a report (or of a check) as a table.
    ///
    /// # Errors
    /// There is no such report, or the lake or the vault cannot be read.
    pub async fn report(&self, name: &str, params: &Params) -> Result<(Table, Meta), QueryError> {
        let file = self.header(name)?;
        let batch = self.report_batch(file, params).await?;
        let table =
            cells::table(cells::described(file), &[batch]).map_err(|error| broken(name, error))?;
        Ok((table, self.meta(file, params)))
    }

    /// The answer as one Arrow batch, names in place of ids.
    ///
    /// # Errors
    /// As [`Session::report`].
    pub async fn report_arrow(
        &self,
        name: &str,
        params: &Params,
    ) -> Result<(RecordBatch, Meta), QueryError> {
        let file = self.header(name)?;
        let batch = self.report_batch(file, params).await?;
        Ok((batch, self.meta(file, params)))
    }

    /// The answer as a Parquet file.
    ///
    /// # Errors
    /// As [`Session::report`].
    pub async fn report_parquet(&self, name: &str, params: &Params) -> Result<Bytes, QueryError> {
        let (batch, _) = self.report_arrow(name, params).await?;
        parquet_bytes(&batch.schema(), &[batch]).map_err(|error| {
            QueryError::engine(name, DataFusionError::ParquetError(Box::new(error)))
        })
    }

    /// The answer to one reading statement over lake tables, staging and marts.
    ///
    /// # Errors
    /// The statement does more than read, or is no SQL; or the lake cannot be read.
    pub async fn sql(&self, text: &str) -> Result<Table, QueryError> {
        let (schema, batches) = self.sql_batches(text).await?;
        cells::table(cells::guessed(&schema), &batches).map_err(|error| broken("sql", error))
    }

    /// The same as a Parquet file.
    ///
    /// # Errors
    /// As [`Session::sql`].
    pub async fn sql_parquet(&self, text: &str) -> Result<Bytes, QueryError> {
        let (schema, batches) = self.sql_batches(text).await?;
        parquet_bytes(&schema, &batches).map_err(|error| {
            QueryError::engine("sql", DataFusionError::ParquetError(Box::new(error)))
        })
    }

    /// Plans a report and proves the plan, without running it.
    ///
    /// # Errors
    /// As [`Session::report`].
    pub async fn prepare(&self, name: &str, params: &Params) -> Result<(), QueryError> {
        let logical = self.logical(self.header(name)?, params)?;
        self.physical(name, &logical).await?;
        Ok(())
    }

    /// The plan of a report as text: logical after optimisation, then physical.
    ///
    /// # Errors
    /// As [`Session::report`].
    pub async fn explain(&self, name: &str, params: &Params) -> Result<String, QueryError> {
        let file = self.header(name)?;
        let logical = self.logical(file, params)?;
        let (physical, _) = self.physical(name, &logical).await?;
        Ok(format!(
            "{}\n{}",
            logical.display_indent(),
            displayable(physical.as_ref()).indent(true)
        ))
    }

    fn meta(&self, file: &QueryFile, params: &Params) -> Meta {
        Meta {
            report: file.name.clone(),
            title: file.title.clone(),
            snapshot_id: self.snapshot_id(),
            data_as_of: self.data_as_of(),
            parameters: params.texts().to_vec(),
        }
    }

    async fn report_batch(
        &self,
        file: &QueryFile,
        params: &Params,
    ) -> Result<RecordBatch, QueryError> {
        let logical = self.logical(file, params)?;
        let (schema, batches) = self.run(&file.name, &logical).await?;
        names::with_names(
            file,
            &schema,
            &batches,
            self.engine.vault.as_ref(),
            self.may_see_names,
        )
        .await
    }

    /// The optimised plan of a report with its values, bound to this session and proved.
    fn logical(&self, file: &QueryFile, params: &Params) -> Result<LogicalPlan, QueryError> {
        let name = file.name.as_str();
        let broken = |error| QueryError::engine(name, error);
        let shape = Shape::of(file, params);
        let template = self
            .compiled
            .plan(&self.engine.narrow, file, shape)
            .map_err(broken)?
            .ok_or_else(|| QueryError::Refused {
                reason: format!("report \"{name}\" has problems; `svodka check` lists them"),
            })?;
        let plan = with_values(&template.plan, &template.types, params.values()).map_err(|_| {
            QueryError::Params(vec![ParamError::TooLarge {
                report: name.to_owned(),
            }])
        })?;
        let plan = with_tables(plan, |table| self.table(table)).map_err(broken)?;
        check_logical(&plan, self.scope.session_no).map_err(stopped)?;
        Ok(plan)
    }

    fn table(&self, name: &str) -> Result<Arc<dyn TableSource>, DataFusionError> {
        let provider: Arc<dyn TableProvider> = match TABLES.iter().find(|table| table.name == name)
        {
            Some(contract) => {
                let Some(schema) = self.engine.schemas.get(name) else {
                    return datafusion::common::internal_err!("no schema of {name}");
                };
                Arc::new(ScopedTable::new(
                    contract,
                    Arc::clone(&schema.arrow),
                    Arc::clone(&schema.qualified),
                    Arc::clone(&self.scope),
                ))
            }
            None => match Record::ALL.iter().find(|record| record.name() == name) {
                Some(record) => Arc::new(RecordTable::new(*record, Arc::clone(&self.scope))),
                None => return datafusion::common::plan_err!("table \"{name}\" not found"),
            },
        };
        Ok(Arc::new(DefaultTableSource::new(provider)))
    }

    async fn sql_batches(&self, text: &str) -> Result<(SchemaRef, Vec<RecordBatch>), QueryError> {
        let statement = planner::parse(text).map_err(|error| match error {
            ParseError::Refused(reason) => QueryError::Refused { reason },
            ParseError::Sql(message) => QueryError::Sql { message },
        })?;
        let state = &self.engine.narrow;
        let as_user = |error: DataFusionError| QueryError::Sql {
            message: plain(&error),
        };
        let plan = planner::plan(state, &self.compiled.names, None, statement).map_err(as_user)?;
        if plan
            .get_parameter_names()
            .is_ok_and(|names| !names.is_empty())
        {
            return Err(QueryError::Sql {
                message: "a free statement takes no $parameters; write the values".to_owned(),
            });
        }
        let plan = with_tables(plan, |table| self.table(table)).map_err(as_user)?;
        check_logical(&plan, self.scope.session_no)
            .map_err(|Stopped(reason)| QueryError::Refused { reason })?;
        let plan = state.optimize(&plan).map_err(as_user)?;
        match self.run("sql", &plan).await {
            // A division by zero or a bad cast is the statement's fault, and tells no secret.
            Err(QueryError::Engine { source, .. })
                if matches!(
                    source.find_root(),
                    DataFusionError::ArrowError(_, _)
                        | DataFusionError::Execution(_)
                        | DataFusionError::Plan(_)
                        | DataFusionError::NotImplemented(_)
                ) =>
            {
                Err(as_user(*source))
            }
            other => other,
        }
    }

    async fn run(
        &self,
        name: &str,
        logical: &LogicalPlan,
    ) -> Result<(SchemaRef, Vec<RecordBatch>), QueryError> {
        let (physical, state) = self.physical(name, logical).await?;
        let schema = physical.schema();
        let batches = collect(physical, state.task_ctx())
            .await
            .map_err(|error| QueryError::engine(name, error))?;
        Ok((schema, batches))
    }

    async fn physical(
        &self,
        name: &str,
        logical: &LogicalPlan,
    ) -> Result<(Arc<dyn ExecutionPlan>, &SessionState), QueryError> {
        let state = if rows_to_read(logical) < NARROW_ROWS {
            &self.engine.narrow
        } else {
            &self.engine.wide
        };
        let physical = state
            .query_planner()
            .create_physical_plan(logical, state)
            .await
            .map_err(|error| QueryError::engine(name, error))?;
        check_physical(&physical, &self.scope, state).map_err(stopped)?;
        Ok((physical, state))
    }
}

fn stopped(Stopped(reason): Stopped) -> QueryError {
    QueryError::Scope { reason }
}

fn broken(name: &str, error: datafusion::arrow::error::ArrowError) -> QueryError {
    QueryError::engine(name, DataFusionError::ArrowError(Box::new(error), None))
}

/// Rows of the files that the scans of `plan` will open.
fn rows_to_read(plan: &LogicalPlan) -> i64 {
    let mut rows = 0;
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(source) = scan.source.as_ref().downcast_ref::<DefaultTableSource>()
            && let Some(table) = source.table_provider.downcast_ref::<ScopedTable>()
        {
            let files = table.files(&scan.filters);
            rows += files.iter().map(|file| file.rows).sum::<i64>();
        }
        Ok(TreeNodeRecursion::Continue)
    });
    if walked.is_err() { i64::MAX } else { rows }
}

fn parquet_bytes(
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<Bytes, parquet::errors::ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties))?;
    for batch in batches {
        writer.write(batch)?;
    }
    Ok(writer.into_inner()?.into())
}
