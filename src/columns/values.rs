//! What columns determine, as integers and as logarithms.

use std::sync::Arc;

use crate::engine::Values;
use crate::problem::{Dim, LoopNest};

use super::attribute::{Attribute, RowSum};
use super::group::ColumnGroup;
use super::kinds::Refinement;
use super::logarithm::ln;
use super::tuning::LONG_WINDOW;

impl ColumnGroup {
    /// Whether the attribute belongs to this group.
    #[must_use]
    pub fn has(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Count(d, slot)
            | Attribute::Extent(d, slot)
            | Attribute::Share(d, slot, _) => self.has_slot(d, slot),
            Attribute::Steps(d) | Attribute::Spread(d, ..) => {
                self.dims.contains(&d) && self.kind.has_steps()
            }
            Attribute::Receivers(d, ..) | Attribute::Active(d, ..) | Attribute::Repeats(d, ..) => {
                self.dims.contains(&d)
            }
            Attribute::Need(d) => self.dims.contains(&d) && self.refinement() == Refinement::Join,
            Attribute::Room(d) => self.dims.contains(&d) && self.refinement() == Refinement::Expand,
            Attribute::PerWide(d, slot) => {
                self.refinement() == Refinement::Join && self.has_slot(d, slot)
            }
            Attribute::Rows(axis, output, _) | Attribute::Sum(RowSum { axis, output, .. }) => {
                let (p, _) = LoopNest::WINDOW_DIMS[axis];
                self.dims.len() == 2 && self.has_slot(p, output)
            }
        }
    }

    /// The logarithms of an attribute, one per column.
    ///
    /// # Panics
    /// Never: the lock is not held across a panic.
    #[must_use]
    pub fn values(&self, attribute: Attribute) -> Arc<Vec<f64>> {
        if let Ok(known) = self.known.lock()
            && let Some(values) = known.get(&attribute)
        {
            return Arc::clone(values);
        }
        let values = Arc::new(self.logarithms(attribute));
        if let Ok(mut known) = self.known.lock() {
            known.insert(attribute, Arc::clone(&values));
        }
        values
    }

    /// The sum of the logarithms of several attributes, one per column; `None` where all are zero.
    #[must_use]
    pub fn sum(&self, attributes: Vec<Attribute>) -> Values {
        if let Ok(known) = self.known_sums.lock()
            && let Some(values) = known.get(&attributes)
        {
            return values.clone();
        }
        if self.watch.cause().is_some() {
            // Nothing is used any more, and there may be no memory for it.
            return None;
        }
        let mut total = vec![0.0; self.columns.len()];
        for &attribute in &attributes {
            total
                .iter_mut()
                .zip(self.values(attribute).iter())
                .for_each(|(t, v)| *t += v);
        }
        let values = total.iter().any(|&v| v != 0.0).then(|| Arc::new(total));
        if let Ok(mut known) = self.known_sums.lock() {
            known.insert(attributes, values.clone());
        }
        values
    }

    fn logarithms(&self, attribute: Attribute) -> Vec<f64> {
        let ticker = self.watch.ticker();
        // Rows of windows that see padding are counted piece by piece.
        let long = matches!(attribute, Attribute::Rows(..) | Attribute::Sum(_))
            && self.extents.iter().product::<u64>() > LONG_WINDOW;
        (0..self.columns.len())
            .map(|column| {
                // Once stopped nothing is used any more, but every column needs a value.
                if ticker.stopped() || (long && self.watch.stopped()) {
                    0.0
                } else {
                    self.logarithm(attribute, column)
                }
            })
            .collect()
    }

    /// The logarithm of an attribute of a column.
    pub(crate) fn logarithm(&self, attribute: Attribute, column: usize) -> f64 {
        match attribute {
            Attribute::Receivers(d, slot, level, way) => {
                self.receivers(column, d, (slot, level, way))
            }
            Attribute::Repeats(d, slot, level, way) => self.repeats(column, d, (slot, level, way)),
            Attribute::Room(_) | Attribute::PerWide(..) => -ln(self.integer(attribute, column)),
            _ => ln(self.integer(attribute, column)),
        }
    }

    /// The integer itself.
    #[must_use]
    pub fn integer(&self, attribute: Attribute, column: usize) -> u64 {
        let of = |d: Dim| self.position(d).map(|p| self.chain(column, p));
        match attribute {
            Attribute::Count(d, slot) => of(d).map_or(1, |c| c.counts[slot]),
            Attribute::Extent(d, slot) => of(d).map_or(1, |c| c.extents[slot]),
            Attribute::Steps(d) => of(d).map_or(1, |c| c.steps),
            Attribute::Spread(d, array, axis) => of(d).map_or(1, |c| {
                c.spread
                    .iter()
                    .filter(|s| (s.array, s.axis) == (array, axis))
                    .map(|s| s.factor)
                    .product()
            }),
            Attribute::Share(d, slot, level) => self
                .position(d)
                .map_or(1, |p| self.share(column, p, slot, level)),
            Attribute::Receivers(d, slot, level, way) | Attribute::Repeats(d, slot, level, way) => {
                self.taking_part(column, d, (slot, level, way)).0
            }
            Attribute::Active(d, slot, level, way) => {
                self.taking_part(column, d, (slot, level, way)).1
            }
            Attribute::Rows(_, output, kernel) => self.largest_rows(column, output, kernel),
            Attribute::Sum(sum) => self.sum_of_rows(column, sum),
            Attribute::Need(d) => self.position(d).map_or(1, |p| self.cell(column, p).need()),
            Attribute::PerWide(d, slot) => self
                .position(d)
                .map_or(1, |p| self.chain(column, p).wide(&self.slots[p], slot)),
            Attribute::Room(d) => self.position(d).map_or(1, |p| {
                let chain = self.columns[column][p] as usize;
                self.highest[p][chain].last().copied().unwrap_or(u64::MAX)
            }),
        }
    }

    pub(super) fn has_slot(&self, d: Dim, slot: usize) -> bool {
        self.position(d)
            .is_some_and(|p| self.kind.has_slot(slot, self.outer[p]))
    }

    fn share(&self, column: usize, position: usize, slot: usize, level: usize) -> u64 {
        let cell = self.cell(column, position);
        if !self.is_exact(column) {
            return self.kind.lower_share(&cell, slot, level);
        }
        let cuts = cell.chain.pieces(cell.slots, cell.extent);
        u64::try_from(cuts[slot + 1].share_sum(cell.chain.spread_above(level))).unwrap_or(u64::MAX)
    }
}
