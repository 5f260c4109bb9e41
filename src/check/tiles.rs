//! Tiles as intervals per dimension, their shares on the elements of arrays, and element counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::problem::{Dim, LoopNest, Mapping, PerDim, Role, Window};

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
pub(super) type Box8 = PerDim<Block>;

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

/// The tiles of every dimension at some place of the nest.
pub(super) struct Cut(pub [Vec<Block>; 8]);

impl Cut {
    /// Above the whole nest: one tile per dimension.
    pub fn new(plan: &Plan) -> Self {
        Self(plan.nest.extents.0.map(|e| vec![Block::whole(e)]))
    }
}

/// Cuts the tiles of `d` into pieces of `size`.
pub(super) fn refine(cut: &mut Cut, d: Dim, size: u64) {
    let tiles = &mut cut.0[d as usize];
    *tiles = tiles.iter().flat_map(|b| b.pieces(size)).collect();
}

/// The spatial factors of every array, outermost first: its level and its factor per dimension.
pub(super) struct Spread(Vec<(usize, PerDim<u64>)>);

impl Spread {
    /// The factors of a mapping; an array's axes are multiplied.
    pub fn new(mapping: &Mapping) -> Self {
        let factors = |axes: &[PerDim<u64>]| {
            let mut product = PerDim::all(1);
            for d in Dim::ALL {
                product[d] = axes.iter().map(|axis| axis[d]).product();
            }
            product
        };
        let arrays = mapping.spatial.iter();
        Self(arrays.map(|a| (a.level, factors(&a.axes))).collect())
    }

    /// The factors of `d` over the arrays above `level`, outermost first.
    pub fn factors(&self, level: usize, d: Dim) -> impl Iterator<Item = u64> {
        let above = self.0.iter().filter(move |a| a.0 < level);
        above.map(move |a| a.1[d])
    }

    /// The number of elements over which `d` is spread above `level`.
    pub fn product(&self, level: usize, d: Dim) -> u64 {
        self.factors(level, d).product()
    }

    /// The number of elements that the mapping uses in all.
    pub fn elements(&self) -> u128 {
        let factors = self.0.iter().flat_map(|a| a.1.0);
        factors.map(u128::from).product()
    }

    /// Element 0's share of a box at `level`.
    pub fn share(&self, level: usize, tile: &Box8) -> Box8 {
        let mut share = *tile;
        for d in Dim::ALL {
            share[d] = tile[d].first_share(self.factors(level, d));
        }
        share
    }
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
    let (mut next, mut count) = (window.padding, 0_u128);
    for i in many.start..many.end() {
        let start = (i * step + offset).max(next);
        let end = (i * step + offset + length).min(window.padding + window.rows);
        count += u128::from(end.saturating_sub(start));
        next = next.max(end);
    }
    count
}

/// Blocks of one dimension of a window that have equally many rows with any block of the other,
/// with their number: where no window sees padding those of the same length, else each by itself.
pub(super) fn alike(nest: &LoopNest, axis: usize, blocks: &[Block]) -> Vec<(Block, u128)> {
    let (window, (p, r)) = (nest.windows[axis], LoopNest::WINDOW_DIMS[axis]);
    let last = (nest.extents[p] - 1) * window.stride + (nest.extents[r] - 1) * window.dilation;
    if window.padding > 0 || last >= window.rows {
        return blocks.iter().map(|&b| (b, 1)).collect();
    }
    let mut by_length: BTreeMap<u64, (Block, u128)> = BTreeMap::new();
    for &block in blocks {
        by_length.entry(block.len).or_insert((block, 0)).1 += 1;
    }
    by_length.into_values().collect()
}

/// Counts the elements of an operand's tiles; row sets are built once for each pair of blocks.
pub(super) struct Volume<'a> {
    nest: &'a LoopNest,
    rows: HashMap<(usize, Block, Block), u128>,
}

impl<'a> Volume<'a> {
    /// A counter for one operation.
    pub fn new(nest: &'a LoopNest) -> Self {
        Self {
            nest,
            rows: HashMap::new(),
        }
    }

    /// The number of distinct rows that a box touches in one window.
    pub fn rows(&mut self, axis: usize, tile: &Box8) -> u128 {
        let (output, kernel) = LoopNest::WINDOW_DIMS[axis];
        let (outputs, taps) = (tile[output], tile[kernel]);
        let window = self.nest.windows[axis];
        *self
            .rows
            .entry((axis, outputs, taps))
            .or_insert_with(|| count_rows(window, outputs, taps))
    }

    /// The number of elements of `role` in a box, outside the windows of the input.
    pub fn plain(&self, role: Role, tile: &Box8) -> u128 {
        let windowed = |d: Dim| role == Role::Input && LoopNest::window_of(d).is_some();
        let dims = self.nest.relevant[role as usize].iter();
        dims.filter(|&d| !windowed(d))
            .map(|d| u128::from(tile[d].len))
            .product()
    }

    /// The number of elements of `role` that a box touches.
    pub fn of(&mut self, role: Role, tile: &Box8) -> u128 {
        let plain = self.plain(role, tile);
        if role == Role::Input {
            plain * self.rows(0, tile) * self.rows(1, tile)
        } else {
            plain
        }
    }
}
