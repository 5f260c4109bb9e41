//! Traffic into the tiles of a node, and the space that they take.

use crate::problem::{Bits, Dim, Hardware, LoopNest, Mapping, Role};

use super::chain::{Pieces, shares};
use super::nest::{Nest, PlacedNode};
use super::window::{Block, distinct_rows, is_unclipped};

/// Bits exchanged across one node: fills of an input or weight, partial and finished sums of an output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exchange {
    /// Bits that move inward (fills; partial sums read back).
    pub inward: Bits,
    /// Bits that move outward (partial and finished sums).
    pub outward: Bits,
}

/// The exchange at a node as a port below `port_level` sees it: the share of element 0 of all
/// arrays above that level, in every dimension the ceiling.
#[must_use]
pub fn exchange(
    nest: &Nest<'_>,
    mapping: &Mapping,
    placed: &PlacedNode,
    port_level: usize,
) -> Exchange {
    let elements = volume(nest, mapping, placed, port_level);
    let visits = nest.visits(placed);
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

/// Elements of the operand summed over its tiles: the product over dimensions of the sum of
/// extents, for a window of the distinct rows of every tile or, along a slide, of every walk.
fn volume(nest: &Nest<'_>, mapping: &Mapping, placed: &PlacedNode, port_level: usize) -> u128 {
    let role = placed.node.role;
    let plain: u128 = nest.operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| {
            nest.at(placed, d)
                .share_sum(mapping.spread_above(port_level, d))
        })
        .product();
    if role != Role::Input {
        return plain;
    }
    let rows: u128 = (0..2)
        .map(|w| window_rows(nest, mapping, placed, port_level, w))
        .product();
    plain * rows
}

/// Σ over the tiles (or walks) of one window axis of the distinct rows.
fn window_rows(
    nest: &Nest<'_>,
    mapping: &Mapping,
    placed: &PlacedNode,
    port_level: usize,
    axis: usize,
) -> u128 {
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let outputs = walk(nest, mapping, placed, p, r);
    let kernels = nest.at(placed, r);
    let (up, ur) = (
        mapping.spread_above(port_level, p),
        mapping.spread_above(port_level, r),
    );
    let window = &nest.operation.windows[axis];
    let first_share = |b: Block, elements: u64| Block {
        start: b.start,
        length: b.length.div_ceil(elements),
    };
    let extents = nest.operation.extents;
    if is_unclipped(window, extents[p], extents[r]) {
        // Rows depend on lengths alone.
        let at = |length| Block { start: 0, length };
        return outputs
            .lengths()
            .flat_map(|b| kernels.lengths().map(move |k| (b, k)))
            .map(|((b, times), (k, taps))| {
                let rows = distinct_rows(window, first_share(at(b), up), first_share(at(k), ur));
                u128::from(rows) * u128::from(times) * u128::from(taps)
            })
            .sum();
    }
    outputs
        .blocks()
        .iter()
        .flat_map(|&b| kernels.blocks().iter().map(move |&k| (b, k)))
        .map(|(b, k)| {
            u128::from(distinct_rows(
                window,
                first_share(b, up),
                first_share(k, ur),
            ))
        })
        .sum()
}

/// The pieces of `p` whose rows are fetched once: the tiles, or the walks of a sliding memory,
/// which go on as long as the nearest node above keeps its tile, with the kernel dimension whole.
pub(super) fn walk<'n>(
    nest: &'n Nest<'_>,
    mapping: &Mapping,
    placed: &PlacedNode,
    p: Dim,
    r: Dim,
) -> &'n Pieces {
    let slides = mapping.slide(placed.node.level) == Some(p);
    let kernel_whole = nest.at(placed, r).count() == 1;
    if slides && kernel_whole {
        nest.above(placed, p)
    } else {
        nest.at(placed, p)
    }
}

/// The space of one tile at its node, in one element; the output at accumulator precision.
#[must_use]
pub fn footprint(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
) -> Bits {
    let role = placed.node.role;
    let bits = u128::from(nest.operation.precision.working(role));
    let plain: u128 = nest.operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| u128::from(placed.extents[d]))
        .product();
    let rows: u128 = if role == Role::Input {
        (0..2)
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
    let outputs = element_blocks(nest.at(placed, p), &factors(hardware, mapping, placed, p));
    let kernels = element_blocks(nest.at(placed, r), &factors(hardware, mapping, placed, r));
    outputs
        .iter()
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

/// The blocks of all elements, over all pieces.
fn element_blocks(pieces: &Pieces, factors: &[u64]) -> Vec<Block> {
    pieces
        .blocks()
        .iter()
        .flat_map(|&b| shares(b, factors))
        .collect()
}
