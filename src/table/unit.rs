//! What a column means, which decides how its values are written.

use serde::{Deserialize, Serialize};

/// The meaning of a column's values. The words in query headers are the variants in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A key for links, written without grouping.
    Id,
    /// Plain text.
    Text,
    /// A number of things, whole.
    Count,
    /// Academic hours.
    Hours,
    /// A part of a whole from 0 to 1, written in percent.
    Share,
    /// A difference of two shares (0.021 is 2,1 п. п.), always signed.
    Points,
    /// Any other number.
    Number,
    /// A calendar day.
    Date,
    /// A month as an integer, year × 100 + month.
    Month,
    /// A day of the week, Monday 1 … Sunday 7.
    Weekday,
    /// An instant.
    Timestamp,
    /// Yes or no.
    Bool,
    /// A person, the id already replaced by a text.
    Person,
    /// The source cell of a row, as text.
    Source,
}

impl Unit {
    /// Every unit, in the order of the documentation.
    pub const ALL: [Unit; 14] = [
        Unit::Id,
        Unit::Text,
        Unit::Count,
        Unit::Hours,
        Unit::Share,
        Unit::Points,
        Unit::Number,
        Unit::Date,
        Unit::Month,
        Unit::Weekday,
        Unit::Timestamp,
        Unit::Bool,
        Unit::Person,
        Unit::Source,
    ];

    /// The word of the unit in query headers, in the API and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Id => "id",
            Unit::Text => "text",
            Unit::Count => "count",
            Unit::Hours => "hours",
            Unit::Share => "share",
            Unit::Points => "points",
            Unit::Number => "number",
            Unit::Date => "date",
            Unit::Month => "month",
            Unit::Weekday => "weekday",
            Unit::Timestamp => "timestamp",
            Unit::Bool => "bool",
            Unit::Person => "person",
            Unit::Source => "source",
        }
    }

    /// The unit with that word, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.word() == word)
    }

    /// True where values are compared by size and therefore stand right-aligned.
    #[must_use]
    pub const fn is_numeric(self) -> bool {
        match self {
            Unit::Count | Unit::Hours | Unit::Share | Unit::Points | Unit::Number => true,
            Unit::Id
            | Unit::Text
            | Unit::Date
            | Unit::Month
            | Unit::Weekday
            | Unit::Timestamp
            | Unit::Bool
            | Unit::Person
            | Unit::Source => false,
        }
    }

    /// What stands after a number of this unit, or empty.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Unit::Hours => "ч",
            Unit::Share => "%",
            Unit::Points => "п. п.",
            Unit::Id
            | Unit::Text
            | Unit::Count
            | Unit::Number
            | Unit::Date
            | Unit::Month
            | Unit::Weekday
            | Unit::Timestamp
            | Unit::Bool
            | Unit::Person
            | Unit::Source => "",
        }
    }
}
