//! A template plan becomes a session's plan: values for `$params`, scoped tables for names.
//!
//! Which optional parameters are given decides the shape of a plan (`$org is null` is then known),
//! their values do not: a plan is optimised once per shape, values and tables are put in after.

use crate::params::{Params, null};
use crate::planner::TemplateTable;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{ParamValues, Result, ScalarValue};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, TableSource, lit};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use svodka_catalog::QueryFile;

/// Which of a report's parameters are given, one bit each in the order of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape(u64);

impl Shape {
    pub(crate) fn of(file: &QueryFile, params: &Params) -> Shape {
        let given = |name: &str| {
            params
                .values()
                .get(name)
                .is_some_and(|value| !value.is_null())
        };
        Shape::from_given(file, given)
    }

    /// The shape of a question that gives every parameter, or only those without which it fails.
    pub(crate) fn usual(file: &QueryFile, with_optional: bool) -> Shape {
        Shape::from_given(file, |name| {
            file.param(name)
                .is_some_and(|param| with_optional || param.is_required || param.derived.is_some())
        })
    }

    fn from_given(file: &QueryFile, given: impl Fn(&str) -> bool) -> Shape {
        let bits = file
            .params
            .iter()
            .take(64)
            .enumerate()
            .filter(|(_, param)| given(&param.name))
            .map(|(at, _)| 1_u64 << at)
            .sum();
        Shape(bits)
    }

    fn gives(self, file: &QueryFile, name: &str) -> bool {
        file.params
            .iter()
            .position(|param| param.name == name)
            .is_some_and(|at| at < 64 && self.0 & (1 << at) != 0)
    }
}

/// `plan` where every placeholder has a type, and those not given are NULL.
pub(crate) fn shaped(plan: LogicalPlan, file: &QueryFile, shape: Shape) -> Result<LogicalPlan> {
    // A parameter has the type of the column it is first compared with, else that of the header.
    let inferred = inferred_types(&plan)?;
    let types: BTreeMap<String, DataType> = file
        .params
        .iter()
        .map(|param| {
            let known = inferred.get(&param.name).cloned();
            (
                param.name.clone(),
                known.unwrap_or_else(|| null(param.kind).data_type()),
            )
        })
        .collect();
    let missing: HashMap<String, ScalarValue> = types
        .iter()
        .filter(|(name, _)| !shape.gives(file, name))
        .map(|(name, kind)| Ok((name.clone(), ScalarValue::try_from(kind)?)))
        .collect::<Result<_>>()?;
    plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            let settled = expr.transform_up(|expr| settle(expr, &types, &missing))?;
            Ok(settled.update_data(|expr| name.restore(expr)))
        })?
        .map_data(LogicalPlan::recompute_schema)
    })
    .data()
}

/// Types of the placeholders of a plan, by parameter.
pub(crate) fn inferred_types(plan: &LogicalPlan) -> Result<BTreeMap<String, DataType>> {
    let mut types = BTreeMap::new();
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::Placeholder(Placeholder {
                    id,
                    field: Some(field),
                }) = expr
                {
                    types
                        .entry(id.trim_start_matches('$').to_owned())
                        .or_insert_with(|| field.data_type().clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(types)
}

fn settle(
    expr: Expr,
    types: &BTreeMap<String, DataType>,
    missing: &HashMap<String, ScalarValue>,
) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Placeholder(Placeholder { id, field }) => {
            let name = id.trim_start_matches('$');
            let Some(kind) = types.get(name) else {
                return Ok(Transformed::no(Expr::Placeholder(Placeholder {
                    id,
                    field,
                })));
            };
            if let Some(value) = missing.get(name) {
                return Ok(Transformed::yes(Expr::Literal(value.clone(), None)));
            }
            let field = Some(Arc::new(Field::new(&id, kind.clone(), false)));
            Ok(Transformed::yes(Expr::Placeholder(Placeholder {
                id,
                field,
            })))
        }
        Expr::IsNull(inner) if matches!(inner.as_ref(), Expr::Placeholder(_)) => {
            Ok(Transformed::yes(lit(false)))
        }
        Expr::IsNotNull(inner) if matches!(inner.as_ref(), Expr::Placeholder(_)) => {
            Ok(Transformed::yes(lit(true)))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// `plan` with every placeholder replaced by its value, of the type the plan expects.
///
/// # Errors
/// A number does not fit the column it is compared with.
pub(crate) fn with_values(
    plan: &LogicalPlan,
    types: &BTreeMap<String, DataType>,
    values: &BTreeMap<String, ScalarValue>,
) -> Result<LogicalPlan> {
    if types.is_empty() {
        return Ok(plan.clone());
    }
    let values: HashMap<String, ScalarValue> = values
        .iter()
        .map(|(name, value)| {
            let value = match types.get(name) {
                Some(kind) => value.cast_to(kind)?,
                None => value.clone(),
            };
            Ok((name.clone(), value))
        })
        .collect::<Result<_>>()?;
    plan.clone()
        .replace_params_with_values(&ParamValues::from(values))
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
