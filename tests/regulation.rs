//! Acts as data, the production calendar and due days.

use std::path::Path;
use svodka_journal::{Day, Month};
use svodka_regulation::{
    CalendarError, DueDay, HourRule, MonthDay, ProductionCalendar, Shift, Week, due_day, embedded,
    load, parse,
};

fn day(text: &str) -> Day {
    Day::parse_iso(text).unwrap()
}

fn the_fifth(shift: Shift, inclusive: bool) -> DueDay {
    DueDay {
        day: 5,
        inclusive,
        shift,
        clause: "тест".to_owned(),
    }
}

fn due(month: i32, shift: Shift, week: Week) -> String {
    let calendar = ProductionCalendar::embedded();
    due_day(&calendar, Month(month), &the_fifth(shift, true), week)
        .unwrap()
        .to_string()
}

#[test]
fn the_fifth_moves_to_working_days_of_a_five_day_week() {
    for (month, forward, back) in [
        (202501, "2025-01-09", "2024-12-28"),
        (202504, "2025-04-07", "2025-04-04"),
        (202507, "2025-07-07", "2025-07-04"),
        (202510, "2025-10-06", "2025-10-03"),
        (202601, "2026-01-12", "2025-12-30"),
        (202604, "2026-04-06", "2026-04-03"),
        (202607, "2026-07-06", "2026-07-03"),
        (202609, "2026-09-07", "2026-09-04"),
        (202612, "2026-12-07", "2026-12-04"),
    ] {
        assert_eq!(
            due(month, Shift::Forward, Week::Five),
            forward,
            "{month} forward"
        );
        assert_eq!(due(month, Shift::Back, Week::Five), back, "{month} back");
        let unmoved = Month(month).first_day().plus(4).to_string();
        assert_eq!(due(month, Shift::None, Week::Five), unmoved);
    }
}

#[test]
fn a_saturday_is_worked_in_a_six_day_week() {
    for month in [202504, 202507, 202609, 202612] {
        let saturday = Month(month).first_day().plus(4).to_string();
        assert_eq!(due(month, Shift::Forward, Week::Six), saturday);
        assert_eq!(due(month, Shift::Back, Week::Six), saturday);
    }
    // 5 October 2025 is a Sunday: Monday after it, Saturday before it.
    assert_eq!(due(202510, Shift::Forward, Week::Six), "2025-10-06");
    assert_eq!(due(202510, Shift::Back, Week::Six), "2025-10-04");
    // 9 January 2026 is off for a five-day week only: its day off came from Saturday the 3rd.
    assert_eq!(due(202601, Shift::Forward, Week::Six), "2026-01-09");
    // 31 December 2025 is off for both: its day off came from Sunday 5 January.
    assert_eq!(due(202601, Shift::Back, Week::Six), "2025-12-30");
}

#[test]
fn exclusive_means_the_day_before() {
    let calendar = ProductionCalendar::embedded();
    let last = |shift| {
        due_day(
            &calendar,
            Month(202510),
            &the_fifth(shift, false),
            Week::Five,
        )
        .unwrap()
        .to_string()
    };
    // 4 October 2025 is a Saturday.
    assert_eq!(last(Shift::None), "2025-10-04");
    assert_eq!(last(Shift::Forward), "2025-10-06");
    assert_eq!(last(Shift::Back), "2025-10-03");
}

#[test]
fn a_short_month_has_the_31st_on_its_last_day() {
    let rule = DueDay {
        day: 31,
        inclusive: true,
        shift: Shift::None,
        clause: String::new(),
    };
    let calendar = ProductionCalendar::embedded();
    let last = due_day(&calendar, Month(202602), &rule, Week::Five).unwrap();
    assert_eq!(last, day("2026-02-28"));
}

#[test]
fn holidays_and_moved_days() {
    let calendar = ProductionCalendar::embedded();
    for (date, five, six) in [
        ("2025-11-01", true, true),   // Saturday made a working day
        ("2025-11-03", false, true),  // the day off moved from it
        ("2025-11-04", false, false), // holiday
        ("2022-01-08", false, false), // holiday on a Saturday
        ("2025-05-03", false, true),  // an ordinary Saturday
        ("2025-05-08", false, false), // moved from Sunday 23 February
        ("2024-12-29", false, false), // Sunday
        ("2025-09-01", true, true),
    ] {
        assert_eq!(
            calendar.is_working_day(day(date), Week::Five),
            Ok(five),
            "{date}, five"
        );
        assert_eq!(
            calendar.is_working_day(day(date), Week::Six),
            Ok(six),
            "{date}, six"
        );
    }
    assert_eq!(calendar.is_short_day(day("2025-11-01")), Ok(true));
    assert_eq!(
        calendar.years().collect::<Vec<_>>(),
        [2022, 2023, 2024, 2025, 2026]
    );
}

#[test]
fn a_year_without_calendar_is_an_error_that_says_so() {
    let calendar = ProductionCalendar::embedded();
    let error = calendar
        .is_working_day(day("2027-02-05"), Week::Five)
        .unwrap_err();
    assert!(matches!(
        error,
        CalendarError::UnknownYear {
            year: 2027,
            first: 2022,
            last: 2026
        }
    ));
    assert!(error.to_string().contains("2027"), "{error}");
    let moved = due_day(
        &calendar,
        Month(202701),
        &the_fifth(Shift::Forward, true),
        Week::Five,
    );
    assert_eq!(moved, Err(error));
    let before = calendar.is_working_day(day("2021-12-31"), Week::Six);
    assert!(before.is_err());
}

#[test]
fn every_act_is_there_and_cites_its_clauses() {
    let acts = embedded();
    assert_eq!(acts.keys().collect::<Vec<_>>(), ["A", "B", "C", "D", "E"]);
    assert_eq!(acts["D"].lesson_record.as_ref().unwrap().within_days, 3);
    assert_eq!(
        acts["A"].lesson_record.as_ref().unwrap().clause,
        "приказ 188-3/О, раздел V"
    );
    assert_eq!(acts["C"].homework.as_ref().unwrap().within_minutes, 60);
    assert_eq!(acts["C"].marks.as_ref().unwrap().within_days, 7);
    assert_eq!(
        acts["C"].plan.as_ref().unwrap().loaded_by,
        MonthDay { month: 9, day: 3 }
    );
    assert_eq!(
        acts["B"].readiness.as_ref().unwrap().loaded_by,
        MonthDay { month: 9, day: 5 }
    );
    assert_eq!(acts["E"].periods.shift_days, Some(21));
    for act in acts.values() {
        assert_eq!(act.due_day.day, 5);
        assert!(!act.due_day.clause.is_empty() && !act.periods.clause.is_empty());
    }
}

#[test]
fn hours_of_a_lesson() {
    assert_eq!(HourRule::Lesson.hundredths(40), 100);
    assert_eq!(HourRule::Minutes45.hundredths(90), 200);
    assert_eq!(HourRule::Minutes45.hundredths(40), 89);
    assert_eq!(HourRule::Minutes60.hundredths(40), 67);
    assert_eq!(HourRule::Minutes60.hundredths(90), 150);
}

const ACT: &str = r#"version = 1
id = "X"
title = "Положение"
act = "приказ 1"

[hours]
rule = "minutes/45"
clause = "п. 1"

[due_day]
day = 3
inclusive = false
shift = "back"
clause = "п. 2"

[periods]
scheme = "quarter"
clause = "п. 3"
"#;

#[test]
fn mistakes_are_named_with_line_and_key() {
    assert!(parse(Path::new("X.toml"), ACT).is_ok());
    for (from, to, line, says) in [
        (
            "inclusive = false",
            "inclusive = false\nshfit = 1",
            13,
            "shfit",
        ),
        ("day = 3", "day = 32", 11, "32"),
        ("version = 1", "version = 2", 1, "version 2"),
        ("\"minutes/45\"", "\"minutes/50\"", 7, "minutes/50"),
        ("\"quarter\"", "\"week\"", 17, "week"),
        ("id = \"X\"", "id = \"\"", 2, "id is empty"),
    ] {
        let problem = parse(Path::new("X.toml"), &ACT.replace(from, to)).unwrap_err();
        assert_eq!(problem.line, line, "{problem}");
        assert!(
            problem.to_string().starts_with(&format!("X.toml:{line}:")),
            "{problem}"
        );
        assert!(problem.message.contains(says), "{problem}");
    }
}

#[test]
fn the_data_directory_overrides_acts_and_adds_years() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.toml", &ACT.replace("\"X\"", "\"A\""));
    write("broken.toml", "version = ");
    write(
        "production_calendar.csv",
        "date,kind\n2027-01-01,day_off\n2027-02-22,day_off_five\n",
    );
    let (acts, calendar, problems) = load(Some(folder.path()));
    assert_eq!(acts["A"].title, "Положение");
    assert_eq!(acts.len(), 5);
    assert_eq!(
        calendar.is_working_day(day("2027-02-22"), Week::Five),
        Ok(false)
    );
    assert_eq!(
        calendar.is_working_day(day("2027-02-22"), Week::Six),
        Ok(true)
    );
    assert_eq!(
        calendar.is_working_day(day("2025-11-04"), Week::Five),
        Ok(false)
    );
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].file.ends_with("broken.toml") && problems[0].line == 1);

    write("production_calendar.csv", "date,kind\n2027-01-01;day_off\n");
    let (_, _, problems) = load(Some(folder.path()));
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("line 2")),
        "{problems:?}"
    );
}
