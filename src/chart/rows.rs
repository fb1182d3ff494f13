//! Names of lying bars and of grid rows: beside their row where there is room, above it on a phone.

use crate::canvas::{Anchor, Canvas};
use crate::ink::Ink;
use crate::lettering::{shortened, text_width};

/// Where the names of rows stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowNames {
    /// Pixels left of the bars; 0 where names stand above them.
    pub width: f64,
    /// Above the bars.
    pub is_above: bool,
    /// Pixels from one row to the next.
    pub step: f64,
    /// Thickness of a bar.
    pub bar: f64,
}

impl RowNames {
    pub fn of<'a>(labels: impl Iterator<Item = &'a str>, width: f64) -> RowNames {
        let widest = labels.map(text_width).fold(0.0, f64::max);
        if width < 480.0 && widest > width * 0.3 {
            return RowNames {
                width: 0.0,
                is_above: true,
                step: 40.0,
                bar: 16.0,
            };
        }
        let taken = if widest == 0.0 {
            0.0
        } else {
            (widest + 10.0).min(width * 0.4)
        };
        RowNames {
            width: taken,
            is_above: false,
            step: 26.0,
            bar: 18.0,
        }
    }

    /// Upper edge of the bar in the row that starts at `top`.
    pub fn bar_top(&self, top: f64) -> f64 {
        if self.is_above {
            top + 18.0
        } else {
            top + (self.step - self.bar) / 2.0
        }
    }

    /// Baseline of numbers at the bar.
    pub fn baseline(&self, top: f64) -> f64 {
        self.bar_top(top) + self.bar / 2.0 + 4.5
    }

    /// Writes the name of the row that starts at `top`; at most `room` pixels above the bars.
    pub fn draw(&self, canvas: &Canvas, ink: Ink, top: f64, label: &str) {
        if self.is_above {
            let text = shortened(label, canvas.width - 2.0);
            canvas.text(ink, Anchor::Start, 0.0, top + 13.0, &text);
        } else {
            let text = shortened(label, self.width - 10.0);
            canvas.text(
                ink,
                Anchor::End,
                self.width - 10.0,
                self.baseline(top),
                &text,
            );
        }
    }
}
