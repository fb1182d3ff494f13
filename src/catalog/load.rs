//! Finds the files: the program's own, and those of the installation that stand in their place.

use crate::cross_check::cross_check;
use crate::dashboard::Dashboard;
use crate::header::{Folder, QueryFile};
use crate::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Everything that can be asked and shown, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    pub staging: BTreeMap<String, QueryFile>,
    pub marts: BTreeMap<String, QueryFile>,
    pub reports: BTreeMap<String, QueryFile>,
    pub checks: BTreeMap<String, QueryFile>,
    pub dashboards: BTreeMap<String, Dashboard>,
}

/// Where files come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Folder that may hold `queries/` and `dashboards/`; its files replace the program's own of
    /// the same name and may add new ones.
    pub overrides: Option<PathBuf>,
    /// Without the program's own files: tests of a catalog alone.
    pub is_bare: bool,
}

impl Source {
    /// The program's own files alone.
    #[must_use]
    pub fn embedded() -> Source {
        Source::default()
    }

    /// The program's own files, and those under `folder` (a data directory) in their place.
    #[must_use]
    pub fn with_overrides(folder: impl Into<PathBuf>) -> Source {
        Source {
            overrides: Some(folder.into()),
            is_bare: false,
        }
    }

    /// The files under `folder` and nothing else.
    #[must_use]
    pub fn bare(folder: impl Into<PathBuf>) -> Source {
        Source {
            overrides: Some(folder.into()),
            is_bare: true,
        }
    }
}

impl Catalog {
    /// Files of one folder.
    #[must_use]
    pub const fn folder(&self, folder: Folder) -> &BTreeMap<String, QueryFile> {
        match folder {
            Folder::Staging => &self.staging,
            Folder::Marts => &self.marts,
            Folder::Reports => &self.reports,
            Folder::Checks => &self.checks,
        }
    }

    fn folder_mut(&mut self, folder: Folder) -> &mut BTreeMap<String, QueryFile> {
        match folder {
            Folder::Staging => &mut self.staging,
            Folder::Marts => &mut self.marts,
            Folder::Reports => &mut self.reports,
            Folder::Checks => &mut self.checks,
        }
    }

    /// Every query file, staging first, checks last.
    pub fn queries(&self) -> impl Iterator<Item = &QueryFile> {
        Folder::ALL
            .iter()
            .flat_map(|folder| self.folder(*folder).values())
    }

    /// The view (staging or mart) called `name`.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&QueryFile> {
        self.staging.get(name).or_else(|| self.marts.get(name))
    }

    /// The views that `file` stands on, directly or through others, nearest first.
    #[must_use]
    pub fn views_of<'a>(&'a self, file: &'a QueryFile) -> Vec<&'a QueryFile> {
        let mut found: Vec<&QueryFile> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::from([file.name.as_str()]);
        let mut waiting = vec![file];
        while let Some(next) = waiting.pop() {
            for view in next.words.iter().filter_map(|word| self.view(word)) {
                if seen.insert(&view.name) {
                    found.push(view);
                    waiting.insert(0, view);
                }
            }
        }
        found
    }

    /// «Как посчитано»: the methods of the report and of the marts it stands on.
    #[must_use]
    pub fn methods(&self, report: &str) -> Vec<&str> {
        let Some(file) = self.reports.get(report) else {
            return Vec::new();
        };
        std::iter::once(file)
            .chain(self.views_of(file))
            .map(|file| file.method.as_str())
            .filter(|method| !method.is_empty())
            .collect()
    }
}

/// One file before it is read.
struct Raw {
    path: String,
    text: String,
    /// The program's own file that a broken override falls back to.
    fallback: Option<(String, String)>,
}

/// Reads everything. A file with problems is left out, or the program's own stands in for it, so
/// the catalog that comes back always works; the problems say what is missing from it.
#[must_use]
pub fn load(source: &Source) -> (Catalog, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut raw: BTreeMap<(String, String), Raw> = BTreeMap::new();
    if !source.is_bare {
        for (path, text) in EMBEDDED {
            if let Some((folder, stem)) = split_path(path) {
                raw.insert(
                    (folder.to_owned(), stem.to_owned()),
                    Raw {
                        path: (*path).to_owned(),
                        text: (*text).to_owned(),
                        fallback: None,
                    },
                );
            }
        }
    }
    if let Some(root) = &source.overrides {
        for found in override_files(root) {
            add_override(root, &found, &mut raw, &mut problems);
        }
    }
    let mut catalog = Catalog::default();
    for ((folder, stem), file) in raw {
        take(&mut catalog, &folder, &stem, file, &mut problems);
    }
    problems.extend(cross_check(&mut catalog));
    problems.sort();
    problems.dedup();
    (catalog, problems)
}

fn take(catalog: &mut Catalog, folder: &str, stem: &str, file: Raw, problems: &mut Vec<Problem>) {
    let found = if folder == "dashboards" {
        let (dashboard, found) = Dashboard::parse(stem, &file.path, &file.text);
        if found.is_empty() {
            catalog.dashboards.insert(stem.to_owned(), dashboard);
        }
        found
    } else {
        let Some(folder) = Folder::ALL
            .iter()
            .copied()
            .find(|known| folder.strip_prefix("queries/") == Some(known.as_str()))
        else {
            return;
        };
        let (query, found) = QueryFile::parse(folder, stem, &file.path, &file.text);
        if found.is_empty() {
            catalog.folder_mut(folder).insert(stem.to_owned(), query);
        }
        found
    };
    if !found.is_empty() {
        problems.extend(found);
        if let Some((path, text)) = file.fallback {
            let own = Raw {
                path,
                text,
                fallback: None,
            };
            take(catalog, folder, stem, own, problems);
        }
    }
}

fn add_override(
    root: &Path,
    relative: &str,
    raw: &mut BTreeMap<(String, String), Raw>,
    problems: &mut Vec<Problem>,
) {
    let full = root.join(relative);
    let shown = full.display().to_string();
    let Some((folder, stem)) = split_path(relative) else {
        return;
    };
    match fs::read_to_string(&full) {
        Ok(text) => {
            let key = (folder.to_owned(), stem.to_owned());
            let fallback = raw.remove(&key).map(|own| (own.path, own.text));
            raw.insert(
                key,
                Raw {
                    path: shown,
                    text,
                    fallback,
                },
            );
        }
        Err(error) => problems.push(Problem {
            file: shown,
            line: 1,
            column: 1,
            message: format!("cannot be read: {error}"),
        }),
    }
}

/// `queries/reports/x.sql` → (`queries/reports`, `x`).
fn split_path(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let (stem, _) = file.rsplit_once('.')?;
    Some((folder, stem))
}

/// Paths of the override files below `root`, relative, in order. A missing folder is no file.
pub(crate) fn override_files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let folders = Folder::ALL
        .iter()
        .map(|folder| (format!("queries/{}", folder.as_str()), "sql"))
        .chain([("dashboards".to_owned(), "toml")]);
    for (folder, extension) in folders {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Editors leave hidden swap files beside the file they edit.
            if !name.starts_with('.') && name.ends_with(&format!(".{extension}")) {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found.sort();
    found
}
