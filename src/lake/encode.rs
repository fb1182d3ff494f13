//! One sorted batch becomes the bytes of one Parquet file.

use crate::sorting::integers;
use crate::stats::{self, ColumnStats};
use crate::{LakeError, schema};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::FieldRef;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use svodka_journal::contract::{ColumnKind, TableContract};

/// Rows of a row group. A reader of one group of pupils skips whole row groups and, inside them,
/// pages by the column index.
const ROW_GROUP_ROWS: usize = 131_072;

/// Rows of a page: the smallest piece a reader can skip, and the largest that zstd sees at once.
/// A class of 25 pupils has about 20 000 rows of attendance a year.
const PAGE_ROWS: usize = 16_384;

/// From this many rows on a second thread pays for its start.
const PARALLEL_ROWS: usize = 32_768;

const ZSTD_LEVEL: i32 = 3;

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
    let mut properties = properties(table, batch);
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

fn properties(table: &TableContract, batch: &RecordBatch) -> WriterProperties {
    let sorting = table
        .sort
        .iter()
        .filter_map(|name| table.column_index(name))
        .map(|at| SortingColumn {
            column_idx: at as i32,
            descending: false,
            nulls_first: true,
        })
        .collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("svodka {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default(),
        ))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(4_096)
        .set_sorting_columns(Some(sorting));
    for (column, array) in table.columns.iter().zip(batch.columns()) {
        let path = ColumnPath::from(column.name);
        builder = match layout(column.kind, array) {
            Layout::Delta => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Layout::Dictionary => builder.set_column_dictionary_enabled(path, true),
            Layout::Plain => builder.set_column_encoding(path, Encoding::PLAIN),
        };
    }
    builder.build()
}

/// How a column is laid out before zstd.
enum Layout {
    /// Distances from value to value: small where rows are sorted and ids sequential.
    Delta,
    Dictionary,
    /// Whole bytes, in which zstd finds what repeats from pupil to pupil.
    Plain,
}

/// Measured on attendance of one institution: see the comment of each choice.
fn layout(kind: ColumnKind, array: &ArrayRef) -> Layout {
    match kind {
        ColumnKind::Int8 | ColumnKind::Int16 | ColumnKind::Int32 | ColumnKind::Int64 => {
            // `month` takes 0.01 bytes a row with a dictionary, 0.03 with distances; `lesson_id`
            // 0.44 and 0.02.
            if has_few_values(array) {
                Layout::Dictionary
            } else {
                Layout::Delta
            }
        }
        // The same days and moments come again for every pupil of a group, but not at the same
        // bit of a packed block: `recorded_at` takes 0.45 bytes plain and 2.7 as distances.
        ColumnKind::Bool | ColumnKind::Date | ColumnKind::Timestamp => Layout::Plain,
        // Random ids in long runs of the same person; few distinct hours and words.
        ColumnKind::PersonId
        | ColumnKind::Hours
        | ColumnKind::Enum
        | ColumnKind::Code
        | ColumnKind::Text => Layout::Dictionary,
    }
}

/// Rows that tell how many values a column has.
const SAMPLE_ROWS: usize = 8_192;

const FEW_VALUES: usize = 64;

fn has_few_values(array: &ArrayRef) -> bool {
    let sample = array.slice(0, array.len().min(SAMPLE_ROWS));
    let Some(values) = integers(&sample) else {
        return false;
    };
    let mut distinct = FxHashSet::default();
    values
        .iter()
        .all(|value| !distinct.insert(*value) || distinct.len() <= FEW_VALUES)
}
