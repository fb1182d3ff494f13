//! What was loaded and what was wrong with it: the list of imports, the findings of one import.

use crate::address::Values;
use crate::data::{Data, View};
use crate::error::ServerError;
use crate::pages::frame::{Crumb, Frame, frame};
use crate::pages::table_view::{Cell, TableView, of_texts};
use crate::pages::{no_other_keys, not_found};
use askama::Template as _;
use std::collections::BTreeMap;
use svodka_catalog::Words;
use svodka_journal::Severity;
use svodka_lake::{ImportStatus, ImportSummary, StoredFinding};
use svodka_table::{MOSCOW_MINUTES, Value, format_cell, format_timestamp, plural};

/// Imports shown on one page.
const IMPORTS: u32 = 300;
/// Findings shown of one import; the API has all.
const FINDINGS: usize = 500;

#[derive(askama::Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    answer: Vec<Words>,
    facts: Vec<(&'static str, String)>,
    sections: Vec<Section>,
    empty: &'static str,
    empty_hint: &'static str,
}

struct Section {
    title: String,
    subtitle: String,
    table: TableView,
}

fn words(text: &str) -> Words {
    Words {
        text: text.to_owned(),
        is_value: false,
    }
}

fn number(count: i64, one: &str, few: &str, many: &str) -> Words {
    Words {
        text: format!("{} {}", amount(count), plural(count, one, few, many)),
        is_value: true,
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn amount(count: i64) -> String {
    format_cell(&Value::Int(count), &svodka_table::Unit::Count)
}

/// All imports, newest first.
pub async fn list(data: &Data, view: &View) -> Result<String, ServerError> {
    let imports = data.imports(IMPORTS).await?;
    let titles = data.institutions(view).await?;
    let rejected = imports
        .iter()
        .filter(|import| import.import.status == ImportStatus::Rejected)
        .count() as i64;
    let (errors, warnings) = imports.iter().fold((0, 0), |(errors, warnings), import| {
        (errors + import.errors, warnings + import.warnings)
    });
    let mut answer = vec![
        words("Загружено: "),
        number(imports.len() as i64 - rejected, "файл", "файла", "файлов"),
    ];
    if rejected > 0 {
        answer.extend([
            words(", отклонено: "),
            number(rejected, "файл", "файла", "файлов"),
        ]);
    }
    answer.push(words(". "));
    if errors + warnings > 0 {
        answer.extend([
            words("К ним "),
            number(errors, "ошибка", "ошибки", "ошибок"),
            words(" и "),
            number(
                warnings,
                "предупреждение",
                "предупреждения",
                "предупреждений",
            ),
            words("."),
        ]);
    }
    let rows = imports
        .iter()
        .map(|import| import_row(import, &titles))
        .collect::<Vec<_>>();
    let page = ListPage {
        frame: frame(data, "Загрузки", "/findings", Some(&view.stamp)),
        crumbs: vec![Crumb::new("Начало", "/"), Crumb::new("Загрузки", "")],
        heading: "Что загружено и что не так?".to_owned(),
        answer: if imports.is_empty() {
            Vec::new()
        } else {
            answer
        },
        facts: Vec::new(),
        sections: if rows.is_empty() {
            Vec::new()
        } else {
            vec![Section {
                title: String::new(),
                subtitle: String::new(),
                table: of_texts(
                    "Загрузки, новые сверху",
                    &[
                        ("Файл", false),
                        ("Учреждение", false),
                        ("Состояние", false),
                        ("Ошибок", true),
                        ("Предупреждений", true),
                        ("Строк", true),
                        ("Вид выгрузки", false),
                        ("Выгружено", false),
                        ("Загружено", false),
                    ],
                    rows,
                ),
            }]
        },
        empty: "Ничего ещё не загружено",
        empty_hint: "Загрузите выгрузки журналов командой svodka ingest.",
    };
    page.render().map_err(ServerError::internal)
}

fn import_row(import: &ImportSummary, titles: &BTreeMap<i32, String>) -> Vec<Cell> {
    let record = &import.import;
    let (class, state) = state_of(import);
    let rows: u64 = record.rows.values().sum();
    vec![
        Cell::link(
            record.file_name.clone(),
            format!("/findings/{}", record.import_id),
        ),
        Cell::text(institution(record.org_id, titles), "text"),
        Cell::state(state, class),
        Cell::text(amount(import.errors), "n"),
        Cell::text(amount(import.warnings), "n"),
        Cell::text(amount(whole(rows)), "n"),
        Cell::text(engine_text(&record.engine), "text"),
        Cell::text(
            record
                .exported_at
                .map(|at| format_timestamp(at, MOSCOW_MINUTES))
                .unwrap_or_default(),
            "nowrap",
        ),
        Cell::text(
            format_timestamp(record.imported_at, MOSCOW_MINUTES),
            "nowrap",
        ),
    ]
}

fn state_of(import: &ImportSummary) -> (&'static str, &'static str) {
    match import.import.status {
        ImportStatus::Rejected => ("error", "отклонён"),
        ImportStatus::Loaded if import.errors > 0 => ("warning", "загружен не весь"),
        ImportStatus::Loaded if import.warnings > 0 => ("plain", "загружен, есть вопросы"),
        ImportStatus::Loaded => ("good", "загружен"),
    }
}

fn institution(org_id: Option<i32>, titles: &BTreeMap<i32, String>) -> String {
    org_id.map_or_else(String::new, |org_id| {
        titles
            .get(&org_id)
            .cloned()
            .unwrap_or_else(|| format!("№ {org_id}"))
    })
}

fn engine_text(engine: &str) -> String {
    match engine {
        "long" => "длинная таблица".to_owned(),
        "school-workbook" => "книга, блок на ученика".to_owned(),
        "dnevnik-json" => "Дневник.ру, JSON".to_owned(),
        other => other.to_owned(),
    }
}

/// The findings of one import.
pub async fn one(
    data: &Data,
    view: &View,
    import_id: &str,
    values: &Values,
) -> Result<String, ServerError> {
    no_other_keys(values, &["rows"])?;
    let import_id: i32 = import_id.parse().map_err(|_| not_found())?;
    let import = data.import(import_id).await?.ok_or_else(not_found)?;
    let findings = data.findings(import_id).await?;
    let titles = data.institutions(view).await?;
    let record = &import.import;
    let mut answer = vec![words(match record.status {
        ImportStatus::Rejected => "Файл отклонён: из него ничего не загружено",
        ImportStatus::Loaded => "Файл загружен",
    })];
    if findings.is_empty() {
        answer.push(words(", замечаний нет."));
    } else {
        answer.extend([
            words(": "),
            number(import.errors, "ошибка", "ошибки", "ошибок"),
            words(", "),
            number(
                import.warnings,
                "предупреждение",
                "предупреждения",
                "предупреждений",
            ),
            words("."),
        ]);
    }
    let rows: Vec<String> = record
        .rows
        .iter()
        .map(|(table, count)| format!("{table} {}", amount(whole(*count))))
        .collect();
    let all = values.get("rows").is_some_and(|rows| rows == "all");
    let limit = if all { usize::MAX } else { FINDINGS };
    let mut table = of_texts(
        "Замечания к файлу",
        &[
            ("Место", false),
            ("Вес", false),
            ("Найдено", false),
            ("Ожидалось", false),
            ("Что делать", false),
            ("Код", false),
        ],
        findings.iter().take(limit).map(finding_row).collect(),
    );
    if findings.len() > limit {
        table.count = format!("Показаны {limit} из {}", findings.len());
        table.all_href = format!("/findings/{import_id}?rows=all");
    }
    let page = ListPage {
        frame: frame(data, &record.file_name, "/findings", Some(&view.stamp)),
        crumbs: vec![
            Crumb::new("Начало", "/"),
            Crumb::new("Загрузки", "/findings"),
            Crumb::new(record.file_name.clone(), ""),
        ],
        heading: format!("Что не так в файле {}?", record.file_name),
        answer,
        facts: vec![
            ("Учреждение", institution(record.org_id, &titles)),
            ("Вид выгрузки", engine_text(&record.engine)),
            (
                "Выгружено",
                record.exported_at.map_or_else(
                    || "не сказано".to_owned(),
                    |at| format_timestamp(at, MOSCOW_MINUTES),
                ),
            ),
            (
                "Загружено",
                format_timestamp(record.imported_at, MOSCOW_MINUTES),
            ),
            (
                "Строк по таблицам",
                if rows.is_empty() {
                    "нет".to_owned()
                } else {
                    rows.join(", ")
                },
            ),
            ("Сумма SHA-256", record.sha256.clone()),
        ],
        sections: if findings.is_empty() {
            Vec::new()
        } else {
            vec![Section {
                title: "Замечания".to_owned(),
                subtitle:
                    "Исправьте в журнале или в файле и загрузите файл снова: он заменит прежний"
                        .to_owned(),
                table,
            }]
        },
        empty: "Замечаний нет",
        empty_hint: "Все строки файла прочитаны.",
    };
    page.render().map_err(ServerError::internal)
}

fn finding_row(stored: &StoredFinding) -> Vec<Cell> {
    let finding = &stored.finding;
    let (class, severity) = match finding.severity {
        Severity::Error => ("error", "ошибка"),
        Severity::Warning => ("warning", "предупреждение"),
        Severity::Info => ("plain", "к сведению"),
    };
    let place: Vec<&str> = [finding.sheet.as_deref(), finding.cell.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    vec![
        Cell::text(
            if place.is_empty() {
                "весь файл".to_owned()
            } else {
                place.join(", ")
            },
            "text",
        ),
        Cell::state(severity, class),
        Cell::text(finding.found.clone(), "words"),
        Cell::text(finding.expected.clone(), "words"),
        Cell::text(finding.hint.clone(), "words"),
        Cell::text(finding.code.clone(), "small"),
    ]
}
