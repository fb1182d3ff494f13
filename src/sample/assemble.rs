//! Puts an institution together: people first, then groups, lessons and attendance.

use crate::dice::Dice;
use crate::people::Registry;
use crate::temper::{absences, engine_id, habit, pupil};
use crate::terms::{Span, Terms};
use crate::world::{
    Act, Carries, Course, EntryMoment, Group, Institution, Pupil, Reasons, Stay, Teacher,
};
use crate::{circles, presence, school, teaching, titles};
use std::collections::{BTreeMap, HashMap};
use svodka_journal::{Day, GroupKind, Movement, OrganisationKind};
use svodka_regulation::Week;

/// What an institution is made of.
pub struct Recipe {
    pub number: usize,
    pub act: Act,
    pub round: usize,
    pub pupil_count: usize,
    pub span: Span,
    pub exported_at: i64,
    pub seed: u64,
    /// Long CSV files of ordinary classes, whatever the act: the load of the benchmark.
    pub is_bulk: bool,
}

/// An institution under construction.
pub struct Builder {
    pub dice: Dice,
    pub terms: Terms,
    pub span: Span,
    pub institution: Institution,
    is_bulk: bool,
    registry: Registry,
    /// Hours a week given to each teacher since the last new timetable, in hundredths.
    load: Vec<i32>,
    teachers_by_key: HashMap<(&'static str, usize), u32>,
    /// Waves of illness that reach everybody, from and to.
    epidemics: Vec<(Day, Day)>,
}

/// Builds the whole institution.
pub fn build(recipe: &Recipe) -> Institution {
    let (title, short_title) = titles::institution(recipe.act, recipe.round);
    let (kind, week) = match recipe.act {
        Act::A => (OrganisationKind::School, Week::Six),
        Act::B => (OrganisationKind::School, Week::Six),
        Act::C => (OrganisationKind::School, Week::Five),
        Act::D => (OrganisationKind::Technopark, Week::Six),
        Act::E => (OrganisationKind::Rehabilitation, Week::Five),
    };
    let week = if recipe.is_bulk { Week::Five } else { week };
    let dice = Dice::new(recipe.seed).fork(recipe.number as u64);
    let mut builder = Builder {
        terms: Terms::new(),
        span: recipe.span,
        is_bulk: recipe.is_bulk,
        registry: Registry::default(),
        load: Vec::new(),
        teachers_by_key: HashMap::new(),
        epidemics: epidemics(&mut dice.fork(1), recipe.span),
        dice,
        institution: Institution {
            number: recipe.number,
            act: recipe.act,
            title,
            short_title,
            kind,
            week,
            carries: carries(recipe.act, recipe.is_bulk),
            exported_at: recipe.exported_at,
            teachers: Vec::new(),
            pupils: Vec::new(),
            groups: Vec::new(),
            courses: Vec::new(),
            lessons: Vec::new(),
            cells: Vec::new(),
            missing: BTreeMap::new(),
            replaced: BTreeMap::new(),
        },
    };
    match recipe.act {
        _ if recipe.is_bulk => school::build(&mut builder, recipe.pupil_count, recipe.span),
        Act::A => circles::circles(&mut builder, recipe.pupil_count, recipe.span),
        Act::B | Act::C => school::build(&mut builder, recipe.pupil_count, recipe.span),
        Act::D => circles::quantums(&mut builder, recipe.pupil_count, recipe.span),
        Act::E => circles::shifts(&mut builder, recipe.pupil_count, recipe.span),
    }
    builder.finish()
}

const fn carries(act: Act, is_bulk: bool) -> Carries {
    let everything = Carries {
        reasons: Reasons::All,
        is_late: true,
        is_exempt: true,
        is_unrecorded: true,
        is_substituted: true,
        is_cancelled: true,
        has_topics: true,
        has_marks: false,
        entry: EntryMoment::OfLesson,
    };
    if is_bulk {
        return Carries {
            is_cancelled: false,
            ..everything
        };
    }
    match act {
        Act::A | Act::D => everything,
        Act::B => Carries {
            reasons: Reasons::Always,
            is_late: true,
            is_exempt: false,
            is_unrecorded: false,
            is_substituted: false,
            is_cancelled: false,
            has_topics: false,
            has_marks: true,
            entry: EntryMoment::None,
        },
        Act::C => Carries {
            reasons: Reasons::IllnessOnly,
            is_exempt: false,
            has_marks: true,
            entry: EntryMoment::OfAbsence,
            ..everything
        },
        Act::E => Carries {
            reasons: Reasons::None,
            has_marks: true,
            ..everything
        },
    }
}

/// Late autumn and February bring waves to every institution, some weeks apart.
fn epidemics(dice: &mut Dice, span: Span) -> Vec<(Day, Day)> {
    let mut waves = Vec::new();
    for year in span.from.school_year()..=span.to.school_year() {
        for (month_year, month) in [(year, 11), (year + 1, 2)] {
            let first = Day::from_civil(month_year, month, 12).unwrap_or(span.from);
            let from = first.plus(dice.between(-7, 16));
            waves.push((from, from.plus(dice.between(10, 18))));
        }
    }
    waves
}

impl Builder {
    pub const fn act(&self) -> Act {
        self.institution.act
    }

    pub fn week_days(&self) -> usize {
        if self.institution.week == Week::Six {
            6
        } else {
            5
        }
    }

    /// The teacher who goes by that position and key, invented at the first call.
    pub fn teacher(&mut self, position: &'static str, key: usize) -> u32 {
        if let Some(&teacher) = self.teachers_by_key.get(&(position, key)) {
            return teacher;
        }
        let mut dice = self
            .dice
            .fork(0x0074_6561_6368_0000 + self.institution.teachers.len() as u64);
        let person = self.registry.draw(&mut dice, 8500);
        let id = self.institution.teachers.len() as u32;
        let absences = absences(&mut dice, self.span);
        self.institution.teachers.push(Teacher {
            name: person.full(),
            personnel_no: format!("{:04}", 101 + id * 7 + self.institution.number as u32 % 7),
            position,
            rate: 0,
            weekly_hours: 0,
            habit: habit(&mut dice),
            absences,
            busy: 0,
        });
        self.teachers_by_key.insert((position, key), id);
        id
    }

    /// Invents one pupil and how often he is ill, skips and comes late.
    pub fn add_pupil(&mut self, index: usize) -> u32 {
        let mut dice = self.dice.fork(0x7075_7069_6c00_0000 + index as u64);
        let person = self.registry.draw(&mut dice, 5000);
        let id = engine_id(self.act(), self.is_bulk, self.institution.number, index);
        let mut pupil = pupil(&mut dice, person, id);
        self.fall_ill(&mut pupil, &mut dice);
        self.institution.pupils.push(pupil);
        self.institution.pupils.len() as u32 - 1
    }

    fn fall_ill(&self, pupil: &mut Pupil, dice: &mut Dice) {
        let weakness = dice.between(40, 160);
        let mut day = self.span.from;
        while day < self.span.to {
            day = day.plus(dice.between(10, 2 * 110 * 100 / weakness));
            if day <= self.span.to {
                let end = day.plus(dice.between(3, 9));
                pupil.ill.push((day, end));
                day = end;
            }
        }
        for &(from, to) in &self.epidemics {
            if dice.chance(1600) {
                let start = from.plus(dice.between(0, to.0 - from.0));
                pupil.ill.push((start, start.plus(dice.between(4, 8))));
            }
        }
        for _ in 0..(self.span.to.0 - self.span.from.0) / 60 + 1 {
            if dice.chance(3500) {
                let start = self
                    .span
                    .from
                    .plus(dice.between(0, self.span.to.0 - self.span.from.0));
                let length = if dice.chance(1500) {
                    dice.between(4, 9)
                } else {
                    dice.between(0, 1)
                };
                pupil.excused.push((start, start.plus(length)));
            }
        }
    }

    pub fn sort_by_name(&self, pupils: &mut [u32]) {
        pupils.sort_by(|&left, &right| {
            let name = |pupil: u32| &self.institution.pupils[pupil as usize].name;
            name(left).cmp(name(right))
        });
    }

    pub fn add_group(&mut self, group: Group) -> u32 {
        self.institution.groups.push(group);
        self.institution.groups.len() as u32 - 1
    }

    /// Takes pupils into a group from its first day, with waves of illness of its own.
    pub fn enrol(&mut self, group: u32, pupils: &[u32]) {
        let mut dice = self.dice.fork(0x656e_726f_6c00_0000 + u64::from(group));
        let target = &mut self.institution.groups[group as usize];
        target.stays = pupils
            .iter()
            .map(|&pupil| Stay {
                pupil,
                from: target.from,
                to: None,
                movement: Movement::Enrolled,
            })
            .collect();
        let length = target.to.0 - target.from.0;
        for _ in 0..length / 45 {
            if dice.chance(4500) {
                let from = target.from.plus(dice.between(0, length));
                target.waves.push((from, from.plus(dice.between(5, 9))));
            }
        }
        for &(from, to) in &target.waves {
            for &pupil in pupils {
                if dice.chance(3300) {
                    let start = from.plus(dice.between(0, to.0 - from.0));
                    let end = start.plus(dice.between(3, 8));
                    self.institution.pupils[pupil as usize]
                        .ill
                        .push((start, end));
                }
            }
        }
    }

    pub fn add_course(&mut self, course: Course) {
        let teacher = course.teacher as usize;
        if self.load.len() <= teacher {
            self.load.resize(teacher + 1, 0);
        }
        self.load[teacher] += course.weekly_hours();
        self.institution.courses.push(course);
    }

    /// A new year, iteration or shift: the load is given out anew; the largest is the post.
    pub fn clear_timetable(&mut self) {
        for (teacher, &load) in self.institution.teachers.iter_mut().zip(&self.load) {
            teacher.weekly_hours = teacher.weekly_hours.max(load);
            teacher.busy = 0;
        }
        self.load.clear();
    }

    pub fn is_free(&self, teacher: u32, bit: u128) -> bool {
        self.institution.teachers[teacher as usize].busy & bit == 0
    }

    pub fn occupy(&mut self, teacher: u32, bit: u128) {
        self.institution.teachers[teacher as usize].busy |= bit;
    }

    /// Some pupils come later, some leave, some change to another group of the same form.
    pub fn move_between_classes(&mut self, school_year: i32) {
        let mut dice = self.dice.fork(0x6d6f_7665_0000_0000 + school_year as u64);
        let is_monthly = self.act() == Act::C;
        let groups: Vec<usize> = (0..self.institution.groups.len())
            .filter(|&group| self.institution.groups[group].school_year == school_year)
            .collect();
        for &group in &groups {
            let (from, to) = {
                let group = &self.institution.groups[group];
                (group.from, group.to)
            };
            for place in 0..self.institution.groups[group].stays.len() {
                let roll = dice.below(1000);
                let mut day = from.plus(dice.between(14, (to.0 - from.0 - 14).max(15)));
                if is_monthly {
                    // The bundle of a month tells who belongs to a group, not since when.
                    day = day.month().next().first_day();
                }
                if day >= to {
                    continue;
                }
                let stay = &mut self.institution.groups[group].stays[place];
                if stay.movement != Movement::Enrolled || stay.from != from {
                    continue;
                }
                match roll {
                    0..25 => stay.from = day,
                    25..40 => {
                        stay.to = Some(day.plus(-1));
                        stay.movement = Movement::Departed;
                    }
                    40..55 => self.transfer(group, place, day, &groups, &mut dice),
                    _ => {}
                }
            }
        }
        for &group in &groups {
            let pupils = &self.institution.pupils;
            self.institution.groups[group].stays.sort_by(|left, right| {
                let name = |stay: &Stay| &pupils[stay.pupil as usize].name;
                name(left).cmp(name(right)).then(left.from.cmp(&right.from))
            });
        }
    }

    fn transfer(
        &mut self,
        group: usize,
        place: usize,
        day: Day,
        groups: &[usize],
        dice: &mut Dice,
    ) {
        let pupil = self.institution.groups[group].stays[place].pupil;
        let of = &self.institution.groups;
        let others: Vec<usize> = groups
            .iter()
            .copied()
            .filter(|&other| {
                other != group
                    && of[other].kind == of[group].kind
                    && of[other].parallel == of[group].parallel
                    && of[other].from <= day
                    && of[other].to > day
                    && of[other].stays.iter().all(|stay| stay.pupil != pupil)
            })
            .collect();
        if others.is_empty() {
            return;
        }
        let target = *dice.pick(&others);
        let stay = &mut self.institution.groups[group].stays[place];
        stay.to = Some(day.plus(-1));
        stay.movement = Movement::Transferred;
        self.institution.groups[target].stays.push(Stay {
            pupil,
            from: day,
            to: None,
            movement: Movement::Enrolled,
        });
    }

    /// Дневник.ру keeps subgroups as groups of their own.
    pub fn fill_subgroups(&mut self) {
        if self.act() != Act::C || self.is_bulk {
            return;
        }
        for index in 0..self.institution.courses.len() {
            let course = &self.institution.courses[index];
            let Some(part) = course.subgroup else {
                continue;
            };
            let class = self.institution.groups[course.group as usize].clone();
            let short = match course.subject.as_str() {
                "Английский язык" => "англ. яз.",
                _ => "труд",
            };
            let stays = class
                .stays
                .iter()
                .filter(|stay| stay.pupil % 2 == u32::from(part))
                .cloned()
                .collect();
            let subgroup = self.add_group(Group {
                title: format!("{}, {short}, гр. {}", class.title, part + 1),
                kind: GroupKind::Subgroup,
                stays,
                ..class
            });
            let course = &mut self.institution.courses[index];
            course.group = subgroup;
            course.subgroup = None;
        }
    }

    fn finish(mut self) -> Institution {
        let busy: Vec<u128> = self.institution.teachers.iter().map(|it| it.busy).collect();
        self.clear_timetable();
        for (teacher, busy) in self.institution.teachers.iter_mut().zip(busy) {
            // Substitutes are looked for by the last timetable.
            teacher.busy = busy;
            // Supplementary education and schools alike: 18 hours a week are one rate.
            teacher.rate = (teacher.weekly_hours * 100 / 1800).clamp(25, 200) / 25 * 25;
        }
        for pupil in &mut self.institution.pupils {
            pupil.ill.sort_unstable();
            pupil.excused.sort_unstable();
        }
        teaching::plan(&mut self);
        teaching::teach(&mut self);
        presence::attend(&mut self);
        self.institution
    }
}
