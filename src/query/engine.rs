//! One engine for a process: functions, rules, compiled queries, footers of files.

use crate::bind::Shape;
use crate::compile::Compiled;
use crate::reader::ReaderFactory;
use crate::scan::SessionScope;
use crate::session::Session;
use crate::state;
use crate::{Principal, QueryError};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::DFSchema;
use datafusion::execution::context::SessionState;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use svodka_catalog::{Catalog, Problem};
use svodka_journal::contract::TABLES;
use svodka_lake::{AsOf, Lake};
use svodka_vault::Vault;

/// Cheap to clone; clones are one engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// Arrow schema of a lake table, in both of DataFusion's spellings.
#[derive(Clone)]
pub(crate) struct TableSchema {
    pub(crate) arrow: SchemaRef,
    pub(crate) qualified: Arc<DFSchema>,
}

pub(crate) struct Inner {
    pub(crate) lake: Lake,
    pub(crate) vault: Option<Vault>,
    /// Plans for small questions run on one thread: a second costs more than it saves.
    pub(crate) narrow: SessionState,
    pub(crate) wide: SessionState,
    pub(crate) schemas: FxHashMap<&'static str, TableSchema>,
    reader: Arc<ReaderFactory>,
    compiled: RwLock<Arc<Compiled>>,
    sessions: AtomicU64,
}

/// Threads of a large question.
const WIDE: usize = 2;

impl Engine {
    /// An engine over `lake`. Without a vault, persons show as numbers. Files of the catalog with
    /// problems have no plan; [`Engine::problems`] tells which.
    ///
    /// # Errors
    /// Only if the runtime cannot be built.
    pub fn new(
        lake: Lake,
        vault: Option<Vault>,
        catalog: Arc<Catalog>,
    ) -> Result<Engine, QueryError> {
        let broken = |error| QueryError::engine("engine", error);
        let runtime = state::runtime().map_err(broken)?;
        let narrow = state::session_state(Arc::clone(&runtime), 1);
        let wide = state::session_state(runtime, WIDE);
        let mut schemas = FxHashMap::default();
        for table in TABLES {
            let arrow = svodka_lake::arrow_schema(table);
            let qualified = Arc::new(DFSchema::try_from(arrow.as_ref().clone()).map_err(broken)?);
            schemas.insert(table.name, TableSchema { arrow, qualified });
        }
        let compiled = Arc::new(Compiled::new(&narrow, catalog));
        Ok(Engine {
            inner: Arc::new(Inner {
                lake,
                vault,
                narrow,
                wide,
                schemas,
                reader: Arc::default(),
                compiled: RwLock::new(compiled),
                sessions: AtomicU64::new(1),
            }),
        })
    }

    /// The catalog in use.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.compiled().catalog)
    }

    /// Problems that only planning finds, of the catalog in use.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.compiled().problems.clone()
    }

    /// Plans every file of `catalog` against the empty tables of the contract and compares headers
    /// with plans. Touches neither the lake nor the catalog in use.
    #[must_use]
    pub fn check(&self, catalog: &Catalog) -> Vec<Problem> {
        Compiled::new(&self.inner.narrow, Arc::new(catalog.clone())).problems
    }

    /// Plans every report ahead for the usual shapes of its parameters. Takes about a second; a
    /// server calls it on a thread of its own so that no visitor waits for a first plan.
    pub fn warm(&self) {
        let compiled = self.compiled();
        for file in compiled.catalog.reports.values() {
            for with_optional in [false, true] {
                let shape = Shape::usual(file, with_optional);
                if let Err(error) = compiled.plan(&self.inner.narrow, file, shape) {
                    tracing::warn!(report = file.name, %error, "report cannot be planned");
                }
            }
        }
    }

    /// Takes over an edited catalog; sessions that are open keep the one they started with.
    pub fn set_catalog(&self, catalog: Arc<Catalog>) {
        let compiled = Arc::new(Compiled::new(&self.inner.narrow, catalog));
        *self
            .inner
            .compiled
            .write()
            .unwrap_or_else(PoisonError::into_inner) = compiled;
    }

    /// What `principal` may see of the lake at a moment. Cheap: opens no file.
    ///
    /// # Errors
    /// There is no such snapshot, or the lake's catalog cannot be read.
    pub async fn session(&self, principal: &Principal, as_of: AsOf) -> Result<Session, QueryError> {
        let snapshot = self.inner.lake.snapshot(as_of).await?;
        let scope = SessionScope {
            session_no: self.inner.sessions.fetch_add(1, Ordering::Relaxed),
            organisations: principal.scope.organisations(),
            snapshot,
            lake: self.inner.lake.clone(),
            reader: Arc::clone(&self.inner.reader),
        };
        Ok(Session::new(
            Arc::clone(&self.inner),
            self.compiled(),
            Arc::new(scope),
            principal.may_see_names,
        ))
    }

    fn compiled(&self) -> Arc<Compiled> {
        // The lock holds only whole values, so a panic elsewhere cannot have left it half-written.
        Arc::clone(
            &self
                .inner
                .compiled
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
