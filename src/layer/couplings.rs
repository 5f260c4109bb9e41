//! \[PRU17\] Both parts of a long dimension's chain fit together.

use crate::classes::slots::SlotMap;
use crate::columns::attribute::Attribute;
use crate::columns::group::ColumnGroup;
use crate::columns::kinds::Refinement;
use crate::engine::Limit;
use crate::problem::{Dim, LoopNest};
use crate::tiling::windows::is_irregular;

use super::builder::Builder;

impl Builder<'_> {
    /// [LAY10] log need(inner part) ≤ log room(outer part), for every dimension in two parts.
    pub(super) fn couplings(&mut self) {
        let split = self
            .layer
            .columns
            .iter()
            .filter(|g| g.refinement() == Refinement::Expand);
        for d in split
            .flat_map(|g| g.dims.clone())
            .filter(|&d| self.layer.site.operation.extents[d] > 1)
            .collect::<Vec<_>>()
        {
            let term = self.term(1.0, vec![Attribute::Need(d), Attribute::Room(d)]);
            self.row(format!("LAY10_{d}"), vec![term], Limit::Constant(1e-9));
        }
    }

    /// [LAY10] log extent(outer part) ≤ log extent(inner part) at slots between which the class
    /// has no loop, for every dimension in two parts.
    pub(super) fn kept_tiles(&mut self) {
        for (d, outer, inner) in split_pins(&self.slots, self.layer.columns) {
            let attributes = vec![Attribute::Extent(d, outer), Attribute::PerWide(d, inner)];
            let term = self.term(1.0, attributes);
            let name = format!("LAY10_{d}_{outer}");
            self.row(name, vec![term], Limit::Constant(1e-9));
        }
    }
}

/// Slots of dimensions in two parts between which the class has no loop, one in each part: an
/// extent of the outer part then is no larger than the inner part's tile over all elements.
#[must_use]
pub fn split_pins(slots: &SlotMap<'_>, columns: &[ColumnGroup]) -> Vec<(Dim, usize, usize)> {
    let outer_parts = columns
        .iter()
        .filter(|g| g.refinement() == Refinement::Expand);
    outer_parts
        .flat_map(|group| group.dims.iter().zip(&group.outer))
        .flat_map(|(&d, &outer)| {
            let pins = slots.pinned(d).into_iter();
            pins.filter(move |&(a, b)| a < outer && b >= outer)
                .map(move |(a, b)| (d, a, b))
        })
        .collect()
}

/// The dimensions in two parts that have no loop between the last slot above the first array
/// and the next one, and few chains for it: where a window's rows depend on where its tiles lie,
/// there are many.
#[must_use]
pub fn kept_dims(operation: &LoopNest, slots: &SlotMap<'_>, columns: &[ColumnGroup]) -> Vec<Dim> {
    let pins = split_pins(slots, columns);
    let is_kept = |d: Dim, outer: usize| pins.iter().any(|p| p.0 == d && p.1 + 1 == outer);
    columns
        .iter()
        .filter(|group| {
            group.refinement() == Refinement::Expand && is_kept(group.dims[0], group.outer[0])
        })
        .filter(|group| {
            !LoopNest::window_of(group.dims[0]).is_some_and(|axis| is_irregular(operation, axis))
        })
        .flat_map(|group| group.dims.iter().zip(&group.outer))
        .filter(|&(&d, &outer)| is_kept(d, outer))
        .map(|(&d, _)| d)
        .collect()
}
