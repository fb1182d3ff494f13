//! The long exports of the acts A, D and E.

use crate::csv::Csv;
use crate::faults::Fault;
use crate::long::{Column, cell_text, lesson_text};
use crate::reference::begin;
use crate::world::{Institution, Lesson};
use crate::xlsx::{Workbook, address};
use std::collections::BTreeMap;
use svodka_journal::{LessonStatus, Month};

const OF_WORKBOOK: &[Column] = &[
    Column::Institution,
    Column::Group,
    Column::Subject,
    Column::Date,
    Column::LessonNo,
    Column::Teacher,
    Column::MainTeacher,
    Column::Hours,
    Column::Topic,
    Column::Recorded,
    Column::PupilId,
    Column::Pupil,
    Column::Mark,
    Column::Reason,
];
/// The sheet of a group's workbook.
pub const SHEET: &str = "Журнал";

/// One workbook per group: a title row, the header, a row per pupil and lesson.
pub fn workbook(
    institution: &Institution,
    group: u32,
    file: &str,
    mut faults: Option<&mut Vec<Fault>>,
) -> Vec<u8> {
    let mut book = Workbook::new(SHEET, false);
    book.next_row();
    book.text(
        1,
        &format!(
            "Выгружено: {}",
            crate::csv::russian_moment(institution.exported_at)
        ),
    );
    book.merge((1, 1), (1, OF_WORKBOOK.len()));
    book.next_row();
    for (index, column) in OF_WORKBOOK.iter().enumerate() {
        book.text(index + 1, column.header());
    }
    let mut fault = |row: usize, column: Option<usize>, code: &'static str| {
        if let Some(faults) = &mut faults {
            faults.push(Fault {
                file: file.to_owned(),
                sheet: Some(SHEET.to_owned()),
                cell: Some(match column {
                    Some(column) => address(row, column),
                    None => format!("строка {row}"),
                }),
                code,
            });
            return true;
        }
        false
    };
    let held = |lesson: &&Lesson| lesson.status != LessonStatus::Cancelled;
    let lessons = institution
        .lessons
        .iter()
        .filter(|lesson| lesson.group == group);
    let is_spoiled = group == 0;
    for (number, lesson) in lessons.filter(held).enumerate() {
        let texts: Vec<String> = OF_WORKBOOK
            .iter()
            .map(|&column| lesson_text(institution, lesson, column))
            .collect();
        for (place, cell) in institution.cells_of(lesson).iter().enumerate() {
            let at = lesson.first_cell + place as u32;
            let mut row = |shift: i32| {
                book.next_row();
                for (index, &column) in OF_WORKBOOK.iter().enumerate() {
                    match column {
                        Column::Date => book.date(index + 1, lesson.day.plus(shift)),
                        Column::LessonNo => book.number(index + 1, &texts[index]),
                        Column::Hours => book.number(index + 1, &texts[index].replace(',', ".")),
                        _ if column.is_of_lesson() => {
                            if !texts[index].is_empty() {
                                book.text(index + 1, &texts[index]);
                            }
                        }
                        _ => {
                            let text = cell_text(institution, at, cell, column);
                            if !text.is_empty() {
                                book.text(index + 1, &text);
                            }
                        }
                    }
                }
                book.row()
            };
            let line = row(0);
            if institution.replaced.contains_key(&at) {
                fault(line, Some(13), "unknown-code");
            }
            if is_spoiled && number == 3 && place == 2 && fault(line + 1, None, "duplicate-row") {
                row(0);
            }
            // A slip of the hand: 2052 for 2025.
            if is_spoiled
                && number == 5
                && place == 1
                && fault(line + 1, Some(4), "date-outside-school-year")
            {
                row(27 * 365);
            }
        }
    }
    book.finish()
}

/// Lessons of one month in one table; `keep` chooses among them.
pub fn lesson_list(
    institution: &Institution,
    month: Option<Month>,
    columns: &[Column],
    delimiter: char,
    keep: impl Fn(&Lesson) -> bool,
) -> Option<Csv> {
    let mut csv = begin(institution.exported_at, delimiter);
    csv.record(columns.iter().map(|column| column.header()));
    let head = csv.lines;
    for lesson in &institution.lessons {
        if month.is_none_or(|month| lesson.day.month() == month) && keep(lesson) {
            let texts: Vec<String> = columns
                .iter()
                .map(|&column| lesson_text(institution, lesson, column))
                .collect();
            csv.record(texts.iter().map(String::as_str));
        }
    }
    (csv.lines > head).then_some(csv)
}

/// What is wrong in one attendance file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mess {
    /// Only the cells that are spoiled anyway.
    None,
    /// A header under another name, a column nobody knows, a line cut short, a day that is none.
    ChangedHeader,
}

/// Attendance of one month, one line per pupil and lesson.
pub fn attendance(
    institution: &Institution,
    month: Month,
    columns: &[Column],
    delimiter: char,
    mess: Mess,
    mut fault: impl FnMut(Option<String>, &'static str),
) -> Csv {
    let mut csv = begin(institution.exported_at, delimiter);
    let is_changed = mess == Mess::ChangedHeader;
    let mut headers: Vec<&str> = columns
        .iter()
        .map(|&column| match column {
            Column::Pupil if is_changed => "ФИО обучающегося",
            _ => column.header(),
        })
        .collect();
    if is_changed {
        headers.push("Комментарий");
        fault(
            Some(format!(
                "строка {}, столбец {}",
                csv.lines + 1,
                headers.len()
            )),
            "unknown-column",
        );
    }
    csv.record(headers.iter().copied());
    let mark = columns
        .iter()
        .position(|&column| column == Column::Mark)
        .unwrap_or(0);
    let date = columns
        .iter()
        .position(|column| matches!(column, Column::Date | Column::IsoDate))
        .unwrap_or(0);
    let mut written = 0;
    for lesson in &institution.lessons {
        if lesson.status == LessonStatus::Cancelled || lesson.day.month() != month {
            continue;
        }
        let texts: Vec<String> = columns
            .iter()
            .map(|&column| lesson_text(institution, lesson, column))
            .collect();
        for (place, cell) in institution.cells_of(lesson).iter().enumerate() {
            let at = lesson.first_cell + place as u32;
            let mut fields: Vec<String> = columns
                .iter()
                .zip(&texts)
                .map(|(&column, text)| match column.is_of_lesson() {
                    true => text.clone(),
                    false => cell_text(institution, at, cell, column),
                })
                .collect();
            if is_changed {
                fields.push(String::new());
            }
            csv.record(fields.iter().map(String::as_str));
            if let Some(&text) = institution.replaced.get(&at) {
                let code = if text == "H" {
                    "latin-twin"
                } else {
                    "unknown-code"
                };
                fault(
                    Some(format!("строка {}, столбец {}", csv.lines, mark + 1)),
                    code,
                );
            }
            written += 1;
            if is_changed && written == 40 {
                csv.record(fields[..4].iter().map(String::as_str));
                fault(Some(format!("строка {}", csv.lines)), "broken-row");
            }
            if is_changed && written == 60 {
                fields[date] = "31.02.2025".to_owned();
                csv.record(fields.iter().map(String::as_str));
                fault(
                    Some(format!("строка {}, столбец {}", csv.lines, date + 1)),
                    "bad-date",
                );
            }
        }
    }
    csv
}

/// Months that hold lessons, in order, with the number of their lessons.
#[must_use]
pub fn months(institution: &Institution) -> BTreeMap<Month, usize> {
    let mut months = BTreeMap::new();
    for lesson in &institution.lessons {
        *months.entry(lesson.day.month()).or_default() += 1;
    }
    months
}
