//! `flatten`, `reshape` and `transpose`: the same elements in another shape.

use crate::problem::Operator as Kind;
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read};

/// One axis of features; no work.
pub(super) const FLATTEN: Operator = Operator {
    name: "flatten",
    keys: &[],
    producers: Producers::One,
    read: Read::Layer(flatten),
};

/// Another shape of as many elements; no work.
pub(super) const RESHAPE: Operator = Operator {
    name: "reshape",
    keys: &["shape", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(reshape),
};

/// Other axes in front: every element is moved, unless it is a `view` in which the next layer reads.
pub(super) const TRANSPOSE: Operator = Operator {
    name: "transpose",
    keys: &["axes", "view", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(transpose),
};

const SHAPE: &str = "the sizes without the batch, such as `[12, 128, 64]`";
const VIEW: &str = "`true` where the next layer reads the elements in this order and none is moved";
const AXES: &str =
    "each axis once in its new order, counted from 0 without the batch, such as `[1, 0]`";
/// No axis has a larger number.
const LAST_AXIS: u64 = 8;

fn flatten(site: &Site<'_>) -> Option<Outcome> {
    let tensor = &site.source()?.tensor;
    let features = site.product_extent("number of features", &tensor.axes)?;
    site.view(Tensor::of(tensor.batch, vec![features]))
}

fn reshape(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    let shape = site.shape_of("shape", SHAPE, source.tensor.batch)?;
    let output = Tensor::of_shape(&shape);
    if output.elements() == source.tensor.elements() {
        return site.view(output);
    }
    let (name, tensor) = (&source.name, &source.tensor);
    let (had, has, what) = if site.with_batch()? {
        (tensor.elements(), output.elements(), "with the batch")
    } else {
        let each = [tensor, &output].map(Tensor::elements_per_item);
        (each[0], each[1], "without the batch")
    };
    site.table.reject_key(
        "shape",
        format!(
            "has {has} elements, but `{name}` gives {tensor}, which has {had} {what}; give sizes with that product"
        ),
    );
    None
}

fn transpose(site: &Site<'_>) -> Option<Outcome> {
    let field = site.table.required("axes", AXES)?;
    let view = site.table.or_default("view", VIEW, false, Field::boolean)?;
    let with_batch = site.with_batch()?;
    let items = field.list()?;
    let order: Vec<Option<u64>> = items
        .iter()
        .map(|item| item.integer(0, LAST_AXIS))
        .collect();
    let order: Vec<u64> = order.into_iter().collect::<Option<_>>()?;
    let source = site.source()?;
    let shape = source.tensor.shape();
    let first = usize::from(!with_batch);
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..(shape.len() - first) as u64) {
        let (name, count, tensor) = (&source.name, shape.len() - first, &source.tensor);
        field.reject(format!(
            "is no order of the {count} axes of `{name}`, which gives {tensor}; give {AXES}"
        ));
        return None;
    }
    let moved = order
        .iter()
        .filter_map(|&axis| Some(usize::try_from(axis).ok()? + first));
    let axes: Vec<usize> = (0..first).chain(moved).collect();
    let output: Vec<u64> = axes.iter().map(|&axis| shape[axis]).collect();
    let output = Tensor::of_shape(&output);
    let stays = view || moves_nothing(&shape, &axes);
    let kind = Kind::Transpose { axes: Some(axes) };
    if stays {
        return site.view(output).map(|o| o.with(kind));
    }
    site.moved(output, kind)
}

/// Whether only axes of extent 1 change places.
fn moves_nothing(shape: &[u64], axes: &[usize]) -> bool {
    let long = axes.iter().filter(|&&axis| shape[axis] > 1);
    long.is_sorted()
}
