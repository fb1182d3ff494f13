//! What was planned and what was taught: plans, lessons, substitutions, lateness of entry.

use crate::assemble::Builder;
use crate::dice::Dice;
use crate::titles::{SCHOOL_TOPICS, SUPPLEMENTARY_TOPICS};
use crate::world::{Act, Habit, Institution, Lesson, PlanItem};
use std::collections::{HashMap, HashSet};
use svodka_journal::{Day, LessonStatus};

/// Share of 10 000 lessons that fall out though the teacher is there.
const FALLS_OUT: usize = 60;

/// Writes the plan (КТП) of every course: the whole term of its group, by the timetable.
pub fn plan(builder: &mut Builder) {
    let week = builder.institution.week;
    for index in 0..builder.institution.courses.len() {
        let course = &builder.institution.courses[index];
        let group = &builder.institution.groups[course.group as usize];
        let topics = if course.direction.is_some() {
            SUPPLEMENTARY_TOPICS
        } else {
            SCHOOL_TOPICS
        };
        let mut plan = Vec::new();
        for day in (group.from.0..=group.to.0).map(Day) {
            if !builder.terms.is_open(day, week, group.has_vacations) {
                continue;
            }
            for _ in course
                .slots
                .iter()
                .filter(|slot| slot.weekday == day.weekday())
            {
                let seq = plan.len() as u32 + 1;
                let topic = format!("{seq}. {}", topics[plan.len() % topics.len()]);
                plan.push(PlanItem {
                    seq,
                    on: day,
                    topic,
                });
            }
        }
        builder.institution.courses[index].plan = plan;
    }
}

/// Gives the lessons of the span, group by group.
pub fn teach(builder: &mut Builder) {
    for group in 0..builder.institution.groups.len() {
        let mut dice = builder.dice.fork(0x6c65_7373_6f6e_0000 + group as u64);
        let mut lessons = lessons_of_group(builder, group, &mut dice);
        lessons.sort_by_key(|lesson| (lesson.day, lesson.lesson_no, lesson.course));
        give_topics(&builder.institution, &mut lessons, &mut dice);
        builder.institution.lessons.append(&mut lessons);
    }
}

fn lessons_of_group(builder: &mut Builder, group: usize, dice: &mut Dice) -> Vec<Lesson> {
    let institution = &builder.institution;
    let (week, carries) = (institution.week, institution.carries);
    let this = &institution.groups[group];
    let from = this.from.max(builder.span.from);
    let to = this.to.min(builder.span.to);
    let mut timetable: [Vec<(u8, u32)>; 8] = Default::default();
    for (index, course) in institution.courses.iter().enumerate() {
        if course.group as usize == group {
            for slot in &course.slots {
                timetable[usize::from(slot.weekday)].push((slot.lesson_no, index as u32));
            }
        }
    }
    let mut lessons: Vec<Lesson> = Vec::new();
    let mut made_up: Vec<(Day, u32)> = Vec::new();
    let mut missing: Vec<(u32, Day)> = Vec::new();
    for day in (from.0..=to.0).map(Day) {
        if !builder.terms.is_open(day, week, this.has_vacations) {
            continue;
        }
        for &(lesson_no, course) in &timetable[usize::from(day.weekday())] {
            let teacher = institution.courses[course as usize].teacher;
            let is_away = institution.teachers[teacher as usize].is_away(day);
            let mut lesson = Lesson {
                course,
                group: group as u32,
                day,
                lesson_no,
                status: LessonStatus::Held,
                taught_by: teacher,
                topic: None,
                recorded_at: None,
                first_cell: 0,
                last_cell: 0,
            };
            let falls_out = if is_away && carries.is_substituted && dice.chance(7000) {
                match substitute(institution, teacher, day, lesson_no, dice) {
                    Some(other) => {
                        lesson.taught_by = other;
                        false
                    }
                    None => true,
                }
            } else {
                is_away || dice.chance(FALLS_OUT)
            };
            if falls_out {
                lesson.status = LessonStatus::Cancelled;
                if dice.chance(5500) {
                    made_up.push((day.plus(dice.between(3, 16)), course));
                }
                if !carries.is_cancelled {
                    missing.push((course, day));
                    continue;
                }
            }
            lessons.push(lesson);
        }
    }
    let mut taken: HashSet<(Day, u8)> = lessons
        .iter()
        .map(|lesson| (lesson.day, lesson.lesson_no))
        .collect();
    for (earliest, course) in made_up {
        let day = (earliest.0..=to.0)
            .map(Day)
            .find(|&day| builder.terms.is_open(day, week, this.has_vacations));
        let Some(day) = day else { continue };
        let last = timetable[usize::from(day.weekday())]
            .iter()
            .map(|&(no, _)| no)
            .max();
        let lesson_no = (last.unwrap_or(0) + 1..15).find(|&no| taken.insert((day, no)));
        let Some(lesson_no) = lesson_no else { continue };
        // A class workbook and a bundle do not tell a made-up lesson from an ordinary one.
        let status = match institution.act {
            Act::B | Act::C => LessonStatus::Held,
            Act::A | Act::D | Act::E => LessonStatus::MadeUp,
        };
        lessons.push(Lesson {
            course,
            group: group as u32,
            day,
            lesson_no,
            status,
            taught_by: institution.courses[course as usize].teacher,
            topic: None,
            recorded_at: None,
            first_cell: 0,
            last_cell: 0,
        });
    }
    for lesson in &mut lessons {
        if lesson.status != LessonStatus::Cancelled {
            lesson.recorded_at = entry_moment(institution, lesson, dice);
        }
    }
    if !carries.is_unrecorded {
        lessons.retain(|lesson| {
            let is_recorded = lesson.recorded_at.is_some();
            if !is_recorded {
                missing.push((lesson.course, lesson.day));
            }
            is_recorded
        });
    }
    for (course, day) in missing {
        *builder
            .institution
            .missing
            .entry((course, day.month()))
            .or_default() += 1;
    }
    lessons
}

/// A colleague who is there and has no lesson of his own at that time, if one is found soon.
fn substitute(
    institution: &Institution,
    absent: u32,
    day: Day,
    lesson_no: u8,
    dice: &mut Dice,
) -> Option<u32> {
    let bit = 1u128 << (usize::from(day.weekday()) * 16 + usize::from(lesson_no));
    (0..8).find_map(|_| {
        let other = dice.below(institution.teachers.len()) as u32;
        let teacher = &institution.teachers[other as usize];
        (other != absent && teacher.busy & bit == 0 && !teacher.is_away(day)).then_some(other)
    })
}

/// When the lesson got into the journal, minutes since 1970-01-01; none if it did not before the
/// export.
fn entry_moment(institution: &Institution, lesson: &Lesson, dice: &mut Dice) -> Option<i64> {
    let Habit { delays, forgotten } = institution.teachers[lesson.taught_by as usize].habit;
    if dice.chance(forgotten) {
        return None;
    }
    let roll = dice.below(10_000);
    let mut sum = 0;
    let delay = delays
        .iter()
        .position(|&share| {
            sum += share;
            roll < sum
        })
        .map_or_else(|| 4 + dice.below(12) as i64, |days| days as i64);
    let start = institution.lesson_start(lesson.lesson_no);
    let minutes = i64::from(institution.course_of(lesson).minutes);
    let minute = if delay == 0 {
        (start + minutes + dice.between(-15, 200) as i64).min(23 * 60 + 50)
    } else if dice.chance(300) {
        // After midnight here is still the day before in UTC.
        i64::from(dice.between(5, 55))
    } else {
        i64::from(dice.between(7 * 60, 23 * 60))
    };
    let moment = (i64::from(lesson.day.0) + delay) * 1440 + minute;
    (moment <= institution.exported_at).then_some(moment)
}

/// Lessons take the topics of the plan in turn; two in a hundred teachers' entries have none.
fn give_topics(institution: &Institution, lessons: &mut [Lesson], dice: &mut Dice) {
    let mut given: HashMap<u32, u32> = HashMap::new();
    for lesson in lessons.iter_mut() {
        if lesson.status == LessonStatus::Cancelled {
            continue;
        }
        let next = given.entry(lesson.course).or_default();
        let topic = *next;
        *next += 1;
        let is_planned = (topic as usize) < institution.courses[lesson.course as usize].plan.len();
        let is_entered = lesson.recorded_at.is_some() && !dice.chance(200);
        if institution.carries.has_topics && is_planned && is_entered {
            lesson.topic = Some(topic);
        }
    }
}
