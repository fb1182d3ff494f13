//! Proves, before anything runs, that a plan reads nothing past the scope of its session.
//!
//! The providers already scope every scan; this is the second lock. It looks at the plan alone:
//! every scan of the logical plan must be a provider of this very session, and every leaf of the
//! physical plan must read files this session may read, with the scope's filter right above.

use crate::records::RecordTable;
use crate::scan::{ScopedTable, SessionScope, scope_expr};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::DefaultTableSource;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::{FileScanConfig, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::placeholder_row::PlaceholderRowExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use rustc_hash::FxHashSet;
use std::sync::Arc;
use svodka_journal::contract::TABLES;

/// Why a plan was stopped.
#[derive(Debug)]
pub(crate) struct Stopped(pub(crate) String);

/// Nodes that a reading plan may consist of; every scan belongs to the session.
pub(crate) fn check_logical(plan: &LogicalPlan, session_no: u64) -> Result<(), Stopped> {
    let mut stopped = None;
    let walked = plan.apply_with_subqueries(|node| {
        let reason = match node {
            LogicalPlan::TableScan(scan) => foreign_scan(scan, session_no),
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Repartition(_)
            | LogicalPlan::Union(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Unnest(_) => None,
            other => Some(format!(
                "{} is not a part of a reading statement",
                other
                    .display()
                    .to_string()
                    .split([' ', ':'])
                    .next()
                    .unwrap_or("this")
            )),
        };
        if reason.is_some() {
            stopped = reason;
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    match (stopped, walked) {
        (Some(reason), _) => Err(Stopped(reason)),
        (None, Err(error)) => Err(Stopped(error.strip_backtrace())),
        (None, Ok(_)) => Ok(()),
    }
}

fn foreign_scan(scan: &datafusion::logical_expr::TableScan, session_no: u64) -> Option<String> {
    let source = scan.source.as_ref().downcast_ref::<DefaultTableSource>();
    let scope: Option<&Arc<SessionScope>> = source.and_then(|source| {
        let provider = source.table_provider.as_ref();
        provider
            .downcast_ref::<ScopedTable>()
            .map(|table| &table.scope)
            .or_else(|| {
                provider
                    .downcast_ref::<RecordTable>()
                    .map(|table| &table.scope)
            })
    });
    match scope {
        Some(scope) if scope.session_no == session_no => None,
        _ => Some(format!("the scan of \"{}\" is not scoped", scan.table_name)),
    }
}

/// Every leaf reads what this session may read.
pub(crate) fn check_physical(
    plan: &Arc<dyn ExecutionPlan>,
    scope: &SessionScope,
    state: &SessionState,
) -> Result<(), Stopped> {
    let allowed: FxHashSet<i64> = TABLES
        .iter()
        .flat_map(|table| scope.snapshot.files(table.name))
        .filter(|file| match (&scope.organisations, file.org_id) {
            (Some(organisations), Some(org_id)) => organisations.contains(&org_id),
            _ => true,
        })
        .map(|file| file.data_file_id)
        .collect();
    Walk {
        scope,
        state,
        allowed,
    }
    .node(plan, false)
}

struct Walk<'a> {
    scope: &'a SessionScope,
    state: &'a SessionState,
    allowed: FxHashSet<i64>,
}

impl Walk<'_> {
    /// `is_covered`: the scope's filter stands above, with only row-preserving nodes between.
    fn node(&self, plan: &Arc<dyn ExecutionPlan>, is_covered: bool) -> Result<(), Stopped> {
        if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
            return self.leaf(source, is_covered);
        }
        if plan.is::<EmptyExec>() || plan.is::<PlaceholderRowExec>() {
            return Ok(());
        }
        let children = plan.children();
        if children.is_empty() {
            return Err(Stopped(format!(
                "\"{}\" is no known way to read",
                plan.name()
            )));
        }
        let is_covered = if let Some(filter) = plan.downcast_ref::<FilterExec>() {
            is_covered || self.is_scope(filter.predicate(), filter.input())?
        } else {
            let passes_rows_on = plan.is::<CooperativeExec>()
                || plan.is::<CoalescePartitionsExec>()
                || plan.is::<RepartitionExec>()
                || plan.is::<ProjectionExec>();
            is_covered && passes_rows_on
        };
        for child in children {
            self.node(child, is_covered)?;
        }
        Ok(())
    }

    fn leaf(&self, source: &DataSourceExec, is_covered: bool) -> Result<(), Stopped> {
        let data = source.data_source().as_ref();
        if data.downcast_ref::<MemorySourceConfig>().is_some() {
            // Literal rows of the statement, or records that were scoped while they were read.
            return Ok(());
        }
        let Some(config) = data.downcast_ref::<FileScanConfig>() else {
            return Err(Stopped("a source is no Parquet scan".to_owned()));
        };
        if config
            .file_source()
            .downcast_ref::<ParquetSource>()
            .is_none()
        {
            return Err(Stopped("a source is no Parquet scan".to_owned()));
        }
        let is_foreign = config
            .file_groups
            .iter()
            .flat_map(|group| group.files())
            .any(|file| {
                file.extension::<crate::reader::LakeFile>()
                    .is_none_or(|lake_file| !self.allowed.contains(&lake_file.data_file_id))
            });
        if is_foreign {
            return Err(Stopped("a scan reads a file outside the scope".to_owned()));
        }
        if self.scope.organisations.is_some() && !is_covered {
            return Err(Stopped("a scan lacks the filter of its scope".to_owned()));
        }
        Ok(())
    }

    /// Whether one of the conditions is exactly the scope's own.
    fn is_scope(
        &self,
        predicate: &Arc<dyn PhysicalExpr>,
        input: &Arc<dyn ExecutionPlan>,
    ) -> Result<bool, Stopped> {
        let Some(organisations) = &self.scope.organisations else {
            return Ok(true);
        };
        let schema = input.schema();
        if schema.index_of("org_id").is_err() {
            return Ok(false);
        }
        let expected = DFSchema::try_from(schema)
            .and_then(|schema| {
                self.state
                    .create_physical_expr(scope_expr(organisations), &schema)
            })
            .map_err(|error: DataFusionError| Stopped(error.strip_backtrace()))?;
        let expected = expected.to_string();
        Ok(split_conjunction(predicate)
            .iter()
            .any(|part| part.to_string() == expected))
    }
}
