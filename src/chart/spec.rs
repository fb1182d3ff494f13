//! What a picture shows: plain data, no colours, no pixels.
//!
//! Numbers that are not finite or beyond ±10^15 count as missing everywhere.

use svodka_journal::Day;
use svodka_table::Unit;

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Unique on its page: ASCII letters, digits, `-` and `_`; other characters become `-`.
    pub id: String,
    /// The finding or the question, Russian; announced by screen readers, not drawn.
    pub title: String,
    /// What is seen, Russian; empty for a description made from the data.
    pub description: String,
    /// The picture itself.
    pub picture: Picture,
}

/// The kinds of pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// Values over time.
    Line(Line),
    /// One number for each of several things, lying bars.
    Bar(Bar),
    /// Several things, each split into parts.
    Stacked(Stacked),
    /// One number for each day of a school year.
    Calendar(Calendar),
    /// One number for each row and column.
    Grid(Grid),
    /// How often values lie where.
    Histogram(Histogram),
    /// A line for a table cell.
    Sparkline(Sparkline),
}

impl Picture {
    /// Every kind's word, as in class names (`chart-line`) and in this order.
    pub const KINDS: [&str; 7] = [
        "line",
        "bar",
        "stacked",
        "calendar",
        "grid",
        "histogram",
        "sparkline",
    ];

    /// The kind's word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Picture::Line(_) => "line",
            Picture::Bar(_) => "bar",
            Picture::Stacked(_) => "stacked",
            Picture::Calendar(_) => "calendar",
            Picture::Grid(_) => "grid",
            Picture::Histogram(_) => "histogram",
            Picture::Sparkline(_) => "sparkline",
        }
    }
}

/// Width of a picture in CSS pixels; letters keep their size, the layout follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(pub u16);

impl Width {
    /// A phone.
    pub const NARROW: Width = Width(340);
    /// Half a page, two pictures side by side.
    pub const HALF: Width = Width(540);
    /// A main picture.
    pub const WIDE: Width = Width(720);
    /// The whole page.
    pub const FULL: Width = Width(1120);
}

/// A value to compare with, for example the mean of the municipality.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// In the unit of the picture.
    pub value: f64,
    /// Its name, Russian; the value is written behind it.
    pub label: String,
}

/// What one point of a line covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One day.
    Day,
    /// Seven days from the point's day on.
    Week,
    /// The month of the point's day.
    Month,
}

/// Values over time. Lines need not start at zero; the picture says where they do not.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Of all values.
    pub unit: Unit,
    /// What one point covers.
    pub step: Step,
    /// At most three main series get a colour, the rest is drawn as context.
    pub series: Vec<Series>,
    /// Spans without lessons, first and last day; shaded.
    pub days_off: Vec<(Day, Day)>,
    /// A level to compare with.
    pub reference: Option<Reference>,
    /// First and last day of the axis; from the data where absent.
    pub span: Option<(Day, Day)>,
    /// Lowest and highest value of the axis, for small multiples; from the data where absent.
    pub domain: Option<(f64, f64)>,
}

/// What a series is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the picture is about.
    Main,
    /// What it is compared with, grey.
    Context,
    /// Continues the main series before it, dashed.
    Forecast,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Written at the end of the line; may be empty where there is one series only.
    pub title: String,
    /// What it is for.
    pub role: Role,
    /// In order of days.
    pub points: Vec<Point>,
}

/// One point of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// First day of what the point covers.
    pub day: Day,
    /// Missing values break the line.
    pub value: Option<f64>,
    /// Lower bound, for example with every unrecorded pupil absent.
    pub low: Option<f64>,
    /// Upper bound.
    pub high: Option<f64>,
    /// More for the hover text, or empty.
    pub note: String,
}

impl Point {
    /// A point without bounds.
    #[must_use]
    pub const fn new(day: Day, value: Option<f64>) -> Point {
        Point {
            day,
            value,
            low: None,
            high: None,
            note: String::new(),
        }
    }
}

/// Lying bars from zero, sorted as given.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Of all values.
    pub unit: Unit,
    /// Top to bottom.
    pub bars: Vec<BarMark>,
    /// A level to compare with.
    pub reference: Option<Reference>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BarMark {
    /// Its name.
    pub label: String,
    /// Missing values say «нет данных».
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// An address on this server (`/…`, `?…`, `#…`); others are dropped.
    pub href: Option<String>,
    /// Where any bar is emphasised, the others are grey.
    pub is_emphasised: bool,
    /// More for the hover text, or empty.
    pub note: String,
}

/// Lying bars split into parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Stacked {
    /// Of all values; never a share: give the counts.
    pub unit: Unit,
    /// Every bar is 100 %, as long as the others.
    pub is_whole: bool,
    /// Left to right.
    pub parts: Vec<Part>,
    /// Top to bottom.
    pub rows: Vec<StackedRow>,
}

/// What a part looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// First colour.
    First,
    /// Second colour.
    Second,
    /// Third colour.
    Third,
    /// Grey.
    Context,
    /// Hatched: nothing is known.
    Unrecorded,
}

/// A kind of parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name in the key.
    pub title: String,
    /// How it is drawn.
    pub tone: Tone,
}

/// One split bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StackedRow {
    /// Its name.
    pub label: String,
    /// One number for each part; negative ones count as zero.
    pub values: Vec<f64>,
    /// An address on this server, as in [`BarMark::href`].
    pub href: Option<String>,
}

/// A school year, weeks as columns, Monday to Saturday as rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Of all values.
    pub unit: Unit,
    /// First and last day; a whole school year where absent (September to May).
    pub span: Option<(Day, Day)>,
    /// School days; a day without a value is hatched.
    pub days: Vec<CalendarDay>,
    /// Spans without lessons, first and last day; shaded.
    pub days_off: Vec<(Day, Day)>,
    /// Low values are the strong colour: for measures where low is what to look at.
    pub is_low_strong: bool,
}

/// One school day.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarDay {
    /// The day.
    pub day: Day,
    /// Nothing where no lesson of the day was recorded.
    pub value: Option<f64>,
    /// More for the hover text, or empty.
    pub note: String,
    /// An address on this server, as in [`BarMark::href`].
    pub href: Option<String>,
}

/// A table whose cells are coloured.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Of all values.
    pub unit: Unit,
    /// Heads, left to right.
    pub columns: Vec<String>,
    /// Top to bottom.
    pub rows: Vec<GridRow>,
    /// Low values are the strong colour.
    pub is_low_strong: bool,
}

/// One row of coloured cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GridRow {
    /// Its name.
    pub label: String,
    /// One value for each column; missing ones stay empty.
    pub values: Vec<Option<f64>>,
    /// An address on this server, as in [`BarMark::href`].
    pub href: Option<String>,
}

/// How often values lie where.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Of the edges.
    pub unit: Unit,
    /// Left to right, each from where the one before ends.
    pub bins: Vec<Bin>,
    /// One, two and five of what is counted: «группа», «группы», «групп».
    pub counted: [String; 3],
    /// A level to compare with.
    pub reference: Option<Reference>,
}

/// One bar of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Lower edge, included.
    pub from: f64,
    /// Upper edge, excluded but for the last bin.
    pub to: f64,
    /// How many values lie between.
    pub count: u64,
}

/// A line of the size of a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparkline {
    /// Of all values.
    pub unit: Unit,
    /// In order of time; missing values break the line.
    pub values: Vec<Option<f64>>,
    /// Lowest and highest value, so that the rows of a table compare; from the data where absent.
    pub domain: Option<(f64, f64)>,
}

/// The number, if it is one that can be drawn.
pub(crate) fn drawable(value: f64) -> Option<f64> {
    (value.is_finite() && value.abs() <= 1e15).then_some(value)
}

/// True for days of the years 1900 to 2199; others are left out of pictures.
pub(crate) const fn is_drawable_day(day: Day) -> bool {
    day.0 >= -25_567 && day.0 < 84_006
}
