//! The one layer that a command is about, in one of its passes.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::LayerArguments;
use super::fold;
use crate::network::forward;
use crate::network::training::{self, StepOptions};
use crate::problem::graph::{Graph, Mode, Pass};
use crate::problem::{LayerKind, LoopNest, NestId, Network, Optimizer, PhaseIndex, Workload};
use crate::read;

/// The step in which the layer has the pass that was named: of inference for the forward pass,
/// else of training.
pub(super) fn step(
    network: &Network,
    arguments: &LayerArguments,
    file: &Path,
) -> anyhow::Result<Graph> {
    if Pass::from(arguments.part.pass) == Pass::Forward {
        return Ok(forward::graph(network, true));
    }
    let options = StepOptions {
        mode: Mode::Training,
        optimizer: Optimizer::default(),
        fuse: true,
    };
    training::step(network, options).map_err(|error| anyhow!("{}: {error}", file.display()))
}

/// A phase as it is asked for.
fn numbers(index: PhaseIndex) -> String {
    let all: Vec<String> = index.numbers().map(|n| n.to_string()).collect();
    all.join(",")
}

/// The loop nest of the layer's pass that was named, and what it is called.
pub(super) fn nest<'n>(
    step: &'n Graph,
    arguments: &LayerArguments,
) -> anyhow::Result<(NestId, &'n LoopNest)> {
    let pass = Pass::from(arguments.part.pass);
    let name = match pass {
        Pass::Forward => arguments.layer.clone(),
        _ => format!("{}.{}", arguments.layer, pass.name()),
    };
    let index = (step.operations.iter())
        .position(|operation| operation.name == name)
        .ok_or_else(|| unknown(step, pass, &arguments.layer))?;
    let id = NestId {
        layer: index,
        phase: arguments.part.phase,
    };
    if let Some(nest) = step.nest(id) {
        return Ok((id, nest));
    }
    match (&step.operations[index].kind, arguments.part.phase) {
        (LayerKind::Phases(phases), asked) => {
            let with_taps = phases.iter().filter(|p| p.nest().is_some());
            let all: Vec<String> = with_taps.map(|p| numbers(p.index)).collect();
            match asked {
                None => bail!(
                    "--layer {name}: it is computed phase by phase, a program for each; add --phase with one of {}",
                    all.join(" ")
                ),
                Some(index) => bail!(
                    "--phase {}: {name} has no multiply-accumulates there; use one of {}",
                    numbers(index),
                    all.join(" ")
                ),
            }
        }
        (LayerKind::MultiplyAccumulate(_), Some(_)) => {
            bail!("--phase: {name} is one loop nest and has no phases; leave it out")
        }
        (LayerKind::Stream(_), _) => match step.operations[index].fused_into {
            Some(producer) => bail!(
                "--layer {name}: it is fused into {} and has no program of its own; ask for that layer",
                step.operations[producer].name
            ),
            None => bail!(
                "--layer {name}: a streamed operation (`{}`) has no program; {}",
                step.operations[index].op,
                mapped(step, pass)
            ),
        },
        _ => bail!(
            "--layer {name}: it is a view of the same bytes (`{}`), and has no program; {}",
            step.operations[index].op,
            mapped(step, pass)
        ),
    }
}

fn unknown(step: &Graph, pass: Pass, name: &str) -> anyhow::Error {
    let near = read::nearest(name, mapped_names(step, pass));
    let quoted: Vec<String> = near
        .iter()
        .map(|n| format!("`{}`", fold::name(n)))
        .collect();
    let hint = if quoted.is_empty() {
        mapped(step, pass)
    } else {
        format!("did you mean {}?", quoted.join(" or "))
    };
    let what = match pass {
        Pass::Forward => "no such layer".to_owned(),
        _ => format!("no such layer with a {} pass", pass.name()),
    };
    let (name, network) = (fold::name(name), fold::name(&step.network));
    anyhow!("--layer {name}: {network} has {what}; {hint}")
}

/// Some layers that have a program of this pass.
fn mapped(step: &Graph, pass: Pass) -> String {
    let names = mapped_names(step, pass);
    if names.is_empty() {
        format!("no layer of {} has one", fold::name(&step.network))
    } else {
        format!("layers with one are {}", fold::names(&names))
    }
}

/// All layers that have a program of this pass.
fn mapped_names(step: &Graph, pass: Pass) -> Vec<&str> {
    let is_mapped = |kind: &LayerKind| {
        matches!(
            kind,
            LayerKind::MultiplyAccumulate(_) | LayerKind::Phases(_)
        )
    };
    let suffix = format!(".{}", pass.name());
    let own = step.operations.iter();
    let own = own.filter(|operation| operation.pass == pass && is_mapped(&operation.kind));
    own.map(|operation| {
        let name = operation.name.as_str();
        name.strip_suffix(suffix.as_str()).unwrap_or(name)
    })
    .collect()
}
