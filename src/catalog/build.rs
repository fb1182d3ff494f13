//! Lists the files of `queries/` and `dashboards/` so that the program carries them as defaults.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = manifest.join("../..").canonicalize()?;
    let mut text = String::from("pub(crate) const EMBEDDED: &[(&str, &str)] = &[\n");
    for (folder, extension) in [
        ("queries/staging", "sql"),
        ("queries/marts", "sql"),
        ("queries/reports", "sql"),
        ("queries/checks", "sql"),
        ("dashboards", "toml"),
    ] {
        // A folder's time changes when a file is added or removed: cargo then runs this again.
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        for path in files(&root.join(folder), extension)? {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            writeln!(
                text,
                "    ({:?}, include_str!({:?})),",
                format!("{folder}/{name}"),
                path.display().to_string()
            )
            .map_err(io::Error::other)?;
        }
    }
    text.push_str("];\n");
    let target = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("embedded.rs");
    fs::write(target, text)
}

fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
