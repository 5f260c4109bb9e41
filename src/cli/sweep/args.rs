//! Arguments of `sweep` and `merge`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use regex::Regex;

use crate::cli::args::common::{
    AmongArguments, Inputs, MODES_PER_OPERATION, ObjectiveArgument, TieBreakArgument,
    WorkArguments, jobs, seconds,
};
use crate::cli::args::step::StepArguments;
use crate::sweep::points::Shard;
use crate::sweep::range::Vary;

pub(in crate::cli) const SWEEP_EXAMPLES: &str = "\
Examples:
  deepmatrix sweep NETWORK HARDWARE --vary sram.capacity_bytes=65536..16777216:x2 -o DIR
  deepmatrix sweep NETWORK HARDWARE --vary dram.bandwidth_bytes_per_cycle=1,4,16 --vary pe.size=16..128:x2 -o DIR --report report.html
  deepmatrix sweep NETWORK HARDWARE --vary mode=inference,training --vary batch=1,16 -o DIR
  deepmatrix sweep NETWORK HARDWARE --vary dataflow=any,weight_stationary -o DIR
  deepmatrix sweep NETWORK HARDWARE --vary pe.size=1..8:+1 --shard 3/8 -o DIR/3     # the others, then merge

Fields: MEMORY.capacity_bytes, MEMORY.bandwidth_bytes_per_cycle and its other numbers, ARRAY.AXIS.size,
ARRAY.size (each axis of the array), clock_mhz, vector.lanes, compute.energy_pj_per_mac,
static_pj_per_cycle, dataflow; mode; of the network batch and precision_bits.input, .weight, .output,
.accumulator.

DIR/points.jsonl holds a line for each finished point, DIR/points.csv a record for each point in order, and
DIR/layers.csv one for each point and layer. The same command goes on where it was stopped. Solutions are kept in XDG_CACHE_HOME/deepmatrix for all sweeps.";

pub(in crate::cli) const MERGE_EXAMPLES: &str = "\
Examples:
  deepmatrix merge study/1 study/2 study/3 -o study/all
  deepmatrix merge DIR/* -o ALL";

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Args, Debug)]
pub(in crate::cli) struct SweepArguments {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// A field and its values: a range `a..b:x2` or `a..b:+step`, or a list; several times for several fields
    #[arg(long, value_name = "FIELD=VALUES", value_parser = Vary::parse, required = true)]
    pub(in crate::cli) vary: Vec<Vary>,
    /// Take the first values of all fields, then the second ones and so on, in place of all combinations
    #[arg(long)]
    pub(in crate::cli) paired: bool,
    /// Folder of the results; one that holds a part of this sweep is completed
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) step: StepArguments,
    /// Map only the layers whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) layers: Option<Regex>,
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) objective: ObjectiveArgument,
    /// How equally good mappings are told apart
    #[arg(long, value_enum, default_value = "none")]
    pub(in crate::cli) tie_break: TieBreakArgument,
    #[command(flatten)]
    pub(in crate::cli) among: AmongArguments,
    #[command(flatten)]
    pub(in crate::cli) plan: PointPlanArguments,
    /// Do not fuse ReLU, GELU and batch norm into the layer before them
    #[arg(long)]
    pub(in crate::cli) no_fuse: bool,
    /// Time limit for each layer of a point; what is found by then is reported with its gap
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_limit: Option<Duration>,
    #[command(flatten)]
    pub(in crate::cli) work: WorkArguments,
    /// Points solved at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(in crate::cli) jobs: Option<usize>,
    /// Only part i of n of the points
    #[arg(long, value_name = "i/n", value_parser = Shard::parse)]
    pub(in crate::cli) shard: Option<Shard>,
    /// Go on where an earlier run into this folder stopped (the default)
    #[arg(long, overrides_with = "no_resume")]
    pub(in crate::cli) resume: bool,
    /// Begin anew: the points that the folder holds are deleted
    #[arg(long)]
    pub(in crate::cli) no_resume: bool,
    /// Neither read nor keep solutions in `XDG_CACHE_HOME`
    #[arg(long)]
    pub(in crate::cli) no_cache: bool,
    /// Solve every point by itself: no bounds and mappings of other points
    #[arg(long)]
    pub(in crate::cli) no_neighbours: bool,
    /// Print every point, not only the best
    #[arg(long)]
    pub(in crate::cli) all: bool,
    #[command(flatten)]
    pub(in crate::cli) pictures: PictureArguments,
}

/// What stays in the shared memory between operations at each point.
#[derive(Args, Debug)]
pub(in crate::cli) struct PointPlanArguments {
    /// Plan which tensors stay in the shared memory at every point, or say why that cannot be [default:
    /// where fewest cycles are sought of a whole network, and the hardware has a bounded shared memory]
    #[arg(long, conflicts_with = "layers")]
    pub(in crate::cli) memory_plan: bool,
    /// Map the layers alone: nothing is kept between them
    #[arg(long, conflicts_with = "memory_plan")]
    pub(in crate::cli) no_memory_plan: bool,
    /// Mappings of each operation at most, in the whole memory and powers of two below, among which a
    /// memory plan chooses; the first 4 alone where these are enough
    #[arg(long, value_name = "N", default_value_t = MODES_PER_OPERATION, value_parser = jobs)]
    pub(in crate::cli) modes_per_operation: usize,
    /// Time limit of each point's memory plan: its programs and addresses
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(in crate::cli) plan_time_limit: Duration,
}

/// What is drawn of the points.
#[derive(Args, Debug)]
pub(in crate::cli) struct PictureArguments {
    /// Write pictures into one HTML file that needs no network, and each as an SVG file beside it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// The layer whose loop nest and buffers are drawn [default: the one of most cycles]
    #[arg(long, value_name = "NAME", requires = "report")]
    pub(in crate::cli) report_layer: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct MergeArguments {
    /// Folders of sweeps
    #[arg(required = true, value_name = "DIR")]
    pub(in crate::cli) folders: Vec<PathBuf>,
    /// Folder of the joined points; it must hold none yet
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
}

impl SweepArguments {
    /// The options that results depend on, for the manifest.
    pub(in crate::cli) fn options(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut option = |name: &str, value: Option<String>| {
            all.extend(value.map(|value| format!("--{name}={value}")));
        };
        option("mode", Some(word(&self.step.mode)));
        option("optimizer", self.step.optimizer.as_ref().map(word));
        option("batch", self.inputs.batch.map(|batch| batch.to_string()));
        for (name, value) in self.inputs.onnx.texts() {
            option(name, value);
        }
        option("layers", self.layers.as_ref().map(ToString::to_string));
        option("objective", Some(word(&self.objective)));
        option("tie-break", Some(word(&self.tie_break)));
        option("tiles", Some(word(&self.among.tiles)));
        let flows: Vec<String> = self.among.dataflow.iter().map(word).collect();
        option(
            "dataflow",
            Some(flows.join(",")).filter(|all| !all.is_empty()),
        );
        let plan = &self.plan;
        let planned = match (plan.memory_plan, plan.no_memory_plan) {
            (true, _) => "always",
            (_, true) => "never",
            _ => "where it can be",
        };
        option("memory-plan", Some(planned.to_owned()));
        let modes = plan.modes_per_operation.to_string();
        option("modes-per-operation", Some(modes));
        let limit = plan.plan_time_limit.as_secs_f64().to_string();
        option("plan-time-limit", Some(limit));
        option("no-fuse", self.no_fuse.then(|| "true".to_owned()));
        let limit = self.time_limit.map(|limit| limit.as_secs_f64().to_string());
        option("time-limit", limit);
        let limit = self.work.cpu_limit;
        let limit = limit.map(|limit| limit.as_secs_f64().to_string());
        option("cpu-limit", limit);
        let limit = self.work.node_limit.map(|limit| limit.to_string());
        option("node-limit", limit);
        all
    }
}

/// The name of a choice on the command line.
fn word(choice: &impl ValueEnum) -> String {
    let value = choice.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}
