//! A list of institutions: each row replaces what an older list said.

use super::columns::{Columns, texts, values};
use super::place::Told;
use super::{Import, Stop};
use crate::export::OrganisationRow;
use crate::moments::zone_offset;
use crate::spelling::{code_key, title_key};
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use svodka_journal::{OrganisationKind, Severity};
use svodka_lake::{Filter, KeyKind, Sequence};

pub(crate) async fn load(
    import: &mut Import<'_>,
    rows: Vec<OrganisationRow>,
    told: Told,
) -> Result<(), Stop> {
    let filter = Filter {
        columns: Some(&["org_id", "time_zone", "exported_at"]),
        ..Filter::default()
    };
    let mut known: Vec<(i32, String, i64)> = Vec::new();
    for batch in import.writer.read("organisation", filter).await? {
        let ids = values::<Int32Type>(&batch, "org_id");
        let times = values::<TimestampMicrosecondType>(&batch, "exported_at");
        for ((id, zone), time) in ids.into_iter().zip(texts(&batch, "time_zone")).zip(times) {
            known.push((id, zone.unwrap_or("").to_owned(), time));
        }
    }
    let mut kept: Vec<(i32, &OrganisationRow, i64)> = Vec::new();
    for row in &rows {
        let exported_at = told.utc(zone_offset(&row.time_zone));
        import.exported_at = exported_at;
        let keys = [title_key(&row.title), title_key(&row.short_title)];
        let by_title = import
            .writer
            .id_of(KeyKind::Organisation, 0, &keys[0])
            .await?;
        let by_short = import
            .writer
            .id_of(KeyKind::Organisation, 0, &keys[1])
            .await?;
        if let (Some(one), Some(two)) = (by_title, by_short)
            && one != two
        {
            import.note(
                Severity::Warning,
                "organisation-twice",
                format!("«{}» и «{}» заведены как два учреждения", row.title, row.short_title),
                "одно учреждение",
                "Журналы под кратким названием загружены раньше списка. Загрузите их снова под полным названием.",
            );
        }
        let org_id = match by_title.or(by_short) {
            Some(known) => known,
            None => import.writer.next_ids(Sequence::Organisation, 1) as i32,
        };
        let mut new_keys: Vec<(String, i32)> = keys
            .into_iter()
            .zip([by_title, by_short])
            .filter(|(_, known)| known.is_none())
            .map(|(key, _)| (key, org_id))
            .collect();
        // The short title may be the title.
        new_keys.dedup();
        import.writer.add_keys(KeyKind::Organisation, 0, &new_keys);
        import.organisations.push(org_id);
        if let Some((_, zone, time)) = known.iter().find(|row| row.0 == org_id) {
            if *time > exported_at {
                continue;
            }
            if zone_offset(zone) != zone_offset(&row.time_zone) && *time == 0 {
                import.note(
                    Severity::Warning,
                    "time-zone-changed",
                    format!("«{}»: {zone}", row.short_title),
                    &row.time_zone,
                    "Журналы этого учреждения загружены по прежнему часовому поясу. Загрузите их снова.",
                );
            }
        }
        match kept.iter_mut().find(|entry| entry.0 == org_id) {
            Some(entry) => *entry = (org_id, row, exported_at),
            None => kept.push((org_id, row, exported_at)),
        }
    }
    if kept.is_empty() {
        return Ok(());
    }
    kept.sort_unstable_by_key(|entry| entry.0);
    let kinds: Vec<&str> = OrganisationKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .collect();
    let batch = Columns::default()
        .int32("org_id", kept.iter().map(|entry| entry.0).collect())
        .text(
            "title",
            kept.iter().map(|entry| entry.1.title.clone()).collect(),
        )
        .text(
            "short_title",
            kept.iter()
                .map(|entry| entry.1.short_title.clone())
                .collect(),
        )
        .maybe_text(
            "municipality",
            kept.iter()
                .map(|entry| entry.1.municipality.as_deref())
                .collect(),
        )
        .codes(
            "kind",
            kept.iter()
                .map(|entry| i32::from(entry.1.kind.code()) - 1)
                .collect(),
            &kinds,
        )?
        .text(
            "regulation_id",
            kept.iter()
                .map(|entry| regulation_id(&entry.1.regulation))
                .collect(),
        )
        .int16(
            "week_days",
            kept.iter().map(|entry| entry.1.week_days).collect(),
        )
        .text(
            "time_zone",
            kept.iter().map(|entry| entry.1.time_zone.clone()).collect(),
        )
        .timestamp("exported_at", kept.iter().map(|entry| entry.2).collect())
        .finish()?;
    import.count("organisation", kept.len());
    let replaced = kept
        .iter()
        .map(|entry| [i64::from(entry.0), 0, 0])
        .collect();
    import.change("organisation", vec![batch], replaced);
    Ok(())
}

/// Acts are called by a Latin letter; people type its Cyrillic twin.
fn regulation_id(written: &str) -> String {
    let (key, _) = code_key(written.trim());
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        (Some('А'), None) => "A".to_owned(),
        (Some('В'), None) => "B".to_owned(),
        (Some('С'), None) => "C".to_owned(),
        (Some('Е'), None) => "E".to_owned(),
        _ => written.trim().to_owned(),
    }
}
