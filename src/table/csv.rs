//! Tables as CSV (RFC 4180) that no spreadsheet mistakes for formulas.
//!
//! Quirk: a text that a spreadsheet would run (`=1+1`, `@SUM`, `+7…`, a leading tab, their
//! full-width twins) gets an apostrophe before it. Numbers keep their minus.

use crate::{MOSCOW_MINUTES, Table, Value, format_day, format_timestamp};
use std::io::{self, Write};

/// Whom the heads and dates are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvWords {
    /// Column names, ISO dates, `true` and `false`.
    Machine,
    /// Column titles, dd.mm.yyyy, «да» and «нет».
    People,
}

/// How a CSV is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvStyle {
    /// Start with a byte order mark: spreadsheets need it to see UTF-8, scripts stumble over it.
    pub bom: bool,
    /// An ASCII character between the fields.
    pub delimiter: u8,
    /// 14,5 in place of 14.5.
    pub decimal_comma: bool,
    /// Whom the heads and dates are for.
    pub words: CsvWords,
}

impl CsvStyle {
    /// For programs: the API and the command line.
    pub const API: CsvStyle = CsvStyle {
        bom: false,
        delimiter: b',',
        decimal_comma: false,
        words: CsvWords::Machine,
    };
    /// For the download button: opens right in a Russian spreadsheet.
    pub const BROWSER: CsvStyle = CsvStyle {
        bom: true,
        delimiter: b';',
        decimal_comma: true,
        words: CsvWords::People,
    };
}

/// Writes the head and all rows; lines end with CR LF as RFC 4180 wants.
pub fn write(table: &Table, style: CsvStyle, out: &mut impl Write) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(1 << 16);
    if style.bom {
        buffer.extend_from_slice("\u{feff}".as_bytes());
    }
    for (place, column) in table.columns.iter().enumerate() {
        if place > 0 {
            buffer.push(style.delimiter);
        }
        let head = match style.words {
            CsvWords::Machine => &column.name,
            CsvWords::People => &column.title,
        };
        push_text(&mut buffer, head, style.delimiter);
    }
    buffer.extend_from_slice(b"\r\n");
    for row in &table.rows {
        for (place, value) in row.iter().enumerate() {
            if place > 0 {
                buffer.push(style.delimiter);
            }
            push_value(&mut buffer, value, style)?;
        }
        buffer.extend_from_slice(b"\r\n");
        if buffer.len() >= 1 << 16 {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)
}

fn push_value(buffer: &mut Vec<u8>, value: &Value, style: CsvStyle) -> io::Result<()> {
    if value.is_null() {
        return Ok(());
    }
    let people = style.words == CsvWords::People;
    let start = buffer.len();
    match value {
        Value::Null => {}
        Value::Text(text) => push_text(buffer, text, style.delimiter),
        Value::Int(number) => write!(buffer, "{number}")?,
        Value::Decimal { units, scale } => {
            buffer.extend_from_slice(decimal_text(*units, *scale).as_bytes());
        }
        Value::Float(number) => write!(buffer, "{number}")?,
        Value::Bool(flag) => buffer.extend_from_slice(
            match (flag, people) {
                (true, true) => "да",
                (false, true) => "нет",
                (true, false) => "true",
                (false, false) => "false",
            }
            .as_bytes(),
        ),
        Value::Date(day) if people => buffer.extend_from_slice(format_day(*day).as_bytes()),
        Value::Date(day) => write!(buffer, "{day}")?,
        Value::Timestamp(micros) if people => {
            buffer.extend_from_slice(format_timestamp(*micros, MOSCOW_MINUTES).as_bytes());
        }
        Value::Timestamp(micros) => {
            buffer.extend_from_slice(iso_timestamp(*micros).as_bytes());
        }
    }
    let is_fraction = matches!(value, Value::Decimal { .. } | Value::Float(_));
    if is_fraction && style.decimal_comma {
        for byte in &mut buffer[start..] {
            if *byte == b'.' {
                *byte = b',';
            }
        }
    }
    // A decimal comma between commas must be quoted.
    if !matches!(value, Value::Text(_)) && buffer[start..].contains(&style.delimiter) {
        buffer.insert(start, b'"');
        buffer.push(b'"');
    }
    Ok(())
}

fn push_text(buffer: &mut Vec<u8>, text: &str, delimiter: u8) {
    let guarded = is_formula(text);
    let quoted = guarded
        || text
            .bytes()
            .any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
    if !quoted {
        buffer.extend_from_slice(text.as_bytes());
        return;
    }
    buffer.push(b'"');
    if guarded {
        buffer.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            buffer.push(b'"');
        }
        buffer.push(byte);
    }
    buffer.push(b'"');
}

/// True where a spreadsheet would run the text. A plain negative number is none.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    match text.chars().next() {
        Some('-') => !is_plain_number(&text[1..]),
        Some('=' | '+' | '@' | '\t' | '\r' | '\n') => true,
        // Full-width twins of = + - @, which some spreadsheets fold to the plain ones.
        Some('\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}') => true,
        _ => false,
    }
}

fn is_plain_number(text: &str) -> bool {
    let mut parts = text.splitn(2, ['.', ',']);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_digits) && parts.next().is_none_or(is_digits)
}

/// An exact decimal with a point, as programs read it: `-14.50`.
pub(crate) fn decimal_text(units: i128, scale: u8) -> String {
    let digits = units.unsigned_abs().to_string();
    let scale = usize::from(scale);
    let sign = if units < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// An instant as programs read it: `2025-11-05T03:12:00Z`, with a fraction only where there is one.
pub(crate) fn iso_timestamp(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let fraction = micros.rem_euclid(1_000_000);
    let Ok(day) = i32::try_from(seconds.div_euclid(86_400)) else {
        return String::new();
    };
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let day = svodka_journal::Day(day);
    if fraction == 0 {
        format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
    } else {
        format!("{day}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
    }
}
