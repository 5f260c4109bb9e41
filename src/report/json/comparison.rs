//! A comparison as one JSON object: of one network, or of several with what they are together.

use std::io::{self, Write};
use std::slice;

use serde_json::{Map, Value, json};

use super::object;
use crate::problem::Hardware;
use crate::problem::comparison::{Comparison, LayerComparison, MapperInfo, Part, ratio, standing};
use crate::problem::format::FORMAT;
use crate::report::detail::Detail;
use crate::report::mapping;
use crate::report::numbers::{decimal, integer, seconds};

/// Writes the object, indented, and a newline.
pub(super) fn write(results: &[Comparison], _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let document = match results {
        [only] => one(only),
        all => several(all),
    };
    object::write(&document, out)
}

/// One network, with all that is said of the run.
fn one(result: &Comparison) -> Value {
    json!({
        "format": FORMAT,
        "deepmatrix": env!("CARGO_PKG_VERSION"),
        "network": result.network,
        "hardware": result.hardware.name,
        "batch": result.batch,
        "seed": result.seed,
        "evaluations": result.evaluations,
        "time_budget_seconds": result.time_budget_seconds.map_or(Value::Null, decimal),
        "mappers": mappers(slice::from_ref(result)),
        "layers": layers(result),
        "streamed_layers": result.streamed_layers,
        "seconds": seconds(result.seconds),
    })
}

/// Several networks: how the mappers did over all of them, and over each.
fn several(results: &[Comparison]) -> Value {
    let first = results.first();
    let time_budget = first.and_then(|own| own.time_budget_seconds);
    json!({
        "format": FORMAT,
        "deepmatrix": env!("CARGO_PKG_VERSION"),
        "hardware": first.map(|own| own.hardware.name.as_str()),
        "seed": first.map(|own| own.seed),
        "evaluations": first.map(|own| own.evaluations),
        "time_budget_seconds": time_budget.map_or(Value::Null, decimal),
        "mappers": mappers(results),
        "networks": results.iter().map(network).collect::<Vec<_>>(),
        "seconds": seconds(results.iter().map(|own| own.seconds).sum()),
    })
}

/// One of several networks.
fn network(result: &Comparison) -> Value {
    json!({
        "network": result.network,
        "batch": result.batch,
        "mappers": mappers(slice::from_ref(result)),
        "layers": layers(result),
        "streamed_layers": result.streamed_layers,
        "seconds": seconds(result.seconds),
    })
}

fn layers(result: &Comparison) -> Vec<Value> {
    result.layers.iter().map(|l| layer(l, result)).collect()
}

/// How each mapper did over these networks.
fn mappers(results: &[Comparison]) -> Vec<Value> {
    let infos = results.first().map_or(&[][..], |own| &own.mappers);
    let all = infos.iter().enumerate();
    all.map(|(index, info)| mapper(results, info, index))
        .collect()
}

fn mapper(results: &[Comparison], info: &MapperInfo, index: usize) -> Value {
    let MapperInfo {
        name,
        description,
        space,
        parameters,
    } = info;
    let all = parameters.iter();
    let parameters: Map<String, Value> = all
        .map(|(key, value)| ((*key).to_owned(), number(value)))
        .collect();
    let standing = standing(results, index);
    let worst = standing.worst.as_ref();
    let mut object = json!({
        "mapper": name,
        "description": description,
        "space": space,
        "parameters": parameters,
        "distinct_layers": results.iter().flat_map(Comparison::distinct).count(),
        "mapped": standing.mapped,
        "best": standing.best,
        "cycles": standing.cycles.map_or(Value::Null, integer),
        "weighted_mean": standing.weighted_mean.map_or(Value::Null, decimal),
        "geometric_mean": standing.geometric_mean.map_or(Value::Null, decimal),
        "worst": worst.map_or(Value::Null, |w| decimal(w.ratio)),
        "worst_layer": worst.map(|w| w.layer.as_str()),
        "evaluations": standing.evaluations,
        "seconds": seconds(standing.seconds),
    });
    if let (Value::Object(fields), true) = (&mut object, results.len() > 1) {
        let network = worst.map(|w| w.network.as_str());
        fields.insert("worst_network".to_owned(), Value::from(network));
    }
    object
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
