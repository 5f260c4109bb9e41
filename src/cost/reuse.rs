//! Reuse read off the nest by scanning outwards (problem definition, section 3, "Reuse").
//!
//! Directly above each node stand the loops of the dimensions relevant to it. A node without
//! such loops looks at the loops above the next node out: those irrelevant to it can be
//! innermost there, so its tile stays. Moving the node above that one says the same thing,
//! and is repeated until nothing moves; afterwards a node is visited once per tile of the
//! nearest node above it that the dimension is relevant to.

use crate::problem::{Dim, LoopNest, Mapping, Node, PerDim, Role};

/// A node with the extents of its tile.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The node.
    pub node: Node,
    /// Extents of one element's tile.
    pub extents: PerDim<u64>,
    /// Extents over all elements, no larger than the tiles of outer memories.
    pub wide: PerDim<u64>,
}

/// The nodes of a mapping in the order in which reuse sees them, with their extents.
#[must_use]
pub fn normalised(operation: &LoopNest, mapping: &Mapping) -> Vec<Listed> {
    let mut nodes = listed(operation, mapping);
    while let Some((from, to)) = find_move(operation, mapping, &nodes) {
        let moved = nodes.remove(from);
        nodes.insert(to, moved);
    }
    nodes
}

/// The nodes in the mapping's own order, with their array-wide extents.
#[must_use]
pub fn listed(operation: &LoopNest, mapping: &Mapping) -> Vec<Listed> {
    let own = |i: usize, d: Dim| {
        let spread = mapping.spread_above(mapping.order[i].level, d);
        mapping.extents[i][d].saturating_mul(spread)
    };
    let is_outer = |j: usize, i: usize| mapping.order[j].level < mapping.order[i].level;
    (0..mapping.order.len())
        .map(|i| {
            let mut wide = PerDim::all(1);
            for d in Dim::ALL {
                wide[d] = (0..mapping.order.len())
                    .filter(|&j| is_outer(j, i) && operation.is_relevant(mapping.order[j].role, d))
                    .map(|j| own(j, d))
                    .fold(own(i, d).min(operation.extents[d]), u64::min);
            }
            Listed {
                node: mapping.order[i],
                extents: mapping.extents[i],
                wide,
            }
        })
        .collect()
}

/// The first node that can keep its tile while loops above an earlier node run: (from, to).
fn find_move(operation: &LoopNest, mapping: &Mapping, nodes: &[Listed]) -> Option<(usize, usize)> {
    (1..nodes.len()).find_map(|i| {
        if !loops_above(operation, nodes, i).is_empty() {
            return None;
        }
        let role = nodes[i].node.role;
        let j = (0..i)
            .rev()
            .find(|&j| !loops_above(operation, nodes, j).is_empty())?;
        let same_operand_between = nodes[j..i].iter().any(|n| n.node.role == role);
        let loops = loops_above(operation, nodes, j);
        let gains = loops.iter().any(|&d| !operation.is_relevant(role, d));
        let blocked = sliding_loop(operation, mapping, nodes, j)
            .is_some_and(|d| loops.contains(&d) && operation.is_relevant(role, d));
        (!same_operand_between && gains && !blocked).then_some((i, j))
    })
}

/// The dimensions whose loop directly above node `i` has more than one trip.
fn loops_above(operation: &LoopNest, nodes: &[Listed], i: usize) -> Vec<Dim> {
    operation.relevant[nodes[i].node.role as usize]
        .iter()
        .filter(|&d| {
            let outer = (0..i)
                .filter(|&j| operation.is_relevant(nodes[j].node.role, d))
                .map(|j| nodes[j].wide[d])
                .fold(operation.extents[d], u64::min);
            nodes[i].wide[d] < outer
        })
        .collect()
}

/// The dimension along which the node slides, if it does: the kernel dimension must be whole in the tile.
fn sliding_loop(
    operation: &LoopNest,
    mapping: &Mapping,
    nodes: &[Listed],
    i: usize,
) -> Option<Dim> {
    let node = nodes[i].node;
    if node.role != Role::Input {
        return None;
    }
    let slide = mapping.slide(node.level)?;
    let (_, kernel) = LoopNest::WINDOW_DIMS[LoopNest::window_of(slide)?];
    (nodes[i].wide[kernel] >= operation.extents[kernel]).then_some(slide)
}
