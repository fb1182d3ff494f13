//! Loading as it goes: a bar per file on a terminal, a line per file elsewhere.

use crate::output;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use svodka_ingest::{ImportStatus, Progress};

/// Shows progress on standard error.
pub enum Shown {
    Bars {
        all: MultiProgress,
        bars: Mutex<BTreeMap<String, ProgressBar>>,
    },
    Lines,
    Silent,
}

impl Shown {
    /// Bars on a terminal, lines elsewhere.
    #[must_use]
    pub fn new() -> Shown {
        if std::io::stderr().is_terminal() {
            Shown::Bars {
                all: MultiProgress::new(),
                bars: Mutex::default(),
            }
        } else {
            Shown::Lines
        }
    }
}

impl Progress for Shown {
    fn file_started(&self, file: &str, bytes: u64) {
        if let Shown::Bars { all, bars } = self {
            let style =
                ProgressStyle::with_template("{msg:32!} {bar:28} {bytes}/{total_bytes} {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = all.add(
                ProgressBar::new(bytes)
                    .with_style(style)
                    .with_message(file.to_owned()),
            );
            bar.tick();
            bars.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(file.to_owned(), bar);
        }
    }

    fn bytes_done(&self, file: &str, bytes: u64) {
        if let Shown::Bars { bars, .. } = self
            && let Some(bar) = bars
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(file)
        {
            bar.set_position(bytes);
        }
    }

    fn file_done(&self, file: &str, status: ImportStatus) {
        match self {
            Shown::Bars { bars, .. } => {
                if let Some(bar) = bars
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(file)
                {
                    bar.finish_and_clear();
                }
            }
            Shown::Lines => output::note(&format!("{}: {file}", status.as_str())),
            Shown::Silent => {}
        }
    }
}
