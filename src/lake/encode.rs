//! One sorted batch becomes the bytes of one Parquet file.

use crate::stats::{self, ColumnStats};
use crate::{LakeError, layout, schema};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::FieldRef;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use svodka_journal::contract::TableContract;

/// Rows of a row group. A reader of one group of pupils skips whole row groups and, inside them,
/// pages by the column index.
pub(crate) const ROW_GROUP_ROWS: usize = 131_072;

/// From this many rows on a second thread pays for its start.
const PARALLEL_ROWS: usize = 32_768;

/// A file ready to be written.
pub(crate) struct Encoded {
    pub bytes: Vec<u8>,
    pub rows: i64,
    pub footer_size: i64,
    pub sha256: String,
    pub stats: Vec<ColumnStats>,
    /// Compressed bytes of each column.
    pub column_bytes: Vec<i64>,
}

/// Encodes rows that are already sorted and in the contract's schema.
pub(crate) fn encode(table: &TableContract, batch: &RecordBatch) -> Result<Encoded, LakeError> {
    let fault = |error: ParquetError| LakeError::rows(table.name, error);
    let arrow_schema = schema::arrow_schema(table);
    let mut properties = layout::properties(table, batch).map_err(fault)?;
    add_encoded_arrow_schema_to_metadata(&arrow_schema, &mut properties);
    let parquet_schema = ArrowSchemaConverter::new()
        .convert(&arrow_schema)
        .map_err(fault)?;
    let mut bytes = Vec::with_capacity(batch.num_rows() * 2 + 16_384);
    let mut writer = SerializedFileWriter::new(
        &mut bytes,
        parquet_schema.root_schema_ptr(),
        Arc::new(properties),
    )
    .map_err(fault)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&arrow_schema));

    let mut start = 0;
    let mut group_no = 0;
    while start < batch.num_rows() {
        let length = ROW_GROUP_ROWS.min(batch.num_rows() - start);
        let slice = batch.slice(start, length);
        let columns: Vec<Column> = factory
            .create_column_writers(group_no)
            .map_err(fault)?
            .into_iter()
            .zip(arrow_schema.fields().iter().zip(slice.columns()))
            .enumerate()
            .map(|(at, (writer, (field, array)))| Column {
                at,
                writer,
                field: Arc::clone(field),
                array: Arc::clone(array),
            })
            .collect();
        let chunks = encode_columns(columns, length).map_err(fault)?;
        let mut group = writer.next_row_group().map_err(fault)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(fault)?;
        }
        group.close().map_err(fault)?;
        start += length;
        group_no += 1;
    }
    let metadata = writer.close().map_err(fault)?;

    let (stats, column_bytes) = stats::of_file(table, &metadata);
    // The last eight bytes are the footer's length and the magic "PAR1".
    let footer_size = bytes
        .len()
        .checked_sub(8)
        .and_then(|at| bytes[at..at + 4].try_into().ok())
        .map_or(0, u32::from_le_bytes);
    Ok(Encoded {
        rows: batch.num_rows() as i64,
        footer_size: i64::from(footer_size),
        sha256: hexadecimal(&Sha256::digest(&bytes)),
        bytes,
        stats,
        column_bytes,
    })
}

/// A digest in lower-case hexadecimal.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Column {
    at: usize,
    writer: ArrowColumnWriter,
    field: FieldRef,
    array: ArrayRef,
}

impl Column {
    fn encode(mut self) -> Result<ArrowColumnChunk, ParquetError> {
        for leaf in compute_leaves(&self.field, &self.array)? {
            self.writer.write(&leaf)?;
        }
        self.writer.close()
    }
}

fn encode_columns(
    columns: Vec<Column>,
    rows: usize,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let has_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    if rows < PARALLEL_ROWS || !has_cores {
        return columns.into_iter().map(Column::encode).collect();
    }
    let mut done: Vec<Option<ArrowColumnChunk>> = columns.iter().map(|_| None).collect();
    let queue = Mutex::new(columns);
    // The lock is held only to take the next column, never while one is encoded.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || {
        let mut chunks = Vec::new();
        while let Some(column) = next() {
            let at = column.at;
            chunks.push((at, column.encode()?));
        }
        Ok::<_, ParquetError>(chunks)
    };
    let (mine, theirs) = std::thread::scope(|scope| {
        let helper = scope.spawn(work);
        let mine = work();
        (mine, helper.join())
    });
    let theirs = theirs.map_err(|_| ParquetError::General("an encoder stopped".to_owned()))?;
    for (at, chunk) in mine?.into_iter().chain(theirs?) {
        done[at] = Some(chunk);
    }
    Ok(done.into_iter().flatten().collect())
}
