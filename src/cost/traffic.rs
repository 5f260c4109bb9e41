//! Traffic into the tiles of a node, and the space that they take.

use std::collections::BTreeMap;

use crate::problem::{Axis, Bits, Dim, Hardware, LoopNest, Mapping, PerDim, Role, Window};

use super::chain::{NOWHERE, Pieces, shares};
use super::fan::{self, Fan, Group, Groups, is_single};
use super::nest::{Nest, PlacedNode};
use super::window::{Block, clear_outputs, distinct_rows, is_unclipped, rows_of_all, walked_rows};

/// Bits exchanged across one node: fills of an input or weight, partial and finished sums of an output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exchange {
    /// Bits that move inward (fills; partial sums read back).
    pub inward: Bits,
    /// Bits that move outward (partial and finished sums).
    pub outward: Bits,
}

/// The exchange at a node as the port of the memory at `port_level` sees it, the node's own or
/// its parent: the share of element 0 of all arrays above that level, in every dimension the
/// ceiling. The parent's port sees once what is multicast or reduced on its way. Nothing crosses
/// where the operand lies in the node's memory.
#[must_use]
pub fn exchange(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    port_level: usize,
) -> Exchange {
    if nest.operation.is_resident(placed.node) {
        return Exchange::default();
    }
    let between = Between::of(nest, hardware, mapping, placed, port_level);
    let elements = volume(nest, mapping, placed, &between);
    let visits = visits(nest, mapping, placed, &between);
    let precision = nest.operation.precision;
    let role = placed.node.role;
    if role == Role::Output {
        let partial = elements * (visits - 1) * u128::from(precision.accumulator);
        let finished = elements * u128::from(precision.output);
        return Exchange {
            inward: Bits(partial),
            outward: Bits(partial + finished),
        };
    }
    let bits = u128::from(precision.working(role));
    Exchange {
        inward: Bits(elements * visits * bits),
        outward: Bits(0),
    }
}

/// A port and the arrays between it and a node.
struct Between {
    port_level: usize,
    /// For each dimension its spread, as far as elements are served one by one.
    fans: Option<PerDim<Vec<Fan>>>,
}

impl Between {
    fn of(
        nest: &Nest<'_>,
        hardware: &Hardware,
        mapping: &Mapping,
        placed: &PlacedNode,
        port_level: usize,
    ) -> Self {
        let single = |axis: &Axis| is_single(axis, placed.node.role);
        let levels = (port_level, placed.node.level);
        let any = (hardware.arrays())
            .filter(|(level, _)| (levels.0..levels.1).contains(level))
            .any(|(_, array)| array.axes.iter().any(single));
        let fans = any.then(|| {
            let of = |d: Dim| match nest.operation.extents[d] {
                1 => Vec::new(),
                _ => fan::fans(hardware, mapping, d, levels, single),
            };
            PerDim(Dim::ALL.map(of))
        });
        Self { port_level, fans }
    }

    fn fans(&self, d: Dim) -> &[Fan] {
        self.fans.as_ref().map_or(&[], |fans| &fans.0[d as usize])
    }
}

/// Visits of the node's tile that cross the port: one for all elements that are served together.
fn visits(nest: &Nest<'_>, mapping: &Mapping, placed: &PlacedNode, between: &Between) -> u128 {
    if between.fans.is_none() {
        return nest.visits(placed);
    }
    Dim::ALL
        .into_iter()
        .filter(|&d| !nest.operation.is_relevant(placed.node.role, d))
        .map(|d| {
            let above = mapping.spread_above(between.port_level, d);
            let dealt = nest.innermost(d).extent();
            let crossings = |length: u64| {
                let first = length.min(dealt).div_ceil(above);
                fan::active_groups(first, between.fans(d))
            };
            let pieces = nest.above(placed, d).lengths();
            pieces
                .map(|(length, count)| crossings(length) * u128::from(count))
                .sum::<u128>()
        })
        .product()
}

/// Elements of the operand summed over its tiles: the product over dimensions of the sum of
/// extents, for a window of the distinct rows of every tile or, along a slide, of every walk.
fn volume(nest: &Nest<'_>, mapping: &Mapping, placed: &PlacedNode, between: &Between) -> u128 {
    let role = placed.node.role;
    let above = |d| mapping.spread_above(between.port_level, d);
    let plain: u128 = nest.operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| nest.at(placed, d).share_sum(above(d)))
        .product();
    if role != Role::Input {
        return plain;
    }
    let deal = |d: Dim, block: Block| {
        let first = Block {
            start: block.start,
            length: block.length.div_ceil(above(d)),
        };
        fan::groups(first, between.fans(d))
    };
    let rows: u128 = (0..Window::COUNT)
        .map(|axis| window_rows(nest, mapping, placed, axis, &deal))
        .product();
    plain * rows
}

/// Σ over the tiles (or walks) of one window axis of the distinct rows of each group of
/// elements, to which `deal` gives its blocks.
pub(super) fn window_rows(
    nest: &Nest<'_>,
    mapping: &Mapping,
    placed: &PlacedNode,
    axis: usize,
    deal: &dyn Fn(Dim, Block) -> Groups,
) -> u128 {
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let window = &nest.operation.windows[axis];
    let extents = nest.operation.extents;
    let unclipped = is_unclipped(window, extents[p], extents[r]);
    let clear = clear_outputs(window, extents[r]);
    let dealt = |pieces: &Pieces, d: Dim, clear| -> Vec<(Group, u64)> {
        let each = |(block, times)| deal(d, block).into_iter().map(move |g| (g, times));
        if unclipped {
            // Rows depend on lengths alone.
            let at = |(length, times)| (Block { start: 0, length }, times);
            return pieces.lengths().map(at).flat_map(each).collect();
        }
        pieces.kinds(clear).into_iter().flat_map(each).collect()
    };
    let slides = mapping.slide(placed.node.level) == Some(p) && nest.at(placed, r).count() == 1;
    // A walk goes on as long as the nearest node above keeps its tile.
    let pieces = if slides {
        nest.above(placed, p)
    } else {
        nest.at(placed, p)
    };
    let tile = placed.extents[p];
    let outputs = alike(window, extents[r], dealt(pieces, p, clear));
    let kernels = dealt(nest.at(placed, r), r, NOWHERE);
    outputs
        .iter()
        .flat_map(|b| kernels.iter().map(move |k| (b, k)))
        .map(|((b, times), (k, taps))| {
            let rows = match (slides, b.as_slice(), k.as_slice()) {
                // No array between a sliding memory and the one that fills it spreads either
                // dimension, so that every element walks its own block alone.
                (true, &[b], &[k]) => walked_rows(window, b, tile, k),
                _ => rows_of_all(window, b, k),
            };
            u128::from(rows) * u128::from(*times) * u128::from(*taps)
        })
        .sum()
}

/// Groups of blocks of outputs, those counted together that touch as many rows whatever the taps: of
/// which none reads padding, and whose blocks are as long and as far apart.
fn alike(window: &Window, taps: u64, groups: Vec<(Group, u64)>) -> Vec<(Group, u64)> {
    let (first, end) = clear_outputs(window, taps);
    let mut kinds: BTreeMap<Group, u64> = BTreeMap::new();
    for (mut group, times) in groups {
        let start = group.iter().map(|b| b.start).min().unwrap_or(0);
        if start > first && group.iter().all(|b| b.start + b.length <= end) {
            group.iter_mut().for_each(|b| b.start -= start - first);
        }
        *kinds.entry(group).or_insert(0) += times;
    }
    kinds.into_iter().collect()
}

/// The space of one tile at its node, in one element; the output at accumulator precision. An
/// operand that lies there has its space already.
#[must_use]
pub fn footprint(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
) -> Bits {
    if nest.operation.is_resident(placed.node) {
        return Bits(0);
    }
    let role = placed.node.role;
    let bits = u128::from(nest.operation.precision.working(role));
    let plain: u128 = nest.operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| u128::from(placed.extents[d]))
        .product();
    let rows: u128 = if role == Role::Input {
        (0..Window::COUNT)
            .map(|axis| largest_rows(nest, hardware, mapping, placed, axis))
            .product()
    } else {
        1
    };
    Bits(plain * rows * bits)
}

/// The distinct rows of the largest tile on one window axis, over all tiles and elements.
fn largest_rows(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
    axis: usize,
) -> u128 {
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let window = &nest.operation.windows[axis];
    let extents = nest.operation.extents;
    if is_unclipped(window, extents[p], extents[r]) {
        // Rows depend on lengths alone: the share of element 0 of the largest piece has the most.
        let largest = |d: Dim| Block {
            start: 0,
            length: (nest.at(placed, d).extent())
                .div_ceil(factors(hardware, mapping, placed, d).iter().product()),
        };
        return u128::from(distinct_rows(window, largest(p), largest(r)));
    }
    let clear = clear_outputs(window, extents[r]);
    let blocks = |d: Dim, clear| {
        let factors = factors(hardware, mapping, placed, d);
        element_blocks(nest.at(placed, d), &factors, clear)
    };
    let outputs = blocks(p, clear);
    let each = outputs.into_iter().map(|b| (Group::from_iter([b]), 1));
    let outputs = alike(window, extents[r], each.collect());
    let kernels = blocks(r, NOWHERE);
    outputs
        .iter()
        .flat_map(|(own, _)| own)
        .flat_map(|&b| {
            kernels
                .iter()
                .map(move |&k| u128::from(distinct_rows(window, b, k)))
        })
        .max()
        .unwrap_or(0)
}

/// The spreading factors of `d` over the arrays above a node, outermost first.
fn factors(hardware: &Hardware, mapping: &Mapping, placed: &PlacedNode, d: Dim) -> Vec<u64> {
    hardware
        .arrays()
        .filter(|&(level, _)| level < placed.node.level)
        .filter_map(|(level, _)| mapping.spatial.iter().find(|a| a.level == level))
        .map(|a| a.axes.iter().map(|axis| axis[d]).product())
        .collect()
}

/// The blocks of all elements, over all pieces, of which those of a length that lie in `clear` are
/// one.
fn element_blocks(pieces: &Pieces, factors: &[u64], clear: (u64, u64)) -> Vec<Block> {
    let kinds = pieces.kinds(clear).into_iter();
    kinds.flat_map(|(b, _)| shares(b, factors)).collect()
}
