//! Parameters of a report: text becomes typed values once; below this nobody checks again.

use datafusion::common::ScalarValue;
use std::collections::BTreeMap;
use svodka_catalog::{Derived, ParamKind, ParamSpec, QueryFile};
use svodka_journal::{Day, Month};

/// Typed values of one report's parameters; those not given are NULL.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    values: BTreeMap<String, ScalarValue>,
    /// Given values as text, in the order of the header.
    texts: Vec<(String, String)>,
}

/// What is wrong with one parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    #[error("параметр {name}: у отчёта такого нет; есть: {known}")]
    Unknown { name: String, known: String },
    #[error("параметр {name} («{title}») не задан")]
    Missing { name: String, title: String },
    #[error("отчёт {report}: число в параметрах слишком велико")]
    TooLarge { report: String },
    #[error("параметр {name} задан дважды")]
    Twice { name: String },
    #[error("параметр {name}: \"{value}\" — {problem}")]
    Value {
        name: String,
        value: String,
        problem: &'static str,
    },
}

impl Params {
    /// Reads `key=value` pairs by the header of `file`. An empty value counts as not given.
    ///
    /// # Errors
    /// Every unknown, repeated, missing or malformed parameter, not only the first.
    pub fn parse<K, V>(
        file: &QueryFile,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Params, Vec<ParamError>>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut errors = Vec::new();
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in pairs {
            let (key, value) = (key.as_ref(), value.as_ref().trim());
            if file.param(key).is_none_or(|param| param.derived.is_some()) {
                errors.push(ParamError::Unknown {
                    name: key.to_owned(),
                    known: known_names(file),
                });
            } else if !value.is_empty() && given.insert(key.to_owned(), value.to_owned()).is_some()
            {
                errors.push(ParamError::Twice {
                    name: key.to_owned(),
                });
            }
        }
        let mut params = Params {
            values: BTreeMap::new(),
            texts: Vec::new(),
        };
        for spec in file.params.iter().filter(|spec| spec.derived.is_none()) {
            let value = match given.get(&spec.name) {
                Some(text) => match typed(spec, text) {
                    Ok(value) => {
                        params.texts.push((spec.name.clone(), text.clone()));
                        value
                    }
                    Err(error) => {
                        errors.push(error);
                        continue;
                    }
                },
                None => {
                    if spec.is_required {
                        errors.push(ParamError::Missing {
                            name: spec.name.clone(),
                            title: spec.title.clone(),
                        });
                    }
                    null(spec.kind)
                }
            };
            params.values.insert(spec.name.clone(), value);
        }
        for spec in &file.params {
            if let Some(derived) = spec.derived {
                let day = params
                    .day("to")
                    .map(|to| derive(derived, params.day("from").unwrap_or(to), to).0);
                params
                    .values
                    .insert(spec.name.clone(), ScalarValue::Date32(day));
            }
        }
        if errors.is_empty() {
            Ok(params)
        } else {
            Err(errors)
        }
    }

    /// Values as given, in the order of the header.
    #[must_use]
    pub fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    /// A short key of the values, equal for equal values: for caches and ETags.
    #[must_use]
    pub fn cache_key(&self) -> String {
        let mut key = String::new();
        for (name, value) in &self.texts {
            key.push_str(name);
            key.push('=');
            key.push_str(value);
            key.push('\u{1f}');
        }
        key
    }

    fn day(&self, name: &str) -> Option<Day> {
        match self.values.get(name) {
            Some(ScalarValue::Date32(Some(day))) => Some(Day(*day)),
            _ => None,
        }
    }

    pub(crate) const fn values(&self) -> &BTreeMap<String, ScalarValue> {
        &self.values
    }
}

fn known_names(file: &QueryFile) -> String {
    if file.params.is_empty() {
        return "нет ни одного".to_owned();
    }
    let names: Vec<&str> = file
        .params
        .iter()
        .filter(|param| param.derived.is_none())
        .map(|param| param.name.as_str())
        .collect();
    names.join(", ")
}

/// A day that follows from a span.
fn derive(derived: Derived, from: Day, to: Day) -> Day {
    match derived {
        Derived::PreviousFrom => {
            let (first, last) = (from.month(), to.month());
            if from == first.first_day() && to == last.last_day() && from <= to {
                let mut month = first;
                for _ in 0..months_between(first, last) {
                    month = month.previous();
                }
                month.first_day()
            } else {
                from.plus(from.0 - to.0 - 1)
            }
        }
        Derived::PreviousTo => from.plus(-1),
        Derived::SchoolYearFrom => Month(to.school_year() * 100 + 9).first_day(),
        Derived::SchoolYearTo => Month((to.school_year() + 1) * 100 + 8).last_day(),
    }
}

/// Months of a span, the first and the last included.
const fn months_between(first: Month, last: Month) -> i32 {
    (last.0 / 100 - first.0 / 100) * 12 + last.0 % 100 - first.0 % 100 + 1
}

/// NULL of the parameter's type.
pub(crate) const fn null(kind: ParamKind) -> ScalarValue {
    match kind {
        ParamKind::Int => ScalarValue::Int64(None),
        ParamKind::Date => ScalarValue::Date32(None),
        ParamKind::Text => ScalarValue::Utf8(None),
        ParamKind::Bool => ScalarValue::Boolean(None),
    }
}

fn typed(spec: &ParamSpec, text: &str) -> Result<ScalarValue, ParamError> {
    let wrong = |problem| ParamError::Value {
        name: spec.name.clone(),
        value: shortened(text),
        problem,
    };
    match spec.kind {
        ParamKind::Int => text
            .parse()
            .map(|number| ScalarValue::Int64(Some(number)))
            .map_err(|_| wrong("не число")),
        ParamKind::Date => Day::parse_iso(text)
            .map(|day| ScalarValue::Date32(Some(day.0)))
            .map_err(|_| wrong("не дата; нужно ГГГГ-ММ-ДД")),
        ParamKind::Text => {
            if text.len() > 1_000 {
                return Err(wrong("слишком длинно"));
            }
            Ok(ScalarValue::Utf8(Some(text.to_owned())))
        }
        ParamKind::Bool => match text {
            "true" => Ok(ScalarValue::Boolean(Some(true))),
            "false" => Ok(ScalarValue::Boolean(Some(false))),
            _ => Err(wrong("нужно true или false")),
        },
    }
}

/// Error texts repeat at most 60 characters of what was sent.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
