//! The memory plan of a step as JSON: all tensors, operations and addresses.

use serde_json::{Map, Value, json};

use super::{certificate, stages};
use crate::problem::plan::{Content, Gap, MemoryPlan};
use crate::problem::schedule::Event;
use crate::report::numbers::{decimal, integer, seconds};

/// The object.
pub(super) fn document(own: &MemoryPlan) -> Value {
    let schedule = &own.schedule;
    let cycles = |units: u128| integer(own.cycles(units));
    let baselines = own.baselines.iter().map(|(name, units)| {
        let value = units.map_or(Value::Null, cycles);
        ((*name).to_owned(), value)
    });
    let mut all = json!({
        "cycles": cycles(own.cost.total()),
        "bound_cycles": cycles(own.bound_units()),
        "gap": decimal(own.gap()),
        "status": own.status().name(),
        "certificate": certificate::document(&own.whole),
        "modes": {
            "proved": own.modes.proved,
            "of": own.modes.of,
            "largest_gap": decimal(own.modes.largest_gap),
            "status": own.among_modes.status().name(),
            "bound_cycles": cycles(own.bound_units_among_modes()),
            "gap": decimal(own.gap_among_modes()),
            "certificate": certificate::document(&own.among_modes),
        },
        "outer_bytes": integer(own.bytes(own.cost.outer())),
        "ties": {
            "broken_by": ["outer_bytes", "resident_bytes"],
            "proved": own.ties.are_proved(),
            "outer_bytes_proved": own.ties.has_fewest_bits(),
        },
        "baselines": baselines.collect::<Map<String, Value>>(),
        "capacity_bytes": schedule.capacity.0,
        "alignment_bytes": schedule.alignment,
        "slices": schedule.slices,
        "operations_ahead": schedule.ahead,
        "cuts": own.addresses.cuts,
        "given_up_bytes": own.addresses.given_up_bytes,
        "addresses": {
            "cut_short": own.addresses.cut_short,
            "rules_without": own.addresses.rules_without,
        },
        "seconds": seconds(own.seconds),
        "operations": operations(own),
        "tensors": tensors(own),
        "buffers": buffers(own),
    });
    // Where operations may run together.
    if own.modes.divided.is_some() {
        all["stages"] = stages::document(own);
    }
    all
}

fn operations(own: &MemoryPlan) -> Value {
    let all = own.schedule.operations.iter().enumerate();
    let rows = all.map(|(index, operation)| {
        let mode = own.plan.modes[index];
        let units = own.schedule.units_per_cycle();
        let bytes = own.bytes(own.cost.moved[index].outer());
        json!({
            "name": operation.name,
            "mode": mode,
            "recomputed": operation.optional && mode.is_some(),
            "cycles": decimal(ratio(own.cost.units[index], units)),
            "buffer_bytes": mode.map_or(0, |m| operation.modes[m].buffer_bytes),
            "outer_bytes": integer(bytes),
        })
    });
    rows.collect()
}

#[expect(clippy::cast_precision_loss, reason = "a number for reports")]
fn ratio(a: u128, b: u128) -> f64 {
    a as f64 / b as f64
}

/// Every tensor with the times (operations, the end exclusive) and places of its slices.
fn tensors(own: &MemoryPlan) -> Value {
    let events = own.schedule.events();
    let all = own.schedule.tensors.iter().enumerate();
    let rows = all.map(|(index, tensor)| {
        let intervals = blocks(own).filter_map(|(content, block, offset)| match content {
            Content::Slices { tensor, slices } if *tensor == index => Some(json!({
                "from": block.lower, "to": block.upper, "slices": slices,
                "offset": offset, "bytes": block.size,
            })),
            _ => None,
        });
        let (fetched, stored) = moved_slices(own, index, &events[index]);
        let bytes = |slices: u32| {
            let all = u128::from(tensor.bytes()) * u128::from(slices);
            integer(all / u128::from(own.schedule.slices))
        };
        json!({
            "name": tensor.name,
            "kind": tensor.kind.name(),
            "bytes": tensor.bytes(),
            "fetched_bytes": bytes(fetched),
            "stored_bytes": bytes(stored),
            "intervals": intervals.collect::<Value>(),
        })
    });
    rows.collect()
}

/// Slices of a tensor that are fetched, and that are stored, as a whole.
fn moved_slices(own: &MemoryPlan, tensor: usize, events: &[Event]) -> (u32, u32) {
    let plan = &own.plan.tensors[tensor];
    let early: u32 = plan.gaps.iter().map(Gap::early_slices).sum();
    let late: u32 = plan.gaps.iter().map(Gap::late_slices).sum();
    let (mut fetched, mut stored) = (early, late);
    for ((event, held), before) in events.iter().zip(&plan.events).zip(&plan.gaps) {
        stored += held.stored;
        if event.reads {
            fetched += held
                .slices
                .saturating_sub(before.kept + before.early_slices());
        }
    }
    (fetched, stored)
}

fn buffers(own: &MemoryPlan) -> Value {
    let rows = blocks(own).filter_map(|(content, block, offset)| match content {
        Content::Buffers { operation } => Some(json!({
            "operation": own.schedule.operations[*operation].name,
            "offset": offset, "bytes": block.size,
        })),
        Content::Slices { .. } => None,
    });
    rows.collect()
}

fn blocks(
    own: &MemoryPlan,
) -> impl Iterator<Item = (&Content, &crate::problem::packing::Block, u64)> {
    let all = own.blocks.contents.iter().zip(&own.blocks.packing.blocks);
    all.zip(&own.offsets)
        .map(|((content, block), &offset)| (content, block, offset))
}
