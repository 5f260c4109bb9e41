//! The explicit loop nest of a mapping: its nodes in an order that reuses all it can, each with
//! the loops that stand directly above it.

use crate::problem::{Dim, Hardware, LoopNest, Mapping, Memory, Node, PerDim, Role};

use super::spread::{Block, Spread};

/// A temporal loop; its largest tile has more than one trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loop {
    /// Dimension.
    pub dim: Dim,
    /// Array-wide extent of a piece.
    pub piece: u64,
}

/// A storage node with the loops directly above it.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// The node.
    pub node: Node,
    /// Extents of its tile per element.
    pub extents: PerDim<u64>,
    /// Array-wide extents, meaningful in relevant dimensions only.
    pub wide: PerDim<u64>,
    /// Loops directly above it, outermost first.
    pub loops: Vec<Loop>,
    /// Cuts that are made directly below it, in dimensions of which some are irrelevant to it.
    cuts: Vec<Loop>,
    /// Those of them that are loops.
    pub below: Vec<Loop>,
}

/// A mapping made explicit.
pub(super) struct Plan<'a> {
    /// The operation.
    pub nest: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// The memories with their levels, outermost first.
    pub memories: Vec<(usize, &'a Memory)>,
    /// The spatial factors.
    pub spread: Spread,
    /// The nodes in the mapping's own order.
    pub stops: Vec<Stop>,
    /// Whether tiles are counted together where all that counts is their length: they are too many to
    /// be listed one by one.
    pub counts_together: bool,
    mapping: &'a Mapping,
}

impl<'a> Plan<'a> {
    /// Makes a mapping explicit whose structure has been checked.
    pub fn new(nest: &'a LoopNest, hardware: &'a Hardware, mapping: &'a Mapping) -> Self {
        let spread = Spread::new(hardware, mapping);
        let stops = own_order(nest, mapping, &spread);
        let mut plan = Self {
            nest,
            hardware,
            memories: hardware.memories().collect(),
            spread,
            stops: Vec::new(),
            counts_together: false,
            mapping,
        };
        plan.stops = plan.with_loops(stops);
        plan
    }

    /// The factor of a dimension on one axis of an array.
    pub fn spread_of(&self, level: usize, axis: usize, d: Dim) -> u64 {
        let own = self.mapping.spatial.iter().find(|own| own.level == level);
        own.map_or(1, |own| own.axes[axis][d])
    }

    /// The dimensions relevant to an operand.
    pub fn relevant(&self, role: Role) -> impl Iterator<Item = Dim> + use<> {
        self.nest.relevant[role as usize].iter()
    }

    /// The position of a level among the memories, outermost first.
    pub fn memory_index(&self, level: usize) -> usize {
        self.memories.iter().take_while(|m| m.0 < level).count()
    }

    /// The memory, as a position, that a step's transfers of an operand cross the port of: the
    /// innermost one that keeps it.
    pub fn innermost_keeper(&self, role: Role) -> usize {
        let level = usize::MAX;
        self.parent(Node { level, role })
    }

    /// The memory, as a position, that fills a node.
    pub fn parent(&self, node: Node) -> usize {
        let own = self.mapping.order.iter().filter(|n| n.role == node.role);
        let outer = own.map(|n| n.level).filter(|&l| l < node.level).max();
        self.memory_index(outer.unwrap_or(0))
    }

    /// Whether an operand is kept by a memory inside the elements, so that steps read it there.
    pub fn kept_inside(&self, role: Role) -> bool {
        let level = self.hardware.levels.len() - 1;
        self.hardware.has_memory_below_arrays()
            && self.mapping.order.contains(&Node { level, role })
    }

    /// Whether nothing of an operand crosses the outer boundary of a memory, given as a position:
    /// it lies there.
    pub fn lies_in(&self, memory: usize, role: Role) -> bool {
        super::structure::lies_in(self.nest, self.memories[memory].0, role)
    }

    /// Whether the mapping says that a node is double-buffered.
    pub fn is_double_buffered(&self, node: Node) -> bool {
        self.mapping.double_buffered.contains(&node)
    }

    /// The array-wide tile of one step where some operand is not kept inside the elements.
    pub fn step_tile(&self) -> Option<PerDim<u64>> {
        if Role::ALL.into_iter().all(|role| self.kept_inside(role)) {
            return None;
        }
        let mut tile = PerDim::all(1);
        for d in Dim::ALL {
            tile[d] = self.spread.product(usize::MAX, d);
        }
        Some(tile)
    }

    /// The part of a tile along a dimension that the elements work on at the same time.
    pub fn active(&self, d: Dim, tile: Block) -> Block {
        let step = self.step_tile().map(|t| t[d]);
        let own = self
            .stops
            .iter()
            .filter(|s| self.nest.is_relevant(s.node.role, d));
        let kept = own.map(|s| s.wide[d]).min();
        // Elements beyond the tile of a memory above them idle.
        let innermost = step.into_iter().chain(kept).min().unwrap_or(tile.len);
        Block {
            len: tile.len.min(innermost),
            ..tile
        }
    }

    /// The nodes in the order in which every one that can be is reused across irrelevant loops.
    pub fn normalised(&self) -> Vec<Stop> {
        let mut stops = self.stops.clone();
        while let Some((from, to)) = self.first_move(&stops) {
            let mut stop = stops.remove(from);
            let role = stop.node.role;
            if to < from {
                // What it cuts below it is cut there all the same.
                stops[from - 1].cuts.append(&mut stop.cuts);
            }
            if to > 0 {
                let relevant = |l: &Loop| self.nest.is_relevant(role, l.dim);
                let cuts = std::mem::take(&mut stops[to - 1].cuts);
                let (above, below): (Vec<Loop>, Vec<Loop>) = cuts.into_iter().partition(relevant);
                stops[to - 1].cuts = above;
                stop.cuts.extend(below);
            }
            stops.insert(to, stop);
            stops = self.with_loops(stops);
        }
        stops
    }

    /// The dimension along which a node's consecutive tiles share rows, if they do.
    pub fn slide(&self, stop: &Stop) -> Option<Dim> {
        let dim = self.slides_along(stop)?;
        stop.loops.iter().any(|l| l.dim == dim).then_some(dim)
    }

    /// The dimension along which a node would share rows, were its loop directly above it.
    fn slides_along(&self, stop: &Stop) -> Option<Dim> {
        if stop.node.role != Role::Input {
            return None;
        }
        let dim = self.mapping.slide(stop.node.level)?;
        let (_, kernel) = LoopNest::WINDOW_DIMS[LoopNest::window_of(dim)?];
        (stop.wide[kernel] == self.nest.extents[kernel]).then_some(dim)
    }

    /// Puts above each node the loops that its tile needs, the one it slides along innermost, and
    /// below it those of the cuts made there.
    fn with_loops(&self, mut stops: Vec<Stop>) -> Vec<Stop> {
        let mut current = self.nest.extents;
        for stop in &mut stops {
            stop.loops.clear();
            for dim in self.relevant(stop.node.role) {
                let piece = stop.wide[dim];
                if piece < current[dim] {
                    stop.loops.push(Loop { dim, piece });
                }
                current[dim] = piece;
            }
            let slide = self.slide(stop);
            stop.loops.sort_by_key(|l| Some(l.dim) == slide);
            stop.below.clear();
            for &cut in &stop.cuts {
                if cut.piece < current[cut.dim] {
                    stop.below.push(cut);
                    current[cut.dim] = cut.piece;
                }
            }
        }
        stops
    }

    /// The first node, from the outside, that would be reused above an earlier one, and that one.
    fn first_move(&self, stops: &[Stop]) -> Option<(usize, usize)> {
        (0..stops.len()).find_map(|from| self.target(stops, from).map(|to| (from, to)))
    }

    /// The place to which the node at `from` moves to be reused: the nearest one further out with
    /// loops directly above it, if one of these is irrelevant to the node, or is what it slides along.
    fn target(&self, stops: &[Stop], from: usize) -> Option<usize> {
        let role = stops[from].node.role;
        if !stops[from].loops.is_empty() {
            return None;
        }
        for to in (0..=from).rev() {
            if to < from && stops[to].node.role == role {
                return None;
            }
            let before = to.checked_sub(1).map(|i| stops[i].below.iter());
            let mut loops = stops[to].loops.iter().chain(before.into_iter().flatten());
            if loops.clone().next().is_some() {
                let own = stops[from].node.level;
                // The output's node in registers ends the sliding of the input's further out.
                let ends = |s: &Stop| {
                    let mut arrays = self.hardware.arrays();
                    s.node.role == Role::Output && arrays.any(|(a, _)| own < a && a < s.node.level)
                };
                let walk = self
                    .slides_along(&stops[from])
                    .filter(|_| !stops[to..from].iter().any(ends));
                let walks = walk.is_some_and(|d| stops[to].loops.iter().any(|l| l.dim == d));
                let free = walks || loops.any(|l| !self.nest.is_relevant(role, l.dim));
                let blocked = self
                    .slide(&stops[to])
                    .is_some_and(|d| self.nest.is_relevant(role, d));
                return (free && !blocked).then_some(to);
            }
        }
        None
    }
}

/// The nodes in the mapping's order with their array-wide extents.
fn own_order(nest: &LoopNest, mapping: &Mapping, spread: &Spread) -> Vec<Stop> {
    let all = super::structure::array_wide(nest, mapping, spread);
    (all.iter().copied().enumerate())
        .map(|(i, wide)| Stop {
            node: mapping.order[i],
            extents: mapping.extents[i],
            wide,
            loops: Vec::new(),
            cuts: own_cuts(nest, mapping, &all, i),
            below: Vec::new(),
        })
        .collect()
}

/// The cuts of a node in dimensions irrelevant to it, but for those that the next node to which
/// the dimension is relevant makes as well.
fn own_cuts(nest: &LoopNest, mapping: &Mapping, all: &[PerDim<u64>], node: usize) -> Vec<Loop> {
    let relevant = |i: usize, dim: Dim| nest.is_relevant(mapping.order[i].role, dim);
    let mut cuts = Vec::new();
    for dim in Dim::ALL {
        let piece = all[node][dim];
        let next = (node + 1..all.len()).find(|&i| relevant(i, dim));
        let same = next.is_some_and(|i| all[i][dim] == piece);
        if !relevant(node, dim) && mapping.extents[node][dim] > 1 && !same {
            cuts.push(Loop { dim, piece });
        }
    }
    cuts
}
