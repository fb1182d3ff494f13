//! The sheet a picture is drawn on, in pixels: marks with hover text, letters, plot areas.

use crate::ink::Ink;
use crate::lettering::{shortened, text_width};
use crate::pen::{Pen, SCALE, SharedSheet, Sheet, push_escaped};
use plotters::coord::Shift;
use plotters::coord::ranged1d::AsRangedCoord;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle, ShapeStyle};
use plotters_backend::BackendCoord;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

/// Where a text starts from its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// What a picture is called and how it is announced.
pub struct Caption<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    pub title: &'a str,
    pub description: &'a str,
}

/// The sheet, `width` × `height` pixels.
pub struct Canvas {
    sheet: SharedSheet,
    root: DrawingArea<Pen, Shift>,
    pub width: f64,
    pub height: f64,
    is_interactive: bool,
}

const MEMORY_ONLY: &str = "the pen writes to memory and is never borrowed twice";

fn tenths(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

fn point(x: f64, y: f64) -> BackendCoord {
    (tenths(x), tenths(y))
}

fn shape(ink: Ink) -> ShapeStyle {
    ink.sentinel().filled()
}

impl Canvas {
    pub fn new(id: &str, width: f64, height: f64) -> Canvas {
        let sheet: SharedSheet = Rc::new(RefCell::new(Sheet {
            id: id.to_owned(),
            ..Sheet::default()
        }));
        let size = (tenths(width).unsigned_abs(), tenths(height).unsigned_abs());
        let root = Pen {
            sheet: Rc::clone(&sheet),
            size,
        }
        .into_drawing_area();
        Canvas {
            sheet,
            root,
            width,
            height,
            is_interactive: false,
        }
    }

    pub fn rect(&self, ink: Ink, x: f64, y: f64, width: f64, height: f64) {
        let corners = [point(x, y), point(x + width.max(0.0), y + height.max(0.0))];
        self.root
            .draw(&Rectangle::new(corners, shape(ink)))
            .expect(MEMORY_ONLY);
    }

    pub fn line(&self, ink: Ink, from: (f64, f64), to: (f64, f64)) {
        self.path(ink, &[from, to]);
    }

    pub fn path(&self, ink: Ink, points: &[(f64, f64)]) {
        let points: Vec<BackendCoord> = points.iter().map(|it| point(it.0, it.1)).collect();
        self.root
            .draw(&PathElement::new(points, shape(ink)))
            .expect(MEMORY_ONLY);
    }

    pub fn dot(&self, ink: Ink, x: f64, y: f64, radius: f64) {
        self.root
            .draw(&Circle::new(point(x, y), tenths(radius), shape(ink)))
            .expect(MEMORY_ONLY);
    }

    /// A line of letters; `y` is the baseline. Moved, and cut if need be, to stay on the sheet.
    pub fn text(&self, ink: Ink, anchor: Anchor, x: f64, y: f64, text: &str) {
        let text = shortened(text, self.width - 2.0);
        if text.is_empty() {
            return;
        }
        let letters = text_width(&text);
        let before = match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => letters / 2.0,
            Anchor::End => letters,
        };
        let x = x.min(self.width - letters + before).max(before);
        let position = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let color = ink.sentinel();
        let style = ("sans-serif", SCALE)
            .into_text_style(&self.root)
            .color(&color)
            .pos(Pos::new(position, VPos::Bottom));
        self.root
            .draw(&Text::new(text, point(x, y), style))
            .expect(MEMORY_ONLY);
    }

    /// Draws one mark with its hover text; a link where it leads somewhere, a stop for the
    /// keyboard where asked.
    pub fn mark(
        &mut self,
        tip: &str,
        href: Option<&str>,
        is_stop: bool,
        draw: impl FnOnce(&Canvas),
    ) {
        let href = href.filter(|it| is_own_address(it));
        {
            let out = &mut self.sheet.borrow_mut().body;
            out.push_str(if href.is_some() {
                "<a class=\"mk\""
            } else {
                "<g class=\"mk\""
            });
            if let Some(href) = href {
                out.push_str(" href=\"");
                push_escaped(out, href);
                out.push('"');
                self.is_interactive = true;
            } else if is_stop {
                out.push_str(" tabindex=\"0\" role=\"img\" aria-label=\"");
                push_escaped(out, &tip.replace('\n', "; "));
                out.push('"');
                self.is_interactive = true;
            }
            out.push_str(" data-tip=\"");
            push_escaped(out, tip);
            out.push_str("\"><title>");
            push_escaped(out, tip);
            out.push_str("</title>");
        }
        draw(self);
        self.sheet
            .borrow_mut()
            .body
            .push_str(if href.is_some() { "</a>" } else { "</g>" });
    }

    /// An area with axes: `x` and `y` are the data's ranges, the rest pixels of the sheet.
    pub fn plot(&self, x: (f64, f64), y: (f64, f64), frame: Frame) -> Plot {
        let pixels = (
            tenths(frame.left)..tenths(frame.right),
            // Values grow upwards, pixels downwards.
            tenths(frame.bottom)..tenths(frame.top),
        );
        let axes = Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
            <std::ops::Range<f64> as AsRangedCoord>::CoordDescType::from(x.0..x.1),
            <std::ops::Range<f64> as AsRangedCoord>::CoordDescType::from(y.0..y.1),
            pixels,
        );
        Plot {
            area: self.root.apply_coord_spec(axes),
            frame,
        }
    }

    /// The whole picture as an SVG element.
    pub fn finish(self, caption: &Caption<'_>) -> String {
        let sheet = self.sheet.borrow();
        let mut out = String::with_capacity(sheet.body.len() + 800);
        let (width, height) = (self.width.round(), self.height.round());
        // An image has no parts for a screen reader: links and stops need a group.
        let role = if self.is_interactive { "group" } else { "img" };
        let id = caption.id;
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart chart-{}\" id=\"{id}\" \
             viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"{role}\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">",
            caption.kind,
        );
        push_escaped(&mut out, caption.title);
        let _ = write!(out, "</title><desc id=\"{id}-desc\">");
        push_escaped(&mut out, caption.description);
        out.push_str("</desc>");
        if sheet.is_hatched {
            let _ = write!(
                out,
                "<defs><pattern id=\"{id}-hatch\" width=\"5\" height=\"5\" \
                 patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
                 <rect class=\"hb\" width=\"5\" height=\"5\"/>\
                 <path class=\"hl\" d=\"M1 0V5\"/></pattern></defs>"
            );
        }
        out.push_str(&sheet.body);
        out.push_str("</svg>");
        out
    }
}

/// Where a plot area lies on the sheet, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// A plot area: takes data, knows its pixels.
pub struct Plot {
    area: DrawingArea<Pen, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    pub frame: Frame,
}

impl Plot {
    pub fn x(&self, value: f64) -> f64 {
        f64::from(self.area.map_coordinate(&(value, 0.0)).0) / SCALE
    }

    pub fn y(&self, value: f64) -> f64 {
        let origin = self.area.get_x_range().start;
        f64::from(self.area.map_coordinate(&(origin, value)).1) / SCALE
    }

    /// A line through points of the data.
    pub fn series(&self, ink: Ink, points: &[(f64, f64)]) {
        self.area
            .draw(&PathElement::new(points.to_vec(), shape(ink)))
            .expect(MEMORY_ONLY);
    }

    /// The area between the lower and the upper line: (x, low, high).
    pub fn band(&self, ink: Ink, points: &[(f64, f64, f64)]) {
        let upper = points.iter().map(|it| (it.0, it.2));
        let lower = points.iter().rev().map(|it| (it.0, it.1));
        let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
        self.area
            .draw(&Polygon::new(outline, shape(ink)))
            .expect(MEMORY_ONLY);
    }
}

/// Links lead to our own pages only.
fn is_own_address(href: &str) -> bool {
    (href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\"))
        || href.starts_with('?')
        || href.starts_with('#')
}
