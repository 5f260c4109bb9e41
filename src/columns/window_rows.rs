//! The rows of a window that columns have, or the least they can have.

use std::sync::PoisonError;

use crate::tiling::chain::Chain;
use crate::tiling::rows::{CutNumbers, Rows};

use super::attribute::RowSum;
use super::group::ColumnGroup;

impl ColumnGroup {
    /// Rows of the largest tile, or the least they can be in a part.
    pub(super) fn largest_rows(&self, column: usize, output: usize, kernel: usize) -> u64 {
        let (p, r) = (self.chain(column, 0), self.chain(column, 1));
        match &self.bounds {
            Some(bounds) if !self.is_exact(column) => {
                // Three tiles, all but the last of them full, unless a third cut comes first.
                let apart = p.spread_above(self.slots[0][0].level) == 1 && !self.third;
                let full = self.kind.has_outermost() && p.counts[0] >= 3 && apart;
                let interior = output == 0 && full;
                bounds.largest(p.extents[output], r.extents[kernel], interior)
            }
            _ => self.with_rows(|rows, numbers| {
                let [i, j] = self.columns[column];
                let outputs = rows.elements(numbers, (0, i), p, output);
                let kernels = rows.elements(numbers, (1, j), r, kernel);
                rows.largest(outputs, kernels)
            }),
        }
    }

    /// Rows over all tiles or walks, or the least they can be in a part.
    pub(super) fn sum_of_rows(&self, column: usize, sum: RowSum) -> u64 {
        let (p, r) = (self.chain(column, 0), self.chain(column, 1));
        let (inner, outer) = sum.between;
        let alone = |c: &Chain| c.spread_above(inner) == c.spread_above(outer);
        let walk = sum
            .walk
            .filter(|_| r.counts.get(sum.kernel) == Some(&1) && alone(p) && alone(r));
        let is_spread = p.spread_above(sum.port) > 1 || r.spread_above(sum.port) > 1;
        match &self.bounds {
            // In padding the share of a tile may have more rows than those of its parts.
            Some(bounds)
                if !self.is_exact(column) || (!sum.ordered && is_spread && bounds.is_clipped()) =>
            {
                let tiles = |c: &Chain, slot: usize| c.counts.get(slot).copied().unwrap_or(c.steps);
                let own = tiles(p, sum.output);
                let pieces = match walk {
                    None => own,
                    Some(0) => 1,
                    Some(cut) if self.has_slot(self.dims[0], cut - 1) => p.counts[cut - 1],
                    Some(_) => 1,
                };
                let kernels = tiles(r, sum.kernel);
                let spread = (p.spread_above(sum.port), r.spread_above(sum.port));
                if sum.elements || spread == (1, 1) {
                    bounds.sum(pieces, kernels)
                } else {
                    // The port of a memory below arrays sees what element 0 does.
                    bounds.first_element(pieces, kernels, spread)
                }
            }
            Some(bounds)
                if walk.is_some()
                    && p.extents
                        .get(sum.output)
                        .is_some_and(|&tile| bounds.forgets_rows(tile)) =>
            {
                // Below a node that an inner memory keeps across this one's tiles there is no walk.
                let cut = walk.unwrap_or_default().min(sum.output + 1);
                let counted = (sum.port, sum.elements);
                self.with_rows(|rows, _| rows.walked((p, r), (cut, sum.output), counted))
            }
            _ => self.with_rows(|rows, numbers| {
                let [i, j] = self.columns[column];
                if sum.elements {
                    let outputs = match walk {
                        Some(cut) => rows.walk(p, cut, sum.port),
                        None => rows.spread_cut(0, p, sum.output + 1, sum.port),
                    };
                    let kernels = rows.spread_cut(1, r, sum.kernel + 1, sum.port);
                    return rows.sum(outputs, kernels, (1, 1));
                }
                let outputs = match walk.filter(|_| p.third.is_some()) {
                    Some(cut) => rows.walk(p, cut, 0),
                    None => rows.cut(numbers, (0, i), p, walk.unwrap_or(sum.output + 1)),
                };
                let kernels = rows.cut(numbers, (1, j), r, sum.kernel + 1);
                rows.sum(
                    outputs,
                    kernels,
                    (p.spread_above(sum.port), r.spread_above(sum.port)),
                )
            }),
        }
    }

    fn with_rows(&self, f: impl FnOnce(&mut Rows, &mut CutNumbers) -> u64) -> u64 {
        let Some(rows) = &self.rows else { return 1 };
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut rows, &mut numbers)
    }
}
