//! Arguments of `graph`, and what describes a step.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, value_parser};

use super::{OnnxArguments, StepArguments};
use crate::problem::Optimizer;
use crate::problem::graph::Mode;
use crate::report::graph::GraphFormat;

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix graph inputs/networks/resnet50.yaml --mode training --optimizer adam
  deepmatrix graph NETWORK --mode training --format json --output step.json
  deepmatrix graph NETWORK --format dot | dot -Tsvg -o step.svg";

#[derive(Args, Debug)]
pub(in crate::cli) struct GraphArguments {
    /// Network file (YAML), or a model (ONNX)
    pub(in crate::cli) network: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) step: StepArguments,
    /// Batch size in place of the network file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) batch: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) onnx: OnnxArguments,
    /// Do not fuse ReLU, GELU and batch norm into the layer before them
    #[arg(long)]
    pub(in crate::cli) no_fuse: bool,
    /// Format of the graph [default: the extension of --output, else table]
    #[arg(long, value_enum)]
    format: Option<GraphFormatArgument>,
    /// Write the graph to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StepMode {
    /// The forward pass
    #[default]
    Inference,
    /// Forward, loss, backward and update
    Training,
}

/// How parameters are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OptimizerArgument {
    /// Stochastic gradient descent
    #[default]
    Sgd,
    /// Gradient descent with one moment
    Momentum,
    /// Adam, with two moments
    Adam,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GraphFormatArgument {
    /// Tables for people
    Table,
    /// One JSON object
    Json,
    /// The language of Graphviz
    Dot,
}

impl From<StepMode> for Mode {
    fn from(argument: StepMode) -> Self {
        match argument {
            StepMode::Inference => Mode::Inference,
            StepMode::Training => Mode::Training,
        }
    }
}

impl From<OptimizerArgument> for Optimizer {
    fn from(argument: OptimizerArgument) -> Self {
        match argument {
            OptimizerArgument::Sgd => Optimizer::Sgd,
            OptimizerArgument::Momentum => Optimizer::Momentum,
            OptimizerArgument::Adam => Optimizer::Adam,
        }
    }
}

impl GraphArguments {
    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> GraphFormat {
        let extension = self.output.as_deref().and_then(Path::extension);
        match (self.format, extension.and_then(|e| e.to_str())) {
            (Some(GraphFormatArgument::Json), _) | (None, Some("json")) => GraphFormat::Json,
            (Some(GraphFormatArgument::Dot), _) | (None, Some("dot" | "gv")) => GraphFormat::Dot,
            (Some(GraphFormatArgument::Table) | None, _) => GraphFormat::Table,
        }
    }
}
