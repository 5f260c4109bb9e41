//! Normalisations: of a channel with folded statistics, of rows, of groups of channels.
//!
//! A row stays in the vector unit while its statistics are computed. A group of channels or a whole
//! channel of an image may be larger than what a vector unit holds, so its elements are read twice.

use crate::problem::{Normalization, Operator as Kind};
use crate::read::field::Field;
use crate::read::network::site::{Outcome, Site, Source};
use crate::read::network::tensor::product;
use crate::read::network::vector_cost;

use super::{Operator, Producers, Read};

/// Inference batch normalisation: a folded scale and shift for each channel.
pub(super) const BATCH_NORM: Operator = of("batch_norm", &["axis", "with_batch"], batch_norm);
/// Normalisation over the features, with a scale and a shift for each.
pub(super) const LAYER_NORM: Operator = of("layer_norm", ROWS, |site| rows(site, true));
/// Division by the root mean square of the features, with a scale for each.
pub(super) const RMS_NORM: Operator = of("rms_norm", ROWS, |site| rows(site, false));
/// Normalisation over groups of channels.
pub(super) const GROUP_NORM: Operator = of("group_norm", GROUPS, groups);
/// Normalisation of each channel by its own statistics.
pub(super) const INSTANCE_NORM: Operator = of("instance_norm", CHANNELS, |site| {
    let source = site.source()?;
    let axis = channel_axis(site, source)?;
    grouped(site, source, axis, source.tensor.shape()[axis])
});
/// Softmax over the last axis.
pub(super) const SOFTMAX: Operator = of("softmax", &["axis", "online", "with_batch"], |site| {
    let online = site
        .table
        .or_default("online", ONLINE, false, Field::boolean)?;
    along_axis(site, vector_cost::SOFTMAX, Kind::Softmax { online })
});
/// The logarithm of the softmax.
pub(super) const LOG_SOFTMAX: Operator = of("log_softmax", &["axis", "with_batch"], |site| {
    along_axis(site, vector_cost::LOG_SOFTMAX, Kind::LogSoftmax)
});

const ONLINE: &str =
    "`true` where it may be computed part by part, with a running maximum and sum for each row";
const ROWS: &[&str] = &["axes", "scale", "shift", "with_batch"];
const GROUPS: &[&str] = &["groups", "axis", "scale", "shift", "with_batch"];
const CHANNELS: &[&str] = &["axis", "scale", "shift", "with_batch"];
const AXIS: &str = "the axis of the channels, counted from 0 without the batch";
const AXES: &str = "the axes that are normalised together, counted from 0 without the batch";

const fn of(
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

/// The place of the channels in the whole shape.
fn channels_of(source: &Source) -> usize {
    (source.tensor.channel_axis() + 1).min(source.tensor.rank() - 1)
}

fn batch_norm(site: &Site<'_>) -> Option<Outcome> {
    let source = site.source()?;
    let axis = site.axis("axis", AXIS, source, Some(channels_of(source)))?;
    let tensor = source.tensor.clone();
    let channels = tensor.shape()[axis];
    let elements = tensor.elements();
    let operations = elements.saturating_mul(vector_cost::BATCH_NORM);
    let kind = Kind::BatchNorm { channels };
    let parameters = 2 * u128::from(channels);
    let outcome = site.stream(tensor, elements, parameters, operations, kind)?;
    Some(outcome.fusable())
}

fn along_axis(site: &Site<'_>, cost: u128, kind: Kind) -> Option<Outcome> {
    let source = site.source()?;
    let last = source.tensor.rank() - 1;
    let axis = site.axis("axis", "the axis of the classes", source, Some(last))?;
    let kind = match kind {
        Kind::Softmax { .. } if axis != last => Kind::SoftmaxOverAxis,
        kind => kind,
    };
    let tensor = source.tensor.clone();
    let elements = tensor.elements();
    site.stream(tensor, elements, 0, elements.saturating_mul(cost), kind)
}

fn rows(site: &Site<'_>, centred: bool) -> Option<Outcome> {
    let source = site.source()?;
    let default = vec![channels_of(source)];
    let by_default = !site.table.has("axes");
    let axes = site.axes("axes", AXES, source, default)?;
    let shape = source.tensor.shape();
    let row: Vec<u64> = axes.iter().map(|&axis| shape[axis]).collect();
    let statistics = (0..shape.len()).filter(|axis| !axes.contains(axis));
    let norm = Normalization {
        centred,
        scale: with(site, "scale", true)?.then(|| row.clone()),
        shift: with(site, "shift", centred)?.then(|| row.clone()),
        statistics: statistics.map(|axis| shape[axis]).collect(),
        passes: 1,
    };
    let whole = norm.scale.is_some() && norm.shift.is_some();
    let outcome = normalised(site, source, norm)?;
    Some(if centred && whole && by_default {
        outcome.with(Kind::LayerNorm { features: row[0] })
    } else {
        outcome
    })
}

fn channel_axis(site: &Site<'_>, source: &Source) -> Option<usize> {
    let first = 1.min(source.tensor.rank() - 1);
    site.axis("axis", AXIS, source, Some(first))
}

fn groups(site: &Site<'_>) -> Option<Outcome> {
    let field = site.table.required("groups", "the number of groups");
    let groups = field.as_ref().and_then(Field::extent);
    let source = site.source()?;
    let axis = channel_axis(site, source)?;
    let (channels, groups) = (source.tensor.shape()[axis], groups?);
    if !channels.is_multiple_of(groups) {
        let name = &source.name;
        field?.reject(format!(
            "`{name}`'s {channels} channels are not divisible by {groups} groups; change one of them"
        ));
        return None;
    }
    grouped(site, source, axis, groups)
}

/// So many groups of the channels of an axis, over all axes but the batch.
fn grouped(site: &Site<'_>, source: &Source, axis: usize, groups: u64) -> Option<Outcome> {
    let shape = source.tensor.shape();
    let channels = vec![shape[axis]];
    let norm = Normalization {
        centred: true,
        scale: with(site, "scale", true)?.then(|| channels.clone()),
        shift: with(site, "shift", true)?.then_some(channels),
        statistics: vec![shape[0], groups],
        passes: 2,
    };
    normalised(site, source, norm)
}

fn with(site: &Site<'_>, key: &str, default: bool) -> Option<bool> {
    let help = "`true` where it is multiplied by a scale, or a shift is added";
    site.table.or_default(key, help, default, Field::boolean)
}

fn normalised(site: &Site<'_>, source: &Source, norm: Normalization) -> Option<Outcome> {
    let tensor = source.tensor.clone();
    let elements = tensor.elements();
    let operations = elements.saturating_mul(vector_cost::normalization(&norm));
    let parameters = [&norm.scale, &norm.shift].into_iter().flatten();
    let parameters = parameters.map(|shape| product(shape)).sum();
    let read = elements.saturating_mul(u128::from(norm.passes));
    site.stream(
        tensor,
        read,
        parameters,
        operations,
        Kind::Normalization(norm),
    )
}
