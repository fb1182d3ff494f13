//! Collects findings while a file is read; bounded, so that a broken file cannot flood the report.

use rustc_hash::FxHashMap;
use svodka_journal::{Finding, Severity, column_letters};

/// Findings of one code that are told one by one; the rest is told as a number.
const TOLD_ONE_BY_ONE: usize = 200;

/// Where in the file. Rows and columns count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    File,
    Line {
        row: i32,
        column: i16,
    },
    Sheet {
        sheet_no: i16,
        row: i32,
        column: i16,
    },
    /// Ordinal of a record of a named array.
    Record {
        array: &'static str,
        ordinal: i32,
    },
}

impl Place {
    /// Order of findings: the whole file first, then down the file.
    fn rank(self) -> (i16, i32, i16) {
        match self {
            Place::File => (0, 0, 0),
            Place::Line { row, column } => (1, row, column),
            Place::Sheet {
                sheet_no,
                row,
                column,
            } => (sheet_no, row, column),
            Place::Record { ordinal, .. } => (1, ordinal, 0),
        }
    }
}

/// One finding before its place is spelled out.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub severity: Severity,
    pub code: &'static str,
    pub place: Place,
    pub found: String,
    pub expected: String,
    pub hint: String,
    count: u64,
}

/// Findings of one file in the making.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    notes: Vec<Note>,
    by_code: FxHashMap<&'static str, usize>,
    grouped: FxHashMap<(&'static str, String), usize>,
    left_out: FxHashMap<&'static str, (Severity, u64)>,
}

impl Notes {
    pub fn new() -> Notes {
        Notes::default()
    }

    /// Adds a finding told on its own.
    pub fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Place,
        found: impl Into<String>,
        expected: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Note {
            severity,
            code,
            place,
            found: found.into(),
            expected: expected.into(),
            hint: hint.into(),
            count: 1,
        });
    }

    /// Adds a finding told once per distinct `found`, with the number of times and the first place.
    pub fn add_counted(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Place,
        found: &str,
        count: u64,
        expected: &str,
        hint: &str,
    ) {
        if let Some(&index) = self.grouped.get(&(code, found.to_owned())) {
            let known = &mut self.notes[index];
            known.count += count;
            if place.rank() < known.place.rank() {
                known.place = place;
            }
            return;
        }
        let before = self.notes.len();
        self.push(Note {
            severity,
            code,
            place,
            found: found.to_owned(),
            expected: expected.to_owned(),
            hint: hint.to_owned(),
            count,
        });
        if self.notes.len() > before {
            self.grouped.insert((code, found.to_owned()), before);
        }
    }

    fn push(&mut self, note: Note) {
        let told = self.by_code.entry(note.code).or_insert(0);
        if *told >= TOLD_ONE_BY_ONE {
            self.left_out
                .entry(note.code)
                .or_insert((note.severity, 0))
                .1 += note.count;
            return;
        }
        *told += 1;
        self.notes.push(note);
    }

    /// Takes the findings of a later part of the same text file, `lines` lines down.
    pub fn absorb(&mut self, other: Notes, lines: i32) {
        let counted: Vec<usize> = other.grouped.values().copied().collect();
        for (index, mut note) in other.notes.into_iter().enumerate() {
            if let Place::Line { row, .. } = &mut note.place {
                *row += lines;
            }
            if counted.contains(&index) {
                self.add_counted(
                    note.severity,
                    note.code,
                    note.place,
                    &note.found,
                    note.count,
                    &note.expected,
                    &note.hint,
                );
            } else {
                self.push(note);
            }
        }
        for (code, (severity, count)) in other.left_out {
            self.left_out.entry(code).or_insert((severity, 0)).1 += count;
        }
    }

    /// Spells everything out; `sheets` are the titles of the workbook's sheets.
    pub fn finish(mut self, sheets: &[String]) -> Vec<Finding> {
        self.notes.sort_by_key(|note| note.place.rank());
        let mut findings: Vec<Finding> = self
            .notes
            .into_iter()
            .map(|note| {
                let (sheet, cell) = address(note.place, sheets);
                let found = if note.count > 1 {
                    format!("{}, {}", note.found, times(note.count))
                } else {
                    note.found
                };
                Finding {
                    severity: note.severity,
                    code: note.code.to_owned(),
                    sheet,
                    cell,
                    found,
                    expected: note.expected,
                    hint: note.hint,
                }
            })
            .collect();
        let mut left_out: Vec<_> = self.left_out.into_iter().collect();
        left_out.sort_unstable_by_key(|entry| entry.0);
        for (code, (severity, count)) in left_out {
            findings.push(Finding {
                severity,
                code: code.to_owned(),
                sheet: None,
                cell: None,
                found: format!("ещё {}", times(count)),
                expected: String::new(),
                hint: format!("Перечислены первые {TOLD_ONE_BY_ONE} замечаний этого вида. Исправьте их и загрузите файл снова."),
            });
        }
        findings
    }
}

/// «12 раз», «2 раза».
fn times(count: u64) -> String {
    let (tens, ones) = (count / 10 % 10, count % 10);
    if tens != 1 && (2..=4).contains(&ones) {
        format!("{count} раза")
    } else {
        format!("{count} раз")
    }
}

/// Sheet title and cell as a person writes them.
fn address(place: Place, sheets: &[String]) -> (Option<String>, Option<String>) {
    match place {
        Place::File => (None, None),
        Place::Line { row, column: 0 } => (None, Some(format!("строка {row}"))),
        Place::Line { row, column } => (None, Some(format!("строка {row}, столбец {column}"))),
        Place::Sheet {
            sheet_no,
            row,
            column,
        } => {
            let title = sheets.get((sheet_no.max(1) - 1) as usize).cloned();
            let cell = match (row, column) {
                (0, _) => None,
                (row, 0) => Some(format!("строка {row}")),
                (row, column) => Some(format!("{}{row}", column_letters(column as u32))),
            };
            (title, cell)
        }
        Place::Record { array, ordinal } => (None, Some(format!("{array}[{}]", ordinal - 1))),
    }
}
