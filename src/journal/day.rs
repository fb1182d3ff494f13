//! Calendar days and months without a clock and without a time zone.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar day: days since 1970-01-01, which is how Arrow and Parquet store dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i32);

/// A text that is no calendar day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayError(pub String);

impl fmt::Display for DayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not a date; expected YYYY-MM-DD", self.0)
    }
}

impl std::error::Error for DayError {}

impl Day {
    /// The day with that civil date, or none if there is no such day.
    #[must_use]
    pub fn from_civil(year: i32, month: u32, day: u32) -> Option<Day> {
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Howard Hinnant's days_from_civil: shifts the year so that it starts in March.
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let month_from_march = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Day(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month (1–12) and day of the month (1–31).
    #[must_use]
    pub fn civil(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    /// The day written `YYYY-MM-DD`.
    pub fn parse_iso(text: &str) -> Result<Day, DayError> {
        let wrong = || DayError(text.to_owned());
        let mut parts = text.split('-');
        let mut next = |width: usize| -> Result<u32, DayError> {
            let part = parts.next().ok_or_else(wrong)?;
            if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong());
            }
            part.parse().map_err(|_| wrong())
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        Day::from_civil(year as i32, month, day).ok_or_else(wrong)
    }

    /// Day of the week: Monday 1 … Sunday 7.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.0 + 3).rem_euclid(7) + 1) as u8
    }

    /// The month this day lies in.
    #[must_use]
    pub fn month(self) -> Month {
        let (year, month, _) = self.civil();
        Month(year * 100 + month as i32)
    }

    /// First year of the school year this day lies in; a school year starts on 1 September.
    ///
    /// Supplementary courses run in summer too, so June to August belong to the year that ends.
    #[must_use]
    pub fn school_year(self) -> i32 {
        let (year, month, _) = self.civil();
        if month >= 9 { year } else { year - 1 }
    }

    /// The day `count` days later.
    #[must_use]
    pub const fn plus(self, count: i32) -> Day {
        Day(self.0 + count)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;
    fn try_from(text: String) -> Result<Day, DayError> {
        Day::parse_iso(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

/// A calendar month as one integer, year × 100 + month: 202510 is October 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(pub i32);

impl Month {
    /// The first day of the month.
    #[must_use]
    pub fn first_day(self) -> Day {
        Day::from_civil(self.0 / 100, (self.0 % 100) as u32, 1).unwrap_or(Day(0))
    }

    /// The last day of the month.
    #[must_use]
    pub fn last_day(self) -> Day {
        let length = days_in_month(self.0 / 100, (self.0 % 100) as u32);
        self.first_day().plus(length as i32 - 1)
    }

    /// The month after this one.
    #[must_use]
    pub const fn next(self) -> Month {
        if self.0 % 100 == 12 {
            Month(self.0 + 89)
        } else {
            Month(self.0 + 1)
        }
    }

    /// The month before this one.
    #[must_use]
    pub const fn previous(self) -> Month {
        if self.0 % 100 == 1 {
            Month(self.0 - 89)
        } else {
            Month(self.0 - 1)
        }
    }
}

const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}
