//! Arguments of the commands.

mod allocate;
pub(super) mod common;
mod compare;
mod decode;
mod explain;
mod export;
mod format;
mod graph;
mod import;
mod init;
mod layer;
mod list;
mod message;
mod plan;
mod program;
mod report;
mod shell;
mod solve;
pub(super) mod step;

pub(super) use allocate::{AllocateArguments, CapacityArgument};
pub(super) use common::{
    DataflowArgument, Inputs, MODES_PER_OPERATION, TilesArgument, jobs, seconds,
};
pub(super) use compare::CompareArguments;
pub(super) use decode::DecodeArguments;
pub(super) use explain::ExplainArguments;
pub(super) use export::{ExportArguments, ProgramKind};
pub(super) use graph::GraphArguments;
pub(super) use import::{ImportArguments, OnnxArguments};
pub(super) use init::{HardwareArguments, InitArguments, InitSubject};
pub(super) use layer::{LayerArguments, PartArguments};
pub(super) use list::{ListArguments, ListSubject};
pub(super) use message::MessageArguments;
pub(super) use program::ProgramArguments;
pub(super) use report::{ReportArguments, width};
pub(super) use shell::{CompletionArguments, ManArguments};
pub(super) use solve::SolveArguments;
pub(super) use step::{StepArguments, StepMode};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

use super::sweep::args::{MERGE_EXAMPLES, MergeArguments, SWEEP_EXAMPLES, SweepArguments};

/// Optimal, proved mappings of deep neural network layers onto accelerators.
#[derive(Debug, Parser)]
#[command(name = "deepmatrix", version, about, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) messages: MessageArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  deepmatrix solve inputs/networks/vgg16.yaml inputs/hardware/shared-32x32.yaml
  deepmatrix solve NETWORK HARDWARE --layers '^conv3' --show-mapping
  deepmatrix check inputs/networks/*.yaml inputs/hardware/*.yaml
  deepmatrix list networks

NETWORK and HARDWARE are files, names that `list` shows, or - for standard input.

Exit status: 0 done, or ended by a limit with a mapping; 1 a wrong input, or a layer without a mapping; 2 wrong usage; 130 interrupted.";

const EVALUATE_EXAMPLES: &str = "\
Examples:
  deepmatrix evaluate NETWORK HARDWARE --mapping conv3_1.yaml
  deepmatrix evaluate NETWORK HARDWARE --mapping conv3_1.yaml --format json
  deepmatrix evaluate NETWORK HARDWARE --mode training --mapping step.json";

const CHECK_EXAMPLES: &str = "\
Examples:
  deepmatrix check inputs/networks/vgg16.yaml
  deepmatrix check NETWORK HARDWARE MAPPING    # the mapping against these two
  deepmatrix check NETWORK HARDWARE MAPPING --constraints fixed.yaml    # and whether it keeps to these";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find the mapping of fewest cycles for every layer, and prove it
    #[command(after_help = solve::EXAMPLES)]
    Solve(SolveArguments),
    /// Compare the exact mapper with published heuristics
    #[command(after_help = compare::EXAMPLES, override_usage = compare::USAGE)]
    Compare(CompareArguments),
    /// Compute the exact cost of mappings someone wrote
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(EvaluateArguments),
    /// Write the integer program of a layer, or of a network's memory plan, as an LP or MPS file
    #[command(after_help = export::EXAMPLES)]
    Export(ExportArguments),
    /// Turn a solution of an exported program into the mapping, and check it
    #[command(after_help = decode::EXAMPLES)]
    Decode(DecodeArguments),
    /// Say what binds a network's step or a layer, what more would buy, what could be halved, and why
    #[command(after_help = explain::EXAMPLES)]
    Explain(ExplainArguments),
    /// Map a network onto many pieces of hardware, and go on where an earlier run stopped
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep(SweepArguments),
    /// Join the folders of several sweeps, such as the shards of one
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArguments),
    /// Validate input files and report all errors at once
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Give blocks of memory with known lifetimes their addresses, or prove that none exist
    #[command(after_help = allocate::EXAMPLES)]
    Allocate(AllocateArguments),
    /// Print the operations and tensors of a step over a network
    #[command(after_help = graph::EXAMPLES)]
    Graph(GraphArguments),
    /// Write the network file that an ONNX model stands for
    #[command(after_help = import::EXAMPLES)]
    Import(ImportArguments),
    /// List the networks or the hardware that the program carries; their names stand for files
    #[command(after_help = list::EXAMPLES)]
    List(ListArguments),
    /// Write a first hardware file from a handful of numbers, with every derivation in a comment
    #[command(after_help = init::EXAMPLES)]
    Init(InitArguments),
    /// Print what completes commands and options in a shell
    #[command(after_help = shell::COMPLETION_EXAMPLES)]
    Completions(CompletionArguments),
    /// Write manual pages
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(ManArguments),
}

#[derive(Args, Debug)]
pub(super) struct EvaluateArguments {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) step: StepArguments,
    /// Mapping file (YAML, or the JSON form of a result's `mapping`)
    #[arg(long, value_name = "FILE")]
    pub(super) mapping: PathBuf,
    #[command(flatten)]
    pub(super) report: ReportArguments,
}

#[derive(Args, Debug)]
pub(super) struct CheckArguments {
    /// Network (also ONNX), hardware, mapping and constraints files; the last two need one network and one
    /// hardware file
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) step: StepArguments,
    /// A constraints file, whatever its keys look like; mappings are checked to keep to it
    #[arg(long, value_name = "FILE")]
    pub(super) constraints: Option<PathBuf>,
    /// Batch size in place of the network files'
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(super) batch: Option<u64>,
    #[command(flatten)]
    pub(super) onnx: OnnxArguments,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_output_file_implies_the_format() {
        let format = |more: &[&str]| {
            let all = ["deepmatrix", "solve", "n", "h"].iter().chain(more);
            match Arguments::try_parse_from(all).expect("valid").command {
                Command::Solve(solve) => solve.report.format().name(),
                _ => panic!("it is solve"),
            }
        };
        assert_eq!(format(&[]), "table");
        assert_eq!(format(&["-o", "x.json"]), "json");
        assert_eq!(format(&["-o", "x.csv", "--format", "json"]), "json");
        assert_eq!(format(&["-o", "x.txt"]), "table");
    }

    #[test]
    fn limits_must_be_positive() {
        for wrong in ["0", "-1", "nan", "inf", "ten"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(seconds("1e300"), Ok(Duration::MAX));
        assert!(seconds("1e19") > Ok(Duration::from_secs(1 << 62)));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(jobs("0").is_err() && jobs("-1").is_err());
    }
}
