//! Several gradients of one tensor, added up.

use crate::problem::graph::{Pass, TensorKind};

use super::build::{Step, Streamed};
use super::vector_cost;

/// The gradient of a tensor of layer `index`: the only part, or the sum of several, which an
/// operation `NAME.accumulate` adds up; `None` without parts.
pub(super) fn accumulated(
    step: &mut Step<'_>,
    index: usize,
    name: &str,
    tensor: usize,
    (kind, bits): (TensorKind, u32),
    parts: Vec<usize>,
) -> Option<usize> {
    let (&first, rest) = parts.split_first()?;
    if rest.is_empty() {
        return Some(first);
    }
    let own = step.tensor(tensor);
    let (gradient, shape) = (format!("{}.gradient", own.name), own.shape.clone());
    let sum = step.add(gradient, kind, shape, bits);
    let cost = vector_cost::sum(parts.len());
    step.stream(Streamed {
        name: format!("{name}.accumulate"),
        layer: Some(index),
        op: "add".to_owned(),
        pass: Pass::Backward,
        inputs: parts,
        parameters: Vec::new(),
        outputs: vec![sum],
        vector_operations: step.elements(sum).saturating_mul(cost),
        passes: 1,
    });
    Some(sum)
}
