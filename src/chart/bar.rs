//! Lying bars from zero with their numbers at the end.

use crate::canvas::{Anchor, Canvas, Frame, Plot};
use crate::ink::Ink;
use crate::lettering::{shortened, text_width};
use crate::rows::RowNames;
use crate::spec::{Bar, BarMark, drawable};
use svodka_table::{Unit, Value, format_range, format_value};

/// Links aside, bars up to this many are stops for the keyboard.
const STOPS: usize = 12;

pub fn draw(spec: &Bar, id: &str, width: f64) -> Option<Canvas> {
    let values = spec.bars.iter().flat_map(|bar| {
        [bar.value, bar.low, bar.high]
            .into_iter()
            .flatten()
            .filter_map(drawable)
    });
    let reference = spec.reference.iter().filter_map(|it| drawable(it.value));
    if spec
        .bars
        .iter()
        .all(|bar| bar.value.and_then(drawable).is_none())
    {
        return None;
    }
    // Bars start at zero: zero is always on the axis.
    let (low, high) = values
        .chain(reference)
        .fold((0.0_f64, 0.0_f64), |range, value| {
            (range.0.min(value), range.1.max(value))
        });
    let high = if high > low { high } else { low + 1.0 };

    let names = RowNames::of(spec.bars.iter().map(|bar| bar.label.as_str()), width);
    let number_width = spec
        .bars
        .iter()
        .filter_map(|bar| bar.value.and_then(drawable))
        .map(|value| text_width(&number(value, spec.unit)) + 8.0)
        .fold(text_width(crate::empty::NO_DATA) + 8.0, f64::max)
        .min(width * 0.35);
    let top = if spec.reference.is_some() { 22.0 } else { 2.0 };
    let bottom = top + names.step * spec.bars.len() as f64;
    let left = names.width + if low < 0.0 { number_width } else { 0.0 };
    let frame = Frame {
        left,
        top,
        right: (width - number_width).max(left + 20.0),
        bottom,
    };

    let mut canvas = Canvas::new(id, width, bottom + 4.0);
    let plot = canvas.plot((low, high), (0.0, 1.0), frame);
    let has_emphasis = spec.bars.iter().any(|bar| bar.is_emphasised);
    let is_stop = spec.bars.len() <= STOPS;
    // Where numbers stand: the reference line is broken there.
    let mut numbers: Vec<(f64, f64)> = Vec::with_capacity(spec.bars.len());
    for (row, bar) in spec.bars.iter().enumerate() {
        let row_top = top + row as f64 * names.step;
        canvas.mark(
            &tip_of(bar, spec.unit),
            bar.href.as_deref(),
            is_stop,
            |canvas| {
                canvas.rect(Ink::Hit, 0.0, row_top, width, names.step);
                let ink = if bar.href.is_some() {
                    Ink::Strong
                } else {
                    Ink::Label
                };
                names.draw(canvas, ink, row_top, &bar.label);
                let fill = if has_emphasis && !bar.is_emphasised {
                    Ink::FillContext
                } else {
                    Ink::Fill1
                };
                numbers.push(draw_bar(
                    canvas, &plot, &names, row_top, bar, fill, spec.unit,
                ));
            },
        );
    }
    let zero = plot.x(0.0);
    canvas.line(Ink::Axis, (zero, top), (zero, bottom));
    if let Some(reference) = &spec.reference
        && let Some(value) = drawable(reference.value)
    {
        let x = plot.x(value);
        canvas.line(Ink::Reference, (x, top - 4.0), (x, top));
        for (row, (from, to)) in numbers.iter().enumerate() {
            let row_top = top + row as f64 * names.step;
            let is_covered = x > from - 3.0 && x < to + 3.0;
            let end = row_top + names.step;
            if is_covered {
                canvas.line(
                    Ink::Reference,
                    (x, row_top),
                    (x, names.bar_top(row_top) - 1.0),
                );
                let below = names.bar_top(row_top) + names.bar + 1.0;
                canvas.line(Ink::Reference, (x, below), (x, end.max(below)));
            } else {
                let (top, bottom) = (names.bar_top(row_top), names.bar_top(row_top) + names.bar);
                canvas.line(Ink::ReferenceHalo, (x, top), (x, bottom));
                canvas.line(Ink::Reference, (x, row_top), (x, end));
            }
        }
        let text = format!("{} {}", reference.label, number(value, spec.unit));
        canvas.text(
            Ink::Muted,
            Anchor::Middle,
            x,
            12.0,
            &shortened(&text, width - 4.0),
        );
    }
    Some(canvas)
}

/// Draws one bar; gives the left and right end of its number.
fn draw_bar(
    canvas: &Canvas,
    plot: &Plot,
    names: &RowNames,
    row_top: f64,
    bar: &BarMark,
    fill: Ink,
    unit: Unit,
) -> (f64, f64) {
    let zero = plot.x(0.0);
    let baseline = names.baseline(row_top);
    let Some(value) = bar.value.and_then(drawable) else {
        canvas.text(
            Ink::Muted,
            Anchor::Start,
            zero + 6.0,
            baseline,
            crate::empty::NO_DATA,
        );
        return (zero + 6.0, zero + 6.0 + text_width(crate::empty::NO_DATA));
    };
    let end = plot.x(value);
    let bar_top = names.bar_top(row_top);
    canvas.rect(fill, zero.min(end), bar_top, (end - zero).abs(), names.bar);
    let (mut leftmost, mut rightmost) = (zero.min(end), zero.max(end));
    if let Some((low, high)) = bounds_of(bar) {
        let (from, to) = (plot.x(low), plot.x(high));
        let middle = bar_top + names.bar / 2.0;
        canvas.line(Ink::ReferenceHalo, (from, middle), (to, middle));
        canvas.line(Ink::Whisker, (from, middle), (to, middle));
        for x in [from, to] {
            canvas.line(Ink::Whisker, (x, middle - 4.0), (x, middle + 4.0));
        }
        leftmost = leftmost.min(from);
        rightmost = rightmost.max(to);
    }
    let text = number(value, unit);
    if value < 0.0 {
        canvas.text(Ink::Halo, Anchor::End, leftmost - 6.0, baseline, &text);
        (leftmost - 6.0 - text_width(&text), leftmost - 6.0)
    } else {
        canvas.text(Ink::Halo, Anchor::Start, rightmost + 6.0, baseline, &text);
        (rightmost + 6.0, rightmost + 6.0 + text_width(&text))
    }
}

fn bounds_of(bar: &BarMark) -> Option<(f64, f64)> {
    let low = bar.low.and_then(drawable)?;
    let high = bar.high.and_then(drawable)?;
    (low != high).then_some((low.min(high), low.max(high)))
}

fn tip_of(bar: &BarMark, unit: Unit) -> String {
    let mut tip = bar.label.clone();
    match bar.value.and_then(drawable) {
        Some(value) => {
            tip.push('\n');
            tip.push_str(&number(value, unit));
        }
        None => {
            tip.push('\n');
            tip.push_str(crate::empty::NO_DATA);
        }
    }
    if let Some((low, high)) = bounds_of(bar) {
        let range = format_range(&Value::Float(low), &Value::Float(high), &unit);
        tip.push_str(&format!(" ({range})"));
    }
    if !bar.note.is_empty() {
        tip.push('\n');
        tip.push_str(&bar.note);
    }
    tip
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Bar) -> String {
    let known = || {
        spec.bars
            .iter()
            .filter_map(|bar| bar.value.and_then(drawable).map(|value| (bar, value)))
    };
    let (Some(least), Some(most)) = (
        known().min_by(|a, b| a.1.total_cmp(&b.1)),
        known().max_by(|a, b| a.1.total_cmp(&b.1)),
    ) else {
        return crate::empty::NO_DATA.to_owned();
    };
    let mut text = format!(
        "Столбцы, {}: от {} ({}) до {} ({}).",
        spec.bars.len(),
        number(least.1, spec.unit),
        least.0.label,
        number(most.1, spec.unit),
        most.0.label
    );
    if let Some(reference) = &spec.reference {
        text.push_str(&format!(
            " {} {}.",
            reference.label,
            number(reference.value, spec.unit)
        ));
    }
    text
}

fn number(value: f64, unit: Unit) -> String {
    format_value(&Value::Float(value), &unit)
}
