//! The parts of a split: their gradients side by side are that of its input.
//!
//! As of a concatenation, they lie behind each other where the parts do, and dX is a view of them;
//! else they are moved. A part that the loss does not depend on has a gradient of zeros, which are
//! written, and then dX is no view.

use std::ops::Range;

use crate::problem::LayerKind;
use crate::problem::Role;
use crate::problem::graph::{Operation, Pass};

use super::build::{Step, Streamed, uses};
use super::gradient::{self, add_gradient};

/// The name of the operator whose parts are layers.
const SPLIT: &str = "split";

/// The layers that are the parts of one split, if this layer is one of them.
pub(super) fn parts(step: &Step<'_>, index: usize) -> Option<Range<usize>> {
    let whole = whole(step, index)?;
    let same = |&other: &usize| self::whole(step, other) == Some(whole);
    let first = (0..index).rev().take_while(same).last().unwrap_or(index);
    let layers = step.network.layers.len();
    let last = (index..layers).take_while(same).last().unwrap_or(index);
    Some(first..last + 1)
}

/// The name of the split that a part belongs to.
fn whole<'s>(step: &Step<'s>, index: usize) -> Option<&'s str> {
    let layer = step.layer(index);
    let name = (layer.op == SPLIT).then(|| layer.name.rsplit_once('.'))?;
    name.map(|(whole, _)| whole)
}

/// The gradient of the input from those of all parts.
pub(super) fn backward(step: &mut Step<'_>, parts: Range<usize>) {
    let last = parts.end - 1;
    let Some(&input) = step.layers[last].inputs.first() else {
        return;
    };
    let outputs: Vec<usize> = parts
        .clone()
        .filter_map(|p| step.layers[p].output)
        .collect();
    let all: u128 = outputs.iter().map(|&output| step.elements(output)).sum();
    let mut gradients = Vec::new();
    for part in parts {
        let output = step.layers[part].output;
        gradients.extend(output.and_then(|output| gradient::gradient(step, part, output)));
    }
    if gradients.is_empty() || !step.wanted[input] {
        return;
    }
    let whole = whole(step, last).unwrap_or_default().to_owned();
    let moved: u128 = gradients
        .iter()
        .map(|&gradient| step.elements(gradient))
        .sum();
    let gradient = add_gradient(step, input, &whole, 0);
    let layer = step.layer(last);
    let is_view = layer.kind == LayerKind::View && moved == all && all == step.elements(input);
    if is_view {
        let bits = step.tensor(gradients[0]).bits_per_element;
        step.make_view(gradient, &gradients, bits);
        step.operate(Operation {
            name: format!("{whole}.backward"),
            layer: Some(last),
            op: layer.op.clone(),
            pass: Pass::Backward,
            reads: uses(&gradients, Role::Input),
            writes: uses(&[gradient], Role::Output),
            kind: LayerKind::View,
            fused_into: None,
        });
        return;
    }
    step.stream(Streamed {
        name: format!("{whole}.backward"),
        layer: Some(last),
        op: layer.op.clone(),
        pass: Pass::Backward,
        inputs: gradients,
        parameters: Vec::new(),
        outputs: vec![gradient],
        vector_operations: moved,
        passes: 1,
    });
}
