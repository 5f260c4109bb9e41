//! Attention of opset 23: two matrix products and a softmax.

use super::super::node::{Node, ValueId};
use super::super::shape::{self, Attention};
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;

/// Attention.
pub(super) fn attention(lower: &mut Lower<'_>, node: &Node) -> Result {
    let a = shape::attention(&lower.model.call(node))?;
    let inputs = [0, 1, 2].map(|i| node.input(i));
    let [Some(q), Some(k), Some(v)] = inputs else {
        return Ok(());
    };
    let q = heads(lower, &a, q, a.heads, [a.queries, a.features])?;
    let new = a.keys - a.past;
    let k = heads(lower, &a, k, a.key_heads, [new, a.features])?;
    let v = heads(lower, &a, v, a.key_heads, [new, a.value_features])?;
    let k = grown(lower, k, node.input(4), a.keys)?;
    let v = grown(lower, v, node.input(5), a.keys)?;
    lower.hold_as(node.outputs.get(1).copied().flatten(), k.clone());
    lower.hold_as(node.outputs.get(2).copied().flatten(), v.clone());
    let turned = lower.transposed(&k, &[0, 1, 3, 2], true)?;
    let scores_shape = [a.batch, a.heads, a.queries, a.keys];
    let scores = Held::of(
        lower.emit("matmul", &[&q, &turned], Keys::new()),
        &scores_shape,
    );
    let scale = node.float("scale", 0.0)?;
    let scale = if scale == 0.0 {
        default_scale(a.features)
    } else {
        f64::from(scale)
    };
    let scores = layer(lower, "mul", &scores, Keys::new().with("value", scale));
    let scores = masked(lower, node, scores)?;
    let softcap = node.float("softcap", 0.0)?;
    let scores = if softcap > 0.0 {
        layer(lower, "tanh", &scores, Keys::new())
    } else {
        scores
    };
    let weights = layer(
        lower,
        "softmax",
        &scores,
        Keys::new().with("axis", 3_u64).with("with_batch", true),
    );
    lower.hold_as(node.outputs.get(3).copied().flatten(), weights.clone());
    let result_shape = [a.batch, a.heads, a.queries, a.value_features];
    let result = Held::of(
        lower.emit("matmul", &[&weights, &v], Keys::new()),
        &result_shape,
    );
    let result = if a.merged {
        let moved = lower.transposed(&result, &[0, 2, 1, 3], true)?;
        lower.reshaped(&moved, &[a.batch, a.queries, a.heads * a.value_features])?
    } else {
        result
    };
    lower.hold_as(node.output(), result);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a scale; features are few")]
fn default_scale(features: u64) -> f64 {
    1.0 / (features as f64).sqrt()
}

fn layer(lower: &mut Lower<'_>, op: &str, held: &Held, keys: Keys) -> Held {
    let name = lower.emit(op, &[held], keys);
    Held::of(name, &held.shape)
}

/// An operand with an axis of heads.
fn heads(
    lower: &mut Lower<'_>,
    a: &Attention,
    id: ValueId,
    heads: u64,
    [rows, features]: [u64; 2],
) -> Result<Held> {
    let held = lower.whole(id)?;
    if !a.merged {
        return Ok(held);
    }
    let apart = lower.reshaped(&held, &[a.batch, rows, heads, features])?;
    lower.transposed(&apart, &[0, 2, 1, 3], true)
}

/// Keys or values behind those of earlier runs, which stay where they are.
fn grown(lower: &mut Lower<'_>, new: Held, past: Option<ValueId>, keys: u64) -> Result<Held> {
    let Some(past) = past else { return Ok(new) };
    let past = lower.whole(past)?;
    let mut shape = new.shape.clone();
    shape[2] = keys;
    let keys = Keys::new()
        .with("axis", 2_u64)
        .with("with_batch", true)
        .with("view", true);
    Ok(Held::of(lower.emit("concat", &[&past, &new], keys), &shape))
}

/// Scores with the mask, if there is one.
fn masked(lower: &mut Lower<'_>, node: &Node, scores: Held) -> Result<Held> {
    let scores = match node.input(3) {
        Some(mask) => {
            let mask = lower.whole(mask)?;
            let name = lower.emit("add", &[&scores, &mask], Keys::new());
            Held::of(name, &scores.shape)
        }
        None => scores,
    };
    if node.int("is_causal", 0)? != 0 {
        return Ok(layer(lower, "mask", &scores, Keys::new()));
    }
    Ok(scores)
}
