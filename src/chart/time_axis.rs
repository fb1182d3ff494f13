//! Days, weeks and months along an axis: the ticks of a school year.

use crate::lettering::text_width;
use svodka_journal::Day;
use svodka_table::{MONTHS_SHORT, WEEKDAYS_SHORT};

/// One label below the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeTick {
    /// Middle of the label, in days.
    pub middle: f64,
    /// Where a new day, week or month begins, in days.
    pub border: Option<f64>,
    pub label: String,
    /// The year, where it begins.
    pub year: Option<String>,
}

/// Labels for an axis from the start of `first` to the end of `last`, on so many pixels.
pub fn time_ticks(first: Day, last: Day, pixels: f64) -> Vec<TimeTick> {
    let days = f64::from(last.0 - first.0 + 1);
    let ticks = if days <= 16.0 {
        day_ticks(first, last)
    } else if days <= 100.0 {
        week_ticks(first, last)
    } else if days <= 366.0 * 4.0 {
        month_ticks(first, last)
    } else {
        year_ticks(first, last)
    };
    thinned(ticks, pixels / days)
}

fn day_ticks(first: Day, last: Day) -> Vec<TimeTick> {
    (first.0..=last.0)
        .map(|it| TimeTick {
            middle: f64::from(it) + 0.5,
            border: None,
            label: day_and_month(Day(it)),
            year: None,
        })
        .collect()
}

fn week_ticks(first: Day, last: Day) -> Vec<TimeTick> {
    (first.0..=last.0)
        .map(Day)
        .filter(|day| day.weekday() == 1)
        .map(|day| TimeTick {
            middle: f64::from(day.0) + 0.5,
            border: Some(f64::from(day.0)),
            label: day_and_month(day),
            year: None,
        })
        .collect()
}

fn month_ticks(first: Day, last: Day) -> Vec<TimeTick> {
    let mut ticks: Vec<TimeTick> = Vec::new();
    let mut month = first.month();
    while month <= last.month() {
        let (start, end) = (month.first_day().max(first), month.last_day().min(last));
        let number = (month.0 % 100) as usize;
        // A month of which a few days show has no room for its name.
        if end.0 - start.0 >= 12 {
            let is_year_new = number == 1 || ticks.is_empty();
            ticks.push(TimeTick {
                middle: f64::from(start.0 + end.0 + 1) / 2.0,
                border: (start > first).then_some(f64::from(start.0)),
                label: MONTHS_SHORT[number - 1].to_owned(),
                year: is_year_new.then(|| (month.0 / 100).to_string()),
            });
        }
        month = month.next();
    }
    ticks
}

fn year_ticks(first: Day, last: Day) -> Vec<TimeTick> {
    (first.civil().0..=last.civil().0)
        .filter_map(|year| {
            let start = Day::from_civil(year, 1, 1)?.max(first);
            let end = Day::from_civil(year, 12, 31)?.min(last);
            Some(TimeTick {
                middle: f64::from(start.0 + end.0 + 1) / 2.0,
                border: (start > first).then_some(f64::from(start.0)),
                label: year.to_string(),
                year: None,
            })
        })
        .collect()
}

/// Every label, or every second, third …, so that none touches the next.
fn thinned(ticks: Vec<TimeTick>, pixels_per_day: f64) -> Vec<TimeTick> {
    let widest = ticks
        .iter()
        .map(|tick| text_width(&tick.label))
        .fold(0.0, f64::max);
    let Some(gap) = ticks
        .windows(2)
        .map(|pair| pair[1].middle - pair[0].middle)
        .reduce(f64::max)
    else {
        return ticks;
    };
    let every = ((widest + 8.0) / (gap * pixels_per_day).max(0.01))
        .ceil()
        .max(1.0) as usize;
    ticks
        .into_iter()
        .enumerate()
        .map(|(place, tick)| {
            if place.is_multiple_of(every) {
                tick
            } else {
                TimeTick {
                    label: String::new(),
                    ..tick
                }
            }
        })
        .collect()
}

/// «6 окт».
pub fn day_and_month(day: Day) -> String {
    let (_, month, number) = day.civil();
    format!("{number}\u{a0}{}", MONTHS_SHORT[month as usize - 1])
}

/// «Пн, 6 окт 2025».
pub fn full_day(day: Day) -> String {
    let weekday = WEEKDAYS_SHORT[usize::from(day.weekday()) - 1];
    format!("{weekday}, {} {}", day_and_month(day), day.civil().0)
}

/// «6–12 окт 2025», «29 сен – 5 окт 2025».
pub fn day_span(first: Day, last: Day) -> String {
    let year = last.civil().0;
    if first >= last {
        format!("{} {year}", day_and_month(last))
    } else if first.month() == last.month() {
        format!("{}–{} {year}", first.civil().2, day_and_month(last))
    } else {
        format!("{} – {} {year}", day_and_month(first), day_and_month(last))
    }
}

/// Spans in order, overlapping and touching ones joined.
pub fn joined_spans(spans: &[(Day, Day)]) -> Vec<(Day, Day)> {
    let mut sorted: Vec<(Day, Day)> = spans
        .iter()
        .copied()
        .filter(|span| span.0 <= span.1)
        .collect();
    sorted.sort_unstable();
    let mut joined: Vec<(Day, Day)> = Vec::new();
    for span in sorted {
        match joined.last_mut() {
            Some(before) if span.0.0 <= before.1.0.saturating_add(1) => {
                before.1 = before.1.max(span.1);
            }
            _ => joined.push(span),
        }
    }
    joined
}
