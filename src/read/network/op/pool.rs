//! `max_pool`, `avg_pool` and their like along one or three axes, `global_avg_pool` and
//! `global_max_pool`.

use crate::problem::{Operator as Kind, Window};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::{Tensor, product};
use crate::read::network::vector_cost;

use super::conv1d::{self, Layout};
use super::padding::Padding;
use super::sliding::{self, Sliding};
use super::{Operator, Producers, Read};

const KEYS: &[&str] = &["kernel", "stride", "padding", "dilation", "ceil_mode"];
const ROW_KEYS: &[&str] = &[
    "kernel",
    "stride",
    "padding",
    "dilation",
    "ceil_mode",
    "layout",
];

/// The largest element under the kernel.
pub(super) const MAX_POOL: Operator = operator("max_pool", KEYS, |site| image(site, MAX));
/// The mean of the elements under the kernel.
pub(super) const AVG_POOL: Operator = operator("avg_pool", KEYS, |site| image(site, MEAN));
/// The largest element along one axis.
pub(super) const MAX_POOL1D: Operator = operator("max_pool1d", ROW_KEYS, |site| row(site, MAX));
/// The mean along one axis.
pub(super) const AVG_POOL1D: Operator = operator("avg_pool1d", ROW_KEYS, |site| row(site, MEAN));
/// The largest element of a volume.
pub(super) const MAX_POOL3D: Operator = operator("max_pool3d", KEYS, |site| volume(site, MAX));
/// The mean of a volume.
pub(super) const AVG_POOL3D: Operator = operator("avg_pool3d", KEYS, |site| volume(site, MEAN));
/// The mean of each channel.
pub(super) const GLOBAL_AVG_POOL: Operator = operator("global_avg_pool", &[], |site| {
    global(site, vector_cost::avg_pool, |_| Kind::GlobalAvgPool)
});
/// The largest element of each channel.
pub(super) const GLOBAL_MAX_POOL: Operator = operator("global_max_pool", &[], |site| {
    global(site, vector_cost::max_pool, |taps| Kind::MaxPool {
        taps,
        windows: Vec::new(),
    })
});

const fn operator(
    name: &'static str,
    keys: &'static [&'static str],
    read: fn(&Site<'_>) -> Option<Outcome>,
) -> Operator {
    Operator {
        name,
        keys,
        producers: Producers::One,
        read: Read::Layer(read),
    }
}

/// What is computed of the elements under a kernel.
#[derive(Clone, Copy)]
struct Pool {
    cost: fn(u128) -> u128,
    kind: fn(u128, Vec<(u64, Window)>) -> Kind,
}

const MAX: Pool = Pool {
    cost: vector_cost::max_pool,
    kind: |taps, windows| Kind::MaxPool { taps, windows },
};
const MEAN: Pool = Pool {
    cost: vector_cost::avg_pool,
    kind: |taps, windows| Kind::AvgPool { taps, windows },
};

const KERNEL: &str = "the kernel's size on each axis, such as `[2, 2]`";
const STRIDE: &str =
    "the stride on each axis, such as `[2, 2]`, or leave it out for the kernel's size";
const PADDING: &str = "the rows and columns of padding, at most half of what the kernel spans";
const DILATION: &str = "the dilation on each axis, such as `[1, 1]`";
const CEIL_MODE: &str = "`true` where a last, partial window counts";

fn image(site: &Site<'_>, pool: Pool) -> Option<Outcome> {
    let windows = Windows::<2>::read(site);
    let (source, [channels, height, width]) = site.image()?;
    let ([p, q], reach) = windows?.over(site, source, [height, width])?;
    let output = Tensor::image(source.tensor.batch, [channels, p, q]);
    pooled(site, source, pool, (channels, output), reach)
}

fn row(site: &Site<'_>, pool: Pool) -> Option<Outcome> {
    let windows = Windows::<1>::read(site);
    let layout = Layout::read(site)?;
    let (source, [channels, length]) = conv1d::row(site, layout)?;
    let ([q], reach) = windows?.over(site, source, [length])?;
    let output = layout.output(source, channels, q);
    pooled(site, source, pool, (channels, output), reach)
}

fn volume(site: &Site<'_>, pool: Pool) -> Option<Outcome> {
    let windows = Windows::<3>::read(site);
    let source = site.source()?;
    let &[channels, depth, height, width] = source.tensor.axes.as_slice() else {
        site.reject(format!(
            "takes channels x depth x height x width, but `{}` gives {}; put a reshape before it",
            source.name, source.tensor
        ));
        return None;
    };
    let ([z, p, q], reach) = windows?.over(site, source, [depth, height, width])?;
    let output = Tensor::of(source.tensor.batch, vec![channels, z, p, q]);
    pooled(site, source, pool, (channels, output), reach)
}

/// Windows over some axes.
struct Windows<const AXES: usize> {
    kernel: [u64; AXES],
    stride: [u64; AXES],
    dilation: [u64; AXES],
    padding: Padding<AXES>,
    ceil: bool,
}

impl<const AXES: usize> Windows<AXES> {
    fn read(site: &Site<'_>) -> Option<Self> {
        let kernel = site.each_axis("kernel", KERNEL, 1, None);
        let stride = site.each_axis("stride", STRIDE, 1, kernel.or(Some([1; AXES])));
        let dilation = site.each_axis("dilation", DILATION, 1, Some([1; AXES]));
        let padding = Padding::read(site, PADDING);
        let ceil = (site.table).or_default("ceil_mode", CEIL_MODE, false, Field::boolean);
        Some(Self {
            kernel: kernel?,
            stride: stride?,
            dilation: dilation?,
            padding: padding?,
            ceil: ceil?,
        })
    }

    /// Outputs, and what they are computed from, over these rows.
    fn over(
        &self,
        site: &Site<'_>,
        source: &Source,
        rows: [u64; AXES],
    ) -> Option<([u64; AXES], Reach)> {
        let axes: [Sliding; AXES] = std::array::from_fn(|axis| {
            let steps = [self.stride[axis], self.dilation[axis]];
            Sliding::over(rows[axis], self.kernel[axis], steps, |sizes| {
                self.padding.on(axis, sizes)
            })
        });
        if axes.iter().any(|axis| !axis.sees_its_input()) {
            let why = "is more than half the kernel, so that windows would see only padding; make it smaller";
            site.table.reject_key("padding", why);
            return None;
        }
        let count = if self.ceil {
            Sliding::outputs_ceil
        } else {
            Sliding::outputs
        };
        let outputs = sliding::outputs(site, source, axes, count)?;
        let touched = axes
            .iter()
            .zip(outputs)
            .map(|(axis, n)| axis.distinct_rows(n));
        let touched = touched.fold(1_u128, u128::saturating_mul);
        let reach = Reach {
            touched,
            taps: product(&self.kernel),
            windows: axes.iter().map(|axis| (axis.taps, axis.window)).collect(),
        };
        Some((outputs, reach))
    }
}

/// What the outputs of a pool are computed from.
struct Reach {
    /// Elements of a channel that are read: the distinct rows and columns that the windows touch.
    touched: u128,
    /// Elements of a window.
    taps: u128,
    /// Taps and window along each axis.
    windows: Vec<(u64, Window)>,
}

fn pooled(
    site: &Site<'_>,
    source: &Source,
    pool: Pool,
    (channels, output): (u64, Tensor),
    reach: Reach,
) -> Option<Outcome> {
    let read = (reach.touched).saturating_mul(product(&[source.tensor.batch, channels]));
    let operations = output.elements().saturating_mul((pool.cost)(reach.taps));
    let kind = (pool.kind)(reach.taps, reach.windows);
    site.stream(output, read, 0, operations, kind)
}

fn global(site: &Site<'_>, cost: fn(u128) -> u128, kind: fn(u128) -> Kind) -> Option<Outcome> {
    let (source, [channels, height, width]) = site.image()?;
    let output = Tensor::image(source.tensor.batch, [channels, 1, 1]);
    let taps = product(&[height, width]);
    let operations = output.elements().saturating_mul(cost(taps));
    site.stream(output, source.tensor.elements(), 0, operations, kind(taps))
}
