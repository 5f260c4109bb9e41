//! `conv3d`: a convolution over depth, rows and columns.

use crate::problem::{LoopNest, PerDim, Window};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::padding::Padding;
use super::sliding::{self, Sliding};
use super::{Operator, Producers, Read, conv2d};

/// The operator. Depth, rows and columns are Z, P and Q of the loop nest. An axis with one tap, stride 1
/// and no padding is relevant to input and output alone, as the batch is, and is counted with it; then
/// the two others are P and Q.
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
    let (source, [channels, depth, height, width]) = volume(site)?;
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
    let shape = [&[out_channels], outputs.as_slice()].concat();
    let output = Tensor::of(source.tensor.batch, shape);
    let (k, c) = (out_channels / groups, channels / groups);
    let weight = [&[out_channels, c], kernel.as_slice()].concat();
    let order = match axes.iter().position(|axis| is_plain(*axis)) {
        Some(plain) => (0..3).filter(|axis| *axis != plain).collect(),
        None => vec![1, 2, 0],
    };
    let apart = (0..3).filter(|axis| !order.contains(axis));
    let images = apart.map(|axis| rows[axis]).chain([source.tensor.batch]);
    let images: Vec<u64> = images.collect();
    let n = site.product_extent("number of images (batch times an axis)", &images)?;
    let mut extents = PerDim::planar([groups, n, k, c, 1, 1, 1, 1]);
    let mut windows = [Window::NONE; Window::COUNT];
    for (i, &axis) in order.iter().enumerate() {
        let (output, tap) = LoopNest::WINDOW_DIMS[i];
        extents[output] = outputs[axis];
        extents[tap] = kernel[axis];
        windows[i] = axes[axis].window;
    }
    site.nest(extents, windows, output, Some(weight))
}

/// The producer with its channels, depth, height and width; reports where it has others.
pub(super) fn volume<'a>(site: &'a Site<'_>) -> Option<(&'a Source, [u64; 4])> {
    let source = site.source()?;
    let sizes = <[u64; 4]>::try_from(source.tensor.axes.as_slice()).ok();
    if sizes.is_none() {
        site.reject(format!(
            "takes channels x depth x height x width, but `{}` gives {}; put a reshape before it",
            source.name, source.tensor
        ));
    }
    Some((source, sizes?))
}

/// Whether every output of the axis is computed from the input at its own place alone.
fn is_plain(axis: Sliding) -> bool {
    axis.taps == 1 && axis.window.stride == 1 && axis.window.padding == 0 && axis.after == 0
}
