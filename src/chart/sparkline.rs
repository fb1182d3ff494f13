//! A line of the size of a word, for table cells.

use crate::canvas::{Canvas, Frame};
use crate::ink::Ink;
use crate::spec::{Sparkline, drawable};
use svodka_table::{Value, format_value};

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 24.0;

pub fn draw(spec: &Sparkline, id: &str) -> Option<Canvas> {
    let known: Vec<Option<f64>> = spec.values.iter().map(|it| it.and_then(drawable)).collect();
    let (low, high) = known
        .iter()
        .flatten()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(*value), range.1.max(*value))
        });
    if low > high {
        return None;
    }
    let (low, high) = match spec.domain {
        Some((from, to)) if drawable(from).is_some() && drawable(to).is_some() && from < to => {
            (from.min(low), to.max(high))
        }
        _ if low == high => (low - 1.0, high + 1.0),
        _ => (low, high),
    };
    let canvas = Canvas::new(id, WIDTH, HEIGHT);
    let frame = Frame {
        left: 3.0,
        top: 4.0,
        right: WIDTH - 5.0,
        bottom: HEIGHT - 4.0,
    };
    let last = known.len().saturating_sub(1).max(1) as f64;
    let plot = canvas.plot((0.0, last), (low, high), frame);
    let mut run: Vec<(f64, f64)> = Vec::new();
    for (place, value) in known.iter().enumerate() {
        match value {
            Some(value) => run.push((place as f64, *value)),
            None => draw_run(&canvas, &plot, &mut run),
        }
    }
    let end = run.last().copied();
    if run.len() > 1 {
        draw_run(&canvas, &plot, &mut run);
    }
    if let Some((place, value)) = end {
        canvas.dot(Ink::Fill1, plot.x(place), plot.y(value), 2.5);
    }
    Some(canvas)
}

fn draw_run(canvas: &Canvas, plot: &crate::canvas::Plot, run: &mut Vec<(f64, f64)>) {
    if let [(place, value)] = run.as_slice() {
        canvas.dot(Ink::Fill1, plot.x(*place), plot.y(*value), 1.5);
    }
    plot.series(Ink::Spark, run);
    run.clear();
}

/// Nothing to draw: as wide as a drawn one, so that rows align.
pub fn draw_empty(id: &str) -> Canvas {
    let canvas = Canvas::new(id, WIDTH, HEIGHT);
    canvas.line(Ink::Grid, (3.0, HEIGHT / 2.0), (WIDTH - 5.0, HEIGHT / 2.0));
    canvas
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Sparkline) -> String {
    let known = || spec.values.iter().filter_map(|it| it.and_then(drawable));
    let (Some(first), Some(last)) = (known().next(), known().next_back()) else {
        return crate::empty::NO_DATA.to_owned();
    };
    let number = |value: f64| format_value(&Value::Float(value), &spec.unit);
    format!("от {} к {}", number(first), number(last))
}
