//! L1: names of persons, kept apart from the lake, and the random ids that stand for them there.
//!
//! Owns: `DIR/vault.sqlite` (persons, the aliases that exports know them by, merges), the rule
//! that makes two spellings one name.
//! Must not know: marks, attendance, Arrow, HTTP. Names leave it only through [`Vault::names`];
//! none ever stands in a log line or an error.
//! When this changes: `ingest` resolves persons, `query` fills names in after execution,
//! `tests/vault.rs` holds the promises, and the format of the database goes up.

mod database;
mod error;
mod names;
mod resolve;
mod spelling;

pub use database::Vault;
pub use error::VaultError;
pub use resolve::{PersonKey, PersonKind};
pub use spelling::normalised_name;
