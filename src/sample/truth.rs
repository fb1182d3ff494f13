//! What the generator knows about the journal it invented: sums that reports must come to.
//!
//! Nothing here is read back from an export. The columns are called as in the roll-ups of the
//! lake, hours are hundredths of an hour.

use crate::faults::Fault;
use crate::world::{EntryMoment, Institution, Lesson};
use std::collections::BTreeMap;
use std::ops::AddAssign;
use svodka_journal::{AbsenceReason, AttendanceStatus, Day, LessonStatus, Month};

/// Sums over lessons and over the pupils expected at them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub lessons: u64,
    pub hours: u64,
    pub substituted_lessons: u64,
    pub substituted_hours: u64,
    pub unrecorded_lessons: u64,
    pub cancelled_lessons: u64,
    pub no_topic_lessons: u64,
    /// Recorded on the day, one, two, three, more than three days later.
    pub delays: [u64; 5],
    pub delay_unknown: u64,
    pub planned_lessons: u64,
    pub planned_hours: u64,
    /// Lessons of the timetable that never reached the export.
    pub missing_lessons: u64,
    pub expected: u64,
    pub present: u64,
    pub absent: u64,
    pub late: u64,
    pub exempt: u64,
    pub unrecorded: u64,
    pub excused: u64,
    pub unexcused: u64,
    pub illness: u64,
    pub reason_unknown: u64,
    pub marks: u64,
}

impl Figures {
    /// Names of the columns in the order of [`Figures::values`].
    pub const COLUMNS: [&'static str; 26] = [
        "lessons",
        "hours",
        "substituted_lessons",
        "substituted_hours",
        "unrecorded_lessons",
        "cancelled_lessons",
        "no_topic_lessons",
        "delay_0",
        "delay_1",
        "delay_2",
        "delay_3",
        "delay_more",
        "delay_unknown",
        "planned_lessons",
        "planned_hours",
        "missing_lessons",
        "expected",
        "present",
        "absent",
        "late",
        "exempt",
        "unrecorded",
        "excused",
        "unexcused",
        "illness",
        "reason_unknown",
    ];

    #[must_use]
    pub const fn values(&self) -> [u64; 26] {
        [
            self.lessons,
            self.hours,
            self.substituted_lessons,
            self.substituted_hours,
            self.unrecorded_lessons,
            self.cancelled_lessons,
            self.no_topic_lessons,
            self.delays[0],
            self.delays[1],
            self.delays[2],
            self.delays[3],
            self.delays[4],
            self.delay_unknown,
            self.planned_lessons,
            self.planned_hours,
            self.missing_lessons,
            self.expected,
            self.present,
            self.absent,
            self.late,
            self.exempt,
            self.unrecorded,
            self.excused,
            self.unexcused,
            self.illness,
            self.reason_unknown,
        ]
    }

    /// The figures of one lesson.
    #[must_use]
    pub fn of_lesson(institution: &Institution, lesson: &Lesson) -> Figures {
        let mut figures = Figures::default();
        if lesson.status == LessonStatus::Cancelled {
            figures.cancelled_lessons = 1;
            return figures;
        }
        let mut entries = 0;
        for cell in institution.cells_of(lesson) {
            figures.expected += 1;
            match cell.status {
                AttendanceStatus::Present => figures.present += 1,
                AttendanceStatus::Absent => figures.absent += 1,
                AttendanceStatus::Late => figures.late += 1,
                AttendanceStatus::Exempt => figures.exempt += 1,
                AttendanceStatus::Unrecorded => figures.unrecorded += 1,
            }
            match cell.reason {
                Some(AbsenceReason::Excused) => figures.excused += 1,
                Some(AbsenceReason::Unexcused) => figures.unexcused += 1,
                Some(AbsenceReason::Illness) => figures.illness += 1,
                Some(AbsenceReason::Unknown) => figures.reason_unknown += 1,
                None => {}
            }
            entries += u64::from(matches!(
                cell.status,
                AttendanceStatus::Absent | AttendanceStatus::Late
            ));
            figures.marks += cell.marks().count() as u64;
        }
        let hours = institution.course_of(lesson).hours as u64;
        figures.lessons = 1;
        figures.hours = hours;
        if institution.is_substitution(lesson) {
            figures.substituted_lessons = 1;
            figures.substituted_hours = hours;
        }
        figures.unrecorded_lessons = u64::from(figures.unrecorded > 0);
        figures.no_topic_lessons = u64::from(lesson.topic.is_none());
        let is_told = match institution.carries.entry {
            EntryMoment::OfLesson => true,
            EntryMoment::OfAbsence => entries > 0,
            EntryMoment::None => false,
        };
        match lesson.recorded_at {
            Some(moment) if is_told => {
                let days = moment.div_euclid(1440) - i64::from(lesson.day.0);
                figures.delays[days.clamp(0, 4) as usize] = 1;
            }
            _ => figures.delay_unknown = 1,
        }
        figures
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.lessons += other.lessons;
        self.hours += other.hours;
        self.substituted_lessons += other.substituted_lessons;
        self.substituted_hours += other.substituted_hours;
        self.unrecorded_lessons += other.unrecorded_lessons;
        self.cancelled_lessons += other.cancelled_lessons;
        self.no_topic_lessons += other.no_topic_lessons;
        for (mine, theirs) in self.delays.iter_mut().zip(other.delays) {
            *mine += theirs;
        }
        self.delay_unknown += other.delay_unknown;
        self.planned_lessons += other.planned_lessons;
        self.planned_hours += other.planned_hours;
        self.missing_lessons += other.missing_lessons;
        self.expected += other.expected;
        self.present += other.present;
        self.absent += other.absent;
        self.late += other.late;
        self.exempt += other.exempt;
        self.unrecorded += other.unrecorded;
        self.excused += other.excused;
        self.unexcused += other.unexcused;
        self.illness += other.illness;
        self.reason_unknown += other.reason_unknown;
        self.marks += other.marks;
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationDay {
    pub organisation: String,
    pub day: Day,
    pub figures: Figures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMonth {
    pub organisation: String,
    pub group: String,
    pub school_year: i32,
    pub month: Month,
    pub figures: Figures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseMonth {
    pub organisation: String,
    pub group: String,
    pub subject: String,
    pub school_year: i32,
    pub main_teacher: String,
    pub month: Month,
    pub figures: Figures,
}

/// Lessons that one teacher gave, substitutions for others included; planned figures are zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeacherMonth {
    pub organisation: String,
    pub teacher: String,
    pub month: Month,
    pub figures: Figures,
}

/// The truth behind a set of exports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    pub organisation_days: Vec<OrganisationDay>,
    pub group_months: Vec<GroupMonth>,
    pub course_months: Vec<CourseMonth>,
    pub teacher_months: Vec<TeacherMonth>,
    pub faults: Vec<Fault>,
    /// Rows of attendance over all institutions.
    pub attendance_rows: u64,
    pub lessons: u64,
    pub pupils: u64,
}

impl Truth {
    /// The sums of one institution.
    #[must_use]
    pub fn of(institution: &Institution) -> Truth {
        let mut days: BTreeMap<Day, Figures> = BTreeMap::new();
        let mut courses: BTreeMap<(u32, Month), Figures> = BTreeMap::new();
        let mut teachers: BTreeMap<(u32, Month), Figures> = BTreeMap::new();
        let mut add = |course: u32, day: Day, figures: Figures| {
            *days.entry(day).or_default() += figures;
            *courses.entry((course, day.month())).or_default() += figures;
        };
        for (index, course) in institution.courses.iter().enumerate() {
            for item in &course.plan {
                let figures = Figures {
                    planned_lessons: 1,
                    planned_hours: course.hours as u64,
                    ..Figures::default()
                };
                add(index as u32, item.on, figures);
            }
        }
        for lesson in &institution.lessons {
            let figures = Figures::of_lesson(institution, lesson);
            add(lesson.course, lesson.day, figures);
            *teachers
                .entry((lesson.taught_by, lesson.day.month()))
                .or_default() += figures;
        }
        for (&(course, month), &count) in &institution.missing {
            let figures = courses.entry((course, month)).or_default();
            figures.missing_lessons += u64::from(count);
        }
        let mut groups: BTreeMap<(u32, Month), Figures> = BTreeMap::new();
        for (&(course, month), &figures) in &courses {
            let group = institution.courses[course as usize].group;
            *groups.entry((group, month)).or_default() += figures;
        }
        let organisation = || institution.short_title.clone();
        Truth {
            organisation_days: days
                .into_iter()
                .map(|(day, figures)| OrganisationDay {
                    organisation: organisation(),
                    day,
                    figures,
                })
                .collect(),
            group_months: groups
                .into_iter()
                .map(|((group, month), figures)| GroupMonth {
                    organisation: organisation(),
                    group: institution.groups[group as usize].title.clone(),
                    school_year: institution.groups[group as usize].school_year,
                    month,
                    figures,
                })
                .collect(),
            course_months: courses
                .into_iter()
                .map(|((index, month), figures)| {
                    let course = &institution.courses[index as usize];
                    let group = &institution.groups[course.group as usize];
                    CourseMonth {
                        organisation: organisation(),
                        group: group.title.clone(),
                        subject: course.subject.clone(),
                        school_year: group.school_year,
                        main_teacher: institution.teachers[course.teacher as usize].name.clone(),
                        month,
                        figures,
                    }
                })
                .collect(),
            teacher_months: teachers
                .into_iter()
                .map(|((teacher, month), figures)| TeacherMonth {
                    organisation: organisation(),
                    teacher: institution.teachers[teacher as usize].name.clone(),
                    month,
                    figures,
                })
                .collect(),
            faults: Vec::new(),
            attendance_rows: institution.cells.len() as u64,
            lessons: institution.lessons.len() as u64,
            pupils: institution.pupils.len() as u64,
        }
    }

    /// Adds the truth of another institution.
    pub fn append(&mut self, mut other: Truth) {
        self.organisation_days.append(&mut other.organisation_days);
        self.group_months.append(&mut other.group_months);
        self.course_months.append(&mut other.course_months);
        self.teacher_months.append(&mut other.teacher_months);
        self.faults.append(&mut other.faults);
        self.attendance_rows += other.attendance_rows;
        self.lessons += other.lessons;
        self.pupils += other.pupils;
    }

    /// Sum over all institutions and days.
    #[must_use]
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        for row in &self.organisation_days {
            total += row.figures;
        }
        total
    }
}
