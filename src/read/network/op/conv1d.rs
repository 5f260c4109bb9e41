//! `conv1d`: a convolution along one axis, over tokens or over an image of height 1.

use crate::problem::{PerDim, Window};
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::sliding::{self, Sliding};
use super::{Operator, Producers, conv2d};

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
    ],
    producers: Producers::One,
    read,
};

const ONE_ROW: Window = Window::NONE;

fn read(site: &Site<'_>) -> Option<Outcome> {
    let number = |key, help, least, default| {
        let decode = |f: &Field<'_>| f.integer(least, LARGEST_EXTENT);
        site.table.or_default(key, help, default, decode)
    };
    let out_channels = site.extent("out_channels", "the number of output channels");
    let kernel = site.extent("kernel", "the number of taps");
    let stride = number("stride", "the step between outputs", 1, 1);
    let padding = number("padding", "the padding on each side", 0, 0);
    let dilation = number("dilation", "the step between taps", 1, 1);
    let groups = number("groups", "the number of groups", 1, 1);
    let (source, [channels, length]) = row(site)?;
    let (out_channels, groups, kernel) = (out_channels?, groups?, kernel?);
    conv2d::divides(site, groups, source, [channels, out_channels])?;
    let along = Sliding {
        window: Window {
            stride: stride?,
            dilation: dilation?,
            padding: padding?,
            rows: length,
        },
        taps: kernel,
    };
    let across = Sliding {
        window: ONE_ROW,
        taps: 1,
    };
    let axes = [across, along];
    let [p, q] = sliding::outputs(site, source, axes, Sliding::outputs)?;
    sliding::touches_input(site, axes, [p, q])?;
    let (k, c) = (out_channels / groups, channels / groups);
    let extents = PerDim([groups, source.tensor.batch, k, c, p, q, 1, kernel]);
    let output = if source.tensor.axes.len() == 2 {
        Tensor::of(source.tensor.batch, vec![q, out_channels])
    } else {
        Tensor::image(source.tensor.batch, [out_channels, 1, q])
    };
    let weight = vec![out_channels, c, kernel];
    site.nest(extents, axes.map(|a| a.window), output, Some(weight))
}

/// The producer with its channels and its length.
pub(super) fn row<'a>(site: &'a Site<'_>) -> Option<(&'a Source, [u64; 2])> {
    let source = site.source()?;
    let found = match *source.tensor.axes.as_slice() {
        [length, channels] | [channels, 1, length] => Some([channels, length]),
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
