//! The elements that take part in the visits of a column's tiles: where energy counts, every one of
//! them pays for its side of a transfer.

use crate::problem::Dim;

use super::group::{ColumnGroup, ln};
use super::part::Part;
use crate::tiling::elements::taking_part;
use crate::tiling::receivers::{Dealt, receivers_at};

/// Where elements are counted: the slot whose pieces are visited, the level above whose arrays'
/// elements count, and how tiles are dealt out to them.
pub(crate) type Place = (Option<usize>, usize, Dealt);

impl ColumnGroup {
    /// The logarithm of receivers, or in a part the least that its factor of them can be.
    ///
    /// Of a tile as much as the array's tile, of length `t`, is dealt out at a time, in shares of
    /// `t / elements` rounded up to at most the innermost extent `e`. So a visit of a tile that holds
    /// `t` has at least `t / e` elements, and one of a shorter one of length `l` at least `l / e`:
    /// tiles of at most `E`, which hold the whole dimension `D` together, have at least `D / E · t / e`.
    pub(crate) fn receivers(&self, column: usize, d: Dim, place: Place) -> f64 {
        let (slot, level, _) = place;
        let Some(p) = self.position(d) else {
            return 0.0;
        };
        let (receivers, active) = self.taking_part(column, d, place);
        let counted = ln(receivers);
        match (self.part, slot.filter(|&s| s < self.outer[p])) {
            (Part::Outer, Some(s)) => {
                let largest = self.highest[p][self.columns[column][p] as usize][s];
                counted.max(ln(self.extents[p]) - ln(largest.max(1)))
            }
            (Part::Inner, Some(_)) if active > 1 => {
                let chain = self.chain(column, p);
                let own = chain.extents.last().copied().unwrap_or(1);
                let least = self.need_of(p, chain).min(own * chain.spread_above(level));
                ln(least) - ln(own)
            }
            _ => counted,
        }
    }

    /// The logarithm of receivers over active elements, or of the least it can be in a part.
    pub(crate) fn repeats(&self, column: usize, d: Dim, place: Place) -> f64 {
        let (slot, level, _) = place;
        let Some(p) = self.position(d) else {
            return 0.0;
        };
        let (receivers, active) = self.taking_part(column, d, place);
        match self.part {
            _ if self.is_exact(column) => ln(receivers) - ln(active),
            Part::Outer => ln(receivers),
            Part::Inner if slot.is_some_and(|s| s >= self.outer[p]) => {
                let elements = self.chain(column, p).spread_above(level);
                (ln(receivers) - ln(elements)).max(0.0)
            }
            Part::Inner | Part::Whole | Part::Boxed => 0.0,
        }
    }

    /// Receivers, and the most active elements of a visit; in a part the least that its
    /// factor of them can be.
    pub(crate) fn taking_part(&self, column: usize, d: Dim, place: Place) -> (u64, u64) {
        let (slot, level, way) = place;
        let Some(p) = self.position(d) else {
            return (1, 1);
        };
        let chain = self.chain(column, p);
        match self.part {
            _ if self.is_exact(column) => {
                let (slots, extent) = (&self.slots[p], self.extents[p]);
                let below_all = chain.spread.iter().all(|own| own.array < level);
                below_all
                    .then(|| receivers_at(chain, slots, extent, slot, way))
                    .flatten()
                    .unwrap_or_else(|| taking_part(chain, slots, extent, slot, level, way))
            }
            // One element at least takes part in every visit.
            Part::Whole | Part::Boxed => (slot.map_or(1, |s| chain.counts[s]), 1),
            Part::Outer => {
                let own = slot.filter(|&s| s < self.outer[p] && !self.third);
                let highest = &self.highest[p][self.columns[column][p] as usize];
                // Tiles of full size: every one of them has as many active elements as the largest.
                let full = own.map_or(1, |s| {
                    let mut above = self.extents[p];
                    (0..=s)
                        .map(|i| {
                            let tiles = (above / highest[i].max(1)).max(1);
                            above = chain.extents[i];
                            tiles
                        })
                        .product()
                });
                (full, 1)
            }
            Part::Inner => {
                let spread = chain.spread_above(level);
                let [only] = chain.spread.as_slice() else {
                    return (1, 1);
                };
                // The tile above holds `need` at least, of which each element takes its extent at most.
                let own = chain.extents.last().copied().unwrap_or(1);
                let active = if only.array < level {
                    let least = self.need_of(p, chain);
                    least.min(own * spread).div_ceil(own)
                } else {
                    1
                };
                let receivers = match slot.filter(|&s| s >= self.outer[p]) {
                    // After the last slot every element has tiles of one.
                    Some(s) => {
                        let tile = chain.extents.get(s).copied().unwrap_or(1);
                        self.extents[p].div_ceil(tile)
                    }
                    None => active,
                };
                (receivers.max(active), active)
            }
        }
    }
}
