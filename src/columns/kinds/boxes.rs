//! Boxes of chains: one spread, and at every slot all extents between two.

use super::kind::{Cell, Columns, Refinement};

/// All of a chain, as boxes of extents and single chains.
#[derive(Debug)]
struct Boxes;

/// Columns of boxes and single chains.
pub const BOXES: &dyn Columns = &Boxes;

impl Columns for Boxes {
    fn suffix(&self) -> &'static str {
        "_boxes"
    }

    fn refine(&self) -> Refinement {
        Refinement::Halve
    }

    fn exact(&self, cell: &Cell<'_>) -> bool {
        cell.highest.is_empty()
    }

    /// Element 0 has a share of every tile.
    fn lower_share(&self, cell: &Cell<'_>, slot: usize, level: usize) -> u64 {
        let dealt = cell.extent.div_ceil(cell.chain.spread_above(level));
        let tiles = cell.chain.counts.get(slot).copied();
        dealt.max(tiles.unwrap_or(cell.chain.steps))
    }
}
