//! Prints as PDF, read back with pdftotext: text, head, page numbers, stamp. Only in builds with
//! the feature `pdf`.

use crate::print::{column, day, every_unit, meta, to_look_at};
use std::io::Write as _;
use std::process::{Command, Stdio};
use svodka_print::{PrintError, pdf, xlsx};
use svodka_table::{Column, Meta, Table, Unit, Value};

#[test]
fn the_same_table_gives_the_same_pages() {
    let table = every_unit();
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
