//! The graph as one JSON object.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::object;
use crate::problem::Network;
use crate::problem::format::FORMAT;
use crate::problem::graph::{Graph, Operation, Pass, Tensor, Use};
use crate::problem::lifetime::{Lifetime, Uses};
use crate::report::detail::Detail;
use crate::report::graph::{GraphReport, bytes, persistent, work, work_of};
use crate::report::numbers::integer;

/// Writes the object.
pub(super) fn write(report: &GraphReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let GraphReport { graph, network } = *report;
    let tensors = graph
        .tensors
        .iter()
        .zip(graph.uses())
        .zip(graph.lifetimes());
    let tensors: Vec<Value> = tensors
        .map(|((t, uses), lifetime)| tensor(graph, t, &uses, lifetime))
        .collect();
    let operations = graph.operations.iter().zip(graph.live_bits());
    let operations: Vec<Value> = operations
        .map(|(o, live)| operation(graph, network, o, bytes(live)))
        .collect();
    let value = json!({
        "format": FORMAT,
        "deepmatrix": env!("CARGO_PKG_VERSION"),
        "network": graph.network,
        "mode": graph.mode.name(),
        "batch": graph.batch,
        "tensors": tensors,
        "operations": operations,
        "total": total(graph),
    });
    object::write(&value, out)
}

fn tensor(graph: &Graph, tensor: &Tensor, uses: &Uses, lifetime: Option<Lifetime>) -> Value {
    let name = |index: Option<usize>| index.map(|index| graph.operations[index].name.as_str());
    let views = tensor.views.iter().map(|&of| &graph.tensors[of].name);
    json!({
        "name": tensor.name,
        "kind": tensor.kind.name(),
        "shape": tensor.shape,
        "bits_per_element": tensor.bits_per_element,
        "bytes": integer(bytes(tensor.bits())),
        "produced_by": name(uses.produced_by),
        "last_used_by": name(uses.last_used_by),
        "persistent": tensor.kind.is_persistent(),
        "views": views.collect::<Vec<_>>(),
        "lifetime": lifetime.map(|Lifetime { first, last }| [first, last]),
    })
}

fn operation(graph: &Graph, network: &Network, operation: &Operation, live_bytes: u128) -> Value {
    let uses = |uses: &[Use]| -> Vec<Value> {
        let named = uses.iter().map(|Use { tensor, role }| {
            json!({"tensor": graph.tensors[*tensor].name, "role": role.name()})
        });
        named.collect()
    };
    json!({
        "name": operation.name,
        "layer": operation.layer.map(|layer| network.layers[layer].name.as_str()),
        "op": operation.op,
        "pass": operation.pass.name(),
        "reads": uses(&operation.reads),
        "writes": uses(&operation.writes),
        "macs": integer(operation.kind.macs()),
        "box_macs": integer(operation.kind.box_macs()),
        "vector_operations": integer(operation.kind.vector_operations()),
        "fused_into": operation.fused_into.map(|into| graph.operations[into].name.as_str()),
        "live_bytes": integer(live_bytes),
    })
}

fn total(graph: &Graph) -> Value {
    let all = work(graph.operations.iter());
    let peak = graph.peak();
    let macs = Pass::ALL.map(|pass| (pass.name().to_owned(), integer(work_of(graph, pass).macs)));
    json!({
        "operations": all.operations,
        "tensors": graph.tensors.len(),
        "macs": integer(all.macs),
        "macs_of_passes": Value::Object(macs.into_iter().collect()),
        "vector_operations": integer(all.vector_operations),
        "persistent_bytes": integer(bytes(persistent(graph))),
        "peak_bytes": peak.map(|(_, bits)| integer(bytes(bits))),
        "peak_at": peak.map(|(at, _)| graph.operations[at].name.as_str()),
    })
}
