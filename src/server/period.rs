//! Spans of days as the filters of a page name them: defaults, ready choices, words.

use svodka_catalog::DefaultValue;
use svodka_journal::{Day, Month};
use svodka_table::{MONTHS, MONTHS_OF, MOSCOW_MINUTES};

/// The calendar day of an instant, in the zone that stamps are written in.
#[must_use]
pub fn day_of(micros: i64) -> Day {
    let minutes = micros.div_euclid(60_000_000) + i64::from(MOSCOW_MINUTES);
    Day(i32::try_from(minutes.div_euclid(1_440)).unwrap_or(0))
}

/// The last month that the data cover whole.
#[must_use]
pub fn last_full_month(newest: Day) -> Month {
    let month = newest.month();
    if newest == month.last_day() {
        month
    } else {
        month.previous()
    }
}

/// 1 September of the school year of `day`.
#[must_use]
pub fn school_year_start(day: Day) -> Day {
    Day::from_civil(day.school_year(), 9, 1).unwrap_or(day)
}

/// The text that stands in for a value the address does not tell.
#[must_use]
pub fn default_text(default: &DefaultValue, newest: Day) -> String {
    match default {
        DefaultValue::LastMonthStart => last_full_month(newest).first_day().to_string(),
        DefaultValue::LastMonthEnd => last_full_month(newest).last_day().to_string(),
        DefaultValue::SchoolYearStart => school_year_start(newest).to_string(),
        DefaultValue::DataDay => newest.to_string(),
        DefaultValue::Day(day) => day.to_string(),
        DefaultValue::Text(text) => text.clone(),
    }
}

/// A span offered as a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    pub text: String,
    pub from: Day,
    pub to: Day,
}

/// Spans to choose with one click: the last months up to the newest data, the whole school year.
#[must_use]
pub fn ready(newest: Day) -> Vec<Ready> {
    let start = school_year_start(newest);
    let mut found = Vec::new();
    let mut month = newest.month();
    while found.len() < 4 && month.last_day() >= start {
        found.push(Ready {
            text: month_text(
                month,
                newest.school_year() == month.first_day().school_year(),
            ),
            from: month.first_day(),
            to: month.last_day(),
        });
        month = month.previous();
    }
    found.reverse();
    found.push(Ready {
        text: "с начала учебного года".to_owned(),
        from: start,
        to: newest,
    });
    found
}

fn month_text(month: Month, is_this_year: bool) -> String {
    let name = MONTHS[(month.0 % 100).clamp(1, 12) as usize - 1];
    if is_this_year {
        name.to_owned()
    } else {
        format!("{name} {}", month.0 / 100)
    }
}

/// «октябрь 2025 г.» for a whole month, else «1–15 октября 2025 г.», «1 сентября – 15 октября 2025 г.».
#[must_use]
pub fn words(from: Day, to: Day) -> String {
    let ((from_year, from_month, from_day), (to_year, to_month, to_day)) =
        (from.civil(), to.civil());
    let of = |month: u32| MONTHS_OF[month as usize - 1];
    if from == from.month().first_day() && to == from.month().last_day() {
        return format!("{} {to_year}\u{a0}г.", MONTHS[to_month as usize - 1]);
    }
    if from == to {
        return format!("{to_day}\u{a0}{} {to_year}\u{a0}г.", of(to_month));
    }
    if from.month() == to.month() {
        return format!(
            "{from_day}–{to_day}\u{a0}{} {to_year}\u{a0}г.",
            of(to_month)
        );
    }
    if from_year == to_year {
        return format!(
            "{from_day}\u{a0}{} – {to_day}\u{a0}{} {to_year}\u{a0}г.",
            of(from_month),
            of(to_month)
        );
    }
    format!(
        "{from_day}\u{a0}{} {from_year}\u{a0}г. – {to_day}\u{a0}{} {to_year}\u{a0}г.",
        of(from_month),
        of(to_month)
    )
}
