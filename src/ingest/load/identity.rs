//! Local indices become ids: groups, courses and programmes by natural keys, persons by the vault.

use super::columns::Columns;
use super::place::Organisation;
use super::{Import, Stop};
use crate::export::Names;
use crate::spelling::{group_key, group_kind, title_key};
use svodka_journal::GroupKind;
use svodka_lake::{KeyKind, Sequence};
use svodka_vault::{PersonKey, PersonKind};

/// Which names rows really point to: the others get no id.
#[derive(Debug)]
pub(crate) struct Used {
    pub courses: Vec<bool>,
    pub teachers: Vec<bool>,
    pub pupils: Vec<bool>,
}

impl Used {
    pub fn none(names: &Names) -> Used {
        Used {
            courses: vec![false; names.courses.len()],
            teachers: vec![false; names.teachers.len()],
            pupils: vec![false; names.pupils.len()],
        }
    }

    pub fn all(names: &Names) -> Used {
        Used {
            courses: vec![true; names.courses.len()],
            teachers: vec![true; names.teachers.len()],
            pupils: vec![true; names.pupils.len()],
        }
    }
}

/// Ids by local index; 0 for what is not used.
#[derive(Debug)]
pub(crate) struct Identities {
    pub organisations: Vec<Organisation>,
    pub groups: Vec<i32>,
    pub courses: Vec<i32>,
    pub programmes: Vec<i32>,
    pub teachers: Vec<i64>,
    pub pupils: Vec<i64>,
}

impl Identities {
    /// Institution of a course of the file.
    pub fn organisation_of(&self, names: &Names, course: u32) -> Organisation {
        let group = names.courses[course as usize].group;
        self.organisations[names.groups[group as usize].organisation as usize]
    }

    /// Group of a course of the file.
    pub fn group_of(&self, names: &Names, course: u32) -> i32 {
        self.groups[names.courses[course as usize].group as usize]
    }
}

/// Finds or makes every id that the rows need.
pub(crate) async fn resolve(
    import: &mut Import<'_>,
    names: &Names,
    used: &Used,
    organisations: Vec<Organisation>,
) -> Result<Identities, Stop> {
    let mut is_group_used = vec![false; names.groups.len()];
    for (course, _) in names
        .courses
        .iter()
        .zip(&used.courses)
        .filter(|entry| *entry.1)
    {
        is_group_used[course.group as usize] = true;
    }
    for (pupil, _) in names
        .pupils
        .iter()
        .zip(&used.pupils)
        .filter(|entry| *entry.1)
    {
        is_group_used[pupil.group as usize] = true;
    }
    let groups = groups(import, names, &is_group_used, &organisations).await?;
    let (courses, programmes) = courses(import, names, used, &groups, &organisations).await?;
    let (mut teachers, mut pupils) = (vec![0; names.teachers.len()], vec![0; names.pupils.len()]);
    for (index, organisation) in organisations.iter().enumerate() {
        let of_teachers: Vec<usize> = (0..names.teachers.len())
            .filter(|at| used.teachers[*at] && names.teachers[*at].organisation as usize == index)
            .collect();
        let keys: Vec<PersonKey> = of_teachers
            .iter()
            .map(|at| {
                let teacher = &names.teachers[*at];
                PersonKey {
                    engine_id: teacher.engine_id.clone(),
                    group: None,
                    name: teacher.name.clone(),
                }
            })
            .collect();
        let ids = import
            .vault
            .resolve(organisation.org_id, PersonKind::Teacher, &keys)
            .await?;
        for (at, id) in of_teachers.into_iter().zip(ids) {
            teachers[at] = id;
        }
        let of_pupils: Vec<usize> = (0..names.pupils.len())
            .filter(|at| {
                used.pupils[*at]
                    && names.groups[names.pupils[*at].group as usize].organisation as usize == index
            })
            .collect();
        let keys: Vec<PersonKey> = of_pupils
            .iter()
            .map(|at| {
                let pupil = &names.pupils[*at];
                let group = &names.groups[pupil.group as usize];
                PersonKey {
                    engine_id: pupil.engine_id.clone(),
                    group: Some(natural_group(&group.title, group.school_year)),
                    name: pupil.name.clone(),
                }
            })
            .collect();
        let ids = import
            .vault
            .resolve(organisation.org_id, PersonKind::Pupil, &keys)
            .await?;
        for (at, id) in of_pupils.into_iter().zip(ids) {
            pupils[at] = id;
        }
    }
    Ok(Identities {
        organisations,
        groups,
        courses,
        programmes,
        teachers,
        pupils,
    })
}

/// A class of one year is not the class of the next.
fn natural_group(title: &str, school_year: i32) -> String {
    format!("{school_year}|{}", group_key(title))
}

/// Kind and form of a group: what the file tells, else what the title tells.
fn kind_of(names: &Names, group: usize) -> (GroupKind, Option<i16>) {
    let group = &names.groups[group];
    let (by_title, parallel) = group_kind(&group.title);
    (group.kind.unwrap_or(by_title), parallel)
}

async fn groups(
    import: &mut Import<'_>,
    names: &Names,
    is_used: &[bool],
    organisations: &[Organisation],
) -> Result<Vec<i32>, Stop> {
    let mut ids = vec![0; names.groups.len()];
    let mut made: Vec<usize> = Vec::new();
    for (index, group) in names.groups.iter().enumerate() {
        if !is_used[index] {
            continue;
        }
        let org_id = organisations[group.organisation as usize].org_id;
        let key = natural_group(&group.title, group.school_year);
        ids[index] = match import.writer.id_of(KeyKind::Group, org_id, &key).await? {
            Some(known) => known,
            None => {
                let id = import.writer.next_ids(Sequence::Group, 1) as i32;
                import.writer.add_keys(KeyKind::Group, org_id, &[(key, id)]);
                made.push(index);
                id
            }
        };
    }
    if made.is_empty() {
        return Ok(ids);
    }
    let kinds: Vec<&str> = GroupKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let exported_at = import.exported_at;
    let rows = Columns::default()
        .int32(
            "org_id",
            made.iter()
                .map(|at| organisations[names.groups[*at].organisation as usize].org_id)
                .collect(),
        )
        .int32("group_id", made.iter().map(|at| ids[*at]).collect())
        .text(
            "title",
            made.iter()
                .map(|at| names.groups[*at].title.clone())
                .collect(),
        )
        .codes(
            "kind",
            made.iter()
                .map(|at| i32::from(kind_of(names, *at).0.code()) - 1)
                .collect(),
            &kinds,
        )?
        .maybe_int16(
            "parallel",
            made.iter().map(|at| kind_of(names, *at).1).collect(),
        )
        .int16(
            "school_year",
            made.iter()
                .map(|at| names.groups[*at].school_year as i16)
                .collect(),
        )
        .timestamp("exported_at", vec![exported_at; made.len()])
        .finish()?;
    import.change("study_group", vec![rows], Vec::new());
    Ok(ids)
}

async fn courses(
    import: &mut Import<'_>,
    names: &Names,
    used: &Used,
    groups: &[i32],
    organisations: &[Organisation],
) -> Result<(Vec<i32>, Vec<i32>), Stop> {
    let mut ids = vec![0; names.courses.len()];
    let mut programmes = vec![0; names.courses.len()];
    let (mut made, mut made_programmes): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for (index, course) in names.courses.iter().enumerate() {
        if !used.courses[index] {
            continue;
        }
        let org_id =
            organisations[names.groups[course.group as usize].organisation as usize].org_id;
        let subject = title_key(&course.subject);
        programmes[index] = match import
            .writer
            .id_of(KeyKind::Programme, org_id, &subject)
            .await?
        {
            Some(known) => known,
            None => {
                let id = import.writer.next_ids(Sequence::Programme, 1) as i32;
                import
                    .writer
                    .add_keys(KeyKind::Programme, org_id, &[(subject.clone(), id)]);
                made_programmes.push(index);
                id
            }
        };
        let key = format!("{}|{subject}", groups[course.group as usize]);
        ids[index] = match import.writer.id_of(KeyKind::Course, org_id, &key).await? {
            Some(known) => known,
            None => {
                let id = import.writer.next_ids(Sequence::Course, 1) as i32;
                import
                    .writer
                    .add_keys(KeyKind::Course, org_id, &[(key, id)]);
                made.push(index);
                id
            }
        };
    }
    let org_of = |at: &usize| {
        let group = names.courses[*at].group as usize;
        organisations[names.groups[group].organisation as usize].org_id
    };
    // Export time zero: a load file says more, whenever it was exported.
    if !made.is_empty() {
        let rows = Columns::default()
            .int32("org_id", made.iter().map(org_of).collect())
            .int32("course_id", made.iter().map(|at| ids[*at]).collect())
            .int32(
                "group_id",
                made.iter()
                    .map(|at| groups[names.courses[*at].group as usize])
                    .collect(),
            )
            .int32(
                "programme_id",
                made.iter().map(|at| programmes[*at]).collect(),
            )
            .text(
                "subject",
                made.iter()
                    .map(|at| names.courses[*at].subject.clone())
                    .collect(),
            )
            .maybe_int64("main_teacher_id", vec![None; made.len()])
            .maybe_hours("hours_planned", vec![None; made.len()])
            .timestamp("exported_at", vec![0; made.len()])
            .finish()?;
        import.change("course", vec![rows], Vec::new());
    }
    if !made_programmes.is_empty() {
        let is_basic = |at: &usize| {
            let (kind, _) = kind_of(names, names.courses[*at].group as usize);
            i32::from(!matches!(kind, GroupKind::Class | GroupKind::Subgroup))
        };
        let rows = Columns::default()
            .int32("org_id", made_programmes.iter().map(org_of).collect())
            .int32(
                "programme_id",
                made_programmes.iter().map(|at| programmes[*at]).collect(),
            )
            .text(
                "title",
                made_programmes
                    .iter()
                    .map(|at| names.courses[*at].subject.clone())
                    .collect(),
            )
            .codes(
                "kind",
                made_programmes.iter().map(is_basic).collect(),
                &["basic", "supplementary"],
            )?
            .maybe_text("direction", vec![None; made_programmes.len()])
            .maybe_hours("hours_total", vec![None; made_programmes.len()])
            .timestamp("exported_at", vec![0; made_programmes.len()])
            .finish()?;
        import.change("programme", vec![rows], Vec::new());
    }
    Ok((ids, programmes))
}
