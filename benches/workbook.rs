//! Cells per second of a workbook: our reader, from bytes to rows with findings and source cells,
//! beside calamine, which only reads the cells. Interleaved, one core.
//!
//! `cargo bench --bench workbook -- FILE.xlsx`; without a file, a class of the checked-in sample.

use calamine::{Reader as _, Xlsx};
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use svodka_ingest::{ReadOptions, read_bytes};

const ROUNDS: usize = 15;

fn calamine_cells(bytes: &[u8]) -> usize {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let names = workbook.sheet_names();
    let mut cells = 0;
    for name in names {
        let mut reader = workbook.worksheet_cells_reader(&name).expect("a sheet");
        while reader.next_cell().expect("a cell").is_some() {
            cells += 1;
        }
    }
    cells
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn main() {
    let given = std::env::args()
        .skip(1)
        .find(|argument| argument.ends_with(".xlsx"));
    let path = given.map_or_else(
        || {
            let folder =
                PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample_data/exports/Школа № 7");
            let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
                .expect("the checked-in sample")
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|end| end == "xlsx"))
                .collect();
            files.sort();
            files.remove(0)
        },
        PathBuf::from,
    );
    let bytes = std::fs::read(&path).expect("the file");
    let cells = calamine_cells(&bytes);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let outcome = read_bytes("bench.xlsx", &bytes, &ReadOptions::default());
        ours.push(started.elapsed());
        assert!(outcome.export.is_some(), "the workbook was not read");
        let started = Instant::now();
        assert_eq!(calamine_cells(&bytes), cells);
        theirs.push(started.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "{cells} cells: svodka {:.2} M cells/s, calamine reading alone {:.2} M cells/s, ratio {:.2}",
        cells as f64 / ours / 1e6,
        cells as f64 / theirs / 1e6,
        theirs / ours
    );
}
