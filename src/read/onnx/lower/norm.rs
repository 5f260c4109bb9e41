//! Normalisations, softmax, and the patterns that were found.

use super::super::node::Node;
use super::super::pattern::Pattern;
use super::emit::Lower;
use super::keys::Keys;
use super::{Result, product};

/// The operation that a group of nodes is.
pub(super) fn pattern(lower: &mut Lower<'_>, node: &Node, pattern: &Pattern) -> Result {
    let (input, op, keys) = match pattern {
        Pattern::Biased { product } => {
            let index = *product;
            lower.at(index);
            let inner = &lower.model.nodes[index];
            return product::with_bias(lower, inner, true, node.output());
        }
        Pattern::Activation { op, input } => (*input, *op, Keys::new()),
        Pattern::Norm {
            op,
            input,
            axes,
            scale,
            shift,
        } => {
            let own = lower.shape(*input);
            let frame = lower.frame(own, own, axes);
            let keys = Keys::new()
                .list("axes", &frame.axes(axes))
                .framed(frame)
                .with("scale", *scale);
            let keys = keys.with_if(*op == "layer_norm", "shift", *shift);
            (*input, *op, keys)
        }
        Pattern::GroupNorm {
            input,
            groups,
            scale,
            shift,
        } => {
            let keys = Keys::new().with("groups", *groups);
            (
                *input,
                "group_norm",
                channels(lower, *input, keys, *scale, *shift),
            )
        }
        Pattern::Rotation { input } => (*input, "rope", Keys::new()),
    };
    let held = lower.whole(input)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}

/// The axis of channels behind the batch, and which parameters there are.
fn channels(
    lower: &Lower<'_>,
    input: super::super::node::ValueId,
    keys: Keys,
    scale: bool,
    shift: bool,
) -> Keys {
    let own = lower.shape(input);
    let frame = lower.frame(own, own, &[1]);
    keys.with("axis", frame.axis(1))
        .framed(frame)
        .with("scale", scale)
        .with("shift", shift)
}

/// Normalisations that are operators of their own.
pub(super) fn norm(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let extra = |i: usize| node.outputs.get(i).copied().flatten();
    if (1..node.outputs.len()).any(|i| extra(i).is_some_and(|id| !lower.users[id].is_empty())) {
        return Err(
            "its statistics are read, which is not supported; export the model for inference"
                .to_owned(),
        );
    }
    let own = lower.shape(input);
    let (scale, shift) = (node.input(1).is_some(), node.input(2).is_some());
    let (op, keys) = match node.op.as_str() {
        "LayerNormalization" | "RMSNormalization" => {
            let first = lower.model.call(node).axis(-1, own.len())?;
            let axes: Vec<usize> = (first..own.len()).collect();
            let frame = lower.frame(own, own, &axes);
            let keys = Keys::new()
                .list("axes", &frame.axes(&axes))
                .framed(frame)
                .with("scale", scale);
            if node.op == "LayerNormalization" {
                ("layer_norm", keys.with("shift", shift))
            } else {
                ("rms_norm", keys)
            }
        }
        "GroupNormalization" => {
            let groups = u64::try_from(node.int("num_groups", 1)?).unwrap_or(1);
            let keys = Keys::new().with("groups", groups);
            ("group_norm", channels(lower, input, keys, scale, shift))
        }
        "InstanceNormalization" => (
            "instance_norm",
            channels(lower, input, Keys::new(), scale, shift),
        ),
        _ => {
            let frame = lower.frame(own, own, &[1]);
            let keys = Keys::new().with("axis", frame.axis(1)).framed(frame);
            ("batch_norm", keys)
        }
    };
    let held = lower.whole(input)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}

/// Softmax and its like, along one axis.
pub(super) fn along(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let own = lower.shape(input);
    let op = match node.op.as_str() {
        "Softmax" => "softmax",
        "LogSoftmax" => "log_softmax",
        "LpNormalization" => "l2_norm",
        _ => return Err(format!("no cost is known for the operator `{}`", node.op)),
    };
    let axis = lower.model.call(node).axis(-1, own.len())?;
    let frame = lower.frame(own, own, &[axis]);
    let keys = Keys::new().with("axis", frame.axis(axis)).framed(frame);
    let held = lower.whole(input)?;
    let name = lower.emit(op, &[&held], keys);
    lower.hold(node.output(), name);
    Ok(())
}
