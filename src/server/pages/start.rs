//! The start page: each question with its answer, and how fresh the data are.

use crate::address::Values;
use crate::data::{Answer, Data, View as DataView};
use crate::draw;
use crate::error::ServerError;
use crate::filters::params_of;
use crate::pages::frame::{Frame, frame, menu_dashboards};
use crate::pages::table_view::{Cell, TableView, of_texts};
use crate::period;
use askama::Template as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use svodka_catalog::{Dashboard, Panel, View, Words};
use svodka_chart::Width;
use svodka_lake::{ImportStatus, ImportSummary};
use svodka_table::{MOSCOW_MINUTES, Unit, Value, format_cell, format_timestamp, plural};

#[derive(askama::Template)]
#[template(path = "start.html")]
struct StartPage {
    frame: Frame,
    heading: String,
    stamp: String,
    has_data: bool,
    cards: Vec<Card>,
    freshness: Option<TableView>,
}

struct Card {
    title: String,
    href: String,
    figure: String,
    unit: String,
    /// What the figure is.
    what: String,
    says: Vec<Words>,
    spark: String,
    spark_label: String,
    failed: String,
}

/// The page.
pub async fn render(
    data: &Data,
    view: &DataView,
    imports: &[ImportSummary],
) -> Result<String, ServerError> {
    let dashboards = view.live.catalog.dashboards.clone();
    let has_data = view.stamp.data_as_of.is_some();
    let mut cards = Vec::new();
    if has_data {
        let asked = menu_dashboards(&dashboards)
            .into_iter()
            .enumerate()
            .map(|(place, dashboard)| card(data, view, dashboard, place));
        cards = futures::future::join_all(asked).await;
    }
    let page = StartPage {
        frame: frame(data, "Начало", "/", None),
        heading: "Как идут занятия в учреждениях?".to_owned(),
        stamp: view.stamp.text(),
        has_data,
        cards,
        freshness: if has_data {
            freshness(data, view, imports).await?
        } else {
            None
        },
    };
    page.render().map_err(ServerError::internal)
}

async fn card(data: &Data, view: &DataView, dashboard: &Dashboard, place: usize) -> Card {
    let values: Values = dashboard
        .filters
        .iter()
        .filter_map(|filter| {
            Some((
                filter.name.clone(),
                period::default_text(filter.default.as_ref()?, view.stamp.newest_day),
            ))
        })
        .collect();
    let mut card = Card {
        title: String::new(),
        href: format!("/dashboards/{}", dashboard.name),
        figure: String::new(),
        unit: String::new(),
        what: String::new(),
        says: Vec::new(),
        spark: String::new(),
        spark_label: String::new(),
        failed: String::new(),
    };
    let answer = |panel: &Panel| {
        let (data, view, query) = (data.clone(), view.clone(), panel.query.clone());
        let params = params_of(&view, &query, &values);
        tokio::spawn(async move { data.report(&view, &query, &params).await })
    };
    let text = dashboard
        .panels
        .iter()
        .find(|panel| matches!(panel.view, View::Text { .. }));
    let kpi = dashboard
        .panels
        .iter()
        .find(|panel| matches!(panel.view, View::Kpi { .. }));
    let line = dashboard
        .panels
        .iter()
        .find(|panel| matches!(panel.view, View::Line { .. }));
    let running = [text, kpi, line].map(|panel| panel.map(answer));
    let mut told = Vec::new();
    for task in running {
        told.push(match task {
            Some(task) => Some(
                task.await
                    .unwrap_or_else(|error| Err(ServerError::internal(error))),
            ),
            None => None,
        });
    }
    let mut told = told.into_iter();
    let [for_text, for_kpi, for_line] = [
        told.next().flatten(),
        told.next().flatten(),
        told.next().flatten(),
    ];
    let title_answer: Option<&Arc<Answer>> =
        for_text.as_ref().and_then(|answer| answer.as_ref().ok());
    card.title = dashboard.title.text(
        title_answer.map_or(&svodka_table::Table::default(), |answer| &answer.table),
        0,
    );
    for answer in [&for_text, &for_kpi, &for_line].into_iter().flatten() {
        if let Err(error) = answer {
            tracing::error!(dashboard = %dashboard.name, error = %error.log_text(), "a card failed");
            card.failed = error.client_text();
        }
    }
    if let (
        Some(Panel {
            view: View::Text { text },
            ..
        }),
        Some(Ok(answer)),
    ) = (text, &for_text)
        && !answer.table.rows.is_empty()
    {
        card.says = super::dashboard::told(text, &answer.table, crate::filters::span_of(&values));
    }
    if let (Some(panel), Some(Ok(answer))) = (kpi, &for_kpi)
        && let View::Kpi { value, .. } = &panel.view
    {
        let unit = answer
            .table
            .column_index(value)
            .map_or(Unit::Text, |index| answer.table.columns[index].unit);
        let figure = answer.table.value(0, value).cloned().unwrap_or(Value::Null);
        card.unit = if figure.is_null() {
            String::new()
        } else {
            unit.suffix().to_owned()
        };
        card.figure = format_cell(&figure, &unit);
        card.what = panel.title.text(&answer.table, 0);
    }
    if let (Some(panel), Some(Ok(answer))) = (line, &for_line)
        && let View::Line { axes, .. } = &panel.view
        && let Some(first) = axes
            .y
            .first()
            .and_then(|name| answer.table.column_index(name))
    {
        let mut points: draw::Points = answer
            .table
            .column_values(first)
            .map(Value::as_f64)
            .collect();
        // Weeks to come have no value yet.
        while points.last().is_some_and(Option::is_none) {
            points.pop();
        }
        if points.len() > 1 {
            let title = panel.title.text(&answer.table, 0);
            card.spark = draw::sparkline(
                &format!("card{place}"),
                &title,
                answer.table.columns[first].unit,
                &points,
                Width(300),
            );
            card.spark_label = format!("{title}, с начала учебного года");
        }
    }
    card
}

/// The last loaded export of each institution.
async fn freshness(
    data: &Data,
    view: &DataView,
    imports: &[ImportSummary],
) -> Result<Option<TableView>, ServerError> {
    if imports.is_empty() {
        return Ok(None);
    }
    let titles = data.institutions(view).await?;
    // Newest first: the first one met of an institution is its last.
    let mut last: BTreeMap<i32, (&ImportSummary, i64, i64)> = BTreeMap::new();
    for import in imports {
        let (Some(org_id), ImportStatus::Loaded) = (import.import.org_id, import.import.status)
        else {
            continue;
        };
        let entry = last.entry(org_id).or_insert((import, 0, 0));
        entry.1 += 1;
        entry.2 += import.errors + import.warnings;
        if import.import.exported_at > entry.0.import.exported_at {
            entry.0 = import;
        }
    }
    let newest = view.stamp.data_as_of.unwrap_or(0);
    let rows = last
        .iter()
        .map(|(org_id, (import, files, findings))| {
            let exported = import
                .import
                .exported_at
                .unwrap_or(import.import.imported_at);
            let days = (newest - exported).div_euclid(86_400_000_000);
            let (class, text) = match days {
                ..=1 => ("good", "свежие".to_owned()),
                2..=7 => (
                    "plain",
                    format!("{days} {} назад", plural(days, "день", "дня", "дней")),
                ),
                _ => (
                    "warning",
                    format!("отстают на {days} {}", plural(days, "день", "дня", "дней")),
                ),
            };
            vec![
                Cell::text(
                    titles
                        .get(org_id)
                        .cloned()
                        .unwrap_or_else(|| format!("№ {org_id}")),
                    "text",
                ),
                Cell::text(format_timestamp(exported, MOSCOW_MINUTES), "nowrap"),
                Cell::state(text, class),
                Cell::text(files.to_string(), "n"),
                if *findings == 0 {
                    Cell::text("0", "n zero")
                } else {
                    Cell::link(findings.to_string(), "/findings").numeric()
                },
            ]
        })
        .collect();
    Ok(Some(of_texts(
        "Насколько свежи данные",
        &[
            ("Учреждение", false),
            ("Последняя выгрузка", false),
            ("Состояние", false),
            ("Файлов", true),
            ("Замечаний к файлам", true),
        ],
        rows,
    )))
}
