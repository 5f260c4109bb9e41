//! `conv_transpose2d`, `conv_transpose3d` and `conv_transpose1d`: convolutions whose stride widens the output.

use crate::problem::phases::TransposedAxis;
use crate::problem::{LoopNest, PerDim, Window};
use crate::read::field::{Field, LARGEST_EXTENT};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::Tensor;

use super::conv1d::{self, Layout};
use super::padding::Padding;
use super::{Operator, Producers, Read, conv2d, conv3d};

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

/// The same over depth, rows and columns; its shapes are those of `torch.nn.ConvTranspose3d`.
pub(super) const CONV_TRANSPOSE3D: Operator = Operator {
    name: "conv_transpose3d",
    keys: VOLUME_KEYS,
    producers: Producers::One,
    read: Read::Layer(read_volume),
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

/// All but `layout`, the last, which sequences alone have.
const VOLUME_KEYS: &[&str] = KEYS.split_at(KEYS.len() - 1).0;

/// What kernel, stride and dilation are, down and across.
const PLANAR_HELP: [&str; 3] = [
    "the kernel's height and width",
    "the stride down and across, such as `[2, 2]`",
    "the dilation down and across",
];

/// The same over depth, rows and columns.
const DEEP_HELP: [&str; 3] = [
    "the kernel's depth, height and width",
    "the stride in depth, down and across, such as `[1, 2, 2]`",
    "the dilation in depth, down and across",
];

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
    let given = Given::<2>::read(site);
    let (source, [channels, height, width]) = site.image()?;
    let given = given?;
    let [down, across] = given.over(site, source, [height, width], ["high", "wide"])?;
    let channels = [channels, given.out_channels];
    let outputs = [down.outputs, across.outputs];
    let [h, w] = outputs;
    let output = Tensor::image(source.tensor.batch, [given.out_channels, h, w]);
    let taps = [down.taps, across.taps];
    let axes = TransposedAxis::planar([down, across]);
    convolution(site, source, (given.groups, channels), axes, &taps, output)
}

fn read_volume(site: &Site<'_>) -> Option<Outcome> {
    let given = Given::<3>::read(site);
    let (source, [channels, depth, height, width]) = conv3d::volume(site)?;
    let given = given?;
    let rows = [depth, height, width];
    let all = given.over(site, source, rows, ["deep", "high", "wide"])?;
    let outputs = all.map(|axis| axis.outputs);
    let shape = [&[given.out_channels], outputs.as_slice()].concat();
    let output = Tensor::of(source.tensor.batch, shape);
    let channels = [channels, given.out_channels];
    let [deep, down, across] = all;
    let taps = all.map(|axis| axis.taps);
    let axes = [down, across, deep];
    convolution(site, source, (given.groups, channels), axes, &taps, output)
}

/// What a file says of a layer over several axes.
struct Given<const AXES: usize> {
    out_channels: u64,
    groups: u64,
    sizes: [Sizes; AXES],
}

impl<const AXES: usize> Given<AXES> {
    fn read(site: &Site<'_>) -> Option<Self> {
        let [kernel, stride, dilation] = if AXES == 2 { PLANAR_HELP } else { DEEP_HELP };
        let out_channels = site.extent("out_channels", "the number of output channels");
        let kernel = site.each_axis::<AXES>("kernel", kernel, 1, None);
        let each = |key, help, least| site.each_axis(key, help, least, Some([least; AXES]));
        let stride = each("stride", stride, 1);
        let padding = cut::<AXES>(site);
        let output_padding = each("output_padding", OUTPUT_PADDING, 0);
        let dilation = each("dilation", dilation, 1);
        let groups = (site.table).or_default("groups", "the number of groups", 1, Field::extent);
        let (kernel, stride, padding) = (kernel?, stride?, padding?);
        let (output_padding, dilation) = (output_padding?, dilation?);
        let sizes = std::array::from_fn(|axis| Sizes {
            taps: kernel[axis],
            stride: stride[axis],
            padding: padding[axis],
            output_padding: output_padding[axis],
            dilation: dilation[axis],
        });
        Some(Self {
            out_channels: out_channels?,
            groups: groups?,
            sizes,
        })
    }

    /// The axes over an input of so many rows on each.
    fn over(
        &self,
        site: &Site<'_>,
        source: &Source,
        rows: [u64; AXES],
        sides: [&str; AXES],
    ) -> Option<[TransposedAxis; AXES]> {
        pads_little(site, &self.sizes)?;
        let own = |i: usize| axis(site, source, sides[i], self.sizes[i], rows[i]);
        let all: Vec<Option<TransposedAxis>> = (0..AXES).map(own).collect();
        let all: Vec<TransposedAxis> = all.into_iter().collect::<Option<_>>()?;
        all.try_into().ok()
    }
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
    // A row that is an image of height 1 has a kernel of height 1.
    let taps = [1, along.taps];
    let taps = if output.image { &taps } else { &taps[1..] };
    let axes = TransposedAxis::planar([TransposedAxis::ONE, along]);
    convolution(site, source, (groups?, channels), axes, taps, output)
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
    (groups, [channels, out_channels]): (u64, [u64; 2]),
    axes: [TransposedAxis; Window::COUNT],
    taps: &[u64],
    output: Tensor,
) -> Option<Outcome> {
    conv2d::divides(site, groups, source, [channels, out_channels])?;
    let (k, c) = (out_channels / groups, channels / groups);
    let mut extents = PerDim::planar([groups, source.tensor.batch, k, c, 1, 1, 1, 1]);
    for ((output, tap), axis) in LoopNest::WINDOW_DIMS.iter().zip(&axes) {
        extents[*output] = axis.outputs;
        extents[*tap] = axis.taps;
    }
    let weight = [&[channels, k], taps].concat();
    site.phases(extents, axes, output, weight)
}
