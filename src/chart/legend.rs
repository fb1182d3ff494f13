//! Keys above or below a picture: swatches with names, wrapped to the width.

use crate::canvas::{Anchor, Canvas};
use crate::ink::{Hue, Ink};
use crate::lettering::{shortened, text_width};

const SWATCH: f64 = 12.0;
const GAP: f64 = 18.0;
/// Height of one row of keys.
pub const ROW: f64 = 20.0;

/// What a key shows before its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A filled square.
    Fill(Ink),
    /// A piece of line.
    Line(Ink),
}

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub sign: Sign,
    pub title: String,
}

/// Where each key goes: x and row.
fn places(keys: &[Key], left: f64, width: f64) -> Vec<(f64, usize)> {
    let (mut x, mut row) = (left, 0);
    let mut places = Vec::with_capacity(keys.len());
    for key in keys {
        let needed = SWATCH + 6.0 + text_width(&key.title);
        if x > left && x + needed > width {
            x = left;
            row += 1;
        }
        places.push((x, row));
        x += needed + GAP;
    }
    places
}

/// Pixels that the keys take.
pub fn height(keys: &[Key], left: f64, width: f64) -> f64 {
    places(keys, left, width)
        .last()
        .map_or(0.0, |last| (last.1 + 1) as f64 * ROW)
}

/// Draws the keys from `left` to `width`, the first row at `top`.
pub fn draw(canvas: &Canvas, keys: &[Key], left: f64, top: f64, width: f64) {
    for (key, (x, row)) in keys.iter().zip(places(keys, left, width)) {
        let y = top + row as f64 * ROW;
        match key.sign {
            Sign::Fill(ink) => canvas.rect(ink, x, y + 2.0, SWATCH, SWATCH),
            Sign::Line(ink) => canvas.line(ink, (x, y + 8.0), (x + SWATCH, y + 8.0)),
        }
        let room = width - x - SWATCH - 6.0;
        canvas.text(
            Ink::Label,
            Anchor::Start,
            x + SWATCH + 6.0,
            y + 12.0,
            &shortened(&key.title, room),
        );
    }
}

/// The key of a line.
pub fn line_key(hue: Hue, is_dashed: bool, title: &str) -> Key {
    let ink = if is_dashed { hue.dashed() } else { hue.line() };
    Key {
        sign: Sign::Line(ink),
        title: title.to_owned(),
    }
}
