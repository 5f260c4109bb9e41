//! `conv_transpose2d` and `conv_transpose1d`: convolutions whose stride widens the output.

use crate::problem::PerDim;
use crate::problem::phases::TransposedAxis;
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::conv1d::{self, Layout};
use super::padding::Padding;
use super::{Operator, Producers, Read, conv2d};

/// The operator over images; its shapes are those of `torch.nn.ConvTranspose2d`.
pub(super) const CONV_TRANSPOSE2D: Operator = Operator {
    name: "conv_transpose2d",
    keys: KEYS,
    producers: Producers::One,
    read: Read::Layer(read_image),
};

/// The same along one axis, over tokens or over an image of height 1.
pub(super) const CONV_TRANSPOSE1D: Operator = Operator {
    name: "conv_transpose1d",
    keys: KEYS,
    producers: Producers::One,
    read: Read::Layer(read_row),
};

const KEYS: &[&str] = &[
    "out_channels",
    "kernel",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "bias",
    "layout",
];

/// An axis without a kernel.
const ONE_ROW: TransposedAxis = TransposedAxis {
    stride: 1,
    dilation: 1,
    padding: 0,
    taps: 1,
    rows: 1,
    outputs: 1,
};

const OUTPUT_PADDING: &str = "the rows added to the output at its end";

/// Sizes of one axis as the file gives them.
#[derive(Clone, Copy)]
struct Sizes {
    taps: u64,
    stride: u64,
    padding: [u64; 2],
    output_padding: u64,
    dilation: u64,
}

fn read_image(site: &Site<'_>) -> Option<Outcome> {
    let out_channels = site.extent("out_channels", "the number of output channels");
    let kernel = site.pair("kernel", "the kernel's height and width", 1, None);
    let pair = |key, help, least| site.pair(key, help, least, Some([least, least]));
    let stride = pair("stride", "the stride down and across, such as `[2, 2]`", 1);
    let padding = cut::<2>(site);
    let output_padding = pair("output_padding", OUTPUT_PADDING, 0);
    let dilation = pair("dilation", "the dilation down and across", 1);
    let groups = site
        .table
        .or_default("groups", "the number of groups", 1, Field::extent);
    let (source, [channels, height, width]) = site.image()?;
    let (kernel, stride, padding) = (kernel?, stride?, padding?);
    let (output_padding, dilation) = (output_padding?, dilation?);
    let sizes = [0, 1].map(|axis| Sizes {
        taps: kernel[axis],
        stride: stride[axis],
        padding: padding[axis],
        output_padding: output_padding[axis],
        dilation: dilation[axis],
    });
    pads_little(site, &sizes)?;
    let down = axis(site, source, "high", sizes[0], height);
    let across = axis(site, source, "wide", sizes[1], width);
    let axes = [down?, across?];
    let channels = [channels, out_channels?];
    let out = |channels| {
        Tensor::image(
            source.tensor.batch,
            [channels, axes[0].outputs, axes[1].outputs],
        )
    };
    convolution(site, source, groups?, channels, axes, out(channels[1]))
}

fn read_row(site: &Site<'_>) -> Option<Outcome> {
    let number = |key, help, least| {
        let decode = |f: &Field<'_>| f.integer(least, LARGEST_EXTENT);
        site.table.or_default(key, help, least, decode)
    };
    let out_channels = site.extent("out_channels", "the number of output channels");
    let taps = site.extent("kernel", "the number of taps");
    let stride = number(
        "stride",
        "the step between the outputs of neighbouring inputs",
        1,
    );
    let padding = cut::<1>(site);
    let output_padding = number("output_padding", OUTPUT_PADDING, 0);
    let dilation = number("dilation", "the step between taps", 1);
    let groups = number("groups", "the number of groups", 1);
    let layout = Layout::read(site)?;
    let (source, [channels, length]) = conv1d::row(site, layout)?;
    let sizes = Sizes {
        taps: taps?,
        stride: stride?,
        padding: padding?[0],
        output_padding: output_padding?,
        dilation: dilation?,
    };
    pads_little(site, &[sizes])?;
    let along = axis(site, source, "long", sizes, length)?;
    let channels = [channels, out_channels?];
    let output = layout.output(source, channels[1], along.outputs);
    convolution(site, source, groups?, channels, [ONE_ROW, along], output)
}

/// The outputs that are cut off at each end; there is no `same`.
fn cut<const AXES: usize>(site: &Site<'_>) -> Option<[[u64; 2]; AXES]> {
    let help = "the rows that are cut off the output, such as `[1, 1]` or `[[0, 1], [0, 1]]`";
    let padding = Padding::read(site, help)?;
    if let Padding::Given(sides) = padding {
        return Some(sides);
    }
    let why = "must be numbers, as a transposed convolution has no size to keep; give those that leave the output's size";
    site.table.reject_key("padding", why);
    None
}

/// Whether the output padding of every axis is less than its stride or its dilation.
fn pads_little(site: &Site<'_>, sizes: &[Sizes]) -> Option<()> {
    let wrong = sizes
        .iter()
        .find(|s| s.output_padding >= s.stride.max(s.dilation));
    if let Some(s) = wrong {
        let (own, stride, dilation) = (s.output_padding, s.stride, s.dilation);
        site.table.reject_key(
            "output_padding",
            format!(
                "{own} must be less than the stride or the dilation, which are {stride} and {dilation}; make it smaller"
            ),
        );
        return None;
    }
    Some(())
}

/// (rows − 1)·stride − padding at both ends + dilation·(taps − 1) + `output_padding` + 1 outputs.
fn axis(
    site: &Site<'_>,
    source: &Source,
    side: &str,
    sizes: Sizes,
    rows: u64,
) -> Option<TransposedAxis> {
    let Sizes {
        taps,
        stride,
        padding,
        output_padding,
        dilation,
    } = sizes;
    let wide = |n: u64| i128::from(n);
    let outputs = wide(rows - 1) * wide(stride) - wide(padding[0]) - wide(padding[1])
        + wide(dilation) * wide(taps - 1)
        + wide(output_padding)
        + 1;
    let extent = u64::try_from(outputs).ok();
    let extent = extent.filter(|e| (1..=LARGEST_EXTENT).contains(e));
    if extent.is_none() {
        let Source { name, tensor, .. } = source;
        site.reject(format!(
            "with `{name}`'s {tensor} the output would be {outputs} {side}, by (input - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1, but must be between 1 and {LARGEST_EXTENT}; change `padding` or `stride`"
        ));
    }
    Some(TransposedAxis {
        stride,
        dilation,
        padding: padding[0],
        taps,
        rows,
        outputs: extent?,
    })
}

fn convolution(
    site: &Site<'_>,
    source: &Source,
    groups: u64,
    [channels, out_channels]: [u64; 2],
    axes: [TransposedAxis; 2],
    output: Tensor,
) -> Option<Outcome> {
    conv2d::divides(site, groups, source, [channels, out_channels])?;
    let (k, c) = (out_channels / groups, channels / groups);
    let [down, across] = axes;
    let extents = PerDim([
        groups,
        source.tensor.batch,
        k,
        c,
        down.outputs,
        across.outputs,
        down.taps,
        across.taps,
    ]);
    let mut weight = vec![channels, k];
    weight.extend(if output.image {
        vec![down.taps, across.taps]
    } else {
        vec![across.taps]
    });
    site.phases(extents, axes, output, weight)
}
