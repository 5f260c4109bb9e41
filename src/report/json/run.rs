//! A run as one JSON object; its keys and their order are part of the interface.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::layer::{LayerDocument, layer};
use super::space::{SpaceDocument, space};
use super::total::{TotalDocument, total, total_layers};
use super::{object, plan};
use crate::problem::format::FORMAT;
use crate::problem::{LayerRow, OnnxNode, RunResult};
use crate::report::detail::Detail;
use crate::report::numbers::integer;

/// Writes the object.
pub(super) fn write(result: &RunResult, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    object::write(&Document::of(result), out)
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
                .map(|row| {
                    let mut own = layer(row, row.tensor_roles(), &result.hardware);
                    own.onnx = result.origins.get(&row.name).map(onnx);
                    own.planned_cycles = planned_cycles(result, row);
                    own
                })
                .collect(),
            total: total(result),
            total_layers: (result.memory_plan.is_some()).then(|| total_layers(result)),
            notes: &result.notes,
            memory_plan: result.memory_plan.as_ref().map(plan::document),
        }
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
fn planned_cycles(result: &RunResult, row: &LayerRow) -> Option<Value> {
    result.memory_plan.as_ref()?;
    result.cycles_of(row).map(integer)
}
#[cfg(test)]
mod tests {
    use super::super::super::testing::{run, unknown_row};
    use super::*;
    use serde_json::json;

    fn written(result: &RunResult) -> Value {
        let mut text = Vec::new();
        write(result, Detail::default(), &mut text).expect("a vector can be written");
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
