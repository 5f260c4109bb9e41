//! The one layer, or loop nest of one, that a command is about.

use clap::{Args, ValueEnum};

use crate::problem::PhaseIndex;
use crate::problem::graph::Pass;

/// The one layer that a command is about.
#[derive(Args, Debug)]
pub(in crate::cli) struct LayerArguments {
    /// The layer
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) layer: String,
    #[command(flatten)]
    pub(in crate::cli) part: PartArguments,
}

/// Which loop nest of a layer.
#[derive(Args, Clone, Copy, Debug)]
pub(in crate::cli) struct PartArguments {
    /// Row and column of the output modulo the strides, of a layer that is computed phase by phase; after
    /// the depth where there are several in depth
    #[arg(long, value_name = "ROW,COLUMN", value_parser = phase)]
    pub(in crate::cli) phase: Option<PhaseIndex>,
    /// The pass
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) pass: PassArgument,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PassArgument {
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

/// Row and column of a phase, as in `1,0`, where there are several in depth after that.
fn phase(text: &str) -> Result<PhaseIndex, String> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    let index = numbers.and_then(|numbers| PhaseIndex::of(&numbers));
    index.ok_or_else(|| "it must be two numbers, such as `1,0`, or three where there are several in depth, such as `0,1,0`".to_owned())
}
