//! A long file as delimited text: header search, then parts read side by side.

use super::attendance::{JournalRows, NotUtf8};
use super::header::{self, HeaderSearch, Preamble};
use super::rows::RowOptions;
use super::{Gatherer, HEADER_ROWS};
use crate::container::Refused;
use crate::delimited::{Record, count_lines, read_record, split_points};
use crate::export::{Engine, Export};
use crate::notes::{Notes, Place};

/// Texts below this size are read in one part.
const SMALL_TEXT: usize = 1 << 20;

/// Threads that read one text.
const LARGEST_PARTS: usize = 4;

/// Why a text gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// The finding is noted.
    Refused,
    /// No header of a long file.
    NoHeader,
    NotUtf8,
}

impl From<Refused> for TextFault {
    fn from(_: Refused) -> TextFault {
        TextFault::Refused
    }
}

impl From<NotUtf8> for TextFault {
    fn from(_: NotUtf8) -> TextFault {
        TextFault::NotUtf8
    }
}

/// The first lines, as far as they are text.
pub(crate) fn first_lines(text: &[u8]) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.split(|&byte| byte == b'\n').take(HEADER_ROWS) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > 1 << 16 {
            break;
        }
        match std::str::from_utf8(line) {
            Ok(line) => lines.push(line),
            Err(_) => break,
        }
    }
    lines
}

/// Reads the whole text.
pub(crate) fn read_text(
    text: &[u8],
    title: &str,
    options: &RowOptions,
    notes: &mut Notes,
) -> Result<Export, TextFault> {
    let lines = first_lines(text);
    let (line, delimiter, found) = match header::find_header(&lines) {
        HeaderSearch::Found {
            line,
            delimiter,
            header,
        } => (line, delimiter, header),
        HeaderSearch::Unclear { line, missing } => {
            header::note_unclear(
                notes,
                Place::Line {
                    row: line as i32 + 1,
                    column: 0,
                },
                &missing,
            );
            return Err(TextFault::Refused);
        }
        HeaderSearch::None => return Err(TextFault::NoHeader),
    };
    let mut preamble = Preamble::default();
    for above in &lines[..line] {
        // Title rows of a saved sheet end in empty fields.
        preamble.take_line(above.trim_end_matches(delimiter as char));
    }
    header::note_columns(&found, notes, |column| Place::Line {
        row: line as i32 + 1,
        column,
    });
    let start = memchr::memchr_iter(b'\n', text)
        .nth(line)
        .map_or(text.len(), |end| end + 1);
    let data = &text[start..];
    let first_line = line as i32 + 2;
    let exported_on = preamble
        .exported_at
        .or(options.exported_at)
        .map(crate::moments::day_of);
    let mut gatherer = Gatherer::new(&found, &preamble, exported_on);
    match &mut gatherer {
        Gatherer::Journal(rows) => read_parts(
            rows,
            data,
            delimiter,
            first_line,
            || JournalRows::new(&found, &preamble),
            notes,
        )?,
        Gatherer::Small(rows) => {
            let mut record = Record::default();
            let (mut position, mut line) = (0, first_line);
            while position < data.len() {
                let start = position;
                record.clear();
                position = read_record(data, position, delimiter, &mut record);
                let lines = if record.has_quotes() {
                    count_lines(&data[start..position]).max(1)
                } else {
                    1
                };
                let mut texts = Vec::with_capacity(record.len());
                for index in 0..record.len() {
                    texts.push(
                        std::str::from_utf8(record.field(data, index))
                            .map_err(|_| TextFault::NotUtf8)?,
                    );
                }
                if texts.iter().any(|text| !text.trim().is_empty())
                    && rows.check_width(&texts, line, notes)
                {
                    rows.record(
                        &found,
                        |index| texts.get(index).copied().unwrap_or(""),
                        1,
                        line,
                        false,
                        notes,
                    );
                }
                line += lines;
            }
        }
    }
    let content = gatherer.finish(&preamble, notes, false);
    Ok(Export {
        engine: Engine::Long,
        sheets: vec![title.to_owned()],
        exported_at: preamble.exported_at,
        content,
    })
}

/// Reads parts of the text on threads of their own and puts them together in order.
fn read_parts(
    rows: &mut JournalRows,
    data: &[u8],
    delimiter: u8,
    first_line: i32,
    more: impl Fn() -> JournalRows + Sync,
    notes: &mut Notes,
) -> Result<(), TextFault> {
    let cores = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(LARGEST_PARTS);
    if data.len() < SMALL_TEXT || cores == 1 {
        return Ok(rows.read_part(data, delimiter, first_line, notes)?);
    }
    let points = split_points(data, cores);
    let parts: Vec<&[u8]> = points
        .windows(2)
        .map(|ends| &data[ends[0]..ends[1]])
        .collect();
    let Some((first, others)) = parts.split_first() else {
        return Ok(());
    };
    let more = &more;
    std::thread::scope(|scope| {
        let workers: Vec<_> = others
            .iter()
            .map(|part| {
                scope.spawn(move || {
                    let mut rows = more();
                    let mut notes = Notes::new();
                    rows.read_part(part, delimiter, 0, &mut notes)
                        .map(|()| (rows, notes, count_lines(part)))
                })
            })
            .collect();
        let own = rows.read_part(first, delimiter, first_line, notes);
        let mut line = first_line + count_lines(first);
        let mut fault = own.err();
        for worker in workers {
            match worker.join() {
                Ok(Ok((part, part_notes, lines))) => {
                    if fault.is_none() {
                        rows.absorb(part, line);
                        notes.absorb(part_notes, line);
                    }
                    line += lines;
                }
                Ok(Err(other)) => fault = Some(other),
                // A panic of a reader is met where all readers are called.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match fault {
            Some(fault) => Err(TextFault::from(fault)),
            None => Ok(()),
        }
    })
}
