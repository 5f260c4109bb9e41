//! Sums, concatenations and other views: nothing is kept.
//!
//! The gradient of every summand is the output's, that of every part of a concatenation a part of
//! it, and that of a tensor in another shape the same bytes. No work. A transposition moves every
//! element back.

use crate::problem::LayerKind;
use crate::problem::Role;
use crate::problem::graph::{Operation, Pass};

use super::build::{Step, uses};
use super::gradient::At;
use super::vector_cost;

/// The gradients of the inputs as views of the output's.
pub(super) fn backward(step: &mut Step<'_>, at: At) {
    let slots = 0..step.layers[at.layer].inputs.len();
    let wanted: Vec<usize> = slots.filter(|&slot| at.wants(step, slot)).collect();
    of_slots(step, at, &wanted);
}

/// The gradients of these inputs as views of the output's.
pub(super) fn of_slots(step: &mut Step<'_>, at: At, slots: &[usize]) {
    let bits = step.tensor(at.gradient).bits_per_element;
    let mut views = Vec::new();
    for &slot in slots {
        let view = at.input_gradient(step, slot);
        step.make_view(view, &[at.gradient], bits);
        views.push(view);
    }
    if views.is_empty() {
        return;
    }
    step.operate(Operation {
        name: at.name(step, "backward"),
        layer: Some(at.layer),
        op: step.layer(at.layer).op.clone(),
        pass: Pass::Backward,
        reads: uses(&[at.gradient], Role::Input),
        writes: uses(&views, Role::Output),
        kind: LayerKind::View,
        fused_into: None,
    });
}

/// The elements in their old order; a view where the forward layer is one.
pub(super) fn transpose_backward(step: &mut Step<'_>, at: At) {
    if step.layer(at.layer).kind == LayerKind::View {
        backward(step, at);
    } else {
        at.elementwise(step, vec![at.gradient], vector_cost::TRANSPOSE);
    }
}
