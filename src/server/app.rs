//! What all requests share: data, cache, counters, settings. No global state.

use crate::cache::PageCache;
use crate::data::Data;
use crate::metrics::Metrics;
use crate::request_id::RequestIds;
use crate::settings::ServerSettings;
use std::sync::Arc;

struct Inner {
    data: Data,
    cache: PageCache,
    metrics: Metrics,
    request_ids: RequestIds,
    settings: ServerSettings,
}

/// The application, cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

impl App {
    /// The application over `data`.
    #[must_use]
    pub fn new(data: Data, settings: ServerSettings) -> App {
        App {
            inner: Arc::new(Inner {
                data,
                cache: PageCache::new(settings.page_cache_bytes),
                metrics: Metrics::default(),
                request_ids: RequestIds::default(),
                settings,
            }),
        }
    }

    #[must_use]
    pub fn data(&self) -> &Data {
        &self.inner.data
    }

    pub(crate) fn cache(&self) -> &PageCache {
        &self.inner.cache
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.inner.request_ids
    }

    #[must_use]
    pub fn settings(&self) -> &ServerSettings {
        &self.inner.settings
    }
}
