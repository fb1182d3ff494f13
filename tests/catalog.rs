//! Query headers and dashboards: every mistake named, with file, line and column, all at once.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use svodka_catalog::{
    Catalog, Dashboard, DefaultValue, Derived, FilterKind, Folder, ParamKind, Problem, QueryFile,
    Source, Template, View, Watcher, load,
};
use svodka_table::{Column, Table, Unit, Value};
use tempfile::TempDir;

const GOOD: &str = "\
-- Purpose: Attendance by institution
--   for a span of days.
-- Title: Посещаемость по учреждениям
-- Grain: one row per institution
-- Param: from date required \"Первый день\"
-- Param: to date required \"Последний день\"
-- Param: org int optional \"Учреждение\"
-- Param: previous_from date derived \"Начало предыдущего\"
-- Column: org_id id \"Учреждение №\"
-- Column: share share \"Посещаемость, «доля»\": (present + late) / expected
-- Column: pupil_id person \"Обучающийся\"
-- Sort: pupil_id, org_id desc

-- A comment that is no header: $nothing and 'it''s $text'.
select org_id, share, pupil_id from t -- $comment
where ($org is null or org_id = $org) and note <> '$quoted'
  and held_on between $from and $to or \"$name\" = $previous_from
order by 1
";

fn header(text: &str) -> (QueryFile, Vec<String>) {
    let (file, problems) = QueryFile::parse(Folder::Reports, "sample", "q.sql", text);
    (file, texts(&problems))
}

fn texts(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_header_is_read_whole() {
    let (file, problems) = header(GOOD);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        file.purpose,
        "Attendance by institution for a span of days."
    );
    assert_eq!(file.title, "Посещаемость по учреждениям");
    let params: Vec<(&str, ParamKind, bool, Option<Derived>)> = file
        .params
        .iter()
        .map(|param| {
            (
                param.name.as_str(),
                param.kind,
                param.is_required,
                param.derived,
            )
        })
        .collect();
    assert_eq!(
        params,
        [
            ("from", ParamKind::Date, true, None),
            ("to", ParamKind::Date, true, None),
            ("org", ParamKind::Int, false, None),
            (
                "previous_from",
                ParamKind::Date,
                false,
                Some(Derived::PreviousFrom)
            ),
        ]
    );
    assert_eq!(file.columns[1].title, "Посещаемость, «доля»");
    assert_eq!(file.columns[1].meaning, "(present + late) / expected");
    assert_eq!(file.columns[2].unit, Unit::Person);
    assert!(file.sort[1].is_descending);
    assert!(file.sql().trim_start().starts_with("-- A comment"));
    assert!(file.words.contains("t") && !file.words.contains("quoted"));
}

/// One mistake in an otherwise good header, and what is said about it.
fn mistake(from: &str, to: &str, expected: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    let (_, problems) = header(&GOOD.replacen(from, to, 1));
    assert_eq!(problems, expected, "{from} → {to}");
}

#[test]
fn every_mistake_of_a_header_is_placed() {
    mistake(
        "-- Title: Посещаемость по учреждениям\n",
        "",
        &["q.sql:1:1: the header has no \"Title\" line"],
    );
    mistake(
        "-- Grain:",
        "-- Gran:",
        &[
            "q.sql:4:4: unknown key \"Gran\"; did you mean \"Grain\"?",
            "q.sql:1:1: the header has no \"Grain\" line",
        ],
    );
    mistake(
        "-- Grain: one row",
        "-- one row",
        &[
            "q.sql:4:1: \"one row per institution\" is no header line; expected \"-- Key: text\", or three spaces after the dashes to continue the line above",
            "q.sql:1:1: the header has no \"Grain\" line",
        ],
    );
    mistake(
        "org int optional",
        "org integer optional",
        &[
            "q.sql:7:11: parameter org: \"integer\" is no type; expected one of: int, date, text, bool",
            "q.sql:16:8: the SQL uses $org, the header has no \"Param: org …\" line; expected one of: from, to, previous_from",
        ],
    );
    mistake(
        "org int optional",
        "org int maybe",
        &[
            "q.sql:7:11: parameter org: \"maybe\" is neither required nor optional nor derived",
            "q.sql:16:8: the SQL uses $org, the header has no \"Param: org …\" line; expected one of: from, to, previous_from",
        ],
    );
    mistake(
        "previous_from date derived",
        "last_from date derived",
        &[
            "q.sql:8:11: parameter last_from cannot be derived; dates that can: previous_from, previous_to, school_year_from, school_year_to",
            "q.sql:17:50: the SQL uses $previous_from, the header has no \"Param: previous_from …\" line; expected one of: from, to, org",
        ],
    );
    mistake(
        "from date required",
        "from date optional",
        &[
            "q.sql:8:1: parameter previous_from follows from from, which is not a required parameter",
        ],
    );
    mistake(
        "\"Первый день\"",
        "Первый день",
        &[
            "q.sql:5:11: a parameter needs a quoted title; expected: name int|date|text|bool required|optional|derived \"title\"",
            "q.sql:8:1: parameter previous_from follows from from, which is not a required parameter",
            "q.sql:17:23: the SQL uses $from, the header has no \"Param: from …\" line; expected one of: to, org, previous_from",
        ],
    );
    mistake(
        "share share",
        "share percent",
        &[
            "q.sql:10:12: column share: \"percent\" is no unit; expected one of: id, text, count, hours, share, points, number, date, month, weekday, timestamp, bool, person, source",
        ],
    );
    mistake(
        "-- Column: share",
        "-- Column: org_id",
        &["q.sql:10:12: column org_id stands twice"],
    );
    mistake(
        "-- Param: to date",
        "-- Param: from date",
        &[
            "q.sql:6:11: parameter from stands twice",
            "q.sql:8:1: parameter previous_from follows from to, which is not a required parameter",
            "q.sql:17:33: the SQL uses $to, the header has no \"Param: to …\" line; expected one of: from, org, previous_from",
        ],
    );
    mistake(
        "Sort: pupil_id,",
        "Sort: pupil,",
        &[
            "q.sql:12:1: sort key \"pupil\" is no column of the header; expected one of: org_id, share, pupil_id",
        ],
    );
    mistake(
        "($org is null or org_id = $org) and ",
        "",
        &["q.sql:7:1: the SQL never uses $org"],
    );
    let (_, problems) = QueryFile::parse(Folder::Marts, "Bad-Name", "m.sql", GOOD);
    assert_eq!(
        texts(&problems),
        [
            "m.sql:1:1: file name \"Bad-Name\" is no table name; expected small Latin letters, digits and _, a letter first",
            "m.sql:5:1: a file of marts/ takes no parameters; only reports do",
        ]
    );
    let (_, problems) = header("-- Purpose: p\n");
    assert_eq!(problems.len(), 4, "{problems:?}");
}

const PAGE: &str = r#"version = 1
title = "Какова посещаемость: {short_title}?"
order = 1

[[param]]
name = "to"
label = "По"
kind = "date"
default = "last_month_end"

[[param]]
name = "org"
label = "Учреждение"
kind = "choice"
options = "organisation_options"
all = "Все учреждения"
opens = "page"

[[panel]]
kind = "text"
query = "by_week"
text = "{share:share}[: на {change:change:выше|ниже}][; {lessons:plural:занятие|занятия|занятий}]"

[[panel]]
kind = "line"
title = "Как менялась"
query = "by_week"
x = "week_on"
y = ["share", "low"]
band = ["low", "high"]
width = 6
link = { dashboard = "page", params = { org = "org_id" } }

[[panel]]
kind = "table"
query = "by_week"
columns = ["week_on", { name = "share", title = "Доля", bar = true }]
sort = "share desc"
"#;

const WEEK: &str = "\
-- Purpose: p
-- Title: t
-- Grain: g
-- Param: to date required \"По\"
-- Param: org int optional \"Учреждение\"
-- Column: week_on date \"Неделя\"
-- Column: share share \"Доля\"
-- Column: low share \"Низ\"
-- Column: high share \"Верх\"
-- Column: change points \"Изменение\"
-- Column: lessons count \"Занятий\"
-- Column: org_id id \"№\"
-- Column: short_title text \"Учреждение\"
select 1 where $to > $org
";

const OPTIONS: &str = "\
-- Purpose: p
-- Title: t
-- Grain: g
-- Column: value id \"№\"
-- Column: label text \"Учреждение\"
select 1
";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn catalog_of(files: &[(&str, &str)]) -> (TempDir, Catalog, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    let (catalog, problems) = load(&Source::bare(dir.path()));
    let prefix = format!("{}/", dir.path().display());
    let told = problems
        .iter()
        .map(|problem| problem.to_string().replace(&prefix, ""))
        .collect();
    (dir, catalog, told)
}

fn page(text: &str) -> (Catalog, Vec<String>) {
    let (_dir, catalog, told) = catalog_of(&[
        ("queries/reports/by_week.sql", WEEK),
        ("queries/reports/organisation_options.sql", OPTIONS),
        ("dashboards/page.toml", text),
    ]);
    (catalog, told)
}

#[test]
fn a_dashboard_is_read_whole() {
    let (catalog, problems) = page(PAGE);
    assert_eq!(problems, Vec::<String>::new());
    let page: &Dashboard = &catalog.dashboards["page"];
    assert_eq!(page.order, Some(1));
    assert_eq!(page.title.columns(), ["short_title"]);
    assert_eq!(page.filters[0].kind, FilterKind::Date);
    assert_eq!(page.filters[0].default, Some(DefaultValue::LastMonthEnd));
    assert_eq!(
        page.filters[1].kind,
        FilterKind::Options {
            query: "organisation_options".to_owned()
        }
    );
    assert_eq!(page.panels[0].width, 12);
    let View::Line { axes, band, .. } = &page.panels[1].view else {
        panic!("a line");
    };
    assert_eq!(axes.y, ["share", "low"]);
    assert_eq!(band.as_ref().unwrap().high, "high");
    assert_eq!(page.panels[1].line, 24);
    let View::Table { columns, sort, .. } = &page.panels[2].view else {
        panic!("a table");
    };
    assert!(columns[1].is_bar);
    assert_eq!(sort, &Some(("share".to_owned(), true)));
}

fn page_mistake(from: &str, to: &str, expected: &[&str]) {
    assert!(PAGE.contains(from), "{from}");
    let (catalog, problems) = page(&PAGE.replacen(from, to, 1));
    let expected: Vec<String> = expected
        .iter()
        .map(|text| format!("dashboards/page.toml:{text}"))
        .collect();
    assert_eq!(problems, expected, "{from} → {to}");
    assert!(catalog.dashboards.is_empty(), "a broken page is not shown");
}

#[test]
fn every_mistake_of_a_dashboard_is_placed() {
    page_mistake(
        "version = 1",
        "version = 2",
        &["1:11: version 2 is not known; expected 1"],
    );
    page_mistake(
        "version = 1\n",
        "",
        &["1:1: the dashboard has no \"version\"; expected version = 1"],
    );
    page_mistake(
        "order = 1",
        "ordr = 1",
        &["3:1: the dashboard has no key \"ordr\"; did you mean \"order\"?"],
    );
    page_mistake(
        "order = 1",
        "order = \"first\"",
        &["3:9: \"order\" is a text; expected a whole number"],
    );
    page_mistake(
        "kind = \"line\"",
        "kind = \"lines\"",
        &["25:8: \"lines\" is no kind of panel; did you mean \"line\"?"],
    );
    page_mistake(
        "width = 6",
        "width = 13",
        &["31:9: width 13 does not fit; expected 1 to 12 columns"],
    );
    page_mistake(
        "width = 6",
        "widht = 6",
        &["31:1: panel 2 has no key \"widht\"; did you mean \"width\"?"],
    );
    page_mistake(
        "x = \"week_on\"",
        "x = \"week\"",
        &[
            "24:1: line: report \"by_week\" has no column \"week\"; expected one of: week_on, share, low, high, change, lessons, org_id, short_title",
        ],
    );
    page_mistake(
        "query = \"by_week\"\nx =",
        "query = \"by_wek\"\nx =",
        &["24:1: there is no report \"by_wek\"; did you mean \"by_week\"?"],
    );
    page_mistake(
        "dashboard = \"page\"",
        "dashboard = \"pag\"",
        &["24:1: link: there is no dashboard \"pag\"; did you mean \"page\"?"],
    );
    page_mistake(
        "params = { org = \"org_id\" }",
        "params = { group = \"org_id\" }",
        &["24:1: dashboard \"page\" has no param \"group\"; expected one of: to, org"],
    );
    page_mistake(
        "band = [\"low\", \"high\"]",
        "band = [\"low\"]",
        &["24:1: \"band\" takes two columns, the lower and the upper bound; found 1"],
    );
    page_mistake(
        "default = \"last_month_end\"",
        "default = \"yesterday\"",
        &[
            "9:11: \"yesterday\" is no day; expected YYYY-MM-DD or one of: last_month_start, last_month_end, school_year_start, data_day",
        ],
    );
    page_mistake(
        "kind = \"date\"",
        "kind = \"day\"",
        &["8:8: \"day\" is no kind of param; did you mean \"date\"?"],
    );
    page_mistake(
        "name = \"to\"",
        "name = \"until\"",
        &[
            "5:1: no query of this dashboard uses param \"until\"",
            "19:1: report \"by_week\" requires \"to\", which no param of this dashboard gives",
            "24:1: report \"by_week\" requires \"to\", which no param of this dashboard gives",
            "34:1: report \"by_week\" requires \"to\", which no param of this dashboard gives",
        ],
    );
    page_mistake(
        "name = \"to\"",
        "name = \"org\"",
        &["11:1: param \"org\" stands twice"],
    );
    page_mistake(
        "{share:share}[",
        "{share:percent}[",
        &[
            "22:9: text: \"percent\" is no format; expected a unit (share, count, hours, date, …), plural:one|few|many, change:more|less or to:column",
        ],
    );
    page_mistake(
        "занятие|занятия|занятий",
        "занятие|занятия",
        &["22:57: text: plural takes 3 forms separated by |, found 2"],
    );
    // Not TOML at all: the place is still told.
    let (_, problems) = page(&PAGE.replacen("order = 1", "order = = 1", 1));
    assert!(
        problems[0].starts_with("dashboards/page.toml:3:9: "),
        "{problems:?}"
    );
}

#[test]
fn several_mistakes_are_told_at_once_and_the_rest_works() {
    let (_dir, catalog, told) = catalog_of(&[
        ("queries/reports/by_week.sql", WEEK),
        ("queries/reports/organisation_options.sql", OPTIONS),
        ("queries/reports/broken.sql", "select 1\n"),
        ("queries/marts/by_week.sql", &WEEK.replace("-- Param: to date required \"По\"\n-- Param: org int optional \"Учреждение\"\n", "").replace(" where $to > $org", "")),
        ("queries/checks/lesson.sql", OPTIONS),
        ("dashboards/page.toml", PAGE),
        ("dashboards/other.toml", &PAGE.replace("width = 6", "width = 0").replace("kind = \"text\"", "kind = \"txt\"")),
    ]);
    assert_eq!(
        told,
        [
            "dashboards/other.toml:20:8: \"txt\" is no kind of panel; did you mean \"text\"?",
            "dashboards/other.toml:31:9: width 0 does not fit; expected 1 to 12 columns",
            "queries/checks/lesson.sql:1:1: the name \"lesson\" is taken by a table of the lake",
            "queries/reports/broken.sql:1:1: the header has no \"Column\" line",
            "queries/reports/broken.sql:1:1: the header has no \"Grain\" line",
            "queries/reports/broken.sql:1:1: the header has no \"Purpose\" line",
            "queries/reports/broken.sql:1:1: the header has no \"Title\" line",
            "queries/reports/by_week.sql:1:1: the name \"by_week\" is taken by queries/marts/by_week.sql",
        ]
    );
    assert!(catalog.dashboards.contains_key("page"));
    assert!(!catalog.reports.contains_key("broken"));
}

#[test]
fn sentences_are_written_over_rows() {
    let table = |share: Value, change: Value, lessons: Value| Table {
        columns: vec![
            Column::new("share", "Доля", Unit::Share),
            Column::new("change", "Изменение", Unit::Points),
            Column::new("lessons", "Занятий", Unit::Count),
        ],
        rows: vec![vec![share, change, lessons]],
    };
    let template = Template::parse(
        "Посещаемость {share}[: на {change:change:выше|ниже} сентября][; {lessons:plural:занятие не отмечено|занятия не отмечены|занятий не отмечены}].",
    )
    .unwrap();
    for (share, change, lessons, expected) in [
        (
            Value::Float(0.914),
            Value::Float(-0.021),
            Value::Int(37),
            "Посещаемость 91,4 %: на 2,1 п. п. ниже сентября; 37 занятий не отмечены.",
        ),
        (
            Value::Float(0.914),
            Value::Float(0.021),
            Value::Int(1),
            "Посещаемость 91,4 %: на 2,1 п. п. выше сентября; 1 занятие не отмечено.",
        ),
        (
            Value::Float(0.914),
            Value::Float(0.0001),
            Value::Int(0),
            "Посещаемость 91,4 %.",
        ),
        (
            Value::Float(0.914),
            Value::Null,
            Value::Int(3),
            "Посещаемость 91,4 %; 3 занятия не отмечены.",
        ),
        (Value::Null, Value::Null, Value::Null, "Посещаемость —."),
    ] {
        let text = template
            .text(&table(share, change, lessons), 0)
            .replace('\u{a0}', " ");
        assert_eq!(text, expected);
    }
    let words = template.words(&table(Value::Float(0.5), Value::Null, Value::Null), 0);
    assert!(words[1].is_value && !words[0].is_value);
    // No row at all is no number, not a panic.
    let empty = Table {
        rows: vec![],
        ..table(Value::Null, Value::Null, Value::Null)
    };
    assert_eq!(template.text(&empty, 0), "Посещаемость —.");
    for (text, mistake) in [
        ("{share", "\"{\" is never closed by \"}\""),
        ("share}", "\"}\" stands alone"),
        ("[нет числа]", "\"[…]\" holds no {column}"),
        ("[{share}", "\"[\" is never closed by \"]\""),
        ("{}", "\"\" is no column name"),
    ] {
        assert_eq!(
            Template::parse(text).unwrap_err(),
            [(text.find(['{', '}', '[']).unwrap(), mistake.to_owned())],
            "{text}"
        );
    }
}

#[test]
fn an_installation_may_replace_and_add_files() {
    let dir = tempfile::tempdir().unwrap();
    let own = load(&Source::embedded()).0;
    write(
        dir.path(),
        "queries/reports/organisation_options.sql",
        OPTIONS,
    );
    write(dir.path(), "queries/reports/added.sql", OPTIONS);
    write(
        dir.path(),
        "queries/reports/group_options.sql",
        "select 1\n",
    );
    write(dir.path(), "queries/reports/.swap.sql", "nonsense");
    let (catalog, problems) = load(&Source::with_overrides(dir.path()));
    assert_eq!(catalog.reports["organisation_options"].text, OPTIONS);
    assert!(catalog.reports.contains_key("added"));
    // A broken file leaves the program's own in place.
    assert_eq!(
        catalog.reports["group_options"],
        own.reports["group_options"]
    );
    assert!(
        problems
            .iter()
            .all(|problem| problem.file.ends_with("group_options.sql"))
    );
    assert!(!problems.is_empty());
    assert_eq!(catalog.dashboards, own.dashboards);
    assert!(!own.methods("attendance_summary").is_empty());
}

#[test]
fn a_broken_edit_leaves_the_last_good_catalog() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "queries/reports/organisation_options.sql",
        OPTIONS,
    );
    let mut watcher = Watcher::new(Source::bare(dir.path()));
    let first = watcher.catalog();
    let start = Instant::now();
    assert_eq!(watcher.poll(start, |_| Vec::new()), None);
    // An edit is seen, though not within the same second.
    let edited = OPTIONS.replace("-- Title: t", "-- Title: Другое название");
    write(
        dir.path(),
        "queries/reports/organisation_options.sql",
        &edited,
    );
    assert_eq!(
        watcher.poll(start + Duration::from_millis(500), |_| Vec::new()),
        None
    );
    let second = watcher
        .poll(start + Duration::from_secs(1), |_| Vec::new())
        .unwrap();
    assert_eq!(
        second.reports["organisation_options"].title,
        "Другое название"
    );
    assert_ne!(first, second);
    // A mistake is told and changes nothing; so does one that only the engine finds.
    write(
        dir.path(),
        "queries/reports/organisation_options.sql",
        "select 1, 2\n",
    );
    assert_eq!(
        watcher.poll(start + Duration::from_secs(2), |_| Vec::new()),
        None
    );
    assert_eq!(watcher.problems().len(), 4);
    assert_eq!(watcher.catalog(), second);
    write(
        dir.path(),
        "queries/reports/organisation_options.sql",
        OPTIONS,
    );
    let found = Problem {
        file: "queries/reports/organisation_options.sql".to_owned(),
        line: 6,
        column: 8,
        message: "no field".to_owned(),
    };
    let told = vec![found.clone()];
    assert_eq!(watcher.poll(start + Duration::from_secs(3), |_| told), None);
    assert_eq!(watcher.problems(), [found]);
    // Mended.
    write(dir.path(), "queries/reports/added.sql", OPTIONS);
    let third = watcher
        .poll(start + Duration::from_secs(4), |_| Vec::new())
        .unwrap();
    assert_eq!(watcher.problems(), []);
    assert_eq!(third.reports.len(), 2);
}
