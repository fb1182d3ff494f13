//! Text files as engines write them: delimiters, quotes, encodings, dates and numbers.

use encoding_rs::WINDOWS_1251;
use svodka_journal::Day;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16,
    Windows1251,
}

impl Encoding {
    /// The bytes of `text` in this encoding.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Encoding::Utf16 => {
                let units = std::iter::once(0xfeff).chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Encoding::Windows1251 => WINDOWS_1251.encode(text).0.into_owned(),
        }
    }
}

/// A text file under construction; knows the number of its last line.
#[derive(Debug)]
pub struct Csv {
    pub text: String,
    pub delimiter: char,
    pub lines: usize,
}

impl Csv {
    #[must_use]
    pub const fn new(delimiter: char) -> Csv {
        Csv {
            text: String::new(),
            delimiter,
            lines: 0,
        }
    }

    /// A whole line that is no record, such as a comment.
    pub fn raw_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1;
    }

    pub fn record<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) {
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                self.text.push(self.delimiter);
            }
            if field.contains([self.delimiter, '"', '\n']) {
                self.text.push('"');
                self.text.push_str(&field.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push('\n');
        self.lines += 1;
    }
}

/// 05.10.2025
#[must_use]
pub fn russian_date(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{day:02}.{month:02}.{year:04}")
}

/// 05.10.25
#[must_use]
pub fn short_date(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{day:02}.{month:02}.{:02}", year % 100)
}

/// 05.10.2025 06:12, from minutes since 1970-01-01.
#[must_use]
pub fn russian_moment(minutes: i64) -> String {
    let (hour, minute) = clock(minutes);
    format!("{} {hour:02}:{minute:02}", russian_date(day_of(minutes)))
}

/// Day and time of day of minutes since 1970-01-01.
#[must_use]
pub const fn day_of(minutes: i64) -> Day {
    Day(minutes.div_euclid(1440) as i32)
}

/// Hours and minutes of the day.
#[must_use]
pub const fn clock(minutes: i64) -> (i64, i64) {
    let minutes = minutes.rem_euclid(1440);
    (minutes / 60, minutes % 60)
}

/// Hundredths with a decimal comma and no needless zeros: 150 → 1,5.
#[must_use]
pub fn decimal(hundredths: i32) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match part {
        0 => whole.to_string(),
        _ if part % 10 == 0 => format!("{whole},{}", part / 10),
        _ => format!("{whole},{part:02}"),
    }
}
