//! Answer sentences: text with numbers of a row in it.
//!
//! * `{column}`: the value by the unit of its column; `{column:share}`: by another unit;
//! * `{column:plural:занятие|занятия|занятий}`: the number with the fitting word form;
//! * `{column:change:выше|ниже|как раньше}`: «на 2,1 п. п. ниже», or the third words for no change;
//! * `[[ … ]]`: left out when any value inside is NULL.

use crate::header::unit_called;
use svodka_table::{Table, Unit, Value, format_value, plural};

/// A parsed sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    pub pieces: Vec<Piece>,
}

/// One part of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(String),
    Value { column: String, format: Format },
    /// Left out when a value inside is NULL.
    Optional(Vec<Piece>),
}

/// How a value is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    /// By the unit of its column.
    Own,
    Unit(Unit),
    /// One, few, many.
    Plural([String; 3]),
    /// More, less, the same.
    Change([String; 3]),
}

/// One run of a finished sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub text: String,
    /// A number of the row: pages set it in bold.
    pub is_value: bool,
}

impl Template {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Reads a sentence; `Err` holds (byte offset in `text`, message) of every mistake.
    ///
    /// # Errors
    /// Unbalanced braces, unknown formats, a wrong number of word forms.
    pub fn parse(text: &str) -> Result<Template, Vec<(usize, String)>> {
        let mut mistakes = Vec::new();
        let pieces = read_pieces(text, 0, true, &mut mistakes);
        if mistakes.is_empty() {
            Ok(Template { pieces })
        } else {
            Err(mistakes)
        }
    }

    /// Every column named.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        fn collect<'a>(pieces: &'a [Piece], names: &mut Vec<&'a str>) {
            for piece in pieces {
                match piece {
                    Piece::Text(_) => {}
                    Piece::Value { column, .. } => names.push(column),
                    Piece::Optional(inner) => collect(inner, names),
                }
            }
        }
        let mut names = Vec::new();
        collect(&self.pieces, &mut names);
        names
    }

    /// The sentence over row `row` of `table`. Columns that the table lacks read as NULL.
    #[must_use]
    pub fn words(&self, table: &Table, row: usize) -> Vec<Words> {
        let mut words = Vec::new();
        write_pieces(&self.pieces, table, row, &mut words);
        words
    }

    /// The sentence as plain text.
    #[must_use]
    pub fn text(&self, table: &Table, row: usize) -> String {
        self.words(table, row)
            .into_iter()
            .map(|words| words.text)
            .collect()
    }
}

fn read_pieces(
    text: &str,
    base: usize,
    optional_allowed: bool,
    mistakes: &mut Vec<(usize, String)>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}', '[']) {
        let offset = base + (text.len() - rest.len()) + at;
        let (before, from) = rest.split_at(at);
        if from.starts_with("[[") && optional_allowed {
            push_text(&mut pieces, before);
            let Some(length) = from.find("]]") else {
                mistakes.push((offset, "\"[[\" is never closed by \"]]\"".to_owned()));
                return pieces;
            };
            let inner = read_pieces(&from[2..length], offset + 2, false, mistakes);
            if inner
                .iter()
                .all(|piece| matches!(piece, Piece::Text(_)))
            {
                mistakes.push((offset, "\"[[ … ]]\" holds no {column}".to_owned()));
            }
            pieces.push(Piece::Optional(inner));
            rest = &from[length + 2..];
        } else if from.starts_with('[') {
            push_text(&mut pieces, &rest[..=at]);
            rest = &rest[at + 1..];
        } else if from.starts_with('{') {
            push_text(&mut pieces, before);
            let Some(length) = from.find('}') else {
                mistakes.push((offset, "\"{\" is never closed by \"}\"".to_owned()));
                return pieces;
            };
            match read_value(&from[1..length]) {
                Ok(piece) => pieces.push(piece),
                Err(message) => mistakes.push((offset, message)),
            }
            rest = &from[length + 1..];
        } else {
            mistakes.push((offset, "\"}\" without \"{\"".to_owned()));
            rest = &from[1..];
        }
    }
    push_text(&mut pieces, rest);
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn read_value(inner: &str) -> Result<Piece, String> {
    let (column, format) = match inner.split_once(':') {
        None => (inner, Format::Own),
        Some((column, format)) => {
            let format = match format.split_once(':') {
                Some(("plural", forms)) => Format::Plural(three(forms, "plural")?),
                Some(("change", forms)) => Format::Change(three(forms, "change")?),
                _ => Format::Unit(unit_called(format).ok_or_else(|| {
                    format!(
                        "\"{format}\" is no format; expected a unit (share, count, hours, date, …), plural:one|few|many or change:more|less|same"
                    )
                })?),
            };
            (column, format)
        }
    };
    Ok(Piece::Value {
        column: column.trim().to_owned(),
        format,
    })
}

fn three(forms: &str, name: &str) -> Result<[String; 3], String> {
    let parts: Vec<String> = forms.split('|').map(str::to_owned).collect();
    <[String; 3]>::try_from(parts)
        .map_err(|parts| format!("{name} takes three forms separated by |, found {}", parts.len()))
}

/// Returns false when a NULL was met.
fn write_pieces(pieces: &[Piece], table: &Table, row: usize, words: &mut Vec<Words>) -> bool {
    let mut is_complete = true;
    for piece in pieces {
        match piece {
            Piece::Text(text) => words.push(Words {
                text: text.clone(),
                is_value: false,
            }),
            Piece::Optional(inner) => {
                let mut part = Vec::new();
                if write_pieces(inner, table, row, &mut part) {
                    words.append(&mut part);
                }
            }
            Piece::Value { column, format } => {
                let index = table
                    .columns
                    .iter()
                    .position(|candidate| candidate.name == *column);
                let unit = index.map_or(Unit::Text, |index| table.columns[index].unit);
                let value = index
                    .and_then(|index| table.rows.get(row)?.get(index))
                    .unwrap_or(&Value::Null);
                is_complete &= !matches!(value, Value::Null);
                words.push(Words {
                    text: write_value(value, unit, format),
                    is_value: true,
                });
            }
        }
    }
    is_complete
}

fn write_value(value: &Value, own: Unit, format: &Format) -> String {
    match format {
        Format::Own => format_value(value, &own),
        Format::Unit(unit) => format_value(value, unit),
        Format::Plural([one, few, many]) => {
            let number = match value {
                Value::Int(number) => *number,
                _ => 0,
            };
            format!(
                "{}\u{a0}{}",
                format_value(value, &own),
                plural(number, one, few, many)
            )
        }
        Format::Change([more, less, same]) => {
            let (is_negative, size) = match value {
                Value::Int(number) => (*number < 0, Value::Int(number.abs())),
                Value::Float(number) => (*number < 0.0, Value::Float(number.abs())),
                Value::Decimal { units, scale } => (
                    *units < 0,
                    Value::Decimal {
                        units: units.abs(),
                        scale: *scale,
                    },
                ),
                _ => return format_value(value, &own),
            };
            let text = format_value(&size, &own);
            if text == format_value(&zero_like(&size), &own) {
                same.clone()
            } else {
                format!("на\u{a0}{text} {}", if is_negative { less } else { more })
            }
        }
    }
}

fn zero_like(value: &Value) -> Value {
    match value {
        Value::Float(_) => Value::Float(0.0),
        Value::Decimal { scale, .. } => Value::Decimal {
            units: 0,
            scale: *scale,
        },
        _ => Value::Int(0),
    }
}
