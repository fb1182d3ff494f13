//! Workbooks read back cell by cell, PDF read back as text.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use std::io::{Cursor, Write as _};
use std::process::{Command, Stdio};
use svodka_journal::Day;
use svodka_print::{PrintError, pdf, xlsx};
use svodka_table::{Column, Meta, Table, Unit, Value};

fn day(year: i32, month: u32, day: u32) -> Value {
    Value::Date(Day::from_civil(year, month, day).unwrap())
}

fn meta() -> Meta {
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

fn column(name: &str, title: &str, unit: Unit, meaning: &str) -> Column {
    Column {
        meaning: meaning.to_owned(),
        ..Column::new(name, title, unit)
    }
}

/// A column of every unit, an ordinary row, an empty row and a row of corner cases.
fn every_unit() -> Table {
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
fn to_look_at(name: &str, bytes: &[u8]) {
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
    assert_eq!(
        pdf::write(&table, &meta()).unwrap(),
        pdf::write(&table, &meta()).unwrap()
    );
}

/// The PDF's text, one string for each page.
fn pages_of(bytes: &[u8]) -> Vec<String> {
    let mut reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is missing; run ./test.sh, which names the packages it needs");
    let mut stdin = reader.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = reader.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout)
        .unwrap()
        .replace('\u{a0}', " ");
    text.split('\u{c}')
        .filter(|page| !page.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

fn long_table(rows: usize) -> Table {
    Table {
        columns: vec![
            column("group_title", "Группа", Unit::Text, ""),
            column("lessons", "Занятия", Unit::Count, "проведённые занятия"),
            column("attendance_share", "Посещаемость", Unit::Share, ""),
        ],
        rows: (0..rows)
            .map(|row| {
                vec![
                    format!("Группа {row}").into(),
                    Value::Int(1_000 + row as i64),
                    Value::Float(0.5 + row as f64 / 1_000.0),
                ]
            })
            .collect(),
    }
}

#[test]
fn a_pdf_reads_back_as_text_with_head_page_numbers_and_stamp() {
    let bytes = pdf::write(&long_table(120), &meta()).unwrap();
    to_look_at("long.pdf", &bytes);
    let pages = pages_of(&bytes);
    assert_eq!(pages.len(), 3);
    for (number, page) in pages.iter().enumerate() {
        let wanted = format!("стр. {} из 3", number + 1);
        assert!(page.contains(&wanted), "{wanted}");
        assert!(page.contains("данные на 05.11.2025 06:12, снимок 7"));
        assert!(
            page.contains("Посещаемость, %"),
            "the head on page {}",
            number + 1
        );
    }
    assert!(pages[0].contains("Посещаемость по группам: октябрь/ноябрь"));
    assert!(pages[0].contains("Первый день: 01.10.2025"));
    assert!(pages[0].contains("Учреждение: =Школа & «№ 7»"));
    assert!(pages[0].contains("120 строк"));
    let all = pages.concat();
    for row in ["Группа 0 ", "Группа 119 "] {
        assert!(all.contains(row), "{row}");
    }
    assert!(all.contains("1 119"));
    assert!(all.contains("61,9"));
    assert!(all.contains("проведённые занятия"));
}

#[test]
fn nothing_in_a_pdf_is_read_as_markup() {
    let table = Table {
        columns: vec![column(
            "a",
            "#panic(\"head\")",
            Unit::Text,
            "*не жирно* $x$",
        )],
        rows: vec![
            vec!["#read(\"/etc/passwd\")".into()],
            vec!["= Заголовок *жирно* `код` @ссылка <метка> \\".into()],
            vec!["\u{0}\u{1b}[31m".into()],
        ],
    };
    let meta = Meta {
        title: "#pagebreak()".to_owned(),
        ..meta()
    };
    let pages = pages_of(&pdf::write(&table, &meta).unwrap());
    assert_eq!(pages.len(), 1);
    for wanted in [
        "#panic",
        "#read(\"/etc/passwd\")",
        "*жирно* `код` @ссылка <метка> \\",
        "*не жирно* $x$",
    ] {
        assert!(pages[0].contains(wanted), "{wanted} in {}", pages[0]);
    }
}

#[test]
fn every_unit_and_no_rows_print() {
    let bytes = pdf::write(&every_unit(), &meta()).unwrap();
    to_look_at("every-unit.pdf", &bytes);
    let pages = pages_of(&bytes);
    assert!(pages[0].contains("05.10.2025"));
    assert_eq!(
        pages_of(&pdf::write(&Table::default(), &Meta::default()).unwrap()).len(),
        1
    );
    let pages = pages_of(
        &pdf::write(
            &Table {
                rows: vec![],
                ..long_table(0)
            },
            &meta(),
        )
        .unwrap(),
    );
    assert!(pages[0].contains("0 строк"));
}

/// A report as the pages show it: long names, many columns.
fn wide_table() -> Table {
    let names = [
        "Дом детского творчества «Радуга»",
        "Школа № 12 имени космонавтов",
        "Лицей № 3",
    ];
    let mut columns = vec![
        column("org", "Учреждение", Unit::Text, ""),
        column("group", "Группа", Unit::Text, ""),
        column("teacher", "Педагог", Unit::Person, ""),
        column("subject", "Программа или предмет", Unit::Text, ""),
        column(
            "planned",
            "Часов по программе",
            Unit::Hours,
            "часы по тарификации",
        ),
        column(
            "held",
            "Проведено",
            Unit::Hours,
            "сумма часов проведённых занятий",
        ),
        column("left", "Осталось", Unit::Hours, ""),
    ];
    columns.push(column(
        "share",
        "Выполнено",
        Unit::Share,
        "проведено / по программе",
    ));
    columns.push(column("forecast", "Прогноз на 31 мая", Unit::Share, ""));
    columns.push(column("last_on", "Последнее занятие", Unit::Date, ""));
    let rows = (0..60)
        .map(|row| {
            vec![
                names[row % 3].into(),
                format!("{}-я группа «Юный исследователь»", row + 1).into(),
                format!("Педагог № {}", row % 9).into(),
                "Робототехника и программирование микроконтроллеров".into(),
                Value::Int(144),
                Value::Decimal {
                    units: 5_050 + row as i128 * 25,
                    scale: 2,
                },
                Value::Decimal {
                    units: 9_350 - row as i128 * 25,
                    scale: 2,
                },
                Value::Float((50.5 + row as f64 * 0.25) / 144.0),
                Value::Float(0.9 + row as f64 / 1_000.0),
                day(2025, 10, 1 + row as u32 % 28),
            ]
        })
        .collect();
    Table { columns, rows }
}

#[test]
fn a_wide_report_lies_down_and_keeps_its_words() {
    let bytes = pdf::write(&wide_table(), &meta()).unwrap();
    to_look_at("wide.pdf", &bytes);
    to_look_at("wide.xlsx", &xlsx::write(&wide_table(), &meta()).unwrap());
    let all = pages_of(&bytes).concat();
    assert!(!all.contains('\u{ad}'), "no word is hyphenated");
    assert!(all.contains("микроконтроллеров"));
}

#[test]
fn too_much_is_refused_with_a_way_out() {
    let wide = Table {
        columns: (0..41)
            .map(|it| column(&format!("c{it}"), "А", Unit::Count, ""))
            .collect(),
        rows: vec![],
    };
    let error = pdf::write(&wide, &meta()).unwrap_err();
    assert!(matches!(
        error,
        PrintError::TooManyColumns {
            columns: 41,
            most: 40
        }
    ));
    assert_eq!(
        error.to_string(),
        "41 columns cannot be printed, the most is 40; take csv"
    );
    let error = pdf::write(&long_table(7_000), &meta()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "21000 cells are too many for a pdf of at most 20000; narrow the report or take xlsx"
    );
}
