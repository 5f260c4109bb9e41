//! The forward pass: every layer in the file's order, each with the layers that are fused into it
//! right behind, and what they keep for the backward pass.

use crate::network::fuse;
use crate::problem::graph::{Mode, TensorKind};
use crate::problem::{LayerKind, Operand, Operator, Pairwise};

use super::build::{LayerTensors, Parameter, Step};
use super::loss::Source;
use super::operation::operation;
use super::{combine, convolution, function, given, moves, norm};

/// All layers but a softmax that is part of the loss.
pub(super) fn all(step: &mut Step<'_>, source: Option<Source>) {
    let fused = fused(step, source);
    step.written_bits = fuse::written_bits(step.network, &fused);
    let part_of_loss = source.and_then(|source| source.softmax);
    for index in 0..step.network.layers.len() {
        if fused[index].is_some() || part_of_loss == Some(index) {
            continue;
        }
        let operation = step.operation_count();
        layer(step, index, None);
        for (behind, into) in fused.iter().enumerate() {
            if *into == Some(index) {
                layer(step, behind, Some(operation));
            }
        }
    }
}

/// For each layer the one into which it is fused. In training a batch normalisation needs the
/// statistics of its whole input first, and is fused into none.
fn fused(step: &Step<'_>, source: Option<Source>) -> Vec<Option<usize>> {
    if !step.options.fuse {
        return vec![None; step.network.layers.len()];
    }
    let training = step.options.mode == Mode::Training;
    let may_fuse = |layer: &crate::problem::Layer| {
        !(training && matches!(layer.spec.operator, Operator::BatchNorm { .. }))
    };
    fuse::producers_where(step.network, &may_fuse, source.map(|source| source.layer))
}

/// The forward operations of a layer: inputs, parameters, work, and what is kept.
fn layer(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    step.layers[index] = tensors(step, index);
    let training = step.options.mode == Mode::Training;
    let operator = &step.layer(index).spec.operator;
    let derivative = training.then(|| function::derivative(operator)).flatten();
    match operator {
        _ if !training => operation(step, index, fused_into, &[]),
        Operator::BatchNorm { .. } => norm::batch_norm_forward(step, index),
        Operator::LayerNorm { .. } => norm::layer_norm_forward(step, index),
        Operator::Normalization(norm) => norm::normalization_forward(step, index, norm),
        Operator::MaxPool { taps, .. } => moves::places_forward(step, index, *taps),
        Operator::Reduce { function, count } if moves::chooses(*function) => {
            moves::places_forward(step, index, *count);
        }
        Operator::TopK { count } => moves::places_forward(step, index, u128::from(*count)),
        Operator::Pairwise(Pairwise::Max | Pairwise::Min) => {
            combine::choice_forward(step, index, fused_into);
        }
        Operator::With(function, operand) if *operand != Operand::Number => {
            let keeps = function::operand_keeps(*function, operand);
            function::forward(step, index, fused_into, keeps);
        }
        _ => match derivative {
            Some(derivative) => function::forward(step, index, fused_into, derivative.keeps),
            None => operation(step, index, fused_into, &[]),
        },
    }
    convolution::bias_forward(step, index);
}

/// The layer's inputs, parameters and output.
fn tensors(step: &mut Step<'_>, index: usize) -> LayerTensors {
    let inputs = inputs(step, index);
    let mut parameters = parameters(step, index);
    let layer = step.layer(index);
    let kind = match layer.spec.operator {
        Operator::Cache | Operator::Input | Operator::Constant => TensorKind::Input,
        Operator::Parameter => TensorKind::Parameter,
        _ => TensorKind::Activation,
    };
    let bits = match (&layer.kind, inputs.as_slice()) {
        // Another view of the same bytes has their width.
        (LayerKind::View, [input, ..]) => step.tensor(*input).bits_per_element,
        _ => layer.spec.precision.output,
    };
    let output = step.add(layer.name.clone(), kind, layer.shape.clone(), bits);
    if layer.kind == LayerKind::View {
        step.make_view(output, &inputs, bits);
    }
    if layer.spec.operator == Operator::Parameter {
        given::own_parameter(&mut parameters, output);
    }
    LayerTensors {
        inputs,
        parameters,
        saved: Vec::new(),
        output: Some(output),
    }
}

/// The outputs of the layer's producers, or inputs of its own where it stands alone.
fn inputs(step: &mut Step<'_>, index: usize) -> Vec<usize> {
    let layer = step.layer(index);
    let bits = layer.spec.precision.input;
    if layer.from.is_empty() {
        return match &layer.spec.operator {
            Operator::Convolution(weighted) => {
                let shape = convolution::input_shape(weighted);
                let name = format!("{}.input", layer.name);
                vec![step.add(name, TensorKind::Input, shape, bits)]
            }
            Operator::MatMul(product) => {
                let shapes = super::matmul::operand_shapes(product);
                let widths = [bits, layer.spec.precision.weight];
                let names = ["left", "right"].map(|side| format!("{}.{side}", layer.name));
                let operands = names.into_iter().zip(shapes).zip(widths);
                operands
                    .map(|((name, shape), bits)| step.add(name, TensorKind::Input, shape, bits))
                    .collect()
            }
            _ => Vec::new(),
        };
    }
    let from = layer.from.iter().enumerate();
    from.map(|(slot, producer)| {
        let output = producer.and_then(|producer| step.layers[producer].output);
        let bits = layer.spec.input_bits.get(slot).copied().unwrap_or(bits);
        output.unwrap_or_else(|| network_input(step, bits))
    })
    .collect()
}

/// The network's input, which is as wide for each of its readers.
fn network_input(step: &mut Step<'_>, bits: u32) -> usize {
    if let Some(input) = step.input {
        return input;
    }
    let shape = step.network.input.clone().unwrap_or_default();
    let input = step.add("input".to_owned(), TensorKind::Input, shape, bits);
    step.input = Some(input);
    input
}

/// Its parameters, or those of the layer whose parameters it shares, and the constants it reads.
fn parameters(step: &mut Step<'_>, index: usize) -> Vec<Parameter> {
    let layer = step.layer(index);
    if let Some(owner) = layer.spec.shares {
        let shared = step.layers[owner].parameters.iter();
        let unknown = |parameter: &Parameter| Parameter {
            gradient: None,
            ..*parameter
        };
        return shared.map(unknown).collect();
    }
    let bits = layer.spec.precision.weight;
    let trained = layer.spec.operator.parameters();
    let trained = trained.into_iter().map(|own| (own, true));
    let constant = layer.spec.operator.constants();
    let constant = constant.into_iter().map(|own| (own, false));
    let all = trained
        .chain(constant)
        .map(|((what, shape), trained)| Parameter {
            tensor: step.add(
                format!("{}.{what}", layer.name),
                TensorKind::Parameter,
                shape,
                bits,
            ),
            gradient: None,
            trained,
        });
    all.collect()
}
