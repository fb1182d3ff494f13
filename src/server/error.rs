//! What can go wrong while answering, and who reads which text.
//!
//! | what | status | the client reads | the log holds |
//! |---|---|---|---|
//! | `NotFound` | 404 | what was not found, where to go | path |
//! | `BadParameter` | 400 | parameter, value, what is expected | path, parameter's name |
//! | `BadParameters` | 400 | every wrong parameter of a report | path |
//! | `NotAcceptable` | 406 | the forms there are | path |
//! | `Method` | 405 | that pages are only read | path, method |
//! | `ForeignHost` | 421 | how to open the page | that the host was foreign |
//! | `TooSlow` | 503 | that it took too long, what to narrow | path, seconds |
//! | `BrokenReport` | 500 | report, file and line of the mistake | the same |
//! | `NotReady` | 503 | that the data cannot be opened | the whole chain of causes |
//! | `TooLarge` | 413 | the limit | path |
//! | `Internal` | 500 | the request's number, nothing else | the whole chain of causes |
//!
//! Only `Internal` carries a cause, and its constructor is the only way to wrap one: an inner text
//! cannot reach a client by accident. No text holds a person's name.

use std::error::Error as StdError;
use std::fmt;

/// A way out offered beside an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    pub text: String,
    pub href: String,
}

/// A request that cannot be answered as asked.
#[derive(Debug)]
pub enum ServerError {
    NotFound {
        what: String,
        ways_out: Vec<WayOut>,
    },
    BadParameter {
        name: String,
        found: String,
        expected: String,
        ways_out: Vec<WayOut>,
    },
    /// Parameters of a report, each already told in one sentence.
    BadParameters(Vec<String>),
    NotAcceptable {
        known: Vec<&'static str>,
    },
    Method,
    ForeignHost,
    TooSlow,
    TooLarge,
    /// The report's file has a mistake; the text names file and line.
    BrokenReport {
        problem: String,
    },
    /// The lake cannot be opened: not this request's fault.
    NotReady(Box<ServerError>),
    Internal(Box<dyn StdError + Send + Sync>),
}

impl ServerError {
    /// Wraps a cause; the client sees none of it.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        ServerError::Internal(cause.into())
    }

    /// Status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            ServerError::NotFound { .. } => 404,
            ServerError::BadParameter { .. } | ServerError::BadParameters(_) => 400,
            ServerError::NotAcceptable { .. } => 406,
            ServerError::Method => 405,
            ServerError::ForeignHost => 421,
            ServerError::TooSlow | ServerError::NotReady(_) => 503,
            ServerError::TooLarge => 413,
            ServerError::BrokenReport { .. } | ServerError::Internal(_) => 500,
        }
    }

    /// Stable code for programs, the end of the problem's `type`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ServerError::NotFound { .. } => "not-found",
            ServerError::BadParameter { .. } | ServerError::BadParameters(_) => "bad-parameter",
            ServerError::NotAcceptable { .. } => "not-acceptable",
            ServerError::Method => "method-not-allowed",
            ServerError::ForeignHost => "foreign-host",
            ServerError::TooSlow => "too-slow",
            ServerError::NotReady(_) => "not-ready",
            ServerError::BrokenReport { .. } => "broken-report",
            ServerError::TooLarge => "too-large",
            ServerError::Internal(_) => "internal",
        }
    }

    /// Head of the page for people.
    #[must_use]
    pub const fn heading(&self) -> &'static str {
        match self {
            ServerError::NotFound { .. } => "Такой страницы нет",
            ServerError::BadParameter { .. } | ServerError::BadParameters(_) => {
                "Адрес страницы не понят"
            }
            ServerError::NotAcceptable { .. } => "В таком виде отчёта нет",
            ServerError::Method => "Так к этой странице обратиться нельзя",
            ServerError::ForeignHost => "Страница открыта под чужим именем",
            ServerError::TooSlow => "Расчёт занял слишком много времени",
            ServerError::TooLarge => "Запрос слишком велик",
            ServerError::NotReady(_) => "Данные пока не открываются",
            ServerError::BrokenReport { .. } => "В файле отчёта ошибка",
            ServerError::Internal(_) => "Не получилось показать страницу",
        }
    }

    /// What the client may read.
    #[must_use]
    pub fn client_text(&self) -> String {
        match self {
            ServerError::NotFound { what, .. } => what.clone(),
            ServerError::BadParameter { name, found, expected, .. } => {
                if found.is_empty() {
                    format!("Параметр «{name}»: {expected}.")
                } else {
                    format!("Параметр «{name}» со значением «{found}»: {expected}.")
                }
            }
            ServerError::BadParameters(texts) => {
                let mut text = texts.join("; ");
                text.push('.');
                capitalised(&text)
            }
            ServerError::NotAcceptable { known } => {
                format!("Отчёт можно получить так: {}.", known.join(", "))
            }
            ServerError::Method => "Страницы и отчёты только читают: GET или HEAD.".to_owned(),
            ServerError::ForeignHost => {
                "Сервер отвечает только этому компьютеру: откройте http://localhost или http://127.0.0.1 с тем же портом."
                    .to_owned()
            }
            ServerError::TooSlow => "Выберите период короче или одно учреждение и повторите.".to_owned(),
            ServerError::NotReady(_) => "Повторите через минуту.".to_owned(),
            ServerError::BrokenReport { problem } => format!("{problem}."),
            ServerError::TooLarge => "Запрос больше 64 КБ не принимается.".to_owned(),
            ServerError::Internal(_) => {
                "Ошибка на сервере. Повторите; если не поможет, сообщите номер запроса тому, кто обслуживает сервер."
                    .to_owned()
            }
        }
    }

    /// Pages to go on with.
    #[must_use]
    pub fn ways_out(&self) -> &[WayOut] {
        match self {
            ServerError::NotFound { ways_out, .. } | ServerError::BadParameter { ways_out, .. } => {
                ways_out
            }
            ServerError::BadParameters(_)
            | ServerError::NotAcceptable { .. }
            | ServerError::Method
            | ServerError::ForeignHost
            | ServerError::TooSlow
            | ServerError::TooLarge
            | ServerError::NotReady(_)
            | ServerError::BrokenReport { .. }
            | ServerError::Internal(_) => &[],
        }
    }

    /// What the operator reads: for `Internal` the whole chain of causes.
    #[must_use]
    pub fn log_text(&self) -> String {
        match self {
            ServerError::Internal(cause) => {
                let mut text = cause.to_string();
                let mut next = cause.source();
                while let Some(inner) = next {
                    text.push_str(": ");
                    text.push_str(&inner.to_string());
                    next = inner.source();
                }
                text
            }
            ServerError::BrokenReport { problem } => problem.clone(),
            ServerError::NotReady(cause) => format!("not ready: {}", cause.log_text()),
            ServerError::BadParameter { name, .. } => format!("bad parameter {name}"),
            ServerError::NotFound { .. }
            | ServerError::BadParameters(_)
            | ServerError::NotAcceptable { .. }
            | ServerError::Method
            | ServerError::ForeignHost
            | ServerError::TooSlow
            | ServerError::TooLarge => self.code().to_owned(),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.log_text())
    }
}

impl StdError for ServerError {}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
