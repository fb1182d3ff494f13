//! Settings: `svodka.toml` in the data folder, over it the environment, over it the flags.
//!
//! Strict: an unknown key or a wrong value stops the start and names the key and its line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use svodka_server::ServerSettings;
use toml::de::{DeTable, DeValue};

/// Everything the operator may set beside the flags of one command.
#[derive(Debug, Clone)]
pub struct Settings {
    pub server: ServerSettings,
    /// Filter of the log, for example `info` or `svodka_server=debug` (`log`).
    pub log: String,
    /// Lines for people or JSON for collectors (`log_format`).
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// A setting that stops the start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: String,
        source: std::io::Error,
    },
    #[error("{place}: {message}")]
    Syntax { place: String, message: String },
    #[error("{place}: unknown setting \"{key}\"; known: {known}")]
    UnknownKey {
        place: String,
        key: String,
        known: String,
    },
    #[error("{place}: setting {key} is \"{found}\"; expected {expected}")]
    Value {
        place: String,
        key: String,
        found: String,
        expected: &'static str,
    },
}

struct Setting {
    key: &'static str,
    expected: &'static str,
    take: fn(&mut Settings, &str) -> bool,
}

/// Every key, in the order of the README.
const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        expected: "an address of this computer, for example 127.0.0.1:8080",
        take: |settings, text| {
            text.parse::<SocketAddr>()
                .ok()
                .filter(|address| address.ip().is_loopback())
                .map(|address| settings.server.listen = address)
                .is_some()
        },
    },
    Setting {
        key: "request_timeout_seconds",
        expected: "1 to 3600 seconds",
        take: |settings, text| {
            seconds(text)
                .map(|time| settings.server.request_timeout = time)
                .is_some()
        },
    },
    Setting {
        key: "header_timeout_seconds",
        expected: "1 to 3600 seconds",
        take: |settings, text| {
            seconds(text)
                .map(|time| settings.server.header_timeout = time)
                .is_some()
        },
    },
    Setting {
        key: "body_timeout_seconds",
        expected: "1 to 3600 seconds",
        take: |settings, text| {
            seconds(text)
                .map(|time| settings.server.body_timeout = time)
                .is_some()
        },
    },
    Setting {
        key: "shutdown_seconds",
        expected: "1 to 3600 seconds",
        take: |settings, text| {
            seconds(text)
                .map(|time| settings.server.shutdown = time)
                .is_some()
        },
    },
    Setting {
        key: "page_cache_mb",
        expected: "0 to 4096 megabytes",
        take: |settings, text| {
            text.parse::<usize>()
                .ok()
                .filter(|megabytes| *megabytes <= 4096)
                .map(|megabytes| settings.server.page_cache_bytes = megabytes << 20)
                .is_some()
        },
    },
    Setting {
        key: "log",
        expected: "a filter like info or svodka_server=debug",
        take: |settings, text| {
            let is_filter = text
                .parse::<tracing_subscriber::filter::EnvFilter>()
                .is_ok();
            text.clone_into(&mut settings.log);
            is_filter
        },
    },
    Setting {
        key: "log_format",
        expected: "text or json",
        take: |settings, text| {
            let format = match text {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return false,
            };
            settings.log_format = format;
            true
        },
    },
];

fn seconds(text: &str) -> Option<Duration> {
    text.parse::<u64>()
        .ok()
        .filter(|seconds| (1..=3600).contains(seconds))
        .map(Duration::from_secs)
}

impl Settings {
    /// Reads `svodka.toml` of the data folder, if there is one, and `SVODKA_*` of `environment`.
    pub fn read(
        data: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Settings, SettingsError> {
        let mut settings = Settings {
            server: ServerSettings::default(),
            log: "warn".to_owned(),
            log_format: LogFormat::Text,
        };
        let path = data.join("svodka.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => settings.take_file(&path.display().to_string(), &text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(SettingsError::Unreadable {
                    path: path.display().to_string(),
                    source,
                });
            }
        }
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("SVODKA_") else {
                continue;
            };
            // The data folder itself is a flag of the command line.
            if key != "DATA" && !key.starts_with("TEST_") {
                settings.take(
                    &key.to_lowercase(),
                    value,
                    &format!("environment variable {name}"),
                )?;
            }
        }
        Ok(settings)
    }

    fn take_file(&mut self, path: &str, text: &str) -> Result<(), SettingsError> {
        let table = DeTable::parse(text).map_err(|error| SettingsError::Syntax {
            place: place(path, text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        for (key, value) in table.get_ref() {
            let place = place(path, text, key.span().start);
            let found = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => text[value.span()].to_owned(),
            };
            self.take(key.get_ref(), &found, &place)?;
        }
        Ok(())
    }

    fn take(&mut self, key: &str, value: &str, place: &str) -> Result<(), SettingsError> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            return Err(SettingsError::UnknownKey {
                place: place.to_owned(),
                key: key.to_owned(),
                known: SETTINGS
                    .iter()
                    .map(|setting| setting.key)
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        };
        if (setting.take)(self, value) {
            Ok(())
        } else {
            Err(SettingsError::Value {
                place: place.to_owned(),
                key: key.to_owned(),
                found: value.to_owned(),
                expected: setting.expected,
            })
        }
    }
}

/// `path, line 3`.
fn place(path: &str, text: &str, offset: usize) -> String {
    let line = text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count()
        + 1;
    format!("{path}, line {line}")
}
