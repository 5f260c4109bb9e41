//! `conv2d`: a convolution, grouped or dilated.

use crate::problem::{Dim, PerDim, Window};
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::padding::Padding;
use super::sliding::{self, Sliding};
use super::{Operator, Producers, Read, dims};

/// The operator. Alone, `dims: {N, K, C, P, Q, R, S}` and `G` state its sizes;
/// with `G` groups, `K` and `C` are those of one group and default to 1.
pub(super) const CONV2D: Operator = Operator {
    name: "conv2d",
    keys: &[
        "out_channels",
        "kernel",
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias",
        "dims",
    ],
    producers: Producers::One,
    read: Read::Layer(read),
};

const KERNEL: &str = "the kernel's height and width, such as `[3, 3]`";
const STRIDE: &str = "the stride down and across, such as `[1, 1]`";
const PADDING: &str =
    "the rows and columns of padding, such as `[1, 1]`, `[[top, bottom], [left, right]]` or `same`";
const DILATION: &str = "the dilation down and across, such as `[1, 1]`";
const GROUPS: &str = "the number of groups";

/// Stride, padding and dilation, each down and across.
struct Steps {
    stride: [u64; 2],
    padding: Padding<2>,
    dilation: [u64; 2],
}

impl Steps {
    fn read(site: &Site<'_>) -> Option<Self> {
        let stride = site.pair("stride", STRIDE, 1, Some([1, 1]));
        let padding = Padding::read(site, PADDING);
        let dilation = site.pair("dilation", DILATION, 1, Some([1, 1]));
        Some(Self {
            stride: stride?,
            padding: padding?,
            dilation: dilation?,
        })
    }

    fn over(&self, rows: [u64; 2], kernel: [u64; 2]) -> [Sliding; 2] {
        [0, 1].map(|axis| {
            let (taps, dilation) = (kernel[axis], self.dilation[axis]);
            Sliding::over(rows[axis], taps, [self.stride[axis], dilation], |sizes| {
                self.padding.on(axis, sizes)
            })
        })
    }
}

fn read(site: &Site<'_>) -> Option<Outcome> {
    let steps = Steps::read(site);
    if site.table.has("dims") {
        return stand_alone(site, steps);
    }
    let out_channels = site.extent("out_channels", "the number of output channels");
    let kernel = site.pair("kernel", KERNEL, 1, None);
    let groups = site.table.or_default("groups", GROUPS, 1, Field::extent);
    let (source, [channels, height, width]) = site.image()?;
    let (steps, groups) = (steps?, groups?);
    let (out_channels, kernel) = (out_channels?, kernel?);
    divides(site, groups, source, [channels, out_channels])?;
    let axes = steps.over([height, width], kernel);
    let [p, q] = sliding::outputs(site, source, axes, Sliding::outputs)?;
    let (k, c) = (out_channels / groups, channels / groups);
    let extents = PerDim::planar([
        groups,
        source.tensor.batch,
        k,
        c,
        p,
        q,
        kernel[0],
        kernel[1],
    ]);
    convolution(site, extents, axes)
}

/// Whether the groups divide input and output channels.
pub(super) fn divides(
    site: &Site<'_>,
    groups: u64,
    source: &Source,
    [channels, out_channels]: [u64; 2],
) -> Option<()> {
    let ours = format!("`{}`'s {channels} channels", source.name);
    let theirs = format!("the {out_channels} output channels");
    for (what, channels) in [(ours, channels), (theirs, out_channels)] {
        if !channels.is_multiple_of(groups) {
            site.table.reject_key(
                "groups",
                format!("{what} are not divisible by {groups} groups; change one of them"),
            );
            return None;
        }
    }
    Some(())
}

/// A layer with all its sizes: the input is as large as its windows reach, less the padding.
fn stand_alone(site: &Site<'_>, steps: Option<Steps>) -> Option<Outcome> {
    let why = "is given by `dims` already; remove it here";
    let allowed = site
        .table
        .forbid(&["out_channels", "kernel", "groups"], why);
    let optional: &[&str] = if dims::names(site, "G") {
        &["G", "K", "C"]
    } else {
        &["G"]
    };
    let names = ["N", "K", "C", "P", "Q", "R", "S", "G"];
    let [n, k, c, p, q, r, s, g] = dims::read(site, names, optional)?;
    let steps = steps?;
    allowed?;
    let padding = steps.padding.given(site)?;
    let height = input_rows(site, &steps, (0, padding[0]), p, r);
    let width = input_rows(site, &steps, (1, padding[1]), q, s);
    let axes = steps.over([height?, width?], [r, s]);
    convolution(site, PerDim::planar([g, n, k, c, p, q, r, s]), axes)
}

/// (outputs − 1)·stride + (taps − 1)·dilation + 1, less the padding on both sides.
fn input_rows(
    site: &Site<'_>,
    steps: &Steps,
    (axis, padding): (usize, [u64; 2]),
    outputs: u64,
    taps: u64,
) -> Option<u64> {
    let wide = |n: u64| i128::from(n);
    let rows = wide(outputs - 1) * wide(steps.stride[axis])
        + wide(taps - 1) * wide(steps.dilation[axis])
        + 1
        - wide(padding[0])
        - wide(padding[1]);
    let extent = u64::try_from(rows).ok();
    let extent = extent.filter(|e| (1..=LARGEST_EXTENT).contains(e));
    if extent.is_none() {
        let (side, out, tap) = [("height", "P", "R"), ("width", "Q", "S")][axis];
        site.reject(format!(
            "the input's {side} ({out} - 1) * stride + ({tap} - 1) * dilation + 1 - 2 * padding is {rows}, but must be between 1 and {LARGEST_EXTENT}; change `dims`, `stride` or `padding`"
        ));
    }
    extent
}

fn convolution(site: &Site<'_>, extents: PerDim<u64>, axes: [Sliding; 2]) -> Option<Outcome> {
    let (p, q) = (extents[Dim::P], extents[Dim::Q]);
    sliding::touches_input(site, axes, [p, q])?;
    let channels = [extents[Dim::G], extents[Dim::K]];
    let channels = site.product_extent("number of output channels", &channels)?;
    let output = Tensor::image(extents[Dim::N], [channels, p, q]);
    let [_, _, _, c, _, _, r, s, ..] = extents.0;
    let weight = vec![channels, c, r, s];
    let windows = Window::planar(axes.map(|a| a.window));
    site.nest(extents, windows, output, Some(weight))
}
