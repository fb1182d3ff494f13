//! «Как посчитано»: what each report of a page means, and its text.

use svodka_catalog::Catalog;

/// One report of the page, explained.
#[derive(Debug)]
pub struct Method {
    pub title: String,
    pub texts: Vec<String>,
    pub name: String,
    pub file: String,
    /// The report in the API.
    pub href: String,
    /// Head and meaning of each column that has one.
    pub columns: Vec<(String, String)>,
    pub sql: String,
    /// Path and text of the views below the report.
    pub views: Vec<(String, String)>,
}

/// Explains the reports of a page; `addresses` are (report, API address) in page order.
#[must_use]
pub fn methods(catalog: &Catalog, addresses: &[(String, String)]) -> Vec<Method> {
    let mut told: Vec<&str> = Vec::new();
    addresses
        .iter()
        .filter_map(|(query, href)| {
            let file = catalog.reports.get(query)?;
            let texts = catalog
                .methods(query)
                .into_iter()
                .map(str::to_owned)
                .collect();
            // A view under several reports is told once.
            let views = catalog
                .views_of(file)
                .into_iter()
                .filter(|view| !told.contains(&view.name.as_str()))
                .collect::<Vec<_>>();
            told.extend(views.iter().map(|view| view.name.as_str()));
            Some(Method {
                title: file.title.clone(),
                texts,
                name: file.name.clone(),
                file: file.path.clone(),
                href: href.clone(),
                columns: file
                    .columns
                    .iter()
                    .filter(|column| !column.meaning.is_empty())
                    .map(|column| (column.title.clone(), column.meaning.clone()))
                    .collect(),
                sql: file.sql().trim().to_owned(),
                views: views
                    .iter()
                    .map(|view| (view.path.clone(), view.text.trim().to_owned()))
                    .collect(),
            })
        })
        .collect()
}
