//! Engine `long`: CSV or XLSX with a header row, one row per fact.

mod attendance;
mod header;
mod rows;
mod small;
mod stream;
mod text;
mod year;

pub(crate) use header::{Preamble, school_year};
pub(crate) use stream::{Streamed, read_stream};
pub(crate) use text::{TextFault, read_text};

use crate::columns::{Header, Kind};
use crate::container::Refused;
use crate::export::{Content, Engine, Export};
use crate::notes::{Notes, Place};
use crate::workbook::{Next, Workbook};
use svodka_journal::Severity;

/// Rows above which no header is looked for.
pub(crate) const HEADER_ROWS: usize = 30;

/// Facts of one kind, fed row by row.
pub(crate) enum Gatherer {
    Journal(Box<attendance::JournalRows>),
    Small(Box<small::SmallRows>),
}

impl Gatherer {
    pub fn new(
        header: &Header,
        preamble: &Preamble,
        exported_on: Option<svodka_journal::Day>,
    ) -> Gatherer {
        match header.kind {
            Kind::Attendance | Kind::Lessons => {
                Gatherer::Journal(Box::new(attendance::JournalRows::new(header, preamble)))
            }
            Kind::Plan | Kind::Staff | Kind::Organisations | Kind::Movement => Gatherer::Small(
                Box::new(small::SmallRows::new(header, preamble, exported_on)),
            ),
        }
    }

    /// Takes the facts out.
    pub fn finish(self, preamble: &Preamble, notes: &mut Notes, is_sheet: bool) -> Content {
        match self {
            Gatherer::Journal(rows) => Content::Journal(rows.finish(preamble, notes, is_sheet)),
            Gatherer::Small(rows) => rows.finish(),
        }
    }
}

/// Reads every sheet that has a header of the same kind; none where no sheet has one.
pub(crate) fn read_workbook(
    workbook: &mut Workbook<'_>,
    titles: &[String],
    options: &rows::RowOptions,
    notes: &mut Notes,
) -> Result<Option<Export>, Refused> {
    let mut gathered: Option<(Kind, Preamble, Gatherer)> = None;
    let mut unclear: Option<(i16, i32, String)> = None;
    for sheet in 0..titles.len() {
        let sheet_no = sheet as i16 + 1;
        let mut preamble = Preamble::default();
        let mut header: Option<(Header, i32)> = None;
        let is_1904 = workbook.is_1904;
        let mut seen_rows = 0usize;
        let mut record = rows::SheetRecord::new(is_1904);
        let taken = &mut gathered;
        workbook.rows(sheet, notes, |row, notes| {
            if let Some((known, _)) = &header {
                let Some((kind, _, gatherer)) = taken.as_mut() else {
                    return Next::Stop;
                };
                if *kind != known.kind {
                    return Next::Stop;
                }
                record.fill(&row, known);
                if !record.is_blank() {
                    rows::feed(gatherer, &record, sheet_no, row.no(), known, notes);
                }
                return Next::Row;
            }
            seen_rows += 1;
            if seen_rows > HEADER_ROWS {
                return Next::Stop;
            }
            let cells = rows::texts(&row);
            match Header::guess(cells.iter().map(String::as_str)) {
                crate::columns::HeaderGuess::Header(found) => {
                    header::note_columns(&found, notes, |column| Place::Sheet {
                        sheet_no,
                        row: row.no(),
                        column,
                    });
                    match taken {
                        None => {
                            let exported_on = preamble
                                .exported_at
                                .or(options.exported_at)
                                .map(crate::moments::day_of);
                            let gatherer = Gatherer::new(&found, &preamble, exported_on);
                            *taken = Some((found.kind, preamble.clone(), gatherer));
                        }
                        Some((kind, _, gatherer)) if *kind == found.kind => {
                            rows::relayout(gatherer, &found)
                        }
                        Some(_) => {
                            notes.add(
                                Severity::Warning,
                                "sheet-not-read",
                                Place::Sheet {
                                    sheet_no,
                                    row: row.no(),
                                    column: 0,
                                },
                                "лист другого вида",
                                "листы одного вида в одной книге",
                                "Сохраните этот лист отдельным файлом и загрузите его.",
                            );
                        }
                    }
                    header = Some((found, row.no()));
                }
                crate::columns::HeaderGuess::Unclear(missing) => {
                    unclear.get_or_insert((sheet_no, row.no(), missing));
                }
                crate::columns::HeaderGuess::No => {
                    preamble.take_line(&cells.join(" "));
                }
            }
            Next::Row
        })?;
    }
    let Some((_, preamble, gatherer)) = gathered else {
        if let Some((sheet_no, row, missing)) = unclear {
            header::note_unclear(
                notes,
                Place::Sheet {
                    sheet_no,
                    row,
                    column: 0,
                },
                &missing,
            );
            return Err(Refused);
        }
        return Ok(None);
    };
    let content = gatherer.finish(&preamble, notes, true);
    Ok(Some(Export {
        engine: Engine::Long,
        sheets: titles.to_vec(),
        exported_at: preamble.exported_at,
        content,
    }))
}

pub(crate) use rows::RowOptions;
