//! The backward pass: the layers that lead to the loss, from the last to the first.
//!
//! The gradient of a tensor is part of the step where a parameter lies before it and the loss behind
//! it. Where several layers read the tensor, each gives a gradient of its own, and one operation
//! adds all of them.

use crate::problem::graph::{Pass, TensorKind};
use crate::problem::{Function, Network, Operand, Operator, Pairwise};

use super::build::{Step, Streamed};
use super::loss::{self, Source};
use super::{GraphError, combine, convolution, embedding, function, given, matmul, moves, norm};
use super::{pool, split, update, vector_cost, view};

/// A layer whose output's gradient is known.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// The layer's index.
    pub(super) layer: usize,
    /// The gradient of its output.
    pub(super) gradient: usize,
}

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
        Operator::AvgPool { taps } => pool::avg_backward(step, at, *taps),
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
        Operator::Transpose => view::transpose_backward(step, at),
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

/// The gradient of a layer's output: the only one that reached it, or the sum of several.
pub(super) fn gradient(step: &mut Step<'_>, index: usize, output: usize) -> Option<usize> {
    let parts = step.gradients[output].clone();
    let (&first, rest) = parts.split_first()?;
    if rest.is_empty() {
        return Some(first);
    }
    let name = format!("{}.gradient", step.tensor(output).name);
    let layer = step.layer(index);
    let shape = step.tensor(output).shape.clone();
    let bits = step.gradient_bits[output];
    let sum = step.add(name, TensorKind::Gradient, shape, bits);
    let cost = step
        .elements(sum)
        .saturating_mul(vector_cost::sum(parts.len()));
    step.stream(Streamed {
        name: format!("{}.accumulate", layer.name),
        layer: Some(index),
        op: "add".to_owned(),
        pass: Pass::Backward,
        inputs: parts,
        parameters: Vec::new(),
        outputs: vec![sum],
        vector_operations: cost,
        passes: 1,
    });
    Some(sum)
}

impl At {
    /// Whether the gradient of the layer's input `slot` is part of the step.
    pub(super) fn wants(self, step: &Step<'_>, slot: usize) -> bool {
        let inputs = &step.layers[self.layer].inputs;
        inputs.get(slot).is_some_and(|&input| step.wanted[input])
    }

    /// A tensor for the gradient of the layer's input `slot`.
    pub(super) fn input_gradient(self, step: &mut Step<'_>, slot: usize) -> usize {
        let input = step.layers[self.layer].inputs[slot];
        let consumer = &step.layer(self.layer).name;
        add_gradient(step, input, consumer, slot)
    }

    /// The gradient of the layer's parameter `which`.
    pub(super) fn parameter_gradient(self, step: &mut Step<'_>, which: usize) -> usize {
        let parameter = step.layers[self.layer].parameters[which].tensor;
        let own = step.tensor(parameter).name.clone();
        let name = if update::is_shared(step, self.layer) {
            format!("{own}.gradient.{}", step.layer(self.layer).name)
        } else {
            format!("{own}.gradient")
        };
        let shape = step.tensor(parameter).shape.clone();
        let bits = step.layer(self.layer).spec.training.weight_gradient;
        let gradient = step.add(name, TensorKind::ParameterGradient, shape, bits);
        step.layers[self.layer].parameters[which].gradient = Some(gradient);
        gradient
    }

    /// The name of one of the layer's backward operations.
    pub(super) fn name(self, step: &Step<'_>, suffix: &str) -> String {
        format!("{}.{suffix}", step.layer(self.layer).name)
    }

    /// A streamed backward operation of this layer.
    pub(super) fn stream(
        self,
        step: &mut Step<'_>,
        inputs: Vec<usize>,
        outputs: Vec<usize>,
        vector_operations: u128,
    ) {
        self.stream_with(step, inputs, Vec::new(), outputs, vector_operations, 1);
    }

    /// A streamed backward operation of this layer under another name.
    pub(super) fn stream_named(
        self,
        step: &mut Step<'_>,
        suffix: &str,
        inputs: Vec<usize>,
        outputs: Vec<usize>,
        vector_operations: u128,
    ) {
        step.stream(Streamed {
            name: self.name(step, suffix),
            layer: Some(self.layer),
            op: step.layer(self.layer).op.clone(),
            pass: Pass::Backward,
            inputs,
            parameters: Vec::new(),
            outputs,
            vector_operations,
            passes: 1,
        });
    }

    /// A streamed backward operation that also reads parameters, and its inputs several times.
    pub(super) fn stream_with(
        self,
        step: &mut Step<'_>,
        inputs: Vec<usize>,
        parameters: Vec<usize>,
        outputs: Vec<usize>,
        vector_operations: u128,
        passes: u128,
    ) {
        step.stream(Streamed {
            name: self.name(step, "backward"),
            layer: Some(self.layer),
            op: step.layer(self.layer).op.clone(),
            pass: Pass::Backward,
            inputs,
            parameters,
            outputs,
            vector_operations,
            passes,
        });
    }

    /// The gradient of the only input, at `cost` vector operations for each of its elements.
    pub(super) fn elementwise(self, step: &mut Step<'_>, inputs: Vec<usize>, cost: u128) {
        if self.wants(step, 0) {
            let gradient = self.input_gradient(step, 0);
            let operations = step.elements(gradient).saturating_mul(cost);
            self.stream(step, inputs, vec![gradient], operations);
        }
    }
}

/// Adds a gradient that reaches a tensor. Where it is the only one it is the tensor's.
pub(super) fn add_gradient(step: &mut Step<'_>, of: usize, consumer: &str, slot: usize) -> usize {
    let tensor = step.tensor(of);
    let several = step.consumers[of] > 1;
    let name = match (several, slot) {
        (false, _) => format!("{}.gradient", tensor.name),
        (true, 0) => format!("{}.gradient.{consumer}", tensor.name),
        (true, slot) => format!("{}.gradient.{consumer}.{slot}", tensor.name),
    };
    let shape = tensor.shape.clone();
    let bits = step.gradient_bits[of];
    let gradient = step.add(name, TensorKind::Gradient, shape, bits);
    step.gradients[of].push(gradient);
    gradient
}
