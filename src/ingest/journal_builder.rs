//! Gathers names, lessons and cells of one file under local indices.

use crate::codes::{CodeProblem, CodeTable, EXPECTED_REASON, Verdict};
use crate::export::{
    Attendance, Course, Coverage, Group, Journal, Layer, Lesson, LessonFields, Names, Pupil,
    Teacher,
};
use crate::notes::{Notes, Place};
use crate::spelling::{group_key, tidy, title_key};
use rustc_hash::FxHashMap;
use svodka_journal::{Day, Severity};

/// What makes two mentions of a lesson the same lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LessonKey {
    pub course: u32,
    pub held_on: Day,
    pub lesson_no: Option<i16>,
    pub ordinal: i16,
    pub starts_at: Option<i16>,
}

impl LessonKey {
    pub fn of(lesson: &Lesson) -> LessonKey {
        LessonKey {
            course: lesson.course,
            held_on: lesson.held_on,
            lesson_no: lesson.lesson_no,
            ordinal: lesson.ordinal,
            starts_at: lesson.starts_at,
        }
    }
}

/// Names under local indices; spellings that mean the same get one index.
#[derive(Debug, Default)]
pub(crate) struct NamesBuilder {
    pub names: Names,
    organisations: FxHashMap<String, u32>,
    groups: FxHashMap<(u32, String, i32), u32>,
    courses: FxHashMap<(u32, String), u32>,
    teachers: FxHashMap<(u32, String), u32>,
    pupils: FxHashMap<(u32, String), u32>,
}

impl NamesBuilder {
    pub fn organisation(&mut self, title: &str) -> u32 {
        let names = &mut self.names.organisations;
        *self
            .organisations
            .entry(title_key(title))
            .or_insert_with(|| {
                names.push(tidy(title));
                names.len() as u32 - 1
            })
    }

    pub fn group(&mut self, organisation: u32, title: &str, school_year: i32) -> u32 {
        let names = &mut self.names.groups;
        *self
            .groups
            .entry((organisation, group_key(title), school_year))
            .or_insert_with(|| {
                names.push(Group {
                    organisation,
                    title: tidy(title),
                    school_year,
                    kind: None,
                });
                names.len() as u32 - 1
            })
    }

    pub fn course(&mut self, group: u32, subject: &str) -> u32 {
        let names = &mut self.names.courses;
        *self
            .courses
            .entry((group, title_key(subject)))
            .or_insert_with(|| {
                names.push(Course {
                    group,
                    subject: tidy(subject),
                });
                names.len() as u32 - 1
            })
    }

    /// None for an empty name without an id.
    pub fn teacher(
        &mut self,
        organisation: u32,
        name: &str,
        engine_id: Option<&str>,
    ) -> Option<u32> {
        let name = tidy(name);
        if name.is_empty() && engine_id.is_none() {
            return None;
        }
        let key = engine_id.map_or_else(|| title_key(&name), |id| format!("#{id}"));
        let names = &mut self.names.teachers;
        Some(
            *self.teachers.entry((organisation, key)).or_insert_with(|| {
                names.push(Teacher {
                    organisation,
                    engine_id: engine_id.map(str::to_owned),
                    name,
                });
                names.len() as u32 - 1
            }),
        )
    }

    /// A pupil of a group; by id where there is one, else by name.
    pub fn pupil(&mut self, group: u32, name: &str, engine_id: Option<&str>) -> u32 {
        let key = engine_id.map_or_else(|| title_key(name), |id| format!("#{id}"));
        let names = &mut self.names.pupils;
        *self.pupils.entry((group, key)).or_insert_with(|| {
            names.push(Pupil {
                group,
                engine_id: engine_id.map(str::to_owned),
                name: tidy(name),
            });
            names.len() as u32 - 1
        })
    }

    /// Indices here of the names of another part of the same file.
    pub fn absorb(&mut self, other: &Names) -> Remap {
        let organisations: Vec<u32> = other
            .organisations
            .iter()
            .map(|title| self.organisation(title))
            .collect();
        let groups: Vec<u32> = other
            .groups
            .iter()
            .map(|group| {
                self.group(
                    organisations[group.organisation as usize],
                    &group.title,
                    group.school_year,
                )
            })
            .collect();
        let courses = other
            .courses
            .iter()
            .map(|course| self.course(groups[course.group as usize], &course.subject))
            .collect();
        let teachers = other
            .teachers
            .iter()
            .map(|teacher| {
                self.teacher(
                    organisations[teacher.organisation as usize],
                    &teacher.name,
                    teacher.engine_id.as_deref(),
                )
                .unwrap_or(0)
            })
            .collect();
        let pupils = other
            .pupils
            .iter()
            .map(|pupil| {
                self.pupil(
                    groups[pupil.group as usize],
                    &pupil.name,
                    pupil.engine_id.as_deref(),
                )
            })
            .collect();
        Remap {
            courses,
            teachers,
            pupils,
        }
    }
}

/// New indices by old ones.
#[derive(Debug)]
pub(crate) struct Remap {
    pub courses: Vec<u32>,
    pub teachers: Vec<u32>,
    pub pupils: Vec<u32>,
}

/// A journal in the making.
#[derive(Debug)]
pub(crate) struct JournalBuilder {
    pub names: NamesBuilder,
    pub lessons: Vec<Lesson>,
    pub attendance: Attendance,
    pub verdicts: Vec<Verdict>,
    pub coverage: Vec<Coverage>,
    lesson_index: FxHashMap<LessonKey, u32>,
    verdict_index: FxHashMap<String, u32>,
    codes: &'static CodeTable,
}

impl JournalBuilder {
    pub fn new(codes: &'static CodeTable) -> JournalBuilder {
        JournalBuilder {
            names: NamesBuilder::default(),
            lessons: Vec::new(),
            attendance: Attendance::default(),
            verdicts: Vec::new(),
            coverage: Vec::new(),
            lesson_index: FxHashMap::default(),
            verdict_index: FxHashMap::default(),
            codes,
        }
    }

    /// Index of the lesson; one mentioned before gets what it lacked.
    pub fn lesson(&mut self, lesson: Lesson) -> u32 {
        let lessons = &mut self.lessons;
        match self.lesson_index.entry(LessonKey::of(&lesson)) {
            std::collections::hash_map::Entry::Occupied(known) => {
                let index = *known.get();
                let first = &mut lessons[index as usize];
                // Parts of a file are read side by side: the upper mention comes first.
                let mut other = lesson;
                if (other.sheet_no, other.row_no) < (first.sheet_no, first.row_no) {
                    std::mem::swap(first, &mut other);
                }
                complete(first, other);
                index
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                let index = lessons.len() as u32;
                lessons.push(lesson);
                free.insert(index);
                index
            }
        }
    }

    /// Index of the meaning of a cell.
    pub fn verdict(&mut self, cell: &str, reason: &str) -> u32 {
        if reason.is_empty()
            && let Some(&known) = self.verdict_index.get(cell)
        {
            return known;
        }
        let key = if reason.is_empty() {
            cell.to_owned()
        } else {
            format!("{cell}\u{0}{reason}")
        };
        let verdicts = &mut self.verdicts;
        *self.verdict_index.entry(key).or_insert_with(|| {
            verdicts.push(self.codes.read(cell, reason));
            verdicts.len() as u32 - 1
        })
    }

    /// Adds what one cell says of one pupil at one lesson. `sheet_no` 0: the file has one sheet.
    #[inline]
    pub fn cell(
        &mut self,
        lesson: u32,
        pupil: u32,
        verdict: u32,
        sheet_no: i16,
        row_no: i32,
        col_no: i16,
    ) {
        self.attendance.lesson.push(lesson);
        self.attendance.pupil.push(pupil);
        self.attendance.verdict.push(verdict);
        self.attendance.row_no.push(row_no);
        self.attendance.col_no.push(col_no);
        if sheet_no > 0 {
            self.attendance.sheet_no.push(sheet_no);
        }
    }

    /// Takes a later part of the same text file, which begins `lines` lines down.
    pub fn absorb(&mut self, other: JournalBuilder, lines: i32) {
        let remap = self.names.absorb(&other.names.names);
        let lessons: Vec<u32> = other
            .lessons
            .into_iter()
            .map(|mut lesson| {
                lesson.course = remap.courses[lesson.course as usize];
                lesson.main_teacher = lesson
                    .main_teacher
                    .map(|teacher| remap.teachers[teacher as usize]);
                lesson.taught_by = lesson
                    .taught_by
                    .map(|teacher| remap.teachers[teacher as usize]);
                lesson.row_no += lines;
                self.lesson(lesson)
            })
            .collect();
        let mut verdicts = vec![0u32; other.verdicts.len()];
        for (key, index) in &other.verdict_index {
            let (cell, reason) = key.split_once('\u{0}').unwrap_or((key, ""));
            verdicts[*index as usize] = self.verdict(cell, reason);
        }
        let from = other.attendance;
        let to = &mut self.attendance;
        to.lesson
            .extend(from.lesson.iter().map(|index| lessons[*index as usize]));
        to.pupil
            .extend(from.pupil.iter().map(|index| remap.pupils[*index as usize]));
        to.verdict
            .extend(from.verdict.iter().map(|index| verdicts[*index as usize]));
        to.row_no.extend(from.row_no.iter().map(|row| row + lines));
        to.col_no.extend_from_slice(&from.col_no);
        to.sheet_no.extend_from_slice(&from.sheet_no);
    }

    /// Notes what the cells hold that the code table does not know, each text once.
    pub fn note_codes(&self, notes: &mut Notes, place: impl Fn(i16, i32, i16) -> Place) {
        if self
            .verdicts
            .iter()
            .all(|verdict| verdict.problem.is_none())
        {
            return;
        }
        let row_nos = &self.attendance.row_no;
        let sheet_of = |row: usize| self.attendance.sheet_no.get(row).copied().unwrap_or(1);
        let mut seen: Vec<(u64, usize)> = vec![(0, 0); self.verdicts.len()];
        for (row, verdict) in self.attendance.verdict.iter().enumerate() {
            let entry = &mut seen[*verdict as usize];
            if entry.0 == 0 || (sheet_of(row), row_nos[row]) < (sheet_of(entry.1), row_nos[entry.1])
            {
                entry.1 = row;
            }
            entry.0 += 1;
        }
        let mut order: Vec<usize> = (0..seen.len()).filter(|index| seen[*index].0 > 0).collect();
        order.sort_unstable_by_key(|index| (sheet_of(seen[*index].1), row_nos[seen[*index].1]));
        for index in order {
            let verdict = &self.verdicts[index];
            let Some(problem) = verdict.problem else {
                continue;
            };
            let (count, row) = seen[index];
            let place = place(
                sheet_of(row),
                self.attendance.row_no[row],
                self.attendance.col_no[row],
            );
            let found = verdict.raw.as_deref().unwrap_or("");
            let found: String = format!("«{}»", found.chars().take(60).collect::<String>());
            let (severity, code, expected, hint) = match problem {
                CodeProblem::Unknown => (
                    Severity::Warning,
                    "unknown-code",
                    self.codes.expected,
                    "Запись сохранена как неотмеченная, текст ячейки сохранён. Исправьте отметку в журнале и выгрузите его снова.",
                ),
                CodeProblem::Contradiction => (
                    Severity::Warning,
                    "contradicting-codes",
                    "одна отметка о посещении в ячейке",
                    "В ячейке отметки, которые исключают друг друга. Оставьте в журнале одну.",
                ),
                CodeProblem::LatinTwin => (
                    Severity::Info,
                    "latin-twin",
                    "русская буква",
                    "Вместо русской буквы стоит похожая латинская; прочитано как русская. Лучше исправить в журнале.",
                ),
                CodeProblem::UnknownReason => (
                    Severity::Warning,
                    "unknown-reason",
                    EXPECTED_REASON,
                    "Пропуск учтён, причина записана как неизвестная. Исправьте причину в журнале.",
                ),
            };
            notes.add_counted(severity, code, place, &found, count, expected, hint);
        }
    }

    pub fn finish(self, layer: Layer, told: LessonFields) -> Journal {
        Journal {
            layer,
            told,
            names: self.names.names,
            lessons: self.lessons,
            attendance: self.attendance,
            verdicts: self.verdicts,
            marks: Vec::new(),
            coverage: self.coverage,
        }
    }
}

/// Fills what the lesson lacks from another mention; the earliest moment of entry counts.
fn complete(lesson: &mut Lesson, other: Lesson) {
    if lesson.topic.is_none() {
        lesson.topic = other.topic;
    }
    if lesson.homework.is_none() {
        lesson.homework = other.homework;
    }
    lesson.main_teacher = lesson.main_teacher.or(other.main_teacher);
    lesson.taught_by = lesson.taught_by.or(other.taught_by);
    lesson.recorded_at = match (lesson.recorded_at, other.recorded_at) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    };
    lesson.homework_at = lesson.homework_at.or(other.homework_at);
}
