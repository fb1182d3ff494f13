//! Engine `school-workbook`: «Отчёт об успеваемости и посещаемости ученика», one block per pupil.
//!
//! A block: school, title, «Учебный год: …», «Класс: …», «Период: …», «Ученик: …», a header with
//! the months, the day numbers under it, a row per subject, a legend. Columns differ from block to
//! block, so nothing is carried over from one header to the next. A repeated day number is another
//! lesson of that day. An empty text is a lesson without a mark; no cell is no lesson.

use crate::codes::SCHOOL_WORKBOOK;
use crate::container::Refused;
use crate::export::{Content, Coverage, Engine, Export, Layer, Lesson, LessonFields};
use crate::journal_builder::JournalBuilder;
use crate::long::{Preamble, school_year};
use crate::moments::parse_day;
use crate::notes::{Notes, Place};
use crate::spelling::{tidy, title_key};
use crate::workbook::{Cell, Next, RowView, Workbook};
use svodka_journal::{Day, LessonStatus, Severity};

/// Rows among which the title of the first block is looked for.
const TITLE_ROWS: usize = 40;

/// Bytes of «Класс:».
const SHORTEST_LABEL: usize = 11;

/// Means are printed with two digits.
const HALF_OF_LAST_DIGIT: f64 = 0.005_000_1;

/// Whether the sheet looks like this report.
pub(crate) fn recognise(workbook: &mut Workbook<'_>, notes: &mut Notes) -> Result<bool, Refused> {
    let (mut has_title, mut has_pupil) = (false, false);
    let mut seen = 0;
    workbook.rows(0, notes, |row, _| {
        seen += 1;
        for (_, cell) in row.cells() {
            if let Cell::Text(text) = cell {
                let key = title_key(text);
                has_title |= is_title(&key);
                has_pupil |= key.starts_with("УЧЕНИК:") || key.starts_with("УЧЕНИК :");
            }
        }
        if seen >= TITLE_ROWS || (has_title && has_pupil) {
            Next::Stop
        } else {
            Next::Row
        }
    })?;
    Ok(has_title && has_pupil)
}

fn is_title(key: &str) -> bool {
    key.contains("УСПЕВАЕМОСТИ И ПОСЕЩАЕМОСТИ")
}

/// Reads every sheet.
pub(crate) fn read(
    workbook: &mut Workbook<'_>,
    titles: &[String],
    notes: &mut Notes,
) -> Result<Export, Refused> {
    let mut reader = Reader {
        builder: JournalBuilder::new(&SCHOOL_WORKBOOK),
        sheet_no: 1,
        head: Head::default(),
        state: State::Outside,
        loose: None,
        preamble: Preamble::default(),
        blocks: 0,
    };
    for sheet in 0..titles.len() {
        reader.sheet_no = sheet as i16 + 1;
        reader.state = State::Outside;
        reader.loose = None;
        workbook.rows(sheet, notes, |row, notes| {
            reader.row(&row, notes);
            Next::Row
        })?;
    }
    if reader.blocks == 0 {
        notes.add(
            Severity::Error,
            "no-blocks",
            Place::File,
            "отчёт без таблицы отметок",
            "таблица «Предмет», месяцы, дни",
            "Проверьте, что выгружен отчёт с отметками за период.",
        );
        return Err(Refused);
    }
    reader
        .builder
        .note_codes(notes, |sheet_no, row, column| Place::Sheet {
            sheet_no,
            row,
            column,
        });
    Ok(Export {
        engine: Engine::SchoolWorkbook,
        sheets: titles.to_vec(),
        exported_at: reader.preamble.exported_at,
        content: Content::Journal(
            reader
                .builder
                .finish(Layer::Attendance, LessonFields::default()),
        ),
    })
}

/// What stands above the table of a block.
#[derive(Debug, Clone, Default)]
struct Head {
    school: Option<String>,
    school_year: Option<i32>,
    class: Option<String>,
    period: Option<(Day, Day)>,
    pupil: Option<String>,
}

/// Where in a block the reader is.
#[derive(Debug)]
enum State {
    Outside,
    /// The header row was read; the days come next.
    Header(Months),
    Grid(Grid),
    /// The block cannot be read; its rows are skipped.
    Skipped,
}

/// A header row.
#[derive(Debug)]
struct Months {
    subject_column: i16,
    /// Month from its first column on.
    months: Vec<(i16, u32)>,
    mean_column: Option<i16>,
    /// Columns that are no days: means, results.
    other_columns: Vec<i16>,
}

/// What a column of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Other,
    Subject,
    Mean,
    Lesson { held_on: Day, ordinal: i16 },
}

/// The table of a block.
#[derive(Debug)]
struct Grid {
    /// By column of the sheet; index 0 is not used.
    columns: Vec<Column>,
    group: u32,
    pupil: u32,
    covered: (Day, Day),
}

struct Reader {
    builder: JournalBuilder,
    sheet_no: i16,
    head: Head,
    state: State,
    /// The last text that belongs to nothing: above a title it is the school.
    loose: Option<String>,
    preamble: Preamble,
    blocks: usize,
}

impl Reader {
    fn place(&self, row: i32, column: i16) -> Place {
        Place::Sheet {
            sheet_no: self.sheet_no,
            row,
            column,
        }
    }

    fn row(&mut self, row: &RowView<'_>, notes: &mut Notes) {
        if let State::Header(_) = self.state {
            let State::Header(months) = std::mem::replace(&mut self.state, State::Skipped) else {
                return;
            };
            self.days(row, &months, notes);
            return;
        }
        if let State::Grid(grid) = &self.state {
            if let Some(subject) = subject_of(row, grid) {
                if is_legend(subject) {
                    self.state = State::Outside;
                    return;
                }
                if !self.is_head_row(row) {
                    self.subject(row, notes);
                    return;
                }
            } else if row.cells().any(|(column, _)| {
                matches!(
                    grid.columns.get(column as usize),
                    Some(Column::Lesson { .. })
                )
            }) {
                notes.add(
                    Severity::Error,
                    "row-incomplete",
                    self.place(row.no(), 0),
                    "отметки без предмета",
                    "название предмета",
                    "Строка не загружена. Проверьте выгрузку.",
                );
                return;
            }
        }
        self.head_row(row, notes);
    }

    /// Whether the row begins the next block.
    fn is_head_row(&self, row: &RowView<'_>) -> bool {
        row.cells().any(|(_, cell)| match cell {
            // Marks are shorter than any word that begins a block.
            Cell::Text(text) if text.len() >= SHORTEST_LABEL => {
                let key = title_key(text);
                is_title(&key) || label(&key).is_some() || key == "ПРЕДМЕТ"
            }
            _ => false,
        })
    }

    /// Takes a row above a table.
    fn head_row(&mut self, row: &RowView<'_>, notes: &mut Notes) {
        let mut waiting: Option<Label> = None;
        for (column, cell) in row.cells() {
            let text = match cell {
                Cell::Text(text) => tidy(text),
                Cell::Number(_) => cell.text().into_owned(),
                Cell::Bool(_) | Cell::Fault(_) => continue,
            };
            if text.is_empty() {
                continue;
            }
            let key = title_key(&text);
            if let Some(label) = waiting.take() {
                self.labelled(label, &text, row.no(), column, notes);
                continue;
            }
            if is_title(&key) {
                let school = self
                    .loose
                    .take()
                    .filter(|text| !is_legend(text))
                    .or_else(|| self.head.school.clone());
                self.head = Head {
                    school,
                    ..Head::default()
                };
                self.state = State::Outside;
                continue;
            }
            if key == "ПРЕДМЕТ" || key == "УЧЕБНЫЙ ПРЕДМЕТ" {
                self.header(row, column);
                return;
            }
            if let Some((label, value)) = label(&key)
                .and_then(|label| Some((label, text.split_once(':')?.1.trim().to_owned())))
            {
                if matches!(self.state, State::Grid(_)) {
                    // A block without a title: what the block before said of its pupil is over.
                    self.state = State::Outside;
                    self.head.pupil = None;
                }
                if value.is_empty() {
                    waiting = Some(label);
                } else {
                    self.labelled(label, &value, row.no(), column, notes);
                }
                continue;
            }
            if !self.preamble.take_line(&text) {
                self.loose = Some(text);
            }
        }
    }

    fn labelled(&mut self, label: Label, value: &str, row: i32, column: i16, notes: &mut Notes) {
        match label {
            Label::School => self.head.school = Some(value.to_owned()),
            Label::SchoolYear => self.head.school_year = school_year(value),
            Label::Class => self.head.class = Some(value.to_owned()),
            Label::Pupil => self.head.pupil = Some(value.to_owned()),
            Label::Period => {
                self.head.period = period(value);
                if self.head.period.is_none() {
                    notes.add(
                        Severity::Warning,
                        "bad-date",
                        self.place(row, column),
                        format!("«{}»", value.chars().take(60).collect::<String>()),
                        "с дд.мм.гг по дд.мм.гг",
                        "Год взят из строки «Учебный год».",
                    );
                }
            }
        }
    }

    /// Takes the header row of a table.
    fn header(&mut self, row: &RowView<'_>, subject_column: i16) {
        let mut header = Months {
            subject_column,
            months: Vec::new(),
            mean_column: None,
            other_columns: Vec::new(),
        };
        for (column, cell) in row.cells() {
            let Cell::Text(text) = cell else { continue };
            let key = title_key(text);
            if column <= subject_column || key.is_empty() {
                continue;
            }
            if let Some(month) = month_of(&key) {
                header.months.push((column, month));
            } else {
                if key.starts_with("СРЕДНЯЯ ОЦЕНКА") || key == "СРЕДНИЙ БАЛЛ"
                {
                    header.mean_column = Some(column);
                }
                header.other_columns.push(column);
            }
        }
        self.state = State::Header(header);
    }

    /// Takes the row of day numbers and opens the table.
    fn days(&mut self, row: &RowView<'_>, header: &Months, notes: &mut Notes) {
        self.blocks += 1;
        let head = self.head.clone();
        let (Some(class), Some(pupil)) = (&head.class, &head.pupil) else {
            let (found, expected) = if head.class.is_none() {
                ("блок без класса", "«Класс: 8А»")
            } else {
                ("блок без ученика", "«Ученик: фамилия имя»")
            };
            notes.add(
                Severity::Error,
                "block-incomplete",
                self.place(row.no(), 0),
                found,
                expected,
                "Блок не загружен. Проверьте выгрузку.",
            );
            return;
        };
        let first_other = header
            .other_columns
            .iter()
            .copied()
            .min()
            .unwrap_or(i16::MAX);
        let mut columns: Vec<Column> = Vec::new();
        let mut put = |column: i16, what: Column| {
            let column = column as usize;
            if columns.len() <= column {
                columns.resize(column + 1, Column::Other);
            }
            columns[column] = what;
        };
        put(header.subject_column, Column::Subject);
        if let Some(mean) = header.mean_column {
            put(mean, Column::Mean);
        }
        let mut days: Vec<Day> = Vec::new();
        for (column, cell) in row.cells() {
            if column <= header.subject_column || column >= first_other {
                continue;
            }
            let text = cell.text();
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let month = header
                .months
                .iter()
                .rev()
                .find(|month| month.0 <= column)
                .map(|month| month.1);
            let day = text.parse::<u32>().ok();
            let held_on = match (month, day) {
                (Some(month), Some(day)) => resolve_day(&head, month, day),
                _ => None,
            };
            match held_on {
                Some(held_on) => {
                    let ordinal = days.iter().filter(|day| **day == held_on).count() as i16 + 1;
                    days.push(held_on);
                    self.check_day(&head, held_on, row.no(), column, notes);
                    if head
                        .school_year
                        .is_none_or(|year| year == held_on.school_year())
                    {
                        put(column, Column::Lesson { held_on, ordinal });
                    }
                }
                None => notes.add(
                    Severity::Error,
                    "bad-date",
                    self.place(row.no(), column),
                    format!("«{}»", text.chars().take(40).collect::<String>()),
                    "число месяца под названием месяца",
                    "Столбец не загружен: не понять, какой это день.",
                ),
            }
        }
        if days.is_empty() && head.period.is_none() {
            return;
        }
        let covered = head.period.unwrap_or_else(|| {
            let first = days.iter().copied().min().unwrap_or(Day(0));
            (first, days.iter().copied().max().unwrap_or(first))
        });
        let school_year = head.school_year.unwrap_or_else(|| covered.0.school_year());
        let names = &mut self.builder.names;
        let organisation = names.organisation(head.school.as_deref().unwrap_or(""));
        let group = names.group(organisation, class, school_year);
        let pupil = names.pupil(group, pupil, None);
        self.state = State::Grid(Grid {
            columns,
            group,
            pupil,
            covered,
        });
    }

    /// Notes a day that the head of the block excludes.
    fn check_day(&self, head: &Head, held_on: Day, row: i32, column: i16, notes: &mut Notes) {
        if let Some(year) = head.school_year
            && held_on.school_year() != year
        {
            notes.add(
                Severity::Error,
                "date-outside-school-year",
                self.place(row, column),
                held_on.to_string(),
                format!("учебный год {year}/{}", year + 1),
                "Столбец не загружен. Проверьте учебный год и период отчёта.",
            );
        } else if let Some((first, last)) = head.period
            && (held_on < first || held_on > last)
        {
            notes.add(
                Severity::Warning,
                "date-outside-period",
                self.place(row, column),
                held_on.to_string(),
                format!("с {first} по {last}"),
                "День загружен. Проверьте период отчёта.",
            );
        }
    }

    /// Takes the row of a subject.
    fn subject(&mut self, row: &RowView<'_>, notes: &mut Notes) {
        let State::Grid(grid) = &self.state else {
            return;
        };
        let Some(subject) = subject_of(row, grid) else {
            return;
        };
        let mut course: Option<u32> = None;
        let (mut sum, mut count) = (0i64, 0i64);
        let mut printed: Option<(i16, f64)> = None;
        let row_no = row.no();
        for (column, cell) in row.cells() {
            match grid.columns.get(column as usize) {
                Some(Column::Lesson { held_on, ordinal }) => {
                    let builder = &mut self.builder;
                    let course =
                        *course.get_or_insert_with(|| builder.names.course(grid.group, subject));
                    let lesson = builder.lesson(Lesson {
                        course,
                        held_on: *held_on,
                        lesson_no: None,
                        ordinal: *ordinal,
                        starts_at: None,
                        ends_at: None,
                        hours: 100,
                        topic: None,
                        homework: None,
                        main_teacher: None,
                        taught_by: None,
                        status: LessonStatus::Held,
                        recorded_at: None,
                        homework_at: None,
                        sheet_no: self.sheet_no,
                        row_no,
                        col_no: column,
                    });
                    let text = cell.text();
                    let verdict = builder.verdict(text.trim(), "");
                    for mark in &builder.verdicts[verdict as usize].marks {
                        sum += i64::from(mark.hundredths.unwrap_or(0));
                        count += 1;
                    }
                    builder.cell(lesson, grid.pupil, verdict, self.sheet_no, row_no, column);
                }
                Some(Column::Mean) => printed = number(cell).map(|number| (column, number)),
                Some(Column::Subject | Column::Other) | None => {}
            }
        }
        let Some(course) = course else {
            // Perhaps the school of the next block.
            self.loose = Some(tidy(subject));
            return;
        };
        let covered = Coverage {
            course,
            pupil: grid.pupil,
            from_on: grid.covered.0,
            to_on: grid.covered.1,
        };
        self.builder.coverage.push(covered);
        if let Some((column, printed)) = printed {
            let mean = if count > 0 {
                sum as f64 / 100.0 / count as f64
            } else {
                0.0
            };
            if (printed - mean).abs() > HALF_OF_LAST_DIGIT {
                notes.add(
                    Severity::Warning,
                    "printed-mean-differs",
                    self.place(row_no, column),
                    format!("{printed:.2}"),
                    format!("{mean:.2}"),
                    "Средняя оценка в отчёте не равна средней по видимым отметкам. Загружены видимые отметки; сверьте журнал.",
                );
            }
        }
    }
}

/// The text in the subject column, if there is one.
fn subject_of<'a>(row: &RowView<'a>, grid: &Grid) -> Option<&'a str> {
    row.cells()
        .find(|(column, _)| grid.columns.get(*column as usize) == Some(&Column::Subject))
        .and_then(|(_, cell)| match cell {
            Cell::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        })
}

/// What a labelled line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    School,
    SchoolYear,
    Class,
    Period,
    Pupil,
}

fn label(key: &str) -> Option<Label> {
    let (name, _) = key.split_once(':')?;
    Some(match name.trim_end() {
        "УЧЕБНЫЙ ГОД" => Label::SchoolYear,
        "КЛАСС" | "ГРУППА" => Label::Class,
        "ПЕРИОД" => Label::Period,
        "УЧЕНИК" | "УЧЕНИЦА" | "ОБУЧАЮЩИЙСЯ" | "УЧАЩИЙСЯ" => {
            Label::Pupil
        }
        "ШКОЛА" | "УЧРЕЖДЕНИЕ" | "ОРГАНИЗАЦИЯ" => Label::School,
        _ => return None,
    })
}

/// «Н - отсутствие», «Условные обозначения».
fn is_legend(text: &str) -> bool {
    let key = title_key(text);
    if key.starts_with("УСЛОВНЫЕ ОБОЗНАЧЕНИЯ")
        || key.starts_with("ОБОЗНАЧЕНИЯ")
        || key.starts_with("ЛЕГЕНДА")
    {
        return true;
    }
    let (code, _) = crate::spelling::code_key(&key);
    let mut letters = code.chars();
    let first = letters.next();
    let rest = letters.as_str().trim_start();
    matches!(first, Some('Н' | 'О' | 'Б' | 'У')) && rest.starts_with(['-', ':', '='])
}

/// Number of a month by the beginning of its name.
fn month_of(key: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "ЯНВ", "ФЕВ", "МАР", "АПР", "МА", "ИЮН", "ИЮЛ", "АВГ", "СЕН", "ОКТ", "НОЯ", "ДЕК",
    ];
    let word = key.split([' ', ',']).next()?;
    if word.chars().count() > 8 {
        return None;
    }
    // «Март» before «май»: both begin with «ма».
    let order = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 4];
    order
        .into_iter()
        .find(|index| word.starts_with(MONTHS[*index]))
        .map(|index| index as u32 + 1)
}

/// «с 24.03.25 по 24.05.25», also with a dash.
fn period(text: &str) -> Option<(Day, Day)> {
    let mut days = text
        .split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .filter_map(|word| parse_day(word.trim_matches('.').as_bytes()));
    let (first, last) = (days.next()?, days.next()?);
    (first <= last).then_some((first, last))
}

/// The day of a column: in the year the period or the school year gives it.
fn resolve_day(head: &Head, month: u32, day: u32) -> Option<Day> {
    if let Some((first, last)) = head.period {
        for year in first.civil().0..=last.civil().0 {
            if let Some(held_on) = Day::from_civil(year, month, day)
                && held_on >= first
                && held_on <= last
            {
                return Some(held_on);
            }
        }
    }
    let start = head
        .school_year
        .or_else(|| head.period.map(|period| period.0.school_year()))?;
    Day::from_civil(if month >= 9 { start } else { start + 1 }, month, day)
}

/// A printed number, with a decimal point or comma.
fn number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Number(text) => text.parse().ok(),
        Cell::Text(text) => text.trim().replace(',', ".").parse().ok(),
        Cell::Bool(_) | Cell::Fault(_) => None,
    }
}
