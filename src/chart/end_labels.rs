//! Names at the ends of lines, pushed apart so that none covers another.

use crate::canvas::{Anchor, Canvas, Plot};
use crate::ink::{Hue, Ink};
use crate::lettering::{LINE_HEIGHT, text_width, wrapped};

/// Room between the end of a line and its name.
const GAP: f64 = 8.0;

/// What one line's end says.
#[derive(Debug, Clone, PartialEq)]
pub struct EndLabel {
    pub hue: Hue,
    pub title: String,
    pub value: String,
    /// Where the line ends, in the data's coordinates.
    pub x: f64,
    pub at: f64,
}

/// All ends of a picture.
pub struct EndLabels {
    labels: Vec<(EndLabel, Vec<String>)>,
    /// True where names have no room at the ends and go into keys above.
    pub need_keys: bool,
}

/// Wraps the names; a single line needs no name, many long ones go into keys.
pub fn of(labels: &[EndLabel], width: f64) -> EndLabels {
    let room = (width * 0.26).clamp(90.0, 190.0);
    let widest = labels
        .iter()
        .map(|it| text_width(&it.title))
        .fold(0.0, f64::max);
    let need_keys = labels.len() > 1 && (widest > room * 2.0 || (width < 480.0 && widest > 70.0));
    let labels = labels
        .iter()
        .map(|label| {
            let mut lines = Vec::new();
            if !need_keys && labels.len() > 1 {
                lines.extend(wrapped(&label.title, room, 2));
            }
            lines.extend(wrapped(
                &label.value,
                room.max(text_width(&label.value).min(room * 1.3)),
                2,
            ));
            (label.clone(), lines)
        })
        .collect();
    EndLabels { labels, need_keys }
}

impl EndLabels {
    /// Pixels to keep free at the right of the plot. A line that ends before the axis does needs
    /// less of them.
    pub fn margin(&self, x_range: (f64, f64), available: f64) -> f64 {
        let length = (x_range.1 - x_range.0).max(1e-9);
        self.labels
            .iter()
            .map(|(label, lines)| {
                let needed = lines_width(lines) + GAP + 2.0;
                let share = ((label.x - x_range.0) / length).clamp(0.05, 1.0);
                (needed - (1.0 - share) * available) / share
            })
            .fold(10.0, f64::max)
            .min(available * 0.5)
    }

    /// Writes the names, each as near to its line's end as the others allow.
    pub fn draw(&self, canvas: &Canvas, plot: &Plot) {
        let frame = plot.frame;
        let mut boxes: Vec<Placed<'_>> = self
            .labels
            .iter()
            .map(|(label, lines)| {
                let (end, wanted, width) = (plot.x(label.x), plot.y(label.at), lines_width(lines));
                let x = (end + GAP).min(canvas.width - width - 1.0);
                let height = lines.len() as f64 * LINE_HEIGHT;
                Placed {
                    label,
                    lines,
                    x,
                    width,
                    height,
                    end,
                    wanted,
                    middle: wanted,
                }
            })
            .collect();
        boxes.sort_by(|a, b| a.wanted.total_cmp(&b.wanted));
        push_apart(&mut boxes, 2.0, frame.bottom + 8.0);
        for placed in &boxes {
            let x = placed.x;
            if (placed.middle - placed.wanted).abs() > 9.0 {
                let from = (placed.end + 4.0, placed.wanted);
                canvas.line(Ink::Leader, from, (x - 2.0, placed.middle));
            }
            let top = placed.middle - placed.height / 2.0;
            for (row, line) in placed.lines.iter().enumerate() {
                let y = top + row as f64 * LINE_HEIGHT + 11.5;
                canvas.text(placed.label.hue.letters(), Anchor::Start, x, y, line);
            }
        }
    }
}

struct Placed<'a> {
    label: &'a EndLabel,
    lines: &'a [String],
    x: f64,
    width: f64,
    height: f64,
    /// Where the line ends.
    end: f64,
    wanted: f64,
    /// Where the name stands.
    middle: f64,
}

impl Placed<'_> {
    fn is_beside(&self, other: &Placed<'_>) -> bool {
        self.x + self.width + 4.0 < other.x || other.x + other.width + 4.0 < self.x
    }
}

fn lines_width(lines: &[String]) -> f64 {
    lines
        .iter()
        .map(|line| text_width(line))
        .fold(0.0, f64::max)
}

/// Each touching pair gives way by half, until none touches; the order from top to bottom stays.
fn push_apart(boxes: &mut [Placed<'_>], top: f64, bottom: f64) {
    for _ in 0..200 {
        let mut is_moved = false;
        for upper in 0..boxes.len() {
            for lower in upper + 1..boxes.len() {
                let room = f64::midpoint(boxes[upper].height, boxes[lower].height) + 1.0;
                let overlap = boxes[upper].middle + room - boxes[lower].middle;
                if overlap > 0.1 && !boxes[upper].is_beside(&boxes[lower]) {
                    boxes[upper].middle -= overlap / 2.0;
                    boxes[lower].middle += overlap / 2.0;
                    is_moved = true;
                }
            }
        }
        for placed in boxes.iter_mut() {
            let half = placed.height / 2.0;
            placed.middle = placed.middle.min(bottom - half).max(top + half);
        }
        if !is_moved {
            break;
        }
    }
}
