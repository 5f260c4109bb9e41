//! Reuse read off the nest by scanning outwards (problem definition, section 3, "Reuse").
//!
//! Directly above each node stand the loops of the dimensions relevant to it. A node without
//! such loops looks at the loops above the next node out: those irrelevant to it can be
//! innermost there, so its tile stays. Moving the node above that one says the same thing,
//! and is repeated until nothing moves; afterwards a node is visited once per tile of the
//! nearest node above it that the dimension is relevant to.
//!
//! So does a node that slides: the loop that it slides along may be innermost above the node that
//! it meets, and stands directly above the sliding one afterwards.
//!
//! The loop of a cut that a node has in a dimension irrelevant to it stands directly below it, and
//! stays there when the node moves. It is relevant to every node of another operand, so it ends
//! the reuse of those below.

use smallvec::SmallVec;

use crate::problem::{Dim, LoopNest, Mapping, Node, PerDim, Role};

/// A node with the extents of its tile.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The node.
    pub node: Node,
    /// Extents of one element's tile.
    pub extents: PerDim<u64>,
    /// Extents over all elements, no larger than the tiles of outer memories.
    pub wide: PerDim<u64>,
    /// Loops that stand directly below it: dimensions irrelevant to it, with array-wide extents.
    pub below: SmallVec<[(Dim, u64); 2]>,
}

/// The nodes of a mapping in the order in which reuse sees them, with their extents.
#[must_use]
pub fn normalised(operation: &LoopNest, mapping: &Mapping) -> Vec<Listed> {
    let mut nodes = listed(operation, mapping);
    while let Some((from, to)) = find_move(operation, mapping, &nodes) {
        let mut moved = nodes.remove(from);
        if from > to {
            nodes[from - 1].below.append(&mut moved.below);
        }
        if let Some(outer) = to.checked_sub(1).map(|i| &mut nodes[i]) {
            // It moves above those of the loops there that are irrelevant to it.
            let relevant = |b: &(Dim, u64)| operation.is_relevant(moved.node.role, b.0);
            let (stay, pass) = outer.below.iter().copied().partition(relevant);
            outer.below = stay;
            moved.below.extend::<SmallVec<[(Dim, u64); 2]>>(pass);
        }
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
    let wide = |i: usize| {
        PerDim(Dim::ALL.map(|d| {
            (0..mapping.order.len())
                .filter(|&j| is_outer(j, i) && mapping.cuts(operation, j, d))
                .map(|j| own(j, d))
                .fold(own(i, d).min(operation.extents[d]), u64::min)
        }))
    };
    let all: Vec<PerDim<u64>> = (0..mapping.order.len()).map(wide).collect();
    let relevant = |i: usize, d: Dim| operation.is_relevant(mapping.order[i].role, d);
    let below = |i: usize, d: Dim| {
        // A cut that the next node makes anyway is that node's.
        let next = || (i + 1..all.len()).find(|&j| relevant(j, d));
        let own = mapping.extents[i][d] > 1 && !relevant(i, d);
        own && next().is_none_or(|j| all[j][d] != all[i][d])
    };
    (0..all.len())
        .map(|i| Listed {
            node: mapping.order[i],
            extents: mapping.extents[i],
            wide: all[i],
            below: (Dim::ALL.into_iter())
                .filter(|&d| below(i, d))
                .map(|d| (d, all[i][d]))
                .collect(),
        })
        .collect()
}

/// The first node that can keep its tile while loops above an earlier node, or below one, run, or
/// that slides along the loop that it meets there: (from, to).
fn find_move(operation: &LoopNest, mapping: &Mapping, nodes: &[Listed]) -> Option<(usize, usize)> {
    (1..nodes.len()).find_map(|i| {
        if !loops_above(operation, nodes, i).is_empty() {
            return None;
        }
        let role = nodes[i].node.role;
        let all_loops = |j: usize| -> Vec<Dim> {
            let mut own = loops_above(operation, nodes, j);
            own.append(&mut loops_below(operation, nodes, j));
            own
        };
        let (j, loops) = (0..=i)
            .rev()
            .map(|j| (j, all_loops(j)))
            .find(|(_, loops)| !loops.is_empty())?;
        let same_operand_between = nodes[j..i].iter().any(|n| n.node.role == role);
        let slides = !is_below_registers(mapping, nodes, (j, i))
            && sliding_loop(operation, mapping, nodes, i)
                .is_some_and(|d| loops_above(operation, nodes, j).contains(&d));
        let gains = slides || loops.iter().any(|&d| !operation.is_relevant(role, d));
        let blocked = sliding_loop(operation, mapping, nodes, j)
            .is_some_and(|d| loops.contains(&d) && operation.is_relevant(role, d));
        (!same_operand_between && gains && !blocked).then_some((i, j))
    })
}

/// Whether a node of the output in a memory below an array further in stands above node `i`, at `j`
/// or below: it ends the sliding of the input's.
fn is_below_registers(mapping: &Mapping, nodes: &[Listed], (j, i): (usize, usize)) -> bool {
    let own = nodes[i].node.level;
    nodes[j..i].iter().any(|n| {
        let between = |array: usize| own < array && array < n.node.level;
        n.node.role == Role::Output && mapping.spatial.iter().any(|a| between(a.level))
    })
}

/// The dimensions whose loop directly above node `i` has more than one trip.
fn loops_above(operation: &LoopNest, nodes: &[Listed], i: usize) -> Vec<Dim> {
    operation.relevant[nodes[i].node.role as usize]
        .iter()
        .filter(|&d| nodes[i].wide[d] < extent_above(operation, nodes, i, d))
        .collect()
}

/// The extent of `d` within all loops above node `i`.
fn extent_above(operation: &LoopNest, nodes: &[Listed], i: usize, d: Dim) -> u64 {
    let mut extent = operation.extents[d];
    for node in &nodes[..i] {
        if operation.is_relevant(node.node.role, d) {
            extent = extent.min(node.wide[d]);
        }
        for below in node.below.iter().filter(|b| b.0 == d) {
            extent = extent.min(below.1);
        }
    }
    extent
}

/// The dimensions whose loop directly below the node before node `i` has more than one trip.
fn loops_below(operation: &LoopNest, nodes: &[Listed], i: usize) -> Vec<Dim> {
    let before = i.checked_sub(1).map(|j| &nodes[j]);
    let Some(before) = before.filter(|n| !n.below.is_empty()) else {
        return Vec::new();
    };
    let more_than_one = |&&(d, wide): &&(Dim, u64)| {
        let own = if operation.is_relevant(before.node.role, d) {
            before.wide[d]
        } else {
            u64::MAX
        };
        wide < own.min(extent_above(operation, nodes, i - 1, d))
    };
    let below = before.below.iter().filter(more_than_one);
    below.map(|b| b.0).collect()
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
