//! Arguments that every command has: what is said on standard error.

use clap::Args;

use crate::cli::messages::{Color, Volume};

#[derive(Args, Debug)]
#[command(next_help_heading = "Messages")]
pub(in crate::cli) struct MessageArguments {
    /// Colours in messages and help; auto: on a terminal without `NO_COLOR`
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(in crate::cli) color: Color,
    /// Print errors alone: no warnings, hints and progress
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say also what is finished meanwhile
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl MessageArguments {
    /// How much is said.
    pub(in crate::cli) fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (_, true) => Volume::Verbose,
            _ => Volume::Normal,
        }
    }
}
