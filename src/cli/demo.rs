//! `svodka demo`: invents a municipality, loads its exports, serves. A second start reuses all.

use crate::arguments::DemoArguments;
use crate::outcome::{CliError, Ending};
use crate::progress::Shown;
use crate::settings::Settings;
use crate::{output, serve, stores};
use std::fs;
use std::path::Path;
use svodka_ingest::{ImportStatus, IngestOptions};
use svodka_sample::Options;
use svodka_table::MOSCOW_MINUTES;

/// Written last: with it in place, exports and lake are complete.
const COMPLETE: &str = "demo-complete";

/// Prepares what is missing and serves.
pub async fn run(
    data: &Path,
    arguments: &DemoArguments,
    mut settings: Settings,
) -> Result<Ending, CliError> {
    serve::listen_at(&mut settings, arguments.listen)?;
    let exports = data.join("exports");
    let is_complete = data.join(COMPLETE).is_file();
    if !is_complete && data.join("catalog.sqlite").exists() && !exports.is_dir() {
        return Err(CliError::Usage(format!(
            "{} holds a lake of yours; the demo does not mix into it, choose another folder with --data",
            data.display()
        )));
    }
    let (lake, vault) = stores::writable(data).await?;
    if !is_complete {
        if !exports.is_dir() {
            invent(data)?;
        }
        output::note("Loading the exports…");
        // Workbooks do not tell when they were written; the invented ones were on the day after.
        let sample = Options::default();
        let morning =
            (i64::from(sample.to.0) + 1) * 1_440 + 6 * 60 + 12 - i64::from(MOSCOW_MINUTES);
        let options = IngestOptions {
            exported_at: Some(morning * 60_000_000),
            ..IngestOptions::default()
        };
        let loaded = svodka_ingest::ingest(
            &lake,
            &vault,
            &[exports],
            &options,
            stores::now(),
            &Shown::new(),
        )
        .await?;
        lake.compact().await?;
        let rejected = loaded
            .iter()
            .filter(|outcome| outcome.status == ImportStatus::Rejected)
            .count();
        output::note(&format!(
            "{} files loaded, {rejected} rejected",
            loaded.len() - rejected
        ));
        let marker = data.join(COMPLETE);
        fs::write(
            &marker,
            "The exports beside this file are loaded; `svodka demo` starts at once.\n",
        )
        .map_err(|error| CliError::file(marker, error))?;
    }
    serve::serve(data, lake, vault, settings, arguments.listen.is_none()).await
}

/// Writes the exports beside their place first: a demo that was killed leaves no half municipality.
fn invent(data: &Path) -> Result<(), CliError> {
    let partial = data.join("demo-partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(|error| CliError::file(&partial, error))?;
    }
    output::note("Inventing a municipality of five institutions…");
    let options = Options {
        row_truth: false,
        ..Options::default()
    };
    svodka_sample::write(&options, &partial, &mut |title| {
        output::note(&format!("  {title}"))
    })?;
    for folder in ["truth", "exports"] {
        let (from, to) = (partial.join(folder), data.join(folder));
        if to.exists() {
            fs::remove_dir_all(&to).map_err(|error| CliError::file(&to, error))?;
        }
        fs::rename(&from, &to).map_err(|error| CliError::file(&to, error))?;
    }
    // Whatever else lay in it is of no use.
    let _ = fs::remove_dir_all(&partial);
    Ok(())
}
