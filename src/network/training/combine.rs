//! Products: every factor's gradient needs all other factors.
//!
//! Of Y = A·B, dA = dY·B; the gradient of a factor with one value for each channel is the sum of
//! those products over the channel. One operation reads dY and the factors once and gives all
//! gradients.

use super::backward::At;
use super::build::Step;
use super::vector_cost;

/// The gradients of those factors that have one.
pub(super) fn mul_backward(step: &mut Step<'_>, at: At) {
    let factors = step.layers[at.layer].inputs.clone();
    let wanted: Vec<usize> = (0..factors.len()).filter(|&s| at.wants(step, s)).collect();
    let needed = |slot: usize| wanted.iter().any(|&other| other != slot);
    let mut inputs = vec![at.gradient];
    for (slot, &factor) in factors.iter().enumerate() {
        if needed(slot) && !inputs.contains(&factor) {
            inputs.push(factor);
        }
    }
    let whole = step.elements(at.gradient);
    let mut operations: u128 = 0;
    let mut outputs = Vec::new();
    for slot in wanted {
        let gradient = at.input_gradient(step, slot);
        let products = whole.saturating_mul(vector_cost::product(factors.len()));
        let sums = if step.elements(gradient) < whole {
            whole
        } else {
            0
        };
        operations = operations.saturating_add(products).saturating_add(sums);
        outputs.push(gradient);
    }
    if !outputs.is_empty() {
        at.stream(step, inputs, outputs, operations);
    }
}
