//! Which files to read, and in which order.

use std::path::{Path, PathBuf};

/// Endings of files that are looked at inside a folder. A file named by itself is always read.
const ENDINGS: &[&str] = &["xlsx", "xlsm", "xls", "csv", "txt", "tsv", "json"];

/// Files under the paths, folders walked: reference tables before journals, then by name. The
/// result of loading does not depend on this order; fewer placeholders are made with it.
#[must_use]
pub fn find_files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            walk(path, &mut found);
            found.sort_by(|one, two| (rank(one), one).cmp(&(rank(two), two)));
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    files
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with(['.', '~']);
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if is_hidden || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            // What the generator knows of its own exports is not an export.
            if entry.file_name() != "truth" {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|ending| {
            ENDINGS.contains(&ending.to_string_lossy().to_lowercase().as_str())
        }) {
            files.push(path);
        }
    }
}

/// Reference tables first, judged by the words people put into file names.
fn rank(path: &Path) -> u8 {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["organisation", "учрежден", "организац"]) {
        0
    } else if has(&["тарификац", "нагрузк", "staff", "load"]) {
        1
    } else if has(&["движен", "movement", "enrolment"]) {
        2
    } else if has(&["ктп", "план", "plan"]) {
        3
    } else if has(&["занят", "lesson"]) {
        4
    } else {
        5
    }
}
