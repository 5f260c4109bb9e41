//! The network file that an ONNX file stands for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::counts::{self, Expected};
use super::lower::{self, Layer, Lowered};
use super::model::Model;
use super::wire;
use crate::read::error::Problem;
use crate::read::options::NetworkOptions;

/// Widths of operands where neither the file nor the command line says: those of the shipped networks.
const PRECISION: [(&str, u32); 4] = [
    ("input", 8),
    ("weight", 8),
    ("output", 8),
    ("accumulator", 32),
];

/// A network file's values, and the node that each layer stems from.
pub(in super::super) struct Imported {
    pub(in super::super) value: Value,
    /// How messages call the node of each layer.
    pub(in super::super) nodes: Vec<String>,
    /// What each node multiplies and accumulates.
    pub(in super::super) counts: BTreeMap<u64, Expected>,
}

impl Imported {
    /// The text of the network file.
    pub(in super::super) fn text(&self) -> String {
        super::text::write(&self.value)
    }
}

/// Lowers a model.
pub(super) fn import(
    path: &Path,
    file: &wire::Model,
    model: &Model,
    options: &NetworkOptions,
) -> Result<Imported, Vec<Problem>> {
    let lowered = lower::lower(model)?;
    if lowered.layers.is_empty() {
        let message = "has no node that works on its input".to_owned();
        return Err(crate::read::error::whole(None, message));
    }
    let nodes = lowered
        .layers
        .iter()
        .map(|l| model.nodes[l.node].label())
        .collect();
    let of_file = lowered.batch.max(1);
    let batches = [options.batch.unwrap_or(of_file), of_file];
    let counts = counts::expected(model, &lowered.needed, batches)?;
    let value = Value::Mapping(network(path, file, model, options, lowered));
    Ok(Imported {
        value,
        nodes,
        counts,
    })
}

fn network(
    path: &Path,
    file: &wire::Model,
    model: &Model,
    options: &NetworkOptions,
    lowered: Lowered,
) -> Mapping {
    let name = path
        .file_stem()
        .map_or("onnx".into(), |stem| stem.to_string_lossy());
    let mut table = Mapping::new();
    let mut put = |key: &str, value: Value| table.insert(Value::from(key), value);
    put("name", Value::from(name.as_ref()));
    put("source", Value::from(source(path, file, options)));
    put("batch", Value::from(options.batch.unwrap_or(lowered.batch)));
    put("precision_bits", Value::Mapping(precision(options)));
    if let Some(input) = lowered.input {
        put("input", Value::Mapping(input));
    }
    if !lowered.inputs.is_empty() {
        put("inputs", Value::Mapping(lowered.inputs));
    }
    let layers = lowered
        .layers
        .into_iter()
        .map(|layer| of_layer(model, layer));
    put("layers", Value::Sequence(layers.collect()));
    table
}

/// A layer's table with the node that it stems from.
fn of_layer(model: &Model, layer: Layer) -> Value {
    let node = &model.nodes[layer.node];
    let mut origin = Mapping::new();
    origin.insert(Value::from("node"), Value::from(node.index as u64));
    origin.insert(Value::from("op"), Value::from(node.op.as_str()));
    if !node.name.is_empty() {
        origin.insert(Value::from("name"), Value::from(node.name.as_str()));
    }
    if let Some(assumed) = layer.assumed {
        origin.insert(Value::from("assumed"), Value::from(assumed));
    }
    let mut table = layer.table;
    table.insert(Value::from("onnx"), Value::Mapping(origin));
    Value::Mapping(table)
}

fn precision(options: &NetworkOptions) -> Mapping {
    let mut table = Mapping::new();
    for (key, default) in PRECISION {
        let given = options.precision.iter().find(|p| p.0 == key);
        table.insert(
            Value::from(key),
            Value::from(given.map_or(default, |p| p.1)),
        );
    }
    table
}

/// Where the network comes from: the file, who wrote it, and the sizes that were given.
fn source(path: &Path, file: &wire::Model, options: &NetworkOptions) -> String {
    let name = path
        .file_name()
        .map_or("-".into(), |name| name.to_string_lossy());
    let opset = file
        .opset_import
        .iter()
        .find(|o| o.domain.is_empty() || o.domain == "ai.onnx");
    let mut text = format!("imported from {name}");
    if let Some(opset) = opset {
        let _ = write!(text, ", opset {}", opset.version);
    }
    if !file.producer_name.is_empty() {
        let _ = write!(
            text,
            ", written by {} {}",
            file.producer_name, file.producer_version
        );
    }
    for (name, size) in &options.dims {
        let _ = write!(text, ", {name} = {size}");
    }
    text.trim_end().to_owned()
}
