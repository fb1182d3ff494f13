//! One invented institution: its people, groups, timetable, lessons and who was there.

use std::collections::BTreeMap;
use svodka_journal::{
    AbsenceReason, AttendanceStatus, Day, GroupKind, LessonStatus, Month, Movement,
    OrganisationKind,
};
use svodka_regulation::Week;

/// The five acts, and with them the five kinds of institutions and of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Supplementary programmes at a school: one long workbook per group.
    A,
    /// School with a class workbook, one block per pupil.
    B,
    /// School on Дневник.ру: one JSON bundle a month.
    C,
    /// Technopark with iterations: long CSV in UTF-8.
    D,
    /// Rehabilitation centre with shifts: long CSV in windows-1251.
    E,
}

impl Act {
    pub const ALL: [Act; 5] = [Act::A, Act::B, Act::C, Act::D, Act::E];

    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Act::A => "A",
            Act::B => "B",
            Act::C => "C",
            Act::D => "D",
            Act::E => "E",
        }
    }
}

/// Which reasons of absence an export tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    All,
    /// Excused, unexcused and illness: each absence has one of them.
    Always,
    /// Illness, else nothing.
    IllnessOnly,
    None,
}

/// What an export can tell. What it cannot is not invented in the first place: the truth is what
/// a perfect reader of the exports would know.
#[derive(Debug, Clone, Copy)]
pub struct Carries {
    pub reasons: Reasons,
    pub is_late: bool,
    pub is_exempt: bool,
    /// Lessons that nobody recorded; without it they are missing from the export altogether.
    pub is_unrecorded: bool,
    pub is_substituted: bool,
    /// Lessons cancelled and made up.
    pub is_cancelled: bool,
    pub has_topics: bool,
    pub has_marks: bool,
    pub entry: EntryMoment,
}

/// Where an export tells the moment of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryMoment {
    OfLesson,
    /// Only with each absence.
    OfAbsence,
    None,
}

#[derive(Debug, Clone)]
pub struct Teacher {
    pub name: String,
    pub personnel_no: String,
    pub position: &'static str,
    /// Ставка in hundredths.
    pub rate: i32,
    /// Assigned hours a week in hundredths.
    pub weekly_hours: i32,
    pub habit: Habit,
    pub absences: Vec<StaffAbsence>,
    /// Taken lesson numbers: bit weekday × 16 + lesson number.
    pub busy: u128,
}

impl Teacher {
    #[must_use]
    pub fn is_away(&self, day: Day) -> bool {
        self.absences
            .iter()
            .any(|absence| (absence.from..=absence.to).contains(&day))
    }
}

#[derive(Debug, Clone)]
pub struct StaffAbsence {
    pub from: Day,
    pub to: Day,
    /// Letter code of form 0504421.
    pub code: &'static str,
}

/// How a teacher keeps the journal; shares in 10 000.
#[derive(Debug, Clone, Copy)]
pub struct Habit {
    /// Recorded on the day, one, two, three days later; the rest still later.
    pub delays: [usize; 4],
    pub forgotten: usize,
}

#[derive(Debug, Clone)]
pub struct Pupil {
    pub name: String,
    pub surname: String,
    pub first_name: &'static str,
    pub patronymic: String,
    pub is_female: bool,
    /// Id as the engine writes it.
    pub id: String,
    /// Days ill, from and to.
    pub ill: Vec<(Day, Day)>,
    /// Days missed with the family's word.
    pub excused: Vec<(Day, Day)>,
    /// Lessons skipped, of 65 536.
    pub skips: u32,
    /// Lessons come late to, of 65 536.
    pub lates: u32,
    pub is_exempt_from_sport: bool,
    /// 0 weak … 3 excellent.
    pub ability: usize,
}

#[derive(Debug, Clone)]
pub struct Stay {
    pub pupil: u32,
    pub from: Day,
    /// Last day; none while the stay goes on.
    pub to: Option<Day>,
    pub movement: Movement,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub title: String,
    pub kind: GroupKind,
    pub parallel: Option<u8>,
    pub school_year: i32,
    /// First and last day of teaching.
    pub from: Day,
    pub to: Day,
    /// School holidays are free.
    pub has_vacations: bool,
    pub stays: Vec<Stay>,
    /// Days of an illness wave, from and to.
    pub waves: Vec<(Day, Day)>,
}

#[derive(Debug, Clone)]
pub struct Slot {
    pub weekday: u8,
    pub lesson_no: u8,
}

#[derive(Debug, Clone)]
pub struct PlanItem {
    pub seq: u32,
    pub on: Day,
    pub topic: String,
}

#[derive(Debug, Clone)]
pub struct Course {
    pub group: u32,
    pub subject: String,
    pub direction: Option<&'static str>,
    pub teacher: u32,
    pub slots: Vec<Slot>,
    /// Length of a lesson.
    pub minutes: u16,
    /// Credited hours of a lesson in hundredths.
    pub hours: i32,
    /// Half of the group, by the parity of the place in the class list; none for all.
    pub subgroup: Option<u8>,
    pub is_sport: bool,
    pub plan: Vec<PlanItem>,
}

impl Course {
    /// Hours a week in hundredths.
    #[must_use]
    pub fn weekly_hours(&self) -> i32 {
        self.hours * self.slots.len() as i32
    }

    /// Hours of the programme in hundredths.
    #[must_use]
    pub fn hours_planned(&self) -> i32 {
        self.hours * self.plan.len() as i32
    }
}

#[derive(Debug, Clone)]
pub struct Lesson {
    pub course: u32,
    pub group: u32,
    pub day: Day,
    pub lesson_no: u8,
    pub status: LessonStatus,
    pub taught_by: u32,
    /// Place in the plan of the course.
    pub topic: Option<u32>,
    /// Minutes since 1970-01-01 in the institution's time; none if nobody recorded it.
    pub recorded_at: Option<i64>,
    /// The pupils expected, a range of [`Institution::cells`].
    pub first_cell: u32,
    pub last_cell: u32,
}

/// One pupil at one lesson.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub pupil: u32,
    pub status: AttendanceStatus,
    pub reason: Option<AbsenceReason>,
    /// Marks 0–5; 255 where there is none.
    pub marks: [u8; 2],
}

impl Cell {
    pub const NO_MARK: u8 = 255;

    pub fn marks(&self) -> impl Iterator<Item = u8> + '_ {
        self.marks
            .iter()
            .copied()
            .filter(|&mark| mark != Cell::NO_MARK)
    }
}

#[derive(Debug)]
pub struct Institution {
    /// From 0.
    pub number: usize,
    pub act: Act,
    pub title: String,
    /// Also the name of its folder.
    pub short_title: String,
    pub kind: OrganisationKind,
    pub week: Week,
    pub carries: Carries,
    /// Minutes since 1970-01-01 in the institution's time.
    pub exported_at: i64,
    pub teachers: Vec<Teacher>,
    pub pupils: Vec<Pupil>,
    pub groups: Vec<Group>,
    pub courses: Vec<Course>,
    /// In the order of group, day and lesson number.
    pub lessons: Vec<Lesson>,
    pub cells: Vec<Cell>,
    /// Lessons of the timetable that never reached the export, by course and month.
    pub missing: BTreeMap<(u32, Month), u32>,
    /// Cells whose text is replaced by a fault, with that text.
    pub replaced: BTreeMap<u32, &'static str>,
}

/// The municipality that never was.
pub const MUNICIPALITY: &str = "Приозёрский округ";
pub const TIME_ZONE: &str = "Europe/Moscow";

impl Institution {
    #[must_use]
    pub fn cells_of(&self, lesson: &Lesson) -> &[Cell] {
        &self.cells[lesson.first_cell as usize..lesson.last_cell as usize]
    }

    #[must_use]
    pub fn course_of(&self, lesson: &Lesson) -> &Course {
        &self.courses[lesson.course as usize]
    }

    #[must_use]
    pub fn is_substitution(&self, lesson: &Lesson) -> bool {
        lesson.taught_by != self.course_of(lesson).teacher
    }

    /// First minute of a lesson of this number within the day.
    #[must_use]
    pub const fn lesson_start(&self, lesson_no: u8) -> i64 {
        let no = lesson_no as i64;
        match self.act {
            // After school: 14:00 and every 110 minutes.
            Act::A | Act::D => 14 * 60 + (no - 1) * 110,
            // From 8:30 with ten minutes between.
            Act::B | Act::C | Act::E => 8 * 60 + 30 + (no - 1) * 55,
        }
    }
}
