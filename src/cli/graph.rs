//! `graph`: the operations and tensors of a step.

use anyhow::anyhow;

use super::Outcome;
use super::args::GraphArguments;
use super::input::{one_error_per_line, show_assumptions};
use super::output::Output;
use super::step;
use crate::network::training::{self, StepOptions};
use crate::read;
use crate::report;
use crate::report::graph::GraphReport;

/// Runs the command.
pub(super) fn run(arguments: &GraphArguments) -> anyhow::Result<Outcome> {
    let options = arguments.onnx.options(arguments.batch);
    let network = read::network(&arguments.network, &options)
        .map_err(|error| anyhow!(one_error_per_line([error].iter())))?;
    show_assumptions(&network);
    let optimizer = step::optimizer(&arguments.step)?;
    let options = StepOptions {
        mode: arguments.step.mode.into(),
        optimizer: optimizer.unwrap_or_default(),
        fuse: !arguments.no_fuse,
    };
    let graph = training::step(&network, options)
        .map_err(|error| anyhow!("{}: {error}", arguments.network.display()))?;
    let output = Output::open(arguments.output.as_deref())?;
    let result = GraphReport {
        graph: &graph,
        network: &network,
    };
    output.write(|out| report::write(&result, arguments.format(), arguments.detail(), out))?;
    Ok(Outcome::Done)
}
