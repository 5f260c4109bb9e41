//! Arguments of `compare`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, value_parser};
use regex::Regex;

use super::common::{WorkArguments, jobs, seconds};
use super::format::{format, formats};
use super::import::OnnxArguments;
use super::report::width;
use crate::mapper::registry;
use crate::problem::comparison::Comparison;
use crate::report::{Detail, Format};

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix compare inputs/networks/vgg16.yaml inputs/hardware/shared-16x16.yaml --layers '^fc8$'
  deepmatrix compare NETWORK HARDWARE --mappers exact,greedy,random --evaluations 20000 --seed 1
  deepmatrix compare NETWORK HARDWARE --layers '^conv3' --format json --output compare.json
  deepmatrix compare NETWORK HARDWARE --time-budget 10 --plot compare.svg
  deepmatrix compare vgg16 alexnet HARDWARE --layers '^fc' --plot compare.svg

A heuristic stops after --evaluations mappings or by a rule of its own: with the same seed it finds
the same on every machine. --time-budget caps its time; results that it cuts short say so.";

/// The inputs in their order, of which the parser knows two.
pub(super) const USAGE: &str = "deepmatrix compare [OPTIONS] <NETWORK>... <HARDWARE>";

#[derive(Args, Debug)]
pub(in crate::cli) struct CompareArguments {
    /// Network file (YAML), model (ONNX), shipped name, or - for standard input
    network: PathBuf,
    /// More networks, and as the last one the hardware: file (YAML), shipped name, or -
    #[arg(required = true, num_args = 1..)]
    hardware: Vec<PathBuf>,
    /// Batch size in place of the network files'
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) batch: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) onnx: OnnxArguments,
    /// The mappers [default: all]
    #[arg(long, value_name = "NAME[,NAME]", value_delimiter = ',', value_parser = mapper_names())]
    pub(in crate::cli) mappers: Vec<String>,
    /// Compare only the layers whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) layers: Option<Regex>,
    /// Mappings that a heuristic may evaluate for each layer
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) evaluations: u64,
    /// Cap on the time of each mapper for each layer, the exact one included
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_budget: Option<Duration>,
    #[command(flatten)]
    pub(in crate::cli) work: WorkArguments,
    /// Seed of the mappers that choose at random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Layers mapped at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(in crate::cli) jobs: Option<usize>,
    /// Format of the result [default: the extension of --output, else table]
    #[arg(long, value_parser = formats::<[Comparison]>())]
    format: Option<Format>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Say what every mapper found in every layer too
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Draw the quality of each mapper over time, and the exact mapper's bound (SVG)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plot: Option<PathBuf>,
}

/// The names of all mappers.
fn mapper_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        registry::ALL.map(|mapper| PossibleValue::new(mapper.name()).help(mapper.description())),
    )
}

impl CompareArguments {
    /// The networks, of which there is at least one, and the hardware.
    pub(in crate::cli) fn inputs(&self) -> (Vec<&Path>, &Path) {
        let mut all: Vec<&Path> = vec![&self.network];
        all.extend(self.hardware.iter().map(PathBuf::as_path));
        // The parser asks for one.
        let hardware = all.pop().unwrap_or(&self.network);
        (all, hardware)
    }

    /// The format that was asked for, or that the name of the output file implies.
    pub(in crate::cli) fn format(&self) -> Format {
        format::<[Comparison]>(self.format, self.output.as_deref())
    }

    /// How much a table says.
    pub(in crate::cli) fn detail(&self) -> Detail {
        Detail {
            all: self.all,
            width: width(self.output.as_deref()),
            ..Detail::default()
        }
    }
}
