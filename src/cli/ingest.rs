//! `svodka ingest`: files into the lake, with what was wrong in them.

use crate::arguments::{IngestArguments, TextOrJson};
use crate::outcome::{CliError, Ending};
use crate::progress::Shown;
use crate::{output, stores};
use std::fmt::Write as _;
use svodka_ingest::{Engine, ImportOutcome, ImportsDocument, IngestOptions, ReadOptions};
use svodka_journal::Severity;

/// Findings printed of one file; the pages and `--format json` show all.
const SHOWN_FINDINGS: usize = 20;

/// Loads the files.
pub async fn run(data: &std::path::Path, arguments: &IngestArguments) -> Result<Ending, CliError> {
    if let Some(missing) = arguments.paths.iter().find(|path| !path.exists()) {
        return Err(CliError::Usage(format!(
            "{}: no such file or folder",
            missing.display()
        )));
    }
    let options = IngestOptions {
        read: ReadOptions {
            engine: engine(&arguments.engine)?,
            ..ReadOptions::default()
        },
        organisation: arguments.org.clone(),
        exported_at: arguments.exported_at,
        dry_run: arguments.dry_run,
    };
    let (lake, vault) = stores::writable(data).await?;
    let progress = match arguments.format {
        TextOrJson::Text => Shown::new(),
        TextOrJson::Json => Shown::Silent,
    };
    let outcomes = svodka_ingest::ingest(
        &lake,
        &vault,
        &arguments.paths,
        &options,
        stores::now(),
        &progress,
    )
    .await?;
    if !arguments.dry_run && outcomes.len() > 1 {
        // Pages open every live file of a table: after a batch there should be few.
        lake.compact().await?;
    }
    match arguments.format {
        TextOrJson::Json => output::json(&ImportsDocument { imports: &outcomes })?,
        TextOrJson::Text if outcomes.is_empty() => output::line("no export found under the paths")?,
        TextOrJson::Text => output::write(text(&outcomes, arguments.dry_run).as_bytes(), None)?,
    }
    Ok(if outcomes.iter().any(ImportOutcome::is_rejected) {
        Ending::Rejected
    } else {
        Ending::Done
    })
}

fn engine(word: &str) -> Result<Option<Engine>, CliError> {
    if word == "auto" {
        return Ok(None);
    }
    Engine::parse(word).map(Some).ok_or_else(|| {
        let known: Vec<&str> = Engine::ALL.iter().map(|engine| engine.as_str()).collect();
        CliError::Usage(format!(
            "--engine \"{word}\" is not known; expected auto, {}",
            known.join(", ")
        ))
    })
}

fn text(outcomes: &[ImportOutcome], is_dry: bool) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        // Writing to a String cannot fail, here and below.
        let _ = write!(text, "{}: {}", outcome.file, outcome.status.as_str());
        if let Some(engine) = &outcome.engine {
            let _ = write!(text, ", {engine}");
        }
        for (table, rows) in &outcome.rows {
            let _ = write!(text, ", {table} {rows}");
        }
        if let Some(snapshot_id) = outcome.snapshot_id {
            let _ = write!(text, ", snapshot {snapshot_id}");
        }
        text.push('\n');
        for finding in outcome.findings.iter().take(SHOWN_FINDINGS) {
            let place: Vec<&str> = [finding.sheet.as_deref(), finding.cell.as_deref()]
                .into_iter()
                .flatten()
                .collect();
            let place = if place.is_empty() {
                String::new()
            } else {
                format!(" {}:", place.join(" "))
            };
            let _ = writeln!(
                text,
                "  {}{place} {} (expected: {}) {} [{}]",
                finding.severity.as_str(),
                finding.found,
                finding.expected,
                finding.hint,
                finding.code
            );
        }
        let more = outcome.findings.len().saturating_sub(SHOWN_FINDINGS);
        if more > 0 {
            let _ = writeln!(text, "  … and {more} more: --format json prints all");
        }
    }
    let count = |severity| {
        outcomes
            .iter()
            .map(|outcome| outcome.count(severity))
            .sum::<usize>()
    };
    let rejected = outcomes
        .iter()
        .filter(|outcome| outcome.is_rejected())
        .count();
    let _ = writeln!(
        text,
        "{} files, {rejected} rejected, {} errors, {} warnings{}",
        outcomes.len(),
        count(Severity::Error),
        count(Severity::Warning),
        if is_dry { "; nothing was changed" } else { "" }
    );
    text
}
