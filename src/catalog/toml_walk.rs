//! A walk over TOML that reports every mistake with its place, not only the first.

use crate::problem::{Problems, expected_one_of};
use std::cell::RefCell;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with the byte where it starts.
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

/// One table of the document. Keys that nobody asked for are problems.
pub(crate) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    /// Where the table starts.
    pub(crate) at: usize,
    /// What the table is called in messages.
    what: String,
    asked: RefCell<Vec<&'static str>>,
}

impl<'t, 'i> Fields<'t, 'i> {
    pub(crate) fn new(table: &'t DeTable<'i>, at: usize, what: impl Into<String>) -> Self {
        Fields {
            table,
            at,
            what: what.into(),
            asked: RefCell::new(Vec::new()),
        }
    }

    /// The value of `key`, and a note that the key is known.
    fn get(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    pub(crate) fn text(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<Placed<String>> {
        let value = self.get(key)?;
        let at = value.span().start;
        match value.get_ref() {
            DeValue::String(text) => Some(Placed {
                value: text.to_string(),
                at,
            }),
            other => {
                problems.at(at, wrong_type(key, other, "a text"));
                None
            }
        }
    }

    pub(crate) fn required_text(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Placed<String> {
        match self.text(key, problems) {
            Some(text) => {
                if text.value.trim().is_empty() {
                    problems.at(text.at, format!("\"{key}\" is empty"));
                }
                text
            }
            None => {
                if !self.has(key) {
                    problems.at(self.at, format!("{} has no \"{key}\"", self.what));
                }
                Placed {
                    value: String::new(),
                    at: self.at,
                }
            }
        }
    }

    pub(crate) fn optional_text(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<String> {
        self.text(key, problems).map(|text| text.value)
    }

    pub(crate) fn integer(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<Placed<i64>> {
        let value = self.get(key)?;
        let at = value.span().start;
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            problems.at(at, wrong_type(key, value.get_ref(), "a whole number"));
        }
        number.map(|value| Placed { value, at })
    }

    pub(crate) fn boolean(&self, key: &'static str, problems: &mut Problems<'_>) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                problems.at(value.span().start, wrong_type(key, other, "true or false"));
                None
            }
        }
    }

    /// A text or an array of texts.
    pub(crate) fn texts(&self, key: &'static str, problems: &mut Problems<'_>) -> Vec<String> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(items) => {
                let mut texts = Vec::new();
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::String(text) => texts.push(text.to_string()),
                        other => {
                            problems.at(item.span().start, wrong_type(key, other, "a text"));
                        }
                    }
                }
                texts
            }
            other => {
                problems.at(
                    value.span().start,
                    wrong_type(key, other, "a text or a list of texts"),
                );
                Vec::new()
            }
        }
    }

    /// A table of texts, in the order of its keys; numbers are read as texts.
    pub(crate) fn text_map(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<BTreeMap<String, String>> {
        let value = self.get(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            problems.at(
                value.span().start,
                wrong_type(key, value.get_ref(), "a table { name = \"text\" }"),
            );
            return None;
        };
        let mut map = BTreeMap::new();
        for (name, item) in table.iter() {
            match item.get_ref() {
                DeValue::String(text) => {
                    map.insert(name.get_ref().to_string(), text.to_string());
                }
                DeValue::Integer(number) => {
                    map.insert(name.get_ref().to_string(), number.to_string());
                }
                other => problems.at(
                    item.span().start,
                    wrong_type(name.get_ref(), other, "a text"),
                ),
            }
        }
        Some(map)
    }

    pub(crate) fn child(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<Fields<'t, 'i>> {
        let value = self.get(key)?;
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Some(Fields::new(table, at, format!("\"{key}\""))),
            other => {
                problems.at(at, wrong_type(key, other, "a table"));
                None
            }
        }
    }

    /// An array of tables; an item may be a bare text where `bare` names the field it stands for.
    pub(crate) fn children(
        &self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Vec<Item<'t, 'i>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            problems.at(
                value.span().start,
                wrong_type(key, value.get_ref(), "a list"),
            );
            return Vec::new();
        };
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = item.span().start;
            match item.get_ref() {
                DeValue::Table(table) => found.push(Item::Fields(Fields::new(
                    table,
                    at,
                    format!("{key} {}", index + 1),
                ))),
                DeValue::String(text) => found.push(Item::Text(Placed {
                    value: text.to_string(),
                    at,
                })),
                other => problems.at(at, wrong_type(key, other, "a table")),
            }
        }
        found
    }

    /// Reports every key that was not asked for.
    pub(crate) fn finish(self, problems: &mut Problems<'_>) {
        let asked = self.asked.into_inner();
        for (name, _) in self.table.iter() {
            let key: &str = name.get_ref();
            if !asked.contains(&key) {
                let guess = expected_one_of(key, asked.iter().copied());
                problems.at(
                    name.span().start,
                    format!("{} has no key \"{key}\"{guess}", self.what),
                );
            }
        }
    }
}

/// One entry of a list.
pub(crate) enum Item<'t, 'i> {
    Fields(Fields<'t, 'i>),
    Text(Placed<String>),
}

fn wrong_type(key: &str, found: &DeValue<'_>, expected: &str) -> String {
    let found = match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("\"{key}\" is {found}; expected {expected}")
}
