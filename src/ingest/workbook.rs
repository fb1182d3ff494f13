//! Reads XLSX cell by cell, straight from the XML of a sheet.
//!
//! Our own reader because a journal means different things by an empty text and by no cell at
//! all, and because nothing is allocated by what a file claims (dimension, counts).
//! A cell is *there* when it holds a value, even an empty text; a cell that is only styled is not.

use crate::container::{Container, Refused};
use crate::notes::{Notes, Place};
use crate::options::Limits;
use crate::sheet_xml::{self, Piece, Scanner};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;
use svodka_journal::Severity;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    /// A text, perhaps empty.
    Text(&'a str),
    /// A number as the file writes it.
    Number(&'a str),
    Bool(bool),
    /// `#N/A` and the like.
    Fault(&'a str),
}

impl<'a> Cell<'a> {
    /// The text a person sees, without number formats.
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Cell::Text(text) | Cell::Fault(text) => Cow::Borrowed(text),
            Cell::Number(text) => plain_number(text),
            Cell::Bool(true) => Cow::Borrowed("да"),
            Cell::Bool(false) => Cow::Borrowed("нет"),
        }
    }
}

/// «5.0» and «5.0E+0» are «5»; other numbers stay as written.
fn plain_number(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
            Cow::Owned(format!("{number:.0}"))
        }
        Ok(number) => Cow::Owned(format!("{number}")),
        Err(_) => Cow::Borrowed(text),
    }
}

/// One row of a sheet; columns count from 1 and ascend.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Number of the row, from 1.
    pub no: i32,
    cells: Vec<Slot>,
    texts: String,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    column: i16,
    kind: SlotKind,
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotKind {
    /// Text in the row itself.
    Inline,
    /// Index in the shared strings.
    Shared,
    Number,
    True,
    False,
    Fault,
}

/// A row together with the texts it refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowView<'a> {
    row: &'a Row,
    shared: &'a SharedStrings,
}

impl<'a> RowView<'a> {
    pub fn no(&self) -> i32 {
        self.row.no
    }

    /// Every cell that is there, left to right.
    pub fn cells(&self) -> impl Iterator<Item = (i16, Cell<'a>)> + use<'a> {
        let (row, shared) = (self.row, self.shared);
        row.cells
            .iter()
            .map(move |slot| (slot.column, cell(row, shared, *slot)))
    }
}

fn cell<'a>(row: &'a Row, shared: &'a SharedStrings, slot: Slot) -> Cell<'a> {
    let text = || &row.texts[slot.start as usize..slot.end as usize];
    match slot.kind {
        SlotKind::Inline => Cell::Text(text()),
        SlotKind::Shared => Cell::Text(shared.get(slot.start)),
        SlotKind::Number => Cell::Number(text()),
        SlotKind::True => Cell::Bool(true),
        SlotKind::False => Cell::Bool(false),
        SlotKind::Fault => Cell::Fault(text()),
    }
}

/// Texts that cells refer to by number, one after another in one buffer.
#[derive(Debug, Default)]
pub(crate) struct SharedStrings {
    texts: String,
    ends: Vec<usize>,
}

impl SharedStrings {
    fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.texts[start..end]
    }
}

/// An opened workbook.
#[derive(Debug)]
pub(crate) struct Workbook<'a> {
    container: Container<'a>,
    sheets: Vec<(String, String)>,
    shared: SharedStrings,
    /// Day numbers count from 1904.
    pub is_1904: bool,
    limits: Limits,
}

/// Whether to go on with the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Row,
    Stop,
}

impl<'a> Workbook<'a> {
    /// Reads what all sheets share: titles, shared strings, the date system.
    pub fn open(
        mut container: Container<'a>,
        limits: &Limits,
        notes: &mut Notes,
    ) -> Result<Workbook<'a>, Refused> {
        let Some(book) = container.part("xl/workbook.xml", notes)? else {
            return Err(refuse(notes, "нет части xl/workbook.xml"));
        };
        let book = xml_text(&book);
        let (titles, is_1904) = read_book(&book);
        let rels = container
            .part("xl/_rels/workbook.xml.rels", notes)?
            .unwrap_or_default();
        let targets = read_relations(&xml_text(&rels));
        let mut sheets = Vec::new();
        for (index, (title, relation)) in titles.into_iter().enumerate() {
            let path = targets
                .iter()
                .find(|target| target.0 == relation)
                .map_or_else(
                    || format!("xl/worksheets/sheet{}.xml", index + 1),
                    |target| part_path(&target.1),
                );
            sheets.push((title, path));
        }
        if sheets.is_empty() {
            return Err(refuse(notes, "в книге нет листов"));
        }
        let shared = match container.part("xl/sharedStrings.xml", notes)? {
            Some(bytes) => read_shared(&xml_text(&bytes)),
            None => SharedStrings::default(),
        };
        Ok(Workbook {
            container,
            sheets,
            shared,
            is_1904,
            limits: *limits,
        })
    }

    pub fn titles(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.0.clone()).collect()
    }

    /// Calls `visit` for every row of the sheet (from 0) that has cells.
    pub fn rows(
        &mut self,
        sheet: usize,
        notes: &mut Notes,
        mut visit: impl FnMut(RowView<'_>, &mut Notes) -> Next,
    ) -> Result<(), Refused> {
        let path = self.sheets[sheet].1.clone();
        // Chart sheets have a part of another kind; they hold no rows.
        let Some(bytes) = self.container.part(&path, notes)? else {
            return Ok(());
        };
        let text = xml_text(&bytes);
        let mut reader = SheetReader {
            xml: Scanner::new(&text),
            row: Row::default(),
            next_column: 1,
            limits: self.limits,
            sheet_no: sheet as i16 + 1,
        };
        reader.run(&self.shared, notes, &mut visit)
    }
}

fn refuse(notes: &mut Notes, found: &str) -> Refused {
    notes.add(
        Severity::Error,
        "unreadable-file",
        Place::File,
        found,
        "книга Excel (.xlsx)",
        "Откройте файл в Excel или LibreOffice и сохраните как «Книга Excel (.xlsx)».",
    );
    Refused
}

/// Parts are UTF-8, sometimes with a byte order mark, rarely UTF-16.
fn xml_text(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => encoding_rs::UTF_16LE.decode(bytes).0,
        _ => encoding_rs::UTF_8.decode_with_bom_removal(bytes).0,
    }
}

fn xml_reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_reader(text.as_bytes());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

fn part_path(target: &str) -> String {
    match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{}", target.trim_start_matches("./")),
    }
}

/// The value of an attribute by local name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find_map(|attribute| {
            let key: &str = attribute.key.as_ref();
            let local = key.rsplit(':').next().unwrap_or(key);
            (local == name).then(|| {
                attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map(Cow::into_owned)
                    .unwrap_or_default()
            })
        })
}

/// Titles with relation ids, and whether day numbers count from 1904.
fn read_book(text: &str) -> (Vec<(String, String)>, bool) {
    let mut reader = xml_reader(text);
    let (mut sheets, mut is_1904) = (Vec::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.local_name().as_ref() {
                "sheet" => {
                    let title = attribute(&tag, "name").unwrap_or_default();
                    // `id` is the relation; `sheetId` is another attribute.
                    sheets.push((title, attribute(&tag, "id").unwrap_or_default()));
                }
                "workbookPr" => {
                    is_1904 = matches!(attribute(&tag, "date1904").as_deref(), Some("1" | "true"));
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return (sheets, is_1904),
            Ok(_) => {}
        }
    }
}

fn read_relations(text: &str) -> Vec<(String, String)> {
    let mut reader = xml_reader(text);
    let mut targets = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag))
                if tag.local_name().as_ref() == "Relationship" =>
            {
                targets.push((
                    attribute(&tag, "Id").unwrap_or_default(),
                    attribute(&tag, "Target").unwrap_or_default(),
                ));
            }
            Ok(Event::Eof) | Err(_) => return targets,
            Ok(_) => {}
        }
    }
}

fn read_shared(text: &str) -> SharedStrings {
    let mut reader = xml_reader(text);
    let mut shared = SharedStrings::default();
    let (mut is_text, mut is_phonetic) = (false, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "t" => is_text = !is_phonetic,
                "rPh" => is_phonetic = true,
                _ => {}
            },
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == "si" => {
                shared.ends.push(shared.texts.len())
            }
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                "t" => is_text = false,
                "rPh" => is_phonetic = false,
                "si" => shared.ends.push(shared.texts.len()),
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return shared,
            Ok(event) => {
                if is_text {
                    push_text(&event, &mut shared.texts);
                }
            }
        }
    }
}

/// Appends the text of a text, CDATA or entity event.
fn push_text(event: &Event<'_>, out: &mut String) {
    match event {
        Event::Text(text) => out.push_str(text),
        Event::CData(text) => out.push_str(text),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(letter)) => out.push(letter),
            _ => {
                out.push_str(quick_xml::escape::resolve_predefined_entity(reference).unwrap_or(""))
            }
        },
        _ => {}
    }
}

/// What the `t` attribute of a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellType {
    Number,
    Shared,
    Inline,
    FormulaText,
    Bool,
    Fault,
}

struct SheetReader<'a> {
    xml: Scanner<'a>,
    row: Row,
    next_column: u32,
    limits: Limits,
    sheet_no: i16,
}

impl SheetReader<'_> {
    fn run(
        &mut self,
        shared: &SharedStrings,
        notes: &mut Notes,
        visit: &mut impl FnMut(RowView<'_>, &mut Notes) -> Next,
    ) -> Result<(), Refused> {
        loop {
            match self.xml.next() {
                Piece::Open {
                    name: "c",
                    attributes,
                    is_empty,
                } => {
                    let (column, kind) = self.cell_head(attributes, notes);
                    if !is_empty {
                        self.cell_body(column, kind, notes)?;
                    } else if matches!(kind, CellType::Inline | CellType::FormulaText) {
                        // Styled only, unless it says to be a text: then an empty one.
                        self.push(column, SlotKind::Inline, 0, 0);
                    }
                }
                Piece::Open {
                    name: "row",
                    attributes,
                    ..
                } => self.begin_row(attributes),
                Piece::Close { name: "row" } => {
                    let is_over = !self.row.cells.is_empty()
                        && visit(
                            RowView {
                                row: &self.row,
                                shared,
                            },
                            notes,
                        ) == Next::Stop;
                    self.row.cells.clear();
                    self.row.texts.clear();
                    if is_over {
                        return Ok(());
                    }
                }
                Piece::Close { name: "sheetData" }
                | Piece::Open {
                    name: "sheetData",
                    is_empty: true,
                    ..
                } => return Ok(()),
                Piece::End => return Err(self.broken(notes, "лист обрывается")),
                Piece::Broken => return Err(self.broken(notes, "разметка листа нарушена")),
                Piece::Open { .. } | Piece::Close { .. } | Piece::Text(_) | Piece::Raw(_) => {}
            }
        }
    }

    /// A sheet that breaks off is not read at all: half a month must not replace a whole one.
    fn broken(&self, notes: &mut Notes, found: &str) -> Refused {
        notes.add(
            Severity::Error,
            "unreadable-file",
            Place::Sheet {
                sheet_no: self.sheet_no,
                row: self.row.no,
                column: 0,
            },
            found,
            "лист целиком",
            "Файл повреждён и не загружен. Выгрузите его из журнала ещё раз.",
        );
        Refused
    }

    fn begin_row(&mut self, attributes: &str) {
        let mut no = self.row.no.saturating_add(1);
        sheet_xml::attributes(attributes, |name, value| {
            if name == "r"
                && let Ok(told) = value.parse::<i32>()
            {
                no = told.max(1);
            }
        });
        self.row.no = no;
        self.row.cells.clear();
        self.row.texts.clear();
        self.next_column = 1;
    }

    /// Column and type of a cell.
    fn cell_head(&mut self, attributes: &str, notes: &mut Notes) -> (Option<i16>, CellType) {
        let mut column = self.next_column;
        let mut kind = CellType::Number;
        sheet_xml::attributes(attributes, |name, value| match name {
            "r" => {
                let mut number = 0u32;
                for byte in value.bytes().take_while(u8::is_ascii_alphabetic).take(4) {
                    number = number * 26 + u32::from(byte.to_ascii_uppercase() - b'A' + 1);
                }
                if number > 0 {
                    column = number;
                }
            }
            "t" => {
                kind = match value {
                    "s" => CellType::Shared,
                    "inlineStr" => CellType::Inline,
                    "str" | "d" => CellType::FormulaText,
                    "b" => CellType::Bool,
                    "e" => CellType::Fault,
                    _ => CellType::Number,
                };
            }
            _ => {}
        });
        self.next_column = column.saturating_add(1);
        if column > self.limits.columns.min(16_384) {
            notes.add_counted(
                Severity::Error,
                "too-many-columns",
                Place::Sheet {
                    sheet_no: self.sheet_no,
                    row: self.row.no,
                    column: 0,
                },
                "ячейка правее последнего столбца",
                1,
                "не больше 16 384 столбцов",
                "Уберите лишние столбцы справа.",
            );
            return (None, kind);
        }
        (Some(column as i16), kind)
    }

    fn push(&mut self, column: Option<i16>, kind: SlotKind, start: u32, end: u32) {
        if let Some(column) = column {
            self.row.cells.push(Slot {
                column,
                kind,
                start,
                end,
            });
        }
    }

    /// Reads up to `</c>`.
    fn cell_body(
        &mut self,
        column: Option<i16>,
        kind: CellType,
        notes: &mut Notes,
    ) -> Result<(), Refused> {
        let start = self.row.texts.len();
        let (mut in_value, mut has_value, mut is_phonetic) = (false, false, false);
        loop {
            match self.xml.next() {
                Piece::Text(text) if in_value => sheet_xml::push_text(text, &mut self.row.texts),
                Piece::Raw(text) if in_value => self.row.texts.push_str(text),
                Piece::Open { name, is_empty, .. } => match name {
                    "v" => {
                        in_value = !is_empty;
                        has_value = true;
                    }
                    "is" => has_value = true,
                    "t" => in_value = !is_empty && !is_phonetic,
                    "rPh" => is_phonetic = !is_empty,
                    _ => {}
                },
                Piece::Close { name } => match name {
                    "c" => break,
                    "v" | "t" => in_value = false,
                    "rPh" => is_phonetic = false,
                    _ => {}
                },
                Piece::End | Piece::Broken => {
                    return Err(self.broken(notes, "лист обрывается внутри ячейки"));
                }
                Piece::Text(_) | Piece::Raw(_) => {}
            }
        }
        let mut end = self.row.texts.len();
        if end - start > self.limits.cell_bytes {
            notes.add_counted(
                Severity::Warning,
                "cell-too-long",
                Place::Sheet {
                    sheet_no: self.sheet_no,
                    row: self.row.no,
                    column: column.unwrap_or(0),
                },
                "слишком длинный текст в ячейке",
                1,
                "не больше 32 767 знаков",
                "Текст обрезан. Сократите его в журнале.",
            );
            end = start + self.limits.cell_bytes;
            while !self.row.texts.is_char_boundary(end) {
                end -= 1;
            }
            self.row.texts.truncate(end);
        }
        let slot_kind = match kind {
            CellType::Inline | CellType::FormulaText => SlotKind::Inline,
            CellType::Shared => match self.row.texts[start..end].trim().parse::<u32>() {
                Ok(index) if has_value => {
                    self.row.texts.truncate(start);
                    self.push(column, SlotKind::Shared, index, 0);
                    return Ok(());
                }
                _ => return Ok(()),
            },
            CellType::Number if has_value && end > start => SlotKind::Number,
            CellType::Number => return Ok(()),
            CellType::Bool if self.row.texts[start..end].trim() == "1" => SlotKind::True,
            CellType::Bool => SlotKind::False,
            CellType::Fault => SlotKind::Fault,
        };
        self.push(column, slot_kind, start as u32, end as u32);
        Ok(())
    }
}
