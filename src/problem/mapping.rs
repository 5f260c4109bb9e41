//! A mapping of one loop nest (problem definition, section 3).

use serde::{Deserialize, Serialize};

use super::dim::{Dim, PerDim};

use super::operation::LoopNest;

use super::role::Role;

/// A storage node: from here on, memory `level` keeps the tile of `role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Node {
    /// Index of the memory in [`super::Hardware::levels`].
    pub level: usize,
    /// The operand.
    pub role: Role,
}

/// The spatial loops of one array: for each axis the factor of each dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct ArrayMapping {
    /// Index of the array in [`super::Hardware::levels`].
    pub level: usize,
    /// For each axis the number of elements over which each dimension is spread.
    pub axes: Vec<PerDim<u64>>,
}

/// A mapping: storage nodes in the order in which their tiles change, with their extents,
/// the spatial loops, and the dimension along which each memory slides.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Mapping {
    /// The nodes of all memories but the outermost, the one whose tile changes least often first.
    /// An operand without a node in a memory goes around it.
    /// Each operand's own nodes stand from the outermost memory in. A node of an inner memory
    /// stands above one of an outer memory where its tile is kept while that one changes
    /// (deep reuse); no loop of a dimension relevant to it may then have more than one trip between them.
    pub order: Vec<Node>,
    /// For each node of `order` its tile extents per element. In a dimension irrelevant to its
    /// operand 1 says nothing, and a larger extent is a cut of its own: the loop over its pieces
    /// stands directly below the node, which it leaves alone, and above all later ones.
    pub extents: Vec<PerDim<u64>>,
    /// The spatial loops of each array, outermost array first.
    pub spatial: Vec<ArrayMapping>,
    /// The memories that slide, with the dimension (P, Q or Z).
    pub slides: Vec<(usize, Dim)>,
    /// In memories whose overlap is chosen, the nodes whose transfers are overlapped, at twice
    /// the space if more than one tile is loaded; in order.
    pub double_buffered: Vec<Node>,
}

impl Mapping {
    /// The extents of a node.
    #[must_use]
    pub fn extents_of(&self, node: Node) -> Option<&PerDim<u64>> {
        let position = self.order.iter().position(|&n| n == node)?;
        self.extents.get(position)
    }

    /// Whether node number `index` of the order cuts `d`: its operand has the dimension, or the
    /// node has a cut of its own.
    #[must_use]
    pub fn cuts(&self, operation: &LoopNest, index: usize, d: Dim) -> bool {
        operation.is_relevant(self.order[index].role, d) || self.extents[index][d] > 1
    }

    /// The number of elements over which `d` is spread by all arrays above `level`.
    #[must_use]
    pub fn spread_above(&self, level: usize, d: Dim) -> u64 {
        self.spatial
            .iter()
            .filter(|a| a.level < level)
            .flat_map(|a| a.axes.iter())
            .map(|axis| axis[d])
            .product()
    }

    /// Whether the memory of `node` keeps its operand.
    #[must_use]
    pub fn keeps(&self, node: Node) -> bool {
        self.order.contains(&node)
    }

    /// The level of the memory that fills `node`: the nearest one further out that keeps its
    /// operand, else the outermost. The compute level counts as further in than any memory.
    #[must_use]
    pub fn parent(&self, node: Node) -> usize {
        self.order
            .iter()
            .filter(|n| n.role == node.role && n.level < node.level)
            .map(|n| n.level)
            .max()
            .unwrap_or(0)
    }

    /// Whether no array between the memory at `level` and the one that fills it with the input
    /// spreads `d` or the taps of its window: elements that share taps need a row at different steps.
    #[must_use]
    pub fn may_slide_inside(&self, level: usize, d: Dim) -> bool {
        let role = Role::Input;
        let parent = self.parent(Node { level, role });
        let own = |d| self.spread_above(level, d) == self.spread_above(parent, d);
        LoopNest::window_of(d).is_some_and(|axis| {
            let (outputs, taps) = LoopNest::WINDOW_DIMS[axis];
            own(outputs) && own(taps)
        })
    }

    /// The dimension along which the memory at `level` slides.
    #[must_use]
    pub fn slide(&self, level: usize) -> Option<Dim> {
        self.slides.iter().find(|s| s.0 == level).map(|s| s.1)
    }
}
