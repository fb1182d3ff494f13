//! Tables as workbooks: real numbers and dates, a head that stays, ready to print on A4.
//!
//! Sheet 1 holds the head in row 1 and the data below, nothing else, so that programs read it too.
//! Sheet 2 «О данных» says what the table stands on.
//! Quirks: differences of shares are written in points (0.021 as 2.1), because no number format
//! multiplies without a percent sign; keys beyond 2^53 are texts, because a workbook's numbers
//! are doubles.

use crate::PrintError;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};
use svodka_table::csv::is_formula;
use svodka_table::{Column, ColumnFormat, MOSCOW_MINUTES, Meta, Table, Unit, Value};

/// Rows of a worksheet below its head.
const MOST_ROWS: usize = 1_048_575;
const MOST_COLUMNS: usize = 16_384;
/// Characters of one cell.
const MOST_CHARACTERS: usize = 32_767;
const ABOUT: &str = "О данных";
/// Serial number of 1970-01-01.
const EPOCH: i32 = 25_569;
const A4: u8 = 9;

/// The workbook's bytes.
pub fn write(table: &Table, meta: &Meta) -> Result<Vec<u8>, PrintError> {
    if table.rows.len() > MOST_ROWS {
        return Err(PrintError::TooManyRows {
            rows: table.rows.len(),
            most: MOST_ROWS,
        });
    }
    if table.columns.len() > MOST_COLUMNS {
        return Err(PrintError::TooManyColumns {
            columns: table.columns.len(),
            most: MOST_COLUMNS,
        });
    }
    let mut workbook = Workbook::new();
    // No clock: the file says when its data were exported.
    let properties = DocProperties::new()
        .set_title(&meta.title)
        .set_comment(meta.stamp());
    workbook.set_properties(&properties.set_creation_datetime(&created_at(meta)?));

    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name(&meta.title))?;
    write_data(sheet, table)?;
    set_up_print(sheet, table, meta)?;

    let about = workbook.add_worksheet();
    about.set_name(ABOUT)?;
    write_about(about, table, meta)?;
    Ok(workbook.save_to_buffer()?)
}

fn created_at(meta: &Meta) -> Result<ExcelDateTime, PrintError> {
    let seconds = meta
        .data_as_of
        .unwrap_or(946_684_800_000_000)
        .div_euclid(1_000_000);
    // Within the years a workbook can tell.
    Ok(ExcelDateTime::from_timestamp(
        seconds.clamp(0, 4_102_444_800),
    )?)
}

/// How cells of one column are written.
struct ColumnStyle {
    unit: Unit,
    format: Format,
    /// For a text that would become a formula if its cell were edited.
    quoted: Format,
    /// For whole numbers in a column of keys.
    text: ColumnFormat,
}

impl ColumnStyle {
    fn of(table: &Table, column: usize) -> ColumnStyle {
        let unit = table.columns[column].unit;
        let text = ColumnFormat::of(table, column);
        let base = Format::new().set_align(FormatAlign::Top);
        // Only quantities stand to the right.
        let base = if unit.is_numeric() {
            base
        } else {
            base.set_align(FormatAlign::Left).set_indent(1)
        };
        let format = match number_format(unit, text.decimals()) {
            Some(code) => base.clone().set_num_format(code),
            None => base.clone().set_text_wrap(),
        };
        let quoted = base.set_text_wrap().set_quote_prefix();
        ColumnStyle {
            unit,
            format,
            quoted,
            text,
        }
    }
}

fn number_format(unit: Unit, decimals: u8) -> Option<&'static str> {
    match unit {
        Unit::Id => Some("0"),
        Unit::Count => Some("#,##0"),
        Unit::Share => Some("0.0%"),
        Unit::Points => Some("+0.0;-0.0;0.0"),
        Unit::Hours | Unit::Number => Some(match decimals {
            0 => "#,##0",
            1 => "#,##0.0",
            _ => "#,##0.00",
        }),
        Unit::Date => Some("dd.mm.yyyy"),
        Unit::Timestamp => Some("dd.mm.yyyy hh:mm"),
        Unit::Month => Some("[$-419]mmmm yyyy"),
        Unit::Text | Unit::Weekday | Unit::Bool | Unit::Person | Unit::Source => None,
    }
}

fn write_data(sheet: &mut Worksheet, table: &Table) -> Result<(), PrintError> {
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Thin)
        .set_background_color(0x00ED_F1F5);
    let head_right = head.clone().set_align(FormatAlign::Right);
    let head = head.set_align(FormatAlign::Left).set_indent(1);
    let styles: Vec<ColumnStyle> = (0..table.columns.len())
        .map(|column| ColumnStyle::of(table, column))
        .collect();
    let mut lines = 1;
    for (place, column) in table.columns.iter().enumerate() {
        let format = if column.unit.is_numeric() {
            &head_right
        } else {
            &head
        };
        let title = shortened(&head_of(column));
        sheet.write_string_with_format(0, place as u16, title, format)?;
        let width = width_of(table, place, &styles[place]);
        sheet.set_column_width(place as u16, width)?;
        lines = lines.max(lines_of(&head_of(column), width));
    }
    sheet.set_row_height(0, lines as f64 * 15.0 + 3.0)?;
    for (row_no, row) in table.rows.iter().enumerate() {
        for (place, (value, style)) in row.iter().zip(&styles).enumerate() {
            write_value(sheet, row_no as u32 + 1, place as u16, value, style)?;
        }
    }
    Ok(())
}

/// Percent stands in the cells, so the head needs no sign.
fn head_of(column: &Column) -> String {
    if column.unit == Unit::Share {
        column.title.clone()
    } else {
        column.head()
    }
}

fn write_value(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value,
    style: &ColumnStyle,
) -> Result<(), PrintError> {
    let number = match value {
        _ if value.is_null() => return Ok(()),
        Value::Date(day) => serial(f64::from(day.0)),
        Value::Timestamp(micros) => {
            let minutes = *micros as f64 / 60_000_000.0 + f64::from(MOSCOW_MINUTES);
            serial(minutes / 1_440.0)
        }
        Value::Int(month) if style.unit == Unit::Month => month_serial(*month),
        Value::Int(number) if number.unsigned_abs() >= 1 << 53 => None,
        Value::Int(_) | Value::Decimal { .. } | Value::Float(_) => {
            let is_word = matches!(style.unit, Unit::Weekday | Unit::Bool);
            let factor = if style.unit == Unit::Points {
                100.0
            } else {
                1.0
            };
            value
                .as_f64()
                .filter(|_| !is_word)
                .map(|number| number * factor)
        }
        Value::Null | Value::Text(_) | Value::Bool(_) => None,
    };
    match number {
        Some(number) => sheet.write_number_with_format(row, column, number, &style.format)?,
        None => {
            let text = shortened(&style.text.cell(value));
            let format = if is_formula(&text) {
                &style.quoted
            } else {
                &style.format
            };
            sheet.write_string_with_format(row, column, text, format)?
        }
    };
    Ok(())
}

/// Days since 1970 as a workbook counts them; nothing before March 1900, where its calendar is
/// wrong, and after 9999.
fn serial(days: f64) -> Option<f64> {
    let serial = days + f64::from(EPOCH);
    (61.0..2_958_466.0).contains(&serial).then_some(serial)
}

fn month_serial(month: i64) -> Option<f64> {
    let (year, month) = (
        i32::try_from(month / 100).ok()?,
        u32::try_from(month % 100).ok()?,
    );
    // Days from 1 March 0000 by the civil calendar, as in `Day::from_civil`.
    if !(1..=12).contains(&month) || !(1901..=9999).contains(&year) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5;
    let day = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    serial(f64::from(era * 146_097 + day - 719_468))
}

fn shortened(text: &str) -> String {
    // A workbook counts UTF-16 units.
    let mut units = 0;
    text.chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= MOST_CHARACTERS
        })
        .collect()
}

/// Width in characters: the widest cell of the first thousand, the longest word of the head.
fn width_of(table: &Table, column: usize, style: &ColumnStyle) -> f64 {
    let head = head_of(&table.columns[column]);
    let head = head
        .split(' ')
        .map(|word| word.chars().count())
        .max()
        .unwrap_or(0);
    let cells = table
        .rows
        .iter()
        .take(1_000)
        .filter_map(|row| row.get(column))
        .map(|value| style.text.cell(value).chars().count())
        .max()
        .unwrap_or(0);
    (cells.max(head).min(60) as f64 + 3.0).max(8.0)
}

/// Lines a bold head takes in a column of that many characters.
fn lines_of(head: &str, width: f64) -> usize {
    let (mut lines, mut taken) = (1, 0.0);
    for word in head.split(' ') {
        let word = word.chars().count() as f64 * 1.15;
        if taken > 0.0 && taken + 1.0 + word > width {
            lines += 1;
            taken = word;
        } else {
            taken += 1.0 + word;
        }
    }
    lines.min(6)
}

fn set_up_print(sheet: &mut Worksheet, table: &Table, meta: &Meta) -> Result<(), PrintError> {
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3)
        .set_header(format!("&L&\"-,Bold\"{}", header_text(&meta.title)))
        .set_footer(format!("&L{}&Rстр. &P из &N", header_text(&meta.stamp())));
    sheet.set_freeze_panes(1, u16::from(table.columns.len() > 1))?;
    if !table.columns.is_empty() {
        sheet.set_repeat_rows(0, 0)?;
        let (last_row, last_column) = (table.rows.len() as u32, table.columns.len() as u16 - 1);
        sheet.autofilter(0, 0, last_row, last_column)?;
    }
    Ok(())
}

/// `&` starts a code in headers and footers; they hold 255 characters with everything.
fn header_text(text: &str) -> String {
    text.chars().take(90).collect::<String>().replace('&', "&&")
}

fn write_about(sheet: &mut Worksheet, table: &Table, meta: &Meta) -> Result<(), PrintError> {
    let name = Format::new().set_bold().set_align(FormatAlign::Top);
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let quoted = text.clone().set_quote_prefix();
    let mut lines: Vec<(String, String)> = vec![
        ("Отчёт".to_owned(), meta.title.clone()),
        ("Имя отчёта".to_owned(), meta.report.clone()),
        ("Основание".to_owned(), meta.stamp()),
        ("Строк".to_owned(), table.rows.len().to_string()),
    ];
    if !meta.parameters.is_empty() {
        lines.push((String::new(), String::new()));
        lines.push(("Параметры".to_owned(), String::new()));
        lines.extend(meta.parameters.iter().cloned());
    }
    let meanings = table
        .columns
        .iter()
        .filter(|column| !column.meaning.is_empty());
    let meanings: Vec<(String, String)> = meanings
        .map(|column| (column.title.clone(), column.meaning.clone()))
        .collect();
    if !meanings.is_empty() {
        lines.push((String::new(), String::new()));
        lines.push(("Как считается".to_owned(), String::new()));
        lines.extend(meanings);
    }
    for (row, (left, right)) in lines.iter().enumerate() {
        for (column, (value, format)) in [(left, &name), (right, &text)].into_iter().enumerate() {
            if !value.is_empty() {
                let format = if is_formula(value) { &quoted } else { format };
                let value = shortened(value);
                sheet.write_string_with_format(row as u32, column as u16, value, format)?;
            }
        }
    }
    sheet.set_column_width(0, 28)?;
    sheet.set_column_width(1, 80)?;
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The title as a sheet name: at most 31 UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at
/// an end, not «History», not the name of the second sheet.
fn sheet_name(title: &str) -> String {
    let mut units = 0;
    let name: String = title
        .chars()
        .map(|it| {
            if it.is_control() || "[]:*?/\\".contains(it) {
                ' '
            } else {
                it
            }
        })
        .take_while(|it| {
            units += it.len_utf16();
            units <= 31
        })
        .collect();
    let name = name.trim_matches(|it: char| it == '\'' || it.is_whitespace());
    if name.is_empty() || name.eq_ignore_ascii_case("history") || name.to_lowercase() == "о данных"
    {
        "Данные".to_owned()
    } else {
        name.to_owned()
    }
}
