//! Operators that make tensors, and those that speak of shapes.

use super::super::value::{self, Known, MOST_ELEMENTS, Number, Type};
use super::call::{Call, Result};

/// Constant.
pub(super) fn constant(call: &Call<'_>) -> Result<Vec<Known>> {
    let node = call.node;
    if let Some(tensor) = node.tensor("value")? {
        return value::of_tensor(tensor)
            .map(|known| vec![known])
            .map_err(|error| format!("its tensor {error}"));
    }
    let known = if node.has("value_int") {
        Known::of(Type::INT64, Vec::new()).with(Some(vec![Number::Int(node.int("value_int", 0)?)]))
    } else if node.has("value_float") {
        let number = Number::Float(node.float("value_float", 0.0)?.into());
        Known::of(Type::FLOAT, Vec::new()).with(Some(vec![number]))
    } else if let Some(list) = node.ints("value_ints")? {
        Known::ints(list.iter().copied())
    } else if let Some(list) = node.floats("value_floats")? {
        let elements = list.iter().map(|&x| Number::Float(x.into())).collect();
        Known::of(Type::FLOAT, vec![list.len() as u64]).with(Some(elements))
    } else if let Some(sparse) = (node.attributes.iter()).find(|a| a.name == "sparse_value") {
        let _ = sparse;
        return Err("it is a sparse tensor, which is not supported; store it densely".to_owned());
    } else {
        return Err("it has no value".to_owned());
    };
    Ok(vec![known])
}

/// `ConstantOfShape`: one number as often as the shape in its input says.
pub(super) fn filled(call: &Call<'_>) -> Result<Vec<Known>> {
    let shape = value::shape_of(&call.ints(0)?).map_err(|error| format!("its output {error}"))?;
    let (kind, number) = match call.node.tensor("value")? {
        Some(tensor) => {
            let known = value::of_tensor(tensor).map_err(|error| format!("its value {error}"))?;
            (known.kind, known.scalar())
        }
        None => (Type::FLOAT, Some(Number::Float(0.0))),
    };
    let few = value::count(&shape) <= u128::from(MOST_ELEMENTS);
    let elements = number.filter(|_| few).map(|number| {
        let count = usize::try_from(value::count(&shape)).unwrap_or(0);
        vec![number; count]
    });
    Ok(vec![Known::of(kind, shape).with(elements)])
}

/// Shape: the sizes of the input, or some of them.
pub(super) fn shape(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let rank = i64::try_from(input.rank()).unwrap_or(0);
    let place = |at: i64| {
        let at = if at < 0 { at.saturating_add(rank) } else { at };
        usize::try_from(at.clamp(0, rank)).unwrap_or(0)
    };
    let start = place(call.node.int("start", 0)?);
    let end = place(call.node.int("end", rank)?).max(start);
    let sizes = input.shape[start..end].iter();
    Ok(vec![Known::ints(
        sizes.map(|&e| i64::try_from(e).unwrap_or(i64::MAX)),
    )])
}

/// Size: the number of elements.
pub(super) fn size(call: &Call<'_>) -> Result<Vec<Known>> {
    let count = i64::try_from(call.input(0)?.count()).unwrap_or(i64::MAX);
    let known = Known::of(Type::INT64, Vec::new());
    Ok(vec![known.with(Some(vec![Number::Int(count)]))])
}

/// Range: from a start by steps to before a limit.
pub(super) fn range(call: &Call<'_>) -> Result<Vec<Known>> {
    let kind = call.input(0)?.kind;
    let mut numbers = [Number::Int(0); 3];
    for (i, number) in numbers.iter_mut().enumerate() {
        *number = call.input(i)?.scalar().ok_or_else(|| {
            format!(
                "its input {i}, on which the shape of its output depends, is not one known number"
            )
        })?;
    }
    let [start, limit, delta] = numbers;
    let count = ((limit.float() - start.float()) / delta.float())
        .ceil()
        .max(0.0);
    if !count.is_finite() || count > 1e15 {
        return Err("its length is not a number, or too large".to_owned());
    }
    let count = Number::Float(count).int();
    let shape = value::shape_of(&[count]).map_err(|error| format!("its output {error}"))?;
    let few = shape[0] <= MOST_ELEMENTS;
    let elements = few.then(|| {
        let one = |i: i64| match (start, delta) {
            (Number::Int(start), Number::Int(delta)) => {
                Number::Int(start.wrapping_add(delta.wrapping_mul(i)))
            }
            _ => Number::Float(start.float() + delta.float() * Number::Int(i).float()),
        };
        (0..count).map(one).collect()
    });
    Ok(vec![Known::of(kind, shape).with(elements)])
}

/// `OneHot`: a new axis as long as the second input says.
pub(super) fn one_hot(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let depth = call.ints(1)?.first().copied().unwrap_or(0);
    let depth = u64::try_from(depth).map_err(|_| "its depth is negative".to_owned())?;
    let at = call.axis(-1, input.rank() + 1)?;
    let mut shape = input.shape.clone();
    shape.insert(at, depth);
    Ok(vec![Known::of(call.input(2)?.kind, shape)])
}

/// `EyeLike`: the shape of its input.
pub(super) fn eye(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let kind = match call.node.int("dtype", 0)? {
        0 => input.kind,
        kind => Type(i32::try_from(kind).unwrap_or(0)),
    };
    Ok(vec![Known::of(kind, input.shape.clone())])
}
