//! Distinct rows that a window operand's tile touches (problem definition, section 1).

use std::collections::BTreeSet;

use crate::problem::Window;

/// A block of consecutive indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    /// First index.
    pub start: u64,
    /// Number of indices.
    pub length: u64,
}

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
