//! Reading live rows back: whole tables for tests, slices for `ingest`, leftovers for a commit.

use crate::catalog::Inner;
use crate::sorting::{integers_of, normalise};
use crate::stats::chunk_range;
use crate::{DataFile, Lake, LakeError, Snapshot, schema};
use arrow::array::{BooleanArray, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;
use rustc_hash::FxHashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use svodka_journal::contract::{TABLES, TableContract};

/// Values of a table's `replace_key` columns; positions beyond them are 0, dates are days.
pub type Key = [i64; 3];

/// Which rows and columns to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    pub org_id: Option<i32>,
    /// Only rows with one of these keys.
    pub keys: Option<&'a [Key]>,
    /// Columns in the order wanted; all of the table's unless told.
    pub columns: Option<&'a [&'a str]>,
}

/// A [`Filter`] that can be sent to another thread, with what the planning needs.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    pub org_id: Option<i32>,
    pub keys: Option<KeySet>,
    /// Positions in the contract.
    pub columns: Vec<usize>,
}

/// A set of keys that can tell quickly that a file holds none of them.
#[derive(Debug, Clone)]
pub(crate) struct KeySet {
    keys: FxHashSet<Key>,
    /// Columns that take part in the key.
    width: usize,
    /// The keys in order: most files are told by their first column.
    ordered: Vec<Key>,
}

impl KeySet {
    pub(crate) fn new(table: &TableContract, keys: &[Key]) -> KeySet {
        let keys: FxHashSet<Key> = keys.iter().copied().collect();
        let mut ordered: Vec<Key> = keys.iter().copied().collect();
        ordered.sort_unstable();
        KeySet {
            keys,
            width: table.replace_key.len().min(3),
            ordered,
        }
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Whether a key may lie within these ranges (none: the range is not known).
    fn may_touch(&self, ranges: &[Option<(i64, i64)>; 3]) -> bool {
        let (low, high) = ranges[0].unwrap_or((i64::MIN, i64::MAX));
        let from = self.ordered.partition_point(|key| key[0] < low);
        self.ordered[from..]
            .iter()
            .take_while(|key| key[0] <= high)
            .any(|key| {
                (1..self.width).all(|at| {
                    ranges[at].is_none_or(|(low, high)| low <= key[at] && key[at] <= high)
                })
            })
    }

    /// Whether the file may hold one of the keys, by the ranges in the catalog.
    pub(crate) fn may_touch_file(&self, table: &TableContract, file: &DataFile) -> bool {
        self.may_touch(&key_ranges(table, |at| file.columns[at].int_range()))
    }
}

fn key_ranges(
    table: &TableContract,
    range: impl Fn(usize) -> Option<(i64, i64)>,
) -> [Option<(i64, i64)>; 3] {
    std::array::from_fn(|position| {
        let name = table.replace_key.get(position)?;
        range(table.column_index(name)?)
    })
}

/// The table called `name` and its position in the contract.
pub(crate) fn table_at(name: &str) -> Result<(usize, &'static TableContract), LakeError> {
    TABLES
        .iter()
        .enumerate()
        .find(|(_, table)| table.name == name)
        .ok_or_else(|| LakeError::NoTable {
            name: name.to_owned(),
        })
}

impl Lake {
    /// Rows of a table at a snapshot, file by file, sorted inside each file.
    pub async fn read(
        &self,
        snapshot: &Snapshot,
        table: &str,
        filter: Filter<'_>,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let (_, table) = table_at(table)?;
        let columns = match filter.columns {
            None => (0..table.columns.len()).collect(),
            Some(names) => names
                .iter()
                .map(|name| {
                    table
                        .column_index(name)
                        .ok_or_else(|| LakeError::rows(table.name, format!("no column {name}")))
                })
                .collect::<Result<_, _>>()?,
        };
        let want = Want {
            org_id: filter.org_id,
            keys: filter.keys.map(|keys| KeySet::new(table, keys)),
            columns,
        };
        let files: Vec<Arc<DataFile>> = snapshot
            .files(table.name)
            .iter()
            .filter(|file| may_hold(table, file, &want))
            .cloned()
            .collect();
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let mut batches = Vec::new();
            for file in &files {
                batches.extend(read_file(&inner, table, file, &want)?);
            }
            Ok(batches)
        })
        .await
    }
}

/// Runs work that computes or waits for the disk beside the async tasks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LakeError::Worker {
            reason: error.to_string(),
        })?
}

fn may_hold(table: &TableContract, file: &DataFile, want: &Want) -> bool {
    if let (Some(wanted), Some(only)) = (want.org_id, file.org_id)
        && wanted != only
    {
        return false;
    }
    want.keys
        .as_ref()
        .is_none_or(|keys| keys.may_touch_file(table, file))
}

/// An open data file with its footer.
struct OpenFile<'a> {
    table: &'static TableContract,
    path: &'a Path,
    handle: File,
    metadata: ArrowReaderMetadata,
}

impl<'a> OpenFile<'a> {
    fn open(table: &'static TableContract, path: &'a Path) -> Result<OpenFile<'a>, LakeError> {
        let handle = File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => LakeError::damaged(path, "the file is missing"),
            _ => LakeError::io(path, error),
        })?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&handle, options)
            .map_err(|error| LakeError::damaged(path, error))?;
        Ok(OpenFile {
            table,
            path,
            handle,
            metadata,
        })
    }

    fn all_groups(&self) -> Vec<usize> {
        (0..self.metadata.metadata().num_row_groups()).collect()
    }
}

/// Rows of one file; large files come in several batches.
pub(crate) fn read_file(
    inner: &Inner,
    table: &'static TableContract,
    file: &DataFile,
    want: &Want,
) -> Result<Vec<RecordBatch>, LakeError> {
    let path = inner.file_path(file.table, &file.path);
    let open = OpenFile::open(table, &path)?;
    let groups = open.groups_to_read(want);
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let must_look = want.keys.is_some() || (want.org_id.is_some() && file.org_id.is_none());
    let selection = if must_look {
        let masks = open.rows_wanted(&groups, want)?;
        if masks.iter().all(|mask| !mask.has_true()) {
            return Ok(Vec::new());
        }
        Some(RowSelection::from_filters(&masks))
    } else {
        None
    };
    open.read_columns(groups, &want.columns, selection)
}

/// What is left of a file without the rows that `keys` name; none when it holds no such row.
pub(crate) fn leftovers(
    inner: &Inner,
    table: &'static TableContract,
    file: &DataFile,
    keys: &KeySet,
) -> Result<Option<Vec<RecordBatch>>, LakeError> {
    let path = inner.file_path(file.table, &file.path);
    let open = OpenFile::open(table, &path)?;
    let mut kept = Vec::new();
    for batch in open.read_columns(open.all_groups(), &key_columns(table), None)? {
        let mask: Vec<bool> = row_keys(table, &batch)?
            .iter()
            .map(|key| !keys.contains(key))
            .collect();
        kept.push(BooleanArray::from(mask));
    }
    let rows: usize = kept.iter().map(BooleanArray::len).sum();
    let kept_rows: usize = kept.iter().map(BooleanArray::true_count).sum();
    if kept_rows == rows {
        return Ok(None);
    }
    if kept_rows == 0 {
        return Ok(Some(Vec::new()));
    }
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let selection = RowSelection::from_filters(&kept);
    open.read_columns(open.all_groups(), &columns, Some(selection))
        .map(Some)
}

fn key_columns(table: &TableContract) -> Vec<usize> {
    table
        .replace_key
        .iter()
        .filter_map(|name| table.column_index(name))
        .collect()
}

impl OpenFile<'_> {
    /// Row groups whose statistics do not exclude every wanted key.
    fn groups_to_read(&self, want: &Want) -> Vec<usize> {
        let Some(keys) = &want.keys else {
            return self.all_groups();
        };
        let groups = self.metadata.metadata().row_groups();
        (0..groups.len())
            .filter(|&at| {
                keys.may_touch(&key_ranges(self.table, |column| {
                    groups[at].column(column).statistics().and_then(chunk_range)
                }))
            })
            .collect()
    }

    /// For each row of the row groups whether it is wanted.
    fn rows_wanted(&self, groups: &[usize], want: &Want) -> Result<Vec<BooleanArray>, LakeError> {
        let mut columns = Vec::new();
        if want.keys.is_some() {
            columns = key_columns(self.table);
        }
        if want.org_id.is_some() {
            columns.extend(
                self.table
                    .column_index("org_id")
                    .filter(|at| !columns.contains(at)),
            );
        }
        let batches = self.read_columns(groups.to_vec(), &columns, None)?;
        batches
            .iter()
            .map(|batch| {
                let mut mask = match &want.keys {
                    None => vec![true; batch.num_rows()],
                    Some(keys) => row_keys(self.table, batch)?
                        .iter()
                        .map(|key| keys.contains(key))
                        .collect(),
                };
                if let Some(org_id) = want.org_id {
                    let orgs = integers_of(self.table, batch, "org_id")?;
                    for (is_wanted, org) in mask.iter_mut().zip(orgs) {
                        *is_wanted &= org == i64::from(org_id);
                    }
                }
                Ok(BooleanArray::from(mask))
            })
            .collect()
    }

    fn read_columns(
        &self,
        groups: Vec<usize>,
        columns: &[usize],
        selection: Option<RowSelection>,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let handle = self
            .handle
            .try_clone()
            .map_err(|error| LakeError::io(self.path, error))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), columns.iter().copied());
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(handle, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(groups)
                .with_batch_size(65_536);
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let reader = builder
            .build()
            .map_err(|error| LakeError::damaged(self.path, error))?;
        let mut batches = Vec::new();
        for batch in reader {
            let batch = batch.map_err(|error| LakeError::damaged(self.path, error))?;
            batches.push(arrange(self.table, &batch, columns)?);
        }
        Ok(batches)
    }
}

/// The replacement key of every row.
fn row_keys(table: &TableContract, batch: &RecordBatch) -> Result<Vec<Key>, LakeError> {
    let mut keys = vec![[0; 3]; batch.num_rows()];
    for (position, name) in table.replace_key.iter().take(3).enumerate() {
        let values = integers_of(table, batch, name)?;
        for (key, value) in keys.iter_mut().zip(values) {
            key[position] = value;
        }
    }
    Ok(keys)
}

/// The batch with the columns in the order wanted and with the contract's schema.
fn arrange(
    table: &'static TableContract,
    batch: &RecordBatch,
    columns: &[usize],
) -> Result<RecordBatch, LakeError> {
    if columns.len() == table.columns.len() && columns.iter().enumerate().all(|(at, c)| at == *c) {
        return normalise(table, batch);
    }
    let schema = schema::arrow_schema(table);
    let projected = Arc::new(
        schema
            .project(columns)
            .map_err(|error| LakeError::rows(table.name, error))?,
    );
    let arrays = columns
        .iter()
        .map(|&at| {
            batch
                .column_by_name(table.columns[at].name)
                .cloned()
                .ok_or_else(|| LakeError::rows(table.name, "a column is missing in its file"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(projected, arrays).map_err(|error| LakeError::rows(table.name, error))
}
