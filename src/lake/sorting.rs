//! Rows in the types and the order that a table's files have.

use crate::{LakeError, schema};
use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, PrimitiveArray, RecordBatch, UInt32Array,
};
use arrow::compute::{cast, concat_batches, take_record_batch};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use std::sync::Arc;
use svodka_journal::contract::TableContract;

/// The batch with exactly the columns and types of the table, found by name.
pub(crate) fn normalise(
    table: &TableContract,
    batch: &RecordBatch,
) -> Result<RecordBatch, LakeError> {
    let schema = schema::arrow_schema(table);
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let column = batch
            .column_by_name(field.name())
            .ok_or_else(|| LakeError::rows(table.name, format!("no column {}", field.name())))?;
        let column = if column.data_type() == field.data_type() {
            Arc::clone(column)
        } else {
            cast(column, field.data_type()).map_err(|error| LakeError::rows(table.name, error))?
        };
        columns.push(column);
    }
    if batch.num_columns() != columns.len() {
        return Err(LakeError::rows(
            table.name,
            format!(
                "{} columns instead of {}",
                batch.num_columns(),
                columns.len()
            ),
        ));
    }
    RecordBatch::try_new(schema, columns).map_err(|error| LakeError::rows(table.name, error))
}

/// All rows in one batch, in the order of the table; none when there are no rows.
///
/// Nulls come first. Rows that are in order already are not moved.
pub(crate) fn sorted(
    table: &TableContract,
    batches: &[RecordBatch],
) -> Result<Option<RecordBatch>, LakeError> {
    let fault = |error: arrow::error::ArrowError| LakeError::rows(table.name, error);
    let batch = match batches {
        [] => return Ok(None),
        [only] => only.clone(),
        several => concat_batches(&schema::arrow_schema(table), several).map_err(fault)?,
    };
    if batch.num_rows() == 0 {
        return Ok(None);
    }
    match order(table, &batch)? {
        None => Ok(Some(batch)),
        Some(indices) => take_record_batch(&batch, &UInt32Array::from(indices))
            .map(Some)
            .map_err(fault),
    }
}

/// The order to take the rows in; none when they are in order already.
fn order(table: &TableContract, batch: &RecordBatch) -> Result<Option<Vec<u32>>, LakeError> {
    let mut columns = Vec::with_capacity(table.sort.len());
    for name in table.sort {
        columns.push(integers_of(table, batch, name)?);
    }
    let spans: Vec<(i64, u32)> = columns.iter().map(|values| span(values)).collect();
    let bits: u32 = spans.iter().map(|(_, width)| width).sum();
    Ok(if bits <= 64 {
        let keys = packed::<u64>(&columns, &spans, |key, width, code| {
            // A shift by all 64 bits happens only when this column alone fills the key.
            key.checked_shl(width).unwrap_or(0) | code
        });
        order_of(&keys)
    } else if bits <= 128 {
        let keys = packed::<u128>(&columns, &spans, |key, width, code| {
            (key << width) | u128::from(code)
        });
        order_of(&keys)
    } else {
        order_by_columns(&columns)
    })
}

/// Smallest value of a column, and the bits that its distances from there take.
fn span(values: &[i64]) -> (i64, u32) {
    let (mut min, mut max) = (i64::MAX, i64::MIN);
    for &value in values {
        min = min.min(value);
        max = max.max(value);
    }
    (min, 64 - (max.wrapping_sub(min) as u64).leading_zeros())
}

/// One integer per row that compares as the row's sort columns do.
fn packed<K: Copy + Default>(
    columns: &[Vec<i64>],
    spans: &[(i64, u32)],
    append: impl Fn(K, u32, u64) -> K,
) -> Vec<K> {
    let mut keys = vec![K::default(); columns.first().map_or(0, Vec::len)];
    for (values, &(min, width)) in columns.iter().zip(spans) {
        if width == 0 {
            continue;
        }
        for (key, &value) in keys.iter_mut().zip(values) {
            *key = append(*key, width, value.wrapping_sub(min) as u64);
        }
    }
    keys
}

fn order_of<K: Ord + Copy>(keys: &[K]) -> Option<Vec<u32>> {
    if keys.is_sorted() {
        return None;
    }
    let mut rows: Vec<(K, u32)> = keys.iter().copied().zip(0..).collect();
    // The stable sort finds runs, and inputs are mostly a few sorted runs one after another.
    rows.sort_by_key(|row| row.0);
    Some(rows.into_iter().map(|row| row.1).collect())
}

fn order_by_columns(columns: &[Vec<i64>]) -> Option<Vec<u32>> {
    let compare = |left: u32, right: u32| {
        columns
            .iter()
            .map(|values| values[left as usize].cmp(&values[right as usize]))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    };
    let rows = columns.first().map_or(0, Vec::len) as u32;
    if (1..rows).all(|row| compare(row - 1, row).is_le()) {
        return None;
    }
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by(|&left, &right| compare(left, right));
    Some(order)
}

/// The values of an integer column by name; null is the smallest integer.
pub(crate) fn integers_of(
    table: &TableContract,
    batch: &RecordBatch,
    name: &str,
) -> Result<Vec<i64>, LakeError> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| LakeError::rows(table.name, format!("no column {name}")))?;
    integers(column)
        .ok_or_else(|| LakeError::rows(table.name, format!("column {name} is not an integer")))
}

/// The values of an integer, date or timestamp array; null is the smallest integer.
pub(crate) fn integers(array: &dyn Array) -> Option<Vec<i64>> {
    Some(match array.data_type() {
        DataType::Int8 => widened::<Int8Type>(array.as_primitive()),
        DataType::Int16 => widened::<Int16Type>(array.as_primitive()),
        DataType::Int32 => {
            let values: &Int32Array = array.as_primitive::<Int32Type>();
            widened::<Int32Type>(values)
        }
        DataType::Int64 => {
            let values: &Int64Array = array.as_primitive::<Int64Type>();
            widened::<Int64Type>(values)
        }
        DataType::Date32 => widened::<Date32Type>(array.as_primitive()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            widened::<TimestampMicrosecondType>(array.as_primitive())
        }
        _ => return None,
    })
}

fn widened<T>(array: &PrimitiveArray<T>) -> Vec<i64>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i64>,
{
    if array.null_count() == 0 {
        return array.values().iter().map(|&value| value.into()).collect();
    }
    array
        .iter()
        .map(|value| value.map_or(i64::MIN, Into::into))
        .collect()
}
