//! Operators that take or replace elements whose places another tensor names.

use super::super::node::{Node, ValueId};
use super::super::value::{Known, MOST_ELEMENTS, count};
use super::Result;
use super::emit::{Held, Lower};
use super::keys::Keys;
use super::moves::cut;

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
    Same,
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
        Order::Same
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
