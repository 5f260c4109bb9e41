//! Distinct rows that a window operand's tile touches (problem definition, section 1).

use std::collections::BTreeSet;

use crate::problem::Window;

use super::block::parts;

pub use super::block::Block;

/// The number of distinct rows `p·stride + r·dilation − padding` inside the tensor,
/// for `p` in block `output` and `r` in block `kernel`.
///
/// Rows are grouped by their residue modulo the stride. With `g = gcd(stride, dilation)` every
/// `stride/g`-th tap has the same residue, and from one of them to the next the quotient grows
/// by `dilation/g`: tap `r` covers an interval of `output.length` quotients from
/// `output.start + ⌊r·dilation/stride⌋` on, and these intervals either join or are disjoint.
#[must_use]
pub fn distinct_rows(window: &Window, output: Block, kernel: Block) -> u64 {
    let divisor = gcd(window.stride, window.dilation);
    let period = window.stride / divisor;
    let total: i64 = (0..period.min(kernel.length))
        .map(|phase| rows_of_residue(window, output, kernel, phase, divisor))
        .sum();
    u64::try_from(total).unwrap_or(u64::MAX)
}

/// The distinct rows of several blocks together.
#[must_use]
pub fn rows_of_all(window: &Window, outputs: &[Block], kernels: &[Block]) -> u64 {
    if let ([output], [kernel]) = (outputs, kernels) {
        return distinct_rows(window, *output, *kernel);
    }
    let indices = |blocks: &[Block]| -> Vec<u64> {
        let of = |b: &Block| b.start..b.start + b.length;
        blocks.iter().flat_map(of).collect()
    };
    let taps = indices(kernels);
    let rows: BTreeSet<u64> = indices(outputs)
        .iter()
        .flat_map(|p| taps.iter().map(move |r| (p, r)))
        .filter_map(|(p, r)| (p * window.stride + r * window.dilation).checked_sub(window.padding))
        .filter(|&row| row < window.rows)
        .collect();
    rows.len() as u64
}

/// Whether consecutive tiles of so many outputs may both hold a row's neighbours and yet not the
/// row: a walk then fetches rows again that an earlier tile held.
///
/// A row that two outputs read lies `dilation/g` outputs, or a multiple of that, apart in them,
/// `g = gcd(stride, dilation)`. Every tile with so many outputs between them holds it as well.
#[must_use]
pub fn forgets_rows(window: &Window, tile: u64, taps: u64) -> bool {
    taps > 1 && tile < outputs_apart(window)
}

/// How many outputs apart those lie, at least, that read a row with different taps.
#[must_use]
pub fn outputs_apart(window: &Window) -> u64 {
    window.dilation / gcd(window.stride, window.dilation)
}

/// Rows that a walk over consecutive tiles fetches: those of the first one, and of every further
/// one those that its predecessor does not hold.
#[must_use]
pub fn rows_of_tiles(
    window: &Window,
    tiles: impl IntoIterator<Item = Block>,
    kernel: Block,
) -> u64 {
    let mut before: Option<Block> = None;
    let mut total = 0;
    for tile in tiles {
        total += match before {
            None => distinct_rows(window, tile, kernel),
            Some(before) => new_rows(window, before, tile, kernel),
        };
        before = Some(tile);
    }
    total
}

/// The rows of a tile that the tile directly before it does not hold.
fn new_rows(window: &Window, before: Block, tile: Block, kernel: Block) -> u64 {
    let both = Block {
        start: before.start,
        length: before.length + tile.length,
    };
    distinct_rows(window, both, kernel) - distinct_rows(window, before, kernel)
}

/// Rows that a walk over a block of outputs fetches, in tiles of so many outputs.
#[must_use]
pub fn walked_rows(window: &Window, outputs: Block, tile: u64, kernel: Block) -> u64 {
    if tile >= outputs.length || !forgets_rows(window, tile, kernel.length) {
        return distinct_rows(window, outputs, kernel);
    }
    // Full tiles away from padding, the tile before them too, add as many rows each.
    let (clear, end) = clear_outputs(window, kernel.start + kernel.length);
    let first = clear.saturating_sub(outputs.start).div_ceil(tile) + 1;
    let end = end.min(outputs.start + outputs.length);
    let equal = (end.saturating_sub(outputs.start) / tile).saturating_sub(first);
    if equal == 0 {
        return rows_of_tiles(window, parts(outputs, tile), kernel);
    }
    let whole = Block {
        start: outputs.start,
        length: first * tile,
    };
    let last = Block {
        start: outputs.start + (first + equal - 1) * tile,
        length: outputs.length - (first + equal - 1) * tile,
    };
    let one = Block {
        start: last.start - tile,
        length: 2 * tile,
    };
    let further = |walk: Block| {
        let tiles = rows_of_tiles(window, parts(walk, tile), kernel);
        let before = Block {
            length: tile,
            ..walk
        };
        tiles - distinct_rows(window, before, kernel)
    };
    rows_of_tiles(window, parts(whole, tile), kernel) + equal * further(one) + further(last)
}

/// Distinct rows inside the tensor of every `stride/divisor`-th tap from the block's `phase`-th on.
fn rows_of_residue(window: &Window, output: Block, kernel: Block, phase: u64, divisor: u64) -> i64 {
    let stride = signed(window.stride);
    let padding = signed(window.padding);
    let period = window.stride / divisor;
    let taps = signed((kernel.length - phase).div_ceil(period));
    let first_tap = signed(kernel.start + phase) * signed(window.dilation);
    let residue = first_tap % stride;
    // Quotients q with 0 <= q·stride + residue − padding < rows.
    let lowest = (padding - residue).div_euclid(stride)
        + i64::from((padding - residue).rem_euclid(stride) > 0);
    let highest = (signed(window.rows) - 1 + padding - residue).div_euclid(stride);
    let (from, length) = (
        signed(output.start) + first_tap / stride,
        signed(output.length),
    );
    let step = signed(window.dilation / divisor);
    if step <= length {
        let to = from + (taps - 1) * step + length - 1;
        return (to.min(highest) - from.max(lowest) + 1).max(0);
    }
    // Disjoint intervals: those that end before `lowest` or begin after `highest` have no rows,
    // and of the others all but the first and the last one have all of theirs.
    let first = (lowest - from - length + 1).max(0).div_euclid(step)
        + i64::from((lowest - from - length + 1).max(0).rem_euclid(step) > 0);
    let last = (highest - from).div_euclid(step).min(taps - 1);
    let of = |i: i64| {
        let start = from + i * step;
        (start + length - 1).min(highest) - start.max(lowest) + 1
    };
    match last - first {
        i64::MIN..=-1 => 0,
        0 => of(first).max(0),
        between => of(first) + (between - 1) * length + of(last),
    }
}

/// Extents, strides and sizes lie far below 2^62; larger ones count as that.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX / 2)
}

/// The greatest common divisor.
fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

/// Whether every tile's rows lie inside the tensor: no window reaches into padding.
#[must_use]
pub fn is_unclipped(window: &Window, outputs: u64, taps: u64) -> bool {
    let reach = (outputs - 1)
        .saturating_mul(window.stride)
        .saturating_add((taps - 1).saturating_mul(window.dilation));
    window.padding == 0 && reach < window.rows
}

/// The outputs, from the first to one past the last, of which no tap reads padding.
#[must_use]
pub fn clear_outputs(window: &Window, taps: u64) -> (u64, u64) {
    let reach = (taps - 1).saturating_mul(window.dilation);
    let end = window.rows.saturating_add(window.padding);
    let end = end.saturating_sub(reach).div_ceil(window.stride);
    (window.padding.div_ceil(window.stride), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_counting_the_set() {
        for stride in 1..=4 {
            for dilation in 1..=4 {
                for padding in 0..=2 {
                    check_all_blocks(stride, dilation, padding);
                }
            }
        }
    }

    /// A walk that keeps sets of rows and nothing else.
    fn walked(window: &Window, outputs: Block, tile: u64, kernel: Block) -> u64 {
        let rows = |block: Block| -> BTreeSet<u64> {
            (block.start..block.start + block.length)
                .flat_map(|p| {
                    let taps = kernel.start..kernel.start + kernel.length;
                    taps.map(move |r| p * window.stride + r * window.dilation)
                })
                .filter_map(|row| row.checked_sub(window.padding))
                .filter(|&row| row < window.rows)
                .collect()
        };
        let mut before = BTreeSet::new();
        let mut fetched = 0;
        for block in parts(outputs, tile) {
            let own = rows(block);
            fetched += own.difference(&before).count() as u64;
            before = own;
        }
        fetched
    }

    #[test]
    fn a_walk_fetches_what_the_tile_before_does_not_hold() {
        let mut again = 0;
        for (stride, dilation) in (1..=4).flat_map(|s| (1..=6).map(move |d| (s, d))) {
            for (padding, rows) in [(0, 100), (0, 14), (2, 9), (3, 17)] {
                let window = Window {
                    stride,
                    dilation,
                    padding,
                    rows,
                };
                for (start, length, tile) in [
                    (0, 9, 2),
                    (0, 8, 3),
                    (2, 7, 1),
                    (1, 6, 4),
                    (3, 2, 5),
                    (0, 12, 5),
                ] {
                    for (first, taps) in [(0, 1), (0, 2), (1, 3), (0, 4)] {
                        let outputs = Block { start, length };
                        let kernel = Block {
                            start: first,
                            length: taps,
                        };
                        let counted = walked_rows(&window, outputs, tile, kernel);
                        let expected = walked(&window, outputs, tile, kernel);
                        assert_eq!(
                            counted, expected,
                            "{window:?} {outputs:?} {tile} {kernel:?}"
                        );
                        let distinct = distinct_rows(&window, outputs, kernel);
                        assert!(counted >= distinct);
                        assert!(counted == distinct || forgets_rows(&window, tile, taps));
                        again += u64::from(counted > distinct);
                    }
                }
            }
        }
        assert!(again > 200, "{again}");
    }

    fn check_all_blocks(stride: u64, dilation: u64, padding: u64) {
        let window = Window {
            stride,
            dilation,
            padding,
            rows: 9,
        };
        for (p0, lp, r0, lr) in (0..3).flat_map(|p0| {
            (1..5).flat_map(move |lp| {
                (0..3).flat_map(move |r0| (1..5).map(move |lr| (p0, lp, r0, lr)))
            })
        }) {
            let set: BTreeSet<u64> = (p0..p0 + lp)
                .flat_map(|p| (r0..r0 + lr).map(move |r| p * stride + r * dilation))
                .filter_map(|row| row.checked_sub(padding))
                .filter(|&row| row < 9)
                .collect();
            let counted = distinct_rows(
                &window,
                Block {
                    start: p0,
                    length: lp,
                },
                Block {
                    start: r0,
                    length: lr,
                },
            );
            assert_eq!(counted, set.len() as u64, "{window:?} {p0}+{lp} {r0}+{lr}");
        }
    }
}
