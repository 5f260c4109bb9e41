//! Arguments that say over which step a command works.

use clap::{Args, ValueEnum};

use crate::problem::Optimizer;
use crate::problem::graph::Mode;

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
