//! The inks of a picture: what a mark is, not which colour it has.
//!
//! Plotters knows colours only, so each ink is a sentinel colour there; the pen turns it back
//! into a class name, and `chart.css` gives the class its colour in light, dark and print.

use plotters::style::RGBColor;

macro_rules! inks {
    ($($name:ident $class:literal,)*) => {
        /// One kind of mark; its class in the picture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Ink { $($name,)* }

        const ALL: &[Ink] = &[$(Ink::$name,)*];

        impl Ink {
            /// The class name in the picture and in the style sheet.
            pub const fn class(self) -> &'static str {
                match self { $(Ink::$name => $class,)* }
            }
        }
    };
}

inks! {
    // Strokes.
    Grid "g",
    Axis "ax",
    Reference "rf",
    ReferenceHalo "rh",
    Leader "ld",
    Whisker "wh",
    Cursor "cu",
    MonthBorder "mb",
    Line1 "l1",
    Line2 "l2",
    Line3 "l3",
    LineContext "lc",
    Dashed1 "l1 da",
    Dashed2 "l2 da",
    Dashed3 "l3 da",
    DashedContext "lc da",
    Spark "l1 sp",
    // Fills.
    Fill1 "f1",
    Fill2 "f2",
    Fill3 "f3",
    FillContext "fc",
    Band1 "b1",
    Band2 "b2",
    Band3 "b3",
    BandContext "bc",
    DayOff "off",
    Track "tr",
    Unrecorded "un",
    Step1 "q1",
    Step2 "q2",
    Step3 "q3",
    Step4 "q4",
    Step5 "q5",
    Hit "hit",
    Plate "pl",
    // Letters.
    Label "t",
    Muted "t tm",
    Strong "t ts",
    Halo "t th",
    Series1 "t t1",
    Series2 "t t2",
    Series3 "t t3",
    SeriesContext "t tm th",
    On1 "t o1",
    On2 "t o2",
    On3 "t o3",
    OnContext "t oc",
    OnStep1 "t s1",
    OnStep2 "t s2",
    OnStep3 "t s3",
    OnStep4 "t s4",
    OnStep5 "t s5",
}

impl Ink {
    /// The colour that stands for this ink inside plotters.
    pub const fn sentinel(self) -> RGBColor {
        RGBColor(0xc0, 0xde, self as u8)
    }

    /// The ink behind a sentinel; any other colour is a label's.
    pub fn of_sentinel(rgb: (u8, u8, u8)) -> Ink {
        ALL.get(usize::from(rgb.2)).copied().unwrap_or(Ink::Label)
    }

    /// The sequential steps, weakest first: fill and the letters upon it.
    pub const STEPS: [(Ink, Ink); 5] = [
        (Ink::Step1, Ink::OnStep1),
        (Ink::Step2, Ink::OnStep2),
        (Ink::Step3, Ink::OnStep3),
        (Ink::Step4, Ink::OnStep4),
        (Ink::Step5, Ink::OnStep5),
    ];
}

/// A colour of its own for each of three series, then grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// The first series.
    First,
    /// The second series.
    Second,
    /// The third series.
    Third,
    /// Context, in grey.
    Context,
}

impl Hue {
    pub const fn of(place: usize) -> Hue {
        match place {
            0 => Hue::First,
            1 => Hue::Second,
            2 => Hue::Third,
            _ => Hue::Context,
        }
    }

    pub const fn line(self) -> Ink {
        match self {
            Hue::First => Ink::Line1,
            Hue::Second => Ink::Line2,
            Hue::Third => Ink::Line3,
            Hue::Context => Ink::LineContext,
        }
    }

    pub const fn dashed(self) -> Ink {
        match self {
            Hue::First => Ink::Dashed1,
            Hue::Second => Ink::Dashed2,
            Hue::Third => Ink::Dashed3,
            Hue::Context => Ink::DashedContext,
        }
    }

    pub const fn fill(self) -> Ink {
        match self {
            Hue::First => Ink::Fill1,
            Hue::Second => Ink::Fill2,
            Hue::Third => Ink::Fill3,
            Hue::Context => Ink::FillContext,
        }
    }

    pub const fn band(self) -> Ink {
        match self {
            Hue::First => Ink::Band1,
            Hue::Second => Ink::Band2,
            Hue::Third => Ink::Band3,
            Hue::Context => Ink::BandContext,
        }
    }

    pub const fn letters(self) -> Ink {
        match self {
            Hue::First => Ink::Series1,
            Hue::Second => Ink::Series2,
            Hue::Third => Ink::Series3,
            Hue::Context => Ink::SeriesContext,
        }
    }

    pub const fn letters_upon(self) -> Ink {
        match self {
            Hue::First => Ink::On1,
            Hue::Second => Ink::On2,
            Hue::Third => Ink::On3,
            Hue::Context => Ink::OnContext,
        }
    }
}
