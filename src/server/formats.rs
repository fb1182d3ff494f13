//! The forms a report can take: one list for the API, the downloads, the description and tests.

use crate::data::Answer;
use crate::error::ServerError;
use svodka_catalog::Catalog;
use svodka_print::PrintError;
use svodka_table::csv::CsvStyle;

pub const CSV: &str = "text/csv; charset=utf-8";
pub const JSON: &str = "application/json";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const PDF: &str = "application/pdf";
pub const SVG: &str = "image/svg+xml";
pub const PARQUET: &str = "application/vnd.apache.parquet";

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Xlsx,
    Pdf,
    Parquet,
    Svg,
}

impl Format {
    /// Every form, in the order of the documentation.
    pub const ALL: [Format; 6] = [
        Format::Json,
        Format::Csv,
        Format::Xlsx,
        Format::Pdf,
        Format::Parquet,
        Format::Svg,
    ];

    /// The word in `format=` and the end of file names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Xlsx => "xlsx",
            Format::Pdf => "pdf",
            Format::Parquet => "parquet",
            Format::Svg => "svg",
        }
    }

    /// Media type of the answer.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => CSV,
            Format::Json => JSON,
            Format::Xlsx => XLSX,
            Format::Pdf => PDF,
            Format::Parquet => PARQUET,
            Format::Svg => SVG,
        }
    }

    /// The form with that word, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.word() == word)
    }

    /// The form that `Accept` asks for first; JSON where it takes anything; none if it takes none.
    #[must_use]
    pub fn from_accept(accept: Option<&str>) -> Option<Format> {
        let Some(accept) = accept else {
            return Some(Format::Json);
        };
        let mut wanted: Vec<(f32, &str)> = accept
            .split(',')
            .map(|entry| {
                let mut parts = entry.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let weight = parts
                    .find_map(|part| part.strip_prefix("q="))
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(1.0);
                (weight, name)
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        // Stable: equal weights keep the order of the header.
        wanted.sort_by(|left, right| right.0.total_cmp(&left.0));
        wanted.iter().find_map(|(_, name)| match *name {
            "*/*" | "application/*" | "text/html" => Some(Format::Json),
            "text/*" => Some(Format::Csv),
            name => Format::ALL.into_iter().find(|format| {
                format
                    .content_type()
                    .split(';')
                    .next()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            }),
        })
    }

    /// Writes the answer in this form; `for_excel` concerns CSV only. Parquet is written from the
    /// engine's own columns, see [`crate::data::Data::report_parquet`].
    pub fn write(
        self,
        answer: &Answer,
        catalog: &Catalog,
        for_excel: bool,
    ) -> Result<Vec<u8>, ServerError> {
        let Answer { table, meta } = answer;
        let mut bytes = Vec::new();
        match self {
            Format::Csv => {
                let style = if for_excel {
                    CsvStyle::BROWSER
                } else {
                    CsvStyle::API
                };
                svodka_table::csv::write(table, style, &mut bytes)
                    .map_err(ServerError::internal)?;
            }
            Format::Json => {
                svodka_table::json::write(table, meta, &mut bytes).map_err(ServerError::internal)?
            }
            Format::Xlsx => bytes = svodka_print::xlsx::write(table, meta).map_err(from_print)?,
            Format::Pdf => bytes = svodka_print::pdf::write(table, meta).map_err(from_print)?,
            Format::Parquet => {
                return Err(ServerError::internal(
                    "parquet is written from columns, not from a table",
                ));
            }
            Format::Svg => match crate::draw::picture(catalog, &meta.report, table) {
                Some(svg) => bytes = svg.into_bytes(),
                None => {
                    let known = Format::ALL.iter().filter(|format| **format != Format::Svg);
                    return Err(ServerError::NotAcceptable {
                        known: known.map(|format| format.word()).collect(),
                    });
                }
            },
        }
        Ok(bytes)
    }
}

/// A table too large for paper or a sheet is the asker's to narrow; the rest is ours.
fn from_print(error: PrintError) -> ServerError {
    match error {
        PrintError::TooManyRows { .. }
        | PrintError::TooManyColumns { .. }
        | PrintError::TooLongForPdf { .. } => ServerError::NotAcceptable {
            known: vec![
                Format::Csv.word(),
                Format::Json.word(),
                Format::Parquet.word(),
            ],
        },
        PrintError::NoPdfEngine => ServerError::NotAcceptable {
            known: vec![
                Format::Xlsx.word(),
                Format::Csv.word(),
                Format::Json.word(),
                Format::Parquet.word(),
            ],
        },
        other @ (PrintError::Workbook(_) | PrintError::Typesetting(_)) => {
            ServerError::internal(other)
        }
    }
}
