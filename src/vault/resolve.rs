//! Persons of an export to ids: the same person gets the same id every time.

use crate::spelling::normalised_name;
use crate::{Vault, VaultError};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use sqlx::SqliteExecutor;

/// Whom a name stands for: a teacher and a pupil of one name are two persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonKind {
    Pupil,
    Teacher,
}

impl PersonKind {
    const fn as_str(self) -> &'static str {
        match self {
            PersonKind::Pupil => "pupil",
            PersonKind::Teacher => "teacher",
        }
    }
}

/// What an export tells of a person.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonKey {
    /// Id in the journal. With it the name plays no part in who this is.
    pub engine_id: Option<String>,
    /// Group that tells namesakes apart where the journal gives no ids; none for teachers.
    pub group: Option<String>,
    pub name: String,
}

/// Never prints the name.
impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonKey")
            .field("engine_id", &self.engine_id)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// Stands between the parts of an alias; no export writes it.
const SEPARATOR: char = '\u{1f}';

impl PersonKey {
    fn alias(&self) -> String {
        match &self.engine_id {
            Some(engine_id) => format!("id{SEPARATOR}{}", engine_id.trim()),
            None => format!(
                "name{SEPARATOR}{}{SEPARATOR}{}",
                normalised_name(self.group.as_deref().unwrap_or_default()),
                normalised_name(&self.name)
            ),
        }
    }
}

struct Known {
    person_id: i64,
    name: String,
}

impl Vault {
    /// Ids of persons, in the order of the keys; new persons get random positive ids.
    ///
    /// One transaction for all. A person known by an id of the journal takes the newest name.
    pub async fn resolve(
        &self,
        org_id: i32,
        kind: PersonKind,
        keys: &[PersonKey],
    ) -> Result<Vec<i64>, VaultError> {
        let wrap = |error| self.sql(error);
        let aliases: Vec<String> = keys.iter().map(PersonKey::alias).collect();
        let mut wanted: FxHashMap<&str, &PersonKey> = FxHashMap::default();
        for (alias, key) in aliases.iter().zip(keys) {
            wanted.insert(alias, key);
        }
        let list = json!(wanted.keys().collect::<Vec<_>>()).to_string();
        let mut known = select(&self.pool, org_id, kind, &list)
            .await
            .map_err(wrap)?;
        let is_settled = wanted.iter().all(|(alias, key)| {
            known
                .get(*alias)
                .is_some_and(|person| !is_renamed(person, key))
        });
        if !is_settled {
            // Looked up again under the lock: somebody may have added them meanwhile.
            let mut tx = self
                .pool
                .begin_with("begin immediate")
                .await
                .map_err(wrap)?;
            known = select(&mut *tx, org_id, kind, &list).await.map_err(wrap)?;
            let mut persons: Vec<Value> = Vec::new();
            let mut new_aliases: Vec<Value> = Vec::new();
            let mut renamed: Vec<Value> = Vec::new();
            for (alias, key) in &wanted {
                let name = shown(&key.name);
                match known.get_mut(*alias) {
                    Some(person) if is_renamed(person, key) => {
                        renamed.push(json!([person.person_id, name]));
                        person.name = name;
                    }
                    Some(_) => {}
                    None => {
                        let person_id = new_id();
                        persons.push(json!([person_id, org_id, kind.as_str(), name]));
                        new_aliases.push(json!([org_id, kind.as_str(), alias, person_id]));
                        known.insert((*alias).to_owned(), Known { person_id, name });
                    }
                }
            }
            for (statement, rows) in [
                (
                    "insert into person
                     select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?)",
                    persons,
                ),
                (
                    "insert into alias
                     select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?)",
                    new_aliases,
                ),
                (
                    "update person set name = new.value ->> 1
                     from json_each(?) new where person_id = new.value ->> 0",
                    renamed,
                ),
            ] {
                if !rows.is_empty() {
                    sqlx::query(statement)
                        .bind(Value::from(rows).to_string())
                        .execute(&mut *tx)
                        .await
                        .map_err(wrap)?;
                }
            }
            sqlx::query("update revision set number = number + 1")
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
            tx.commit().await.map_err(wrap)?;
        }
        Ok(aliases
            .iter()
            .map(|alias| known.get(alias).map_or(0, |person| person.person_id))
            .collect())
    }
}

async fn select(
    executor: impl SqliteExecutor<'_>,
    org_id: i32,
    kind: PersonKind,
    aliases: &str,
) -> Result<FxHashMap<String, Known>, sqlx::Error> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        "select a.alias, p.person_id, p.name
         from alias a
         left join person_merge m on m.person_id = a.person_id
         join person p on p.person_id = coalesce(m.into_id, a.person_id)
         where a.org_id = ?1 and a.kind = ?2 and a.alias in (select value from json_each(?3))",
    )
    .bind(org_id)
    .bind(kind.as_str())
    .bind(aliases)
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(alias, person_id, name)| (alias, Known { person_id, name }))
        .collect())
}

/// Whether the export tells another name of a person it knows by id.
fn is_renamed(person: &Known, key: &PersonKey) -> bool {
    let is_told = key.engine_id.is_some() && !key.name.trim().is_empty();
    is_told && normalised_name(&person.name) != normalised_name(&key.name)
}

/// The name as pages show it: as written, with single spaces.
fn shown(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A random id of 63 bits; 0 is nobody.
fn new_id() -> i64 {
    (rand::random::<u64>() >> 1).max(1) as i64
}
