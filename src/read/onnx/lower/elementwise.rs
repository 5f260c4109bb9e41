//! Operators element by element, with one input, with constants, and with several inputs.

use super::super::node::{Node, ValueId};
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;
use super::repeat::stretched;

/// Operators of one input, and what the network file calls them.
const UNARY: &[(&str, &str)] = &[
    ("Abs", "abs"),
    ("Ceil", "ceil"),
    ("Celu", "elu"),
    ("Cos", "cos"),
    ("Elu", "elu"),
    ("Erf", "erf"),
    ("Exp", "exp"),
    ("Floor", "floor"),
    ("Gelu", "gelu"),
    ("HardSigmoid", "hardsigmoid"),
    ("HardSwish", "hardswish"),
    ("LeakyRelu", "leaky_relu"),
    ("Log", "log"),
    ("Mish", "mish"),
    ("Neg", "neg"),
    ("Not", "not"),
    ("Reciprocal", "reciprocal"),
    ("Relu", "relu"),
    ("Round", "round"),
    ("Selu", "elu"),
    ("Sigmoid", "sigmoid"),
    ("Sign", "sign"),
    ("Sin", "sin"),
    ("Softplus", "softplus"),
    ("Sqrt", "sqrt"),
    ("Swish", "silu"),
    ("Tanh", "tanh"),
    ("ThresholdedRelu", "relu"),
    ("Trilu", "mask"),
];

/// Operators of two inputs or more that are stretched to each other.
const STRETCHED: &[(&str, &str)] = &[
    ("Add", "add"),
    ("And", "and"),
    ("Div", "div"),
    ("Equal", "equal"),
    ("Greater", "greater"),
    ("GreaterOrEqual", "greater_equal"),
    ("Less", "less"),
    ("LessOrEqual", "less_equal"),
    ("Max", "max"),
    ("Min", "min"),
    ("Mod", "mod"),
    ("Mul", "mul"),
    ("Or", "or"),
    ("PRelu", "mul"),
    ("Pow", "pow"),
    ("Sub", "sub"),
    ("Sum", "add"),
    ("Xor", "xor"),
];

/// An operator that works element by element.
pub(super) fn elementwise(lower: &mut Lower<'_>, node: &Node) -> Result {
    let find = |table: &[(&str, &'static str)]| table.iter().find(|t| t.0 == node.op).map(|t| t.1);
    match node.op.as_str() {
        "Clip" => clip(lower, node),
        "Where" => choose(lower, node),
        "Mean" => {
            several(lower, node, "add", None)?;
            let count = node.inputs.len();
            let Some(output) = node.output() else {
                return Ok(());
            };
            let held = lower.whole(output)?;
            let keys = Keys::new().with("value", count as u64);
            let name = lower.emit("div", &[&held], keys);
            lower.hold(Some(output), name);
            Ok(())
        }
        _ => match (find(UNARY), find(STRETCHED)) {
            (Some(op), _) => unary(lower, node, op, Keys::new()),
            (_, Some(op)) => binary(lower, node, op),
            _ => Err(format!(
                "no cost is known for the operator `{}`; export the model with others, or up to there",
                node.op
            )),
        },
    }
}

/// One input, the same shape.
pub(super) fn unary(lower: &mut Lower<'_>, node: &Node, op: &str, keys: Keys) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}

/// Clip: from 0 to 6 it is relu6.
fn clip(lower: &mut Lower<'_>, node: &Node) -> Result {
    let bound = |lower: &Lower<'_>, name: &str, index: usize| -> Result<Option<f64>> {
        if node.has(name) {
            return node.float(name, 0.0).map(|x| Some(f64::from(x)));
        }
        Ok(node.input(index).and_then(|id| lower.scalar(id)))
    };
    let (low, high) = (bound(lower, "min", 1)?, bound(lower, "max", 2)?);
    let is = |bound: Option<f64>, wanted: f64| bound.is_some_and(|b| (b - wanted).abs() < 1e-9);
    let op = if is(low, 0.0) && is(high, 6.0) {
        "relu6"
    } else {
        "clip"
    };
    unary(lower, node, op, Keys::new())
}

/// Two inputs or more, of which some may be constants.
fn binary(lower: &mut Lower<'_>, node: &Node, op: &str) -> Result {
    let two = (node.input(0), node.input(1));
    let (Some(a), Some(b), 2) = (two.0, two.1, node.inputs.len()) else {
        return several(lower, node, op, None);
    };
    if a == b && op == "mul" {
        return unary(lower, node, "square", Keys::new());
    }
    let (data, constant, reversed) = match (lower.is_constant(a), lower.is_constant(b)) {
        (false, true) => (a, b, false),
        (true, false) => (
            b,
            a,
            !matches!(
                op,
                "add" | "mul" | "max" | "min" | "and" | "or" | "xor" | "equal"
            ),
        ),
        _ => return several(lower, node, op, None),
    };
    if taken_off(lower, node, op, data, constant, reversed) {
        return Ok(());
    }
    let own = lower.shape(data);
    if stretched(&[own, lower.shape(constant)]).as_deref() != Some(own) {
        return several(lower, node, op, None);
    }
    if is_mask(lower, node, op, data, constant) {
        let held = lower.whole(data)?;
        let name = lower.emit("mask", &[&held], Keys::new());
        lower.hold(node.output(), name);
        return Ok(());
    }
    let keys = match lower.scalar(constant) {
        Some(number) if number.is_finite() => Keys::new().with("value", number),
        _ => {
            let trained = lower.model.is_trained(constant);
            let shape = lower.shape(constant);
            let shape = if shape.is_empty() { &[1][..] } else { shape };
            Keys::new().list(if trained { "parameter" } else { "constant" }, shape)
        }
    };
    let keys = keys.with_if(reversed, "reversed", true);
    let held = lower.whole(data)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}

/// A factor of a product's operand is taken off it: the product is scaled while it leaves the array.
fn taken_off(
    lower: &mut Lower<'_>,
    node: &Node,
    op: &str,
    data: ValueId,
    constant: ValueId,
    reversed: bool,
) -> bool {
    let Some(output) = node
        .output()
        .filter(|_| !reversed && matches!(op, "mul" | "div"))
    else {
        return false;
    };
    let Some(number) = lower
        .scalar(constant)
        .filter(|n| n.is_finite() && *n != 0.0)
    else {
        return false;
    };
    if !feeds_product(lower, output, 0) {
        return false;
    }
    let Ok(held) = lower.held(data) else {
        return false;
    };
    let before = lower.factors.get(&data).copied().unwrap_or(1.0);
    let factor = if op == "mul" {
        before * number
    } else {
        before / number
    };
    lower.factors.insert(output, factor);
    lower.hold_as(Some(output), held);
    true
}

/// Whether a value is an operand of one matrix product and nothing else, behind views.
fn feeds_product(lower: &Lower<'_>, id: ValueId, depth: usize) -> bool {
    const VIEWS: [&str; 6] = [
        "Reshape",
        "Transpose",
        "Identity",
        "Cast",
        "Squeeze",
        "Unsqueeze",
    ];
    if depth > 8 || !lower.is_read_once(id) {
        return false;
    }
    let node = &lower.model.nodes[lower.users[id][0]];
    node.op == "MatMul"
        || VIEWS.contains(&node.op.as_str())
            && node
                .output()
                .is_some_and(|out| feeds_product(lower, out, depth + 1))
}

/// Whether a constant added to scores is a mask over queries and keys, the same for all heads.
fn is_mask(lower: &Lower<'_>, node: &Node, op: &str, data: ValueId, constant: ValueId) -> bool {
    let (own, mask) = (lower.shape(data), lower.shape(constant));
    let Some((outer, inner)) = mask.split_last_chunk::<2>().map(|(o, i)| (o, *i)) else {
        return false;
    };
    let same = own
        .split_last_chunk::<2>()
        .is_some_and(|(_, scores)| *scores == inner);
    let before_softmax = node.output().is_some_and(|output| {
        lower.is_read_once(output) && lower.model.nodes[lower.users[output][0]].op == "Softmax"
    });
    op == "add"
        && same
        && inner[0] > 1
        && outer.iter().all(|&e| e == 1)
        && before_softmax
        && !lower.model.is_trained(constant)
}

/// Inputs that are all read as tensors.
fn several(lower: &mut Lower<'_>, node: &Node, op: &str, only: Option<&[usize]>) -> Result {
    let chosen = |i: &usize| only.is_none_or(|only| only.contains(i));
    let ids: Vec<ValueId> = (0..node.inputs.len())
        .filter(chosen)
        .filter_map(|i| node.input(i))
        .collect();
    let mut from: Vec<Held> = Vec::new();
    for id in ids {
        from.push(lower.whole(id)?);
    }
    if let [one] = from.as_slice() {
        let one = one.clone();
        lower.hold_as(node.output(), one);
        return Ok(());
    }
    let from: Vec<&Held> = from.iter().collect();
    let name = lower.emit(op, &from, Keys::new());
    lower.hold(node.output(), name);
    Ok(())
}

/// Where: a known number stands as `value`.
fn choose(lower: &mut Lower<'_>, node: &Node) -> Result {
    let value = [1, 2].into_iter().find(|&i| {
        let scalar = node.input(i).and_then(|id| lower.scalar(id));
        scalar.is_some()
    });
    let mut from = Vec::new();
    for i in (0..3).filter(|&i| Some(i) != value) {
        if let Some(id) = node.input(i) {
            from.push(lower.whole(id)?);
        }
    }
    let number = value.and_then(|i| lower.scalar(node.input(i)?));
    let keys = match number {
        // A network file has no infinity; the largest number masks as well.
        Some(number) if !number.is_finite() => Keys::new().with("value", f64::from(f32::MIN)),
        Some(number) => Keys::new().with("value", number),
        None => Keys::new(),
    };
    let from: Vec<&Held> = from.iter().collect();
    let name = lower.emit("where", &from, keys);
    lower.hold(node.output(), name);
    Ok(())
}
