//! Which institution a file speaks of, and when it was exported.

use super::columns::{Columns, texts, values};
use super::{Import, LoadContext, Stop};
use crate::moments::zone_offset;
use crate::spelling::title_key;
use arrow::datatypes::Int32Type;
use svodka_journal::Severity;
use svodka_lake::{Filter, KeyKind, Sequence};

/// Time zone taken until a list of institutions tells another.
pub(crate) const DEFAULT_TIME_ZONE: &str = "Europe/Moscow";

/// An institution found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Organisation {
    pub org_id: i32,
    /// Microseconds that local time is ahead of UTC.
    pub offset: i64,
}

/// Export moment as the file or the caller tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// Local µs, from the file.
    pub local: Option<i64>,
    /// µs UTC, from outside.
    pub fallback: i64,
}

impl Told {
    /// µs UTC.
    pub fn utc(self, offset: i64) -> i64 {
        self.local.map_or(self.fallback, |local| local - offset)
    }
}

/// Finds or makes the institutions a file names, in the order of its list.
pub(crate) async fn organisations(
    import: &mut Import<'_>,
    titles: &[String],
    context: &LoadContext,
    told: Told,
) -> Result<Vec<Organisation>, Stop> {
    let zones = time_zones(import).await?;
    let mut found = Vec::with_capacity(titles.len());
    for title in titles {
        let org_id = if title.is_empty() {
            from_outside(import, context).await?
        } else {
            by_title(import, title, true).await?
        };
        let Some(org_id) = org_id else {
            import.note(
                Severity::Error,
                "organisation-unknown",
                "учреждение не названо".to_owned(),
                "столбец «Учреждение», строка учреждения в отчёте или --org",
                "Добавьте в выгрузку столбец «Учреждение» или укажите учреждение при загрузке.",
            );
            return Err(Stop::Rejected);
        };
        let zone = zones
            .iter()
            .find(|zone| zone.0 == org_id)
            .map_or(DEFAULT_TIME_ZONE, |zone| zone.1.as_str());
        found.push(Organisation {
            org_id,
            offset: zone_offset(zone),
        });
        import.organisations.push(org_id);
    }
    if let Some(first) = found.first() {
        import.exported_at = told.utc(first.offset);
    }
    Ok(found)
}

async fn time_zones(import: &Import<'_>) -> Result<Vec<(i32, String)>, Stop> {
    let filter = Filter {
        columns: Some(&["org_id", "time_zone"]),
        ..Filter::default()
    };
    let mut zones = Vec::new();
    for batch in import.writer.read("organisation", filter).await? {
        let ids = values::<Int32Type>(&batch, "org_id");
        zones.extend(
            ids.into_iter()
                .zip(texts(&batch, "time_zone"))
                .map(|(id, zone)| (id, zone.unwrap_or("").to_owned())),
        );
    }
    Ok(zones)
}

/// The institution of `--org`, else the one known by the folder's name.
async fn from_outside(import: &mut Import<'_>, context: &LoadContext) -> Result<Option<i32>, Stop> {
    if let Some(told) = &context.organisation {
        if let Ok(number) = told.trim().parse::<i32>() {
            let known = import
                .writer
                .keys(KeyKind::Organisation, 0)
                .await?
                .values()
                .any(|id| *id == number);
            if !known {
                import.note(
                    Severity::Error,
                    "organisation-unknown",
                    format!("--org {number}"),
                    "номер известного учреждения",
                    "Укажите номер или название учреждения, которое уже есть.",
                );
                return Err(Stop::Rejected);
            }
            return Ok(Some(number));
        }
        return by_title(import, told, true).await;
    }
    match &context.folder {
        Some(folder) => by_title(import, folder, false).await,
        None => Ok(None),
    }
}

/// The institution known by the title; a new one gets a placeholder if wanted.
async fn by_title(
    import: &mut Import<'_>,
    title: &str,
    may_make: bool,
) -> Result<Option<i32>, Stop> {
    let key = title_key(title);
    if let Some(known) = import.writer.id_of(KeyKind::Organisation, 0, &key).await? {
        return Ok(Some(known));
    }
    if !may_make {
        return Ok(None);
    }
    let org_id = import.writer.next_ids(Sequence::Organisation, 1) as i32;
    import
        .writer
        .add_keys(KeyKind::Organisation, 0, &[(key, org_id)]);
    // Export time zero: whatever a list of institutions says later, counts.
    let rows = Columns::default()
        .int32("org_id", vec![org_id])
        .text("title", vec![title.to_owned()])
        .text("short_title", vec![title.to_owned()])
        .maybe_text("municipality", vec![None])
        .codes("kind", vec![0], &["school"])?
        .text("regulation_id", vec![String::new()])
        .int16("week_days", vec![5])
        .text("time_zone", vec![DEFAULT_TIME_ZONE.to_owned()])
        .timestamp("exported_at", vec![0])
        .finish()?;
    import.change("organisation", vec![rows], vec![[i64::from(org_id), 0, 0]]);
    import.note(
        Severity::Warning,
        "organisation-not-described",
        format!("«{}»", title.chars().take(120).collect::<String>()),
        "учреждение из списка учреждений",
        "Учреждение заведено по названию: школа, пятидневка, время московское. Загрузите список учреждений, чтобы это уточнить.",
    );
    Ok(Some(org_id))
}
