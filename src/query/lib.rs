//! L2: the only crate that knows DataFusion: sessions, scope, parameters, checks.
//!
//! Owns: the compiled catalog ([`Engine`]), the session of one principal over one snapshot
//! ([`Session`]), the scoped table providers, the typed parameters ([`Params`]), the comparison of
//! query headers with their plans, names in place of ids at the very end.
//! Must not know: Polars, HTTP, how files are written, what an act demands.
//! When a lake table changes: nothing here, the contract tells; when a header key is added:
//! `catalog` reads it, `compile.rs` compares it; when scans change: `guard.rs` still has to be
//! able to prove that nothing is read past the scope, and `tests/query.rs` holds the promises.

mod bind;
mod cells;
mod compile;
mod engine;
mod error;
mod guard;
mod headers;
mod names;
mod params;
mod planner;
mod principal;
mod prune;
mod reader;
mod records;
mod scan;
mod session;
mod state;

pub use engine::Engine;
pub use error::QueryError;
pub use params::{ParamError, Params};
pub use principal::{Principal, Scope};
pub use session::Session;
pub use svodka_lake::AsOf;
