//! `conv3d`: a convolution over depth, rows and columns, of which one has no window.

use crate::problem::{PerDim, Window};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site};
use crate::read::network::tensor::Tensor;

use super::padding::Padding;
use super::sliding::{self, Sliding};
use super::{Operator, Producers, Read, conv2d};

/// The operator. An axis with one tap, stride 1 and no padding is relevant to input and output alone,
/// as the batch is, and is counted with it; the two others are the rows and columns of the loop nest.
pub(super) const CONV3D: Operator = Operator {
    name: "conv3d",
    keys: &[
        "out_channels",
        "kernel",
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias",
    ],
    producers: Producers::One,
    read: Read::Layer(read),
};

const KERNEL: &str = "the kernel's depth, height and width, such as `[3, 1, 1]`";
const EACH: &str = "a number for depth, height and width";
const PADDING: &str = "the padding in depth, down and across, such as `[1, 0, 0]`, or `same`";

fn read(site: &Site<'_>) -> Option<Outcome> {
    let out_channels = site.extent("out_channels", "the number of output channels");
    let kernel = site.each_axis::<3>("kernel", KERNEL, 1, None);
    let stride = site.each_axis("stride", EACH, 1, Some([1; 3]));
    let dilation = site.each_axis("dilation", EACH, 1, Some([1; 3]));
    let padding = Padding::<3>::read(site, PADDING);
    let groups = (site.table).or_default("groups", "the number of groups", 1, Field::extent);
    let source = site.source()?;
    let &[channels, depth, height, width] = source.tensor.axes.as_slice() else {
        site.reject(format!(
            "takes channels x depth x height x width, but `{}` gives {}; put a reshape before it",
            source.name, source.tensor
        ));
        return None;
    };
    let (kernel, stride, dilation, padding) = (kernel?, stride?, dilation?, padding?);
    let (out_channels, groups) = (out_channels?, groups?);
    conv2d::divides(site, groups, source, [channels, out_channels])?;
    let rows = [depth, height, width];
    let axes: [Sliding; 3] = std::array::from_fn(|axis| {
        let steps = [stride[axis], dilation[axis]];
        let on = |sizes| padding.on(axis, sizes);
        Sliding::over(rows[axis], kernel[axis], steps, on)
    });
    let outputs = sliding::outputs(site, source, axes, Sliding::outputs)?;
    sliding::touches_input(site, axes, outputs)?;
    let Some(plain) = axes.iter().position(|axis| is_plain(*axis)) else {
        site.table.reject_key(
            "kernel",
            "has windows on all three axes, which loop nests do not have; give one axis a kernel of 1, stride 1 and no padding, as factorised convolutions do",
        );
        return None;
    };
    let others = |axis: &usize| *axis != plain;
    let pair: Vec<usize> = (0..3).filter(others).collect();
    let &[down, across] = pair.as_slice() else {
        return None;
    };
    let images = [source.tensor.batch, rows[plain]];
    let n = site.product_extent("number of images (batch times an axis)", &images)?;
    let (k, c) = (out_channels / groups, channels / groups);
    let [p, q] = [outputs[down], outputs[across]];
    let extents = PerDim([groups, n, k, c, p, q, kernel[down], kernel[across]]);
    let windows: [Window; 2] = [axes[down].window, axes[across].window];
    let shape = [&[out_channels], outputs.as_slice()].concat();
    let output = Tensor::of(source.tensor.batch, shape);
    let weight = [&[out_channels, c], kernel.as_slice()].concat();
    site.nest(extents, windows, output, Some(weight))
}

/// Whether every output of the axis is computed from the input at its own place alone.
fn is_plain(axis: Sliding) -> bool {
    axis.taps == 1 && axis.window.stride == 1 && axis.window.padding == 0 && axis.after == 0
}
