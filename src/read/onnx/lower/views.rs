//! Operators that give the same elements another shape or another order.

use super::super::node::{Node, ValueId};
use super::super::shape;
use super::Result;
use super::emit::Lower;

/// Identity, Dropout, casts: element types are the network file's to choose, so nothing happens.
pub(super) fn same(lower: &mut Lower<'_>, node: &Node) -> Result {
    if let Some(input) = node.input(0) {
        let held = lower.held(input)?;
        pass_factor(lower, input, node);
        lower.hold_as(node.output(), held);
    }
    Ok(())
}

/// A factor that was taken off an operand stays off behind a view of it.
fn pass_factor(lower: &mut Lower<'_>, input: ValueId, node: &Node) {
    if let (Some(&factor), Some(output)) = (lower.factors.get(&input), node.output()) {
        lower.factors.insert(output, factor);
    }
}

/// Reshape, Flatten, Squeeze, Unsqueeze.
pub(super) fn reshape(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    pass_factor(lower, input, node);
    let mut shape = lower.shape(output).to_vec();
    if shape.is_empty() {
        shape.push(1);
    }
    let held = lower.held(input)?;
    if let Some(view) = lower.reshape_repeated(&held, &shape)? {
        lower.hold_as(Some(output), view);
        return Ok(());
    }
    let held = lower.whole(input)?;
    let view = lower.reshaped(&held, &shape)?;
    lower.hold_as(Some(output), view);
    Ok(())
}

/// Transpose: a view where a layer reads or writes in this order.
pub(super) fn transpose(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    pass_factor(lower, input, node);
    let order = shape::order(&lower.model.call(node))?;
    let view = is_read(lower, output, 0) || is_written(lower, input, 0);
    let held = lower.held(input)?;
    if let Some(moved) = lower.transpose_repeated(&held, &order, view)? {
        lower.hold_as(Some(output), moved);
        return Ok(());
    }
    let held = lower.whole(input)?;
    let moved = lower.transposed(&held, &order, view)?;
    lower.hold_as(Some(output), moved);
    Ok(())
}

const VIEWS: [&str; 8] = [
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Identity",
    "Cast",
    "Dropout",
];

/// Whether all that reads a value, behind views, can read it in any order: everything but the
/// network's outputs.
fn is_read(lower: &Lower<'_>, id: ValueId, depth: usize) -> bool {
    if lower.model.outputs.contains(&id) || lower.users[id].is_empty() || depth > 32 {
        return false;
    }
    lower.users[id].iter().all(|&user| {
        let node = &lower.model.nodes[user];
        let views = VIEWS.contains(&node.op.as_str());
        !views
            || node
                .output()
                .is_some_and(|out| is_read(lower, out, depth + 1))
    })
}

/// Whether a layer makes a value, behind views, and for no one else, so that it can write it in
/// any order.
fn is_written(lower: &Lower<'_>, id: ValueId, depth: usize) -> bool {
    let Some(node) = lower.model.producer(id).filter(|_| depth <= 32) else {
        return false;
    };
    let node = &lower.model.nodes[node];
    lower.is_read_once(id)
        && (!VIEWS.contains(&node.op.as_str())
            || node
                .input(0)
                .is_some_and(|input| is_written(lower, input, depth + 1)))
}
