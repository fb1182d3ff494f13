//! Where a fact was read: small integers in the lake, a readable address for people.

use serde::{Deserialize, Serialize};

/// The cell (or the record) a fact came from. Numbers count from 1, as spreadsheets show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceCell {
    /// Import that brought the fact.
    pub import_id: i32,
    /// Sheet of the workbook, or file of a bundle; 1 where there is only one.
    pub sheet_no: i16,
    /// Row of the sheet, line of a text file, or ordinal of a record in JSON and XML.
    pub row_no: i32,
    /// Column of the sheet or field of the line; 0 where the whole record is the source.
    pub col_no: i16,
}

impl SourceCell {
    /// The address as a spreadsheet writes it, for example `AX21`; `строка 21` for a whole record.
    #[must_use]
    pub fn address(&self) -> String {
        if self.col_no > 0 {
            format!("{}{}", column_letters(self.col_no as u32), self.row_no)
        } else {
            format!("строка {}", self.row_no)
        }
    }
}

/// Letters of a spreadsheet column that counts from 1: 1 → `A`, 27 → `AA`.
#[must_use]
pub fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        let digit = ((column - 1) % 26) as u8;
        letters.push(b'A' + digit);
        column = (column - 1) / 26;
    }
    letters.iter().rev().map(|&letter| letter as char).collect()
}
