//! A query's header against the plan of its SQL: names, order and kinds of columns, order of rows.

use crate::bind::{Shape, shaped};
use crate::planner::plain;
use datafusion::arrow::datatypes::DataType;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use svodka_catalog::{Folder, QueryFile};
use svodka_table::Unit;

/// Differences, each with the line of the file it concerns.
pub(crate) fn compare(
    state: &SessionState,
    file: &QueryFile,
    plan: &LogicalPlan,
) -> Vec<(u32, String)> {
    let mut problems = Vec::new();
    // Types are settled by the analyzer, and only when every parameter has a type.
    let shape = Shape::usual(file, true);
    let analyzed = shaped(plan.clone(), file, shape).and_then(|plan| {
        state
            .analyzer()
            .execute_and_check(plan, state.config_options(), |_, _| {})
    });
    let plan = match analyzed {
        Ok(plan) => plan,
        Err(error) => {
            problems.push((1, plain(&error)));
            return problems;
        }
    };
    let fields = plan.schema().fields();
    if !file.columns.is_empty() {
        let found: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        for (at, column) in file.columns.iter().enumerate() {
            match found.iter().position(|name| *name == column.name) {
                None => problems.push((
                    column.line,
                    format!(
                        "the SQL gives no column \"{}\"; it gives: {}",
                        column.name,
                        found.join(", ")
                    ),
                )),
                Some(position) => {
                    if position != at && found.len() == file.columns.len() {
                        problems.push((
                            column.line,
                            format!(
                                "column \"{}\" is number {} in the header, number {} in the SQL",
                                column.name,
                                at + 1,
                                position + 1
                            ),
                        ));
                    }
                    let kind = fields[position].data_type();
                    if !fits(column.unit, kind) {
                        problems.push((
                            column.line,
                            format!(
                                "column \"{}\" is declared {}, the SQL gives {kind}",
                                column.name,
                                column.unit.word()
                            ),
                        ));
                    }
                }
            }
        }
        for name in found {
            if file.column(name).is_none() {
                problems.push((
                    1,
                    format!("the SQL gives column \"{name}\", the header has no \"Column: {name} …\" line"),
                ));
            }
        }
    }
    if file.folder == Folder::Reports && !is_ordered(&plan) {
        problems.push((
            1,
            "the report has no order by; rows would come in another order each time".to_owned(),
        ));
    }
    problems
}

/// Whether values of `kind` can be written as `unit`.
fn fits(unit: Unit, kind: &DataType) -> bool {
    let is_text = |kind: &DataType| {
        matches!(
            kind,
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8
        ) || matches!(kind, DataType::Dictionary(_, values) if matches!(values.as_ref(), DataType::Utf8))
    };
    match unit {
        Unit::Id => kind.is_integer() || is_text(kind),
        Unit::Count | Unit::Month | Unit::Weekday => kind.is_integer(),
        Unit::Person => matches!(kind, DataType::Int64),
        Unit::Hours => matches!(kind, DataType::Decimal128(_, _)),
        Unit::Share | Unit::Points => {
            kind.is_floating() || matches!(kind, DataType::Decimal128(_, _))
        }
        Unit::Number => kind.is_numeric(),
        Unit::Date => matches!(kind, DataType::Date32),
        Unit::Timestamp => matches!(kind, DataType::Timestamp(_, _)),
        Unit::Bool => matches!(kind, DataType::Boolean),
        Unit::Text | Unit::Source => is_text(kind),
    }
}

/// Rows come in a stated order, or there is only one.
fn is_ordered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Limit(limit) => is_ordered(&limit.input),
        LogicalPlan::Projection(projection) => is_ordered(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_ordered(&alias.input),
        LogicalPlan::Filter(filter) => is_ordered(&filter.input),
        other => is_single(other),
    }
}

/// At most one row, by the shape of the plan alone.
fn is_single(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => is_single(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_single(&alias.input),
        LogicalPlan::Filter(filter) => is_single(&filter.input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(_) => true,
        LogicalPlan::Join(join) => is_single(&join.left) && is_single(&join.right),
        _ => false,
    }
}
