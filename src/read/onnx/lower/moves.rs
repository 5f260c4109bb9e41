//! Operators that take parts of tensors and put parts together.

use super::super::node::{Node, ValueId};
use super::super::shape;
use super::super::value::{Known, MOST_ELEMENTS, count};
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

fn cut(
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

/// Gather: rows of a table, a part of an axis, or elements that another tensor names.
pub(super) fn gather(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(data), Some(places), Some(output)) = (node.input(0), node.input(1), node.output())
    else {
        return Ok(());
    };
    let own = lower.shape(data);
    let axis = lower.model.call(node).axis(0, own.len())?;
    if lower.is_constant(data) && own.len() == 2 && axis == 0 {
        let held = lower.whole(places)?;
        let keys = Keys::new()
            .with("vocabulary", own[0])
            .with("features", own[1]);
        let name = lower.emit_weighted("embedding", &[&held], keys, data);
        lower.hold(Some(output), name);
        return Ok(());
    }
    let held = lower.whole(data)?;
    let shape = lower.shape(output).to_vec();
    if let Some(known) = lower
        .known(places)
        .and_then(Known::as_ints)
        .filter(|l| !l.is_empty())
    {
        let extent = own[axis];
        let places: Option<Vec<u64>> = (known.iter())
            .map(|&i| {
                if i < 0 {
                    extent.checked_add_signed(i)
                } else {
                    u64::try_from(i).ok()
                }
            })
            .collect();
        let places = places.ok_or_else(|| "its places are outside".to_owned())?;
        if places.windows(2).all(|w| w[1] == w[0] + 1) {
            let (first, last) = (places[0], places[places.len() - 1]);
            let part = cut(lower, &held, axis, [first, last + 1, 1], false);
            let view = lower.reshaped(&part, if shape.is_empty() { &[1] } else { &shape })?;
            lower.hold_as(Some(output), view);
            return Ok(());
        }
    }
    let frame = lower.frame(&held.shape, &shape, &[axis]);
    let keys = Keys::new().with("axis", frame.axis(axis)).framed(frame);
    let name = if lower.is_constant(places) {
        let keys = keys.list("indices", lower.shape(places));
        lower.emit("gather", &[&held], keys)
    } else {
        let places = lower.whole(places)?;
        lower.emit("gather", &[&held, &places], keys)
    };
    lower.hold(Some(output), name);
    Ok(())
}

/// `GatherElements` and `GatherND`.
pub(super) fn gather_places(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(data), Some(places)) = (node.input(0), node.input(1)) else {
        return Ok(());
    };
    let held = lower.whole(data)?;
    let order = order(lower, node, &held.shape, places);
    if order != Order::Other {
        let shape = node
            .output()
            .map_or(Vec::new(), |id| lower.shape(id).to_vec());
        let view = match order {
            Order::Assumed(why) => {
                let view = lower.viewed(&held, &shape)?;
                lower.assume(format!("its places {why}, and are taken to be all elements in their order, so that it moves nothing"));
                view
            }
            _ => lower.reshaped(&held, &shape)?,
        };
        lower.hold_as(node.output(), view);
        return Ok(());
    }
    let places = lower.whole(places)?;
    let (op, keys) = if node.op == "GatherND" {
        let batch = u64::try_from(node.int("batch_dims", 0)?).unwrap_or(0);
        ("gather_nd", Keys::new().with("batch_axes", batch))
    } else {
        ("gather_elements", Keys::new())
    };
    let name = lower.emit(op, &[&held, &places], keys);
    lower.hold(node.output(), name);
    Ok(())
}

/// Which elements of a tensor the places of a `GatherND` are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// All of them in their order, so that taking them moves nothing.
    Kept,
    /// As many as there are, in an order that is not known: why.
    Assumed(&'static str),
    /// Others, or in another order.
    Other,
}

/// Exporters write `x[rows, columns]` with all rows and columns as constant places of all elements.
/// Those that are kept outside the file, or are too many to be evaluated, can only be taken to be.
fn order(lower: &Lower<'_>, node: &Node, shape: &[u64], places: ValueId) -> Order {
    let own = lower.shape(places);
    let whole = own.last() == Some(&(shape.len() as u64)) && lower.is_constant(places);
    if node.op != "GatherND" || !whole || count(own) != count(shape) * shape.len() as u128 {
        return Order::Other;
    }
    let Some(list) = lower.known(places).and_then(Known::as_ints) else {
        return Order::Assumed(if count(own) > u128::from(MOST_ELEMENTS) {
            "are too many to be evaluated"
        } else {
            "are not in the file"
        });
    };
    let place = |place: &[i64]| {
        place
            .iter()
            .zip(shape)
            .try_fold(0_u128, |at, (&i, &extent)| {
                let i = u64::try_from(i).ok().filter(|&i| i < extent)?;
                Some(at * u128::from(extent) + u128::from(i))
            })
    };
    let found = list.chunks(shape.len()).map(place);
    if found.eq((0..count(shape)).map(Some)) {
        Order::Kept
    } else {
        Order::Other
    }
}

/// `ScatterElements` and `ScatterND`: a copy with some elements replaced.
pub(super) fn scatter(lower: &mut Lower<'_>, node: &Node) -> Result {
    let mut from = Vec::new();
    for id in node.inputs.iter().flatten() {
        from.push(lower.whole(*id)?);
    }
    let from: Vec<&Held> = from.iter().collect();
    let name = lower.emit("scatter", &from, Keys::new());
    lower.hold(node.output(), name);
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

/// `OneHot`.
pub(super) fn one_hot(lower: &mut Lower<'_>, node: &Node) -> Result {
    let (Some(input), Some(output)) = (node.input(0), node.output()) else {
        return Ok(());
    };
    let held = lower.whole(input)?;
    let shape = lower.shape(output);
    let axis = lower.model.call(node).axis(-1, shape.len())?;
    if axis + 1 != shape.len() {
        return Err("its new axis is not the last one, which is not supported".to_owned());
    }
    let name = lower.emit("one_hot", &[&held], Keys::new().with("depth", shape[axis]));
    lower.hold(Some(output), name);
    Ok(())
}
