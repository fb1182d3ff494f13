//! Addresses: parsing a query string, writing one in canonical order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Keys of an address with their values, in the order of the keys.
pub type Values = BTreeMap<String, String>;

/// A query string that names one key twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedKey(pub String);

/// Reads the part after `?`. Empty values mean "not chosen": a form sends them so.
pub fn parse(query: Option<&str>) -> Result<Values, RepeatedKey> {
    let mut values = Values::new();
    let mut seen = std::collections::BTreeSet::new();
    for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !seen.insert(key.clone().into_owned()) {
            return Err(RepeatedKey(key.into_owned()));
        }
        if !value.is_empty() {
            values.insert(key.into_owned(), value.into_owned());
        }
    }
    Ok(values)
}

/// The part after `?`, keys in order, so that equal pages have equal addresses.
#[must_use]
pub fn query_text(values: &Values) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (key, value) in values {
        text.append_pair(key, value);
    }
    text.finish()
}

/// Path and query as one link.
#[must_use]
pub fn link(path: &str, values: &Values) -> String {
    let mut text = path.to_owned();
    if !values.is_empty() {
        text.push('?');
        text.push_str(&query_text(values));
    }
    text
}

/// The same values with one of them changed or removed.
#[must_use]
pub fn with(values: &Values, key: &str, value: Option<&str>) -> Values {
    let mut changed = values.clone();
    match value {
        Some(value) => changed.insert(key.to_owned(), value.to_owned()),
        None => changed.remove(key),
    };
    changed
}

/// A file name for `Content-Disposition`: plain letters for old readers, UTF-8 for the rest.
#[must_use]
pub fn attachment(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_') {
                char
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}
