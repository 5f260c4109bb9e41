//! Operators that take parts of tensors and put parts together.

use super::super::node::{Node, ValueId};
use super::super::shape;
use super::emit::{Held, Lower};
use super::keys::{Frame, Keys};
use super::{Result, list};

/// Slice: one layer for each axis that is cut.
pub(super) fn slice(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let steps = shape::steps(&lower.model.call(node))?;
    let mut held = lower.whole(input)?;
    for (axis, s) in steps.iter().enumerate() {
        if s.count == held.shape[axis] && s.step == 1 {
            continue;
        }
        if s.count == 0 {
            return Err("it takes nothing, and empty tensors are not supported".to_owned());
        }
        // A step backwards takes the same elements in the other order.
        let step = s.step.unsigned_abs();
        let reach = (s.count - 1) * step;
        let first = if s.step < 0 { s.start - reach } else { s.start };
        held = cut(
            lower,
            &held,
            axis,
            [first, first + reach + 1, step],
            s.step < 0,
        );
    }
    lower.hold_as(node.output(), held);
    Ok(())
}

/// The elements of an axis from one on, before another one, in steps; `turned` where they come out backwards.
pub(super) fn cut(
    lower: &mut Lower<'_>,
    held: &Held,
    axis: usize,
    [start, end, step]: [u64; 3],
    turned: bool,
) -> Held {
    let mut shape = held.shape.clone();
    shape[axis] = (end - start).div_ceil(step);
    let frame = lower.frame(&held.shape, &shape, &[axis]);
    let keys = Keys::new()
        .with("axis", frame.axis(axis))
        .with("start", start)
        .with("end", end)
        .with_if(step > 1, "step", step)
        .with_if(turned, "view", false)
        .framed(frame);
    let name = lower.emit("slice", &[held], keys);
    Held::of(name, &shape)
}

/// Split: outputs with numbers.
pub(super) fn split(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let axis = lower.model.call(node).axis(0, held.shape.len())?;
    let ids: Vec<Option<ValueId>> = node.outputs.clone();
    let sizes: Vec<u64> = ids
        .iter()
        .map(|id| id.map_or(0, |id| lower.shape(id)[axis]))
        .collect();
    if sizes.contains(&0) {
        return Err("one of its parts is empty or has no name, which is not supported".to_owned());
    }
    let frame = lower.frame(&held.shape, &held.shape, &[axis]);
    let keys = Keys::new()
        .with("axis", frame.axis(axis))
        .list("sizes", &sizes)
        .framed(frame);
    let numbers: Vec<String> = (0..sizes.len()).map(|i| i.to_string()).collect();
    let name = lower.emit_named("split", &[&held], keys, None, &numbers);
    for (i, id) in ids.into_iter().enumerate() {
        lower.hold(id, format!("{name}.{i}"));
    }
    Ok(())
}

/// Concat; a cache that is given out again grows in place.
pub(super) fn concat(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(output) = node.output() else {
        return Ok(());
    };
    let ids: Vec<ValueId> = node.inputs.iter().flatten().copied().collect();
    let mut parts = Vec::new();
    for &id in &ids {
        if !lower.shape(id).contains(&0) {
            parts.push(lower.whole(id)?);
        }
    }
    let shape = lower.shape(output);
    if let [one] = parts.as_slice() {
        let one = one.clone();
        lower.hold_as(Some(output), one);
        return Ok(());
    }
    let axis = lower.model.call(node).axis(1, shape.len())?;
    let frame = lower.frame(shape, shape, &[axis]);
    let cached = |id: &ValueId| lower.model.inputs.iter().skip(1).any(|input| input == id);
    let grows = lower.model.outputs.contains(&output) && ids.iter().any(cached);
    let keys = Keys::new()
        .with("axis", frame.axis(axis))
        .with_if(grows, "view", true)
        .framed(frame);
    let from: Vec<&Held> = parts.iter().collect();
    let name = lower.emit("concat", &from, keys);
    lower.hold(Some(output), name);
    Ok(())
}

/// Pad: cut where the padding is negative.
pub(super) fn pad(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let padding = shape::padding(&lower.model.call(node))?;
    let mut held = lower.whole(input)?;
    for (axis, &[before, after]) in padding.iter().enumerate() {
        let (before, after) = (before.min(0).unsigned_abs(), after.min(0).unsigned_abs());
        if before + after > 0 {
            let end = held.shape[axis].saturating_sub(after);
            if end <= before {
                return Err("its pads leave nothing".to_owned());
            }
            held = cut(lower, &held, axis, [before, end, 1], false);
        }
    }
    let grown: Vec<[u64; 2]> = (padding.iter())
        .map(|p| p.map(|n| u64::try_from(n).unwrap_or(0)))
        .collect();
    if grown.iter().any(|g| *g != [0, 0]) {
        let shape: Vec<u64> = held
            .shape
            .iter()
            .zip(&grown)
            .map(|(e, [a, b])| e + a + b)
            .collect();
        let pairs = grown.iter().map(|pair| list(pair)).collect();
        let keys = Keys::new()
            .with("padding", serde_yaml::Value::Sequence(pairs))
            .framed(Frame::Whole);
        let name = lower.emit("pad", &[&held], keys);
        held = Held::of(name, &shape);
    }
    lower.hold_as(node.output(), held);
    Ok(())
}

/// Tile: copies along axes.
pub(super) fn tile(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let shape = lower.shape(output);
    if held.shape == shape {
        lower.hold_as(Some(output), held);
        return Ok(());
    }
    let frame = lower.frame(&held.shape, shape, &[]);
    let keys = Keys::new().list("shape", frame.shape(shape)).framed(frame);
    let name = lower.emit("expand", &[&held], keys);
    lower.hold(Some(output), name);
    Ok(())
}

/// Resize: new sizes of the axes behind the channels.
pub(super) fn resize(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let after = lower.shape(output).to_vec();
    if held.shape == after {
        lower.hold_as(Some(output), held);
        return Ok(());
    }
    if held.shape.len() < 3 || held.shape[..2] != after[..2] {
        return Err("it resizes the batch or the channels, which is not supported".to_owned());
    }
    let mode = match node.text("mode")?.unwrap_or("nearest") {
        "linear" | "bilinear" | "trilinear" => "linear",
        "cubic" => "cubic",
        _ => "nearest",
    };
    let keys = Keys::new().list("size", &after[2..]).with("mode", mode);
    let name = lower.emit("resize", &[&held], keys);
    lower.hold(Some(output), name);
    Ok(())
}

/// `DepthToSpace` and `SpaceToDepth`.
pub(super) fn blocks(lower: &mut Lower<'_>, node: &Node) -> Result {
    let Some(input) = node.input(0) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let op = if node.op == "DepthToSpace" {
        "depth_to_space"
    } else {
        "space_to_depth"
    };
    let block = u64::try_from(node.int("blocksize", 1)?).unwrap_or(1);
    let name = lower.emit(op, &[&held], Keys::new().with("block", block));
    lower.hold(node.output(), name);
    Ok(())
}

/// `RotaryEmbedding`: over four axes; of three, the heads are taken apart first.
pub(super) fn rotate(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let heads = u64::try_from(node.int("num_heads", 0)?).unwrap_or(0);
    let features = u64::try_from(node.int("rotary_embedding_dim", 0)?).unwrap_or(0);
    let (apart, axis) = match *held.shape.as_slice() {
        [b, t, f] if heads > 0 && f.is_multiple_of(heads) => {
            (lower.reshaped(&held, &[b, t, heads, f / heads])?, 1)
        }
        [_, _, _] => {
            return Err(
                "its attribute `num_heads` is missing or does not divide its features".to_owned(),
            );
        }
        _ => (held.clone(), 2),
    };
    let frame = lower.frame(&apart.shape, &apart.shape, &[axis]);
    let keys = Keys::new()
        .with("axis", frame.axis(axis))
        .framed(frame)
        .with_if(features > 0, "features", features);
    let name = lower.emit("rope", &[&apart], keys);
    let shape = lower.shape(output).to_vec();
    let view = lower.reshaped(&Held::of(name, &apart.shape), &shape)?;
    lower.hold_as(Some(output), view);
    Ok(())
}
