//! The benchmark's load: one long CSV per month or year and institution, fifty million rows.
//!
//! Every lesson gives one prefix, every pupil one fragment, every status one tail; a row is three
//! copies of bytes.

use crate::csv::{decimal, russian_date, russian_moment};
use crate::long::reason_text;
use crate::world::{Institution, Lesson};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use svodka_journal::{AttendanceStatus, LessonStatus};

const HEADER: &str = "Группа;Предмет;Дата;Урок;Педагог;Основной педагог;Часы;Тема;Внесено;ID обучающегося;Обучающийся;Отметка;Причина\n";
/// Bytes gathered before they go to the file.
const BUFFER: usize = 1 << 20;

/// How many files an institution writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    PerMonth,
    PerYear,
}

/// Writes the journal of one institution into its folder.
pub fn write(institution: &Institution, bulk: Bulk, folder: &Path) -> io::Result<()> {
    let pupils: Vec<Vec<u8>> = institution
        .pupils
        .iter()
        // Long exports name a pupil without the patronymic; the id tells namesakes apart.
        .map(|pupil| format!("{};{} {};", pupil.id, pupil.surname, pupil.first_name).into_bytes())
        .collect();
    // Year × 100 + month, or the first year of the school year.
    let file_of = |lesson: &Lesson| match bulk {
        Bulk::PerMonth => lesson.day.month().0,
        Bulk::PerYear => lesson.day.school_year(),
    };
    let files: BTreeSet<i32> = institution.lessons.iter().map(file_of).collect();
    for key in files {
        let name = match bulk {
            Bulk::PerMonth => format!("Журнал {}-{:02}.csv", key / 100, key % 100),
            Bulk::PerYear => format!("Журнал {key}-{}.csv", key + 1),
        };
        let mut file = std::fs::File::create(folder.join(name))?;
        let mut buffer: Vec<u8> = Vec::with_capacity(BUFFER + (1 << 16));
        let moment = russian_moment(institution.exported_at);
        write!(buffer, "# Выгружено: {moment}\n{HEADER}")?;
        let mut prefix: Vec<u8> = Vec::new();
        for lesson in institution
            .lessons
            .iter()
            .filter(|lesson| file_of(lesson) == key)
        {
            if lesson.status == LessonStatus::Cancelled {
                continue;
            }
            prefix.clear();
            write_prefix(institution, lesson, &mut prefix)?;
            for cell in institution.cells_of(lesson) {
                buffer.extend_from_slice(&prefix);
                buffer.extend_from_slice(&pupils[cell.pupil as usize]);
                let mark: &[u8] = match cell.status {
                    AttendanceStatus::Present => b"+;\n",
                    AttendanceStatus::Late => "оп;\n".as_bytes(),
                    AttendanceStatus::Exempt => "осв;\n".as_bytes(),
                    AttendanceStatus::Unrecorded => b";\n",
                    AttendanceStatus::Absent => {
                        buffer.extend_from_slice("н;".as_bytes());
                        buffer.extend_from_slice(reason_text(cell).as_bytes());
                        b"\n"
                    }
                };
                buffer.extend_from_slice(mark);
            }
            if buffer.len() >= BUFFER {
                file.write_all(&buffer)?;
                buffer.clear();
            }
        }
        file.write_all(&buffer)?;
    }
    Ok(())
}

/// The fields of a lesson up to the pupil, each with its delimiter.
fn write_prefix(
    institution: &Institution,
    lesson: &Lesson,
    prefix: &mut Vec<u8>,
) -> io::Result<()> {
    let course = institution.course_of(lesson);
    let main_teacher = match institution.is_substitution(lesson) {
        true => institution.teachers[course.teacher as usize].name.as_str(),
        false => "",
    };
    write!(
        prefix,
        "{};{};{};{};{};{main_teacher};{};{};{};",
        institution.groups[lesson.group as usize].title,
        course.subject,
        russian_date(lesson.day),
        lesson.lesson_no,
        institution.teachers[lesson.taught_by as usize].name,
        decimal(course.hours),
        lesson
            .topic
            .map_or("", |topic| course.plan[topic as usize].topic.as_str()),
        lesson.recorded_at.map(russian_moment).unwrap_or_default(),
    )
}
