//! The elements that take part in the visits of a column's tiles: where energy counts, every one of
//! them pays for its side of a transfer.

use crate::problem::Dim;
use crate::tiling::elements::taking_part;
use crate::tiling::receivers::receivers_at;

use super::group::ColumnGroup;
use super::kinds::Place;
use super::logarithm::ln;

impl ColumnGroup {
    /// The logarithm of receivers, or in a part the least that its factor of them can be.
    pub(super) fn receivers(&self, column: usize, d: Dim, place: Place) -> f64 {
        let Some(p) = self.position(d) else {
            return 0.0;
        };
        let counted = self.taking_part(column, d, place);
        let cell = self.cell(column, p);
        self.kind.lower_receivers(&cell, place, counted)
    }

    /// The logarithm of receivers over active elements, or of the least it can be in a part.
    pub(super) fn repeats(&self, column: usize, d: Dim, place: Place) -> f64 {
        let Some(p) = self.position(d) else {
            return 0.0;
        };
        let (receivers, active) = self.taking_part(column, d, place);
        if self.is_exact(column) {
            return ln(receivers) - ln(active);
        }
        let cell = self.cell(column, p);
        self.kind.lower_repeats(&cell, place, receivers)
    }

    /// Receivers, and the most active elements of a visit; in a part the least that its
    /// factor of them can be.
    pub(super) fn taking_part(&self, column: usize, d: Dim, place: Place) -> (u64, u64) {
        let Some(p) = self.position(d) else {
            return (1, 1);
        };
        let cell = self.cell(column, p);
        if !self.is_exact(column) {
            return self.kind.lower_elements(&cell, place);
        }
        let (slot, level, way) = place;
        let (chain, slots, extent) = (cell.chain, cell.slots, cell.extent);
        let below_all = chain.spread.iter().all(|own| own.array < level);
        below_all
            .then(|| receivers_at(chain, slots, extent, slot, way))
            .flatten()
            .unwrap_or_else(|| taking_part(chain, slots, extent, slot, level, way))
    }
}
