//! The table of contents of all tests: one binary, one module per area.

mod browser; // pages in a real browser
mod catalog; // query headers and dashboards: every mistake named
mod chart; // pictures of numbers
mod cli; // the commands as a user types them
mod crash; // kill -9, full disk
mod duckdb; // DuckDB attaches the lake
mod ingest; // readers cell by cell, findings, slices
mod lake; // commits, time travel, verify, gc, merging
mod print; // workbooks
#[cfg(feature = "pdf")]
mod print_pdf; // PDF, in builds that have its engine
mod query; // scope, parameters, reports
mod regulation; // acts as data, production calendar, due days
mod sample; // the generator is deterministic and tells the truth
mod server; // pages, API, headers
mod table; // formats of numbers, dates, CSV, JSON
mod truth; // reports equal the generator's truth, three ways
mod vault; // one person stays one person
