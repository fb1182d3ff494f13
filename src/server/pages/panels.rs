//! One panel of a page: a figure, a sentence, a picture with its table, a table.

use crate::address;
use crate::draw;
use crate::error::ServerError;
use crate::filters;
use crate::pages::scene::{Answers, Scene};
use crate::pages::table_view::{self, Asked, Order, TableView};
use svodka_catalog::{Link, Panel, Sparkline, View, Words};
use svodka_chart::Width;
use svodka_table::{Table, Unit, Value, format_cell, format_range, format_value};

pub struct PanelView {
    pub id: String,
    pub kind: &'static str,
    pub span: u8,
    pub title: String,
    pub subtitle: String,
    pub downloads: Vec<Download>,
    pub body: Body,
}

/// A link that saves a report.
pub struct Download {
    pub text: &'static str,
    pub href: String,
}

pub struct Kpi {
    pub figure: String,
    pub unit: String,
    pub change: String,
    pub range: String,
    pub note: String,
}

pub struct Chart {
    pub svg: String,
    pub table: TableView,
}

pub enum Body {
    Kpi(Kpi),
    Text(Vec<Words>),
    Chart(Chart),
    Table(TableView),
    Empty(String),
    Failed(String),
}

impl Scene<'_> {
    /// The panel as the template shows it.
    #[must_use]
    pub fn panel(&self, panel: &Panel, number: usize, answers: &Answers) -> PanelView {
        let id = format!("p{number}");
        let mut shown = PanelView {
            kind: panel.view.kind(),
            span: panel.width,
            title: String::new(),
            subtitle: String::new(),
            downloads: Vec::new(),
            body: Body::Failed(String::new()),
            id,
        };
        let answer = match answers.get(self, panel) {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => {
                shown.body = Body::Failed(match error {
                    // The file is at fault, and whoever wrote it reads this page.
                    ServerError::BrokenReport { problem } => format!("{problem}."),
                    other => format!("{} Отчёт {}.", other.client_text(), panel.query),
                });
                return shown;
            }
            None => {
                shown.body = Body::Failed(format!(
                    "Отчёта {} нет: исправьте файл {}, строка {}.",
                    panel.query, self.dashboard.path, panel.line
                ));
                return shown;
            }
        };
        let table = &answer.table;
        shown.title = panel.title.text(table, 0);
        shown.subtitle = panel.subtitle.text(table, 0);
        shown.downloads = self.downloads(panel);
        if table.rows.is_empty() {
            shown.body = Body::Empty(if panel.empty.is_empty() {
                "За этот период данных нет".to_owned()
            } else {
                panel.empty.clone()
            });
            return shown;
        }
        shown.body = self.body(panel, &shown, table, answers);
        shown
    }

    fn body(&self, panel: &Panel, shown: &PanelView, table: &Table, answers: &Answers) -> Body {
        match &panel.view {
            View::Text { text } => Body::Text(text.words(table, 0)),
            View::Kpi {
                value,
                change,
                band,
                note,
            } => Body::Kpi(kpi(
                table,
                value,
                change.as_deref(),
                band.as_ref()
                    .map(|band| (band.low.as_str(), band.high.as_str())),
                &note.text(table, 0),
            )),
            View::Table { columns, sum, .. } => {
                Body::Table(self.table(panel, shown, table, columns, sum, answers))
            }
            View::Line { .. }
            | View::Bar { .. }
            | View::Stacked { .. }
            | View::Heatmap { .. }
            | View::Histogram { .. } => {
                let link = |row: usize| {
                    panel
                        .link
                        .as_ref()
                        .and_then(|link| self.drill(link, table, row))
                };
                match draw::chart(panel, &shown.id, &shown.title, table, &link) {
                    Ok(svg) => Body::Chart(Chart {
                        svg,
                        table: self.behind(panel, shown, table),
                    }),
                    Err(text) => Body::Failed(text),
                }
            }
        }
    }

    /// The table under a chart: all rows and columns of the report, without links to sort.
    fn behind(&self, panel: &Panel, shown: &PanelView, table: &Table) -> TableView {
        let columns = table_view::shown(table, &[]);
        let asked = Asked {
            report: &panel.query,
            caption: &shown.title,
            path: &self.path,
            values: &self.values,
            anchor: &shown.id,
            order: None,
            limit: Some(400),
            all_rows: false,
            sum: &[],
            is_sortable: false,
        };
        table_view::build(table, &columns, &asked, &|_, _| None)
    }

    fn table(
        &self,
        panel: &Panel,
        shown: &PanelView,
        table: &Table,
        columns: &[svodka_catalog::TableColumn],
        sum: &[String],
        answers: &Answers,
    ) -> TableView {
        let View::Table { sort, .. } = &panel.view else {
            return TableView::default();
        };
        let order = self
            .order
            .clone()
            .filter(|order| order.report == panel.query)
            .or_else(|| {
                sort.as_ref().map(|(column, is_descending)| Order {
                    report: panel.query.clone(),
                    column: column.clone(),
                    is_descending: *is_descending,
                })
            });
        let shown_columns = table_view::shown(table, columns);
        let asked = Asked {
            report: &panel.query,
            caption: &shown.title,
            path: &self.path,
            values: &self.values,
            anchor: &shown.id,
            order: order.clone(),
            limit: panel.limit,
            all_rows: self.all_rows,
            sum,
            is_sortable: true,
        };
        let first = shown_columns.first().map(|column| column.index);
        let link = |row: usize, column: usize| -> Option<String> {
            let own = columns
                .iter()
                .find(|candidate| candidate.name == table.columns[column].name)
                .and_then(|candidate| candidate.link.as_ref());
            let row_link = if Some(column) == first {
                panel.link.as_ref()
            } else {
                None
            };
            own.or(row_link)
                .and_then(|link| self.drill(link, table, row))
        };
        let mut view = table_view::build(table, &shown_columns, &asked, &link);
        let rows = table_view::ordered_rows(table, order.as_ref());
        for (place, column) in columns.iter().enumerate() {
            if let Some(sparkline) = &column.sparkline {
                let title = column.title.clone().unwrap_or_default();
                let lines = self.sparklines(panel, sparkline, table, &rows, answers);
                table_view::insert_sparklines(&mut view, place, &title, lines);
            }
        }
        view
    }

    /// One small line per row, drawn from the rows of another report with the same key.
    fn sparklines(
        &self,
        panel: &Panel,
        sparkline: &Sparkline,
        table: &Table,
        rows: &[usize],
        answers: &Answers,
    ) -> Vec<String> {
        let Some(Ok(answer)) = answers.of_query(self, panel, &sparkline.query) else {
            return Vec::new();
        };
        let (unit, points) = draw::points_by_key(&answer.table, sparkline);
        rows.iter()
            .map(|&row| {
                let id = format!("s{}-{row}", panel.line);
                table
                    .value(row, &sparkline.key)
                    .and_then(filters::address_text)
                    .and_then(|key| points.get(&key))
                    .map(|points| draw::sparkline(&id, "", unit, points, Width(120)))
                    .unwrap_or_default()
            })
            .collect()
    }

    /// The address of a drill from one row.
    fn drill(&self, link: &Link, table: &Table, row: usize) -> Option<String> {
        let target = self.catalog.dashboards.get(&link.dashboard)?;
        let mut values = filters::kept_by(target, &self.filters.values);
        for (param, column) in &link.params {
            let value = table.value(row, column).and_then(filters::address_text)?;
            values.insert(param.clone(), value);
        }
        if let Some(as_of) = self.as_of {
            values.insert("as_of".to_owned(), as_of.to_owned());
        }
        Some(address::link(
            &format!("/dashboards/{}", target.name),
            &values,
        ))
    }
}

fn kpi(
    table: &Table,
    value: &str,
    change: Option<&str>,
    band: Option<(&str, &str)>,
    note: &str,
) -> Kpi {
    let unit = table
        .column_index(value)
        .map_or(Unit::Text, |index| table.columns[index].unit);
    let of = |name: &str| table.value(0, name).cloned().unwrap_or(Value::Null);
    let figure = of(value);
    let change = change
        .map(|name| (of(name), table.column_index(name)))
        .filter(|(change, _)| !change.is_null())
        .map(|(change, index)| {
            let unit = index.map_or(Unit::Points, |index| table.columns[index].unit);
            let title = index.map_or("", |index| table.columns[index].title.as_str());
            format!("{} · {title}", format_value(&change, &unit))
        })
        .unwrap_or_default();
    let range = band
        .map(|(low, high)| (of(low), of(high)))
        .filter(|(low, high)| !low.is_null() && !high.is_null())
        .filter(|(low, high)| format_cell(low, &unit) != format_cell(high, &unit))
        .map(|(low, high)| format!("границы {}", format_range(&low, &high, &unit)))
        .unwrap_or_default();
    Kpi {
        figure: format_cell(&figure, &unit),
        unit: if figure.is_null() {
            String::new()
        } else {
            unit.suffix().to_owned()
        },
        change,
        range,
        note: if figure.is_null() {
            "нет данных за период".to_owned()
        } else {
            note.to_owned()
        },
    }
}
