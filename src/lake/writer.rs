//! The one process that may change the lake, from taking the lock to the commit.

use crate::commit::{self, Commit, Committed, NewKeys};
use crate::lock::{self, WriteLock};
use crate::read::blocking;
use crate::records::{KeyKind, Sequence, SliceState};
use crate::{Access, AsOf, Filter, ImportSummary, Lake, LakeError, Snapshot};
use arrow::array::RecordBatch;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The right to write, with what the lake looked like when it was given.
///
/// Dropping it without a commit changes nothing: numbers given out are given out again.
#[derive(Debug)]
pub struct Writer {
    lake: Lake,
    lock: WriteLock,
    base: Arc<Snapshot>,
    sequences: BTreeMap<Sequence, i64>,
    keys: FxHashMap<(KeyKind, i32), FxHashMap<String, i32>>,
    new_keys: NewKeys,
}

impl Lake {
    pub(crate) async fn write_lock(&self) -> Result<WriteLock, LakeError> {
        if self.inner.access == Access::ReadOnly {
            return Err(LakeError::ReadOnly);
        }
        lock::acquire(&self.inner.dir, &self.inner.write_mutex).await
    }

    /// Waits until nobody else writes, in this process or another.
    pub async fn writer(&self) -> Result<Writer, LakeError> {
        let lock = self.write_lock().await?;
        let base = self.snapshot(AsOf::Latest).await?;
        let stored: Vec<(String, i64)> =
            sqlx::query_as("select name, next_id from svodka_sequence")
                .fetch_all(&self.inner.pool)
                .await
                .map_err(|error| self.inner.sql(error))?;
        let sequences = [
            Sequence::Import,
            Sequence::Organisation,
            Sequence::Group,
            Sequence::Programme,
            Sequence::Course,
            Sequence::Lesson,
            Sequence::Period,
            Sequence::Substitution,
        ]
        .into_iter()
        .map(|sequence| {
            let next = stored
                .iter()
                .find(|(name, _)| name == sequence.as_str())
                .map_or(1, |(_, next)| *next);
            (sequence, next)
        })
        .collect();
        Ok(Writer {
            lake: self.clone(),
            lock,
            base,
            sequences,
            keys: FxHashMap::default(),
            new_keys: Vec::new(),
        })
    }
}

impl Writer {
    /// The lake as it is while this writer holds the lock.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.base
    }

    /// The import that loaded the same bytes, if one did. Rejected files do not count.
    pub async fn known_import(&self, sha256: &str) -> Result<Option<ImportSummary>, LakeError> {
        let inner = &self.lake.inner;
        let id: Option<i32> = sqlx::query_scalar(
            "select import_id from svodka_import where sha256 = ? and status = 'loaded'",
        )
        .bind(sha256)
        .fetch_optional(&inner.pool)
        .await
        .map_err(|error| inner.sql(error))?;
        match id {
            Some(id) => self.lake.import(id).await,
            None => Ok(None),
        }
    }

    /// The first of `count` numbers that nobody has; they count from 1.
    pub fn next_ids(&mut self, sequence: Sequence, count: i64) -> i64 {
        let next = self.sequences.entry(sequence).or_insert(1);
        let first = *next;
        *next += count.max(0);
        first
    }

    /// Identities of an organisation (0 for organisations themselves): natural key → id.
    pub async fn keys(
        &mut self,
        kind: KeyKind,
        org_id: i32,
    ) -> Result<&FxHashMap<String, i32>, LakeError> {
        let inner = &self.lake.inner;
        if !self.keys.contains_key(&(kind, org_id)) {
            let stored: Vec<(String, i32)> = sqlx::query_as(
                "select natural_key, id from svodka_key where kind = ? and org_id = ?",
            )
            .bind(kind.as_str())
            .bind(org_id)
            .fetch_all(&inner.pool)
            .await
            .map_err(|error| inner.sql(error))?;
            let mut known: FxHashMap<String, i32> = stored.into_iter().collect();
            known.extend(
                self.new_keys
                    .iter()
                    .filter(|new| new.0 == kind && new.1 == org_id)
                    .map(|new| (new.2.clone(), new.3)),
            );
            self.keys.insert((kind, org_id), known);
        }
        Ok(self.keys.entry((kind, org_id)).or_default())
    }

    /// The id of one natural key, if it has one.
    pub async fn id_of(
        &mut self,
        kind: KeyKind,
        org_id: i32,
        natural_key: &str,
    ) -> Result<Option<i32>, LakeError> {
        Ok(self.keys(kind, org_id).await?.get(natural_key).copied())
    }

    /// Remembers identities; they are stored by the commit. A key keeps its first id.
    pub fn add_keys(&mut self, kind: KeyKind, org_id: i32, keys: &[(String, i32)]) {
        for (natural, id) in keys {
            if let Some(known) = self.keys.get_mut(&(kind, org_id)) {
                known.insert(natural.clone(), *id);
            }
            self.new_keys.push((kind, org_id, natural.clone(), *id));
        }
    }

    /// Who owns the months of these courses now, by course and month.
    pub async fn live_slices(&self, course_ids: &[i32]) -> Result<Vec<SliceState>, LakeError> {
        let inner = &self.lake.inner;
        let rows: Vec<(i32, i32, i32, i64, String, String)> = sqlx::query_as(
            "select course_id, month, import_id, exported_at, engine, memo
             from svodka_slice
             where end_snapshot is null and course_id in (select value from json_each(?))
             order by course_id, month",
        )
        .bind(serde_json::Value::from(course_ids).to_string())
        .fetch_all(&inner.pool)
        .await
        .map_err(|error| inner.sql(error))?;
        Ok(rows
            .into_iter()
            .map(
                |(course_id, month, import_id, exported_at, engine, memo)| SliceState {
                    course_id,
                    month,
                    import_id,
                    exported_at,
                    engine,
                    memo,
                },
            )
            .collect())
    }

    /// Live rows of a table.
    pub async fn read(
        &self,
        table: &str,
        filter: Filter<'_>,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        self.lake.read(&self.base, table, filter).await
    }

    /// Makes everything visible at once, or nothing. Gives the lock back.
    pub async fn commit(self, mut commit: Commit) -> Result<Committed, LakeError> {
        let Writer {
            lake,
            lock,
            base,
            sequences,
            new_keys,
            ..
        } = self;
        let changes = std::mem::take(&mut commit.changes);
        let plan = {
            let inner = Arc::clone(&lake.inner);
            let base = Arc::clone(&base);
            blocking(move || commit::plan(&inner, &base, changes)).await?
        };
        commit::run(lake, lock, base, plan, commit, sequences, new_keys).await
    }
}
