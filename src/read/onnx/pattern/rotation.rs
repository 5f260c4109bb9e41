//! Rotary embeddings: x · cos + (−second half, first half) · sin.

use super::super::node::ValueId;
use super::tree::Tree;
use super::{Found, Pattern};

/// The rotation that ends with this Add.
pub(super) fn rotation(tree: &Tree<'_>, index: usize) -> Found {
    let [a, b] = tree.two(index, "Add")?;
    of(tree, a, b).or_else(|| of(tree, b, a))
}

fn of(tree: &Tree<'_>, plain: ValueId, turned: ValueId) -> Found {
    let (by_cosine, by_sine) = (tree.maker(plain, "Mul")?, tree.maker(turned, "Mul")?);
    let (concat, _) = tree.either(by_sine, "Mul", |tree, id| tree.maker(id, "Concat"))?;
    let [minus, first] = tree.two(concat, "Concat")?;
    let neg = tree.maker(minus, "Neg")?;
    let second = tree.model.nodes[neg].input(0)?;
    let mut inside = vec![by_cosine, by_sine, concat, neg];
    let input = halves(tree, first, second, &mut inside)?;
    let [x, y] = tree.two(by_cosine, "Mul")?;
    let joined = tree.model.shape(tree.model.nodes[concat].output()?);
    let fits = (x == input || y == input) && joined == tree.model.shape(input) && joined.len() >= 2;
    inside.sort_unstable();
    inside.dedup();
    fits.then_some((Pattern::Rotation { input }, inside))
}

/// The value whose two halves these are, by one Split or two Slices.
fn halves(
    tree: &Tree<'_>,
    first: ValueId,
    second: ValueId,
    inside: &mut Vec<usize>,
) -> Option<ValueId> {
    let nodes = [tree.model.producer(first)?, tree.model.producer(second)?];
    let [a, b] = nodes.map(|n| &tree.model.nodes[n]);
    let equal = tree.model.shape(first) == tree.model.shape(second);
    let fits =
        a.op == b.op && matches!(a.op.as_str(), "Split" | "Slice") && a.input(0) == b.input(0);
    inside.extend(nodes);
    let input = a.input(0)?;
    (fits && equal).then_some(input)
}
