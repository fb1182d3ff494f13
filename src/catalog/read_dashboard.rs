//! Reads one dashboard file into [`Dashboard`], with every mistake placed.

use crate::dashboard::{
    Band, Dashboard, Filter, FilterKind, FilterSource, Link, Panel, Scale, Sparkline, TableColumn,
    View,
};
use crate::header::{is_name, unit_called};
use crate::problem::{Problem, Problems, expected_one_of, line_and_column};
use crate::template::Template;
use crate::toml_walk::{Fields, Item};
use std::collections::BTreeMap;
use svodka_table::Unit;
use toml::de::DeTable;

const KINDS: &[&str] = &[
    "kpi",
    "line",
    "bar",
    "stacked",
    "heatmap",
    "histogram",
    "table",
    "text",
];

impl Dashboard {
    /// Reads one file; the dashboard is there even if problems were found in it.
    #[must_use]
    pub fn parse(name: &str, path: &str, text: &str) -> (Dashboard, Vec<Problem>) {
        let mut problems = Problems::new(path, text);
        if !is_name(name) {
            problems.at(
                0,
                format!(
                    "file name \"{name}\" cannot stand in an address; expected small Latin letters, digits and _, a letter first"
                ),
            );
        }
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            problems.at(offset, error.message().replace('\n', ", "));
        }
        let dashboard = read(name, path, text, document.get_ref(), &mut problems);
        (dashboard, problems.found)
    }
}

fn read(
    name: &str,
    path: &str,
    text: &str,
    document: &DeTable<'_>,
    problems: &mut Problems<'_>,
) -> Dashboard {
    let fields = Fields::new(document, 0, "the dashboard");
    match fields.integer("version", problems) {
        Some(version) if version.value == 1 => {}
        Some(version) => problems.at(
            version.at,
            format!("version {} is not known; expected 1", version.value),
        ),
        None if fields.has("version") => {}
        None => problems.at(0, "the dashboard has no \"version\"; expected version = 1"),
    }
    let title = fields.required_text("title", problems).value;
    let short_title = fields.required_text("short_title", problems).value;
    let about = fields.optional_text("about", problems).unwrap_or_default();
    let order = fields.integer("order", problems).map_or(0, |order| order.value);
    let parent = fields.optional_text("parent", problems);
    let mut filters: Vec<Filter> = Vec::new();
    for item in fields.children("param", problems) {
        let Item::Fields(entry) = item else {
            problems.at(0, "a param is a table: [[param]]");
            continue;
        };
        let at = entry.at;
        let filter = read_filter(entry, &filters, problems);
        if filters.iter().any(|known| known.name == filter.name) {
            problems.at(at, format!("param \"{}\" stands twice", filter.name));
        } else {
            filters.push(filter);
        }
    }
    let mut panels = Vec::new();
    for item in fields.children("panel", problems) {
        match item {
            Item::Fields(entry) => panels.extend(read_panel(text, entry, problems)),
            Item::Text(text) => problems.at(text.at, "a panel is a table: [[panel]]"),
        }
    }
    if panels.is_empty() && !fields.has("panel") {
        problems.at(0, "the dashboard has no [[panel]]");
    }
    fields.finish(problems);
    Dashboard {
        name: name.to_owned(),
        path: path.to_owned(),
        title,
        short_title,
        about,
        order,
        parent,
        filters,
        panels,
    }
}

fn read_filter(fields: Fields<'_, '_>, earlier: &[Filter], problems: &mut Problems<'_>) -> Filter {
    let name = fields.required_text("name", problems);
    if !name.value.is_empty() && !is_name(&name.value) {
        problems.at(
            name.at,
            format!(
                "param name \"{}\" cannot stand in an address; expected small Latin letters, digits and _",
                name.value
            ),
        );
    }
    let kind_text = fields.required_text("kind", problems);
    let kind = FilterKind::NAMES
        .iter()
        .find(|(word, _)| *word == kind_text.value)
        .map(|(_, kind)| *kind);
    if kind.is_none() && !kind_text.value.is_empty() {
        let guess = expected_one_of(
            &kind_text.value,
            FilterKind::NAMES.iter().map(|(word, _)| *word),
        );
        problems.at(
            kind_text.at,
            format!("\"{}\" is no kind of param{guess}", kind_text.value),
        );
    }
    let kind = kind.unwrap_or(FilterKind::Hidden);
    let label = fields.optional_text("label", problems).unwrap_or_default();
    if label.is_empty() && kind != FilterKind::Hidden {
        problems.at(
            fields.at,
            format!("param \"{}\" has no \"label\"", name.value),
        );
    }
    let is_required = fields.boolean("required", problems).unwrap_or(false);
    let default = fields.optional_text("default", problems);
    let all_label = fields.optional_text("all_label", problems).unwrap_or_default();
    let depends_on = fields.texts("depends_on", problems);
    for dependency in &depends_on {
        if !earlier.iter().any(|filter| filter.name == *dependency) {
            problems.at(
                fields.at,
                format!(
                    "param \"{}\" depends on \"{dependency}\", which does not stand above it",
                    name.value
                ),
            );
        }
    }
    let binds = fields.text_map("binds", problems);
    let source = read_filter_source(&fields, kind, &name.value, problems);
    let binds = match (&source, binds) {
        (FilterSource::Query { .. }, Some(binds)) => binds,
        (FilterSource::Query { value, .. }, None) => {
            BTreeMap::from([(name.value.clone(), value.clone())])
        }
        (FilterSource::Choices(_) | FilterSource::Free, binds) => {
            if binds.is_some() {
                problems.at(
                    fields.at,
                    format!("param \"{}\" has no query, so there is nothing to bind", name.value),
                );
            }
            BTreeMap::from([(name.value.clone(), name.value.clone())])
        }
    };
    fields.finish(problems);
    Filter {
        name: name.value,
        kind,
        label,
        is_required,
        default,
        all_label,
        source,
        depends_on,
        binds,
    }
}

fn read_filter_source(
    fields: &Fields<'_, '_>,
    kind: FilterKind,
    name: &str,
    problems: &mut Problems<'_>,
) -> FilterSource {
    let query = fields.optional_text("query", problems);
    let value = fields.optional_text("value", problems);
    let text = fields.optional_text("text", problems);
    let choices = fields.children("choices", problems);
    if let Some(query) = query {
        if kind == FilterKind::Hidden || !choices.is_empty() {
            problems.at(
                fields.at,
                format!("param \"{name}\" takes either a query or choices, and nothing if hidden"),
            );
        }
        let Some(value) = value else {
            problems.at(
                fields.at,
                format!("param \"{name}\" has no \"value\": the column that goes into the address"),
            );
            return FilterSource::Free;
        };
        return FilterSource::Query {
            query,
            text: text.unwrap_or_else(|| value.clone()),
            value,
        };
    }
    if value.is_some() || text.is_some() {
        problems.at(
            fields.at,
            format!("param \"{name}\" names columns but no \"query\""),
        );
    }
    if kind == FilterKind::Hidden {
        return FilterSource::Free;
    }
    if choices.is_empty() {
        problems.at(
            fields.at,
            format!("param \"{name}\" has neither \"query\" nor \"choices\""),
        );
    }
    let mut pairs = Vec::new();
    for choice in choices {
        match choice {
            Item::Fields(choice) => {
                let value = choice.required_text("value", problems).value;
                let text = choice.required_text("text", problems).value;
                choice.finish(problems);
                pairs.push((value, text));
            }
            Item::Text(text) => {
                problems.at(
                    text.at,
                    "a choice is a table: { value = \"week\", text = \"по неделям\" }",
                );
            }
        }
    }
    FilterSource::Choices(pairs)
}

fn read_panel(text: &str, fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Panel> {
    let kind = fields.required_text("kind", problems);
    let query = fields.required_text("query", problems).value;
    let title = read_template(&fields, "title", problems);
    let subtitle = read_template(&fields, "subtitle", problems);
    let params = fields.text_map("params", problems).unwrap_or_default();
    let span = match fields.integer("span", problems) {
        None => 12,
        Some(span) => match u8::try_from(span.value) {
            Ok(columns @ 1..=12) => columns,
            _ => {
                problems.at(
                    span.at,
                    format!("span {} does not fit; expected 1 to 12 columns", span.value),
                );
                12
            }
        },
    };
    let when_set = fields.texts("when_set", problems);
    let when_unset = fields.texts("when_unset", problems);
    let limit = match fields.integer("limit", problems) {
        None => None,
        Some(limit) => match usize::try_from(limit.value) {
            Ok(rows) if rows > 0 => Some(rows),
            _ => {
                problems.at(
                    limit.at,
                    format!("limit {} is no number of rows", limit.value),
                );
                None
            }
        },
    };
    let link = read_link(&fields, problems);
    let empty = fields.optional_text("empty", problems).unwrap_or_default();
    let view = read_view(&kind.value, &fields, problems);
    if view.is_none() && !kind.value.is_empty() {
        let guess = expected_one_of(&kind.value, KINDS.iter().copied());
        problems.at(
            kind.at,
            format!("\"{}\" is no kind of panel{guess}", kind.value),
        );
        return None;
    }
    let line = line_and_column(text, fields.at).0;
    fields.finish(problems);
    Some(Panel {
        title,
        subtitle,
        query,
        params,
        span,
        when_set,
        when_unset,
        limit,
        link,
        empty,
        view: view?,
        line,
    })
}

fn read_view(kind: &str, fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<View> {
    Some(match kind {
        "kpi" => View::Kpi {
            value: fields.required_text("value", problems).value,
            change: fields.optional_text("change", problems),
            change_label: read_template(fields, "change_label", problems),
            band: read_band(fields, problems),
            note: read_template(fields, "note", problems),
        },
        "line" => {
            let (x, y, series) = read_axes(fields, problems);
            let dashed = fields.texts("dashed", problems);
            for column in &dashed {
                if !y.contains(column) {
                    problems.at(
                        fields.at,
                        format!("dashed names \"{column}\", which is not among y"),
                    );
                }
            }
            View::Line {
                x,
                y,
                series,
                band: read_band(fields, problems),
                dashed,
                unit: read_unit(fields, problems),
            }
        }
        "bar" => {
            let (x, y, series) = read_axes(fields, problems);
            View::Bar {
                x,
                y,
                series,
                band: read_band(fields, problems),
                is_horizontal: fields.boolean("horizontal", problems).unwrap_or(false),
                unit: read_unit(fields, problems),
            }
        }
        "stacked" => {
            let (x, y, series) = read_axes(fields, problems);
            View::Stacked {
                x,
                y,
                series,
                is_share: fields.boolean("share", problems).unwrap_or(false),
                unit: read_unit(fields, problems),
            }
        }
        "heatmap" => {
            let x = fields.required_text("x", problems).value;
            let scale = match fields.optional_text("y", problems) {
                Some(y) => Scale::Grid { x, y },
                None => Scale::Calendar { date: x },
            };
            View::Heatmap {
                scale,
                value: fields.required_text("value", problems).value,
                unit: read_unit(fields, problems),
            }
        }
        "histogram" => View::Histogram {
            x: fields.required_text("x", problems).value,
            y: fields.required_text("y", problems).value,
            unit: read_unit(fields, problems),
        },
        "table" => View::Table {
            columns: read_table_columns(fields, problems),
            sum: fields.texts("sum", problems),
            sort: read_sort(fields, problems),
        },
        "text" => {
            if !fields.has("text") {
                problems.at(fields.at, "a text panel has no \"text\"");
            }
            View::Text {
                text: read_template(fields, "text", problems),
            }
        }
        _ => return None,
    })
}

fn read_axes(
    fields: &Fields<'_, '_>,
    problems: &mut Problems<'_>,
) -> (String, Vec<String>, Option<String>) {
    let x = fields.required_text("x", problems).value;
    let y = fields.texts("y", problems);
    let series = fields.optional_text("series", problems);
    let most = if series.is_some() { 1 } else { 5 };
    if y.is_empty() {
        problems.at(fields.at, "the panel has no \"y\": one column or a list");
    } else if y.len() > most {
        problems.at(
            fields.at,
            format!(
                "the panel has {} columns on y; at most {most} can be told apart{}",
                y.len(),
                if series.is_some() { " beside series" } else { "" }
            ),
        );
    }
    (x, y, series)
}

fn read_band(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Band> {
    let low = fields.optional_text("low", problems);
    let high = fields.optional_text("high", problems);
    let label = fields.optional_text("band_label", problems).unwrap_or_default();
    match (low, high) {
        (Some(low), Some(high)) => Some(Band { low, high, label }),
        (None, None) => None,
        _ => {
            problems.at(fields.at, "a band needs both \"low\" and \"high\"");
            None
        }
    }
}

fn read_unit(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Unit> {
    let word = fields.text("unit", problems)?;
    let unit = unit_called(&word.value);
    if unit.is_none() {
        problems.at(word.at, format!("\"{}\" is no unit", word.value));
    }
    unit
}

fn read_sort(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<(String, bool)> {
    let text = fields.text("sort", problems)?;
    let words: Vec<&str> = text.value.split_whitespace().collect();
    match words.as_slice() {
        [column] | [column, "asc"] => Some(((*column).to_owned(), false)),
        [column, "desc"] => Some(((*column).to_owned(), true)),
        _ => {
            problems.at(
                text.at,
                format!("\"{}\" is no order; expected: column [asc|desc]", text.value),
            );
            None
        }
    }
}

fn read_table_columns(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Vec<TableColumn> {
    let mut columns = Vec::new();
    for item in fields.children("columns", problems) {
        columns.push(match item {
            Item::Text(name) => TableColumn {
                name: name.value,
                title: None,
                link: None,
                is_bar: false,
                sparkline: None,
            },
            Item::Fields(entry) => {
                let column = TableColumn {
                    name: entry.required_text("name", problems).value,
                    title: entry.optional_text("title", problems),
                    link: read_link(&entry, problems),
                    is_bar: entry.boolean("bar", problems).unwrap_or(false),
                    sparkline: entry.child("sparkline", problems).map(|child| {
                        let sparkline = Sparkline {
                            query: child.required_text("query", problems).value,
                            key: child.required_text("key", problems).value,
                            x: child.required_text("x", problems).value,
                            y: child.required_text("y", problems).value,
                        };
                        child.finish(problems);
                        sparkline
                    }),
                };
                entry.finish(problems);
                column
            }
        });
    }
    columns
}

fn read_link(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Link> {
    let child = fields.child("link", problems)?;
    let link = Link {
        dashboard: child.required_text("dashboard", problems).value,
        params: child.text_map("params", problems).unwrap_or_default(),
    };
    child.finish(problems);
    Some(link)
}

fn read_template(
    fields: &Fields<'_, '_>,
    key: &'static str,
    problems: &mut Problems<'_>,
) -> Template {
    let Some(text) = fields.text(key, problems) else {
        return Template::default();
    };
    match Template::parse(&text.value) {
        Ok(template) => template,
        Err(mistakes) => {
            for (offset, message) in mistakes {
                // One byte for the opening quote; exact for texts without escapes.
                problems.at(text.at + 1 + offset, format!("{key}: {message}"));
            }
            Template::default()
        }
    }
}
