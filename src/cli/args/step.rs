//! Arguments that say over which step a command works.

use clap::Args;

use super::graph::{OptimizerArgument, StepMode};

/// The step over the network.
#[derive(Args, Debug)]
pub(in crate::cli) struct StepArguments {
    /// What the step does
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) mode: StepMode,
    /// How parameters are updated in training [default: sgd]
    #[arg(long, value_enum)]
    pub(in crate::cli) optimizer: Option<OptimizerArgument>,
}
