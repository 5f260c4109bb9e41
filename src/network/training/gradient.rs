//! Gradients: of a tensor all that reach it, and what the backward operations of a layer have in common.

use crate::problem::graph::{Pass, TensorKind};

use super::accumulate::accumulated;
use super::build::{Step, Streamed};
use super::update;

/// A layer whose output's gradient is known.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// The layer's index.
    pub(super) layer: usize,
    /// The gradient of its output.
    pub(super) gradient: usize,
}

/// The gradient of a layer's output: the only one that reached it, or the sum of several.
pub(super) fn gradient(step: &mut Step<'_>, index: usize, output: usize) -> Option<usize> {
    let parts = step.gradients[output].clone();
    let kind = (TensorKind::Gradient, step.gradient_bits[output]);
    let name = step.layer(index).name.clone();
    accumulated(step, index, &name, output, kind, parts)
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
