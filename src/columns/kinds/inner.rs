//! The inner parts of chains: the spatial factors and the slots below.

use crate::columns::logarithm::ln;

use super::kind::{Cell, Columns, Place, Refinement};

/// The spatial factors and the slots below the first array.
#[derive(Debug)]
struct Inner;

/// Columns of inner parts.
pub const INNER: &dyn Columns = &Inner;

/// The innermost extent.
fn innermost(cell: &Cell<'_>) -> u64 {
    cell.chain.extents.last().copied().unwrap_or(1)
}

impl Columns for Inner {
    fn suffix(&self) -> &'static str {
        "_inner"
    }

    fn has_slot(&self, slot: usize, outer: usize) -> bool {
        slot >= outer
    }

    fn has_outermost(&self) -> bool {
        false
    }

    fn refine(&self) -> Refinement {
        Refinement::Join
    }

    fn exact(&self, _cell: &Cell<'_>) -> bool {
        false
    }

    fn lower_elements(&self, cell: &Cell<'_>, (slot, level, _): Place) -> (u64, u64) {
        let spread = cell.chain.spread_above(level);
        let [only] = cell.chain.spread.as_slice() else {
            return (1, 1);
        };
        // The tile above holds `need` at least, of which each element takes its extent at most.
        let own = innermost(cell);
        let active = if only.array < level {
            cell.need().min(own * spread).div_ceil(own)
        } else {
            1
        };
        let receivers = match slot.filter(|&s| s >= cell.outer) {
            // After the last slot every element has tiles of one.
            Some(s) => {
                let tile = cell.chain.extents.get(s).copied().unwrap_or(1);
                cell.extent.div_ceil(tile)
            }
            None => active,
        };
        (receivers.max(active), active)
    }

    fn lower_receivers(
        &self,
        cell: &Cell<'_>,
        (slot, level, _): Place,
        counted: (u64, u64),
    ) -> f64 {
        let (receivers, active) = counted;
        if slot.is_none_or(|s| s >= cell.outer) || active <= 1 {
            return ln(receivers);
        }
        let own = innermost(cell);
        let least = cell.need().min(own * cell.chain.spread_above(level));
        ln(least) - ln(own)
    }

    fn lower_repeats(&self, cell: &Cell<'_>, (slot, level, _): Place, receivers: u64) -> f64 {
        if slot.is_none_or(|s| s < cell.outer) {
            return 0.0;
        }
        let elements = cell.chain.spread_above(level);
        (ln(receivers) - ln(elements)).max(0.0)
    }

    /// Nothing is known of extents around it.
    fn is_uncut(
        &self,
        cell: &Cell<'_>,
        slot: usize,
        (_, inner): (Option<usize>, Option<usize>),
    ) -> bool {
        let wide = |slot: usize| cell.chain.wide(cell.slots, slot);
        let within = inner.map_or(cell.chain.spread_above(usize::MAX), wide);
        slot < cell.outer || wide(slot) <= within
    }
}
