//! Plans (КТП): the later export of a course's plan wins whole; when it was first seen is kept.

use super::columns::{Columns, maybe_hundredths, maybe_values, texts, values};
use super::identity::{self, Used};
use super::place::{self, Told};
use super::rollup::{self, Touched};
use super::slices::Version;
use super::{Import, LoadContext, LoadError, Stop};
use crate::export::Plan;
use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, Int16Type, Int32Type, TimestampMicrosecondType};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use svodka_journal::{Day, Severity};
use svodka_lake::{Filter, Key, SliceState};

/// Plans are slices too: of month 0 and this engine.
const ENGINE: &str = "plan";

#[derive(Debug, Serialize, Deserialize)]
struct Memo {
    version: Version,
    /// Export time of the first plan seen, µs UTC.
    first_at: i64,
}

/// A row of the table `plan_item`.
#[derive(Debug, Clone)]
struct Item {
    org_id: i32,
    course_id: i32,
    group_id: i32,
    seq: i32,
    planned_on: Option<Day>,
    hours: i32,
    topic: Option<Box<str>>,
    loaded_at: i64,
    import_id: i32,
    sheet_no: i16,
    row_no: i32,
    col_no: i16,
}

pub(crate) async fn load(
    import: &mut Import<'_>,
    plan: Plan,
    context: &LoadContext,
    told: Told,
) -> Result<(), Stop> {
    let names = &plan.names;
    let organisations = place::organisations(import, &names.organisations, context, told).await?;
    let ids = identity::resolve(import, names, &Used::all(names), organisations).await?;
    let version = Version {
        at: import.exported_at,
        sha: import.sha.clone(),
    };
    let live: FxHashMap<i32, SliceState> = import
        .writer
        .live_slices(&ids.courses)
        .await?
        .into_iter()
        .filter(|state| state.engine == ENGINE)
        .map(|state| (state.course_id, state))
        .collect();
    let live_keys: Vec<Key> = live
        .keys()
        .map(|course| [i64::from(*course), 0, 0])
        .collect();
    let live_items = if live_keys.is_empty() {
        Vec::new()
    } else {
        let filter = Filter {
            org_id: None,
            keys: Some(&live_keys),
            columns: None,
        };
        of_lake(&import.writer.read("plan_item", filter).await?)
    };

    // Courses whose rows change: newer plans, and live ones first seen earlier than known.
    let (mut replaced, mut outdated): (FxHashMap<i32, i64>, FxHashMap<i32, i64>) =
        Default::default();
    let mut older = 0;
    for course_id in &ids.courses {
        let known: Option<Memo> = live
            .get(course_id)
            .and_then(|state| serde_json::from_str(&state.memo).ok());
        let first_at = known
            .as_ref()
            .map_or(version.at, |memo| memo.first_at.min(version.at));
        let memo = match known {
            Some(memo) if memo.version >= version => {
                older += 1;
                if first_at == memo.first_at {
                    continue;
                }
                outdated.insert(*course_id, first_at);
                Memo { first_at, ..memo }
            }
            Some(_) | None => {
                replaced.insert(*course_id, first_at);
                Memo {
                    version: version.clone(),
                    first_at,
                }
            }
        };
        import.slices.push(SliceState {
            course_id: *course_id,
            month: 0,
            import_id: import.import_id,
            exported_at: memo.version.at,
            engine: ENGINE.to_owned(),
            memo: serde_json::to_string(&memo).unwrap_or_default(),
        });
    }
    if older > 0 {
        import.note(
            Severity::Info,
            "older-export",
            format!("планов: {older}"),
            "выгрузка новее загруженной",
            "Эти планы уже загружены из более поздней выгрузки и не изменены.",
        );
    }
    let mut items: Vec<Item> = Vec::new();
    for row in &plan.rows {
        let course_id = ids.courses[row.course as usize];
        let Some(&loaded_at) = replaced.get(&course_id) else {
            continue;
        };
        items.push(Item {
            org_id: ids.organisation_of(names, row.course).org_id,
            course_id,
            group_id: ids.group_of(names, row.course),
            seq: row.seq,
            planned_on: row.planned_on,
            hours: row.hours,
            topic: row.topic.clone(),
            loaded_at,
            import_id: import.import_id,
            sheet_no: row.sheet_no,
            row_no: row.row_no,
            col_no: 0,
        });
    }
    import.count("plan_item", items.len());
    let mut months: FxHashSet<(i32, i32)> = FxHashSet::default();
    let mut new_plan = Vec::new();
    for item in &items {
        if let Some(day) = item.planned_on {
            months.insert((item.org_id, day.month().0));
            new_plan.push((item.org_id, day.0, item.hours));
        }
    }
    for item in live_items {
        if replaced.contains_key(&item.course_id) {
            if let Some(day) = item.planned_on {
                months.insert((item.org_id, day.month().0));
            }
        } else if let Some(&loaded_at) = outdated.get(&item.course_id) {
            items.push(Item { loaded_at, ..item });
        }
    }
    let touched = Touched {
        plans: replaced.keys().copied().collect(),
        new_plan,
        ..Touched::default()
    };
    rollup::organisation_days(import, &months, &touched).await?;
    let keys: Vec<Key> = replaced
        .keys()
        .chain(outdated.keys())
        .filter(|course| live.contains_key(*course))
        .map(|course| [i64::from(*course), 0, 0])
        .collect();
    let rows = to_batch(items)?;
    import.change("plan_item", vec![rows], keys);
    Ok(())
}

fn to_batch(mut items: Vec<Item>) -> Result<RecordBatch, LoadError> {
    items.sort_by_key(|item| (item.org_id, item.course_id, item.seq));
    Ok(Columns::default()
        .int32("org_id", items.iter().map(|item| item.org_id).collect())
        .int32(
            "course_id",
            items.iter().map(|item| item.course_id).collect(),
        )
        .int32("group_id", items.iter().map(|item| item.group_id).collect())
        .int32("seq", items.iter().map(|item| item.seq).collect())
        .maybe_date(
            "planned_on",
            items
                .iter()
                .map(|item| item.planned_on.map(|day| day.0))
                .collect(),
        )
        .maybe_int32(
            "month",
            items
                .iter()
                .map(|item| item.planned_on.map(|day| day.month().0))
                .collect(),
        )
        .hours("hours", items.iter().map(|item| item.hours).collect())
        .maybe_text(
            "topic",
            items.iter().map(|item| item.topic.as_deref()).collect(),
        )
        .timestamp(
            "loaded_at",
            items.iter().map(|item| item.loaded_at).collect(),
        )
        .int32(
            "import_id",
            items.iter().map(|item| item.import_id).collect(),
        )
        .int16("sheet_no", items.iter().map(|item| item.sheet_no).collect())
        .int32("row_no", items.iter().map(|item| item.row_no).collect())
        .int16("col_no", items.iter().map(|item| item.col_no).collect())
        .finish()?)
}

fn of_lake(batches: &[RecordBatch]) -> Vec<Item> {
    let mut items = Vec::new();
    for batch in batches {
        let org_id = values::<Int32Type>(batch, "org_id");
        let course_id = values::<Int32Type>(batch, "course_id");
        let group_id = values::<Int32Type>(batch, "group_id");
        let seq = values::<Int32Type>(batch, "seq");
        let planned_on = maybe_values::<Date32Type>(batch, "planned_on");
        let hours = maybe_hundredths(batch, "hours");
        let topic = texts(batch, "topic");
        let loaded_at = values::<TimestampMicrosecondType>(batch, "loaded_at");
        let import_id = values::<Int32Type>(batch, "import_id");
        let sheet_no = values::<Int16Type>(batch, "sheet_no");
        let row_no = values::<Int32Type>(batch, "row_no");
        let col_no = values::<Int16Type>(batch, "col_no");
        for at in 0..batch.num_rows() {
            items.push(Item {
                org_id: org_id[at],
                course_id: course_id[at],
                group_id: group_id[at],
                seq: seq[at],
                planned_on: planned_on[at].map(Day),
                hours: hours[at].unwrap_or(0),
                topic: topic[at].map(Into::into),
                loaded_at: loaded_at[at],
                import_id: import_id[at],
                sheet_no: sheet_no[at],
                row_no: row_no[at],
                col_no: col_no[at],
            });
        }
    }
    items
}
