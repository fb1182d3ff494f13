//! A result table as a page shows it: heads with sort links, cells with links and bars, sums.

use crate::address::{self, Values};
use std::cmp::Ordering;
use svodka_catalog::TableColumn;
use svodka_table::{Column, ColumnFormat, NOTHING, Table, Unit, Value, plural};

/// Rows a page shows before «Показать все».
pub const ROWS_ON_PAGE: usize = 60;
/// Texts longer than this get a wider column.
const LONG_TEXT: usize = 28;

/// A table ready for the template.
#[derive(Debug, Default)]
pub struct TableView {
    pub caption: String,
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Cell>>,
    pub sums: Vec<Cell>,
    /// «37 строк» or «Показаны 60 из 412 строк».
    pub count: String,
    /// Address with all rows; empty where all are shown.
    pub all_href: String,
    pub is_long: bool,
}

#[derive(Debug, Default)]
pub struct Head {
    pub text: String,
    pub unit: String,
    pub meaning: String,
    /// Address with this order; empty where the table cannot be sorted.
    pub href: String,
    /// `ascending`, `descending` or empty, as in `aria-sort`.
    pub order: &'static str,
    pub is_numeric: bool,
}

#[derive(Debug, Default, Clone)]
pub struct Cell {
    pub text: String,
    pub href: String,
    pub class: &'static str,
    /// Mark before the text: `good`, `warning`, `error`, `plain`; empty for none.
    pub state: &'static str,
    /// Length of the bar, 0–100.
    pub bar: Option<u8>,
    /// Ready SVG in place of the text.
    pub svg: String,
}

/// The order asked for in the address: `sort=report.column` or `sort=report.column.desc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub report: String,
    pub column: String,
    pub is_descending: bool,
}

impl Order {
    /// Reads the value of `sort`; none if it is no order.
    #[must_use]
    pub fn parse(text: &str) -> Option<Order> {
        let mut parts = text.split('.');
        let order = Order {
            report: parts.next()?.to_owned(),
            column: parts.next()?.to_owned(),
            is_descending: match parts.next() {
                None => false,
                Some("desc") => true,
                Some(_) => return None,
            },
        };
        parts.next().is_none().then_some(order)
    }

    fn text(report: &str, column: &str, is_descending: bool) -> String {
        let tail = if is_descending { ".desc" } else { "" };
        format!("{report}.{column}{tail}")
    }
}

/// What decides how a table is shown.
pub struct Asked<'a> {
    pub report: &'a str,
    pub caption: &'a str,
    pub path: &'a str,
    pub values: &'a Values,
    /// Where sort links lead inside the page.
    pub anchor: &'a str,
    pub order: Option<Order>,
    pub limit: Option<usize>,
    pub all_rows: bool,
    pub sum: &'a [String],
    pub is_sortable: bool,
}

/// One column as the dashboard wants it.
pub struct Shown<'a> {
    pub index: usize,
    pub title: Option<&'a str>,
    pub is_bar: bool,
}

/// The columns to show: those the dashboard names, else all but keys.
#[must_use]
pub fn shown<'a>(table: &Table, columns: &'a [TableColumn]) -> Vec<Shown<'a>> {
    if columns.is_empty() {
        return (0..table.columns.len())
            .filter(|&index| table.columns[index].unit != Unit::Id)
            .map(|index| Shown {
                index,
                title: None,
                is_bar: false,
            })
            .collect();
    }
    columns
        .iter()
        .filter_map(|column| {
            Some(Shown {
                index: table.column_index(&column.name)?,
                title: column.title.as_deref(),
                is_bar: column.is_bar,
            })
        })
        .collect()
}

/// Row numbers in the order asked for; without one the table's own order stands.
#[must_use]
pub fn ordered_rows(table: &Table, order: Option<&Order>) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    let Some((column, is_descending)) =
        order.and_then(|order| Some((table.column_index(&order.column)?, order.is_descending)))
    else {
        return rows;
    };
    // Stable: equal values keep the order of the report, which is total.
    rows.sort_by(|&left, &right| {
        let (left, right) = (&table.rows[left][column], &table.rows[right][column]);
        match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if is_descending => compare(right, left),
            (false, false) => compare(left, right),
        }
    });
    rows
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.as_text(), right.as_text()) {
        (Some(left), Some(right)) => left
            .to_lowercase()
            .replace('ё', "е\u{1}")
            .cmp(&right.to_lowercase().replace('ё', "е\u{1}")),
        _ => match (left, right) {
            (Value::Int(left), Value::Int(right))
            | (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
            (Value::Date(left), Value::Date(right)) => left.cmp(right),
            (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
            _ => left
                .as_f64()
                .partial_cmp(&right.as_f64())
                .unwrap_or(Ordering::Equal),
        },
    }
}

/// Builds the view; `link` gives the address of a cell (row number, column index), or none.
pub fn build(
    table: &Table,
    columns: &[Shown<'_>],
    asked: &Asked<'_>,
    link: &dyn Fn(usize, usize) -> Option<String>,
) -> TableView {
    let order = asked
        .order
        .as_ref()
        .filter(|order| order.report == asked.report);
    let rows = ordered_rows(table, order);
    let total = rows.len();
    let limit = if asked.all_rows {
        usize::MAX
    } else {
        asked.limit.unwrap_or(ROWS_ON_PAGE)
    };
    let formats: Vec<ColumnFormat> = columns
        .iter()
        .map(|shown| ColumnFormat::of(table, shown.index))
        .collect();
    let longest: Vec<usize> = columns
        .iter()
        .map(|shown| longest_text(table, shown.index))
        .collect();
    let scales: Vec<f64> = columns
        .iter()
        .map(|shown| {
            if shown.is_bar {
                bar_scale(table, shown.index)
            } else {
                0.0
            }
        })
        .collect();
    let view_rows = rows
        .iter()
        .take(limit)
        .map(|&row| {
            columns
                .iter()
                .enumerate()
                .map(|(place, shown)| {
                    let value = &table.rows[row][shown.index];
                    let column = &table.columns[shown.index];
                    Cell {
                        text: formats[place].cell(value),
                        href: link(row, shown.index).unwrap_or_default(),
                        class: if is_zero(value, column.unit) {
                            "n zero"
                        } else {
                            class_of(column, longest[place])
                        },
                        state: "",
                        bar: shown
                            .is_bar
                            .then(|| bar_length(value, scales[place]))
                            .flatten(),
                        svg: String::new(),
                    }
                })
                .collect()
        })
        .collect();
    TableView {
        caption: asked.caption.to_owned(),
        heads: columns
            .iter()
            .map(|shown| head(table, shown, asked, order))
            .collect(),
        rows: view_rows,
        sums: if asked.sum.is_empty() || total < 2 {
            Vec::new()
        } else {
            sums(table, columns, asked.sum, &formats, &longest)
        },
        count: count_text(total, limit),
        all_href: if total > limit {
            format!(
                "{}#{}",
                address::link(
                    asked.path,
                    &address::with(asked.values, "rows", Some("all"))
                ),
                asked.anchor
            )
        } else {
            String::new()
        },
        is_long: total.min(limit) > 12,
    }
}

fn head(table: &Table, shown: &Shown<'_>, asked: &Asked<'_>, order: Option<&Order>) -> Head {
    let column = &table.columns[shown.index];
    let sorted = order.filter(|order| order.column == column.name);
    let is_descending_next = match sorted {
        Some(order) => !order.is_descending,
        // Names read from А to Я, amounts are asked for from the largest.
        None => column.unit.is_numeric(),
    };
    let title = shown.title.unwrap_or(&column.title);
    let unit = Column {
        title: title.to_owned(),
        ..column.clone()
    }
    .head();
    Head {
        unit: unit
            .strip_prefix(title)
            .and_then(|rest| rest.strip_prefix(", "))
            .unwrap_or_default()
            .to_owned(),
        text: title.to_owned(),
        meaning: column.meaning.clone(),
        href: if asked.is_sortable {
            let order = Order::text(asked.report, &column.name, is_descending_next);
            format!(
                "{}#{}",
                address::link(
                    asked.path,
                    &address::with(asked.values, "sort", Some(&order))
                ),
                asked.anchor
            )
        } else {
            String::new()
        },
        order: match sorted {
            None => "",
            Some(order) if order.is_descending => "descending",
            Some(_) => "ascending",
        },
        is_numeric: column.unit.is_numeric(),
    }
}

fn class_of(column: &Column, longest: usize) -> &'static str {
    match column.unit {
        Unit::Count | Unit::Hours | Unit::Share | Unit::Points | Unit::Number => "n",
        Unit::Date | Unit::Timestamp | Unit::Month | Unit::Weekday => "nowrap",
        Unit::Source => "source",
        Unit::Text | Unit::Person if longest > LONG_TEXT => "words",
        Unit::Text | Unit::Person => "text",
        Unit::Id | Unit::Bool => "",
    }
}

/// A zero says that nothing happened: it steps back behind the numbers that say something.
fn is_zero(value: &Value, unit: Unit) -> bool {
    matches!(unit, Unit::Count | Unit::Hours) && value.as_f64() == Some(0.0)
}

fn longest_text(table: &Table, column: usize) -> usize {
    table
        .column_values(column)
        .filter_map(Value::as_text)
        .map(|text| text.chars().count())
        .max()
        .unwrap_or(0)
}

/// The value that fills the bar: 1 for shares, else the largest of the column.
fn bar_scale(table: &Table, column: usize) -> f64 {
    if table.columns[column].unit == Unit::Share {
        return 1.0;
    }
    table
        .column_values(column)
        .filter_map(Value::as_f64)
        .fold(0.0, f64::max)
}

fn bar_length(value: &Value, scale: f64) -> Option<u8> {
    let value = value.as_f64()?;
    (scale > 0.0).then(|| (value / scale * 100.0).round().clamp(0.0, 100.0) as u8)
}

fn sums(
    table: &Table,
    columns: &[Shown<'_>],
    names: &[String],
    formats: &[ColumnFormat],
    longest: &[usize],
) -> Vec<Cell> {
    columns
        .iter()
        .enumerate()
        .map(|(place, shown)| {
            let column = &table.columns[shown.index];
            let text = if names.contains(&column.name) {
                formats[place].cell(&sum(table, shown.index))
            } else if place == 0 {
                "Итого".to_owned()
            } else {
                String::new()
            };
            Cell {
                text,
                class: class_of(column, longest[place]),
                ..Cell::default()
            }
        })
        .collect()
}

/// The sum of a column; exact for whole and fixed-point numbers.
fn sum(table: &Table, column: usize) -> Value {
    let mut total = Value::Null;
    for value in table.column_values(column) {
        total = match (total, value) {
            (total, Value::Null) => total,
            (Value::Null, value) => value.clone(),
            (Value::Int(left), Value::Int(right)) => Value::Int(left + right),
            (
                Value::Decimal { units: left, scale },
                Value::Decimal {
                    units: right,
                    scale: other,
                },
            ) if scale == *other => Value::Decimal {
                units: left + right,
                scale,
            },
            (total, value) => match (total.as_f64(), value.as_f64()) {
                (Some(left), Some(right)) => Value::Float(left + right),
                _ => total,
            },
        };
    }
    total
}

/// «37 строк» or «Показаны 60 из 412 строк».
fn count_text(total: usize, limit: usize) -> String {
    let number = i64::try_from(total).unwrap_or(i64::MAX);
    if total > limit {
        format!(
            "Показаны {limit} из {total} {}",
            plural(number, "строки", "строк", "строк")
        )
    } else {
        format!("{total} {}", plural(number, "строка", "строки", "строк"))
    }
}

/// A table of ready texts, for lists that come from no report.
#[must_use]
pub fn of_texts(caption: &str, heads: &[(&str, bool)], rows: Vec<Vec<Cell>>) -> TableView {
    TableView {
        caption: caption.to_owned(),
        heads: heads
            .iter()
            .map(|(text, is_numeric)| Head {
                text: (*text).to_owned(),
                is_numeric: *is_numeric,
                ..Head::default()
            })
            .collect(),
        count: count_text(rows.len(), usize::MAX),
        is_long: rows.len() > 12,
        rows,
        sums: Vec::new(),
        all_href: String::new(),
    }
}

impl Cell {
    /// A cell of text; an empty text is a dash.
    #[must_use]
    pub fn text(text: impl Into<String>, class: &'static str) -> Cell {
        let text = text.into();
        Cell {
            text: if text.is_empty() {
                NOTHING.to_owned()
            } else {
                text
            },
            class,
            ..Cell::default()
        }
    }

    /// A text with a mark of its state before it.
    #[must_use]
    pub fn state(text: impl Into<String>, state: &'static str) -> Cell {
        Cell {
            text: text.into(),
            class: "nowrap",
            state,
            ..Cell::default()
        }
    }

    /// A cell that leads somewhere.
    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            href: href.into(),
            class: "text",
            ..Cell::default()
        }
    }
}

/// Puts a column of small lines at `place`; `lines` stand in the order of all rows.
pub fn insert_sparklines(view: &mut TableView, place: usize, title: &str, lines: Vec<String>) {
    let place = place.min(view.heads.len());
    view.heads.insert(
        place,
        Head {
            text: title.to_owned(),
            ..Head::default()
        },
    );
    let mut lines = lines.into_iter();
    for row in &mut view.rows {
        let svg = lines.next().unwrap_or_default();
        row.insert(
            place,
            Cell {
                svg,
                ..Cell::default()
            },
        );
    }
    if !view.sums.is_empty() {
        view.sums.insert(place, Cell::default());
    }
}

impl Cell {
    /// The same cell set as a number.
    #[must_use]
    pub fn numeric(mut self) -> Cell {
        self.class = "n";
        self
    }
}
