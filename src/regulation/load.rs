//! Reads acts: the ones inside the program, overridden by files of the data directory.

use crate::{ProductionCalendar, Regulation};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

const ACTS: [(&str, &str); 5] = [
    ("A.toml", include_str!("acts/A.toml")),
    ("B.toml", include_str!("acts/B.toml")),
    ("C.toml", include_str!("acts/C.toml")),
    ("D.toml", include_str!("acts/D.toml")),
    ("E.toml", include_str!("acts/E.toml")),
];

/// What is wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file.display(),
            self.line,
            self.column,
            self.message
        )
    }
}

/// The acts that come with the program, by id.
#[must_use]
pub fn embedded() -> BTreeMap<String, Regulation> {
    ACTS.iter()
        .map(|(name, text)| {
            let act = parse(Path::new(name), text).expect("embedded acts are checked by a test");
            (act.id.clone(), act)
        })
        .collect()
}

/// The acts and the calendar in force: what comes with the program, overridden by `folder`
/// (`DATA/regulations`), where `X.toml` defines an act and `production_calendar.csv` years.
///
/// Never stops at the first problem: what cannot be read is left as it was and named.
#[must_use]
pub fn load(
    folder: Option<&Path>,
) -> (
    BTreeMap<String, Regulation>,
    ProductionCalendar,
    Vec<Problem>,
) {
    let mut acts = embedded();
    let mut calendar = ProductionCalendar::embedded();
    let mut problems = Vec::new();
    for path in folder.map(files_of).unwrap_or_default() {
        let whole_file = |message: String| Problem {
            file: path.clone(),
            line: 0,
            column: 0,
            message,
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                problems.push(whole_file(error.to_string()));
                continue;
            }
        };
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            match parse(&path, &text) {
                Ok(act) => {
                    acts.insert(act.id.clone(), act);
                }
                Err(problem) => problems.push(problem),
            }
        } else {
            match ProductionCalendar::parse(&text) {
                Ok(years) => calendar.override_with(years),
                Err(error) => problems.push(whole_file(error.to_string())),
            }
        }
    }
    (acts, calendar, problems)
}

/// Acts and calendars of a folder in the order of their names; a missing folder has none.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
                || path
                    .file_name()
                    .is_some_and(|name| name == "production_calendar.csv")
        })
        .collect();
    files.sort();
    files
}

/// One act from its text; `file` only names it in the problem.
pub fn parse(file: &Path, text: &str) -> Result<Regulation, Problem> {
    let problem = |offset: Option<usize>, message: String| {
        let before = &text[..offset.unwrap_or(0).min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Problem {
            file: file.to_owned(),
            line,
            column,
            message,
        }
    };
    let act: Regulation = toml::from_str(text).map_err(|error| {
        problem(
            error.span().map(|span| span.start),
            error.message().to_owned(),
        )
    })?;
    let key = |name: &str| text.find(name);
    if act.version != 1 {
        return Err(problem(
            key("version"),
            format!("version {} is not known; expected 1", act.version),
        ));
    }
    if act.id.trim().is_empty() {
        return Err(problem(
            key("id"),
            "id is empty; expected a short name such as A".to_owned(),
        ));
    }
    if !(1..=31).contains(&act.due_day.day) {
        return Err(problem(
            key("day ="),
            format!("due_day.day is {}; expected 1 to 31", act.due_day.day),
        ));
    }
    if act.periods.shift_days == Some(0) {
        return Err(problem(
            key("shift_days"),
            "periods.shift_days is 0; expected at least 1".to_owned(),
        ));
    }
    Ok(act)
}
