//! Arguments of `solve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use regex::Regex;

use super::common::{
    AmongArguments, Inputs, ObjectiveArgument, TieBreakArgument, WorkArguments, jobs, mebibytes,
    seconds,
};
use super::plan::PlanArguments;
use super::report::ReportArguments;
use super::step::StepArguments;
use crate::cli::sweep::args::PictureArguments;
use crate::exact::Method;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix solve inputs/networks/vgg16.yaml inputs/hardware/shared-32x32.yaml
  deepmatrix solve NETWORK HARDWARE --batch 16 --format json --output vgg16.json
  deepmatrix solve NETWORK HARDWARE --layers '^fc' --tiles divisors --show-mapping
  deepmatrix solve NETWORK HARDWARE --time-limit 10 --jobs 4
  deepmatrix solve NETWORK HARDWARE --layers '^conv3_1$' --pareto cycles,energy
  deepmatrix solve NETWORK HARDWARE --dataflow weight_stationary --constraints fixed.yaml
  deepmatrix solve NETWORK HARDWARE --mode training --optimizer adam --batch 32

Ctrl-C stops the search and writes what was found so far; a second one exits at once.";

#[derive(Args, Debug)]
pub(in crate::cli) struct SolveArguments {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    #[command(flatten)]
    pub(in crate::cli) step: StepArguments,
    /// Map only the layers, or operations of training, whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) layers: Option<Regex>,
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) objective: ObjectiveArgument,
    /// The Pareto front in place of one mapping: every mapping of which no other one has both fewer
    /// cycles and less energy
    #[arg(long, value_name = "cycles,energy", value_parser = pareto, conflicts_with_all = ["objective", "tie_break"])]
    pub(in crate::cli) pareto: Option<Pareto>,
    /// How equally good mappings are told apart; the result says whether that was proved
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) tie_break: TieBreakArgument,
    #[command(flatten)]
    pub(in crate::cli) among: AmongArguments,
    /// Fix parts of the mappings of all layers or some: tiles, axes, orders, what goes around (YAML)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) constraints: Option<PathBuf>,
    /// How the integer programs are solved; both prove the same optimum
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) method: MethodArgument,
    /// Do not fuse ReLU, GELU and batch norm into the layer before them
    #[arg(long)]
    pub(in crate::cli) no_fuse: bool,
    /// Time limit for each layer, all its phases together, and as much again for the other mappings of it
    /// among which a memory plan chooses; what is found by then is reported with its gap
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_limit: Option<Duration>,
    #[command(flatten)]
    pub(in crate::cli) work: WorkArguments,
    /// Memory that the search of a layer may hold, for each of the layers solved at the same time;
    /// what is found by then is reported with its gap [default: 640]
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(in crate::cli) memory_limit: Option<u64>,
    /// Layers solved at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(in crate::cli) jobs: Option<usize>,
    #[command(flatten)]
    pub(in crate::cli) plan: PlanArguments,
    #[command(flatten)]
    pub(in crate::cli) pictures: PictureArguments,
    #[command(flatten)]
    pub(in crate::cli) report: ReportArguments,
}

/// The two measures of a Pareto front, cycles and energy.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Pareto;

/// The front's measures, in any order.
fn pareto(text: &str) -> Result<Pareto, String> {
    let mut measures: Vec<&str> = text.split(',').collect();
    measures.sort_unstable();
    if measures == ["cycles", "energy"] {
        return Ok(Pareto);
    }
    Err("it must be `cycles,energy`".to_owned())
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum MethodArgument {
    /// Column generation and branching, with HiGHS for the linear programs
    #[default]
    BranchAndPrice,
    /// Each class as one integer program, solved by HiGHS
    Milp,
}

impl From<MethodArgument> for Method {
    fn from(argument: MethodArgument) -> Self {
        match argument {
            MethodArgument::BranchAndPrice => Method::BranchAndPrice,
            MethodArgument::Milp => Method::Milp,
        }
    }
}
