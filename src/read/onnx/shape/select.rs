//! Operators that take parts of tensors and put parts together.

use super::super::value::{Known, Number, spell};
use super::call::{Call, Result, axis, indices, stretched, taken};

/// Where a Slice begins, how far apart and how many elements it takes, of each axis.
pub(in super::super) struct Steps {
    pub(in super::super) start: u64,
    pub(in super::super) step: i64,
    pub(in super::super) count: u64,
}

/// What a Slice takes of each axis.
pub(in super::super) fn steps(call: &Call<'_>) -> Result<Vec<Steps>> {
    let input = call.input(0)?;
    let missing = |what: &str| format!("its `{what}` are missing");
    let starts = call.list("starts", 1)?.ok_or_else(|| missing("starts"))?;
    let ends = call.list("ends", 2)?.ok_or_else(|| missing("ends"))?;
    let axes = match call.list("axes", 3)? {
        Some(axes) => axes,
        None => (0_i64..).take(starts.len()).collect(),
    };
    let steps = match call.optional(4) {
        Some(_) => call.ints(4)?,
        None => vec![1; starts.len()],
    };
    if starts.len() != ends.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err("its starts, ends, axes and steps are not equally many".to_owned());
    }
    let mut all: Vec<Steps> = (input.shape.iter())
        .map(|&count| Steps {
            start: 0,
            step: 1,
            count,
        })
        .collect();
    for i in 0..starts.len() {
        let at = axis(axes[i], input.rank())?;
        all[at] = of_axis(input.shape[at], starts[i], ends[i], steps[i])?;
    }
    Ok(all)
}

/// The elements from `start` to `end` of an axis, every `step`-th; both ends are cut to the axis.
fn of_axis(extent: u64, start: i64, end: i64, step: i64) -> Result<Steps> {
    if step == 0 {
        return Err("its step is 0".to_owned());
    }
    let extent = i64::try_from(extent).unwrap_or(i64::MAX);
    let from_front = |place: i64| {
        if place < 0 {
            place.saturating_add(extent)
        } else {
            place
        }
    };
    let (low, high) = if step > 0 {
        (0, extent)
    } else {
        (-1, extent - 1)
    };
    let start = from_front(start).clamp(low.max(0), high.max(0));
    let end = from_front(end).clamp(low, high.max(low));
    let span = if step > 0 { end - start } else { start - end };
    let count = if span <= 0 || extent == 0 {
        0
    } else {
        (span - 1) / step.saturating_abs() + 1
    };
    Ok(Steps {
        start: u64::try_from(start).unwrap_or(0),
        step,
        count: u64::try_from(count).unwrap_or(0),
    })
}

/// Slice.
pub(super) fn slice(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let steps = steps(call)?;
    let shape: Vec<u64> = steps.iter().map(|s| s.count).collect();
    let elements = taken(&shape, input, |index| {
        let source: Vec<u64> = (index.iter().zip(&steps))
            .map(|(&i, s)| {
                let offset = i64::try_from(i).unwrap_or(0).wrapping_mul(s.step);
                s.start.wrapping_add_signed(offset)
            })
            .collect();
        stretched(&source, &input.shape)
    });
    Ok(vec![Known::of(input.kind, shape).with(elements)])
}

/// The sizes of the parts of a Split.
fn parts(call: &Call<'_>, extent: u64) -> Result<Vec<u64>> {
    if let Some(list) = call.list("split", 1)? {
        let sizes: Option<Vec<u64>> = list.iter().map(|&n| u64::try_from(n).ok()).collect();
        let sizes =
            sizes.filter(|s| s.iter().try_fold(0_u64, |n, &e| n.checked_add(e)) == Some(extent));
        return sizes.ok_or_else(|| format!("its parts {list:?} are not {extent} together"));
    }
    let outputs = call.node.outputs.len() as u64;
    let count = match call.node.int("num_outputs", 0)? {
        0 => outputs,
        count => u64::try_from(count).unwrap_or(0),
    };
    if count == 0 || count != outputs {
        return Err(format!("it has {outputs} outputs, but splits into {count}"));
    }
    let each = extent.div_ceil(count);
    let sizes = (0..count).map(|i| each.min(extent.saturating_sub(i.saturating_mul(each))));
    Ok(sizes.collect())
}

/// Split.
pub(super) fn split(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let at = call.axis(0, input.rank())?;
    let mut from = 0;
    let parts = parts(call, input.shape[at])?;
    let part = |size: u64| {
        let mut shape = input.shape.clone();
        shape[at] = size;
        let elements = taken(&shape, input, |index| {
            let mut source = index.to_vec();
            source[at] += from;
            stretched(&source, &input.shape)
        });
        from += size;
        Known::of(input.kind, shape).with(elements)
    };
    Ok(parts.into_iter().map(part).collect())
}

/// Concat.
pub(super) fn concat(call: &Call<'_>) -> Result<Vec<Known>> {
    let inputs = call.all()?;
    let first = inputs[0];
    let at = call.axis(1, first.rank())?;
    let mut sum = 0_u64;
    for input in &inputs {
        let differs = |i: usize| i != at && input.shape.get(i) != first.shape.get(i);
        if input.rank() != first.rank() || (0..first.rank()).any(differs) {
            let (a, b) = (spell(&first.shape), spell(&input.shape));
            return Err(format!(
                "it joins {a} and {b} along axis {at}, but they differ elsewhere"
            ));
        }
        sum = sum.saturating_add(input.shape[at]);
    }
    let mut shape = first.shape.clone();
    shape[at] = sum;
    let elements = joined(&inputs, &shape, at);
    Ok(vec![Known::of(first.kind, shape).with(elements)])
}

fn joined(inputs: &[&Known], shape: &[u64], at: usize) -> Option<Vec<Number>> {
    if inputs.iter().any(|i| i.elements.is_none())
        || super::super::value::count(shape) > u128::from(super::super::value::MOST_ELEMENTS)
    {
        return None;
    }
    let one = |mut index: Vec<u64>| {
        for input in inputs {
            if index[at] < input.shape[at] {
                let list = input.elements.as_ref()?;
                return list.get(stretched(&index, &input.shape)).copied();
            }
            index[at] -= input.shape[at];
        }
        None
    };
    indices(shape).map(one).collect()
}

/// Gather: along an axis the places that the second input names.
pub(super) fn gather(call: &Call<'_>) -> Result<Vec<Known>> {
    let (data, places) = (call.input(0)?, call.input(1)?);
    let at = call.axis(0, data.rank())?;
    let mut shape = data.shape[..at].to_vec();
    shape.extend(&places.shape);
    shape.extend(&data.shape[at + 1..]);
    let extent = data.shape[at];
    if let Some(list) = places.as_ints() {
        let limit = i64::try_from(extent).unwrap_or(i64::MAX);
        if let Some(wrong) = list.iter().find(|&&i| i >= limit || i < -limit) {
            return Err(format!(
                "it takes place {wrong} of an axis of size {extent}"
            ));
        }
    }
    let elements = places.as_ints().and_then(|list| {
        taken(&shape, data, |index| {
            let inside = &index[at..at + places.rank()];
            let place = list
                .get(stretched(inside, &places.shape))
                .copied()
                .unwrap_or(0);
            let place = if place < 0 {
                extent.wrapping_add_signed(place)
            } else {
                u64::try_from(place).unwrap_or(0)
            };
            let mut source = index[..at].to_vec();
            source.push(place);
            source.extend(&index[at + places.rank()..]);
            stretched(&source, &data.shape)
        })
    });
    Ok(vec![Known::of(data.kind, shape).with(elements)])
}

/// `GatherElements`: as many as the second input has.
pub(super) fn gather_elements(call: &Call<'_>) -> Result<Vec<Known>> {
    let (data, places) = (call.input(0)?, call.input(1)?);
    call.axis(0, data.rank())?;
    if data.rank() != places.rank() {
        return Err("its two inputs have different numbers of axes".to_owned());
    }
    Ok(vec![Known::of(data.kind, places.shape.clone())])
}

/// `GatherND`: the last axis of the second input is a place in the first one.
pub(super) fn gather_nd(call: &Call<'_>) -> Result<Vec<Known>> {
    let (data, places) = (call.input(0)?, call.input(1)?);
    let batch = usize::try_from(call.node.int("batch_dims", 0)?).unwrap_or(usize::MAX);
    let depth = places.shape.last().and_then(|&n| usize::try_from(n).ok());
    let shape = depth.and_then(|depth| {
        let inner = data.shape.get(batch.checked_add(depth)?..)?;
        let mut shape = places.shape[..places.rank() - 1].to_vec();
        shape.extend(inner);
        Some(shape)
    });
    let shape =
        shape.ok_or_else(|| "its second input does not name places of the first".to_owned())?;
    Ok(vec![Known::of(data.kind, shape)])
}

/// `ScatterElements` and `ScatterND`: the first input with some elements replaced.
pub(super) fn scatter(call: &Call<'_>) -> Result<Vec<Known>> {
    let (data, places, updates) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let known = Known::of(data.kind, data.shape.clone());
    if call.node.op != "ScatterND" {
        call.axis(0, data.rank())?;
        return Ok(vec![known]);
    }
    Ok(vec![known.with(scattered(data, places, updates))])
}

/// The elements of a `ScatterND` of known values, without a reduction.
fn scattered(data: &Known, places: &Known, updates: &Known) -> Option<Vec<Number>> {
    let mut elements = data.elements.clone()?;
    let (list, news) = (places.as_ints()?, updates.elements.as_ref()?);
    let depth = usize::try_from(*places.shape.last()?)
        .ok()
        .filter(|&d| d > 0)?;
    let inner = data.shape.get(depth..)?;
    let size = usize::try_from(super::super::value::count(inner)).ok()?;
    for (i, place) in list.chunks(depth).enumerate() {
        let mut start = 0_usize;
        for (&at, &extent) in place.iter().zip(&data.shape) {
            let at = if at < 0 {
                extent.checked_add_signed(at)?
            } else {
                u64::try_from(at).ok()?
            };
            if at >= extent {
                return None;
            }
            start = start.checked_mul(usize::try_from(extent).ok()?)? + usize::try_from(at).ok()?;
        }
        let from = news.get(i * size..(i + 1) * size)?;
        elements
            .get_mut(start * size..(start + 1) * size)?
            .copy_from_slice(from);
    }
    Some(elements)
}

/// The padding of each axis of a Pad, before and after; negative where it crops.
pub(in super::super) fn padding(call: &Call<'_>) -> Result<Vec<[i64; 2]>> {
    let input = call.input(0)?;
    let rank = input.rank();
    let list = match call.node.ints("paddings")? {
        Some(list) => list.to_vec(),
        None => call
            .list("pads", 1)?
            .ok_or_else(|| "its `pads` are missing".to_owned())?,
    };
    let named = match call.optional(3) {
        Some(_) => call.ints(3)?,
        None => (0_i64..).take(rank).collect(),
    };
    if list.len() != 2 * named.len() {
        return Err(format!(
            "it has {} pads for {} axes",
            list.len(),
            named.len()
        ));
    }
    let mut all = vec![[0, 0]; rank];
    for (i, &one) in named.iter().enumerate() {
        all[axis(one, rank)?] = [list[i], list[i + named.len()]];
    }
    Ok(all)
}

/// Pad.
pub(super) fn pad(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let padding = padding(call)?;
    let size = |(&size, &[before, after]): (&u64, &[i64; 2])| {
        size.checked_add_signed(before)?.checked_add_signed(after)
    };
    let shape: Option<Vec<u64>> = input.shape.iter().zip(&padding).map(size).collect();
    let shape = shape.ok_or_else(|| "its pads leave less than nothing".to_owned())?;
    Ok(vec![Known::of(input.kind, shape)])
}
