//! Why a layer's mapping is the best one, as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{bounds, object};
use crate::problem::explanation::{Change, OrderBound};
use crate::problem::format::FORMAT;
use crate::problem::goal::Measure;
use crate::problem::result::Cost;
use crate::problem::{Mapping, Scale};
use crate::report::detail::Detail;
use crate::report::explain::ExplainReport;
use crate::report::numbers::{decimal, integer};
use crate::report::usage::{self, Usage};
use crate::report::{mapping, nest};

/// Writes one JSON object.
pub(super) fn write(report: &ExplainReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let solution = &report.explanation.solution;
    let mut all = Map::new();
    all.insert("format".into(), json!(FORMAT));
    all.insert("layer".into(), json!(report.layer));
    if let Some(phase) = report.phase {
        all.insert("phase".into(), json!(phase));
    }
    all.insert("network".into(), json!(report.network));
    all.insert("hardware".into(), json!(report.hardware.name));
    all.insert("objective".into(), json!(report.measure.name()));
    all.insert("status".into(), json!(solution.status().name()));
    all.insert("proof".into(), json!(solution.proof().name()));
    if let Some(reason) = &solution.reason {
        all.insert("reason".into(), json!(reason));
    }
    all.insert("bound_cycles".into(), integer(solution.bound_cycles));
    let lower = bounds::document(&solution.lower_bounds, report.hardware);
    all.insert("lower_bounds".into(), lower);
    if let Some((mapping, cost)) = &solution.best {
        with_mapping(report, mapping, cost, &mut all)?;
    }
    let orders = report.explanation.orders.iter().map(order_object);
    all.insert("orders".into(), orders.collect());
    object::write(&all, out)
}

fn with_mapping(
    report: &ExplainReport<'_>,
    mapping: &Mapping,
    cost: &Cost,
    object: &mut Map<String, Value>,
) -> io::Result<()> {
    object.insert("cycles".into(), integer(cost.cycles));
    if let Some(energy) = cost.energy_pj {
        object.insert("energy_pj".into(), decimal(energy));
    }
    let (_, entries) = nest::explained(report.nest, report.hardware, mapping, cost);
    object.insert("nest".into(), Value::Array(entries));
    let limits = usage::of(report.hardware, mapping, cost);
    object.insert("limits".into(), limits.iter().map(limit_object).collect());
    object.insert("added_cycles".into(), integer(cost.added_cycles()));
    for (key, scale) in [("doubled", Scale::Twice), ("halved", Scale::Half)] {
        let changes = report.explanation.changes.iter();
        let changes = changes.filter(|own| own.change.scale == scale);
        let all = changes.map(|change| change_object(report.measure, cost, change));
        object.insert(key.into(), all.collect());
    }
    let mut own = mapping::document(report.layer, report.nest, report.hardware, mapping);
    own.phase = report.phase;
    object.insert("mapping".into(), serde_json::to_value(own)?);
    Ok(())
}

fn limit_object(own: &Usage) -> Value {
    json!({
        "name": own.name, "kind": own.kind.name(), "unit": own.kind.unit(),
        "used": integer(own.used), "limit": integer(own.limit), "slack": integer(own.slack()),
    })
}

/// A change; all but its name is null where it was not searched.
fn change_object(measure: Measure, before: &Cost, change: &Change) -> Value {
    let solution = change.solution.as_ref();
    let cost = solution.and_then(|own| own.best.as_ref()).map(|own| &own.1);
    let gain = cost.map(|c| decimal(1.0 - measure.of(c) / measure.of(before)));
    json!({
        "name": change.change.of.to_string(), "from": change.from, "to": change.to,
        "searched": solution.is_some(),
        "status": solution.map(|own| own.status().name()),
        "cycles": cost.map(|c| integer(c.cycles)),
        "energy_pj": cost.and_then(|c| c.energy_pj).map(decimal),
        "gain": gain,
    })
}

fn order_object(order: &OrderBound) -> Value {
    let number = |value: f64| (order.searched && value.is_finite()).then(|| decimal(value));
    json!({
        "order": order.name, "searched": order.searched, "relaxation": number(order.relaxation),
        "nodes": order.nodes, "closed": order.closed, "open_bound": number(order.open),
    })
}
