//! Finished answers in memory, bounded by bytes; the least recently used go first.
//!
//! A key holds everything an answer depends on (see [`crate::etag`]): an entry is never wrong,
//! only unused, so nothing has to be invalidated.

use bytes::Bytes;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// An answer ready to be sent.
#[derive(Debug)]
pub struct Finished {
    pub content_type: &'static str,
    /// Name offered when the browser saves it; none: it is shown.
    pub file_name: Option<String>,
    pub plain: Bytes,
    /// The same bytes compressed, where that pays.
    pub gzip: Option<Bytes>,
}

impl Finished {
    fn size(&self) -> usize {
        self.plain.len() + self.gzip.as_ref().map_or(0, Bytes::len) + 256
    }
}

#[derive(Debug, Default)]
struct Entries {
    by_key: FxHashMap<String, (Arc<Finished>, u64)>,
    bytes: usize,
    tick: u64,
}

/// The bounded store.
#[derive(Debug)]
pub struct PageCache {
    limit: usize,
    entries: Mutex<Entries>,
}

impl PageCache {
    /// A store that keeps at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        PageCache {
            limit,
            entries: Mutex::new(Entries::default()),
        }
    }

    /// The answer kept under `key`, if there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Arc<Finished>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.tick += 1;
        let tick = entries.tick;
        let (answer, used) = entries.by_key.get_mut(key)?;
        *used = tick;
        Some(Arc::clone(answer))
    }

    /// Keeps an answer; one larger than an eighth of the store is not kept at all.
    pub fn put(&self, key: String, answer: Arc<Finished>) {
        let size = answer.size() + key.len();
        if size > self.limit / 8 {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.tick += 1;
        let tick = entries.tick;
        while entries.bytes + size > self.limit {
            let Some(oldest) = entries
                .by_key
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| key.clone())
            else {
                break;
            };
            if let Some((gone, _)) = entries.by_key.remove(&oldest) {
                entries.bytes -= gone.size() + oldest.len();
            }
        }
        let length = key.len();
        if let Some((gone, _)) = entries.by_key.insert(key, (answer, tick)) {
            entries.bytes -= gone.size() + length;
        }
        entries.bytes += size;
    }

    /// Bytes in use.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
    }
}
