//! Rows of window tiles over whole chains.

use rustc_hash::FxHashMap;

use crate::cost::chain::{NOWHERE, shares};
use crate::cost::window::{Block, distinct_rows, forgets_rows, is_unclipped, outputs_apart};
use crate::problem::{Dim, LoopNest, Window};

use super::site::Site;
use super::tuning::MOST_KNOWN;

/// Whether the rows of a cut depend on more than the number of its pieces.
///
/// Without dilation and with at most one row of padding on either side, a piece of `l` outputs
/// and `m` taps has `(l−1)·stride + m` rows (or `l·m` with gaps), and only the first and the
/// last piece lose a row: sums over a cut depend on the number of pieces alone.
#[must_use]
pub fn is_irregular(operation: &LoopNest, axis: usize) -> bool {
    let window = operation.windows[axis];
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let span = (operation.extents[p] - 1) * window.stride
        + (operation.extents[r] - 1) * window.dilation
        + 1;
    let after = span.saturating_sub(window.padding + window.rows);
    (window.dilation > 1 && operation.extents[r] > 1) || window.padding > 1 || after > 1
}

/// Whether the rows of a cut of one dimension depend on more than the number of its pieces: also
/// where taps that the stride skips between outputs come to lie in pieces of their own. With a
/// stride of 2, 3 + 1 taps touch fewer rows than 2 + 2.
#[must_use]
pub fn rows_depend_on_lengths(operation: &LoopNest, d: Dim) -> bool {
    LoopNest::window_of(d).is_some_and(|axis| {
        let (_, kernel) = LoopNest::WINDOW_DIMS[axis];
        let (stride, taps) = (operation.windows[axis].stride, operation.extents[kernel]);
        let skips = d == kernel && taps > 3 && (2..taps).contains(&stride);
        skips || is_irregular(operation, axis)
    })
}

/// Whether what one element has of a cut depends on more: below an array element 0 has a share of
/// every piece, and one row of padding is enough to make shares of as many pieces differ.
#[must_use]
pub fn shares_depend_on_places(site: &Site<'_>, d: Dim) -> bool {
    let padded = LoopNest::window_of(d).is_some_and(|axis| {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let extents = site.operation.extents;
        !is_unclipped(&site.operation.windows[axis], extents[p], extents[r])
    });
    let mut memories = site.hardware.memories();
    let dealt = memories.any(|(level, _)| site.hardware.is_below_array(level));
    padded && dealt || rows_depend_on_lengths(site.operation, d)
}

/// Lower bounds on rows, for columns whose exact cut is still open.
#[derive(Clone, Copy, Debug)]
pub struct RowBounds {
    window: Window,
    outputs: u64,
    taps: u64,
    /// Rows of padding before and after the tensor that a window can see.
    padded: u64,
    largest_padding: u64,
    whole: u64,
    irregular: bool,
}

impl RowBounds {
    /// The bounds of one window axis.
    #[must_use]
    pub fn new(operation: &LoopNest, axis: usize) -> Self {
        let window = operation.windows[axis];
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (outputs, taps) = (operation.extents[p], operation.extents[r]);
        let span = (outputs - 1) * window.stride + (taps - 1) * window.dilation + 1;
        let after = span.saturating_sub(window.padding + window.rows);
        let all = |length| Block { start: 0, length };
        Self {
            window,
            outputs,
            taps,
            padded: window.padding + after,
            largest_padding: window.padding.max(after),
            whole: distinct_rows(&window, all(outputs), all(taps)),
            irregular: is_irregular(operation, axis),
        }
    }

    /// Whether some window sees padding, so that rows depend on where a tile lies.
    #[must_use]
    pub fn is_clipped(&self) -> bool {
        !is_unclipped(&self.window, self.outputs, self.taps)
    }

    /// Whether a walk in tiles of so many outputs fetches rows again that an earlier tile held.
    #[must_use]
    pub fn forgets_rows(&self, tile: u64) -> bool {
        forgets_rows(&self.window, tile, self.taps)
    }

    /// Rows of the largest tile with at least these extents; `interior` if a full tile lies
    /// away from both ends.
    #[must_use]
    pub fn largest(&self, output: u64, kernel: u64, interior: bool) -> u64 {
        if output >= self.outputs && kernel >= self.taps {
            return self.whole;
        }
        let unclipped = Window {
            padding: 0,
            rows: u64::MAX / 4,
            ..self.window
        };
        let all = |length| Block { start: 0, length };
        let rows = distinct_rows(&unclipped, all(output), all(kernel));
        let clipped = match (self.irregular, interior, output >= self.outputs) {
            (true, ..) | (false, _, true) => self.padded,
            (false, true, false) => 0,
            (false, false, false) => self.largest_padding,
        };
        rows.saturating_sub(clipped).max(1).min(self.whole)
    }

    /// Σ of rows over at least `outputs` pieces of the output and `kernels` of the kernel dimension.
    #[must_use]
    pub fn sum(&self, outputs: u64, kernels: u64) -> u64 {
        let Window {
            stride, dilation, ..
        } = self.window;
        if (dilation > 1 && self.taps > 1) || (kernels > 1 && (stride > 1 || self.irregular)) {
            return self.whole;
        }
        let overlap = (self.taps / kernels.max(1)).max(1).min(self.taps);
        let unclipped = if kernels > 1 {
            kernels * self.outputs + outputs * (self.taps - kernels.min(self.taps))
        } else if stride <= overlap {
            self.outputs * stride + outputs * (self.taps - stride)
        } else {
            self.outputs * self.taps
        };
        // A row of padding is seen by at most ⌈taps/stride⌉ pieces, by one if there is just one such row.
        let seen = if self.irregular {
            self.taps.div_ceil(stride)
        } else {
            1
        };
        unclipped.saturating_sub(self.padded * seen).max(self.whole)
    }

    /// Σ of element 0's rows over at least `outputs` pieces of the output and `kernels` of the
    /// kernel dimension, each piece spread over so many elements; 0 where nothing is known.
    #[must_use]
    pub fn first_element(&self, outputs: u64, kernels: u64, spread: (u64, u64)) -> u64 {
        let Window {
            stride, dilation, ..
        } = self.window;
        if self.irregular || (dilation > 1 && self.taps > 1) || (kernels > 1 && stride > 1) {
            return 0;
        }
        // Element 0 has a share of every piece, and its shares add up to this at least.
        let own = self.outputs.div_ceil(spread.0).max(outputs);
        let taps = self.taps.div_ceil(spread.1).max(kernels);
        let rows = if kernels > 1 {
            kernels * (own - outputs) + outputs * taps
        } else if stride <= taps {
            (own - outputs) * stride + outputs * taps
        } else {
            own * taps
        };
        // No more than one piece sees a row of padding.
        rows.saturating_sub(self.padded)
    }
}

/// A block that occurs several times, for all that rows are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// One of the blocks.
    pub block: Block,
    /// How many there are.
    pub times: u64,
}

/// The blocks of all elements of arrays with these factors, with how often each comes.
#[must_use]
pub fn spread_kinds(kinds: &[(Block, u64)], factors: &[u64]) -> Vec<(Block, u64)> {
    let own = |&(block, times): &(Block, u64)| {
        let shares = shares(block, factors).into_iter();
        shares.map(move |share| (share, times))
    };
    kinds.iter().flat_map(own).collect()
}

/// Every block as it is.
#[must_use]
pub fn each_once(blocks: &[Block]) -> Vec<Repeated> {
    blocks
        .iter()
        .map(|&block| Repeated { block, times: 1 })
        .collect()
}

/// Memo of row counts for one window.
#[derive(Debug)]
pub struct RowTable {
    window: Window,
    /// Outputs whose windows lie inside the tensor for all taps: first and one past the last.
    inside: (u64, u64),
    /// No window reaches into padding.
    unclipped: bool,
    known: FxHashMap<(Block, Block), u64>,
}

impl RowTable {
    /// An empty table for one window axis.
    #[must_use]
    pub fn new(operation: &LoopNest, axis: usize) -> Self {
        let window = operation.windows[axis];
        let taps = operation.extents[LoopNest::WINDOW_DIMS[axis].1];
        let reach = (taps - 1) * window.dilation;
        let end = (window.rows + window.padding)
            .saturating_sub(reach)
            .div_ceil(window.stride);
        Self {
            window,
            inside: (window.padding.div_ceil(window.stride), end),
            unclipped: is_unclipped(
                &window,
                operation.extents[LoopNest::WINDOW_DIMS[axis].0],
                taps,
            ),
            known: FxHashMap::default(),
        }
    }

    /// Where blocks of outputs, or of taps, have as many rows as others of their length.
    #[must_use]
    pub fn clear(&self, is_output: bool) -> (u64, u64) {
        match (is_output, self.unclipped) {
            (true, _) => self.inside,
            (false, true) => (0, u64::MAX),
            (false, false) => NOWHERE,
        }
    }

    /// Blocks of outputs, those of equal length that see no padding counted together.
    #[must_use]
    pub fn repeated(&self, blocks: &[(Block, u64)]) -> Vec<Repeated> {
        let mut all: Vec<Repeated> = Vec::new();
        let mut inside: Vec<Repeated> = Vec::new();
        for &(block, times) in blocks {
            let clear = block.start >= self.inside.0 && block.start + block.length <= self.inside.1;
            match inside
                .iter_mut()
                .find(|r| clear && r.block.length == block.length)
            {
                Some(known) => known.times += times,
                None if clear => inside.push(Repeated { block, times }),
                None => all.push(Repeated { block, times }),
            }
        }
        all.append(&mut inside);
        all
    }

    /// Blocks of taps, counted together by their length where no window sees padding.
    #[must_use]
    pub fn repeated_taps(&self, blocks: &[(Block, u64)]) -> Vec<Repeated> {
        if !self.unclipped {
            let each = blocks.iter();
            return each
                .map(|&(block, times)| Repeated { block, times })
                .collect();
        }
        let mut all: Vec<Repeated> = Vec::new();
        for &(block, times) in blocks {
            match all.iter_mut().find(|r| r.block.length == block.length) {
                Some(known) => known.times += times,
                None => all.push(Repeated { block, times }),
            }
        }
        all
    }

    /// Distinct rows of one tile.
    fn rows(&mut self, output: Block, kernel: Block) -> u64 {
        let window = &self.window;
        if self.known.len() > MOST_KNOWN {
            self.known.clear();
        }
        *self
            .known
            .entry((output, kernel))
            .or_insert_with(|| distinct_rows(window, output, kernel))
    }

    /// Walks in tiles of fewer outputs fetch rows again; 0 where every walk fetches each row once.
    #[must_use]
    pub fn forgetful_below(&self, taps: u64) -> u64 {
        let apart = outputs_apart(&self.window);
        if taps > 1 && apart > 1 { apart } else { 0 }
    }

    /// The rows of a tile that the tile directly before it does not hold.
    pub fn new_rows(&mut self, before: Block, tile: Block, kernel: Block) -> u64 {
        let both = Block {
            start: before.start,
            length: before.length + tile.length,
        };
        self.rows(both, kernel) - self.rows(before, kernel)
    }

    /// The rows that a walk over consecutive tiles fetches.
    pub fn walked(&mut self, tiles: &[Block], kernel: Block) -> u64 {
        let first = tiles.first().map_or(0, |&tile| self.rows(tile, kernel));
        let pairs = tiles.windows(2);
        let further: u64 = pairs
            .map(|pair| self.new_rows(pair[0], pair[1], kernel))
            .sum();
        first + further
    }

    /// Σ over all tiles of the rows of element 0's share.
    pub fn sum(&mut self, outputs: &[Repeated], kernels: &[Repeated], shares: (u64, u64)) -> u64 {
        let first = |b: Block, elements: u64| Block {
            start: b.start,
            length: b.length.div_ceil(elements),
        };
        let mut total = 0;
        for output in outputs {
            for kernel in kernels {
                let rows = self.rows(first(output.block, shares.0), first(kernel.block, shares.1));
                total += rows * output.times * kernel.times;
            }
        }
        total
    }

    /// The most rows of any of the tiles.
    pub fn largest(&mut self, outputs: &[Repeated], kernels: &[Repeated]) -> u64 {
        let mut most = 0;
        for output in outputs {
            for kernel in kernels {
                most = most.max(self.rows(output.block, kernel.block));
            }
        }
        most
    }
}
