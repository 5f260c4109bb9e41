//! The stages of a plan as JSON.

use serde_json::{Map, Value, json};

use crate::problem::plan::MemoryPlan;
use crate::problem::stage::StageWay;
use crate::report::numbers::integer;
use crate::report::stages::running;

/// What stands behind the name of a tensor whose softmax has accumulators in a block.
const ACCUMULATORS: &str = " (maximum and sum)";

/// The stages with their loops and blocks.
pub(super) fn document(own: &MemoryPlan) -> Value {
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
            "internal": mode.internal.iter().map(|own| json!({
                "tensor": own.tensor.clone() + if own.accumulators { ACCUMULATORS } else { "" },
                "bytes": own.bytes,
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
