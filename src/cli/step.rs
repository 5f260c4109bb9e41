//! The step that a command works on: the layers of inference, or the operations of training.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::{StepArguments, StepMode};
use crate::network::forward;
use crate::network::training::{self, StepOptions};
use crate::problem::graph::{Graph, Mode};
use crate::problem::{Network, Optimizer};

/// The optimizer of a training step; `None` of inference.
pub(super) fn optimizer(arguments: &StepArguments) -> anyhow::Result<Option<Optimizer>> {
    match (arguments.mode, arguments.optimizer) {
        (StepMode::Inference, Some(_)) => {
            bail!("--optimizer: only a training step updates parameters; add --mode training")
        }
        (StepMode::Inference, None) => Ok(None),
        (StepMode::Training, named) => Ok(Some(named.unwrap_or_default().into())),
    }
}

/// The operations of the step over a network that was read from `file`.
pub(super) fn graph(
    network: &Network,
    arguments: &StepArguments,
    fuse: bool,
    file: &Path,
) -> anyhow::Result<Graph> {
    let Some(optimizer) = optimizer(arguments)? else {
        return Ok(forward::graph(network, fuse));
    };
    let options = StepOptions {
        mode: Mode::Training,
        optimizer,
        fuse,
    };
    training::step(network, options).map_err(|error| anyhow!("{}: {error}", file.display()))
}
