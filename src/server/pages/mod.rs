//! Pages for people: one module per page, view models in Rust, no logic in templates.

pub mod dashboard;
pub mod error_page;
pub mod findings;
mod frame;
mod method;
mod panels;
pub mod problems;
mod scene;
pub mod start;
mod table_view;

use crate::address::Values;
use crate::data::Data;
use crate::error::{ServerError, WayOut};

/// The answer to an address that nothing stands at.
#[must_use]
pub fn not_found() -> ServerError {
    ServerError::NotFound {
        what: "Проверьте адрес или начните с начальной страницы.".to_owned(),
        ways_out: Vec::new(),
    }
}

/// The answer to an unknown dashboard, with those that exist.
#[must_use]
pub fn no_dashboard(data: &Data, name: &str) -> ServerError {
    let (live, problems) = data.live_and_problems();
    let is_broken = problems
        .iter()
        .any(|problem| problem.file.ends_with(&format!("dashboards/{name}.toml")));
    let ways_out = frame::menu_dashboards(&live.catalog.dashboards)
        .into_iter()
        .map(|dashboard| WayOut {
            text: dashboard.short_title.clone(),
            href: format!("/dashboards/{}", dashboard.name),
        });
    ServerError::NotFound {
        what: if is_broken {
            format!("Страница «{name}» есть, но её файл с ошибкой.")
        } else {
            format!("Страницы «{name}» нет.")
        },
        ways_out: is_broken
            .then(|| WayOut {
                text: "Что исправить в файле".to_owned(),
                href: "/problems".to_owned(),
            })
            .into_iter()
            .chain(ways_out)
            .collect(),
    }
}

/// Refuses keys that a page does not know.
pub fn no_other_keys(values: &Values, known: &[&str]) -> Result<(), ServerError> {
    match values
        .iter()
        .find(|(key, _)| !known.contains(&key.as_str()))
    {
        None => Ok(()),
        Some((key, value)) => Err(ServerError::BadParameter {
            name: key.clone(),
            found: value.clone(),
            expected: "у этой страницы его нет".to_owned(),
            ways_out: Vec::new(),
        }),
    }
}
