//! One table contract, three spellings: Arrow, Parquet (through Arrow) and DuckLake.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use svodka_journal::contract::{ColumnKind, TABLES, TableContract};

/// Key of the field metadata that carries the Parquet field id (= DuckLake's column id).
pub const FIELD_ID_KEY: &str = "PARQUET:field_id";

static SCHEMAS: LazyLock<Vec<SchemaRef>> = LazyLock::new(|| TABLES.iter().map(build).collect());

/// The Arrow schema of a table: Enum and Code are `Dictionary(Int32, Utf8)`, Hours
/// `Decimal128(7, 2)`, Timestamp `Timestamp(µs, "UTC")`, Date `Date32`, PersonId `Int64`.
///
/// Fields carry their Parquet field id as metadata, so that files and catalog agree.
#[must_use]
pub fn arrow_schema(table: &TableContract) -> SchemaRef {
    TABLES
        .iter()
        .position(|known| std::ptr::eq(known, table) || known.name == table.name)
        .map_or_else(|| build(table), |at| Arc::clone(&SCHEMAS[at]))
}

fn build(table: &TableContract) -> SchemaRef {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            Field::new(column.name, data_type(column.kind), column.is_nullable).with_metadata(
                HashMap::from([(FIELD_ID_KEY.to_owned(), column_id(at).to_string())]),
            )
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// DuckLake's id of the column at position `at`: they count from 1.
pub(crate) const fn column_id(at: usize) -> i64 {
    at as i64 + 1
}

/// The Arrow type of a column.
pub(crate) fn data_type(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Int8 => DataType::Int8,
        ColumnKind::Int16 => DataType::Int16,
        ColumnKind::Int32 => DataType::Int32,
        ColumnKind::Int64 | ColumnKind::PersonId => DataType::Int64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Date => DataType::Date32,
        ColumnKind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnKind::Hours => DataType::Decimal128(7, 2),
        ColumnKind::Enum | ColumnKind::Code => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        ColumnKind::Text => DataType::Utf8,
    }
}

/// The DuckLake type of a column.
pub(crate) const fn ducklake_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Int8 => "int8",
        ColumnKind::Int16 => "int16",
        ColumnKind::Int32 => "int32",
        ColumnKind::Int64 | ColumnKind::PersonId => "int64",
        ColumnKind::Bool => "boolean",
        ColumnKind::Date => "date",
        ColumnKind::Timestamp => "timestamptz",
        ColumnKind::Hours => "decimal(7,2)",
        ColumnKind::Enum | ColumnKind::Code | ColumnKind::Text => "varchar",
    }
}
