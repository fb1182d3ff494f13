//! Tables with a header row: encodings, delimiters, dates, titles, codes, broken rows.

use super::bytes::{codes, journal, lines, read, statuses, told};
use svodka_ingest::{Content, Layer};
use svodka_journal::{Day, LessonStatus, Movement, OrganisationKind, Severity};

const PLAIN: &str = "# Выгружено: 05.11.2025 06:12\n\
    Группа;Предмет;Дата;Урок;Обучающийся;ID обучающегося;Отметка;Причина\n\
    5Б;Алгебра;01.10.2025;1;Лесной Пень;007;н;болезнь\n\
    5Б;Алгебра;01.10.2025;1;Горный Хрусталь;008;+;\n\
    5Б;Алгебра;02.10.25;2;Лесной Пень;007;;\n\
    5Б;Алгебра;2025-10-03;3;Лесной Пень;007;н 4;\n";

const PLAIN_LINES: [&str; 4] = [
    "Алгебра 2025-10-01 1 Лесной Пень: absent illness «н» @3,7",
    "Алгебра 2025-10-01 1 Горный Хрусталь: present «+» @4,7",
    "Алгебра 2025-10-02 2 Лесной Пень: unrecorded @5,7",
    "Алгебра 2025-10-03 3 Лесной Пень: absent unknown «н 4» [4] @6,7",
];

fn check(name: &str, bytes: &[u8]) {
    let outcome = read(name, bytes);
    assert_eq!(lines(journal(&outcome)), PLAIN_LINES, "{name}");
    assert!(
        outcome.findings.is_empty(),
        "{name}: {:?}",
        outcome.findings
    );
    let export = outcome.export.as_ref().unwrap();
    // 05.11.2025 06:12, local.
    assert_eq!(export.exported_at, Some(1_762_323_120_000_000), "{name}");
}

#[test]
fn every_encoding_gives_the_same_rows() {
    check("utf8.csv", PLAIN.as_bytes());
    check("bom.csv", format!("\u{feff}{PLAIN}").as_bytes());
    check("crlf.csv", PLAIN.replace('\n', "\r\n").as_bytes());
    check("1251.csv", &encoding_rs::WINDOWS_1251.encode(PLAIN).0);
    let little: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("utf16le.csv", &[&[0xff, 0xfe], &little[..]].concat());
    check("utf16be.csv", &[&[0xfe, 0xff], &big[..]].concat());
    check("utf16le-without-mark.csv", &little);
    check("utf16be-without-mark.csv", &big);
}

#[test]
fn every_delimiter_gives_the_same_rows() {
    check("semicolon.csv", PLAIN.as_bytes());
    check("comma.csv", PLAIN.replace(';', ",").as_bytes());
    check("tab.csv", PLAIN.replace(';', "\t").as_bytes());
    // A trailing delimiter in every row is an empty column without a name.
    let trailing: String = PLAIN
        .lines()
        .map(|line| {
            if line.starts_with('#') {
                format!("{line}\n")
            } else {
                format!("{line};\n")
            }
        })
        .collect();
    check("trailing.csv", trailing.as_bytes());
}

#[test]
fn columns_come_in_any_order_under_synonyms() {
    let text = "Отметка;Ученик;Дата урока;Класс;Учебный предмет;№ урока\nн;Лесной Пень;01.10.2025;5Б;Алгебра;2\n";
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(
        lines(journal(&outcome)),
        ["Алгебра 2025-10-01 2 Лесной Пень: absent unknown «н» @2,1"]
    );
    assert!(outcome.findings.is_empty());
}

#[test]
fn quotes_hold_delimiters_and_line_breaks() {
    let text = "Группа;Дата;Урок;Тема;Обучающийся;Отметка\n\
        5Б;01.10.2025;1;\"Числа; \"\"простые\"\"\nи нет\";Лесной Пень;н\n\
        5Б;01.10.2025;1;\"Числа; \"\"простые\"\"\nи нет\";Горный Хрусталь;+\n\
        5Б;02.10.2025;1;Дроби;Лесной Пень;5\n";
    let outcome = read("a.csv", text.as_bytes());
    let journal = journal(&outcome);
    assert_eq!(
        journal.lessons[0].topic.as_deref(),
        Some("Числа; \"простые\"\nи нет")
    );
    assert_eq!(journal.lessons.len(), 2);
    // Lines count as an editor counts them.
    assert_eq!(journal.attendance.row_no, [2, 4, 6]);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn lesson_columns_describe_the_lesson() {
    let text = "Учреждение;Группа;Предмет;Дата;Урок;Начало;Педагог;Основной педагог;Часы;Тема;Домашнее задание;Внесено;Обучающийся;Отметка\n\
        Школа № 5;5Б;Алгебра;01.10.2025;1;8:30;Сова Ель;Лось Дуб;1,5;Дроби;Упр. 3;01.10.2025 15:05;Лесной Пень;+\n";
    let outcome = read("a.csv", text.as_bytes());
    let journal = journal(&outcome);
    let lesson = &journal.lessons[0];
    assert_eq!((lesson.starts_at, lesson.hours), (Some(8 * 60 + 30), 150));
    assert_eq!(
        (lesson.topic.as_deref(), lesson.homework.as_deref()),
        (Some("Дроби"), Some("Упр. 3"))
    );
    let recorded = i64::from(Day::from_civil(2025, 10, 1).unwrap().0) * 86_400_000_000
        + (15 * 60 + 5) * 60_000_000;
    assert_eq!(lesson.recorded_at, Some(recorded));
    let name = |teacher: Option<u32>| {
        journal.names.teachers[teacher.unwrap() as usize]
            .name
            .clone()
    };
    assert_eq!(
        (name(lesson.taught_by), name(lesson.main_teacher)),
        ("Сова Ель".to_owned(), "Лось Дуб".to_owned())
    );
    assert_eq!(journal.names.organisations, ["Школа № 5"]);
}

#[test]
fn every_code_of_the_engine() {
    let mut text = "Группа;Дата;Урок;Обучающийся;Отметка;Причина\n".to_owned();
    let cells = [
        ("присутствовал", ""),
        ("+", ""),
        ("н", ""),
        ("Н", "уважительная"),
        ("н", "неуважительная"),
        ("н", "болезнь"),
        ("оп", ""),
        ("осв", ""),
        ("5", ""),
        ("н 4", ""),
        ("4/5", ""),
        ("", ""),
        ("оп 5", "уважительная"),
        ("H", ""),
        ("ж", ""),
        ("н", "солнце"),
        ("55", ""),
    ];
    for (at, (mark, reason)) in cells.iter().enumerate() {
        text.push_str(&format!("5Б;01.10.2025;1;Ученик {at};{mark};{reason}\n"));
    }
    let outcome = read("a.csv", text.as_bytes());
    let found: Vec<String> = lines(journal(&outcome))
        .iter()
        .map(|line| {
            line.split(": ")
                .nth(1)
                .unwrap()
                .split(" @")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        found,
        [
            "present «присутствовал»",
            "present «+»",
            "absent unknown «н»",
            "absent excused «Н»",
            "absent unexcused «н»",
            "absent illness «н»",
            "late «оп»",
            "exempt «осв»",
            "present «5» [5]",
            "absent unknown «н 4» [4]",
            "present «4/5» [4 5]",
            "unrecorded",
            "late «оп 5» [5]",
            "absent unknown «H»",
            "unrecorded «ж»",
            "absent unknown «н»",
            "unrecorded «55»",
        ]
    );
    assert_eq!(
        told(&outcome.findings),
        [
            "latin-twin строка 15, столбец 5 «H»",
            "unknown-code строка 16, столбец 5 «ж»",
            "unknown-reason строка 17, столбец 5 «н»",
            "unknown-code строка 18, столбец 5 «55»",
        ]
    );
}

#[test]
fn an_unknown_code_is_kept_counted_and_told_once() {
    let text = "Группа;Дата;Урок;Обучающийся;Отметка\n5Б;01.10.2025;1;А;+\n5Б;01.10.2025;1;Б;ц\n5Б;02.10.2025;1;А;ц\n5Б;03.10.2025;1;А;ц\n";
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(
        told(&outcome.findings),
        ["unknown-code строка 3, столбец 5 «ц», 3 раза"]
    );
    let names: Vec<&str> = statuses(journal(&outcome))
        .iter()
        .map(|status| status.as_str())
        .collect();
    assert_eq!(names, ["present", "unrecorded", "unrecorded", "unrecorded"]);
}

#[test]
fn the_import_goes_on_past_bad_rows() {
    let text = "Группа;Дата;Урок;Обучающийся;Отметка\n\
        5Б;01.10.2025;1;Лесной Пень;+\n\
        5Б;32.10.2025;1;Лесной Пень;+\n\
        5Б;;1;Лесной Пень;+\n\
        ;01.10.2025;1;Лесной Пень;+\n\
        5Б;01.10.2025;1;;+\n\
        5Б;01.10.2025;1;Лесной;Пень;+\n\
        5Б;01.10.2025;1\n\
        ;;;;\n\
        \n\
        5Б;02.10.2025;1;Лесной Пень;н\n";
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(journal(&outcome).attendance.row_no, [2, 11]);
    assert_eq!(
        told(&outcome.findings),
        [
            "bad-date строка 3, столбец 2 «32.10.2025»",
            "row-incomplete строка 4, столбец 2 дата не указана",
            "row-incomplete строка 5, столбец 1 группа не указана",
            "row-incomplete строка 6, столбец 4 обучающийся не указан",
            "broken-row строка 7 полей: 6",
            "broken-row строка 8 полей: 3",
        ]
    );
    assert!(
        outcome
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Error && !finding.hint.is_empty())
    );
    // A finding never holds a name of a person.
    assert!(
        outcome
            .findings
            .iter()
            .all(|finding| !format!("{finding:?}").contains("Лесной"))
    );
}

#[test]
fn dates_outside_the_school_year_are_not_loaded() {
    let mut text = "Группа;Дата;Урок;Обучающийся;Отметка\n".to_owned();
    for day in 1..=20 {
        text.push_str(&format!("5Б;{day:02}.10.2025;1;Лесной Пень;+\n"));
    }
    text.push_str("5Б;05.10.2052;1;Лесной Пень;н\n5Б;05.10.2052;1;Горный Хрусталь;н\n");
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(journal(&outcome).attendance.len(), 20);
    assert_eq!(
        told(&outcome.findings),
        ["date-outside-school-year строка 22, столбец 2 05.10.2052"]
    );
    assert_eq!(outcome.findings[0].expected, "учебный год 2025/2026");
    // A stated year leaves no doubt.
    let stated = "# Учебный год: 2024/2025\nГруппа;Дата;Урок;Обучающийся;Отметка\n5Б;05.10.2025;1;Лесной Пень;н\n5Б;05.10.2024;1;Лесной Пень;н\n";
    let outcome = read("a.csv", stated.as_bytes());
    assert_eq!(journal(&outcome).attendance.row_no, [4]);
    assert_eq!(codes(&outcome.findings), ["date-outside-school-year"]);
}

#[test]
fn unknown_columns_are_told_and_personal_ones_dropped() {
    let text = "Группа;Дата;Урок;Обучающийся;Отметка;Телефон матери;Группа здоровья;Погода\n5Б;01.10.2025;1;Лесной Пень;+;+7 900 000-00-00;III;дождь\n";
    let outcome = read("a.csv", text.as_bytes());
    assert_eq!(
        told(&outcome.findings),
        [
            "column-dropped строка 1, столбец 6 «Телефон матери»",
            "column-dropped строка 1, столбец 7 «Группа здоровья»",
            "unknown-column строка 1, столбец 8 «Погода»"
        ]
    );
    let everything = format!("{outcome:?}");
    for secret in ["900", "III", "дождь"] {
        assert!(!everything.contains(secret), "{secret} was kept");
    }
}

#[test]
fn two_lessons_of_a_day_without_numbers_are_told_apart_from_duplicates() {
    // Everybody twice: two lessons.
    let twice = "Группа;Дата;Обучающийся;Отметка\n5Б;01.10.2025;А;+\n5Б;01.10.2025;Б;+\n5Б;01.10.2025;А;н\n5Б;01.10.2025;Б;+\n";
    let outcome = read("a.csv", twice.as_bytes());
    assert_eq!(
        lines(journal(&outcome)),
        [
            "5Б 2025-10-01 #1 А: present «+» @2,4",
            "5Б 2025-10-01 #1 Б: present «+» @3,4",
            "5Б 2025-10-01 #2 А: absent unknown «н» @4,4",
            "5Б 2025-10-01 #2 Б: present «+» @5,4"
        ]
    );
    // One of three twice: a duplicate, left to the loading.
    let once = "Группа;Дата;Обучающийся;Отметка\n5Б;01.10.2025;А;+\n5Б;01.10.2025;Б;+\n5Б;01.10.2025;В;+\n5Б;01.10.2025;А;+\n";
    let outcome = read("a.csv", once.as_bytes());
    assert_eq!(journal(&outcome).lessons.len(), 1);
}

#[test]
fn lessons_alone_with_their_status() {
    let text = "Группа;Предмет;Дата;Урок;Педагог;Часы;Тема;Внесено;Статус\n\
        5Б;Алгебра;01.10.2025;1;Сова Ель;1;Дроби;01.10.2025 15:00;проведено\n\
        5Б;Алгебра;02.10.2025;1;Сова Ель;1;;;отменено\n\
        5Б;Алгебра;03.10.2025;1;Сова Ель;1;;;восполнено\n\
        5Б;Алгебра;06.10.2025;1;Сова Ель;1;;;запланировано\n\
        5Б;Алгебра;07.10.2025;1;Сова Ель;1;;;забыто\n";
    let outcome = read("a.csv", text.as_bytes());
    let journal = journal(&outcome);
    assert_eq!(journal.layer, Layer::Lessons);
    let found: Vec<LessonStatus> = journal.lessons.iter().map(|lesson| lesson.status).collect();
    use LessonStatus::{Cancelled, Held, MadeUp, Planned};
    assert_eq!(found, [Held, Cancelled, MadeUp, Planned, Planned]);
    assert_eq!(
        told(&outcome.findings),
        ["unknown-status строка 6, столбец 9 «забыто»"]
    );
}

#[test]
fn plan_staff_organisations_and_movement() {
    let plan = read("ктп.csv", "Учреждение;Группа;Предмет;№;Дата;Часы;Тема\nШкола № 5;5Б;Алгебра;1;01.10.2025;1,5;Дроби\nШкола № 5;5Б;Алгебра;2;;1;\"Числа; ещё\"\n".as_bytes());
    let Some(Content::Plan(plan)) = plan.export.map(|export| export.content) else {
        panic!("no plan")
    };
    assert_eq!(plan.rows.len(), 2);
    assert_eq!(
        (
            plan.rows[0].seq,
            plan.rows[0].hours,
            plan.rows[0].planned_on
        ),
        (1, 150, Day::from_civil(2025, 10, 1))
    );
    assert_eq!(
        (plan.rows[1].planned_on, plan.rows[1].topic.as_deref()),
        (None, Some("Числа; ещё"))
    );

    let staff = read("тарификация.csv", "# Выгружено: 28.08.2025 10:00\nУчреждение;Педагог;Табельный номер;Должность;Ставка;Часов в неделю;Группа;Предмет;Часов по программе;Направление;Вид программы\nШкола № 5;Сова Ель;0012;учитель;0,75;4,5;5Б;Алгебра;136;;основная\n".as_bytes());
    assert!(staff.findings.is_empty(), "{:?}", staff.findings);
    let Some(Content::Staff(staff)) = staff.export.map(|export| export.content) else {
        panic!("no staff")
    };
    let row = &staff.rows[0];
    assert_eq!(
        (
            row.personnel_no.as_deref(),
            row.rate,
            row.weekly_hours,
            row.hours_total
        ),
        (Some("0012"), Some(75), Some(450), Some(13_600))
    );
    // A list of late August is for the coming year.
    assert_eq!(
        (staff.names.groups[0].school_year, row.programme_kind),
        (2025, Some("basic"))
    );

    let organisations = read("organisations.csv", "Учреждение;Краткое название;Муниципалитет;Вид;Акт;Рабочих дней в неделе;Часовой пояс\nМБОУ «Школа № 5»;Школа № 5;Клин;школа;A;6;Europe/Moscow\nЦентр;;;завод;A;5;\n".as_bytes());
    assert_eq!(
        told(&organisations.findings),
        ["unknown-organisation-kind строка 3, столбец 4 «завод»"]
    );
    let Some(Content::Organisations(rows)) = organisations.export.map(|export| export.content)
    else {
        panic!("no organisations")
    };
    assert_eq!(
        (rows.len(), rows[0].kind, rows[0].week_days),
        (1, OrganisationKind::School, 6)
    );

    let movement = read("движение.csv", "Учреждение;Группа;Обучающийся;ID обучающегося;С;По;Движение\nШкола № 5;5Б;Лесной Пень;7;01.09.2025;;зачислен\nШкола № 5;5Б;Горный Хрусталь;8;01.09.2025;15.11.2025;выбыл\nШкола № 5;5Б;Ива;9;01.09.2025;01.08.2025;выбыл\n".as_bytes());
    assert_eq!(codes(&movement.findings), ["bad-span"]);
    let Some(Content::Movement(movement)) = movement.export.map(|export| export.content) else {
        panic!("no movement")
    };
    let found: Vec<(Movement, Option<Day>)> = movement
        .rows
        .iter()
        .map(|row| (row.movement, row.to_on))
        .collect();
    assert_eq!(
        found,
        [
            (Movement::Enrolled, None),
            (Movement::Departed, Day::from_civil(2025, 11, 15))
        ]
    );
}

#[test]
fn a_sheet_reads_like_a_text_with_titles_above_its_header() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    sheet.write(0, 0, "Журнал посещаемости").unwrap();
    sheet.write(1, 0, "Выгружено: 05.11.2025 06:12").unwrap();
    for (column, title) in [
        "Учреждение",
        "Группа",
        "Предмет",
        "Дата",
        "Урок",
        "Начало",
        "Обучающийся",
        "ID обучающегося",
        "Отметка",
    ]
    .into_iter()
    .enumerate()
    {
        sheet.write(3, column as u16, title).unwrap();
    }
    for (row, (serial, mark)) in [(45_931.0, "н"), (45_932.0, "")].into_iter().enumerate() {
        let row = row as u32 + 4;
        sheet.write(row, 0, "Школа № 5").unwrap();
        sheet.write(row, 1, "5Б").unwrap();
        sheet.write(row, 2, "Алгебра").unwrap();
        sheet.write_with_format(row, 3, serial, &date).unwrap();
        sheet.write(row, 4, 1.0).unwrap();
        sheet.write(row, 5, 8.5 / 24.0).unwrap();
        sheet.write(row, 6, "Лесной Пень").unwrap();
        sheet.write(row, 7, 7.0).unwrap();
        sheet.write(row, 8, mark).unwrap();
    }
    sheet.write(6, 8, 5.0).unwrap();
    let outcome = read("журнал.xlsx", &book.save_to_buffer().unwrap());
    let journal = journal(&outcome);
    assert_eq!(
        lines(journal),
        [
            "Алгебра 2025-10-01 1 Лесной Пень: absent unknown «н» @5,9",
            "Алгебра 2025-10-02 1 Лесной Пень: unrecorded @6,9"
        ]
    );
    assert_eq!(
        (
            journal.lessons[0].starts_at,
            journal.names.pupils[0].engine_id.as_deref()
        ),
        (Some(8 * 60 + 30), Some("7"))
    );
    // The stray mark under the table has no group.
    assert_eq!(
        told(&outcome.findings),
        ["row-incomplete B7 группа не указана"]
    );
    assert_eq!(
        outcome.export.unwrap().exported_at,
        Some(1_762_323_120_000_000)
    );
}

#[test]
fn a_header_that_promises_nothing_is_refused_with_what_it_lacks() {
    let outcome = read(
        "a.csv",
        "Группа;Обучающийся;Урок\n5Б;Лесной Пень;1\n".as_bytes(),
    );
    assert!(outcome.export.is_none());
    assert_eq!(codes(&outcome.findings), ["header-unclear"]);
    assert_eq!(outcome.findings[0].expected, "столбцы «Дата», «Отметка»");
}

#[test]
fn a_large_file_reads_as_a_small_one() {
    // Above the size of a block, read in parts on several threads; quoted line breaks inside.
    let mut text = "# Выгружено: 05.11.2025 06:12\nГруппа;Предмет;Дата;Урок;Тема;Обучающийся;ID обучающегося;Отметка\n".to_owned();
    let mut expected = 0usize;
    for lesson in 0..6_000 {
        let day = Day::from_civil(2025, 9, 1).unwrap().plus(lesson % 200);
        let (year, month, date) = day.civil();
        for pupil in 0..20 {
            let mark = if (lesson + pupil) % 7 == 0 { "н" } else { "+" };
            text.push_str(&format!("5Б;Предмет {};{date:02}.{month:02}.{year};{};\"Тема; {lesson}\nдальше\";Ученик {pupil};{pupil};{mark}\n", lesson % 10, lesson / 200));
            expected += 1;
        }
    }
    text.push_str("5Б;Предмет 0;01.09.2025;0;\"Тема; 0\nдальше\";Ученик 0;0;щ\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("журнал.csv");
    std::fs::write(&path, &text).unwrap();
    let from_disk = svodka_ingest::read(&path, &svodka_ingest::ReadOptions::default());
    let from_memory = read("журнал.csv", text.as_bytes());
    for outcome in [&from_disk, &from_memory] {
        let journal = journal(outcome);
        assert_eq!(
            (
                journal.attendance.len(),
                journal.lessons.len(),
                journal.names.pupils.len()
            ),
            (expected + 1, 6_000, 20)
        );
        assert_eq!(
            told(&outcome.findings),
            [format!(
                "unknown-code строка {}, столбец 8 «щ»",
                3 + 2 * expected
            )]
        );
    }
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert!(sorted(lines(journal(&from_disk))) == sorted(lines(journal(&from_memory))));
    assert_eq!(from_disk.stamp.sha256, from_memory.stamp.sha256);
    assert_eq!(from_disk.stamp.bytes, text.len() as u64);
}
