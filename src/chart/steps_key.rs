//! The key of coloured cells: steps with the numbers between them.

use crate::canvas::{Anchor, Canvas};
use crate::ink::Ink;
use crate::legend::{self, Key, Sign};
use crate::lettering::text_width;
use crate::scale::Classes;

/// Pixels a key takes from its top.
pub fn height(others: &[Key], left: f64, width: f64) -> f64 {
    34.0 + if others.is_empty() {
        0.0
    } else {
        legend::height(others, left, width) + 4.0
    }
}

/// Draws the steps at `top`, other signs below.
pub fn draw(
    canvas: &Canvas,
    classes: &Classes,
    is_low_strong: bool,
    others: &[Key],
    left: f64,
    top: f64,
    width: f64,
) {
    let ticks = classes.ticks();
    let labels: Vec<String> = ticks
        .values
        .iter()
        .map(|it| ticks.bare_label(*it))
        .collect();
    let last = ticks.label(ticks.high());
    let widest = labels
        .iter()
        .map(|label| text_width(label))
        .fold(0.0, f64::max);
    let count = classes.count();
    // Numbers stand below the borders of the steps: the outer ones need half their width beside.
    let left_half = labels.first().map_or(0.0, |label| text_width(label) / 2.0);
    let room = (width - left - left_half - text_width(&last)) / count as f64;
    let swatch = (widest + 10.0).max(36.0).min(room.max(8.0));
    let first = left + left_half;
    // Where numbers would touch, only the outer ones stand.
    let is_tight = swatch < widest + 4.0;
    for place in 0..count {
        let (fill, _) = Ink::STEPS[classes.strength_of(place, is_low_strong)];
        canvas.rect(fill, first + place as f64 * swatch, top, swatch - 1.0, 10.0);
    }
    for (place, label) in labels.iter().enumerate() {
        let x = first + place as f64 * swatch;
        let y = top + 24.0;
        if place == count {
            canvas.text(
                Ink::Muted,
                Anchor::Start,
                x - text_width(label) / 2.0,
                y,
                &last,
            );
        } else if place == 0 || !is_tight {
            canvas.text(Ink::Muted, Anchor::Middle, x, y, label);
        }
    }
    legend::draw(canvas, others, left, top + 38.0, width);
}

/// The key of cells without a value.
pub fn unrecorded(title: &str) -> Key {
    Key {
        sign: Sign::Fill(Ink::Unrecorded),
        title: title.to_owned(),
    }
}

/// The key of days off.
pub fn day_off() -> Key {
    Key {
        sign: Sign::Fill(Ink::DayOff),
        title: "нет занятий".to_owned(),
    }
}
