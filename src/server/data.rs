//! What pages stand on: the lake, the query engine and the catalog of files, for one principal.

use crate::address::Values;
use crate::error::ServerError;
use crate::period;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;
use svodka_catalog::{Catalog, Problem, Source, Watcher};
use svodka_journal::{Day, contract};
use svodka_lake::{
    AsOf, FindingFilter, ImportFilter, ImportSummary, Lake, Snapshot, StoredFinding,
};
use svodka_query::{Engine, Principal, QueryError, Scope, Session};
use svodka_table::{Meta, Table};
use svodka_vault::Vault;

/// The catalog in force.
pub struct Live {
    pub catalog: Arc<Catalog>,
    /// Counts the catalogs of this process; part of every tag and cache key.
    pub version: u64,
}

/// The moment a page stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub snapshot_id: i64,
    pub data_as_of: Option<i64>,
    /// The day that defaults of a page count from, see [`newest_day`].
    pub newest_day: Day,
}

impl Stamp {
    /// «данные на 05.11.2025 06:12, снимок 7».
    #[must_use]
    pub fn text(&self) -> String {
        Meta {
            snapshot_id: self.snapshot_id,
            data_as_of: self.data_as_of,
            ..Meta::default()
        }
        .stamp()
    }
}

/// One report's answer.
#[derive(Debug)]
pub struct Answer {
    pub table: Table,
    pub meta: Meta,
}

/// The data as one principal sees them at one moment.
#[derive(Clone)]
pub struct View {
    pub live: Arc<Live>,
    pub session: Arc<Session>,
    pub stamp: Stamp,
    /// Whose rows and names: part of every cache key.
    pub scope: Arc<str>,
}

struct Inner {
    lake: Lake,
    engine: Engine,
    watcher: Mutex<Watcher>,
    live: RwLock<Arc<Live>>,
    principal: Principal,
}

/// Shared by all requests.
#[derive(Clone)]
pub struct Data {
    inner: Arc<Inner>,
}

impl Data {
    /// Reads the catalog of `source` and opens an engine over the lake.
    ///
    /// # Errors
    /// Only if the engine cannot be built.
    pub fn new(
        lake: Lake,
        vault: Vault,
        source: Source,
        principal: Principal,
    ) -> Result<Data, QueryError> {
        let watcher = Watcher::new(source);
        let catalog = watcher.catalog();
        let engine = Engine::new(lake.clone(), Some(vault), Arc::clone(&catalog))?;
        let live = Live {
            catalog,
            version: 1,
        };
        Ok(Data {
            inner: Arc::new(Inner {
                lake,
                engine,
                watcher: Mutex::new(watcher),
                live: RwLock::new(Arc::new(live)),
                principal,
            }),
        })
    }

    /// The catalog in force and what is wrong with the files as they lie now.
    #[must_use]
    pub fn live_and_problems(&self) -> (Arc<Live>, Vec<Problem>) {
        let mut problems = self.watcher().problems().to_vec();
        for problem in self.inner.engine.problems() {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        (self.live(), problems)
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(
            &self
                .inner
                .live
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Changes with the catalog and with the notice about broken files: part of every tag.
    #[must_use]
    pub fn version(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.live().version.hash(&mut hasher);
        self.watcher().problems().len().hash(&mut hasher);
        hasher.finish()
    }

    fn watcher(&self) -> std::sync::MutexGuard<'_, Watcher> {
        self.inner
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans every report once, so that the first reader of a page does not wait for it.
    pub fn warm(&self) {
        self.inner.engine.warm();
    }

    /// Looks for edited files, at most once a second; a broken edit changes nothing but the notice.
    pub fn refresh(&self, now: Instant) {
        let fresh = self
            .watcher()
            .poll(now, |catalog| self.inner.engine.check(catalog));
        if let Some(catalog) = fresh {
            self.inner.engine.set_catalog(Arc::clone(&catalog));
            let next = Live {
                catalog,
                version: self.live().version + 1,
            };
            *self
                .inner
                .live
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
            tracing::info!("queries and dashboards reloaded");
        }
    }

    /// The data at a moment.
    pub async fn view(&self, as_of: AsOf) -> Result<View, ServerError> {
        let live = self.live();
        let session = self
            .inner
            .engine
            .session(&self.inner.principal, as_of)
            .await
            .map_err(from_query)?;
        let snapshot = self
            .inner
            .lake
            .snapshot(AsOf::Id(session.snapshot_id()))
            .await
            .map_err(ServerError::internal)?;
        let stamp = Stamp {
            snapshot_id: session.snapshot_id(),
            data_as_of: session.data_as_of(),
            newest_day: newest_day(&snapshot),
        };
        Ok(View {
            live,
            session: Arc::new(session),
            stamp,
            scope: Arc::from(scope_key(&self.inner.principal)),
        })
    }

    /// Runs the report called `name`.
    pub async fn report(
        &self,
        view: &View,
        name: &str,
        params: &Values,
    ) -> Result<Arc<Answer>, ServerError> {
        let params = view.session.params(name, params).map_err(from_query)?;
        let (table, meta) = view
            .session
            .report(name, &params)
            .await
            .map_err(|error| self.broken(name, error))?;
        Ok(Arc::new(Answer { table, meta }))
    }

    /// An error of a report; where its file has a mistake, that mistake.
    fn broken(&self, name: &str, error: QueryError) -> ServerError {
        let file = format!("queries/reports/{name}.sql");
        match (
            self.live_and_problems()
                .1
                .iter()
                .find(|problem| problem.file.ends_with(&file)),
            error,
        ) {
            (Some(problem), QueryError::Refused { .. }) => ServerError::BrokenReport {
                problem: problem.to_string(),
            },
            (_, error) => from_query(error),
        }
    }

    /// The same report as a Parquet file.
    pub async fn report_parquet(
        &self,
        view: &View,
        name: &str,
        params: &Values,
    ) -> Result<Vec<u8>, ServerError> {
        let params = view.session.params(name, params).map_err(from_query)?;
        let bytes = view
            .session
            .report_parquet(name, &params)
            .await
            .map_err(from_query)?;
        Ok(bytes.to_vec())
    }

    /// Short titles of the institutions that the principal may see.
    pub async fn institutions(&self, view: &View) -> Result<BTreeMap<i32, String>, ServerError> {
        let answer = self
            .report(view, "organisation_options", &Values::new())
            .await?;
        let table = &answer.table;
        Ok((0..table.rows.len())
            .filter_map(|row| {
                let id = table
                    .value(row, "value")
                    .and_then(svodka_table::Value::as_i64)?;
                Some((
                    i32::try_from(id).ok()?,
                    table.value(row, "label")?.as_text()?.to_owned(),
                ))
            })
            .collect())
    }

    /// Imports that the principal may see, newest first.
    pub async fn imports(&self, limit: u32) -> Result<Vec<ImportSummary>, ServerError> {
        let filter = ImportFilter {
            limit: Some(limit),
            ..ImportFilter::default()
        };
        let mut imports = self
            .inner
            .lake
            .imports(&filter)
            .await
            .map_err(ServerError::internal)?;
        imports.retain(|import| self.may_see(import.import.org_id));
        Ok(imports)
    }

    /// One import, if the principal may see it.
    pub async fn import(&self, import_id: i32) -> Result<Option<ImportSummary>, ServerError> {
        let import = self
            .inner
            .lake
            .import(import_id)
            .await
            .map_err(ServerError::internal)?;
        Ok(import.filter(|import| self.may_see(import.import.org_id)))
    }

    /// Findings of one import, in the order of the file.
    pub async fn findings(&self, import_id: i32) -> Result<Vec<StoredFinding>, ServerError> {
        let filter = FindingFilter {
            import_id: Some(import_id),
            ..FindingFilter::default()
        };
        let mut findings = self
            .inner
            .lake
            .findings(&filter)
            .await
            .map_err(ServerError::internal)?;
        findings.retain(|finding| self.may_see(finding.org_id));
        Ok(findings)
    }

    fn may_see(&self, org_id: Option<i32>) -> bool {
        match (&self.inner.principal.scope, org_id) {
            (Scope::All, _) => true,
            (Scope::Organisations(ids), Some(org_id)) => ids.contains(&org_id),
            (Scope::Organisations(_), None) => false,
        }
    }

    /// The lake's history, oldest first.
    pub async fn log(&self) -> Result<Vec<svodka_lake::LogEntry>, ServerError> {
        self.inner.lake.log().await.map_err(ServerError::internal)
    }

    /// Whether lake and queries answer; an error is what `/readyz` reports.
    pub async fn ready(&self) -> Result<Stamp, ServerError> {
        self.view(AsOf::Latest).await.map(|view| view.stamp)
    }
}

/// How far behind its export the newest lesson may lie before the export's day says nothing.
const LONGEST_HOLIDAY_DAYS: i32 = 31;

/// The day of the newest export; but where the newest lesson is much older (an old file loaded
/// anew, whose time tells of the copy), the day of that lesson. Plans reach into the future, so the
/// statistics of the roll-up alone do not tell.
fn newest_day(snapshot: &Snapshot) -> Day {
    let exported = snapshot.data_as_of.map(period::day_of);
    let column = contract::table("attendance_day").and_then(|table| table.column_index("held_on"));
    let lesson = column.and_then(|column| {
        let ends = snapshot
            .files("attendance_day")
            .iter()
            .filter_map(|file| file.columns.get(column)?.int_range());
        ends.map(|(_, newest)| newest)
            .max()
            .and_then(|day| i32::try_from(day).ok())
            .map(Day)
    });
    match (exported, lesson) {
        (Some(exported), Some(lesson)) if exported.0 - lesson.0 > LONGEST_HOLIDAY_DAYS => lesson,
        (Some(exported), _) => exported,
        (None, lesson) => lesson.unwrap_or(Day(0)),
    }
}

/// Rows and names a principal may see, as one text.
fn scope_key(principal: &Principal) -> String {
    let rows = match &principal.scope {
        Scope::All => "all".to_owned(),
        Scope::Organisations(ids) => format!("{ids:?}"),
    };
    format!(
        "{rows}/{}",
        if principal.may_see_names {
            "names"
        } else {
            "numbers"
        }
    )
}

/// The layer below names what failed; here it gets its status.
fn from_query(error: QueryError) -> ServerError {
    match error {
        QueryError::UnknownReport { name, .. } => ServerError::NotFound {
            what: format!("Отчёта «{name}» нет."),
            ways_out: Vec::new(),
        },
        QueryError::Params(errors) => {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            ServerError::BadParameters(texts)
        }
        QueryError::TooLarge => ServerError::TooSlow,
        QueryError::Lake(svodka_lake::LakeError::NoSnapshot { .. }) => ServerError::NotFound {
            what: "Такого снимка данных нет.".to_owned(),
            ways_out: Vec::new(),
        },
        other @ (QueryError::Refused { .. }
        | QueryError::Sql { .. }
        | QueryError::Lake(_)
        | QueryError::Vault(_)
        | QueryError::Engine { .. }
        | QueryError::Scope { .. }) => ServerError::internal(other),
    }
}
