//! Tables for the terminal: aligned columns, numbers to the right.

use crate::{ColumnFormat, Table, Value};
use std::io::{self, Write};

/// Writes heads, a rule, the rows and their number.
pub fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let formats: Vec<ColumnFormat> = (0..table.columns.len())
        .map(|column| ColumnFormat::of(table, column))
        .collect();
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|column| printable(&column.head()))
        .collect();
    let mut widths: Vec<usize> = heads.iter().map(|head| width_of(head)).collect();
    let cell = |column: usize, row: &[Value]| -> String {
        row.get(column)
            .map_or_else(String::new, |value| printable(&formats[column].cell(value)))
    };
    let mut lines = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let cells: Vec<String> = (0..widths.len()).map(|column| cell(column, row)).collect();
        for (width, text) in widths.iter_mut().zip(&cells) {
            *width = (*width).max(width_of(text));
        }
        lines.push(cells);
    }
    let mut out = io::BufWriter::new(out);
    write_line(&mut out, table, &widths, &heads)?;
    let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    writeln!(out, "{}", rules.join("  "))?;
    for cells in &lines {
        write_line(&mut out, table, &widths, cells)?;
    }
    let count = table.rows.len();
    let word = crate::plural(count as i64, "строка", "строки", "строк");
    writeln!(out, "{count} {word}")?;
    out.flush()
}

fn write_line(
    out: &mut impl Write,
    table: &Table,
    widths: &[usize],
    cells: &[String],
) -> io::Result<()> {
    let mut line = String::new();
    for (place, (column, (width, text))) in table
        .columns
        .iter()
        .zip(widths.iter().zip(cells))
        .enumerate()
    {
        if place > 0 {
            line.push_str("  ");
        }
        let gap = " ".repeat(width.saturating_sub(width_of(text)));
        if column.unit.is_numeric() {
            line.push_str(&gap);
            line.push_str(text);
        } else {
            line.push_str(text);
            line.push_str(&gap);
        }
    }
    writeln!(out, "{}", line.trim_end())
}

/// Control characters could drive the terminal and line breaks would tear the row.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

/// Columns of the terminal that a text takes; combining marks take none, wide characters two.
fn width_of(text: &str) -> usize {
    text.chars()
        .map(|character| match character {
            '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => 0,
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 2,
            '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => 2,
            '\u{1f300}'..='\u{1faff}' => 2,
            _ => 1,
        })
        .sum()
}
