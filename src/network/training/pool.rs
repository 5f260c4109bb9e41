//! Pools of means: nothing is kept, and the gradient goes in equal shares to all elements. That of a
//! maximum is in `moves`, with the other choices of one element.

use super::build::Step;
use super::gradient::At;
use super::vector_cost;

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
