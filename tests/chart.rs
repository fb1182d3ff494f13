//! Pictures: what every one of them must hold, and a gallery to look at.

use proptest::prelude::*;
use std::collections::BTreeSet;
use svodka_chart::{
    Bar, BarMark, Bin, CSS, Calendar, CalendarDay, Chart, Grid, GridRow, Histogram, Line, NO_DATA,
    NOT_FROM_ZERO, Part, Picture, Point, Reference, Role, Series, Sparkline, Stacked, StackedRow,
    Step, TEXT_SIZE, Tone, Width, render, render_responsive, standalone, text_width,
};
use svodka_journal::Day;
use svodka_table::Unit;

const WIDTHS: [Width; 4] = [Width::NARROW, Width::HALF, Width::WIDE, Width::FULL];

fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_civil(year, month, day).unwrap()
}

fn chart(id: &str, title: &str, picture: Picture) -> Chart {
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        description: String::new(),
        picture,
    }
}

/// A number between 0 and 1 that depends on the seed only.
fn noise(seed: u32) -> f64 {
    let mixed = seed.wrapping_mul(2_654_435_761) ^ (seed << 13);
    f64::from(mixed.wrapping_mul(2_246_822_519) >> 16) / 65_535.0
}

fn holidays() -> Vec<(Day, Day)> {
    vec![
        (day(2025, 10, 25), day(2025, 11, 4)),
        (day(2025, 12, 31), day(2026, 1, 11)),
        (day(2026, 2, 23), day(2026, 2, 23)),
        (day(2026, 3, 28), day(2026, 4, 5)),
        (day(2026, 5, 1), day(2026, 5, 3)),
        (day(2026, 5, 9), day(2026, 5, 11)),
    ]
}

fn is_school_day(it: Day) -> bool {
    it.weekday() <= 6 && !holidays().iter().any(|span| it >= span.0 && it <= span.1)
}

fn line(unit: Unit, step: Step, series: Vec<Series>) -> Line {
    Line {
        unit,
        step,
        series,
        days_off: holidays(),
        reference: None,
        span: None,
        domain: None,
    }
}

fn series(title: &str, role: Role, points: Vec<Point>) -> Series {
    Series {
        title: title.to_owned(),
        role,
        points,
    }
}

fn weekly(first: Day, count: u32, base: f64, seed: u32, bounds: bool) -> Vec<Point> {
    (0..count)
        .filter_map(|week| {
            let monday = first.plus(week as i32 * 7);
            if !is_school_day(monday.plus(2)) {
                return None;
            }
            let value = base - 0.03 * (f64::from(week) / 6.0).sin() + 0.02 * noise(seed + week);
            let mut point = Point::new(monday, Some(value));
            if bounds {
                let unrecorded = 0.004 + 0.002 * f64::from(week) * noise(seed + week + 77);
                point.low = Some(value - unrecorded);
                point.high = Some((value + unrecorded).min(1.0));
            }
            Some(point)
        })
        .collect()
}

/// Every kind, several of some: what the gallery shows and what the properties are checked on.
fn gallery() -> Vec<(&'static str, Chart)> {
    let september = day(2025, 9, 1);
    let mut charts = Vec::new();

    let one = line(
        Unit::Share,
        Step::Week,
        vec![series(
            "Посещаемость",
            Role::Main,
            weekly(september, 36, 0.92, 1, true),
        )],
    );
    charts.push((
        "Посещаемость по неделям, %, полоса — границы от неотмеченных занятий",
        chart(
            "line-weeks",
            "Как менялась посещаемость за год",
            Picture::Line(one),
        ),
    ));

    let mut many = line(
        Unit::Share,
        Step::Week,
        vec![
            series(
                "Прошлый год",
                Role::Context,
                weekly(september, 38, 0.90, 400, false),
            ),
            series(
                "Школа № 7",
                Role::Main,
                weekly(september, 30, 0.93, 2, false),
            ),
            series(
                "Технопарк «Орбита»",
                Role::Main,
                weekly(september, 30, 0.925, 90, false),
            ),
            series(
                "ДДТ «Радуга»",
                Role::Main,
                weekly(september, 30, 0.88, 200, false),
            ),
        ],
    );
    many.reference = Some(Reference {
        value: 0.90,
        label: "Муниципалитет".to_owned(),
    });
    charts.push((
        "Посещаемость учреждений по неделям, %",
        chart("line-many", "Кто ниже муниципалитета", Picture::Line(many)),
    ));

    let days: Vec<Point> = (0..26)
        .map(|it| day(2025, 10, 1).plus(it))
        .filter(|it| is_school_day(*it))
        .map(|it| {
            Point::new(
                it,
                (it.0 % 11 != 0).then(|| 0.9 + 0.05 * noise(it.0 as u32)),
            )
        })
        .collect();
    let mut daily = line(Unit::Share, Step::Day, vec![series("", Role::Main, days)]);
    daily.days_off.extend([
        (day(2025, 10, 5), day(2025, 10, 5)),
        (day(2025, 10, 12), day(2025, 10, 12)),
        (day(2025, 10, 19), day(2025, 10, 19)),
    ]);
    charts.push((
        "Посещаемость по дням, %, октябрь 2025",
        chart("line-days", "Посещаемость по дням", Picture::Line(daily)),
    ));

    let known: Vec<Point> = (0..5)
        .map(|it| Point::new(day(2025, 9 + it, 1).min(day(2025, 12, 1)), None).day)
        .enumerate()
        .take(4)
        .map(|(place, first)| Point::new(first, Some(14.0 + 15.5 * place as f64)))
        .collect();
    let forecast: Vec<Point> = [(2026, 1), (2026, 2), (2026, 3), (2026, 4), (2026, 5)]
        .into_iter()
        .enumerate()
        .map(|(place, (year, month))| {
            let value = 60.5 + 14.0 * (place + 1) as f64;
            let reach = 2.5 * (place + 1) as f64;
            Point {
                low: Some(value - reach),
                high: Some(value + reach),
                ..Point::new(day(year, month, 1), Some(value))
            }
        })
        .collect();
    let mut programme = line(
        Unit::Hours,
        Step::Month,
        vec![
            series("Проведено", Role::Main, known),
            series("прогноз", Role::Forecast, forecast),
        ],
    );
    programme.days_off.clear();
    programme.reference = Some(Reference {
        value: 144.0,
        label: "По программе".to_owned(),
    });
    charts.push((
        "Проведено часов с начала года, ч",
        chart(
            "line-forecast",
            "Будет ли программа выполнена",
            Picture::Line(programme),
        ),
    ));

    let names = [
        "Школа № 7",
        "Школа № 12 имени космонавтов",
        "Дом детского творчества «Радуга»",
        "Технопарк «Орбита»",
        "Реабилитационный центр «Берег»",
        "Лицей № 3",
        "Гимназия № 1",
    ];
    let bars = names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let value = 0.962 - 0.031 * place as f64;
            BarMark {
                label: (*name).to_owned(),
                value: Some(value),
                low: Some(value - 0.01 - 0.004 * place as f64),
                high: Some(value + 0.012),
                href: Some(format!("/dashboards/attendance?org={place}")),
                note: "37 занятий не отмечены".to_owned(),
                ..BarMark::default()
            }
        })
        .collect();
    charts.push((
        "Посещаемость за октябрь, %, черта — границы от неотмеченных",
        chart(
            "bar-links",
            "Где посещаемость ниже",
            Picture::Bar(Bar {
                unit: Unit::Share,
                bars,
                reference: Some(Reference {
                    value: 0.914,
                    label: "Муниципалитет".to_owned(),
                }),
            }),
        ),
    ));

    let points = [
        ("5А", 0.012),
        ("5Б", -0.021),
        ("6А", 0.003),
        ("6Б", -0.047),
        ("7А", 0.0),
    ];
    let mut bars: Vec<BarMark> = points
        .iter()
        .map(|(label, value)| BarMark {
            label: (*label).to_owned(),
            value: Some(*value),
            is_emphasised: *label == "6Б",
            ..BarMark::default()
        })
        .collect();
    bars.push(BarMark {
        label: "7Б".to_owned(),
        ..BarMark::default()
    });
    charts.push((
        "Изменение посещаемости к сентябрю, п. п.",
        chart(
            "bar-points",
            "Какие классы ушли вниз",
            Picture::Bar(Bar {
                unit: Unit::Points,
                bars,
                reference: None,
            }),
        ),
    ));

    let parts = vec![
        Part {
            title: "Присутствовали".to_owned(),
            tone: Tone::First,
        },
        Part {
            title: "Опоздали".to_owned(),
            tone: Tone::Third,
        },
        Part {
            title: "Отсутствовали".to_owned(),
            tone: Tone::Second,
        },
        Part {
            title: "Освобождены".to_owned(),
            tone: Tone::Context,
        },
        Part {
            title: "Не отмечены".to_owned(),
            tone: Tone::Unrecorded,
        },
    ];
    let rows: Vec<StackedRow> = names
        .iter()
        .take(5)
        .enumerate()
        .map(|(place, name)| {
            let place = place as f64;
            StackedRow {
                label: (*name).to_owned(),
                values: vec![
                    8_200.0 - 1_400.0 * place,
                    220.0,
                    700.0 + 90.0 * place,
                    120.0,
                    40.0 + 260.0 * place,
                ],
                href: Some(format!("/dashboards/attendance?org={place}")),
            }
        })
        .collect();
    charts.push((
        "Отметки за октябрь, доля",
        chart(
            "stacked-whole",
            "Из чего складываются отметки",
            Picture::Stacked(Stacked {
                unit: Unit::Count,
                is_whole: true,
                parts: parts.clone(),
                rows: rows.clone(),
            }),
        ),
    ));
    charts.push((
        "Отметки за октябрь, число",
        chart(
            "stacked-count",
            "Сколько отметок",
            Picture::Stacked(Stacked {
                unit: Unit::Count,
                is_whole: false,
                parts,
                rows,
            }),
        ),
    ));

    let days: Vec<CalendarDay> = (september.0..=day(2026, 4, 20).0)
        .map(Day)
        .filter(|it| is_school_day(*it))
        .map(|it| {
            let wave = if (day(2025, 11, 24)..day(2025, 12, 13)).contains(&it) {
                0.08
            } else {
                0.0
            };
            let value = 0.05 + wave + 0.05 * noise(it.0 as u32);
            CalendarDay {
                day: it,
                value: (it.0 % 29 != 0).then_some(value),
                note: "отсутствовали 43 из 512".to_owned(),
                href: None,
            }
        })
        .collect();
    charts.push((
        "Доля отсутствовавших по дням, %",
        chart(
            "calendar",
            "Когда болели",
            Picture::Calendar(Calendar {
                unit: Unit::Share,
                span: None,
                days,
                days_off: holidays(),
                is_low_strong: false,
            }),
        ),
    ));

    let columns: Vec<String> = ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб"]
        .map(str::to_owned)
        .to_vec();
    let rows = (1..=7)
        .map(|lesson| GridRow {
            label: format!("{lesson}-й урок"),
            values: (0..6)
                .map(|weekday| {
                    (lesson < 7 || weekday < 4).then(|| {
                        0.96 - 0.012 * f64::from(lesson) - 0.03 * noise(lesson * 7 + weekday)
                    })
                })
                .collect(),
            href: None,
        })
        .collect();
    charts.push((
        "Посещаемость по урокам и дням недели, %",
        chart(
            "grid",
            "На каких уроках меньше детей",
            Picture::Grid(Grid {
                unit: Unit::Share,
                columns,
                rows,
                is_low_strong: true,
            }),
        ),
    ));

    let values: Vec<f64> = (0..180)
        .map(|it| 0.78 + 0.22 * (noise(it) + noise(it + 500) + noise(it + 900)) / 3.0)
        .collect();
    let mut histogram = Histogram::of(&values, Unit::Share, ["группа", "группы", "групп"], 14);
    histogram.reference = Some(Reference {
        value: 0.894,
        label: "Среднее".to_owned(),
    });
    charts.push((
        "Сколько групп с такой посещаемостью",
        chart(
            "histogram",
            "Как распределены группы",
            Picture::Histogram(histogram),
        ),
    ));

    let values = (0..24)
        .map(|it| (it != 9).then(|| 0.9 + 0.06 * noise(it)))
        .collect();
    charts.push((
        "Линия в строке таблицы",
        chart(
            "sparkline",
            "Посещаемость 5Б",
            Picture::Sparkline(Sparkline {
                unit: Unit::Share,
                values,
                domain: None,
            }),
        ),
    ));

    charts.push((
        "Пусто",
        chart(
            "empty",
            "Посещаемость за июль",
            Picture::Line(line(Unit::Share, Step::Day, vec![])),
        ),
    ));
    charts
}

/// Writes the gallery next to the test binary; open it to look at all kinds.
#[test]
fn the_gallery_shows_every_kind() {
    let charts = gallery();
    let shown: BTreeSet<&str> = charts.iter().map(|it| it.1.picture.kind()).collect();
    assert_eq!(shown, Picture::KINDS.into_iter().collect());
    let mut page = format!(
        "<!doctype html><html lang=\"ru\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <style>{CSS}\nbody{{font:16px/1.5 system-ui,sans-serif;max-width:1120px;margin:16px auto;\
         padding:0 16px;background:#fff;color:#1f2428}}\
         h2{{font-size:18px;margin:36px 0 0}}p{{margin:0 0 12px;color:#565f67;font-size:14px}}\
         @media (prefers-color-scheme:dark){{body{{background:#15181b;color:#e8eaec}}\
         p{{color:#a9b0b7}}}}</style>"
    );
    for (subtitle, chart) in &charts {
        page.push_str(&format!("<h2>{}</h2><p>{subtitle}</p>", chart.title));
        page.push_str(&render_responsive(chart, Width::WIDE));
    }
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts.html");
    std::fs::write(path, page).unwrap();
}

/// One tag of a picture.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|it| it.0 == name)
            .map(|it| it.1)
    }

    fn number(&self, name: &str) -> f64 {
        self.get(name).map_or(0.0, |it| it.parse().unwrap())
    }
}

/// The opening tags in order, with the text behind each; panics where tags do not match.
fn tags_of(svg: &str) -> Vec<(Tag<'_>, &str)> {
    let mut tags = Vec::new();
    let mut open = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (inside, text) = piece.split_once('>').expect("every tag is closed");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (inside, is_single) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        if !is_single {
            open.push(name);
        }
        let mut attributes = Vec::new();
        while let Some((attribute, after)) = rest.trim_start().split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a quoted value");
            attributes.push((attribute, value));
            rest = after;
        }
        assert_eq!(rest.trim(), "");
        tags.push((Tag { name, attributes }, text));
    }
    assert!(open.is_empty());
    tags
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// What holds for every picture, whatever it shows.
fn check_properties(svg: &str) {
    let tags = tags_of(svg);
    let root = &tags[0].0;
    let known = [
        "class",
        "id",
        "viewBox",
        "width",
        "height",
        "role",
        "aria-labelledby",
        "xmlns",
    ];
    assert!(root.attributes.iter().all(|it| known.contains(&it.0)));
    assert!(matches!(root.get("role"), Some("img" | "group")));
    let size: Vec<f64> = root
        .get("viewBox")
        .unwrap()
        .split(' ')
        .map(|it| it.parse().unwrap())
        .collect();
    let (width, height) = (size[2], size[3]);

    let mut ids = BTreeSet::new();
    for (tag, text) in &tags {
        if let Some(id) = tag.get("id") {
            assert!(ids.insert(id), "{id} twice");
        }
        for (name, value) in &tag.attributes {
            assert!(*name != "style" && !name.starts_with("on"), "{name}");
            // Colours live in the style sheet; the only paint here is our own pattern.
            if ["fill", "stroke", "color"].contains(name) {
                assert!(
                    value.starts_with("url(#") && value.ends_with("-hatch)"),
                    "{value}"
                );
            }
            if ["x", "y", "width", "height", "cx", "cy", "r"].contains(name) {
                assert!(value.parse::<f64>().unwrap().is_finite());
            }
            if *name == "d" {
                assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
            }
            if *name == "class" {
                for class in value.split(' ').filter(|it| !it.starts_with("chart")) {
                    // Marks, tracks and unrecorded cells get their looks from what is in them.
                    let is_styled = CSS.contains(&format!(".{class}")) || class == "un";
                    assert!(is_styled, "class {class} is not in the style sheet");
                }
            }
        }
        assert!(tag.name != "script" && tag.name != "style" && tag.name != "image");
        if tag.name == "text" {
            let letters = text_width(&unescaped(text));
            let (x, y) = (tag.number("x"), tag.number("y"));
            let left = match tag.get("text-anchor") {
                None => x,
                Some("middle") => x - letters / 2.0,
                Some("end") => x - letters,
                Some(other) => panic!("{other}"),
            };
            assert!(
                left >= -0.1 && left + letters <= width + 0.6,
                "{text:?} leaves the sheet"
            );
            assert!(
                y >= TEXT_SIZE * 0.7 && y <= height,
                "{text:?} at {y} of {height}"
            );
        }
        if tag.get("class") == Some("mk") {
            assert!(tag.get("data-tip").is_some_and(|tip| !tip.is_empty()));
        }
    }
    // Every mark is followed by its title.
    for pair in tags.windows(2) {
        if pair[0].0.get("class") == Some("mk") {
            assert_eq!(pair[1].0.name, "title");
            assert!(!pair[1].1.is_empty());
        }
    }
    for id in root.get("aria-labelledby").unwrap().split(' ') {
        let named = tags.iter().find(|it| it.0.get("id") == Some(id)).unwrap();
        assert!(["title", "desc"].contains(&named.0.name));
        assert!(!named.1.is_empty(), "{id} says nothing");
    }
    // An image has no parts: nothing in it takes the focus.
    if root.get("role") == Some("img") {
        assert!(
            tags.iter()
                .all(|it| it.0.get("tabindex").is_none() && it.0.get("href").is_none())
        );
    }
}

#[test]
fn every_picture_keeps_the_rules_at_every_width() {
    for (_, chart) in gallery() {
        for width in WIDTHS {
            check_properties(&render(&chart, width));
        }
    }
}

#[test]
fn two_renderings_on_one_page_share_no_id() {
    for (_, chart) in gallery() {
        let pair = render_responsive(&chart, Width::WIDE);
        let ids: Vec<&str> = tags_of(&pair)
            .iter()
            .filter_map(|it| it.0.get("id"))
            .collect();
        assert_eq!(
            ids.len(),
            ids.iter().collect::<BTreeSet<_>>().len(),
            "{}",
            chart.id
        );
    }
}

#[test]
fn a_file_of_its_own_brings_its_style() {
    let (_, chart) = gallery().remove(0);
    let file = standalone(&chart, Width::WIDE);
    assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(file.contains("<style>.chart{"));
    // The style sheet must survive inside XML as it is.
    assert!(!CSS.contains('<') && !CSS.contains('&'));
}

/// Attributes of the marks of one class.
fn rects<'a>(svg: &'a str, class: &str) -> Vec<Tag<'a>> {
    tags_of(svg)
        .into_iter()
        .map(|it| it.0)
        .filter(|tag| tag.name == "rect" && tag.get("class") == Some(class))
        .collect()
}

fn bars_of(values: &[f64]) -> Chart {
    let bars = values
        .iter()
        .map(|value| BarMark {
            label: "А".to_owned(),
            value: Some(*value),
            ..BarMark::default()
        })
        .collect();
    chart(
        "b",
        "Часы",
        Picture::Bar(Bar {
            unit: Unit::Hours,
            bars,
            reference: None,
        }),
    )
}

#[test]
fn bars_start_at_zero() {
    let svg = render(&bars_of(&[40.0, 80.0, 60.0]), Width::WIDE);
    let bars = rects(&svg, "f1");
    assert!(bars.iter().all(|it| it.number("x") == bars[0].number("x")));
    let widths: Vec<f64> = bars.iter().map(|it| it.number("width")).collect();
    assert!((widths[1] - 2.0 * widths[0]).abs() < 0.3, "{widths:?}");
    assert!((widths[1] * 0.75 - widths[2]).abs() < 0.3, "{widths:?}");

    let svg = render(&bars_of(&[-40.0, 80.0]), Width::WIDE);
    let bars = rects(&svg, "f1");
    let zero = bars[1].number("x");
    assert!((bars[0].number("x") + bars[0].number("width") - zero).abs() < 0.2);
    assert!((bars[1].number("width") - 2.0 * bars[0].number("width")).abs() < 0.3);

    let (_, histogram) = gallery()
        .into_iter()
        .find(|it| it.1.id == "histogram")
        .unwrap();
    let svg = render(&histogram, Width::WIDE);
    let floors: BTreeSet<String> = rects(&svg, "f1")
        .iter()
        .map(|it| format!("{:.0}", it.number("y") + it.number("height")))
        .collect();
    assert_eq!(floors.len(), 1);
}

#[test]
fn a_line_says_where_it_does_not_start_at_zero() {
    let draw = |low: f64, high: f64| {
        let points = vec![
            Point::new(day(2025, 9, 1), Some(low)),
            Point::new(day(2025, 9, 8), Some(high)),
        ];
        let picture = line(
            Unit::Share,
            Step::Week,
            vec![series("", Role::Main, points)],
        );
        render(&chart("l", "Доля", Picture::Line(picture)), Width::WIDE)
    };
    assert!(draw(0.9, 0.95).contains(NOT_FROM_ZERO));
    assert!(!draw(0.1, 0.95).contains(NOT_FROM_ZERO));
}

#[test]
fn missing_values_are_gaps_not_zeros() {
    let points: Vec<Point> = [
        Some(0.9),
        Some(0.92),
        None,
        Some(0.91),
        Some(f64::NAN),
        Some(0.93),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, value)| Point::new(day(2025, 9, 1).plus(place as i32), value))
    .collect();
    let picture = line(Unit::Share, Step::Day, vec![series("", Role::Main, points)]);
    let svg = render(&chart("l", "Доля", Picture::Line(picture)), Width::WIDE);
    // One piece of line before the first gap; the lonely days are dots.
    let tags = tags_of(&svg);
    assert_eq!(
        tags.iter()
            .filter(|it| it.0.get("class") == Some("l1"))
            .count(),
        1
    );
    assert!(!svg.contains(";0,0\u{a0}%"));
}

#[test]
fn hover_says_the_day_the_value_and_its_bounds() {
    let mut point = Point::new(day(2025, 10, 6), Some(0.914));
    (point.low, point.high) = (Some(0.908), Some(0.93));
    point.note = "37 занятий не отмечены".to_owned();
    let draw = |step: Step| {
        let picture = line(
            Unit::Share,
            step,
            vec![series("5Б", Role::Main, vec![point.clone()])],
        );
        render(&chart("l", "Доля", Picture::Line(picture)), Width::WIDE)
    };
    let rest = "&#10;5Б: 91,4\u{a0}% (90,8–93,0\u{a0}%), 37 занятий не отмечены\"";
    for (step, head) in [
        (Step::Day, "Пн, 6\u{a0}окт 2025"),
        (Step::Week, "6–12\u{a0}окт 2025"),
        (Step::Month, "октябрь 2025"),
    ] {
        assert!(
            draw(step).contains(&format!("data-tip=\"{head}{rest}")),
            "{head}"
        );
    }
}

#[test]
fn unrecorded_is_hatched_and_never_a_colour() {
    let (_, whole) = gallery()
        .into_iter()
        .find(|it| it.1.id == "stacked-whole")
        .unwrap();
    let svg = render(&whole, Width::WIDE);
    let hatched = rects(&svg, "un");
    // One key and five rows.
    assert_eq!(hatched.len(), 6);
    assert!(
        hatched
            .iter()
            .all(|it| it.get("fill") == Some("url(#stacked-whole-hatch)"))
    );
    assert!(svg.contains("<pattern id=\"stacked-whole-hatch\""));
}

#[test]
fn a_calendar_reads_monday_to_saturday() {
    // 1 September 2025 is a Monday, the 6th a Saturday, the 7th a Sunday.
    let days = [1, 6, 7, 8]
        .map(|number| CalendarDay {
            day: day(2025, 9, number),
            value: Some(0.9 + 0.01 * f64::from(number)),
            note: String::new(),
            href: None,
        })
        .to_vec();
    let calendar = Calendar {
        unit: Unit::Share,
        span: None,
        days,
        days_off: vec![],
        is_low_strong: false,
    };
    let svg = render(&chart("c", "Дни", Picture::Calendar(calendar)), Width::WIDE);
    let tags = tags_of(&svg);
    let cells: Vec<(f64, f64)> = tags
        .windows(3)
        .filter(|it| it[0].0.get("class") == Some("mk"))
        .map(|it| (it[2].0.number("x"), it[2].0.number("y")))
        .collect();
    assert_eq!(cells.len(), 3, "Sunday is not drawn");
    let (monday, saturday, next_monday) = (cells[0], cells[1], cells[2]);
    assert_eq!(monday.0, saturday.0);
    assert!(saturday.1 > monday.1);
    assert_eq!(monday.1, next_monday.1);
    assert!(next_monday.0 > monday.0);
    for name in ["Пн", "Сб", "сен", "май"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}");
    }
    assert!(!svg.contains(">Вс</text>"));
}

#[test]
fn nothing_to_show_is_said_calmly() {
    let day_without = CalendarDay {
        day: day(2025, 9, 7),
        value: None,
        note: String::new(),
        href: None,
    };
    let calendar = |days| Calendar {
        unit: Unit::Share,
        span: None,
        days,
        days_off: vec![],
        is_low_strong: false,
    };
    let pictures = [
        Picture::Line(line(Unit::Share, Step::Day, vec![])),
        Picture::Line(line(
            Unit::Share,
            Step::Day,
            vec![series(
                "5Б",
                Role::Main,
                vec![Point::new(day(2025, 9, 1), Some(f64::NAN))],
            )],
        )),
        Picture::Bar(Bar {
            unit: Unit::Count,
            bars: vec![BarMark::default()],
            reference: None,
        }),
        Picture::Stacked(Stacked {
            unit: Unit::Count,
            is_whole: true,
            parts: vec![Part {
                title: "Есть".to_owned(),
                tone: Tone::First,
            }],
            rows: vec![StackedRow {
                values: vec![0.0],
                ..StackedRow::default()
            }],
        }),
        Picture::Calendar(calendar(vec![])),
        Picture::Calendar(calendar(vec![day_without])),
        Picture::Grid(Grid {
            unit: Unit::Share,
            columns: vec![],
            rows: vec![],
            is_low_strong: false,
        }),
        Picture::Histogram(Histogram::of(
            &[],
            Unit::Share,
            ["группа", "группы", "групп"],
            10,
        )),
    ];
    for picture in pictures {
        let svg = render(&chart("e", "Пусто", picture.clone()), Width::NARROW);
        assert!(svg.contains(&format!(">{NO_DATA}</text>")), "{picture:?}");
        check_properties(&svg);
    }
}

#[test]
fn links_lead_to_our_own_pages_only() {
    let address = |href: &str| {
        let bar = BarMark {
            label: "5Б".to_owned(),
            value: Some(1.0),
            href: Some(href.to_owned()),
            ..BarMark::default()
        };
        let picture = Bar {
            unit: Unit::Count,
            bars: vec![bar],
            reference: None,
        };
        let svg = render(&chart("b", "Часы", Picture::Bar(picture)), Width::WIDE);
        svg.contains("<a ")
    };
    assert!(address("/dashboards/attendance?org=1&group=2"));
    assert!(address("?group=2"));
    assert!(!address("javascript:alert(1)"));
    assert!(!address("https://example.org/"));
    assert!(!address("//example.org/"));
    assert!(!address("/\\example.org/"));
}

#[test]
fn a_histogram_counts_every_value_once() {
    let values = [0.0, 0.1, 0.25, 0.5, 0.99, 1.0, f64::NAN];
    let histogram = Histogram::of(&values, Unit::Share, ["группа", "группы", "групп"], 4);
    let counts: Vec<u64> = histogram.bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [2, 1, 1, 2]);
    assert_eq!(
        histogram.bins[0],
        Bin {
            from: 0.0,
            to: 0.25,
            count: 2
        }
    );
}

/// Colours of the style sheet, the light ones and the dark ones.
fn colours_of(theme: &str) -> std::collections::BTreeMap<String, String> {
    let start = CSS.find(theme).unwrap();
    let block = &CSS[start..start + CSS[start..].find('}').unwrap()];
    block
        .split(['{', ';', '\n'])
        .filter_map(|it| it.trim().split_once(':'))
        .filter(|it| it.0.starts_with("--chart-") && it.1.starts_with('#'))
        .map(|it| {
            (
                it.0.trim_start_matches("--chart-").to_owned(),
                it.1.to_owned(),
            )
        })
        .collect()
}

/// Contrast by WCAG 2: 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |place: usize| {
            let value = f64::from(u8::from_str_radix(&colour[place..place + 2], 16).unwrap());
            let value = value / 255.0;
            if value <= 0.039_28 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn letters_and_marks_have_contrast_in_light_and_dark() {
    for theme in [".chart{", "@media screen and (prefers-color-scheme:dark)"] {
        let colours = colours_of(theme);
        let check = |front: &str, back: &str, least: f64| {
            let found = contrast(&colours[front], &colours[back]);
            assert!(
                found >= least,
                "{theme} {front} on {back}: {found:.2} < {least}"
            );
        };
        for letters in ["text", "muted", "1-text", "2-text", "3-text"] {
            check(letters, "paper", 4.5);
            check(letters, "off", 4.5);
        }
        for place in ["1", "2", "3", "context"] {
            check(&format!("on-{place}"), place, 4.5);
        }
        for place in ["q1", "q2", "q3", "q4", "q5"] {
            check(&format!("on-{place}"), place, 4.5);
        }
        for mark in ["1", "2", "3"] {
            check(mark, "paper", 3.0);
        }
        // Steps grow away from the paper, each apart from the one before.
        for pair in ["q1", "q2", "q3", "q4", "q5"].windows(2) {
            check(pair[0], pair[1], 1.25);
        }
    }
}

#[test]
fn a_small_picture_is_exactly_this() {
    let sparkline = Sparkline {
        unit: Unit::Share,
        values: vec![Some(0.90), Some(0.95), None, Some(0.92)],
        domain: None,
    };
    let svg = render(
        &chart("s", "5Б < 6А", Picture::Sparkline(sparkline)),
        Width::WIDE,
    );
    insta::assert_snapshot!(svg.replace("><", ">\n<"), @r#"
    <svg xmlns="http://www.w3.org/2000/svg" class="chart chart-sparkline" id="s" viewBox="0 0 96 24" width="96" height="24" role="img" aria-labelledby="s-title s-desc">
    <title id="s-title">5Б &lt; 6А</title>
    <desc id="s-desc">от 90,0 % к 92,0 %</desc>
    <path class="l1 sp" d="M3 20L32.3 4"/>
    <circle class="f1" cx="91" cy="13.6" r="2.5"/>
    </svg>
    "#);
    insta::assert_snapshot!(render(&bars_of(&[40.0]), Width(200)).replace("><", ">\n<"), @r#"
    <svg xmlns="http://www.w3.org/2000/svg" class="chart chart-bar" id="b" viewBox="0 0 200 32" width="200" height="32" role="group" aria-labelledby="b-title b-desc">
    <title id="b-title">Часы</title>
    <desc id="b-desc">Столбцы, 1: от 40 ч (А) до 40 ч (А).</desc>
    <g class="mk" tabindex="0" role="img" aria-label="А; 40 ч" data-tip="А&#10;40 ч">
    <title>А&#10;40 ч</title>
    <rect class="hit" x="0" y="2" width="200" height="26"/>
    <text class="t" x="8.2" y="19.5" text-anchor="end">А</text>
    <rect class="f1" x="18.2" y="6" width="111.8" height="18"/>
    <text class="t th" x="136" y="19.5">40 ч</text>
    </g>
    <path class="ax" d="M18.2 2V28"/>
    </svg>
    "#);
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e3..1e3_f64,
        3 => 0.0..1.0_f64,
        1 => Just(0.0),
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e15, -1e15, 1e-300, 1.0, 5e-324, f64::MAX,
        ]),
    ]
}

fn any_label() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[А-Яа-я0-9 «»№-]{0,24}",
        1 => "[А-Я]{200,400}",
        1 => any::<String>(),
        1 => Just("<b>&\"'\u{1b}\n\u{0}".to_owned()),
    ]
}

fn any_day() -> impl Strategy<Value = Day> {
    prop_oneof![8 => (20_300..20_700_i32).prop_map(Day), 1 => any::<i32>().prop_map(Day)]
}

fn any_unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(Unit::ALL.to_vec())
}

fn any_reference() -> impl Strategy<Value = Option<Reference>> {
    prop::option::of(
        (any_number(), any_label()).prop_map(|(value, label)| Reference { value, label }),
    )
}

fn any_spans() -> impl Strategy<Value = Vec<(Day, Day)>> {
    prop::collection::vec((any_day(), any_day()), 0..4)
}

fn any_line() -> impl Strategy<Value = Picture> {
    let point = (
        any_day(),
        prop::option::of(any_number()),
        prop::option::of(any_number()),
        prop::option::of(any_number()),
        any_label(),
    )
        .prop_map(|(day, value, low, high, note)| Point {
            day,
            value,
            low,
            high,
            note,
        });
    let role = prop::sample::select(vec![Role::Main, Role::Context, Role::Forecast]);
    let series = (any_label(), role, prop::collection::vec(point, 0..12)).prop_map(
        |(title, role, points)| Series {
            title,
            role,
            points,
        },
    );
    (
        any_unit(),
        prop::sample::select(vec![Step::Day, Step::Week, Step::Month]),
        prop::collection::vec(series, 0..6),
        any_spans(),
        any_reference(),
        prop::option::of((any_day(), any_day())),
        prop::option::of((any_number(), any_number())),
    )
        .prop_map(|(unit, step, series, days_off, reference, span, domain)| {
            Picture::Line(Line {
                unit,
                step,
                series,
                days_off,
                reference,
                span,
                domain,
            })
        })
}

fn any_bar() -> impl Strategy<Value = Picture> {
    let bar = (
        any_label(),
        prop::option::of(any_number()),
        prop::option::of(any_number()),
        prop::option::of(any_number()),
        prop::option::of(any_label()),
        any::<bool>(),
        any_label(),
    )
        .prop_map(
            |(label, value, low, high, href, is_emphasised, note)| BarMark {
                label,
                value,
                low,
                high,
                href: href.map(|it| format!("/{it}")),
                is_emphasised,
                note,
            },
        );
    (
        any_unit(),
        prop::collection::vec(bar, 0..8),
        any_reference(),
    )
        .prop_map(|(unit, bars, reference)| {
            Picture::Bar(Bar {
                unit,
                bars,
                reference,
            })
        })
}

fn any_stacked() -> impl Strategy<Value = Picture> {
    let tone = prop::sample::select(vec![
        Tone::First,
        Tone::Second,
        Tone::Third,
        Tone::Context,
        Tone::Unrecorded,
    ]);
    let part = (any_label(), tone).prop_map(|(title, tone)| Part { title, tone });
    let row =
        (any_label(), prop::collection::vec(any_number(), 0..6)).prop_map(|(label, values)| {
            StackedRow {
                label,
                values,
                href: None,
            }
        });
    (
        any_unit(),
        any::<bool>(),
        prop::collection::vec(part, 0..6),
        prop::collection::vec(row, 0..6),
    )
        .prop_map(|(unit, is_whole, parts, rows)| {
            Picture::Stacked(Stacked {
                unit,
                is_whole,
                parts,
                rows,
            })
        })
}

fn any_calendar() -> impl Strategy<Value = Picture> {
    let one =
        (any_day(), prop::option::of(any_number()), any_label()).prop_map(|(day, value, note)| {
            CalendarDay {
                day,
                value,
                note,
                href: None,
            }
        });
    (
        any_unit(),
        prop::option::of((any_day(), any_day())),
        prop::collection::vec(one, 0..20),
        any_spans(),
        any::<bool>(),
    )
        .prop_map(|(unit, span, days, days_off, is_low_strong)| {
            Picture::Calendar(Calendar {
                unit,
                span,
                days,
                days_off,
                is_low_strong,
            })
        })
}

fn any_grid() -> impl Strategy<Value = Picture> {
    let row = (
        any_label(),
        prop::collection::vec(prop::option::of(any_number()), 0..12),
    )
        .prop_map(|(label, values)| GridRow {
            label,
            values,
            href: None,
        });
    (
        any_unit(),
        prop::collection::vec(any_label(), 0..40),
        prop::collection::vec(row, 0..6),
        any::<bool>(),
    )
        .prop_map(|(unit, columns, rows, is_low_strong)| {
            Picture::Grid(Grid {
                unit,
                columns,
                rows,
                is_low_strong,
            })
        })
}

fn any_histogram() -> impl Strategy<Value = Picture> {
    let bin = (any_number(), any_number(), any::<u64>()).prop_map(|(from, to, count)| Bin {
        from,
        to,
        count,
    });
    prop_oneof![
        (
            any_unit(),
            prop::collection::vec(bin, 0..8),
            any_reference()
        )
            .prop_map(|(unit, bins, reference)| {
                let counted = ["группа", "группы", "групп"].map(str::to_owned);
                Picture::Histogram(Histogram {
                    unit,
                    bins,
                    counted,
                    reference,
                })
            }),
        (
            any_unit(),
            prop::collection::vec(any_number(), 0..40),
            0..60_usize
        )
            .prop_map(|(unit, values, count_bins)| {
                let counted = ["группа", "группы", "групп"];
                Picture::Histogram(Histogram::of(&values, unit, counted, count_bins))
            }),
    ]
}

fn any_sparkline() -> impl Strategy<Value = Picture> {
    (
        any_unit(),
        prop::collection::vec(prop::option::of(any_number()), 0..30),
        prop::option::of((any_number(), any_number())),
    )
        .prop_map(|(unit, values, domain)| {
            Picture::Sparkline(Sparkline {
                unit,
                values,
                domain,
            })
        })
}

fn any_picture() -> impl Strategy<Value = Picture> {
    prop_oneof![
        any_line(),
        any_bar(),
        any_stacked(),
        any_calendar(),
        any_grid(),
        any_histogram(),
        any_sparkline(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_the_data_the_rules_hold(
        picture in any_picture(),
        title in any_label(),
        id in any_label(),
        width in prop_oneof![Just(340_u16), Just(720), any::<u16>()],
    ) {
        let title = if title.trim().is_empty() { "Доля".to_owned() } else { title };
        let svg = render(&chart(&id, &title, picture), Width(width));
        check_properties(&svg);
    }
}
