//! The program: everything is in `svodka-cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    svodka_cli::run()
}
