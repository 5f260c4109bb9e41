//! `matmul`: the product of two tensors' last two axes, for each entry of the axes before them.

use crate::problem::{PerDim, Window};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, dims};

/// The operator: left is M x K, right is K x N. Alone, `dims: {B, M, N, K}` state its sizes;
/// `B` defaults to 1.
pub(super) const MATMUL: Operator = Operator {
    name: "matmul",
    keys: &["dims"],
    producers: Producers::Two,
    read,
};

fn read(site: &Site<'_>) -> Option<Outcome> {
    if site.table.has("dims") {
        let [b, m, n, k] = dims::read(site, ["B", "M", "N", "K"], &["B"])?;
        return product(site, [b, m, n, k], Tensor::of(b, vec![m, n]));
    }
    let [left, right] = site.sources.as_ref()?.as_slice() else {
        return None;
    };
    let (Some((l, [m, k])), Some((r, [k_right, n]))) = (matrices(left), matrices(right)) else {
        site.reject(mismatch(left, right, "each must have two axes or more"));
        return None;
    };
    if k != k_right {
        let why = format!(
            "the left one's last axis ({k}) must be the right one's last but one ({k_right})"
        );
        site.reject(mismatch(left, right, &why));
        return None;
    }
    if l != r || left.tensor.batch != right.tensor.batch {
        site.reject(mismatch(
            left,
            right,
            "the axes before the last two must be equal",
        ));
        return None;
    }
    let mut batch = vec![left.tensor.batch];
    batch.extend(l);
    let b = site.product_extent("number of products (batch times leading axes)", &batch)?;
    let mut axes = l.to_vec();
    axes.extend([m, n]);
    product(site, [b, m, n, k], Tensor::of(left.tensor.batch, axes))
}

/// The leading axes and the last two.
fn matrices(source: &Source) -> Option<(&[u64], [u64; 2])> {
    let (leading, last) = source.tensor.axes.split_last_chunk::<2>()?;
    Some((leading, *last))
}

fn mismatch(left: &Source, right: &Source, why: &str) -> String {
    format!(
        "`{}` gives {} and `{}` gives {}, which cannot be multiplied: {why}; put a transpose or a reshape before it",
        left.name, left.tensor, right.name, right.tensor
    )
}

/// B is `G`, M is `N`, N is `K`, and the reduction K is `C`.
fn product(site: &Site<'_>, [b, m, n, k]: [u64; 4], output: Tensor) -> Option<Outcome> {
    let extents = PerDim([b, m, n, k, 1, 1, 1, 1]);
    site.nest(extents, [Window::NONE; 2], output, None)
}
