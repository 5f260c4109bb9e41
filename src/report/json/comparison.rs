//! A comparison as one JSON object.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::object;
use crate::problem::Hardware;
use crate::problem::comparison::{Comparison, LayerComparison, MapperInfo, Part, ratio};
use crate::problem::format::FORMAT;
use crate::report::detail::Detail;
use crate::report::mapping;
use crate::report::numbers::{decimal, integer, seconds};

/// Writes the object, indented, and a newline.
pub(super) fn write(result: &Comparison, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let document = json!({
        "format": FORMAT,
        "deepmatrix": env!("CARGO_PKG_VERSION"),
        "network": result.network,
        "hardware": result.hardware.name,
        "batch": result.batch,
        "seed": result.seed,
        "evaluations": result.evaluations,
        "time_budget_seconds": result.time_budget_seconds.map_or(Value::Null, decimal),
        "mappers": (0..result.mappers.len()).map(|m| mapper(result, m)).collect::<Vec<_>>(),
        "layers": result.layers.iter().map(|l| layer(l, result)).collect::<Vec<_>>(),
        "streamed_layers": result.streamed_layers,
        "seconds": seconds(result.seconds),
    });
    object::write(&document, out)
}

fn mapper(result: &Comparison, index: usize) -> Value {
    let MapperInfo {
        name,
        description,
        space,
        parameters,
    } = &result.mappers[index];
    let all = parameters.iter();
    let parameters: Map<String, Value> = all
        .map(|(key, value)| ((*key).to_owned(), number(value)))
        .collect();
    let standing = result.standing(index);
    json!({
        "mapper": name,
        "description": description,
        "space": space,
        "parameters": parameters,
        "distinct_layers": result.distinct().count(),
        "mapped": standing.mapped,
        "best": standing.best,
        "cycles": standing.cycles.map_or(Value::Null, integer),
        "weighted_mean": standing.weighted_mean.map_or(Value::Null, decimal),
        "geometric_mean": standing.geometric_mean.map_or(Value::Null, decimal),
        "worst": standing.worst.as_ref().map_or(Value::Null, |w| decimal(w.0)),
        "worst_layer": standing.worst.map(|w| w.1),
        "evaluations": standing.evaluations,
        "seconds": seconds(standing.seconds),
    })
}

/// A parameter as a number, where it is one.
fn number(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::from(text), decimal)
}

fn layer(layer: &LayerComparison, result: &Comparison) -> Value {
    let (reference, proved) = layer.reference(result.mappers.len());
    let mappers = result.mappers.iter().enumerate().map(|(index, mapper)| {
        let outcome = layer.outcome(index);
        let optional = |value: Option<u128>| value.map_or(Value::Null, integer);
        let mut object = json!({
            "mapper": mapper.name,
            "cycles": optional(outcome.cycles),
            "ratio": ratio(outcome.cycles, reference).map_or(Value::Null, decimal),
            "status": outcome.status().name(),
            "seconds": seconds(outcome.seconds),
            "evaluations": outcome.evaluations,
            "stop": outcome.stop.name(),
            "parts": (layer.parts.iter())
                .map(|part| attempt(&layer.name, part, index, &result.hardware))
                .collect::<Vec<_>>(),
        });
        if let Value::Object(fields) = &mut object {
            if let Some(bound) = outcome.bound_cycles {
                fields.insert("bound_cycles".to_owned(), integer(bound));
            }
            if let Some(reason) = outcome.reason {
                fields.insert("reason".to_owned(), Value::from(reason));
            }
        }
        object
    });
    json!({
        "name": layer.name,
        "op": layer.op,
        "same_as": layer.same_as,
        "reference_cycles": reference.map_or(Value::Null, integer),
        "reference_proved": proved,
        "mappers": mappers.collect::<Vec<_>>(),
    })
}

/// One loop nest's mapping, and when what was found and proved.
fn attempt(layer: &str, part: &Part, index: usize, hardware: &Hardware) -> Value {
    let attempt = &part.attempts[index];
    let improvements = attempt.improvements.iter().map(|i| {
        json!({"evaluations": i.evaluations, "seconds": seconds(i.seconds), "cycles": integer(i.cycles)})
    });
    let bounds = attempt
        .bounds
        .iter()
        .map(|b| json!({"seconds": seconds(b.seconds), "bound_cycles": integer(b.cycles)}));
    let mapping = attempt.best.as_ref().map(|(found, _)| {
        let mut document = mapping::document(layer, &part.nest, hardware, found);
        document.phase = part.phase;
        document
    });
    json!({
        "phase": part.phase,
        "improvements": improvements.collect::<Vec<_>>(),
        "bounds": bounds.collect::<Vec<_>>(),
        "mapping": mapping,
    })
}
