//! Functions of single elements, also of an element and a number: what each keeps for its gradient,
//! and what the gradient takes.
//!
//! A function that is fused takes its input from the array and not from memory. What it keeps is
//! then written by an operation of its own, `LAYER.keep`, which has no other work; an output that is
//! kept is written anyway.

use crate::problem::graph::{Pass, TensorKind};
use crate::problem::{Function, Operand, Operator, Pairwise};

use super::build::{Step, Streamed};
use super::gradient::At;
use super::operation::operation;
use super::{vector_cost, view};

/// What a function keeps for its backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// Nothing.
    Nothing,
    /// One bit for each element.
    Mask,
    /// Its input.
    Input,
    /// Its output.
    Output,
}

/// The derivative of a function of one element.
#[derive(Clone, Copy)]
pub(super) struct Derivative {
    /// What it needs.
    pub(super) keeps: Keeps,
    /// Vector operations for each element; none where the gradient is handed on as it is.
    pub(super) cost: u128,
}

/// The derivative, if the operator is such a function and has one.
pub(super) fn derivative(operator: &Operator) -> Option<Derivative> {
    let (keeps, cost) = match operator {
        Operator::Relu => (Keeps::Mask, vector_cost::RELU_BACKWARD),
        Operator::Gelu => (Keeps::Input, vector_cost::GELU_BACKWARD),
        Operator::Softmax { .. } | Operator::SoftmaxOverAxis => {
            (Keeps::Output, vector_cost::SOFTMAX_BACKWARD)
        }
        Operator::LogSoftmax => (Keeps::Output, vector_cost::LOG_SOFTMAX_BACKWARD),
        Operator::CumulativeSum => (Keeps::Nothing, vector_cost::CUMULATIVE_SUM_BACKWARD),
        Operator::Elementwise(function) => of_function(*function)?,
        Operator::With(function, Operand::Number) => with_number(*function)?,
        _ => return None,
    };
    Some(Derivative { keeps, cost })
}

fn of_function(function: Function) -> Option<(Keeps, u128)> {
    Some(match function {
        Function::Neg | Function::Cast | Function::Mask => (Keeps::Nothing, 1),
        Function::Abs | Function::Clip => (Keeps::Mask, 1),
        Function::LeakyRelu | Function::HardSigmoid => (Keeps::Mask, 2),
        Function::Exp => (Keeps::Output, 1),
        Function::Sqrt => (Keeps::Output, 2),
        Function::Sigmoid | Function::Tanh | Function::Reciprocal | Function::Elu => {
            (Keeps::Output, 3)
        }
        Function::Rsqrt => (Keeps::Output, 4),
        Function::Log => (Keeps::Input, 1),
        Function::Square => (Keeps::Input, 2),
        Function::Softplus | Function::Erf => (Keeps::Input, 4),
        Function::HardSwish => (Keeps::Input, 5),
        Function::Silu => (Keeps::Input, 8),
        Function::Sin | Function::Cos => (Keeps::Input, 9),
        Function::Mish => (Keeps::Input, 14),
        Function::Sign
        | Function::Floor
        | Function::Ceil
        | Function::Round
        | Function::Not
        | Function::Quantize
        | Function::Dequantize => return None,
    })
}

fn with_number(function: Pairwise) -> Option<(Keeps, u128)> {
    Some(match function {
        Pairwise::Add | Pairwise::Sub | Pairwise::Mod => (Keeps::Nothing, 0),
        Pairwise::Mul | Pairwise::Div => (Keeps::Nothing, 1),
        Pairwise::Max | Pairwise::Min => (Keeps::Mask, 1),
        Pairwise::Pow => (Keeps::Input, vector_cost::POWER_BACKWARD),
        _ => return None,
    })
}

/// The operation, and what it keeps.
pub(super) fn forward(step: &mut Step<'_>, index: usize, fused_into: Option<usize>, keeps: Keeps) {
    match keeps {
        Keeps::Nothing => operation(step, index, fused_into, &[]),
        Keeps::Mask => keep_mask(step, index, fused_into),
        Keeps::Input => keep_input(step, index, fused_into),
        Keeps::Output => {
            operation(step, index, fused_into, &[]);
            let output = step.layers[index].output;
            step.layers[index].saved.extend(output);
        }
    }
}

/// The operation, and a bit for each element, by which the gradient is chosen.
fn keep_mask(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    let layer = step.layer(index);
    let name = format!("{}.mask", layer.name);
    let mask = step.add(name, TensorKind::Saved, layer.shape.clone(), 1);
    step.layers[index].saved.push(mask);
    if fused_into.is_some() {
        operation(step, index, fused_into, &[]);
        keep(step, index, mask);
    } else {
        operation(step, index, None, &[mask]);
    }
}

/// The operation; where it is fused, its input is kept besides.
fn keep_input(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    operation(step, index, fused_into, &[]);
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
pub(super) fn backward(step: &mut Step<'_>, at: At, derivative: Derivative) {
    if derivative.cost == 0 {
        view::backward(step, at);
        return;
    }
    let inputs = [vec![at.gradient], step.layers[at.layer].saved.clone()].concat();
    at.elementwise(step, inputs, derivative.cost);
}

/// What a function of an element and a parameter or constant keeps: its input, where a gradient
/// needs it.
pub(super) fn operand_keeps(function: Pairwise, operand: &Operand) -> Keeps {
    let trained = matches!(operand, Operand::Parameter(_));
    match function {
        Pairwise::Mul | Pairwise::Div if trained => Keeps::Input,
        Pairwise::Pow => Keeps::Input,
        Pairwise::Max | Pairwise::Min => Keeps::Mask,
        _ => Keeps::Nothing,
    }
}

/// The gradients of the input and of the parameter, in one operation.
pub(super) fn operand_backward(step: &mut Step<'_>, at: At, function: Pairwise, operand: &Operand) {
    let trained = matches!(operand, Operand::Parameter(_));
    let elements = step.elements(at.gradient);
    let (of_input, of_operand) = match function {
        Pairwise::Mul => (1, 2),
        Pairwise::Div => (1, 4),
        Pairwise::Pow => (vector_cost::POWER_BACKWARD, 0),
        Pairwise::Max | Pairwise::Min => (1, 0),
        _ => (0, 1),
    };
    if of_input == 0 {
        // The input's gradient is the output's.
        view::backward(step, at);
        if trained {
            let gradient = at.parameter_gradient(step, 0);
            let cost = elements.saturating_mul(of_operand);
            at.stream_named(
                step,
                "operand.backward",
                vec![at.gradient],
                vec![gradient],
                cost,
            );
        }
        return;
    }
    let mut outputs = Vec::new();
    let mut cost = 0;
    if at.wants(step, 0) {
        outputs.push(at.input_gradient(step, 0));
        cost += of_input;
    }
    if trained {
        outputs.push(at.parameter_gradient(step, 0));
        cost += of_operand;
    }
    if outputs.is_empty() {
        return;
    }
    let inputs = [vec![at.gradient], step.layers[at.layer].saved.clone()].concat();
    let parameters = step.layers[at.layer].parameters.iter().map(|p| p.tensor);
    let parameters = parameters.collect();
    let operations = elements.saturating_mul(cost);
    at.stream_with(step, inputs, parameters, outputs, operations, 1);
}
