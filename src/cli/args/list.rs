//! Arguments of `list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::format::{format, formats};
use crate::report::Format;
use crate::report::listing::Listing;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix list networks
  deepmatrix list hardware --format json
  deepmatrix solve resnet50 shared-32x32 --layers conv1    # names stand for files everywhere";

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArguments {
    /// What is listed
    #[arg(value_enum)]
    pub(in crate::cli) subject: ListSubject,
    /// Format of the list [default: the extension of --output, else table]
    #[arg(long, value_parser = formats::<Listing>())]
    format: Option<Format>,
    /// Write the list to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListSubject {
    /// Networks: layers, multiply-accumulates at the file's batch size, parameters
    Networks,
    /// Hardware: elements, clock, memories
    Hardware,
}

impl ListArguments {
    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> Format {
        format::<Listing>(self.format, self.output.as_deref())
    }
}
