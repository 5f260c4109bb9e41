//! Arguments of the memory plan.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// What stays in the shared memory between operations.
#[derive(Args, Debug)]
pub(in crate::cli) struct PlanArguments {
    /// Plan which tensors stay in the shared memory between operations, with their addresses, or say
    /// why that cannot be [default: where fewest cycles are sought of a whole network, and the hardware has
    /// a bounded shared memory]
    #[arg(long, conflicts_with_all = ["pareto", "layers"])]
    pub(in crate::cli) memory_plan: bool,
    /// Map the layers alone: the total is the sum of what each takes with nothing kept in between
    #[arg(long, conflicts_with_all = ["memory_plan", "memory_map", "trace"])]
    pub(in crate::cli) no_memory_plan: bool,
    /// Mappings of each operation at most, in the whole memory and powers of two below, among which a
    /// memory plan chooses; the first 4 alone where these are enough
    #[arg(long, value_name = "N", default_value_t = super::MODES_PER_OPERATION, value_parser = super::jobs)]
    pub(in crate::cli) modes_per_operation: usize,
    /// Operations that a memory plan may run together, tile by tile, at most (1: none)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::jobs)]
    pub(in crate::cli) stage_length: usize,
    /// Time limit of a memory plan: its programs and addresses
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = super::seconds)]
    pub(in crate::cli) plan_time_limit: Duration,
    /// Map every operation anew instead of taking the mappings that are kept from earlier plans
    #[arg(long)]
    pub(in crate::cli) no_cache: bool,
    /// Draw the memory over time into this file (SVG)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pareto", "layers"])]
    pub(in crate::cli) memory_map: Option<PathBuf>,
    /// Write the planned step as trace events into this file (JSON for Perfetto):
    /// operations, transfers and what the shared memory holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pareto", "layers"])]
    pub(in crate::cli) trace: Option<PathBuf>,
}
