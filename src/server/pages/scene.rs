//! What the panels of one page share: the filters' values, the answers of all reports.

use crate::address::{self, Values};
use crate::data::{Answer, Data, View as DataView};
use crate::error::ServerError;
use crate::filters::Filters;
use crate::pages::panels::Download;
use crate::pages::table_view::Order;
use std::collections::BTreeMap;
use std::sync::Arc;
use svodka_catalog::{Catalog, Dashboard, Panel};

/// Everything the panels of one page share.
pub struct Scene<'a> {
    pub catalog: &'a Catalog,
    pub dashboard: &'a Dashboard,
    pub path: String,
    pub filters: &'a Filters,
    /// Address of the page as it is now, reserved keys included.
    pub values: Values,
    pub order: Option<Order>,
    pub all_rows: bool,
    pub as_of: Option<&'a str>,
}

impl Scene<'_> {
    /// What the filters and the panel give to a report: only what its header declares.
    #[must_use]
    pub fn params(&self, query: &str, panel: &Panel) -> Values {
        let Some(file) = self.catalog.reports.get(query) else {
            return Values::new();
        };
        file.params
            .iter()
            .filter_map(|param| {
                let value = panel
                    .params
                    .get(&param.name)
                    .or_else(|| self.filters.values.get(&param.name))?;
                Some((param.name.clone(), value.clone()))
            })
            .collect()
    }

    fn api_link(&self, panel: &Panel, extra: &[(&str, &str)]) -> String {
        let mut values = self.params(&panel.query, panel);
        if let Some(as_of) = self.as_of {
            values.insert("as_of".to_owned(), as_of.to_owned());
        }
        for (key, value) in extra {
            values.insert((*key).to_owned(), (*value).to_owned());
        }
        address::link(&format!("/api/v1/reports/{}", panel.query), &values)
    }

    /// Every form in which the panel's report can be saved.
    #[must_use]
    pub fn downloads(&self, panel: &Panel) -> Vec<Download> {
        [
            ("CSV", vec![("format", "csv"), ("style", "excel")]),
            ("XLSX", vec![("format", "xlsx")]),
            ("JSON", vec![("format", "json")]),
            ("PDF", vec![("format", "pdf")]),
        ]
        .into_iter()
        // A build without the PDF engine offers no PDF.
        .filter(|(text, _)| svodka_print::HAS_PDF || *text != "PDF")
        .map(|(text, extra)| Download {
            text,
            href: self.api_link(panel, &extra),
        })
        .collect()
    }
}

/// The answers that the panels of a page stand on, each report asked once.
pub struct Answers {
    by_key: BTreeMap<(String, Values), Result<Arc<Answer>, ServerError>>,
}

impl Answers {
    /// Runs all reports of the page at the same time.
    pub async fn fetch(data: &Data, view: &DataView, scene: &Scene<'_>) -> Answers {
        let mut wanted: Vec<(String, Values)> = Vec::new();
        for panel in &scene.dashboard.panels {
            let sparklines = panel
                .sparklines()
                .into_iter()
                .map(|sparkline| sparkline.query.as_str());
            for query in std::iter::once(panel.query.as_str()).chain(sparklines) {
                let key = (query.to_owned(), scene.params(query, panel));
                if !wanted.contains(&key) {
                    wanted.push(key);
                }
            }
        }
        let running: Vec<_> = wanted
            .iter()
            .map(|(query, params)| {
                let (data, view, query, params) =
                    (data.clone(), view.clone(), query.clone(), params.clone());
                tokio::spawn(async move { data.report(&view, &query, &params).await })
            })
            .collect();
        let mut by_key = BTreeMap::new();
        for (key, task) in wanted.into_iter().zip(running) {
            let answer = match task.await {
                Ok(answer) => answer,
                Err(error) => Err(ServerError::internal(error)),
            };
            if let Err(error) = &answer {
                tracing::error!(report = %key.0, error = %error.log_text(), "a panel's report failed");
            }
            by_key.insert(key, answer);
        }
        Answers { by_key }
    }

    /// The answer of the panel's own report.
    #[must_use]
    pub fn get(
        &self,
        scene: &Scene<'_>,
        panel: &Panel,
    ) -> Option<Result<&Arc<Answer>, &ServerError>> {
        self.of_query(scene, panel, &panel.query)
    }

    /// The answer of another report with the panel's parameters.
    #[must_use]
    pub fn of_query(
        &self,
        scene: &Scene<'_>,
        panel: &Panel,
        query: &str,
    ) -> Option<Result<&Arc<Answer>, &ServerError>> {
        self.by_key
            .get(&(query.to_owned(), scene.params(query, panel)))
            .map(Result::as_ref)
    }

    /// The API address of each report on the page, in the order of the panels.
    #[must_use]
    pub fn addresses(&self, scene: &Scene<'_>) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for panel in &scene.dashboard.panels {
            if !found.iter().any(|(query, _)| *query == panel.query) {
                found.push((panel.query.clone(), scene.api_link(panel, &[])));
            }
        }
        found
    }
}
