//! Arguments of `explain`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;

use super::common::{AmongArguments, Inputs, ObjectiveArgument, WorkArguments, jobs, seconds};
use super::format::formats;
use super::{LayerArguments, PartArguments, StepArguments, StepMode};
use crate::problem::graph::Pass;
use crate::report::explain::ExplainReport;
use crate::report::{Format, Reported};

pub(super) const EXAMPLES: &str = "\
Examples:
  deepmatrix explain NETWORK HARDWARE
  deepmatrix explain NETWORK HARDWARE --layer conv3_1
  deepmatrix explain NETWORK HARDWARE --layer conv3_1 --objective energy --format json";

#[derive(Args, Debug)]
pub(in crate::cli) struct ExplainArguments {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The layer [default: the step of the whole network]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    #[command(flatten)]
    part: PartArguments,
    #[command(flatten)]
    pub(in crate::cli) step: StepArguments,
    /// What is minimised
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) objective: ObjectiveArgument,
    #[command(flatten)]
    pub(in crate::cli) among: AmongArguments,
    /// Time limit for each solution: the layer's, and those with more or less of something
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) time_limit: Option<Duration>,
    #[command(flatten)]
    pub(in crate::cli) work: WorkArguments,
    /// Of a whole network, the layers alone: nothing is kept between them
    #[arg(long, conflicts_with = "layer")]
    pub(in crate::cli) no_memory_plan: bool,
    /// Time limit of the memory plan of a whole network: its programs and addresses
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(in crate::cli) plan_time_limit: Duration,
    /// Limit of what each change of the hardware takes of a whole network: of its plan, or without one of
    /// each layer's processor time
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(in crate::cli) change_limit: Duration,
    /// Map a whole network anew instead of taking the mappings that are kept
    #[arg(long, conflicts_with = "layer")]
    pub(in crate::cli) no_cache: bool,
    /// Layers mapped at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(in crate::cli) jobs: Option<usize>,
    /// Of a whole network, a line for every layer
    #[arg(long, conflicts_with = "layer")]
    pub(in crate::cli) all: bool,
    /// Format of the result
    #[arg(long, default_value = ExplainReport::DEFAULT, value_parser = formats::<ExplainReport<'static>>())]
    pub(in crate::cli) format: Format,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

impl ExplainArguments {
    /// The one layer that is explained; `None` where it is the whole network.
    pub(in crate::cli) fn layer(&self) -> Option<anyhow::Result<LayerArguments>> {
        let training = self.step.mode == StepMode::Training;
        match &self.layer {
            Some(_) if training => Some(Err(anyhow!(
                "--mode training: with --layer name the pass with --pass"
            ))),
            Some(layer) => Some(Ok(LayerArguments {
                layer: layer.clone(),
                part: self.part,
            })),
            None if self.part.phase.is_some() || Pass::from(self.part.pass) != Pass::Forward => {
                Some(Err(anyhow!(
                    "--phase and --pass: they are of one layer; add --layer"
                )))
            }
            None => None,
        }
    }
}
