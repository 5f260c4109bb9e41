//! What a training step adds to the sums of its layers, as JSON.

use serde_json::{Map, Value, json};

use crate::problem::{PassTotal, RunResult};
use crate::report::numbers::{decimal, integer};

/// The keys that a training step adds to the sums of its layers; `None` of inference.
pub(super) fn totals(result: &RunResult) -> Option<Map<String, Value>> {
    let step = result.training.as_ref()?;
    let passes: Map<String, Value> = result
        .passes()
        .iter()
        .map(|own| (own.pass.name().to_owned(), pass(own)))
        .collect();
    let or_null = |value: Option<f64>| value.map_or(Value::Null, decimal);
    let mut all = Map::new();
    all.insert("passes".to_owned(), Value::Object(passes));
    let inference = step.inference_cycles.map_or(Value::Null, integer);
    all.insert("inference_cycles".to_owned(), inference);
    let ratio = or_null(result.ratio_to_inference());
    all.insert("ratio_to_inference".to_owned(), ratio);
    Some(all)
}

fn pass(own: &PassTotal) -> Value {
    json!({
        "cycles": own.cycles.map_or(Value::Null, integer),
        "bound_cycles": integer(own.bound_cycles),
        "lower_bound_cycles": integer(own.lower_bound_cycles),
        "macs": integer(own.macs),
        "layers": own.layers,
        "layers_optimal": own.layers_optimal,
    })
}
