//! Workbooks written part by part, because libraries drop what matters here: an empty-string cell
//! is not a missing one, and some engines put a byte order mark into every part.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use svodka_journal::{Day, column_letters};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A workbook of one sheet under construction.
#[derive(Debug)]
pub struct Workbook {
    sheet: String,
    has_bom: bool,
    rows: String,
    merges: String,
    merge_count: usize,
    strings: String,
    string_ids: HashMap<String, usize>,
    letters: Vec<String>,
    row: usize,
    widest: usize,
}

impl Workbook {
    #[must_use]
    pub fn new(sheet: &str, has_bom: bool) -> Workbook {
        Workbook {
            sheet: sheet.to_owned(),
            has_bom,
            rows: String::new(),
            merges: String::new(),
            merge_count: 0,
            strings: String::new(),
            string_ids: HashMap::new(),
            letters: Vec::new(),
            row: 0,
            widest: 1,
        }
    }

    /// Number of the row that is open, from 1.
    #[must_use]
    pub const fn row(&self) -> usize {
        self.row
    }

    /// Opens the next row; cells follow from left to right.
    pub fn next_row(&mut self) {
        self.close_row();
        self.row += 1;
        let _ = write!(self.rows, "<row r=\"{}\">", self.row);
    }

    fn close_row(&mut self) {
        if self.row > 0 {
            self.rows.push_str("</row>");
        }
    }

    fn open_cell(&mut self, column: usize) {
        while self.letters.len() < column {
            self.letters
                .push(column_letters(self.letters.len() as u32 + 1));
        }
        self.widest = self.widest.max(column);
        self.rows.push_str("<c r=\"");
        self.rows.push_str(&self.letters[column - 1]);
        let _ = write!(self.rows, "{}\"", self.row);
    }

    /// A text, the empty text too: that is a cell which is there and holds nothing.
    pub fn text(&mut self, column: usize, text: &str) {
        let next = self.string_ids.len();
        let id = match self.string_ids.get(text) {
            Some(&id) => id,
            None => {
                self.string_ids.insert(text.to_owned(), next);
                let escaped = escape(text);
                let _ = write!(
                    self.strings,
                    "<si><t xml:space=\"preserve\">{escaped}</t></si>"
                );
                next
            }
        };
        self.open_cell(column);
        let _ = write!(self.rows, " t=\"s\"><v>{id}</v></c>");
    }

    /// A number written as it is.
    pub fn number(&mut self, column: usize, number: &str) {
        self.open_cell(column);
        let _ = write!(self.rows, "><v>{number}</v></c>");
    }

    /// A day as spreadsheets keep it: a number with a date format.
    pub fn date(&mut self, column: usize, day: Day) {
        self.open_cell(column);
        let _ = write!(self.rows, " s=\"1\"><v>{}</v></c>", day.0 + 25_569);
    }

    /// Merges cells, rows and columns from 1 and inclusive.
    pub fn merge(&mut self, from: (usize, usize), to: (usize, usize)) {
        if from != to {
            let (first, last) = (address(from.0, from.1), address(to.0, to.1));
            let _ = write!(self.merges, "<mergeCell ref=\"{first}:{last}\"/>");
            self.merge_count += 1;
        }
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.close_row();
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let merges = match self.merge_count {
            0 => String::new(),
            count => format!("<mergeCells count=\"{count}\">{}</mergeCells>", self.merges),
        };
        let parts = [
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{kind}.worksheet+xml\"/><Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{kind}.sharedStrings+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/></Types>"
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
                    escape(&self.sheet)
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{relations}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rId3\" Type=\"{relations}/styles\" Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet xmlns=\"{main}\"><dimension ref=\"A1:{}\"/><sheetData>{}</sheetData>{merges}</worksheet>",
                    address(self.row.max(1), self.widest),
                    self.rows
                ),
            ),
            (
                "xl/sharedStrings.xml",
                format!(
                    "<sst xmlns=\"{main}\" uniqueCount=\"{}\">{}</sst>",
                    self.string_ids.len(),
                    self.strings
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    "<styleSheet xmlns=\"{main}\"><fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"1\"><fill><patternFill patternType=\"none\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>"
                ),
            ),
        ];
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // Without a time of its own every entry is of 1980, and equal workbooks have equal bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        for (name, xml) in parts {
            let bom = if self.has_bom { "\u{feff}" } else { "" };
            zip.start_file(name, options)
                .expect("a name of a part is a valid entry name");
            for text in [bom, head, &xml] {
                zip.write_all(text.as_bytes())
                    .expect("memory takes every byte");
            }
        }
        zip.finish().expect("memory takes every byte").into_inner()
    }
}

/// `AX21` from row and column, both from 1.
#[must_use]
pub fn address(row: usize, column: usize) -> String {
    format!("{}{row}", column_letters(column as u32))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
