//! `flatten`, `reshape` and `transpose`: the same elements in another shape.

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::{Operator, Producers};

/// One axis of features; no work.
pub(super) const FLATTEN: Operator = Operator {
    name: "flatten",
    keys: &[],
    producers: Producers::One,
    read: flatten,
};

/// Another shape of as many elements; no work.
pub(super) const RESHAPE: Operator = Operator {
    name: "reshape",
    keys: &["shape"],
    producers: Producers::One,
    read: reshape,
};

/// Other axes in front: every element is moved, unless it is a `view` in which the next layer reads.
pub(super) const TRANSPOSE: Operator = Operator {
    name: "transpose",
    keys: &["axes", "view"],
    producers: Producers::One,
    read: transpose,
};

/// A tensor has no more axes.
const MOST_AXES: usize = 8;
const SHAPE: &str = "the sizes without the batch, such as `[12, 128, 64]`";
const VIEW: &str = "`true` where the next layer reads the elements in this order and none is moved";
const AXES: &str =
    "each axis once in its new order, counted from 0 without the batch, such as `[1, 0]`";

fn flatten(site: &Site<'_>) -> Option<Outcome> {
    let tensor = &site.source()?.tensor;
    let features = site.product_extent("number of features", &tensor.axes)?;
    site.view(Tensor::of(tensor.batch, vec![features]))
}

/// The sizes in `shape`.
pub(super) fn shape<'a>(site: &'a Site<'_>) -> Option<(Field<'a>, Vec<u64>)> {
    let field = site.table.required("shape", SHAPE)?;
    let items = field.list()?;
    let shape: Vec<Option<u64>> = items.iter().map(Field::extent).collect();
    let shape: Vec<u64> = shape.into_iter().collect::<Option<_>>()?;
    if shape.len() > MOST_AXES {
        field.reject(format!(
            "has {} axes; at most {MOST_AXES} are supported",
            shape.len()
        ));
        return None;
    }
    Some((field, shape))
}

fn reshape(site: &Site<'_>) -> Option<Outcome> {
    let (field, shape) = shape(site)?;
    let source = site.source()?;
    let (had, has) = (source.tensor.elements_per_item(), product(&shape));
    if had != has {
        let (name, tensor) = (&source.name, &source.tensor);
        field.reject(format!(
            "has {has} elements, but `{name}` gives {tensor}, which has {had} without the batch; give sizes with that product"
        ));
        return None;
    }
    site.view(Tensor::of(source.tensor.batch, shape))
}

fn transpose(site: &Site<'_>) -> Option<Outcome> {
    let field = site.table.required("axes", AXES)?;
    let view = site.table.or_default("view", VIEW, false, Field::boolean)?;
    let items = field.list()?;
    let most = MOST_AXES as u64 - 1;
    let order: Vec<Option<u64>> = items.iter().map(|item| item.integer(0, most)).collect();
    let order: Vec<u64> = order.into_iter().collect::<Option<_>>()?;
    let source = site.source()?;
    let tensor = &source.tensor;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..tensor.axes.len() as u64) {
        let (name, count) = (&source.name, tensor.axes.len());
        field.reject(format!(
            "is no order of the {count} axes of `{name}`, which gives {tensor}; give {AXES}"
        ));
        return None;
    }
    let moved = order
        .iter()
        .filter_map(|&axis| tensor.axes.get(usize::try_from(axis).ok()?));
    let output = Tensor::of(tensor.batch, moved.copied().collect());
    if view {
        return site.view(output).map(|o| o.with(Kind::Transpose));
    }
    let elements = output.elements();
    let operations = elements.saturating_mul(vector_cost::TRANSPOSE);
    site.stream(output, elements, 0, operations, Kind::Transpose)
}
