//! `topk`, `cumsum` and `one_hot`: what depends on the order of elements or on their numbers.

use crate::problem::{Bits, LayerKind, Operator as Kind, StreamOperation};
use crate::read::network::site::{Link, Outcome, Part, Parts, Site};
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// The `k` largest elements of an axis; their places are `NAME.indices`.
pub(super) const TOPK: Operator = Operator {
    name: "topk",
    keys: &["k", "axis", "with_batch"],
    producers: Producers::One,
    read: Read::Parts(topk),
};

/// Sums of all elements of an axis up to each one.
pub(super) const CUMSUM: Operator = Operator {
    name: "cumsum",
    keys: &["axis", "with_batch"],
    producers: Producers::One,
    read: Read::Layer(cumsum),
};

/// For each number a row of zeros with a one at its place.
pub(super) const ONE_HOT: Operator = Operator {
    name: "one_hot",
    keys: &["depth"],
    producers: Producers::One,
    read: Read::Layer(one_hot),
};

const AXIS: &str = "the axis, counted from 0 without the batch";

fn topk(site: &Site<'_>) -> Option<Parts> {
    let field = site.table.required("k", "how many elements are kept")?;
    let k = field.extent()?;
    let source = site.source()?;
    let last = source.tensor.rank() - 1;
    let axis = site.axis("axis", AXIS, source, Some(last))?;
    let mut shape = source.tensor.shape();
    let count = shape[axis];
    if k > count {
        let (name, tensor) = (&source.name, &source.tensor);
        field.reject(format!(
            "is {k}, but the axis of `{name}`, which gives {tensor}, has {count} elements; give at most {count}"
        ));
        return None;
    }
    shape[axis] = k;
    let output = source.tensor.like(&shape);
    let read = source.tensor.elements();
    let operations = read.saturating_mul(vector_cost::topk(k));
    let values = site.stream(output.clone(), read, 0, operations, Kind::TopK { count })?;
    // The places are found in the same pass; only writing them is more.
    let bits = output
        .elements()
        .saturating_mul(u128::from(site.precision.output));
    let places = Outcome {
        kind: LayerKind::Stream(StreamOperation {
            input: Bits(0),
            weight: Bits(0),
            output: Bits(bits),
            vector_operations: 0,
            fusable: false,
        }),
        operator: Kind::Places,
        output,
    };
    let part = |suffix: &str, outcome| Part {
        suffix: suffix.to_owned(),
        op: site.op,
        from: vec![Link::Source(0)],
        outcome,
        optional: suffix == "indices",
    };
    let list = vec![part("", values), part("indices", places)];
    Some(Parts { list })
}

fn cumsum(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    site.axis("axis", AXIS, source, None)?;
    site.moved(source.tensor.clone(), Kind::CumulativeSum)
}

fn one_hot(site: &Site<'_>) -> Option<Outcome> {
    let depth = site.extent("depth", "the length of a row")?;
    let source = site.source()?;
    let mut shape = source.tensor.shape();
    shape.push(depth);
    let output = crate::read::network::tensor::Tensor::of_shape(&shape);
    let read = source.tensor.elements();
    let operations = output.elements();
    site.stream(output, read, 0, operations, Kind::Places)
}
