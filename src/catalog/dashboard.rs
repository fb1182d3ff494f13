//! What a dashboard is: one page, one question; filters, panels, links. No SQL and no colours.

use crate::template::Template;
use std::collections::{BTreeMap, BTreeSet};
use svodka_journal::Day;
use svodka_table::Unit;

/// One page of `dashboards/`. The file stem is its name in addresses and links.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    pub name: String,
    /// Path as shown in problems.
    pub path: String,
    /// The question the page answers; a template over the first row of [`Dashboard::title_panel`].
    pub title: Template,
    /// One or two words for the menu and the trail of links; may be empty on pages that a filter
    /// opens: there the chosen value stands in the trail.
    pub short_title: String,
    /// A sentence for the start page; may be empty.
    pub about: String,
    /// Place in the menu, smaller first; pages without it are reached by links only.
    pub order: Option<i64>,
    /// The page above this one.
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

    /// The panel whose query fills the title: the first text panel, else the first panel.
    #[must_use]
    pub fn title_panel(&self) -> Option<&Panel> {
        self.panels
            .iter()
            .find(|panel| matches!(panel.view, View::Text { .. }))
            .or_else(|| self.panels.first())
    }
}

/// One `[[param]]`: a value in the page's address, bound by name to the parameters of queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Key in the address and name of the query parameter.
    pub name: String,
    pub kind: FilterKind,
    /// Label beside the control, in Russian.
    pub label: String,
    /// Without a value the page asks for one; an address without it is an error if hidden.
    pub is_required: bool,
    pub default: Option<DefaultValue>,
    /// Words for "no value", for example «Все учреждения».
    pub all: String,
    /// Dashboard that a chosen value leads to, keeping the other filters.
    pub opens: Option<String>,
    /// Line in the file.
    pub line: u32,
}

/// What a filter chooses from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterKind {
    /// A calendar day.
    Date,
    /// One row of a report: its column `value` goes into the address, `label` is read by people.
    /// The report's own parameters are bound to the other filters by name.
    Options { query: String },
    /// Fixed values with their texts, in order.
    Choices(Vec<(String, String)>),
    /// Set by links only, never drawn.
    Hidden,
}

/// What stands in for a value that the address does not tell. Months and school years count from
/// the day of the newest data, never from today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// First day of the last full month of data.
    LastMonthStart,
    LastMonthEnd,
    /// 1 September of the school year of the newest data.
    SchoolYearStart,
    /// The day of the newest data.
    DataDay,
    Day(Day),
    Text(String),
}

impl DefaultValue {
    pub(crate) const DAYS: &'static [(&'static str, DefaultValue)] = &[
        ("last_month_start", DefaultValue::LastMonthStart),
        ("last_month_end", DefaultValue::LastMonthEnd),
        ("school_year_start", DefaultValue::SchoolYearStart),
        ("data_day", DefaultValue::DataDay),
    ];
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
    /// Fixed parameters of the query, beside those that filters bind by name.
    pub params: BTreeMap<String, String>,
    /// Columns of the grid, 1–12.
    pub width: u8,
    /// At most so many rows on the page; the download has all.
    pub limit: Option<usize>,
    /// Where a mark, a bar or a row leads.
    pub link: Option<Link>,
    /// What to say when the query has no rows; may be empty.
    pub empty: String,
    pub view: View,
    /// Line in the file.
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
        band: Option<Band>,
        /// A second line under the figure, for example the base of a share.
        note: Template,
    },
    Line {
        axes: Axes,
        band: Option<Band>,
        /// Of `axes.y`: forecasts, drawn dashed.
        dashed: Vec<String>,
    },
    Bar {
        axes: Axes,
        band: Option<Band>,
        /// `None`: the renderer decides by the length of the names.
        is_horizontal: Option<bool>,
    },
    Stacked {
        axes: Axes,
        /// Parts of 100 % instead of amounts.
        is_share: bool,
    },
    /// One cell per day (`axes.x` is a date), or one per pair of `axes.x` and `rows`; the colour
    /// tells the first of `axes.y`.
    Heatmap { axes: Axes, rows: Option<String> },
    /// `axes.x` names the bin, the first of `axes.y` its size.
    Histogram { axes: Axes },
    Table {
        /// Shown columns in order; empty: all of the header but ids.
        columns: Vec<TableColumn>,
        /// Additive columns that get a sum row.
        sum: Vec<String>,
        /// Order on arrival (column, descending); `None`: the query's own.
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

/// What runs along the axes of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    pub x: String,
    /// One to four columns; exactly one beside `series`.
    pub y: Vec<String>,
    /// One line or group of bars per value of this column.
    pub series: Option<String>,
    /// `None`: the unit of the first column of `y`.
    pub unit: Option<Unit>,
}

/// Lower and upper bound of a value, drawn as a band or an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    pub low: String,
    pub high: String,
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
                band,
                note,
            } => {
                names.insert(value);
                names.extend(change.as_deref());
                names.extend(note.columns());
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Line { axes, band, dashed } => {
                names.extend(axes.columns());
                names.extend(dashed.iter().map(String::as_str));
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Bar { axes, band, .. } => {
                names.extend(axes.columns());
                names.extend(band.iter().flat_map(Band::columns));
            }
            View::Stacked { axes, .. } | View::Histogram { axes } => names.extend(axes.columns()),
            View::Heatmap { axes, rows } => {
                names.extend(axes.columns());
                names.extend(rows.as_deref());
            }
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

    /// Sparklines of the panel's table.
    #[must_use]
    pub fn sparklines(&self) -> Vec<&Sparkline> {
        match &self.view {
            View::Table { columns, .. } => columns
                .iter()
                .filter_map(|column| column.sparkline.as_ref())
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl Axes {
    fn columns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.x)
            .chain(&self.y)
            .chain(&self.series)
            .map(String::as_str)
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
