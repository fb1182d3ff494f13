//! A short name for each request: in the log, in the answer's header, in error texts.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of one request; unique within a process, hard to guess across processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Gives out numbers.
#[derive(Debug, Default)]
pub struct RequestIds {
    seed: RandomState,
    next: AtomicU64,
}

impl RequestIds {
    /// The next number.
    #[must_use]
    pub fn next(&self) -> RequestId {
        RequestId(
            self.seed
                .hash_one(self.next.fetch_add(1, Ordering::Relaxed)),
        )
    }
}
