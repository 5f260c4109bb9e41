//! Arguments of `graph`, and what describes a step.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, value_parser};

use super::import::OnnxArguments;
use super::step::StepArguments;
use super::width_of;
use crate::report::graph::GraphFormat;

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
    #[arg(long, value_enum)]
    format: Option<GraphFormatArgument>,
    /// Write the graph to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
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

impl GraphArguments {
    /// The width of tables.
    pub(in crate::cli) fn width(&self) -> usize {
        if self.all {
            usize::MAX
        } else {
            width_of(self.output.as_deref())
        }
    }

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
