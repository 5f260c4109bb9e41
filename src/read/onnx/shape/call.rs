//! What an operator's rule sees of a node: its inputs and attributes, with the checks that all rules share.

use super::super::node::Node;
use super::super::value::{Known, Number, spell};

/// What a rule gives: what is known of each output, or what is wrong.
pub(super) type Result<T> = std::result::Result<T, String>;

/// A node with what is known of its inputs.
pub(in super::super) struct Call<'a> {
    pub(in super::super) node: &'a Node,
    pub(in super::super) inputs: Vec<Option<&'a Known>>,
}

impl<'a> Call<'a> {
    /// An input that must be there.
    pub(in super::super) fn input(&self, index: usize) -> Result<&'a Known> {
        self.optional(index)
            .ok_or_else(|| format!("its input {index} is missing"))
    }

    /// An input that may be left out.
    pub(in super::super) fn optional(&self, index: usize) -> Option<&'a Known> {
        self.inputs.get(index).copied().flatten()
    }

    /// The integers of an input that must be known.
    pub(super) fn ints(&self, index: usize) -> Result<Vec<i64>> {
        let known = self.input(index)?;
        known.as_ints().ok_or_else(|| {
            format!(
                "its input {index}, on which the shape of its output depends, is computed from the network's input or stored outside the file; export the model with fixed sizes, or cut it there"
            )
        })
    }

    /// The integers of an attribute, or else of an input; `None` where neither is there.
    pub(in super::super) fn list(&self, attribute: &str, input: usize) -> Result<Option<Vec<i64>>> {
        if let Some(list) = self.node.ints(attribute)? {
            return Ok(Some(list.to_vec()));
        }
        match self.optional(input) {
            Some(_) => self.ints(input).map(Some),
            None => Ok(None),
        }
    }

    /// One integer of an attribute, or else of an input.
    pub(super) fn one(&self, attribute: &str, input: usize) -> Result<Option<i64>> {
        if self.node.has(attribute) {
            return self.node.int(attribute, 0).map(Some);
        }
        match self.optional(input) {
            Some(_) => Ok(self.ints(input)?.first().copied()),
            None => Ok(None),
        }
    }

    /// The axis that an attribute names, counted from the front.
    pub(in super::super) fn axis(&self, default: i64, rank: usize) -> Result<usize> {
        axis(self.node.int("axis", default)?, rank)
    }

    /// All inputs, each of which must be there.
    pub(super) fn all(&self) -> Result<Vec<&'a Known>> {
        if self.inputs.is_empty() {
            return Err("it has no input".to_owned());
        }
        (0..self.inputs.len()).map(|i| self.input(i)).collect()
    }
}

/// An axis counted from the front; a negative one counts from the end.
pub(in super::super) fn axis(axis: i64, rank: usize) -> Result<usize> {
    let count = i64::try_from(rank).unwrap_or(i64::MAX);
    let front = if axis < 0 {
        axis.saturating_add(count)
    } else {
        axis
    };
    match usize::try_from(front) {
        Ok(front) if front < rank => Ok(front),
        _ => Err(format!(
            "its axis {axis} is none of the {rank} axes of its input"
        )),
    }
}

/// Axes counted from the front, each at most once, in ascending order.
pub(in super::super) fn axes(list: &[i64], rank: usize) -> Result<Vec<usize>> {
    let mut found = Vec::with_capacity(list.len());
    for &one in list {
        let one = axis(one, rank)?;
        if found.contains(&one) {
            return Err(format!("it names the axis {one} twice"));
        }
        found.push(one);
    }
    found.sort_unstable();
    Ok(found)
}

/// The common shape of tensors that are stretched to each other.
pub(in super::super) fn broadcast(shapes: &[&[u64]]) -> Result<Vec<u64>> {
    let rank = shapes.iter().map(|s| s.len()).max().unwrap_or(0);
    let mut common = vec![1; rank];
    for shape in shapes {
        let offset = rank - shape.len();
        for (i, &extent) in shape.iter().enumerate() {
            let own = &mut common[offset + i];
            if *own == 1 {
                *own = extent;
            } else if extent != 1 && extent != *own {
                let all: Vec<String> = shapes.iter().map(|s| spell(s)).collect();
                return Err(format!(
                    "its inputs {} do not fit together",
                    all.join(" and ")
                ));
            }
        }
    }
    Ok(common)
}

/// The place of an element in a tensor that is stretched to `shape`.
pub(super) fn stretched(index: &[u64], own: &[u64]) -> usize {
    let offset = index.len() - own.len();
    let mut place = 0;
    for (i, &extent) in own.iter().enumerate() {
        let at = if extent == 1 { 0 } else { index[offset + i] };
        place = place * extent + at;
    }
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// Every index of a shape, the last axis fastest.
pub(super) fn indices(shape: &[u64]) -> impl Iterator<Item = Vec<u64>> + '_ {
    let empty = shape.contains(&0);
    let mut next = (!empty).then(|| vec![0; shape.len()]);
    std::iter::from_fn(move || {
        let current = next.take()?;
        let mut following = current.clone();
        for axis in (0..shape.len()).rev() {
            following[axis] += 1;
            if following[axis] < shape[axis] {
                next = Some(following);
                break;
            }
            following[axis] = 0;
        }
        Some(current)
    })
}

/// The elements of an output of few elements, each taken from a place of one list; `None` where
/// the output is large or a place is outside.
pub(super) fn taken(
    shape: &[u64],
    from: &Known,
    place: impl Fn(&[u64]) -> usize,
) -> Option<Vec<Number>> {
    let elements = from.elements.as_ref()?;
    if super::super::value::count(shape) > u128::from(super::super::value::MOST_ELEMENTS) {
        return None;
    }
    indices(shape)
        .map(|index| elements.get(place(&index)).copied())
        .collect()
}
