//! A run, or a point of a sweep, with what its layers take in the planned step, where there is one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Map;

use super::sheet::{Colour, SERIES};
use super::tip::Notes;
use crate::escape::visible_line;
use crate::problem::plan::MemoryPlan;
use crate::problem::port::Direction;
use crate::problem::result::Status;
use crate::problem::sweep::{LayerResult, PointResult};
use crate::problem::{Hardware, LayerRow, RunResult, Work};
use crate::report::nest::lines;
use crate::report::numbers::{gap, grouped};

/// The run as a point: cycles, bytes and what takes the time are the planned step's where there is a
/// plan, else those of the layers alone.
#[must_use]
pub fn point(result: &RunResult) -> PointResult {
    let alone = PointResult::of(Map::new(), result);
    let Some(plan) = &result.memory_plan else {
        return alone;
    };
    let total = result.total();
    let rows = result.layers.iter().zip(alone.layers);
    let layers = rows.map(|(row, layer)| planned(row, layer, result, plan));
    PointResult {
        cycles: total.cycles,
        bound_cycles: total.bound_cycles,
        lower_bound_cycles: total.lower_bound_cycles,
        gap: result.gap(),
        utilization: total.utilization,
        layers: layers.collect(),
        ..alone
    }
}

/// A layer in the planned step.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn planned(
    row: &LayerRow,
    alone: LayerResult,
    result: &RunResult,
    plan: &MemoryPlan,
) -> LayerResult {
    if plan.units_of(&row.name).is_none() {
        return LayerResult {
            cycles: Some(0),
            ..alone
        };
    }
    let moved = plan.moved_of(&row.name);
    let all: u128 = Direction::ALL.iter().map(|&way| moved.get(way)).sum();
    let (mut memory_cycles, mut traffic_bytes) = (alone.memory_cycles, alone.traffic_bytes);
    let own = [(true, moved.outer()), (false, all)];
    for ((_, memory), (outer, bits)) in result.hardware.memories().zip(own) {
        let name = memory.name.clone();
        memory_cycles.insert(name.clone(), plan.busy_cycles(&moved, outer));
        traffic_bytes.insert(name, plan.bytes(bits) as f64);
    }
    let modes = plan.operations_of(&row.name).filter_map(|operation| {
        let mode = plan.plan.modes[operation]?;
        Some(plan.schedule.operations[operation].modes[mode].cycles)
    });
    LayerResult {
        cycles: result.cycles_of(row),
        utilization: alone.utilization.and_then(|_| result.utilization_of(row)),
        compute_cycles: modes.sum(),
        bottleneck: result.bottleneck_of(row).to_owned(),
        memory_cycles,
        traffic_bytes,
        ..alone
    }
}

/// A point of a sweep as pictures show it, with what marks say of its layers.
pub(in crate::report) struct Swept<'a> {
    /// Its layers in the planned step where [`PointResult::planned`] is there, else alone.
    pub(in crate::report) point: Cow<'a, PointResult>,
    pub(in crate::report) notes: Notes,
}

/// The point as its planned step runs it, as far as a journal tells that: what layers move there it does
/// not, and older ones not what takes their cycles, so that the layers alone are shown.
pub(in crate::report) fn swept(point: &PointResult) -> Swept<'_> {
    let (Some(step), Some(layers)) = (&point.planned, in_step(point)) else {
        let point = match &point.planned {
            None => Cow::Borrowed(point),
            Some(_) => Cow::Owned(PointResult {
                planned: None,
                ..point.clone()
            }),
        };
        let notes = Notes::new();
        return Swept { point, notes };
    };
    let notes = point
        .layers
        .iter()
        .map(|own| (own.name.clone(), vec![alone(own)]));
    Swept {
        notes: notes.collect(),
        point: Cow::Owned(PointResult {
            cycles: Some(step.cycles),
            bound_cycles: step.bound_cycles,
            lower_bound_cycles: step.bound_cycles,
            gap: Some(step.gap),
            utilization: Some(step.utilization),
            layers,
            ..point.clone()
        }),
    }
}

/// The same with the bytes that layers exchange with the outermost memory; `None` where the journal does not
/// say them, or there is no plan.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
pub(in crate::report) fn moving<'a>(point: &'a PointResult, outermost: &str) -> Option<Swept<'a>> {
    let bytes = point.layers.iter().map(|layer| layer.planned_outer_bytes);
    let bytes: Vec<u128> = bytes.collect::<Option<_>>()?;
    let mut own = swept(point);
    own.point.planned.as_ref()?;
    for (layer, bytes) in own.point.to_mut().layers.iter_mut().zip(bytes) {
        let bytes = bytes as f64;
        layer.traffic_bytes = BTreeMap::from([(outermost.to_owned(), bytes)]);
    }
    Some(own)
}

/// The layers in the planned step; `None` where the journal does not say what takes their cycles.
#[expect(clippy::cast_precision_loss, reason = "a picture is coarser")]
fn in_step(point: &PointResult) -> Option<Vec<LayerResult>> {
    let layers = point.layers.iter().map(|layer| {
        let cycles = layer.planned_cycles?;
        let slots = (cycles.max(1) * point.elements.max(1)) as f64;
        let memories = layer.memory_cycles.keys();
        Some(LayerResult {
            cycles: Some(cycles),
            utilization: layer.utilization.map(|_| layer.box_macs as f64 / slots),
            bottleneck: layer.planned_bottleneck.clone()?,
            memory_cycles: memories.map(|name| (name.clone(), 0)).collect(),
            traffic_bytes: BTreeMap::new(),
            ..layer.clone()
        })
    });
    layers.collect()
}

/// What is proved of a layer of a sweep alone.
fn alone(layer: &LayerResult) -> String {
    let (bound, status) = (grouped(layer.bound_cycles), layer.status);
    match (layer.cycles, status) {
        (Some(cycles), Status::Optimal) => {
            format!("alone: {} cycles, proved optimal", grouped(cycles))
        }
        (Some(cycles), _) => format!(
            "alone: {} cycles, {}, at least {bound}",
            grouped(cycles),
            status.name()
        ),
        (None, _) => format!("alone: {}, at least {bound} cycles", status.name()),
    }
}

/// What marks say of every layer beside its numbers: what it takes alone and what is proved of that, and
/// its mapping.
#[must_use]
pub fn notes(result: &RunResult) -> Notes {
    let rows = result.layers.iter();
    let own = rows.map(|row| {
        let mut lines = vec![proved(row)];
        lines.extend(fused(row));
        lines.extend(another(row, result));
        lines.extend(mapping(row, &result.hardware));
        (row.name.clone(), lines)
    });
    own.collect()
}

/// The colour of what takes the time: of arithmetic, or of waiting for a memory, outermost first.
pub(in crate::report) fn colour(bottleneck: &str, hardware: &Hardware) -> Colour {
    let mut memories = hardware.memories().map(|(_, memory)| memory.name.as_str());
    let place = memories.position(|name| name == bottleneck);
    place.map_or(SERIES[0], |place| SERIES[WAITING[place.min(3)]])
}

/// Places of the colours of memories in the series.
const WAITING: [usize; 4] = [1, 3, 4, 6];

/// What is applied to its output as it leaves the array.
fn fused(row: &LayerRow) -> Option<String> {
    let names: Vec<_> = row.fused.iter().map(|name| visible_line(name)).collect();
    (!names.is_empty()).then(|| format!("with {}", names.join(", ")))
}

/// What is proved of a layer alone.
pub(in crate::report) fn proved(row: &LayerRow) -> String {
    let status = row.status().name();
    let bound = grouped(row.bound_cycles);
    match (row.cycles(), row.status()) {
        (Some(cycles), Status::Optimal) => {
            format!("alone: {} cycles, proved optimal", grouped(cycles))
        }
        (Some(cycles), _) => {
            let gap = row
                .gap()
                .map_or(String::new(), |own| format!(", gap {}", gap(own)));
            format!("alone: {} cycles, {status}{gap}", grouped(cycles))
        }
        (None, _) => format!("alone: {status}, at least {bound} cycles"),
    }
}

/// Whether the plan runs a layer by another mapping than it has alone.
pub(in crate::report) fn another(row: &LayerRow, result: &RunResult) -> Option<String> {
    let plan = result.memory_plan.as_ref()?;
    let operation = plan.operations_of(&row.name).next()?;
    let mode = plan.plan.modes[operation].filter(|&mode| mode > 0)?;
    let of = plan.schedule.operations[operation].modes.len();
    let bytes = plan.schedule.operations[operation].modes[mode].buffer_bytes;
    Some(format!(
        "planned: way {} of {of} to run it, in {} bytes; the mapping of the layer alone:",
        mode + 1,
        grouped(bytes.into())
    ))
}

/// The lines of the loop nest that say what is kept and what runs at the same time.
pub(in crate::report) fn mapping(row: &LayerRow, hardware: &Hardware) -> Vec<String> {
    let nest = nest(row, hardware);
    let lines = nest.iter().map(|line| line.trim_start());
    let told = lines.filter(|line| line.contains(" keeps ") || line.starts_with("parallel"));
    told.take(MOST_LINES).map(str::to_owned).collect()
}

/// Lines of a mapping that a mark says at most.
const MOST_LINES: usize = 5;

/// The loop nest of a row, or of its first phase that has one.
pub(in crate::report) fn nest(row: &LayerRow, hardware: &Hardware) -> Vec<String> {
    let own = super::nest::mapped(row);
    match (&own.work, &own.mapping, &own.cost) {
        (Work::Mapped(nest), Some(mapping), Some(cost)) => lines(nest, hardware, mapping, cost),
        _ => Vec::new(),
    }
}
