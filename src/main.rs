//! The `deepmatrix` command: parse, run, print the error, exit status.

use std::process::ExitCode;

use deepmatrix::cli;

/// Exit status of an input that is wrong or a result that cannot be written.
const FAILURE: u8 = 1;

fn main() -> ExitCode {
    match cli::run(&cli::parse()) {
        Ok(outcome) => ExitCode::from(outcome.exit_status()),
        Err(error) => {
            cli::show_error(&error);
            ExitCode::from(FAILURE)
        }
    }
}
