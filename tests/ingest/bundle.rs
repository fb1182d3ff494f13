//! The Дневник.ру bundle: long ids, three states, duplicates.

use super::bytes::{journal, lines, read, told};
use svodka_journal::{GroupKind, LessonStatus};

fn bundle(log: &str) -> String {
    format!(
        r#"{{"exportedAt":"2025-11-05T06:12:00","school":{{"id":1,"name":"Школа № 9"}},
        "groups":[{{"id":9007199254740993,"id_str":"9007199254740993","type":"Group","name":"7Б","studyyear":2025}},
                  {{"id":12,"type":"Subgroup","parentIds":[9007199254740993],"name":"7Б англ","studyyear":2025}}],
        "persons":[{{"id":9007199254740995,"id_str":"9007199254740995","lastName":"Пень","firstName":"Лесной","type":"Student","groups":[9007199254740993]}},
                   {{"id":9007199254740997,"lastName":"Хрусталь","firstName":"Горный","type":"Student","groups":["9007199254740993"]}},
                   {{"id":50,"lastName":"Сова","firstName":"Ель","type":"Teacher"}}],
        "lessons":[{{"id":101,"date":"2025-10-01T00:00:00","number":1,"subject":{{"name":"Физика"}},"group":9007199254740993,"status":"Conducted","teachers":[50],"hours":"1","title":"Сила"}},
                   {{"id":102,"date":"2025-10-02T00:00:00","number":0,"subject":{{"name":"Физика"}},"group":9007199254740993,"status":"Planned","teachers":[50]}},
                   {{"id":103,"date":"2025-12-02T00:00:00","number":1,"subject":{{"name":"Физика"}},"group":9007199254740993,"status":"Planned"}},
                   {{"id":104,"date":"2025-10-03T00:00:00","number":1,"subject":{{"name":"Физика"}},"group":9007199254740993,"status":"Canceled"}}],
        "lessonLogEntries":[{log}],
        "marks":[{{"id":1,"value":"5","textValue":"5","person":9007199254740997,"lesson":101,"work":7,"workType":"Test"}}],
        "works":[{{"id":7,"type":"Test","lesson":101,"targetDate":"2025-10-08T00:00:00"}},{{"id":8,"type":"Homework","lesson":101,"sentDate":"2025-10-01T14:00:00","text":"§ 4"}}],
        "reportingPeriods":[]}}"#
    )
}

#[test]
fn absences_make_the_others_present_and_silence_makes_all_unrecorded() {
    let log = r#"{"person":9007199254740995,"lesson":101,"status":"Ill","createdDate":"2025-10-01T13:05:00"}"#;
    let outcome = read("дневник.json", bundle(log).as_bytes());
    let journal = journal(&outcome);
    assert_eq!(
        lines(journal),
        [
            "Физика 2025-10-01 1 Пень Лесной: absent illness «Ill» @1,0",
            "Физика 2025-10-01 1 Хрусталь Горный: present @1,0",
            // Not conducted, and the day is over: nobody recorded it.
            "Физика 2025-10-02 0 Пень Лесной: unrecorded @2,0",
            "Физика 2025-10-02 0 Хрусталь Горный: unrecorded @2,0",
        ]
    );
    let statuses: Vec<LessonStatus> = journal.lessons.iter().map(|lesson| lesson.status).collect();
    assert_eq!(
        statuses,
        [
            LessonStatus::Held,
            LessonStatus::Held,
            LessonStatus::Planned,
            LessonStatus::Cancelled
        ]
    );
    assert_eq!(journal.lessons[0].homework.as_deref(), Some("§ 4"));
    assert!(journal.lessons[0].recorded_at.is_some() && journal.lessons[1].recorded_at.is_none());
    assert_eq!(
        (journal.marks.len(), journal.marks[0].work_kind.as_deref()),
        (1, Some("Test"))
    );
    // Neighbouring ids above 2^53 stay two pupils.
    let ids: Vec<&str> = journal
        .names
        .pupils
        .iter()
        .map(|pupil| pupil.engine_id.as_deref().unwrap())
        .collect();
    assert_eq!(ids, ["9007199254740995", "9007199254740997"]);
    assert_eq!(journal.names.groups[1].kind, Some(GroupKind::Subgroup));
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn duplicates_unknown_lessons_and_codes_are_told() {
    let log = r#"{"person":9007199254740995,"lesson":101,"status":"Pass","createdDate":"2025-10-01T13:05:00"},
        {"person":9007199254740995,"lesson":101,"status":"Pass","createdDate":"2025-10-01T13:05:00"},
        {"person":9007199254740995,"lesson":999,"status":"Pass","createdDate":"2025-10-01T13:05:00"},
        {"person":9007199254740997,"lesson":101,"status":"Sleep","createdDate":"2025-10-01T13:05:00"}"#;
    let outcome = read("дневник.json", bundle(log).as_bytes());
    assert_eq!(
        told(&outcome.findings),
        [
            "duplicate-entry lessonLogEntries[1] вторая запись о том же обучающемся на том же уроке",
            "unknown-lesson lessonLogEntries[2] урока этой записи нет в выгрузке",
            "unknown-code lessonLogEntries[3] «Sleep»",
        ]
    );
    assert_eq!(
        lines(journal(&outcome))[..2],
        [
            "Физика 2025-10-01 1 Пень Лесной: absent unknown «Pass» @1,0",
            "Физика 2025-10-01 1 Хрусталь Горный: unrecorded «Sleep» @4,0"
        ]
    );
}
