//! Tiles as intervals per dimension, their shares on the elements of arrays, and element counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::problem::{Dim, LoopNest, PerDim, Window};

use super::nest::Plan;
use super::spread::Block;

/// Tiles of a dimension, each with how often it comes.
pub(super) type Counted = Vec<(Block, u128)>;

/// The tiles of every dimension at some place of the nest.
pub(super) struct Cut {
    pub tiles: [Counted; Dim::COUNT],
    /// Where tiles of a length count together; `None` where each is listed by itself.
    alike: Option<PerDim<Range<u64>>>,
}

impl Cut {
    /// Above the whole nest: one tile per dimension.
    pub fn new(plan: &Plan) -> Self {
        Self {
            tiles: plan.nest.extents.0.map(|e| vec![(Block::whole(e), 1)]),
            alike: (plan.counts_together).then(|| places_alike(plan.nest)),
        }
    }

    /// Whether each tile is listed by itself, in order.
    pub fn lists_each(&self) -> bool {
        self.alike.is_none()
    }

    /// Cuts the tiles of `d` into pieces of `size`.
    pub fn refine(&mut self, d: Dim, size: u64) {
        let tiles = &mut self.tiles[d as usize];
        let Some(alike) = &self.alike else {
            let pieces = |(block, times): &(Block, u128)| {
                let times = *times;
                block.pieces(size).map(move |piece| (piece, times))
            };
            *tiles = tiles.iter().flat_map(pieces).collect();
            return;
        };
        let mut kinds: BTreeMap<Block, u128> = BTreeMap::new();
        for (block, times) in &*tiles {
            for (piece, count) in block.piece_kinds(size, &alike[d]) {
                *kinds.entry(piece).or_insert(0) += times * count;
            }
        }
        *tiles = kinds.into_iter().collect();
    }
}

/// For each dimension where all that counts of a tile is its length: everywhere, but of a window
/// that sees padding among the outputs all of whose taps lie inside the tensor.
fn places_alike(nest: &LoopNest) -> PerDim<Range<u64>> {
    let mut places = PerDim(nest.extents.0.map(|extent| 0..extent));
    for (axis, (p, r)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
        if !anywhere(nest, axis) {
            places[p] = inner_outputs(nest, axis);
            places[r] = 0..0;
        }
    }
    places
}

/// Whether no output of a window sees padding.
fn anywhere(nest: &LoopNest, axis: usize) -> bool {
    let (window, (p, r)) = (nest.windows[axis], LoopNest::WINDOW_DIMS[axis]);
    let last = (nest.extents[p] - 1) * window.stride + (nest.extents[r] - 1) * window.dilation;
    window.padding == 0 && last < window.rows
}

/// The outputs of a window whose first tap is not before the tensor, nor their last one after it.
pub(super) fn inner_outputs(nest: &LoopNest, axis: usize) -> Range<u64> {
    let (window, (p, r)) = (nest.windows[axis], LoopNest::WINDOW_DIMS[axis]);
    let (taps, tensor_end) = (nest.extents[r], window.padding + window.rows);
    let first = window.padding.div_ceil(window.stride);
    let room = tensor_end.saturating_sub((taps - 1) * window.dilation);
    first..room.div_ceil(window.stride).min(nest.extents[p])
}

/// The distinct rows inside the tensor that blocks of outputs and of kernel taps touch.
pub(super) fn joint_rows(window: Window, outputs: &[Block], taps: &[Block]) -> BTreeSet<u64> {
    let pairs = outputs
        .iter()
        .flat_map(|&p| taps.iter().map(move |&r| (p, r)));
    pairs.flat_map(|(p, r)| rows(window, p, r)).collect()
}

/// The distinct rows inside the tensor that a block of outputs and one of kernel taps touch.
pub(super) fn rows(window: Window, outputs: Block, taps: Block) -> BTreeSet<u64> {
    let mut rows = BTreeSet::new();
    for p in outputs.start..outputs.end() {
        for r in taps.start..taps.end() {
            let padded = p * window.stride + r * window.dilation;
            if padded >= window.padding && padded - window.padding < window.rows {
                rows.insert(padded - window.padding);
            }
        }
    }
    rows
}

/// How many rows that is. Without dilation the taps of every output are consecutive rows, and
/// with a stride of 1 the outputs of every tap: intervals that begin one after the other.
pub(super) fn count_rows(window: Window, outputs: Block, taps: Block) -> u128 {
    let (many, step, length, offset) = if window.dilation == 1 || taps.len == 1 {
        (
            outputs,
            window.stride,
            taps.len,
            taps.start * window.dilation,
        )
    } else if window.stride == 1 || outputs.len == 1 {
        (
            taps,
            window.dilation,
            outputs.len,
            outputs.start * window.stride,
        )
    } else {
        return rows(window, outputs, taps).len() as u128;
    };
    let tensor = window.padding..window.padding + window.rows;
    let (mut next, mut count) = (tensor.start, 0_u128);
    let at = |i: u64| i * step + offset;
    // Of intervals that lie in the tensor each but the first adds what the one before lacks.
    let first = tensor.start.saturating_sub(offset).div_ceil(step);
    let first = first.clamp(many.start, many.end());
    let room = tensor.end.saturating_sub(offset + length - 1);
    let end = room.div_ceil(step).clamp(first, many.end());
    let mut i = many.start;
    while i < many.end() {
        let (start, stop) = (at(i).max(next), (at(i) + length).min(tensor.end));
        count += u128::from(stop.saturating_sub(start));
        next = next.max(stop);
        if i == first && i + 1 < end {
            count += u128::from(end - 1 - i) * u128::from(step.min(length));
            i = end - 1;
            next = at(i) + length;
        }
        i += 1;
    }
    count
}

/// How many rows the blocks touch together.
pub(super) fn count_joint_rows(window: Window, outputs: &[Block], taps: &[Block]) -> u128 {
    match (outputs, taps) {
        ([output], [tap]) => count_rows(window, *output, *tap),
        _ => joint_rows(window, outputs, taps).len() as u128,
    }
}

/// Groups of blocks of one dimension of a window that have equally many rows with any group of the
/// other, with their number: where no window sees padding those of the same lengths and distances,
/// else those that are equal.
pub(super) fn alike(
    nest: &LoopNest,
    axis: usize,
    groups: &[(Vec<Block>, u128)],
) -> Vec<(Vec<Block>, u128)> {
    let anywhere = anywhere(nest, axis);
    let mut kinds: BTreeMap<Vec<Block>, u128> = BTreeMap::new();
    for (group, times) in groups {
        let first = group.iter().map(|b| b.start).min().unwrap_or(0);
        let origin = if anywhere { first } else { 0 };
        let moved = group.iter().map(|b| Block {
            start: b.start - origin,
            ..*b
        });
        *kinds.entry(moved.collect()).or_insert(0) += times;
    }
    kinds.into_iter().collect()
}
