//! Standard output and standard error. A reader that went away (`| head`) is no failure.

use crate::outcome::CliError;
use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

/// Writes an answer to a file or to standard output.
pub fn write(bytes: &[u8], file: Option<&Path>) -> Result<(), CliError> {
    match file {
        Some(path) => std::fs::write(path, bytes).map_err(|error| CliError::file(path, error)),
        None => {
            let mut out = io::stdout().lock();
            match out.write_all(bytes).and_then(|()| out.flush()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }
}

/// One line on standard output.
pub fn line(text: &str) -> Result<(), CliError> {
    write(format!("{text}\n").as_bytes(), None)
}

/// One JSON document on standard output.
pub fn json(document: &impl serde::Serialize) -> Result<(), CliError> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    write(text.as_bytes(), None)
}

/// One line on standard error, beside the answer.
pub fn note(text: &str) {
    // Nobody may be listening; there is no other place to say it.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// An error with its causes, in one line.
pub fn error(error: &dyn Error) {
    let mut text = format!("error: {error}");
    let mut last = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let next = inner.to_string();
        // A transparent wrapper repeats the text of what it wraps.
        if next != last {
            text.push_str(": ");
            text.push_str(&next);
        }
        last = next;
        cause = inner.source();
    }
    note(&text);
}

/// Binary forms are not for a terminal.
pub fn refuse_terminal(form: &str, file: Option<&Path>) -> Result<(), CliError> {
    if file.is_none() && io::stdout().is_terminal() {
        return Err(CliError::Usage(format!(
            "{form} is not for a terminal; add -o FILE or redirect the output"
        )));
    }
    Ok(())
}
