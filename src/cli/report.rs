//! `svodka report`: one report, printed or written.

use crate::arguments::{ReportArguments, ReportFormat};
use crate::outcome::{CliError, Ending};
use crate::{output, stores};
use svodka_table::csv::CsvStyle;

/// Prints the report.
pub async fn run(data: &std::path::Path, arguments: &ReportArguments) -> Result<Ending, CliError> {
    let (engine, problems) = stores::engine(data).await?;
    for problem in &problems {
        output::note(&format!("warning: {problem}"));
    }
    let session = stores::session(&engine, arguments.as_of).await?;
    let params = session.params(
        &arguments.name,
        arguments.params.iter().map(|(key, value)| (key, value)),
    )?;
    let file = arguments.output.as_deref();
    let mut bytes = Vec::new();
    match arguments.format {
        ReportFormat::Parquet => {
            output::refuse_terminal("a Parquet file", file)?;
            bytes = session
                .report_parquet(&arguments.name, &params)
                .await?
                .to_vec();
        }
        ReportFormat::Table
        | ReportFormat::Csv
        | ReportFormat::Json
        | ReportFormat::Xlsx
        | ReportFormat::Pdf
        | ReportFormat::Svg => {
            let (table, meta) = session.report(&arguments.name, &params).await?;
            match arguments.format {
                ReportFormat::Csv => svodka_table::csv::write(&table, CsvStyle::API, &mut bytes)?,
                ReportFormat::Json => svodka_table::json::write(&table, &meta, &mut bytes)?,
                ReportFormat::Xlsx => {
                    output::refuse_terminal("a workbook", file)?;
                    bytes = svodka_print::xlsx::write(&table, &meta)?;
                }
                ReportFormat::Pdf => {
                    output::refuse_terminal("a PDF", file)?;
                    bytes = svodka_print::pdf::write(&table, &meta)?;
                }
                ReportFormat::Svg => {
                    let svg = svodka_server::picture(&engine.catalog(), &arguments.name, &table)
                        .ok_or_else(|| {
                            CliError::Usage(format!(
                                "no page draws report \"{}\"; take another format",
                                arguments.name
                            ))
                        })?;
                    bytes = svg.into_bytes();
                }
                ReportFormat::Table | ReportFormat::Parquet => {
                    svodka_table::text::write(&table, &mut bytes)?;
                    bytes.extend_from_slice(format!("{}\n", meta.stamp()).as_bytes());
                }
            }
        }
    }
    output::write(&bytes, file)?;
    Ok(Ending::Done)
}
