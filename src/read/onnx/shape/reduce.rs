//! Operators that reduce axes, and those that work along one.

use super::super::value::{Known, MOST_ELEMENTS, Number, Type, count};
use super::call::{Call, Result, axes, axis, indices, stretched};

/// The axes that a reduction removes, or leaves with size 1.
pub(in super::super) fn reduced(call: &Call<'_>) -> Result<Vec<usize>> {
    let rank = call.input(0)?.rank();
    let list = call.list("axes", 1)?.unwrap_or_default();
    if !list.is_empty() {
        return axes(&list, rank);
    }
    let none = call.node.int("noop_with_empty_axes", 0)? != 0;
    Ok(if none {
        Vec::new()
    } else {
        (0..rank).collect()
    })
}

/// `ReduceMean` and its like.
pub(super) fn reduce(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let gone = reduced(call)?;
    let keeps = call.node.int("keepdims", 1)? != 0;
    let kept: Vec<u64> = (input.shape.iter().enumerate())
        .map(|(i, &size)| if gone.contains(&i) { 1 } else { size })
        .collect();
    let elements = folded(call, input, &kept);
    let shape = if keeps {
        kept
    } else {
        without(&input.shape, &gone)
    };
    Ok(vec![Known::of(input.kind, shape).with(elements)])
}

fn without(shape: &[u64], gone: &[usize]) -> Vec<u64> {
    let kept = (0..shape.len()).filter(|i| !gone.contains(i));
    kept.map(|i| shape[i]).collect()
}

/// Sums, products and extremes of known numbers.
fn folded(call: &Call<'_>, input: &Known, kept: &[u64]) -> Option<Vec<Number>> {
    let elements = input.elements.as_ref()?;
    if count(kept) > u128::from(MOST_ELEMENTS) {
        return None;
    }
    let mut found: Vec<Option<Number>> = vec![None; usize::try_from(count(kept)).ok()?];
    for (index, &number) in indices(&input.shape).zip(elements) {
        let own = found.get_mut(stretched(&index, kept))?;
        *own = Some(match *own {
            None => number,
            Some(before) => combine(&call.node.op, before, number)?,
        });
    }
    found.into_iter().collect()
}

fn combine(op: &str, a: Number, b: Number) -> Option<Number> {
    use Number::{Float, Int};
    Some(match (op, a, b) {
        ("ReduceSum", Int(a), Int(b)) => Int(a.checked_add(b)?),
        ("ReduceProd", Int(a), Int(b)) => Int(a.checked_mul(b)?),
        ("ReduceMax", Int(a), Int(b)) => Int(a.max(b)),
        ("ReduceMin", Int(a), Int(b)) => Int(a.min(b)),
        ("ReduceSum", a, b) => Float(a.float() + b.float()),
        ("ReduceProd", a, b) => Float(a.float() * b.float()),
        ("ReduceMax", a, b) => Float(a.float().max(b.float())),
        ("ReduceMin", a, b) => Float(a.float().min(b.float())),
        _ => return None,
    })
}

/// `ArgMax` and `ArgMin`.
pub(super) fn place(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let at = call.axis(0, input.rank())?;
    let mut shape = input.shape.clone();
    if call.node.int("keepdims", 1)? != 0 {
        shape[at] = 1;
    } else {
        shape.remove(at);
    }
    Ok(vec![Known::of(Type::INT64, shape)])
}

/// `TopK`: the values and their places.
pub(super) fn top(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let at = call.axis(-1, input.rank())?;
    let k = call.one("k", 1)?.and_then(|k| u64::try_from(k).ok());
    let k = k.filter(|&k| k <= input.shape[at]);
    let k = k.ok_or_else(|| "its `k` is not between 0 and the size of the axis".to_owned())?;
    let mut shape = input.shape.clone();
    shape[at] = k;
    Ok(vec![
        Known::of(input.kind, shape.clone()),
        Known::of(Type::INT64, shape),
    ])
}

/// Softmax, `LogSoftmax`, Hardmax, `CumSum`, normalisations: the input's shape; the axis is checked.
pub(super) fn along(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    if call.node.has("axis") {
        axis(call.node.int("axis", -1)?, input.rank())?;
    }
    Ok(vec![Known::of(input.kind, input.shape.clone())])
}

/// `CumSum`: known numbers are summed.
pub(super) fn running_sum(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let at = call.optional(1).and_then(Known::scalar);
    let plain = call.node.int("exclusive", 0)? == 0 && call.node.int("reverse", 0)? == 0;
    let known = Known::of(input.kind, input.shape.clone());
    let (Some(at), true, 1) = (at, plain, input.rank()) else {
        return Ok(vec![known]);
    };
    axis(at.int(), 1)?;
    let elements = input.elements.as_ref().and_then(|list| {
        let mut sum = Number::Int(0);
        let next = |&n: &Number| {
            sum = combine("ReduceSum", sum, n)?;
            Some(sum)
        };
        list.iter().map(next).collect::<Option<Vec<_>>>()
    });
    Ok(vec![known.with(elements)])
}
