//! Values over time: lines with bounds, named at their ends.

use crate::canvas::{Anchor, Canvas, Frame, Plot};
use crate::end_labels::{self, EndLabel};
use crate::ink::{Hue, Ink};
use crate::legend;
use crate::lettering::text_width;
use crate::line_points::{Drawn, prepared, runs, span_of, value_ticks};
use crate::scale::Ticks;
use crate::spec::{Line, Role, Step, drawable};
use crate::time_axis::{day_span, full_day, joined_spans, time_ticks};
use svodka_journal::Day;
use svodka_table::{Unit, Value, format_month, format_range, format_value};

/// What a truncated axis has to say.
pub const NOT_FROM_ZERO: &str = "шкала не от нуля";

/// Points up to which every one is a stop for the keyboard.
const STOPS: usize = 12;

pub fn draw(spec: &Line, id: &str, width: f64) -> Option<Canvas> {
    let drawn = prepared(spec);
    let (first, last) = span_of(spec, &drawn)?;
    let ticks = value_ticks(spec, &drawn, width)?;
    let is_cut = ticks.low() > 0.0 || ticks.high() < 0.0;

    let labels = end_labels::of(&label_sources(spec, &drawn, f64::from(last.0 + 1)), width);
    let keys = if labels.need_keys {
        keys_of(spec, &drawn)
    } else {
        Vec::new()
    };
    let axis_width = ticks
        .values
        .iter()
        .map(|it| text_width(&ticks.label(*it)))
        .fold(0.0, f64::max);
    let left = (axis_width + 8.0).min(width * 0.4);
    let keys_height = legend::height(&keys, 0.0, width);
    let top = keys_height + if is_cut { 26.0 } else { 12.0 };
    let plot_height = if width < 480.0 {
        180.0
    } else {
        (width * 0.3).clamp(200.0, 300.0)
    };
    let bottom = top + plot_height;
    let x_range = (f64::from(first.0), f64::from(last.0 + 1));
    let right = width - labels.margin(x_range, width - left);
    let frame = Frame {
        left,
        top,
        right: right.max(left + 40.0),
        bottom,
    };

    let time = time_ticks(first, last, frame.right - frame.left);
    let has_years = time.iter().any(|tick| tick.year.is_some());
    let mut canvas = Canvas::new(id, width, bottom + if has_years { 38.0 } else { 24.0 });
    let plot = canvas.plot(x_range, (ticks.low(), ticks.high()), frame);

    legend::draw(&canvas, &keys, 0.0, 0.0, width);
    if is_cut {
        canvas.text(
            Ink::Muted,
            Anchor::Start,
            0.0,
            keys_height + 11.0,
            NOT_FROM_ZERO,
        );
    }
    draw_days_off(&canvas, &plot, spec, first, last);
    draw_value_axis(&canvas, &plot, &ticks);
    draw_time_axis(&canvas, &plot, &time);
    if let Some(reference) = &spec.reference
        && let Some(value) = drawable(reference.value)
    {
        let y = plot.y(value);
        canvas.line(Ink::Reference, (frame.left, y), (frame.right, y));
    }
    // Context lies below, the subject on top.
    for is_context in [true, false] {
        for one in drawn
            .iter()
            .filter(|it| (it.hue == Hue::Context) == is_context)
        {
            draw_series(&plot, one, spec.step, &drawn);
        }
    }
    for one in &drawn {
        draw_lonely_points(&canvas, &plot, one, spec.step);
    }
    labels.draw(&canvas, &plot);
    draw_hits(&mut canvas, &plot, spec, &drawn);
    Some(canvas)
}

fn draw_days_off(canvas: &Canvas, plot: &Plot, spec: &Line, first: Day, last: Day) {
    // On a long axis weekends would be a fence; holidays stay.
    let shortest = if last.0 - first.0 > 100 { 3 } else { 1 };
    let frame = plot.frame;
    for (from, to) in joined_spans(&spec.days_off) {
        let (from, to) = (from.max(first), to.min(last));
        if to.0 - from.0 + 1 >= shortest {
            let (left, right) = (plot.x(f64::from(from.0)), plot.x(f64::from(to.0 + 1)));
            canvas.rect(
                Ink::DayOff,
                left,
                frame.top,
                right - left,
                frame.bottom - frame.top,
            );
        }
    }
}

pub fn draw_value_axis(canvas: &Canvas, plot: &Plot, ticks: &Ticks) {
    let frame = plot.frame;
    for value in &ticks.values {
        let y = plot.y(*value);
        let is_base = *value == 0.0 || (ticks.low() > 0.0 && *value == ticks.low());
        let ink = if is_base { Ink::Axis } else { Ink::Grid };
        canvas.line(ink, (frame.left, y), (frame.right, y));
        canvas.text(
            Ink::Muted,
            Anchor::End,
            frame.left - 8.0,
            y + 4.0,
            &ticks.label(*value),
        );
    }
}

fn draw_time_axis(canvas: &Canvas, plot: &Plot, ticks: &[crate::time_axis::TimeTick]) {
    let frame = plot.frame;
    for tick in ticks {
        if let Some(border) = tick.border {
            let x = plot.x(border);
            canvas.line(Ink::Axis, (x, frame.bottom), (x, frame.bottom + 5.0));
        }
        let x = plot.x(tick.middle);
        canvas.text(
            Ink::Muted,
            Anchor::Middle,
            x,
            frame.bottom + 18.0,
            &tick.label,
        );
        if let Some(year) = &tick.year {
            canvas.text(Ink::Muted, Anchor::Middle, x, frame.bottom + 32.0, year);
        }
    }
}

fn draw_series(plot: &Plot, one: &Drawn<'_>, step: Step, all: &[Drawn<'_>]) {
    let is_forecast = one.series.role == Role::Forecast;
    // A forecast starts where the known line ends.
    let joint = is_forecast
        .then(|| {
            all.iter()
                .find(|it| it.hue == one.hue && it.series.role == Role::Main)
        })
        .flatten()
        .and_then(|main| {
            main.points
                .iter()
                .rev()
                .find(|mark| mark.value.is_some())
                .copied()
        });
    for (place, run) in runs(&one.points, step).into_iter().enumerate() {
        let joint = joint.filter(|_| place == 0);
        let band: Vec<(f64, f64, f64)> = joint
            .iter()
            .filter_map(|mark| mark.value.map(|value| (mark.x, value, value)))
            .chain(run.iter().filter_map(|mark| {
                let (low, high) = mark.bounds.or(mark.value.map(|value| (value, value)))?;
                Some((mark.x, low, high))
            }))
            .collect();
        if band.iter().any(|it| it.2 > it.1) {
            plot.band(one.hue.band(), &band);
        }
        let line: Vec<(f64, f64)> = joint
            .iter()
            .chain(run)
            .filter_map(|mark| mark.value.map(|value| (mark.x, value)))
            .collect();
        plot.series(
            if is_forecast {
                one.hue.dashed()
            } else {
                one.hue.line()
            },
            &line,
        );
    }
}

/// A point without neighbours would be no line at all; the last point marks the end.
fn draw_lonely_points(canvas: &Canvas, plot: &Plot, one: &Drawn<'_>, step: Step) {
    for run in runs(&one.points, step) {
        if let [mark] = run.as_slice()
            && let Some(value) = mark.value
        {
            canvas.dot(one.hue.fill(), plot.x(mark.x), plot.y(value), 2.5);
        }
    }
    if let Some(mark) = one.points.iter().rev().find(|mark| mark.value.is_some())
        && let Some(value) = mark.value
    {
        canvas.dot(one.hue.fill(), plot.x(mark.x), plot.y(value), 3.0);
    }
}

/// What is named at the right: each series once, a forecast in place of what it continues.
fn label_sources(spec: &Line, drawn: &[Drawn<'_>], end: f64) -> Vec<EndLabel> {
    let mut labels: Vec<EndLabel> = Vec::new();
    for one in drawn {
        let Some(mark) = one.points.iter().rev().find(|mark| mark.value.is_some()) else {
            continue;
        };
        let Some(value) = mark.value else { continue };
        let mut label = EndLabel {
            hue: one.hue,
            title: one.series.title.trim().to_owned(),
            value: number(value, spec.unit),
            x: mark.x,
            at: value,
        };
        if one.series.role == Role::Forecast
            && let Some(known) = labels.iter_mut().rev().find(|it| it.hue == one.hue)
        {
            if !label.title.is_empty() {
                label.value = format!("{} {}", label.title, label.value);
            }
            label.title = std::mem::take(&mut known.title);
            *known = label;
        } else {
            labels.push(label);
        }
    }
    if let Some(reference) = &spec.reference
        && let Some(value) = drawable(reference.value)
    {
        labels.push(EndLabel {
            hue: Hue::Context,
            title: reference.label.trim().to_owned(),
            value: number(value, spec.unit),
            x: end,
            at: value,
        });
    }
    labels
}

fn keys_of(spec: &Line, drawn: &[Drawn<'_>]) -> Vec<legend::Key> {
    drawn
        .iter()
        .filter(|one| !one.series.title.trim().is_empty())
        .map(|one| {
            let is_dashed = one.series.role == Role::Forecast;
            legend::line_key(one.hue, is_dashed, &one.series.title)
        })
        .chain(spec.reference.iter().map(|reference| legend::Key {
            sign: legend::Sign::Line(Ink::Reference),
            title: reference.label.clone(),
        }))
        .collect()
}

/// A strip for each place of the axis: hovering shows the values of all series there.
fn draw_hits(canvas: &mut Canvas, plot: &Plot, spec: &Line, drawn: &[Drawn<'_>]) {
    let mut places: Vec<(f64, Day)> = drawn
        .iter()
        .flat_map(|one| &one.points)
        .filter(|mark| mark.value.is_some() || mark.bounds.is_some())
        .map(|mark| (mark.x, mark.point.day))
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.dedup_by(|a, b| a.0 == b.0);
    let is_stop = places.len() <= STOPS;
    let frame = plot.frame;
    for (place, (x, day)) in places.iter().enumerate() {
        let middle = plot.x(*x);
        // Strips meet half-way, but do not reach over holidays.
        let reach = 24.0_f64.max(plot.x(*x + 4.0) - middle);
        let before = place
            .checked_sub(1)
            .map_or(frame.left, |it| f64::midpoint(plot.x(places[it].0), middle));
        let after = places
            .get(place + 1)
            .map_or(frame.right, |next| f64::midpoint(plot.x(next.0), middle));
        let (from, to) = (before.max(middle - reach), after.min(middle + reach));
        let tip = tip_of(spec, drawn, *x, *day);
        canvas.mark(&tip, None, is_stop, |canvas| {
            canvas.rect(
                Ink::Hit,
                from,
                frame.top,
                to - from,
                frame.bottom - frame.top,
            );
            canvas.line(Ink::Cursor, (middle, frame.top), (middle, frame.bottom));
            for one in drawn {
                for mark in one.points.iter().filter(|mark| mark.x == *x) {
                    if let Some(value) = mark.value {
                        canvas.dot(one.hue.fill(), middle, plot.y(value), 3.5);
                    }
                }
            }
        });
    }
}

fn tip_of(spec: &Line, drawn: &[Drawn<'_>], x: f64, day: Day) -> String {
    let mut tip = match spec.step {
        Step::Day => full_day(day),
        Step::Week => day_span(day, day.plus(6)),
        Step::Month => format_month(i64::from(day.month().0)),
    };
    for one in drawn {
        for mark in one.points.iter().filter(|mark| mark.x == x) {
            let title = one.series.title.trim();
            tip.push('\n');
            if !title.is_empty() {
                tip.push_str(title);
                tip.push_str(": ");
            }
            if let Some(value) = mark.value {
                tip.push_str(&number(value, spec.unit));
            }
            if let Some((low, high)) = mark.bounds {
                let range = format_range(&Value::Float(low), &Value::Float(high), &spec.unit);
                tip.push_str(&format!(" ({range})"));
            }
            if !mark.point.note.is_empty() {
                tip.push_str(", ");
                tip.push_str(&mark.point.note);
            }
        }
    }
    tip
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Line) -> String {
    let drawn = prepared(spec);
    let Some((first, last)) = span_of(spec, &drawn) else {
        return crate::empty::NO_DATA.to_owned();
    };
    let mut text = format!("Линии по времени, {}.", day_span(first, last));
    for one in &drawn {
        let values = || one.points.iter().filter_map(|mark| mark.value);
        let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(value), range.1.max(value))
        });
        if let Some(end) = values().next_back() {
            let title = one.series.title.trim();
            text.push_str(&format!(
                " {}{}от {} до {}, в конце {}.",
                title,
                if title.is_empty() { "" } else { ": " },
                number(low, spec.unit),
                number(high, spec.unit),
                number(end, spec.unit)
            ));
        }
    }
    text
}

fn number(value: f64, unit: Unit) -> String {
    format_value(&Value::Float(value), &unit)
}
