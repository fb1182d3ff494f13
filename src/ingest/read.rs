//! From bytes to an [`Export`]: the content decides which engine reads a file, never its name.

use crate::container::{Container, Refused};
use crate::encoding::{TextEncoding, decode, detect};
use crate::export::Export;
use crate::long::{RowOptions, Streamed, TextFault};
use crate::notes::{Notes, Place};
use crate::options::ReadOptions;
use crate::workbook::Workbook;
use crate::{dnevnik, long, school_workbook};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::UNIX_EPOCH;
use svodka_journal::{Finding, Severity};

/// What is known of a file before it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    /// Name without folders.
    pub file_name: String,
    /// Lower-case hexadecimal digest; empty when the file could not be read from disk.
    pub sha256: String,
    pub bytes: u64,
    /// When the file was last written, µs UTC.
    pub modified_at: Option<i64>,
}

/// A file, read: data and diagnostics.
#[derive(Debug, Clone)]
pub struct ReadOutcome {
    pub stamp: FileStamp,
    /// None: nothing could be read, the findings say why.
    pub export: Option<Export>,
    pub findings: Vec<Finding>,
}

/// Reads a file from disk.
#[must_use]
pub fn read(path: &Path, options: &ReadOptions) -> ReadOutcome {
    let mut stamp = FileStamp {
        file_name: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        sha256: String::new(),
        bytes: 0,
        modified_at: None,
    };
    let mut notes = Notes::new();
    if let Ok(metadata) = std::fs::metadata(path) {
        stamp.bytes = metadata.len();
        stamp.modified_at = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map(|since| since.as_micros() as i64);
        if metadata.len() > options.limits.file_bytes {
            notes.add(
                Severity::Error,
                "file-too-large",
                Place::File,
                format!("{} МБ", metadata.len() >> 20),
                format!("не больше {} МБ", options.limits.file_bytes >> 20),
                "Разделите выгрузку на части или поднимите предел в настройках.",
            );
            return ReadOutcome {
                stamp,
                export: None,
                findings: notes.finish(&[]),
            };
        }
    }
    if let Some(read) = read_in_blocks(path, &mut stamp, options) {
        return read;
    }
    match std::fs::read(path) {
        Ok(bytes) => {
            let (sha256, (export, findings)) = std::thread::scope(|scope| {
                let digest = scope.spawn(|| digest_of(&bytes));
                let read = read_content(&stamp.file_name, &bytes, options);
                // The digest of bytes in memory cannot fail.
                (digest.join().unwrap_or_default(), read)
            });
            stamp.sha256 = sha256;
            stamp.bytes = bytes.len() as u64;
            ReadOutcome {
                stamp,
                export,
                findings,
            }
        }
        Err(error) => {
            notes.add(
                Severity::Error,
                "unreadable-file",
                Place::File,
                format!("файл не читается с диска: {}", error.kind()),
                "файл, доступный для чтения",
                "Проверьте, что файл на месте и доступен.",
            );
            ReadOutcome {
                stamp,
                export: None,
                findings: notes.finish(&[]),
            }
        }
    }
}

/// Reads a large journal in blocks; none where the file must be read as a whole.
fn read_in_blocks(
    path: &Path,
    stamp: &mut FileStamp,
    options: &ReadOptions,
) -> Option<ReadOutcome> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut notes = Notes::new();
    let read = catch_unwind(AssertUnwindSafe(|| {
        long::read_stream(&mut file, &stamp.file_name, &mut notes)
    }));
    let Ok(Ok(Streamed {
        export,
        sha256,
        bytes,
    })) = read
    else {
        // Whatever went wrong is met again, and told, when the file is read as a whole.
        return None;
    };
    if options.engine.is_some_and(|engine| engine != export.engine) {
        return None;
    }
    stamp.sha256 = hexadecimal(&sha256);
    stamp.bytes = bytes;
    note_extension(&stamp.file_name, Shape::Text, &mut notes);
    let findings = notes.finish(&export.sheets);
    Some(ReadOutcome {
        stamp: stamp.clone(),
        export: Some(export),
        findings,
    })
}

/// Reads a file that is in memory already.
#[must_use]
pub fn read_bytes(file_name: &str, bytes: &[u8], options: &ReadOptions) -> ReadOutcome {
    let stamp = FileStamp {
        file_name: file_name.to_owned(),
        sha256: digest_of(bytes),
        bytes: bytes.len() as u64,
        modified_at: None,
    };
    let (export, findings) = read_content(file_name, bytes, options);
    ReadOutcome {
        stamp,
        export,
        findings,
    }
}

fn digest_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads the content; a crash of a reader becomes a finding.
fn read_content(
    file_name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> (Option<Export>, Vec<Finding>) {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut notes = Notes::new();
        let export = recognise(file_name, bytes, options, &mut notes).ok();
        let sheets = export
            .as_ref()
            .map(|export| export.sheets.clone())
            .unwrap_or_default();
        (export, notes.finish(&sheets))
    }));
    caught.unwrap_or_else(|_| {
        let mut notes = Notes::new();
        notes.add(
            Severity::Error,
            "reader-failed",
            Place::File,
            "сбой при чтении файла",
            "файл выгрузки",
            "Файл не загружен, данные не изменены. Пришлите этот файл разработчикам.",
        );
        (None, notes.finish(&[]))
    })
}

/// What the first bytes say a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Empty,
    Zip,
    /// Old binary workbooks and encrypted new ones.
    Ole,
    Json,
    Html,
    Foreign(&'static str),
    Text,
}

fn shape_of(bytes: &[u8]) -> Shape {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    if start.is_empty() {
        return Shape::Empty;
    }
    let lower: Vec<u8> = start.iter().take(15).map(u8::to_ascii_lowercase).collect();
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Shape::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Shape::Ole,
        [b'%', b'P', b'D', b'F', ..] => Shape::Foreign("документ PDF"),
        [b'P', b'A', b'R', b'1', ..] => Shape::Foreign("файл Parquet"),
        [0x1f, 0x8b, ..] => Shape::Foreign("сжатый файл gzip"),
        [b'R', b'a', b'r', b'!', ..] => Shape::Foreign("архив RAR"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Shape::Foreign("архив 7-Zip"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Shape::Foreign("картинка"),
        _ if matches!(start.first(), Some(b'{' | b'[')) => Shape::Json,
        _ if lower.starts_with(b"<!doctype")
            || lower.starts_with(b"<html")
            || lower.starts_with(b"<table") =>
        {
            Shape::Html
        }
        _ => Shape::Text,
    }
}

fn refuse(
    notes: &mut Notes,
    code: &'static str,
    found: &str,
    expected: &str,
    hint: &str,
) -> Refused {
    notes.add(Severity::Error, code, Place::File, found, expected, hint);
    Refused
}

const EXPECTED_FILE: &str = "выгрузка журнала: книга .xlsx, таблица .csv или JSON Дневник.ру";

fn recognise(
    file_name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    notes: &mut Notes,
) -> Result<Export, Refused> {
    let shape = shape_of(bytes);
    let export = match shape {
        Shape::Empty => {
            return Err(refuse(
                notes,
                "empty-file",
                "пустой файл",
                EXPECTED_FILE,
                "Выгрузите журнал ещё раз.",
            ));
        }
        Shape::Zip => read_zip(bytes, options, notes)?,
        Shape::Ole => {
            return Err(if has_encrypted_package(bytes) {
                refuse(
                    notes,
                    "encrypted-file",
                    "файл защищён паролем",
                    "файл без пароля",
                    "Откройте файл в Excel, снимите пароль и сохраните снова.",
                )
            } else {
                refuse(
                    notes,
                    "old-workbook",
                    "книга старого вида (.xls)",
                    "книга .xlsx",
                    "Откройте файл в Excel или LibreOffice и сохраните как «Книга Excel (.xlsx)».",
                )
            });
        }
        Shape::Json => read_json(file_name, bytes, notes)?,
        Shape::Html => {
            return Err(refuse(
                notes,
                "format-not-supported",
                "веб-страница",
                EXPECTED_FILE,
                "Откройте файл в Excel или LibreOffice и сохраните как «Книга Excel (.xlsx)».",
            ));
        }
        Shape::Foreign(what) => {
            return Err(refuse(
                notes,
                "format-not-supported",
                what,
                EXPECTED_FILE,
                "Выгрузите журнал в одном из этих видов.",
            ));
        }
        Shape::Text => read_plain(file_name, bytes, notes)?,
    };
    note_extension(file_name, shape, notes);
    if let Some(engine) = options.engine
        && engine != export.engine
    {
        return Err(refuse(
            notes,
            "engine-differs",
            export.engine.as_str(),
            engine.as_str(),
            "Содержимое файла другого вида, чем указано. Уберите --engine или укажите верный.",
        ));
    }
    Ok(export)
}

/// Tells of a name that promises something else than the content.
fn note_extension(file_name: &str, shape: Shape, notes: &mut Notes) {
    let Some((_, extension)) = file_name.rsplit_once('.') else {
        return;
    };
    let extension = extension.to_lowercase();
    let (fits, what): (&[&str], &str) = match shape {
        Shape::Zip => (&["xlsx", "xlsm", "xltx"], "книга .xlsx"),
        Shape::Json => (&["json"], "JSON"),
        Shape::Text => (&["csv", "txt", "tsv", "tab"], "текстовая таблица .csv"),
        Shape::Empty | Shape::Ole | Shape::Html | Shape::Foreign(_) => return,
    };
    if !fits.contains(&extension.as_str()) {
        notes.add(
            Severity::Info,
            "wrong-extension",
            Place::File,
            format!("имя на .{}", extension.chars().take(12).collect::<String>()),
            format!("внутри {what}"),
            "Файл прочитан по содержимому. Переименуйте его, чтобы не путать.",
        );
    }
}

/// Encrypted workbooks are OLE containers with a stream of that name.
fn has_encrypted_package(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage"
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    memchr::memmem::find(bytes, &name).is_some()
}

fn read_zip(bytes: &[u8], options: &ReadOptions, notes: &mut Notes) -> Result<Export, Refused> {
    let container = Container::open(bytes, &options.limits, notes)?;
    if !container.has("xl/workbook.xml") {
        let (found, hint) = if container.has("content.xml") {
            (
                "книга LibreOffice (.ods)",
                "Откройте файл и сохраните как «Книга Excel (.xlsx)».",
            )
        } else if container.has("xl/workbook.bin") {
            (
                "двоичная книга (.xlsb)",
                "Откройте файл и сохраните как «Книга Excel (.xlsx)».",
            )
        } else {
            ("архив zip", "Распакуйте архив и загрузите файлы из него.")
        };
        return Err(refuse(
            notes,
            "format-not-supported",
            found,
            EXPECTED_FILE,
            hint,
        ));
    }
    let mut workbook = Workbook::open(container, &options.limits, notes)?;
    let titles = workbook.titles();
    if school_workbook::recognise(&mut workbook, notes)? {
        return school_workbook::read(&mut workbook, &titles, notes);
    }
    match long::read_workbook(&mut workbook, &titles, &RowOptions::default(), notes)? {
        Some(export) => Ok(export),
        None => Err(unknown_table(notes)),
    }
}

fn unknown_table(notes: &mut Notes) -> Refused {
    refuse(
        notes,
        "not-recognised",
        "таблица без известного заголовка",
        "строка заголовка со столбцами «Группа», «Дата», «Обучающийся», «Отметка» или отчёт об успеваемости и посещаемости",
        "Проверьте, тот ли это файл, и назовите столбцы как в образце выгрузки.",
    )
}

fn read_json(file_name: &str, bytes: &[u8], notes: &mut Notes) -> Result<Export, Refused> {
    if !dnevnik::recognise(bytes) {
        return Err(refuse(
            notes,
            "not-recognised",
            "JSON другого вида",
            "выгрузка Дневник.ру с массивами lessons, lessonLogEntries, persons",
            "Проверьте, тот ли это файл.",
        ));
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(plain) {
        Ok(text) => dnevnik::read(text, file_name, notes),
        Err(_) => Err(refuse(
            notes,
            "unreadable-file",
            "текст не в UTF-8",
            "JSON в UTF-8",
            "Выгрузите файл ещё раз.",
        )),
    }
}

fn read_plain(file_name: &str, bytes: &[u8], notes: &mut Notes) -> Result<Export, Refused> {
    let Some(encoding) = detect(bytes) else {
        return Err(refuse(
            notes,
            "not-recognised",
            "двоичный файл",
            EXPECTED_FILE,
            "Проверьте, тот ли это файл.",
        ));
    };
    let text = decode(bytes, encoding);
    // UTF-16 hides what the first bytes are.
    if matches!(shape_of(&text), Shape::Json) {
        return match String::from_utf8(text.into_owned()) {
            Ok(text) if dnevnik::recognise(text.as_bytes()) => {
                dnevnik::read(&text, file_name, notes)
            }
            Ok(_) | Err(_) => Err(unknown_table(notes)),
        };
    }
    let options = RowOptions::default();
    let mut own = Notes::new();
    match long::read_text(&text, file_name, &options, &mut own) {
        Err(TextFault::NotUtf8) if encoding == TextEncoding::Utf8 => {
            // The beginning was UTF-8 by chance, for example all Latin.
            own = Notes::new();
            let text = decode(bytes, TextEncoding::Windows1251);
            let read = long::read_text(&text, file_name, &options, &mut own);
            notes.absorb(own, 0);
            read.map_err(|fault| text_fault(fault, notes))
        }
        read => {
            notes.absorb(own, 0);
            read.map_err(|fault| text_fault(fault, notes))
        }
    }
}

fn text_fault(fault: TextFault, notes: &mut Notes) -> Refused {
    match fault {
        TextFault::Refused => Refused,
        TextFault::NoHeader | TextFault::NotUtf8 => unknown_table(notes),
    }
}
