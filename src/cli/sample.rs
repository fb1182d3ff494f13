//! `svodka sample`: an invented municipality as files.

use crate::arguments::SampleArguments;
use crate::outcome::{CliError, Ending};
use crate::output;
use svodka_sample::{Bulk, Options};

/// Writes the exports and the truth.
pub fn run(arguments: &SampleArguments) -> Result<Ending, CliError> {
    let options = Options {
        institutions: arguments.institutions,
        pupils: arguments.pupils,
        from: arguments.from,
        to: arguments.to,
        seed: arguments.seed,
        faults: arguments.faults,
        bulk: arguments.bulk.then_some(Bulk::PerMonth),
        row_truth: !arguments.bulk,
        ..Options::default()
    };
    svodka_sample::write(&options, &arguments.output, &mut |title| {
        output::note(&format!("written: {title}"))
    })?;
    output::line(&format!(
        "{} institutions in {}, what is true of them in {}",
        options.institutions,
        arguments.output.join("exports").display(),
        arguments.output.join("truth").display()
    ))?;
    Ok(Ending::Done)
}
