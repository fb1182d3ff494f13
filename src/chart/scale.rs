//! Axes with round numbers, and steps for coloured cells.

use svodka_table::{NO_BREAK_SPACE, Unit, format_number};

/// Round values along an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    /// Ascending; the first and last enclose the data.
    pub values: Vec<f64>,
    decimals: u8,
    unit: Unit,
}

impl Ticks {
    /// About `target` steps that enclose the range.
    pub fn enclosing(low: f64, high: f64, target: usize, unit: Unit) -> Ticks {
        let factor = factor_of(unit);
        let (low, high) = (low * factor, high * factor);
        let (low, high) = if high > low {
            (low, high)
        } else {
            widened(low, unit)
        };
        let mut step = round_step((high - low) / target.max(1) as f64);
        if unit == Unit::Count {
            step = step.max(1.0).round();
        }
        let mut first = (low / step + 1e-9).floor();
        let mut last = (high / step - 1e-9).ceil();
        if unit == Unit::Share {
            // A share ends at 0 and 100 %, whatever the step.
            first = first.max(0.0_f64.min((low / step).floor()));
            last = last.min((100.0_f64.max(high) / step + 1e-9).floor());
            if last <= first {
                last = first + 1.0;
            }
        }
        let count = (last - first).round() as usize;
        let values = (0..=count.min(50))
            .map(|it| (first + it as f64) * step / factor)
            .collect();
        Ticks {
            values,
            decimals: decimals_of(step),
            unit,
        }
    }

    pub fn low(&self) -> f64 {
        self.values.first().copied().unwrap_or(0.0)
    }

    pub fn high(&self) -> f64 {
        self.values.last().copied().unwrap_or(1.0)
    }

    /// The label of a tick, with its unit.
    pub fn label(&self, value: f64) -> String {
        let mut text = bare(value, self.unit, self.decimals);
        if !self.unit.suffix().is_empty() {
            text.push(NO_BREAK_SPACE);
            text.push_str(&self.unit.suffix().replace(' ', "\u{a0}"));
        }
        text
    }

    /// The label of a tick, without its unit.
    pub fn bare_label(&self, value: f64) -> String {
        bare(value, self.unit, self.decimals)
    }
}

fn bare(value: f64, unit: Unit, decimals: u8) -> String {
    let number = value * factor_of(unit);
    let text = format_number(number, decimals);
    if unit == Unit::Points && number > 1e-9 {
        format!("+{text}")
    } else {
        text
    }
}

const fn factor_of(unit: Unit) -> f64 {
    if matches!(unit, Unit::Share | Unit::Points) {
        100.0
    } else {
        1.0
    }
}

/// A range around a single value.
fn widened(value: f64, unit: Unit) -> (f64, f64) {
    let reach = if value == 0.0 { 1.0 } else { value.abs() * 0.1 };
    match unit {
        Unit::Share if value >= 100.0 => (value - reach, value),
        Unit::Share | Unit::Count | Unit::Hours if value >= 0.0 => {
            ((value - reach).max(0.0), value + reach)
        }
        _ => (value - reach, value + reach),
    }
}

/// The next of 1, 2, 2.5, 5, 10 × a power of ten.
fn round_step(raw: f64) -> f64 {
    if !(raw.is_finite() && raw > 1e-12) {
        return 1.0;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let mantissa = raw / power;
    for candidate in [1.0, 2.0, 2.5, 5.0] {
        if mantissa <= candidate * 1.000_001 {
            return candidate * power;
        }
    }
    10.0 * power
}

fn decimals_of(step: f64) -> u8 {
    (0..=6)
        .find(|decimals| {
            let scaled = step * 10_f64.powi(i32::from(*decimals));
            (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1.0)
        })
        .unwrap_or(6)
}

/// At most five classes of values with round borders.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    ticks: Ticks,
}

impl Classes {
    /// From the values that are there; none if there are none.
    pub fn of(values: impl Iterator<Item = f64>, unit: Unit) -> Option<Classes> {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(value), range.1.max(value))
        });
        if low > high {
            return None;
        }
        // A wider step may still give six classes; ask for fewer until five suffice.
        (1..=5)
            .rev()
            .map(|target| Ticks::enclosing(low, high, target, unit))
            .find(|ticks| ticks.values.len() <= 6)
            .map(|ticks| Classes { ticks })
    }

    pub fn count(&self) -> usize {
        self.ticks.values.len().saturating_sub(1).max(1)
    }

    /// Which of the five steps of strength a value has, 0 weakest.
    pub fn strength(&self, value: f64, is_low_strong: bool) -> usize {
        let upper = self.ticks.values.iter().skip(1).take(self.count() - 1);
        let place = upper.filter(|border| value >= **border - 1e-12).count();
        self.strength_of(place, is_low_strong)
    }

    /// Strength of the class at that place, lowest values first.
    pub fn strength_of(&self, place: usize, is_low_strong: bool) -> usize {
        let place = if is_low_strong {
            self.count() - 1 - place
        } else {
            place
        };
        // Two classes take the outer steps, five take all.
        if self.count() == 1 {
            2
        } else {
            place * 4 / (self.count() - 1)
        }
    }

    /// The borders between and around the classes.
    pub fn ticks(&self) -> &Ticks {
        &self.ticks
    }
}
