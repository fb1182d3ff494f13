//! L3: the only crate that knows HTTP: pages for people, the API for programs.
//!
//! Owns: the list of addresses ([`router`]), templates, style sheet and script, filters of a page,
//! the order and the links of its tables, answers kept in memory, tags, limits, headers.
//! Must not know: SQL, Parquet, workbooks, how a picture is drawn, which rows a principal may see
//! (the query session does).
//! When a panel kind is added: `pages/dashboard.rs` and `draw.rs` show it. When a form of a report
//! is added: `formats.rs` lists it. When an address is added: `routes.rs`, `openapi.rs`, README.

mod address;
mod api;
mod app;
mod assets;
mod cache;
mod data;
mod draw;
mod error;
mod etag;
mod filters;
mod formats;
mod guard;
mod metrics;
mod openapi;
mod pages;
mod period;
mod request_id;
mod respond;
mod routes;
mod security;
mod serve;
mod settings;

pub use app::App;
pub use data::Data;
pub use draw::picture;
pub use error::ServerError;
pub use formats::Format;
pub use routes::router;
pub use security::CONTENT_SECURITY_POLICY;
pub use serve::{bind, serve};
pub use settings::ServerSettings;
