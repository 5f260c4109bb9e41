//! The parts of a layer's cycles, by what they are spent on.

use crate::problem::sweep::{LayerResult, PointResult};
use crate::report::pictures::sheet::{Colour, SERIES};

/// A part of a layer's cycles.
pub(in crate::report) struct Part {
    pub(in crate::report) what: String,
    pub(in crate::report) cycles: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(in crate::report) fn cycles(layer: &LayerResult) -> f64 {
    layer.cycles.unwrap_or(0) as f64
}

/// The part of the cycles for which a memory that limits a layer is busy.
const BUSY: f64 = 0.999;

/// The memory that is busy all the time, so that fewer compute steps would gain nothing.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn busiest(layer: &LayerResult) -> Option<&str> {
    let busy = |cycles: u128| cycles as f64 >= BUSY * self::cycles(layer);
    let mut memories = layer.memory_cycles.iter();
    let all_the_time = memories.find(|memory| busy(*memory.1));
    let own = Some(layer.bottleneck.as_str()).filter(|&name| name != "compute");
    all_the_time.map(|memory| memory.0.as_str()).or(own)
}

/// The parts of a layer's cycles, which add up to them: the work of all elements, and the rest by
/// what limits the layer.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(in crate::report) fn parts(layer: &LayerResult, point: &PointResult) -> Vec<Part> {
    let total = cycles(layer);
    let (what, work) = if layer.box_macs == 0 {
        (VECTOR, layer.compute_cycles as f64)
    } else {
        (WORK, layer.box_macs as f64 / point.elements as f64)
    };
    let work = work.min(total);
    let rest = match busiest(layer) {
        Some(memory) => format!("{WAITING}{memory}"),
        None => IDLE.to_owned(),
    };
    let rest = Part {
        what: rest,
        cycles: total - work,
    };
    let what = what.to_owned();
    let mut parts = vec![Part { what, cycles: work }, rest];
    parts.retain(|part| part.cycles > total * 1e-6);
    parts
}

const WORK: &str = "multiply-accumulates";
/// Before the name of a memory.
pub(in crate::report) const WAITING: &str = "waiting for ";
const IDLE: &str = "elements without work";
const VECTOR: &str = "vector operations";

/// All kinds of parts of these layers with their colours, in the order of the legend.
pub(in crate::report) fn kinds(
    layers: &[&LayerResult],
    point: &PointResult,
) -> Vec<(String, Colour)> {
    let memories = layers.first().map(|layer| layer.memory_cycles.keys());
    let memories = memories.into_iter().flatten();
    let waits = memories.map(|name| format!("{WAITING}{name}"));
    let all = [WORK, IDLE, VECTOR]
        .map(str::to_owned)
        .into_iter()
        .chain(waits);
    let own: Vec<String> = (layers.iter())
        .flat_map(|layer| parts(layer, point))
        .map(|part| part.what)
        .collect();
    let order = [0, 5, 2, 1, 4, 3, 6];
    all.zip(order)
        .filter(|(name, _)| own.contains(name))
        .map(|(name, colour)| (name, SERIES[colour]))
        .collect()
}
