//! How often values lie where: standing bars without gaps.

use crate::canvas::{Anchor, Canvas, Frame};
use crate::ink::Ink;
use crate::lettering::{shortened, text_width};
use crate::scale::Ticks;
use crate::spec::{Bin, Histogram, drawable};
use svodka_table::{Unit, Value, format_cell, format_value, plural};

const STOPS: usize = 12;

impl Histogram {
    /// Bins of equal, round width over the values; `counted` are the forms of 1, 2 and 5 things.
    #[must_use]
    pub fn of(values: &[f64], unit: Unit, counted: [&str; 3], count_bins: usize) -> Histogram {
        let counted = counted.map(str::to_owned);
        let known: Vec<f64> = values.iter().copied().filter_map(drawable).collect();
        let low = known.iter().copied().fold(f64::INFINITY, f64::min);
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Histogram {
                unit,
                bins: Vec::new(),
                counted,
                reference: None,
            };
        }
        let edges = Ticks::enclosing(low, high, count_bins.clamp(1, 40), unit).values;
        let mut bins: Vec<Bin> = edges
            .windows(2)
            .map(|pair| Bin {
                from: pair[0],
                to: pair[1],
                count: 0,
            })
            .collect();
        for value in known {
            let place = bins
                .iter()
                .rposition(|bin| value >= bin.from - 1e-12)
                .unwrap_or(0);
            bins[place].count += 1;
        }
        Histogram {
            unit,
            bins,
            counted,
            reference: None,
        }
    }
}

fn is_drawn(bin: &Bin) -> bool {
    drawable(bin.from).is_some() && drawable(bin.to).is_some() && bin.to > bin.from
}

pub fn draw(spec: &Histogram, id: &str, width: f64) -> Option<Canvas> {
    let bins: Vec<&Bin> = spec.bins.iter().filter(|bin| is_drawn(bin)).collect();
    let largest = bins
        .iter()
        .map(|bin| bin.count)
        .max()
        .filter(|count| *count > 0)?;
    let low = bins
        .iter()
        .map(|bin| bin.from)
        .fold(f64::INFINITY, f64::min);
    let high = bins
        .iter()
        .map(|bin| bin.to)
        .fold(f64::NEG_INFINITY, f64::max);
    let ticks = Ticks::enclosing(0.0, largest as f64, 4, Unit::Count);
    let axis_width = ticks
        .values
        .iter()
        .map(|it| text_width(&ticks.label(*it)))
        .fold(0.0, f64::max);
    let left = (axis_width + 8.0).min(width * 0.4);
    let top = if spec.reference.is_some() { 26.0 } else { 12.0 };
    let bottom = top
        + if width < 480.0 {
            150.0
        } else {
            (width * 0.26).clamp(150.0, 240.0)
        };
    let edge_half = text_width(&edge(high, spec.unit)) / 2.0;
    let right = (width - edge_half.min(40.0) - 1.0).max(left + 20.0);
    let frame = Frame {
        left,
        top,
        right,
        bottom,
    };
    let mut canvas = Canvas::new(id, width, bottom + 24.0);
    let plot = canvas.plot((low, high), (0.0, ticks.high()), frame);
    crate::line::draw_value_axis(&canvas, &plot, &ticks);

    let is_stop = bins.len() <= STOPS;
    let zero = plot.y(0.0);
    for bin in &bins {
        let (from, to) = (plot.x(bin.from), plot.x(bin.to));
        let y = plot.y(bin.count as f64);
        let tip = format!(
            "{}–{}\n{} {}",
            format_cell(&Value::Float(bin.from), &spec.unit),
            format_value(&Value::Float(bin.to), &spec.unit),
            format_value(&Value::Int(bin.count as i64), &Unit::Count),
            plural(
                bin.count as i64,
                &spec.counted[0],
                &spec.counted[1],
                &spec.counted[2]
            )
        );
        canvas.mark(&tip, None, is_stop, |canvas| {
            canvas.rect(Ink::Hit, from, top, to - from, bottom - top);
            canvas.rect(
                Ink::Fill1,
                from + 0.5,
                y,
                (to - from - 1.0).max(0.5),
                zero - y,
            );
        });
    }
    draw_edges(&canvas, &bins, spec.unit, bottom, |value| plot.x(value));
    if let Some(reference) = &spec.reference
        && let Some(value) = drawable(reference.value).filter(|it| (low..=high).contains(it))
    {
        let x = plot.x(value);
        canvas.line(Ink::ReferenceHalo, (x, top), (x, bottom));
        canvas.line(Ink::Reference, (x, top - 6.0), (x, bottom));
        let number = format_value(&Value::Float(value), &spec.unit);
        let text = format!("{} {number}", reference.label);
        canvas.text(
            Ink::Muted,
            Anchor::Middle,
            x,
            14.0,
            &shortened(&text, width - 4.0),
        );
    }
    Some(canvas)
}

/// Edges below the bars, as many as fit.
fn draw_edges(canvas: &Canvas, bins: &[&Bin], unit: Unit, bottom: f64, place: impl Fn(f64) -> f64) {
    let mut edges: Vec<f64> = bins.iter().flat_map(|bin| [bin.from, bin.to]).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let mut taken = f64::NEG_INFINITY;
    for value in edges {
        let text = edge(value, unit);
        let half = text_width(&text) / 2.0;
        let x = place(value);
        if x - half >= taken {
            canvas.text(Ink::Muted, Anchor::Middle, x, bottom + 18.0, &text);
            canvas.line(Ink::Axis, (x, bottom), (x, bottom + 4.0));
            taken = x + half + 8.0;
        }
    }
}

/// A round edge needs no «,0».
fn edge(value: f64, unit: Unit) -> String {
    let text = format_value(&Value::Float(value), &unit);
    text.replace(",0\u{a0}", "\u{a0}")
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Histogram) -> String {
    let total: u64 = spec.bins.iter().map(|bin| bin.count).sum();
    let Some(most) = spec
        .bins
        .iter()
        .filter(|bin| is_drawn(bin))
        .max_by_key(|bin| bin.count)
    else {
        return crate::empty::NO_DATA.to_owned();
    };
    format!(
        "Распределение, всего {total}. Чаще всего {}–{}: {}.",
        format_cell(&Value::Float(most.from), &spec.unit),
        format_value(&Value::Float(most.to), &spec.unit),
        most.count
    )
}
