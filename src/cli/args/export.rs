//! Arguments of `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Inputs, PartArguments, ProgramArguments, StepArguments};

/// Mappings of each operation in an exported program, unless something else is asked for: it is to be read.
const EXPORTED_MODES: usize = 4;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix export NETWORK HARDWARE --layer conv3_1 -o conv3_1.lp
  deepmatrix export NETWORK HARDWARE --layer conv3_1 --columns all --tiles divisors -o conv3_1.mps
  deepmatrix export NETWORK HARDWARE --layer conv3_1 --objective edp -o conv3_1-edp.lp
  deepmatrix export NETWORK HARDWARE --program residency --mode training -o step.lp

The file says what was asked, what its names mean, and how to turn its objective into cycles.";

#[derive(Args, Debug)]
pub(in crate::cli) struct ExportArguments {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The layer whose program is written
    #[arg(long, value_name = "NAME", required_unless_present = "kind",
          conflicts_with_all = ["kind", "StepArguments", "no_fuse", "modes_per_operation", "jobs"])]
    pub(in crate::cli) layer: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) part: PartArguments,
    #[command(flatten)]
    pub(in crate::cli) program: ProgramArguments,
    /// A program of the whole network in place of a layer's
    #[arg(long = "program", value_enum, conflicts_with_all = ["PartArguments", "objective", "columns", "fix_order"])]
    pub(in crate::cli) kind: Option<ProgramKind>,
    #[command(flatten)]
    pub(in crate::cli) step: StepArguments,
    /// Do not fuse ReLU, GELU and batch norm into the layer before them
    #[arg(long)]
    pub(in crate::cli) no_fuse: bool,
    /// Mappings of each operation, by descending capacity, among which the residency program chooses
    #[arg(long, value_name = "N", default_value_t = EXPORTED_MODES, value_parser = super::jobs)]
    pub(in crate::cli) modes_per_operation: usize,
    /// Loop nests mapped at the same time for the residency program [default: one for each core]
    #[arg(long, value_name = "N", value_parser = super::jobs)]
    pub(in crate::cli) jobs: Option<usize>,
    /// The file: its name ends with .lp or .mps
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: PathBuf,
}

/// A program of a whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProgramKind {
    /// Which tensors stay in the shared memory between operations, and in which of its mappings
    /// each operation runs
    Residency,
}
