//! Convolutions, transposed ones and linear layers: input and weight are read again.
//!
//! dX = backward-data of dY and the weight, dW = backward-weight of the input and dY (problem
//! definition, section 1), and the gradient of a bias is the sum of dY for each channel.

use crate::problem::backward::{Axes, Convolution, PassPrecision};
use crate::problem::graph::{Operation, Pass, Use};
use crate::problem::{Bits, Dim, LayerKind, Role, StreamOperation, Weighted};

use super::backward::At;
use super::build::{Step, Streamed, uses};
use super::vector_cost;

/// Extents of the input of a layer that stands alone: batch, channels, rows, columns;
/// of a linear layer rows and features.
pub(super) fn input_shape(weighted: &Weighted) -> Vec<u64> {
    let Convolution { extents, axes } = &weighted.convolution;
    let channels = extents[Dim::G].saturating_mul(extents[Dim::C]);
    let [height, width, _] = match axes {
        Axes::Ordinary(windows) => windows.map(|window| window.rows),
        Axes::Transposed(axes) => axes.map(|axis| axis.rows),
    };
    let mut shape = vec![extents[Dim::N], channels];
    if weighted.weight.len() > 2 {
        shape.extend([height, width]);
    }
    shape
}

/// The bias, on which the partial sums start: no cycles and no traffic of its own.
pub(super) fn bias_forward(step: &mut Step<'_>, index: usize) {
    let layer = step.layer(index);
    let Some(bias) = step.layers[index].parameters.get(1).copied() else {
        return;
    };
    if !matches!(
        &layer.spec.operator,
        crate::problem::Operator::Convolution(_)
    ) {
        return;
    }
    let Some(product) = step.operation_count().checked_sub(1) else {
        return;
    };
    let work = StreamOperation {
        input: Bits(0),
        weight: step.tensor(bias.tensor).bits(),
        output: Bits(0),
        vector_operations: 0,
        fusable: true,
    };
    step.operate(Operation {
        name: format!("{}.bias", layer.name),
        layer: Some(index),
        op: "bias".to_owned(),
        pass: Pass::Forward,
        reads: uses(&[bias.tensor], Role::Weight),
        writes: Vec::new(),
        kind: LayerKind::Stream(work),
        fused_into: Some(product),
    });
}

/// The gradients of weight, bias and input; the input is needed no longer before its gradient is
/// written.
pub(super) fn backward(step: &mut Step<'_>, at: At, weighted: &Weighted) {
    let input = step.layers[at.layer].inputs[0];
    let weight = step.layers[at.layer].parameters[0].tensor;
    let gradient = at.parameter_gradient(step, 0);
    weight_gradient(step, at, &weighted.convolution, input, gradient);
    if weighted.bias {
        bias_gradient(step, at);
    }
    if at.wants(step, 0) {
        let gradient = at.input_gradient(step, 0);
        data_gradient(step, at, &weighted.convolution, weight, gradient);
    }
}

/// Backward-weight, from the activations and the gradient of the results.
pub(super) fn weight_gradient(
    step: &mut Step<'_>,
    at: At,
    convolution: &Convolution,
    activations: usize,
    gradient: usize,
) {
    let precision = step.layer(at.layer).spec.precision;
    let kind = convolution.backward_weight(PassPrecision {
        activation: step.tensor(activations).bits_per_element,
        kernel: step.tensor(gradient).bits_per_element,
        result: step.tensor(at.gradient).bits_per_element,
        accumulator: precision.accumulator,
    });
    // A transposed convolution slides over the gradient of its results.
    let operands = match convolution.axes {
        Axes::Ordinary(_) => [activations, at.gradient],
        Axes::Transposed(_) => [at.gradient, activations],
    };
    operation(step, at, Pass::BackwardWeight, operands, gradient, kind);
}

/// Backward-data, from the gradient of the results and the kernel.
pub(super) fn data_gradient(
    step: &mut Step<'_>,
    at: At,
    convolution: &Convolution,
    kernel: usize,
    gradient: usize,
) {
    let precision = step.layer(at.layer).spec.precision;
    let kind = convolution.backward_data(PassPrecision {
        activation: step.tensor(gradient).bits_per_element,
        kernel: step.tensor(kernel).bits_per_element,
        result: step.tensor(at.gradient).bits_per_element,
        accumulator: precision.accumulator,
    });
    let operands = [at.gradient, kernel];
    operation(step, at, Pass::BackwardData, operands, gradient, kind);
}

fn operation(
    step: &mut Step<'_>,
    at: At,
    pass: Pass,
    [input, weight]: [usize; 2],
    output: usize,
    kind: LayerKind,
) {
    let read = |tensor, role| Use { tensor, role };
    step.operate(Operation {
        name: at.name(step, pass.name()),
        layer: Some(at.layer),
        op: step.layer(at.layer).op.clone(),
        pass,
        reads: vec![read(input, Role::Input), read(weight, Role::Weight)],
        writes: uses(&[output], Role::Output),
        kind,
        fused_into: None,
    });
}

/// The sum of the results' gradient for each channel.
fn bias_gradient(step: &mut Step<'_>, at: At) {
    let gradient = at.parameter_gradient(step, 1);
    let cost = step.elements(at.gradient).saturating_mul(vector_cost::BIAS);
    step.stream(Streamed {
        name: at.name(step, "bias.backward"),
        layer: Some(at.layer),
        op: "bias".to_owned(),
        pass: Pass::Backward,
        inputs: vec![at.gradient],
        parameters: Vec::new(),
        outputs: vec![gradient],
        vector_operations: cost,
        passes: 1,
    });
}
