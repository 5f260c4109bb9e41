//! What reports say of a training step beside its rows: totals of each pass, and how it compares with
//! inference.

use serde_json::{Map, Value, json};

use super::numbers::{decimal, grouped, integer, percent};
use crate::problem::{PassTotal, RunResult};

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

/// The lines of a table: what the operations of each pass take, each alone, and how that compares
/// with inference.
pub(super) fn lines(result: &RunResult) -> Vec<String> {
    let Some(step) = &result.training else {
        return Vec::new();
    };
    let passes: Vec<String> = result
        .passes()
        .iter()
        .map(|own| pass_text(own, result.total_layers().cycles))
        .collect();
    let alone = match result.memory_plan {
        Some(_) => ", operations alone",
        None => "",
    };
    let mut lines = vec![format!("cycles by pass{alone}: {}", passes.join(", "))];
    let ratio = result.ratio_to_inference().zip(step.inference_cycles);
    lines.extend(ratio.map(|(ratio, inference)| {
        let inference = grouped(inference);
        let optimizer = step.optimizer;
        format!(
            "a step with {optimizer}{alone}: {ratio:.2} times the {inference} cycles of inference"
        )
    }));
    lines
}

fn pass_text(own: &PassTotal, step: Option<u128>) -> String {
    let name = own.pass.name().replace('_', "-");
    let Some(cycles) = own.cycles else {
        return format!("{name} -");
    };
    match step.filter(|&step| step > 0) {
        Some(step) => format!(
            "{name} {} ({})",
            grouped(cycles),
            percent(part(cycles, step))
        ),
        None => format!("{name} {}", grouped(cycles)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one decimal; no decision rests on it"
)]
fn part(cycles: u128, step: u128) -> f64 {
    cycles as f64 / step as f64
}
