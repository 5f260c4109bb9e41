//! Limits of a step: the same ones for gradients, states and backward operations as for layers.

use std::collections::BTreeSet;

use crate::problem::graph::Graph;

use super::GraphError;

/// No tensor has more bits, nor all that live at once: 2^57 bytes, an address space of 57 bits.
const MOST_BITS: u128 = 1 << 60;
/// No operation has more multiply-accumulates.
const MOST_MACS: u128 = 1 << 62;

/// The graph, if it keeps to the limits and no name stands twice.
pub(super) fn check(graph: Graph) -> Result<Graph, GraphError> {
    if let Some(large) = graph.tensors.iter().find(|t| t.bits().0 >= MOST_BITS) {
        let tensor = large.name.clone();
        return Err(GraphError::TensorTooLarge { tensor });
    }
    let mut operations = graph.operations.iter();
    if let Some(large) = operations.find(|o| o.kind.box_macs() >= MOST_MACS) {
        let operation = large.name.clone();
        return Err(GraphError::OperationTooLarge { operation });
    }
    if let Some((at, bits)) = graph.peak()
        && bits.0 >= MOST_BITS
    {
        let operation = graph.operations[at].name.clone();
        return Err(GraphError::StepTooLarge { operation });
    }
    unique(graph.tensors.iter().map(|tensor| &tensor.name))?;
    unique(graph.operations.iter().map(|operation| &operation.name))?;
    Ok(graph)
}

fn unique<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), GraphError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let name = name.clone();
            return Err(GraphError::NameTaken { name });
        }
    }
    Ok(())
}
