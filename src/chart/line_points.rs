//! The points of a line picture: places on the axis, colours, pieces without gaps.

use crate::ink::Hue;
use crate::scale::Ticks;
use crate::spec::{Line, Point, Role, Series, Step, drawable, is_drawable_day};
use svodka_journal::Day;

/// A series as it will be drawn.
pub struct Drawn<'a> {
    pub series: &'a Series,
    pub hue: Hue,
    pub points: Vec<Mark<'a>>,
}

/// A point with its place on the axis.
#[derive(Clone, Copy)]
pub struct Mark<'a> {
    pub point: &'a Point,
    pub x: f64,
    pub value: Option<f64>,
    pub bounds: Option<(f64, f64)>,
}
/// Colours and places; points without a day that can be drawn are left out.
pub fn prepared(spec: &Line) -> Vec<Drawn<'_>> {
    let mut count_main = 0;
    let mut hue_before = Hue::Context;
    let mut drawn = Vec::new();
    for series in &spec.series {
        let hue = match series.role {
            Role::Main => {
                count_main += 1;
                hue_before = Hue::of(count_main - 1);
                hue_before
            }
            Role::Context => Hue::Context,
            Role::Forecast => hue_before,
        };
        let in_span = |day: Day| {
            spec.span
                .is_none_or(|(first, last)| day >= first && day <= last)
        };
        let mut points: Vec<Mark<'_>> = series
            .points
            .iter()
            .filter(|point| is_drawable_day(point.day) && in_span(point.day))
            .map(|point| {
                let bound = |it: Option<f64>| it.and_then(drawable);
                let value = point.value.and_then(drawable);
                let bounds = match (bound(point.low), bound(point.high)) {
                    (None, None) => None,
                    (low, high) => low.or(value).zip(high.or(value)),
                };
                let bounds = bounds.map(|(low, high)| (low.min(high), low.max(high)));
                Mark {
                    point,
                    x: middle_of(point.day, spec.step),
                    value,
                    bounds,
                }
            })
            .collect();
        points.sort_by_key(|mark| mark.point.day);
        drawn.push(Drawn {
            series,
            hue,
            points,
        });
    }
    drawn
}

fn end_of(day: Day, step: Step) -> Day {
    match step {
        Step::Day => day,
        Step::Week => day.plus(6),
        Step::Month => day.month().last_day(),
    }
}

fn middle_of(day: Day, step: Step) -> f64 {
    let start = if step == Step::Month {
        day.month().first_day()
    } else {
        day
    };
    f64::from(start.0 + end_of(day, step).0 + 1) / 2.0
}

/// The axis from the first to the last day; nothing where no value can be drawn.
pub fn span_of(spec: &Line, drawn: &[Drawn<'_>]) -> Option<(Day, Day)> {
    let days = || {
        drawn
            .iter()
            .flat_map(|one| &one.points)
            .filter(|mark| mark.value.is_some() || mark.bounds.is_some())
            .map(|mark| mark.point.day)
    };
    let (mut first, last) = (days().min()?, days().max()?);
    if spec.step == Step::Month {
        first = first.month().first_day();
    }
    let last = end_of(last, spec.step);
    match spec.span {
        Some((from, to)) if is_drawable_day(from) && is_drawable_day(to) && from <= to => {
            Some((from.min(first), to.max(last)))
        }
        _ => Some((first, last)),
    }
}

pub fn value_ticks(spec: &Line, drawn: &[Drawn<'_>], width: f64) -> Option<Ticks> {
    let target = if width < 480.0 { 4 } else { 5 };
    if let Some((low, high)) = spec.domain
        && let (Some(low), Some(high)) = (drawable(low), drawable(high))
        && low < high
    {
        return Some(Ticks::enclosing(low, high, target, spec.unit));
    }
    let values = drawn
        .iter()
        .flat_map(|one| &one.points)
        .flat_map(|mark| {
            let bounds = mark.bounds.unwrap_or((f64::NAN, f64::NAN));
            [mark.value.unwrap_or(f64::NAN), bounds.0, bounds.1]
        })
        .chain(spec.reference.iter().filter_map(|it| drawable(it.value)))
        .filter(|value| !value.is_nan());
    let (mut low, mut high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
        (range.0.min(value), range.1.max(value))
    });
    if low > high {
        return None;
    }
    // Close to zero anyway: then start there.
    if low > 0.0 && low < high * 0.4 {
        low = 0.0;
    }
    if high < 0.0 && high > low * 0.4 {
        high = 0.0;
    }
    Some(Ticks::enclosing(low, high, target, spec.unit))
}
/// Runs of points that belong together: no missing value, no gap longer than a holiday.
pub fn runs<'a, 'b>(points: &'b [Mark<'a>], step: Step) -> Vec<Vec<&'b Mark<'a>>> {
    let longest = match step {
        Step::Day => 4.0,
        Step::Week => 7.5,
        Step::Month => 32.0,
    };
    let mut runs: Vec<Vec<&Mark<'_>>> = Vec::new();
    let mut is_broken = true;
    for mark in points {
        if mark.value.is_none() && mark.bounds.is_none() {
            is_broken = true;
            continue;
        }
        match runs.last_mut() {
            Some(run) if !is_broken && run.last().is_some_and(|it| mark.x - it.x <= longest) => {
                run.push(mark);
            }
            _ => runs.push(vec![mark]),
        }
        is_broken = false;
    }
    runs
}
