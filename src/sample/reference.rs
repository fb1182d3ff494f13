//! Files beside the journal: organisations, plans, load, movement of pupils.

use crate::csv::{Csv, decimal, russian_date, russian_moment, short_date};
use crate::world::{Act, Institution, MUNICIPALITY, TIME_ZONE};
use std::collections::BTreeSet;
use svodka_journal::{Day, GroupKind, Movement, OrganisationKind};
use svodka_regulation::Week;

/// The list of institutions, which goes first.
#[must_use]
pub fn organisations<'a>(
    institutions: impl Iterator<Item = &'a OrganisationRow>,
    exported_at: i64,
) -> String {
    let mut csv = begin(exported_at, ';');
    csv.record([
        "Учреждение",
        "Краткое название",
        "Муниципалитет",
        "Вид",
        "Акт",
        "Рабочих дней в неделе",
        "Часовой пояс",
    ]);
    for row in institutions {
        csv.record([
            row.title.as_str(),
            row.short_title.as_str(),
            MUNICIPALITY,
            match row.kind {
                OrganisationKind::School => "школа",
                OrganisationKind::Supplementary => "дополнительное образование",
                OrganisationKind::Technopark => "технопарк",
                OrganisationKind::Rehabilitation => "реабилитационный центр",
            },
            row.act.letter(),
            if row.week == Week::Six { "6" } else { "5" },
            TIME_ZONE,
        ]);
    }
    csv.text
}

/// One line of the list of institutions.
#[derive(Debug, Clone)]
pub struct OrganisationRow {
    pub title: String,
    pub short_title: String,
    pub kind: OrganisationKind,
    pub act: Act,
    pub week: Week,
}

impl OrganisationRow {
    #[must_use]
    pub fn of(institution: &Institution) -> OrganisationRow {
        OrganisationRow {
            title: institution.title.clone(),
            short_title: institution.short_title.clone(),
            kind: institution.kind,
            act: institution.act,
            week: institution.week,
        }
    }
}

/// How the files beside the journal name the institution: with its full title, or the short one.
fn name_of(institution: &Institution) -> &str {
    match institution.act {
        Act::B | Act::C => &institution.short_title,
        Act::A | Act::D | Act::E => &institution.title,
    }
}

/// A file that starts with the moment of export.
#[must_use]
pub fn begin(exported_at: i64, delimiter: char) -> Csv {
    let mut csv = Csv::new(delimiter);
    csv.raw_line(&format!("# Выгружено: {}", russian_moment(exported_at)));
    csv
}

/// КТП: the plans of all courses.
#[must_use]
pub fn plan(institution: &Institution) -> Csv {
    let mut csv = begin(institution.exported_at, ';');
    csv.record([
        "Учреждение",
        "Группа",
        "Предмет",
        "№",
        "Дата",
        "Часы",
        "Тема",
    ]);
    for course in &institution.courses {
        let group = &institution.groups[course.group as usize];
        let hours = decimal(course.hours);
        for item in &course.plan {
            let on = match institution.act {
                Act::C => item.on.to_string(),
                Act::E => short_date(item.on),
                Act::A | Act::B | Act::D => russian_date(item.on),
            };
            csv.record([
                name_of(institution),
                &group.title,
                &course.subject,
                &item.seq.to_string(),
                &on,
                &hours,
                &item.topic,
            ]);
        }
    }
    csv
}

/// Тарификация: who teaches what, one row per teacher and course, by file name.
///
/// Load is given out for each iteration and shift anew, a week before it starts; a sum over them
/// would be nobody's week. So every start of teaching has a file of its own.
#[must_use]
pub fn loads(institution: &Institution) -> Vec<(String, Csv)> {
    let starts: BTreeSet<Day> = institution.groups.iter().map(|group| group.from).collect();
    if starts.len() < 2 {
        let csv = load(institution, institution.exported_at, None);
        return vec![("Тарификация.csv".to_owned(), csv)];
    }
    let a_week_before = |start: Day| i64::from(start.0 - 7) * 1440 + 9 * 60;
    starts
        .into_iter()
        .enumerate()
        .map(|(index, start)| {
            let exported_at = a_week_before(start).min(institution.exported_at);
            (
                format!("Тарификация {}.csv", index + 1),
                load(institution, exported_at, Some(start)),
            )
        })
        .collect()
}

fn load(institution: &Institution, exported_at: i64, start: Option<Day>) -> Csv {
    let mut csv = begin(exported_at, ';');
    csv.record([
        "Учреждение",
        "Педагог",
        "Табельный номер",
        "Должность",
        "Ставка",
        "Часов в неделю",
        "Группа",
        "Предмет",
        "Часов по программе",
        "Направление",
        "Вид программы",
    ]);
    for course in &institution.courses {
        let group = &institution.groups[course.group as usize];
        if start.is_some_and(|start| group.from != start) {
            continue;
        }
        let teacher = &institution.teachers[course.teacher as usize];
        csv.record([
            name_of(institution),
            &teacher.name,
            &teacher.personnel_no,
            teacher.position,
            &decimal(teacher.rate),
            &decimal(course.weekly_hours()),
            &group.title,
            &course.subject,
            &decimal(course.hours_planned()),
            course.direction.unwrap_or(""),
            if course.direction.is_some() {
                "дополнительная"
            } else {
                "основная"
            },
        ]);
    }
    csv
}

/// Движение: who came to a group when, and who left it.
#[must_use]
pub fn movement(institution: &Institution) -> Csv {
    let mut csv = begin(institution.exported_at, ';');
    csv.record([
        "Учреждение",
        "Группа",
        "Обучающийся",
        "ID обучающегося",
        "С",
        "По",
        "Движение",
    ]);
    for group in institution
        .groups
        .iter()
        .filter(|group| group.kind != GroupKind::Subgroup)
    {
        for stay in &group.stays {
            let pupil = &institution.pupils[stay.pupil as usize];
            csv.record([
                name_of(institution),
                &group.title,
                &pupil.name,
                &pupil.id,
                &russian_date(stay.from),
                &stay.to.map(russian_date).unwrap_or_default(),
                match stay.movement {
                    Movement::Enrolled => "зачислен",
                    Movement::Transferred => "переведён",
                    Movement::Departed => "выбыл",
                },
            ]);
        }
    }
    csv
}
