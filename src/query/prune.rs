//! Which files can hold rows that a filter keeps, by the ranges the snapshot already knows.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use svodka_journal::contract::TableContract;
use svodka_lake::{ColumnStats, DataFile, StatValue};

/// False only if no row of `file` can satisfy `filter`. What is not understood keeps the file.
pub(crate) fn may_match(filter: &Expr, contract: &TableContract, file: &DataFile) -> bool {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match op {
            Operator::And => may_match(left, contract, file) && may_match(right, contract, file),
            Operator::Or => may_match(left, contract, file) || may_match(right, contract, file),
            _ => {
                if let (Some(stats), Some(value)) = (stats(left, contract, file), literal(right)) {
                    compare(stats, *op, &value)
                } else if let (Some(value), Some(stats), Some(op)) =
                    (literal(left), stats(right, contract, file), op.swap())
                {
                    compare(stats, op, &value)
                } else {
                    true
                }
            }
        },
        Expr::Between(between) if !between.negated => {
            let (Some(stats), Some(low), Some(high)) = (
                stats(&between.expr, contract, file),
                literal(&between.low),
                literal(&between.high),
            ) else {
                return true;
            };
            compare(stats, Operator::GtEq, &low) && compare(stats, Operator::LtEq, &high)
        }
        Expr::InList(list) if !list.negated => match stats(&list.expr, contract, file) {
            Some(stats) => list
                .list
                .iter()
                .any(|item| literal(item).is_none_or(|value| compare(stats, Operator::Eq, &value))),
            None => true,
        },
        Expr::IsNull(inner) => {
            stats(inner, contract, file).is_none_or(|stats| stats.null_count > 0)
        }
        // A condition that is false or NULL keeps no row.
        Expr::Literal(ScalarValue::Boolean(flag), _) => *flag == Some(true),
        _ => true,
    }
}

/// The ranges of a plain column; a cast hides them, because it may change the order of values.
fn stats<'a>(expr: &Expr, contract: &TableContract, file: &'a DataFile) -> Option<&'a ColumnStats> {
    match expr {
        Expr::Column(column) => file.columns.get(contract.column_index(&column.name)?),
        Expr::Alias(alias) => stats(&alias.expr, contract, file),
        _ => None,
    }
}

/// A literal in the numbers and texts that ranges are kept in.
fn literal(expr: &Expr) -> Option<StatValue> {
    let Expr::Literal(value, _) = expr else {
        return None;
    };
    scalar(value)
}

fn scalar(value: &ScalarValue) -> Option<StatValue> {
    let number = match value {
        ScalarValue::Int8(number) => i64::from((*number)?),
        ScalarValue::Int16(number) => i64::from((*number)?),
        ScalarValue::Int32(number) | ScalarValue::Date32(number) => i64::from((*number)?),
        ScalarValue::Int64(number) | ScalarValue::TimestampMicrosecond(number, _) => (*number)?,
        ScalarValue::Boolean(flag) => i64::from((*flag)?),
        ScalarValue::Utf8(text) | ScalarValue::Utf8View(text) => {
            return text.as_deref().map(|text| StatValue::Text(text.into()));
        }
        ScalarValue::Dictionary(_, inner) => return scalar(inner),
        _ => return None,
    };
    Some(StatValue::Int(number))
}

fn compare(stats: &ColumnStats, op: Operator, value: &StatValue) -> bool {
    let (Some(min), Some(max)) = (&stats.min, &stats.max) else {
        return true;
    };
    if std::mem::discriminant(min) != std::mem::discriminant(value) {
        return true;
    }
    match op {
        Operator::Eq => min <= value && value <= max,
        Operator::Lt => min < value,
        Operator::LtEq => min <= value,
        Operator::Gt => max > value,
        Operator::GtEq => max >= value,
        _ => true,
    }
}
