//! What a dashboard is: one page, one question; filters, panels, links. No SQL and no colours.

use crate::template::Template;
use std::collections::{BTreeMap, BTreeSet};
use svodka_table::Unit;

/// One page of `dashboards/`. The file stem is its name in addresses and links.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    pub name: String,
    /// Path as shown in problems.
    pub path: String,
    /// The question the page answers.
    pub title: String,
    /// One or two words for the menu and the trail of links above the page.
    pub short_title: String,
    /// A sentence for the start page; may be empty.
    pub about: String,
    /// Place in the menu; smaller first.
    pub order: i64,
    /// The page above this one; a page without a parent stands in the menu.
    pub parent: Option<String>,
    pub filters: Vec<Filter>,
    pub panels: Vec<Panel>,
}

impl Dashboard {
    /// The filter called `name`.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.name == name)
    }
}

/// What a filter chooses; the renderer may pick a fitting control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterKind {
    Organisation,
    Group,
    Teacher,
    Course,
    Period,
    Choice,
    /// Set by drill links only, never drawn: a lesson, a day, a weekday.
    Hidden,
}

impl FilterKind {
    pub(crate) const NAMES: &'static [(&'static str, FilterKind)] = &[
        ("org", FilterKind::Organisation),
        ("group", FilterKind::Group),
        ("teacher", FilterKind::Teacher),
        ("course", FilterKind::Course),
        ("period", FilterKind::Period),
        ("choice", FilterKind::Choice),
        ("hidden", FilterKind::Hidden),
    ];

    /// The word used in TOML.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

/// One `[[param]]`: a value in the page's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Key in the address.
    pub name: String,
    pub kind: FilterKind,
    /// Label beside the control, in Russian.
    pub label: String,
    /// A required filter without a value takes `default`, else the first row of its list. A
    /// required hidden filter without a value is an error of the address.
    pub is_required: bool,
    pub default: Option<String>,
    /// Words for "no value", for example «Все учреждения»; optional filters only.
    pub all_label: String,
    pub source: FilterSource,
    /// Names of filters whose values the list depends on; they stand earlier in the file.
    pub depends_on: Vec<String>,
    /// Query parameter → column of the chosen row of the list. Where the list is no query, the
    /// only entry maps the filter's own name to itself.
    pub binds: BTreeMap<String, String>,
}

/// Where the possible values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterSource {
    /// Rows of a report: `value` goes into the address, `text` is read by people.
    Query {
        query: String,
        value: String,
        text: String,
    },
    /// Fixed values with their texts, in order.
    Choices(Vec<(String, String)>),
    /// Any value: hidden filters.
    Free,
}

/// One `[[panel]]` of the 12-column grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The finding or the question; a template over the first row of the query. May be empty.
    pub title: Template,
    /// Measure and unit; a template too. May be empty.
    pub subtitle: Template,
    /// Report whose rows the panel shows.
    pub query: String,
    /// Fixed parameters of the query, beside those that the filters bind by name.
    pub params: BTreeMap<String, String>,
    /// Columns of the grid, 1–12.
    pub span: u8,
    /// Shown only while all these filters have a value…
    pub when_set: Vec<String>,
    /// … and none of these has one.
    pub when_unset: Vec<String>,
    /// At most so many rows on the page; the download has all.
    pub limit: Option<usize>,
    /// Where a mark, a bar or a row leads.
    pub link: Option<Link>,
    /// What to say when the query has no rows; may be empty.
    pub empty: String,
    pub view: View,
    /// Line in the file, for problems found later.
    pub line: u32,
}

/// How a panel shows its rows. Every name is a column of the query's header.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// One figure of the first row.
    Kpi {
        value: String,
        /// Column with the change against another period.
        change: Option<String>,
        /// What the change compares with; a template over the first row.
        change_label: Template,
        band: Option<Band>,
        /// A second line under the figure, for example the base of a share.
        note: Template,
    },
    Line {
        x: String,
        y: Vec<String>,
        /// One line per value of this column; then `y` has one entry.
        series: Option<String>,
        band: Option<Band>,
        /// Of `y`: forecasts, drawn dashed.
        dashed: Vec<String>,
        unit: Option<Unit>,
    },
    Bar {
        x: String,
        y: Vec<String>,
        series: Option<String>,
        band: Option<Band>,
        /// Bars lie: for long category names.
        is_horizontal: bool,
        unit: Option<Unit>,
    },
    Stacked {
        x: String,
        y: Vec<String>,
        series: Option<String>,
        /// Parts of 100 % instead of amounts.
        is_share: bool,
        unit: Option<Unit>,
    },
    Heatmap {
        scale: Scale,
        value: String,
        unit: Option<Unit>,
    },
    Histogram {
        /// Start of the bin.
        x: String,
        y: String,
        unit: Option<Unit>,
    },
    Table {
        /// Shown columns in order; empty: all of the header.
        columns: Vec<TableColumn>,
        /// A last row with sums of the additive columns named here.
        sum: Vec<String>,
        /// Order on arrival; `None`: the query's own.
        sort: Option<(String, bool)>,
    },
    /// A sentence with numbers in it.
    Text { text: Template },
}

impl View {
    /// The word used in TOML.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            View::Kpi { .. } => "kpi",
            View::Line { .. } => "line",
            View::Bar { .. } => "bar",
            View::Stacked { .. } => "stacked",
            View::Heatmap { .. } => "heatmap",
            View::Histogram { .. } => "histogram",
            View::Table { .. } => "table",
            View::Text { .. } => "text",
        }
    }
}

/// The axes of a heatmap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scale {
    /// One cell per day, week by week.
    Calendar { date: String },
    /// One cell per pair of values.
    Grid { x: String, y: String },
}

/// Lower and upper bound of a value, drawn as a band or an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    pub low: String,
    pub high: String,
    /// What the band means, in Russian.
    pub label: String,
}

/// One column of a table panel.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// A column of the query; with `sparkline`, a name of its own.
    pub name: String,
    /// Head; `None`: the title in the query's header.
    pub title: Option<String>,
    pub link: Option<Link>,
    /// A bar in the cell, as long as the value.
    pub is_bar: bool,
    pub sparkline: Option<Sparkline>,
}

/// Small lines in table rows: the rows of another report whose `key` equals the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sparkline {
    pub query: String,
    /// Column that both reports have.
    pub key: String,
    pub x: String,
    pub y: String,
}

/// A drill: another dashboard, and which of its filters take which column of the row. Filters of
/// the same name that are not mapped keep their value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub dashboard: String,
    pub params: BTreeMap<String, String>,
}

impl Panel {
    /// Every column of the panel's own query that it names.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        names.extend(self.title.columns());
        names.extend(self.subtitle.columns());
        names.extend(self.link.iter().flat_map(Link::columns));
        match &self.view {
            View::Kpi {
                value,
                change,
                change_label,
                band,
                note,
            } => {
                names.insert(value);
                names.extend(change.as_deref());
                names.extend(change_label.columns());
                names.extend(note.columns());
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Line {
                x,
                y,
                series,
                band,
                dashed,
                ..
            } => {
                names.insert(x);
                names.extend(y.iter().chain(dashed).map(String::as_str));
                names.extend(series.as_deref());
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Bar {
                x, y, series, band, ..
            } => {
                names.insert(x);
                names.extend(y.iter().map(String::as_str));
                names.extend(series.as_deref());
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Stacked { x, y, series, .. } => {
                names.insert(x);
                names.extend(y.iter().map(String::as_str));
                names.extend(series.as_deref());
            }
            View::Heatmap { scale, value, .. } => {
                names.insert(value);
                match scale {
                    Scale::Calendar { date } => names.extend([date.as_str()]),
                    Scale::Grid { x, y } => names.extend([x.as_str(), y.as_str()]),
                }
            }
            View::Histogram { x, y, .. } => names.extend([x.as_str(), y.as_str()]),
            View::Table { columns, sum, sort } => {
                for column in columns {
                    match &column.sparkline {
                        Some(sparkline) => names.insert(&sparkline.key),
                        None => names.insert(&column.name),
                    };
                    names.extend(column.link.iter().flat_map(Link::columns));
                }
                names.extend(sum.iter().map(String::as_str));
                names.extend(sort.iter().map(|(column, _)| column.as_str()));
            }
            View::Text { text } => names.extend(text.columns()),
        }
        names
    }

    /// Every link of the panel.
    #[must_use]
    pub fn links(&self) -> Vec<&Link> {
        let mut links: Vec<&Link> = self.link.iter().collect();
        if let View::Table { columns, .. } = &self.view {
            links.extend(columns.iter().filter_map(|column| column.link.as_ref()));
        }
        links
    }

    /// Every report the panel needs: its own first, then those of sparklines.
    #[must_use]
    pub fn queries(&self) -> Vec<&str> {
        let mut queries = vec![self.query.as_str()];
        if let View::Table { columns, .. } = &self.view {
            queries.extend(
                columns
                    .iter()
                    .filter_map(|column| column.sparkline.as_ref())
                    .map(|sparkline| sparkline.query.as_str()),
            );
        }
        queries
    }
}

impl Band {
    fn columns(&self) -> [&str; 2] {
        [&self.low, &self.high]
    }
}

impl Link {
    fn columns(&self) -> impl Iterator<Item = &str> {
        self.params.values().map(String::as_str)
    }
}
