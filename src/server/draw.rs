//! From the rows of a report to a picture: picks columns, words and widths; draws nothing itself.

use std::collections::BTreeMap;
use svodka_catalog::{Axes, Band, Catalog, Panel, Sparkline as SparklineSpec, View};
use svodka_chart::{
    Bar, BarMark, Bin, Calendar, CalendarDay, Chart, Grid, GridRow, Histogram, Line, Part, Picture,
    Point, Role, Series, Sparkline, Stacked, StackedRow, Step, Tone, Width, render,
    render_responsive, standalone,
};
use svodka_journal::{Day, Month};
use svodka_table::{MONTHS, Table, Unit, Value, format_cell};

/// Address of a row's drill, if it has one.
type Drill<'a> = &'a dyn Fn(usize) -> Option<String>;

/// The picture of a panel as SVG, or what to say instead.
pub fn chart(
    panel: &Panel,
    id: &str,
    title: &str,
    table: &Table,
    drill: Drill<'_>,
) -> Result<String, String> {
    described(panel, id, title, table, drill)
        .map(|chart| render_responsive(&chart, width_of(panel.width)))
}

fn described(
    panel: &Panel,
    id: &str,
    title: &str,
    table: &Table,
    drill: Drill<'_>,
) -> Result<Chart, String> {
    let picture = match &panel.view {
        View::Line { axes, band, dashed } => {
            Picture::Line(line(axes, band.as_ref(), dashed, table)?)
        }
        View::Bar { axes, band, .. } => {
            Picture::Bar(bar(axes, band.as_ref(), panel.limit, table, drill)?)
        }
        View::Stacked { axes, is_share } => {
            Picture::Stacked(stacked(axes, *is_share, panel.limit, table, drill)?)
        }
        View::Heatmap { axes, rows: None } => Picture::Calendar(calendar(axes, table, drill)?),
        View::Heatmap {
            axes,
            rows: Some(rows),
        } => Picture::Grid(grid(axes, rows, table, drill)?),
        View::Histogram { axes } => histogram_or_bars(axes, table, drill)?,
        View::Kpi { .. } | View::Table { .. } | View::Text { .. } => {
            return Err(format!("Панель вида {} не рисуется.", panel.view.kind()));
        }
    };
    Ok(Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        description: String::new(),
        picture,
    })
}

/// The report as a picture of its own, drawn as the first page does that draws it; none draws all.
#[must_use]
pub fn picture(catalog: &Catalog, report: &str, table: &Table) -> Option<String> {
    let panel = catalog
        .dashboards
        .values()
        .flat_map(|dashboard| &dashboard.panels)
        .find(|panel| panel.query == report && is_drawn(&panel.view))?;
    let chart = described(panel, report, &panel.title.text(table, 0), table, &|_| None).ok()?;
    Some(standalone(&chart, Width::WIDE))
}

const fn is_drawn(view: &View) -> bool {
    match view {
        View::Line { .. }
        | View::Bar { .. }
        | View::Stacked { .. }
        | View::Heatmap { .. }
        | View::Histogram { .. } => true,
        View::Kpi { .. } | View::Table { .. } | View::Text { .. } => false,
    }
}

/// Pictures are drawn for the width of their panel and once more for phones.
const fn width_of(columns: u8) -> Width {
    match columns {
        0..=5 => Width(352),
        6 => Width::HALF,
        7..=9 => Width::WIDE,
        _ => Width::FULL,
    }
}

fn index(table: &Table, name: &str) -> Result<usize, String> {
    table
        .column_index(name)
        .ok_or_else(|| format!("В отчёте нет столбца {name}."))
}

fn unit_of(axes: &Axes, table: &Table) -> Result<Unit, String> {
    let first = axes
        .y
        .first()
        .ok_or("Не указано, что откладывать по оси.")?;
    Ok(axes
        .unit
        .unwrap_or(table.columns[index(table, first)?].unit))
}

fn text(table: &Table, row: usize, column: usize) -> String {
    let value = &table.rows[row][column];
    match (value, table.columns[column].unit) {
        // A month on an axis stands beside its neighbours: the year says nothing new.
        (Value::Int(month), Unit::Month) => MONTHS
            .get((month % 100 - 1).clamp(0, 11) as usize)
            .map_or_else(String::new, |name| (*name).to_owned()),
        (value, unit) => format_cell(value, &unit),
    }
}

fn day(table: &Table, row: usize, column: usize) -> Option<Day> {
    match (&table.rows[row][column], table.columns[column].unit) {
        (Value::Int(month), Unit::Month) => Some(Month(i32::try_from(*month).ok()?).first_day()),
        (value, _) => value.as_day(),
    }
}

fn number(table: &Table, row: usize, column: usize) -> Option<f64> {
    table.rows[row][column].as_f64()
}

fn line(
    axes: &Axes,
    band: Option<&Band>,
    dashed: &[String],
    table: &Table,
) -> Result<Line, String> {
    let x = index(table, &axes.x)?;
    let bounds = match band {
        Some(band) => Some((index(table, &band.low)?, index(table, &band.high)?)),
        None => None,
    };
    let mut series = Vec::new();
    match &axes.series {
        Some(by) => {
            let (by, y) = (index(table, by)?, index(table, &axes.y[0])?);
            let mut lines: Vec<Series> = Vec::new();
            for row in 0..table.rows.len() {
                let title = text(table, row, by);
                let place = match lines.iter().position(|line| line.title == title) {
                    Some(place) => place,
                    None => {
                        lines.push(Series {
                            title,
                            role: Role::Main,
                            points: Vec::new(),
                        });
                        lines.len() - 1
                    }
                };
                if let Some(day) = day(table, row, x) {
                    lines[place]
                        .points
                        .push(Point::new(day, number(table, row, y)));
                }
            }
            series = lines;
        }
        None => {
            for (place, name) in axes.y.iter().enumerate() {
                let y = index(table, name)?;
                let points = (0..table.rows.len())
                    .filter_map(|row| {
                        let mut point = Point::new(day(table, row, x)?, number(table, row, y));
                        if let (0, Some((low, high))) = (place, bounds) {
                            point.low = number(table, row, low);
                            point.high = number(table, row, high);
                        }
                        Some(point)
                    })
                    .collect();
                series.push(Series {
                    title: if axes.y.len() > 1 {
                        table.columns[y].title.clone()
                    } else {
                        String::new()
                    },
                    role: if dashed.contains(name) {
                        Role::Forecast
                    } else if place == 0 {
                        Role::Main
                    } else {
                        // The plan is what the fact is compared with.
                        Role::Context
                    },
                    points,
                });
            }
        }
    }
    Ok(Line {
        unit: unit_of(axes, table)?,
        step: step(&series, table.columns[x].unit),
        series,
        days_off: Vec::new(),
        reference: None,
        span: None,
        domain: None,
    })
}

/// How far apart the points lie.
fn step(series: &[Series], unit: Unit) -> Step {
    if unit == Unit::Month {
        return Step::Month;
    }
    let closest = series
        .iter()
        .flat_map(|line| {
            line.points
                .windows(2)
                .map(|pair| pair[1].day.0 - pair[0].day.0)
        })
        .filter(|gap| *gap > 0)
        .min()
        .unwrap_or(7);
    match closest {
        ..=4 => Step::Day,
        5..=20 => Step::Week,
        _ => Step::Month,
    }
}

fn bar(
    axes: &Axes,
    band: Option<&Band>,
    limit: Option<usize>,
    table: &Table,
    drill: Drill<'_>,
) -> Result<Bar, String> {
    let (x, y) = (index(table, &axes.x)?, index(table, &axes.y[0])?);
    let bounds = match band {
        Some(band) => Some((index(table, &band.low)?, index(table, &band.high)?)),
        None => None,
    };
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    // Days of the week have an order of their own; anything else is read from the weakest.
    if !matches!(
        table.columns[x].unit,
        Unit::Weekday | Unit::Month | Unit::Date
    ) {
        let key = |row: &usize| number(table, *row, y).unwrap_or(f64::INFINITY);
        rows.sort_by(|left, right| key(left).total_cmp(&key(right)));
    }
    let bars = rows
        .into_iter()
        .take(limit.unwrap_or(30))
        .map(|row| BarMark {
            label: capitalised(&text(table, row, x)),
            value: number(table, row, y),
            low: bounds.and_then(|(low, _)| number(table, row, low)),
            high: bounds.and_then(|(_, high)| number(table, row, high)),
            href: drill(row),
            is_emphasised: false,
            note: String::new(),
        })
        .collect();
    Ok(Bar {
        unit: unit_of(axes, table)?,
        bars,
        reference: None,
    })
}

fn stacked(
    axes: &Axes,
    is_share: bool,
    limit: Option<usize>,
    table: &Table,
    drill: Drill<'_>,
) -> Result<Stacked, String> {
    let x = index(table, &axes.x)?;
    let columns = axes
        .y
        .iter()
        .map(|name| index(table, name))
        .collect::<Result<Vec<_>, _>>()?;
    let parts = columns
        .iter()
        .enumerate()
        .map(|(place, &column)| Part {
            title: table.columns[column].title.clone(),
            tone: tone(place, &table.columns[column].name),
        })
        .collect();
    // Months to come stand at the end without a number.
    let filled = (0..table.rows.len())
        .rposition(|row| {
            columns
                .iter()
                .any(|&column| number(table, row, column).is_some_and(|value| value != 0.0))
        })
        .map_or(0, |last| last + 1);
    let rows = (0..filled)
        .take(limit.unwrap_or(30))
        .map(|row| StackedRow {
            label: capitalised(&text(table, row, x)),
            values: columns
                .iter()
                .map(|&column| number(table, row, column).unwrap_or(0.0))
                .collect(),
            href: drill(row),
        })
        .collect();
    Ok(Stacked {
        unit: unit_of(axes, table)?,
        is_whole: is_share,
        parts,
        rows,
    })
}

/// What nobody recorded is hatched wherever it appears, what is not known is grey.
fn tone(place: usize, column: &str) -> Tone {
    if column.starts_with("unrecorded") {
        return Tone::Unrecorded;
    }
    if column.ends_with("unknown") {
        return Tone::Context;
    }
    match place {
        0 => Tone::First,
        1 => Tone::Second,
        2 => Tone::Third,
        _ => Tone::Context,
    }
}

fn calendar(axes: &Axes, table: &Table, drill: Drill<'_>) -> Result<Calendar, String> {
    let (x, y) = (index(table, &axes.x)?, index(table, &axes.y[0])?);
    let unit = unit_of(axes, table)?;
    let days = (0..table.rows.len())
        .filter_map(|row| {
            Some(CalendarDay {
                day: day(table, row, x)?,
                value: number(table, row, y),
                note: String::new(),
                href: drill(row),
            })
        })
        .collect();
    Ok(Calendar {
        unit,
        span: None,
        days,
        days_off: Vec::new(),
        is_low_strong: unit == Unit::Share,
    })
}

fn grid(axes: &Axes, rows: &str, table: &Table, drill: Drill<'_>) -> Result<Grid, String> {
    let (x, y, by) = (
        index(table, &axes.x)?,
        index(table, &axes.y[0])?,
        index(table, rows)?,
    );
    let unit = unit_of(axes, table)?;
    let mut columns: Vec<String> = Vec::new();
    let mut found: Vec<GridRow> = Vec::new();
    for row in 0..table.rows.len() {
        let (head, label) = (text(table, row, x), text(table, row, by));
        let column = columns
            .iter()
            .position(|known| *known == head)
            .unwrap_or_else(|| {
                columns.push(head);
                columns.len() - 1
            });
        let place = found
            .iter()
            .position(|known| known.label == label)
            .unwrap_or_else(|| {
                found.push(GridRow {
                    label,
                    values: Vec::new(),
                    href: drill(row),
                });
                found.len() - 1
            });
        let values = &mut found[place].values;
        values.resize(values.len().max(column + 1), None);
        values[column] = number(table, row, y);
    }
    for row in &mut found {
        row.values.resize(columns.len(), None);
    }
    Ok(Grid {
        unit,
        columns,
        rows: found,
        is_low_strong: unit == Unit::Share,
    })
}

/// Bins with numeric edges are a histogram; named bins are bars in the order of the report.
fn histogram_or_bars(axes: &Axes, table: &Table, drill: Drill<'_>) -> Result<Picture, String> {
    let (x, y) = (index(table, &axes.x)?, index(table, &axes.y[0])?);
    if table.columns[x].unit.is_numeric() {
        let edges: Vec<f64> = (0..table.rows.len())
            .filter_map(|row| number(table, row, x))
            .collect();
        let width = edges
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .fold(f64::INFINITY, f64::min);
        let bins = (0..table.rows.len())
            .filter_map(|row| {
                let from = number(table, row, x)?;
                let count = number(table, row, y)?.max(0.0) as u64;
                let to = edges
                    .iter()
                    .copied()
                    .find(|edge| *edge > from)
                    .unwrap_or(from + if width.is_finite() { width } else { 1.0 });
                Some(Bin { from, to, count })
            })
            .collect();
        return Ok(Picture::Histogram(Histogram {
            unit: table.columns[x].unit,
            bins,
            counted: ["случай", "случая", "случаев"].map(str::to_owned),
            reference: None,
        }));
    }
    let bars = (0..table.rows.len())
        .map(|row| BarMark {
            label: capitalised(&text(table, row, x)),
            value: number(table, row, y),
            href: drill(row),
            ..BarMark::default()
        })
        .collect();
    Ok(Picture::Bar(Bar {
        unit: unit_of(axes, table)?,
        bars,
        reference: None,
    }))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Values of one key in the order of their days.
pub type Points = Vec<Option<f64>>;

/// The values that small lines draw, by the text of their key, and the unit.
#[must_use]
pub fn points_by_key(table: &Table, spec: &SparklineSpec) -> (Unit, BTreeMap<String, Points>) {
    let mut found: BTreeMap<String, Points> = BTreeMap::new();
    let (Some(key), Some(y)) = (table.column_index(&spec.key), table.column_index(&spec.y)) else {
        return (Unit::Number, found);
    };
    for row in 0..table.rows.len() {
        if let Some(key) = crate::filters::address_text(&table.rows[row][key]) {
            found.entry(key).or_default().push(number(table, row, y));
        }
    }
    (table.columns[y].unit, found)
}

/// A line of the size of a word.
#[must_use]
pub fn sparkline(
    id: &str,
    title: &str,
    unit: Unit,
    values: &[Option<f64>],
    width: Width,
) -> String {
    render(
        &Chart {
            id: id.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            picture: Picture::Sparkline(Sparkline {
                unit,
                values: values.to_vec(),
                domain: None,
            }),
        },
        width,
    )
}
