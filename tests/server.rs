//! The pages and the API over real HTTP, as the program serves them: every page of every
//! dashboard, forms of reports, tags, headers, errors for programs and for people.

use crate::cli::svodka;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server over the checked-in sample, stopped when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
    _data: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Server {
        let data = tempfile::tempdir().unwrap();
        let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/exports");
        let folder = data.path().to_str().unwrap();
        svodka(&["ingest", exports.to_str().unwrap(), "--data", folder]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_svodka"))
            .args(["serve", "--data", folder, "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line
            .trim()
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Server {
            child,
            port,
            _data: data,
        }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut body = bytes[end + 4..].to_vec();
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        Answer { status, head, body }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").unwrap();
        let length =
            usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
}

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

const SPAN: &str = "from=2025-09-01&to=2025-09-30";

#[test]
fn every_page_opens_and_drills_down_to_the_cell() {
    let server = Server::start();
    let start = server.get("/");
    assert_eq!(start.status, 200);
    for words in [
        "Какова посещаемость?",
        "Отработаны ли часы?",
        "Будут ли выполнены программы?",
        "данные на",
        "снимок",
    ] {
        assert!(start.text().contains(words), "{words}");
    }
    // Follow every link of our own from the start page, four steps deep at the most.
    let mut seen = std::collections::BTreeSet::from(["/".to_owned()]);
    let mut frontier = vec!["/".to_owned()];
    let mut lessons = 0;
    for _ in 0..6 {
        let mut next = Vec::new();
        for path in std::mem::take(&mut frontier) {
            let page = server.get(&path);
            assert!(
                page.status == 200 || (300..400).contains(&page.status),
                "{path}: {}",
                page.status
            );
            let text = page.text();
            assert!(!text.contains("Не получилось"), "{path} shows a failure");
            if path.starts_with("/dashboards/lesson?") {
                lessons += 1;
                assert!(
                    text.contains(".xlsx") || text.contains(".csv") || text.contains(".json"),
                    "{path} names its file"
                );
            }
            let mut of_kind = std::collections::BTreeMap::new();
            for href in text
                .split("href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                let href = href.replace("&amp;", "&").replace("&#38;", "&");
                let is_page = href.starts_with("/dashboards/")
                    || href.starts_with("/findings")
                    || href.starts_with("/problems");
                // Two links of each kind of page are enough from one page.
                let kind = href.split('?').next().unwrap().to_owned();
                let count = of_kind.entry(kind).or_insert(0);
                if is_page && *count < 2 && seen.len() < 150 && seen.insert(href.clone()) {
                    *count += 1;
                    next.push(href);
                }
            }
        }
        frontier = next;
    }
    assert!(seen.len() > 20, "{} pages", seen.len());
    assert!(lessons > 0, "no lesson page among {seen:#?}");
}

#[test]
fn reports_come_in_every_form() {
    let server = Server::start();
    let base = format!("/api/v1/reports/attendance_by_organisation?{SPAN}");
    let json = server.get(&format!("{base}&format=json")).json();
    assert_eq!(json["rows"].as_array().unwrap().len(), 5, "{json}");
    assert!(json["snapshot_id"].is_i64());
    let csv = server.get(&format!("{base}&format=csv"));
    assert!(
        !csv.body.starts_with(b"\xef\xbb\xbf"),
        "no BOM for programs"
    );
    assert_eq!(csv.text().lines().count(), 6);
    let excel = server.get(&format!("{base}&format=csv&style=excel"));
    assert!(
        excel.body.starts_with(b"\xef\xbb\xbf"),
        "a BOM for the button"
    );
    assert!(
        server
            .get(&format!("{base}&format=xlsx"))
            .body
            .starts_with(b"PK")
    );
    assert!(
        server
            .get(&format!("{base}&format=parquet"))
            .body
            .starts_with(b"PAR1")
    );
    let accepted = server.ask("GET", &base, &[("Accept", "text/csv")]);
    assert!(
        accepted
            .header("content-type")
            .unwrap()
            .starts_with("text/csv")
    );
    for path in [
        "/api/v1/reports",
        "/api/v1/imports",
        "/api/v1/snapshots",
        "/api/openapi.json",
    ] {
        assert!(server.get(path).json().is_object(), "{path}");
    }
    let openapi = server.get("/api/openapi.json").text();
    assert!(openapi.contains("attendance_by_organisation"));
}

#[test]
fn answers_carry_tags_and_strict_headers() {
    let server = Server::start();
    let path = format!("/dashboards/attendance?{SPAN}");
    let first = server.get(&path);
    assert_eq!(first.status, 200);
    let tag = first.header("etag").unwrap().to_owned();
    let again = server.ask("GET", &path, &[("If-None-Match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = server.get("/dashboards/attendance?from=2025-09-02&to=2025-09-30");
    assert_ne!(other.header("etag"), Some(tag.as_str()));
    let policy = first.header("content-security-policy").unwrap();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(
        !first.text().contains(" style=\"") && !first.text().contains(" onclick="),
        "nothing inline"
    );
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
    assert!(first.header("x-request-id").is_some());
    let packed = server.ask("GET", &path, &[("Accept-Encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

#[test]
fn errors_have_words_for_people_and_a_document_for_programs() {
    let server = Server::start();
    for (path, status) in [
        ("/nothing", 404),
        ("/dashboards/nothing", 404),
        ("/api/v1/reports/nothing", 404),
        (
            "/api/v1/reports/attendance_by_organisation?from=yesterday&to=2025-09-30",
            400,
        ),
        (
            "/api/v1/reports/attendance_by_organisation?from=2025-09-01&to=2025-09-30&colour=red",
            400,
        ),
        ("/dashboards/attendance?from=32.13.2025", 400),
    ] {
        let accept = if path.starts_with("/api/") {
            "application/json"
        } else {
            "text/html"
        };
        let answer = server.ask("GET", path, &[("Accept", accept)]);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        if path.starts_with("/api/") {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{path}"
            );
            let problem = answer.json();
            assert_eq!(problem["status"], status, "{problem}");
            assert!(problem["title"].is_string() && !problem.to_string().contains("panicked"));
        } else {
            assert!(
                answer
                    .header("content-type")
                    .unwrap()
                    .starts_with("text/html"),
                "{path}"
            );
        }
    }
    assert_eq!(server.ask("POST", "/", &[]).status, 405);
    // DNS rebinding: another site's name for this address is refused.
    assert!(server.ask("GET", "/", &[("Host", "evil.example")]).status >= 400);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let metrics = server.get("/metrics").text();
    assert!(
        metrics.contains("svodka_") && metrics.contains("# TYPE"),
        "{metrics}"
    );
}
