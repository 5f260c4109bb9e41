//! Einsum: products of two operands from the left to the right, each as a matrix product.

use super::super::einsum::{Equation, Pair, read};
use super::super::node::{Node, ValueId};
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;

/// An operand: a value of the graph, or what a product before gave.
#[derive(Clone)]
enum Operand {
    Value(ValueId),
    Made(Held),
}

/// The labels of a product by where they occur.
struct Classes {
    batch: Vec<char>,
    rows: Vec<char>,
    columns: Vec<char>,
    depth: Vec<char>,
}

/// Einsum.
pub(super) fn einsum(lower: &mut Lower<'_>, node: &Node) -> Result {
    let inputs: Vec<ValueId> = node.inputs.iter().flatten().copied().collect();
    let shapes: Vec<&[u64]> = inputs.iter().map(|&id| lower.shape(id)).collect();
    let equation = read(node.text("equation")?.unwrap_or_default(), &shapes)?;
    let (Some(&first), Some(output)) = (inputs.first(), node.output()) else {
        return Ok(());
    };
    if equation.pairs().is_empty() {
        return single(lower, &equation, first, output);
    }
    let mut left = Operand::Value(first);
    for (pair, &right) in equation.pairs().iter().zip(&inputs[1..]) {
        let held = product(lower, &equation, pair, left, Operand::Value(right))?;
        left = Operand::Made(held);
    }
    if let Operand::Made(held) = left {
        let wanted = lower.shape(output).to_vec();
        let held = lower.reshaped(&held, if wanted.is_empty() { &[1] } else { &wanted })?;
        lower.hold_as(Some(output), held);
    }
    Ok(())
}

/// One operand: sums and another order.
fn single(lower: &mut Lower<'_>, equation: &Equation, input: ValueId, output: ValueId) -> Result {
    let held = lower.whole(input)?;
    let labels = equation.operands.first().cloned().unwrap_or_default();
    let (held, labels) = summed(lower, held, &labels, &equation.output);
    let order: Vec<usize> = (equation.output.iter())
        .filter_map(|l| labels.iter().position(|o| o == l))
        .collect();
    let held = lower.transposed(&held, &order, true)?;
    lower.hold_as(Some(output), held);
    Ok(())
}

/// Sums the axes whose labels nothing else has.
fn summed(lower: &mut Lower<'_>, held: Held, labels: &[char], kept: &[char]) -> (Held, Vec<char>) {
    let gone: Vec<u64> = (0..labels.len())
        .filter(|&i| !kept.contains(&labels[i]))
        .map(|i| i as u64)
        .collect();
    if gone.is_empty() {
        return (held, labels.to_vec());
    }
    let rest: Vec<char> = labels
        .iter()
        .copied()
        .filter(|l| kept.contains(l))
        .collect();
    let shape: Vec<u64> = (labels.iter().zip(&held.shape))
        .filter(|(l, _)| kept.contains(l))
        .map(|(_, &e)| e)
        .collect();
    let keys = Keys::new()
        .with("function", "sum")
        .list("axes", &gone)
        .with("keep_axes", false)
        .with("with_batch", true);
    let name = lower.emit("reduce", &[&held], keys);
    (Held::of(name, &shape), rest)
}

fn product(
    lower: &mut Lower<'_>,
    equation: &Equation,
    pair: &Pair,
    left: Operand,
    right: Operand,
) -> Result<Held> {
    let classes = classes(pair);
    let sizes = |labels: &[char]| {
        labels
            .iter()
            .map(|l| equation.sizes[l])
            .collect::<Vec<u64>>()
    };
    let length = |labels: &[char]| sizes(labels).iter().product::<u64>();
    let batch = sizes(&classes.batch);
    let [m, n, k] = [&classes.rows, &classes.columns, &classes.depth].map(|l| length(l));
    let mut shape = batch.clone();
    shape.extend([m, n]);
    let a_order = [&classes.batch[..], &classes.rows, &classes.depth].concat();
    let weight = match &right {
        Operand::Value(id) if lower.is_constant(*id) && batch.is_empty() => Some(*id),
        _ => None,
    };
    let a = arranged(
        lower,
        equation,
        left,
        &pair.left,
        &a_order,
        &[&batch[..], &[m, k]].concat(),
    )?;
    let name = if let Some(weight) = weight {
        let keys = Keys::new().with("out_features", n);
        lower.emit_weighted("linear", &[&a], keys, weight)
    } else {
        let order = [&classes.batch[..], &classes.depth, &classes.columns].concat();
        let wanted = [&batch[..], &[k, n]].concat();
        let b = arranged(lower, equation, right, &pair.right, &order, &wanted)?;
        lower.emit("matmul", &[&a, &b], Keys::new())
    };
    let held = Held::of(name, &shape);
    let labels = [&classes.batch[..], &classes.rows, &classes.columns].concat();
    let held = lower.reshaped(&held, &sizes(&labels))?;
    let order: Vec<usize> = (pair.output.iter())
        .filter_map(|l| labels.iter().position(|o| o == l))
        .collect();
    lower.transposed(&held, &order, true)
}

fn classes(pair: &Pair) -> Classes {
    let (left, right, output) = (&pair.left, &pair.right, &pair.output);
    let of = |labels: &[char], test: &dyn Fn(&char) -> bool| {
        labels
            .iter()
            .copied()
            .filter(|l| test(l))
            .collect::<Vec<char>>()
    };
    Classes {
        batch: of(left, &|l| right.contains(l) && output.contains(l)),
        rows: of(left, &|l| !right.contains(l)),
        columns: of(right, &|l| !left.contains(l)),
        depth: of(left, &|l| right.contains(l) && !output.contains(l)),
    }
}

/// An operand with its axes in this order, merged to this shape; a constant is stored so.
fn arranged(
    lower: &mut Lower<'_>,
    equation: &Equation,
    operand: Operand,
    labels: &[char],
    order: &[char],
    shape: &[u64],
) -> Result<Held> {
    let held = match operand {
        Operand::Made(held) => held,
        Operand::Value(id) => {
            let full: Vec<u64> = labels.iter().map(|l| equation.sizes[l]).collect();
            if lower.shape(id) != full {
                return Err(
                    "its equation stretches an axis of size 1, which is not supported".to_owned(),
                );
            }
            if lower.is_constant(id) {
                return Ok(lower.constant(id, shape));
            }
            lower.whole(id)?
        }
    };
    let positions: Vec<usize> = (order.iter())
        .filter_map(|l| labels.iter().position(|o| o == l))
        .collect();
    let moved = lower.transposed(&held, &positions, true)?;
    lower.reshaped(&moved, shape)
}
