//! One cell of a result table.

use svodka_journal::Day;

/// One value. Two values are equal when they are written alike in every format.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known; never the same as zero or an empty text.
    Null,
    /// Any text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// An exact decimal: `units` / 10^`scale`.
    Decimal {
        /// The digits, signed.
        units: i128,
        /// How many of them stand after the comma.
        scale: u8,
    },
    /// A binary fraction; NaN and infinities are written as nothing.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A calendar day.
    Date(Day),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
}

impl Value {
    /// True for [`Value::Null`] and for a float that is no finite number.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Float(number) => !number.is_finite(),
            Value::Text(_)
            | Value::Int(_)
            | Value::Decimal { .. }
            | Value::Bool(_)
            | Value::Date(_)
            | Value::Timestamp(_) => false,
        }
    }

    /// The value as a finite number, for charts and comparisons.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(*number as f64),
            Value::Decimal { units, scale } => Some(*units as f64 / 10_f64.powi(i32::from(*scale))),
            Value::Float(number) => number.is_finite().then_some(*number),
            Value::Null
            | Value::Text(_)
            | Value::Bool(_)
            | Value::Date(_)
            | Value::Timestamp(_) => None,
        }
    }

    /// The value as a whole number, if it is one.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The day, if it is one.
    #[must_use]
    pub const fn as_day(&self) -> Option<Day> {
        match self {
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Float(number)
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Value {
        Value::Date(day)
    }
}
