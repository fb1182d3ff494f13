//! Classes, subjects, teachers and the timetable of a school.

use crate::assemble::Builder;
use crate::dice::Dice;
use crate::terms::{self, Span};
use crate::titles::{DEPARTMENTS, SUBJECTS, Subject, Way};
use crate::world::{Act, Course, Group, Slot};
use svodka_journal::GroupKind;

const LETTERS: [&str; 10] = ["А", "Б", "В", "Г", "Д", "Е", "Ж", "З", "И", "К"];
const CLASS_SIZE: usize = 25;
/// A teacher's full load in lessons a week.
const FULL_LOAD: usize = 20;

/// Adds the classes of every school year that `span` touches.
pub fn build(builder: &mut Builder, pupil_count: usize, span: Span) {
    let class_count = pupil_count.div_ceil(CLASS_SIZE).max(1);
    let lowest = if class_count > 28 { 1 } else { 5 };
    let height = 12 - lowest;
    let mut classes: Vec<(usize, usize)> = (0..class_count)
        .map(|index| (lowest + index % height, index / height))
        .collect();
    classes.sort_unstable();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); class_count];
    for index in 0..pupil_count {
        let pupil = builder.add_pupil(index);
        members[index % class_count].push(pupil);
    }
    for class in &mut members {
        builder.sort_by_name(class);
    }
    let first_year = *terms::school_years(span).start();
    for year in terms::school_years(span) {
        let grown = (year - first_year) as usize;
        build_year(builder, year, grown, &classes, &members);
    }
}

/// Teachers of one department with the lessons a week that are already theirs.
struct Department {
    teachers: Vec<(u32, usize)>,
}

impl Department {
    fn take(&mut self, lessons: usize) -> u32 {
        let least = self.teachers.iter_mut().min_by_key(|(_, load)| *load);
        let (teacher, load) = least.expect("a department that teaches has a teacher");
        *load += lessons;
        *teacher
    }
}

fn build_year(
    builder: &mut Builder,
    year: i32,
    grown: usize,
    classes: &[(usize, usize)],
    members: &[Vec<u32>],
) {
    let present: Vec<usize> = (0..classes.len())
        .filter(|&index| classes[index].0 + grown <= 11)
        .collect();
    let subjects_of = |class: usize| {
        let parallel = classes[class].0 + grown;
        SUBJECTS.iter().filter(move |subject| {
            (usize::from(subject.3)..=usize::from(subject.4)).contains(&parallel)
        })
    };
    let mut departments: Vec<Department> = Vec::new();
    for (number, position) in DEPARTMENTS.iter().enumerate() {
        let lessons: usize = present
            .iter()
            .flat_map(|&class| subjects_of(class))
            .filter(|subject| usize::from(subject.1) == number)
            .map(|subject| lessons_of(subject))
            .sum();
        // Two at least where subgroups learn at the same time.
        let count = lessons
            .div_ceil(FULL_LOAD)
            .max(if number == 7 { 2 } else { 1 });
        let teachers = (0..count)
            .map(|place| (builder.teacher(position, number * 100 + place), 0))
            .collect();
        departments.push(Department { teachers });
    }
    builder.clear_timetable();
    for &class in &present {
        let (parallel, letter) = (classes[class].0 + grown, classes[class].1);
        let title = match letter / LETTERS.len() {
            0 => format!("{parallel}{}", LETTERS[letter]),
            round => format!("{parallel}{}{}", LETTERS[letter % LETTERS.len()], round + 1),
        };
        let group = builder.add_group(Group {
            title,
            kind: GroupKind::Class,
            parallel: Some(parallel as u8),
            school_year: year,
            from: terms::school_year(year).from,
            to: terms::school_year(year).to,
            has_vacations: true,
            stays: Vec::new(),
            waves: Vec::new(),
        });
        builder.enrol(group, &members[class]);
        timetable(builder, group, subjects_of(class), &mut departments);
    }
    builder.move_between_classes(year);
    builder.fill_subgroups();
}

/// Teacher's lessons a week for a subject of one class.
fn lessons_of(subject: &Subject) -> usize {
    usize::from(subject.2) * if subject.5 == Way::Whole { 1 } else { 2 }
}

/// A subject with what is left to place.
struct Open {
    courses: Vec<Course>,
    left: usize,
    last_day: usize,
}

fn timetable<'a>(
    builder: &mut Builder,
    group: u32,
    subjects: impl Iterator<Item = &'a Subject>,
    departments: &mut [Department],
) {
    let mut dice = builder.dice.fork(0x71_6d_65_00 + u64::from(group));
    let days = builder.week_days();
    let mut open: Vec<Open> = Vec::new();
    let mut doubles: Vec<Course> = Vec::new();
    for subject in subjects {
        let department = &mut departments[usize::from(subject.1)];
        let mut course = |subgroup: Option<u8>| Course {
            group,
            subject: match subgroup {
                Some(part) if builder.act() != Act::C => {
                    format!("{} ({} подгр.)", subject.0, part + 1)
                }
                _ => subject.0.to_owned(),
            },
            direction: None,
            teacher: department.take(usize::from(subject.2)),
            slots: Vec::new(),
            minutes: 40,
            hours: 100,
            subgroup,
            is_sport: subject.0 == "Физическая культура",
            plan: Vec::new(),
        };
        let left = usize::from(subject.2);
        match subject.5 {
            Way::Whole => open.push(Open {
                courses: vec![course(None)],
                left,
                last_day: usize::MAX,
            }),
            Way::Split => {
                let courses = vec![course(Some(0)), course(Some(1))];
                open.push(Open {
                    courses,
                    left,
                    last_day: usize::MAX,
                });
            }
            Way::SplitDouble => doubles.extend([course(Some(0)), course(Some(1))]),
        }
    }
    let total: usize = open.iter().map(|subject| subject.left).sum();
    for day in 0..days {
        let length = total / days + usize::from(day < total % days);
        for lesson_no in 1..=length {
            let bit = 1u128 << ((day + 1) * 16 + lesson_no);
            place(
                builder,
                &mut open,
                day,
                lesson_no,
                days - day,
                bit,
                &mut dice,
            );
        }
    }
    let first_day = dice.below(days);
    for (part, mut course) in doubles.into_iter().enumerate() {
        let day = (first_day + part * 2) % days;
        let after = total / days + usize::from(day < total % days);
        for lesson_no in [after + 1, after + 2] {
            course.slots.push(Slot {
                weekday: day as u8 + 1,
                lesson_no: lesson_no as u8,
            });
        }
        builder.add_course(course);
    }
    for course in open.into_iter().flat_map(|subject| subject.courses) {
        builder.add_course(course);
    }
}

/// Puts the most urgent subject with a free teacher into one lesson of the week.
fn place(
    builder: &mut Builder,
    open: &mut [Open],
    day: usize,
    lesson_no: usize,
    days_left: usize,
    bit: u128,
    dice: &mut Dice,
) {
    let mut best: Option<(usize, usize)> = None;
    for (index, subject) in open
        .iter()
        .enumerate()
        .filter(|(_, subject)| subject.left > 0)
    {
        let is_free = subject
            .courses
            .iter()
            .all(|course| builder.is_free(course.teacher, bit));
        let is_new_today = subject.last_day != day;
        let urgency = usize::from(is_new_today) * 1000
            + usize::from(is_free) * 500
            + subject.left * 60 / days_left
            + dice.below(20);
        if best.is_none_or(|(_, urgency_before)| urgency > urgency_before) {
            best = Some((index, urgency));
        }
    }
    let Some((index, _)) = best else { return };
    let subject = &mut open[index];
    subject.left -= 1;
    subject.last_day = day;
    for course in &mut subject.courses {
        builder.occupy(course.teacher, bit);
        course.slots.push(Slot {
            weekday: day as u8 + 1,
            lesson_no: lesson_no as u8,
        });
    }
}
