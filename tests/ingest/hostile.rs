//! Bad, broken and malicious files: a clear finding, never a crash, nothing loaded.

use super::bytes::{codes, read, workbook_of_parts, zipped};
use svodka_ingest::{Limits, ReadOptions, read_bytes};
use svodka_journal::Severity;

fn check_refused(name: &str, bytes: &[u8], code: &str) {
    let outcome = read(name, bytes);
    assert!(outcome.export.is_none(), "{name} was read");
    assert_eq!(codes(&outcome.findings), [code], "{name}");
    let finding = &outcome.findings[0];
    assert_eq!(finding.severity, Severity::Error);
    assert!(
        !finding.found.is_empty() && !finding.hint.is_empty(),
        "{name}: {finding:?}"
    );
}

const EMPTY_SHEET: &str = "<worksheet><sheetData></sheetData></worksheet>";

#[test]
fn files_that_cannot_be_read() {
    check_refused("пусто.csv", b"", "empty-file");
    check_refused("пусто.xlsx", b"  \n\n", "empty-file");
    let whole = workbook_of_parts(EMPTY_SHEET, "<sst/>");
    check_refused("обрыв.xlsx", &whole[..whole.len() / 2], "unreadable-file");
    check_refused(
        "обрыв.json",
        "{\"lessons\":[{\"id\":1}],\"persons\":[],\"lessonLogEntries\":[{".as_bytes(),
        "unreadable-file",
    );
    check_refused("другой.json", b"{\"a\":1}", "not-recognised");
    check_refused(
        "картинка.xlsx",
        &[0x89, b'P', b'N', b'G', 13, 10],
        "format-not-supported",
    );
    check_refused("документ.csv", b"%PDF-1.7 ...", "format-not-supported");
    check_refused(
        "страница.xls",
        b"<html><table></table></html>",
        "format-not-supported",
    );
    check_refused(
        "случайное.csv",
        &[1, 2, 0, 0, 3, 200, 0, 1, 0, 0, 0, 7],
        "not-recognised",
    );
    check_refused(
        "чужое.csv",
        "Город;Погода\nКлин;дождь\n".as_bytes(),
        "not-recognised",
    );
    check_refused("чужая.xlsx", &whole, "not-recognised");
    check_refused(
        "архив.zip",
        &zipped(&[("a.txt", b"text")]),
        "format-not-supported",
    );
    check_refused(
        "таблица.ods",
        &zipped(&[("mimetype", b"x"), ("content.xml", b"<x/>")]),
        "format-not-supported",
    );
}

#[test]
fn old_and_encrypted_workbooks() {
    let mut old = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    old.resize(4096, 0);
    check_refused("старый.xls", &old, "old-workbook");
    old.extend("EncryptedPackage".bytes().flat_map(|byte| [byte, 0]));
    check_refused("с паролем.xlsx", &old, "encrypted-file");
}

#[test]
fn a_renamed_file_is_read_by_its_content() {
    let text = "Группа;Дата;Урок;Обучающийся;Отметка\n5Б;01.10.2025;1;Лесной Пень;+\n";
    let outcome = read("журнал.xlsx", text.as_bytes());
    assert!(outcome.export.is_some());
    assert_eq!(codes(&outcome.findings), ["wrong-extension"]);
    assert_eq!(outcome.findings[0].severity, Severity::Info);
}

#[test]
fn zip_bombs_are_refused_by_the_directory() {
    let limits = Limits {
        zip_entries: 10,
        part_bytes: 4 << 20,
        total_bytes: 6 << 20,
        ratio: 100,
        ..Limits::default()
    };
    let options = ReadOptions {
        limits,
        ..ReadOptions::default()
    };
    let refused = |bytes: &[u8]| {
        let outcome = read_bytes("бомба.xlsx", bytes, &options);
        assert!(outcome.export.is_none());
        codes(&outcome.findings)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // One part of zeros: five megabytes packed a thousandfold.
    assert_eq!(
        refused(&zipped(&[("xl/workbook.xml", &vec![b' '; 5 << 20])])),
        ["file-too-large-inside"]
    );
    // Within the size, beyond the ratio.
    assert_eq!(
        refused(&zipped(&[("xl/workbook.xml", &vec![b' '; 2 << 20])])),
        ["file-too-large-inside"]
    );
    // Each part is small, together they are not.
    let noise: Vec<u8> = (0..3u32 << 20)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert_eq!(
        refused(&zipped(&[("a", &noise), ("b", &noise), ("c", &noise)])),
        ["file-too-large-inside"]
    );
    // Many entries.
    let names: Vec<String> = (0..11).map(|at| format!("part{at}")).collect();
    let parts: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    assert_eq!(refused(&zipped(&parts)), ["file-too-large-inside"]);
}

#[test]
fn a_hostile_dimension_costs_nothing() {
    let sheet = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c><c r=\"ZZZZ9\"><v>1</v></c></row></sheetData></worksheet>";
    let outcome = read(
        "даль.xlsx",
        &workbook_of_parts(
            sheet,
            "<sst count=\"4000000000\" uniqueCount=\"4000000000\"/>",
        ),
    );
    assert!(outcome.export.is_none());
    assert!(
        codes(&outcome.findings).contains(&"not-recognised"),
        "{:?}",
        outcome.findings
    );
}

#[test]
fn broken_and_deep_markup() {
    // Breaks off inside a cell.
    let outcome = read(
        "обрыв.xlsx",
        &workbook_of_parts(
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1",
            "<sst/>",
        ),
    );
    assert_eq!(codes(&outcome.findings), ["unreadable-file"]);
    // Two hundred thousand levels deep: walked, not recursed into.
    let deep = format!(
        "<worksheet>{}{}<sheetData/></worksheet>",
        "<x>".repeat(200_000),
        "</x>".repeat(200_000)
    );
    assert!(
        read("глубина.xlsx", &workbook_of_parts(&deep, "<sst/>"))
            .export
            .is_none()
    );
    // Entities that would grow are not expanded.
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&b;&b;</t></is></c></row></sheetData></worksheet>";
    assert!(
        read("сущности.xlsx", &workbook_of_parts(entities, "<sst/>"))
            .export
            .is_none()
    );
    let deep_json = format!("{{\"lessons\":{}", "[".repeat(100_000));
    let outcome = read(
        "глубина.json",
        format!("{deep_json},\"persons\":1,\"lessonLogEntries\":1").as_bytes(),
    );
    assert!(outcome.export.is_none());
    assert_eq!(codes(&outcome.findings), ["unreadable-file"]);
}

#[test]
fn a_shared_string_that_is_not_there_is_an_empty_one() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>99999999</v></c><c r=\"B1\" t=\"s\"><v>-1</v></c></row></sheetData></worksheet>";
    assert!(
        read("a.xlsx", &workbook_of_parts(sheet, "<sst/>"))
            .export
            .is_none()
    );
}

#[test]
fn a_long_line_without_end_is_no_trouble() {
    let mut text =
        "Группа;Дата;Урок;Обучающийся;Отметка\n5Б;01.10.2025;1;Лесной Пень;+\n\"".to_owned();
    text.push_str(&"x".repeat(3 << 20));
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(codes(&outcome.findings), ["broken-row"]);
    assert!(outcome.export.is_some());
}
