//! Normalisations that exporters write out.

use super::super::node::ValueId;
use super::super::shape;
use super::tree::Tree;
use super::{Found, Pattern};

/// A scale or shift that was applied last: the node before, and whether there is one.
struct Affine {
    scale: bool,
    shift: bool,
    inner: usize,
    inside: Vec<usize>,
}

/// Whether a constant has one value for each element of the last `axes` axes, or for each channel.
fn is_parameter(tree: &Tree<'_>, id: ValueId) -> bool {
    let value = &tree.model.values[id];
    value.constant && value.known.as_ref().is_some_and(|k| k.count() > 1)
}

/// Walks back over an Add of a parameter and a Mul by one, to a node of `op`.
fn affine(tree: &Tree<'_>, index: usize, op: &str) -> Option<Affine> {
    let mut affine = Affine {
        scale: false,
        shift: false,
        inner: index,
        inside: Vec::new(),
    };
    for outer in ["Add", "Mul"] {
        if tree.model.nodes[affine.inner].op != outer || ends(tree, affine.inner, op) {
            continue;
        }
        let [a, b] = tree.two(affine.inner, outer)?;
        let (data, parameter) = if is_parameter(tree, b) {
            (a, b)
        } else {
            (b, a)
        };
        if !is_parameter(tree, parameter) {
            continue;
        }
        let mut casts = Vec::new();
        let before = tree.plain(data, &mut casts);
        let Some(node) = tree.model.producer(before) else {
            continue;
        };
        affine.inside.extend(casts);
        affine.inside.push(affine.inner);
        affine.inner = node;
        affine.scale |= outer == "Mul";
        affine.shift |= outer == "Add";
    }
    affine.inside.retain(|&n| n != index);
    if affine.inner != index {
        affine.inside.push(affine.inner);
    }
    Some(affine)
}

/// Whether a node is already the last one of the normalisation itself.
fn ends(tree: &Tree<'_>, index: usize, op: &str) -> bool {
    tree.model.nodes[index].op == op && op == "Mul" && {
        let inputs = &tree.model.nodes[index].inputs;
        inputs
            .iter()
            .flatten()
            .all(|&id| !tree.model.values[id].constant)
    }
}

/// The square root of a mean of squares of `input`, plus a constant.
fn root(tree: &Tree<'_>, id: ValueId, inside: &mut Vec<usize>) -> Option<(ValueId, Vec<usize>)> {
    let id = tree.plain(id, inside);
    let sqrt = tree.maker(id, "Sqrt")?;
    let inner = tree.model.nodes[sqrt].input(0)?;
    inside.push(sqrt);
    let (mean, epsilon) = match tree.maker(inner, "Add") {
        Some(add) => {
            inside.push(add);
            let (mean, epsilon) =
                tree.either(add, "Add", |tree, id| tree.maker(id, "ReduceMean"))?;
            (mean, Some(epsilon))
        }
        None => (tree.maker(inner, "ReduceMean")?, None),
    };
    if epsilon.is_some_and(|e| !tree.is_single(e)) {
        return None;
    }
    inside.push(mean);
    let axes = shape::reduced(&tree.model.call(&tree.model.nodes[mean])).ok()?;
    let squares = tree.model.nodes[mean].input(0)?;
    let square = tree
        .maker(squares, "Pow")
        .or_else(|| tree.maker(squares, "Mul"))?;
    inside.push(square);
    let node = &tree.model.nodes[square];
    let (base, exponent) = (node.input(0)?, node.input(1)?);
    let is_square = if node.op == "Pow" {
        tree.scalar(exponent).is_none_or(|e| (e - 2.0).abs() < 1e-9) && tree.is_single(exponent)
    } else {
        base == exponent
    };
    is_square.then_some((base, axes))
}

/// x / √(mean(x²) + ε), with a scale: by a reciprocal and a product, or by a quotient.
pub(super) fn root_mean_square(tree: &Tree<'_>, index: usize) -> Found {
    for op in ["Mul", "Div"] {
        let Some(affine) = affine(tree, index, op) else {
            continue;
        };
        let mut inside = affine.inside;
        let found = if op == "Div" {
            tree.two(affine.inner, "Div").and_then(|[x, below]| {
                let (base, axes) = root(tree, below, &mut inside)?;
                Some((base, axes, x))
            })
        } else {
            tree.two(affine.inner, "Mul").and_then(|two| {
                two.iter().enumerate().find_map(|(i, &id)| {
                    let mut own = Vec::new();
                    let id = tree.plain(id, &mut own);
                    let reciprocal = tree.maker(id, "Reciprocal")?;
                    own.push(reciprocal);
                    let below = tree.model.nodes[reciprocal].input(0)?;
                    let (base, axes) = root(tree, below, &mut own)?;
                    inside.extend(own);
                    Some((base, axes, two[1 - i]))
                })
            })
        };
        let Some((base, axes, x)) = found else {
            continue;
        };
        let mut casts = Vec::new();
        let (base, x) = (tree.plain(base, &mut casts), tree.plain(x, &mut casts));
        if base != x || affine.shift || is_centred(tree, x) {
            continue;
        }
        let scale = affine.scale;
        inside.extend(casts);
        return Some((
            norm("rms_norm", x, axes, scale, false),
            clean(inside, index),
        ));
    }
    None
}

fn norm(op: &'static str, input: ValueId, axes: Vec<usize>, scale: bool, shift: bool) -> Pattern {
    Pattern::Norm {
        op,
        input,
        axes,
        scale,
        shift,
    }
}

fn clean(mut inside: Vec<usize>, index: usize) -> Vec<usize> {
    inside.retain(|&node| node != index);
    inside.sort_unstable();
    inside.dedup();
    inside
}

/// Whether a value is another one minus its mean.
fn is_centred(tree: &Tree<'_>, id: ValueId) -> bool {
    centred(tree, id, &mut Vec::new()).is_some()
}

/// The value of which the mean is subtracted.
fn centred(tree: &Tree<'_>, id: ValueId, inside: &mut Vec<usize>) -> Option<ValueId> {
    let sub = tree.maker(id, "Sub")?;
    let [x, mean] = tree.two(sub, "Sub")?;
    let mean = tree.maker(mean, "ReduceMean")?;
    let of = tree.model.nodes[mean].input(0)?;
    let mut casts = Vec::new();
    let (x, of) = (tree.plain(x, &mut casts), tree.plain(of, &mut casts));
    inside.extend([sub, mean]);
    inside.extend(casts);
    (x == of).then_some(x)
}

/// (x − mean) / √(mean((x − mean)²) + ε), with a scale and a shift.
pub(super) fn layer(tree: &Tree<'_>, index: usize) -> Found {
    let affine = affine(tree, index, "Div")?;
    let mut inside = affine.inside;
    let [above, below] = tree.two(affine.inner, "Div")?;
    let (base, axes) = root(tree, below, &mut inside)?;
    let above = tree.plain(above, &mut inside);
    let base = tree.plain(base, &mut inside);
    if above != base {
        return None;
    }
    let input = centred(tree, above, &mut inside)?;
    let pattern = norm("layer_norm", input, axes, affine.scale, affine.shift);
    Some((pattern, clean(inside, index)))
}

/// A reshape to groups, an instance normalisation of each, and the reshape back, with a scale and a shift.
pub(super) fn group(tree: &Tree<'_>, index: usize) -> Found {
    let affine = affine(tree, index, "Reshape")?;
    let mut inside = affine.inside;
    let outer = &tree.model.nodes[affine.inner];
    if outer.op != "Reshape" {
        return None;
    }
    let norm = tree.maker(outer.input(0)?, "InstanceNormalization")?;
    let inner = tree.maker(tree.model.nodes[norm].input(0)?, "Reshape")?;
    inside.extend([norm, inner]);
    let input = tree.model.nodes[inner].input(0)?;
    let (before, middle) = (
        tree.model.shape(input),
        tree.model.shape(tree.model.nodes[inner].output()?),
    );
    let after = tree.model.shape(outer.output()?);
    let (&groups, &channels) = (middle.get(1)?, before.get(1)?);
    let fits = before == after
        && before.first() == middle.first()
        && groups > 0
        && channels.is_multiple_of(groups);
    let (scale, shift) = (affine.scale, affine.shift);
    let pattern = Pattern::GroupNorm {
        input,
        groups,
        scale,
        shift,
    };
    fits.then(|| (pattern, clean(inside, index)))
}
