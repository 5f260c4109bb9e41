//! Rows of window tiles over whole chains.

use std::collections::HashMap;

use crate::cost::chain::Pieces;
use crate::cost::window::{Block, distinct_rows};
use crate::problem::{LoopNest, Window};

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

/// Memo of row counts for one window.
#[derive(Debug)]
pub struct RowTable {
    window: Window,
    known: HashMap<(Block, Block), u64>,
}

impl RowTable {
    /// An empty table.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            known: HashMap::new(),
        }
    }

    /// Distinct rows of one tile.
    pub fn rows(&mut self, output: Block, kernel: Block) -> u64 {
        let window = &self.window;
        *self
            .known
            .entry((output, kernel))
            .or_insert_with(|| distinct_rows(window, output, kernel))
    }

    /// Σ over all tiles of their rows.
    pub fn sum(&mut self, outputs: &Pieces, kernels: &Pieces, shares: (u64, u64)) -> u64 {
        let first = |b: &Block, elements: u64| Block {
            start: b.start,
            length: b.length.div_ceil(elements),
        };
        let mut total = 0;
        for output in outputs.blocks() {
            for kernel in kernels.blocks() {
                total += self.rows(first(output, shares.0), first(kernel, shares.1));
            }
        }
        total
    }

    /// The most rows of any of the tiles.
    pub fn largest(&mut self, outputs: &[Block], kernels: &[Block]) -> u64 {
        let mut most = 0;
        for &output in outputs {
            for &kernel in kernels {
                most = most.max(self.rows(output, kernel));
            }
        }
        most
    }
}
