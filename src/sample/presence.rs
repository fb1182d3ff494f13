//! Who was there: illness, waves, weekdays, skipped lessons, lateness, marks.

use crate::assemble::Builder;
use crate::dice::Dice;
use crate::world::{Carries, Cell, Course, Pupil, Reasons};
use svodka_journal::{AbsenceReason, AttendanceStatus, Day, LessonStatus};

/// How much oftener lessons are skipped by weekday, Monday to Sunday, in eighths.
const WEEKDAY_EIGHTHS: [u32; 8] = [8, 10, 7, 7, 8, 10, 14, 8];

/// What a pupil does on a day, whatever the lesson.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Today {
    Here,
    Ill,
    Excused,
}

/// Fills the cells of every lesson that was held.
pub fn attend(builder: &mut Builder) {
    let carries = builder.institution.carries;
    let mut cells = std::mem::take(&mut builder.institution.cells);
    let mut lessons = std::mem::take(&mut builder.institution.lessons);
    let institution = &builder.institution;
    let mut dice = builder.dice.fork(0x6365_6c6c_0000_0000);
    let mut roster: Vec<(u32, Today)> = Vec::new();
    let mut roster_of: Option<(u32, Day)> = None;
    let mut last_no = 0;
    for lesson in &mut lessons {
        lesson.first_cell = cells.len() as u32;
        lesson.last_cell = lesson.first_cell;
        if lesson.status == LessonStatus::Cancelled {
            continue;
        }
        let is_first = roster_of != Some((lesson.group, lesson.day));
        if is_first {
            roster_of = Some((lesson.group, lesson.day));
            last_no = lesson.lesson_no;
            roster.clear();
            let group = &institution.groups[lesson.group as usize];
            roster.extend(
                group
                    .stays
                    .iter()
                    .filter(|stay| {
                        stay.from <= lesson.day && stay.to.is_none_or(|to| lesson.day <= to)
                    })
                    .map(|stay| {
                        (
                            stay.pupil,
                            today(&institution.pupils[stay.pupil as usize], lesson.day),
                        )
                    }),
            );
        }
        let course = &institution.courses[lesson.course as usize];
        let is_test = carries.has_marks && dice.chance(1200);
        for &(pupil, today) in &roster {
            if course
                .subgroup
                .is_some_and(|part| pupil % 2 != u32::from(part))
            {
                continue;
            }
            let who = &institution.pupils[pupil as usize];
            let mut cell = Cell {
                pupil,
                status: AttendanceStatus::Unrecorded,
                reason: None,
                marks: [Cell::NO_MARK; 2],
            };
            if lesson.recorded_at.is_some() {
                let weekday = usize::from(lesson.day.weekday());
                let is_morning = lesson.lesson_no == last_no;
                decide(
                    &mut cell, who, today, course, carries, weekday, is_morning, &mut dice,
                );
                if carries.has_marks {
                    mark(&mut cell, who, is_test, &mut dice);
                }
            }
            cells.push(cell);
        }
        lesson.last_cell = cells.len() as u32;
    }
    // A lesson without a single pupil is in no export.
    lessons.retain(|lesson| {
        lesson.status == LessonStatus::Cancelled || lesson.first_cell < lesson.last_cell
    });
    builder.institution.cells = cells;
    builder.institution.lessons = lessons;
}

fn today(pupil: &Pupil, day: Day) -> Today {
    let covers = |spans: &[(Day, Day)]| {
        spans
            .iter()
            .take_while(|(from, _)| *from <= day)
            .any(|(_, to)| day <= *to)
    };
    if covers(&pupil.ill) {
        Today::Ill
    } else if covers(&pupil.excused) {
        Today::Excused
    } else {
        Today::Here
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one decision, called once on the hot path"
)]
fn decide(
    cell: &mut Cell,
    pupil: &Pupil,
    today: Today,
    course: &Course,
    carries: Carries,
    weekday: usize,
    is_morning: bool,
    dice: &mut Dice,
) {
    let roll = dice.roll();
    let (skip, late) = ((roll & 0xffff) as u32, ((roll >> 16) & 0xffff) as u32);
    let rare = ((roll >> 32) & 0xffff) as u32;
    let absent = |reason| {
        (
            AttendanceStatus::Absent,
            Some(told(carries.reasons, reason, rare)),
        )
    };
    (cell.status, cell.reason) = match today {
        Today::Ill => absent(AbsenceReason::Illness),
        Today::Excused => absent(AbsenceReason::Excused),
        Today::Here if skip < pupil.skips * WEEKDAY_EIGHTHS[weekday] / 8 => {
            absent(AbsenceReason::Unexcused)
        }
        Today::Here if carries.is_late && late < pupil.lates * if is_morning { 3 } else { 1 } => {
            (AttendanceStatus::Late, None)
        }
        Today::Here if carries.is_exempt && course.is_sport && pupil.is_exempt_from_sport => {
            (AttendanceStatus::Exempt, None)
        }
        // One row in five thousand of the journals that can tell it: a pupil passed over.
        Today::Here if carries.is_exempt && rare < 13 => (AttendanceStatus::Unrecorded, None),
        Today::Here => (AttendanceStatus::Present, None),
    };
}

/// The reason as far as the export tells it.
const fn told(reasons: Reasons, reason: AbsenceReason, rare: u32) -> AbsenceReason {
    match (reasons, reason) {
        (Reasons::None, _) => AbsenceReason::Unknown,
        (Reasons::IllnessOnly, AbsenceReason::Illness) => reason,
        (Reasons::IllnessOnly, _) => AbsenceReason::Unknown,
        (Reasons::Always, _) => reason,
        // One entry in twelve is left without a reason.
        (Reasons::All, _) if rare.is_multiple_of(12) => AbsenceReason::Unknown,
        (Reasons::All, _) => reason,
    }
}

fn mark(cell: &mut Cell, pupil: &Pupil, is_test: bool, dice: &mut Dice) {
    let draw = |dice: &mut Dice| -> u8 {
        match (dice.below(100) + pupil.ability * 14).min(130) {
            0..6 => 2,
            6..45 => 3,
            45..90 => 4,
            _ => 5,
        }
    };
    match cell.status {
        AttendanceStatus::Present | AttendanceStatus::Late => {
            if is_test || dice.chance(700) {
                cell.marks[0] = if dice.chance(40) { 0 } else { draw(dice) };
                if dice.chance(400) {
                    cell.marks[1] = draw(dice);
                }
            }
        }
        // A work made up later stands beside the absence.
        AttendanceStatus::Absent if is_test && dice.chance(2500) => cell.marks[0] = draw(dice),
        AttendanceStatus::Absent | AttendanceStatus::Exempt | AttendanceStatus::Unrecorded => {}
    }
}
