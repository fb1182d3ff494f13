//! Which school years a file speaks of, and lessons that fall outside.

use crate::export::Lesson;
use rustc_hash::FxHashMap;
use svodka_journal::Day;

/// A second school year counts as meant when it holds at least this share of the lessons.
const SHARE_OF_SECOND_YEAR: usize = 10;

/// School years that the lessons of a file belong to: the one the file names, else the one most
/// lessons lie in and every other with at least a tenth of them.
pub(crate) fn accepted_years(stated: Option<i32>, lessons: &[Lesson]) -> Vec<i32> {
    if let Some(year) = stated {
        return vec![year];
    }
    let mut counts: FxHashMap<i32, usize> = FxHashMap::default();
    for lesson in lessons {
        *counts.entry(lesson.held_on.school_year()).or_insert(0) += 1;
    }
    let Some(most) = counts.values().copied().max() else {
        return Vec::new();
    };
    let mut years: Vec<i32> = counts
        .into_iter()
        .filter(|entry| entry.1 == most || entry.1 * SHARE_OF_SECOND_YEAR >= lessons.len())
        .map(|entry| entry.0)
        .collect();
    years.sort_unstable();
    years
}

/// The school year as people write it.
pub(crate) fn year_title(year: i32) -> String {
    format!("{year}/{}", year + 1)
}

/// The day as people write it.
pub(crate) fn day_title(day: Day) -> String {
    let (year, month, date) = day.civil();
    format!("{date:02}.{month:02}.{year}")
}
