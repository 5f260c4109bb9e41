//! The nest that a mapping describes: nodes in reuse order, and the pieces of every dimension there.

use crate::problem::{Dim, Hardware, LoopNest, Mapping, Node, PerDim, Role};

use super::chain::Pieces;
use super::reuse::Listed;

/// A node with its array-wide extents and, for every dimension, the pieces it sees.
#[derive(Clone, Debug)]
pub struct PlacedNode {
    /// The node.
    pub node: Node,
    /// Tile extents of one element.
    pub extents: PerDim<u64>,
    /// For each dimension the index into [`Nest::pieces`] of the cut at this node, or at the
    /// nearest node above that is relevant to the dimension.
    cut: PerDim<usize>,
    /// The same for the position just above this node.
    cut_above: PerDim<usize>,
}

/// A mapping as nodes in the order in which reuse sees them.
#[derive(Debug)]
pub struct Nest<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The nodes, with three virtual ones of the compute level last where no memory lies below the arrays.
    pub nodes: Vec<PlacedNode>,
    /// For each dimension its nested cuts from the whole dimension in.
    pieces: PerDim<Vec<Pieces>>,
    /// For each dimension the number of elements of all arrays together.
    pub spread: PerDim<u64>,
}

impl<'a> Nest<'a> {
    /// Builds the nest of a valid mapping.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &Hardware, mapping: &Mapping) -> Self {
        let compute = hardware.levels.len();
        let mut spread = PerDim::all(1);
        for d in Dim::ALL {
            spread[d] = mapping.spread_above(compute, d);
        }
        let mut pieces = PerDim(operation.extents.0.map(|e| vec![Pieces::whole(e)]));
        let mut nodes = Vec::new();
        for Listed {
            node,
            extents,
            wide,
        } in super::reuse::normalised(operation, mapping)
        {
            let cut_above = innermost_index(&pieces);
            for d in operation.relevant[node.role as usize].iter() {
                push_cut(&mut pieces[d], wide[d]);
            }
            nodes.push(PlacedNode {
                node,
                extents,
                cut: innermost_index(&pieces),
                cut_above,
            });
        }
        if !hardware.has_memory_below_arrays() {
            // Nothing is kept over time: every step is a visit in every dimension, for each operand.
            for d in Dim::ALL {
                push_cut(&mut pieces[d], spread[d]);
            }
            let cut = innermost_index(&pieces);
            nodes.extend(Role::ALL.map(|role| PlacedNode {
                node: Node {
                    level: compute,
                    role,
                },
                extents: PerDim::all(1),
                cut,
                cut_above: cut,
            }));
        }
        Self {
            operation,
            nodes,
            pieces,
            spread,
        }
    }

    /// The pieces of `d` at a node.
    #[must_use]
    pub fn at(&self, placed: &PlacedNode, d: Dim) -> &Pieces {
        &self.pieces[d][placed.cut[d]]
    }

    /// The pieces of `d` just above a node.
    #[must_use]
    pub fn above(&self, placed: &PlacedNode, d: Dim) -> &Pieces {
        &self.pieces[d][placed.cut_above[d]]
    }

    /// The innermost pieces of `d`.
    #[must_use]
    pub fn innermost(&self, d: Dim) -> &Pieces {
        &self.pieces[d][self.pieces[d].len() - 1]
    }

    /// Visits of the node's tile along the dimensions irrelevant to it: the product of the
    /// numbers of tiles at the nearest node above that each dimension is relevant to.
    #[must_use]
    pub fn visits(&self, placed: &PlacedNode) -> u128 {
        Dim::ALL
            .into_iter()
            .filter(|&d| !self.operation.is_relevant(placed.node.role, d))
            .map(|d| self.above(placed, d).count())
            .product()
    }

    /// Tiles of the node's operand, counted once each.
    #[must_use]
    pub fn tiles(&self, placed: &PlacedNode) -> u128 {
        self.operation.relevant[placed.node.role as usize]
            .iter()
            .map(|d| self.at(placed, d).count())
            .product()
    }

    /// Steps of the busiest element.
    #[must_use]
    pub fn steps(&self) -> u128 {
        Dim::ALL
            .into_iter()
            .map(|d| self.innermost(d).share_sum(self.spread[d]))
            .product()
    }
}

/// Cuts the innermost pieces of a dimension once more.
fn push_cut(pieces: &mut Vec<Pieces>, extent: u64) {
    if let Some(next) = pieces.last().map(|p| p.cut(extent)) {
        pieces.push(next);
    }
}

/// For each dimension the index of its innermost pieces so far.
fn innermost_index(pieces: &PerDim<Vec<Pieces>>) -> PerDim<usize> {
    PerDim(std::array::from_fn(|i| pieces.0[i].len() - 1))
}
