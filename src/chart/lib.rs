//! L2: pictures of numbers, as SVG for pages without scripts. The only crate that knows plotters.
//!
//! Owns: the [`Chart`] description, layout, axes, keys and names of the pictures, [`CSS`].
//! Must not know: SQL, dashboards, HTTP. Plotters places the data and draws through our own pen
//! (`pen.rs`), which writes class names in place of colours: one picture serves light, dark and
//! print, and pages need no inline style.
//! Every mark carries its hover text twice: `data-tip` for our script, `<title>` without it.
//! When a kind is added: [`Picture::KINDS`], `render`, `chart.css`, the gallery in tests/chart.rs
//! and the panels that `catalog` reads follow.

mod bar;
mod calendar;
mod canvas;
mod empty;
mod end_labels;
mod grid;
mod histogram;
mod ink;
mod legend;
mod lettering;
mod line;
mod line_points;
mod pen;
mod rows;
mod scale;
mod sparkline;
mod spec;
mod stacked;
mod steps_key;
mod time_axis;

pub use empty::NO_DATA;
pub use lettering::{TEXT_SIZE, text_width};
pub use line::NOT_FROM_ZERO;
pub use spec::{
    Bar, BarMark, Bin, Calendar, CalendarDay, Chart, Grid, GridRow, Histogram, Line, Part, Picture,
    Point, Reference, Role, Series, Sparkline, Stacked, StackedRow, Step, Tone, Width,
};

use canvas::{Canvas, Caption};

/// The style sheet of all pictures: colours for light, dark and print, hover without a script.
pub const CSS: &str = include_str!("chart.css");

/// The picture as one `<svg>` element for an HTML page that holds [`CSS`].
#[must_use]
pub fn render(chart: &Chart, width: Width) -> String {
    render_as(chart, width, &clean_id(&chart.id))
}

/// Two renderings, for wide pages and for phones; [`CSS`] shows the one that fits.
#[must_use]
pub fn render_responsive(chart: &Chart, wide: Width) -> String {
    let id = clean_id(&chart.id);
    let wide_picture = render_as(chart, wide, &format!("{id}-w"));
    let narrow_picture = render_as(chart, Width::NARROW, &format!("{id}-n"));
    format!(
        "<div class=\"chart-wide\">{wide_picture}</div>\
         <div class=\"chart-narrow\">{narrow_picture}</div>"
    )
}

/// The picture as a file of its own, with its style sheet inside.
#[must_use]
pub fn standalone(chart: &Chart, width: Width) -> String {
    let picture = render(chart, width);
    // The first `>` closes the opening tag: attribute values are escaped.
    match picture.split_once('>') {
        Some((head, rest)) => format!("{head}><style>{CSS}</style>{rest}"),
        None => picture,
    }
}

fn render_as(chart: &Chart, width: Width, id: &str) -> String {
    let pixels = f64::from(width.0.clamp(200, 2_000));
    let (canvas, description): (Option<Canvas>, String) = match &chart.picture {
        Picture::Line(spec) => (line::draw(spec, id, pixels), line::description(spec)),
        Picture::Bar(spec) => (bar::draw(spec, id, pixels), bar::description(spec)),
        Picture::Stacked(spec) => (stacked::draw(spec, id, pixels), stacked::description(spec)),
        Picture::Calendar(spec) => (
            calendar::draw(spec, id, pixels),
            calendar::description(spec),
        ),
        Picture::Grid(spec) => (grid::draw(spec, id, pixels), grid::description(spec)),
        Picture::Histogram(spec) => (
            histogram::draw(spec, id, pixels),
            histogram::description(spec),
        ),
        Picture::Sparkline(spec) => (
            sparkline::draw(spec, id).or_else(|| Some(sparkline::draw_empty(id))),
            sparkline::description(spec),
        ),
    };
    let is_empty = canvas.is_none();
    let canvas = canvas.unwrap_or_else(|| empty::draw(id, pixels));
    let description = match (is_empty, chart.description.trim()) {
        (true, _) => NO_DATA.to_owned(),
        (false, "") => description,
        (false, own) => own.to_owned(),
    };
    canvas.finish(&Caption {
        id,
        kind: chart.picture.kind(),
        title: &chart.title,
        description: &description,
    })
}

fn clean_id(id: &str) -> String {
    let clean: String = id
        .chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() || it == '-' || it == '_' {
                it
            } else {
                '-'
            }
        })
        .collect();
    // An id starts with a letter, so that style sheets and addresses can name it.
    if clean.starts_with(|it: char| it.is_ascii_alphabetic()) {
        clean
    } else {
        format!("c{clean}")
    }
}
