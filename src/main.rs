//! The `deepmatrix` command: parse, run, print the error, exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use deepmatrix::cli::{self, Arguments};

/// Exit status of an input that is wrong or a result that cannot be written.
const FAILURE: u8 = 1;

fn main() -> ExitCode {
    match cli::run(&Arguments::parse()) {
        Ok(outcome) => ExitCode::from(outcome.exit_status()),
        Err(error) => {
            // Standard error that cannot be written leaves the exit status to tell.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(FAILURE)
        }
    }
}
