//! The backward pass: the layers that lead to the loss, from the last to the first.
//!
//! The gradient of a tensor is part of the step where a parameter lies before it and the loss behind
//! it. Where several layers read the tensor, each gives a gradient of its own, and one operation
//! adds all of them.

use crate::problem::{Function, Network, Operand, Operator, Pairwise};

use super::build::Step;
use super::gradient::{At, gradient};
use super::loss::{self, Source};
use super::{GraphError, combine, convolution, embedding, function, given, matmul, moves, norm};
use super::{pool, split, view};

/// Reports a layer whose operator has no backward pass.
pub(super) fn refuse_operators(network: &Network) -> Result<(), GraphError> {
    let mut layers = network.layers.iter();
    let refused = layers.find_map(|layer| Some((layer, refusal(&layer.spec.operator)?)));
    match refused {
        None => Ok(()),
        Some((layer, why)) => Err(GraphError::NoBackward {
            layer: layer.name.clone(),
            op: layer.op.clone(),
            why,
        }),
    }
}

/// Why an operator has no backward pass.
fn refusal(operator: &Operator) -> Option<&'static str> {
    match operator {
        Operator::Cache => Some("as its elements come from an earlier run"),
        Operator::ForwardOnly { why } => Some(why),
        Operator::Elementwise(Function::Quantize | Function::Dequantize) => {
            Some("as rounding has no derivative")
        }
        Operator::With(
            Pairwise::Pow | Pairwise::Max | Pairwise::Min | Pairwise::Mod,
            Operand::Parameter(_),
        ) => Some("as that of its parameter is not derived; give it as a `parameter` of its own"),
        _ => None,
    }
}

/// The loss, and the backward operations of every layer that leads to it.
pub(super) fn all(step: &mut Step<'_>, source: Source) -> Result<(), GraphError> {
    let leads = leads_to(step, source.layer);
    plan(step, source, &leads);
    let output = step.layers[source.layer].output;
    let trained = output.is_some_and(|output| step.wanted[output]);
    if !trained {
        return Err(GraphError::NothingToTrain {
            layer: step.layer(source.layer).name.clone(),
        });
    }
    loss::operation(step, source);
    let mut done = source.layer + 1;
    for index in (0..=source.layer).rev().filter(|&index| leads[index]) {
        if index >= done {
            continue;
        }
        if let Some(parts) = split::parts(step, index) {
            done = parts.start;
            split::backward(step, parts);
            continue;
        }
        let output = step.layers[index].output;
        if let Some(gradient) = output.and_then(|output| gradient(step, index, output)) {
            layer(
                step,
                At {
                    layer: index,
                    gradient,
                },
            );
        }
    }
    Ok(())
}

/// The backward operations of a layer, by its family.
pub(super) fn layer(step: &mut Step<'_>, at: At) {
    let operator = &step.layer(at.layer).spec.operator;
    match operator {
        Operator::Convolution(weighted) => convolution::backward(step, at, weighted),
        Operator::MatMul(product) => matmul::backward(step, at, product),
        Operator::AvgPool { taps, .. } => pool::avg_backward(step, at, *taps),
        Operator::GlobalAvgPool => pool::global_backward(step, at),
        Operator::With(function, operand) if *operand != Operand::Number => {
            function::operand_backward(step, at, *function, operand);
        }
        Operator::View | Operator::Pad => view::backward(step, at),
        Operator::Add | Operator::Mul | Operator::Pairwise(_) | Operator::Where { .. } => {
            combine::backward(step, at, operator);
        }
        Operator::Concat => moves::concat_backward(step, at),
        Operator::BatchNorm { .. } => norm::batch_norm_backward(step, at),
        Operator::LayerNorm { .. } => norm::layer_norm_backward(step, at),
        Operator::Normalization(norm) => norm::normalization_backward(step, at, norm),
        Operator::Embedding { .. } => embedding::backward(step, at),
        Operator::Transpose { .. } => view::transpose_backward(step, at),
        Operator::MaxPool { .. } | Operator::TopK { .. } => moves::places_backward(step, at),
        Operator::Reduce { function, .. } => moves::reduce_backward(step, at, *function),
        Operator::Resize { taps } => moves::resize_backward(step, at, *taps),
        Operator::Slice => moves::slice_backward(step, at),
        Operator::Expand => moves::expand_backward(step, at),
        Operator::Gather => moves::gather_backward(step, at),
        Operator::Scatter => moves::scatter_backward(step, at),
        Operator::Rope { .. } => moves::rope_backward(step, at),
        Operator::Parameter => given::backward(step, at),
        _ => {
            if let Some(derivative) = function::derivative(operator) {
                function::backward(step, at, derivative);
            }
        }
    }
}

/// For each layer whether the loss depends on it.
fn leads_to(step: &Step<'_>, source: usize) -> Vec<bool> {
    let mut leads = vec![false; step.network.layers.len()];
    leads[source] = true;
    for index in (0..=source)
        .rev()
        .filter(|&i| step.layers[i].output.is_some())
    {
        if leads[index] {
            let producers = step.layer(index).from.iter().flatten();
            producers.for_each(|&producer| leads[producer] = true);
        }
    }
    leads
}

/// Which tensors have a gradient, and how many reach each.
fn plan(step: &mut Step<'_>, source: Source, leads: &[bool]) {
    let count = step.tensor_count();
    let (mut wanted, mut consumers) = (vec![false; count], vec![0; count]);
    let network = step.network;
    for (index, (layer, leads)) in step.layers.iter().zip(leads).enumerate() {
        if let (Some(output), true) = (layer.output, leads) {
            let inputs = layer.inputs.iter();
            let trained = layer.parameters.iter().any(|parameter| parameter.trained);
            let passes = network.layers[index].spec.operator.passes_gradients();
            wanted[output] = passes && (trained || inputs.clone().any(|&i| wanted[i]));
            inputs.for_each(|&input| consumers[input] += 1);
        }
    }
    if let Some(output) = step.layers[source.layer].output {
        consumers[output] += 1;
    }
    step.gradient_bits = vec![0; count];
    for (layer, spec) in step.layers.iter().zip(&step.network.layers) {
        if let Some(output) = layer.output {
            step.gradient_bits[output] = spec.spec.training.gradient;
        }
    }
    (step.wanted, step.consumers) = (wanted, consumers);
    step.gradients = vec![Vec::new(); count];
}
