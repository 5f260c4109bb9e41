//! Pools: the largest element's place in its window, or nothing.
//!
//! The gradient of a maximum goes to the element that was chosen, that of a mean in equal shares to all.

use crate::problem::graph::TensorKind;

use super::backward::At;
use super::build::Step;
use super::{forward, vector_cost};

/// The operation, and for each output the place of its largest element among the taps.
pub(super) fn max_forward(step: &mut Step<'_>, index: usize, taps: u128) {
    let layer = step.layer(index);
    let bits = taps.next_power_of_two().trailing_zeros().max(1);
    let name = format!("{}.indices", layer.name);
    let indices = step.add(name, TensorKind::Saved, layer.shape.clone(), bits);
    step.layers[index].saved.push(indices);
    forward::operation(step, index, None, &[indices]);
}

/// Each output's gradient is added at its index; all other elements are zero.
pub(super) fn max_backward(step: &mut Step<'_>, at: At) {
    let inputs = [vec![at.gradient], step.layers[at.layer].saved.clone()].concat();
    spread(step, at, inputs, vector_cost::SCATTER, 0);
}

/// Each output's gradient is scaled and added at every tap.
pub(super) fn avg_backward(step: &mut Step<'_>, at: At, taps: u128) {
    spread(step, at, vec![at.gradient], vector_cost::avg_pool(taps), 0);
}

/// Each channel's gradient is scaled and moved to every element.
pub(super) fn global_backward(step: &mut Step<'_>, at: At) {
    let inputs = vec![at.gradient];
    let [scale, spreading] = [vector_cost::MEAN_BACKWARD, vector_cost::SPREAD];
    spread(step, at, inputs, scale, spreading);
}

/// The gradient of the input, at some vector operations for each output and some for each input.
fn spread(
    step: &mut Step<'_>,
    at: At,
    inputs: Vec<usize>,
    cost_of_output: u128,
    cost_of_input: u128,
) {
    if at.wants(step, 0) {
        let gradient = at.input_gradient(step, 0);
        let outputs = step.elements(at.gradient).saturating_mul(cost_of_output);
        let all = step.elements(gradient).saturating_mul(cost_of_input);
        at.stream(step, inputs, vec![gradient], outputs.saturating_add(all));
    }
}
