//! Splits delimited text into records over memory, without copying plain fields.

use memchr::{memchr, memchr2};

/// One record; fields lie in the text or, where quotes were doubled, in a scratch buffer.
#[derive(Debug, Default)]
pub(crate) struct Record {
    fields: Vec<Span>,
    scratch: Vec<u8>,
}

/// Where a field lies.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// First byte in the text, quote included.
    raw_start: usize,
    start: usize,
    end: usize,
    is_scratch: bool,
}

impl Record {
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The field, unquoted; empty where the record has no such field.
    pub fn field<'a>(&'a self, data: &'a [u8], index: usize) -> &'a [u8] {
        match self.fields.get(index) {
            Some(span) if span.is_scratch => &self.scratch[span.start..span.end],
            Some(span) => &data[span.start..span.end],
            None => &[],
        }
    }

    /// Where the field lies in the text, if it lies there as is.
    pub fn plain_range(&self, index: usize) -> Option<(usize, usize)> {
        match self.fields.get(index) {
            Some(span) if !span.is_scratch => Some((span.start, span.end)),
            _ => None,
        }
    }

    /// Where the field begins in the text, its quote included.
    pub fn raw_start(&self, index: usize) -> Option<usize> {
        self.fields.get(index).map(|span| span.raw_start)
    }

    /// Whether a field was quoted: only then a record can span several lines.
    pub fn has_quotes(&self) -> bool {
        self.fields.iter().any(|span| span.is_scratch)
    }

    pub fn clear(&mut self) {
        self.fields.clear();
        self.scratch.clear();
    }
}

/// What ended a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldEnd {
    Delimiter,
    Line,
}

/// Reads one field at `position` into `record`; returns the position after what ended it.
#[inline]
pub(crate) fn read_field(
    data: &[u8],
    position: usize,
    delimiter: u8,
    record: &mut Record,
) -> (usize, FieldEnd) {
    if data.get(position) == Some(&b'"') {
        return read_quoted(data, position, delimiter, record);
    }
    let rest = &data[position..];
    match memchr2(delimiter, b'\n', rest) {
        Some(length) if rest[length] == delimiter => {
            record.fields.push(Span {
                raw_start: position,
                start: position,
                end: position + length,
                is_scratch: false,
            });
            (position + length + 1, FieldEnd::Delimiter)
        }
        found => {
            let length = found.unwrap_or(rest.len());
            let end = position + length;
            let text_end = if length > 0 && data[end - 1] == b'\r' {
                end - 1
            } else {
                end
            };
            record.fields.push(Span {
                raw_start: position,
                start: position,
                end: text_end,
                is_scratch: false,
            });
            ((end + 1).min(data.len()), FieldEnd::Line)
        }
    }
}

/// Reads a field that begins with a quote. A quote that is never closed ends with the text.
#[cold]
fn read_quoted(
    data: &[u8],
    position: usize,
    delimiter: u8,
    record: &mut Record,
) -> (usize, FieldEnd) {
    let scratch_start = record.scratch.len();
    let mut cursor = position + 1;
    loop {
        let Some(length) = memchr(b'"', &data[cursor..]) else {
            record.scratch.extend_from_slice(&data[cursor..]);
            cursor = data.len();
            break;
        };
        record
            .scratch
            .extend_from_slice(&data[cursor..cursor + length]);
        cursor += length + 1;
        if data.get(cursor) == Some(&b'"') {
            record.scratch.push(b'"');
            cursor += 1;
            continue;
        }
        break;
    }
    // What stands between the closing quote and the delimiter belongs to the field as well.
    let rest = &data[cursor..];
    let length = memchr2(delimiter, b'\n', rest).unwrap_or(rest.len());
    let tail = &rest[..length];
    record
        .scratch
        .extend_from_slice(tail.strip_suffix(b"\r").unwrap_or(tail));
    let span = Span {
        raw_start: position,
        start: scratch_start,
        end: record.scratch.len(),
        is_scratch: true,
    };
    record.fields.push(span);
    let end = cursor + length;
    if data.get(end) == Some(&delimiter) {
        (end + 1, FieldEnd::Delimiter)
    } else {
        ((end + 1).min(data.len()), FieldEnd::Line)
    }
}

/// Reads the rest of the record at `position`; returns the position of the next one.
#[inline]
pub(crate) fn read_record(
    data: &[u8],
    mut position: usize,
    delimiter: u8,
    record: &mut Record,
) -> usize {
    loop {
        let (next, end) = read_field(data, position, delimiter, record);
        position = next;
        if end == FieldEnd::Line {
            return position;
        }
    }
}

/// Line breaks in the bytes.
pub(crate) fn count_lines(data: &[u8]) -> i32 {
    memchr::memchr_iter(b'\n', data).count() as i32
}

/// Divides the text into about `parts` parts at line ends outside quotes.
pub(crate) fn split_points(data: &[u8], parts: usize) -> Vec<usize> {
    let mut points = vec![0];
    let mut counted_to = 0;
    let mut quotes = 0usize;
    for part in 1..parts {
        let mut position = data.len() / parts * part;
        if position <= *points.last().unwrap_or(&0) {
            continue;
        }
        loop {
            let Some(length) = memchr(b'\n', &data[position..]) else {
                position = data.len();
                break;
            };
            position += length + 1;
            quotes += memchr::memchr_iter(b'"', &data[counted_to..position]).count();
            counted_to = position;
            if quotes % 2 == 0 {
                break;
            }
        }
        if position >= data.len() {
            break;
        }
        points.push(position);
    }
    points.push(data.len());
    points
}
