//! A school year day by day: weeks as columns, Monday to Saturday as rows.

use crate::canvas::{Anchor, Canvas};
use crate::ink::Ink;
use crate::lettering::text_width;
use crate::scale::Classes;
use crate::spec::{Calendar, CalendarDay, drawable, is_drawable_day};
use crate::steps_key;
use crate::time_axis::{day_span, full_day, joined_spans};
use std::collections::BTreeMap;
use svodka_journal::Day;
use svodka_table::{MONTHS_SHORT, Value, WEEKDAYS_SHORT, format_value};

/// Monday to Saturday.
const ROWS: i32 = 6;
const LEFT: f64 = 28.0;
const GAP: f64 = 2.0;
const UNRECORDED: &str = "не отмечено";

/// Weeks that stand in one row of the picture, and its cells.
struct Layout {
    first_monday: Day,
    weeks: i32,
    weeks_per_band: i32,
    cell: f64,
}

impl Layout {
    fn of(first: Day, last: Day, width: f64) -> Layout {
        let monday_of = |day: Day| day.plus(1 - i32::from(day.weekday()));
        let first_monday = monday_of(first);
        let weeks = (monday_of(last).0 - first_monday.0) / 7 + 1;
        let fitting = (((width - LEFT) / (13.0 + GAP)).floor() as i32).max(1);
        let bands = (weeks + fitting - 1) / fitting;
        let weeks_per_band = (weeks + bands - 1) / bands;
        let cell = ((width - LEFT) / f64::from(weeks_per_band) - GAP).clamp(4.0, 22.0);
        Layout {
            first_monday,
            weeks,
            weeks_per_band,
            cell,
        }
    }

    fn pitch(&self) -> f64 {
        self.cell + GAP
    }

    fn band_height(&self) -> f64 {
        18.0 + f64::from(ROWS) * self.pitch() + 10.0
    }

    fn bands(&self) -> i32 {
        (self.weeks + self.weeks_per_band - 1) / self.weeks_per_band
    }

    /// Upper left corner of a day's cell.
    fn corner(&self, day: Day) -> (f64, f64) {
        let week = (day.0 - self.first_monday.0).div_euclid(7);
        let (band, column) = (week / self.weeks_per_band, week % self.weeks_per_band);
        (
            LEFT + f64::from(column) * self.pitch(),
            self.band_top(band) + f64::from(day.weekday() - 1) * self.pitch(),
        )
    }

    fn band_top(&self, band: i32) -> f64 {
        18.0 + f64::from(band) * self.band_height()
    }
}

fn span_of(spec: &Calendar) -> Option<(Day, Day)> {
    let days = || {
        spec.days
            .iter()
            .map(|it| it.day)
            .filter(|day| is_drawable_day(*day))
    };
    let (first, last) = (days().min()?, days().max()?);
    let whole_year = || {
        let year = first.school_year();
        Some((
            Day::from_civil(year, 9, 1)?,
            Day::from_civil(year + 1, 5, 31)?,
        ))
    };
    let (from, to) = spec
        .span
        .filter(|span| is_drawable_day(span.0) && is_drawable_day(span.1) && span.0 <= span.1)
        .or_else(whole_year)?;
    // More than three years of days are no calendar any more.
    Some((from, to.max(last).min(from.plus(1_100))))
}

pub fn draw(spec: &Calendar, id: &str, width: f64) -> Option<Canvas> {
    let (first, last) = span_of(spec)?;
    let days: BTreeMap<Day, &CalendarDay> = spec
        .days
        .iter()
        .filter(|it| it.day >= first && it.day <= last && it.day.weekday() != 7)
        .map(|it| (it.day, it))
        .collect();
    let values = days.values().filter_map(|it| it.value.and_then(drawable));
    let classes = Classes::of(values, spec.unit);
    let has_unrecorded = days
        .values()
        .any(|it| it.value.and_then(drawable).is_none());
    if days.is_empty() || (classes.is_none() && !has_unrecorded) {
        return None;
    }
    let layout = Layout::of(first, last, width);
    let off: Vec<(Day, Day)> = joined_spans(&spec.days_off);
    let is_off = |day: Day| off.iter().any(|span| day >= span.0 && day <= span.1);

    let mut others = Vec::new();
    if has_unrecorded {
        others.push(steps_key::unrecorded(UNRECORDED));
    }
    if !off.is_empty() {
        others.push(steps_key::day_off());
    }
    let key_top = f64::from(layout.bands()) * layout.band_height() + 6.0;
    let height = key_top + steps_key::height(&others, LEFT, width);
    let mut canvas = Canvas::new(id, width, height);

    draw_names(&canvas, &layout, first, last);
    for it in first.0..=last.0 {
        let day = Day(it);
        if day.weekday() == 7 {
            continue;
        }
        let (x, y) = layout.corner(day);
        match days.get(&day) {
            Some(known) => draw_day(
                &mut canvas,
                spec,
                classes.as_ref(),
                known,
                (x, y),
                layout.cell,
            ),
            None if is_off(day) => canvas.rect(Ink::DayOff, x, y, layout.cell, layout.cell),
            None => canvas.rect(Ink::Track, x, y, layout.cell, layout.cell),
        }
    }
    draw_month_borders(&canvas, &layout, first, last);
    if let Some(classes) = &classes {
        steps_key::draw(
            &canvas,
            classes,
            spec.is_low_strong,
            &others,
            LEFT,
            key_top,
            width,
        );
    } else {
        crate::legend::draw(&canvas, &others, LEFT, key_top, width);
    }
    Some(canvas)
}

fn draw_day(
    canvas: &mut Canvas,
    spec: &Calendar,
    classes: Option<&Classes>,
    known: &CalendarDay,
    (x, y): (f64, f64),
    cell: f64,
) {
    let value = known.value.and_then(drawable);
    let mut tip = format!("{}\n", full_day(known.day));
    match value {
        Some(value) => tip.push_str(&format_value(&Value::Float(value), &spec.unit)),
        None => tip.push_str(UNRECORDED),
    }
    if !known.note.is_empty() {
        tip.push('\n');
        tip.push_str(&known.note);
    }
    let ink = match (value, classes) {
        (Some(value), Some(classes)) => Ink::STEPS[classes.strength(value, spec.is_low_strong)].0,
        _ => Ink::Unrecorded,
    };
    canvas.mark(&tip, known.href.as_deref(), false, |canvas| {
        canvas.rect(ink, x, y, cell, cell);
    });
}

/// Weekdays at the left of every band, months above the week in which they begin.
fn draw_names(canvas: &Canvas, layout: &Layout, first: Day, last: Day) {
    for band in 0..layout.bands() {
        for row in 0..ROWS {
            let y = layout.band_top(band) + f64::from(row) * layout.pitch();
            let y = y + layout.cell / 2.0 + 4.5;
            let name = WEEKDAYS_SHORT[row as usize];
            canvas.text(Ink::Muted, Anchor::End, LEFT - 7.0, y, name);
        }
    }
    let mut month = first.month();
    // The name before, so that none covers it: its band and right end.
    let mut before = (-1, 0.0);
    while month <= last.month() {
        let start = month.first_day().max(first);
        // A month that begins on a Sunday shows from Monday on.
        let start = if start.weekday() == 7 {
            start.plus(1)
        } else {
            start
        };
        let (x, _) = layout.corner(start);
        let band = (start.0 - layout.first_monday.0).div_euclid(7) / layout.weeks_per_band;
        let name = MONTHS_SHORT[(month.0 % 100) as usize - 1];
        let width = text_width(name);
        if start <= last && (before.0 != band || before.1 <= x) && x + width <= canvas.width {
            canvas.text(
                Ink::Muted,
                Anchor::Start,
                x,
                layout.band_top(band) - 6.0,
                name,
            );
            before = (band, x + width + 4.0);
        }
        month = month.next();
    }
}

/// A stepped line between the last days of one month and the first of the next.
fn draw_month_borders(canvas: &Canvas, layout: &Layout, first: Day, last: Day) {
    let mut month = first.month().next();
    while month <= last.month() {
        let start = month.first_day();
        let start = if start.weekday() == 7 {
            start.plus(1)
        } else {
            start
        };
        let (x, y) = layout.corner(start);
        let week = (start.0 - layout.first_monday.0).div_euclid(7);
        let band_top = layout.band_top(week / layout.weeks_per_band) - GAP / 2.0;
        let band_bottom = band_top + f64::from(ROWS) * layout.pitch();
        let (left, step) = (x - GAP / 2.0, y - GAP / 2.0);
        let is_first_column = week % layout.weeks_per_band == 0;
        if start.weekday() == 1 {
            if !is_first_column {
                canvas.line(Ink::MonthBorder, (left, band_top), (left, band_bottom));
            }
        } else {
            let right = left + layout.pitch();
            let mut path = vec![(right, band_top), (right, step), (left, step)];
            if !is_first_column {
                path.push((left, band_bottom));
            }
            canvas.path(Ink::MonthBorder, &path);
        }
        month = month.next();
    }
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Calendar) -> String {
    let Some((first, last)) = span_of(spec) else {
        return crate::empty::NO_DATA.to_owned();
    };
    let known = || {
        spec.days
            .iter()
            .filter_map(|it| it.value.and_then(drawable).map(|value| (it.day, value)))
    };
    let mut text = format!("Календарь по дням, {}.", day_span(first, last));
    if let (Some(least), Some(most)) = (
        known().min_by(|a, b| a.1.total_cmp(&b.1)),
        known().max_by(|a, b| a.1.total_cmp(&b.1)),
    ) {
        let number = |value: f64| format_value(&Value::Float(value), &spec.unit);
        text.push_str(&format!(
            " От {} ({}) до {} ({}).",
            number(least.1),
            full_day(least.0),
            number(most.1),
            full_day(most.0)
        ));
    }
    let unrecorded = spec
        .days
        .iter()
        .filter(|it| it.value.and_then(drawable).is_none())
        .count();
    if unrecorded > 0 {
        text.push_str(&format!(" Не отмечено дней: {unrecorded}."));
    }
    text
}
