//! The loss and its gradient, in one operation that reads the output and the target.
//!
//! Cross-entropy: with p the softmax of a row of n rows, dX = (p − target)/n. Mean squared error of
//! n elements: dX = 2·(X − target)/n.

use crate::problem::graph::{Pass, TensorKind};
use crate::problem::{LossKind, Network, Operator};

use super::build::{Step, Streamed};
use super::gradient::add_gradient;
use super::{GraphError, vector_cost};

/// Bits of a class number.
const CLASS_NUMBER: u32 = 32;

/// Where the loss is computed.
#[derive(Clone, Copy)]
pub(super) struct Source {
    /// The layer whose output it reads.
    pub(super) layer: usize,
    /// The softmax behind that layer which the cross-entropy contains, where nothing else reads it.
    pub(super) softmax: Option<usize>,
}

/// The layer that the file names, or else the only one whose output no layer reads.
pub(super) fn source(network: &Network) -> Result<Source, GraphError> {
    let mut read = vec![false; network.layers.len()];
    let producers = network.layers.iter().flat_map(|layer| &layer.from);
    producers
        .flatten()
        .for_each(|&producer| read[producer] = true);
    let outputs: Vec<usize> = (0..read.len()).filter(|&index| !read[index]).collect();
    let layer = match (network.loss.from, outputs.as_slice()) {
        (Some(layer), _) | (None, &[layer]) => layer,
        (None, []) => return Err(GraphError::NoOutput),
        (None, several) => {
            let name = |&index: &usize| network.layers[index].name.clone();
            let outputs = several.iter().map(name).collect();
            return Err(GraphError::SeveralOutputs { outputs });
        }
    };
    Ok(without_softmax(network, layer, read[layer]))
}

/// A cross-entropy contains the softmax over the classes, and reads what a last softmax reads.
fn without_softmax(network: &Network, layer: usize, is_read: bool) -> Source {
    let last = &network.layers[layer];
    let contained = network.loss.kind == LossKind::CrossEntropy
        && matches!(last.spec.operator, Operator::Softmax { .. })
        && !last.spec.image;
    match last.from.as_slice() {
        &[Some(logits)] if contained => Source {
            layer: logits,
            softmax: (!is_read).then_some(layer),
        },
        _ => Source {
            layer,
            softmax: None,
        },
    }
}

/// The loss, and the gradient of the output.
pub(super) fn operation(step: &mut Step<'_>, source: Source) {
    let layer = step.layer(source.layer);
    let Some(output) = step.layers[source.layer].output else {
        return;
    };
    let (name, kind) = (format!("{}.loss", layer.name), step.network.loss.kind);
    let target = target(step, source.layer, output);
    let rows = step.elements(target);
    let elements = step.elements(output);
    let operations = match kind {
        LossKind::CrossEntropy => (elements.saturating_mul(vector_cost::CROSS_ENTROPY))
            .saturating_add(rows.saturating_mul(vector_cost::CROSS_ENTROPY_ROW)),
        LossKind::Mse => elements.saturating_mul(vector_cost::MSE),
    };
    let bits = layer.spec.precision.accumulator;
    let loss = step.add(name.clone(), TensorKind::Loss, Vec::new(), bits);
    let gradient = add_gradient(step, output, "loss", 0);
    step.stream(Streamed {
        name,
        layer: Some(source.layer),
        op: kind.name().to_owned(),
        pass: Pass::Loss,
        inputs: vec![output, target],
        parameters: Vec::new(),
        outputs: vec![loss, gradient],
        vector_operations: operations,
        passes: 1,
    });
}

/// A class number for each row, or values of the output's shape.
fn target(step: &mut Step<'_>, index: usize, output: usize) -> usize {
    let layer = step.layer(index);
    let name = format!("{}.target", layer.name);
    if step.network.loss.kind == LossKind::Mse {
        return step.add_like(name, TensorKind::Target, output);
    }
    let mut shape = layer.shape.clone();
    let classes = if layer.spec.image {
        1
    } else {
        shape.len().saturating_sub(1)
    };
    // The batch is no axis of classes: without another one there is one class.
    if classes > 0 {
        shape.remove(classes);
    }
    step.add(name, TensorKind::Target, shape, CLASS_NUMBER)
}
