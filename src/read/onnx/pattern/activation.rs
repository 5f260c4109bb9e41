//! Activations that exporters write out: silu, hardswish, gelu.

use super::super::node::ValueId;
use super::tree::Tree;
use super::{Found, Pattern};

/// x · Sigmoid(x) is silu, x · HardSigmoid(x) is hardswish.
pub(super) fn gated(tree: &Tree<'_>, index: usize) -> Found {
    for (gate, op) in [("Sigmoid", "silu"), ("HardSigmoid", "hardswish")] {
        let found = tree.either(index, "Mul", |tree, id| {
            let node = tree.maker(id, gate)?;
            Some((node, tree.model.nodes[node].input(0)?))
        });
        if let Some(((node, input), other)) = found
            && input == other
        {
            return Some((Pattern::Activation { op, input }, vec![node]));
        }
    }
    None
}

/// x · (1 + Erf(x / √2)) / 2, and x · (1 + Tanh(c · (x + d · x³))) / 2, in any order of the factors.
pub(super) fn gelu(tree: &Tree<'_>, index: usize) -> Found {
    let mut inside = Vec::new();
    let mut factors = Vec::new();
    product(tree, index, &mut inside, &mut factors, 0)?;
    let (scalars, data): (Vec<ValueId>, Vec<ValueId>) =
        factors.into_iter().partition(|&id| tree.is_single(id));
    let [a, b] = *data.as_slice() else {
        return None;
    };
    (scalars.len() <= 1).then_some(())?;
    let (input, bracket) = if one_plus(tree, b).is_some() {
        (a, b)
    } else {
        (b, a)
    };
    let (add, function) = one_plus(tree, bracket)?;
    inside.extend([add, function]);
    let argument = tree.model.nodes[function].input(0)?;
    made_of(tree, argument, input, &mut inside, 0)?;
    inside.retain(|&node| node != index);
    inside.sort_unstable();
    inside.dedup();
    Some((Pattern::Activation { op: "gelu", input }, inside))
}

/// The factors of a product of products, each node of which is noted.
fn product(
    tree: &Tree<'_>,
    index: usize,
    inside: &mut Vec<usize>,
    factors: &mut Vec<ValueId>,
    depth: usize,
) -> Option<()> {
    let two = tree.two(index, "Mul")?;
    inside.push(index);
    for id in two {
        match tree.maker(id, "Mul") {
            Some(inner) if depth < 2 => product(tree, inner, inside, factors, depth + 1)?,
            _ => factors.push(id),
        }
    }
    Some(())
}

/// The addition of a constant to an Erf or a Tanh, and that node.
fn one_plus(tree: &Tree<'_>, id: ValueId) -> Option<(usize, usize)> {
    let add = tree.maker(id, "Add")?;
    let (function, one) = tree.either(add, "Add", |tree, id| {
        tree.maker(id, "Erf").or_else(|| tree.maker(id, "Tanh"))
    })?;
    tree.is_single(one).then_some((add, function))
}

/// Whether a value is computed from `input` and constants alone, by products, quotients, sums and powers.
fn made_of(
    tree: &Tree<'_>,
    id: ValueId,
    input: ValueId,
    inside: &mut Vec<usize>,
    depth: usize,
) -> Option<()> {
    if id == input || tree.is_single(id) {
        return Some(());
    }
    let node = tree.model.producer(id).filter(|_| depth < 8)?;
    let made = &tree.model.nodes[node];
    if !matches!(made.op.as_str(), "Mul" | "Div" | "Add" | "Pow") {
        return None;
    }
    inside.push(node);
    for &part in made.inputs.iter().flatten() {
        made_of(tree, part, input, inside, depth + 1)?;
    }
    Some(())
}
