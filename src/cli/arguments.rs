//! What can be typed. Every command is a variant; none is longer than its options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use svodka_journal::Day;

/// Reports and analytics over the exports of Russian electronic school journals.
#[derive(Debug, Parser)]
#[command(name = "svodka", version, max_term_width = 100)]
pub struct Arguments {
    /// Folder of the lake, the names and the settings.
    #[arg(
        long,
        global = true,
        env = "SVODKA_DATA",
        value_name = "DIR",
        default_value = "./svodka-data"
    )]
    pub data: PathBuf,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invent a municipality, load its exports, serve the pages on this computer.
    Demo(DemoArguments),
    /// Write the journal exports of an invented municipality, and the truth behind them.
    Sample(SampleArguments),
    /// Load journal exports: files, folders.
    Ingest(IngestArguments),
    /// Print one report.
    Report(ReportArguments),
    /// Ask the lake in SQL, reading only.
    Sql(SqlArguments),
    /// Check queries, dashboards and acts; all problems at once, with file and line.
    Check,
    /// Look after the lake: history, checksums, clean-up.
    Lake {
        #[command(subcommand)]
        command: LakeCommand,
    },
    /// Serve pages and reports on this computer.
    Serve(ServeArguments),
    /// What is wrong in the loaded files.
    Findings(FindingsArguments),
}

#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Address to listen on [default: 127.0.0.1:8080, the next free port if busy].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub struct SampleArguments {
    /// Empty folder for `exports/` and `truth/`.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How many institutions; every fifth is of the same kind.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub institutions: usize,
    /// Pupils of each institution.
    #[arg(long, default_value_t = 250, value_name = "N")]
    pub pupils: usize,
    /// First day of lessons.
    #[arg(long, value_parser = day, default_value = "2025-09-01", value_name = "DATE")]
    pub from: Day,
    /// Last day of lessons.
    #[arg(long, value_parser = day, default_value = "2025-12-31", value_name = "DATE")]
    pub to: Day,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Add the mess of real files.
    #[arg(long)]
    pub faults: bool,
    /// Long CSV files of ordinary classes only: the load of the benchmark.
    #[arg(long, hide = true)]
    pub bulk: bool,
}

#[derive(Debug, Args)]
pub struct IngestArguments {
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Institution (number or title) of files that do not name one.
    #[arg(long, value_name = "ID")]
    pub org: Option<String>,
    /// Engine that wrote the files [default: auto, the content decides].
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub engine: String,
    /// Time of the export where a file does not tell one: 2025-11-05T06:12, Moscow time.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub exported_at: Option<i64>,
    /// Read and report; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Name of the report, as in queries/reports and in the API.
    pub name: String,
    /// Parameter of the report; may be repeated.
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = key_value)]
    pub params: Vec<(String, String)>,
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub format: ReportFormat,
    /// File to write; standard output otherwise.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Snapshot number, or a day: what was known then.
    #[arg(long, value_name = "SNAPSHOT|DATE", value_parser = as_of)]
    pub as_of: Option<AsOfArgument>,
}

#[derive(Debug, Args)]
pub struct SqlArguments {
    /// One reading statement over the tables of the lake, staging and marts.
    #[arg(allow_hyphen_values = true)]
    pub sql: String,
    #[arg(long, value_enum, default_value_t = SqlFormat::Table)]
    pub format: SqlFormat,
    /// File to write; standard output otherwise.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Snapshot number, or a day: what was known then.
    #[arg(long, value_name = "SNAPSHOT|DATE", value_parser = as_of)]
    pub as_of: Option<AsOfArgument>,
}

#[derive(Debug, Subcommand)]
pub enum LakeCommand {
    /// Every snapshot with what it changed, newest first.
    Log(FormatArgument),
    /// Read every live file and compare its checksum.
    Verify(FormatArgument),
    /// Remove what no snapshot needs and what crashes left behind.
    Gc(FormatArgument),
    /// Live files with rows and bytes.
    Files(FormatArgument),
    /// Merge small files.
    Compact(FormatArgument),
}

#[derive(Debug, Args)]
pub struct FormatArgument {
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Address to listen on; this computer only until accounts exist [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Folder whose new files are loaded while serving.
    #[arg(long, value_name = "DIR")]
    pub inbox: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct FindingsArguments {
    /// Only this institution.
    #[arg(long, value_name = "ID")]
    pub org: Option<i32>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// How lists are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    Text,
    Json,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Table,
    Csv,
    Json,
    Xlsx,
    Pdf,
    Parquet,
    Svg,
}

/// How the answer of a SQL question is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    Table,
    Csv,
    Json,
    Parquet,
}

/// A moment of the lake's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOfArgument {
    Snapshot(i64),
    /// The end of this day.
    Day(Day),
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse_iso(text).map_err(|error| error.to_string())
}

fn as_of(text: &str) -> Result<AsOfArgument, String> {
    if let Ok(id) = text.parse() {
        return Ok(AsOfArgument::Snapshot(id));
    }
    Day::parse_iso(text).map(AsOfArgument::Day).map_err(|_| {
        format!("\"{text}\" is neither a snapshot number nor a date; expected 7 or 2025-10-31")
    })
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("\"{text}\" is no parameter; expected key=value")),
    }
}

/// `2025-11-05` or `2025-11-05T06:12`, Moscow time, as microseconds UTC.
fn instant(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is no time; expected 2025-11-05T06:12");
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let day = Day::parse_iso(date).map_err(|_| wrong())?;
    let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
    let (hour, minute): (i64, i64) = (
        hour.parse().map_err(|_| wrong())?,
        minute.parse().map_err(|_| wrong())?,
    );
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return Err(wrong());
    }
    let minutes =
        i64::from(day.0) * 1_440 + hour * 60 + minute - i64::from(svodka_table::MOSCOW_MINUTES);
    Ok(minutes * 60_000_000)
}
