//! What marks of layers say when they are looked at.

use std::collections::BTreeMap;

use super::text::bytes;
use crate::escape::visible_line;
use crate::problem::sweep::{LayerResult, PointResult};
use crate::report::numbers::{grouped, percent};

/// What is known of layers beside the numbers of a point, in lines, by their names.
pub type Notes = BTreeMap<String, Vec<String>>;

/// A layer in lines: its name, what it takes and what bounds that, what it moves, and its notes; without
/// notes its proved bound.
pub(super) fn of_layer(layer: &LayerResult, point: &PointResult, notes: &Notes) -> String {
    let mut lines = vec![
        visible_line(&layer.name).into_owned(),
        format!("{}, {}", layer.op, layer.pass.replace('_', " ")),
    ];
    lines.extend(time(layer, point));
    lines.extend((layer.utilization).map(|part| format!("{} of the array's slots", percent(part))));
    lines.extend(moved(layer));
    match notes.get(&layer.name) {
        Some(notes) => lines.extend(notes.iter().cloned()),
        None => lines.push(bound(layer)),
    }
    lines.join("\n")
}

/// Its cycles, their part of the step, and what takes them.
fn time(layer: &LayerResult, point: &PointResult) -> Option<String> {
    let cycles = layer.cycles?;
    let share = share(cycles, point.cycles.unwrap_or(cycles).max(1));
    let bound = match layer.bottleneck.as_str() {
        "-" => String::new(),
        name => format!("; bound by {name}"),
    };
    Some(format!(
        "{} cycles, {} of the step{bound}",
        grouped(cycles),
        percent(share)
    ))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn share(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

/// What passes through its memories.
fn moved(layer: &LayerResult) -> Option<String> {
    let all = (layer.traffic_bytes.iter()).filter(|memory| *memory.1 > 0.0);
    let texts = all.map(|(name, own)| format!("{} through {name}", bytes(*own)));
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn bound(layer: &LayerResult) -> String {
    let bound = grouped(layer.bound_cycles);
    format!("{}: at least {bound} cycles", layer.status.name())
}
