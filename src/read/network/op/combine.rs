//! `add`, `mul` and `concat`: several producers, one output.

use crate::problem::{Bits, Operator as Kind};
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::vector_cost;

use super::{Operator, Producers};

/// The sum of tensors of one shape.
pub(super) const ADD: Operator = Operator {
    name: "add",
    keys: &[],
    producers: Producers::Several,
    read: |site| combine(site, |_, _| false, Kind::Add),
};

/// The product of tensors of one shape; a factor may have one value for each channel of an image.
pub(super) const MUL: Operator = Operator {
    name: "mul",
    keys: &[],
    producers: Producers::Several,
    read: |site| combine(site, scales_channels, Kind::Mul),
};

/// Tensors side by side along the channels (or features), or along `axis`, counted without the batch.
pub(super) const CONCAT: Operator = Operator {
    name: "concat",
    keys: &["axis"],
    producers: Producers::Several,
    read: concat,
};

/// One value for each channel of the image `whole`.
fn scales_channels(whole: &Source, factor: &Source) -> bool {
    whole.tensor.image
        && whole.tensor.batch == factor.tensor.batch
        && factor.tensor.as_image() == Some([whole.tensor.channels(), 1, 1])
}

fn combine(site: &Site<'_>, also: fn(&Source, &Source) -> bool, kind: Kind) -> Option<Outcome> {
    let sources = site.sources.as_ref()?;
    let largest = sources.iter().rev().max_by_key(|s| s.tensor.elements())?;
    for other in sources {
        let same =
            other.tensor.axes == largest.tensor.axes && other.tensor.batch == largest.tensor.batch;
        if !same && !also(largest, other) {
            site.reject(unequal(largest, other, "their shapes must be equal"));
            return None;
        }
    }
    let output = largest.tensor.clone();
    let bits = |s: &Source| (s.tensor.elements()).saturating_mul(u128::from(s.width.bits));
    let read = Bits(sources.iter().map(bits).sum());
    let cost = vector_cost::combine(sources.len());
    let operations = output.elements().saturating_mul(cost);
    site.stream_bits(output, read, 0, operations, kind)
}

fn concat(site: &Site<'_>) -> Option<Outcome> {
    let help = "the axis to join, counted from 0 without the batch";
    let axis = site.table.optional("axis", help);
    let sources = site.sources.as_ref()?;
    let first = sources.first()?;
    let axes = first.tensor.axes.len();
    let axis = match axis {
        Some(field) => usize::try_from(field.integer(0, axes.saturating_sub(1) as u64)?).ok()?,
        None => first.tensor.channel_axis(),
    };
    let mut joined = Vec::new();
    for source in sources {
        if !joins(first, source, axis) {
            let why = format!("they must be equal in all axes but the joined one, axis {axis}");
            site.reject(unequal(first, source, &why));
            return None;
        }
        joined.push(source.tensor.axes[axis]);
    }
    let sum: u128 = joined.iter().map(|&e| u128::from(e)).sum();
    let mut axes = first.tensor.axes.clone();
    axes[axis] = u64::try_from(sum).unwrap_or(u64::MAX);
    let outcome = site.view(first.tensor.with_axes(axes));
    outcome.map(|o| o.with(Kind::Concat))
}

/// Whether the shapes agree in every other axis.
fn joins(first: &Source, other: &Source, axis: usize) -> bool {
    let (a, b) = (&first.tensor, &other.tensor);
    let others = |axes: &[u64]| {
        let mut rest = axes.to_vec();
        rest.remove(axis);
        rest
    };
    a.batch == b.batch && a.axes.len() == b.axes.len() && others(&a.axes) == others(&b.axes)
}

fn unequal(a: &Source, b: &Source, why: &str) -> String {
    format!(
        "`{}` gives {}, but `{}` gives {}; {why}",
        a.name, a.tensor, b.name, b.tensor
    )
}
