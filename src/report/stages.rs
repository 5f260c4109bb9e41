//! The stages of a plan: operations that run together, tile by tile.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::numbers::{grouped, integer};
use crate::problem::plan::MemoryPlan;
use crate::problem::stage::{Fused, StageMode, StageWay};

/// The stages that run, each with its mode.
fn running(own: &MemoryPlan) -> impl Iterator<Item = (&Fused, &StageMode)> {
    own.schedule.stages.iter().filter_map(|fused| {
        let mode = own.plan.modes[fused.operation]?;
        Some((fused, fused.modes.get(mode)?))
    })
}

/// A line for each stage: its operations, its loops, what it takes.
pub(super) fn text(own: &MemoryPlan, out: &mut dyn Write) -> io::Result<()> {
    for (fused, mode) in running(own) {
        let operation = &own.schedule.operations[fused.operation];
        let loops = mode.loops.iter().map(|own| {
            let last = own.dims.last().map_or("", String::as_str);
            format!("{last} in {} tiles of {}", own.tiles(), own.tile)
        });
        let cycles = grouped(own.cycles(own.cost.units[fused.operation]));
        let bytes = own.plan.modes[fused.operation].map_or(0, |m| operation.modes[m].buffer_bytes);
        let bytes = grouped(u128::from(bytes));
        writeln!(out, "  together: {}", fused.members.join(", "))?;
        let loops = loops.collect::<Vec<_>>().join(", ");
        writeln!(out, "    {loops}: {cycles} cycles in {bytes} bytes")?;
    }
    Ok(())
}

/// The stages with their loops and blocks.
pub(super) fn json(own: &MemoryPlan) -> Value {
    let all = running(own).map(|(fused, mode)| {
        let operation = &own.schedule.operations[fused.operation];
        let bytes = own.plan.modes[fused.operation].map_or(0, |m| operation.modes[m].buffer_bytes);
        json!({
            "operation": operation.name,
            "operations": fused.members,
            "axes": mode.loops.iter().map(|own| {
                let dims = fused.members.iter().zip(&own.dims);
                let dims: Map<String, Value> = dims
                    .map(|(member, dim)| (member.clone(), json!(dim)))
                    .collect();
                json!({
                    "dims": dims,
                    "extent": own.extent,
                    "tile": own.tile,
                    "iterations": own.tiles(),
                })
            }).collect::<Value>(),
            "iterations": mode.iterations(),
            "external": mode.external.iter().map(|own| json!({
                "tensor": own.name,
                "way": own.way.name(),
                "level": match own.way {
                    StageWay::Held(level) => json!(level),
                    StageWay::Passing | StageWay::Resident => Value::Null,
                },
                "bytes": own.bytes,
            })).collect::<Value>(),
            "internal": mode.internal.iter().map(|(tensor, bytes)| json!({
                "tensor": tensor,
                "bytes": bytes,
            })).collect::<Value>(),
            "tiles": fused.members.iter().zip(&mode.tiles).map(|(member, bytes)| json!({
                "operation": member,
                "bytes": bytes,
            })).collect::<Value>(),
            "bytes": bytes,
            "cycles": integer(own.cycles(own.cost.units[fused.operation])),
            "outer_bytes": integer(own.bytes(own.cost.moved[fused.operation].outer())),
        })
    });
    all.collect()
}
