//! Arguments of `graph`, and what describes a step.

use std::path::PathBuf;

use clap::{Args, value_parser};

use super::format::{format, formats};
use super::import::OnnxArguments;
use super::report::width;
use super::step::StepArguments;
use crate::report::graph::GraphReport;
use crate::report::{Detail, Format};

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix graph inputs/networks/resnet50.yaml --mode training --optimizer adam
  deepmatrix graph NETWORK --mode training --format json --output step.json
  deepmatrix graph NETWORK --format dot | dot -Tsvg -o step.svg";

#[derive(Args, Debug)]
pub(in crate::cli) struct GraphArguments {
    /// Network file (YAML), model (ONNX), shipped name, or - for standard input
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
    /// Cut no name and leave no column out
    #[arg(long)]
    all: bool,
    /// Format of the graph [default: the extension of --output, else table]
    #[arg(long, value_parser = formats::<GraphReport<'static>>())]
    format: Option<Format>,
    /// Write the graph to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

impl GraphArguments {
    /// How much a table says.
    pub(in crate::cli) fn detail(&self) -> Detail {
        Detail {
            all: self.all,
            width: width(self.output.as_deref()),
            ..Detail::default()
        }
    }

    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> Format {
        format::<GraphReport<'_>>(self.format, self.output.as_deref())
    }
}
