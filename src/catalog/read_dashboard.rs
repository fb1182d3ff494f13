//! Reads one dashboard file into [`Dashboard`], with every mistake placed.

use crate::dashboard::{
    Axes, Band, Dashboard, DefaultValue, Filter, FilterKind, Link, Panel, Sparkline, TableColumn,
    View,
};
use crate::header::is_name;
use crate::problem::{Problem, Problems, expected_one_of, line_and_column};
use crate::template::Template;
use crate::toml_walk::{Fields, Item};
use svodka_journal::Day;
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
    if !fields.has("title") {
        problems.at(0, "the dashboard has no \"title\"");
    }
    let title = read_template(&fields, "title", problems);
    let short_title = fields
        .optional_text("short_title", problems)
        .unwrap_or_default();
    let about = fields.optional_text("about", problems).unwrap_or_default();
    let order = fields.integer("order", problems).map(|order| order.value);
    let parent = fields.optional_text("parent", problems);
    let mut filters: Vec<Filter> = Vec::new();
    for item in fields.children("param", problems) {
        let Item::Fields(entry) = item else {
            problems.at(0, "a param is a table: [[param]]");
            continue;
        };
        let at = entry.at;
        let filter = read_filter(text, entry, problems);
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

fn read_filter(text: &str, fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Filter {
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
    let kind = read_filter_kind(&fields, problems);
    let label = fields.optional_text("label", problems).unwrap_or_default();
    if label.is_empty() && kind != FilterKind::Hidden {
        problems.at(
            fields.at,
            format!("param \"{}\" has no \"label\"", name.value),
        );
    }
    let default = read_default(&fields, &kind, problems);
    let filter = Filter {
        name: name.value,
        kind,
        label,
        is_required: fields.boolean("required", problems).unwrap_or(false),
        default,
        all: fields.optional_text("all", problems).unwrap_or_default(),
        opens: fields.optional_text("opens", problems),
        line: line_and_column(text, fields.at).0,
    };
    fields.finish(problems);
    filter
}

fn read_filter_kind(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> FilterKind {
    let kind = fields.required_text("kind", problems);
    let options = fields.optional_text("options", problems);
    let mut choices = Vec::new();
    for choice in fields.children("choices", problems) {
        match choice {
            Item::Fields(choice) => {
                let value = choice.required_text("value", problems).value;
                let text = choice.required_text("text", problems).value;
                choice.finish(problems);
                choices.push((value, text));
            }
            Item::Text(text) => problems.at(
                text.at,
                "a choice is a table: { value = \"week\", text = \"по неделям\" }",
            ),
        }
    }
    let has_list = options.is_some() || fields.has("choices");
    if matches!(kind.value.as_str(), "date" | "hidden") && has_list {
        problems.at(
            kind.at,
            format!("a {} param takes neither options nor choices", kind.value),
        );
    }
    match kind.value.as_str() {
        "date" => FilterKind::Date,
        "hidden" => FilterKind::Hidden,
        "choice" => match options {
            Some(query) => {
                if fields.has("choices") {
                    problems.at(kind.at, "a param takes either options or choices, not both");
                }
                FilterKind::Options { query }
            }
            None => {
                if choices.is_empty() {
                    problems.at(
                        kind.at,
                        "a choice needs \"options\" (the name of a report) or \"choices\" (fixed values)",
                    );
                }
                FilterKind::Choices(choices)
            }
        },
        "" => FilterKind::Hidden,
        other => {
            let guess = expected_one_of(other, ["date", "choice", "hidden"]);
            problems.at(kind.at, format!("\"{other}\" is no kind of param{guess}"));
            FilterKind::Hidden
        }
    }
}

fn read_default(
    fields: &Fields<'_, '_>,
    kind: &FilterKind,
    problems: &mut Problems<'_>,
) -> Option<DefaultValue> {
    let text = fields.text("default", problems)?;
    match kind {
        FilterKind::Date => {
            if let Some((_, day)) = DefaultValue::DAYS
                .iter()
                .find(|(word, _)| *word == text.value)
            {
                return Some(day.clone());
            }
            match Day::parse_iso(&text.value) {
                Ok(day) => Some(DefaultValue::Day(day)),
                Err(_) => {
                    let words: Vec<&str> =
                        DefaultValue::DAYS.iter().map(|(word, _)| *word).collect();
                    problems.at(
                        text.at,
                        format!(
                            "\"{}\" is no day; expected YYYY-MM-DD or one of: {}",
                            text.value,
                            words.join(", ")
                        ),
                    );
                    None
                }
            }
        }
        FilterKind::Choices(choices) => {
            if !choices.iter().any(|(value, _)| *value == text.value) {
                problems.at(
                    text.at,
                    format!("\"{}\" is none of the choices", text.value),
                );
            }
            Some(DefaultValue::Text(text.value))
        }
        FilterKind::Options { .. } | FilterKind::Hidden => Some(DefaultValue::Text(text.value)),
    }
}

fn read_panel(text: &str, fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Panel> {
    let kind = fields.required_text("kind", problems);
    let query = fields.required_text("query", problems).value;
    let title = read_template(&fields, "title", problems);
    let subtitle = read_template(&fields, "subtitle", problems);
    let params = fields.text_map("params", problems).unwrap_or_default();
    let width = match fields.integer("width", problems) {
        None => 12,
        Some(width) => match u8::try_from(width.value) {
            Ok(columns @ 1..=12) => columns,
            _ => {
                problems.at(
                    width.at,
                    format!(
                        "width {} does not fit; expected 1 to 12 columns",
                        width.value
                    ),
                );
                12
            }
        },
    };
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
        width,
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
            band: read_band(fields, problems),
            note: read_template(fields, "note", problems),
        },
        "line" => {
            let axes = read_axes(fields, problems);
            let dashed = fields.texts("dashed", problems);
            for column in dashed.iter().filter(|column| !axes.y.contains(column)) {
                problems.at(
                    fields.at,
                    format!("dashed names \"{column}\", which is not among y"),
                );
            }
            View::Line {
                axes,
                band: read_band(fields, problems),
                dashed,
            }
        }
        "bar" => View::Bar {
            axes: read_axes(fields, problems),
            band: read_band(fields, problems),
            is_horizontal: fields.boolean("horizontal", problems),
        },
        "stacked" => View::Stacked {
            axes: read_axes(fields, problems),
            is_share: fields.boolean("share", problems).unwrap_or(false),
        },
        "heatmap" => View::Heatmap {
            axes: read_axes(fields, problems),
            rows: fields.optional_text("rows", problems),
        },
        "histogram" => View::Histogram {
            axes: read_axes(fields, problems),
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

fn read_axes(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Axes {
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
                if series.is_some() {
                    " beside series"
                } else {
                    ""
                }
            ),
        );
    }
    Axes {
        x,
        y,
        series,
        unit: read_unit(fields, problems),
    }
}

fn read_band(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Band> {
    if !fields.has("band") {
        fields.texts("band", problems); // The key is known even where it is not used.
        return None;
    }
    match <[String; 2]>::try_from(fields.texts("band", problems)) {
        Ok([low, high]) => Some(Band { low, high }),
        Err(found) => {
            problems.at(
                fields.at,
                format!(
                    "\"band\" takes two columns, the lower and the upper bound; found {}",
                    found.len()
                ),
            );
            None
        }
    }
}

fn read_unit(fields: &Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Unit> {
    let word = fields.text("unit", problems)?;
    let unit = Unit::from_word(&word.value);
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
                format!(
                    "\"{}\" is no order; expected: column [asc|desc]",
                    text.value
                ),
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
