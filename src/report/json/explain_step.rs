//! The step of a whole network explained, as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::object;
use crate::problem::explanation::{FoundStep, StepChange};
use crate::problem::format::FORMAT;
use crate::problem::{LayerRow, RunResult, Scale};
use crate::report::detail::Detail;
use crate::report::explain_step::{StepReport, effect, free};
use crate::report::numbers::{decimal, integer};

/// Writes one JSON object.
pub(super) fn write(report: &StepReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let StepReport { result, changes } = *report;
    let total = result.total();
    let shares: Map<String, Value> = (result.bottlenecks().into_iter())
        .map(|(name, share)| (name.to_owned(), decimal(share)))
        .collect();
    let free = free(result, changes).into_iter().map(ToString::to_string);
    let document = json!({
        "format": FORMAT,
        "network": result.network,
        "hardware": result.hardware.name,
        "mode": result.mode,
        "batch": result.batch,
        "objective": result.objective.name(),
        "planned": result.memory_plan.is_some(),
        "cycles": total.cycles.map(integer),
        "bound_cycles": integer(total.bound_cycles),
        "milliseconds": result.step_seconds().map(|seconds| decimal(seconds * 1e3)),
        "bottlenecks": shares,
        "changes": changes.iter().map(|own| change_object(result, own)).collect::<Vec<_>>(),
        "free_to_halve": free.collect::<Vec<_>>(),
        "layers": result.layers.iter().map(|row| layer_object(result, row)).collect::<Vec<_>>(),
    });
    object::write(&document, out)
}

fn change_object(result: &RunResult, own: &StepChange) -> Value {
    let cycles = match own.found {
        FoundStep::Cycles(cycles) => integer(cycles),
        FoundStep::None | FoundStep::NotSearched => Value::Null,
    };
    json!({
        "name": own.change.of.to_string(),
        "scale": if own.change.scale == Scale::Twice { "twice" } else { "half" },
        "from": own.from, "to": own.to,
        "searched": own.found != FoundStep::NotSearched,
        "cycles": cycles,
        "effect": effect(result, own),
    })
}

fn layer_object(result: &RunResult, row: &LayerRow) -> Value {
    let order: Option<Vec<Value>> = row.mapping.as_ref().map(|mapping| {
        let all = mapping.order.iter().map(|node| {
            let memory = result
                .hardware
                .memory(node.level)
                .map(|own| own.name.as_str());
            json!({"memory": memory, "operand": node.role.name()})
        });
        all.collect()
    });
    json!({
        "name": row.name, "op": row.op, "cycles": result.cycles_of(row).map(integer),
        "bottleneck": result.bottleneck_of(row), "order": order,
    })
}
