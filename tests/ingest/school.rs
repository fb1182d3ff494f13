//! The workbook with one block per pupil, cell by cell.

use super::bytes::Cell::{Blank, Formula, Inline, Number, Shared};
use super::bytes::{Cell, codes, journal, lines, read, told, workbook};

type Row<'a> = Vec<(u32, Cell<'a>)>;

/// The rows above the table of a block.
fn head<'a>(pupil: &'a str, period: &'a str) -> Vec<Row<'a>> {
    vec![
        vec![(1, Shared("МБОУ «Школа № 5»"))],
        vec![(1, Shared("Отчёт об успеваемости и посещаемости ученика"))],
        vec![(1, Shared("Учебный год: 2024/2025"))],
        vec![(1, Shared("Класс: 8А"))],
        vec![(1, Shared(period))],
        vec![(1, Shared(pupil))],
    ]
}

const PERIOD: &str = "Период: с 24.03.25 по 24.05.25";

#[test]
fn an_empty_text_is_presence_and_no_cell_is_no_lesson() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.push(vec![
        (1, Shared("Предмет")),
        (2, Shared("Март")),
        (7, Shared("Средняя оценка")),
    ]);
    rows.push(vec![
        (2, Number("24")),
        (3, Number("25")),
        (4, Number("26")),
        (5, Number("27")),
        (6, Number("28")),
    ]);
    // Three spellings of an empty text; a style alone and nothing at all are no lesson.
    rows.push(vec![
        (1, Shared("Алгебра")),
        (2, Shared("")),
        (3, Inline("")),
        (4, Formula("")),
        (5, Blank),
    ]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    assert_eq!(
        lines(journal(&outcome)),
        [
            "Алгебра 2025-03-24 #1 Лесной Пень: present @9,2",
            "Алгебра 2025-03-25 #1 Лесной Пень: present @9,3",
            "Алгебра 2025-03-26 #1 Лесной Пень: present @9,4",
        ]
    );
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn a_cell_combines_values() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.push(vec![(1, Shared("Предмет")), (2, Shared("Апрель"))]);
    let cells = [
        "Н 4", "Б Б 3", "О 4/3", "5 Н", "Н Н", "3/3", "О  5", "0", "У", "Н О", "Ж 4",
    ];
    rows.push(
        (0..cells.len() as u32)
            .map(|at| {
                (
                    at + 2,
                    Number(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"][at as usize]),
                )
            })
            .collect(),
    );
    let mut subject = vec![(1, Shared("Химия"))];
    subject.extend(
        cells
            .iter()
            .enumerate()
            .map(|(at, text)| (at as u32 + 2, Shared(text))),
    );
    rows.push(subject);
    let outcome = read("8А.xlsx", &workbook(&rows));
    let found: Vec<String> = lines(journal(&outcome))
        .into_iter()
        .map(|line| {
            line.split(": ")
                .nth(1)
                .unwrap()
                .split(" @")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        found,
        [
            "absent unexcused «Н 4» [4]",
            "absent illness «Б Б 3» [3]",
            "late «О 4/3» [4 3]",
            "absent unexcused «5 Н» [5]",
            "absent unexcused «Н Н»",
            "present «3/3» [3 3]",
            "late «О  5» [5]",
            "present «0» [0]",
            "absent excused «У»",
            "unrecorded «Н О»",
            "unrecorded «Ж 4» [4]",
        ]
    );
    assert_eq!(
        told(&outcome.findings),
        ["contradicting-codes K9 «Н О»", "unknown-code L9 «Ж 4»"]
    );
}

#[test]
fn every_block_has_its_own_columns() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.push(vec![
        (1, Shared("Предмет")),
        (2, Shared("Март")),
        (3, Shared("Апрель")),
        (5, Shared("Средняя оценка")),
    ]);
    rows.push(vec![(2, Number("31")), (3, Number("1")), (4, Number("1"))]);
    rows.push(vec![
        (1, Shared("Алгебра")),
        (2, Number("5")),
        (3, Shared("")),
        (4, Number("4")),
        (5, Number("4.5")),
    ]);
    rows.push(vec![(1, Shared("Н - отсутствие, Б - болезнь"))]);
    rows.extend(head("Ученик: Горный Хрусталь", PERIOD));
    rows.push(vec![
        (1, Shared("Предмет")),
        (2, Shared("Апрель")),
        (3, Shared("Май")),
        (4, Shared("Средняя оценка")),
    ]);
    rows.push(vec![(2, Shared("1")), (3, Shared("12"))]);
    rows.push(vec![
        (1, Shared("Алгебра")),
        (2, Shared("Б")),
        (3, Number("3")),
        (4, Shared("3,00")),
    ]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    let journal = journal(&outcome);
    assert_eq!(
        lines(journal),
        [
            "Алгебра 2025-03-31 #1 Лесной Пень: present «5» [5] @9,2",
            "Алгебра 2025-04-01 #1 Лесной Пень: present @9,3",
            // The same day number again: the second lesson of that day.
            "Алгебра 2025-04-01 #2 Лесной Пень: present «4» [4] @9,4",
            "Алгебра 2025-04-01 #1 Горный Хрусталь: absent illness «Б» @19,2",
            "Алгебра 2025-05-12 #1 Горный Хрусталь: present «3» [3] @19,3",
        ]
    );
    assert_eq!(journal.names.organisations, ["МБОУ «Школа № 5»"]);
    assert_eq!(journal.names.groups.len(), 1);
    assert_eq!(
        (
            journal.names.groups[0].title.as_str(),
            journal.names.groups[0].school_year
        ),
        ("8А", 2024)
    );
    assert_eq!(journal.lessons.len(), 4);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn a_printed_mean_that_differs_is_a_warning() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.push(vec![
        (1, Shared("Предмет")),
        (2, Shared("Май")),
        (4, Shared("Средняя оценка")),
        (5, Shared("Средневзвешенный балл")),
        (6, Shared("Итоговая оценка за период")),
    ]);
    rows.push(vec![(2, Number("5")), (3, Number("6"))]);
    rows.push(vec![
        (1, Shared("Химия")),
        (2, Number("4")),
        (3, Number("4")),
        (4, Number("4.1")),
        (5, Number("0.0")),
        (6, Number("4")),
    ]);
    rows.push(vec![
        (1, Shared("Физика")),
        (2, Number("4")),
        (3, Number("5")),
        (4, Number("4.5")),
        (5, Number("0")),
    ]);
    // Zero is a mark and counts.
    rows.push(vec![
        (1, Shared("Музыка")),
        (2, Number("0")),
        (3, Number("5")),
        (4, Shared("2,5")),
    ]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    assert_eq!(told(&outcome.findings), ["printed-mean-differs D9 4.10"]);
    let finding = &outcome.findings[0];
    assert_eq!(
        (finding.expected.as_str(), finding.sheet.as_deref()),
        ("4.00", Some("Лист1"))
    );
    assert_eq!(journal(&outcome).attendance.len(), 6);
}

#[test]
fn latin_letters_are_read_as_the_russian_ones_they_look_like() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.push(vec![(1, Shared("Предмет")), (2, Shared("Май"))]);
    rows.push(vec![(2, Number("5")), (3, Number("6")), (4, Number("7"))]);
    rows.push(vec![
        (1, Shared("Химия")),
        (2, Shared("H")),
        (3, Shared("O 4")),
        (4, Shared("H")),
    ]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    assert_eq!(
        told(&outcome.findings),
        ["latin-twin B9 «H», 2 раза", "latin-twin C9 «O 4»"]
    );
    let reasons: Vec<String> = lines(journal(&outcome))
        .iter()
        .map(|line| line.split(": ").nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(
        reasons,
        [
            "absent unexcused «H» @9,2",
            "late «O 4» [4] @9,3",
            "absent unexcused «H» @9,4"
        ]
    );
}

#[test]
fn days_get_their_year_from_the_period() {
    let mut rows = head("Ученик: Лесной Пень", "Период: с 20.12.24 по 20.01.25");
    rows.push(vec![
        (1, Shared("Предмет")),
        (2, Shared("Декабрь")),
        (3, Shared("Январь")),
    ]);
    rows.push(vec![
        (2, Number("23")),
        (3, Number("13")),
        (4, Number("25")),
        (5, Shared("тест")),
    ]);
    rows.push(vec![
        (1, Shared("Химия")),
        (2, Shared("")),
        (3, Shared("")),
        (4, Shared("")),
        (5, Shared("")),
    ]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    let days: Vec<String> = journal(&outcome)
        .lessons
        .iter()
        .map(|lesson| lesson.held_on.to_string())
        .collect();
    assert_eq!(days, ["2024-12-23", "2025-01-13", "2025-01-25"]);
    // The 25th lies after the period, «тест» is no day.
    assert_eq!(
        codes(&outcome.findings),
        ["date-outside-period", "bad-date"]
    );
}

#[test]
fn written_by_another_writer_the_same_cells_come_out() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let border = rust_xlsxwriter::Format::new().set_border(rust_xlsxwriter::FormatBorder::Thin);
    let merged = rust_xlsxwriter::Format::new();
    for (row, text) in [
        "МБОУ «Школа № 5»",
        "Отчёт об успеваемости и посещаемости ученика",
        "Учебный год: 2024/2025",
        "Класс: 8а",
        PERIOD,
        "Ученик: Лесной Пень",
    ]
    .into_iter()
    .enumerate()
    {
        sheet
            .merge_range(row as u32, 0, row as u32, 5, text, &merged)
            .unwrap();
    }
    sheet.write(6, 0, "Предмет").unwrap();
    sheet.merge_range(6, 1, 6, 3, "Апрель", &merged).unwrap();
    sheet.write(6, 4, "Средняя оценка").unwrap();
    for (column, day) in [1.0, 2.0, 3.0].into_iter().enumerate() {
        sheet.write(7, column as u16 + 1, day).unwrap();
    }
    sheet.write(8, 0, "Алгебра").unwrap();
    // This writer drops empty texts; one of spaces means the same.
    sheet.write(8, 1, "  ").unwrap();
    sheet.write_blank(8, 2, &border).unwrap();
    sheet.write(8, 3, 5.0).unwrap();
    sheet.write(8, 4, 5.0).unwrap();
    let outcome = read("8А.xlsx", &book.save_to_buffer().unwrap());
    assert_eq!(
        lines(journal(&outcome)),
        [
            "Алгебра 2025-04-01 #1 Лесной Пень: present @9,2",
            "Алгебра 2025-04-03 #1 Лесной Пень: present «5» [5] @9,4"
        ]
    );
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn a_block_without_class_or_pupil_is_told_and_left_out() {
    let mut rows = head("Ученик: Лесной Пень", PERIOD);
    rows.remove(3);
    rows.push(vec![(1, Shared("Предмет")), (2, Shared("Май"))]);
    rows.push(vec![(2, Number("5"))]);
    rows.push(vec![(1, Shared("Химия")), (2, Shared("Н"))]);
    rows.extend(head("Ученик: Горный Хрусталь", PERIOD));
    rows.push(vec![(1, Shared("Предмет")), (2, Shared("Май"))]);
    rows.push(vec![(2, Number("5"))]);
    rows.push(vec![(1, Shared("Химия")), (2, Shared("Б"))]);
    let outcome = read("8А.xlsx", &workbook(&rows));
    assert_eq!(
        told(&outcome.findings),
        ["block-incomplete строка 7 блок без класса"]
    );
    assert_eq!(
        lines(journal(&outcome)),
        ["Химия 2025-05-05 #1 Горный Хрусталь: absent illness «Б» @17,2"]
    );
}
