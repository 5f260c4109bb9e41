//! `pad` and `expand`: the input amid other elements, or several times.

use crate::problem::Operator as Kind;
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read, pairwise};

/// Elements before and after those of each axis, whatever they are filled with.
pub(super) const PAD: Operator = Operator {
    name: "pad",
    keys: &["padding", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(pad),
};

/// The input as often as it takes for a larger shape.
pub(super) const EXPAND: Operator = Operator {
    name: "expand",
    keys: &["shape", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(expand),
};

const PADDING: &str = "a pair `[before, after]` for each axis without the batch";
const SHAPE: &str = "the sizes of the output without the batch";

fn pad(site: &Site<'_>) -> Option<Outcome> {
    let field = site.table.required("padding", PADDING)?;
    let pairs: Vec<Option<u64>> = field.list()?.iter().map(pair).collect();
    let pairs: Vec<u64> = pairs.into_iter().collect::<Option<_>>()?;
    let source = site.source()?;
    let mut shape = source.tensor.shape();
    let first = usize::from(!site.with_batch()?);
    if pairs.len() != shape.len() - first {
        let (name, tensor, has) = (&source.name, &source.tensor, pairs.len());
        field.reject(format!(
            "has {has} pair(s), but `{name}`, which gives {tensor}, has {} axes; give {PADDING}",
            shape.len() - first
        ));
        return None;
    }
    for (extent, more) in shape[first..].iter_mut().zip(pairs) {
        *extent = extent.saturating_add(more);
    }
    let output = source.tensor.like(&shape);
    let read = source.tensor.elements();
    let operations = output.elements();
    site.stream(output, read, 0, operations, Kind::Pad)
}

/// How many elements a pair adds.
fn pair(field: &Field<'_>) -> Option<u64> {
    let items = field.list()?;
    let [before, after] = items.as_slice() else {
        field.reject(format!(
            "must be [before, after], but has {} item(s)",
            items.len()
        ));
        return None;
    };
    let side = |field: &Field<'_>| field.integer(0, LARGEST_EXTENT);
    Some(side(before)? + side(after)?)
}

fn expand(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    let shape = site.shape_of("shape", SHAPE, source.tensor.batch)?;
    let wanted = Source {
        name: "shape".to_owned(),
        tensor: Tensor::of_shape(&shape),
        width: source.width.clone(),
    };
    let whole = pairwise::broadcast(site, &[source.clone(), wanted])?;
    let output = source.tensor.like(&whole.shape());
    let operations = output.elements();
    site.stream(
        output,
        source.tensor.elements(),
        0,
        operations,
        Kind::Expand,
    )
}
