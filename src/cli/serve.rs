//! `svodka serve`: pages and reports on this computer; an inbox whose files are loaded.

use crate::arguments::ServeArguments;
use crate::outcome::{CliError, Ending};
use crate::progress::Shown;
use crate::settings::Settings;
use crate::{output, stores};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use svodka_catalog::Source;
use svodka_ingest::{IngestOptions, find_files};
use svodka_lake::Lake;
use svodka_query::Principal;
use svodka_server::{App, Data};
use svodka_vault::Vault;

/// Between two looks at the inbox; a file is loaded once it has not changed for one of them.
const INBOX_PAUSE: Duration = Duration::from_secs(3);

/// Serves until SIGTERM or Ctrl+C.
pub async fn run(
    data: &Path,
    arguments: &ServeArguments,
    mut settings: Settings,
) -> Result<Ending, CliError> {
    listen_at(&mut settings, arguments.listen)?;
    let (lake, vault) = stores::writable(data).await?;
    if let Some(inbox) = arguments.inbox.clone() {
        if !inbox.is_dir() {
            return Err(CliError::Usage(format!(
                "--inbox {}: no such folder",
                inbox.display()
            )));
        }
        tokio::spawn(watch(inbox, lake.clone(), vault.clone()));
    }
    serve(data, lake, vault, settings, false).await
}

/// Takes over `--listen`; other computers are not let in until there are accounts.
pub fn listen_at(settings: &mut Settings, listen: Option<SocketAddr>) -> Result<(), CliError> {
    if let Some(address) = listen {
        if !address.ip().is_loopback() {
            return Err(CliError::Usage(format!(
                "--listen {address}: without accounts the pages are for this computer only; take 127.0.0.1:{}",
                address.port()
            )));
        }
        settings.server.listen = address;
    }
    Ok(())
}

/// Serves `lake`; `may_move` looks for the next free port.
pub async fn serve(
    data: &Path,
    lake: Lake,
    vault: Vault,
    mut settings: Settings,
    may_move: bool,
) -> Result<Ending, CliError> {
    let principal = Principal {
        subject: "demo".to_owned(),
        ..Principal::operator()
    };
    let pages = Data::new(lake, vault, Source::with_overrides(data), principal)?;
    // Plans are made beside the first requests; nothing waits for the thread.
    std::thread::spawn({
        let pages = pages.clone();
        move || pages.warm()
    });
    let wanted = settings.server.listen;
    let listener = svodka_server::bind(wanted, may_move).map_err(|error| {
        CliError::Refused(format!(
            "cannot listen on {wanted}: {error}; choose another address with --listen"
        ))
    })?;
    settings.server.listen = listener.local_addr()?;
    output::line(&format!("http://{}/", settings.server.listen))?;
    output::note(
        "Listening on this computer only: accounts come later, so nobody else is let in. Ctrl+C stops.",
    );
    svodka_server::serve(listener, App::new(pages, settings.server)).await?;
    Ok(Ending::Done)
}

type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

fn look(inbox: &Path) -> Seen {
    find_files(&[inbox.to_owned()])
        .into_iter()
        .filter_map(|path| {
            let metadata = std::fs::metadata(&path).ok()?;
            Some((path, (metadata.len(), metadata.modified().ok())))
        })
        .collect()
}

/// Loads what appears in the inbox. Bytes seen before are no work, so a restart repeats nothing.
async fn watch(inbox: PathBuf, lake: Lake, vault: Vault) {
    let mut before = Seen::new();
    let mut loaded = Seen::new();
    let mut tick = tokio::time::interval(INBOX_PAUSE);
    loop {
        tick.tick().await;
        let now = look(&inbox);
        let ripe: Vec<PathBuf> = now
            .iter()
            .filter(|(path, seen)| {
                before.get(*path) == Some(seen) && loaded.get(*path) != Some(seen)
            })
            .map(|(path, _)| path.clone())
            .collect();
        for path in ripe {
            let result = svodka_ingest::ingest(
                &lake,
                &vault,
                std::slice::from_ref(&path),
                &IngestOptions::default(),
                stores::now(),
                &Shown::Silent,
            )
            .await;
            match result {
                Ok(_) => {
                    if let Some(seen) = now.get(&path) {
                        loaded.insert(path, *seen);
                    }
                }
                // The file stays and is tried again: the disk may have been full.
                Err(error) => tracing::error!(%error, "the inbox could not be loaded"),
            }
        }
        before = now;
    }
}
