//! Names in place of ids, at the very end: the engine only ever sees ids.

use crate::QueryError;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::compute::{
    SortColumn, SortOptions, concat_batches, lexsort_to_indices, take,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use svodka_catalog::QueryFile;
use svodka_table::Unit;
use svodka_vault::Vault;

/// One batch with the header's columns of persons as texts, in the header's order of rows.
pub(crate) async fn with_names(
    file: &QueryFile,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    vault: Option<&Vault>,
    may_see_names: bool,
) -> Result<RecordBatch, QueryError> {
    let broken = |error| {
        QueryError::engine(
            &file.name,
            datafusion::error::DataFusionError::ArrowError(Box::new(error), None),
        )
    };
    let batch = concat_batches(schema, batches).map_err(broken)?;
    let persons: Vec<usize> = file
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.unit == Unit::Person)
        .map(|(at, _)| at)
        .collect();
    if persons.is_empty() && file.sort.is_empty() {
        return Ok(batch);
    }
    let mut columns = batch.columns().to_vec();
    let names = match vault {
        Some(vault) if may_see_names && !persons.is_empty() => {
            let ids = ids_of(&columns, &persons);
            vault
                .names(&ids)
                .await
                .map_err(|error| QueryError::Vault(Box::new(error)))?
        }
        _ => FxHashMap::default(),
    };
    for &at in &persons {
        let is_pupil = file.columns[at].name.starts_with("pupil");
        columns[at] = named(&columns[at], &names, is_pupil);
    }
    let fields: Vec<Field> = batch
        .schema()
        .fields()
        .iter()
        .enumerate()
        .map(|(at, field)| {
            if persons.contains(&at) {
                Field::new(field.name(), DataType::Utf8, true)
            } else {
                field.as_ref().clone()
            }
        })
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(broken)?;
    sorted(file, batch).map_err(broken)
}

fn ids_of(columns: &[ArrayRef], persons: &[usize]) -> Vec<i64> {
    let mut ids: Vec<i64> = persons
        .iter()
        .flat_map(|at| columns[*at].as_primitive::<Int64Type>().iter().flatten())
        .filter(|id| *id != 0)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Texts for the ids of one column. Who may not see names sees numbers that tell rows apart.
fn named(column: &ArrayRef, names: &FxHashMap<i64, String>, is_pupil: bool) -> ArrayRef {
    let ids = column.as_primitive::<Int64Type>();
    let texts: StringArray = ids
        .iter()
        .map(|id| {
            id.map(|id| match names.get(&id) {
                Some(name) => name.clone(),
                None if id == 0 => "Не указан".to_owned(),
                None => format!(
                    "{} № {:06}",
                    if is_pupil {
                        "Обучающийся"
                    } else {
                        "Педагог"
                    },
                    id.rem_euclid(1_000_000)
                ),
            })
        })
        .collect();
    Arc::new(texts)
}

/// Rows in the order of the header's `Sort` keys; texts as a Russian index would have them.
fn sorted(
    file: &QueryFile,
    batch: RecordBatch,
) -> Result<RecordBatch, datafusion::arrow::error::ArrowError> {
    if file.sort.is_empty() || batch.num_rows() < 2 {
        return Ok(batch);
    }
    let mut keys = Vec::new();
    for key in &file.sort {
        let Ok(at) = batch.schema().index_of(&key.column) else {
            continue;
        };
        let column = batch.column(at);
        let values = match column.data_type() {
            DataType::Utf8 => collated(column),
            _ => Arc::clone(column),
        };
        keys.push(SortColumn {
            values,
            options: Some(SortOptions {
                descending: key.is_descending,
                nulls_first: false,
            }),
        });
    }
    // The SQL's own order decides between equal keys.
    let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
    keys.push(SortColumn {
        values: Arc::new(UInt32Array::from_iter_values(0..rows)),
        options: None,
    });
    let order = lexsort_to_indices(&keys, None)?;
    let columns = batch
        .columns()
        .iter()
        .map(|column| take(column.as_ref(), &order, None))
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(batch.schema(), columns)
}

/// Sort keys: case does not count, ё stands right after е.
fn collated(column: &ArrayRef) -> ArrayRef {
    let keys: StringArray = column
        .as_string::<i32>()
        .iter()
        .map(|text| text.map(|text| text.to_lowercase().replace('ё', "е\u{10ffff}")))
        .collect();
    Arc::new(keys)
}
