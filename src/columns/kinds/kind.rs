//! What every kind of columns says of itself.

use std::fmt::Debug;

use crate::columns::inner_parts::need;
use crate::columns::logarithm::ln;
use crate::tiling::chain::Chain;
use crate::tiling::receivers::Dealt;
use crate::tiling::slot::Slot;
use crate::tiling::wanted::Wanted;

/// Where elements are counted: the slot whose pieces are visited, the level above whose arrays'
/// elements count, and how tiles are dealt out to them.
pub type Place = (Option<usize>, usize, Dealt);

/// What takes the place of columns on which a bound rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refinement {
    /// Nothing: they are single chains.
    Nothing,
    /// The chains of each with an inner part of the group that follows.
    Expand,
    /// The same with an outer part of the group before.
    Join,
    /// Their halves.
    Halve,
}

/// One dimension of a column.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// Its chain; of a box and of a part one with the smallest extents and counts.
    pub chain: &'a Chain,
    /// The largest extents of a box; none for a single chain, or an inner part.
    pub highest: &'a [u64],
    /// The extent of the dimension.
    pub extent: u64,
    /// The slots of the dimension.
    pub slots: &'a [Slot],
    /// How many of them lie above the first array.
    pub outer: usize,
    /// Whether it may be cut once more between its slots.
    pub cut_again: bool,
    /// What restrictions ask of its chains.
    pub wanted: &'a Wanted,
}

impl Cell<'_> {
    /// The smallest and the largest extent over all elements at a slot.
    #[must_use]
    pub fn wide_range(&self, slot: usize) -> (u64, u64) {
        let low = self.chain.wide(self.slots, slot);
        let high = self.highest.get(slot).map_or(low, |&high| {
            high.saturating_mul(self.chain.spread_above(self.slots[slot].level))
        });
        (low, high)
    }

    /// The least extent above the array that the dimension's inner part needs.
    #[must_use]
    pub fn need(&self) -> u64 {
        need(self.slots, self.outer, self.chain, self.wanted)
    }
}

/// A kind of columns: which of their attributes are known, and the least that the others can be in
/// any of the chains that a column stands for.
pub trait Columns: Debug + Sync {
    /// The end of the name of a group of them.
    fn suffix(&self) -> &'static str;

    /// Whether they tell extents at a slot, of which `outer` lie above the first array.
    fn has_slot(&self, _slot: usize, _outer: usize) -> bool {
        true
    }

    /// Whether they tell spatial factors and steps.
    fn has_steps(&self) -> bool {
        true
    }

    /// Whether their outermost tiles may be taken for those of the chains.
    fn has_outermost(&self) -> bool {
        true
    }

    /// What takes their place.
    fn refine(&self) -> Refinement;

    /// Whether a column's dimension is a single chain, written out from the whole dimension down to
    /// one element: no box, and no part of a chain.
    fn exact(&self, cell: &Cell<'_>) -> bool;

    /// The least that element 0's share of the arrays above a level can be, over all tiles at a slot.
    fn lower_share(&self, cell: &Cell<'_>, _slot: usize, level: usize) -> u64 {
        cell.extent.div_ceil(cell.chain.spread_above(level))
    }

    /// The least receivers of visits, and the least that the most active elements of one can be.
    fn lower_elements(&self, cell: &Cell<'_>, place: Place) -> (u64, u64) {
        // One element at least takes part in every visit.
        (place.0.map_or(1, |slot| cell.chain.counts[slot]), 1)
    }

    /// The logarithm of receivers, of which so many and so many active ones are counted, or the least
    /// that a part's factor of them can be.
    ///
    /// Of a tile as much as the array's tile, of length `t`, is dealt out at a time, in shares of
    /// `t / elements` rounded up to at most the innermost extent `e`. So a visit of a tile that holds
    /// `t` has at least `t / e` elements, and one of a shorter one of length `l` at least `l / e`:
    /// tiles of at most `E`, which hold the whole dimension `D` together, have at least `D / E · t / e`.
    fn lower_receivers(&self, _cell: &Cell<'_>, _place: Place, counted: (u64, u64)) -> f64 {
        ln(counted.0)
    }

    /// The least that the logarithm of receivers over active elements can be.
    fn lower_repeats(&self, _cell: &Cell<'_>, _place: Place, _receivers: u64) -> f64 {
        0.0
    }

    /// Whether some chain has an extent at a slot.
    fn may_have(&self, cell: &Cell<'_>, slot: usize, extent: u64) -> bool {
        cell.chain.extents[slot] == extent
    }

    /// Whether some chain has no cut of its own at a slot that no node uses: it cuts the pieces around
    /// it as the slot inside does, or not at all. `outer` and `inner` are the nearest slots that are
    /// used, none for the whole dimension and for the compute level.
    fn is_uncut(
        &self,
        cell: &Cell<'_>,
        slot: usize,
        (outer, inner): (Option<usize>, Option<usize>),
    ) -> bool {
        let spread = cell.chain.spread_above(usize::MAX);
        let inner = inner.map_or((spread, spread), |s| cell.wide_range(s));
        let outer = outer.map_or((cell.extent, cell.extent), |s| cell.wide_range(s));
        let own = cell.wide_range(slot);
        own.0.min(outer.0) <= inner.1.min(outer.1) && own.1.min(outer.1) >= inner.0.min(outer.0)
    }
}
