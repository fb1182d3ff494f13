//! Reads the lake's immutable Parquet files, with their footers and page indexes kept in memory.
//!
//! A file never changes once it is named by a snapshot, so its footer is read once. Small reads
//! are done in place: they come from the operating system's cache in microseconds, and a hop to
//! another thread would cost more than the read.

use bytes::Bytes;
use datafusion::common::internal_err;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetFileReaderFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Reads larger than this leave the thread that runs the query, bytes.
const INLINE_READ: u64 = 1024 * 1024;
/// Footers and page indexes kept in memory, bytes.
const FOOTER_MEMORY: usize = 48 * 1024 * 1024;

/// Makes readers; one for the whole engine.
#[derive(Debug, Default)]
pub(crate) struct ReaderFactory {
    footers: Mutex<Footers>,
}

/// Footers by file id, the oldest out first.
#[derive(Debug, Default)]
struct Footers {
    known: FxHashMap<i64, Arc<ParquetMetaData>>,
    order: VecDeque<i64>,
    bytes: usize,
}

impl Footers {
    fn put(&mut self, id: i64, footer: &Arc<ParquetMetaData>) {
        if self.known.insert(id, Arc::clone(footer)).is_some() {
            return;
        }
        self.order.push_back(id);
        self.bytes += footer.memory_size();
        while self.bytes > FOOTER_MEMORY {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(dropped) = self.known.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(dropped.memory_size());
            }
        }
    }
}

impl ReaderFactory {
    fn known(&self, id: i64) -> Option<Arc<ParquetMetaData>> {
        // The map holds only whole values, so a panic elsewhere cannot have left it half-written.
        let footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        footers.known.get(&id).cloned()
    }

    fn remember(&self, id: i64, footer: &Arc<ParquetMetaData>) {
        let mut footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        footers.put(id, footer);
    }
}

/// The factory as DataFusion takes it.
#[derive(Debug, Clone)]
pub(crate) struct SharedReaderFactory(pub(crate) Arc<ReaderFactory>);

impl ParquetFileReaderFactory for SharedReaderFactory {
    fn create_reader(
        &self,
        _partition_index: usize,
        partitioned_file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> datafusion::error::Result<Box<dyn AsyncFileReader + Send>> {
        let Some(file) = partitioned_file.extension::<LakeFile>() else {
            return internal_err!(
                "{} is no file of the lake",
                partitioned_file.object_meta.location
            );
        };
        Ok(Box::new(Reader {
            factory: Arc::clone(&self.0),
            lake_file: file.clone(),
            open: None,
        }))
    }
}

/// Travels with each file of a scan: which immutable file it is and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct LakeFile {
    pub(crate) data_file_id: i64,
    pub(crate) path: Arc<PathBuf>,
}

struct Reader {
    factory: Arc<ReaderFactory>,
    lake_file: LakeFile,
    open: Option<Arc<File>>,
}

impl Reader {
    fn file(&mut self) -> parquet::errors::Result<Arc<File>> {
        if let Some(file) = &self.open {
            return Ok(Arc::clone(file));
        }
        let file = File::open(self.lake_file.path.as_path()).map_err(|error| {
            ParquetError::General(format!("{}: {error}", self.lake_file.path.display()))
        })?;
        let file = Arc::new(file);
        self.open = Some(Arc::clone(&file));
        Ok(file)
    }
}

fn read(file: &File, range: &Range<u64>) -> parquet::errors::Result<Bytes> {
    let length = usize::try_from(range.end.saturating_sub(range.start))
        .map_err(|error| ParquetError::General(error.to_string()))?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move {
            let mut parts = self.get_byte_ranges(vec![range]).await?;
            parts
                .pop()
                .ok_or_else(|| ParquetError::General("no bytes were read".to_owned()))
        }
        .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        let file = self.file();
        async move {
            let file = file?;
            let total: u64 = ranges
                .iter()
                .map(|range| range.end.saturating_sub(range.start))
                .sum();
            let read_all = move || {
                ranges
                    .iter()
                    .map(|range| read(&file, range))
                    .collect::<Result<_, _>>()
            };
            if total <= INLINE_READ {
                return read_all();
            }
            tokio::task::spawn_blocking(read_all)
                .await
                .map_err(|error| ParquetError::External(Box::new(error)))?
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let id = self.lake_file.data_file_id;
        if let Some(footer) = self.factory.known(id) {
            return std::future::ready(Ok(footer)).boxed();
        }
        let footer = self.file().and_then(|file| {
            let footer = ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .parse_and_finish(file.as_ref())?;
            let footer = Arc::new(footer);
            self.factory.remember(id, &footer);
            Ok(footer)
        });
        std::future::ready(footer).boxed()
    }
}
