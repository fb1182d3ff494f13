//! Tables as PDF: A4, the head on every page, page numbers, the stamp, searchable text.
//!
//! The page is typst's, in `page.typ`; fonts come with the program, so that Cyrillic prints on a
//! bare machine. No file, no network, no package and no date can be reached from the page.

use crate::PrintError;
use std::sync::LazyLock;
use svodka_table::{ColumnFormat, Meta, Table, plural};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Array, Bytes, Datetime, Dict, Duration, IntoValue, Smart};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

const PAGE: &str = include_str!("page.typ");
const MOST_COLUMNS: usize = 40;
/// About 60 pages. Typesetting takes 0.2 ms and 18 KB a cell: more would starve the pages of
/// other readers, and nobody prints it.
const MOST_CELLS: usize = 20_000;
/// Width of an A4 page between its margins, upright and lying, in points.
const UPRIGHT: f64 = 516.0;
const LYING: f64 = 762.0;
/// Average width of a letter in parts of the font size.
const LETTER: f64 = 0.57;
const CELL_INSET: f64 = 9.0;

/// The PDF's bytes.
pub fn write(table: &Table, meta: &Meta) -> Result<Vec<u8>, PrintError> {
    let cells = table.rows.len() * table.columns.len();
    if table.columns.len() > MOST_COLUMNS {
        return Err(PrintError::TooManyColumns {
            columns: table.columns.len(),
            most: MOST_COLUMNS,
        });
    }
    if cells > MOST_CELLS {
        return Err(PrintError::TooLongForPdf {
            cells,
            most: MOST_CELLS,
        });
    }
    let world = Page::new(inputs(table, meta));
    let document = typst::compile::<PagedDocument>(&world)
        .output
        .map_err(said)?;
    let options = PdfOptions {
        creator: Smart::Custom(Some("Сводка".to_owned())),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(said);
    // What typst remembers of this page is of no use to the next.
    typst::comemo::evict(0);
    bytes
}

fn said(errors: typst::ecow::EcoVec<typst::diag::SourceDiagnostic>) -> PrintError {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    PrintError::Typesetting(messages.join("; "))
}

/// How wide the columns are and how the page lies.
struct Layout {
    widths: Vec<f64>,
    is_landscape: bool,
    /// Columns share the whole width; otherwise they keep their own.
    is_full: bool,
    size: f64,
}

/// Letters of a column: in one line, and of its longest word, below which words would break.
#[derive(Clone, Copy)]
struct Letters {
    line: usize,
    word: usize,
}

impl Layout {
    /// Upright where the table fits so; then lying; then with texts in several lines; then smaller.
    fn of(letters: &[Letters]) -> Layout {
        let points = |count: usize, size: f64| count as f64 * LETTER * size + CELL_INSET;
        let lines = |size: f64| -> Vec<f64> {
            letters
                .iter()
                .map(|column| points(column.line, size))
                .collect()
        };
        for (is_landscape, room, size) in [
            (false, UPRIGHT, 10.0),
            (true, LYING, 10.0),
            (true, LYING, 9.0),
        ] {
            let widths = lines(size);
            if widths.iter().sum::<f64>() <= room {
                return Layout {
                    widths,
                    is_landscape,
                    is_full: false,
                    size,
                };
            }
        }
        // Smaller letters before many lines; words stay whole either way.
        for (size, least_part) in [(9.0, 0.6), (8.0, 0.4), (7.0, 0.0)] {
            let words: Vec<f64> = letters
                .iter()
                .map(|column| points(column.word, size))
                .collect();
            let spare = LYING - words.iter().sum::<f64>();
            let lines = lines(size);
            let wish: f64 = lines
                .iter()
                .zip(&words)
                .map(|(line, word)| line - word)
                .sum();
            // Long columns share what short ones leave.
            let part = if wish > 0.0 {
                (spare / wish).min(1.0)
            } else {
                1.0
            };
            if spare >= 0.0 && part >= least_part {
                let widths = lines.iter().zip(&words);
                return Layout {
                    widths: widths
                        .map(|(line, word)| word + (line - word) * part)
                        .collect(),
                    is_landscape: true,
                    is_full: false,
                    size,
                };
            }
        }
        Layout {
            widths: lines(7.0),
            is_landscape: true,
            is_full: true,
            size: 7.0,
        }
    }
}

fn inputs(table: &Table, meta: &Meta) -> Dict {
    let formats: Vec<ColumnFormat> = (0..table.columns.len())
        .map(|column| ColumnFormat::of(table, column))
        .collect();
    // The unit stays with the last word of its head.
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.head().replace(", ", ",\u{a0}"))
        .collect();
    let longest_word = |text: &str| {
        text.split(' ')
            .map(|word| word.chars().count())
            .max()
            .unwrap_or(0)
    };
    // Heads are bold and wrap at spaces.
    let mut letters: Vec<Letters> = heads
        .iter()
        .map(|head| (longest_word(head) + 1).clamp(3, 24))
        .map(|word| Letters { line: word, word })
        .collect();
    let mut cells = Array::with_capacity(table.rows.len() * table.columns.len());
    for row in &table.rows {
        for (column, format) in formats.iter().enumerate() {
            let text = row
                .get(column)
                .map_or_else(String::new, |value| format.cell(value));
            // A number stays with its sign.
            let text = text.replace("№ ", "№\u{a0}");
            let known = &mut letters[column];
            known.line = known.line.max(text.chars().count().min(48));
            known.word = known.word.max(longest_word(&text).min(30));
            cells.push(text.into_value());
        }
    }
    let layout = Layout::of(&letters);
    let count = table.rows.len();
    let meanings: Array = table
        .columns
        .iter()
        .filter(|column| !column.meaning.is_empty())
        .map(|column| texts([column.title.clone(), column.meaning.clone()]).into_value())
        .collect();
    let parameters = meta
        .parameters
        .iter()
        .map(|(name, text)| format!("{name}: {text}"));
    let mut inputs = Dict::new();
    let mut put = |name: &str, value: typst::foundations::Value| {
        inputs.insert(name.into(), value);
    };
    put("title", meta.title.as_str().into_value());
    put("stamp", meta.stamp().into_value());
    put(
        "count",
        format!(
            "{count} {}",
            plural(count as i64, "строка", "строки", "строк")
        )
        .into_value(),
    );
    put("parameters", texts(parameters).into_value());
    put("heads", texts(heads).into_value());
    put("meanings", meanings.into_value());
    let numeric = table
        .columns
        .iter()
        .map(|column| column.unit.is_numeric().into_value());
    put("numeric", numeric.collect::<Array>().into_value());
    let widths = layout.widths.iter().map(|width| width.into_value());
    put("widths", widths.collect::<Array>().into_value());
    put("is_landscape", layout.is_landscape.into_value());
    put("is_full", layout.is_full.into_value());
    put("size", layout.size.into_value());
    put("cells", cells.into_value());
    inputs
}

fn texts(all: impl IntoIterator<Item = String>) -> Array {
    all.into_iter().map(|text| text.into_value()).collect()
}

/// Serif, upright and bold: what the page uses.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    typst_assets::fonts()
        .flat_map(|data| Font::iter(Bytes::new(data)))
        .filter(|font| {
            let info = font.info();
            info.family.as_str() == "Libertinus Serif"
                && info.variant.style == typst::text::FontStyle::Normal
        })
        .collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// One page source and its values; nothing else exists for typst.
struct Page {
    library: LazyHash<Library>,
    source: Source,
}

impl Page {
    fn new(inputs: Dict) -> Page {
        let library = Library::builder().with_inputs(inputs).build();
        Page {
            library: LazyHash::new(library),
            source: Source::detached(PAGE),
        }
    }
}

impl World for Page {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() {
            Ok(self.source.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _id: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
