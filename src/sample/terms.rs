//! When the institutions teach: working days, school holidays, iterations, shifts.

use svodka_journal::Day;
use svodka_regulation::{ProductionCalendar, Week};

/// Days of teaching in an invented municipality.
pub struct Terms {
    calendar: ProductionCalendar,
}

/// A stretch of teaching days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Day,
    pub to: Day,
}

impl Span {
    /// The common part, if there is one.
    #[must_use]
    pub fn meet(self, other: Span) -> Option<Span> {
        let span = Span {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (span.from <= span.to).then_some(span)
    }
}

fn civil(year: i32, month: u32, day: u32) -> Day {
    Day::from_civil(year, month, day).unwrap_or(Day(0))
}

impl Terms {
    pub fn new() -> Terms {
        Terms {
            calendar: ProductionCalendar::embedded(),
        }
    }

    /// Whether lessons are given on `day`.
    pub fn is_open(&self, day: Day, week: Week, has_vacations: bool) -> bool {
        // A sample may reach into years whose calendar is not decreed yet: plain weeks then.
        let is_worked = self.calendar.is_working_day(day, week).unwrap_or_else(|_| {
            day.weekday() <= if week == Week::Six { 6 } else { 5 } && !is_new_year(day)
        });
        is_worked && !(has_vacations && is_vacation(day))
    }
}

fn is_new_year(day: Day) -> bool {
    let (_, month, day) = day.civil();
    month == 1 && day <= 8
}

/// Autumn, winter and spring holidays of schools.
fn is_vacation(day: Day) -> bool {
    let (_, month, date) = day.civil();
    match month {
        10 => date >= 27,
        11 => date <= 4,
        12 => date >= 30,
        1 => date <= 11,
        3 => date >= 28,
        4 => date <= 5,
        6..=8 => true,
        _ => false,
    }
}

/// Teaching in a school, 1 September to 26 May.
pub fn school_year(year: i32) -> Span {
    Span {
        from: civil(year, 9, 1),
        to: civil(year + 1, 5, 26),
    }
}

/// Teaching in circles: groups are formed until 8 September.
pub fn circle_year(year: i32) -> Span {
    Span {
        from: civil(year, 9, 8),
        to: civil(year + 1, 5, 31),
    }
}

/// The three iterations of a technopark.
pub fn iterations(year: i32) -> [Span; 3] {
    let leap_day = civil(year + 1, 3, 1).plus(-1);
    [
        Span {
            from: civil(year, 9, 8),
            to: civil(year, 11, 30),
        },
        Span {
            from: civil(year, 12, 1),
            to: leap_day,
        },
        Span {
            from: civil(year + 1, 3, 1),
            to: civil(year + 1, 5, 31),
        },
    ]
}

/// Shifts (заезды) of a centre: 21 days and two days to change, from 3 September to August.
pub fn shifts(year: i32) -> Vec<Span> {
    (0..15)
        .map(|number| {
            let from = civil(year, 9, 3).plus(number * 23);
            Span {
                from,
                to: from.plus(20),
            }
        })
        .collect()
}

/// First years of the school years that `span` touches.
pub fn school_years(span: Span) -> std::ops::RangeInclusive<i32> {
    span.from.school_year()..=span.to.school_year()
}
