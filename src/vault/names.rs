//! Ids back to names, for pages whose reader may see them.

use crate::{Vault, VaultError};
use rustc_hash::FxHashMap;
use std::sync::{MutexGuard, PoisonError};

/// Names seen lately, as long as nobody changed the vault.
#[derive(Default)]
pub(crate) struct NameCache {
    /// Number of the vault's last change when the names were read.
    revision: i64,
    names: FxHashMap<i64, String>,
}

/// Beyond this many names the cache starts anew: about 10 MB.
const MOST_NAMES: usize = 100_000;

impl Vault {
    /// Names of these persons; ids that nobody has are left out.
    pub async fn names(&self, person_ids: &[i64]) -> Result<FxHashMap<i64, String>, VaultError> {
        // Another process may have changed a name: one small SELECT tells.
        let revision: i64 = sqlx::query_scalar("select number from revision")
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.sql(error))?;
        let mut found = FxHashMap::default();
        let mut missing = Vec::new();
        {
            let mut cache = self.cache();
            if cache.revision != revision {
                cache.names.clear();
                cache.revision = revision;
            }
            for &id in person_ids {
                match cache.names.get(&id) {
                    Some(name) => {
                        found.insert(id, name.clone());
                    }
                    None => missing.push(id),
                }
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        missing.sort_unstable();
        missing.dedup();
        let read: Vec<(i64, String)> = sqlx::query_as(
            "select p.person_id, coalesce(merged.name, p.name)
             from person p
             left join person_merge m on m.person_id = p.person_id
             left join person merged on merged.person_id = m.into_id
             where p.person_id in (select value from json_each(?))",
        )
        .bind(json_integers(&missing))
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.sql(error))?;
        let mut cache = self.cache();
        if cache.names.len() + read.len() > MOST_NAMES {
            cache.names.clear();
        }
        for (id, name) in read {
            if cache.revision == revision && cache.names.len() < MOST_NAMES {
                cache.names.insert(id, name.clone());
            }
            found.insert(id, name);
        }
        Ok(found)
    }

    fn cache(&self) -> MutexGuard<'_, NameCache> {
        // The cache holds only whole values, so a panic elsewhere cannot have spoilt it.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that two ids are one person: `from` shows the name of `into`, and is resolved to it.
    pub async fn merge(&self, from: i64, into: i64) -> Result<(), VaultError> {
        let wrap = |error| self.sql(error);
        let mut tx = self
            .pool
            .begin_with("begin immediate")
            .await
            .map_err(wrap)?;
        for person_id in [from, into] {
            let is_known: bool =
                sqlx::query_scalar("select count(*) > 0 from person where person_id = ?")
                    .bind(person_id)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(wrap)?;
            if !is_known {
                return Err(VaultError::NoPerson { person_id });
            }
        }
        let target: Option<i64> =
            sqlx::query_scalar("select into_id from person_merge where person_id = ?")
                .bind(into)
                .fetch_optional(&mut *tx)
                .await
                .map_err(wrap)?;
        let target = target.unwrap_or(into);
        if target != from {
            // One step always leads to the end: whoever was merged into `from` follows it.
            sqlx::query("update person_merge set into_id = ?1 where into_id = ?2")
                .bind(target)
                .bind(from)
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
            sqlx::query("insert or replace into person_merge values (?, ?)")
                .bind(from)
                .bind(target)
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
            sqlx::query("update revision set number = number + 1")
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
        }
        tx.commit().await.map_err(wrap)
    }
}

/// A JSON array, so that one bound value carries a whole list.
pub(crate) fn json_integers(numbers: &[i64]) -> String {
    serde_json::Value::from(numbers).to_string()
}
