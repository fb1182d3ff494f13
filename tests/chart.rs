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
    Chart { id: id.to_owned(), title: title.to_owned(), description: String::new(), picture }
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
    Series { title: title.to_owned(), role, points }
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
        vec![series("Посещаемость", Role::Main, weekly(september, 36, 0.92, 1, true))],
    );
    charts.push((
        "Посещаемость по неделям, %, полоса — границы от неотмеченных занятий",
        chart("line-weeks", "Как менялась посещаемость за год", Picture::Line(one)),
    ));

    let mut many = line(
        Unit::Share,
        Step::Week,
        vec![
            series("Прошлый год", Role::Context, weekly(september, 38, 0.90, 400, false)),
            series("Школа № 7", Role::Main, weekly(september, 30, 0.93, 2, false)),
            series("Технопарк «Орбита»", Role::Main, weekly(september, 30, 0.925, 90, false)),
            series("ДДТ «Радуга»", Role::Main, weekly(september, 30, 0.88, 200, false)),
        ],
    );
    many.reference = Some(Reference { value: 0.90, label: "Муниципалитет".to_owned() });
    charts.push((
        "Посещаемость учреждений по неделям, %",
        chart("line-many", "Кто ниже муниципалитета", Picture::Line(many)),
    ));

    let days: Vec<Point> = (0..26)
        .map(|it| day(2025, 10, 1).plus(it))
        .filter(|it| is_school_day(*it))
        .map(|it| Point::new(it, (it.0 % 11 != 0).then(|| 0.9 + 0.05 * noise(it.0 as u32))))
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
    programme.reference = Some(Reference { value: 144.0, label: "По программе".to_owned() });
    charts.push((
        "Проведено часов с начала года, ч",
        chart("line-forecast", "Будет ли программа выполнена", Picture::Line(programme)),
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
                reference: Some(Reference { value: 0.914, label: "Муниципалитет".to_owned() }),
            }),
        ),
    ));

    let points = [("5А", 0.012), ("5Б", -0.021), ("6А", 0.003), ("6Б", -0.047), ("7А", 0.0)];
    let mut bars: Vec<BarMark> = points
        .iter()
        .map(|(label, value)| BarMark {
            label: (*label).to_owned(),
            value: Some(*value),
            is_emphasised: *label == "6Б",
            ..BarMark::default()
        })
        .collect();
    bars.push(BarMark { label: "7Б".to_owned(), ..BarMark::default() });
    charts.push((
        "Изменение посещаемости к сентябрю, п. п.",
        chart(
            "bar-points",
            "Какие классы ушли вниз",
            Picture::Bar(Bar { unit: Unit::Points, bars, reference: None }),
        ),
    ));

    let parts = vec![
        Part { title: "Присутствовали".to_owned(), tone: Tone::First },
        Part { title: "Опоздали".to_owned(), tone: Tone::Third },
        Part { title: "Отсутствовали".to_owned(), tone: Tone::Second },
        Part { title: "Освобождены".to_owned(), tone: Tone::Context },
        Part { title: "Не отмечены".to_owned(), tone: Tone::Unrecorded },
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
            Picture::Stacked(Stacked { unit: Unit::Count, is_whole: false, parts, rows }),
        ),
    ));

    let days: Vec<CalendarDay> = (september.0..=day(2026, 4, 20).0)
        .map(Day)
        .filter(|it| is_school_day(*it))
        .map(|it| {
            let wave = if (day(2025, 11, 24)..day(2025, 12, 13)).contains(&it) { 0.08 } else { 0.0 };
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

    let columns: Vec<String> = ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб"].map(str::to_owned).to_vec();
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
            Picture::Grid(Grid { unit: Unit::Share, columns, rows, is_low_strong: true }),
        ),
    ));

    let values: Vec<f64> = (0..180)
        .map(|it| 0.78 + 0.22 * (noise(it) + noise(it + 500) + noise(it + 900)) / 3.0)
        .collect();
    let mut histogram = Histogram::of(&values, Unit::Share, ["группа", "группы", "групп"], 14);
    histogram.reference = Some(Reference { value: 0.894, label: "Среднее".to_owned() });
    charts.push((
        "Сколько групп с такой посещаемостью",
        chart("histogram", "Как распределены группы", Picture::Histogram(histogram)),
    ));

    let values = (0..24).map(|it| (it != 9).then(|| 0.9 + 0.06 * noise(it))).collect();
    charts.push((
        "Линия в строке таблицы",
        chart(
            "sparkline",
            "Посещаемость 5Б",
            Picture::Sparkline(Sparkline { unit: Unit::Share, values, domain: None }),
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
