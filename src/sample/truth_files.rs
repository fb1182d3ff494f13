//! The truth as CSV files: sums for every size, single rows for the small ones.

use crate::csv::{Csv, clock, day_of};
use crate::truth::{Figures, Truth};
use crate::world::Institution;
use std::io;
use std::path::Path;

/// `organisation_day.csv`, `group_month.csv`, `course_month.csv`, `teacher_month.csv`,
/// `faults.csv`. Comma-separated UTF-8; hours are hundredths.
pub fn write_sums(truth: &Truth, folder: &Path) -> io::Result<()> {
    let file =
        |name: &str, keys: &[&str], rows: &mut dyn Iterator<Item = (Vec<String>, Figures)>| {
            let mut csv = Csv::new(',');
            csv.record(
                keys.iter()
                    .copied()
                    .chain(Figures::COLUMNS)
                    .chain(["marks"]),
            );
            for (keys, figures) in rows {
                let values: Vec<String> = figures.values().iter().map(u64::to_string).collect();
                let marks = figures.marks.to_string();
                csv.record(
                    keys.iter()
                        .chain(&values)
                        .map(String::as_str)
                        .chain([marks.as_str()]),
                );
            }
            std::fs::write(folder.join(name), csv.text)
        };
    file(
        "organisation_day.csv",
        &["organisation", "date"],
        &mut truth.organisation_days.iter().map(|row| {
            (
                vec![row.organisation.clone(), row.day.to_string()],
                row.figures,
            )
        }),
    )?;
    file(
        "group_month.csv",
        &["organisation", "group", "school_year", "month"],
        &mut truth.group_months.iter().map(|row| {
            let keys = vec![
                row.organisation.clone(),
                row.group.clone(),
                row.school_year.to_string(),
                row.month.0.to_string(),
            ];
            (keys, row.figures)
        }),
    )?;
    file(
        "course_month.csv",
        &[
            "organisation",
            "group",
            "subject",
            "school_year",
            "main_teacher",
            "month",
        ],
        &mut truth.course_months.iter().map(|row| {
            let keys = vec![
                row.organisation.clone(),
                row.group.clone(),
                row.subject.clone(),
                row.school_year.to_string(),
                row.main_teacher.clone(),
                row.month.0.to_string(),
            ];
            (keys, row.figures)
        }),
    )?;
    file(
        "teacher_month.csv",
        &["organisation", "teacher", "month"],
        &mut truth.teacher_months.iter().map(|row| {
            let keys = vec![
                row.organisation.clone(),
                row.teacher.clone(),
                row.month.0.to_string(),
            ];
            (keys, row.figures)
        }),
    )?;
    let mut faults = Csv::new(',');
    faults.record(["file", "sheet", "cell", "code"]);
    for fault in &truth.faults {
        faults.record([
            fault.file.as_str(),
            fault.sheet.as_deref().unwrap_or(""),
            fault.cell.as_deref().unwrap_or(""),
            fault.code,
        ]);
    }
    std::fs::write(folder.join("faults.csv"), faults.text)
}

/// `lesson/<institution>.csv`, `attendance/<institution>.csv`, `enrolment/…`, `staff_absence/…`.
pub fn write_rows(institution: &Institution, folder: &Path) -> io::Result<()> {
    let mut lessons = Csv::new(',');
    lessons.record([
        "group",
        "subject",
        "date",
        "lesson_no",
        "status",
        "hours",
        "main_teacher",
        "taught_by",
        "topic",
        "recorded_at",
    ]);
    let mut attendance = Csv::new(',');
    attendance.record([
        "group",
        "subject",
        "date",
        "lesson_no",
        "pupil",
        "pupil_id",
        "status",
        "reason",
        "marks",
    ]);
    for lesson in &institution.lessons {
        let course = institution.course_of(lesson);
        let group = institution.groups[lesson.group as usize].title.as_str();
        let (date, no) = (lesson.day.to_string(), lesson.lesson_no.to_string());
        let topic = lesson
            .topic
            .map_or("", |topic| course.plan[topic as usize].topic.as_str());
        lessons.record([
            group,
            &course.subject,
            &date,
            &no,
            lesson.status.as_str(),
            &course.hours.to_string(),
            &institution.teachers[course.teacher as usize].name,
            &institution.teachers[lesson.taught_by as usize].name,
            topic,
            &lesson.recorded_at.map(local_moment).unwrap_or_default(),
        ]);
        for cell in institution.cells_of(lesson) {
            let pupil = &institution.pupils[cell.pupil as usize];
            let marks: Vec<String> = cell.marks().map(|mark| mark.to_string()).collect();
            attendance.record([
                group,
                &course.subject,
                &date,
                &no,
                &pupil.name,
                &pupil.id,
                cell.status.as_str(),
                cell.reason.map_or("", |reason| reason.as_str()),
                &marks.join("/"),
            ]);
        }
    }
    let mut enrolment = Csv::new(',');
    enrolment.record(["group", "pupil", "pupil_id", "from_on", "to_on", "movement"]);
    for group in &institution.groups {
        for stay in &group.stays {
            let pupil = &institution.pupils[stay.pupil as usize];
            enrolment.record([
                group.title.as_str(),
                &pupil.name,
                &pupil.id,
                &stay.from.to_string(),
                &stay.to.map(|day| day.to_string()).unwrap_or_default(),
                stay.movement.as_str(),
            ]);
        }
    }
    let mut staff_absence = Csv::new(',');
    staff_absence.record(["teacher", "code", "from_on", "to_on"]);
    for teacher in &institution.teachers {
        for absence in &teacher.absences {
            let (from, to) = (absence.from.to_string(), absence.to.to_string());
            staff_absence.record([teacher.name.as_str(), absence.code, &from, &to]);
        }
    }
    let tables = [
        ("lesson", lessons),
        ("attendance", attendance),
        ("enrolment", enrolment),
        ("staff_absence", staff_absence),
    ];
    for (table, csv) in tables {
        let folder = folder.join(table);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(
            folder.join(format!("{}.csv", institution.short_title)),
            csv.text,
        )?;
    }
    Ok(())
}

/// `2025-10-05 14:20` in the institution's time.
fn local_moment(minutes: i64) -> String {
    let (hour, minute) = clock(minutes);
    format!("{} {hour:02}:{minute:02}", day_of(minutes))
}
