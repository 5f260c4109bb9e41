//! Parameters that are tensors of their own: the gradient that reaches one is its gradient.

use crate::problem::graph::TensorKind;

use super::build::{Parameter, Step};
use super::gradient::At;

/// The tensor that the layer gives is its parameter.
pub(super) fn own_parameter(parameters: &mut Vec<Parameter>, output: usize) {
    if parameters.is_empty() {
        parameters.push(Parameter {
            tensor: output,
            gradient: None,
            trained: true,
        });
    }
}

/// Takes what reached the layer's output as the gradient of its parameter.
pub(super) fn backward(step: &mut Step<'_>, at: At) {
    step.set_kind(at.gradient, TensorKind::ParameterGradient);
    step.layers[at.layer].parameters[0].gradient = Some(at.gradient);
}
