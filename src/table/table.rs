//! A result table and what it stands on.

use crate::format::{MOSCOW_MINUTES, format_timestamp};
use crate::{Unit, Value};
use serde::{Deserialize, Serialize};

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name in SQL, in the API and in dashboards.
    pub name: String,
    /// The head a person reads, Russian.
    pub title: String,
    /// What the values mean.
    pub unit: Unit,
    /// How the number comes about, or empty.
    pub meaning: String,
}

impl Column {
    /// A column without an explanation.
    #[must_use]
    pub fn new(name: &str, title: &str, unit: Unit) -> Column {
        Column {
            name: name.to_owned(),
            title: title.to_owned(),
            unit,
            meaning: String::new(),
        }
    }

    /// The head with the unit in it: «Посещаемость, %».
    #[must_use]
    pub fn head(&self) -> String {
        let suffix = self.unit.suffix();
        // «Часов по программе» already names its unit.
        let says_hours = self.unit == Unit::Hours && self.title.to_lowercase().contains("час");
        if suffix.is_empty() || says_hours || self.title.ends_with(suffix) {
            self.title.clone()
        } else {
            format!("{}, {suffix}", self.title)
        }
    }
}

/// A result: columns and rows of as many values each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, top to bottom; each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Where the column of that name stands.
    #[must_use]
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The value of a row by column name.
    #[must_use]
    pub fn value(&self, row: usize, name: &str) -> Option<&Value> {
        self.rows.get(row)?.get(self.column_index(name)?)
    }

    /// The values of one column from top to bottom.
    pub fn column_values(&self, column: usize) -> impl Iterator<Item = &Value> {
        self.rows.iter().filter_map(move |row| row.get(column))
    }
}

/// What a table answers and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// The report's name, as in the API.
    pub report: String,
    /// The report's title, Russian.
    pub title: String,
    /// The snapshot of the lake it was computed on.
    pub snapshot_id: i64,
    /// When the newest export in that snapshot was written, in microseconds UTC.
    pub data_as_of: Option<i64>,
    /// The parameters in the order of the report, as text.
    pub parameters: Vec<(String, String)>,
}

impl Meta {
    /// The stamp of every page and print: «данные на 05.11.2025 06:12, снимок 7».
    #[must_use]
    pub fn stamp(&self) -> String {
        match self.data_as_of {
            Some(micros) => format!(
                "данные на {}, снимок {}",
                format_timestamp(micros, MOSCOW_MINUTES),
                self.snapshot_id
            ),
            None => format!("снимок {}", self.snapshot_id),
        }
    }
}
