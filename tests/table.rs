//! Formats of numbers and dates, plural forms, CSV, JSON and terminal text, worked by hand.

use svodka_journal::Day;
use svodka_table::csv::{CsvStyle, CsvWords};
use svodka_table::{
    Column, ColumnFormat, Meta, Table, Unit, Value, csv, format_cell, format_day_long,
    format_month, format_number, format_range, format_timestamp, format_value, json, plural, text,
};

fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_civil(year, month, day).unwrap()
}

fn check_value(value: impl Into<Value>, unit: Unit, expected: &str) {
    assert_eq!(format_value(&value.into(), &unit), expected);
}

fn decimal(units: i128, scale: u8) -> Value {
    Value::Decimal { units, scale }
}

#[test]
fn numbers_are_written_as_russians_write_them() {
    check_value(12_345.6, Unit::Number, "12\u{a0}345,6");
    check_value(1_234_567_i64, Unit::Count, "1\u{a0}234\u{a0}567");
    check_value(999_i64, Unit::Count, "999");
    check_value(1_000_i64, Unit::Count, "1\u{a0}000");
    check_value(-1_000_i64, Unit::Count, "\u{2212}1\u{a0}000");
    check_value(
        i64::MIN,
        Unit::Count,
        "\u{2212}9\u{a0}223\u{a0}372\u{a0}036\u{a0}854\u{a0}775\u{a0}808",
    );
    check_value(0.5, Unit::Number, "0,5");
    check_value(1.005, Unit::Number, "1,01");
    check_value(-0.001, Unit::Number, "0");
    check_value(7_304_512_i64, Unit::Id, "7304512");
    check_value(i64::MAX, Unit::Id, "9223372036854775807");
    check_value(f64::NAN, Unit::Number, "—");
    check_value(f64::INFINITY, Unit::Share, "—");
    check_value(Value::Null, Unit::Count, "—");
    assert_eq!(format_number(12_345.678, 1), "12\u{a0}345,7");
    assert_eq!(format_number(-0.04, 1), "0,0");
}

#[test]
fn shares_points_and_hours_carry_their_sign() {
    check_value(0.914, Unit::Share, "91,4\u{a0}%");
    check_value(0.9145, Unit::Share, "91,5\u{a0}%");
    check_value(1_i64, Unit::Share, "100,0\u{a0}%");
    check_value(decimal(9142, 4), Unit::Share, "91,4\u{a0}%");
    check_value(0.021, Unit::Points, "+2,1\u{a0}п.\u{a0}п.");
    check_value(-0.021, Unit::Points, "\u{2212}2,1\u{a0}п.\u{a0}п.");
    check_value(0.0, Unit::Points, "0,0\u{a0}п.\u{a0}п.");
    check_value(decimal(1450, 2), Unit::Hours, "14,5\u{a0}ч");
    check_value(decimal(1400, 2), Unit::Hours, "14\u{a0}ч");
    check_value(decimal(-25, 2), Unit::Hours, "\u{2212}0,25\u{a0}ч");
    check_value(decimal(12_345_675, 3), Unit::Hours, "12\u{a0}345,68\u{a0}ч");
    assert_eq!(format_cell(&Value::Float(0.914), &Unit::Share), "91,4");
    assert_eq!(
        format_range(&Value::Float(0.908), &Value::Float(0.93), &Unit::Share),
        "90,8–93,0\u{a0}%"
    );
}

#[test]
fn days_months_and_instants() {
    check_value(day(2025, 10, 5), Unit::Date, "05.10.2025");
    assert_eq!(
        format_day_long(day(2025, 10, 5)),
        "5\u{a0}октября 2025\u{a0}г."
    );
    check_value(202_510_i64, Unit::Month, "октябрь 2025");
    assert_eq!(format_month(202_513), "202513");
    assert_eq!(format_month(-5), "-5");
    check_value(1_i64, Unit::Weekday, "понедельник");
    check_value(8_i64, Unit::Weekday, "8");
    check_value(Value::Bool(true), Unit::Bool, "да");
    check_value("5Б", Unit::Text, "5Б");
    // 2025-11-05 is day 20 397; 03:12 UTC is 06:12 in Moscow.
    let micros = (20_397_i64 * 1_440 + 3 * 60 + 12) * 60_000_000;
    check_value(
        Value::Timestamp(micros),
        Unit::Timestamp,
        "05.11.2025 06:12",
    );
    assert_eq!(format_timestamp(micros, 300), "05.11.2025 08:12");
    assert_eq!(format_timestamp(i64::MAX, 0), "10.01.294247 04:00");
    assert_eq!(format_timestamp(-1, 0), "31.12.1969 23:59");
}

#[test]
fn nouns_agree_with_numbers() {
    let check = |number: i64, expected: &str| {
        assert_eq!(
            plural(number, "занятие", "занятия", "занятий"),
            expected,
            "{number}"
        );
    };
    for number in [1, 21, 101, 1_001, -1] {
        check(number, "занятие");
    }
    for number in [2, 3, 4, 22, 34, 102, -2] {
        check(number, "занятия");
    }
    for number in [0, 5, 10, 11, 12, 14, 19, 20, 25, 111, 112, 100, i64::MIN] {
        check(number, "занятий");
    }
}

#[test]
fn a_column_shows_as_many_decimals_as_it_needs() {
    let table = Table {
        columns: vec![Column::new("hours", "План", Unit::Hours)],
        rows: vec![
            vec![decimal(1450, 2)],
            vec![decimal(200, 2)],
            vec![Value::Null],
        ],
    };
    let format = ColumnFormat::of(&table, 0);
    let cells: Vec<String> = table.rows.iter().map(|row| format.cell(&row[0])).collect();
    assert_eq!(cells, ["14,5", "2,0", "—"]);
    assert_eq!(table.columns[0].head(), "План, ч");
    assert_eq!(
        Column::new("x", "Часов по программе", Unit::Hours).head(),
        "Часов по программе"
    );
    assert_eq!(
        Column::new("x", "Посещаемость", Unit::Share).head(),
        "Посещаемость, %"
    );
    assert_eq!(
        Column::new("x", "Учреждение", Unit::Text).head(),
        "Учреждение"
    );
}

#[test]
fn every_unit_has_a_word_that_leads_back_to_it() {
    for unit in Unit::ALL {
        assert_eq!(Unit::from_word(unit.word()), Some(unit));
        assert_eq!(
            serde_json::to_string(&unit).unwrap(),
            format!("\"{}\"", unit.word())
        );
    }
    assert_eq!(Unit::from_word("Share"), None);
}

fn sample() -> (Table, Meta) {
    let table = Table {
        columns: vec![
            Column::new("group_title", "Группа", Unit::Text),
            Column::new("held_on", "Дата", Unit::Date),
            Column::new("hours", "Часы", Unit::Hours),
            Column::new("attendance_share", "Посещаемость", Unit::Share),
            Column::new("is_late", "Позже срока", Unit::Bool),
        ],
        rows: vec![
            vec![
                "5Б".into(),
                day(2025, 10, 5).into(),
                decimal(1450, 2),
                0.914.into(),
                Value::Bool(true),
            ],
            vec![
                "Хор; \"старший\"".into(),
                Value::Null,
                decimal(-50, 2),
                Value::Float(f64::NAN),
                Value::Bool(false),
            ],
        ],
    };
    let meta = Meta {
        report: "attendance_by_group".to_owned(),
        title: "Посещаемость по группам".to_owned(),
        snapshot_id: 7,
        data_as_of: Some((20_397_i64 * 1_440 + 192) * 60_000_000),
        parameters: vec![("from".to_owned(), "2025-10-01".to_owned())],
    };
    (table, meta)
}

fn csv_of(table: &Table, style: CsvStyle) -> String {
    let mut bytes = Vec::new();
    csv::write(table, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn csv_for_programs_has_no_mark_and_points() {
    let (table, _) = sample();
    assert_eq!(
        csv_of(&table, CsvStyle::API),
        "group_title,held_on,hours,attendance_share,is_late\r\n\
         5Б,2025-10-05,14.50,0.914,true\r\n\
         \"Хор; \"\"старший\"\"\",,-0.50,,false\r\n"
    );
}

#[test]
fn csv_for_people_opens_in_a_russian_spreadsheet() {
    let (table, _) = sample();
    assert_eq!(
        csv_of(&table, CsvStyle::BROWSER),
        "\u{feff}Группа;Дата;Часы;Посещаемость;Позже срока\r\n\
         5Б;05.10.2025;14,50;0,914;да\r\n\
         \"Хор; \"\"старший\"\"\";;-0,50;;нет\r\n"
    );
}

#[test]
fn csv_quotes_a_decimal_comma_between_commas() {
    let (table, _) = sample();
    let style = CsvStyle {
        bom: false,
        delimiter: b',',
        decimal_comma: true,
        words: CsvWords::Machine,
    };
    assert!(csv_of(&table, style).contains("5Б,2025-10-05,\"14,50\",\"0,914\",true\r\n"));
}

#[test]
fn csv_text_is_never_a_formula() {
    let cell = |text: &str| -> String {
        let table = Table {
            columns: vec![Column::new("a", "A", Unit::Text)],
            rows: vec![vec![text.into()]],
        };
        let written = csv_of(&table, CsvStyle::API);
        written
            .strip_prefix("a\r\n")
            .unwrap()
            .strip_suffix("\r\n")
            .unwrap()
            .to_owned()
    };
    let check = |text: &str, expected: &str| assert_eq!(cell(text), expected, "{text:?}");
    check("=1+1", "\"'=1+1\"");
    check("+79990000000", "\"'+79990000000\"");
    check("@SUM(A1)", "\"'@SUM(A1)\"");
    check("-2+3", "\"'-2+3\"");
    check("-cmd|' /C calc'!A0", "\"'-cmd|' /C calc'!A0\"");
    check("\t=1", "\"'\t=1\"");
    check("\r=1", "\"'\r=1\"");
    check("\u{ff1d}1+1", "\"'\u{ff1d}1+1\"");
    check("\u{ff0b}1", "\"'\u{ff0b}1\"");
    check("\u{ff0d}1", "\"'\u{ff0d}1\"");
    check("\u{ff20}A", "\"'\u{ff20}A\"");
    // Numbers and dashes inside a text stay as they are.
    check("-5", "-5");
    check("-5.25", "-5.25");
    check("5-Б", "5-Б");
    check("—", "—");
    check("", "");
    // A head is a text too.
    let table = Table {
        columns: vec![Column::new("=a", "=A", Unit::Text)],
        rows: vec![],
    };
    assert_eq!(csv_of(&table, CsvStyle::API), "\"'=a\"\r\n");
    // Numbers keep their minus.
    let table = Table {
        columns: vec![Column::new("a", "A", Unit::Count)],
        rows: vec![
            vec![Value::Int(-5)],
            vec![Value::Float(-0.5)],
            vec![decimal(-5, 1)],
        ],
    };
    assert_eq!(csv_of(&table, CsvStyle::API), "a\r\n-5\r\n-0.5\r\n-0.5\r\n");
}

#[test]
fn json_says_what_it_stands_on() {
    let (table, meta) = sample();
    let mut bytes = Vec::new();
    json::write(&table, &meta, &mut bytes).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document["report"], "attendance_by_group");
    assert_eq!(document["snapshot_id"], 7);
    assert_eq!(document["as_of"], "2025-11-05T03:12:00Z");
    assert_eq!(document["parameters"]["from"], "2025-10-01");
    assert_eq!(document["columns"][3]["unit"], "share");
    assert_eq!(document["rows"][0]["held_on"], "2025-10-05");
    assert_eq!(document["rows"][0]["hours"], 14.5);
    assert_eq!(document["rows"][0]["attendance_share"], 0.914);
    assert_eq!(
        document["rows"][1]["attendance_share"],
        serde_json::Value::Null
    );
    assert_eq!(document["rows"][1]["group_title"], "Хор; \"старший\"");
    assert!(
        String::from_utf8(bytes)
            .unwrap()
            .contains("\"hours\":14.50")
    );
}

#[test]
fn json_keeps_every_digit_of_a_long_id() {
    let table = Table {
        columns: vec![Column::new("pupil_id", "№", Unit::Id)],
        rows: vec![
            vec![Value::Int(9_007_199_254_740_991)],
            vec![Value::Int(9_007_199_254_740_993)],
        ],
    };
    let mut bytes = Vec::new();
    json::write(&table, &Meta::default(), &mut bytes).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document["rows"][0]["pupil_id"], 9_007_199_254_740_991_i64);
    assert_eq!(document["rows"][1]["pupil_id"], "9007199254740993");
    assert_eq!(document["as_of"], serde_json::Value::Null);
}

#[test]
fn the_terminal_gets_aligned_columns_and_no_escape_codes() {
    let (mut table, _) = sample();
    table.rows[1][0] = "Хор\u{1b}[31m".into();
    let mut bytes = Vec::new();
    text::write(&table, &mut bytes).unwrap();
    let written = String::from_utf8(bytes).unwrap();
    assert_eq!(
        written,
        "Группа    Дата        Часы  Посещаемость, %  Позже срока\n\
         ────────  ──────────  ────  ───────────────  ───────────\n\
         5Б        05.10.2025  14,5             91,4  да\n\
         Хор [31m  —           −0,5                —  нет\n\
         2 строки\n"
    );
}

#[test]
fn the_stamp_names_data_time_and_snapshot() {
    let (_, mut meta) = sample();
    assert_eq!(meta.stamp(), "данные на 05.11.2025 06:12, снимок 7");
    meta.data_as_of = None;
    assert_eq!(meta.stamp(), "снимок 7");
}

#[test]
fn a_table_answers_by_name() {
    let (table, _) = sample();
    assert_eq!(table.column_index("hours"), Some(2));
    assert_eq!(
        table.value(0, "group_title"),
        Some(&Value::Text("5Б".to_owned()))
    );
    assert_eq!(table.value(0, "absent"), None);
    assert_eq!(table.value(9, "hours"), None);
}
