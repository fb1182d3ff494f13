//! The calm picture of nothing.

use crate::canvas::{Anchor, Canvas};
use crate::ink::Ink;

/// What stands where there are no values.
pub const NO_DATA: &str = "нет данных";

/// A strip that says so.
pub fn draw(id: &str, width: f64) -> Canvas {
    let canvas = Canvas::new(id, width, 96.0);
    canvas.rect(Ink::Track, 0.0, 0.0, width, 96.0);
    canvas.text(Ink::Muted, Anchor::Middle, width / 2.0, 52.0, NO_DATA);
    canvas
}
