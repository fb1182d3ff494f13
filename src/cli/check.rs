//! `svodka check`: every mistake in queries, dashboards and acts, at once; then the claims about
//! the data, where there is a lake.

use crate::outcome::{CliError, Ending};
use crate::{output, stores};
use std::path::Path;
use std::sync::Arc;
use svodka_catalog::Source;
use svodka_lake::{Access, Lake, LakeError};
use svodka_query::Engine;

/// Prints every problem as `file:line:column: message`.
pub async fn run(data: &Path) -> Result<Ending, CliError> {
    let (catalog, problems) = svodka_catalog::load(&Source::with_overrides(data));
    let mut lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let (_, _, act_problems) = svodka_regulation::load(Some(&data.join("regulations")));
    lines.extend(act_problems.iter().map(ToString::to_string));
    let counts = (catalog.queries().count(), catalog.dashboards.len());
    let checks: Vec<String> = catalog.checks.keys().cloned().collect();
    let catalog = Arc::new(catalog);
    match stores::lake(data).await {
        Ok(lake) => {
            let engine = Engine::new(lake, None, catalog)?;
            lines.extend(engine.problems().iter().map(ToString::to_string));
            if lines.is_empty() {
                lines.extend(claims(&engine, &checks).await?);
            }
        }
        // Files are checked against the contract of the tables: an empty lake stands in.
        Err(CliError::Lake(LakeError::NoLake { .. })) => {
            let scratch = std::env::temp_dir().join(format!("svodka-check-{}", std::process::id()));
            let lake = Lake::open(&scratch, Access::ReadWrite, stores::now).await?;
            let problems = Engine::new(lake, None, catalog)?.problems();
            // Left-overs in the temporary folder harm nobody.
            let _ = std::fs::remove_dir_all(&scratch);
            lines.extend(problems.iter().map(ToString::to_string));
        }
        Err(error) => return Err(error),
    }
    lines.sort();
    lines.dedup();
    for line in &lines {
        output::line(line)?;
    }
    if lines.is_empty() {
        output::line(&format!(
            "no problems: {} queries, {} dashboards",
            counts.0, counts.1
        ))?;
        Ok(Ending::Done)
    } else {
        Ok(Ending::Rejected)
    }
}

/// Checks are queries that must return no row.
async fn claims(engine: &Engine, checks: &[String]) -> Result<Vec<String>, CliError> {
    let session = stores::session(engine, None).await?;
    let mut broken = Vec::new();
    for name in checks {
        let params = session.params(name, std::iter::empty::<(&str, &str)>())?;
        let (table, _) = session.report(name, &params).await?;
        if !table.rows.is_empty() {
            broken.push(format!("queries/checks/{name}.sql: {} rows break this claim; `svodka report {name}` shows them", table.rows.len()));
        }
    }
    Ok(broken)
}
