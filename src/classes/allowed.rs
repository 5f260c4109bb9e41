//! The columns that a class rules out.

use smallvec::SmallVec;

use crate::columns::attribute::Attribute;
use crate::columns::group::ColumnGroup;
use crate::engine::linear::{Active, retain};
use crate::problem::{Dim, Hardware, LoopNest};

use super::class::{Buffering, Class};
use super::flow::{self, Equal};
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
    flow::restrict_rows(operation, hardware, class, columns, active);
    let rules = Rules::new(operation, hardware, class);
    retain_equal(columns, active, &rules.equal);
    for (group, active) in columns.iter().zip(active) {
        for (position, &d) in group.dims.iter().enumerate() {
            if group.chains[position].iter().any(|c| c.third.is_some()) {
                retain(active, |j| rules.has_gap(group, j, position));
            }
            for &unused in &rules.unused[d as usize] {
                retain(active, |j| is_uncut(group, j as usize, position, unused));
            }
        }
    }
}

/// What a class rules out, its dataflow's rows left aside.
#[derive(Debug)]
pub struct Rules {
    equal: Vec<Equal>,
    unused: [Vec<Unused>; Dim::ALL.len()],
    gaps: [Option<SmallVec<[usize; 4]>>; Dim::ALL.len()],
}

impl Rules {
    /// The rules of a class.
    #[must_use]
    pub fn new(operation: &LoopNest, hardware: &Hardware, class: &Class) -> Self {
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
        Self {
            equal,
            unused: Dim::ALL.map(|d| slots.unused(d)),
            gaps: Dim::ALL.map(|d| slots.gaps(d)),
        }
    }

    /// Whether some chain of a column may be in the class.
    #[must_use]
    pub fn allow(&self, group: &ColumnGroup, column: u32) -> bool {
        let equal = self.equal.iter().filter(|own| knows(group, own));
        let mut dims = group.dims.iter().enumerate();
        equal.into_iter().all(|&own| has_equal(group, column, own))
            && dims.all(|(position, &d)| {
                let mut unused = self.unused[d as usize].iter();
                self.has_gap(group, column, position)
                    && unused.all(|&own| is_uncut(group, column as usize, position, own))
            })
    }

    /// Whether a node stands where a column has a third cut, if it has one.
    fn has_gap(&self, group: &ColumnGroup, column: u32, position: usize) -> bool {
        let gaps = &self.gaps[group.dims[position] as usize];
        let third = group.chain(column as usize, position).third;
        gaps.as_ref()
            .is_none_or(|gaps| third.is_none_or(|own| gaps.contains(&own.gap)))
    }
}

/// Drops the columns that do not have equally many tiles where they must.
pub(crate) fn retain_equal(columns: &[ColumnGroup], active: &mut Active, equal: &[Equal]) {
    for (group, active) in columns.iter().zip(active) {
        for &own in equal.iter().filter(|own| knows(group, own)) {
            retain(active, |j| has_equal(group, j, own));
        }
    }
}

/// Whether a group's columns tell whether they have equally many tiles. A part has its own slots
/// only, and its counts are lower bounds: two of them may differ where those of a chain are
/// equal, but one above 1 is never that of a single tile.
fn knows(group: &ColumnGroup, &(d, a, b): &Equal) -> bool {
    group.has(Attribute::Count(d, a)) && (b.is_none() || !group.is_parted())
}

/// Whether a column may have equally many tiles at two slots, or a single one at one.
fn has_equal(group: &ColumnGroup, column: u32, (d, a, b): Equal) -> bool {
    let count = |slot| group.integer(Attribute::Count(d, slot), column as usize);
    match b {
        Some(b) if !group.is_exact(column as usize) => may_be_equal(group, column, (d, a, b)),
        _ => count(a) == b.map_or(1, count),
    }
}

/// Whether some chain of a box has no loop between an outer and an inner slot.
fn may_be_equal(group: &ColumnGroup, column: u32, (d, outer, inner): (Dim, usize, usize)) -> bool {
    group.position(d).is_none_or(|position| {
        let cell = group.cell(column as usize, position);
        let wide = |slot| cell.wide_range(slot);
        wide(outer).0 <= wide(inner).1
    })
}

/// Whether a column has no cut of its own at a slot that no node uses: it cuts the pieces around
/// it as the slot inside does, or not at all.
fn is_uncut(group: &ColumnGroup, column: usize, position: usize, unused: Unused) -> bool {
    let Unused { slot, outer, inner } = unused;
    let cell = group.cell(column, position);
    group.kind.is_uncut(&cell, slot, (outer, inner))
}
