//! A list of movement tells stays exactly: it replaces what journals only let suppose.

use super::enrolment::{self, Stay};
use super::identity::{self, Used};
use super::place::{self, Told};
use super::rows::PupilRef;
use super::{Import, LoadContext, Stop};
use crate::export::Movement;
use rustc_hash::{FxHashMap, FxHashSet};
use svodka_journal::Severity;

pub(crate) async fn load(
    import: &mut Import<'_>,
    movement: Movement,
    context: &LoadContext,
    told: Told,
) -> Result<(), Stop> {
    let names = &movement.names;
    let organisations = place::organisations(import, &names.organisations, context, told).await?;
    let ids = identity::resolve(import, names, &Used::all(names), organisations).await?;
    let mut stays: Vec<Stay> = Vec::new();
    for row in &movement.rows {
        let pupil = &names.pupils[row.pupil as usize];
        let group = &names.groups[pupil.group as usize];
        stays.push(Stay {
            org_id: ids.organisations[group.organisation as usize].org_id,
            pupil: PupilRef {
                group_id: ids.groups[pupil.group as usize],
                pupil_id: ids.pupils[row.pupil as usize],
            },
            from_on: row.from_on,
            to_on: row.to_on,
            movement: row.movement,
            is_exact: true,
            exported_at: import.exported_at,
        });
    }
    // One row per pupil, group and first day: the last line of the list counts.
    let mut by_key: FxHashMap<svodka_lake::Key, Stay> = FxHashMap::default();
    for stay in stays {
        by_key.insert(stay.key(), stay);
    }
    let told_pupils: FxHashSet<PupilRef> = by_key.values().map(|stay| stay.pupil).collect();
    let (mut replaced, mut newer) = (Vec::new(), FxHashSet::default());
    let org_ids: FxHashSet<i32> = ids.organisations.iter().map(|place| place.org_id).collect();
    for org_id in org_ids {
        for live in enrolment::live_stays(import, org_id).await? {
            if !told_pupils.contains(&live.pupil) {
                continue;
            }
            if live.is_exact && live.exported_at > import.exported_at {
                newer.insert(live.pupil);
            } else {
                replaced.push(live.key());
            }
        }
    }
    let kept: Vec<Stay> = by_key
        .into_values()
        .filter(|stay| !newer.contains(&stay.pupil))
        .collect();
    if !newer.is_empty() {
        import.note(
            Severity::Info,
            "older-export",
            format!("обучающихся: {}", newer.len()),
            "список новее загруженного",
            "Их движение уже загружено из более позднего списка и не изменено.",
        );
    }
    replaced.sort_unstable();
    import.count("enrolment", kept.len());
    let rows = enrolment::to_batch(kept)?;
    import.change("enrolment", vec![rows], replaced);
    Ok(())
}
