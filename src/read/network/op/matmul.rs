//! `matmul`: the product of two tensors' last two axes, for each entry of the axes before them.

use crate::problem::{PerDim, Window};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::{Operator, Producers, Read, dims};

/// The operator: left is M x K, right is K x N. Alone, `dims: {B, M, N, K}` state its sizes;
/// `B` defaults to 1.
pub(super) const MATMUL: Operator = Operator {
    name: "matmul",
    keys: &["dims"],
    producers: Producers::LeftAndRight,
    read: Read::Layer(read),
};

fn read(site: &Site<'_>) -> Option<Outcome> {
    if site.table.has("dims") {
        let [b, m, n, k] = dims::read(site, ["B", "M", "N", "K"], &["B"])?;
        return product(site, [b, m, n, k], Tensor::of(b, vec![m, n]));
    }
    let [left, right] = site.sources()? else {
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
    let Some(leading) = Leading::of(&l, &r) else {
        let why = "the axes before the last two must be equal or 1, or the left one's heads a multiple of the right one's";
        site.reject(mismatch(left, right, why));
        return None;
    };
    let b = site.product_extent(
        "number of products (batch times leading axes)",
        &leading.both,
    )?;
    let left_alone = [leading.left.as_slice(), &[m]].concat();
    let rows = site.product_extent("number of rows", &left_alone)?;
    let right_alone = [leading.right.as_slice(), &[n]].concat();
    let columns = site.product_extent("number of columns", &right_alone)?;
    let shape = [leading.output.as_slice(), &[m, n]].concat();
    product(site, [b, rows, columns, k], Tensor::of_shape(&shape))
}

/// The axes before the last two, broadcast against each other.
///
/// An axis that only one operand has makes more rows, or columns, of the same product: the other
/// operand is not read again for it. So it is with grouped queries, where several query heads read
/// one head of keys or values: a multiple of the right operand's heads, which stand right before
/// the last two axes, makes more rows.
struct Leading {
    /// Extents that both operands have.
    both: Vec<u64>,
    /// Extents that only the left one has.
    left: Vec<u64>,
    /// Extents that only the right one has.
    right: Vec<u64>,
    /// Extents of the output.
    output: Vec<u64>,
}

impl Leading {
    fn of(left: &[u64], right: &[u64]) -> Option<Self> {
        let mut all = Self {
            both: Vec::new(),
            left: Vec::new(),
            right: Vec::new(),
            output: Vec::new(),
        };
        let count = left.len().max(right.len());
        let padded = |own: &[u64]| [vec![1; count - own.len()], own.to_vec()].concat();
        for (axis, (l, r)) in padded(left).into_iter().zip(padded(right)).enumerate() {
            let heads = axis + 1 == count;
            if l == r {
                all.both.push(l);
            } else if l == 1 {
                all.right.push(r);
            } else if r == 1 || (heads && l.is_multiple_of(r)) {
                all.both.push(r);
                all.left.push(l / r);
            } else {
                return None;
            }
            all.output.push(l.max(r));
        }
        Some(all)
    }
}

/// The axes before the last two, batch first, and the last two.
fn matrices(source: &Source) -> Option<(Vec<u64>, [u64; 2])> {
    let shape = source.tensor.shape();
    let (leading, last) = shape.split_last_chunk::<2>()?;
    Some((leading.to_vec(), *last))
}

fn mismatch(left: &Source, right: &Source, why: &str) -> String {
    format!(
        "`{}` gives {} and `{}` gives {}, which cannot be multiplied: {why}; put a transpose or a reshape before it",
        left.name, left.tensor, right.name, right.tensor
    )
}

/// B is `G`, M is `N`, N is `K`, and the reduction K is `C`.
fn product(site: &Site<'_>, [b, m, n, k]: [u64; 4], output: Tensor) -> Option<Outcome> {
    let extents = PerDim::planar([b, m, n, k, 1, 1, 1, 1]);
    site.nest(extents, [Window::NONE; Window::COUNT], output, None)
}
