//! Rows of a sheet as records of texts, numbers spelled the way a text file would.

use super::Gatherer;
use super::attendance::Fields;
use crate::columns::{Field, Header, Heading};
use crate::moments::{day_of, serial_moment};
use crate::notes::Notes;
use crate::workbook::{Cell, RowView};
use std::fmt::Write;

/// What reading a long file needs to know besides the text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowOptions {
    /// Export moment told from outside, local µs.
    pub exported_at: Option<i64>,
}

/// One row of a sheet under a header.
#[derive(Debug)]
pub(crate) struct SheetRecord {
    texts: String,
    ends: Vec<usize>,
    is_1904: bool,
}

impl SheetRecord {
    pub fn new(is_1904: bool) -> SheetRecord {
        SheetRecord {
            texts: String::new(),
            ends: Vec::new(),
            is_1904,
        }
    }

    /// Takes the cells of a row; day numbers become dates where the column is one.
    pub fn fill(&mut self, row: &RowView<'_>, header: &Header) {
        self.texts.clear();
        self.ends.clear();
        for (column, cell) in row.cells() {
            let index = column as usize - 1;
            if index >= header.headings.len() {
                break;
            }
            while self.ends.len() < index {
                self.ends.push(self.texts.len());
            }
            self.push(cell, header.headings[index]);
            self.ends.push(self.texts.len());
        }
        while self.ends.len() < header.headings.len() {
            self.ends.push(self.texts.len());
        }
    }

    fn push(&mut self, cell: Cell<'_>, heading: Heading) {
        let out = &mut self.texts;
        if let (Cell::Number(text), Heading::Known(field)) = (cell, heading) {
            let number = text.parse::<f64>().ok();
            match field {
                Field::Date | Field::FromOn | Field::ToOn | Field::RecordedAt => {
                    if let Some(moment) =
                        number.and_then(|number| serial_moment(number, self.is_1904))
                    {
                        let (year, month, day) = day_of(moment).civil();
                        let seconds = moment.rem_euclid(86_400_000_000) / 1_000_000;
                        let (hour, minute, second) =
                            (seconds / 3600, seconds / 60 % 60, seconds % 60);
                        // Writing to a string cannot fail.
                        let _ = write!(out, "{day:02}.{month:02}.{year:04}");
                        if field == Field::RecordedAt {
                            let _ = write!(out, " {hour:02}:{minute:02}:{second:02}");
                        }
                        return;
                    }
                }
                Field::StartsAt => {
                    if let Some(number) = number.filter(|number| (0.0..1.0).contains(number)) {
                        let minutes = (number * 1440.0).round() as i64;
                        let _ = write!(out, "{:02}:{:02}", minutes / 60, minutes % 60);
                        return;
                    }
                }
                _ => {}
            }
        }
        out.push_str(&cell.text());
    }

    pub fn is_blank(&self) -> bool {
        self.texts.trim().is_empty()
    }

    pub fn text(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.texts[start..end]
    }
}

impl Fields for SheetRecord {
    fn get(&self, column: usize) -> &[u8] {
        self.text(column).as_bytes()
    }
}

/// Texts of a row by column, empty where there is no cell.
pub(crate) fn texts(row: &RowView<'_>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (column, cell) in row.cells() {
        let index = column as usize - 1;
        if index > 512 {
            break;
        }
        texts.resize(index, String::new());
        texts.push(cell.text().into_owned());
    }
    texts
}

/// Hands a row to whoever gathers this kind of facts.
pub(crate) fn feed(
    gatherer: &mut Gatherer,
    record: &SheetRecord,
    sheet_no: i16,
    row_no: i32,
    header: &Header,
    notes: &mut Notes,
) {
    match gatherer {
        Gatherer::Journal(rows) => {
            rows.start_sheet(sheet_no);
            // Texts of a workbook are UTF-8 already.
            let _ = rows.record(record, row_no, notes);
        }
        Gatherer::Small(rows) => rows.record(
            header,
            |index| record.text(index),
            sheet_no,
            row_no,
            true,
            notes,
        ),
    }
}

/// Another sheet may order its columns differently.
pub(crate) fn relayout(gatherer: &mut Gatherer, header: &Header) {
    if let Gatherer::Journal(rows) = gatherer {
        rows.relayout(header);
    }
}
