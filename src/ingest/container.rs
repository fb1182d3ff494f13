//! Opens a zip container only after its directory was judged: entries, sizes, ratio, overlaps.

use crate::notes::{Notes, Place};
use crate::options::Limits;
use std::io::{Cursor, Read};
use svodka_journal::Severity;
use zip::ZipArchive;

/// A zip file whose directory is within the limits.
pub(crate) struct Container<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: Limits,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl std::fmt::Debug for Container<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container")
            .field("entries", &self.archive.len())
            .finish_non_exhaustive()
    }
}

/// The file is not read; the finding is already noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

impl<'a> Container<'a> {
    /// Judges the directory of the zip file.
    pub fn open(
        bytes: &'a [u8],
        limits: &Limits,
        notes: &mut Notes,
    ) -> Result<Container<'a>, Refused> {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            notes.add(
                Severity::Error,
                "unreadable-file",
                Place::File,
                format!(
                    "начало архива zip, {} байт, оглавления архива нет",
                    bytes.len()
                ),
                "файл целиком",
                "Файл скачан или скопирован не до конца. Выгрузите его из журнала ещё раз.",
            );
            return Err(Refused);
        };
        if archive.len() > limits.zip_entries {
            refuse_bomb(
                notes,
                format!("{} файлов внутри", archive.len()),
                format!("не больше {}", limits.zip_entries),
            );
            return Err(Refused);
        }
        let mut total = 0u64;
        for index in 0..archive.len() {
            let Ok(entry) = archive.by_index_raw(index) else {
                continue;
            };
            let (size, packed) = (entry.size(), entry.compressed_size());
            total = total.saturating_add(size);
            if size > limits.part_bytes {
                refuse_bomb(
                    notes,
                    format!("часть файла распакуется до {}", megabytes(size)),
                    format!("не больше {}", megabytes(limits.part_bytes)),
                );
                return Err(Refused);
            }
            if size > 1 << 20 && size / packed.max(1) > limits.ratio {
                refuse_bomb(
                    notes,
                    format!("часть файла сжата в {} раз", size / packed.max(1)),
                    format!("не больше чем в {} раз", limits.ratio),
                );
                return Err(Refused);
            }
        }
        if total > limits.total_bytes {
            refuse_bomb(
                notes,
                format!("файл распакуется до {}", megabytes(total)),
                format!("не больше {}", megabytes(limits.total_bytes)),
            );
            return Err(Refused);
        }
        if archive.has_overlapping_files().unwrap_or(true) {
            refuse_bomb(
                notes,
                "части архива лежат одна поверх другой".to_owned(),
                "каждая часть на своём месте".to_owned(),
            );
            return Err(Refused);
        }
        Ok(Container {
            archive,
            limits: *limits,
            left: limits.total_bytes,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Unpacks one part; sizes written in the directory are not trusted.
    pub fn part(&mut self, name: &str, notes: &mut Notes) -> Result<Option<Vec<u8>>, Refused> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let allowed = self.limits.part_bytes.min(self.left);
        let entry = match self.archive.by_index(index) {
            Ok(entry) => entry,
            Err(_) => {
                damaged(notes, name);
                return Err(Refused);
            }
        };
        let mut bytes = Vec::with_capacity(entry.size().min(allowed) as usize);
        if entry.take(allowed + 1).read_to_end(&mut bytes).is_err() {
            damaged(notes, name);
            return Err(Refused);
        }
        if bytes.len() as u64 > allowed {
            refuse_bomb(
                notes,
                format!(
                    "часть файла распаковывается больше чем до {}",
                    megabytes(allowed)
                ),
                "размер, записанный в оглавлении".to_owned(),
            );
            return Err(Refused);
        }
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} МБ", bytes >> 20)
}

fn refuse_bomb(notes: &mut Notes, found: String, expected: String) {
    notes.add(
        Severity::Error,
        "file-too-large-inside",
        Place::File,
        found,
        expected,
        "Такой файл может занять всю память. Если это настоящая выгрузка, разделите её на части или поднимите предел в настройках.",
    );
}

fn damaged(notes: &mut Notes, part: &str) {
    notes.add(
        Severity::Error,
        "unreadable-file",
        Place::File,
        format!("часть {part} не распаковывается"),
        "целый файл",
        "Файл повреждён или защищён паролем. Выгрузите его из журнала ещё раз.",
    );
}
