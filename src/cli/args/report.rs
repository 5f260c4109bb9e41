//! What is written of a result, where, and in which format.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use console::Term;

use super::format::{format, formats};
use crate::problem::RunResult;
use crate::report::{Detail, Format, Sort, WIDTH};

/// What is written, and where.
#[derive(Args, Debug)]
pub(in crate::cli) struct ReportArguments {
    /// Format of the result [default: the extension of --output, else table]
    #[arg(long, value_parser = formats::<RunResult>())]
    format: Option<Format>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Print the loop nest of every mapping below the table
    #[arg(long)]
    pub(in crate::cli) show_mapping: bool,
    /// Print a line of the table for every layer, those of blocks that equal an earlier one too, and
    /// every column, however wide
    #[arg(long)]
    all: bool,
    /// The order of the table's lines
    #[arg(long, value_enum, default_value_t)]
    sort: SortArgument,
}

/// The order of a table's lines.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum SortArgument {
    /// As the layers run
    #[default]
    Step,
    /// Most cycles first
    Cycles,
    /// By name
    Name,
}

impl From<SortArgument> for Sort {
    fn from(argument: SortArgument) -> Self {
        match argument {
            SortArgument::Step => Sort::Step,
            SortArgument::Cycles => Sort::Cycles,
            SortArgument::Name => Sort::Name,
        }
    }
}

impl ReportArguments {
    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> Format {
        format::<RunResult>(self.format, self.output.as_deref())
    }

    /// How much a table says.
    pub(in crate::cli) fn detail(&self) -> Detail {
        Detail {
            mappings: self.show_mapping,
            all: self.all,
            sort: self.sort.into(),
            width: width(self.output.as_deref()),
        }
    }
}

/// Columns of text of what goes to this file or to standard output: those of the terminal, if it is one.
pub(in crate::cli) fn width(output: Option<&Path>) -> usize {
    let terminal = Term::stdout();
    if output.is_some() || !terminal.is_term() {
        return WIDTH;
    }
    usize::from(terminal.size().1).max(LEAST_WIDTH)
}

/// No table is made narrower than this.
const LEAST_WIDTH: usize = 60;
