//! Elements that are moved, taken, spread or put together: the gradient goes the way back.
//!
//! Of a slice, dX is dY amid zeros; of padding, a part of dY; of an expansion, the sum over all that
//! an element became; of elements at places, dY added at these places. Zeros that are only written
//! take no vector operation.

use crate::problem::graph::TensorKind;
use crate::problem::{LayerKind, Operator, Reduction};

use super::build::Step;
use super::gradient::At;
use super::operation::operation;
use super::{vector_cost, view};

/// dX is dY amid zeros.
pub(super) fn slice_backward(step: &mut Step<'_>, at: At) {
    scattered(step, at, vec![at.gradient], 1);
}

/// dX is the sum over all elements that one became.
pub(super) fn expand_backward(step: &mut Step<'_>, at: At) {
    scattered(step, at, vec![at.gradient], 1);
}

/// Every output's gradient is added at the inputs that it was computed from.
pub(super) fn resize_backward(step: &mut Step<'_>, at: At, taps: u128) {
    let cost = vector_cost::resize_backward(taps);
    scattered(step, at, vec![at.gradient], cost);
}

/// dY added at the places; they are read again where they are no constant.
pub(super) fn gather_backward(step: &mut Step<'_>, at: At) {
    let places = step.layers[at.layer].inputs.get(1).copied();
    let inputs = [at.gradient].into_iter().chain(places).collect();
    scattered(step, at, inputs, vector_cost::SCATTER);
}

/// The gradient of the only input with a gradient, at `cost` operations for each element of dY.
fn scattered(step: &mut Step<'_>, at: At, inputs: Vec<usize>, cost: u128) {
    if at.wants(step, 0) {
        let gradient = at.input_gradient(step, 0);
        let operations = step.elements(at.gradient).saturating_mul(cost);
        at.stream(step, inputs, vec![gradient], operations);
    }
}

/// dY without what came from elsewhere, and dY at the places.
pub(super) fn scatter_backward(step: &mut Step<'_>, at: At) {
    let places = step.layers[at.layer].inputs[1];
    let mut operations: u128 = 0;
    let mut outputs = Vec::new();
    for slot in [0, 2] {
        if at.wants(step, slot) {
            let gradient = at.input_gradient(step, slot);
            operations = operations.saturating_add(step.elements(gradient));
            outputs.push(gradient);
        }
    }
    if !outputs.is_empty() {
        at.stream(step, vec![at.gradient, places], outputs, operations);
    }
}

/// The parts of dY: views where the forward layer is one, else moved.
pub(super) fn concat_backward(step: &mut Step<'_>, at: At) {
    if step.layer(at.layer).kind == LayerKind::View {
        view::backward(step, at);
        return;
    }
    let slots = 0..step.layers[at.layer].inputs.len();
    let wanted: Vec<usize> = slots.filter(|&slot| at.wants(step, slot)).collect();
    let parts: Vec<usize> = wanted.iter().map(|&s| at.input_gradient(step, s)).collect();
    if !parts.is_empty() {
        let operations = parts.iter().map(|&part| step.elements(part)).sum();
        at.stream(step, vec![at.gradient], parts, operations);
    }
}

/// The operation, and for each output which of `count` elements it was.
pub(super) fn places_forward(step: &mut Step<'_>, index: usize, count: u128) {
    let layer = step.layer(index);
    let bits = count.next_power_of_two().trailing_zeros().max(1);
    // A `topk` may have an output called `indices`, which is not kept for the backward pass.
    let what = match layer.spec.operator {
        Operator::TopK { .. } => "places",
        _ => "indices",
    };
    let name = format!("{}.{what}", layer.name);
    let indices = step.add(name, TensorKind::Saved, layer.shape.clone(), bits);
    step.layers[index].saved.push(indices);
    operation(step, index, None, &[indices]);
}

/// dY at the places that were kept; all other elements are zero.
pub(super) fn places_backward(step: &mut Step<'_>, at: At) {
    let inputs = [vec![at.gradient], step.layers[at.layer].saved.clone()].concat();
    scattered(step, at, inputs, vector_cost::SCATTER);
}

/// Whether a reduction keeps which element was chosen.
pub(super) fn chooses(function: Reduction) -> bool {
    matches!(function, Reduction::Max | Reduction::Min)
}

/// Each result's gradient, spread over the elements that it came from.
pub(super) fn reduce_backward(step: &mut Step<'_>, at: At, function: Reduction) {
    if chooses(function) {
        places_backward(step, at);
        return;
    }
    if !at.wants(step, 0) {
        return;
    }
    let cost = vector_cost::reduction_backward(function);
    let mut inputs = vec![at.gradient];
    let (input, output) = (
        step.layers[at.layer].inputs[0],
        step.layers[at.layer].output,
    );
    inputs.extend(cost.input.then_some(input));
    inputs.extend(output.filter(|_| cost.output));
    let gradient = at.input_gradient(step, 0);
    let results = step.elements(at.gradient).saturating_mul(cost.result);
    let all = step.elements(gradient).saturating_mul(cost.each);
    at.stream(step, inputs, vec![gradient], results.saturating_add(all));
}

/// The rotation by the opposite angles.
pub(super) fn rope_backward(step: &mut Step<'_>, at: At) {
    if at.wants(step, 0) {
        let table = step.layers[at.layer].parameters.iter().map(|p| p.tensor);
        let table = table.collect();
        let gradient = at.input_gradient(step, 0);
        let operations = step.layer(at.layer).kind.vector_operations();
        at.stream_with(
            step,
            vec![at.gradient],
            table,
            vec![gradient],
            operations,
            1,
        );
    }
}
