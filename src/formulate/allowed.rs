//! The columns that a class rules out.

use crate::milp::linear::{Active, retain};
use crate::problem::{Dim, Hardware, LoopNest};

use super::class::{Buffering, Class};
use super::columns::{Attribute, ColumnGroup};
use super::flow::{self, Equal};
use super::parts::Part;
use super::slots::{SlotMap, Unused};

/// Drops the columns that the class rules out: loops where a tile is kept, tiles where an
/// operand is loaded whole, cuts where no operand has a node, third cuts where none stands, and
/// what its dataflow rules out.
pub fn restrict(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    columns: &[ColumnGroup],
    active: &mut Active,
) {
    let slots = SlotMap::new(operation, hardware, class);
    let mut equal: Vec<Equal> = Vec::new();
    for d in Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1) {
        equal.extend(slots.pinned(d).into_iter().map(|(a, b)| (d, a, Some(b))));
    }
    let whole = |b: &&(_, Buffering)| b.1 == Buffering::Whole;
    for (node, _) in class.buffering.iter().filter(whole) {
        equal.extend(slots.whole(*node).map(|(d, slot)| (d, slot, None)));
    }
    equal.extend(flow::equal(operation, hardware, class, &slots));
    flow::restrict_rows(operation, hardware, class, columns, active);
    retain_equal(columns, active, &equal);
    for (group, active) in columns.iter().zip(active) {
        for (position, &d) in group.dims.iter().enumerate() {
            if group.chains[position].iter().any(|c| c.third.is_some())
                && let Some(gaps) = slots.gaps(d)
            {
                retain(active, |j| {
                    let third = group.chain(j as usize, position).third;
                    third.is_none_or(|own| gaps.contains(&own.gap))
                });
            }
            for unused in slots.unused(d) {
                retain(active, |j| is_uncut(group, j as usize, position, unused));
            }
        }
    }
}

/// Drops the columns that do not have equally many tiles where they must.
pub(super) fn retain_equal(columns: &[ColumnGroup], active: &mut Active, equal: &[Equal]) {
    for (group, active) in columns.iter().zip(active) {
        // A part has its own slots only, and its counts are lower bounds: two of them may differ
        // where those of a chain are equal, but one above 1 is never that of a single tile.
        let knows = |&&(d, a, b): &&Equal| {
            group.has(Attribute::Count(d, a)) && (b.is_none() || group.part == Part::Whole)
        };
        for &(d, a, b) in equal.iter().filter(knows) {
            retain(active, |j| {
                let count = |slot| group.integer(Attribute::Count(d, slot), j as usize);
                count(a) == b.map_or(1, count)
            });
        }
    }
}

/// Whether a column has no cut of its own at a slot that no node uses.
fn is_uncut(group: &ColumnGroup, column: usize, position: usize, unused: Unused) -> bool {
    let Unused { slot, outer, inner } = unused;
    let (chain, slots) = (group.chain(column, position), &group.slots[position]);
    let own = || chain.wide(slots, slot);
    let within = inner.map_or(chain.spread_above(usize::MAX), |s| chain.wide(slots, s));
    match group.part {
        Part::Whole => {
            let around = outer.map_or(group.extents[position], |s| chain.wide(slots, s));
            own() == within.min(around)
        }
        // A box knows no extents inside, and an inner part none around it.
        Part::Inner => slot < group.outer[position] || own() <= within,
        Part::Outer => true,
    }
}
