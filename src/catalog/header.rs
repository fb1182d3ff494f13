//! A query file: its header in comments, its SQL below.
//!
//! ```sql
//! -- Purpose: Attendance by institution for a span of days.
//! -- Title: Посещаемость по учреждениям
//! -- Grain: one row per institution
//! -- Param: from date required "Первый день"
//! -- Column: attendance_share share "Посещаемость": (present + late) / (expected - exempt)
//! -- Method: Как посчитано, словами для страницы.
//! -- Sort: pupil_id, held_on desc
//! select …
//! ```
//! A line that starts with three or more spaces after the dashes continues the line above.

use crate::problem::{Problem, Problems, expected_one_of};
use crate::sql_words::{Token, scan};
use std::collections::{BTreeMap, BTreeSet};
use svodka_table::Unit;

/// Which folder of `queries/` a file lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Folder {
    /// Thin renames over lake tables.
    Staging,
    /// Business grains, defined once.
    Marts,
    /// Parametrised and named for what they answer.
    Reports,
    /// Claims about the data: must return no row.
    Checks,
}

impl Folder {
    /// Every folder, lowest layer first.
    pub const ALL: &'static [Folder] = &[
        Folder::Staging,
        Folder::Marts,
        Folder::Reports,
        Folder::Checks,
    ];

    /// Name of the folder under `queries/`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Folder::Staging => "staging",
            Folder::Marts => "marts",
            Folder::Reports => "reports",
            Folder::Checks => "checks",
        }
    }
}

/// Type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamKind {
    /// Whole number: ids, months as yyyymm.
    Int,
    /// Calendar day, `YYYY-MM-DD`.
    Date,
    Text,
    /// `true` or `false`.
    Bool,
}

impl ParamKind {
    const NAMES: &'static [(&'static str, ParamKind)] = &[
        ("int", ParamKind::Int),
        ("date", ParamKind::Date),
        ("text", ParamKind::Text),
        ("bool", ParamKind::Bool),
    ];
}

/// Days that follow from `from` and `to`, so that no query repeats the arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Derived {
    /// First day of the span before: as many whole months, else as many days.
    PreviousFrom,
    /// The day before `from`.
    PreviousTo,
    /// 1 September of the school year of `to`.
    SchoolYearFrom,
    /// 31 August after it.
    SchoolYearTo,
}

impl Derived {
    /// Every derived day with its parameter's name.
    pub const ALL: &'static [(&'static str, Derived)] = &[
        ("previous_from", Derived::PreviousFrom),
        ("previous_to", Derived::PreviousTo),
        ("school_year_from", Derived::SchoolYearFrom),
        ("school_year_to", Derived::SchoolYearTo),
    ];

    /// The parameters it follows from.
    #[must_use]
    pub const fn needs(self) -> &'static [&'static str] {
        match self {
            Derived::PreviousFrom | Derived::PreviousTo => &["from", "to"],
            Derived::SchoolYearFrom | Derived::SchoolYearTo => &["to"],
        }
    }
}

/// One parameter of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamSpec {
    pub name: String,
    pub kind: ParamKind,
    /// An optional parameter that is not given is a typed NULL in the SQL.
    pub is_required: bool,
    /// Worked out from `from` and `to`; nobody gives it.
    pub derived: Option<Derived>,
    /// What a person reads, in Russian.
    pub title: String,
    pub line: u32,
}

/// One column of the result, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    pub name: String,
    pub unit: Unit,
    /// Head of the column, in Russian.
    pub title: String,
    /// What it means or how it is computed; may be empty.
    pub meaning: String,
    pub line: u32,
}

/// One key of the order of rows after names have replaced ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub column: String,
    pub is_descending: bool,
}

/// One file of `queries/`. Its stem is its name everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFile {
    pub name: String,
    pub folder: Folder,
    /// Path as shown in problems.
    pub path: String,
    /// What it is for, in English, for those who read the SQL.
    pub purpose: String,
    /// Title for people, in Russian.
    pub title: String,
    /// What one row stands for.
    pub grain: String,
    /// «Как посчитано», in Russian; may be empty.
    pub method: String,
    pub params: Vec<ParamSpec>,
    pub columns: Vec<ColumnSpec>,
    /// Order of rows after names have replaced ids; empty: the SQL's own order stands.
    pub sort: Vec<SortKey>,
    /// The whole file, header included: positions in it are positions in the file.
    pub text: String,
    /// Words of the SQL that may be tables, lowercase.
    pub words: BTreeSet<String>,
}

impl QueryFile {
    /// The parameter called `name`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&ParamSpec> {
        self.params.iter().find(|param| param.name == name)
    }

    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The SQL below the header.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.text[header_end(&self.text)..]
    }

    /// Reads one file; the file is there even if problems were found in it.
    #[must_use]
    pub fn parse(folder: Folder, name: &str, path: &str, text: &str) -> (QueryFile, Vec<Problem>) {
        let mut problems = Problems::new(path, text);
        let mut file = QueryFile {
            name: name.to_owned(),
            folder,
            path: path.to_owned(),
            purpose: String::new(),
            title: String::new(),
            grain: String::new(),
            method: String::new(),
            params: Vec::new(),
            columns: Vec::new(),
            sort: Vec::new(),
            text: text.to_owned(),
            words: BTreeSet::new(),
        };
        if !is_name(name) {
            problems.at(
                0,
                format!(
                    "file name \"{name}\" is no table name; expected small Latin letters, digits and _, a letter first"
                ),
            );
        }
        for entry in entries(text, &mut problems) {
            file.take(&entry, &mut problems);
        }
        file.check_complete(&mut problems);
        file.check_words(&mut problems);
        (file, problems.found)
    }

    fn take(&mut self, entry: &Entry, problems: &mut Problems<'_>) {
        let single = match entry.key.as_str() {
            "Purpose" => &mut self.purpose,
            "Title" => &mut self.title,
            "Grain" => &mut self.grain,
            "Method" => &mut self.method,
            "Param" => return self.take_param(entry, problems),
            "Column" => return self.take_column(entry, problems),
            "Sort" => return self.take_sort(entry, problems),
            other => {
                let guess = expected_one_of(other, KEYS.iter().copied());
                problems.at(entry.offset, format!("unknown key \"{other}\"{guess}"));
                return;
            }
        };
        if !single.is_empty() {
            problems.at(entry.offset, format!("\"{}\" stands twice", entry.key));
        } else if entry.value.is_empty() {
            problems.at(entry.offset, format!("\"{}\" is empty", entry.key));
        } else {
            entry.value.clone_into(single);
        }
    }

    fn take_param(&mut self, entry: &Entry, problems: &mut Problems<'_>) {
        let expected = "expected: name int|date|text|bool required|optional|derived \"title\"";
        let Some((words, title, rest)) = split_quoted(&entry.value) else {
            problems.at(
                entry.value_offset,
                format!("a parameter needs a quoted title; {expected}"),
            );
            return;
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let [name, kind, presence] = words.as_slice() else {
            problems.at(
                entry.value_offset,
                format!("\"{}\" is no parameter; {expected}", words.join(" ")),
            );
            return;
        };
        if !rest.is_empty() {
            problems.at(
                entry.value_offset,
                format!("unexpected text \"{rest}\" after the title of parameter {name}"),
            );
        }
        let Some(&(_, kind)) = ParamKind::NAMES.iter().find(|(word, _)| word == kind) else {
            let guess = expected_one_of(kind, ParamKind::NAMES.iter().map(|(word, _)| *word));
            problems.at(
                entry.value_offset,
                format!("parameter {name}: \"{kind}\" is no type{guess}"),
            );
            return;
        };
        let mut derived = None;
        let is_required = match *presence {
            "required" => true,
            "optional" => false,
            "derived" => {
                derived = Derived::ALL
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, derived)| *derived);
                if derived.is_none() || kind != ParamKind::Date {
                    let known: Vec<&str> = Derived::ALL.iter().map(|(name, _)| *name).collect();
                    problems.at(
                        entry.value_offset,
                        format!(
                            "parameter {name} cannot be derived; dates that can: {}",
                            known.join(", ")
                        ),
                    );
                    return;
                }
                false
            }
            other => {
                problems.at(
                    entry.value_offset,
                    format!(
                        "parameter {name}: \"{other}\" is neither required nor optional nor derived"
                    ),
                );
                return;
            }
        };
        if !is_name(name) {
            problems.at(
                entry.value_offset,
                format!(
                    "\"{name}\" is no parameter name; expected small Latin letters, digits and _"
                ),
            );
        }
        if self.param(name).is_some() {
            problems.at(entry.value_offset, format!("parameter {name} stands twice"));
            return;
        }
        self.params.push(ParamSpec {
            name: (*name).to_owned(),
            kind,
            is_required,
            derived,
            title: title.to_owned(),
            line: entry.line,
        });
    }

    fn take_column(&mut self, entry: &Entry, problems: &mut Problems<'_>) {
        let expected = "expected: name unit \"title\" and, if needed, \": meaning\"";
        let (words, title, rest) = match split_quoted(&entry.value) {
            Some(parts) => parts,
            // A unit without a title: the name itself is the title. Fine for staging only.
            None if self.folder == Folder::Staging => match entry.value.split_once(':') {
                Some((words, _)) => (words, "", &entry.value[words.len()..]),
                None => (entry.value.as_str(), "", ""),
            },
            None => {
                problems.at(
                    entry.value_offset,
                    format!("a column needs a quoted title; {expected}"),
                );
                return;
            }
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let [name, unit] = words.as_slice() else {
            problems.at(
                entry.value_offset,
                format!("\"{}\" is no column; {expected}", words.join(" ")),
            );
            return;
        };
        let meaning = match rest.strip_prefix(':') {
            Some(meaning) => meaning.trim(),
            None if rest.is_empty() => "",
            None => {
                problems.at(
                    entry.value_offset,
                    format!(
                        "column {name}: expected \": meaning\" after the title, found \"{rest}\""
                    ),
                );
                ""
            }
        };
        let Some(unit) = Unit::from_word(unit) else {
            let guess = expected_one_of(unit, Unit::ALL.iter().map(|unit| unit.word()));
            problems.at(
                entry.value_offset,
                format!("column {name}: \"{unit}\" is no unit{guess}"),
            );
            return;
        };
        if self.column(name).is_some() {
            problems.at(entry.value_offset, format!("column {name} stands twice"));
            return;
        }
        self.columns.push(ColumnSpec {
            name: (*name).to_owned(),
            unit,
            title: if title.is_empty() { *name } else { title }.to_owned(),
            meaning: meaning.to_owned(),
            line: entry.line,
        });
    }

    fn take_sort(&mut self, entry: &Entry, problems: &mut Problems<'_>) {
        for part in entry.value.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (column, is_descending) = match words.as_slice() {
                [column] | [column, "asc"] => (*column, false),
                [column, "desc"] => (*column, true),
                _ => {
                    problems.at(
                        entry.value_offset,
                        format!(
                            "\"{}\" is no sort key; expected: column [asc|desc]",
                            part.trim()
                        ),
                    );
                    continue;
                }
            };
            self.sort.push(SortKey {
                column: column.to_owned(),
                is_descending,
            });
        }
    }

    fn check_complete(&self, problems: &mut Problems<'_>) {
        for (key, value) in [
            ("Purpose", &self.purpose),
            ("Title", &self.title),
            ("Grain", &self.grain),
        ] {
            if value.is_empty() {
                problems.at(0, format!("the header has no \"{key}\" line"));
            }
        }
        if self.columns.is_empty() && self.folder != Folder::Staging {
            problems.at(0, "the header has no \"Column\" line");
        }
        if !self.params.is_empty() && self.folder != Folder::Reports {
            problems.at(
                line_offset(&self.text, self.params[0].line),
                format!(
                    "a file of {}/ takes no parameters; only reports do",
                    self.folder.as_str()
                ),
            );
        }
        for param in &self.params {
            for base in param.derived.iter().flat_map(|derived| derived.needs()) {
                if self.param(base).is_none_or(|base| !base.is_required) {
                    problems.at(
                        line_offset(&self.text, param.line),
                        format!(
                            "parameter {} follows from {base}, which is not a required parameter",
                            param.name
                        ),
                    );
                }
            }
        }
        for key in &self.sort {
            if self.column(&key.column).is_none() {
                let guess = expected_one_of(
                    &key.column,
                    self.columns.iter().map(|column| column.name.as_str()),
                );
                let offset = self.text.find("-- Sort:").unwrap_or(0);
                problems.at(
                    offset,
                    format!(
                        "sort key \"{}\" is no column of the header{guess}",
                        key.column
                    ),
                );
            }
        }
        if self.sql().trim().is_empty() {
            problems.at(self.text.len(), "there is no SQL below the header");
        }
    }

    fn check_words(&mut self, problems: &mut Problems<'_>) {
        let start = header_end(&self.text);
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        for (offset, token) in scan(&self.text[start..]) {
            match token {
                Token::Param(name) => {
                    used.entry(name.to_owned()).or_insert(start + offset);
                }
                Token::Word(word) => {
                    self.words.insert(word.to_lowercase());
                }
            }
        }
        for (name, offset) in &used {
            if self.param(name).is_none() {
                let guess =
                    expected_one_of(name, self.params.iter().map(|param| param.name.as_str()));
                problems.at(
                    *offset,
                    format!(
                        "the SQL uses ${name}, the header has no \"Param: {name} …\" line{guess}"
                    ),
                );
            }
        }
        // A day may stand in the header only because another follows from it.
        let is_base = |name: &str| {
            self.params
                .iter()
                .filter_map(|param| param.derived)
                .any(|derived| derived.needs().contains(&name))
        };
        for param in &self.params {
            if !used.contains_key(&param.name) && !is_base(&param.name) {
                problems.at(
                    line_offset(&self.text, param.line),
                    format!("the SQL never uses ${}", param.name),
                );
            }
        }
    }
}

const KEYS: &[&str] = &[
    "Purpose", "Title", "Grain", "Method", "Param", "Column", "Sort",
];

/// Small Latin letters, digits and underscores, a letter first.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_')
}

struct Entry {
    key: String,
    value: String,
    offset: usize,
    value_offset: usize,
    line: u32,
}

/// The header's entries; lines that fit the grammar nowhere are problems.
fn entries(text: &str, problems: &mut Problems<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut offset = 0;
    for (index, line) in text[..header_end(text)].split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        let Some(comment) = line.trim_end().strip_prefix("--") else {
            continue;
        };
        if comment.trim().is_empty() {
            continue;
        }
        if comment.starts_with("   ") {
            match entries.last_mut() {
                Some(entry) => {
                    entry.value.push(' ');
                    entry.value.push_str(comment.trim());
                }
                None => problems.at(start, "a continuation stands before the first key"),
            }
            continue;
        }
        let Some((key, value)) = comment.split_once(':') else {
            problems.at(
                start,
                format!(
                    "\"{}\" is no header line; expected \"-- Key: text\", or three spaces after the dashes to continue the line above",
                    comment.trim()
                ),
            );
            continue;
        };
        let value_start = start + 2 + key.len() + 1;
        entries.push(Entry {
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
            offset: start + 2 + (key.len() - key.trim_start().len()),
            value_offset: value_start + (value.len() - value.trim_start().len()),
            line: index as u32 + 1,
        });
    }
    entries
}

/// Where the header ends: the first line that is no comment. A blank line sets comments of the SQL
/// apart from the header.
fn header_end(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with("--") {
            break;
        }
        end += line.len();
    }
    end
}

fn line_offset(text: &str, line: u32) -> usize {
    text.split_inclusive('\n')
        .take(line.saturating_sub(1) as usize)
        .map(str::len)
        .sum()
}

/// `before "quoted" after`, trimmed.
fn split_quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('"')?;
    let (quoted, after) = rest.split_once('"')?;
    if quoted.trim().is_empty() {
        return None;
    }
    Some((before.trim(), quoted, after.trim()))
}
