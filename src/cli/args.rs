//! Arguments of the commands.

mod allocate;
pub(super) mod common;
mod compare;
mod explain;
mod export;
mod graph;
mod import;
mod init;
mod list;
mod message;
mod plan;
mod shell;
pub(super) mod step;

pub(super) use allocate::{AllocateArguments, BlockFormat, CapacityArgument};
use common::mebibytes;
pub(super) use common::{
    AmongArguments, DataflowArgument, Inputs, MODES_PER_OPERATION, ObjectiveArgument,
    TieBreakArgument, TilesArgument, WorkArguments, jobs, seconds,
};
pub(super) use compare::CompareArguments;
pub(super) use explain::ExplainArguments;
pub(super) use export::{ExportArguments, ProgramKind};
pub(super) use graph::GraphArguments;
pub(super) use import::{ImportArguments, OnnxArguments};
pub(super) use init::{HardwareArguments, InitArguments, InitSubject};
pub(super) use list::{ListArguments, ListSubject};
pub(super) use message::MessageArguments;
pub(super) use plan::PlanArguments;
pub(super) use shell::{CompletionArguments, ManArguments};
pub(super) use step::{StepArguments, StepMode};

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use console::Term;
use regex::Regex;

use super::sweep::args::{
    MERGE_EXAMPLES, MergeArguments, PictureArguments, SWEEP_EXAMPLES, SweepArguments,
};
use crate::exact::Method;
use crate::exact::program::ColumnChoice;
use crate::problem::PhaseIndex;
use crate::problem::graph::Pass;
use crate::report::{Detail, Format, Sort, WIDTH};

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

const SOLVE_EXAMPLES: &str = "\
Examples:
  deepmatrix solve inputs/networks/vgg16.yaml inputs/hardware/shared-32x32.yaml
  deepmatrix solve NETWORK HARDWARE --batch 16 --format json --output vgg16.json
  deepmatrix solve NETWORK HARDWARE --layers '^fc' --tiles divisors --show-mapping
  deepmatrix solve NETWORK HARDWARE --time-limit 10 --jobs 4
  deepmatrix solve NETWORK HARDWARE --layers '^conv3_1$' --pareto cycles,energy
  deepmatrix solve NETWORK HARDWARE --dataflow weight_stationary --constraints fixed.yaml
  deepmatrix solve NETWORK HARDWARE --mode training --optimizer adam --batch 32

Ctrl-C stops the search and writes what was found so far; a second one exits at once.";

const EVALUATE_EXAMPLES: &str = "\
Examples:
  deepmatrix evaluate NETWORK HARDWARE --mapping conv3_1.yaml
  deepmatrix evaluate NETWORK HARDWARE --mapping conv3_1.yaml --format json
  deepmatrix evaluate NETWORK HARDWARE --mode training --mapping step.json";

const DECODE_EXAMPLES: &str = "\
Examples:
  deepmatrix decode conv3_1.sol --for NETWORK HARDWARE --layer conv3_1
  deepmatrix decode conv3_1.sol --for NETWORK HARDWARE --layer conv3_1 --cuts conv3_1.lp

Solutions are read as HiGHS, CBC, SCIP and Gurobi write them. With --cuts, solve the program again
until nothing is missing.";

const CHECK_EXAMPLES: &str = "\
Examples:
  deepmatrix check inputs/networks/vgg16.yaml
  deepmatrix check NETWORK HARDWARE MAPPING    # the mapping against these two
  deepmatrix check NETWORK HARDWARE MAPPING --constraints fixed.yaml    # and whether it keeps to these";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find the mapping of fewest cycles for every layer, and prove it
    #[command(after_help = SOLVE_EXAMPLES)]
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
    #[command(after_help = DECODE_EXAMPLES)]
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

/// What is written, and where.
#[derive(Args, Debug)]
pub(super) struct ReportArguments {
    /// Format of the result [default: the extension of --output, else table]
    #[arg(long, value_enum)]
    format: Option<FormatArgument>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Print the loop nest of every mapping below the table
    #[arg(long)]
    pub(super) show_mapping: bool,
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

#[derive(Args, Debug)]
pub(super) struct SolveArguments {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) step: StepArguments,
    /// Map only the layers, or operations of training, whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(super) layers: Option<Regex>,
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(super) objective: ObjectiveArgument,
    /// The Pareto front in place of one mapping: every mapping of which no other one has both fewer
    /// cycles and less energy
    #[arg(long, value_name = "cycles,energy", value_parser = pareto, conflicts_with_all = ["objective", "tie_break"])]
    pub(super) pareto: Option<Pareto>,
    /// How equally good mappings are told apart; the result says whether that was proved
    #[arg(long, value_enum, default_value_t)]
    pub(super) tie_break: TieBreakArgument,
    #[command(flatten)]
    pub(super) among: AmongArguments,
    /// Fix parts of the mappings of all layers or some: tiles, axes, orders, what goes around (YAML)
    #[arg(long, value_name = "FILE")]
    pub(super) constraints: Option<PathBuf>,
    /// How the integer programs are solved; both prove the same optimum
    #[arg(long, value_enum, default_value_t)]
    pub(super) method: MethodArgument,
    /// Do not fuse ReLU, GELU and batch norm into the layer before them
    #[arg(long)]
    pub(super) no_fuse: bool,
    /// Time limit for each layer, all its phases together; what is found by then is reported with
    /// its gap
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) time_limit: Option<Duration>,
    #[command(flatten)]
    pub(super) work: WorkArguments,
    /// Memory that the search of a layer may hold, for each of the layers solved at the same time;
    /// what is found by then is reported with its gap [default: 640]
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(super) memory_limit: Option<u64>,
    /// Layers solved at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<usize>,
    #[command(flatten)]
    pub(super) plan: PlanArguments,
    #[command(flatten)]
    pub(super) pictures: PictureArguments,
    #[command(flatten)]
    pub(super) report: ReportArguments,
}

/// The two measures of a Pareto front, cycles and energy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pareto;

/// The front's measures, in any order.
fn pareto(text: &str) -> Result<Pareto, String> {
    let mut measures: Vec<&str> = text.split(',').collect();
    measures.sort_unstable();
    if measures == ["cycles", "energy"] {
        return Ok(Pareto);
    }
    Err("it must be `cycles,energy`".to_owned())
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

/// The one layer that a command is about.
#[derive(Args, Debug)]
pub(super) struct LayerArguments {
    /// The layer
    #[arg(long, value_name = "NAME")]
    pub(super) layer: String,
    #[command(flatten)]
    pub(super) part: PartArguments,
}

/// Which loop nest of a layer.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct PartArguments {
    /// Row and column of the output modulo the strides, of a layer that is computed phase by phase; after
    /// the depth where there are several in depth
    #[arg(long, value_name = "ROW,COLUMN", value_parser = phase)]
    pub(super) phase: Option<PhaseIndex>,
    /// The pass
    #[arg(long, value_enum, default_value_t)]
    pub(super) pass: PassArgument,
}

/// Which program of a layer.
#[derive(Args, Debug)]
pub(super) struct ProgramArguments {
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(super) objective: ObjectiveArgument,
    /// Which columns are written
    #[arg(long, value_enum, default_value_t)]
    pub(super) columns: ColumnsArgument,
    /// Write one class only, or those whose names begin so: `IWO`, `I1W1O1I3W3O3_P`
    #[arg(long, value_name = "CLASS")]
    pub(super) fix_order: Option<String>,
    #[command(flatten)]
    pub(super) among: AmongArguments,
    /// Time limit for the layer's solution, from which the program is made
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) time_limit: Option<Duration>,
}

#[derive(Args, Debug)]
pub(super) struct DecodeArguments {
    /// Solution file
    pub(super) solution: PathBuf,
    /// The network and hardware files of the program
    #[arg(long = "for", num_args = 2, value_names = ["NETWORK", "HARDWARE"], required = true)]
    pub(super) inputs: Vec<PathBuf>,
    /// Batch size in place of the network file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(super) batch: Option<u64>,
    #[command(flatten)]
    pub(super) onnx: OnnxArguments,
    #[command(flatten)]
    pub(super) layer: LayerArguments,
    #[command(flatten)]
    pub(super) program: ProgramArguments,
    /// Where the solution costs more than its objective says, or is no mapping: add the missing
    /// rows to this program, which was solved, or write it with them if there is no such file
    #[arg(long, value_name = "FILE.lp")]
    pub(super) cuts: Option<PathBuf>,
    /// The program that was solved, if --cuts is to be another file
    #[arg(long, value_name = "FILE.lp", requires = "cuts")]
    pub(super) after: Option<PathBuf>,
    /// Format of the result
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TextFormat,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArgument {
    /// A table for people
    Table,
    /// One JSON object
    Json,
    /// One line for each layer
    Csv,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TextFormat {
    /// For people
    #[default]
    Table,
    /// One JSON object
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum PassArgument {
    /// The forward pass
    #[default]
    Forward,
    /// The gradient of the layer's input, in a training step
    #[value(name = "backward_data")]
    BackwardData,
    /// The gradient of its weights, in a training step
    #[value(name = "backward_weight")]
    BackwardWeight,
}

impl From<PassArgument> for Pass {
    fn from(argument: PassArgument) -> Self {
        match argument {
            PassArgument::Forward => Pass::Forward,
            PassArgument::BackwardData => Pass::BackwardData,
            PassArgument::BackwardWeight => Pass::BackwardWeight,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColumnsArgument {
    /// Those that the proved bound cannot exclude from a better mapping, and the best mapping's
    /// with some around it
    #[default]
    Survivors,
    /// Every column of every class
    All,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum MethodArgument {
    /// Column generation and branching, with HiGHS for the linear programs
    #[default]
    BranchAndPrice,
    /// Each class as one integer program, solved by HiGHS
    Milp,
}

impl ColumnsArgument {
    /// The name of the choice.
    pub(super) fn name(self) -> &'static str {
        match self {
            ColumnsArgument::Survivors => "survivors",
            ColumnsArgument::All => "all",
        }
    }
}

impl From<ColumnsArgument> for ColumnChoice {
    fn from(argument: ColumnsArgument) -> Self {
        match argument {
            ColumnsArgument::Survivors => ColumnChoice::Survivors,
            ColumnsArgument::All => ColumnChoice::All,
        }
    }
}

impl From<MethodArgument> for Method {
    fn from(argument: MethodArgument) -> Self {
        match argument {
            MethodArgument::BranchAndPrice => Method::BranchAndPrice,
            MethodArgument::Milp => Method::Milp,
        }
    }
}

impl ReportArguments {
    /// The format that was asked for, or that the name of the output file implies.
    pub(super) fn format(&self) -> Format {
        format(self.format, self.output.as_deref())
    }

    /// How much a table says.
    pub(super) fn detail(&self) -> Detail {
        Detail {
            mappings: self.show_mapping,
            all: self.all,
            sort: self.sort.into(),
            width: width_of(self.output.as_deref()),
        }
    }
}

/// Columns of text of what goes to this file, or to standard output.
pub(super) fn width_of(output: Option<&Path>) -> usize {
    output.map_or_else(width, |_| WIDTH)
}

/// Columns of text of what goes to standard output: those of the terminal, if it is one.
pub(super) fn width() -> usize {
    let terminal = Term::stdout();
    if !terminal.is_term() {
        return WIDTH;
    }
    usize::from(terminal.size().1).max(LEAST_WIDTH)
}

/// No table is made narrower than this.
const LEAST_WIDTH: usize = 60;

fn format(asked: Option<FormatArgument>, output: Option<&Path>) -> Format {
    let extension = output.and_then(Path::extension);
    match (asked, extension.and_then(|e| e.to_str())) {
        (Some(FormatArgument::Json), _) | (None, Some("json")) => Format::Json,
        (Some(FormatArgument::Csv), _) | (None, Some("csv")) => Format::Csv,
        (Some(FormatArgument::Table) | None, _) => Format::Table,
    }
}

/// Row and column of a phase, as in `1,0`, where there are several in depth after that.
fn phase(text: &str) -> Result<PhaseIndex, String> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    let index = numbers.and_then(|numbers| PhaseIndex::of(&numbers));
    index.ok_or_else(|| "it must be two numbers, such as `1,0`, or three where there are several in depth, such as `0,1,0`".to_owned())
}

#[cfg(test)]
mod tests {
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
                Command::Solve(solve) => solve.report.format(),
                _ => panic!("it is solve"),
            }
        };
        assert_eq!(format(&[]), Format::Table);
        assert_eq!(format(&["-o", "x.json"]), Format::Json);
        assert_eq!(format(&["-o", "x.csv", "--format", "json"]), Format::Json);
        assert_eq!(format(&["-o", "x.txt"]), Format::Table);
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
