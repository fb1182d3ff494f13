//! Counters of the server in the text format of Prometheus; no names, no parameters of requests.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the histogram's buckets in microseconds.
const BOUNDS_MICROS: [u64; 10] = [
    500, 1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000,
];

/// What a request asked for; the label of its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Page,
    Api,
    Asset,
    Probe,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Page, Kind::Api, Kind::Asset, Kind::Probe];

    /// The kind of a request by its path.
    #[must_use]
    pub fn of(path: &str) -> Kind {
        match path {
            "/healthz" | "/readyz" | "/metrics" => Kind::Probe,
            path if path.starts_with("/api/") => Kind::Api,
            path if path.starts_with("/assets/") => Kind::Asset,
            _ => Kind::Page,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Kind::Page => "page",
            Kind::Api => "api",
            Kind::Asset => "asset",
            Kind::Probe => "probe",
        }
    }
}

#[derive(Debug, Default)]
struct Series {
    /// Requests by the first digit of the status, 1xx to 5xx.
    statuses: [AtomicU64; 5],
    buckets: [AtomicU64; BOUNDS_MICROS.len()],
    count: AtomicU64,
    sum_micros: AtomicU64,
}

/// Counts requests; shared by all connections.
#[derive(Debug, Default)]
pub struct Metrics {
    series: [Series; Kind::ALL.len()],
    pub(crate) cache_hits: AtomicU64,
    pub(crate) cache_misses: AtomicU64,
    pub(crate) not_modified: AtomicU64,
}

impl Metrics {
    /// Notes one answered request.
    pub fn observe(&self, kind: Kind, status: u16, took: Duration) {
        let series = &self.series[kind as usize];
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        series.statuses[class].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BOUNDS_MICROS.iter().position(|&bound| micros <= bound) {
            series.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        series.count.fetch_add(1, Ordering::Relaxed);
        series.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The exposition; `gauges` are (name, help, value) of the state at this moment.
    #[must_use]
    pub fn render(&self, gauges: &[(&str, &str, u64)]) -> String {
        let mut text = String::with_capacity(4096);
        text.push_str("# HELP svodka_requests_total Requests answered, by kind and class of status.\n# TYPE svodka_requests_total counter\n");
        for kind in Kind::ALL {
            for (class, count) in self.series[kind as usize].statuses.iter().enumerate() {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    push(
                        &mut text,
                        format_args!(
                            "svodka_requests_total{{kind=\"{}\",status=\"{}xx\"}} {count}\n",
                            kind.as_str(),
                            class + 1
                        ),
                    );
                }
            }
        }
        text.push_str("# HELP svodka_request_seconds Time from the request's headers to the answer.\n# TYPE svodka_request_seconds histogram\n");
        for kind in Kind::ALL {
            let series = &self.series[kind as usize];
            let mut total = 0;
            for (bucket, bound) in series.buckets.iter().zip(BOUNDS_MICROS) {
                total += bucket.load(Ordering::Relaxed);
                push(
                    &mut text,
                    format_args!(
                        "svodka_request_seconds_bucket{{kind=\"{}\",le=\"{}\"}} {total}\n",
                        kind.as_str(),
                        bound as f64 / 1e6
                    ),
                );
            }
            let count = series.count.load(Ordering::Relaxed);
            let sum = series.sum_micros.load(Ordering::Relaxed) as f64 / 1e6;
            let kind = kind.as_str();
            push(
                &mut text,
                format_args!(
                    "svodka_request_seconds_bucket{{kind=\"{kind}\",le=\"+Inf\"}} {count}\nsvodka_request_seconds_sum{{kind=\"{kind}\"}} {sum}\nsvodka_request_seconds_count{{kind=\"{kind}\"}} {count}\n"
                ),
            );
        }
        let counters = [
            (
                "svodka_page_cache_hits_total",
                "Pages answered from memory.",
                &self.cache_hits,
            ),
            (
                "svodka_page_cache_misses_total",
                "Pages computed.",
                &self.cache_misses,
            ),
            (
                "svodka_not_modified_total",
                "Requests answered 304.",
                &self.not_modified,
            ),
        ];
        for (name, help, value) in counters {
            let value = value.load(Ordering::Relaxed);
            push(
                &mut text,
                format_args!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n"),
            );
        }
        for (name, help, value) in gauges {
            push(
                &mut text,
                format_args!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n"),
            );
        }
        text
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
}
