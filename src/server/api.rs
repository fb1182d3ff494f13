//! The API's documents: reports in every form, imports, snapshots.

use crate::address::Values;
use crate::app::App;
use crate::data::{Data, View};
use crate::error::{ServerError, WayOut};
use crate::etag::Depends;
use crate::formats::Format;
use crate::respond::{self, Computed, finish, header_text};
use axum::body::Body;
use axum::http::{HeaderMap, Response, header};
use serde_json::{Value, json};
use svodka_journal::Day;
use svodka_lake::AsOf;
use svodka_table::MOSCOW_MINUTES;

/// A JSON document, uncached.
#[must_use]
pub fn json(document: &Value, request: &HeaderMap) -> Response<Body> {
    let mut text = document.to_string();
    text.push('\n');
    respond::send(
        &finish(crate::formats::JSON, None, text.into_bytes()),
        None,
        request,
    )
}

/// The moment that `as_of` names: a snapshot's number, or the end of a day.
pub fn as_of(values: &Values) -> Result<AsOf, ServerError> {
    let Some(text) = values.get("as_of") else {
        return Ok(AsOf::Latest);
    };
    if let Ok(id) = text.parse() {
        return Ok(AsOf::Id(id));
    }
    let day = Day::parse_iso(text).map_err(|_| ServerError::BadParameter {
        name: "as_of".to_owned(),
        found: text.clone(),
        expected: "нужен номер снимка или день вида 2025-10-31".to_owned(),
        ways_out: Vec::new(),
    })?;
    // The last microsecond of that day.
    Ok(AsOf::At(
        (i64::from(day.0) + 1) * 86_400_000_000 - i64::from(MOSCOW_MINUTES) * 60_000_000 - 1,
    ))
}

/// One report in the form asked for.
pub async fn report(
    app: &App,
    view: &View,
    name: &str,
    mut values: Values,
    request: &HeaderMap,
) -> Result<Response<Body>, ServerError> {
    if !view.live.catalog.reports.contains_key(name) {
        return Err(ServerError::NotFound {
            what: format!("Отчёта «{name}» нет. Список отчётов: /api/v1/reports."),
            ways_out: vec![WayOut {
                text: "Список отчётов".to_owned(),
                href: "/api/v1/reports".to_owned(),
            }],
        });
    }
    let format = match values.remove("format") {
        Some(word) => Format::from_word(&word).ok_or_else(not_acceptable)?,
        None => {
            Format::from_accept(header_text(request, header::ACCEPT)).ok_or_else(not_acceptable)?
        }
    };
    let for_excel = match values.remove("style").as_deref() {
        None | Some("plain") => false,
        Some("excel") => true,
        Some(other) => {
            return Err(ServerError::BadParameter {
                name: "style".to_owned(),
                found: other.to_owned(),
                expected: "нужно plain или excel".to_owned(),
                ways_out: Vec::new(),
            });
        }
    };
    let mut key = crate::address::query_text(&values);
    values.remove("as_of");
    if for_excel {
        key.push_str("&style=excel");
    }
    let path = format!("/api/v1/reports/{name}");
    let depends = Depends {
        snapshot_id: view.stamp.snapshot_id,
        catalog_version: app.data().version(),
        path: &path,
        query: &key,
        scope: &view.scope,
        format: format.word(),
    };
    respond::cached(app, &depends, request, async {
        let body = if format == Format::Parquet {
            app.data().report_parquet(view, name, &values).await?
        } else {
            let answer = app.data().report(view, name, &values).await?;
            // Typesetting and zipping take their time: not on the threads that answer others.
            let catalog = view.live.catalog.clone();
            tokio::task::spawn_blocking(move || format.write(&answer, &catalog, for_excel))
                .await
                .map_err(ServerError::internal)??
        };
        // The form of a table decides: a browser shows JSON, it saves the rest.
        let file_name = (format != Format::Json).then(|| format!("{name}.{}", format.word()));
        Ok(Computed::Keep(finish(
            format.content_type(),
            file_name,
            body,
        )))
    })
    .await
}

fn not_acceptable() -> ServerError {
    ServerError::NotAcceptable {
        known: Format::ALL.iter().map(|format| format.word()).collect(),
    }
}

/// The list of reports with parameters and columns.
#[must_use]
pub fn reports(view: &View) -> Value {
    let reports: Vec<Value> = view
        .live
        .catalog
        .reports
        .values()
        .map(|file| {
            json!({
                "report": file.name,
                "title": file.title,
                "grain": file.grain,
                "href": format!("/api/v1/reports/{}", file.name),
                "parameters": file.params.iter().map(|param| json!({
                    "name": param.name,
                    "type": crate::openapi::type_word(param.kind),
                    "required": param.is_required,
                    "title": param.title,
                })).collect::<Vec<_>>(),
                "columns": file.columns.iter().map(|column| json!({
                    "name": column.name,
                    "unit": column.unit.word(),
                    "title": column.title,
                    "meaning": column.meaning,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "reports": reports })
}

/// Imports, newest first.
pub async fn imports(data: &Data) -> Result<Value, ServerError> {
    let imports = data.imports(1_000).await?;
    Ok(json!({ "imports": imports.iter().map(import_json).collect::<Vec<_>>() }))
}

fn import_json(summary: &svodka_lake::ImportSummary) -> Value {
    let record = &summary.import;
    json!({
        "import_id": record.import_id,
        "file": record.file_name,
        "sha256": record.sha256,
        "engine": record.engine,
        "org_id": record.org_id,
        "exported_at": record.exported_at.map(instant),
        "imported_at": instant(record.imported_at),
        "status": record.status.as_str(),
        "snapshot_id": summary.snapshot_id,
        "rows": record.rows,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "infos": summary.infos,
    })
}

/// One import with its findings.
pub async fn import(data: &Data, import_id: &str) -> Result<Value, ServerError> {
    let missing = || ServerError::NotFound {
        what: "Такой загрузки нет.".to_owned(),
        ways_out: Vec::new(),
    };
    let import_id = import_id.parse().map_err(|_| missing())?;
    let import = data.import(import_id).await?.ok_or_else(missing)?;
    let findings = data.findings(import_id).await?;
    let mut document = import_json(&import);
    document["findings"] = findings
        .iter()
        .map(|stored| json!(stored.finding))
        .collect();
    Ok(document)
}

/// The lake's history, newest first.
pub async fn snapshots(data: &Data) -> Result<Value, ServerError> {
    let log = data.log().await?;
    let snapshots: Vec<Value> = log
        .iter()
        .rev()
        .map(|entry| {
            json!({
                "snapshot_id": entry.snapshot_id,
                "at": instant(entry.at),
                "note": entry.note,
                "import_id": entry.import_id,
                "file": entry.file_name,
                "pinned": entry.pinned,
                "tables": entry.tables.iter().map(|table| json!({
                    "table": table.table,
                    "added_rows": table.added_rows,
                    "removed_rows": table.removed_rows,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({ "snapshots": snapshots }))
}

/// An instant in microseconds as RFC 3339 in UTC.
fn instant(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let day = Day(i32::try_from(seconds.div_euclid(86_400)).unwrap_or(0));
    let second = seconds.rem_euclid(86_400);
    format!(
        "{day}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}
