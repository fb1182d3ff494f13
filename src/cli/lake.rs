//! `svodka lake …`: history, checksums, clean-up, files.

use crate::arguments::{LakeCommand, TextOrJson};
use crate::outcome::{CliError, Ending};
use crate::{output, stores};
use std::fmt::Write as _;
use std::path::Path;
use svodka_lake::{AsOf, GcOptions};
use svodka_table::{MOSCOW_MINUTES, format_timestamp};

/// Runs one of the subcommands.
pub async fn run(data: &Path, command: &LakeCommand) -> Result<Ending, CliError> {
    match command {
        LakeCommand::Log(arguments) => log(data, arguments.format).await,
        LakeCommand::Verify(arguments) => verify(data, arguments.format).await,
        LakeCommand::Gc(arguments) => gc(data, arguments.format).await,
        LakeCommand::Files(arguments) => files(data, arguments.format).await,
        LakeCommand::Compact(arguments) => compact(data, arguments.format).await,
    }
}

async fn log(data: &Path, format: TextOrJson) -> Result<Ending, CliError> {
    let mut log = stores::lake(data).await?.log().await?;
    log.reverse();
    if format == TextOrJson::Json {
        output::json(&serde_json::json!({ "snapshots": log }))?;
        return Ok(Ending::Done);
    }
    let mut text = String::new();
    for entry in &log {
        // Writing to a String cannot fail, here and below.
        let _ = write!(
            text,
            "{:>6}  {}  {}",
            entry.snapshot_id,
            format_timestamp(entry.at, MOSCOW_MINUTES),
            entry.note
        );
        if let Some(file) = &entry.file_name {
            let _ = write!(text, "  {file}");
        }
        if let Some(reason) = &entry.pinned {
            let _ = write!(text, "  pinned: {reason}");
        }
        text.push('\n');
        for table in &entry.tables {
            let _ = writeln!(
                text,
                "          {:<18} +{} -{} rows",
                table.table, table.added_rows, table.removed_rows
            );
        }
    }
    output::write(text.as_bytes(), None)?;
    Ok(Ending::Done)
}

async fn verify(data: &Path, format: TextOrJson) -> Result<Ending, CliError> {
    let report = stores::lake(data).await?.verify(AsOf::Latest).await?;
    let is_sound = report.is_sound();
    if format == TextOrJson::Json {
        output::json(&report)?;
    } else {
        for problem in &report.problems {
            output::line(&format!("{}: {:?}", problem.path.display(), problem.kind))?;
        }
        for extra in &report.extra {
            output::note(&format!(
                "no snapshot refers to {}; `svodka lake gc` removes it after a day",
                extra.display()
            ));
        }
        output::line(&format!(
            "snapshot {}: {} files, {} bytes, {}",
            report.snapshot_id,
            report.files,
            report.bytes,
            if is_sound {
                "all as written"
            } else {
                "damaged"
            }
        ))?;
    }
    Ok(if is_sound {
        Ending::Done
    } else {
        Ending::Rejected
    })
}

async fn gc(data: &Path, format: TextOrJson) -> Result<Ending, CliError> {
    let (lake, _) = stores::writable(data).await?;
    let report = lake.gc(&GcOptions::new(stores::now())).await?;
    if format == TextOrJson::Json {
        output::json(&report)?;
    } else {
        output::line(&format!(
            "removed {} snapshots, {} files, {} bytes",
            report.snapshots, report.files, report.bytes
        ))?;
    }
    Ok(Ending::Done)
}

async fn files(data: &Path, format: TextOrJson) -> Result<Ending, CliError> {
    let lake = stores::lake(data).await?;
    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let all = || {
        snapshot
            .tables()
            .flat_map(|(table, files)| files.iter().map(move |file| (table, file)))
    };
    if format == TextOrJson::Json {
        let files: Vec<_> = all()
            .map(|(table, file)| {
                serde_json::json!({
                    "table": table,
                    "path": lake.file_path(file),
                    "rows": file.rows,
                    "bytes": file.bytes,
                    "org_id": file.org_id,
                })
            })
            .collect();
        output::json(&serde_json::json!({ "snapshot_id": snapshot.id, "files": files }))?;
        return Ok(Ending::Done);
    }
    let mut text = String::new();
    for (_, file) in all() {
        let _ = writeln!(
            text,
            "{:>12} rows {:>12} bytes  {}",
            file.rows,
            file.bytes,
            lake.file_path(file).display()
        );
    }
    for (table, files) in snapshot.tables().filter(|(_, files)| !files.is_empty()) {
        let (rows, bytes) = files.iter().fold((0, 0), |(rows, bytes), file| {
            (rows + file.rows, bytes + file.bytes)
        });
        let _ = writeln!(
            text,
            "{table}: {} files, {rows} rows, {bytes} bytes, {:.2} bytes a row",
            files.len(),
            bytes as f64 / (rows.max(1)) as f64
        );
    }
    output::write(text.as_bytes(), None)?;
    Ok(Ending::Done)
}

async fn compact(data: &Path, format: TextOrJson) -> Result<Ending, CliError> {
    let (lake, _) = stores::writable(data).await?;
    let snapshot_id = lake.compact().await?.map(|committed| committed.snapshot_id);
    match (format, snapshot_id) {
        (TextOrJson::Json, _) => output::json(&serde_json::json!({ "snapshot_id": snapshot_id }))?,
        (TextOrJson::Text, Some(id)) => output::line(&format!("merged, snapshot {id}"))?,
        (TextOrJson::Text, None) => output::line("nothing to merge")?,
    }
    Ok(Ending::Done)
}
