//! Axes that stand for several equal ones: keys and values that a group of queries shares.
//!
//! `Unsqueeze`, `Expand` and `Reshape` repeat each head of keys and values for the queries of its
//! group. Nothing is moved: the heads stand once, and the product folds the group into its rows.

use super::super::model::Model;
use super::super::node::{Node, ValueId};
use super::super::shape;
use super::Result;
use super::emit::Lower;
use super::held::Held;
pub(super) use super::held::Repeat;
use super::keys::Keys;

/// Expand: the heads of a group stay once, everything else is copied.
pub(super) fn expand(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let shape = lower.shape(output);
    if held.shape == shape {
        lower.hold_as(Some(output), held);
        return Ok(());
    }
    let (before, after) = (lower.shape(input), shape);
    let grown: Vec<usize> = (0..after.len())
        .filter(|&i| before.len() == after.len() && before[i] != after[i])
        .collect();
    if let [at] = *grown.as_slice()
        && at > 0
        && feeds_products(lower, output)
    {
        let repeat = Repeat {
            axis: at - 1,
            times: after[at],
            apart: true,
        };
        let held = Held {
            repeat: Some(repeat),
            ..held
        };
        lower.hold_as(Some(output), held);
        return Ok(());
    }
    let held = copied(lower, &held, shape);
    lower.hold_as(Some(output), held);
    Ok(())
}

/// Whether every reader of an expanded value merges the copies into the heads and multiplies them.
fn feeds_products(lower: &Lower<'_>, id: ValueId) -> bool {
    let users = &lower.users[id];
    let reshapes = |&user: &usize| {
        let node = &lower.model.nodes[user];
        node.op == "Reshape"
            && node
                .output()
                .is_some_and(|out| reaches_product(lower.model, &lower.users, out, 0))
    };
    !users.is_empty() && !lower.model.outputs.contains(&id) && users.iter().all(reshapes)
}

/// Whether views and scalings lead to matrix products alone.
fn reaches_product(model: &Model, users: &[Vec<usize>], id: ValueId, depth: usize) -> bool {
    if depth > 8 || users[id].is_empty() || model.outputs.contains(&id) {
        return false;
    }
    users[id].iter().all(|&user| {
        let node = &model.nodes[user];
        match node.op.as_str() {
            "MatMul" => node.input(1) == Some(id),
            "Reshape" | "Transpose" | "Mul" | "Div" | "Identity" | "Cast" => node
                .output()
                .is_some_and(|out| reaches_product(model, users, out, depth + 1)),
            _ => false,
        }
    })
}

/// An explicit copy of this shape.
fn copied(lower: &mut Lower<'_>, held: &Held, shape: &[u64]) -> Held {
    let frame = lower.frame(&held.shape, shape, &[]);
    let keys = Keys::new().list("shape", frame.shape(shape)).framed(frame);
    let name = lower.emit("expand", &[held], keys);
    Held::of(name, shape)
}

impl Lower<'_> {
    /// The whole value of a tensor with a repeated axis, copied.
    pub(super) fn repeated(&mut self, held: &Held, shape: &[u64]) -> Result<Held> {
        let Some(repeat) = held.repeat else {
            return Ok(held.clone());
        };
        let plain = Held {
            repeat: None,
            ..held.clone()
        };
        let mut apart = held.shape.clone();
        if !repeat.apart {
            apart.insert(repeat.axis + 1, 1);
        }
        let plain = self.reshaped(&plain, &apart)?;
        apart[repeat.axis + 1] = repeat.times;
        let copied = copied(self, &plain, &apart);
        self.reshaped(&copied, shape)
    }

    /// A reshape of a tensor with a repeated axis; `None` where the copies would no longer be an axis.
    pub(super) fn reshape_repeated(&mut self, held: &Held, after: &[u64]) -> Result<Option<Held>> {
        let Some(repeat) = held.repeat else {
            return Ok(None);
        };
        let before: u64 = held.shape[..repeat.axis].iter().product();
        let heads = held.shape[repeat.axis];
        let merged = heads * repeat.times;
        // The axis of `after` that holds heads and copies: as much stands before it, and it is as long.
        let mut product = 1_u64;
        let found = after.iter().position(|&extent| {
            let here = product == before && extent == merged;
            product = product.saturating_mul(extent);
            here
        });
        let Some(axis) = found else { return Ok(None) };
        let mut shape = after.to_vec();
        shape[axis] = heads;
        let plain = Held {
            repeat: None,
            ..held.clone()
        };
        let view = self.reshaped(&plain, &shape)?;
        let repeat = Repeat {
            axis,
            times: repeat.times,
            apart: false,
        };
        Ok(Some(Held {
            repeat: Some(repeat),
            ..view
        }))
    }

    /// The order of axes of a tensor with a repeated axis.
    pub(super) fn transpose_repeated(
        &mut self,
        held: &Held,
        order: &[usize],
        view: bool,
    ) -> Result<Option<Held>> {
        let Some(repeat) = held.repeat.filter(|r| !r.apart) else {
            return Ok(None);
        };
        let plain = Held {
            repeat: None,
            ..held.clone()
        };
        let moved = self.transposed(&plain, order, view)?;
        let axis = order.iter().position(|&i| i == repeat.axis).unwrap_or(0);
        let repeat = Repeat { axis, ..repeat };
        Ok(Some(Held {
            repeat: Some(repeat),
            ..moved
        }))
    }
}

/// The shape that two operands stretched to each other have, where they do.
pub(super) fn stretched(shapes: &[&[u64]]) -> Option<Vec<u64>> {
    shape::broadcast(shapes).ok()
}
