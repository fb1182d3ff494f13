//! The production calendar: which days are worked in a 5-day and in a 6-day week.

use std::collections::{BTreeSet, HashSet};
use svodka_journal::Day;

const FACTS: &str = include_str!("production_calendar.csv");
/// Days that are off only because a day off was moved to them from a Saturday. Who works six days
/// a week works on that Saturday anyway, so nothing moves for him.
const MOVED_FROM_SATURDAY: &str = include_str!("moved_from_saturday.csv");

/// Working days a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Week {
    Five,
    Six,
}

impl Week {
    /// The week of that many days, or none for another number than 5 and 6.
    #[must_use]
    pub const fn from_days(days: i16) -> Option<Week> {
        match days {
            5 => Some(Week::Five),
            6 => Some(Week::Six),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error(
        "the production calendar of {year} is not known yet (known: {first}–{last}); add the year to DATA/regulations/production_calendar.csv"
    )]
    UnknownYear { year: i32, first: i32, last: i32 },
    #[error(
        "production_calendar.csv line {line}: \"{found}\" is not a calendar row; expected YYYY-MM-DD,day_off|short_day|working_weekend"
    )]
    Row { line: usize, found: String },
}

/// Days off, shortened days and working weekends of the years it knows.
#[derive(Debug, Clone)]
pub struct ProductionCalendar {
    days_off: HashSet<Day>,
    short_days: HashSet<Day>,
    working_weekends: HashSet<Day>,
    moved_from_saturday: HashSet<Day>,
    years: BTreeSet<i32>,
}

impl ProductionCalendar {
    /// The calendar that comes with the program.
    #[must_use]
    pub fn embedded() -> ProductionCalendar {
        let mut calendar =
            ProductionCalendar::parse(FACTS).expect("the embedded calendar is checked by a test");
        calendar.moved_from_saturday = MOVED_FROM_SATURDAY
            .lines()
            .filter_map(|line| Day::parse_iso(line).ok())
            .collect();
        calendar
    }

    /// A calendar written as `date,kind` lines under a header. The kind `day_off_five` marks a day
    /// that is off in a 5-day week only.
    pub fn parse(text: &str) -> Result<ProductionCalendar, CalendarError> {
        let mut calendar = ProductionCalendar {
            days_off: HashSet::new(),
            short_days: HashSet::new(),
            working_weekends: HashSet::new(),
            moved_from_saturday: HashSet::new(),
            years: BTreeSet::new(),
        };
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        for (index, line) in lines.skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = || CalendarError::Row {
                line: index + 1,
                found: line.to_owned(),
            };
            let (date, kind) = line.trim().split_once(',').ok_or_else(wrong)?;
            let day = Day::parse_iso(date).map_err(|_| wrong())?;
            match kind {
                "day_off" => calendar.days_off.insert(day),
                "short_day" => calendar.short_days.insert(day),
                "working_weekend" => calendar.working_weekends.insert(day),
                "day_off_five" => {
                    calendar.moved_from_saturday.insert(day);
                    calendar.days_off.insert(day)
                }
                _ => return Err(wrong()),
            };
            calendar.years.insert(day.civil().0);
        }
        Ok(calendar)
    }

    /// Adds the years of `other`; a year known to both is taken from `other`.
    pub fn override_with(&mut self, other: ProductionCalendar) {
        let keep = |day: &Day| !other.years.contains(&day.civil().0);
        for (mine, theirs) in [
            (&mut self.days_off, &other.days_off),
            (&mut self.short_days, &other.short_days),
            (&mut self.working_weekends, &other.working_weekends),
            (&mut self.moved_from_saturday, &other.moved_from_saturday),
        ] {
            mine.retain(keep);
            mine.extend(theirs);
        }
        self.years.extend(&other.years);
    }

    /// Years whose calendar is known, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.iter().copied()
    }

    /// Whether the year of `day` is known.
    #[must_use]
    pub fn knows(&self, day: Day) -> bool {
        self.years.contains(&day.civil().0)
    }

    /// Whether `day` is worked in a week of that many days.
    pub fn is_working_day(&self, day: Day, week: Week) -> Result<bool, CalendarError> {
        self.check_year(day)?;
        Ok(match (week, day.weekday()) {
            (Week::Five, 6 | 7) | (Week::Six, 7) => self.working_weekends.contains(&day),
            (Week::Five, _) => !self.days_off.contains(&day),
            (Week::Six, 6) => !is_public_holiday(day),
            (Week::Six, _) => {
                !self.days_off.contains(&day) || self.moved_from_saturday.contains(&day)
            }
        })
    }

    /// Whether `day` is an hour shorter because a holiday follows.
    pub fn is_short_day(&self, day: Day) -> Result<bool, CalendarError> {
        self.check_year(day)?;
        Ok(self.short_days.contains(&day))
    }

    fn check_year(&self, day: Day) -> Result<(), CalendarError> {
        if self.knows(day) {
            return Ok(());
        }
        Err(CalendarError::UnknownYear {
            year: day.civil().0,
            first: self.years.first().copied().unwrap_or(0),
            last: self.years.last().copied().unwrap_or(0),
        })
    }
}

/// Public holidays by article 112 of the Labour Code; the calendar's facts list them only where
/// they fall on a day that a 5-day week would work.
fn is_public_holiday(day: Day) -> bool {
    let (_, month, day) = day.civil();
    matches!(
        (month, day),
        (1, 1..=8) | (2, 23) | (3, 8) | (5, 1) | (5, 9) | (6, 12) | (11, 4)
    )
}
