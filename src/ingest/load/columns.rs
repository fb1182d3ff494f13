//! Vectors to Arrow arrays and back.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{ArrowPrimitiveType, Int32Type};
use std::sync::Arc;

/// Columns of a table in the making; the lake finds them by name.
#[derive(Default)]
pub(crate) struct Columns {
    columns: Vec<(&'static str, ArrayRef)>,
}

impl Columns {
    pub fn int8(mut self, name: &'static str, values: Vec<i8>) -> Columns {
        self.columns.push((name, Arc::new(Int8Array::from(values))));
        self
    }

    pub fn int16(mut self, name: &'static str, values: Vec<i16>) -> Columns {
        self.columns
            .push((name, Arc::new(Int16Array::from(values))));
        self
    }

    pub fn maybe_int16(mut self, name: &'static str, values: Vec<Option<i16>>) -> Columns {
        self.columns
            .push((name, Arc::new(Int16Array::from(values))));
        self
    }

    pub fn int32(mut self, name: &'static str, values: Vec<i32>) -> Columns {
        self.columns
            .push((name, Arc::new(Int32Array::from(values))));
        self
    }

    pub fn maybe_int32(mut self, name: &'static str, values: Vec<Option<i32>>) -> Columns {
        self.columns
            .push((name, Arc::new(Int32Array::from(values))));
        self
    }

    pub fn int64(mut self, name: &'static str, values: Vec<i64>) -> Columns {
        self.columns
            .push((name, Arc::new(Int64Array::from(values))));
        self
    }

    pub fn maybe_int64(mut self, name: &'static str, values: Vec<Option<i64>>) -> Columns {
        self.columns
            .push((name, Arc::new(Int64Array::from(values))));
        self
    }

    pub fn bool(mut self, name: &'static str, values: Vec<bool>) -> Columns {
        self.columns
            .push((name, Arc::new(BooleanArray::from(values))));
        self
    }

    pub fn date(mut self, name: &'static str, values: Vec<i32>) -> Columns {
        self.columns
            .push((name, Arc::new(Date32Array::from(values))));
        self
    }

    pub fn maybe_date(mut self, name: &'static str, values: Vec<Option<i32>>) -> Columns {
        self.columns
            .push((name, Arc::new(Date32Array::from(values))));
        self
    }

    pub fn timestamp(self, name: &'static str, values: Vec<i64>) -> Columns {
        self.maybe_timestamp(name, values.into_iter().map(Some).collect())
    }

    pub fn maybe_timestamp(mut self, name: &'static str, values: Vec<Option<i64>>) -> Columns {
        self.columns.push((
            name,
            Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC")),
        ));
        self
    }

    /// A column without a value in any row.
    pub fn no_timestamp(mut self, name: &'static str, rows: usize) -> Columns {
        self.columns.push((
            name,
            Arc::new(TimestampMicrosecondArray::new_null(rows).with_timezone("UTC")),
        ));
        self
    }

    /// Hundredths.
    pub fn hours(self, name: &'static str, values: Vec<i32>) -> Columns {
        self.maybe_hours(name, values.into_iter().map(Some).collect())
    }

    /// Hundredths.
    pub fn maybe_hours(mut self, name: &'static str, values: Vec<Option<i32>>) -> Columns {
        let values: Decimal128Array = values
            .into_iter()
            .map(|value| value.map(i128::from))
            .collect();
        let array: ArrayRef = match values.with_precision_and_scale(7, 2) {
            Ok(array) => Arc::new(array),
            // Seven digits with two after the point are always a valid pair.
            Err(_) => Arc::new(Decimal128Array::from(Vec::<i128>::new())),
        };
        self.columns.push((name, array));
        self
    }

    pub fn text(mut self, name: &'static str, values: Vec<String>) -> Columns {
        self.columns
            .push((name, Arc::new(StringArray::from(values))));
        self
    }

    pub fn maybe_text(mut self, name: &'static str, values: Vec<Option<&str>>) -> Columns {
        self.columns
            .push((name, Arc::new(StringArray::from(values))));
        self
    }

    /// Texts as positions in a list; −1: no value.
    pub fn codes(
        mut self,
        name: &'static str,
        positions: Vec<i32>,
        values: &[&str],
    ) -> Result<Columns, arrow::error::ArrowError> {
        let keys: Int32Array = if positions.iter().any(|position| *position < 0) {
            positions
                .into_iter()
                .map(|position| (position >= 0).then_some(position))
                .collect()
        } else {
            Int32Array::from(positions)
        };
        let values: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
        self.columns.push((
            name,
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?),
        ));
        Ok(self)
    }

    pub fn finish(self) -> Result<RecordBatch, arrow::error::ArrowError> {
        RecordBatch::try_from_iter_with_nullable(
            self.columns
                .into_iter()
                .map(|(name, array)| (name, array, true)),
        )
    }
}

/// A column of a batch read from the lake; the contract guarantees name and type.
fn column<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a ArrayRef> {
    batch.column_by_name(name)
}

/// Values of an integer-like column; nulls become the default.
pub(crate) fn values<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> Vec<T::Native> {
    match column(batch, name).and_then(|array| array.as_primitive_opt::<T>()) {
        Some(array) => array.iter().map(Option::unwrap_or_default).collect(),
        None => vec![T::Native::default(); batch.num_rows()],
    }
}

/// Values of an integer-like column with nulls.
pub(crate) fn maybe_values<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    name: &str,
) -> Vec<Option<T::Native>> {
    match column(batch, name).and_then(|array| array.as_primitive_opt::<T>()) {
        Some(array) => array.iter().collect(),
        None => vec![None; batch.num_rows()],
    }
}

/// Texts of a plain or dictionary column.
pub(crate) fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Vec<Option<&'a str>> {
    let Some(array) = column(batch, name) else {
        return vec![None; batch.num_rows()];
    };
    if let Some(texts) = array.as_string_opt::<i32>() {
        return texts.iter().collect();
    }
    let Some(dictionary) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() else {
        return vec![None; batch.num_rows()];
    };
    let Some(texts) = dictionary.values().as_string_opt::<i32>() else {
        return vec![None; batch.num_rows()];
    };
    dictionary
        .keys()
        .iter()
        .map(|key| key.map(|key| texts.value(key as usize)))
        .collect()
}

/// Hundredths of a decimal column with nulls.
pub(crate) fn maybe_hundredths(batch: &RecordBatch, name: &str) -> Vec<Option<i32>> {
    maybe_values::<arrow::datatypes::Decimal128Type>(batch, name)
        .into_iter()
        .map(|value| value.map(|value| value as i32))
        .collect()
}

/// Values of a true-or-false column; null is false.
pub(crate) fn bools(batch: &RecordBatch, name: &str) -> Vec<bool> {
    match column(batch, name).and_then(|array| array.as_boolean_opt()) {
        Some(array) => array.iter().map(Option::unwrap_or_default).collect(),
        None => vec![false; batch.num_rows()],
    }
}
