//! The one layer that a command is about.

use anyhow::{anyhow, bail};

use super::args::LayerArguments;
use crate::network::fuse;
use crate::problem::{LayerKind, LoopNest, NestId, Network};
use crate::read;

/// The loop nest of the layer that was named, and what it is called.
pub(super) fn nest<'n>(
    network: &'n Network,
    arguments: &LayerArguments,
) -> anyhow::Result<(NestId, &'n LoopNest)> {
    let name = &arguments.layer;
    let index = (network.layers.iter())
        .position(|layer| layer.name == *name)
        .ok_or_else(|| unknown(network, name))?;
    let id = NestId {
        layer: index,
        phase: arguments.phase,
    };
    if let Some(nest) = network.nest(id) {
        return Ok((id, nest));
    }
    match (&network.layers[index].kind, arguments.phase) {
        (LayerKind::Phases(phases), asked) => {
            let with_taps = phases.iter().filter(|p| p.nest().is_some());
            let all: Vec<String> = with_taps
                .map(|p| format!("{},{}", p.index[0], p.index[1]))
                .collect();
            match asked {
                None => bail!(
                    "--layer {name}: it is computed phase by phase, a program for each; add --phase with one of {}",
                    all.join(" ")
                ),
                Some([row, column]) => bail!(
                    "--phase {row},{column}: {name} has no multiply-accumulates there; use one of {}",
                    all.join(" ")
                ),
            }
        }
        (LayerKind::MultiplyAccumulate(_), Some(_)) => {
            bail!("--phase: {name} is one loop nest and has no phases; leave it out")
        }
        (LayerKind::Stream(_), _) => match fuse::producers(network)[index] {
            Some(producer) => bail!(
                "--layer {name}: it is fused into {} and has no program of its own; ask for that layer",
                network.layers[producer].name
            ),
            None => bail!(
                "--layer {name}: it is streamed (`{}`): there is one way to do it, and no program; {}",
                network.layers[index].op,
                mapped(network)
            ),
        },
        _ => bail!(
            "--layer {name}: it is a view of the same bytes (`{}`), and has no program; {}",
            network.layers[index].op,
            mapped(network)
        ),
    }
}

fn unknown(network: &Network, name: &str) -> anyhow::Error {
    let near = read::nearest(name, network.layers.iter().map(|l| l.name.as_str()));
    let quoted: Vec<String> = near.iter().map(|n| format!("`{n}`")).collect();
    let hint = if quoted.is_empty() {
        mapped(network)
    } else {
        format!("did you mean {}?", quoted.join(" or "))
    };
    anyhow!("--layer {name}: {} has no such layer; {hint}", network.name)
}

/// Some layers that have a program.
fn mapped(network: &Network) -> String {
    let own = network.layers.iter().filter(|l| {
        matches!(
            l.kind,
            LayerKind::MultiplyAccumulate(_) | LayerKind::Phases(_)
        )
    });
    let names: Vec<&str> = own.map(|l| l.name.as_str()).collect();
    let shown = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 5 { ", …" } else { "" };
    if names.is_empty() {
        format!("no layer of {} has one", network.name)
    } else {
        format!("layers with one are {shown}{more}")
    }
}
