//! L3: the command line: what is typed, what is printed, which exit code comes back.
//!
//! Owns: the list of commands ([`Arguments`]), settings, progress on a terminal, exit codes.
//! Must not know: how a file is read, a table stored, a question answered, a page drawn.
//! When a command is added: `arguments.rs` names it, one file of its own runs it, README and
//! `tests/cli.rs` follow. Commands that load open the lake for writing; the others read.

mod arguments;
mod check;
mod demo;
mod findings;
mod ingest;
mod lake;
mod outcome;
mod output;
mod progress;
mod report;
mod sample;
mod serve;
mod settings;
mod sql;
mod stores;

pub use arguments::Arguments;
pub use settings::{LogFormat, Settings, SettingsError};

use arguments::Command;
use clap::Parser as _;
use outcome::{CliError, Ending};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Runs what was typed.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let environment = std::env::vars()
        .filter(|(name, _)| name.starts_with("SVODKA_"))
        .collect();
    let settings = match Settings::read(&arguments.data, &environment) {
        Ok(settings) => settings,
        Err(error) => {
            output::error(&error);
            return ExitCode::from(2);
        }
    };
    start_log(&settings);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&error);
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(dispatch(arguments, settings)) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Rejected) => ExitCode::from(1),
        Err(error) => {
            output::error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn dispatch(arguments: Arguments, settings: Settings) -> Result<Ending, CliError> {
    let data = arguments.data;
    match arguments.command {
        Command::Demo(arguments) => demo::run(&data, &arguments, settings).await,
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Ingest(arguments) => ingest::run(&data, &arguments).await,
        Command::Report(arguments) => report::run(&data, &arguments).await,
        Command::Sql(arguments) => sql::run(&data, &arguments).await,
        Command::Check => check::run(&data).await,
        Command::Lake { command } => lake::run(&data, &command).await,
        Command::Serve(arguments) => serve::run(&data, &arguments, settings).await,
        Command::Findings(arguments) => findings::run(&data, &arguments).await,
    }
}

/// The log goes to standard error: standard output belongs to answers.
fn start_log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only where a log was started before, as in tests.
    let _ = match settings.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
