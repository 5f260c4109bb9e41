//! Fronts as one JSON object.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::space::space;
use super::{certificate, object};
use crate::problem::format::FORMAT;
use crate::problem::front::{FrontPart, FrontPoint, FrontResult, FrontRow};
use crate::problem::{Hardware, Work};
use crate::report::detail::Detail;
use crate::report::mapping::{self, MappingDocument};
use crate::report::numbers::{decimal, integer, seconds};

/// Writes the object and a line end.
pub(super) fn write(result: &FrontResult, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let layers = result.layers.iter().map(|row| layer(row, &result.hardware));
    let mut document = json!({
        "format": FORMAT,
        "deepmatrix": env!("CARGO_PKG_VERSION"),
        "network": result.network,
        "hardware": result.hardware.name,
        "mode": result.mode,
        "batch": result.batch,
        "pareto": ["cycles", "energy"],
        "space": space(&result.space),
        "layers": layers.collect::<Vec<_>>(),
        "seconds": seconds(result.seconds),
    });
    if !result.notes.is_empty() {
        document["notes"] = json!(result.notes);
    }
    object::write(&document, out)
}

fn layer(row: &FrontRow, hardware: &Hardware) -> Value {
    let front = &row.front;
    let points = front.points.iter().map(|p| point(row, p, hardware));
    let work = &front.statistics;
    let mut document = json!({
        "name": row.name,
        "op": row.op,
        "pass": row.pass.name(),
        "status": front.status().name(),
        "complete": front.is_complete(),
        "points": points.collect::<Vec<_>>(),
        "rest": front.rest().map(|rest| json!({
            "bound_cycles": integer(rest.bound_cycles),
            "bound_energy_pj": decimal(rest.bound_energy_pj),
        })),
        "solver": {
            "seconds": seconds(work.seconds),
            "milps": work.programs,
            "nodes": work.nodes,
            "cuts": work.cuts,
        },
    });
    if !row.fused.is_empty() {
        document["fused"] = json!(row.fused);
    }
    if let Some(first) = &row.same_as {
        document["same_as"] = json!(first);
    }
    if let Some(reason) = &front.reason {
        document["reason"] = json!(reason);
    }
    document
}

/// A point; its mapping, or those of its phases with their own cycles and energies.
fn point(row: &FrontRow, point: &FrontPoint, hardware: &Hardware) -> Value {
    let mut document = json!({
        "cycles": integer(point.cycles),
        "energy_pj": decimal(point.energy_pj),
        "proved": point.is_proved(),
        "certificate": certificate::document(&point.certificate),
        "bound_cycles": integer(point.bound_cycles),
        "bound_energy_pj": decimal(point.bound_energy_pj),
    });
    let own = |part: &FrontPart| of_part(row, part, hardware);
    match point.parts.as_slice() {
        [part] if part.phase.is_none() => merge(&mut document, own(part)),
        parts => {
            let phases = parts.iter().map(|part| {
                let mut phase = json!({
                    "phase": part.phase,
                    "cycles": integer(part.cost.cycles),
                    "energy_pj": part.cost.energy_pj.map(decimal),
                });
                merge(&mut phase, own(part));
                phase
            });
            document["phases"] = phases.collect();
        }
    }
    document
}

fn merge(document: &mut Value, more: Map<String, Value>) {
    if let Some(object) = document.as_object_mut() {
        object.extend(more);
    }
}

/// What makes up the cycles of a mapping, and the mapping.
fn of_part(row: &FrontRow, part: &FrontPart, hardware: &Hardware) -> Map<String, Value> {
    let memories = part.cost.memories.iter();
    let busy: Map<String, Value> = memories
        .filter_map(|m| {
            Some((
                hardware.memory(m.level)?.name.clone(),
                integer(m.busy_cycles),
            ))
        })
        .collect();
    let mut all = Map::new();
    all.insert(
        "compute_cycles".to_owned(),
        integer(part.cost.compute_cycles),
    );
    all.insert("memory_cycles".to_owned(), Value::Object(busy));
    if let (Work::Mapped(nest), Some(mapping)) = (&part.work, &part.mapping) {
        let document = MappingDocument {
            phase: part.phase,
            ..mapping::document(&row.name, nest, hardware, mapping)
        };
        all.insert("mapping".to_owned(), json!(document));
    }
    all
}
