//! How people behave: pupils who skip and come late, teachers who forget and fall ill.

use crate::dice::Dice;
use crate::people::Person;
use crate::terms::Span;
use crate::world::{Act, Habit, Pupil, StaffAbsence};

/// A pupil of that name, with a share of skipped and late lessons of his own.
pub fn pupil(dice: &mut Dice, person: Person, id: String) -> Pupil {
    let skips = match dice.below(100) {
        0..84 => dice.between(100, 700),
        84..97 => dice.between(1200, 3500),
        _ => dice.between(8000, 16_000),
    };
    Pupil {
        name: person.full(),
        surname: person.surname,
        first_name: person.first_name,
        patronymic: person.patronymic,
        is_female: person.is_female,
        id,
        ill: Vec::new(),
        excused: Vec::new(),
        skips: skips as u32,
        lates: dice.between(40, 1400) as u32,
        is_exempt_from_sport: dice.chance(200),
        ability: dice.below(4),
    }
}

/// Ids as the engines write them. Дневник.ру goes above 2^53 and the technopark keeps zeros.
pub fn engine_id(act: Act, is_bulk: bool, institution: usize, index: usize) -> String {
    let number = (institution * 10_000 + index) as u64;
    match act {
        _ if is_bulk => (1_000_000 + number).to_string(),
        Act::A => (7_200_000 + number * 3).to_string(),
        Act::B => String::new(),
        Act::C => (1_000_000_000_000_100_000 + number * 7 + 1).to_string(),
        Act::D => format!("{:06}", 1200 + number),
        Act::E => (50_000 + number).to_string(),
    }
}

/// Three kinds of teachers: punctual, usual and those the deputy writes to.
pub fn habit(dice: &mut Dice) -> Habit {
    match dice.below(100) {
        0..55 => Habit {
            delays: [9400, 400, 120, 40],
            forgotten: 10,
        },
        55..87 => Habit {
            delays: [7800, 1400, 400, 200],
            forgotten: 130,
        },
        _ => Habit {
            delays: [4600, 2200, 1200, 700],
            forgotten: 700,
        },
    }
}

/// Teachers fall ill, go to courses and on business trips.
pub fn absences(dice: &mut Dice, span: Span) -> Vec<StaffAbsence> {
    let length = span.to.0 - span.from.0;
    let mut absences: Vec<StaffAbsence> = Vec::new();
    for _ in 0..=length / 60 {
        if dice.chance(4200) {
            let (code, days) = match dice.below(10) {
                0..7 => ("Б", dice.between(4, 12)),
                7..9 => ("К", dice.between(0, 3)),
                _ => ("А", dice.between(0, 1)),
            };
            let from = span.from.plus(dice.between(0, length));
            absences.push(StaffAbsence {
                from,
                to: from.plus(days),
                code,
            });
        }
    }
    absences.sort_by_key(|absence| absence.from);
    absences
}
