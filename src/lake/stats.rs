//! Smallest and largest value of a column, as numbers here and as DuckLake's text in the catalog.

use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use std::sync::Arc;
use svodka_journal::Day;
use svodka_journal::contract::{ColumnKind, TableContract};

/// One end of a column's range.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatValue {
    /// Integers and ids as they are, dates as days since 1970-01-01, instants as µs in UTC, hours
    /// in hundredths, false 0 and true 1.
    Int(i64),
    Text(Arc<str>),
}

/// What is known of one column of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnStats {
    pub null_count: i64,
    /// None when all values are null, or when the range is not kept (long texts).
    pub min: Option<StatValue>,
    pub max: Option<StatValue>,
}

impl ColumnStats {
    /// Both ends as integers, if the column has integer ends.
    #[must_use]
    pub fn int_range(&self) -> Option<(i64, i64)> {
        match (&self.min, &self.max) {
            (Some(StatValue::Int(min)), Some(StatValue::Int(max))) => Some((*min, *max)),
            _ => None,
        }
    }

    /// Grows this range so that it covers `other` too. `is_first`: there was nothing before.
    pub(crate) fn widen(&mut self, other: &ColumnStats, rows: i64, is_first: bool) {
        self.null_count += other.null_count;
        let other_is_all_null = other.null_count >= rows;
        if is_first {
            self.min.clone_from(&other.min);
            self.max.clone_from(&other.max);
            return;
        }
        if other_is_all_null {
            return;
        }
        // A range that is not known stays unknown: guessing would hide rows from a reader.
        self.min = match (self.min.take(), other.min.clone()) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            _ => None,
        };
        self.max = match (self.max.take(), other.max.clone()) {
            (Some(mine), Some(theirs)) => Some(mine.max(theirs)),
            _ => None,
        };
    }
}

/// Statistics of every column of a written file, and the compressed bytes each takes.
pub(crate) fn of_file(
    table: &TableContract,
    metadata: &ParquetMetaData,
) -> (Vec<ColumnStats>, Vec<i64>) {
    let mut stats = vec![ColumnStats::default(); table.columns.len()];
    let mut bytes = vec![0; table.columns.len()];
    let mut has_values = vec![false; table.columns.len()];
    for group in metadata.row_groups() {
        for (at, chunk) in group.columns().iter().enumerate() {
            bytes[at] += chunk.compressed_size();
            let found = chunk.statistics().map(of_chunk).unwrap_or_default();
            let is_all_null = found.null_count >= group.num_rows();
            if is_all_null {
                stats[at].null_count += found.null_count;
            } else {
                stats[at].widen(&found, group.num_rows(), !has_values[at]);
                has_values[at] = true;
            }
        }
    }
    (stats, bytes)
}

fn of_chunk(statistics: &Statistics) -> ColumnStats {
    let int = |value: Option<i64>| value.map(StatValue::Int);
    let (min, max) = match statistics {
        Statistics::Boolean(values) => (
            int(values.min_opt().map(|&value| i64::from(value))),
            int(values.max_opt().map(|&value| i64::from(value))),
        ),
        Statistics::Int32(values) => (
            int(values.min_opt().map(|&value| i64::from(value))),
            int(values.max_opt().map(|&value| i64::from(value))),
        ),
        Statistics::Int64(values) => (
            int(values.min_opt().copied()),
            int(values.max_opt().copied()),
        ),
        Statistics::ByteArray(values) => {
            let text = |bytes: Option<&[u8]>, is_exact: bool| {
                bytes
                    .filter(|_| is_exact)
                    .and_then(|bytes| std::str::from_utf8(bytes).ok())
                    .map(|text| StatValue::Text(text.into()))
            };
            (
                text(values.min_bytes_opt(), values.min_is_exact()),
                text(values.max_bytes_opt(), values.max_is_exact()),
            )
        }
        Statistics::Int96(_)
        | Statistics::Float(_)
        | Statistics::Double(_)
        | Statistics::FixedLenByteArray(_) => (None, None),
    };
    ColumnStats {
        null_count: statistics.null_count_opt().map_or(0, |count| count as i64),
        min,
        max,
    }
}

/// The range of one integer column chunk, if it is known.
pub(crate) fn chunk_range(statistics: &Statistics) -> Option<(i64, i64)> {
    of_chunk(statistics).int_range()
}

/// A value as DuckLake writes it in the catalog.
pub(crate) fn to_text(kind: ColumnKind, value: &StatValue) -> String {
    match (kind, value) {
        (_, StatValue::Text(text)) => text.to_string(),
        (ColumnKind::Date, StatValue::Int(days)) => {
            Day(i32::try_from(*days).unwrap_or(i32::MAX)).to_string()
        }
        (ColumnKind::Timestamp, StatValue::Int(micros)) => instant_text(*micros),
        (ColumnKind::Hours, StatValue::Int(units)) => {
            let sign = if *units < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", units.abs() / 100, units.abs() % 100)
        }
        (_, StatValue::Int(number)) => number.to_string(),
    }
}

/// The value that DuckLake's text stands for; none for a text that is no such value.
pub(crate) fn from_text(kind: ColumnKind, text: &str) -> Option<StatValue> {
    let number = match kind {
        ColumnKind::Enum | ColumnKind::Code | ColumnKind::Text => {
            return Some(StatValue::Text(text.into()));
        }
        ColumnKind::Date => i64::from(Day::parse_iso(text).ok()?.0),
        ColumnKind::Timestamp => parse_instant(text)?,
        ColumnKind::Hours => {
            let (whole, cents) = text.split_once('.')?;
            let units = whole.parse::<i64>().ok()?.abs() * 100 + cents.parse::<i64>().ok()?;
            if whole.starts_with('-') {
                -units
            } else {
                units
            }
        }
        ColumnKind::Bool => match text {
            "1" | "true" => 1,
            "0" | "false" => 0,
            _ => return None,
        },
        ColumnKind::Int8
        | ColumnKind::Int16
        | ColumnKind::Int32
        | ColumnKind::Int64
        | ColumnKind::PersonId => text.parse().ok()?,
    };
    Some(StatValue::Int(number))
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// An instant as DuckDB prints it: `2025-10-05 06:12:00.25+00`.
pub(crate) fn instant_text(micros: i64) -> String {
    let day = Day(i32::try_from(micros.div_euclid(DAY)).unwrap_or(i32::MAX));
    let in_day = micros.rem_euclid(DAY);
    let seconds = in_day / SECOND;
    let mut text = format!(
        "{day} {:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let fraction = in_day % SECOND;
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push_str("+00");
    text
}

fn parse_instant(text: &str) -> Option<i64> {
    let text = text.strip_suffix("+00")?;
    let (day, time) = text.split_once(' ')?;
    let day = Day::parse_iso(day).ok()?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let fraction: i64 = if fraction.is_empty() {
        0
    } else {
        format!("{fraction:0<6}").get(..6)?.parse().ok()?
    };
    Some(i64::from(day.0) * DAY + ((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction)
}
