//! Notices edits of the override folder; a broken edit leaves the last good catalog in place.

use crate::load::{Catalog, Source, load, override_files};
use crate::problem::Problem;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// What the override files looked like: name, time of the last edit, length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint(Vec<(String, Option<SystemTime>, u64)>);

impl Fingerprint {
    /// Looks at the files once; reads none of them.
    #[must_use]
    pub fn of(source: &Source) -> Fingerprint {
        let Some(root) = &source.overrides else {
            return Fingerprint::default();
        };
        Fingerprint(
            override_files(root)
                .into_iter()
                .map(|path| {
                    let metadata = fs::metadata(root.join(&path)).ok();
                    let edited = metadata.as_ref().and_then(|data| data.modified().ok());
                    let length = metadata.map_or(0, |data| data.len());
                    (path, edited, length)
                })
                .collect(),
        )
    }
}

/// Keeps the last good catalog of a running server.
#[derive(Debug)]
pub struct Watcher {
    source: Source,
    seen: Fingerprint,
    looked_at: Option<Instant>,
    catalog: Arc<Catalog>,
    problems: Vec<Problem>,
}

/// Between two looks at the folder.
const PAUSE: Duration = Duration::from_secs(1);

impl Watcher {
    /// Loads for the first time. Files with problems are left out of this first catalog.
    #[must_use]
    pub fn new(source: Source) -> Watcher {
        let seen = Fingerprint::of(&source);
        let (catalog, problems) = load(&source);
        Watcher {
            source,
            seen,
            looked_at: None,
            catalog: Arc::new(catalog),
            problems,
        }
    }

    /// The last good catalog.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// What is wrong with the files as they lie now; pages show it. Empty: all is well.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Looks at the folder, at most once a second by the caller's clock. Where something changed,
    /// the files are read again; `check` may add problems that only an engine finds. Without any
    /// problem the new catalog takes over and comes back; otherwise the last good one stays.
    pub fn poll(
        &mut self,
        now: Instant,
        check: impl FnOnce(&Catalog) -> Vec<Problem>,
    ) -> Option<Arc<Catalog>> {
        if self.source.overrides.is_none()
            || self
                .looked_at
                .is_some_and(|last| now.saturating_duration_since(last) < PAUSE)
        {
            return None;
        }
        self.looked_at = Some(now);
        let seen = Fingerprint::of(&self.source);
        if seen == self.seen {
            return None;
        }
        self.seen = seen;
        let (catalog, mut problems) = load(&self.source);
        if problems.is_empty() {
            problems = check(&catalog);
        }
        self.problems = problems;
        if !self.problems.is_empty() {
            return None;
        }
        self.catalog = Arc::new(catalog);
        Some(Arc::clone(&self.catalog))
    }
}
