//! `conv1d`: a convolution along one axis, over tokens or over an image of height 1.

use crate::problem::{PerDim, Window};
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::padding::Padding;
use super::sliding::{self, Sliding};
use super::{Operator, Producers, Read, conv2d};

/// The operator: a `conv2d` of height 1. Of `sequence x features` the features are the channels.
pub(super) const CONV1D: Operator = Operator {
    name: "conv1d",
    keys: &[
        "out_channels",
        "kernel",
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias",
        "layout",
    ],
    producers: Producers::One,
    read: Read::Layer(read),
};

const PADDING: &str = "the padding on each side, `[[before, after]]` or `same`";
const LAYOUT: &str = "`channels_last` for length x channels, or `channels_first`";

/// How the two axes of a row stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Length x channels, or an image of height 1.
    ChannelsLast,
    /// Channels x length.
    ChannelsFirst,
}

impl Layout {
    /// The layout that the layer states.
    pub(super) fn read(site: &Site<'_>) -> Option<Self> {
        let values = [
            ("channels_last", Layout::ChannelsLast),
            ("channels_first", Layout::ChannelsFirst),
        ];
        let read = |field: &Field<'_>| field.choice(&values);
        (site.table).or_default("layout", LAYOUT, Layout::ChannelsLast, read)
    }

    /// The output for such an input.
    pub(super) fn output(self, source: &Source, channels: u64, length: u64) -> Tensor {
        let batch = source.tensor.batch;
        match (source.tensor.axes.len(), self) {
            (2, Layout::ChannelsLast) => Tensor::of(batch, vec![length, channels]),
            (2, Layout::ChannelsFirst) => Tensor::of(batch, vec![channels, length]),
            _ => Tensor::image(batch, [channels, 1, length]),
        }
    }
}

fn read(site: &Site<'_>) -> Option<Outcome> {
    let number = |key, help, least, default| {
        let decode = |f: &Field<'_>| f.integer(least, LARGEST_EXTENT);
        site.table.or_default(key, help, default, decode)
    };
    let out_channels = site.extent("out_channels", "the number of output channels");
    let kernel = site.extent("kernel", "the number of taps");
    let stride = number("stride", "the step between outputs", 1, 1);
    let padding = Padding::<1>::read(site, PADDING);
    let dilation = number("dilation", "the step between taps", 1, 1);
    let groups = number("groups", "the number of groups", 1, 1);
    let layout = Layout::read(site)?;
    let (source, [channels, length]) = row(site, layout)?;
    let (out_channels, groups, kernel) = (out_channels?, groups?, kernel?);
    conv2d::divides(site, groups, source, [channels, out_channels])?;
    let padding = padding?;
    let steps = [stride?, dilation?];
    let along = Sliding::over(length, kernel, steps, |sizes| padding.on(0, sizes));
    let across = Sliding::over(1, 1, [1, 1], |_| [0, 0]);
    let axes = [across, along];
    let [p, q] = sliding::outputs(site, source, axes, Sliding::outputs)?;
    sliding::touches_input(site, axes, [p, q])?;
    let (k, c) = (out_channels / groups, channels / groups);
    let extents = PerDim::planar([groups, source.tensor.batch, k, c, p, q, 1, kernel]);
    let output = layout.output(source, out_channels, q);
    let weight = vec![out_channels, c, kernel];
    let windows = Window::planar(axes.map(|a| a.window));
    site.nest(extents, windows, output, Some(weight))
}

/// The producer with its channels and its length.
pub(super) fn row<'a>(site: &'a Site<'_>, layout: Layout) -> Option<(&'a Source, [u64; 2])> {
    let source = site.source()?;
    let found = match (source.tensor.axes.as_slice(), layout) {
        (&[length, channels], Layout::ChannelsLast)
        | (&[channels, length], Layout::ChannelsFirst)
        | (&[channels, 1, length], _) => Some([channels, length]),
        _ => None,
    };
    if found.is_none() {
        let Source { name, tensor, .. } = source;
        site.reject(format!(
            "takes sequence x features or channels x 1 x length, but `{name}` gives {tensor}; put a reshape before it"
        ));
    }
    Some((source, found?))
}
