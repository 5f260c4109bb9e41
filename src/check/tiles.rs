//! Tiles as intervals per dimension, their shares on the elements of arrays, and element counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::problem::{Axis, Dim, Hardware, LoopNest, Mapping, PerDim, Role, Window};

use super::nest::Plan;

/// The indices `start .. start + len` of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Block {
    /// First index.
    pub start: u64,
    /// Number of indices, at least 1.
    pub len: u64,
}

/// One interval per dimension.
pub(super) type TileBox = PerDim<Block>;

impl Block {
    /// A whole dimension.
    pub fn whole(len: u64) -> Self {
        Self { start: 0, len }
    }

    /// First index after the block.
    pub fn end(self) -> u64 {
        self.start + self.len
    }

    /// The block cut into pieces of `size` and a smaller last one.
    pub fn pieces(self, size: u64) -> impl Iterator<Item = Block> {
        (0..self.len.div_ceil(size)).map(move |i| Block {
            start: self.start + i * size,
            len: size.min(self.len - i * size),
        })
    }

    /// The pieces of `size` and the last one with how often they come: those in `alike` together by
    /// their lengths, as if each began where it does.
    fn piece_kinds(self, size: u64, alike: &Range<u64>) -> Vec<(Block, u128)> {
        let full = self.len / size;
        let before = alike.start.saturating_sub(self.start).div_ceil(size);
        let before = before.min(full);
        let until = (alike.end.saturating_sub(self.start) / size).min(full);
        let until = until.max(before);
        let at = |i: u64, len| Block {
            start: self.start + i * size,
            len,
        };
        let own = |block: Block| {
            let inside = block.start >= alike.start && block.end() <= alike.end;
            let start = if inside { alike.start } else { block.start };
            Block { start, ..block }
        };
        let each = (0..before).chain(until..full).map(|i| (at(i, size), 1));
        let same = (until > before).then(|| (own(at(before, size)), u128::from(until - before)));
        let rest = self.len % size;
        let rest = (rest > 0).then(|| (own(at(full, rest)), 1));
        each.chain(same).chain(rest).collect()
    }

    /// Element 0's share, the block being spread over arrays of these factors, outermost first.
    pub fn first_share(self, factors: impl Iterator<Item = u64>) -> Block {
        let len = factors.fold(self.len, u64::div_ceil);
        Block { len, ..self }
    }

    /// The shares of all elements that have one.
    pub fn shares(self, factors: impl Iterator<Item = u64>) -> Vec<Block> {
        let mut shares = vec![self];
        for factor in factors {
            shares = shares
                .iter()
                .flat_map(|b| b.pieces(b.len.div_ceil(factor)))
                .collect();
        }
        shares
    }
}

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

/// The spatial loops of one array.
struct Mapped {
    level: usize,
    /// Each axis, outermost first: its factors, and for each operand whether every element along
    /// it has transfers of its own (no multicast, no spatial reduction).
    axes: Vec<(PerDim<u64>, [bool; 3])>,
}

impl Mapped {
    /// The elements over which `d` is spread.
    fn factor(&self, d: Dim) -> u64 {
        self.axes.iter().map(|(factors, _)| factors[d]).product()
    }
}

/// The spatial loops of every array, outermost first.
pub(super) struct Spread(Vec<Mapped>);

impl Spread {
    /// The spatial loops of a mapping whose arrays have been checked.
    pub fn new(hardware: &Hardware, mapping: &Mapping) -> Self {
        let arrays = hardware.arrays().zip(&mapping.spatial);
        let mapped = arrays.map(|((level, array), mapped)| {
            let own = |axis: &Axis| [!axis.multicast, !axis.multicast, !axis.reduce];
            let axes = mapped.axes.iter().copied();
            Mapped {
                level,
                axes: axes.zip(array.axes.iter().map(own)).collect(),
            }
        });
        Self(mapped.collect())
    }

    /// The factors of `d` over the arrays above `level`, outermost first.
    pub fn factors(&self, level: usize, d: Dim) -> impl Iterator<Item = u64> {
        let above = self.0.iter().filter(move |a| a.level < level);
        above.map(move |a| a.factor(d))
    }

    /// The number of elements over which `d` is spread above `level`.
    pub fn product(&self, level: usize, d: Dim) -> u64 {
        self.factors(level, d).product()
    }

    /// The shares of a block on the elements between two levels, in groups that each cross the
    /// outer level's port by themselves: elements that multicast or reduction joins are together.
    pub fn groups(
        &self,
        (outer, inner): (usize, usize),
        role: Role,
        d: Dim,
        block: Block,
    ) -> Vec<Vec<Block>> {
        let mut shares = vec![(Vec::new(), block)];
        for array in self.0.iter().filter(|a| outer < a.level && a.level < inner) {
            let split = |(key, block): &(Vec<u64>, Block)| -> Vec<(Vec<u64>, Block)> {
                let pieces = block.pieces(block.len.div_ceil(array.factor(d)));
                let keyed = (0..).zip(pieces).map(|(index, piece)| {
                    let own = array.coordinates(role, d, index);
                    ([key.as_slice(), &own].concat(), piece)
                });
                keyed.collect()
            };
            shares = shares.iter().flat_map(split).collect();
        }
        let mut groups: BTreeMap<Vec<u64>, Vec<Block>> = BTreeMap::new();
        for (key, block) in shares {
            groups.entry(key).or_default().push(block);
        }
        groups.into_values().collect()
    }

    /// Whether one of these dimensions is spread along an axis without multicast.
    pub fn serves_singly(&self, dims: [Dim; 2]) -> bool {
        let axes = self.0.iter().flat_map(|array| &array.axes);
        let mut single = axes.filter(|(_, own)| own[Role::Input as usize]);
        single.any(|(factors, _)| dims.iter().any(|&d| factors[d] > 1))
    }

    /// The number of elements that the mapping uses in all.
    pub fn elements(&self) -> u128 {
        let axes = self.0.iter().flat_map(|a| &a.axes);
        axes.flat_map(|(factors, _)| factors.0)
            .map(u128::from)
            .product()
    }

    /// Element 0's share of a box at `level`.
    pub fn share(&self, level: usize, tile: &TileBox) -> TileBox {
        let mut share = *tile;
        for d in Dim::ALL {
            share[d] = tile[d].first_share(self.factors(level, d));
        }
        share
    }
}

impl Mapped {
    /// The places, along the axes without multicast or reduction of `role`, of the element with
    /// this number among those over which `d` is spread; the first axis is the outermost.
    fn coordinates(&self, role: Role, d: Dim, index: u64) -> Vec<u64> {
        let mut rest = index;
        let mut places = Vec::new();
        for (factors, own) in self.axes.iter().rev() {
            if own[role as usize] {
                places.push(rest % factors[d]);
            }
            rest /= factors[d];
        }
        places
    }
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
