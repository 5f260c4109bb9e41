//! The operations of a step that move bytes, each with those that are fused into it.

use crate::problem::graph::{Graph, TensorKind, Use};
use crate::problem::{LayerKind, Role};

/// A tensor that an operation reads or writes, with the operand that it is; `None` beside the
/// loop nest, as a mask or a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) tensor: usize,
    pub(super) role: Option<Role>,
}

/// An operation with those that are fused into it.
#[derive(Clone, Debug)]
pub(super) struct Grouped {
    /// Index in the graph.
    pub(super) leader: usize,
    pub(super) reads: Vec<Touch>,
    pub(super) writes: Vec<Touch>,
    pub(super) optional: bool,
}

/// The operations that move bytes, in order, each with those fused into it.
pub(super) fn groups(graph: &Graph, own_bytes: &[bool]) -> Vec<Grouped> {
    let mut groups = Vec::new();
    for (leader, operation) in graph.operations.iter().enumerate() {
        if operation.fused_into.is_some() || operation.kind == LayerKind::View {
            continue;
        }
        let mut group = Grouped {
            leader,
            reads: Vec::new(),
            writes: Vec::new(),
            optional: false,
        };
        enter(
            graph,
            own_bytes,
            &operation.reads,
            Some(true),
            &mut group.reads,
        );
        enter(
            graph,
            own_bytes,
            &operation.writes,
            Some(true),
            &mut group.writes,
        );
        for fused in graph
            .operations
            .iter()
            .filter(|o| o.fused_into == Some(leader))
        {
            // What takes the place of the leader's result is its output.
            let known = group.writes.iter().any(|w| w.role == Some(Role::Output));
            let output = if known { Some(false) } else { None };
            enter(
                graph,
                own_bytes,
                &fused.reads,
                Some(false),
                &mut group.reads,
            );
            enter(graph, own_bytes, &fused.writes, output, &mut group.writes);
        }
        let written: Vec<usize> = group.writes.iter().map(|w| w.tensor).collect();
        let fresh = |r: &Touch| r.role.is_some() || !written.contains(&r.tensor);
        group.reads.retain(fresh);
        groups.push(group);
    }
    groups
}

/// Adds the tensors of uses, those that have bytes of their own, once each.
///
/// `leads` tells whether they are operands of the loop nest; `None`: its result's successor is.
fn enter(
    graph: &Graph,
    own_bytes: &[bool],
    uses: &[Use],
    leads: Option<bool>,
    list: &mut Vec<Touch>,
) {
    for one in uses {
        for tensor in graph.storage(one.tensor) {
            let known = list.iter().any(|t| t.tensor == tensor);
            if own_bytes[tensor] && !known {
                // Masks and the like pass beside the loop nest's result.
                let saved = leads.is_none() && graph.tensors[tensor].kind == TensorKind::Saved;
                let role = (leads.unwrap_or(true) && !saved).then_some(one.role);
                list.push(Touch { tensor, role });
            }
        }
    }
}
