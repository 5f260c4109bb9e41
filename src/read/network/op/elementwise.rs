//! Operators that keep the shape of their one input.

use crate::problem::{LayerKind, Operator as Kind};
use crate::read::network::site::{Outcome, Site};
use crate::read::network::vector_cost;

use super::{Operator, Producers};

/// max(x, 0).
pub(super) const RELU: Operator = operator("relu", |site| {
    map(site, vector_cost::RELU, 0, |_| Kind::Relu).map(fusable)
});

/// min(max(x, 0), 6).
pub(super) const RELU6: Operator = operator("relu6", |site| {
    map(site, vector_cost::RELU6, 0, |_| Kind::Relu).map(fusable)
});

/// The Gaussian error linear unit.
pub(super) const GELU: Operator = operator("gelu", |site| {
    map(site, vector_cost::GELU, 0, |_| Kind::Gelu).map(fusable)
});

/// Inference batch normalisation: a folded scale and shift for each channel.
pub(super) const BATCH_NORM: Operator = operator("batch_norm", |site| {
    let kind = |channels| Kind::BatchNorm { channels };
    map(site, vector_cost::BATCH_NORM, 2, kind).map(fusable)
});

/// Layer normalisation over the features, with a scale and a shift for each.
pub(super) const LAYER_NORM: Operator = operator("layer_norm", |site| {
    let kind = |features| Kind::LayerNorm { features };
    map(site, vector_cost::LAYER_NORM, 2, kind)
});

/// Softmax over the last axis.
pub(super) const SOFTMAX: Operator = operator("softmax", |site| {
    map(site, vector_cost::SOFTMAX, 0, |_| Kind::Softmax)
});

const fn operator(name: &'static str, read: fn(&Site<'_>) -> Option<Outcome>) -> Operator {
    Operator {
        name,
        keys: &[],
        producers: Producers::One,
        read,
    }
}

/// The same shape, with `cost` vector operations for each element and some parameters for each channel.
fn map(
    site: &Site<'_>,
    cost: u128,
    parameters_per_channel: u128,
    kind: fn(u64) -> Kind,
) -> Option<Outcome> {
    let tensor = site.source()?.tensor.clone();
    let elements = tensor.elements();
    let channels = tensor.channels();
    let parameters = u128::from(channels) * parameters_per_channel;
    let operations = elements.saturating_mul(cost);
    site.stream(tensor, elements, parameters, operations, kind(channels))
}

/// The operator can be applied while a producer's output leaves the array.
fn fusable(mut outcome: Outcome) -> Outcome {
    if let LayerKind::Stream(operation) = &mut outcome.kind {
        operation.fusable = true;
    }
    outcome
}
