//! One mistake in one place of one file.

use std::fmt;

/// A mistake in a query or a dashboard, ready to be shown: `queries/reports/x.sql:3:4: …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path as the author knows it: relative to the repository or to the data folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What was found, what was expected; lowercase, no final dot.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// Collects the problems of one file and turns byte offsets into lines and columns.
pub(crate) struct Problems<'a> {
    file: &'a str,
    text: &'a str,
    pub(crate) found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Problems {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn at(&mut self, offset: usize, message: impl Into<String>) {
        let (line, column) = line_and_column(self.text, offset);
        self.found.push(Problem {
            file: self.file.to_owned(),
            line,
            column,
            message: message.into(),
        });
    }
}

/// Line and column (characters, both from 1) of the byte `offset` in `text`.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.bytes().filter(|&byte| byte == b'\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count());
    (line as u32 + 1, column as u32 + 1)
}

/// «did you mean» for a misspelled word: the closest of `known` within two edits.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2.min(candidate.chars().count() / 2))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The end of a message about an unknown word: a guess, or the list of what is known.
pub(crate) fn expected_one_of<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match closest(word, known.clone()) {
        Some(guess) => format!("; did you mean \"{guess}\"?"),
        None => {
            let names: Vec<&str> = known.into_iter().collect();
            if names.is_empty() {
                "; there are none".to_owned()
            } else {
                format!("; expected one of: {}", names.join(", "))
            }
        }
    }
}

fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, left_char) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (position, right_char) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(left_char != *right_char);
            diagonal = row[position + 1];
            row[position + 1] = replaced.min(row[position] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
