//! `linear`: a fully connected layer over the last axis.

use crate::problem::{PerDim, Window};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read, dims};

/// The operator. An image is flattened first; of tokens each is a row of its own.
/// Alone, `dims: {N, K, C}` state its sizes.
pub(super) const LINEAR: Operator = Operator {
    name: "linear",
    keys: &["out_features", "bias", "flatten", "dims"],
    producers: Producers::One,
    read: Read::Layer(read),
};

fn read(site: &Site<'_>) -> Option<Outcome> {
    if site.table.has("dims") {
        let why = "is given by `dims` already; remove it here";
        let allowed = site.table.forbid(&["out_features", "flatten"], why);
        let [n, k, c] = dims::read(site, ["N", "K", "C"], &[])?;
        allowed?;
        return product(site, [n, k, c], Tensor::of(n, vec![k]));
    }
    let out_features = site.extent("out_features", "the number of output features");
    let tensor = &site.source()?.tensor;
    let out_features = out_features?;
    let flatten = "`true` where all axes but the batch become the features";
    let flatten = (site.table).or_default("flatten", flatten, tensor.image, Field::boolean)?;
    if flatten {
        let c = site.product_extent("number of input features", &tensor.axes)?;
        let output = Tensor::of(tensor.batch, vec![out_features]);
        return product(site, [tensor.batch, out_features, c], output);
    }
    let mut shape = tensor.shape();
    let c = shape.pop()?;
    let n = site.product_extent("number of rows (batch times sequence)", &shape)?;
    shape.push(out_features);
    product(site, [n, out_features, c], Tensor::of_shape(&shape))
}

fn product(site: &Site<'_>, [n, k, c]: [u64; 3], output: Tensor) -> Option<Outcome> {
    let extents = PerDim::planar([1, n, k, c, 1, 1, 1, 1]);
    site.nest(
        extents,
        [Window::NONE; Window::COUNT],
        output,
        Some(vec![k, c]),
    )
}
