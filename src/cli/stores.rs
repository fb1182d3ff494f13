//! Opens what a data folder holds, with the computer's clock.

use crate::arguments::AsOfArgument;
use crate::outcome::CliError;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use svodka_catalog::{Problem, Source};
use svodka_lake::{Access, AsOf, Lake};
use svodka_query::{Engine, Principal, Session};
use svodka_table::MOSCOW_MINUTES;
use svodka_vault::Vault;

/// Microseconds UTC.
#[must_use]
pub fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}

/// The lake for reading.
pub async fn lake(data: &Path) -> Result<Lake, CliError> {
    Ok(Lake::open(data, Access::ReadOnly, now).await?)
}

/// Lake and names for loading; both are made where there are none.
pub async fn writable(data: &Path) -> Result<(Lake, Vault), CliError> {
    let lake = Lake::open(data, Access::ReadWrite, now).await?;
    let vault = Vault::open(data).await?;
    Ok((lake, vault))
}

/// The engine over the lake, and what is wrong in query and page files.
pub async fn engine(data: &Path) -> Result<(Engine, Vec<Problem>), CliError> {
    let lake = lake(data).await?;
    let vault = Vault::open(data).await?;
    let (catalog, problems) = svodka_catalog::load(&Source::with_overrides(data));
    let engine = Engine::new(lake, Some(vault), Arc::new(catalog))?;
    Ok((engine, problems))
}

/// A session of the operator at a moment.
pub async fn session(engine: &Engine, as_of: Option<AsOfArgument>) -> Result<Session, CliError> {
    let as_of = match as_of {
        None => AsOf::Latest,
        Some(AsOfArgument::Snapshot(id)) => AsOf::Id(id),
        // The last microsecond of the day.
        Some(AsOfArgument::Day(day)) => AsOf::At(
            (i64::from(day.0) + 1) * 86_400_000_000 - i64::from(MOSCOW_MINUTES) * 60_000_000 - 1,
        ),
    };
    Ok(engine.session(&Principal::operator(), as_of).await?)
}
