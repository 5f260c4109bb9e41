//! `graph`: the operations and tensors of a step.

use anyhow::anyhow;

use super::Outcome;
use super::args::GraphArguments;
use super::input::one_error_per_line;
use super::output::Output;
use crate::network::training::{self, StepOptions};
use crate::read::{self, NetworkOptions};
use crate::report::graph;

/// Runs the command.
pub(super) fn run(arguments: &GraphArguments) -> anyhow::Result<Outcome> {
    let options = NetworkOptions {
        batch: arguments.batch,
    };
    let network = read::network(&arguments.network, &options)
        .map_err(|error| anyhow!(one_error_per_line([error].iter())))?;
    let options = StepOptions {
        mode: arguments.mode.into(),
        optimizer: arguments.optimizer.into(),
        fuse: !arguments.no_fuse,
    };
    let step = training::step(&network, options)
        .map_err(|error| anyhow!("{}: {error}", arguments.network.display()))?;
    let output = Output::open(arguments.output.as_deref())?;
    output.write(|out| graph::write(&step, &network, arguments.format(), out))?;
    Ok(Outcome::Done)
}
