//! The day on which something is due.

use crate::{CalendarError, DueDay, ProductionCalendar, Shift, Week};
use svodka_journal::{Day, Month};

/// The last day in time in `month`, the month *in* which the thing is due: hours of December are
/// due in January.
///
/// «До 5 числа» with `inclusive = false` has the 4th as its last day; the shift moves that day.
pub fn due_day(
    calendar: &ProductionCalendar,
    month: Month,
    rule: &DueDay,
    week: Week,
) -> Result<Day, CalendarError> {
    let length = month.last_day().0 - month.first_day().0 + 1;
    let nominal = i32::from(rule.day).clamp(1, length) - i32::from(!rule.inclusive);
    let mut day = month.first_day().plus(nominal - 1);
    let step = match rule.shift {
        Shift::None => return Ok(day),
        Shift::Forward => 1,
        Shift::Back => -1,
    };
    // Ends: a known year has working days, and an unknown one is an error.
    while !calendar.is_working_day(day, week)? {
        day = day.plus(step);
    }
    Ok(day)
}
