//! One dashboard as a page: filters, answer, panels, drill links, method.

use crate::address::{self, Values};
use crate::data::{Answer, Data, View as DataView};
use crate::draw;
use crate::error::{ServerError, WayOut};
use crate::filters::{self, Filters, Outcome};
use crate::period;
use crate::pages::frame::{Crumb, Frame, crumbs, frame};
use crate::pages::method::{Method, methods};
use crate::pages::table_view::{self, Asked, Order, TableView};
use askama::Template as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use svodka_catalog::{Catalog, Dashboard, Link, Panel, Sparkline, View, Words};
use svodka_chart::Width;
use svodka_journal::Day;
use svodka_table::{Table, Value, format_cell, format_range, format_value};

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

struct PanelView {
    id: String,
    kind: &'static str,
    span: u8,
    title: String,
    subtitle: String,
    downloads: Vec<Download>,
    body: Body,
}

/// A link that saves a report.
pub struct Download {
    pub text: &'static str,
    pub href: String,
}

struct Kpi {
    figure: String,
    unit: String,
    change: String,
    range: String,
    note: String,
}

struct Chart {
    svg: String,
    table: TableView,
}

enum Body {
    Kpi(Kpi),
    Text(Vec<Words>),
    Chart(Chart),
    Table(TableView),
    Empty(String),
    Failed(String),
}

/// Everything the panels of one page share.
struct Scene<'a> {
    catalog: &'a Catalog,
    dashboard: &'a Dashboard,
    path: String,
    filters: &'a Filters,
    /// Address of the page as it is now, reserved keys included.
    values: Values,
    order: Option<Order>,
    all_rows: bool,
    as_of: Option<&'a str>,
}

/// Renders `dashboard` for the address `asked`.
pub async fn render(data: &Data, view: &DataView, dashboard: &Dashboard, asked: &Values) -> Result<Page, ServerError> {
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
    let title = match dashboard.title_panel().and_then(|panel| answers.get(&scene, panel)) {
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
            lead.push(with_period(text.words(&answer.table, 0), resolved.span()));
            continue;
        }
        panels.push(scene.panel(panel, number + 1, &answers));
    }
    let root = std::iter::once(dashboard)
        .chain(crate::pages::frame::ancestors(&catalog.dashboards, dashboard))
        .last()
        .map(|root| format!("/dashboards/{}", root.name))
        .unwrap_or_default();
    let page = DashboardPage {
        frame: frame(data, &title, &root, Some(&view.stamp)),
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
            let known: Vec<&str> = dashboard.filters.iter().map(|filter| filter.name.as_str()).chain(RESERVED).collect();
            return Err(ServerError::BadParameter {
                name: key.clone(),
                found: value.clone(),
                expected: format!("у этой страницы его нет; есть {}", known.join(", ")),
                ways_out: vec![WayOut { text: "Та же страница без него".to_owned(), href: path.to_owned() }],
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

/// «За октябрь 2025 г. …» before a sentence that starts with a small letter.
#[must_use]
pub fn with_period(mut words: Vec<Words>, span: Option<(Day, Day)>) -> Vec<Words> {
    let starts_small = words
        .first()
        .and_then(|words| words.text.chars().next())
        .is_some_and(char::is_lowercase);
    if let (true, Some((from, to))) = (starts_small, span) {
        let text = format!("За {} ", period::words(from, to));
        words.insert(0, Words { text, is_value: false });
    }
    words
}

fn span_view(scene: &Scene<'_>, view: &DataView) -> Option<SpanView> {
    let (from, to) = scene.filters.span()?;
    let ready = period::ready(view.stamp.newest_day())
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
    Some(SpanView { from: from.to_string(), to: to.to_string(), words: period::words(from, to), ready })
}

fn filter_views(filters: &Filters) -> Vec<FilterView> {
    // A page that only links lead to (a lesson) has nothing to choose.
    if !filters.values.contains_key("from") {
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
        .chain(asked.get("as_of").map(|as_of| ("as_of".to_owned(), as_of.clone())))
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

/// The answers that the panels of a page stand on, each report asked once.
struct Answers {
    by_key: BTreeMap<(String, Values), Result<Arc<Answer>, ServerError>>,
}

impl Answers {
    /// Runs all reports of the page at the same time.
    async fn fetch(data: &Data, view: &DataView, scene: &Scene<'_>) -> Answers {
        let mut wanted: Vec<(String, Values)> = Vec::new();
        for panel in &scene.dashboard.panels {
            let sparklines = panel.sparklines().into_iter().map(|sparkline| sparkline.query.as_str());
            for query in std::iter::once(panel.query.as_str()).chain(sparklines) {
                let key = (query.to_owned(), scene.params(query, panel));
                if !wanted.contains(&key) {
                    wanted.push(key);
                }
            }
        }
        let running: Vec<_> = wanted
            .iter()
            .map(|(query, params)| {
                let (data, view, query, params) = (data.clone(), view.clone(), query.clone(), params.clone());
                tokio::spawn(async move { data.report(&view, &query, &params).await })
            })
            .collect();
        let mut by_key = BTreeMap::new();
        for (key, task) in wanted.into_iter().zip(running) {
            let answer = match task.await {
                Ok(answer) => answer,
                Err(error) => Err(ServerError::internal(error)),
            };
            if let Err(error) = &answer {
                tracing::error!(report = %key.0, error = %error.log_text(), "a panel's report failed");
            }
            by_key.insert(key, answer);
        }
        Answers { by_key }
    }

    fn get(&self, scene: &Scene<'_>, panel: &Panel) -> Option<Result<&Arc<Answer>, &ServerError>> {
        self.of_query(scene, panel, &panel.query)
    }

    fn of_query(&self, scene: &Scene<'_>, panel: &Panel, query: &str) -> Option<Result<&Arc<Answer>, &ServerError>> {
        self.by_key
            .get(&(query.to_owned(), scene.params(query, panel)))
            .map(Result::as_ref)
    }

    /// The API address of each report on the page, in the order of the panels.
    fn addresses(&self, scene: &Scene<'_>) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for panel in &scene.dashboard.panels {
            if !found.iter().any(|(query, _)| *query == panel.query) {
                found.push((panel.query.clone(), scene.api_link(panel, &[])));
            }
        }
        found
    }
}

impl Scene<'_> {
    /// What the filters and the panel give to a report: only what its header declares.
    fn params(&self, query: &str, panel: &Panel) -> Values {
        let Some(file) = self.catalog.reports.get(query) else {
            return Values::new();
        };
        file.params
            .iter()
            .filter_map(|param| {
                let value = panel.params.get(&param.name).or_else(|| self.filters.values.get(&param.name))?;
                Some((param.name.clone(), value.clone()))
            })
            .collect()
    }

    fn api_link(&self, panel: &Panel, extra: &[(&str, &str)]) -> String {
        let mut values = self.params(&panel.query, panel);
        if let Some(as_of) = self.as_of {
            values.insert("as_of".to_owned(), as_of.to_owned());
        }
        for (key, value) in extra {
            values.insert((*key).to_owned(), (*value).to_owned());
        }
        address::link(&format!("/api/v1/reports/{}", panel.query), &values)
    }

    fn downloads(&self, panel: &Panel) -> Vec<Download> {
        [
            ("CSV", vec![("format", "csv"), ("style", "excel")]),
            ("XLSX", vec![("format", "xlsx")]),
            ("JSON", vec![("format", "json")]),
            ("PDF", vec![("format", "pdf")]),
        ]
        .into_iter()
        .map(|(text, extra)| Download { text, href: self.api_link(panel, &extra) })
        .collect()
    }

    fn panel(&self, panel: &Panel, number: usize, answers: &Answers) -> PanelView {
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
                shown.body = Body::Failed(format!("{} Отчёт {}.", error.client_text(), panel.query));
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
            View::Kpi { value, change, band, note } => Body::Kpi(kpi(
                table,
                value,
                change.as_deref(),
                band.as_ref().map(|band| (band.low.as_str(), band.high.as_str())),
                &note.text(table, 0),
            )),
            View::Table { columns, sum, .. } => {
                Body::Table(self.table(panel, shown, table, columns, sum, answers))
            }
            View::Line { .. } | View::Bar { .. } | View::Stacked { .. } | View::Heatmap { .. } | View::Histogram { .. } => {
                let link = |row: usize| panel.link.as_ref().and_then(|link| self.drill(link, table, row));
                match draw::chart(panel, &shown.id, &shown.title, table, &link) {
                    Ok(svg) => Body::Chart(Chart { svg, table: self.behind(panel, shown, table) }),
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
        let order = self.order.clone().filter(|order| order.report == panel.query).or_else(|| {
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
            let row_link = if Some(column) == first { panel.link.as_ref() } else { None };
            own.or(row_link).and_then(|link| self.drill(link, table, row))
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
    fn sparklines(&self, panel: &Panel, sparkline: &Sparkline, table: &Table, rows: &[usize], answers: &Answers) -> Vec<String> {
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
        Some(address::link(&format!("/dashboards/{}", target.name), &values))
    }
}

fn kpi(table: &Table, value: &str, change: Option<&str>, band: Option<(&str, &str)>, note: &str) -> Kpi {
    let unit = table.column_index(value).map_or(svodka_table::Unit::Text, |index| table.columns[index].unit);
    let of = |name: &str| table.value(0, name).cloned().unwrap_or(Value::Null);
    let figure = of(value);
    let change = change
        .map(|name| (of(name), table.column_index(name)))
        .filter(|(change, _)| !change.is_null())
        .map(|(change, index)| {
            let unit = index.map_or(svodka_table::Unit::Points, |index| table.columns[index].unit);
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
        unit: if figure.is_null() { String::new() } else { unit.suffix().to_owned() },
        change,
        range,
        note: note.to_owned(),
    }
}
