//! L2: invents municipalities, writes their journal exports and the truth behind them.
//!
//! Owns: people, groups, timetables, lessons and attendance of a municipality that never was
//! ([`world`]); the exports as five engines write them (`exports/<institution>/…`); what is true
//! of them ([`Truth`], `truth/*.csv`); on request the mess of real files ([`Fault`]).
//! Must not know: the lake, readers of exports, the clock. Nothing here reads an export back.
//! Deterministic: the same options give the same bytes, whatever the number of processors.
//! When a layout changes here: `ingest` reads it, `tests/sample.rs` pins it, and `sample_data/`
//! is written anew with the command in its README.

mod assemble;
mod bulk;
mod circles;
mod csv;
mod dice;
mod dnevnik;
mod exports;
mod faults;
mod long;
mod people;
mod presence;
mod reference;
mod school;
mod tables;
mod teaching;
mod temper;
mod terms;
mod titles;
mod truth;
mod truth_files;
mod workbook;
pub mod world;
mod xlsx;

pub use bulk::Bulk;
pub use faults::Fault;
pub use truth::{CourseMonth, Figures, GroupMonth, OrganisationDay, TeacherMonth, Truth};

use crate::assemble::Recipe;
use crate::dice::Dice;
use crate::reference::OrganisationRow;
use crate::terms::Span;
use crate::world::{Act, Institution};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use svodka_journal::Day;

/// What to invent.
#[derive(Debug, Clone)]
pub struct Options {
    /// Number of institutions; every fifth is of the same kind.
    pub institutions: usize,
    /// Pupils of each institution over the whole span.
    pub pupils: usize,
    /// First and last day of lessons that are exported.
    pub from: Day,
    pub to: Day,
    pub seed: u64,
    /// Inject the mess of real files.
    pub faults: bool,
    /// Day and minute of the export, in minutes since 1970-01-01 local time; what was recorded
    /// later is missing. `None`: 06:12 of the day after `to`.
    pub exported_at: Option<i64>,
    /// Long CSV files of ordinary classes only: the load of the benchmark.
    pub bulk: Option<Bulk>,
    /// Write every lesson and attendance row of the truth too; never in bulk.
    pub row_truth: bool,
}

impl Default for Options {
    /// The demo: five institutions of 250 pupils, September to December 2025.
    fn default() -> Options {
        Options {
            institutions: 5,
            pupils: 250,
            from: Day::from_civil(2025, 9, 1).unwrap_or(Day(0)),
            to: Day::from_civil(2025, 12, 31).unwrap_or(Day(0)),
            seed: 1,
            faults: false,
            exported_at: None,
            bulk: None,
            row_truth: true,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error("{what} is {found}; expected {expected}")]
    Option {
        what: &'static str,
        found: String,
        expected: String,
    },
    #[error("{path} is not empty; choose an empty folder or remove it first")]
    NotEmpty { path: PathBuf },
    #[error("cannot write {path}: {source}")]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot write a bundle: {0}")]
    Json(#[from] serde_json::Error),
}

impl Options {
    fn check(&self) -> Result<(), SampleError> {
        let wrong = |what, found: String, expected: &str| {
            Err(SampleError::Option {
                what,
                found,
                expected: expected.to_owned(),
            })
        };
        let most = people::Registry::LIMIT / 2;
        if !(1..=1000).contains(&self.institutions) {
            return wrong("--institutions", self.institutions.to_string(), "1 to 1000");
        }
        if !(1..=most).contains(&self.pupils) {
            return wrong("--pupils", self.pupils.to_string(), &format!("1 to {most}"));
        }
        if self.to < self.from {
            let expected = format!("{} or later", self.from);
            return wrong("--to", self.to.to_string(), &expected);
        }
        if self.to.0 - self.from.0 > 11 * 366 {
            let expected = "at most 11 years after --from".to_owned();
            return wrong("--to", self.to.to_string(), &expected);
        }
        Ok(())
    }

    fn recipe(&self, number: usize) -> Recipe {
        // In bulk all are schools with classes, of the acts A to C.
        let kinds = if self.bulk.is_some() {
            3
        } else {
            Act::ALL.len()
        };
        Recipe {
            number,
            act: Act::ALL[number % kinds],
            round: number / kinds,
            pupil_count: self.pupils,
            span: self.span(),
            exported_at: self
                .exported_at
                .unwrap_or((i64::from(self.to.0) + 1) * 1440 + 6 * 60 + 12),
            seed: self.seed,
            is_bulk: self.bulk.is_some(),
        }
    }

    const fn span(&self) -> Span {
        Span {
            from: self.from,
            to: self.to,
        }
    }
}

/// Invents one institution without writing anything, for tests that need the rows themselves.
pub fn invent(options: &Options, number: usize) -> Result<Institution, SampleError> {
    options.check()?;
    let mut institution = assemble::build(&options.recipe(number));
    if options.faults && options.bulk.is_none() && !institution.lessons.is_empty() {
        let mut dice = Dice::new(options.seed).fork(0x6661_756c_7400 + number as u64);
        faults::spoil_cells(&mut institution, &mut dice);
    }
    Ok(institution)
}

/// Writes `out/exports/…` and `out/truth/…`; calls `progress` with the title of each institution
/// that is done.
pub fn write(
    options: &Options,
    out: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Truth, SampleError> {
    options.check()?;
    let (exports, truth_folder) = (out.join("exports"), out.join("truth"));
    for folder in [&exports, &truth_folder] {
        create_empty(folder)?;
    }
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut done: Vec<Option<(OrganisationRow, Truth)>> = vec![None; options.institutions];
    std::thread::scope(|scope| -> Result<(), SampleError> {
        for _ in 0..workers.min(options.institutions) {
            let (sender, next, exports, truth_folder) =
                (sender.clone(), &next, &exports, &truth_folder);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= options.institutions {
                        break;
                    }
                    let result = write_institution(options, number, exports, truth_folder);
                    // Nobody listens any more once an institution has failed.
                    if sender.send((number, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (number, result) in receiver {
            let (row, truth) = result?;
            progress(&row.short_title);
            done[number] = Some((row, truth));
        }
        Ok(())
    })?;
    let mut truth = Truth::default();
    let mut rows = Vec::new();
    for (row, part) in done.into_iter().flatten() {
        rows.push(row);
        truth.append(part);
    }
    truth.faults.sort();
    let list = reference::organisations(rows.iter(), options.recipe(0).exported_at);
    write_file(&exports.join("organisations.csv"), list.as_bytes())?;
    truth_files::write_sums(&truth, &truth_folder).map_err(|source| SampleError::Write {
        path: truth_folder,
        source,
    })?;
    Ok(truth)
}

fn write_institution(
    options: &Options,
    number: usize,
    exports: &Path,
    truth_folder: &Path,
) -> Result<(OrganisationRow, Truth), SampleError> {
    let institution = invent(options, number)?;
    let mut truth = Truth::of(&institution);
    let folder = exports.join(&institution.short_title);
    std::fs::create_dir_all(&folder).map_err(|source| SampleError::Write {
        path: folder.clone(),
        source,
    })?;
    match options.bulk {
        Some(bulk) => {
            write_file(
                &folder.join("КТП.csv"),
                reference::plan(&institution).text.as_bytes(),
            )?;
            for (name, csv) in reference::loads(&institution) {
                write_file(&folder.join(name), csv.text.as_bytes())?;
            }
            bulk::write(&institution, bulk, &folder).map_err(|source| SampleError::Write {
                path: folder,
                source,
            })?;
        }
        None => {
            truth.faults = exports::write(&institution, options.span(), &folder, options.faults)?;
            if options.row_truth {
                truth_files::write_rows(&institution, truth_folder).map_err(|source| {
                    SampleError::Write {
                        path: truth_folder.to_owned(),
                        source,
                    }
                })?;
            }
        }
    }
    Ok((OrganisationRow::of(&institution), truth))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), SampleError> {
    std::fs::write(path, bytes).map_err(|source| SampleError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Makes the folder; one that holds something is refused, lest old exports mix with new ones.
fn create_empty(folder: &Path) -> Result<(), SampleError> {
    let failed = |source| SampleError::Write {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    match std::fs::read_dir(folder).map_err(failed)?.next() {
        Some(_) => Err(SampleError::NotEmpty {
            path: folder.to_owned(),
        }),
        None => Ok(()),
    }
}
