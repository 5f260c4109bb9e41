//! A row of a result as JSON: a layer, or a phase of one.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{bounds, certificate};
use crate::problem::result::Tie;
use crate::problem::{Bits, Hardware, LayerRow, PhaseIndex, PhaseRow, Role, Work};
use crate::report::dataflow::dataflows;
use crate::report::mapping::{self, MappingDocument};
use crate::report::numbers::{decimal, integer, or_null, seconds};

/// Values by the name of a memory or operand, in the order in which they are printed.
type Named = Map<String, Value>;
/// One row; numbers that need a mapping are null where there is none.
#[derive(Serialize)]
pub(super) struct LayerDocument<'a> {
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
    pub(super) planned_cycles: Option<Value>,
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
    pub(super) onnx: Option<Value>,
}

#[derive(Serialize)]
struct SolverDocument {
    seconds: Value,
    milps: u64,
    nodes: u64,
    cuts: u64,
}

/// How ties were broken, and whether that is proved.
fn tie(tie: &Tie) -> Value {
    let names: Vec<&str> = tie.broken_by.iter().map(|m| m.name()).collect();
    serde_json::json!({"broken_by": names.join(","), "proved": tie.is_proved()})
}

/// The row; `tensors` are the roles of activation side, kernel and result side.
pub(super) fn layer<'a>(
    row: &'a LayerRow,
    tensors: [Role; 3],
    hardware: &'a Hardware,
) -> LayerDocument<'a> {
    let cost = row.cost.as_ref();
    LayerDocument {
        name: &row.name,
        op: &row.op,
        phase: None,
        pass: row.pass.name(),
        status: row.status().name(),
        proof: row.proof().name(),
        certificate: certificate::document(&row.certificate),
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
