//! What an answer depends on, as one text for the cache and as one tag for browsers.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Everything that decides the bytes of an answer.
#[derive(Debug, Clone)]
pub struct Depends<'a> {
    /// Snapshot of the lake that the answer stands on.
    pub snapshot_id: i64,
    /// Version of queries and dashboards.
    pub catalog_version: u64,
    /// Path of the address.
    pub path: &'a str,
    /// Parameters in canonical order, already checked.
    pub query: &'a str,
    /// Whose rows and names the answer may hold.
    pub scope: &'a str,
    /// Form of the answer: html, csv, …
    pub format: &'a str,
}

impl Depends<'_> {
    /// The cache key: the parts themselves, so that two answers can never be mixed up.
    #[must_use]
    pub fn key(&self) -> String {
        format!(
            "{}\u{1}{}\u{1}{}\u{1}{}\u{1}{}\u{1}{}",
            self.snapshot_id, self.catalog_version, self.path, self.query, self.scope, self.format
        )
    }

    /// A weak tag: the same content, compressed or not.
    #[must_use]
    pub fn tag(&self) -> String {
        let mut hasher = DefaultHasher::new();
        // A new program may draw the same data differently.
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        crate::assets::version().hash(&mut hasher);
        self.key().hash(&mut hasher);
        format!("W/\"{}-{:016x}\"", self.snapshot_id, hasher.finish())
    }
}

/// Whether `If-None-Match` names `tag`; the comparison is weak as RFC 9110 wants.
#[must_use]
pub fn matches(if_none_match: Option<&str>, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    if_none_match.is_some_and(|header| {
        header
            .split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.trim_start_matches("W/") == bare)
    })
}
