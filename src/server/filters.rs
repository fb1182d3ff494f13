//! The filters of a page: which values there are, which one is chosen, where a choice leads.

use crate::address::{self, Values};
use crate::data::{Data, View};
use crate::error::{ServerError, WayOut};
use crate::period;
use svodka_catalog::{Dashboard, Filter, FilterKind};
use svodka_journal::Day;
use svodka_table::{Table, Value, format_day};

/// One filter with its list and its choice.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub name: String,
    pub label: String,
    pub is_required: bool,
    pub is_date: bool,
    /// Words for "no value"; empty where one must be chosen.
    pub all: String,
    /// Value for the address, text for people; empty for days and hidden filters.
    pub options: Vec<(String, String)>,
    pub value: Option<String>,
    /// The choice in words.
    pub text: String,
}

/// All filters of a page.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    pub list: Vec<Resolved>,
    /// Value of every filter that has one: for addresses and for the parameters of reports.
    pub values: Values,
}

impl Filters {
    /// The filter called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Resolved> {
        self.list.iter().find(|filter| filter.name == name)
    }

    /// The span that the filters `from` and `to` choose.
    #[must_use]
    pub fn span(&self) -> Option<(Day, Day)> {
        span_of(&self.values)
    }
}

/// The span that the values `from` and `to` tell.
#[must_use]
pub fn span_of(values: &Values) -> Option<(Day, Day)> {
    let day = |name: &str| values.get(name).and_then(|text| Day::parse_iso(text).ok());
    Some((day("from")?, day("to")?))
}

/// What the address leads to.
#[derive(Debug)]
pub enum Outcome {
    Ready(Filters),
    /// Another address says the same better: one level down, one level up, or without a value that
    /// the other values rule out.
    Redirect(String),
}

/// A value as it stands in an address.
#[must_use]
pub fn address_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Date(day) => Some(day.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Timestamp(micros) => Some(micros.to_string()),
        Value::Decimal { .. } | Value::Float(_) => value.as_f64().map(|number| number.to_string()),
    }
}

/// The values of `all` that `dashboard` has filters for.
#[must_use]
pub fn kept_by(dashboard: &Dashboard, all: &Values) -> Values {
    all.iter()
        .filter(|(name, _)| dashboard.filter(name).is_some())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Reads the filters of `dashboard` from the address.
pub async fn resolve(
    data: &Data,
    view: &View,
    dashboard: &Dashboard,
    asked: &Values,
) -> Result<Outcome, ServerError> {
    if let Some(href) = better_page(view, dashboard, asked) {
        return Ok(Outcome::Redirect(href));
    }
    let mut filters = Filters {
        list: Vec::new(),
        values: values_with_defaults(view, dashboard, asked),
    };
    // The lists do not depend on each other: ask for all at once.
    let lists = futures::future::try_join_all(
        dashboard
            .filters
            .iter()
            .map(|filter| list(data, view, filter, &filters.values)),
    )
    .await?;
    let values = filters.values.clone();
    for (filter, options) in dashboard.filters.iter().zip(lists) {
        let value = values.get(&filter.name).cloned();
        let text = match (&filter.kind, &value) {
            (FilterKind::Hidden, _) => value.clone().unwrap_or_default(),
            (_, None) => filter.all.clone(),
            (FilterKind::Date, Some(value)) => match Day::parse_iso(value) {
                Ok(day) => format_day(day),
                Err(_) => {
                    return Err(wrong(
                        filter,
                        value,
                        "день пишут как 2025-10-31",
                        &[],
                        asked,
                    ));
                }
            },
            (FilterKind::Options { .. } | FilterKind::Choices(_), Some(value)) => {
                match options.iter().find(|(known, _)| known == value) {
                    Some((_, text)) => text.clone(),
                    // The institution was changed in the form and the old group stayed in it.
                    None if is_dependent(view, filter, dashboard)
                        && asked.contains_key(&filter.name) =>
                    {
                        let path = format!("/dashboards/{}", dashboard.name);
                        return Ok(Outcome::Redirect(address::link(
                            &path,
                            &address::with(asked, &filter.name, None),
                        )));
                    }
                    None => {
                        return Err(wrong(
                            filter,
                            value,
                            "такого значения нет в списке",
                            &options,
                            asked,
                        ));
                    }
                }
            }
        };
        filters.list.push(Resolved {
            name: filter.name.clone(),
            label: filter.label.clone(),
            is_required: filter.is_required,
            is_date: filter.kind == FilterKind::Date,
            all: filter.all.clone(),
            options,
            value,
            text,
        });
    }
    match filters.span() {
        Some((from, to)) if from > to => Err(ServerError::BadParameter {
            name: "to".to_owned(),
            found: to.to_string(),
            expected: format!(
                "период начинается {} и не может кончиться раньше",
                format_day(from)
            ),
            ways_out: Vec::new(),
        }),
        _ => Ok(Outcome::Ready(filters)),
    }
}

/// The page that fits the values better: below this one where a value opens it, above where a
/// required value is missing.
fn better_page(view: &View, dashboard: &Dashboard, asked: &Values) -> Option<String> {
    let all = &view.live.catalog.dashboards;
    let below = dashboard
        .filters
        .iter()
        .filter(|filter| asked.contains_key(&filter.name))
        .find_map(|filter| all.get(filter.opens.as_ref()?));
    let above = || {
        let missing = |filter: &Filter| {
            filter.is_required && filter.default.is_none() && filter.kind != FilterKind::Hidden
        };
        dashboard
            .filters
            .iter()
            .any(|filter| missing(filter) && !asked.contains_key(&filter.name))
            .then(|| all.get(dashboard.parent.as_ref()?))
            .flatten()
    };
    let better = below.or_else(above)?;
    let mut values = kept_by(better, asked);
    if let Some(as_of) = asked.get("as_of") {
        values.insert("as_of".to_owned(), as_of.clone());
    }
    Some(address::link(
        &format!("/dashboards/{}", better.name),
        &values,
    ))
}

fn values_with_defaults(view: &View, dashboard: &Dashboard, asked: &Values) -> Values {
    dashboard
        .filters
        .iter()
        .filter_map(|filter| {
            let value = asked.get(&filter.name).cloned().or_else(|| {
                Some(period::default_text(
                    filter.default.as_ref()?,
                    view.stamp.newest_day,
                ))
            })?;
            Some((filter.name.clone(), value))
        })
        .collect()
}

async fn list(
    data: &Data,
    view: &View,
    filter: &Filter,
    values: &Values,
) -> Result<Vec<(String, String)>, ServerError> {
    match &filter.kind {
        FilterKind::Date => Ok(Vec::new()),
        FilterKind::Hidden => {
            if filter.is_required && !values.contains_key(&filter.name) {
                return Err(ServerError::BadParameter {
                    name: filter.name.clone(),
                    found: String::new(),
                    expected:
                        "без него страница не открывается; придите на неё по ссылке из таблицы"
                            .to_owned(),
                    ways_out: Vec::new(),
                });
            }
            Ok(Vec::new())
        }
        FilterKind::Choices(choices) => Ok(choices.clone()),
        FilterKind::Options { query } => {
            let answer = data
                .report(view, query, &params_of(view, query, values))
                .await?;
            Ok(rows_of(&answer.table))
        }
    }
}

/// The values that the report called `query` declares parameters for.
#[must_use]
pub fn params_of(view: &View, query: &str, values: &Values) -> Values {
    let Some(file) = view.live.catalog.reports.get(query) else {
        return Values::new();
    };
    file.params
        .iter()
        .filter_map(|param| Some((param.name.clone(), values.get(&param.name)?.clone())))
        .collect()
}

fn rows_of(table: &Table) -> Vec<(String, String)> {
    let label = table.column_index("label");
    (0..table.rows.len())
        .filter_map(|row| {
            let value = table.value(row, "value").and_then(address_text)?;
            let text = label.map_or_else(
                || value.clone(),
                |index| {
                    svodka_table::format_value(&table.rows[row][index], &table.columns[index].unit)
                },
            );
            Some((value, text))
        })
        .collect()
}

/// Whether the filter's list depends on another filter of the page.
fn is_dependent(view: &View, filter: &Filter, dashboard: &Dashboard) -> bool {
    let FilterKind::Options { query } = &filter.kind else {
        return false;
    };
    view.live.catalog.reports.get(query).is_some_and(|file| {
        file.params
            .iter()
            .any(|param| dashboard.filter(&param.name).is_some())
    })
}

fn wrong(
    filter: &Filter,
    found: &str,
    expected: &str,
    options: &[(String, String)],
    asked: &Values,
) -> ServerError {
    ServerError::BadParameter {
        name: filter.name.clone(),
        found: found.to_owned(),
        expected: expected.to_owned(),
        ways_out: options
            .iter()
            .take(12)
            .map(|(value, text)| WayOut {
                text: format!("{}: {text}", filter.label),
                href: format!(
                    "?{}",
                    address::query_text(&address::with(asked, &filter.name, Some(value)))
                ),
            })
            .collect(),
    }
}
