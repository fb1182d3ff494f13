//! The school workbook: one sheet, one block per pupil, as the engine of act B writes it.

use crate::csv::short_date;
use crate::faults::Fault;
use crate::terms::Span;
use crate::world::{Cell, Institution};
use crate::xlsx::{Workbook, address};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use svodka_journal::{AbsenceReason, AttendanceStatus, Day};

pub const SHEET: &str = "Отчет";

const MONTHS: [&str; 12] = [
    "Январь",
    "Февраль",
    "Март",
    "Апрель",
    "Май",
    "Июнь",
    "Июль",
    "Август",
    "Сентябрь",
    "Октябрь",
    "Ноябрь",
    "Декабрь",
];

const LEGEND: [&str; 4] = [
    "Н - отсутствие по неуважительной причине",
    "О - опоздание",
    "Б - отсутствие по болезни",
    "У - отсутствие по уважительной причине",
];

/// What one pupil has: by subject, by (day, how many-th lesson of the subject that day).
type Grid = BTreeMap<u32, BTreeMap<(Day, u8), u32>>;

/// The workbook of one class over the whole span.
pub fn workbook(
    institution: &Institution,
    group: u32,
    span: Span,
    file: &str,
    mut faults: Option<&mut Vec<Fault>>,
) -> Vec<u8> {
    let mut grids: BTreeMap<u32, Grid> = BTreeMap::new();
    let mut repeated: HashMap<(u32, Day), u8> = HashMap::new();
    for lesson in institution
        .lessons
        .iter()
        .filter(|lesson| lesson.group == group)
    {
        let repetition = repeated.entry((lesson.course, lesson.day)).or_default();
        *repetition += 1;
        for (place, cell) in institution.cells_of(lesson).iter().enumerate() {
            grids
                .entry(cell.pupil)
                .or_default()
                .entry(lesson.course)
                .or_default()
                .insert((lesson.day, *repetition), lesson.first_cell + place as u32);
        }
    }
    let mut pupils: Vec<u32> = grids.keys().copied().collect();
    pupils.sort_by(|&left, &right| {
        let name = |pupil: u32| &institution.pupils[pupil as usize].name;
        name(left).cmp(name(right))
    });
    let mut book = Workbook::new(SHEET, true);
    for (number, pupil) in pupils.into_iter().enumerate() {
        let spoiled = faults.as_deref_mut().map(|faults| Spoiled { file, faults });
        block(
            &mut book,
            institution,
            group,
            span,
            pupil,
            &grids[&pupil],
            number,
            spoiled,
        );
    }
    book.finish()
}

struct Spoiled<'a> {
    file: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Spoiled<'_> {
    fn add(&mut self, row: usize, column: usize, code: &'static str) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            sheet: Some(SHEET.to_owned()),
            cell: Some(address(row, column)),
            code,
        });
    }
}

#[expect(clippy::too_many_arguments, reason = "everything a block shows")]
fn block(
    book: &mut Workbook,
    institution: &Institution,
    group: u32,
    span: Span,
    pupil: u32,
    grid: &Grid,
    number: usize,
    mut spoiled: Option<Spoiled<'_>>,
) {
    let group = &institution.groups[group as usize];
    let columns: Vec<(Day, u8)> = grid
        .values()
        .flat_map(BTreeMap::keys)
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let last = columns.len() + 4;
    // The letter of a class is written either way.
    let class = if spoiled.is_some() && number == 1 {
        group.title.to_lowercase()
    } else {
        group.title.clone()
    };
    let year = group.school_year;
    for line in [
        institution.title.clone(),
        "Отчёт об успеваемости и посещаемости ученика".to_owned(),
        format!("Учебный год: {year}/{}", year + 1),
        format!("Класс: {class}"),
        format!(
            "Период: с {} по {}",
            short_date(span.from),
            short_date(span.to)
        ),
        format!("Ученик: {}", institution.pupils[pupil as usize].name),
    ] {
        book.next_row();
        book.text(1, &line);
        book.merge((book.row(), 1), (book.row(), last));
    }
    let head = book.row() + 1;
    header(book, &columns, head);
    let mut is_mean_spoiled = number != 0;
    for (&course, cells) in grid {
        book.next_row();
        book.text(1, &institution.courses[course as usize].subject);
        let mut marks: Vec<u8> = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let Some(&at) = cells.get(column) else {
                continue;
            };
            let cell = &institution.cells[at as usize];
            marks.extend(cell.marks());
            match (institution.replaced.get(&at), &mut spoiled) {
                (Some(text), Some(spoiled)) => {
                    book.text(index + 2, text);
                    let code = if *text == "H" {
                        "latin-twin"
                    } else {
                        "unknown-code"
                    };
                    spoiled.add(book.row(), index + 2, code);
                }
                _ => book.text(index + 2, &text_of(cell, at)),
            }
        }
        if let Some(mut mean) = mean(&marks) {
            if let Some(spoiled) = spoiled.as_mut().filter(|_| !is_mean_spoiled) {
                // A mark which the grid does not show went into the printed mean.
                is_mean_spoiled = true;
                mean = if mean >= 450 { mean - 10 } else { mean + 10 };
                spoiled.add(book.row(), last - 2, "printed-mean-differs");
            }
            book.text(last - 2, &format!("{}.{:02}", mean / 100, mean % 100));
            book.text(last - 1, "0.0");
            if marks.len() >= 3 {
                book.text(last, &((mean + 50) / 100).to_string());
            }
        }
    }
    for line in LEGEND {
        book.next_row();
        book.text(1, line);
    }
    book.next_row();
}

/// Two header rows: months over days, with the columns that stand for the whole period.
fn header(book: &mut Workbook, columns: &[(Day, u8)], head: usize) {
    book.next_row();
    book.text(1, "Предмет");
    book.merge((head, 1), (head + 1, 1));
    let mut first = 0;
    while first < columns.len() {
        let month = columns[first].0.month();
        let same = columns[first..]
            .iter()
            .take_while(|(day, _)| day.month() == month)
            .count();
        book.text(first + 2, MONTHS[(month.0 % 100) as usize - 1]);
        book.merge((head, first + 2), (head, first + same + 1));
        first += same;
    }
    let last = columns.len() + 1;
    for (shift, title) in [
        "Средняя оценка",
        "Средневзвешенный балл",
        "Итоговая оценка за период",
    ]
    .iter()
    .enumerate()
    {
        book.text(last + 1 + shift, title);
        book.merge((head, last + 1 + shift), (head + 1, last + 1 + shift));
    }
    book.next_row();
    for (index, (day, _)) in columns.iter().enumerate() {
        book.number(index + 2, &day.civil().2.to_string());
    }
}

/// Mean of the marks in hundredths, half up; none without marks.
fn mean(marks: &[u8]) -> Option<u32> {
    let sum: u32 = marks.iter().map(|&mark| u32::from(mark)).sum();
    let count = marks.len() as u32;
    (count > 0).then(|| (sum * 200 + count) / (2 * count))
}

/// The many spellings of a cell; `at` decides which one, so that they come out the same again.
fn text_of(cell: &Cell, at: u32) -> String {
    let marks: Vec<String> = cell.marks().map(|mark| mark.to_string()).collect();
    let marks = marks.join("/");
    let code = match (cell.status, cell.reason) {
        (AttendanceStatus::Late, _) => "О",
        (AttendanceStatus::Absent, Some(AbsenceReason::Illness)) => "Б",
        (AttendanceStatus::Absent, Some(AbsenceReason::Excused)) => "У",
        (AttendanceStatus::Absent, _) => "Н",
        _ => return marks,
    };
    let is_absent = cell.status == AttendanceStatus::Absent;
    match (marks.is_empty(), at % 16) {
        (true, 0) if is_absent => format!("{code} {code}"),
        (true, _) => code.to_owned(),
        (false, 0..4) => format!("{marks} {code}"),
        (false, 4..7) => format!("{code}  {marks}"),
        (false, 7..9) if is_absent => format!("{code} {code} {marks}"),
        (false, _) => format!("{code} {marks}"),
    }
}
