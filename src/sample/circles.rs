//! Groups of supplementary programmes: circles at a school, quantums by iterations, shifts.

use crate::assemble::Builder;
use crate::terms::{self, Span};
use crate::titles::{CIRCLES, Programme, QUANTUMS, SHIFT_COURSES, SPORT};
use crate::world::{Course, Group, Slot};
use svodka_journal::GroupKind;

const CIRCLE_SIZE: usize = 13;
const QUANTUM_SIZE: usize = 12;
const SHIFT_GROUP_SIZE: usize = 14;
/// Groups that one teacher of supplementary education leads.
const GROUPS_OF_TEACHER: usize = 4;

/// Circles at a school: everybody in one, a third in a second one.
pub fn circles(builder: &mut Builder, pupil_count: usize, span: Span) {
    let pupils: Vec<u32> = (0..pupil_count)
        .map(|index| builder.add_pupil(index))
        .collect();
    let group_count = (pupil_count * 13 / 10).div_ceil(CIRCLE_SIZE).max(1);
    for year in terms::school_years(span) {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); group_count];
        for (index, &pupil) in pupils.iter().enumerate() {
            members[index % group_count].push(pupil);
            if group_count > 1 && builder.dice.chance(3000) {
                let step = 1 + builder.dice.below(group_count - 1);
                members[(index + step) % group_count].push(pupil);
            }
        }
        builder.clear_timetable();
        for (index, mut class) in members.into_iter().enumerate() {
            builder.sort_by_name(&mut class);
            let programme = &CIRCLES[index % CIRCLES.len()];
            let title = format!("{}, группа {}", programme.0, index / CIRCLES.len() + 1);
            let term = terms::circle_year(year);
            let group = add_group(builder, title, GroupKind::Circle, year, term);
            builder.enrol(group, &class);
            let teacher = builder.teacher(
                "Педагог дополнительного образования",
                teacher_of(index, CIRCLES.len()),
            );
            add_programme(builder, group, programme, teacher, index);
        }
        builder.move_between_classes(year);
    }
}

/// Quantums: a fifth of the pupils comes with a later iteration, as many leave after the first.
pub fn quantums(builder: &mut Builder, pupil_count: usize, span: Span) {
    let pupils: Vec<u32> = (0..pupil_count)
        .map(|index| builder.add_pupil(index))
        .collect();
    for year in terms::school_years(span) {
        let running: Vec<(usize, Span)> = terms::iterations(year)
            .into_iter()
            .enumerate()
            .filter(|(_, iteration)| iteration.meet(span).is_some())
            .collect();
        let newcomers = if running.len() > 1 {
            pupil_count / 5
        } else {
            0
        };
        for (place, &(number, iteration)) in running.iter().enumerate() {
            let range = if place == 0 {
                0..pupil_count - newcomers
            } else {
                newcomers..pupil_count
            };
            let mut active = pupils[range].to_vec();
            builder.dice.shuffle(&mut active);
            let group_count = active.len().div_ceil(QUANTUM_SIZE).max(1);
            builder.clear_timetable();
            for index in 0..group_count {
                let mut class: Vec<u32> = active
                    .iter()
                    .copied()
                    .skip(index)
                    .step_by(group_count)
                    .collect();
                builder.sort_by_name(&mut class);
                let programme = &QUANTUMS[index % QUANTUMS.len()];
                let title = format!(
                    "{} {}-{}",
                    programme.0,
                    number + 1,
                    index / QUANTUMS.len() + 1
                );
                let group = add_group(builder, title, GroupKind::Quantum, year, iteration);
                builder.enrol(group, &class);
                let teacher = builder.teacher(
                    "Педагог дополнительного образования",
                    teacher_of(index, QUANTUMS.len()),
                );
                add_programme(builder, group, programme, teacher, index);
            }
        }
        builder.move_between_classes(year);
    }
}

/// Shifts: the whole contingent changes, and the load is given out anew.
pub fn shifts(builder: &mut Builder, pupil_count: usize, span: Span) {
    let running: Vec<(i32, usize, Span)> = terms::school_years(span)
        .flat_map(|year| {
            terms::shifts(year)
                .into_iter()
                .enumerate()
                .map(move |(at, shift)| (year, at, shift))
        })
        .filter(|(_, _, shift)| shift.meet(span).is_some())
        .collect();
    let shift_count = running.len().max(1);
    let mut next_pupil = 0;
    for (place, &(year, number, shift)) in running.iter().enumerate() {
        let share = pupil_count / shift_count + usize::from(place < pupil_count % shift_count);
        let mut arrived: Vec<u32> = Vec::with_capacity(share);
        for _ in 0..share {
            arrived.push(builder.add_pupil(next_pupil));
            next_pupil += 1;
        }
        let group_count = share.div_ceil(SHIFT_GROUP_SIZE).max(1);
        builder.clear_timetable();
        for index in 0..group_count {
            let mut class: Vec<u32> = arrived
                .iter()
                .copied()
                .skip(index)
                .step_by(group_count)
                .collect();
            builder.sort_by_name(&mut class);
            let title = format!("Заезд {}, отряд {}", number + 1, index + 1);
            let group = add_group(builder, title, GroupKind::Circle, year, shift);
            builder.enrol(group, &class);
            shift_timetable(builder, group, number, index);
        }
    }
    while next_pupil < pupil_count {
        builder.add_pupil(next_pupil);
        next_pupil += 1;
    }
}

fn add_group(
    builder: &mut Builder,
    title: String,
    kind: GroupKind,
    school_year: i32,
    term: Span,
) -> u32 {
    builder.add_group(Group {
        title,
        kind,
        parallel: None,
        school_year,
        from: term.from,
        to: term.to,
        has_vacations: false,
        stays: Vec::new(),
        waves: Vec::new(),
    })
}

/// Key of the teacher who leads the group at that place: groups of one programme share teachers.
const fn teacher_of(index: usize, programme_count: usize) -> usize {
    (index % programme_count) * 100 + index / programme_count / GROUPS_OF_TEACHER
}

/// The only course of a circle or quantum, at free hours of its teacher.
fn add_programme(
    builder: &mut Builder,
    group: u32,
    programme: &Programme,
    teacher: u32,
    index: usize,
) {
    let days = builder.week_days();
    let mut slots: Vec<Slot> = Vec::new();
    for lesson in 0..usize::from(programme.2) {
        let first_day = (index + lesson * days.div_ceil(usize::from(programme.2))) % days;
        // A teacher's week has room for far more lessons than a load holds.
        let free = (0..days * 4).map(|shift| {
            let day = (first_day + shift / 4) % days + 1;
            (day, shift % 4 + 1)
        });
        let mut free = free.filter(|&(day, no)| {
            builder.is_free(teacher, 1u128 << (day * 16 + no))
                && slots.iter().all(|slot| usize::from(slot.weekday) != day)
        });
        let (day, no) = free.next().unwrap_or((first_day + 1, 4));
        builder.occupy(teacher, 1u128 << (day * 16 + no));
        slots.push(Slot {
            weekday: day as u8,
            lesson_no: no as u8,
        });
    }
    builder.add_course(Course {
        group,
        subject: programme.0.to_owned(),
        direction: Some(programme.1),
        teacher,
        slots,
        minutes: programme.3,
        hours: programme.4,
        subgroup: None,
        is_sport: programme.1 == SPORT,
        plan: Vec::new(),
    });
}

/// Four lessons a day, each subject taught by one teacher of the centre at a time.
fn shift_timetable(builder: &mut Builder, group: u32, shift_no: usize, group_no: usize) {
    let days = builder.week_days();
    let mut places = (0..days * 4).map(|at| (at % days + 1, at / days + 1));
    for (at, &(subject, weekly, direction)) in SHIFT_COURSES.iter().enumerate() {
        let position = match direction {
            Some(_) => "Педагог дополнительного образования",
            None => "Учитель",
        };
        // The load is distributed for each shift: two teachers of a subject take turns.
        let teacher = builder.teacher(position, at * 100 + (shift_no + group_no) % 2);
        let slots = places
            .by_ref()
            .take(usize::from(weekly))
            .map(|(day, no)| Slot {
                weekday: day as u8,
                lesson_no: no as u8,
            })
            .collect();
        builder.add_course(Course {
            group,
            subject: subject.to_owned(),
            direction,
            teacher,
            slots,
            minutes: 40,
            hours: 100,
            subgroup: None,
            is_sport: direction == Some(SPORT),
            plan: Vec::new(),
        });
    }
}
