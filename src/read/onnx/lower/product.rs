//! Matrix products: with a weight a linear layer, else a product of two tensors.

use super::super::node::{Node, ValueId};
use super::super::shape;
use super::super::value::count;
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;
use super::operands::precision;

/// `MatMul`, `MatMulInteger` and `QLinearMatMul`.
pub(super) fn matmul(lower: &mut Lower<'_>, node: &Node) -> Result {
    with_bias(lower, node, false, node.output())
}

/// A product with a vector added, which is given out as `output`.
pub(super) fn with_bias(
    lower: &mut Lower<'_>,
    node: &Node,
    bias: bool,
    output: Option<ValueId>,
) -> Result {
    let [left, right] = shape::product_operands(&node.op);
    let (Some(left), Some(right)) = (node.input(left), node.input(right)) else {
        return Ok(());
    };
    let bits = match node.op.as_str() {
        "MatMulInteger" => Some(32),
        "QLinearMatMul" => Some(8),
        _ => None,
    };
    let weight = lower.shape(right);
    let is_matrix = weight.len() >= 2
        && count(weight)
            == u128::from(weight[weight.len() - 2]) * u128::from(weight[weight.len() - 1]);
    if lower.is_constant(right) && is_matrix && lower.shape(left).len() >= weight.len() {
        let columns = weight[weight.len() - 1];
        return linear(lower, [left, right], columns, bias, bits, output);
    }
    let product = shape::product(lower.shape(left), lower.shape(right))?;
    let factor = factor(lower, left, right);
    let (a, b) = operands(lower, left, right)?;
    let keys = precision(lower, Keys::new(), left, Some(right), bits);
    let name = lower.emit_named(
        "matmul",
        &[&a, &b],
        keys,
        lower.is_constant(right).then_some(right),
        &[],
    );
    let mut shape = product.batch;
    shape.extend([product.rows, product.columns]);
    let mut held = Held::of(name, &shape);
    if bias {
        let keys = Keys::new().list("parameter", &[product.columns]);
        let name = lower.emit("add", &[&held], keys);
        held = Held::of(name, &shape);
    }
    let held = scaled(lower, held, factor);
    let wanted = output
        .map_or(&product.shape[..], |id| lower.shape(id))
        .to_vec();
    let held = lower.reshaped(&held, if wanted.is_empty() { &[1] } else { &wanted })?;
    lower.hold_as(output, held);
    Ok(())
}

/// The factors that were taken from the operands, multiplied.
fn factor(lower: &Lower<'_>, left: ValueId, right: ValueId) -> Option<f64> {
    let factors = [left, right].map(|id| lower.factors.get(&id).copied());
    factors
        .iter()
        .any(Option::is_some)
        .then(|| factors.iter().flatten().product())
}

/// A product times the factors of its operands.
fn scaled(lower: &mut Lower<'_>, held: Held, factor: Option<f64>) -> Held {
    match factor {
        None => held,
        Some(factor) => {
            let name = lower.emit("mul", &[&held], Keys::new().with("value", factor));
            Held::of(name, &held.shape)
        }
    }
}

/// Both operands with two axes or more; the right one with shared heads once, where the left one
/// has all of them.
fn operands(lower: &mut Lower<'_>, left: ValueId, right: ValueId) -> Result<(Held, Held)> {
    let a = lower.whole(left)?;
    let shared = lower.held(right)?;
    let grouped = shared.repeat.is_some_and(|r| {
        let rank = shared.shape.len();
        let same = a.shape.len() == rank && a.shape[..rank - 3] == shared.shape[..rank - 3];
        !r.apart
            && rank >= 3
            && r.axis + 3 == rank
            && same
            && a.shape[r.axis] == shared.shape[r.axis] * r.times
    });
    let b = if grouped {
        Held {
            repeat: None,
            ..shared
        }
    } else {
        lower.whole(right)?
    };
    let a = match *a.shape.as_slice() {
        [k] => lower.reshaped(&a, &[1, k])?,
        _ => a,
    };
    let b = match *b.shape.as_slice() {
        [k] => lower.reshaped(&b, &[k, 1])?,
        _ => b,
    };
    Ok((a, b))
}

/// A linear layer over the last axis.
fn linear(
    lower: &mut Lower<'_>,
    [input, weight]: [ValueId; 2],
    columns: u64,
    bias: bool,
    bits: Option<u32>,
    output: Option<ValueId>,
) -> Result {
    let factor = lower.factors.get(&input).copied();
    let held = lower.whole(input)?;
    let held = match *held.shape.as_slice() {
        [k] => lower.reshaped(&held, &[1, k])?,
        _ => held,
    };
    let keys = Keys::new()
        .with("out_features", columns)
        .with_if(held.shape.len() == 4, "flatten", false)
        .with_if(bias, "bias", true);
    let keys = precision(lower, keys, input, Some(weight), bits);
    let name = lower.emit_weighted("linear", &[&held], keys, weight);
    let mut shape = held.shape.clone();
    if let Some(last) = shape.last_mut() {
        *last = columns;
    }
    let held = scaled(lower, Held::of(name, &shape), factor);
    let wanted = output.map_or(&shape[..], |id| lower.shape(id)).to_vec();
    let held = lower.reshaped(&held, if wanted.is_empty() { &[1] } else { &wanted })?;
    lower.hold_as(output, held);
    Ok(())
}

/// Gemm and `QGemm`: a linear layer where the right operand is a constant.
pub(super) fn gemm(lower: &mut Lower<'_>, node: &Node) -> Result {
    let [left, right] = shape::product_operands(&node.op);
    let (Some(left), Some(right)) = (node.input(left), node.input(right)) else {
        return Ok(());
    };
    let [_, columns, _] = shape::gemm_sizes(&lower.model.call(node))?;
    let vector = node.input(if node.op == "QGemm" { 6 } else { 2 });
    // A bias has a value for each column; a matrix is added by a layer of its own.
    let constant =
        vector.is_none_or(|id| lower.is_constant(id) && count(lower.shape(id)) == columns.into());
    let bits = (node.op == "QGemm").then_some(8);
    let plain = node.int("transA", 0)? == 0;
    if lower.is_constant(right) && plain && constant {
        return linear(
            lower,
            [left, right],
            columns,
            vector.is_some(),
            bits,
            node.output(),
        );
    }
    let mut a = lower.whole(left)?;
    if !plain {
        a = lower.transposed(&a, &[1, 0], true)?;
    }
    let mut b = lower.whole(right)?;
    if node.int("transB", 0)? != 0 {
        b = lower.transposed(&b, &[1, 0], true)?;
    }
    let keys = precision(lower, Keys::new(), left, Some(right), bits);
    let name = lower.emit("matmul", &[&a, &b], keys);
    let shape = node
        .output()
        .map_or(Vec::new(), |id| lower.shape(id).to_vec());
    let mut held = Held::of(name, &shape);
    if let Some(vector) = vector {
        held = if lower.is_constant(vector) {
            let keys = Keys::new().list("parameter", lower.shape(vector));
            Held::of(lower.emit("add", &[&held], keys), &shape)
        } else {
            let other = lower.whole(vector)?;
            Held::of(lower.emit("add", &[&held, &other], Keys::new()), &shape)
        };
    }
    lower.hold_as(node.output(), held);
    Ok(())
}
