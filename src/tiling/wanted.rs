//! What restrictions ask of the chains of one dimension.

use smallvec::SmallVec;

use crate::problem::dataflow::{covers_rows, is_innermost_storage, row_array};
use crate::problem::{Dataflow, Dim, Fixed, Hardware, Memory, Node, Role};

use super::chain::{Chain, Spread};
use super::facts::Facts;
use super::limits::ColumnLimits;
use super::site::Site;
use super::slot::Slot;
use super::switches::Switches;

/// A tile extent that is fixed in a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FixedExtent {
    level: usize,
    value: u64,
    /// Whether every mapping has it at some slot of the memory.
    required: bool,
}

/// Something of a chain that restrictions tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// This extent at this slot.
    Extent(usize, u64),
    /// This factor on this axis of this array: as many rows of the kernel as there are and fit.
    Rows(usize, usize, u64),
}

/// What restrictions ask of the chains of one dimension. Without any, nothing.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    extents: Vec<FixedExtent>,
    /// Array, axis and the factor there.
    factors: Vec<(usize, usize, u64)>,
    marks: Vec<Mark>,
    idle: bool,
    restricted: bool,
    free_steps: bool,
    switches: Switches,
}

impl Wanted {
    /// What the hardware's dataflows and the fixed parts ask of a dimension.
    #[must_use]
    pub fn new(site: &Site<'_>, d: Dim, fixed: &[Fixed]) -> Self {
        let slots = site.slots(d);
        let mut wanted = Self {
            restricted: !fixed.is_empty() || !site.hardware.dataflow.is_empty(),
            switches: site.switches,
            ..Self::default()
        };
        for memory in fixed.iter().flat_map(|own| &own.memories) {
            let level = memory.level;
            for &(of, _, extent) in memory.tiles.iter().filter(|tile| tile.1 == d) {
                let own = FixedExtent {
                    level,
                    value: extent,
                    required: of.is_some() || must_keep(site, d, level),
                };
                wanted.extents.push(own);
                let at = |slot: usize| Mark::Extent(slot, extent);
                let here = (0..slots.len()).filter(|&s| slots[s].level == level);
                wanted.marks.extend(here.map(at));
            }
        }
        for array in fixed.iter().flat_map(|own| &own.arrays) {
            let own = array.factors.iter().filter(|factor| factor.1 == d);
            wanted
                .factors
                .extend(own.map(|&(axis, _, value)| (array.level, axis, value)));
        }
        let rows = site.hardware.dataflow.contains(&Dataflow::RowStationary);
        if rows {
            wanted.mark_rows(site, d, slots);
        }
        wanted.idle = !wanted.factors.is_empty() || (rows && matches!(d, Dim::P | Dim::R));
        wanted
    }

    /// The same for the columns that these limits allow.
    #[must_use]
    pub fn within(site: &Site<'_>, d: Dim, limits: &ColumnLimits) -> Self {
        Self {
            free_steps: limits.free_steps,
            ..Self::new(site, d, &limits.fixed)
        }
    }

    /// Whether nothing asks how many steps a chain takes: chains are not told apart by them.
    #[must_use]
    pub fn has_free_steps(&self) -> bool {
        self.free_steps
    }

    /// The rules by which chains are left out.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.switches
    }

    /// Whether something is fixed, of this dimension or another, or a dataflow is asked.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }

    fn mark_rows(&mut self, site: &Site<'_>, d: Dim, slots: &[Slot]) {
        let extent = site.extent(d);
        if d == Dim::S && site.operation.is_relevant(Role::Weight, Dim::S) {
            let inside = |s: &usize| is_innermost_storage(&site.hardware, slots[*s].level);
            let own = (0..slots.len()).filter(inside);
            self.marks.extend(own.map(|s| Mark::Extent(s, extent)));
            self.keep_rows_whole(&site.hardware, extent);
        }
        if let (Dim::R, Some((level, array))) = (d, row_array(&site.hardware)) {
            let most = |axis: usize| extent.min(array.axes[axis].size);
            let axes = (0..array.axes.len())
                .filter(|&axis| covers_rows(site.operation, array, axis, most(axis)));
            self.marks
                .extend(axes.map(|axis| Mark::Rows(level, axis, most(axis))));
        }
    }

    /// Where only row stationary is left and one memory alone can hold the weights beside the
    /// array, whole rows of the kernel stay in it.
    fn keep_rows_whole(&mut self, hardware: &Hardware, value: u64) {
        let holds = hardware.memories().filter(|(level, memory)| {
            is_innermost_storage(hardware, *level) && memory.may_keep(Role::Weight)
        });
        let levels: Vec<usize> = holds.map(|(level, _)| level).collect();
        if let (&[Dataflow::RowStationary], &[level]) =
            (hardware.dataflow.as_slice(), levels.as_slice())
            && value > 1
        {
            let required = true;
            self.extents.push(FixedExtent {
                level,
                value,
                required,
            });
        }
    }

    /// Whether a spatial factor may be larger than the tile that is spread needs: it is not chosen
    /// for its steps alone.
    #[must_use]
    pub fn leaves_idle(&self) -> bool {
        self.idle
    }

    /// The factor that an axis must have.
    #[must_use]
    pub fn factor(&self, array: usize, axis: usize) -> Option<u64> {
        let own = self.factors.iter().find(|f| (f.0, f.1) == (array, axis));
        own.map(|f| f.2)
    }

    /// Whether the factors are those that are fixed.
    #[must_use]
    pub fn allows(&self, spread: &[Spread]) -> bool {
        self.factors.iter().all(|&(array, axis, value)| {
            let own = spread.iter().filter(|s| (s.array, s.axis) == (array, axis));
            own.map(|s| s.factor).product::<u64>() == value
        })
    }

    /// The fixed extents, over all elements of a chain with these factors.
    #[must_use]
    pub fn wide(&self, chain: &Chain) -> SmallVec<[u64; 4]> {
        let own = self.extents.iter();
        own.map(|e| e.value.saturating_mul(chain.spread_above(e.level)))
            .collect()
    }

    /// Whether extents above the arrays are fixed: then none of them stands for another.
    #[must_use]
    pub fn fixes_outer(&self, slots: &[Slot], outer: usize) -> bool {
        let above = |level: usize| slots[..outer].iter().any(|s| s.level == level);
        self.extents.iter().any(|e| above(e.level))
    }

    /// Whether every memory whose slots lie in a range has the extents that it must have at one of
    /// its slots; `has` says whether a slot can have an extent.
    #[must_use]
    pub fn is_met(
        &self,
        slots: &[Slot],
        range: std::ops::Range<usize>,
        has: impl Fn(usize, u64) -> bool,
    ) -> bool {
        self.extents.iter().filter(|e| e.required).all(|e| {
            let here = range.clone().filter(|&s| slots[s].level == e.level);
            let mut here = here.peekable();
            here.peek().is_none() || here.any(|s| has(s, e.value))
        })
    }

    /// Whether every extent that some slot of a memory must have can lie in it, for all that its
    /// capacity says: `limit` is the largest extent at a slot.
    #[must_use]
    pub fn fits(&self, slots: &[Slot], limit: impl Fn(usize) -> u64) -> bool {
        let can = |slot: usize, value: u64| value <= limit(slot);
        self.is_met(slots, 0..slots.len(), can)
    }

    /// For every mark whether a chain has it.
    #[must_use]
    pub fn facts(&self, chain: &Chain) -> Facts {
        let has = |mark: &Mark| match *mark {
            Mark::Extent(slot, extent) => chain.extents[slot] == extent,
            Mark::Rows(array, axis, factor) => {
                let own = |s: &&Spread| (s.array, s.axis) == (array, axis);
                chain.spread.iter().find(own).map_or(1, |s| s.factor) == factor
            }
        };
        self.marks.iter().map(has).collect()
    }
}

/// Whether a memory must keep some operand with the dimension.
fn must_keep(site: &Site<'_>, d: Dim, level: usize) -> bool {
    let memory = site.hardware.memory(level);
    let mut roles = Role::ALL.into_iter();
    roles.any(|role| {
        let kept = |m: &Memory| !site.operation.may_bypass(m, Node { level, role });
        site.operation.is_relevant(role, d) && memory.is_some_and(kept)
    })
}
