//! Small settings structs, one per concern.

use crate::export::Engine;

/// How much a file may unpack to before it counts as hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file read, bytes.
    pub file_bytes: u64,
    /// Entries in a zip directory.
    pub zip_entries: usize,
    /// Unpacked size of one part of a workbook, bytes.
    pub part_bytes: u64,
    /// Unpacked size of all parts, bytes.
    pub total_bytes: u64,
    /// Unpacked size divided by packed size, for parts above one megabyte.
    pub ratio: u64,
    /// Longest text of one cell or field, bytes.
    pub cell_bytes: usize,
    /// Columns of a sheet or a text file.
    pub columns: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 4 << 30,
            zip_entries: 4_000,
            part_bytes: 384 << 20,
            total_bytes: 512 << 20,
            ratio: 200,
            cell_bytes: 1 << 20,
            columns: 16_384,
        }
    }
}

/// What reading needs to know besides the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// None: the content decides.
    pub engine: Option<Engine>,
    pub limits: Limits,
}

/// What a whole run needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestOptions {
    pub read: ReadOptions,
    /// Institution to use where a file does not name one: its number or a title it is known by.
    pub organisation: Option<String>,
    /// Export moment to use where a file does not tell one, µs UTC.
    pub exported_at: Option<i64>,
    /// Reads, detects and reports; commits nothing.
    pub dry_run: bool,
}
