//! The sums over the layers of a run as JSON.

use serde::Serialize;
use serde_json::{Map, Value};

use super::training;
use crate::problem::{Resource, RunResult, Scale, Total, WhatIf};
use crate::report::numbers::{decimal, integer, or_null, seconds};

/// The sums.
#[derive(Serialize)]
pub(super) struct TotalDocument {
    cycles: Value,
    bound_cycles: Value,
    lower_bound_cycles: Value,
    utilization: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    energy_pj: Option<Value>,
    layers: usize,
    layers_optimal: usize,
    seconds: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<Value>,
    /// Samples per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<Value>,
    /// 10^12 operations per second, two for each multiply-accumulate of the boxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    tops: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    what_if: Vec<Value>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    training: Option<Map<String, Value>>,
}

/// The total of the step with its time and rates, as far as a clock is given.
pub(super) fn total(result: &RunResult) -> TotalDocument {
    let training = result.training.is_some().then(|| {
        let samples = result.samples_per_second().map_or(Value::Null, decimal);
        Map::from_iter([("samples_per_second".to_owned(), samples)])
    });
    let (own, planned) = (result.total(), result.memory_plan.is_some());
    let alone = training::totals(result).filter(|_| !planned);
    TotalDocument {
        milliseconds: result.step_seconds().map(|s| decimal(s * 1e3)),
        per_second: result.samples_per_second().map(decimal),
        tops: (result.operations_per_second()).map(|rate| decimal(rate / 1e12)),
        what_if: result.what_if.iter().map(what_if).collect(),
        training: alone.into_iter().chain(training).reduce(|mut all, more| {
            all.extend(more);
            all
        }),
        ..document(own)
    }
}

/// The sums of the layers, each alone.
pub(super) fn total_layers(result: &RunResult) -> TotalDocument {
    TotalDocument {
        training: training::totals(result),
        ..document(result.total_layers())
    }
}

/// What a change of the hardware does: a step that was found there takes so many cycles.
fn what_if(own: &WhatIf) -> Value {
    let (what, name) = match &own.change.of {
        Resource::Bandwidth(name) => ("bandwidth", name),
        Resource::ReadBandwidth(name) => ("read_bandwidth", name),
        Resource::WriteBandwidth(name) => ("write_bandwidth", name),
        Resource::Capacity(name) => ("capacity", name),
        Resource::Elements { array, .. } => ("elements", array),
    };
    let scale = match own.change.scale {
        Scale::Twice => "twice",
        Scale::Half => "half",
    };
    let mut object = serde_json::json!({
        "change": format!("{scale}_{what}"), "of": name, "cycles": integer(own.cycles),
    });
    if let (Resource::Elements { axis, .. }, Value::Object(fields)) = (&own.change.of, &mut object)
    {
        fields.insert("axis".to_owned(), Value::from(axis.as_str()));
    }
    object
}

fn document(total: Total) -> TotalDocument {
    TotalDocument {
        milliseconds: None,
        per_second: None,
        tops: None,
        what_if: Vec::new(),
        cycles: or_null(total.cycles),
        bound_cycles: integer(total.bound_cycles),
        lower_bound_cycles: integer(total.lower_bound_cycles),
        utilization: total.utilization.map_or(Value::Null, decimal),
        energy_pj: total.energy_pj.map(decimal),
        layers: total.layers,
        layers_optimal: total.layers_optimal,
        seconds: seconds(total.seconds),
        training: None,
    }
}
