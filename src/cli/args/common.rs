//! Arguments that several commands have.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};

use super::import::OnnxArguments;
use crate::exact::TieBreak;
use crate::problem::Dataflow;
use crate::problem::goal::Measure;

/// Mappings of each operation among which a memory plan chooses, unless something else is asked for.
pub(in crate::cli) const MODES_PER_OPERATION: usize = 16;

/// The two inputs of a run.
#[derive(Args, Debug)]
pub(in crate::cli) struct Inputs {
    /// Network file (YAML), model (ONNX), shipped name, or - for standard input
    pub(in crate::cli) network: PathBuf,
    /// Hardware file (YAML), shipped name, or - for standard input
    pub(in crate::cli) hardware: PathBuf,
    /// Batch size in place of the network file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) batch: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) onnx: OnnxArguments,
}

/// The mappings among which is chosen.
#[derive(Args, Debug)]
pub(in crate::cli) struct AmongArguments {
    /// Tile extents: all integers, or the divisors of each dimension
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) tiles: TilesArgument,
    /// Dataflows, one of which each mapping must have, in place of the hardware file's
    #[arg(long, value_name = "NAME[,NAME]", value_enum, value_delimiter = ',')]
    pub(in crate::cli) dataflow: Vec<DataflowArgument>,
}

/// Limits that other programs do not take from.
#[derive(Args, Clone, Copy, Debug)]
pub(in crate::cli) struct WorkArguments {
    /// Limit of the processor time for each layer: as a time limit, and no shorter where other
    /// programs run
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) cpu_limit: Option<Duration>,
    /// Limit of the tree nodes for each layer, over all stages of its search: the same result on
    /// every machine
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) node_limit: Option<u64>,
}

impl WorkArguments {
    /// Whether one of them is given.
    pub(in crate::cli) fn is_given(self) -> bool {
        self.cpu_limit.is_some() || self.node_limit.is_some()
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum ObjectiveArgument {
    /// Clock cycles
    #[default]
    Cycles,
    /// Energy in pJ
    Energy,
    /// Energy-delay product: energy times cycles
    Edp,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum TieBreakArgument {
    /// Any of the best mappings
    None,
    /// Least traffic of the outermost memory; for energy and product least cycles
    Traffic,
    /// As traffic, then least energy
    #[default]
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(in crate::cli) enum DataflowArgument {
    /// No restriction
    Any,
    /// Weights stay beside the array while inputs and partial sums pass by
    WeightStationary,
    /// Partial sums stay until they are finished
    OutputStationary,
    /// Inputs stay
    InputStationary,
    /// Rows of the kernel stay, one in each element; kernel and output rows over two axes
    RowStationary,
}

impl From<TieBreakArgument> for TieBreak {
    fn from(argument: TieBreakArgument) -> Self {
        match argument {
            TieBreakArgument::None => TieBreak::Off,
            TieBreakArgument::Traffic => TieBreak::Traffic,
            TieBreakArgument::All => TieBreak::All,
        }
    }
}

impl From<ObjectiveArgument> for Measure {
    fn from(argument: ObjectiveArgument) -> Self {
        match argument {
            ObjectiveArgument::Cycles => Measure::Cycles,
            ObjectiveArgument::Energy => Measure::Energy,
            ObjectiveArgument::Edp => Measure::EnergyDelay,
        }
    }
}

impl DataflowArgument {
    /// The dataflow; `None` for any.
    pub(in crate::cli) fn dataflow(self) -> Option<Dataflow> {
        match self {
            DataflowArgument::Any => None,
            DataflowArgument::WeightStationary => Some(Dataflow::WeightStationary),
            DataflowArgument::OutputStationary => Some(Dataflow::OutputStationary),
            DataflowArgument::InputStationary => Some(Dataflow::InputStationary),
            DataflowArgument::RowStationary => Some(Dataflow::RowStationary),
        }
    }
}

/// A positive number of seconds.
pub(in crate::cli) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if seconds.is_finite() && seconds > Duration::MAX.as_secs_f64() {
        // Longer than any run: no limit.
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "it must be more than 0 seconds".to_owned())
}

/// Mebibytes as bytes.
pub(in crate::cli) fn mebibytes(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(number) => number
            .checked_mul(1 << 20)
            .ok_or_else(|| "more than any machine has".to_owned()),
        Err(_) => Err("not a whole number of mebibytes".to_owned()),
    }
}

/// A positive number of jobs.
pub(in crate::cli) fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(jobs) => Ok(jobs),
        Err(_) => Err("not a whole number".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TilesArgument {
    /// Every integer extent
    #[default]
    All,
    /// Divisors of the dimension only
    Divisors,
}

impl TilesArgument {
    /// The name of the choice.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            TilesArgument::All => "all",
            TilesArgument::Divisors => "divisors",
        }
    }
}
