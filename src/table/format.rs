//! How values are written for Russian readers.
//!
//! Numbers: 12 345,6 with a no-break space and a decimal comma, a true minus, halves away from
//! zero. A missing value is a dash, never a zero.

use crate::{Table, Unit, Value};
use std::fmt::Write as _;
use svodka_journal::Day;

/// Stands between groups of three digits and before a unit.
pub const NO_BREAK_SPACE: char = '\u{a0}';
/// The minus of printed numbers.
pub const MINUS: char = '\u{2212}';
/// What stands for a missing value.
pub const NOTHING: &str = "—";
/// Moscow time, in minutes from UTC: stamps for a reader are written in it.
pub const MOSCOW_MINUTES: i32 = 180;

/// Months as axis ticks.
pub const MONTHS_SHORT: [&str; 12] = [
    "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
];
/// Months standing alone.
pub const MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];
/// Months after a day.
pub const MONTHS_OF: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
/// Days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] = [
    "понедельник",
    "вторник",
    "среда",
    "четверг",
    "пятница",
    "суббота",
    "воскресенье",
];
/// Days of the week as axis labels, Monday first.
pub const WEEKDAYS_SHORT: [&str; 7] = ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"];

/// A value that stands alone, with its unit: «91,4 %», «14,5 ч», «05.10.2025».
#[must_use]
pub fn format_value(value: &Value, unit: &Unit) -> String {
    let mut text = format_cell(value, unit);
    if text != NOTHING && !unit.suffix().is_empty() {
        text.push(NO_BREAK_SPACE);
        text.push_str(&unit.suffix().replace(' ', "\u{a0}"));
    }
    text
}

/// A value below a head that names the unit ([`crate::Column::head`]): «91,4», «14,5».
///
/// Cells of one column that should stand under each other use [`ColumnFormat`].
#[must_use]
pub fn format_cell(value: &Value, unit: &Unit) -> String {
    let (least, most) = decimals_of(*unit);
    write_cell(
        value,
        *unit,
        decimals_needed(value, *unit).clamp(least, most),
    )
}

/// Writes all cells of one column with the same number of decimals, so that commas align.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnFormat {
    unit: Unit,
    decimals: u8,
}

impl ColumnFormat {
    /// Looks through the column once for the decimals it needs.
    #[must_use]
    pub fn of(table: &Table, column: usize) -> ColumnFormat {
        let unit = table.columns.get(column).map_or(Unit::Text, |it| it.unit);
        let (least, most) = decimals_of(unit);
        let mut decimals = least;
        for value in table.column_values(column) {
            if decimals == most {
                break;
            }
            decimals = decimals.max(decimals_needed(value, unit).min(most));
        }
        ColumnFormat { unit, decimals }
    }

    /// The cell's text, without the unit's sign.
    #[must_use]
    pub fn cell(&self, value: &Value) -> String {
        write_cell(value, self.unit, self.decimals)
    }

    /// How many digits stand after the comma in this column.
    #[must_use]
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }
}

/// A number with a fixed number of decimals (at most 9): «12 345,6».
#[must_use]
pub fn format_number(number: f64, decimals: u8) -> String {
    match scaled(number, decimals) {
        Some(units) => write_units(units, decimals),
        None => NOTHING.to_owned(),
    }
}

/// Two bounds with one unit: «90,8–93,0 %».
#[must_use]
pub fn format_range(low: &Value, high: &Value, unit: &Unit) -> String {
    format!("{}–{}", format_cell(low, unit), format_value(high, unit))
}

/// «05.10.2025».
#[must_use]
pub fn format_day(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{day:02}.{month:02}.{year:04}")
}

/// «5 октября 2025 г.» with no-break spaces, for prose.
#[must_use]
pub fn format_day_long(day: Day) -> String {
    let (year, month, day) = day.civil();
    let month = MONTHS_OF[month as usize - 1];
    format!("{day}\u{a0}{month} {year}\u{a0}г.")
}

/// «октябрь 2025» of 202510; another integer is written as it is.
#[must_use]
pub fn format_month(month: i64) -> String {
    match usize::try_from(month % 100) {
        Ok(number @ 1..=12) if month > 0 => {
            format!("{} {}", MONTHS[number - 1], month / 100)
        }
        _ => month.to_string(),
    }
}

/// «05.11.2025 06:12» of an instant in microseconds UTC, in a zone so many minutes east of it.
#[must_use]
pub fn format_timestamp(micros: i64, zone_minutes: i32) -> String {
    let minutes = micros.div_euclid(60_000_000) + i64::from(zone_minutes);
    let Ok(day) = i32::try_from(minutes.div_euclid(1_440)) else {
        return NOTHING.to_owned();
    };
    if day.checked_add(719_468).is_none() {
        return NOTHING.to_owned();
    }
    let minute = minutes.rem_euclid(1_440);
    format!(
        "{} {:02}:{:02}",
        format_day(Day(day)),
        minute / 60,
        minute % 60
    )
}

/// The form of a noun that goes with the number: 1 занятие, 2 занятия, 5 занятий.
#[must_use]
pub fn plural<'a>(number: i64, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    let number = number.unsigned_abs();
    match (number % 10, number % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// Fewest and most decimals that a unit shows.
const fn decimals_of(unit: Unit) -> (u8, u8) {
    match unit {
        Unit::Share | Unit::Points => (1, 1),
        Unit::Hours | Unit::Number => (0, 2),
        Unit::Id
        | Unit::Text
        | Unit::Count
        | Unit::Date
        | Unit::Month
        | Unit::Weekday
        | Unit::Timestamp
        | Unit::Bool
        | Unit::Person
        | Unit::Source => (0, 0),
    }
}

/// Decimals up to two that the value would need in full.
fn decimals_needed(value: &Value, unit: Unit) -> u8 {
    let number = match value {
        Value::Int(_) if !matches!(unit, Unit::Share | Unit::Points) => return 0,
        _ => match value.as_f64() {
            Some(number) => number,
            None => return 0,
        },
    };
    match scaled(number, 2) {
        Some(units) if units % 100 == 0 => 0,
        Some(units) if units % 10 == 0 => 1,
        Some(_) => 2,
        None => 0,
    }
}

fn write_cell(value: &Value, unit: Unit, decimals: u8) -> String {
    if value.is_null() {
        return NOTHING.to_owned();
    }
    match (value, unit) {
        (Value::Null, _) => NOTHING.to_owned(),
        (Value::Text(text), _) => text.clone(),
        (Value::Bool(true), _) => "да".to_owned(),
        (Value::Bool(false), _) => "нет".to_owned(),
        (Value::Date(day), _) => format_day(*day),
        (Value::Timestamp(micros), _) => format_timestamp(*micros, MOSCOW_MINUTES),
        (Value::Int(number), Unit::Month) => format_month(*number),
        (Value::Int(number), Unit::Weekday) => match usize::try_from(*number) {
            Ok(number @ 1..=7) => WEEKDAYS[number - 1].to_owned(),
            _ => number.to_string(),
        },
        (Value::Int(number), Unit::Bool) => if *number == 0 { "нет" } else { "да" }.to_owned(),
        // Keys and anything that is no quantity: digits as they are.
        (
            Value::Int(number),
            Unit::Id | Unit::Text | Unit::Date | Unit::Timestamp | Unit::Person | Unit::Source,
        ) => number.to_string(),
        (Value::Int(number), Unit::Count | Unit::Hours | Unit::Number) => write_units(
            i128::from(*number) * 10_i128.pow(u32::from(decimals)),
            decimals,
        ),
        (Value::Decimal { units, scale }, Unit::Count | Unit::Hours | Unit::Number) => {
            write_units(rescale(*units, *scale, decimals), decimals)
        }
        (Value::Int(_) | Value::Decimal { .. } | Value::Float(_), _) => {
            write_scaled(value.as_f64().unwrap_or(f64::NAN), unit, decimals)
        }
    }
}

fn write_scaled(number: f64, unit: Unit, decimals: u8) -> String {
    let factor = match unit {
        Unit::Share | Unit::Points => 100.0,
        Unit::Id
        | Unit::Text
        | Unit::Count
        | Unit::Hours
        | Unit::Number
        | Unit::Date
        | Unit::Month
        | Unit::Weekday
        | Unit::Timestamp
        | Unit::Bool
        | Unit::Person
        | Unit::Source => 1.0,
    };
    match scaled(number * factor, decimals) {
        Some(units) if unit == Unit::Points && units > 0 => {
            format!("+{}", write_units(units, decimals))
        }
        Some(units) => write_units(units, decimals),
        None => NOTHING.to_owned(),
    }
}

/// The number × 10^decimals, rounded half away from zero; none where it is not finite or huge.
fn scaled(number: f64, decimals: u8) -> Option<i128> {
    let number = number * 10_f64.powi(i32::from(decimals.min(9)));
    // 1.005 × 100 is 100.49999999999999 in binary; the nudge restores the half people see.
    let nudged = number * (1.0 + 4.0 * f64::EPSILON);
    (nudged.is_finite() && nudged.abs() < 1e30).then(|| nudged.round() as i128)
}

/// An exact decimal with another number of decimals, rounded half away from zero.
fn rescale(units: i128, scale: u8, decimals: u8) -> i128 {
    if scale <= decimals {
        return units.saturating_mul(power_of_ten(decimals - scale));
    }
    let divisor = power_of_ten(scale - decimals);
    let (quotient, rest) = (units / divisor, units % divisor);
    if rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2) {
        quotient + units.signum()
    } else {
        quotient
    }
}

fn power_of_ten(exponent: u8) -> i128 {
    10_i128
        .checked_pow(u32::from(exponent))
        .unwrap_or(i128::MAX)
}

fn write_units(units: i128, decimals: u8) -> String {
    let divisor = power_of_ten(decimals).unsigned_abs();
    let (whole, fraction) = (
        units.unsigned_abs() / divisor,
        units.unsigned_abs() % divisor,
    );
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() * 2 + 4);
    if units < 0 {
        text.push(MINUS);
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(NO_BREAK_SPACE);
        }
        text.push(digit);
    }
    if decimals > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, ",{fraction:0width$}", width = usize::from(decimals));
    }
    text
}
