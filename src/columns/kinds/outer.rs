//! The outer parts of chains: the slots above the first array, as boxes of extents.

use crate::columns::logarithm::ln;

use super::kind::{Cell, Columns, Place, Refinement};

/// The slots above the first array.
#[derive(Debug)]
struct Outer;

/// Columns of outer parts.
pub const OUTER: &dyn Columns = &Outer;

impl Columns for Outer {
    fn suffix(&self) -> &'static str {
        "_outer"
    }

    fn has_slot(&self, slot: usize, outer: usize) -> bool {
        slot < outer
    }

    fn has_steps(&self) -> bool {
        false
    }

    fn refine(&self) -> Refinement {
        Refinement::Expand
    }

    fn exact(&self, _cell: &Cell<'_>) -> bool {
        false
    }

    fn lower_elements(&self, cell: &Cell<'_>, (slot, ..): Place) -> (u64, u64) {
        let own = slot.filter(|&s| s < cell.outer && !cell.cut_again);
        // Tiles of full size: every one of them has as many active elements as the largest.
        let full = own.map_or(1, |s| {
            let mut above = cell.extent;
            (0..=s)
                .map(|i| {
                    let tiles = (above / cell.highest[i].max(1)).max(1);
                    above = cell.chain.extents[i];
                    tiles
                })
                .product()
        });
        (full, 1)
    }

    fn lower_receivers(&self, cell: &Cell<'_>, (slot, ..): Place, counted: (u64, u64)) -> f64 {
        let counted = ln(counted.0);
        match slot.filter(|&s| s < cell.outer) {
            Some(s) => counted.max(ln(cell.extent) - ln(cell.highest[s].max(1))),
            None => counted,
        }
    }

    fn lower_repeats(&self, _cell: &Cell<'_>, _place: Place, receivers: u64) -> f64 {
        ln(receivers)
    }

    fn may_have(&self, cell: &Cell<'_>, slot: usize, extent: u64) -> bool {
        (cell.chain.extents[slot]..=cell.highest[slot]).contains(&extent)
    }

    /// Nothing is known of extents inside.
    fn is_uncut(
        &self,
        _cell: &Cell<'_>,
        _slot: usize,
        _around: (Option<usize>, Option<usize>),
    ) -> bool {
        true
    }
}
