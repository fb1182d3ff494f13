//! Files in the making: an XLSX written as plain XML, tables of what a reader found.

use std::io::{Cursor, Write};
use svodka_ingest::{Content, Export, Journal, ReadOptions, ReadOutcome, read_bytes};
use svodka_journal::{AttendanceStatus, Finding};
use zip::write::SimpleFileOptions;

/// A cell of a sheet written by hand.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// `t="s"`, through the shared strings.
    Shared(&'a str),
    /// `t="inlineStr"`.
    Inline(&'a str),
    /// `t="str"`: the cached text of a formula.
    Formula(&'a str),
    Number(&'a str),
    /// A style and nothing else: no value.
    Blank,
}

/// A sheet as rows of (column from 1, cell); rows without cells are left out.
pub fn workbook(rows: &[Vec<(u32, Cell<'_>)>]) -> Vec<u8> {
    let mut shared: Vec<&str> = Vec::new();
    let mut sheet = String::from(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><dimension ref=\"A1:XFD1048576\"/><sheetData>",
    );
    for (row, cells) in rows.iter().enumerate() {
        sheet.push_str(&format!("<row r=\"{}\">", row + 1));
        for (column, cell) in cells {
            let place = format!("{}{}", svodka_journal::column_letters(*column), row + 1);
            sheet.push_str(&match cell {
                Cell::Shared(text) => {
                    let at = shared
                        .iter()
                        .position(|known| known == text)
                        .unwrap_or_else(|| {
                            shared.push(text);
                            shared.len() - 1
                        });
                    format!("<c r=\"{place}\" s=\"1\" t=\"s\"><v>{at}</v></c>")
                }
                Cell::Inline(text) => format!(
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    escaped(text)
                ),
                Cell::Formula(text) => format!(
                    "<c r=\"{place}\" t=\"str\"><f>X1</f><v>{}</v></c>",
                    escaped(text)
                ),
                Cell::Number(text) => format!("<c r=\"{place}\"><v>{text}</v></c>"),
                Cell::Blank => format!("<c r=\"{place}\" s=\"3\"/>"),
            });
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let mut strings = String::from(
        "\u{feff}<?xml version=\"1.0\"?><sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
    );
    for text in &shared {
        strings.push_str(&format!(
            "<si><t xml:space=\"preserve\">{}</t></si>",
            escaped(text)
        ));
    }
    strings.push_str("</sst>");
    workbook_of_parts(&sheet, &strings)
}

/// A workbook of one sheet, without docProps, with byte order marks inside its parts.
pub fn workbook_of_parts(sheet: &str, strings: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", "<Types/>".as_bytes()),
        (
            "xl/workbook.xml",
            "\u{feff}<?xml version=\"1.0\"?><workbook xmlns:r=\"r\"><sheets><sheet name=\"Лист1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>".as_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A zip file of these parts.
pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

pub fn read(name: &str, bytes: &[u8]) -> ReadOutcome {
    read_bytes(name, bytes, &ReadOptions::default())
}

/// The journal of a file that must be one.
pub fn journal(outcome: &ReadOutcome) -> &Journal {
    match &outcome.export {
        Some(Export {
            content: Content::Journal(journal),
            ..
        }) => journal,
        other => panic!("no journal: {other:?}, {:?}", outcome.findings),
    }
}

/// Attendance as lines «subject date ordinal pupil: status reason raw marks @row,column», in the
/// order of the file.
pub fn lines(journal: &Journal) -> Vec<String> {
    (0..journal.attendance.len())
        .map(|at| {
            let lesson = &journal.lessons[journal.attendance.lesson[at] as usize];
            let pupil = &journal.names.pupils[journal.attendance.pupil[at] as usize];
            let verdict = &journal.verdicts[journal.attendance.verdict[at] as usize];
            let course = &journal.names.courses[lesson.course as usize];
            let marks: Vec<&str> = verdict.marks.iter().map(|mark| &*mark.text).collect();
            format!(
                "{} {} {} {}: {}{}{}{} @{},{}",
                course.subject,
                lesson.held_on,
                lesson
                    .lesson_no
                    .map_or_else(|| format!("#{}", lesson.ordinal), |no| no.to_string()),
                pupil.name,
                verdict.status,
                verdict
                    .reason
                    .map(|reason| format!(" {reason}"))
                    .unwrap_or_default(),
                verdict
                    .raw
                    .as_deref()
                    .map(|raw| format!(" «{raw}»"))
                    .unwrap_or_default(),
                if marks.is_empty() {
                    String::new()
                } else {
                    format!(" [{}]", marks.join(" "))
                },
                journal.attendance.row_no[at],
                journal.attendance.col_no[at],
            )
        })
        .collect()
}

/// Findings as lines «code cell found».
pub fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            format!(
                "{} {} {}",
                finding.code,
                finding.cell.as_deref().unwrap_or("-"),
                finding.found
            )
        })
        .collect()
}

pub fn codes(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

pub fn statuses(journal: &Journal) -> Vec<AttendanceStatus> {
    journal
        .attendance
        .verdict
        .iter()
        .map(|verdict| journal.verdicts[*verdict as usize].status)
        .collect()
}
