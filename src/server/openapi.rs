//! The description of the API, made from the catalog: a new report describes itself.

use crate::formats::Format;
use serde_json::{Map, Value, json};
use svodka_catalog::{Catalog, ParamKind, QueryFile};
use svodka_table::Unit;

/// The word for a parameter's type.
#[must_use]
pub const fn type_word(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Int => "int",
        ParamKind::Date => "date",
        ParamKind::Text => "text",
        ParamKind::Bool => "bool",
    }
}

/// The document of OpenAPI 3.1.
#[must_use]
pub fn document(catalog: &Catalog) -> Value {
    let mut paths = Map::new();
    for file in catalog.reports.values() {
        paths.insert(
            format!("/api/v1/reports/{}", file.name),
            json!({ "get": report(file) }),
        );
    }
    for (path, summary) in [
        (
            "/api/v1/reports",
            "Список отчётов с параметрами и столбцами",
        ),
        ("/api/v1/imports", "Загруженные файлы, новые сверху"),
        ("/api/v1/snapshots", "Снимки данных, новые сверху"),
        ("/healthz", "Сервер работает"),
        ("/readyz", "Данные открываются"),
    ] {
        paths.insert(path.to_owned(), json!({ "get": simple(summary) }));
    }
    paths.insert(
        "/api/v1/imports/{import_id}".to_owned(),
        json!({ "get": {
            "summary": "Одна загрузка с замечаниями",
            "parameters": [{ "name": "import_id", "in": "path", "required": true, "schema": { "type": "integer" } }],
            "responses": { "200": { "description": "Загрузка", "content": { "application/json": {} } }, "404": problem("Такой загрузки нет") },
        } }),
    );
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Сводка", "version": env!("CARGO_PKG_VERSION"), "description": "Отчёты по выгрузкам электронных журналов. Доступ только с этого компьютера, входа пока нет." },
        "paths": paths,
        "components": { "schemas": { "Problem": {
            "type": "object",
            "description": "RFC 9457",
            "properties": { "type": text(), "title": text(), "status": { "type": "integer" }, "detail": text(), "instance": text() },
        } } },
    })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn problem(description: &str) -> Value {
    json!({ "description": description, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } })
}

fn simple(summary: &str) -> Value {
    json!({ "summary": summary, "responses": { "200": { "description": summary, "content": { "application/json": {} } } } })
}

fn report(file: &QueryFile) -> Value {
    let mut parameters: Vec<Value> = file
        .params
        .iter()
        // Derived days follow from the others; nobody may give them.
        .filter(|param| param.derived.is_none())
        .map(|param| {
            let schema = match param.kind {
                ParamKind::Int => json!({ "type": "integer" }),
                ParamKind::Date => json!({ "type": "string", "format": "date" }),
                ParamKind::Text => json!({ "type": "string" }),
                ParamKind::Bool => json!({ "type": "boolean" }),
            };
            json!({ "name": param.name, "in": "query", "required": param.is_required, "description": param.title, "schema": schema })
        })
        .collect();
    let words: Vec<&str> = Format::ALL.iter().map(|format| format.word()).collect();
    parameters.push(json!({ "name": "format", "in": "query", "description": "Вид ответа; без него решает заголовок Accept", "schema": { "type": "string", "enum": words } }));
    parameters.push(json!({ "name": "style", "in": "query", "description": "CSV для программ или для таблиц (excel)", "schema": { "type": "string", "enum": ["plain", "excel"] } }));
    parameters.push(json!({ "name": "as_of", "in": "query", "description": "Номер снимка или день", "schema": { "type": "string" } }));
    let mut content = Map::new();
    for format in Format::ALL {
        let media = format
            .content_type()
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let schema = if format == Format::Json {
            json!({ "schema": rows_schema(file) })
        } else {
            json!({})
        };
        content.insert(media, schema);
    }
    json!({
        "operationId": file.name,
        "summary": file.title,
        "description": file.method,
        "parameters": parameters,
        "responses": {
            "200": { "description": file.grain, "content": content },
            "400": problem("Параметр не понят"),
            "406": problem("В таком виде отчёта нет"),
        },
    })
}

fn rows_schema(file: &QueryFile) -> Value {
    let columns: Map<String, Value> = file
        .columns
        .iter()
        .map(|column| {
            let kind = match column.unit {
                Unit::Id | Unit::Count | Unit::Month | Unit::Weekday => json!(["integer", "null"]),
                Unit::Hours | Unit::Share | Unit::Points | Unit::Number => {
                    json!(["number", "null"])
                }
                Unit::Bool => json!(["boolean", "null"]),
                Unit::Text | Unit::Date | Unit::Timestamp | Unit::Person | Unit::Source => {
                    json!(["string", "null"])
                }
            };
            let description = if column.meaning.is_empty() {
                column.title.clone()
            } else {
                format!("{}: {}", column.title, column.meaning)
            };
            (
                column.name.clone(),
                json!({ "type": kind, "description": description, "x-unit": column.unit.word() }),
            )
        })
        .collect();
    json!({
        "type": "object",
        "properties": {
            "report": text(),
            "title": text(),
            "snapshot_id": { "type": "integer" },
            "as_of": { "type": ["string", "null"], "format": "date-time" },
            "parameters": { "type": "object" },
            "columns": { "type": "array" },
            "rows": { "type": "array", "items": { "type": "object", "properties": columns } },
        },
    })
}
