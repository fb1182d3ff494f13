//! Lying bars split into parts, named by keys above.

use crate::canvas::{Anchor, Canvas, Frame};
use crate::ink::{Hue, Ink};
use crate::legend::{self, Key, Sign};
use crate::lettering::text_width;
use crate::rows::RowNames;
use crate::spec::{Stacked, StackedRow, Tone, drawable};
use svodka_table::{Unit, Value, format_value};

const STOPS: usize = 12;

const fn inks_of(tone: Tone) -> (Ink, Ink) {
    let hue = match tone {
        Tone::First => Hue::First,
        Tone::Second => Hue::Second,
        Tone::Third => Hue::Third,
        Tone::Context => Hue::Context,
        Tone::Unrecorded => return (Ink::Unrecorded, Ink::Label),
    };
    (hue.fill(), hue.letters_upon())
}

/// The row's numbers, one for each part.
fn values_of(spec: &Stacked, row: &StackedRow) -> Vec<f64> {
    (0..spec.parts.len())
        .map(|part| {
            row.values
                .get(part)
                .copied()
                .and_then(drawable)
                .unwrap_or(0.0)
                .max(0.0)
        })
        .collect()
}

pub fn draw(spec: &Stacked, id: &str, width: f64) -> Option<Canvas> {
    let rows: Vec<Vec<f64>> = spec.rows.iter().map(|row| values_of(spec, row)).collect();
    let largest = rows
        .iter()
        .map(|row| row.iter().sum::<f64>())
        .fold(0.0, f64::max);
    if largest <= 0.0 {
        return None;
    }
    // A part that never occurs needs no key.
    let keys: Vec<Key> = spec
        .parts
        .iter()
        .enumerate()
        .filter(|(part, _)| rows.iter().any(|row| row[*part] > 0.0))
        .map(|(_, part)| Key {
            sign: Sign::Fill(inks_of(part.tone).0),
            title: part.title.clone(),
        })
        .collect();
    let names = RowNames::of(spec.rows.iter().map(|row| row.label.as_str()), width);
    let keys_left = names.width;
    let top = legend::height(&keys, keys_left, width) + 6.0;
    let bottom = top + names.step * rows.len() as f64;
    let total_width = if spec.is_whole {
        0.0
    } else {
        rows.iter()
            .map(|row| text_width(&number(row.iter().sum(), spec.unit)) + 8.0)
            .fold(0.0, f64::max)
            .min(width * 0.3)
    };
    let right = (width - total_width - 1.0).max(names.width + 20.0);
    let frame = Frame {
        left: names.width,
        top,
        right,
        bottom,
    };
    let mut canvas = Canvas::new(id, width, bottom + 4.0);
    legend::draw(&canvas, &keys, keys_left, 0.0, width);
    let is_stop = rows.len() <= STOPS;
    for (place, (row, values)) in spec.rows.iter().zip(&rows).enumerate() {
        let total: f64 = values.iter().sum();
        let scale = if spec.is_whole { total } else { largest };
        let row_top = top + place as f64 * names.step;
        let plot = canvas.plot(
            (0.0, if scale > 0.0 { scale } else { 1.0 }),
            (0.0, 1.0),
            frame,
        );
        canvas.mark(
            &tip_of(spec, row, values),
            row.href.as_deref(),
            is_stop,
            |canvas| {
                canvas.rect(Ink::Hit, 0.0, row_top, width, names.step);
                let ink = if row.href.is_some() {
                    Ink::Strong
                } else {
                    Ink::Label
                };
                names.draw(canvas, ink, row_top, &row.label);
                let baseline = names.baseline(row_top);
                if total <= 0.0 {
                    let x = frame.left + 6.0;
                    canvas.text(
                        Ink::Muted,
                        Anchor::Start,
                        x,
                        baseline,
                        crate::empty::NO_DATA,
                    );
                }
                let mut sum = 0.0;
                for (part, value) in spec.parts.iter().zip(values).filter(|it| *it.1 > 0.0) {
                    let (from, to) = (plot.x(sum), plot.x(sum + value));
                    sum += value;
                    let (fill, letters) = inks_of(part.tone);
                    canvas.rect(fill, from, names.bar_top(row_top), to - from, names.bar);
                    let text = inner_text(spec, *value, total);
                    if text_width(&text) + 8.0 <= to - from {
                        let middle = f64::midpoint(from, to);
                        if part.tone == Tone::Unrecorded {
                            // Letters on hatching need a plate.
                            let plate = text_width(&text) + 6.0;
                            let top = names.bar_top(row_top) + 2.0;
                            canvas.rect(
                                Ink::Plate,
                                middle - plate / 2.0,
                                top,
                                plate,
                                names.bar - 4.0,
                            );
                        }
                        canvas.text(letters, Anchor::Middle, middle, baseline, &text);
                    }
                }
                if !spec.is_whole && total > 0.0 {
                    let x = plot.x(total) + 6.0;
                    let text = number(total, spec.unit);
                    canvas.text(Ink::Label, Anchor::Start, x, baseline, &text);
                }
            },
        );
    }
    Some(canvas)
}

fn inner_text(spec: &Stacked, value: f64, total: f64) -> String {
    if spec.is_whole {
        let percent = (value / total * 100.0).round();
        // Rounding must not turn nearly all into all, nor nearly nothing into nothing.
        let percent = if value < total {
            percent.clamp(1.0, 99.0)
        } else {
            percent
        };
        format!("{percent:.0}\u{a0}%")
    } else {
        svodka_table::format_cell(&Value::Float(value), &spec.unit)
    }
}

fn tip_of(spec: &Stacked, row: &StackedRow, values: &[f64]) -> String {
    let total: f64 = values.iter().sum();
    let mut tip = row.label.clone();
    if total <= 0.0 {
        tip.push('\n');
        tip.push_str(crate::empty::NO_DATA);
        return tip;
    }
    for (part, value) in spec.parts.iter().zip(values).filter(|it| *it.1 > 0.0) {
        let share = format_value(&Value::Float(value / total), &Unit::Share);
        tip.push_str(&format!(
            "\n{}: {} ({share})",
            part.title,
            number(*value, spec.unit)
        ));
    }
    tip.push_str(&format!("\nвсего: {}", number(total, spec.unit)));
    tip
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Stacked) -> String {
    let mut totals = vec![0.0; spec.parts.len()];
    for row in &spec.rows {
        for (total, value) in totals.iter_mut().zip(values_of(spec, row)) {
            *total += value;
        }
    }
    let all: f64 = totals.iter().sum();
    if all <= 0.0 {
        return crate::empty::NO_DATA.to_owned();
    }
    let mut text = format!("Столбцы из частей, {}. Вместе:", spec.rows.len());
    let mut separator = "";
    for (part, total) in spec.parts.iter().zip(totals) {
        let share = format_value(&Value::Float(total / all), &Unit::Share);
        text.push_str(&format!(
            "{separator} {} {share}",
            part.title.to_lowercase()
        ));
        separator = ",";
    }
    text.push('.');
    text
}

fn number(value: f64, unit: Unit) -> String {
    format_value(&Value::Float(value), &unit)
}
