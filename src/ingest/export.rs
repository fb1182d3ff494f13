//! What one file says: plain columns with local indices, no ids yet, moments in local time.

use crate::codes::Verdict;
use serde::{Deserialize, Serialize};
use svodka_journal::{Day, GroupKind, LessonStatus, Movement as MovementWord, OrganisationKind};

/// Declares the engines once: the list generates parsing, help and tests.
macro_rules! engines {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// The dialect a file is written in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Engine { $($(#[$doc])* $variant,)+ }

        impl Engine {
            /// Every engine, in the order of the help text.
            pub const ALL: &'static [Engine] = &[$(Engine::$variant,)+];

            /// The name used on the command line and stored with the import.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Engine::$variant => $text,)+ }
            }

            /// The engine called `text`, if there is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Engine> {
                match text { $($text => Some(Engine::$variant),)+ _ => None }
            }
        }
    };
}

engines! {
    /// «Отчёт об успеваемости и посещаемости ученика»: a workbook with one block per pupil.
    SchoolWorkbook = "school-workbook",
    /// CSV or XLSX with a header row: attendance, lessons, plans, load, organisations, movement.
    Long = "long",
    /// One JSON bundle with the arrays of the Дневник.ру API.
    DnevnikJson = "dnevnik-json",
}

/// One file, read.
#[derive(Debug, Clone)]
pub struct Export {
    pub engine: Engine,
    /// Titles of the sheets in order; one name for a text file.
    pub sheets: Vec<String>,
    /// Local moment of the export that the file itself tells, µs since 1970.
    pub exported_at: Option<i64>,
    pub content: Content,
}

/// What kind of facts the file holds.
#[derive(Debug, Clone)]
pub enum Content {
    Journal(Journal),
    Plan(Plan),
    Staff(Staff),
    Organisations(Vec<OrganisationRow>),
    Movement(Movement),
}

/// The names a file speaks of; other columns point into these lists.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Titles as written; an empty title means that the file does not tell.
    pub organisations: Vec<String>,
    pub groups: Vec<Group>,
    pub courses: Vec<Course>,
    pub teachers: Vec<Teacher>,
    pub pupils: Vec<Pupil>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Index in [`Names::organisations`].
    pub organisation: u32,
    pub title: String,
    /// First year of the school year; 0 where neither the file nor a date tells.
    pub school_year: i32,
    /// Kind that the file itself tells; none: the title decides.
    pub kind: Option<GroupKind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Index in [`Names::groups`].
    pub group: u32,
    pub subject: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teacher {
    pub organisation: u32,
    /// Id in the engine, where it has one.
    pub engine_id: Option<String>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pupil {
    /// Index in [`Names::groups`].
    pub group: u32,
    pub engine_id: Option<String>,
    pub name: String,
}

/// Which part of a journal a file tells: the two merge as layers of one (course, month).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Lessons with the attendance of pupils.
    Attendance,
    /// Lessons only.
    Lessons,
}

/// Lessons, attendance and marks.
#[derive(Debug, Clone)]
pub struct Journal {
    pub layer: Layer,
    /// Properties of lessons that the file has columns for.
    pub told: LessonFields,
    pub names: Names,
    pub lessons: Vec<Lesson>,
    pub attendance: Attendance,
    /// Distinct contents of attendance cells.
    pub verdicts: Vec<Verdict>,
    /// Marks that the engine lists apart; those inside attendance cells are in `verdicts`.
    pub marks: Vec<MarkRow>,
    /// Days of each pupil in each course that the file speaks of, for engines that merge pupil by
    /// pupil; empty for engines that tell whole months of a course.
    pub coverage: Vec<Coverage>,
}

/// Days of a pupil in a course that a file speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    pub course: u32,
    pub pupil: u32,
    pub from_on: Day,
    pub to_on: Day,
}

/// Properties of lessons that a file tells, empty or not; the others it does not speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonFields {
    pub starts_at: bool,
    pub hours: bool,
    pub topic: bool,
    pub homework: bool,
    pub main_teacher: bool,
    pub taught_by: bool,
    pub status: bool,
    pub recorded_at: bool,
}

/// One lesson of a course on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Index in [`Names::courses`].
    pub course: u32,
    pub held_on: Day,
    pub lesson_no: Option<i16>,
    /// Ordinal among the lessons of the course on that day that have no number; from 1.
    pub ordinal: i16,
    /// Minutes after local midnight.
    pub starts_at: Option<i16>,
    pub ends_at: Option<i16>,
    /// Hundredths of an hour.
    pub hours: i32,
    pub topic: Option<Box<str>>,
    pub homework: Option<Box<str>>,
    /// Indices in [`Names::teachers`].
    pub main_teacher: Option<u32>,
    pub taught_by: Option<u32>,
    pub status: LessonStatus,
    /// Local moments, µs since 1970.
    pub recorded_at: Option<i64>,
    pub homework_at: Option<i64>,
    pub sheet_no: i16,
    pub row_no: i32,
    pub col_no: i16,
}

/// One entry per pupil and lesson, as parallel columns.
#[derive(Debug, Clone, Default)]
pub struct Attendance {
    /// Index in [`Journal::lessons`].
    pub lesson: Vec<u32>,
    /// Index in [`Names::pupils`].
    pub pupil: Vec<u32>,
    /// Index in [`Journal::verdicts`].
    pub verdict: Vec<u32>,
    pub row_no: Vec<i32>,
    pub col_no: Vec<i16>,
    /// Sheet of every row; empty where there is one sheet.
    pub sheet_no: Vec<i16>,
    /// Local moments of entry, µs since 1970; empty where the engine tells none; `i64::MIN`: none.
    pub recorded_at: Vec<i64>,
}

impl Attendance {
    #[must_use]
    pub fn len(&self) -> usize {
        self.lesson.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lesson.is_empty()
    }
}

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRow {
    pub lesson: u32,
    pub pupil: u32,
    /// Ordinal in its cell, from 1.
    pub seq: i16,
    pub value: Box<str>,
    /// Hundredths.
    pub value_num: Option<i32>,
    pub weight: Option<i32>,
    pub work_kind: Option<Box<str>>,
    pub due_on: Option<Day>,
    pub recorded_at: Option<i64>,
    pub sheet_no: i16,
    pub row_no: i32,
    pub col_no: i16,
}

/// Planned topics (КТП).
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub names: Names,
    pub rows: Vec<PlanRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    pub course: u32,
    pub seq: i32,
    pub planned_on: Option<Day>,
    /// Hundredths of an hour.
    pub hours: i32,
    pub topic: Option<Box<str>>,
    pub sheet_no: i16,
    pub row_no: i32,
}

/// Teachers' posts and load (тарификация).
#[derive(Debug, Clone, Default)]
pub struct Staff {
    pub names: Names,
    pub rows: Vec<StaffRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    pub teacher: u32,
    pub personnel_no: Option<String>,
    pub position: Option<String>,
    /// Hundredths.
    pub rate: Option<i32>,
    pub weekly_hours: Option<i32>,
    /// Course the load is assigned to.
    pub course: Option<u32>,
    /// Hundredths of an hour.
    pub hours_total: Option<i32>,
    pub direction: Option<String>,
    /// `basic` or `supplementary`.
    pub programme_kind: Option<&'static str>,
}

/// One institution as a list of institutions tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    pub title: String,
    pub short_title: String,
    pub municipality: Option<String>,
    pub kind: OrganisationKind,
    /// Letter of the act, as written.
    pub regulation: String,
    pub week_days: i16,
    pub time_zone: String,
}

/// Stays of pupils in groups, as the administration tells them.
#[derive(Debug, Clone, Default)]
pub struct Movement {
    pub names: Names,
    pub rows: Vec<MovementRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub pupil: u32,
    pub from_on: Day,
    pub to_on: Option<Day>,
    pub movement: MovementWord,
}

impl Journal {
    /// Marks in cells and apart from them.
    #[must_use]
    pub fn mark_count(&self) -> usize {
        let in_cells: usize = self
            .attendance
            .verdict
            .iter()
            .map(|verdict| self.verdicts[*verdict as usize].marks.len())
            .sum();
        in_cells + self.marks.len()
    }

    /// Drops lessons, with all that hangs on them, for which `keep` says no.
    pub(crate) fn keep_lessons(&mut self, mut keep: impl FnMut(&Lesson) -> bool) {
        let kept: Vec<bool> = self.lessons.iter().map(|lesson| keep(lesson)).collect();
        if kept.iter().all(|kept| *kept) {
            return;
        }
        let mut renumbered = vec![u32::MAX; kept.len()];
        let mut next = 0;
        for (index, kept) in kept.iter().enumerate() {
            if *kept {
                renumbered[index] = next;
                next += 1;
            }
        }
        let mut index = 0;
        self.lessons.retain(|_| {
            index += 1;
            kept[index - 1]
        });
        let rows: Vec<usize> = (0..self.attendance.len())
            .filter(|row| kept[self.attendance.lesson[*row] as usize])
            .collect();
        self.attendance = self.attendance.taken(&rows);
        for lesson in &mut self.attendance.lesson {
            *lesson = renumbered[*lesson as usize];
        }
        self.marks.retain_mut(|mark| {
            let is_kept = kept[mark.lesson as usize];
            mark.lesson = renumbered[mark.lesson as usize];
            is_kept
        });
    }
}

impl Attendance {
    /// The rows with those indices, in that order.
    pub(crate) fn taken(&self, rows: &[usize]) -> Attendance {
        fn take<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            if column.is_empty() {
                Vec::new()
            } else {
                rows.iter().map(|row| column[*row]).collect()
            }
        }
        Attendance {
            lesson: take(&self.lesson, rows),
            pupil: take(&self.pupil, rows),
            verdict: take(&self.verdict, rows),
            row_no: take(&self.row_no, rows),
            col_no: take(&self.col_no, rows),
            sheet_no: take(&self.sheet_no, rows),
            recorded_at: take(&self.recorded_at, rows),
        }
    }
}
