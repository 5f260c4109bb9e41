//! Operations that may be computed again right before the first backward operation that reads
//! what they write.

use crate::problem::LayerKind;
use crate::problem::graph::{Graph, Operation, Pass};

use super::grouping::Grouped;

/// Copies of the cheap forward operations: those streamed, of which every tensor that a backward
/// operation reads is written again. Each with the place before which it stands.
pub(super) fn again(graph: &Graph, groups: &[Grouped]) -> Vec<(usize, Grouped)> {
    let forward = |group: &&Grouped| {
        let operation = &graph.operations[group.leader];
        operation.pass == Pass::Forward && streams(operation)
    };
    let mut copies = Vec::new();
    for group in groups.iter().filter(forward) {
        let Some(copy) = copy(graph, group) else {
            continue;
        };
        let written: Vec<usize> = copy.writes.iter().map(|w| w.tensor).collect();
        let reads = |other: &Grouped| {
            let pass = graph.operations[other.leader].pass;
            pass != Pass::Forward && other.reads.iter().any(|r| written.contains(&r.tensor))
        };
        if let Some(before) = groups.iter().position(reads) {
            copies.push((before, copy));
        }
    }
    copies
}

fn streams(operation: &Operation) -> bool {
    matches!(operation.kind, LayerKind::Stream(_))
}

/// The operation without what persists, which is not written twice.
fn copy(graph: &Graph, group: &Grouped) -> Option<Grouped> {
    let persists = |tensor: usize| graph.tensors[tensor].kind.is_persistent();
    let rewritten = |tensor: usize| group.writes.iter().any(|w| w.tensor == tensor);
    let mut own = group.clone();
    own.reads
        .retain(|r| !(persists(r.tensor) && rewritten(r.tensor)));
    own.writes.retain(|w| !persists(w.tensor));
    own.optional = true;
    let in_place = own.reads.iter().any(|r| rewritten(r.tensor));
    (!own.writes.is_empty() && !in_place).then_some(own)
}
