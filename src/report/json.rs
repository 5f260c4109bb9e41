//! The result as one JSON object; its keys and their order are part of the interface.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::bounds;
use super::certificate;
use super::dataflows;
use super::mapping::{self, MappingDocument};
use super::memory_plan;
use super::numbers::{decimal, integer, seconds};
use super::training;
use crate::problem::format::FORMAT;
use crate::problem::result::Tie;
use crate::problem::{
    Bits, Hardware, LayerRow, OnnxNode, PhaseIndex, PhaseRow, Resource, Role, RunResult, Scale,
    Space, Tiles, Total, WhatIf, Work,
};

/// Values by the name of a memory or operand, in the order in which they are printed.
type Named = Map<String, Value>;

/// Writes the object and a line end.
///
/// # Errors
/// If `out` cannot be written.
pub fn write(result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document::of(result))?;
    writeln!(out)
}

/// The whole object.
#[derive(Serialize)]
struct Document<'a> {
    format: u64,
    deepmatrix: &'static str,
    network: &'a str,
    hardware: &'a str,
    mode: &'a str,
    batch: u64,
    objective: &'a str,
    /// The optimizer of a training step.
    #[serde(skip_serializing_if = "Option::is_none")]
    optimizer: Option<&'a str>,
    space: SpaceDocument<'a>,
    layers: Vec<LayerDocument<'a>>,
    total: TotalDocument,
    /// The sums of the layers, each alone, where the total is that of a planned step.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_layers: Option<TotalDocument>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_plan: Option<Value>,
}

/// The space that proofs speak of.
#[derive(Serialize)]
pub(super) struct SpaceDocument<'a> {
    tiles: &'a str,
    memories: Named,
    extents: &'a str,
    orders: &'a str,
    spatial: &'a str,
    dataflow: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    constraints: &'a [String],
}

/// One row; numbers that need a mapping are null where there is none.
#[derive(Serialize)]
struct LayerDocument<'a> {
    name: &'a str,
    op: &'a str,
    /// Row and column of the output modulo the strides (after the depth, where there are several), of a phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<PhaseIndex>,
    pass: &'a str,
    status: &'a str,
    proof: &'a str,
    certificate: Value,
    cycles: Value,
    /// Cycles in the planned step; the others are of the layer alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_cycles: Option<Value>,
    bound_cycles: Value,
    lower_bound_cycles: Value,
    /// Cycles over the bound that holds for any mapping.
    ratio: Value,
    lower_bounds: Value,
    /// Bound on what was minimised, where that is not cycles: pJ or pJ · cycles.
    #[serde(skip_serializing_if = "Option::is_none")]
    objective_bound: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tie: Option<Value>,
    macs: Value,
    box_macs: Value,
    utilization: Value,
    compute_cycles: Value,
    memory_cycles: Named,
    bottleneck: &'a str,
    traffic_bytes: Named,
    occupied_bytes: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    energy_pj: Option<Value>,
    /// The dataflows that the mapping has.
    #[serde(skip_serializing_if = "Option::is_none")]
    dataflow: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<MappingDocument>,
    solver: SolverDocument,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    fused: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phases: Vec<LayerDocument<'a>>,
    /// The node that an imported layer stems from.
    #[serde(skip_serializing_if = "Option::is_none")]
    onnx: Option<Value>,
}

#[derive(Serialize)]
struct SolverDocument {
    seconds: Value,
    milps: u64,
    nodes: u64,
    cuts: u64,
}

#[derive(Serialize)]
struct TotalDocument {
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
    training: Option<Named>,
}

impl<'a> Document<'a> {
    fn of(result: &'a RunResult) -> Self {
        Self {
            format: FORMAT,
            deepmatrix: env!("CARGO_PKG_VERSION"),
            network: &result.network,
            hardware: &result.hardware.name,
            mode: result.mode,
            batch: result.batch,
            objective: result.objective.name(),
            optimizer: result.training.as_ref().map(|step| step.optimizer),
            space: space(&result.space),
            layers: (result.layers.iter())
                .map(|row| LayerDocument {
                    onnx: result.origins.get(&row.name).map(onnx),
                    planned_cycles: planned_cycles(result, row),
                    ..layer(row, row.tensor_roles(), &result.hardware)
                })
                .collect(),
            total: total(result),
            total_layers: (result.memory_plan.is_some()).then(|| total_layers(result)),
            notes: &result.notes,
            memory_plan: result.memory_plan.as_ref().map(memory_plan::json),
        }
    }
}

pub(super) fn space(space: &Space) -> SpaceDocument<'_> {
    let memories = space.memories.iter();
    SpaceDocument {
        tiles: space.tiles,
        memories: memories
            .map(|(name, tiles)| (name.clone(), Value::from(tiles_name(*tiles))))
            .collect(),
        extents: space.extents,
        orders: space.orders,
        spatial: space.spatial,
        dataflow: &space.dataflow,
        constraints: &space.constraints,
    }
}

fn tiles_name(tiles: Tiles) -> &'static str {
    match tiles {
        Tiles::PerOperand => "per_operand",
        Tiles::Shared => "shared",
    }
}

/// The node that an imported layer stems from.
fn onnx(node: &OnnxNode) -> Value {
    let mut value = serde_json::json!({"node": node.node, "op": node.op, "name": node.name});
    if let Some(assumed) = &node.assumed {
        value["assumed"] = Value::from(assumed.as_str());
    }
    value
}

/// How ties were broken, and whether that is proved.
fn tie(tie: &Tie) -> Value {
    let names: Vec<&str> = tie.broken_by.iter().map(|m| m.name()).collect();
    serde_json::json!({"broken_by": names.join(","), "proved": tie.is_proved()})
}

/// `tensors` are the roles of activation side, kernel and result side.
fn layer<'a>(row: &'a LayerRow, tensors: [Role; 3], hardware: &'a Hardware) -> LayerDocument<'a> {
    let cost = row.cost.as_ref();
    LayerDocument {
        name: &row.name,
        op: &row.op,
        phase: None,
        pass: row.pass.name(),
        status: row.status().name(),
        proof: row.proof().name(),
        certificate: certificate::json(&row.certificate),
        cycles: or_null(row.cycles()),
        planned_cycles: None,
        bound_cycles: integer(row.bound_cycles),
        lower_bound_cycles: integer(row.lower_bound_cycles),
        ratio: row.ratio().map_or(Value::Null, decimal),
        lower_bounds: bounds::document(&row.lower_bounds, hardware),
        objective_bound: row.objective_bound.map(|(_, bound)| decimal(bound)),
        tie: row.tie.as_ref().map(tie),
        macs: integer(row.macs()),
        box_macs: integer(row.box_macs()),
        utilization: row.utilization(hardware).map_or(Value::Null, decimal),
        compute_cycles: or_null(cost.map(|cost| cost.compute_cycles)),
        memory_cycles: memory_cycles(row, hardware),
        bottleneck: row.bottleneck(hardware),
        traffic_bytes: traffic_bytes(row, tensors, hardware),
        occupied_bytes: occupied_bytes(row, tensors, hardware),
        energy_pj: cost.and_then(|cost| cost.energy_pj).map(decimal),
        dataflow: dataflows(row, hardware),
        mapping: mapping_document(row, hardware),
        solver: SolverDocument {
            seconds: seconds(row.statistics.seconds),
            milps: row.statistics.programs,
            nodes: row.statistics.nodes,
            cuts: row.statistics.cuts,
        },
        fused: &row.fused,
        same_as: row.same_as.as_deref(),
        reason: row.reason.as_deref(),
        onnx: None,
        phases: (row.phases.iter())
            .map(|own| phase(own, tensors, hardware))
            .collect(),
    }
}

/// A phase has all that a layer has, and its mapping says which phase it is of.
fn phase<'a>(phase: &'a PhaseRow, tensors: [Role; 3], hardware: &'a Hardware) -> LayerDocument<'a> {
    let document = layer(&phase.row, tensors, hardware);
    let mapping = document.mapping.map(|mapping| MappingDocument {
        phase: Some(phase.index),
        ..mapping
    });
    LayerDocument {
        phase: Some(phase.index),
        mapping,
        ..document
    }
}

fn planned_cycles(result: &RunResult, row: &LayerRow) -> Option<Value> {
    result.memory_plan.as_ref()?;
    result.cycles_of(row).map(integer)
}

/// The total of the step with its time and rates, as far as a clock is given.
fn total(result: &RunResult) -> TotalDocument {
    let training = result.training.is_some().then(|| {
        let samples = result.samples_per_second().map_or(Value::Null, decimal);
        Named::from_iter([("samples_per_second".to_owned(), samples)])
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
fn total_layers(result: &RunResult) -> TotalDocument {
    TotalDocument {
        training: training::totals(result),
        ..document(result.total_layers())
    }
}

/// What a change of the hardware does: a step that was found there takes so many cycles.
pub(super) fn what_if(own: &WhatIf) -> Value {
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

fn or_null(value: Option<u128>) -> Value {
    value.map_or(Value::Null, integer)
}

fn memory_cycles(row: &LayerRow, hardware: &Hardware) -> Named {
    let memories = row.cost.iter().flat_map(|cost| &cost.memories);
    memories
        .filter_map(|cost| Some((hardware.memory(cost.level)?, cost)))
        .map(|(memory, cost)| (memory.name.clone(), integer(cost.busy_cycles)))
        .collect()
}

fn traffic_bytes(row: &LayerRow, tensors: [Role; 3], hardware: &Hardware) -> Named {
    let memories = row.cost.iter().flat_map(|cost| &cost.memories);
    memories
        .filter_map(|cost| Some((hardware.memory(cost.level)?, cost)))
        .map(|(memory, cost)| {
            let bits = |role| cost.traffic[role as usize].read + cost.traffic[role as usize].write;
            (memory.name.clone(), by_tensor(tensors, bits))
        })
        .collect()
}

/// The space taken in every memory but the outermost.
fn occupied_bytes(row: &LayerRow, tensors: [Role; 3], hardware: &Hardware) -> Named {
    let memories = row.cost.iter().flat_map(|cost| &cost.memories);
    memories
        .filter(|cost| cost.level > 0)
        .filter_map(|cost| Some((hardware.memory(cost.level)?, cost)))
        .map(|(memory, cost)| {
            let bits = |role| cost.occupied[role as usize];
            (memory.name.clone(), by_tensor(tensors, bits))
        })
        .collect()
}

/// `input`, `weight` and `output` name activation side, kernel and result side.
fn by_tensor(tensors: [Role; 3], bits: impl Fn(Role) -> Bits) -> Value {
    let names = Role::ALL.map(|name| name.name().to_owned());
    let bytes = tensors.map(|role| decimal(bits(role).bytes()));
    Value::Object(names.into_iter().zip(bytes).collect())
}

fn mapping_document(row: &LayerRow, hardware: &Hardware) -> Option<MappingDocument> {
    match (&row.work, &row.mapping) {
        (Work::Mapped(nest), Some(mapping)) => {
            Some(mapping::document(&row.name, nest, hardware, mapping))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{run, unknown_row};
    use super::*;
    use serde_json::json;

    fn written(result: &RunResult) -> Value {
        let mut text = Vec::new();
        write(result, &mut text).expect("a vector can be written");
        serde_json::from_slice(&text).expect("it is JSON")
    }

    fn keys(value: &Value) -> Vec<&str> {
        let object = value.as_object().expect("an object");
        object.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_object_has_the_keys_of_the_interface() {
        let document = written(&run());
        assert_eq!(
            keys(&document),
            [
                "format",
                "deepmatrix",
                "network",
                "hardware",
                "mode",
                "batch",
                "objective",
                "space",
                "layers",
                "total",
                "notes"
            ]
        );
        assert_eq!(
            keys(&document["layers"][1]),
            [
                "name",
                "op",
                "pass",
                "status",
                "proof",
                "certificate",
                "cycles",
                "bound_cycles",
                "lower_bound_cycles",
                "ratio",
                "lower_bounds",
                "macs",
                "box_macs",
                "utilization",
                "compute_cycles",
                "memory_cycles",
                "bottleneck",
                "traffic_bytes",
                "occupied_bytes",
                "dataflow",
                "mapping",
                "solver",
                "same_as"
            ]
        );
        assert_eq!(
            document["space"],
            json!({"tiles": "all", "memories": {"sram": "per_operand", "registers": "shared"},
                   "extents": "one per node and relevant dimension; in dimensions of up to 12, windows of up to 12 outputs and taps, one more",
                   "orders": "all", "spatial": "one axis per dimension", "dataflow": "any"})
        );
    }

    #[test]
    fn a_row_reports_its_cost_in_bytes() {
        let document = written(&run());
        let row = &document["layers"][0];
        assert_eq!(row["cycles"], 903_168);
        assert_eq!(row["box_macs"], 512_u64 * 128 * 28 * 28 * 9);
        assert_eq!(row["macs"], 512_u64 * 128 * 82 * 82, "3 * 28 - 2 an axis");
        assert_eq!(row["utilization"], 1, "whole numbers are integers");
        assert_eq!(row["bottleneck"], "compute");
        assert_eq!(
            row["memory_cycles"],
            json!({"dram": 700, "sram": 800, "registers": 0})
        );
        assert_eq!(
            row["traffic_bytes"]["dram"],
            json!({"input": 100.5, "weight": 10, "output": 100})
        );
        assert_eq!(keys(&row["occupied_bytes"]), ["sram", "registers"]);
        assert_eq!(row["fused"], json!(["bn1", "relu1"]));
        assert_eq!(
            row["solver"],
            json!({"seconds": 0.25, "milps": 3, "nodes": 2, "cuts": 1})
        );
        assert_eq!(document["layers"][1]["same_as"], "conv1");
        assert_eq!(document["layers"][2]["bottleneck"], "dram");
        assert_eq!(document["layers"][3]["bottleneck"], "-");
    }

    #[test]
    fn the_total_sums_the_rows() {
        let total = &written(&run())["total"];
        assert_eq!(total["cycles"], 2 * 903_168 + 1000);
        assert_eq!(
            (&total["layers"], &total["layers_optimal"]),
            (&json!(4), &json!(4))
        );
        assert!(total.get("energy_pj").is_none());
    }

    #[test]
    fn without_a_mapping_the_total_has_no_cycles() {
        let mut result = run();
        result.layers.push(unknown_row());
        let document = written(&result);
        let row = &document["layers"][4];
        assert_eq!(
            (&row["status"], &row["cycles"]),
            (&json!("unknown"), &Value::Null)
        );
        assert_eq!(
            (&row["reason"], &row["bound_cycles"]),
            (&json!("interrupted"), &json!(7))
        );
        assert_eq!(document["total"]["cycles"], Value::Null);
        assert_eq!(document["total"]["bound_cycles"], 2 * 903_168 + 1007);
        assert_eq!(document["total"]["layers_optimal"], 4);
    }

    #[test]
    fn the_mapping_is_what_evaluate_reads() {
        let document = written(&run());
        assert_eq!(
            document["layers"][0]["mapping"],
            json!({"layer": "conv1", "levels": [
                {"memory": "sram", "order": ["weight", "input", "output"], "slide": "P", "tiles": {
                    "input": {"C": 128, "P": 1, "Q": 28, "R": 3, "S": 3},
                    "weight": {"K": 64, "C": 128, "R": 3, "S": 3},
                    "output": {"K": 32, "P": 1, "Q": 28}}},
                {"array": "pe", "spatial": {"rows": {"K": 32}, "cols": {"C": 16}}},
                {"memory": "registers", "tile": {}, "stationary": "input"}]})
        );
    }

    #[test]
    fn the_nest_is_given_where_the_levels_do_not_imply_it() {
        let mut result = run();
        let mapping = result.layers[0].mapping.as_mut().expect("a mapping");
        mapping.order.swap(2, 3);
        mapping.extents.swap(2, 3);
        assert_eq!(
            written(&result)["layers"][0]["mapping"]["nest"],
            json!([
                "sram.weight",
                "sram.input",
                "registers.input",
                "sram.output",
                "registers.weight",
                "registers.output"
            ])
        );
    }
}
