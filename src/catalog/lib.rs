//! L1: reads and checks `queries/` and `dashboards/`.
//!
//! Owns: the grammar of query headers ([`QueryFile`]), the schema of dashboards ([`Dashboard`]),
//! the answer sentences ([`Template`]), the defaults that the program carries, the override
//! folder of an installation, and the reload that keeps the last good state ([`Watcher`]).
//! Must not know: any SQL engine, the lake, HTTP. SQL is only scanned for names and `$params`.
//! Every mistake is a [`Problem`] with file, line and column; reading never stops at the first.
//! When a header key or a panel field is added: `query` checks headers against plans, `server`
//! draws panels, README describes both.

mod cross_check;
mod dashboard;
mod header;
mod load;
mod problem;
mod read_dashboard;
mod sql_words;
mod template;
mod toml_walk;
mod watch;

pub use dashboard::{
    Axes, Band, Dashboard, DefaultValue, Filter, FilterKind, Link, Panel, Sparkline, TableColumn,
    View,
};
pub use header::{ColumnSpec, Derived, Folder, ParamKind, ParamSpec, QueryFile, SortKey};
pub use load::{Catalog, Source, load};
pub use problem::Problem;
pub use template::{Format, Piece, Template, Words};
pub use watch::{Fingerprint, Watcher};
