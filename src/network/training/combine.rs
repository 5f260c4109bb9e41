//! Functions of several tensors: every gradient that is part of the step, in one operation.
//!
//! Of Y = A·B, dA = dY·B; of a quotient dA = dY/B and dB = −dY·Y/B; of a choice the gradient goes to
//! the operand that was chosen. The gradient of an operand that is broadcast is the sum over the
//! elements that it became. Where dX is dY itself it is a view of it and no work.

use crate::problem::graph::TensorKind;
use crate::problem::{Operator, Pairwise};

use super::build::Step;
use super::gradient::At;
use super::operation::operation;
use super::{vector_cost, view};

/// The gradient of one operand.
#[derive(Clone, Copy)]
struct Share {
    /// Vector operations for each element of the output; none where it is dY itself.
    cost: u128,
    /// Whether it needs the other operands, and whether the operand itself.
    needs: [bool; 2],
    /// Whether it needs the output.
    output: bool,
}

const AS_IT_IS: Share = Share {
    cost: 0,
    needs: [false; 2],
    output: false,
};

fn share(operator: &Operator, slot: usize, operands: usize) -> Share {
    let of = |cost, needs, output| Share {
        cost,
        needs,
        output,
    };
    match (operator, slot) {
        (Operator::Mul, _) => of(vector_cost::product(operands), [true, false], false),
        (Operator::Pairwise(Pairwise::Sub), 1) => of(1, [false; 2], false),
        (Operator::Pairwise(Pairwise::Div), 0) => of(1, [true, false], false),
        (Operator::Pairwise(Pairwise::Div), _) => of(3, [false, true], true),
        (Operator::Pairwise(Pairwise::Pow), 0) => {
            of(vector_cost::POWER_BACKWARD, [true, true], false)
        }
        (Operator::Pairwise(Pairwise::Pow), _) => of(3, [true, false], true),
        (Operator::Pairwise(Pairwise::Mod), 1) => of(4, [true, true], false),
        // A choice, by what is kept of it.
        (Operator::Pairwise(Pairwise::Max | Pairwise::Min) | Operator::Where { .. }, _) => {
            of(1, [false; 2], false)
        }
        _ => AS_IT_IS,
    }
}

/// The operation, and for each element which operand was chosen.
pub(super) fn choice_forward(step: &mut Step<'_>, index: usize, fused_into: Option<usize>) {
    let layer = step.layer(index);
    let operands = layer.from.len().max(2) as u64;
    let bits = operands.next_power_of_two().trailing_zeros();
    let name = format!("{}.mask", layer.name);
    let chosen = step.add(name, TensorKind::Saved, layer.shape.clone(), bits);
    step.layers[index].saved.push(chosen);
    operation(step, index, fused_into, &[chosen]);
}

/// The gradients of those operands that have one.
pub(super) fn backward(step: &mut Step<'_>, at: At, operator: &Operator) {
    let operands = step.layers[at.layer].inputs.clone();
    let whole = step.elements(at.gradient);
    // The condition of a choice has no gradient, and is read again.
    let first = usize::from(matches!(operator, Operator::Where { .. }));
    let wanted: Vec<usize> = (first..operands.len())
        .filter(|&slot| at.wants(step, slot))
        .collect();
    let is_view = |step: &Step<'_>, slot: usize| {
        let same = step.elements(operands[slot]) == whole;
        same && share(operator, slot, operands.len()).cost == 0
    };
    let (views, streamed): (Vec<usize>, Vec<usize>) =
        wanted.into_iter().partition(|&slot| is_view(step, slot));
    view::of_slots(step, at, &views);
    if streamed.is_empty() {
        return;
    }
    let shares = || {
        streamed
            .iter()
            .map(|&s| (s, share(operator, s, operands.len())))
    };
    let mut inputs = vec![at.gradient];
    inputs.extend(step.layers[at.layer].saved.iter().chain(&operands[..first]));
    for (slot, &operand) in operands.iter().enumerate() {
        let needed = shares().any(|(s, share)| share.needs[usize::from(s == slot)]);
        if needed && !inputs.contains(&operand) {
            inputs.push(operand);
        }
    }
    if shares().any(|(_, share)| share.output) {
        inputs.extend(step.layers[at.layer].output);
    }
    let (mut operations, mut outputs): (u128, Vec<usize>) = (0, Vec::new());
    for (slot, share) in shares() {
        let gradient = at.input_gradient(step, slot);
        let sums = u128::from(step.elements(gradient) < whole);
        operations = operations.saturating_add(whole.saturating_mul(share.cost + sums));
        outputs.push(gradient);
    }
    let suffix = if views.is_empty() {
        "backward"
    } else {
        "sum.backward"
    };
    at.stream_named(step, suffix, inputs, outputs, operations);
}
