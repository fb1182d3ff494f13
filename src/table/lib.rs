//! L0: a result table as plain data, and how its values are written for people and programs.
//!
//! Owns: [`Table`], [`Column`], [`Value`], [`Unit`], [`Meta`]; Russian formats of numbers, dates
//! and plural forms; the texts [`csv`], [`json`] and [`text`] (terminal).
//! Must not know: SQL, HTTP, pictures, workbooks, files, the clock.
//! When a unit is added: [`Unit::ALL`], the formats in `format.rs`, the number formats of `print`
//! and the query headers that `catalog` reads follow.

pub mod csv;
mod format;
pub mod json;
mod table;
pub mod text;
mod unit;
mod value;

pub use format::{
    ColumnFormat, MINUS, MONTHS, MONTHS_OF, MONTHS_SHORT, MOSCOW_MINUTES, NO_BREAK_SPACE, NOTHING,
    WEEKDAYS, WEEKDAYS_SHORT, format_cell, format_day, format_day_long, format_month,
    format_number, format_range, format_timestamp, format_value, plural,
};
pub use table::{Column, Meta, Table};
pub use unit::Unit;
pub use value::Value;
