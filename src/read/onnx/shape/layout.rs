//! Operators that give the same elements another shape or another order.

use super::super::value::{Known, spell};
use super::call::{Call, Result, axes, broadcast, stretched, taken};

/// Reshape: sizes from the second input; 0 keeps the input's, -1 is what is left.
pub(super) fn reshape(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let Some(wanted) = call.list("shape", 1)? else {
        return Err("its input 1 is missing".to_owned());
    };
    let keeps_zero = call.node.int("allowzero", 0)? != 0;
    let shape = resolved(input, &wanted, keeps_zero)?;
    Ok(vec![
        Known::of(input.kind, shape).with(input.elements.clone()),
    ])
}

fn resolved(input: &Known, wanted: &[i64], keeps_zero: bool) -> Result<Vec<u64>> {
    let fail = || {
        format!(
            "it gives {} the shape {wanted:?}, which has another number of elements; a size that the exporter fixed may contradict --batch or --dim",
            spell(&input.shape)
        )
    };
    let mut shape = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (i, &size) in wanted.iter().enumerate() {
        let size = match size {
            0 if !keeps_zero => *input.shape.get(i).ok_or_else(fail)?,
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            size => u64::try_from(size).map_err(|_| fail())?,
        };
        shape.push(size);
    }
    if let Some(open) = open {
        let rest = super::super::value::count(&shape);
        let fits = rest > 0 && input.count().is_multiple_of(rest);
        let size = fits.then(|| u64::try_from(input.count() / rest).ok());
        shape[open] = size.flatten().ok_or_else(fail)?;
    }
    if super::super::value::count(&shape) != input.count() {
        return Err(fail());
    }
    Ok(shape)
}

/// Flatten: a matrix of the axes before one and those from it.
pub(super) fn flatten(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let rank = input.rank();
    let given = call.node.int("axis", 1)?;
    let cut = if usize::try_from(given) == Ok(rank) {
        rank
    } else {
        super::call::axis(given, rank)?
    };
    let of = |part: &[u64]| {
        u64::try_from(super::super::value::count(part)).map_err(|_| "it is too large".to_owned())
    };
    let shape = vec![of(&input.shape[..cut])?, of(&input.shape[cut..])?];
    Ok(vec![
        Known::of(input.kind, shape).with(input.elements.clone()),
    ])
}

/// Squeeze: without the named axes of size 1, or without all.
pub(super) fn squeeze(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let gone = match call.list("axes", 1)? {
        Some(list) => axes(&list, input.rank())?,
        None => (0..input.rank()).filter(|&i| input.shape[i] == 1).collect(),
    };
    if let Some(&wrong) = gone.iter().find(|&&i| input.shape[i] != 1) {
        let shape = spell(&input.shape);
        return Err(format!(
            "it removes the axis {wrong} of {shape}, which is not of size 1"
        ));
    }
    let kept = (0..input.rank()).filter(|i| !gone.contains(i));
    let shape = kept.map(|i| input.shape[i]).collect();
    Ok(vec![
        Known::of(input.kind, shape).with(input.elements.clone()),
    ])
}

/// Unsqueeze: with axes of size 1 where the output has them.
pub(super) fn unsqueeze(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let list = (call.list("axes", 1)?).ok_or_else(|| "its input 1 is missing".to_owned())?;
    if list.len() > super::super::value::MOST_AXES {
        return Err("it adds too many axes".to_owned());
    }
    let new = axes(&list, input.rank() + list.len())?;
    let mut rest = input.shape.iter();
    let shape = (0..input.rank() + list.len())
        .map(|i| {
            if new.contains(&i) {
                1
            } else {
                rest.next().copied().unwrap_or(1)
            }
        })
        .collect();
    Ok(vec![
        Known::of(input.kind, shape).with(input.elements.clone()),
    ])
}

/// The order of the axes of a Transpose.
pub(in super::super) fn order(call: &Call<'_>) -> Result<Vec<usize>> {
    let rank = call.input(0)?.rank();
    let Some(list) = call.node.ints("perm")? else {
        return Ok((0..rank).rev().collect());
    };
    let order: Option<Vec<usize>> = list.iter().map(|&i| usize::try_from(i).ok()).collect();
    let order = order.filter(|order| {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.into_iter().eq(0..rank)
    });
    order.ok_or_else(|| {
        format!("its attribute `perm`, {list:?}, is no order of the {rank} axes of its input")
    })
}

/// Transpose.
pub(super) fn transpose(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let order = order(call)?;
    let shape: Vec<u64> = order.iter().map(|&i| input.shape[i]).collect();
    let elements = taken(&shape, input, |index| {
        let mut source = vec![0; index.len()];
        for (to, &from) in order.iter().enumerate() {
            source[from] = index[to];
        }
        stretched(&source, &input.shape)
    });
    Ok(vec![Known::of(input.kind, shape).with(elements)])
}

/// Expand: stretched to the shape in the second input.
pub(super) fn expand(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let wanted =
        super::super::value::shape_of(&call.ints(1)?).map_err(|e| format!("its output {e}"))?;
    let shape = broadcast(&[&input.shape, &wanted])?;
    let elements = taken(&shape, input, |index| stretched(index, &input.shape));
    Ok(vec![Known::of(input.kind, shape).with(elements)])
}

/// Tile: every axis so many times.
pub(super) fn tile(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let times = call.ints(1)?;
    let sizes: Option<Vec<u64>> = (input.shape.iter().zip(&times))
        .map(|(&size, &times)| size.checked_mul(u64::try_from(times).ok()?))
        .collect();
    let shape = sizes
        .filter(|shape| shape.len() == input.rank() && times.len() == input.rank())
        .ok_or_else(|| "its input 1 does not give a positive number for each axis".to_owned())?;
    let elements = taken(&shape, input, |index| {
        let source: Vec<u64> = (index.iter().zip(&input.shape))
            .map(|(&i, &size)| i % size)
            .collect();
        stretched(&source, &input.shape)
    });
    Ok(vec![Known::of(input.kind, shape).with(elements)])
}

/// `DepthToSpace` and `SpaceToDepth`: blocks of columns and rows become channels, or the other way round.
pub(super) fn blocks(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let block = u64::try_from(call.node.int("blocksize", 0)?).unwrap_or(0);
    let [n, c, h, w] = <[u64; 4]>::try_from(input.shape.as_slice())
        .map_err(|_| "its input must have four axes".to_owned())?;
    let square = block.checked_mul(block).filter(|&s| s > 0);
    let square = square.ok_or_else(|| "its attribute `blocksize` must be at least 1".to_owned())?;
    let shape = if call.node.op == "DepthToSpace" {
        let out = (h.checked_mul(block), w.checked_mul(block));
        let fits = c.is_multiple_of(square);
        fits.then(|| Some(vec![n, c / square, out.0?, out.1?]))
            .flatten()
    } else {
        let fits = h.is_multiple_of(block) && w.is_multiple_of(block);
        fits.then(|| Some(vec![n, c.checked_mul(square)?, h / block, w / block]))
            .flatten()
    };
    let shape = shape.ok_or_else(|| {
        format!(
            "its blocks of {block} do not divide {}",
            spell(&input.shape)
        )
    })?;
    Ok(vec![Known::of(input.kind, shape)])
}
