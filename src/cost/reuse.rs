//! Reuse read off the nest by scanning outwards (problem definition, section 3, "Reuse").
//!
//! Directly above each node stand the loops of the dimensions relevant to it. A node without
//! such loops looks at the loops above the next node out: those irrelevant to it can be
//! innermost there, so its tile stays. Moving the node above that one says the same thing,
//! and is repeated until nothing moves; afterwards a node is visited once per tile of the
//! nearest node above it that the dimension is relevant to.

use crate::problem::{Dim, LoopNest, Mapping, Node, PerDim, Role};

type Listed = (Node, PerDim<u64>);

/// The nodes of a mapping in the order in which reuse sees them, with their extents.
#[must_use]
pub fn normalised(operation: &LoopNest, mapping: &Mapping) -> Vec<Listed> {
    let mut nodes: Vec<Listed> = mapping
        .order
        .iter()
        .copied()
        .zip(mapping.extents.iter().copied())
        .collect();
    while let Some((from, to)) = find_move(operation, mapping, &nodes) {
        let moved = nodes.remove(from);
        nodes.insert(to, moved);
    }
    nodes
}

/// The first node that can keep its tile while loops above an earlier node run: (from, to).
fn find_move(operation: &LoopNest, mapping: &Mapping, nodes: &[Listed]) -> Option<(usize, usize)> {
    (1..nodes.len()).find_map(|i| {
        if !loops_above(operation, mapping, nodes, i).is_empty() {
            return None;
        }
        let role = nodes[i].0.role;
        let j = (0..i)
            .rev()
            .find(|&j| !loops_above(operation, mapping, nodes, j).is_empty())?;
        let same_operand_between = nodes[j..i].iter().any(|n| n.0.role == role);
        let loops = loops_above(operation, mapping, nodes, j);
        let gains = loops.iter().any(|&d| !operation.is_relevant(role, d));
        let blocked = sliding_loop(operation, mapping, nodes, j)
            .is_some_and(|d| loops.contains(&d) && operation.is_relevant(role, d));
        (!same_operand_between && gains && !blocked).then_some((i, j))
    })
}

/// The dimensions whose loop directly above node `i` has more than one trip.
fn loops_above(operation: &LoopNest, mapping: &Mapping, nodes: &[Listed], i: usize) -> Vec<Dim> {
    operation.relevant[nodes[i].0.role as usize]
        .iter()
        .filter(|&d| {
            let outer = (0..i)
                .filter(|&j| operation.is_relevant(nodes[j].0.role, d))
                .map(|j| wide(mapping, &nodes[j], d))
                .fold(operation.extents[d], u64::min);
            wide(mapping, &nodes[i], d) < outer
        })
        .collect()
}

/// The array-wide extent of a node.
fn wide(mapping: &Mapping, (node, extents): &Listed, d: Dim) -> u64 {
    extents[d].saturating_mul(mapping.spread_above(node.level, d))
}

/// The dimension along which the node slides, if it does: the kernel dimension must be whole in the tile.
fn sliding_loop(
    operation: &LoopNest,
    mapping: &Mapping,
    nodes: &[Listed],
    i: usize,
) -> Option<Dim> {
    let node = nodes[i].0;
    if node.role != Role::Input {
        return None;
    }
    let slide = mapping.slide(node.level)?;
    let (_, kernel) = LoopNest::WINDOW_DIMS[LoopNest::window_of(slide)?];
    (wide(mapping, &nodes[i], kernel) >= operation.extents[kernel]).then_some(slide)
}
