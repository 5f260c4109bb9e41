//! A table of layers that stand alone with all their sizes: the passes of each one, and its update.
//!
//! Nothing leads from one to another, so there is no loss. The gradient of an output is given, and
//! that of every input is computed, as for a layer amid a network.

use crate::problem::Network;
use crate::problem::graph::TensorKind;

use super::backward;
use super::build::Step;
use super::gradient::At;

/// Whether all layers stand alone, and the file does not name one that a loss is computed from.
pub(super) fn is_table(network: &Network) -> bool {
    let mut layers = network.layers.iter();
    let alone = !network.layers.is_empty() && layers.all(|layer| layer.from.is_empty());
    alone && network.loss.from.is_none()
}

/// The gradients of every layer, from the last to the first.
pub(super) fn backward(step: &mut Step<'_>) {
    let count = step.tensor_count();
    step.wanted = vec![true; count];
    step.consumers = vec![1; count];
    step.gradients = vec![Vec::new(); count];
    step.gradient_bits = vec![0; count];
    for (tensors, layer) in step.layers.iter().zip(&step.network.layers) {
        for &tensor in tensors.inputs.iter().chain(&tensors.output) {
            step.gradient_bits[tensor] = layer.spec.training.gradient;
        }
    }
    for index in (0..step.layers.len()).rev() {
        let Some(output) = step.layers[index].output else {
            continue;
        };
        let name = format!("{}.gradient", step.tensor(output).name);
        let shape = step.tensor(output).shape.clone();
        let bits = step.gradient_bits[output];
        let gradient = step.add(name, TensorKind::Gradient, shape, bits);
        let layer = index;
        backward::layer(step, At { layer, gradient });
    }
}
