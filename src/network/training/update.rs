//! The optimizer: every parameter that has a gradient, in the order of the layers.
//!
//! SGD: w ← w − η·g. Momentum: v ← μ·v + g, w ← w − η·v. Adam (arXiv 1412.6980, algorithm 1):
//! m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², w ← w − η'·m/(√v + ε).
//! Parameters that are narrower than the optimizer's copy are rounded from it.

use crate::problem::Optimizer;
use crate::problem::graph::{Pass, TensorKind};

use super::accumulate::accumulated;
use super::build::{Parameter, Step, Streamed};
use super::vector_cost;

/// One operation for each parameter; shared ones are updated where they belong, by the sum of their
/// gradients.
pub(super) fn all(step: &mut Step<'_>) {
    for index in 0..step.layers.len() {
        if step.layer(index).spec.shares.is_some() {
            continue;
        }
        for which in 0..step.layers[index].parameters.len() {
            let parameter = step.layers[index].parameters[which];
            let gradient = gradient(step, index, which);
            if let (Some(gradient), true) = (gradient, parameter.trained) {
                update(step, index, parameter, gradient);
            }
        }
    }
}

/// Whether other layers use the layer's parameters, or it uses those of another one.
pub(super) fn is_shared(step: &Step<'_>, index: usize) -> bool {
    step.layer(index).spec.shares.is_some() || step.shared.contains(&index)
}

/// The gradient of a parameter: the only one, or the sum of those of all layers that use it.
fn gradient(step: &mut Step<'_>, index: usize, which: usize) -> Option<usize> {
    if !step.shared.contains(&index) {
        return step.layers[index].parameters[which].gradient;
    }
    let users = (0..step.layers.len())
        .filter(|&user| user == index || step.layer(user).spec.shares == Some(index));
    let parts: Vec<usize> = users
        .filter_map(|user| step.layers[user].parameters.get(which)?.gradient)
        .collect();
    let tensor = step.layers[index].parameters[which].tensor;
    let bits = step.layer(index).spec.training.weight_gradient;
    let name = step.tensor(tensor).name.clone();
    let kind = (TensorKind::ParameterGradient, bits);
    accumulated(step, index, &name, tensor, kind, parts)
}

fn update(step: &mut Step<'_>, index: usize, parameter: Parameter, gradient: usize) {
    let optimizer = step.options.optimizer;
    let master = master(step, index, parameter);
    let kept: Vec<usize> = [master.unwrap_or(parameter.tensor)]
        .into_iter()
        .chain(states(step, index, parameter))
        .collect();
    let rounded = master.map(|_| parameter.tensor);
    let cost = cost(optimizer)
        + if rounded.is_some() {
            vector_cost::ROUND
        } else {
            0
        };
    let operations = step.elements(parameter.tensor).saturating_mul(cost);
    step.stream(Streamed {
        name: format!("{}.update", step.tensor(parameter.tensor).name),
        layer: Some(index),
        op: optimizer.name().to_owned(),
        pass: Pass::Update,
        inputs: vec![gradient],
        parameters: kept.clone(),
        outputs: kept.into_iter().chain(rounded).collect(),
        vector_operations: operations,
        passes: 1,
    });
}

/// The optimizer's copy, where it is wider than the parameter.
fn master(step: &mut Step<'_>, index: usize, parameter: Parameter) -> Option<usize> {
    let spec = &step.layer(index).spec;
    let bits = spec.training.master_weight;
    let tensor = step.tensor(parameter.tensor);
    if bits <= tensor.bits_per_element {
        return None;
    }
    let (name, shape) = (format!("{}.master", tensor.name), tensor.shape.clone());
    Some(step.add(name, TensorKind::MasterParameter, shape, bits))
}

fn states(step: &mut Step<'_>, index: usize, parameter: Parameter) -> Vec<usize> {
    let bits = step.layer(index).spec.training.optimizer_state;
    let names = step.options.optimizer.states().iter();
    let added = names.map(|state| {
        let tensor = step.tensor(parameter.tensor);
        let (name, shape) = (format!("{}.{state}", tensor.name), tensor.shape.clone());
        step.add(name, TensorKind::OptimizerState, shape, bits)
    });
    added.collect()
}

fn cost(optimizer: Optimizer) -> u128 {
    match optimizer {
        Optimizer::Sgd => vector_cost::SGD,
        Optimizer::Momentum => vector_cost::MOMENTUM,
        Optimizer::Adam => vector_cost::ADAM,
    }
}
