//! Workbooks read back cell by cell, PDF read back as text.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use std::io::Cursor;
use svodka_journal::Day;
use svodka_print::xlsx;
use svodka_table::{Column, Meta, Table, Unit, Value};

pub fn day(year: i32, month: u32, day: u32) -> Value {
    Value::Date(Day::from_civil(year, month, day).unwrap())
}

pub fn meta() -> Meta {
    Meta {
        report: "attendance_by_group".to_owned(),
        title: "Посещаемость по группам: октябрь/ноябрь".to_owned(),
        snapshot_id: 7,
        data_as_of: Some((20_397_i64 * 1_440 + 192) * 60_000_000),
        parameters: vec![
            ("Первый день".to_owned(), "01.10.2025".to_owned()),
            ("Учреждение".to_owned(), "=Школа & «№ 7»".to_owned()),
        ],
    }
}

pub fn column(name: &str, title: &str, unit: Unit, meaning: &str) -> Column {
    Column {
        meaning: meaning.to_owned(),
        ..Column::new(name, title, unit)
    }
}

/// A column of every unit, an ordinary row, an empty row and a row of corner cases.
pub fn every_unit() -> Table {
    let columns = vec![
        column("org_id", "№", Unit::Id, ""),
        column("group_title", "Группа", Unit::Text, ""),
        column("lessons", "Занятия", Unit::Count, ""),
        column("hours", "План", Unit::Hours, "часы по плану"),
        column(
            "attendance_share",
            "Посещаемость",
            Unit::Share,
            "(присутствовали + опоздали) / ожидались",
        ),
        column("change", "Изменение", Unit::Points, ""),
        column("score", "Среднее", Unit::Number, ""),
        column("held_on", "Дата", Unit::Date, ""),
        column("month", "Месяц", Unit::Month, ""),
        column("weekday", "День", Unit::Weekday, ""),
        column("recorded_at", "Внесено", Unit::Timestamp, ""),
        column("is_late", "Поздно", Unit::Bool, ""),
        column("pupil", "Обучающийся", Unit::Person, ""),
        column("source", "Источник", Unit::Source, ""),
    ];
    let usual = vec![
        Value::Int(12),
        "5Б".into(),
        Value::Int(1_234),
        Value::Decimal {
            units: 1_450,
            scale: 2,
        },
        Value::Float(0.914),
        Value::Float(-0.021),
        Value::Float(4.25),
        day(2025, 10, 5),
        Value::Int(202_510),
        Value::Int(7),
        Value::Timestamp((20_397_i64 * 1_440 + 192) * 60_000_000),
        Value::Bool(true),
        "Обучающийся № 17".into(),
        "5Б.xlsx, Лист1, AX21".into(),
    ];
    let empty = vec![Value::Null; columns.len()];
    let corner = vec![
        Value::Int(i64::MAX),
        "=HYPERLINK(\"http://example.org\")".into(),
        Value::Int(-5),
        Value::Decimal {
            units: -25,
            scale: 2,
        },
        Value::Int(1),
        Value::Float(0.0),
        Value::Float(f64::NAN),
        day(1850, 1, 1),
        Value::Int(202_513),
        Value::Int(9),
        Value::Timestamp(i64::MAX),
        Value::Bool(false),
        "@SUM(1)".into(),
        "\tтаб".into(),
    ];
    Table {
        columns,
        rows: vec![usual, empty, corner],
    }
}

/// Leaves a print next to the test binary, to be opened by a person.
pub fn to_look_at(name: &str, bytes: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(path, bytes).unwrap();
}

fn workbook(table: &Table, meta: &Meta) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(xlsx::write(table, meta).unwrap())).unwrap()
}

fn text(value: &str) -> Data {
    Data::String(value.to_owned())
}

/// The number of a cell, be it a plain one or a date.
fn number(cell: &Data) -> f64 {
    match cell {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        Data::DateTime(date) => date.as_f64(),
        other => panic!("{other:?} is no number"),
    }
}

#[test]
fn a_workbook_reads_back_cell_by_cell() {
    let mut book = workbook(&every_unit(), &meta());
    assert_eq!(
        book.sheet_names(),
        ["Посещаемость по группам  октябр", "О данных"]
    );
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let head: Vec<String> = sheet
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        head[3..7],
        ["План, ч", "Посещаемость", "Изменение, п. п.", "Среднее"]
    );

    let row: Vec<Data> = sheet.rows().nth(1).unwrap().to_vec();
    assert_eq!(number(&row[0]), 12.0);
    assert_eq!(row[1], text("5Б"));
    assert_eq!(number(&row[2]), 1_234.0);
    assert_eq!(number(&row[3]), 14.5);
    assert_eq!(number(&row[4]), 0.914);
    assert!((number(&row[5]) + 2.1).abs() < 1e-12);
    assert_eq!(number(&row[6]), 4.25);
    // 2025-10-05 is day 45 935 of a workbook, 2025-10-01 is 45 931, 2025-11-05 is 45 966.
    assert_eq!(number(&row[7]), 45_935.0);
    assert!(matches!(row[7], Data::DateTime(_)), "a real date");
    assert_eq!(number(&row[8]), 45_931.0);
    assert!(matches!(row[8], Data::DateTime(_)), "a real month");
    assert_eq!(row[9], text("воскресенье"));
    assert!(
        (number(&row[10]) - (45_966.0 + 6.2 / 24.0)).abs() < 1e-9,
        "06:12 in Moscow"
    );
    assert_eq!(row[11], text("да"));
    assert_eq!(row[12], text("Обучающийся № 17"));
    assert_eq!(row[13], text("5Б.xlsx, Лист1, AX21"));

    assert!(
        sheet
            .rows()
            .nth(2)
            .unwrap()
            .iter()
            .all(|cell| *cell == Data::Empty)
    );

    let row: Vec<Data> = sheet.rows().nth(3).unwrap().to_vec();
    assert_eq!(
        row[0],
        text("9223372036854775807"),
        "every digit of a long key"
    );
    assert_eq!(row[1], text("=HYPERLINK(\"http://example.org\")"));
    assert_eq!(number(&row[2]), -5.0);
    assert_eq!(number(&row[3]), -0.25);
    assert_eq!(number(&row[4]), 1.0);
    assert_eq!(number(&row[5]), 0.0);
    assert_eq!(row[6], Data::Empty, "not a number is nothing");
    assert_eq!(row[7], text("01.01.1850"), "before a workbook's calendar");
    assert_eq!(row[8], text("202513"));
    assert_eq!(row[9], text("9"));
    assert_eq!(row[10], text("10.01.294247 07:00"));
    assert_eq!(row[11], text("нет"));
    assert_eq!(row[12], text("@SUM(1)"));
    assert_eq!(row[13], text("\tтаб"));
}

#[test]
fn no_text_of_a_workbook_is_a_formula() {
    let mut book = workbook(&every_unit(), &meta());
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{name}");
    }
}

#[test]
fn the_second_sheet_says_what_the_table_stands_on() {
    let mut book = workbook(&every_unit(), &meta());
    let sheet = book.worksheet_range("О данных").unwrap();
    let lines: Vec<(String, String)> = sheet
        .rows()
        .map(|row| (row[0].to_string(), row[1].to_string()))
        .collect();
    let value = |name: &str| {
        lines
            .iter()
            .find(|line| line.0 == name)
            .map(|line| line.1.as_str())
            .unwrap()
    };
    assert_eq!(value("Отчёт"), "Посещаемость по группам: октябрь/ноябрь");
    assert_eq!(value("Имя отчёта"), "attendance_by_group");
    assert_eq!(value("Основание"), "данные на 05.11.2025 06:12, снимок 7");
    assert_eq!(value("Строк"), "3");
    assert_eq!(value("Первый день"), "01.10.2025");
    assert_eq!(value("Учреждение"), "=Школа & «№ 7»");
    assert_eq!(value("План"), "часы по плану");
}

/// One part of the workbook's archive as text.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn a_workbook_is_ready_to_scroll_filter_and_print() {
    let bytes = xlsx::write(&every_unit(), &meta()).unwrap();
    to_look_at("every-unit.xlsx", &bytes);
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    for wanted in [
        "topLeftCell=\"B2\"",
        "state=\"frozen\"",
        "<autoFilter ref=\"A1:N4\"/>",
        "paperSize=\"9\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "стр. &amp;P из &amp;N",
        "данные на 05.11.2025 06:12, снимок 7",
    ] {
        assert!(sheet.contains(wanted), "{wanted}");
    }
    let book = part(&bytes, "xl/workbook.xml");
    assert!(
        book.contains("_xlnm.Print_Titles"),
        "the head repeats on every page"
    );
    let styles = part(&bytes, "xl/styles.xml");
    assert!(
        styles.contains("quotePrefix=\"1\""),
        "editing a text does not make it a formula"
    );
    assert!(styles.contains("dd.mm.yyyy"));
}

#[test]
fn sheet_names_are_safe() {
    let name_of = |title: &str| {
        let meta = Meta {
            title: title.to_owned(),
            ..Meta::default()
        };
        workbook(&every_unit(), &meta).sheet_names()[0].clone()
    };
    assert_eq!(name_of(""), "Данные");
    assert_eq!(name_of("'History'"), "Данные");
    assert_eq!(name_of("О ДАННЫХ"), "Данные");
    assert_eq!(name_of("[а]:*?/\\"), "а");
    assert_eq!(
        name_of("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀")
            .chars()
            .count(),
        15
    );
}

#[test]
fn an_empty_table_is_a_workbook_too() {
    let mut book = workbook(&Table::default(), &Meta::default());
    assert!(book.worksheet_range_at(0).unwrap().unwrap().is_empty());
    let table = Table {
        rows: vec![],
        ..every_unit()
    };
    let mut book = workbook(&table, &meta());
    assert_eq!(book.worksheet_range_at(0).unwrap().unwrap().height(), 1);
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    let table = every_unit();
    assert_eq!(
        xlsx::write(&table, &meta()).unwrap(),
        xlsx::write(&table, &meta()).unwrap()
    );
}

#[cfg(not(feature = "pdf"))]
#[test]
fn a_build_without_the_pdf_engine_says_how_to_get_one() {
    let error = svodka_print::pdf::write(&every_unit(), &meta()).unwrap_err();
    assert!(error.to_string().contains("--features pdf"), "{error}");
    assert!(!svodka_print::HAS_PDF);
}
