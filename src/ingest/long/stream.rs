//! A large journal as delimited text, read from disk in blocks.
//!
//! One thread reads blocks, cuts them at line ends and takes the digest; two others take turns at
//! reading the records. Buffers are used again, so that memory does not grow with the file and the
//! kernel does not clear pages for every byte of it.

use super::attendance::{JournalRows, NotUtf8};
use super::header::{self, HeaderSearch, Preamble};
use super::text::first_lines;
use crate::columns::Kind;
use crate::delimited::count_lines;
use crate::export::{Content, Engine, Export};
use crate::notes::{Notes, Place};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes of a block; a line longer than this is no line of a journal.
const BLOCK: usize = 4 << 20;

/// Threads that take records apart.
const WORKERS: usize = 2;

/// Buffers under way.
const BUFFERS: usize = 6;

/// Whole lines of the file.
struct Block {
    bytes: Vec<u8>,
    /// Number of the first line.
    line: i32,
}

/// Why a file is not read in blocks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StreamFault {
    /// Too small, of another kind or encoding, or with lines too long: it is read as a whole.
    Whole,
}

impl From<io::Error> for StreamFault {
    /// Reading the file as a whole meets the same error and tells of it.
    fn from(_: io::Error) -> StreamFault {
        StreamFault::Whole
    }
}

/// What reading in blocks gave.
pub(crate) struct Streamed {
    pub export: Export,
    pub sha256: [u8; 32],
    pub bytes: u64,
}

/// Reads a journal in UTF-8 block by block.
pub(crate) fn read_stream(
    file: &mut File,
    title: &str,
    notes: &mut Notes,
) -> Result<Streamed, StreamFault> {
    let mut first = vec![0; BLOCK];
    let length = fill(file, &mut first, 0)?;
    if length < BLOCK {
        return Err(StreamFault::Whole);
    }
    if crate::encoding::detect(&first) != Some(crate::encoding::TextEncoding::Utf8) {
        return Err(StreamFault::Whole);
    }
    let mut digest = Sha256::new();
    digest.update(&first);
    let mark = if first.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let lines = first_lines(&first[mark..]);
    let HeaderSearch::Found {
        line,
        delimiter,
        header,
    } = header::find_header(&lines)
    else {
        return Err(StreamFault::Whole);
    };
    if !matches!(header.kind, Kind::Attendance | Kind::Lessons) {
        return Err(StreamFault::Whole);
    }
    let mut preamble = Preamble::default();
    for above in &lines[..line] {
        preamble.take_line(above.trim_end_matches(delimiter as char));
    }
    let Some(header_end) = memchr::memchr_iter(b'\n', &first[mark..]).nth(line) else {
        return Err(StreamFault::Whole);
    };
    let start = mark + header_end + 1;

    let mut own = Notes::new();
    header::note_columns(&header, &mut own, |column| Place::Line {
        row: line as i32 + 1,
        column,
    });
    let (recycle, recycled) = sync_channel::<Vec<u8>>(BUFFERS);
    let read = std::thread::scope(|scope| {
        let mut senders = Vec::with_capacity(WORKERS);
        let mut workers = Vec::with_capacity(WORKERS);
        for _ in 0..WORKERS {
            let (sender, blocks) = sync_channel::<Block>(2);
            let recycle = recycle.clone();
            let (header, preamble) = (&header, &preamble);
            senders.push(sender);
            workers.push(scope.spawn(move || {
                work(
                    JournalRows::new(header, preamble),
                    &blocks,
                    &recycle,
                    delimiter,
                )
            }));
        }
        let bytes = deal(
            file,
            first,
            start,
            line as i32 + 2,
            &mut digest,
            &senders,
            &recycled,
        );
        drop(senders);
        let mut merged: Option<JournalRows> = None;
        let mut is_utf8 = true;
        for worker in workers {
            match worker.join() {
                Ok(Ok((rows, part_notes))) => {
                    own.absorb(part_notes, 0);
                    match &mut merged {
                        None => merged = Some(rows),
                        Some(merged) => merged.absorb(rows, 0),
                    }
                }
                Ok(Err(NotUtf8)) => is_utf8 = false,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match (bytes, merged) {
            (Ok(bytes), Some(merged)) if is_utf8 => Ok((bytes, merged)),
            (Err(fault), _) => Err(fault),
            _ => Err(StreamFault::Whole),
        }
    });
    let (bytes, rows) = read?;
    let journal = rows.finish(&preamble, &mut own, false);
    notes.absorb(own, 0);
    let export = Export {
        engine: Engine::Long,
        sheets: vec![title.to_owned()],
        exported_at: preamble.exported_at,
        content: Content::Journal(journal),
    };
    Ok(Streamed {
        export,
        sha256: digest.finalize().into(),
        bytes,
    })
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8], mut from: usize) -> io::Result<usize> {
    while from < buffer.len() {
        match file.read(&mut buffer[from..]) {
            Ok(0) => break,
            Ok(count) => from += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(from)
}

/// Reads the file and deals blocks of whole lines in turn; returns the size of the file.
fn deal(
    file: &mut File,
    first: Vec<u8>,
    start: usize,
    first_line: i32,
    digest: &mut Sha256,
    senders: &[SyncSender<Block>],
    recycled: &Receiver<Vec<u8>>,
) -> Result<u64, StreamFault> {
    let mut total = first.len() as u64;
    let mut line = first_line;
    let mut made = 1;
    let mut turn = 0;
    let mut block = first;
    let mut begin = start;
    loop {
        let is_last = block.len() < BLOCK;
        let Some(end) = (if is_last {
            Some(block.len())
        } else {
            last_line_end(&block, begin)
        }) else {
            return Err(StreamFault::Whole);
        };
        let mut next = if made < BUFFERS {
            made += 1;
            vec![0; BLOCK]
        } else {
            // Every buffer comes back, unless a worker gave up.
            match recycled.recv() {
                Ok(buffer) => buffer,
                Err(_) => return Err(StreamFault::Whole),
            }
        };
        next.resize(BLOCK, 0);
        let rest = block.len() - end;
        next[..rest].copy_from_slice(&block[end..]);
        let lines = count_lines(&block[begin..end]);
        block.truncate(end);
        block.drain(..begin);
        if senders[turn % senders.len()]
            .send(Block { bytes: block, line })
            .is_err()
        {
            return Err(StreamFault::Whole);
        }
        if is_last {
            return Ok(total);
        }
        line += lines;
        turn += 1;
        let length = fill(file, &mut next, rest)?;
        digest.update(&next[rest..length]);
        total += (length - rest) as u64;
        next.truncate(length);
        block = next;
        begin = 0;
    }
}

/// After the last line end of the block that does not lie inside quotes.
fn last_line_end(block: &[u8], begin: usize) -> Option<usize> {
    let lines = &block[begin..];
    // A block begins outside quotes: a line end is one where the quotes before it pair up.
    let quotes = memchr::memchr_iter(b'"', lines).count();
    let mut after = quotes;
    let mut end = lines.len();
    loop {
        let at = memchr::memrchr(b'\n', &lines[..end])?;
        after -= memchr::memchr_iter(b'"', &lines[at..end]).count();
        if after.is_multiple_of(2) {
            return Some(begin + at + 1);
        }
        end = at;
    }
}

/// Takes blocks apart until there are no more.
fn work(
    mut rows: JournalRows,
    blocks: &Receiver<Block>,
    recycle: &SyncSender<Vec<u8>>,
    delimiter: u8,
) -> Result<(JournalRows, Notes), NotUtf8> {
    let mut notes = Notes::new();
    let mut fault = None;
    for block in blocks {
        if fault.is_none() {
            fault = rows
                .read_part(&block.bytes, delimiter, block.line, &mut notes)
                .err();
        }
        // The reader may be done already and not want the buffer back.
        let _ = recycle.try_send(block.bytes);
    }
    match fault {
        None => Ok((rows, notes)),
        Some(fault) => Err(fault),
    }
}
