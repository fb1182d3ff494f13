//! Finds the header row below title rows and takes what the title rows tell.

use crate::columns::{Header, Heading};
use crate::moments::parse_moment;
use crate::notes::{Notes, Place};
use crate::spelling::{tidy, title_key};
use svodka_journal::Severity;

/// What stands above the header.
#[derive(Debug, Clone, Default)]
pub(crate) struct Preamble {
    /// Local moment of the export.
    pub exported_at: Option<i64>,
    /// First year of the school year.
    pub school_year: Option<i32>,
    pub organisation: Option<String>,
    pub group: Option<String>,
}

impl Preamble {
    /// Takes one title or comment line; false where it tells nothing known.
    pub fn take_line(&mut self, line: &str) -> bool {
        let line = tidy(line.trim_start_matches('#'));
        let Some((label, value)) = line.split_once(':') else {
            return false;
        };
        let value = value.trim();
        match title_key(label).as_str() {
            "ВЫГРУЖЕНО" | "ДАТА ВЫГРУЗКИ" | "СФОРМИРОВАНО" => {
                self.exported_at = self.exported_at.or_else(|| parse_moment(value.as_bytes()));
            }
            "УЧЕБНЫЙ ГОД" => {
                self.school_year = self.school_year.or_else(|| school_year(value));
            }
            "УЧРЕЖДЕНИЕ" | "ОРГАНИЗАЦИЯ" | "ШКОЛА" if !value.is_empty() =>
            {
                self.organisation = Some(value.to_owned());
            }
            "ГРУППА" | "КЛАСС" if !value.is_empty() => {
                self.group = Some(value.to_owned())
            }
            _ => return false,
        }
        true
    }
}

/// First year of «2024/2025», «2024-2025», «2024».
pub(crate) fn school_year(text: &str) -> Option<i32> {
    let year: i32 = text.trim().get(..4)?.parse().ok()?;
    (2000..2100).contains(&year).then_some(year)
}

/// The header among the first lines: its index in `lines` and what it says.
pub(crate) enum HeaderSearch {
    Found {
        line: usize,
        delimiter: u8,
        header: Header,
    },
    Unclear {
        line: usize,
        missing: String,
    },
    None,
}

/// Looks for a header in the first lines of a text, trying each delimiter.
pub(crate) fn find_header(lines: &[&str]) -> HeaderSearch {
    let mut unclear = None;
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let mut best: Option<(usize, u8, Header)> = None;
        for delimiter in [b';', b'\t', b','] {
            let cells: Vec<String> = split_plain(line, delimiter);
            match Header::guess(cells.iter().map(String::as_str)) {
                crate::columns::HeaderGuess::Header(header) => {
                    let known = header
                        .headings
                        .iter()
                        .filter(|heading| matches!(heading, Heading::Known(_)))
                        .count();
                    if best.as_ref().is_none_or(|found| found.0 < known) {
                        best = Some((known, delimiter, header));
                    }
                }
                crate::columns::HeaderGuess::Unclear(missing) => {
                    unclear.get_or_insert((index, missing));
                }
                crate::columns::HeaderGuess::No => {}
            }
        }
        if let Some((_, delimiter, header)) = best {
            return HeaderSearch::Found {
                line: index,
                delimiter,
                header,
            };
        }
    }
    match unclear {
        Some((line, missing)) => HeaderSearch::Unclear { line, missing },
        None => HeaderSearch::None,
    }
}

/// Cells of a header line; quotes around a cell are dropped.
fn split_plain(line: &str, delimiter: u8) -> Vec<String> {
    let data = line.as_bytes();
    let mut record = crate::delimited::Record::default();
    crate::delimited::read_record(data, 0, delimiter, &mut record);
    (0..record.len())
        .map(|index| String::from_utf8_lossy(record.field(data, index)).into_owned())
        .collect()
}

/// Tells which columns are not read.
pub(crate) fn note_columns(header: &Header, notes: &mut Notes, place: impl Fn(i16) -> Place) {
    let mut seen: Vec<Heading> = Vec::new();
    for (index, heading) in header.headings.iter().enumerate() {
        let column = index as i16 + 1;
        let title = header.titles[index].chars().take(80).collect::<String>();
        match heading {
            Heading::Known(field) if seen.contains(heading) => notes.add(
                Severity::Warning,
                "column-twice",
                place(column),
                format!("«{title}» второй раз"),
                format!("один столбец «{}»", field.title()),
                "Прочитан первый из них. Уберите лишний столбец или назовите его иначе.",
            ),
            Heading::Unknown => notes.add(
                Severity::Warning,
                "unknown-column",
                place(column),
                format!("«{title}»"),
                "известное название столбца",
                "Столбец не прочитан. Если он нужен, назовите его как в образце выгрузки.",
            ),
            Heading::NeverRead => notes.add(
                Severity::Info,
                "column-dropped",
                place(column),
                format!("«{title}»"),
                "выгрузка без личных сведений",
                "Сведения о здоровье, семье и контактах не читаются и не хранятся.",
            ),
            Heading::Known(_) | Heading::Blank => {}
        }
        seen.push(*heading);
    }
}

/// Tells what a header lacks.
pub(crate) fn note_unclear(notes: &mut Notes, place: Place, missing: &str) {
    notes.add(
        Severity::Error,
        "header-unclear",
        place,
        "заголовок, по которому не понять вид таблицы",
        missing,
        "Добавьте недостающие столбцы или назовите их как в образце выгрузки.",
    );
}
