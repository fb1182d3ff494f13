//! `svodka findings`: what is wrong in the loaded files.

use crate::arguments::{FindingsArguments, TextOrJson};
use crate::outcome::{CliError, Ending};
use crate::{output, stores};
use std::fmt::Write as _;
use svodka_lake::FindingFilter;

/// Prints the findings, those of the newest file first.
pub async fn run(
    data: &std::path::Path,
    arguments: &FindingsArguments,
) -> Result<Ending, CliError> {
    let lake = stores::lake(data).await?;
    let filter = FindingFilter {
        org_id: arguments.org,
        ..FindingFilter::default()
    };
    let findings = lake.findings(&filter).await?;
    if arguments.format == TextOrJson::Json {
        output::json(&serde_json::json!({ "findings": findings }))?;
        return Ok(Ending::Done);
    }
    let mut text = String::new();
    for stored in &findings {
        let finding = &stored.finding;
        let place: Vec<&str> = [
            Some(stored.file_name.as_str()),
            finding.sheet.as_deref(),
            finding.cell.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} {}: {} (expected: {}) {} [{}]",
            finding.severity.as_str(),
            place.join(" "),
            finding.found,
            finding.expected,
            finding.hint,
            finding.code
        );
    }
    if findings.is_empty() {
        text.push_str("no findings\n");
    }
    output::write(text.as_bytes(), None)?;
    Ok(Ending::Done)
}
