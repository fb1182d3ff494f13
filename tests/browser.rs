//! The pages in a real browser: Debian's Chromium, headless, light and dark, wide and narrow.

use crate::server::Server;
use std::process::Command;

const CHROMIUM: &str = "/usr/bin/chromium";

/// What Chromium says of a page: its document after scripts ran, and the console on standard error.
fn browse(address: &str, width: u32, is_dark: bool, extra: &[&str]) -> (String, String) {
    assert!(
        std::path::Path::new(CHROMIUM).exists(),
        "chromium is missing: run ./test.sh"
    );
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(CHROMIUM);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
    ]);
    if is_dark {
        command.arg("--blink-settings=preferredColorScheme=0");
    }
    let output = command
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},2200"))
        .args(extra)
        .arg(address)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

const PAGES: &[&str] = &[
    "/",
    "/dashboards/attendance?from=2025-09-01&to=2025-09-30",
    "/dashboards/attendance_institution?from=2025-09-01&to=2025-09-30&org=1",
    "/dashboards/hours?from=2025-09-01&to=2025-09-30",
    "/dashboards/hours_institution?from=2025-09-01&to=2025-09-30&org=1",
    "/dashboards/completion?from=2025-09-01&to=2025-09-30",
    "/dashboards/completion_institution?from=2025-09-01&to=2025-09-30&org=1",
    "/findings",
];

#[test]
fn pages_render_without_a_complaint_of_the_browser() {
    let server = Server::start();
    for page in PAGES {
        let (document, console) = browse(&server.address(page), 1280, false, &["--dump-dom"]);
        assert!(document.contains("<h1"), "{page}: {document}");
        assert!(
            document.contains("данные на"),
            "{page} says on which data it stands"
        );
        for complaint in [
            "Content Security Policy",
            "Uncaught",
            "Failed to load resource",
            "Refused to",
        ] {
            assert!(!console.contains(complaint), "{page}: {console}");
        }
    }
}

#[test]
fn pictures_of_pages_are_drawn_light_and_dark_wide_and_narrow() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    for page in &PAGES[..2] {
        let mut sizes = Vec::new();
        for (width, is_dark) in [(1280, false), (1280, true), (390, false), (390, true)] {
            let file = folder.path().join(format!("{width}-{is_dark}.png"));
            let shot = format!("--screenshot={}", file.display());
            browse(&server.address(page), width, is_dark, &[&shot]);
            let bytes = std::fs::read(&file).unwrap();
            assert!(bytes.starts_with(b"\x89PNG"));
            sizes.push(bytes);
        }
        assert_ne!(sizes[0], sizes[1], "{page} looks the same in the dark");
        assert_ne!(
            sizes[2], sizes[3],
            "{page} looks the same in the dark on a phone"
        );
    }
}
