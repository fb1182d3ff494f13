//! Dates, times and numbers as journals write them.

use svodka_journal::Day;

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;

fn digits(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 4 {
        return None;
    }
    let mut number = 0u32;
    for &byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}

/// A day written dd.mm.yyyy, dd.mm.yy (this century), d.m.yyyy or yyyy-mm-dd; a time after it is
/// not looked at.
pub(crate) fn parse_day(text: &[u8]) -> Option<Day> {
    let text = text.trim_ascii();
    if text.len() == 10 && text[2] == b'.' && text[5] == b'.' {
        return Day::from_civil(
            digits(&text[6..10])? as i32,
            digits(&text[3..5])?,
            digits(&text[0..2])?,
        );
    }
    let date = text.split(|&byte| byte == b' ' || byte == b'T').next()?;
    if date.len() == 10 && date[4] == b'-' && date[7] == b'-' {
        return Day::from_civil(
            digits(&date[0..4])? as i32,
            digits(&date[5..7])?,
            digits(&date[8..10])?,
        );
    }
    let mut parts = date.split(|&byte| byte == b'.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 {
        return None;
    }
    let year_number = digits(year)? as i32;
    let year_number = match year.len() {
        2 => 2000 + year_number,
        4 => year_number,
        _ => return None,
    };
    Day::from_civil(year_number, digits(month)?, digits(day)?)
}

/// Minutes after midnight of `8:30`, `08:30` or `08:30:00`.
pub(crate) fn parse_minutes(text: &[u8]) -> Option<i16> {
    let micros = parse_time(text.trim_ascii())?;
    Some((micros / MICROS_PER_MINUTE) as i16)
}

/// Microseconds after midnight of hh:mm[:ss[.fraction]].
fn parse_time(text: &[u8]) -> Option<i64> {
    let mut parts = text.split(|&byte| byte == b':');
    let hour = parts.next()?;
    let minute = parts.next()?;
    let second = parts.next();
    if parts.next().is_some() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let mut micros = 0i64;
    if let Some(second) = second {
        let mut halves = second.split(|&byte| byte == b'.');
        let whole = digits(halves.next()?)?;
        if whole > 59 {
            return None;
        }
        micros = i64::from(whole) * 1_000_000;
        if let Some(fraction) = halves.next() {
            let mut unit = 100_000;
            for &byte in fraction {
                if !byte.is_ascii_digit() {
                    return None;
                }
                micros += i64::from(byte - b'0') * unit;
                unit /= 10;
            }
        }
    }
    if hour > 23 || minute > 59 {
        return None;
    }
    Some(i64::from(hour * 60 + minute) * MICROS_PER_MINUTE + micros)
}

/// A local moment `05.11.2025 06:12`, `05.11.25 06:12:30` or ISO; midnight where no time stands.
pub(crate) fn parse_moment(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let day = parse_day(text)?;
    let start = i64::from(day.0) * MICROS_PER_DAY;
    let Some(gap) = text.iter().position(|&byte| byte == b' ' || byte == b'T') else {
        return Some(start);
    };
    let time = text[gap + 1..].trim_ascii();
    let time = time.strip_suffix(b"Z").unwrap_or(time);
    if time.is_empty() {
        return Some(start);
    }
    Some(start + parse_time(time)?)
}

/// Hundredths of a number with a decimal point or comma: «1», «1,5», «0.25».
pub(crate) fn parse_hundredths(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii();
    let mut halves = text.splitn(2, |&byte| byte == b'.' || byte == b',');
    let whole = halves.next()?;
    let fraction = halves.next().unwrap_or_default();
    if whole.is_empty() || whole.len() > 5 || fraction.len() > 9 {
        return None;
    }
    let mut number = 0i32;
    for &byte in whole {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i32::from(byte - b'0');
    }
    let mut cents = 0i32;
    for (index, &byte) in fraction.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i32::from(byte - b'0');
        match index {
            0 => cents += digit * 10,
            1 => cents += digit,
            2 if digit >= 5 => cents += 1,
            _ => {}
        }
    }
    Some(number * 100 + cents)
}

/// The instant of a spreadsheet's day number, local µs since 1970.
pub(crate) fn serial_moment(serial: f64, is_1904: bool) -> Option<i64> {
    if !(1.0..200_000.0).contains(&serial) {
        return None;
    }
    let shift = if is_1904 { 24_107.0 } else { 25_569.0 };
    // Rounded to seconds: a day number is a binary fraction.
    let seconds = ((serial - shift) * 86_400.0).round() as i64;
    Some(seconds * 1_000_000)
}

/// The local calendar day of a moment.
pub(crate) fn day_of(moment: i64) -> Day {
    Day(moment.div_euclid(MICROS_PER_DAY) as i32)
}

/// The local moment `minutes` after the start of `day`.
pub(crate) fn at_minutes(day: Day, minutes: i16) -> i64 {
    i64::from(day.0) * MICROS_PER_DAY + i64::from(minutes) * MICROS_PER_MINUTE
}

/// Microseconds that local time is ahead of UTC in a Russian time zone; Moscow where unknown.
pub(crate) fn zone_offset(time_zone: &str) -> i64 {
    let hours = match time_zone {
        "UTC" | "Etc/UTC" => 0,
        "Europe/Kaliningrad" => 2,
        "Europe/Samara" | "Europe/Astrakhan" | "Europe/Saratov" | "Europe/Ulyanovsk" => 4,
        "Asia/Yekaterinburg" => 5,
        "Asia/Omsk" => 6,
        "Asia/Novosibirsk" | "Asia/Krasnoyarsk" | "Asia/Tomsk" | "Asia/Barnaul"
        | "Asia/Novokuznetsk" => 7,
        "Asia/Irkutsk" => 8,
        "Asia/Yakutsk" | "Asia/Chita" | "Asia/Khandyga" => 9,
        "Asia/Vladivostok" | "Asia/Ust-Nera" => 10,
        "Asia/Magadan" | "Asia/Sakhalin" | "Asia/Srednekolymsk" => 11,
        "Asia/Kamchatka" | "Asia/Anadyr" => 12,
        _ => 3,
    };
    hours * 60 * MICROS_PER_MINUTE
}
