//! Two institutions small enough to be counted by hand, written through the lake's own writer.
//!
//! Roll-ups are summed here naively from the lessons and marks below; the numbers that reports are
//! held against are worked out by hand in the tests.

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int8Array, Int16Array, Int32Array,
    Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use svodka_catalog::{Catalog, Source};
use svodka_journal::Day;
use svodka_journal::contract::{self, ColumnKind};
use svodka_lake::{
    Access, AsOf, Commit, ImportRecord, ImportStatus, Key, Lake, Sequence, TableChange,
};
use svodka_query::{Engine, Principal, QueryError, Scope, Session};
use svodka_table::{Table, format_cell};
use svodka_vault::{PersonKey, PersonKind, Vault};
use tempfile::TempDir;

/// 2025-12-01 00:00 UTC, the clock of every import.
pub const NOW: i64 = 20_423 * 86_400_000_000;

pub struct World {
    _dir: TempDir,
    pub lake: Lake,
    pub engine: Engine,
    /// Ids of persons by the short words used below.
    pub ids: BTreeMap<String, i64>,
    /// Snapshots: after the first institution, after both.
    pub first: i64,
    pub second: i64,
}

/// Institution 1 has lessons 1–7, institution 2 has lesson 8.
///
/// id org course group day no hours topic main taught status recorded
const LESSONS: &str = "
1 1 11 1 2025-09-29 1 1.00 Дроби      - -    held      2025-09-29T10:00
2 1 11 1 2025-10-06 1 1.00 Проценты   - -    held      2025-10-06T22:30
3 1 12 1 2025-10-06 2 1.00 -          - math held      -
4 1 11 1 2025-10-13 1 1.00 Отношения  - -    held      2025-10-13T08:00
5 1 12 1 2025-10-14 2 1.00 Глагол     - -    cancelled -
6 1 21 2 2025-10-15 3 2.00 Степени    - -    held      2025-10-20T09:00
7 1 12 1 2025-10-20 2 1.00 Причастие  - -    planned   -
8 2 31 3 2025-10-07 0 1.50 Датчики    - -    made_up   2025-10-07T09:00
";

/// lesson pupil status reason raw row col
const MARKS: &str = "
1 anna   present    -         -  10 5
1 boris  present    -         5  11 5
1 vera   absent     illness   Б  12 5
1 gleb   present    -         -  13 5
2 anna   present    -         -  10 6
2 boris  late       -         ОП 11 6
2 vera   absent     illness   Б  12 6
2 gleb   exempt     -         -  13 6
3 anna   present    -         -  10 28
3 boris  absent     unexcused Н  11 28
3 vera   absent     illness   Б  12 28
3 gleb   present    -         -  13 28
4 anna   unrecorded -         -  10 703
4 boris  unrecorded -         -  11 703
4 vera   unrecorded -         -  12 703
4 gleb   unrecorded -         -  13 703
6 dina   present    -         -  20 0
6 egor   absent     excused   У  21 0
8 zoya   present    -         -  30 2
8 ivan   present    -         -  31 2
";

/// org course group seq day hours topic
const PLAN: &str = "
1 11 1 1 2025-09-29 1.00 Дроби
1 11 1 2 2025-10-06 1.00 Проценты
1 11 1 3 2025-10-13 1.00 Отношения
1 11 1 4 2025-11-10 1.00 Пропорции
1 12 1 1 2025-10-06 1.00 Имя
1 12 1 2 2025-10-14 1.00 Глагол
1 12 1 3 -          1.00 Повторение
1 21 2 1 2025-10-15 2.00 Степени
2 31 3 1 2025-10-07 1.50 Датчики
2 31 3 2 2025-10-14 1.50 Моторы
";

/// Invented combinations; the order of the alphabet is not the order of the list.
const PUPILS: &str = "
1 anna  Яблокова_Анна
1 boris Арбузов_Борис
1 vera  Ёлкина_Вера
1 gleb  Жёлудев_Глеб
1 dina  Дынина_Дина
1 egor  Ежов_Егор
2 zoya  Зёрнова_Зоя
2 ivan  Ивушкин_Иван
";
const TEACHERS: &str = "
1 math  Числова_Мария
1 word  Слогов_Павел
1 spare Запасов_Олег
2 robot Шестернёва_Нина
";

pub async fn world() -> World {
    world_with(svodka_catalog::load(&Source::embedded()).0).await
}

pub async fn world_with(catalog: Catalog) -> World {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), Access::ReadWrite, || NOW)
        .await
        .unwrap();
    let vault = Vault::open(dir.path()).await.unwrap();
    let mut ids = BTreeMap::new();
    for (list, kind) in [(PUPILS, PersonKind::Pupil), (TEACHERS, PersonKind::Teacher)] {
        for row in rows_of(list) {
            let org_id: i32 = row[0].parse().unwrap();
            let key = PersonKey {
                engine_id: Some(row[1].clone()),
                group: None,
                name: row[2].replace('_', " "),
            };
            let id = vault.resolve(org_id, kind, &[key]).await.unwrap()[0];
            ids.insert(row[1].clone(), id);
        }
    }
    let first = commit(&lake, &ids, 1, "5А.xlsx", "Лист1").await;
    let second = commit(&lake, &ids, 2, "Журнал.csv", "Журнал.csv").await;
    let engine = Engine::new(lake.clone(), Some(vault), Arc::new(catalog)).unwrap();
    World {
        _dir: dir,
        lake,
        engine,
        ids,
        first,
        second,
    }
}

impl World {
    pub fn id(&self, word: &str) -> String {
        self.ids[word].to_string()
    }

    pub async fn session(&self, scope: Scope) -> Session {
        let principal = Principal {
            subject: "test".to_owned(),
            scope,
            may_see_names: true,
        };
        self.engine.session(&principal, AsOf::Latest).await.unwrap()
    }

    pub async fn ask(&self, report: &str, params: &[(&str, &str)]) -> Table {
        answer(&self.session(Scope::All).await, report, params)
            .await
            .unwrap()
    }

    /// Rows of a report, chosen columns, written as tables write them.
    pub async fn check(
        &self,
        report: &str,
        params: &[(&str, &str)],
        columns: &str,
        expected: &str,
    ) {
        let table = self.ask(report, params).await;
        assert_eq!(
            text_of(&table, columns),
            lines(expected),
            "{report} {params:?}"
        );
    }
}

pub async fn answer(
    session: &Session,
    report: &str,
    params: &[(&str, &str)],
) -> Result<Table, QueryError> {
    let params = session.params(report, params.iter().copied())?;
    session
        .report(report, &params)
        .await
        .map(|(table, _)| table)
}

/// `a | b | c` per row.
pub fn text_of(table: &Table, columns: &str) -> Vec<String> {
    let chosen: Vec<usize> = columns
        .split_whitespace()
        .map(|name| {
            table
                .column_index(name)
                .unwrap_or_else(|| panic!("no column {name}"))
        })
        .collect();
    table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = chosen
                .iter()
                .map(|at| format_cell(&row[*at], &table.columns[*at].unit).replace('\u{a0}', " "))
                .collect();
            cells.join(" | ")
        })
        .collect()
}

pub fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn rows_of(list: &str) -> Vec<Vec<String>> {
    lines(list)
        .iter()
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

async fn commit(
    lake: &Lake,
    ids: &BTreeMap<String, i64>,
    org_id: i32,
    file_name: &str,
    sheet: &str,
) -> i64 {
    let mut writer = lake.writer().await.unwrap();
    let import_id = i32::try_from(writer.next_ids(Sequence::Import, 1)).unwrap();
    let facts = Facts::of(ids, org_id, import_id);
    let import = ImportRecord {
        import_id,
        sha256: format!("{org_id:064x}"),
        file_name: file_name.to_owned(),
        file_bytes: 1_000,
        engine: if org_id == 1 {
            "school-workbook"
        } else {
            "long"
        }
        .to_owned(),
        org_id: Some(org_id),
        exported_at: Some(NOW - 3_600_000_000 * i64::from(3 - org_id)),
        imported_at: NOW,
        status: ImportStatus::Loaded,
        rows: BTreeMap::new(),
        sheets: vec![sheet.to_owned()],
    };
    let committed = writer
        .commit(Commit {
            import: Some(import),
            changes: facts.changes(),
            note: "test".to_owned(),
            ..Commit::default()
        })
        .await
        .unwrap();
    committed.snapshot_id
}

/// Rows of every table as texts; "-" is NULL.
#[derive(Default)]
struct Facts {
    tables: BTreeMap<&'static str, Vec<BTreeMap<&'static str, String>>>,
}

impl Facts {
    fn of(ids: &BTreeMap<String, i64>, org_id: i32, import_id: i32) -> Facts {
        let mut facts = Facts::default();
        let person = |word: &str| match word {
            "-" => "-".to_owned(),
            word => ids[word].to_string(),
        };
        let org = org_id.to_string();
        let import = import_id.to_string();
        facts.reference(ids, org_id);
        let lessons: Vec<Vec<String>> = rows_of(LESSONS)
            .into_iter()
            .filter(|row| row[1] == org)
            .collect();
        for (at, row) in lessons.iter().enumerate() {
            let day = Day::parse_iso(&row[4]).unwrap();
            let row_no = (100 + at).to_string();
            facts.add(
                "lesson",
                &[
                    ("org_id", &org),
                    ("lesson_id", &row[0]),
                    ("course_id", &row[2]),
                    ("group_id", &row[3]),
                    ("held_on", &row[4]),
                    ("month", &day.month().0.to_string()),
                    ("weekday", &day.weekday().to_string()),
                    ("lesson_no", &row[5]),
                    ("hours", &row[6]),
                    ("topic", &row[7]),
                    ("main_teacher_id", &person(&row[8])),
                    ("taught_by_id", &person(&row[9])),
                    ("status", &row[10]),
                    ("recorded_at", &row[11]),
                    ("import_id", &import),
                    ("sheet_no", "1"),
                    ("row_no", &row_no),
                    ("col_no", "0"),
                ],
            );
        }
        for row in rows_of(MARKS) {
            let Some(lesson) = lessons.iter().find(|lesson| lesson[0] == row[0]) else {
                continue;
            };
            let day = Day::parse_iso(&lesson[4]).unwrap();
            facts.add(
                "attendance",
                &[
                    ("org_id", &org),
                    ("lesson_id", &row[0]),
                    ("pupil_id", &person(&row[1])),
                    ("group_id", &lesson[3]),
                    ("course_id", &lesson[2]),
                    ("held_on", &lesson[4]),
                    ("month", &day.month().0.to_string()),
                    ("status", &row[2]),
                    ("reason", &row[3]),
                    ("raw", &row[4]),
                    ("import_id", &import),
                    ("sheet_no", "1"),
                    ("row_no", &row[5]),
                    ("col_no", &row[6]),
                ],
            );
        }
        for row in rows_of(PLAN).iter().filter(|row| row[0] == org) {
            let month =
                Day::parse_iso(&row[4]).map_or("-".to_owned(), |day| day.month().0.to_string());
            facts.add(
                "plan_item",
                &[
                    ("org_id", &org),
                    ("course_id", &row[1]),
                    ("group_id", &row[2]),
                    ("seq", &row[3]),
                    ("planned_on", &row[4]),
                    ("month", &month),
                    ("hours", &row[5]),
                    ("topic", &row[6]),
                    ("import_id", &import),
                    ("sheet_no", "1"),
                    ("row_no", "1"),
                    ("col_no", "0"),
                ],
            );
        }
        facts.roll_up(&org);
        facts
    }

    fn reference(&mut self, ids: &BTreeMap<String, i64>, org_id: i32) {
        let at = ("exported_at", "2025-11-30T00:00");
        let id = |word: &str| ids[word].to_string();
        if org_id == 1 {
            self.add(
                "organisation",
                &[
                    ("org_id", "1"),
                    ("title", "Школа первая"),
                    ("short_title", "Школа А"),
                    ("municipality", "Примерск"),
                    ("kind", "school"),
                    ("regulation_id", "A"),
                    ("week_days", "5"),
                    ("time_zone", "Europe/Moscow"),
                    at,
                ],
            );
            for (group_id, title, parallel) in [("1", "5А", "5"), ("2", "10Б", "10")] {
                self.add(
                    "study_group",
                    &[
                        ("org_id", "1"),
                        ("group_id", group_id),
                        ("title", title),
                        ("kind", "class"),
                        ("parallel", parallel),
                        ("school_year", "2025"),
                        at,
                    ],
                );
            }
            for (course_id, group_id, subject, teacher) in [
                ("11", "1", "Математика", "math"),
                ("12", "1", "Русский язык", "word"),
                ("21", "2", "Алгебра", "math"),
            ] {
                self.add(
                    "course",
                    &[
                        ("org_id", "1"),
                        ("course_id", course_id),
                        ("group_id", group_id),
                        ("programme_id", "-"),
                        ("subject", subject),
                        ("main_teacher_id", &id(teacher)),
                        ("hours_planned", "-"),
                        at,
                    ],
                );
            }
            for (teacher, hours) in [("math", "18.00"), ("word", "9.00"), ("spare", "4.50")] {
                self.add(
                    "staff",
                    &[
                        ("org_id", "1"),
                        ("teacher_id", &id(teacher)),
                        ("post_no", "1"),
                        ("position", "учитель"),
                        ("rate", "1.00"),
                        ("weekly_hours", hours),
                        at,
                    ],
                );
            }
        } else {
            self.add(
                "organisation",
                &[
                    ("org_id", "2"),
                    ("title", "Кружки"),
                    ("short_title", "Кружки Б"),
                    ("municipality", "Примерск"),
                    ("kind", "technopark"),
                    ("regulation_id", "D"),
                    ("week_days", "6"),
                    ("time_zone", "Europe/Moscow"),
                    at,
                ],
            );
            self.add(
                "study_group",
                &[
                    ("org_id", "2"),
                    ("group_id", "3"),
                    ("title", "Робо-квантум"),
                    ("kind", "quantum"),
                    ("parallel", "-"),
                    ("school_year", "2025"),
                    at,
                ],
            );
            self.add(
                "course",
                &[
                    ("org_id", "2"),
                    ("course_id", "31"),
                    ("group_id", "3"),
                    ("subject", "Робототехника"),
                    ("main_teacher_id", &id("robot")),
                    at,
                ],
            );
        }
    }

    fn add(&mut self, table: &'static str, values: &[(&'static str, &str)]) {
        let row = values
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        self.tables.entry(table).or_default().push(row);
    }

    /// Sums lessons, marks and plan into the three roll-ups.
    fn roll_up(&mut self, org: &str) {
        let mut attendance_day = Sums::default();
        let mut lesson_day = Sums::default();
        let mut organisation_day = Sums::default();
        for mark in self.tables.get("attendance").into_iter().flatten() {
            let key = [&mark["group_id"], &mark["course_id"], &mark["held_on"]].map(Clone::clone);
            let reason = match mark["reason"].as_str() {
                "-" => None,
                "unknown" => Some("reason_unknown"),
                reason => Some(reason),
            };
            for state in ["expected", &mark["status"]].into_iter().chain(reason) {
                attendance_day.count(&key, state, 100);
                organisation_day.count(&[mark["held_on"].clone()], state, 100);
            }
        }
        for lesson in self.tables.get("lesson").into_iter().flatten() {
            let teacher = match lesson["taught_by_id"].as_str() {
                "-" => "0",
                taught => taught,
            };
            let key = [
                teacher,
                &lesson["group_id"],
                &lesson["course_id"],
                &lesson["held_on"],
            ]
            .map(str::to_owned);
            let is_unrecorded = lesson["lesson_id"] == "4";
            let hours: i64 = lesson["hours"].replace('.', "").parse().unwrap();
            let mut counts: Vec<(&str, i64)> = Vec::new();
            match lesson["status"].as_str() {
                "held" | "made_up" => {
                    counts.extend([("lessons", 100), ("hours", hours)]);
                    if lesson["taught_by_id"] != "-" {
                        counts.extend([("substituted_lessons", 100), ("substituted_hours", hours)]);
                    }
                    if lesson["topic"] == "-" {
                        counts.push(("no_topic_lessons", 100));
                    }
                    if is_unrecorded {
                        counts.push(("unrecorded_lessons", 100));
                    }
                    // Worked by hand: lesson 2 was entered at 01:30 of the next day in Moscow.
                    counts.push((
                        match lesson["lesson_id"].as_str() {
                            "2" => "delay_1",
                            "3" => "delay_unknown",
                            "6" => "delay_more",
                            _ => "delay_0",
                        },
                        100,
                    ));
                }
                "cancelled" => counts.push(("cancelled_lessons", 100)),
                _ => {}
            }
            for (name, amount) in counts {
                lesson_day.count(&key, name, amount);
                organisation_day.count(&[lesson["held_on"].clone()], name, amount);
            }
        }
        for item in self.tables.get("plan_item").into_iter().flatten() {
            if item["planned_on"] != "-" {
                let key = [item["planned_on"].clone()];
                let hours: i64 = item["hours"].replace('.', "").parse().unwrap();
                organisation_day.count(&key, "planned_lessons", 100);
                organisation_day.count(&key, "planned_hours", hours);
            }
        }
        self.rolled(
            "attendance_day",
            org,
            &["group_id", "course_id", "held_on"],
            attendance_day,
        );
        self.rolled(
            "lesson_day",
            org,
            &["teacher_id", "group_id", "course_id", "held_on"],
            lesson_day,
        );
        self.rolled("organisation_day", org, &["held_on"], organisation_day);
    }

    fn rolled(&mut self, table: &'static str, org: &str, keys: &[&'static str], sums: Sums) {
        for (key, counts) in sums.0 {
            let day = Day::parse_iso(key.last().unwrap()).unwrap();
            let mut row: BTreeMap<&'static str, String> = keys.iter().copied().zip(key).collect();
            row.insert("org_id", org.to_owned());
            row.insert("month", day.month().0.to_string());
            row.insert("weekday", day.weekday().to_string());
            for column in contract::table(table).unwrap().columns {
                row.entry(column.name).or_insert_with(|| {
                    let units = counts.get(column.name).copied().unwrap_or(0);
                    match column.kind {
                        ColumnKind::Hours => format!("{}.{:02}", units / 100, units % 100),
                        _ => (units / 100).to_string(),
                    }
                });
            }
            self.tables.entry(table).or_default().push(row);
        }
    }

    fn changes(&self) -> Vec<TableChange> {
        self.tables
            .iter()
            .map(|(table, rows)| TableChange {
                table,
                rows: vec![batch(table, rows)],
                replaced: Vec::<Key>::new(),
            })
            .collect()
    }
}

/// Sums in hundredths by key and column.
#[derive(Default)]
struct Sums(BTreeMap<Vec<String>, BTreeMap<String, i64>>);

impl Sums {
    fn count(&mut self, key: &[String], column: &str, amount: i64) {
        *self
            .0
            .entry(key.to_vec())
            .or_default()
            .entry(column.to_owned())
            .or_default() += amount;
    }
}

fn batch(table: &str, rows: &[BTreeMap<&'static str, String>]) -> RecordBatch {
    let contract = contract::table(table).unwrap();
    let columns = contract.columns.iter().map(|column| {
        let texts: Vec<Option<&str>> = rows
            .iter()
            .map(|row| {
                row.get(column.name)
                    .map(String::as_str)
                    .filter(|text| *text != "-")
            })
            .collect();
        (column.name, array(column.kind, &texts), column.is_nullable)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn array(kind: ColumnKind, texts: &[Option<&str>]) -> ArrayRef {
    fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(
        texts: &[Option<&str>],
    ) -> impl Iterator<Item = Option<T>> {
        texts
            .iter()
            .map(|text| text.map(|text| text.parse().unwrap()))
    }
    match kind {
        ColumnKind::Int8 => Arc::new(parsed::<i8>(texts).collect::<Int8Array>()),
        ColumnKind::Int16 => Arc::new(parsed::<i16>(texts).collect::<Int16Array>()),
        ColumnKind::Int32 => Arc::new(parsed::<i32>(texts).collect::<Int32Array>()),
        ColumnKind::Int64 | ColumnKind::PersonId => {
            Arc::new(parsed::<i64>(texts).collect::<Int64Array>())
        }
        ColumnKind::Bool => Arc::new(parsed::<bool>(texts).collect::<BooleanArray>()),
        ColumnKind::Date => Arc::new(
            texts
                .iter()
                .map(|text| text.map(|text| Day::parse_iso(text).unwrap().0))
                .collect::<Date32Array>(),
        ),
        ColumnKind::Timestamp => Arc::new(
            texts
                .iter()
                .map(|text| text.map(instant))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        ColumnKind::Hours => Arc::new(
            texts
                .iter()
                .map(|text| text.map(|text| text.replace('.', "").parse::<i128>().unwrap()))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(7, 2)
                .unwrap(),
        ),
        ColumnKind::Enum | ColumnKind::Code | ColumnKind::Text => {
            Arc::new(texts.iter().copied().collect::<StringArray>())
        }
    }
}

/// `2025-10-06T22:30`, UTC.
fn instant(text: &str) -> i64 {
    let (day, time) = text.split_once('T').unwrap();
    let (hour, minute) = time.split_once(':').unwrap();
    let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
    i64::from(Day::parse_iso(day).unwrap().0) * 86_400_000_000 + minutes * 60_000_000
}
