//! What a local search needs to know of the space beforehand.

use crate::problem::{Dim, Fixed, Hardware, LoopNest, Mapping, Node, Role, Tiles};
use crate::tiling::factors::divisors;

/// The space in which a local search moves.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// What is fixed of every mapping.
    pub fixed: &'a [Fixed],
    /// Whether tiles and spatial factors divide their dimensions.
    pub divides: bool,
    /// The dimensions with more than one index.
    pub(super) dims: Vec<Dim>,
    /// The divisors of each dimension.
    divisors: [Vec<u64>; Dim::COUNT],
    /// The dimensions along which sliding can save rows.
    pub(super) slides: Vec<Dim>,
}

impl<'a> Ground<'a> {
    /// The space of all mappings, or of those whose tiles divide their dimensions, that keep to what
    /// is fixed.
    #[must_use]
    pub fn new(
        operation: &'a LoopNest,
        hardware: &'a Hardware,
        fixed: &'a [Fixed],
        divides: bool,
    ) -> Self {
        let dims = Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1);
        let overlapping = LoopNest::WINDOW_DIMS
            .into_iter()
            .filter(|&(p, r)| operation.extents[p] > 1 && operation.extents[r] > 1);
        Self {
            operation,
            hardware,
            fixed,
            divides,
            dims: dims.collect(),
            divisors: Dim::ALL.map(|d| divisors(operation.extents[d])),
            slides: overlapping.map(|(p, _)| p).collect(),
        }
    }

    /// The extent of a dimension.
    pub(super) fn extent(&self, d: Dim) -> u64 {
        self.operation.extents[d]
    }

    /// The divisors of a dimension, in increasing order.
    pub(super) fn divisors(&self, d: Dim) -> &[u64] {
        &self.divisors[d as usize]
    }

    /// Whether an operand depends on a dimension.
    pub(super) fn is_relevant(&self, role: Role, d: Dim) -> bool {
        self.operation.is_relevant(role, d)
    }

    /// Whether the memory at a level has one tile for all operands.
    pub(super) fn is_shared(&self, level: usize) -> bool {
        let memory = self.hardware.memory(level);
        memory.is_some_and(|memory| memory.tiles == Tiles::Shared)
    }

    /// Whether a node may be left out.
    pub(super) fn may_go_around(&self, node: Node) -> bool {
        let memory = self.hardware.memory(node.level);
        memory.is_some_and(|memory| memory.may_bypass(node.role))
    }
}

/// The nodes of a mapping by their places, from the outermost slot of every dimension in: by memories,
/// and within one in the order in which they stand.
pub(super) fn slots(mapping: &Mapping) -> Vec<usize> {
    let mut slots: Vec<usize> = (0..mapping.order.len()).collect();
    slots.sort_by_key(|&i| mapping.order[i].level);
    slots
}
