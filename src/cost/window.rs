//! Distinct rows that a window operand's tile touches (problem definition, section 1).

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
/// Rows are grouped by their residue modulo the stride. Within a residue, tap `r` covers the
/// interval of quotients `p + ⌊r·dilation/stride⌋`; intervals of growing `r` move upward, so
/// one pass counts their union.
#[must_use]
pub fn distinct_rows(window: &Window, output: Block, kernel: Block) -> u64 {
    let stride = i128::from(window.stride);
    let residues = window.stride.min(kernel.length);
    (0..residues)
        .map(|phase| {
            let residue = i128::from((kernel.start + phase) * window.dilation) % stride;
            let first_of_residue = (0..phase).all(|earlier| {
                i128::from((kernel.start + earlier) * window.dilation) % stride != residue
            });
            if first_of_residue {
                rows_of_residue(window, output, kernel, residue)
            } else {
                0
            }
        })
        .sum()
}

/// Distinct rows whose unpadded index is congruent to `residue` modulo the stride.
fn rows_of_residue(window: &Window, output: Block, kernel: Block, residue: i128) -> u64 {
    let stride = i128::from(window.stride);
    let padding = i128::from(window.padding);
    // Quotients q with 0 <= q·stride + residue − padding < rows.
    let lowest = (padding - residue).div_euclid(stride)
        + i128::from((padding - residue).rem_euclid(stride) > 0);
    let highest = (i128::from(window.rows) - 1 + padding - residue).div_euclid(stride);
    let mut covered_to = lowest - 1;
    let mut rows = 0;
    for r in kernel.start..kernel.start + kernel.length {
        let tap = i128::from(r * window.dilation);
        if tap % stride != residue {
            continue;
        }
        let from = i128::from(output.start) + tap / stride;
        let to = (from + i128::from(output.length) - 1).min(highest);
        let new = to - from.max(covered_to + 1) + 1;
        if new > 0 {
            rows += u64::try_from(new).unwrap_or(0);
        }
        covered_to = covered_to.max(to);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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
