//! Reports worked out by hand, scope, parameters, refusals, time travel.

#[path = "query/world.rs"]
mod world;

use svodka_catalog::Source;
use svodka_journal::contract::TABLES;
use svodka_query::{AsOf, Principal, QueryError, Scope};
use svodka_table::Value;
use world::{World, answer, lines, text_of, world, world_with};

const OCTOBER: [(&str, &str); 2] = [("from", "2025-10-01"), ("to", "2025-10-31")];
const AUTUMN: [(&str, &str); 2] = [("from", "2025-09-01"), ("to", "2025-10-31")];

fn october<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    OCTOBER.iter().chain(more).copied().collect()
}

fn autumn<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    AUTUMN.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn every_file_of_the_repository_is_whole() {
    let (catalog, problems) = svodka_catalog::load(&Source::embedded());
    let world = world().await;
    let mut texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    texts.extend(world.engine.check(&catalog).iter().map(ToString::to_string));
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}

#[tokio::test]
async fn every_check_finds_nothing_in_a_sound_lake() {
    let world = world().await;
    for name in world.engine.catalog().checks.keys() {
        let table = world.ask(name, &[]).await;
        assert_eq!(table.rows, Vec::<Vec<Value>>::new(), "{name}");
    }
}

#[tokio::test]
async fn attendance_of_a_month_is_held_against_the_month_before() {
    let world = world().await;
    // Institution 1 in October: 14 expected = 4 present + 1 late + 4 absent + 1 exempt + 4 unrecorded.
    // 5 of 9 counted; of 13 due 5 at least and 9 at most. September: 3 of 4.
    let columns = "short_title attendance_share share_low share_high previous_share change \
                   previous_from_on previous_to_on counted lessons unrecorded_lessons \
                   illness_share unexcused_share";
    world
        .check(
            "attendance_summary",
            &october(&[("org", "1")]),
            columns,
            "Школа А | 55,6 | 38,5 | 69,2 | 75,0 | −19,4 | 01.09.2025 | 30.09.2025 | 9 | 4 | 1 | 22,2 | 11,1",
        )
        .await;
    // With institution 2, which recorded 2 of 2.
    world
        .check(
            "attendance_summary",
            &october(&[]),
            columns,
            "— | 63,6 | 46,7 | 73,3 | 75,0 | −11,4 | 01.09.2025 | 30.09.2025 | 11 | 5 | 1 | 18,2 | 9,1",
        )
        .await;
    // A week is held against the week before: lessons 2 and 3 against lesson 1.
    world
        .check(
            "attendance_summary",
            &[("from", "2025-10-06"), ("to", "2025-10-12"), ("org", "1")],
            "attendance_share previous_share previous_from_on previous_to_on",
            "57,1 | 75,0 | 29.09.2025 | 05.10.2025",
        )
        .await;
    // Across a year's end: two months against the two before.
    world
        .check(
            "attendance_summary",
            &[("from", "2026-01-01"), ("to", "2026-02-28")],
            "attendance_share previous_from_on previous_to_on",
            "— | 01.11.2025 | 31.12.2025",
        )
        .await;
}

#[tokio::test]
async fn attendance_over_time() {
    let world = world().await;
    world
        .check(
            "attendance_by_week",
            &[("to", "2025-10-31")],
            "week_on attendance_share share_low share_high counted absent unrecorded",
            "29.09.2025 | 75,0 | 75,0 | 75,0 | 4 | 1 | 0
             06.10.2025 | 66,7 | 66,7 | 66,7 | 9 | 3 | 0
             13.10.2025 | 50,0 | 16,7 | 83,3 | 2 | 1 | 4",
        )
        .await;
    // Nothing counted is no share, neither 0 nor 100 %.
    world
        .check(
            "attendance_by_day",
            &[("to", "2026-05-01"), ("org", "1")],
            "held_on attendance_share counted unrecorded",
            "29.09.2025 | 75,0 | 4 | 0
             06.10.2025 | 57,1 | 7 | 0
             13.10.2025 | — | 0 | 4
             15.10.2025 | 50,0 | 2 | 0",
        )
        .await;
    // Another school year has no lessons.
    world
        .check("attendance_by_day", &[("to", "2025-08-31")], "held_on", "")
        .await;
    world
        .check(
            "absence_by_month",
            &[("to", "2025-10-31")],
            "illness excused unexcused reason_unknown absent counted absence_share",
            "1 | 0 | 0 | 0 | 1 | 4 | 25,0
             2 | 1 | 1 | 0 | 4 | 11 | 36,4",
        )
        .await;
    world
        .check(
            "attendance_by_weekday",
            &october(&[]),
            "attendance_share counted unrecorded",
            "57,1 | 7 | 4
             100,0 | 2 | 0
             50,0 | 2 | 0",
        )
        .await;
    world
        .check(
            "group_attendance_by_week",
            &[("to", "2025-10-31"), ("org", "1"), ("group", "2")],
            "week_on attendance_share counted",
            "13.10.2025 | 50,0 | 2",
        )
        .await;
}

#[tokio::test]
async fn attendance_by_whom() {
    let world = world().await;
    world
        .check(
            "attendance_by_organisation",
            &october(&[]),
            "org_id short_title attendance_share share_low share_high counted absent illness \
             unexcused late unrecorded unrecorded_lessons lessons",
            "1 | Школа А | 55,6 | 38,5 | 69,2 | 9 | 4 | 2 | 1 | 1 | 4 | 1 | 4
             2 | Кружки Б | 100,0 | 100,0 | 100,0 | 2 | 0 | 0 | 0 | 0 | 0 | 0 | 1",
        )
        .await;
    world
        .check(
            "attendance_by_group",
            &october(&[("org", "1")]),
            "group_id group_title attendance_share counted",
            "2 | 10Б | 50,0 | 2
             1 | 5А | 57,1 | 7",
        )
        .await;
    world
        .check(
            "attendance_by_subject",
            &october(&[("org", "1")]),
            "subject attendance_share counted unrecorded",
            "Алгебра | 50,0 | 2 | 0
             Русский язык | 50,0 | 4 | 0
             Математика | 66,7 | 3 | 4",
        )
        .await;
    world
        .check(
            "group_attendance_summary",
            &october(&[("org", "1"), ("group", "1")]),
            "short_title group_title attendance_share share_low share_high change pupils absent \
             illness late unrecorded counted",
            "Школа А | 5А | 57,1 | 36,4 | 72,7 | −17,9 | 4 | 3 | 2 | 1 | 4 | 7",
        )
        .await;
    // By name, as a Russian index has them; a day is missed when all its lessons were.
    world
        .check(
            "attendance_by_pupil",
            &october(&[("org", "1"), ("group", "1")]),
            "pupil_name attendance_share counted absent illness unexcused late exempt unrecorded days_missed",
            "Арбузов Борис | 50,0 | 2 | 1 | 0 | 1 | 1 | 0 | 1 | 0
             Ёлкина Вера | 0,0 | 2 | 2 | 2 | 0 | 0 | 0 | 1 | 1
             Жёлудев Глеб | 100,0 | 1 | 0 | 0 | 0 | 0 | 1 | 1 | 0
             Яблокова Анна | 100,0 | 2 | 0 | 0 | 0 | 0 | 0 | 1 | 0",
        )
        .await;
}

#[tokio::test]
async fn lessons_open_down_to_the_cell() {
    let world = world().await;
    // Lesson 2 was entered at 22:30 UTC: the next day by the school's clock.
    world
        .check(
            "lessons_of_group",
            &october(&[("org", "1"), ("group", "1")]),
            "lesson_id held_on lesson_no subject teacher_name topic hours status is_substitution \
             expected present absent late exempt unrecorded delay_days file_name sheet_title cell",
            "2 | 06.10.2025 | 1 | Математика | Числова Мария | Проценты | 1 | проведено | нет | 4 | 1 | 1 | 1 | 1 | 0 | 1 | 5А.xlsx | Лист1 | строка 101
             3 | 06.10.2025 | 2 | Русский язык | Числова Мария | — | 1 | проведено | да | 4 | 2 | 2 | 0 | 0 | 0 | — | 5А.xlsx | Лист1 | строка 102
             4 | 13.10.2025 | 1 | Математика | Числова Мария | Отношения | 1 | проведено | нет | 4 | 0 | 0 | 0 | 0 | 4 | 0 | 5А.xlsx | Лист1 | строка 103
             5 | 14.10.2025 | 2 | Русский язык | Слогов Павел | Глагол | 1 | отменено | нет | 0 | 0 | 0 | 0 | 0 | 0 | — | 5А.xlsx | Лист1 | строка 104
             7 | 20.10.2025 | 2 | Русский язык | Слогов Павел | Причастие | 1 | запланировано | нет | 0 | 0 | 0 | 0 | 0 | 0 | — | 5А.xlsx | Лист1 | строка 106",
        )
        .await;
    world
        .check(
            "lesson_summary",
            &[("org", "1"), ("group", "1"), ("lesson", "2")],
            "group_title subject held_on teacher_name expected present absent late exempt unrecorded",
            "5А | Математика | 06.10.2025 | Числова Мария | 4 | 1 | 1 | 1 | 1 | 0",
        )
        .await;
    world
        .check(
            "lesson_pupils",
            &[("org", "1"), ("group", "1"), ("lesson", "3")],
            "pupil_name status reason raw file_name sheet_title cell",
            "Арбузов Борис | отсутствовал | неуважительная | Н | 5А.xlsx | Лист1 | AB11
             Ёлкина Вера | отсутствовал | болезнь | Б | 5А.xlsx | Лист1 | AB12
             Жёлудев Глеб | присутствовал | — | — | 5А.xlsx | Лист1 | AB13
             Яблокова Анна | присутствовал | — | — | 5А.xlsx | Лист1 | AB10",
        )
        .await;
    // The first column with three letters; and a record without a column.
    world
        .check(
            "lesson_pupils",
            &[("org", "1"), ("group", "1"), ("lesson", "4")],
            "status cell",
            "не отмечен | AAA11
             не отмечен | AAA12
             не отмечен | AAA13
             не отмечен | AAA10",
        )
        .await;
    world
        .check(
            "lesson_pupils",
            &[("org", "1"), ("group", "2"), ("lesson", "6")],
            "pupil_name cell",
            "Дынина Дина | строка 20
             Ежов Егор | строка 21",
        )
        .await;
}

#[tokio::test]
async fn hours_go_to_who_taught() {
    let world = world().await;
    let columns = "short_title lessons hours substituted_lessons substituted_hours substituted_share \
                   cancelled_lessons unrecorded_lessons no_topic_lessons late_lessons delay_known \
                   same_day_share planned_hours hours_share";
    world
        .check(
            "hours_summary",
            &october(&[("org", "1")]),
            columns,
            "Школа А | 4 | 5 | 1 | 1 | 20,0 | 1 | 1 | 1 | 2 | 3 | 33,3 | 6 | 83,3",
        )
        .await;
    world
        .check(
            "hours_summary",
            &october(&[]),
            columns,
            "— | 5 | 6,5 | 1 | 1 | 15,4 | 1 | 1 | 1 | 2 | 4 | 50,0 | 9 | 72,2",
        )
        .await;
    world
        .check(
            "hours_by_week",
            &[("to", "2025-10-31")],
            "week_on hours planned_hours lessons substituted_hours",
            "29.09.2025 | 1 | 1 | 1 | 0
             06.10.2025 | 3,5 | 3,5 | 3 | 1
             13.10.2025 | 3 | 5,5 | 2 | 0
             10.11.2025 | — | 1 | 0 | 0",
        )
        .await;
    world
        .check(
            "hours_by_organisation",
            &october(&[]),
            "org_id short_title hours planned_hours hours_share lessons late_lessons same_day_share",
            "2 | Кружки Б | 1,5 | 3 | 50,0 | 1 | 0 | 100,0
             1 | Школа А | 5 | 6 | 83,3 | 4 | 2 | 33,3",
        )
        .await;
    world
        .check(
            "entry_delay",
            &october(&[]),
            "delay lessons",
            "в тот же день | 2
             через день | 1
             через 2 дня | 0
             через 3 дня | 0
             позже | 1
             неизвестно | 1",
        )
        .await;
    // Three days with lessons of a five-day week are 0.6 of a week's load.
    world
        .check(
            "hours_by_teacher",
            &october(&[("org", "1")]),
            "teacher_name position hours assigned_hours difference assigned_share weekly_hours \
             lessons substituted_hours late_lessons",
            "Запасов Олег | учитель | 0 | 2,7 | −2,7 | 0,0 | 4,5 | 0 | 0 | 0
             Слогов Павел | учитель | 0 | 5,4 | −5,4 | 0,0 | 9 | 0 | 0 | 0
             Числова Мария | учитель | 5 | 10,8 | −5,8 | 46,3 | 18 | 4 | 1 | 2",
        )
        .await;
    let math = world.id("math");
    world
        .check(
            "teacher_hours_summary",
            &october(&[("org", "1"), ("teacher", &math)]),
            "short_title teacher_name lessons hours substituted_hours late_lessons weekly_hours assigned_hours",
            "Школа А | Числова Мария | 4 | 5 | 1 | 2 | 18 | 10,8",
        )
        .await;
    world
        .check(
            "teacher_hours_by_day",
            &[("to", "2025-10-31"), ("org", "1"), ("teacher", &math)],
            "held_on hours lessons substituted_hours",
            "29.09.2025 | 1 | 1 | 0
             06.10.2025 | 2 | 2 | 1
             13.10.2025 | 1 | 1 | 0
             15.10.2025 | 2 | 1 | 0",
        )
        .await;
    world
        .check(
            "lessons_of_teacher",
            &october(&[("org", "1"), ("teacher", &math)]),
            "lesson_id group_title subject is_substitution delay_days",
            "2 | 5А | Математика | нет | 1
             3 | 5А | Русский язык | да | —
             4 | 5А | Математика | нет | 0
             6 | 10Б | Алгебра | нет | 5",
        )
        .await;
}

#[tokio::test]
async fn completion_counts_plan_against_fact() {
    let world = world().await;
    let columns = "short_title hours planned_hours hours_share behind_hours behind_courses courses \
                   behind_organisations organisations remaining_hours hours_year forecast_hours";
    // Courses: 11 has 3 of 3 and 1 to come, 12 has 1 of 2 and a topic without a date, 21 has 2 of 2.
    world
        .check(
            "completion_summary",
            &autumn(&[("org", "1")]),
            columns,
            "Школа А | 6 | 7 | 85,7 | 1 | 1 | 3 | — | — | 1 | 9 | 7,71",
        )
        .await;
    world
        .check(
            "completion_summary",
            &autumn(&[]),
            columns,
            "— | 7,5 | 10 | 75,0 | 2,5 | — | — | 2 | 2 | 1 | 11 | 8,25",
        )
        .await;
    world
        .check(
            "completion_by_organisation",
            &autumn(&[]),
            "short_title hours planned_hours hours_share behind_hours remaining_hours hours_year",
            "Кружки Б | 1,5 | 3 | 50,0 | 1,5 | — | 3
             Школа А | 6 | 7 | 85,7 | 1 | 1 | 8",
        )
        .await;
    world
        .check(
            "completion_by_course",
            &autumn(&[("org", "1")]),
            "course_id course_title teacher_name hours planned_hours hours_share behind_hours remaining_hours hours_year forecast_hours",
            "12 | Русский язык, 5А | Слогов Павел | 1 | 2 | 50,0 | 1 | — | 3 | 1,5
             21 | Алгебра, 10Б | Числова Мария | 2 | 2 | 100,0 | 0 | — | 2 | 2
             11 | Математика, 5А | Числова Мария | 3 | 3 | 100,0 | 0 | 1 | 4 | 4",
        )
        .await;
    world
        .check(
            "course_completion_summary",
            &autumn(&[("org", "1"), ("course", "12")]),
            "short_title course_title to_on hours planned_hours behind_hours hours_year",
            "Школа А | Русский язык, 5А | 31.10.2025 | 1 | 2 | 1 | 3",
        )
        .await;
    world
        .check(
            "completion_by_week",
            &[("to", "2025-10-31")],
            "week_on hours planned_hours hours_total planned_total",
            "29.09.2025 | 1 | 1 | 1 | 1
             06.10.2025 | 3,5 | 3,5 | 4,5 | 4,5
             13.10.2025 | 3 | 5,5 | 7,5 | 10
             10.11.2025 | 0 | 1 | — | 11",
        )
        .await;
    world
        .check(
            "course_completion_by_week",
            &[("to", "2025-10-31"), ("org", "1"), ("course", "12")],
            "week_on hours_total planned_total",
            "06.10.2025 | 1 | 1
             13.10.2025 | 1 | 2",
        )
        .await;
    world
        .check(
            "plan_of_course",
            &[("to", "2025-10-31"), ("org", "1"), ("course", "12")],
            "position planned_on planned_hours topic held_on hours held_topic lag_days",
            "1 | 06.10.2025 | 1 | Имя | 06.10.2025 | 1 | — | 0
             2 | 14.10.2025 | 1 | Глагол | — | — | — | —
             3 | — | 1 | Повторение | — | — | — | —",
        )
        .await;
}

#[tokio::test]
async fn options_are_in_the_order_people_expect() {
    let world = world().await;
    world
        .check(
            "organisation_options",
            &[],
            "value label",
            "2 | Кружки Б\n1 | Школа А",
        )
        .await;
    world
        .check(
            "group_options",
            &[("org", "1")],
            "value label",
            "1 | 5А\n2 | 10Б",
        )
        .await;
    world
        .check(
            "teacher_options",
            &[("org", "1")],
            "label",
            "Запасов Олег\nСлогов Павел\nЧислова Мария",
        )
        .await;
    world
        .check(
            "course_options",
            &[("org", "1")],
            "value label",
            "21 | Алгебра, 10Б\n11 | Математика, 5А\n12 | Русский язык, 5А",
        )
        .await;
}

#[tokio::test]
async fn a_report_knows_what_it_stands_on() {
    let world = world().await;
    let session = world.session(Scope::All).await;
    let params = session
        .params("attendance_summary", october(&[("org", "1")]))
        .unwrap();
    let (table, meta) = session.report("attendance_summary", &params).await.unwrap();
    assert_eq!(meta.report, "attendance_summary");
    assert_eq!(meta.title, "Посещаемость за период");
    assert_eq!(meta.snapshot_id, world.second);
    assert_eq!(meta.data_as_of, Some(world::NOW - 3_600_000_000));
    assert_eq!(meta.parameters[2], ("org".to_owned(), "1".to_owned()));
    assert_eq!(table.columns[1].title, "Посещаемость");
    assert_eq!(table.columns[1].meaning, "attended / counted");
    let parquet = session
        .report_parquet("attendance_summary", &params)
        .await
        .unwrap();
    assert_eq!(&parquet[..4], b"PAR1");
}

/// Every table of the lake and of its records, as one session sees it.
async fn organisations_seen(world: &World, scope: Scope) -> Vec<String> {
    let session = world.session(scope).await;
    let mut seen = Vec::new();
    for table in TABLES
        .iter()
        .map(|table| table.name)
        .chain(["import", "import_sheet", "finding"])
    {
        let found = session
            .sql(&format!("select distinct org_id from {table} order by 1"))
            .await
            .unwrap();
        let ids: Vec<String> = found
            .rows
            .iter()
            .map(|row| format!("{:?}", row[0].as_i64()))
            .collect();
        if !ids.is_empty() {
            seen.push(format!("{table} {}", ids.join(" ")));
        }
    }
    seen
}

#[tokio::test]
async fn a_scope_holds_in_every_table() {
    let world = world().await;
    let all = organisations_seen(&world, Scope::All).await;
    let both = organisations_seen(&world, Scope::Organisations(vec![2, 1])).await;
    assert_eq!(all, both);
    let filled = "attendance attendance_day course import import_sheet lesson lesson_day \
                  organisation organisation_day plan_item study_group";
    for table in filled.split_whitespace() {
        assert!(all.contains(&format!("{table} Some(1) Some(2)")), "{table}");
    }
    let first = organisations_seen(&world, Scope::Organisations(vec![1])).await;
    assert!(
        first.iter().all(|seen| seen.ends_with(" Some(1)")),
        "{first:?}"
    );
    assert_eq!(
        first.len(),
        filled.split_whitespace().count() + 1,
        "staff is of one only"
    );
    for nobody in [vec![], vec![7]] {
        let seen = organisations_seen(&world, Scope::Organisations(nobody)).await;
        assert_eq!(seen, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_scope_holds_in_every_report() {
    let world = world().await;
    let narrow = world.session(Scope::Organisations(vec![1])).await;
    let all = world.session(Scope::All).await;
    // Without an institution a limited principal gets what everybody gets for that institution.
    let mine = answer(&narrow, "attendance_summary", &october(&[]))
        .await
        .unwrap();
    let asked = answer(&all, "attendance_summary", &october(&[("org", "1")]))
        .await
        .unwrap();
    let columns = "attendance_share share_low counted lessons previous_share";
    assert_eq!(text_of(&mine, columns), text_of(&asked, columns));
    let others = answer(&narrow, "attendance_by_organisation", &october(&[]))
        .await
        .unwrap();
    assert_eq!(text_of(&others, "short_title"), ["Школа А"]);
    // Asking for another institution is asking about nothing.
    for (report, more) in [
        ("attendance_by_group", vec![("org", "2")]),
        ("hours_by_teacher", vec![("org", "2")]),
        ("completion_by_course", vec![("org", "2")]),
        ("lessons_of_group", vec![("org", "2"), ("group", "3")]),
        ("attendance_by_pupil", vec![("org", "2"), ("group", "3")]),
    ] {
        let table = answer(&narrow, report, &october(&more)).await.unwrap();
        assert_eq!(table.rows.len(), 0, "{report}");
        let table = answer(&all, report, &october(&more)).await.unwrap();
        assert!(!table.rows.is_empty(), "{report}");
    }
    let table = answer(
        &narrow,
        "lesson_pupils",
        &[("org", "2"), ("group", "3"), ("lesson", "8")],
    )
    .await
    .unwrap();
    assert_eq!(table.rows.len(), 0);
    // Conditions of the statement cannot widen the scope.
    for sql in [
        "select count(*) from attendance where org_id = 2 or true",
        "select count(*) from (select * from organisation_day where org_id <> 1) as other",
        "select count(*) from lesson as a join lesson as b on a.org_id <> b.org_id",
        "select count(*) from organisation where not (org_id = 1)",
        "select count(*) from stg_lesson_day where org_id = 2",
    ] {
        let table = narrow.sql(sql).await.unwrap();
        let expected = if sql.contains("or true") { 18 } else { 0 };
        assert_eq!(table.rows[0][0], Value::Int(expected), "{sql}");
    }
}

#[tokio::test]
async fn sql_only_reads_and_only_the_lake() {
    let world = world().await;
    let session = world.session(Scope::Organisations(vec![1])).await;
    let long = format!("select {}1", "1 + ".repeat(5_000));
    for (sql, expected) in [
        (
            "create table x as select 1",
            "refused: only a statement that reads",
        ),
        (
            "create view x as select 1",
            "refused: only a statement that reads",
        ),
        (
            "create external table x stored as csv location '/etc/passwd'",
            "refused: only a statement that reads",
        ),
        (
            "copy lesson to '/tmp/x.csv'",
            "refused: only a statement that reads",
        ),
        (
            "copy (select * from lesson) to '/tmp/x.parquet' stored as parquet",
            "refused: only a statement that reads",
        ),
        (
            "set datafusion.execution.batch_size = 1",
            "refused: only a statement that reads",
        ),
        ("show tables", "refused: only a statement that reads"),
        ("explain select 1", "refused: only a statement that reads"),
        (
            "insert into lesson select * from lesson",
            "refused: only a statement that reads",
        ),
        ("delete from lesson", "refused: only a statement that reads"),
        (
            "update lesson set topic = 'x'",
            "refused: only a statement that reads",
        ),
        ("drop table lesson", "refused: only a statement that reads"),
        (
            "truncate table lesson",
            "refused: only a statement that reads",
        ),
        (
            "prepare x as select 1",
            "refused: only a statement that reads",
        ),
        ("begin", "refused: only a statement that reads"),
        ("select 1; select 2", "refused: exactly one statement"),
        ("", "refused: exactly one statement"),
        (long.as_str(), "refused: the statement has"),
        (
            "select * from information_schema.tables",
            "there are no schemas here",
        ),
        ("select * from '/etc/passwd'", "not found"),
        ("select * from \"/etc/passwd\"", "not found"),
        ("select * from \"/etc/hosts.csv\"", "not found"),
        (
            "select * from read_parquet('/tmp/x.parquet')",
            "not supported",
        ),
        ("select * from read_csv('/etc/passwd')", "not supported"),
        (
            "select * from generate_series(1, 10000000000)",
            "not supported",
        ),
        ("select * from svodka_import", "not found"),
        (
            "select * from lesson where org_id = $org",
            "takes no $parameters",
        ),
        (
            "with recursive x as (select 1 as n union all select n + 1 from x) select * from x",
            "not",
        ),
        ("select no_such from lesson", "no_such"),
        ("select 1 / 0", "ivide by zero"),
        ("selec 1", "selec"),
    ] {
        let error = session.sql(sql).await.expect_err(sql);
        let text = error.to_string();
        assert!(text.contains(expected), "{sql:.80}: {text}");
        assert!(
            matches!(error, QueryError::Refused { .. } | QueryError::Sql { .. }),
            "{sql:.80}: {error:?}"
        );
    }
    // Deep, but within what is read: answered, not a crash.
    let deep = format!("select {}1 as n", "1 + ".repeat(390));
    let table = session.sql(&deep).await.unwrap();
    assert_eq!(table.rows[0][0], Value::Int(391));
    let columns = format!(
        "select count(*) from lesson where {}true",
        "hours > 0 and ".repeat(190)
    );
    assert_eq!(
        session.sql(&columns).await.unwrap().rows[0][0],
        Value::Int(7)
    );
}

#[tokio::test]
async fn a_question_can_be_asked_of_the_past() {
    let world = world().await;
    let operator = Principal::operator();
    let past = world
        .engine
        .session(&operator, AsOf::Id(world.first))
        .await
        .unwrap();
    assert_eq!(past.snapshot_id(), world.first);
    let table = answer(&past, "attendance_by_organisation", &october(&[]))
        .await
        .unwrap();
    assert_eq!(text_of(&table, "short_title lessons"), ["Школа А | 4"]);
    let imports = past.sql("select file_name from import").await.unwrap();
    assert_eq!(text_of(&imports, "file_name"), ["5А.xlsx"]);
    let error = world
        .engine
        .session(&operator, AsOf::Id(999))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, QueryError::Lake(_)), "{error:?}");
}

#[tokio::test]
async fn names_are_for_those_who_may_see_them() {
    let world = world().await;
    let principal = Principal {
        may_see_names: false,
        ..Principal::operator()
    };
    let session = world
        .engine
        .session(&principal, AsOf::Latest)
        .await
        .unwrap();
    let table = answer(
        &session,
        "attendance_by_pupil",
        &october(&[("org", "1"), ("group", "1")]),
    )
    .await
    .unwrap();
    assert_eq!(table.rows.len(), 4);
    for text in text_of(&table, "pupil_name") {
        assert!(text.starts_with("Обучающийся № "), "{text}");
    }
    let table = answer(&session, "teacher_options", &[("org", "1")])
        .await
        .unwrap();
    for text in text_of(&table, "label") {
        assert!(text.starts_with("Педагог № "), "{text}");
    }
}

#[tokio::test]
async fn wrong_parameters_are_all_told_in_words() {
    let world = world().await;
    let session = world.session(Scope::All).await;
    let told = |report: &str, pairs: &[(&str, &str)]| {
        session
            .params(report, pairs.iter().copied())
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        told(
            "attendance_summary",
            &[("org", "abc"), ("from", "31.10.2025"), ("grup", "1")]
        ),
        Err("параметр grup: у отчёта такого нет; есть: from, to, org; \
             параметр from: \"31.10.2025\" — не дата; нужно ГГГГ-ММ-ДД; \
             параметр to («Последний день») не задан; \
             параметр org: \"abc\" — не число"
            .to_owned())
    );
    assert_eq!(
        told(
            "attendance_by_day",
            &[("to", "2025-10-01"), ("org", "1"), ("org", "2")]
        ),
        Err("параметр org задан дважды".to_owned())
    );
    assert_eq!(
        told("attendance_by_day", &[("to", "2025-02-30")]),
        Err("параметр to: \"2025-02-30\" — не дата; нужно ГГГГ-ММ-ДД".to_owned())
    );
    assert_eq!(
        told("attendance_by_day", &[("to", "2025-10-01"), ("org", "")]),
        Ok(())
    );
    assert_eq!(
        told("organisation_options", &[("x", "1")]),
        Err("параметр x: у отчёта такого нет; есть: нет ни одного".to_owned())
    );
    let error = session.params("no_such", [("a", "b")]).unwrap_err();
    assert!(matches!(error, QueryError::UnknownReport { .. }));
    // Values are bound, never spliced.
    let table = answer(
        &session,
        "attendance_by_day",
        &[("to", "2025-10-01"), ("org", "1")],
    )
    .await
    .unwrap();
    assert_eq!(table.rows.len(), 4);
    assert!(
        told(
            "attendance_by_day",
            &[("to", "2025-10-01"), ("org", "1 or true")]
        )
        .is_err()
    );
}

#[tokio::test]
async fn parameters_prune_what_is_read() {
    let world = world().await;
    let session = world.session(Scope::All).await;
    let explain = async |report: &str, pairs: &[(&str, &str)]| {
        let params = session.params(report, pairs.iter().copied()).unwrap();
        session.explain(report, &params).await.unwrap()
    };
    let one = explain("attendance_summary", &october(&[("org", "1")])).await;
    assert!(one.contains("org_id@0 = 1"), "{one}");
    assert!(!one.contains("OR "), "{one}");
    let all = explain("attendance_summary", &october(&[])).await;
    assert!(!all.contains("org_id@0 ="), "{all}");
    assert!(!all.contains("/attendance_day/"), "{all}");
    // A municipality's page never opens the files of lessons or plans; an institution's page
    // opens its own files only.
    let all = explain("completion_summary", &autumn(&[])).await;
    assert!(
        all.contains("/organisation_day/") && !all.contains("/plan_item/"),
        "{all}"
    );
    let one = explain("completion_summary", &autumn(&[("org", "1")])).await;
    assert!(
        !one.contains("/organisation_day/") && one.contains("/plan_item/"),
        "{one}"
    );
    assert_eq!(one.matches("/plan_item/").count(), 1, "{one}");
    let lesson = explain(
        "lesson_pupils",
        &[("org", "2"), ("group", "3"), ("lesson", "8")],
    )
    .await;
    assert_eq!(lesson.matches("/attendance/").count(), 1, "{lesson}");
    // A day outside the file's range opens no file at all.
    let none = explain(
        "attendance_by_pupil",
        &[
            ("from", "2030-01-01"),
            ("to", "2030-02-01"),
            ("org", "1"),
            ("group", "1"),
        ],
    )
    .await;
    assert!(!none.contains("/attendance/"), "{none}");
    // A limited scope stands in every plan as a plain filter over plain Parquet scans.
    let narrow = world.session(Scope::Organisations(vec![1])).await;
    let params = narrow
        .params("attendance_by_organisation", OCTOBER)
        .unwrap();
    let text = narrow
        .explain("attendance_by_organisation", &params)
        .await
        .unwrap();
    assert!(text.contains("FilterExec: org_id@"), "{text}");
    assert!(text.contains("file_type=parquet"), "{text}");
}

#[tokio::test]
async fn a_broken_query_names_file_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("queries/reports");
    std::fs::create_dir_all(&folder).unwrap();
    let header = "-- Purpose: p\n-- Title: t\n-- Grain: g\n-- Column: org_id id \"Учреждение\"\n";
    for (name, sql) in [
        (
            "bad_column",
            "select org_idd as org_id\nfrom organisation\norder by 1\n",
        ),
        (
            "bad_syntax",
            "select org_id,\n  , title\nfrom organisation\n",
        ),
        ("bad_order", "select org_id\nfrom organisation\n"),
        (
            "bad_type",
            "select title as org_id, 1 as more\nfrom organisation\norder by 1\n",
        ),
        ("bad_write", "delete from organisation\n"),
        (
            "bad_unit",
            "select week_days > 1 as org_id from organisation order by 1\n",
        ),
    ] {
        std::fs::write(folder.join(format!("{name}.sql")), format!("{header}{sql}")).unwrap();
    }
    let (catalog, problems) = svodka_catalog::load(&Source::with_overrides(dir.path()));
    assert_eq!(problems, vec![]);
    let world = world_with(catalog).await;
    let prefix = format!("{}/", folder.display());
    let told: Vec<String> = world
        .engine
        .problems()
        .iter()
        .map(|problem| problem.to_string().replace(&prefix, ""))
        .collect();
    let starts = lines(
        "bad_column.sql:5:8: No field named org_idd. Did you mean
         bad_order.sql:1:1: the report has no order by
         bad_syntax.sql:6:3: Expected: an expression, found: ,
         bad_type.sql:1:1: the SQL gives column \"more\", the header has no
         bad_unit.sql:4:1: column \"org_id\" is declared id, the SQL gives Boolean
         bad_write.sql:5:1: only a statement that reads",
    );
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (text, start) in told.iter().zip(&starts) {
        assert!(text.starts_with(start.as_str()), "{told:#?}");
    }
    // What is whole still works.
    world
        .check("organisation_options", &[], "label", "Кружки Б\nШкола А")
        .await;
    let session = world.session(Scope::All).await;
    let error = answer(&session, "bad_column", &[]).await.unwrap_err();
    assert!(error.to_string().contains("svodka check"), "{error}");
}
