//! Exports meet exports: the state depends on the set of them, not on the order of loading.

use super::bytes::Cell::{Number, Shared};
use super::bytes::{codes, read, workbook};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use svodka_ingest::{
    ImportOutcome, ImportStatus, ImportsDocument, IngestOptions, LoadContext, NoProgress, ingest,
    load,
};
use svodka_journal::contract::TABLES;
use svodka_lake::{Access, AsOf, Filter, Lake};
use svodka_vault::Vault;
use tempfile::TempDir;

/// 2026-01-15 12:00 UTC.
const NOW: i64 = 1_768_478_400_000_000;

struct Store {
    folder: TempDir,
    lake: Lake,
    vault: Vault,
}

impl Store {
    async fn new() -> Store {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path(), Access::ReadWrite, || NOW)
            .await
            .unwrap();
        let vault = Vault::open(folder.path()).await.unwrap();
        Store {
            folder,
            lake,
            vault,
        }
    }

    async fn load(&self, name: &str, bytes: &[u8]) -> ImportOutcome {
        let context = LoadContext {
            now: NOW,
            organisation: Some("Школа № 5".to_owned()),
            ..LoadContext::default()
        };
        load(&self.lake, &self.vault, read(name, bytes), &context)
            .await
            .unwrap()
    }

    async fn table(&self, name: &str) -> Vec<RecordBatch> {
        let snapshot = self.lake.snapshot(AsOf::Latest).await.unwrap();
        self.lake
            .read(&snapshot, name, Filter::default())
            .await
            .unwrap()
    }

    /// Every row of every table as text, ids replaced by what they stand for.
    async fn state(&self) -> BTreeSet<String> {
        let mut names: BTreeMap<(&str, i64), String> = BTreeMap::new();
        for import in self
            .lake
            .imports(&svodka_lake::ImportFilter::default())
            .await
            .unwrap()
        {
            names.insert(
                ("import_id", i64::from(import.import.import_id)),
                import.import.file_name,
            );
        }
        for (table, id, title) in [
            ("organisation", "org_id", "title"),
            ("study_group", "group_id", "title"),
            ("programme", "programme_id", "title"),
            ("course", "course_id", "subject"),
        ] {
            for batch in self.table(table).await {
                let ids = batch
                    .column_by_name(id)
                    .unwrap()
                    .as_primitive::<Int32Type>();
                let titles = batch.column_by_name(title).unwrap().as_string::<i32>();
                for at in 0..batch.num_rows() {
                    names.insert((id, i64::from(ids.value(at))), titles.value(at).to_owned());
                }
            }
        }
        let mut persons = BTreeSet::new();
        let mut rows: Vec<(String, String, String, i64)> = Vec::new();
        let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for table in TABLES {
            for batch in self.table(table.name).await {
                for at in 0..batch.num_rows() {
                    let line = rows.len() + lines.len();
                    let mut cells = vec![table.name.to_owned()];
                    for (column, field) in batch.schema().fields().iter().enumerate() {
                        let name = field.name().as_str();
                        let array = batch.column(column);
                        // When a placeholder was first made is no part of the state.
                        if name == "lesson_id"
                            || (name == "exported_at"
                                && matches!(
                                    table.name,
                                    "study_group" | "course" | "programme" | "enrolment"
                                ))
                        {
                            continue;
                        }
                        let text = if array.is_null(at) {
                            "-".to_owned()
                        } else if name == "pupil_id"
                            || name.ends_with("teacher_id")
                            || name == "taught_by_id"
                        {
                            let id = array.as_primitive::<Int64Type>().value(at);
                            persons.insert(id);
                            format!("person:{id}")
                        } else if matches!(
                            name,
                            "import_id" | "org_id" | "group_id" | "programme_id" | "course_id"
                        ) {
                            let id = i64::from(array.as_primitive::<Int32Type>().value(at));
                            names
                                .get(&(name, id))
                                .cloned()
                                .unwrap_or_else(|| panic!("{} without {name} {id}", table.name))
                        } else {
                            ArrayFormatter::try_new(array, &FormatOptions::default())
                                .unwrap()
                                .value(at)
                                .to_string()
                        };
                        cells.push(format!("{name}={text}"));
                    }
                    lines.insert(line, cells);
                    rows.push(Default::default());
                }
            }
        }
        let persons: Vec<i64> = persons.into_iter().collect();
        let known = self.vault.names(&persons).await.unwrap();
        lines
            .into_values()
            .map(|cells| {
                cells
                    .into_iter()
                    .map(|cell| match cell.split_once("person:") {
                        Some((name, id)) => format!(
                            "{name}{}",
                            known.get(&id.parse().unwrap()).map_or("0", String::as_str)
                        ),
                        None => cell,
                    })
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    /// Attendance as «subject day no pupil status raw file:row,col».
    async fn attendance(&self) -> Vec<String> {
        let pick = |line: &str, name: &str| {
            let from = line.find(&format!(" {name}=")).unwrap() + name.len() + 2;
            let rest = &line[from..];
            // Values may hold spaces: up to the next `name=`.
            let end = rest.find('=').map_or(rest.len(), |equals| {
                rest[..equals].rfind(' ').unwrap_or(equals)
            });
            rest[..end].to_owned()
        };
        let state = self.state().await;
        let mut lines: Vec<String> = state
            .iter()
            .filter(|line| line.starts_with("attendance "))
            .map(|line| {
                let at = |name| pick(line, name);
                format!(
                    "{} {} {} {} {} {}:{},{}",
                    at("course_id"),
                    at("held_on"),
                    at("pupil_id"),
                    at("status"),
                    at("raw"),
                    at("import_id"),
                    at("row_no"),
                    at("col_no")
                )
            })
            .collect();
        lines.sort();
        lines
    }
}

/// Loads the files in every order and demands the same state.
async fn check_orders(files: &[(&str, Vec<u8>)]) -> BTreeSet<String> {
    let mut expected: Option<BTreeSet<String>> = None;
    for order in orders(files.len()) {
        let store = Store::new().await;
        for at in &order {
            let outcome = store.load(files[*at].0, &files[*at].1).await;
            assert_ne!(
                outcome.status,
                ImportStatus::Rejected,
                "{:?}",
                outcome.findings
            );
        }
        let state = store.state().await;
        match &expected {
            None => expected = Some(state),
            Some(expected) => {
                let missing: Vec<_> = expected.difference(&state).collect();
                let extra: Vec<_> = state.difference(expected).collect();
                assert!(
                    missing.is_empty() && extra.is_empty(),
                    "order {order:?}\nmissing {missing:#?}\nextra {extra:#?}"
                );
            }
        }
    }
    expected.unwrap()
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders(count - 1) {
        for at in 0..count {
            let mut order = order.clone();
            order.insert(at, count - 1);
            all.push(order);
        }
    }
    all
}

fn attendance_file(exported: &str, rows: &str) -> Vec<u8> {
    format!("# Выгружено: {exported}\nГруппа;Предмет;Дата;Урок;Обучающийся;ID обучающегося;Отметка;Причина\n{rows}").into_bytes()
}

fn lesson_file(exported: &str, rows: &str) -> Vec<u8> {
    format!(
        "# Выгружено: {exported}\nГруппа;Предмет;Дата;Урок;Педагог;Часы;Тема;Внесено;Статус\n{rows}"
    )
    .into_bytes()
}

#[tokio::test]
async fn the_later_export_owns_its_months() {
    let store = Store::new().await;
    let first = attendance_file(
        "01.11.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;н;\n5Б;Алгебра;02.10.2025;1;Пень Лесной;7;+;\n5Б;Алгебра;03.11.2025;1;Пень Лесной;7;+;\n",
    );
    let second = attendance_file(
        "05.11.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;н;болезнь\n",
    );
    assert_eq!(
        store.load("первая.csv", &first).await.status,
        ImportStatus::Loaded
    );
    let outcome = store.load("вторая.csv", &second).await;
    assert_eq!(
        (
            outcome.status,
            outcome.rows["attendance"],
            outcome.rows["lesson"]
        ),
        (ImportStatus::Loaded, 1, 1)
    );
    assert_eq!(
        store.attendance().await,
        [
            "Алгебра 2025-10-01 Пень Лесной absent н вторая.csv:3,7",
            // November was not in the second export.
            "Алгебра 2025-11-03 Пень Лесной present + первая.csv:5,7",
        ]
    );
    // The older one again, under another name and with other bytes: nothing changes.
    let older = attendance_file(
        "30.10.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;+;\n",
    );
    let outcome = store.load("старая.csv", &older).await;
    assert_eq!(outcome.status, ImportStatus::Unchanged);
    assert!(codes(&outcome.findings).contains(&"older-export"));
    assert_eq!(store.attendance().await.len(), 2);
}

#[tokio::test]
async fn any_order_of_attendance_and_lesson_lists_leads_to_the_same_state() {
    let files = [
        (
            "п1.csv",
            attendance_file(
                "01.11.2025 06:00",
                "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;н;\n5Б;Алгебра;02.10.2025;1;Пень Лесной;7;+;\n5Б;Алгебра;02.10.2025;1;Хрусталь Горный;8;5;\n",
            ),
        ),
        (
            "п2.csv",
            attendance_file(
                "05.11.2025 06:00",
                "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;н;болезнь\n5Б;Алгебра;06.10.2025;1;Хрусталь Горный;8;оп;\n5Б;Алгебра;03.11.2025;1;Хрусталь Горный;8;;\n",
            ),
        ),
        (
            "з1.csv",
            lesson_file(
                "02.11.2025 06:00",
                "5Б;Алгебра;01.10.2025;1;Сова Ель;1;Дроби;01.10.2025 15:00;\n5Б;Алгебра;08.10.2025;1;Сова Ель;1;;;отменено\n",
            ),
        ),
        (
            "з2.csv",
            lesson_file(
                "06.11.2025 06:00",
                "5Б;Алгебра;01.10.2025;1;Сова Ель;1,5;Дроби и доли;02.10.2025 15:00;\n5Б;Алгебра;06.10.2025;1;Лось Дуб;1;;;\n5Б;Алгебра;09.10.2025;1;Сова Ель;1;;;отменено\n",
            ),
        ),
    ];
    let state = check_orders(&files).await;
    let lessons: Vec<&String> = state
        .iter()
        .filter(|line| line.starts_with("lesson "))
        .collect();
    // 1, 6, 9 October and 3 November: the 2nd and the 8th are in no latest list.
    assert_eq!(lessons.len(), 4, "{lessons:#?}");
    assert!(
        lessons
            .iter()
            .any(|line| line.contains("held_on=2025-10-01")
                && line.contains("topic=Дроби и доли")
                && line.contains("hours=1.50")
                && line.contains("import_id=з2.csv"))
    );
    let days: Vec<&String> = state
        .iter()
        .filter(|line| line.starts_with("organisation_day ") && line.contains("held_on=2025-10-01"))
        .collect();
    assert_eq!(days.len(), 1);
    for part in [
        "lessons=1 ",
        "hours=1.50",
        "expected=1 ",
        "absent=1 ",
        "illness=1 ",
        "delay_1=1 ",
        "cancelled_lessons=0 ",
    ] {
        assert!(days[0].contains(part), "{part} not in {}", days[0]);
    }
}

/// A workbook with blocks of (pupil, period, month, days and cells of one subject).
fn pupil_workbook(exported: &str, blocks: &[(&str, &str, &str, &[(&str, &str)])]) -> Vec<u8> {
    let stamp = format!("Выгружено: {exported}");
    let texts: Vec<[String; 2]> = blocks
        .iter()
        .map(|block| {
            [
                format!("Период: {}", block.1),
                format!("Ученик: {}", block.0),
            ]
        })
        .collect();
    let mut rows = vec![vec![(1, Shared(stamp.as_str()))]];
    for (block, texts) in blocks.iter().zip(&texts) {
        rows.push(vec![(1, Shared("Школа № 5"))]);
        rows.push(vec![(
            1,
            Shared("Отчёт об успеваемости и посещаемости ученика"),
        )]);
        rows.push(vec![(1, Shared("Учебный год: 2025/2026"))]);
        rows.push(vec![(1, Shared("Класс: 5Б"))]);
        rows.push(vec![(1, Shared(&texts[0]))]);
        rows.push(vec![(1, Shared(&texts[1]))]);
        rows.push(vec![(1, Shared("Предмет")), (2, Shared(block.2))]);
        rows.push(
            block
                .3
                .iter()
                .enumerate()
                .map(|(at, cell)| (at as u32 + 2, Number(cell.0)))
                .collect(),
        );
        let mut subject = vec![(1, Shared("Алгебра"))];
        subject.extend(
            block
                .3
                .iter()
                .enumerate()
                .map(|(at, cell)| (at as u32 + 2, Shared(cell.1))),
        );
        rows.push(subject);
    }
    workbook(&rows)
}

const OCTOBER: &str = "с 01.10.25 по 31.10.25";

#[tokio::test]
async fn a_workbook_of_one_pupil_leaves_the_others_alone() {
    let store = Store::new().await;
    let all = pupil_workbook(
        "01.11.2025 06:00",
        &[
            ("Пень Лесной", OCTOBER, "Октябрь", &[("1", "Н"), ("2", "5")]),
            (
                "Хрусталь Горный",
                OCTOBER,
                "Октябрь",
                &[("1", ""), ("2", "Б")],
            ),
        ],
    );
    let one = pupil_workbook(
        "05.11.2025 06:00",
        &[("Пень Лесной", OCTOBER, "Октябрь", &[("1", "У"), ("3", "4")])],
    );
    store.load("все.xlsx", &all).await;
    store.load("один.xlsx", &one).await;
    assert_eq!(
        store.attendance().await,
        [
            "Алгебра 2025-10-01 Пень Лесной absent У один.xlsx:10,2",
            "Алгебра 2025-10-01 Хрусталь Горный present - все.xlsx:19,2",
            "Алгебра 2025-10-02 Хрусталь Горный absent Б все.xlsx:19,3",
            "Алгебра 2025-10-03 Пень Лесной present 4 один.xlsx:10,3",
        ]
    );
    // The marks follow: 5 of the 2nd is gone, 4 of the 3rd is there.
    let marks: Vec<String> = store
        .state()
        .await
        .into_iter()
        .filter(|line| line.starts_with("mark "))
        .collect();
    assert_eq!(marks.len(), 1);
    assert!(marks[0].contains("value=4") && marks[0].contains("held_on=2025-10-03"));
}

#[tokio::test]
async fn any_order_of_workbooks_leads_to_the_same_state() {
    let files = [
        (
            "а.xlsx",
            pupil_workbook(
                "01.11.2025 06:00",
                &[
                    (
                        "Пень Лесной",
                        OCTOBER,
                        "Октябрь",
                        &[("1", "Н"), ("2", "5"), ("20", "")],
                    ),
                    (
                        "Хрусталь Горный",
                        OCTOBER,
                        "Октябрь",
                        &[("1", ""), ("2", "Б")],
                    ),
                ],
            ),
        ),
        (
            "б.xlsx",
            pupil_workbook(
                "05.11.2025 06:00",
                &[(
                    "Пень Лесной",
                    "с 01.10.25 по 10.10.25",
                    "Октябрь",
                    &[("1", "У"), ("3", "4")],
                )],
            ),
        ),
        (
            "в.xlsx",
            pupil_workbook(
                "03.11.2025 06:00",
                &[
                    (
                        "Пень Лесной",
                        OCTOBER,
                        "Октябрь",
                        &[("1", ""), ("2", ""), ("21", "О")],
                    ),
                    ("Ива Белая", OCTOBER, "Октябрь", &[("1", "2")]),
                ],
            ),
        ),
        (
            "г.xlsx",
            pupil_workbook(
                "08.11.2025 06:00",
                &[(
                    "Хрусталь Горный",
                    "с 01.11.25 по 07.11.25",
                    "Ноябрь",
                    &[("5", "3/3")],
                )],
            ),
        ),
    ];
    let state = check_orders(&files).await;
    let of_pupil: Vec<&String> = state
        .iter()
        .filter(|line| line.starts_with("attendance ") && line.contains("Пень"))
        .collect();
    // From б the 1st and the 3rd, from в the 21st; а is beaten on every day, в up to the 10th.
    assert_eq!(of_pupil.len(), 3, "{of_pupil:#?}");
}

#[tokio::test]
async fn any_order_of_two_engines_leads_to_the_same_state() {
    let files = [
        (
            "а.xlsx",
            pupil_workbook(
                "01.11.2025 06:00",
                &[("Пень Лесной", OCTOBER, "Октябрь", &[("1", "Н")])],
            ),
        ),
        (
            "б.csv",
            attendance_file(
                "03.11.2025 06:00",
                "5Б;Алгебра;02.10.2025;1;Пень Лесной;;+;\n",
            ),
        ),
        (
            "в.xlsx",
            pupil_workbook(
                "05.11.2025 06:00",
                &[("Хрусталь Горный", OCTOBER, "Октябрь", &[("6", "Б")])],
            ),
        ),
    ];
    let state = check_orders(&files).await;
    let rows: Vec<&String> = state
        .iter()
        .filter(|line| line.starts_with("attendance "))
        .collect();
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert!(rows[0].contains("import_id=в.xlsx"));
}

#[tokio::test]
async fn reference_tables_and_journals_in_any_order() {
    let files = [
        ("журнал.csv", b"# \xd0\x92\xd1\x8b\xd0\xb3\xd1\x80\xd1\x83\xd0\xb6\xd0\xb5\xd0\xbd\xd0\xbe: 05.11.2025 06:12\n".iter().copied().chain("Группа;Предмет;Дата;Урок;Педагог;Тема;Внесено;Обучающийся;ID обучающегося;Отметка\n5Б;Алгебра;01.10.2025;1;Сова Ель;Дроби;01.10.2025 20:00;Пень Лесной;7;н\n5Б;Алгебра;02.10.2025;1;Лось Дуб;Дроби;02.10.2025 20:00;Хрусталь Горный;8;+\n".bytes()).collect()),
        ("тарификация.csv", "# Выгружено: 28.08.2025 10:00\nУчреждение;Педагог;Табельный номер;Ставка;Часов в неделю;Группа;Предмет;Часов по программе;Вид программы\nШкола № 5;Сова Ель;12;1;5;5Б;Алгебра;170;основная\n".as_bytes().to_vec()),
        ("движение.csv", "# Выгружено: 06.11.2025 10:00\nУчреждение;Группа;Обучающийся;ID обучающегося;С;По;Движение\nШкола № 5;5Б;Пень Лесной;7;01.09.2025;;зачислен\n".as_bytes().to_vec()),
        ("ктп.csv", "# Выгружено: 01.09.2025 10:00\nУчреждение;Группа;Предмет;№;Дата;Часы;Тема\nШкола № 5;5Б;Алгебра;1;01.10.2025;1;Дроби\nШкола № 5;5Б;Алгебра;2;03.10.2025;1;Доли\n".as_bytes().to_vec()),
    ];
    let state = check_orders(&files).await;
    let enrolments: Vec<&String> = state
        .iter()
        .filter(|line| line.starts_with("enrolment "))
        .collect();
    assert_eq!(enrolments.len(), 2);
    assert!(enrolments.iter().any(|line| line.contains("Пень")
        && line.contains("from_on=2025-09-01")
        && line.contains("is_exact=true")));
    assert!(enrolments.iter().any(|line| line.contains("Хрусталь")
        && line.contains("from_on=2025-10-02")
        && line.contains("is_exact=false")));
    // Whoever taught instead of the main teacher substitutes, whenever the load was loaded.
    let day = |day: &str| {
        state
            .iter()
            .find(|line| line.starts_with("organisation_day ") && line.contains(day))
            .unwrap()
            .clone()
    };
    assert!(day("held_on=2025-10-01").contains("substituted_lessons=0 "));
    assert!(day("held_on=2025-10-02").contains("substituted_lessons=1 "));
    assert!(day("held_on=2025-10-01").contains("planned_lessons=1 "));
    assert!(
        day("held_on=2025-10-03").contains("lessons=0 ")
            && day("held_on=2025-10-03").contains("planned_hours=1.00 ")
    );
}

#[tokio::test]
async fn stays_follow_what_the_journals_list() {
    let store = Store::new().await;
    let stay = |state: &BTreeSet<String>, pupil: &str| {
        let line = state
            .iter()
            .find(|line| line.starts_with("enrolment ") && line.contains(pupil))
            .unwrap()
            .clone();
        let at = |name: &str| {
            line.split(&format!("{name}="))
                .nth(1)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .to_owned()
        };
        (at("from_on"), at("to_on"))
    };
    let october = attendance_file(
        "01.11.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;+;\n5Б;Алгебра;01.10.2025;1;Хрусталь Горный;8;+;\n5Б;Алгебра;20.10.2025;1;Хрусталь Горный;8;+;\n",
    );
    store.load("октябрь.csv", &october).await;
    let state = store.state().await;
    assert_eq!(
        stay(&state, "Пень"),
        ("2025-10-01".to_owned(), "-".to_owned())
    );
    // November lists one of the two: the other's stay ended on the last day seen.
    let november = attendance_file(
        "01.12.2025 06:00",
        "5Б;Алгебра;05.11.2025;1;Пень Лесной;7;+;\n",
    );
    store.load("ноябрь.csv", &november).await;
    let state = store.state().await;
    assert_eq!(
        stay(&state, "Пень"),
        ("2025-10-01".to_owned(), "-".to_owned())
    );
    assert_eq!(
        stay(&state, "Хрусталь"),
        ("2025-10-01".to_owned(), "2025-10-20".to_owned())
    );
    // A corrected October begins later.
    let again = attendance_file(
        "05.12.2025 06:00",
        "5Б;Алгебра;10.10.2025;1;Пень Лесной;7;+;\n",
    );
    store.load("октябрь снова.csv", &again).await;
    let state = store.state().await;
    assert_eq!(
        stay(&state, "Пень"),
        ("2025-10-10".to_owned(), "-".to_owned())
    );
    assert!(
        !state
            .iter()
            .any(|line| line.starts_with("enrolment ") && line.contains("Хрусталь"))
    );
}

#[tokio::test]
async fn duplicates_in_one_file_count_once() {
    let store = Store::new().await;
    let file = attendance_file(
        "01.11.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;5;\n5Б;Алгебра;01.10.2025;1;Пень Лесной;7;5;\n5Б;Алгебра;02.10.2025;1;Пень Лесной;7;+;\n5Б;Алгебра;02.10.2025;1;Пень  Лесной;7;н;\n",
    );
    let outcome = store.load("а.csv", &file).await;
    assert_eq!(
        store.attendance().await,
        [
            "Алгебра 2025-10-01 Пень Лесной present 5 а.csv:3,7",
            "Алгебра 2025-10-02 Пень Лесной absent н а.csv:6,7"
        ]
    );
    let told: Vec<String> = super::bytes::told(&outcome.findings);
    assert!(
        told.iter()
            .any(|line| line.starts_with("duplicate-row строка 4, столбец 7")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|line| line.starts_with("contradicting-rows строка 6, столбец 7")),
        "{told:?}"
    );
    assert_eq!((outcome.rows["attendance"], outcome.rows["mark"]), (2, 1));
}

#[tokio::test]
async fn lesson_ids_stay_when_a_month_is_exported_again() {
    let store = Store::new().await;
    let ids = async || {
        let mut ids = BTreeMap::new();
        for batch in store.table("lesson").await {
            let days = batch
                .column_by_name("held_on")
                .unwrap()
                .as_primitive::<arrow::datatypes::Date32Type>();
            let numbers = batch
                .column_by_name("lesson_id")
                .unwrap()
                .as_primitive::<Int64Type>();
            for at in 0..batch.num_rows() {
                ids.insert(days.value(at), numbers.value(at));
            }
        }
        ids
    };
    store
        .load(
            "а.csv",
            &attendance_file(
                "01.11.2025 06:00",
                "5Б;Алгебра;01.10.2025;1;П;7;+;\n5Б;Алгебра;08.10.2025;1;П;7;+;\n",
            ),
        )
        .await;
    let before = ids().await;
    store.load("б.csv", &attendance_file("02.11.2025 06:00", "5Б;Алгебра;01.10.2025;1;П;7;н;\n5Б;Алгебра;05.10.2025;1;П;7;+;\n5Б;Алгебра;08.10.2025;1;П;7;+;\n")).await;
    let after = ids().await;
    assert_eq!(after.len(), 3);
    for (day, id) in before {
        assert_eq!(after[&day], id);
    }
}

#[tokio::test]
async fn a_file_that_names_no_institution_is_rejected_and_the_lake_stays() {
    let store = Store::new().await;
    let file = read(
        "а.csv",
        &attendance_file("01.11.2025 06:00", "5Б;Алгебра;01.10.2025;1;П;7;+;\n"),
    );
    let context = LoadContext {
        now: NOW,
        ..LoadContext::default()
    };
    let outcome = load(&store.lake, &store.vault, file, &context)
        .await
        .unwrap();
    assert_eq!(outcome.status, ImportStatus::Rejected);
    assert_eq!(codes(&outcome.findings), ["organisation-unknown"]);
    for table in TABLES {
        assert!(
            store.table(table.name).await.is_empty(),
            "{} has rows",
            table.name
        );
    }
    // Tried again with the institution told, it loads.
    let outcome = store
        .load(
            "а.csv",
            &attendance_file("01.11.2025 06:00", "5Б;Алгебра;01.10.2025;1;П;7;+;\n"),
        )
        .await;
    assert_eq!(
        (outcome.status, outcome.org_id),
        (ImportStatus::Loaded, Some(1))
    );
}

#[tokio::test]
async fn a_folder_is_walked_once_and_unchanged_the_second_time() {
    let store = Store::new().await;
    let exports = store.folder.path().join("exports");
    std::fs::create_dir_all(exports.join("Школа № 5")).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(exports.join(name), bytes).unwrap();
    put("organisations.csv", "Учреждение;Краткое название;Муниципалитет;Вид;Акт;Рабочих дней в неделе;Часовой пояс\nМБОУ «СОШ № 5»;Школа № 5;Клин;школа;А;6;Asia/Omsk\n".as_bytes());
    put("Школа № 5/журнал.csv", "# Выгружено: 05.11.2025 06:12\nГруппа;Предмет;Дата;Урок;Внесено;Обучающийся;Отметка\n5Б;Алгебра;01.10.2025;1;02.10.2025 00:30;Пень Лесной;н\n".as_bytes());
    put("Школа № 5/битый.xlsx", b"PK\x03\x04 not a zip");
    put("Школа № 5/заметки.docx", b"not looked at");
    let run = async |options: &IngestOptions| {
        ingest(
            &store.lake,
            &store.vault,
            std::slice::from_ref(&exports),
            options,
            NOW,
            &NoProgress,
        )
        .await
        .unwrap()
    };
    let dry = run(&IngestOptions {
        dry_run: true,
        ..IngestOptions::default()
    })
    .await;
    assert_eq!(dry.len(), 3);
    assert!(store.table("attendance").await.is_empty());

    let first = run(&IngestOptions::default()).await;
    let found: Vec<(&str, ImportStatus)> = first
        .iter()
        .map(|outcome| (outcome.file.as_str(), outcome.status))
        .collect();
    assert_eq!(
        found,
        [
            ("organisations.csv", ImportStatus::Loaded),
            ("битый.xlsx", ImportStatus::Rejected),
            ("журнал.csv", ImportStatus::Loaded)
        ]
    );
    assert!(first[1].is_rejected());
    // The folder named the institution; its clock stands three hours before Moscow's: 00:30 in
    // Omsk is one day after the lesson.
    let state = store.state().await;
    assert!(
        state.iter().any(|line| line.starts_with("lesson_day ")
            && line.contains("org_id=МБОУ «СОШ № 5»")
            && line.contains("delay_1=1 ")),
        "{state:#?}"
    );
    assert!(state.iter().any(
        |line| line.starts_with("lesson ") && line.contains("recorded_at=2025-10-01T18:30:00Z")
    ));
    assert!(
        state
            .iter()
            .any(|line| line.starts_with("organisation ") && line.contains("regulation_id=A"))
    );

    let second = run(&IngestOptions::default()).await;
    assert_eq!(
        (second[0].status, second[2].status),
        (ImportStatus::Unchanged, ImportStatus::Unchanged)
    );
    assert_eq!(second[2].snapshot_id, first[2].snapshot_id);
    assert_eq!(store.state().await, state);

    let printed = serde_json::to_value(ImportsDocument { imports: &first }).unwrap();
    let last = &printed["imports"][2];
    assert_eq!(last["status"], "loaded");
    assert_eq!(last["engine"], "long");
    assert_eq!(last["rows"]["attendance"], 1);
    assert_eq!(last["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(printed["imports"][1]["findings"][0]["severity"], "error");
}

#[tokio::test]
async fn the_source_of_every_row_holds_its_raw_text() {
    let store = Store::new().await;
    let csv = attendance_file(
        "01.11.2025 06:00",
        "5Б;Алгебра;01.10.2025;1;Пень Лесной;7;н 4;\n5Б;Алгебра;02.10.2025;1;Пень Лесной;7;оп;\n5Б;Алгебра;03.10.2025;1;Хрусталь Горный;8;+;\n",
    );
    store.load("а.csv", &csv).await;
    let text = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut seen = 0;
    for batch in store.table("attendance").await {
        let number = |name: &str, at: usize| -> usize {
            ArrayFormatter::try_new(
                batch.column_by_name(name).unwrap(),
                &FormatOptions::default(),
            )
            .unwrap()
            .value(at)
            .to_string()
            .parse()
            .unwrap()
        };
        for at in 0..batch.num_rows() {
            let raw = ArrayFormatter::try_new(
                batch.column_by_name("raw").unwrap(),
                &FormatOptions::default(),
            )
            .unwrap()
            .value(at)
            .to_string();
            let field = lines[number("row_no", at) - 1]
                .split(';')
                .nth(number("col_no", at) - 1)
                .unwrap();
            assert_eq!(field, raw);
            assert_eq!((number("import_id", at), number("sheet_no", at)), (1, 1));
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[tokio::test]
async fn one_pupil_whatever_the_spelling_and_no_name_outside_the_vault() {
    let store = Store::new().await;
    let file = attendance_file(
        "01.11.2025 06:00",
        "5 б;Алгебра;01.10.2025;1;Семёнов  Пень;;+;\n5Б;Алгебра;02.10.2025;1;Семенов Пень;;н;\n",
    );
    let outcome = store.load("а.csv", &file).await;
    assert!(!format!("{:?}", outcome.findings).contains("Пень"));
    let mut pupils = BTreeSet::new();
    for batch in store.table("attendance").await {
        pupils.extend(
            batch
                .column_by_name("pupil_id")
                .unwrap()
                .as_primitive::<Int64Type>()
                .values()
                .iter()
                .copied(),
        );
    }
    assert_eq!(pupils.len(), 1);
    assert_eq!(
        store
            .table("study_group")
            .await
            .iter()
            .map(RecordBatch::num_rows)
            .sum::<usize>(),
        1
    );
    // Nothing below the data directory but the vault knows the name.
    let mut folders: Vec<PathBuf> = vec![store.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("vault")
            {
                let bytes = std::fs::read(&path).unwrap();
                for name in ["Пень", "Семенов"] {
                    assert!(
                        !bytes
                            .windows(name.len())
                            .any(|window| window == name.as_bytes()),
                        "{} holds a name",
                        path.display()
                    );
                }
            }
        }
    }
}
