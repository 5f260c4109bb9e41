//! ReLU and GELU: one bit for each element, or the input.
//!
//! ReLU: dX = dY where the mask is set, else 0. GELU in the tanh form, with u = k·(x + a·x³):
//! dX = dY · (½·(1 + tanh u) + ½·k·x·(1 − tanh² u)·(1 + 3a·x²)).
//!
//! An activation that is fused takes its input from the array and not from memory. What it keeps is
//! then written by an operation of its own, `LAYER.keep`, which has no other work.

use crate::problem::graph::{Pass, TensorKind};

use super::backward::At;
use super::build::{Step, Streamed};
use super::{forward, vector_cost};

/// The operation, and the mask of the elements that it leaves as they are.
pub(super) fn relu_forward(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    let layer = step.layer(index);
    let name = format!("{}.mask", layer.name);
    let mask = step.add(name, TensorKind::Saved, layer.shape.clone(), 1);
    step.layers[index].saved.push(mask);
    if fused_into.is_some() {
        forward::operation(step, index, fused_into, &[]);
        keep(step, index, mask);
    } else {
        forward::operation(step, index, None, &[mask]);
    }
}

/// The operation; where it is fused, its input is kept besides.
pub(super) fn gelu_forward(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    forward::operation(step, index, fused_into, &[]);
    let input = step.layers[index].inputs[0];
    if fused_into.is_some() {
        let name = format!("{}.input", step.layer(index).name);
        let copy = step.add_like(name, TensorKind::Saved, input);
        step.layers[index].saved.push(copy);
        keep(step, index, copy);
    } else {
        step.layers[index].saved.push(input);
    }
}

/// Writes what a fused operation keeps; the values come from the array.
fn keep(step: &mut Step<'_>, index: usize, kept: usize) {
    step.stream(Streamed {
        name: format!("{}.keep", step.layer(index).name),
        layer: Some(index),
        op: "keep".to_owned(),
        pass: Pass::Forward,
        inputs: Vec::new(),
        parameters: Vec::new(),
        outputs: vec![kept],
        vector_operations: 0,
        passes: 1,
    });
}

/// The gradient of the input, by what was kept.
pub(super) fn backward(step: &mut Step<'_>, at: At, cost: u128) {
    let inputs = [vec![at.gradient], step.layers[at.layer].saved.clone()].concat();
    at.elementwise(step, inputs, cost);
}

/// The gradient of the input of a softmax: dX = Y·(dY − Σ dY·Y), the sum over a row.
pub(super) fn softmax_backward(step: &mut Step<'_>, at: At) {
    let output = step.layers[at.layer].output;
    let inputs = [at.gradient].into_iter().chain(output).collect();
    at.elementwise(step, inputs, vector_cost::SOFTMAX_BACKWARD);
}
