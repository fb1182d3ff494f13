//! The generator is deterministic, its truth adds up, and its exports hold the traps they should.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use svodka_journal::Day;
use svodka_sample::{Bulk, Figures, Options, SampleError, invent, write};

fn day(text: &str) -> Day {
    Day::parse_iso(text).unwrap()
}

/// Five institutions of two dozen pupils, six weeks with the autumn holidays in them.
fn small() -> Options {
    Options {
        pupils: 24,
        from: day("2025-10-01"),
        to: day("2025-11-14"),
        seed: 7,
        ..Options::default()
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The exports and the truth of some options, as files.
fn written(options: &Options) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    write(options, folder.path(), &mut |_| {}).unwrap();
    files(folder.path())
}

fn part(workbook: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    zip.by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for faults in [false, true] {
        let options = Options { faults, ..small() };
        let (first, second) = (written(&options), written(&options));
        assert_eq!(
            first.keys().collect::<Vec<_>>(),
            second.keys().collect::<Vec<_>>()
        );
        for (name, bytes) in &first {
            assert!(bytes == &second[name], "{name} differs");
        }
        let other = written(&Options { seed: 8, ..options });
        assert_ne!(
            first["truth/course_month.csv"],
            other["truth/course_month.csv"]
        );
    }
}

#[test]
fn the_truth_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        pupils: 60,
        ..small()
    };
    let truth = write(&options, folder.path(), &mut |_| {}).unwrap();
    let check = |figures: &Figures| {
        let f = figures;
        assert_eq!(
            f.expected,
            f.present + f.absent + f.late + f.exempt + f.unrecorded
        );
        assert_eq!(
            f.absent,
            f.excused + f.unexcused + f.illness + f.reason_unknown
        );
        assert_eq!(f.lessons, f.delays.iter().sum::<u64>() + f.delay_unknown);
        assert!(f.substituted_lessons <= f.lessons && f.unrecorded_lessons <= f.lessons);
    };
    let total = truth.total();
    let sum = |rows: &mut dyn Iterator<Item = Figures>| {
        let mut sum = Figures::default();
        for figures in rows {
            check(&figures);
            sum += figures;
        }
        sum
    };
    check(&total);
    let days = sum(&mut truth.organisation_days.iter().map(|row| row.figures));
    let courses = sum(&mut truth.course_months.iter().map(|row| row.figures));
    let groups = sum(&mut truth.group_months.iter().map(|row| row.figures));
    let teachers = sum(&mut truth.teacher_months.iter().map(|row| row.figures));
    // A missing lesson is known of its month only, a plan is nobody's teaching yet.
    assert_eq!(
        days,
        Figures {
            missing_lessons: 0,
            ..courses
        }
    );
    assert_eq!(groups, courses);
    assert_eq!(
        teachers,
        Figures {
            planned_lessons: 0,
            planned_hours: 0,
            ..days
        },
    );
    assert_eq!(total.expected, truth.attendance_rows);
    assert_eq!(total.lessons + total.cancelled_lessons, truth.lessons);
    for (what, count) in [
        ("present", total.present),
        ("absent", total.absent),
        ("late", total.late),
        ("unrecorded", total.unrecorded),
        ("substituted", total.substituted_lessons),
        ("cancelled", total.cancelled_lessons),
        ("recorded later", total.delays[1]),
        ("planned", total.planned_hours),
        ("marks", total.marks),
    ] {
        assert!(count > 0, "no {what} in the sample");
    }
    // The rows of the truth are as many as its sums say.
    let files = files(&folder.path().join("truth"));
    let lines = |table: &str| -> u64 {
        let of_table = files.iter().filter(|(name, _)| name.starts_with(table));
        of_table
            .map(|(_, bytes)| bytes.iter().filter(|&&b| b == b'\n').count() as u64 - 1)
            .sum()
    };
    assert_eq!(lines("attendance/"), total.expected);
    assert_eq!(lines("lesson/"), truth.lessons);
}

#[test]
fn every_institution_has_its_pupils_under_different_names() {
    let options = Options {
        institutions: 7,
        pupils: 130,
        ..small()
    };
    for number in 0..7 {
        let institution = invent(&options, number).unwrap();
        assert_eq!(institution.pupils.len(), 130);
        let names: BTreeSet<&String> = institution.pupils.iter().map(|it| &it.name).collect();
        assert_eq!(names.len(), 130);
        for lesson in &institution.lessons {
            let in_span = (options.from..=options.to).contains(&lesson.day);
            assert!(
                in_span && lesson.day.weekday() != 7,
                "lesson on {}",
                lesson.day
            );
            assert_ne!(lesson.day, day("2025-11-04"), "a lesson on a holiday");
        }
    }
    let titles: BTreeSet<String> = (0..7)
        .map(|number| invent(&options, number).unwrap().short_title)
        .collect();
    assert_eq!(titles.len(), 7);
}

#[test]
fn what_is_entered_after_the_export_is_not_in_it() {
    let unrecorded = |exported_on: &str| {
        let exported_at = Some(i64::from(day(exported_on).0) * 1440 + 372);
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            exported_at,
            row_truth: false,
            ..small()
        };
        write(&options, folder.path(), &mut |_| {}).unwrap().total()
    };
    let (early, late) = (unrecorded("2025-11-15"), unrecorded("2025-12-15"));
    assert!(early.unrecorded > late.unrecorded);
    let recorded = |figures: Figures| figures.delays.iter().sum::<u64>();
    assert!(recorded(late) > recorded(early));
}

#[test]
fn the_school_workbook_has_the_traps_of_real_ones() {
    let files = written(&Options {
        pupils: 60,
        institutions: 2,
        ..small()
    });
    let school = "exports/Школа № 7/";
    let books: Vec<&Vec<u8>> = files
        .iter()
        .filter(|(name, _)| name.starts_with(school) && name.ends_with(".xlsx"))
        .map(|(_, bytes)| bytes)
        .collect();
    assert_eq!(books.len(), 3, "a workbook per class");
    let book = books[0];
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book.as_slice())).unwrap();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        assert!(!name.starts_with("docProps"));
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert!(bytes.starts_with(b"\xef\xbb\xbf<?xml"), "{name} has no BOM");
    }
    let strings = part(book, "xl/sharedStrings.xml");
    let strings: Vec<&str> = strings
        .split("<si><t xml:space=\"preserve\">")
        .skip(1)
        .map(|rest| rest.split("</t>").next().unwrap())
        .collect();
    let empty = strings
        .iter()
        .position(|text| text.is_empty())
        .expect("an empty string");
    let sheet = part(book, "xl/worksheets/sheet1.xml");
    let empty_cell = format!("t=\"s\"><v>{empty}</v></c>");
    assert!(
        sheet.matches(&empty_cell).count() > 500,
        "present pupils are empty strings"
    );
    let all: String = books
        .iter()
        .map(|book| part(book, "xl/sharedStrings.xml"))
        .collect();
    for spelling in [">Н Н<", "/", ">0<", ">0.0<", "Учебный год: 2025/2026"] {
        assert!(all.contains(spelling), "no {spelling}");
    }

    assert!(all.contains("  "), "double spaces between codes and marks");

    // Day rows: the second row of each header, the only rows that start in column B with numbers.
    let day_rows: Vec<Vec<&str>> = sheet
        .split("<row ")
        .filter(|row| {
            row.split("<c r=\"")
                .nth(1)
                .is_some_and(|first| first.starts_with('B'))
        })
        .map(|row| {
            row.split("<v>")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(
        day_rows.len(),
        strings
            .iter()
            .filter(|it| it.starts_with("Ученик: "))
            .count()
    );
    let is_repeated = |days: &Vec<&str>| days.windows(2).any(|pair| pair[0] == pair[1]);
    assert!(
        day_rows.iter().any(is_repeated),
        "two lessons on one day repeat its number"
    );
    let different: BTreeSet<&Vec<&str>> = day_rows.iter().collect();
    assert!(
        different.len() > 1,
        "the columns differ from block to block"
    );
}

#[test]
fn every_engine_has_its_encoding() {
    let files = written(&small());
    let of = |name: &str| &files[&format!("exports/{name}")];
    let is_utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    let technopark = of("Технопарк «Вектор»/Посещаемость 2025-10.csv");
    assert!(technopark.starts_with("\u{feff}# Выгружено: 15.11.2025 06:12\n".as_bytes()));
    let centre = of("Центр «Сосновый Мыс»/Посещаемость 2025-10.csv");
    assert!(!is_utf8(centre));
    let (text, _, is_broken) = encoding_rs::WINDOWS_1251.decode(centre);
    assert!(!is_broken && text.contains("\nГруппа\tПредмет\tДата\tУрок\t"));
    assert!(of("Центр «Сосновый Мыс»/Движение.csv").starts_with(b"\xff\xfe#\0"));
    assert!(!is_utf8(of("Школа № 7/Тарификация.csv")));
    let plan = String::from_utf8(of("Школа № 4/КТП.csv").clone()).unwrap();
    assert!(
        plan.contains(";\"6. Проект \"\"Первый шаг\"\"; замысел\"\n"),
        "a quoted delimiter"
    );

    let bundle: serde_json::Value =
        serde_json::from_slice(of("Школа № 9/Дневник 2025-10.json")).unwrap();
    for list in ["persons", "lessons", "groups", "works", "marks"] {
        let records = bundle[list].as_array().unwrap();
        assert!(!records.is_empty(), "{list} is empty");
        for record in records {
            let id = record["id"].as_i64().unwrap();
            assert!(id > 1 << 53);
            assert_eq!(record["id_str"], id.to_string());
        }
    }
    assert!(bundle["lessonLogEntries"][0]["createdDate"].is_string());
}

#[test]
fn faults_stand_where_the_truth_says() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        pupils: 60,
        faults: true,
        ..small()
    };
    let truth = write(&options, folder.path(), &mut |_| {}).unwrap();
    let codes: BTreeSet<&str> = truth.faults.iter().map(|fault| fault.code).collect();
    let expected = [
        "bad-date",
        "broken-row",
        "date-outside-school-year",
        "duplicate-entry",
        "duplicate-row",
        "empty-file",
        "latin-twin",
        "printed-mean-differs",
        "unknown-code",
        "unknown-column",
        "unknown-lesson",
        "unreadable-file",
        "wrong-extension",
    ];
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected);
    let exports = files(&folder.path().join("exports"));
    let mut places = BTreeSet::new();
    for fault in &truth.faults {
        assert!(exports.contains_key(&fault.file), "{fault:?}");
        assert!(
            places.insert((&fault.file, &fault.cell)),
            "two faults in one place: {fault:?}"
        );
    }
    // The line of the technopark's unknown code holds it, in the column it names.
    let fault = truth
        .faults
        .iter()
        .find(|fault| fault.code == "unknown-code" && fault.file.starts_with("Технопарк"))
        .unwrap();
    let cell = fault.cell.as_ref().unwrap();
    let numbers: Vec<usize> = cell
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    let text = String::from_utf8(exports[&fault.file].clone()).unwrap();
    let line = text.lines().nth(numbers[0] - 1).unwrap();
    assert_eq!(
        line.split(';').nth(numbers[1] - 1),
        Some("зд"),
        "{cell}: {line}"
    );
    // Without faults there are none, and the journal behind both is the same but for the cells
    // whose code nobody can know.
    let clean = tempfile::tempdir().unwrap();
    let plain = write(
        &Options {
            faults: false,
            ..options
        },
        clean.path(),
        &mut |_| {},
    )
    .unwrap();
    assert!(plain.faults.is_empty());
    assert_eq!(plain.total().expected, truth.total().expected);
    assert_eq!(plain.total().unrecorded + 5, truth.total().unrecorded);
}

#[test]
fn bulk_files_are_long_sorted_and_complete() {
    for (bulk, file) in [(Bulk::PerMonth, "2025-10"), (Bulk::PerYear, "2025-2026")] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            institutions: 2,
            bulk: Some(bulk),
            ..small()
        };
        let truth = write(&options, folder.path(), &mut |_| {}).unwrap();
        let mut rows = 0;
        for (name, bytes) in files(&folder.path().join("exports")) {
            if name.contains("/Журнал ") {
                let text = String::from_utf8(bytes).unwrap();
                assert_eq!(text.lines().nth(1).unwrap().split(';').count(), 13);
                let keys: Vec<(String, String, u8)> = text
                    .lines()
                    .skip(2)
                    .map(|line| {
                        let fields: Vec<&str> = line.split(';').collect();
                        assert_eq!(fields.len(), 13, "{line}");
                        let date: Vec<&str> = fields[2].rsplit('.').collect();
                        (
                            fields[0].to_owned(),
                            date.concat(),
                            fields[3].parse().unwrap(),
                        )
                    })
                    .collect();
                assert!(keys.is_sorted(), "{name}");
                rows += keys.len() as u64;
            }
        }
        assert!(
            folder
                .path()
                .join(format!("exports/Школа № 4/Журнал {file}.csv"))
                .exists()
        );
        assert_eq!(rows, truth.attendance_rows);
        assert!(!folder.path().join("truth/attendance").exists());
    }
}

#[test]
fn impossible_wishes_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |options: Options| {
        write(&options, folder.path(), &mut |_| {})
            .unwrap_err()
            .to_string()
    };
    let text = refused(Options {
        institutions: 0,
        ..small()
    });
    assert!(text.contains("--institutions is 0"), "{text}");
    let text = refused(Options {
        pupils: 1_000_000,
        ..small()
    });
    assert!(text.contains("--pupils is 1000000"), "{text}");
    let text = refused(Options {
        to: day("2025-09-30"),
        ..small()
    });
    assert!(
        text.contains("--to is 2025-09-30; expected 2025-10-01 or later"),
        "{text}"
    );

    std::fs::create_dir_all(folder.path().join("exports/old")).unwrap();
    let error = write(&small(), folder.path(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, SampleError::NotEmpty { .. }), "{error}");
}

#[test]
fn any_span_can_be_invented() {
    // Several school years with classes that grow up, years without a calendar, a summer.
    for (from, to) in [
        ("2024-09-01", "2026-05-31"),
        ("2029-02-01", "2029-03-10"),
        ("2025-07-01", "2025-07-05"),
    ] {
        for pupils in [1, 40] {
            let folder = tempfile::tempdir().unwrap();
            let options = Options {
                from: day(from),
                to: day(to),
                pupils,
                ..small()
            };
            let truth = write(&options, folder.path(), &mut |_| {}).unwrap();
            assert_eq!(truth.pupils, 5 * pupils as u64);
        }
    }
}

#[test]
fn the_checked_in_sample_is_up_to_date() {
    let fresh = written(&Options {
        pupils: 12,
        from: day("2025-09-01"),
        to: day("2025-09-30"),
        seed: 2025,
        row_truth: false,
        ..Options::default()
    });
    let mut kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data"));
    kept.retain(|name, _| name.contains('/'));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&fresh));
    for (name, bytes) in &fresh {
        assert!(
            bytes == &kept[name],
            "{name} differs: write the sample anew, sample_data/README.md says how"
        );
    }
}
