//! The columns that a class rules out.

use crate::milp::linear::{Active, retain};
use crate::problem::{Dim, Hardware, LoopNest};

use super::class::Class;
use super::columns::{Attribute, ColumnGroup};
use super::parts::Part;
use super::slots::SlotMap;

/// Drops the columns that the class rules out: loops where a tile is kept, tiles where an
/// operand is loaded whole.
pub fn restrict(
    operation: &LoopNest,
    hardware: &Hardware,
    class: &Class,
    columns: &[ColumnGroup],
    active: &mut Active,
) {
    let slots = SlotMap::new(operation, hardware, class);
    let mut equal: Vec<(Dim, usize, Option<usize>)> = Vec::new();
    for d in Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1) {
        equal.extend(slots.pinned(d).into_iter().map(|(a, b)| (d, a, Some(b))));
    }
    for (whole, _) in class.whole.iter().filter(|w| w.1) {
        equal.extend(slots.whole(*whole).map(|(d, slot)| (d, slot, None)));
    }
    for (group, active) in columns.iter().zip(active) {
        // A part has its own slots only, and its counts are lower bounds: two of them may differ
        // where those of a chain are equal, but one above 1 is never that of a single tile.
        let knows = |&&(d, a, b): &&(Dim, usize, Option<usize>)| {
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
