//! The mess of real exports, injected on purpose and written down.
//!
//! Every fault stands in one place of one file, so that a test can demand its finding exactly
//! once. A fault never changes what a correct reader learns, but for unknown codes: such a pupil
//! is unrecorded in the truth too.

use crate::dice::Dice;
use crate::world::{Act, Cell, Institution};
use svodka_journal::{AbsenceReason, AttendanceStatus};

/// One injected fault and the finding that it must lead to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path below `exports`.
    pub file: String,
    pub sheet: Option<String>,
    /// `AX21`, `строка 214, столбец 7`, `строка 214`; none for the whole file.
    pub cell: Option<String>,
    /// Code of the finding.
    pub code: &'static str,
}

/// Spells some cells wrong: a code that no engine knows and a Latin twin of a Cyrillic letter.
///
/// Returns the places of the two cells, where there is room for them.
pub fn spoil_cells(institution: &mut Institution, dice: &mut Dice) {
    let unknown = match institution.act {
        Act::A => "ж",
        Act::B => "Ъ",
        Act::C => "Remote",
        Act::D => "зд",
        Act::E => "ю",
    };
    let is_plain =
        |cell: &Cell| cell.status == AttendanceStatus::Present && cell.marks().next().is_none();
    if let Some(at) = find(institution, dice, is_plain) {
        institution.cells[at].status = AttendanceStatus::Unrecorded;
        institution.replaced.insert(at as u32, unknown);
    }
    let has_twin = |cell: &Cell| match institution.act {
        // «Н» alone has the twin H; ids of statuses in JSON are Latin anyway.
        Act::B => cell.reason == Some(AbsenceReason::Unexcused) && cell.marks().next().is_none(),
        Act::D => cell.status == AttendanceStatus::Absent,
        Act::A | Act::C | Act::E => false,
    };
    if let Some(at) = find(institution, dice, has_twin) {
        institution.replaced.insert(at as u32, "H");
    }
}

/// A cell of a recorded lesson with absences, somewhere after the first days.
fn find(
    institution: &Institution,
    dice: &mut Dice,
    is_wanted: impl Fn(&Cell) -> bool,
) -> Option<usize> {
    let count = institution.lessons.len();
    let start = dice.below(count / 2);
    (0..count)
        .map(|step| &institution.lessons[(start + step) % count])
        .find_map(|lesson| {
            let cells = institution.cells_of(lesson);
            let absences = cells
                .iter()
                .filter(|cell| cell.status == AttendanceStatus::Absent)
                .count();
            let has_others = lesson.recorded_at.is_some() && absences >= 2;
            let at = cells.iter().position(&is_wanted).filter(|_| has_others)?;
            Some(lesson.first_cell as usize + at)
        })
}
