//! A table of coloured cells.

use crate::canvas::{Anchor, Canvas};
use crate::ink::Ink;
use crate::lettering::{shortened, text_width};
use crate::scale::Classes;
use crate::spec::{Grid, GridRow, drawable};
use crate::steps_key;
use svodka_table::{Value, format_cell, format_value};

const ROW: f64 = 26.0;
const GAP: f64 = 2.0;

pub fn draw(spec: &Grid, id: &str, width: f64) -> Option<Canvas> {
    let value_of =
        |row: &GridRow, column: usize| row.values.get(column).copied().flatten().and_then(drawable);
    let columns = spec.columns.len();
    let values = spec
        .rows
        .iter()
        .flat_map(|row| (0..columns).filter_map(move |column| value_of(row, column)));
    let classes = Classes::of(values, spec.unit)?;

    let widest = spec
        .rows
        .iter()
        .map(|row| text_width(&row.label))
        .fold(0.0, f64::max);
    let share = if width < 480.0 { 0.32 } else { 0.35 };
    let left = (widest + 10.0).min(width * share);
    let pitch = ((width - left) / columns as f64).min(120.0);
    let bottom = 24.0 + ROW * spec.rows.len() as f64;
    let mut canvas = Canvas::new(
        id,
        width,
        bottom + 8.0 + steps_key::height(&[], left, width),
    );

    // Heads keep off each other: where they do not fit, every second, third … stands.
    let head_width = spec
        .columns
        .iter()
        .map(|head| text_width(head))
        .fold(0.0, f64::max)
        .min(90.0);
    let every = ((head_width + 6.0) / pitch)
        .ceil()
        .clamp(1.0, columns.max(1) as f64) as usize;
    for (column, head) in spec.columns.iter().enumerate().step_by(every) {
        let middle = left + (column as f64 + 0.5) * pitch;
        let head = shortened(head, pitch * every as f64 - 4.0);
        canvas.text(Ink::Muted, Anchor::Middle, middle, 14.0, &head);
    }
    for (place, row) in spec.rows.iter().enumerate() {
        let y = 22.0 + place as f64 * ROW;
        let label = shortened(&row.label, left - 10.0);
        if row.href.is_some() {
            canvas.mark(&row.label, row.href.as_deref(), false, |canvas| {
                canvas.text(Ink::Strong, Anchor::End, left - 10.0, y + 17.0, &label);
            });
        } else {
            canvas.text(Ink::Label, Anchor::End, left - 10.0, y + 17.0, &label);
        }
        for (column, head) in spec.columns.iter().enumerate() {
            let x = left + column as f64 * pitch;
            let size = ((pitch - GAP).max(1.0), ROW - GAP);
            let Some(value) = value_of(row, column) else {
                canvas.rect(Ink::Track, x, y, size.0, size.1);
                continue;
            };
            let number = format_value(&Value::Float(value), &spec.unit);
            let tip = format!("{}, {head}\n{number}", row.label);
            let (fill, letters) = Ink::STEPS[classes.strength(value, spec.is_low_strong)];
            canvas.mark(&tip, None, false, |canvas| {
                canvas.rect(fill, x, y, size.0, size.1);
                let text = format_cell(&Value::Float(value), &spec.unit);
                if text_width(&text) + 4.0 <= size.0 {
                    canvas.text(letters, Anchor::Middle, x + size.0 / 2.0, y + 16.5, &text);
                }
            });
        }
    }
    steps_key::draw(
        &canvas,
        &classes,
        spec.is_low_strong,
        &[],
        left,
        bottom + 8.0,
        width,
    );
    Some(canvas)
}

/// What the picture shows, for those who do not see it.
pub fn description(spec: &Grid) -> String {
    let cells = || {
        spec.rows.iter().flat_map(|row| {
            spec.columns
                .iter()
                .zip(&row.values)
                .filter_map(move |(head, value)| {
                    value
                        .and_then(drawable)
                        .map(|value| (row.label.as_str(), head.as_str(), value))
                })
        })
    };
    let (Some(least), Some(most)) = (
        cells().min_by(|a, b| a.2.total_cmp(&b.2)),
        cells().max_by(|a, b| a.2.total_cmp(&b.2)),
    ) else {
        return crate::empty::NO_DATA.to_owned();
    };
    let number = |value: f64| format_value(&Value::Float(value), &spec.unit);
    format!(
        "Таблица цветом, строк {}, столбцов {}. От {} ({}, {}) до {} ({}, {}).",
        spec.rows.len(),
        spec.columns.len(),
        number(least.2),
        least.0,
        least.1,
        number(most.2),
        most.0,
        most.1
    )
}
