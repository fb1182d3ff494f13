//! The pen plotters draws with: SVG elements whose colours are class names.
//!
//! Plotters counts in whole pixels; the pen counts in tenths, so that curves stay smooth.

use crate::ink::Ink;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

/// Backend units in one pixel of the picture.
pub const SCALE: f64 = 10.0;

/// What has been drawn so far.
#[derive(Debug, Default)]
pub struct Sheet {
    /// SVG elements, in drawing order.
    pub body: String,
    /// The picture's id, for the address of its pattern.
    pub id: String,
    /// True once something was hatched.
    pub is_hatched: bool,
}

pub type SharedSheet = Rc<RefCell<Sheet>>;

/// The backend; several areas may share one sheet.
pub struct Pen {
    pub sheet: SharedSheet,
    pub size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Tenths of a pixel as `12.3`, without a needless fraction.
pub fn push_number(out: &mut String, tenths: i32) {
    // Writing to a String cannot fail.
    let _ = match (tenths % 10, tenths / 10) {
        (0, whole) => write!(out, "{whole}"),
        (rest, 0) if tenths < 0 => write!(out, "-0.{}", -rest),
        (rest, whole) => write!(out, "{whole}.{}", rest.abs()),
    };
}

/// Text as XML character data, also inside double quotes; line breaks survive in attributes.
pub fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
}

impl Pen {
    fn element(&self, tag: &str, color: BackendColor, attributes: impl FnOnce(&mut String)) {
        let sheet = &mut *self.sheet.borrow_mut();
        let ink = Ink::of_sentinel(color.rgb);
        let out = &mut sheet.body;
        let _ = write!(out, "<{tag} class=\"{}\"", ink.class());
        attributes(out);
        if ink == Ink::Unrecorded {
            sheet.is_hatched = true;
            let _ = write!(out, " fill=\"url(#{}-hatch)\"", sheet.id);
        }
        out.push_str("/>");
    }

    fn path(&self, points: &[BackendCoord], color: BackendColor, closed: bool) {
        if points.len() < 2 {
            return;
        }
        self.element("path", color, |out| {
            out.push_str(" d=\"");
            let mut previous: Option<BackendCoord> = None;
            for point in points {
                match previous {
                    None => {
                        out.push('M');
                        push_number(out, point.0);
                        out.push(' ');
                        push_number(out, point.1);
                    }
                    Some(before) if before == *point => {}
                    Some(before) if before.1 == point.1 => {
                        out.push('H');
                        push_number(out, point.0);
                    }
                    Some(before) if before.0 == point.0 => {
                        out.push('V');
                        push_number(out, point.1);
                    }
                    Some(_) => {
                        out.push('L');
                        push_number(out, point.0);
                        out.push(' ');
                        push_number(out, point.1);
                    }
                }
                previous = Some(*point);
            }
            out.push_str(if closed { "Z\"" } else { "\"" });
        });
    }
}

impl DrawingBackend for Pen {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.path(&[from, to], style.color(), false);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let (left, right) = (
            upper_left.0.min(bottom_right.0),
            upper_left.0.max(bottom_right.0),
        );
        let (top, bottom) = (
            upper_left.1.min(bottom_right.1),
            upper_left.1.max(bottom_right.1),
        );
        self.element("rect", style.color(), |out| {
            for (name, tenths) in [
                ("x", left),
                ("y", top),
                ("width", right.saturating_sub(left)),
                ("height", bottom.saturating_sub(top)),
            ] {
                let _ = write!(out, " {name}=\"");
                push_number(out, tenths);
                out.push('"');
            }
        });
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        self.path(&points, style.color(), false);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        self.path(&points, style.color(), true);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        self.element("circle", style.color(), |out| {
            for (name, tenths) in [
                ("cx", center.0),
                ("cy", center.1),
                ("r", i32::try_from(radius).unwrap_or(0)),
            ] {
                let _ = write!(out, " {name}=\"");
                push_number(out, tenths);
                out.push('"');
            }
        });
        Ok(())
    }

    /// The position is the baseline; only the horizontal anchor of the style counts.
    fn draw_text<TStyle: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &TStyle,
        position: BackendCoord,
    ) -> Drawn {
        let sheet = &mut *self.sheet.borrow_mut();
        let out = &mut sheet.body;
        let _ = write!(
            out,
            "<text class=\"{}\" x=\"",
            Ink::of_sentinel(style.color().rgb).class()
        );
        push_number(out, position.0);
        out.push_str("\" y=\"");
        push_number(out, position.1);
        out.push('"');
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => out.push_str(" text-anchor=\"middle\""),
            HPos::Right => out.push_str(" text-anchor=\"end\""),
        }
        out.push('>');
        push_escaped(out, text);
        out.push_str("</text>");
        Ok(())
    }
}
