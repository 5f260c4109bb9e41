//! Arguments of `decode`.

use std::path::PathBuf;

use clap::{Args, value_parser};

use super::format::formats;
use super::import::OnnxArguments;
use super::layer::LayerArguments;
use super::program::ProgramArguments;
use crate::report::decoded::DecodedReport;
use crate::report::{Format, Reported};

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix decode conv3_1.sol --for NETWORK HARDWARE --layer conv3_1
  deepmatrix decode conv3_1.sol --for NETWORK HARDWARE --layer conv3_1 --cuts conv3_1.lp

Solutions are read as HiGHS, CBC, SCIP and Gurobi write them. With --cuts, solve the program again
until nothing is missing.";

#[derive(Args, Debug)]
pub(in crate::cli) struct DecodeArguments {
    /// Solution file
    pub(in crate::cli) solution: PathBuf,
    /// The network and hardware files of the program
    #[arg(long = "for", num_args = 2, value_names = ["NETWORK", "HARDWARE"], required = true)]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    /// Batch size in place of the network file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(in crate::cli) batch: Option<u64>,
    #[command(flatten)]
    pub(in crate::cli) onnx: OnnxArguments,
    #[command(flatten)]
    pub(in crate::cli) layer: LayerArguments,
    #[command(flatten)]
    pub(in crate::cli) program: ProgramArguments,
    /// Where the solution costs more than its objective says, or is no mapping: add the missing
    /// rows to this program, which was solved, or write it with them if there is no such file
    #[arg(long, value_name = "FILE.lp")]
    pub(in crate::cli) cuts: Option<PathBuf>,
    /// The program that was solved, if --cuts is to be another file
    #[arg(long, value_name = "FILE.lp", requires = "cuts")]
    pub(in crate::cli) after: Option<PathBuf>,
    /// Format of the result
    #[arg(long, default_value = DecodedReport::DEFAULT, value_parser = formats::<DecodedReport<'static>>())]
    pub(in crate::cli) format: Format,
}
