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
    /// nearest node above that cuts the dimension.
    cut: PerDim<usize>,
    /// The same for the position just above this node.
    cut_above: PerDim<usize>,
}

/// A mapping as nodes in the order in which reuse sees them.
#[derive(Debug)]
pub struct Nest<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The nodes; last a virtual one of the compute level for every operand that each step reads anew.
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
        let mut nodes = real_nodes(operation, mapping, &mut pieces);
        let roles = Role::ALL.map(|role| (role, is_read_every_step(hardware, mapping, role)));
        let mut virtual_nodes = Vec::new();
        if roles.iter().any(|r| r.1) {
            virtual_nodes = compute_nodes(compute, &spread, &mut pieces).to_vec();
            virtual_nodes.retain(|placed| roles[placed.node.role as usize].1);
        }
        nodes.append(&mut virtual_nodes);
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

    /// The innermost pieces of `d`, on which elements work at the same time: those of a step where
    /// some operand is read anew in each, else those of the elements' own memories.
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

/// Whether every step reads the operand anew from the memory that keeps it innermost: the
/// elements have no memory of their own that keeps it until the next step.
#[must_use]
pub fn is_read_every_step(hardware: &Hardware, mapping: &Mapping, role: Role) -> bool {
    let level = hardware.levels.len() - 1;
    !(hardware.has_memory_below_arrays() && mapping.keeps(Node { level, role }))
}

/// The nodes of the mapping, each of which cuts the dimensions relevant to it, and below it the
/// others in which it has a cut of its own.
fn real_nodes(
    operation: &LoopNest,
    mapping: &Mapping,
    pieces: &mut PerDim<Vec<Pieces>>,
) -> Vec<PlacedNode> {
    let listed = super::reuse::normalised(operation, mapping);
    let place = |listed: Listed| {
        let cut_above = innermost(pieces);
        for d in operation.relevant[listed.node.role as usize].iter() {
            cut_once_more(pieces, d, listed.wide[d]);
        }
        let cut = innermost(pieces);
        for &(d, wide) in &listed.below {
            cut_once_more(pieces, d, wide);
        }
        PlacedNode {
            node: listed.node,
            extents: listed.extents,
            cut,
            cut_above,
        }
    };
    listed.into_iter().map(place).collect()
}

/// For each dimension the index of its innermost cut so far.
fn innermost(pieces: &PerDim<Vec<Pieces>>) -> PerDim<usize> {
    PerDim(pieces.0.each_ref().map(|own| own.len() - 1))
}

fn cut_once_more(pieces: &mut PerDim<Vec<Pieces>>, d: Dim, extent: u64) {
    if let Some(next) = pieces[d].last().map(|p| p.cut(extent)) {
        pieces[d].push(next);
    }
}

/// The virtual nodes of the compute level: every step reads its array tile anew, so each
/// is visited once for every array tile of every dimension.
fn compute_nodes(
    level: usize,
    spread: &PerDim<u64>,
    pieces: &mut PerDim<Vec<Pieces>>,
) -> [PlacedNode; 3] {
    for d in Dim::ALL {
        if let Some(next) = pieces[d].last().map(|p| p.cut(spread[d])) {
            pieces[d].push(next);
        }
    }
    let cut = PerDim(std::array::from_fn(|i| pieces.0[i].len() - 1));
    Role::ALL.map(|role| PlacedNode {
        node: Node { level, role },
        extents: PerDim::all(1),
        cut,
        cut_above: cut,
    })
}
