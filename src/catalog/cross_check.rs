//! Mistakes that show only when files are read side by side.

use crate::dashboard::{Dashboard, FilterKind, Link, Panel};
use crate::header::{Folder, QueryFile};
use crate::load::Catalog;
use crate::problem::{Problem, expected_one_of};
use std::collections::{BTreeMap, BTreeSet};

/// Reports what does not fit together. Dashboards with problems are taken out of the catalog.
pub(crate) fn cross_check(catalog: &mut Catalog) -> Vec<Problem> {
    let mut problems = duplicate_names(catalog);
    let mut broken: BTreeSet<String> = BTreeSet::new();
    for dashboard in catalog.dashboards.values() {
        let mut check = DashboardCheck {
            catalog,
            dashboard,
            found: Vec::new(),
        };
        check.run();
        if !check.found.is_empty() {
            broken.insert(dashboard.name.clone());
            problems.append(&mut check.found);
        }
    }
    for name in broken {
        catalog.dashboards.remove(&name);
    }
    problems
}

/// One name, one meaning: "one grep finds all". Only staging may carry a lake table's own name.
fn duplicate_names(catalog: &Catalog) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &QueryFile> = BTreeMap::new();
    let mut problems = Vec::new();
    for query in catalog.queries() {
        if let Some(other) = first.insert(&query.name, query) {
            problems.push(Problem {
                file: query.path.clone(),
                line: 1,
                column: 1,
                message: format!("the name \"{}\" is taken by {}", query.name, other.path),
            });
        }
        if query.folder != Folder::Staging && svodka_journal::contract::table(&query.name).is_some()
        {
            problems.push(Problem {
                file: query.path.clone(),
                line: 1,
                column: 1,
                message: format!(
                    "the name \"{}\" is taken by a table of the lake",
                    query.name
                ),
            });
        }
    }
    problems
}

struct DashboardCheck<'a> {
    catalog: &'a Catalog,
    dashboard: &'a Dashboard,
    found: Vec<Problem>,
}

impl<'a> DashboardCheck<'a> {
    fn run(&mut self) {
        let dashboard = self.dashboard;
        if let Some(parent) = &dashboard.parent {
            self.known_dashboard(1, "parent", parent);
        }
        let mut used: BTreeSet<String> = BTreeSet::new();
        for filter in &dashboard.filters {
            if let Some(opens) = &filter.opens
                && self.known_dashboard(filter.line, "opens", opens)
                && self.catalog.dashboards[opens]
                    .filter(&filter.name)
                    .is_none()
            {
                self.problem(
                    filter.line,
                    format!(
                        "dashboard \"{opens}\" has no param \"{}\" to open with",
                        filter.name
                    ),
                );
            }
            if let FilterKind::Options { query } = &filter.kind
                && let Some(report) = self.report(filter.line, query)
            {
                for column in ["value", "label"] {
                    self.column(filter.line, report, column, "options");
                }
                self.bind(filter.line, report, &BTreeMap::new(), &mut used);
            }
        }
        for panel in &dashboard.panels {
            self.panel(panel, &mut used);
        }
        if let Some(panel) = dashboard.title_panel()
            && let Some(report) = self.catalog.reports.get(&panel.query)
        {
            for column in dashboard.title.columns() {
                self.column(1, report, column, "title");
            }
        }
        let knows_all_reports = dashboard
            .panels
            .iter()
            .all(|panel| self.catalog.reports.contains_key(&panel.query));
        for filter in dashboard.filters.iter().filter(|_| knows_all_reports) {
            // A hidden param may only be passed on by the links of the page.
            if !used.contains(&filter.name)
                && filter.kind != FilterKind::Hidden
                && filter.opens.is_none()
            {
                self.problem(
                    filter.line,
                    format!("no query of this dashboard uses param \"{}\"", filter.name),
                );
            }
        }
    }

    fn panel(&mut self, panel: &Panel, used: &mut BTreeSet<String>) {
        let Some(report) = self.report(panel.line, &panel.query) else {
            return;
        };
        self.bind(panel.line, report, &panel.params, used);
        for column in panel.columns() {
            self.column(panel.line, report, column, panel.view.kind());
        }
        for link in panel.links() {
            self.link(panel.line, link);
        }
        for sparkline in panel.sparklines() {
            if let Some(report) = self.report(panel.line, &sparkline.query) {
                self.bind(panel.line, report, &BTreeMap::new(), used);
                for column in [&sparkline.key, &sparkline.x, &sparkline.y] {
                    self.column(panel.line, report, column, "sparkline");
                }
            }
        }
    }

    /// The report's parameters against the filters and the panel's fixed values.
    fn bind(
        &mut self,
        line: u32,
        report: &QueryFile,
        fixed: &BTreeMap<String, String>,
        used: &mut BTreeSet<String>,
    ) {
        for param in &report.params {
            if fixed.contains_key(&param.name) || param.derived.is_some() {
                continue;
            }
            if self.dashboard.filter(&param.name).is_some() {
                used.insert(param.name.clone());
            } else if param.is_required {
                self.problem(
                    line,
                    format!(
                        "report \"{}\" requires \"{}\", which no param of this dashboard gives",
                        report.name, param.name
                    ),
                );
            }
        }
        for name in fixed.keys() {
            if report.param(name).is_none() {
                let guess =
                    expected_one_of(name, report.params.iter().map(|param| param.name.as_str()));
                self.problem(
                    line,
                    format!(
                        "report \"{}\" has no parameter \"{name}\"{guess}",
                        report.name
                    ),
                );
            }
        }
    }

    fn link(&mut self, line: u32, link: &Link) {
        if !self.known_dashboard(line, "link", &link.dashboard) {
            return;
        }
        let target = &self.catalog.dashboards[&link.dashboard];
        for name in link.params.keys() {
            if target.filter(name).is_none() {
                let guess = expected_one_of(
                    name,
                    target.filters.iter().map(|filter| filter.name.as_str()),
                );
                self.problem(
                    line,
                    format!(
                        "dashboard \"{}\" has no param \"{name}\"{guess}",
                        target.name
                    ),
                );
            }
        }
        for filter in &target.filters {
            let is_given = link.params.contains_key(&filter.name)
                || self.dashboard.filter(&filter.name).is_some()
                || filter.default.is_some();
            if filter.is_required && !is_given {
                self.problem(
                    line,
                    format!(
                        "the link to \"{}\" does not tell its required param \"{}\"",
                        target.name, filter.name
                    ),
                );
            }
        }
    }

    fn report(&mut self, line: u32, name: &str) -> Option<&'a QueryFile> {
        let catalog = self.catalog;
        let report = catalog.reports.get(name);
        if report.is_none() {
            let guess = expected_one_of(name, catalog.reports.keys().map(String::as_str));
            self.problem(line, format!("there is no report \"{name}\"{guess}"));
        }
        report
    }

    fn column(&mut self, line: u32, report: &QueryFile, column: &str, what: &str) {
        if report.column(column).is_none() {
            let guess = expected_one_of(
                column,
                report.columns.iter().map(|column| column.name.as_str()),
            );
            self.problem(
                line,
                format!(
                    "{what}: report \"{}\" has no column \"{column}\"{guess}",
                    report.name
                ),
            );
        }
    }

    fn known_dashboard(&mut self, line: u32, what: &str, name: &str) -> bool {
        let is_known = self.catalog.dashboards.contains_key(name);
        if !is_known {
            let guess = expected_one_of(name, self.catalog.dashboards.keys().map(String::as_str));
            self.problem(
                line,
                format!("{what}: there is no dashboard \"{name}\"{guess}"),
            );
        }
        is_known
    }

    fn problem(&mut self, line: u32, message: String) {
        self.found.push(Problem {
            file: self.dashboard.path.clone(),
            line,
            column: 1,
            message,
        });
    }
}
