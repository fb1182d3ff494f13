//! A template plan becomes a session's plan: values for `$params`, scoped tables for names.

use crate::planner::TemplateTable;
use datafusion::common::tree_node::{Transformed, TransformedResult};
use datafusion::common::{ParamValues, Result, ScalarValue};
use datafusion::logical_expr::{LogicalPlan, TableSource};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// `plan` with every placeholder replaced by its value.
pub(crate) fn with_values(
    plan: LogicalPlan,
    values: &BTreeMap<String, ScalarValue>,
) -> Result<LogicalPlan> {
    if values.is_empty() {
        return Ok(plan);
    }
    let values: HashMap<String, ScalarValue> = values
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    plan.replace_params_with_values(&ParamValues::from(values))
}

/// `plan` with every lake table replaced by what `table` gives for its name.
pub(crate) fn with_tables(
    plan: LogicalPlan,
    mut table: impl FnMut(&str) -> Result<Arc<dyn TableSource>>,
) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::TableScan(mut scan) => {
            let name = scan
                .source
                .as_ref()
                .downcast_ref::<TemplateTable>()
                .map(|template| template.name);
            match name {
                Some(name) => {
                    scan.source = table(name)?;
                    Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
                }
                None => Ok(Transformed::no(LogicalPlan::TableScan(scan))),
            }
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}
