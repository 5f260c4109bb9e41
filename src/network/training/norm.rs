//! Normalisations: the input and its statistics.
//!
//! With x̂ = (x − mean)·r, r = 1 / √(variance + ε) and n the number of elements of one mean,
//! dscale = Σ dY·x̂, dshift = Σ dY. Batch normalisation: dX = scale·r·(dY − dshift/n − x̂·dscale/n).
//! Layer normalisation: with g = scale·dY, dX = r·(g − Σg/n − x̂·Σ(g·x̂)/n), the sums over a row.
//!
//! A batch normalisation needs the statistics of the whole batch before it can normalise the first
//! element, so that it reads its input twice, and in the backward pass input and gradient twice.
//! A row of a layer normalisation stays in the vector unit.

use crate::problem::Normalization;
use crate::problem::graph::{Pass, TensorKind};

use super::build::{Step, Streamed};
use super::gradient::At;
use super::operation::operation;
use super::vector_cost;

/// Two passes over the input; mean and r of each channel are kept, the running ones updated.
pub(super) fn batch_norm_forward(step: &mut Step<'_>, index: usize) {
    let layer = step.layer(index);
    let parameters = parameters(step, index);
    let channels = step.tensor(parameters[0]).shape.clone();
    let statistics = statistics(step, index, &channels);
    let running: Vec<usize> = ["running_mean", "running_variance"]
        .map(|what| {
            let name = format!("{}.{what}", layer.name);
            let bits = layer.spec.training.master_weight;
            step.add(name, TensorKind::RunningStatistics, channels.clone(), bits)
        })
        .to_vec();
    let tensors = &step.layers[index];
    let (inputs, output) = (tensors.inputs.clone(), tensors.output);
    let work = step
        .elements(inputs[0])
        .saturating_mul(vector_cost::BATCH_NORM);
    let averaging = step.elements(running[0]) * vector_cost::RUNNING_STATISTICS;
    step.stream(Streamed {
        name: layer.name.clone(),
        layer: Some(index),
        op: layer.op.clone(),
        pass: Pass::Forward,
        inputs,
        parameters: [parameters, running.clone()].concat(),
        outputs: output
            .into_iter()
            .chain(statistics)
            .chain(running)
            .collect(),
        vector_operations: work.saturating_add(averaging),
        passes: 2,
    });
}

/// The operation, and mean and r of each row.
pub(super) fn layer_norm_forward(step: &mut Step<'_>, index: usize) {
    let features = step.tensor(parameters(step, index)[0]).elements();
    let mut rows = step.layer(index).shape.clone();
    // The features are the last axis of tokens, the first one of an image.
    let axis = if step.layer(index).spec.image {
        1
    } else {
        rows.len().saturating_sub(1)
    };
    debug_assert_eq!(rows.get(axis).map(|&e| u128::from(e)), Some(features));
    rows.remove(axis);
    let statistics = statistics(step, index, &rows);
    operation(step, index, None, &statistics);
}

/// The operation, and the statistics of each row or group: r, and where it is subtracted the mean.
pub(super) fn normalization_forward(step: &mut Step<'_>, index: usize, norm: &Normalization) {
    let mut saved = statistics(step, index, &norm.statistics);
    if !norm.centred {
        saved.remove(0);
        step.layers[index].saved.clone_from(&saved);
    }
    operation(step, index, None, &saved);
}

/// The gradients of scale, shift and input; a group's elements are read twice, as forward.
pub(super) fn normalization_backward(step: &mut Step<'_>, at: At, norm: &Normalization) {
    let tensors = step.layers[at.layer].clone();
    let wanted = at.wants(step, 0);
    let mut outputs = Vec::new();
    if wanted {
        outputs.push(at.input_gradient(step, 0));
    }
    for which in 0..tensors.parameters.len() {
        outputs.push(at.parameter_gradient(step, which));
    }
    if outputs.is_empty() {
        return;
    }
    let cost = vector_cost::normalization_backward(norm, wanted);
    let operations = step.elements(at.gradient).saturating_mul(cost);
    let scale = norm.scale.is_some().then(|| tensors.parameters[0].tensor);
    let parameters = scale.into_iter().chain(tensors.saved).collect();
    let inputs = vec![at.gradient, tensors.inputs[0]];
    let passes = if wanted { u128::from(norm.passes) } else { 1 };
    at.stream_with(step, inputs, parameters, outputs, operations, passes);
}

/// Mean and r, as wide as partial sums.
fn statistics(step: &mut Step<'_>, index: usize, shape: &[u64]) -> Vec<usize> {
    let layer = step.layer(index);
    let bits = layer.spec.precision.accumulator;
    let saved = ["mean", "reciprocal_deviation"].map(|what| {
        let name = format!("{}.{what}", layer.name);
        step.add(name, TensorKind::Saved, shape.to_vec(), bits)
    });
    step.layers[index].saved = saved.to_vec();
    saved.to_vec()
}

/// The gradients of scale, shift and input, in two passes.
pub(super) fn batch_norm_backward(step: &mut Step<'_>, at: At) {
    backward(step, at, vector_cost::BATCH_NORM_BACKWARD, 2);
}

/// The gradients of scale, shift and input, row by row.
pub(super) fn layer_norm_backward(step: &mut Step<'_>, at: At) {
    backward(step, at, vector_cost::LAYER_NORM_BACKWARD, 1);
}

/// The gradients, at `cost` vector operations for each element of the input's. Input and gradient
/// are read `passes` times; where the input has no gradient one pass gives the sums.
fn backward(step: &mut Step<'_>, at: At, cost: u128, passes: u128) {
    let tensors = step.layers[at.layer].clone();
    let scale = tensors.parameters[0].tensor;
    let wanted = at.wants(step, 0);
    let input = wanted.then(|| at.input_gradient(step, 0));
    let parameters = [0, 1].map(|which| at.parameter_gradient(step, which));
    let outputs = input.into_iter().chain(parameters).collect();
    let (cost, passes) = if wanted { (cost, passes) } else { (0, 1) };
    let cost = cost + vector_cost::NORM_PARAMETERS_BACKWARD;
    let operations = step.elements(at.gradient).saturating_mul(cost);
    let inputs = vec![at.gradient, tensors.inputs[0]];
    let parameters = [vec![scale], tensors.saved].concat();
    at.stream_with(step, inputs, parameters, outputs, operations, passes);
}

fn parameters(step: &Step<'_>, index: usize) -> Vec<usize> {
    let parameters = step.layers[index].parameters.iter();
    parameters.map(|parameter| parameter.tensor).collect()
}
