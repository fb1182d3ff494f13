//! One dashboard as a page: filters, answer, panels, drill links, method.

use crate::address::{self, Values};
use crate::data::{Data, View as DataView};
use crate::error::{ServerError, WayOut};
use crate::filters::{self, Filters, Outcome};
use crate::pages::frame::{Crumb, Frame, crumbs, frame};
use crate::pages::method::{Method, methods};
use crate::pages::panels::{Body, PanelView};
use crate::pages::scene::{Answers, Scene};
use crate::pages::table_view::Order;
use crate::period;
use askama::Template as _;
use std::sync::Arc;
use svodka_catalog::{Dashboard, Template, View, Words};
use svodka_journal::Day;
use svodka_table::Table;

/// Keys of an address that are no filters.
pub const RESERVED: [&str; 3] = ["sort", "rows", "as_of"];

/// A page, or the address to go to instead.
pub enum Page {
    Html(String),
    Redirect(String),
}

#[derive(askama::Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    frame: Frame,
    crumbs: Vec<Crumb>,
    title: String,
    answers: Vec<Vec<Words>>,
    stamp: String,
    path: String,
    span: Option<SpanView>,
    filters: Vec<FilterView>,
    hidden: Vec<(String, String)>,
    reset_href: String,
    panels: Vec<PanelView>,
    methods: Vec<Method>,
}

/// The two days of a period with spans to choose by one click.
struct SpanView {
    from: String,
    to: String,
    words: String,
    ready: Vec<ReadyView>,
}

struct ReadyView {
    text: String,
    href: String,
    is_current: bool,
}

struct FilterView {
    name: String,
    label: String,
    all: String,
    chosen: String,
    options: Vec<OptionView>,
}

struct OptionView {
    value: String,
    text: String,
    is_chosen: bool,
}

/// Renders `dashboard` for the address `asked`.
pub async fn render(
    data: &Data,
    view: &DataView,
    dashboard: &Dashboard,
    asked: &Values,
) -> Result<Page, ServerError> {
    let catalog = Arc::clone(&view.live.catalog);
    let path = format!("/dashboards/{}", dashboard.name);
    check_keys(dashboard, asked, &path)?;
    let resolved = match filters::resolve(data, view, dashboard, asked).await? {
        Outcome::Ready(resolved) => resolved,
        Outcome::Redirect(href) => return Ok(Page::Redirect(href)),
    };
    let mut values = resolved.values.clone();
    for key in RESERVED {
        if let Some(value) = asked.get(key) {
            values.insert(key.to_owned(), value.clone());
        }
    }
    let order = match asked.get("sort") {
        None => None,
        Some(text) => Some(Order::parse(text).ok_or_else(|| bad_order(text))?),
    };
    let scene = Scene {
        catalog: &catalog,
        dashboard,
        path,
        filters: &resolved,
        values,
        order,
        all_rows: asked.get("rows").is_some_and(|rows| rows == "all"),
        as_of: asked.get("as_of").map(String::as_str),
    };
    let answers = Answers::fetch(data, view, &scene).await;
    let title = match dashboard
        .title_panel()
        .and_then(|panel| answers.get(&scene, panel))
    {
        Some(Ok(answer)) => dashboard.title.text(&answer.table, 0),
        Some(Err(_)) | None => dashboard.title.text(&Table::default(), 0),
    };
    let mut lead = Vec::new();
    let mut panels = Vec::new();
    for (number, panel) in dashboard.panels.iter().enumerate() {
        // The sentences before the first other panel answer the question of the title.
        if panels.is_empty()
            && let View::Text { text } = &panel.view
            && panel.title.is_empty()
            && let Some(Ok(answer)) = answers.get(&scene, panel)
            && !answer.table.rows.is_empty()
        {
            lead.push(told(text, &answer.table, resolved.span()));
            continue;
        }
        panels.push(scene.panel(panel, number + 1, &answers));
    }
    let root = std::iter::once(dashboard)
        .chain(crate::pages::frame::ancestors(
            &catalog.dashboards,
            dashboard,
        ))
        .last()
        .map(|root| format!("/dashboards/{}", root.name))
        .unwrap_or_default();
    let page = DashboardPage {
        frame: frame(data, &title, &root, None),
        crumbs: crumbs(&catalog.dashboards, dashboard, &resolved, &title),
        title,
        answers: lead,
        stamp: view.stamp.text(),
        span: span_view(&scene, view),
        filters: filter_views(&resolved),
        hidden: hidden_fields(&resolved, asked),
        reset_href: reset_href(&scene, asked),
        path: scene.path.clone(),
        panels,
        methods: methods(&catalog, &answers.addresses(&scene)),
    };
    page.render().map(Page::Html).map_err(ServerError::internal)
}

fn check_keys(dashboard: &Dashboard, asked: &Values, path: &str) -> Result<(), ServerError> {
    for (key, value) in asked {
        if dashboard.filter(key).is_none() && !RESERVED.contains(&key.as_str()) {
            let known: Vec<&str> = dashboard
                .filters
                .iter()
                .map(|filter| filter.name.as_str())
                .chain(RESERVED)
                .collect();
            return Err(ServerError::BadParameter {
                name: key.clone(),
                found: value.clone(),
                expected: format!("у этой страницы его нет; есть {}", known.join(", ")),
                ways_out: vec![WayOut {
                    text: "Та же страница без него".to_owned(),
                    href: path.to_owned(),
                }],
            });
        }
    }
    Ok(())
}

fn bad_order(text: &str) -> ServerError {
    ServerError::BadParameter {
        name: "sort".to_owned(),
        found: text.to_owned(),
        expected: "порядок пишут как отчёт.столбец или отчёт.столбец.desc".to_owned(),
        ways_out: Vec::new(),
    }
}

/// The answer sentence over the first row, with «За октябрь 2025 г. …» before one that starts with
/// a small letter; where its numbers are missing, that there are none.
#[must_use]
pub fn told(text: &Template, table: &Table, span: Option<(Day, Day)>) -> Vec<Words> {
    let plain = |text: String| Words {
        text,
        is_value: false,
    };
    let period = span.map(|(from, to)| period::words(from, to));
    if !text.is_told(table, 0) {
        return vec![plain(match period {
            Some(period) => format!("За {period} данных нет."),
            None => "Данных нет.".to_owned(),
        })];
    }
    let mut words = text.words(table, 0);
    let starts_small = words
        .first()
        .and_then(|words| words.text.chars().next())
        .is_some_and(char::is_lowercase);
    if let (true, Some(period)) = (starts_small, period) {
        words.insert(0, plain(format!("За {period} ")));
    }
    words
}

fn span_view(scene: &Scene<'_>, view: &DataView) -> Option<SpanView> {
    let (from, to) = scene.filters.span()?;
    if !scene.filters.list.iter().any(|filter| filter.is_date) {
        return None;
    }
    let ready = period::ready(view.stamp.newest_day)
        .into_iter()
        .map(|ready| {
            let values = address::with(&scene.values, "from", Some(&ready.from.to_string()));
            let values = address::with(&values, "to", Some(&ready.to.to_string()));
            ReadyView {
                is_current: (ready.from, ready.to) == (from, to),
                text: ready.text,
                href: address::link(&scene.path, &values),
            }
        })
        .collect();
    Some(SpanView {
        from: from.to_string(),
        to: to.to_string(),
        words: period::words(from, to),
        ready,
    })
}

fn filter_views(filters: &Filters) -> Vec<FilterView> {
    // A page that only links lead to (a lesson) has nothing to choose.
    if !filters.list.iter().any(|filter| filter.is_date) {
        return Vec::new();
    }
    filters
        .list
        .iter()
        .filter(|filter| !filter.options.is_empty())
        .map(|filter| FilterView {
            name: filter.name.clone(),
            label: filter.label.clone(),
            all: if filter.is_required && filter.all.is_empty() {
                String::new()
            } else if filter.all.is_empty() {
                "Все".to_owned()
            } else {
                filter.all.clone()
            },
            chosen: filter.text.clone(),
            options: filter
                .options
                .iter()
                .map(|(value, text)| OptionView {
                    value: value.clone(),
                    text: text.clone(),
                    is_chosen: filter.value.as_ref() == Some(value),
                })
                .collect(),
        })
        .collect()
}

/// What a form must carry along: hidden filters and the snapshot, not the order of a table.
fn hidden_fields(filters: &Filters, asked: &Values) -> Vec<(String, String)> {
    filters
        .list
        .iter()
        .filter(|filter| filter.options.is_empty() && !filter.is_date)
        .filter_map(|filter| Some((filter.name.clone(), filter.value.clone()?)))
        .chain(
            asked
                .get("as_of")
                .map(|as_of| ("as_of".to_owned(), as_of.clone())),
        )
        .collect()
}

/// Where «Сбросить» leads; empty where nothing optional is chosen.
fn reset_href(scene: &Scene<'_>, asked: &Values) -> String {
    let kept: Values = scene
        .filters
        .list
        .iter()
        .filter(|filter| filter.is_required && !filter.is_date)
        .filter_map(|filter| Some((filter.name.clone(), filter.value.clone()?)))
        .collect();
    if asked.keys().all(|key| kept.contains_key(key)) {
        String::new()
    } else {
        address::link(&scene.path, &kept)
    }
}
