//! Answer sentences: text with numbers of a row in it.
//!
//! * `{column}`: the value by the unit of its column; `{column:share}`: by another unit;
//! * `{column:plural:занятие|занятия|занятий}`: the number with the fitting word form;
//! * `{column:change:выше|ниже}`: size and direction of a difference, «2,1 п. п. ниже»;
//! * `{low:to:high}`: two bounds with one unit, «87,1–87,9 %»; nothing where both are written alike;
//! * `[ … ]`: left out when any value inside is NULL or zero as written.

use crate::header::is_name;
use svodka_table::{Table, Unit, Value, format_cell, format_range, format_value, plural};

/// A parsed sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    pub pieces: Vec<Piece>,
}

/// One part of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(String),
    Value {
        column: String,
        format: Format,
    },
    /// Left out when a value inside is NULL or zero.
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
    /// More, less.
    Change([String; 2]),
    /// From the value to that of this column.
    Range(String),
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
                    Piece::Value { column, format } => {
                        names.push(column);
                        if let Format::Range(high) = format {
                            names.push(high);
                        }
                    }
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

    /// Whether every value that cannot be left out is there.
    #[must_use]
    pub fn is_told(&self, table: &Table, row: usize) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Text(_) | Piece::Optional(_) => true,
            Piece::Value { column, .. } => table
                .value(row, column)
                .is_some_and(|value| !value.is_null()),
        })
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
    is_outermost: bool,
    mistakes: &mut Vec<(usize, String)>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}', '[', ']']) {
        let offset = base + (text.len() - rest.len()) + at;
        let (before, from) = rest.split_at(at);
        push_text(&mut pieces, before);
        let length = if from.starts_with('[') && is_outermost {
            let Some(length) = from.find(']') else {
                mistakes.push((offset, "\"[\" is never closed by \"]\"".to_owned()));
                return pieces;
            };
            let known = mistakes.len();
            let inner = read_pieces(&from[1..length], offset + 1, false, mistakes);
            if mistakes.len() == known && inner.iter().all(|piece| matches!(piece, Piece::Text(_)))
            {
                mistakes.push((offset, "\"[…]\" holds no {column}".to_owned()));
            }
            pieces.push(Piece::Optional(inner));
            length
        } else if from.starts_with('{') {
            let Some(length) = from.find('}') else {
                mistakes.push((offset, "\"{\" is never closed by \"}\"".to_owned()));
                return pieces;
            };
            match read_value(&from[1..length]) {
                Ok(piece) => pieces.push(piece),
                Err(message) => mistakes.push((offset, message)),
            }
            length
        } else {
            mistakes.push((offset, format!("\"{}\" stands alone", &from[..1])));
            0
        };
        rest = &from[length + 1..];
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
                Some(("plural", words)) => Format::Plural(forms(words, "plural")?),
                Some(("change", words)) => Format::Change(forms(words, "change")?),
                Some(("to", column)) => Format::Range(column.trim().to_owned()),
                _ => Format::Unit(Unit::from_word(format).ok_or_else(|| {
                    format!(
                        "\"{format}\" is no format; expected a unit (share, count, hours, date, …), plural:one|few|many, change:more|less or to:column"
                    )
                })?),
            };
            (column, format)
        }
    };
    if !is_name(column.trim()) {
        return Err(format!("\"{column}\" is no column name"));
    }
    Ok(Piece::Value {
        column: column.trim().to_owned(),
        format,
    })
}

fn forms<const N: usize>(words: &str, name: &str) -> Result<[String; N], String> {
    let parts: Vec<String> = words.split('|').map(str::to_owned).collect();
    <[String; N]>::try_from(parts).map_err(|parts| {
        format!(
            "{name} takes {N} forms separated by |, found {}",
            parts.len()
        )
    })
}

/// Returns false when a NULL or a zero was met.
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
                let text = match format {
                    Format::Range(high) => {
                        let high = table.value(row, high).unwrap_or(&Value::Null);
                        let is_span = format_cell(value, &unit) != format_cell(high, &unit);
                        is_complete &= is_span && !value.is_null() && !high.is_null();
                        format_range(value, high, &unit)
                    }
                    Format::Own | Format::Unit(_) | Format::Plural(_) | Format::Change(_) => {
                        is_complete &= !is_nothing(value, shown_unit(unit, format));
                        write_value(value, unit, format)
                    }
                };
                words.push(Words {
                    text,
                    is_value: true,
                });
            }
        }
    }
    is_complete
}

const fn shown_unit(own: Unit, format: &Format) -> Unit {
    match format {
        Format::Unit(unit) => *unit,
        Format::Own | Format::Plural(_) | Format::Change(_) | Format::Range(_) => own,
    }
}

/// NULL, an empty text, or a number that is written like zero.
fn is_nothing(value: &Value, unit: Unit) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Bool(_) | Value::Date(_) | Value::Timestamp(_) => false,
        Value::Null | Value::Int(_) | Value::Decimal { .. } | Value::Float(_) => {
            value.is_null()
                || (unit.is_numeric()
                    && format_value(&size(value), &unit) == format_value(&zero_like(value), &unit))
        }
    }
}

fn write_value(value: &Value, own: Unit, format: &Format) -> String {
    let unit = shown_unit(own, format);
    match format {
        Format::Own | Format::Unit(_) | Format::Range(_) => format_value(value, &unit),
        Format::Plural([one, few, many]) => {
            let number = value.as_i64().unwrap_or_default();
            format!(
                "{}\u{a0}{}",
                format_value(value, &unit),
                plural(number, one, few, many)
            )
        }
        Format::Change([more, less]) => {
            let is_less = value.as_f64().is_some_and(|number| number < 0.0);
            // Differences are written with a sign; here the word tells the direction.
            let text = format_value(&size(value), &unit);
            let text = text.trim_start_matches(['+', '-', '\u{2212}']);
            format!("{text} {}", if is_less { less } else { more })
        }
    }
}

/// The value without its sign.
fn size(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Int(number.saturating_abs()),
        Value::Float(number) => Value::Float(number.abs()),
        Value::Decimal { units, scale } => Value::Decimal {
            units: units.saturating_abs(),
            scale: *scale,
        },
        other => other.clone(),
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
