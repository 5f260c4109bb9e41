//! `max_pool`, `avg_pool` and `global_avg_pool`.

use crate::problem::{Operator as Kind, Window};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::sliding::{self, Sliding};
use super::{Operator, Producers};

const KEYS: &[&str] = &["kernel", "stride", "padding", "ceil_mode"];

/// The largest element under the kernel.
pub(super) const MAX_POOL: Operator = Operator {
    name: "max_pool",
    keys: KEYS,
    producers: Producers::One,
    read: |site| pool(site, vector_cost::max_pool, |taps| Kind::MaxPool { taps }),
};

/// The mean of the elements under the kernel.
pub(super) const AVG_POOL: Operator = Operator {
    name: "avg_pool",
    keys: KEYS,
    producers: Producers::One,
    read: |site| pool(site, vector_cost::avg_pool, |taps| Kind::AvgPool { taps }),
};

/// The mean of each channel.
pub(super) const GLOBAL_AVG_POOL: Operator = Operator {
    name: "global_avg_pool",
    keys: &[],
    producers: Producers::One,
    read: global,
};

const KERNEL: &str = "the kernel's height and width, such as `[2, 2]`";
const STRIDE: &str =
    "the stride down and across, such as `[2, 2]`, or leave it out for the kernel's size";
const PADDING: &str = "the rows and columns of padding on each side, at most half the kernel";
const CEIL_MODE: &str = "`true` where a last, partial window counts";

/// Only the distinct rows and columns that the windows touch are read.
fn pool(site: &Site<'_>, cost: fn(u128) -> u128, kind: fn(u128) -> Kind) -> Option<Outcome> {
    let kernel = site.pair("kernel", KERNEL, 1, None);
    let stride = site.pair("stride", STRIDE, 1, kernel.or(Some([1, 1])));
    let padding = site.pair("padding", PADDING, 0, Some([0, 0]));
    let ceil = site
        .table
        .or_default("ceil_mode", CEIL_MODE, false, Field::boolean);
    let (kernel, padding) = (kernel?, padding?);
    if (0..2).any(|axis| padding[axis] > kernel[axis] / 2) {
        let why =
            "is more than half the kernel, so that windows would see only padding; make it smaller";
        site.table.reject_key("padding", why);
        return None;
    }
    let (source, [channels, height, width]) = site.image()?;
    let stride = stride?;
    let axes = [0, 1].map(|axis| Sliding {
        window: Window {
            stride: stride[axis],
            dilation: 1,
            padding: padding[axis],
            rows: [height, width][axis],
        },
        taps: kernel[axis],
    });
    let count = if ceil? {
        Sliding::outputs_ceil
    } else {
        Sliding::outputs
    };
    let [p, q] = sliding::outputs(site, source, axes, count)?;
    let touched = axes[0]
        .distinct_rows(p)
        .saturating_mul(axes[1].distinct_rows(q))
        .saturating_mul(product(&[source.tensor.batch, channels]));
    let output = Tensor::image(source.tensor.batch, [channels, p, q]);
    let operations = output.elements().saturating_mul(cost(product(&kernel)));
    let kind = kind(product(&kernel));
    site.stream(output, touched, 0, operations, kind)
}

fn global(site: &Site<'_>) -> Option<Outcome> {
    let (source, [channels, height, width]) = site.image()?;
    let output = Tensor::image(source.tensor.batch, [channels, 1, 1]);
    let taps = product(&[height, width]);
    let operations = output
        .elements()
        .saturating_mul(vector_cost::avg_pool(taps));
    let (read, kind) = (source.tensor.elements(), Kind::GlobalAvgPool);
    site.stream(output, read, 0, operations, kind)
}
