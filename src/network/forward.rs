//! The forward pass of a network as the operations of a step: its layers one by one.

use super::fuse;
use crate::problem::Network;
use crate::problem::graph::{Graph, Mode, Operation, Pass};

/// The layers as operations, with epilogues fused if asked for; without tensors.
#[must_use]
pub fn graph(network: &Network, fuse: bool) -> Graph {
    let fused = if fuse {
        fuse::producers(network)
    } else {
        vec![None; network.layers.len()]
    };
    let written = fuse::written_bits(network, &fused);
    let layers = network.layers.iter().enumerate();
    let operations = layers.map(|(index, layer)| Operation {
        name: layer.name.clone(),
        layer: Some(index),
        op: layer.op.clone(),
        pass: Pass::Forward,
        reads: Vec::new(),
        writes: Vec::new(),
        kind: fuse::writing(layer, written[index]),
        fused_into: fused[index],
    });
    Graph {
        network: network.name.clone(),
        mode: Mode::Inference,
        batch: network.batch,
        tensors: Vec::new(),
        operations: operations.collect(),
    }
}
