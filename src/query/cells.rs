//! Arrow batches as a result table of plain values.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use svodka_catalog::QueryFile;
use svodka_journal::Day;
use svodka_table::{Column, Table, Unit, Value};

/// Columns of a report as its header describes them.
pub(crate) fn described(file: &QueryFile) -> Vec<Column> {
    file.columns
        .iter()
        .map(|column| Column {
            name: column.name.clone(),
            title: column.title.clone(),
            unit: column.unit,
            meaning: column.meaning.clone(),
        })
        .collect()
}

/// Columns of a free statement: the name is the title, the type tells the unit.
pub(crate) fn guessed(schema: &SchemaRef) -> Vec<Column> {
    schema
        .fields()
        .iter()
        .map(|field| {
            let unit = match field.data_type() {
                DataType::Date32 => Unit::Date,
                DataType::Timestamp(_, _) => Unit::Timestamp,
                DataType::Boolean => Unit::Bool,
                kind if kind.is_integer() && field.name().ends_with("_id") => Unit::Id,
                kind if kind.is_numeric() => Unit::Number,
                _ => Unit::Text,
            };
            Column::new(field.name(), field.name(), unit)
        })
        .collect()
}

/// Rows of `batches` under `columns`, which stand in the same order.
pub(crate) fn table(columns: Vec<Column>, batches: &[RecordBatch]) -> Result<Table, ArrowError> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for batch in batches {
        let start = rows.len();
        rows.extend((0..batch.num_rows()).map(|_| Vec::with_capacity(columns.len())));
        for array in batch.columns() {
            push_column(array, &mut rows[start..])?;
        }
    }
    Ok(Table { columns, rows })
}

fn push_column(array: &ArrayRef, rows: &mut [Vec<Value>]) -> Result<(), ArrowError> {
    match array.data_type() {
        DataType::Boolean => {
            let values = array.as_boolean();
            push(array, rows, |at| Value::Bool(values.value(at)));
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>();
            push(array, rows, |at| Value::Date(Day(values.value(at))));
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            let scale = u8::try_from(*scale).unwrap_or(0);
            push(array, rows, |at| Value::Decimal {
                units: values.value(at),
                scale,
            });
        }
        DataType::Timestamp(unit, zone) => {
            let kind = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            let micros = if *unit == TimeUnit::Microsecond {
                array.clone()
            } else {
                cast(array, &kind)?
            };
            let values = micros.as_primitive::<TimestampMicrosecondType>();
            push(array, rows, |at| Value::Timestamp(values.value(at)));
        }
        kind if kind.is_integer() => {
            let wide = cast(array, &DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            push(array, rows, |at| Value::Int(values.value(at)));
        }
        kind if kind.is_floating() => {
            let wide = cast(array, &DataType::Float64)?;
            let values = wide.as_primitive::<Float64Type>();
            push(array, rows, |at| Value::Float(values.value(at)));
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            push(array, rows, |at| Value::Text(values.value(at).to_owned()));
        }
        DataType::Dictionary(_, _) | DataType::Utf8View | DataType::LargeUtf8 => {
            let plain = cast(array, &DataType::Utf8)?;
            let values = plain.as_string::<i32>();
            push(&plain, rows, |at| Value::Text(values.value(at).to_owned()));
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(array.as_ref(), &options)?;
            push(array, rows, |at| {
                Value::Text(formatter.value(at).to_string())
            });
        }
    }
    Ok(())
}

fn push(array: &ArrayRef, rows: &mut [Vec<Value>], value: impl Fn(usize) -> Value) {
    for (at, row) in rows.iter_mut().enumerate() {
        row.push(if array.is_null(at) {
            Value::Null
        } else {
            value(at)
        });
    }
}
