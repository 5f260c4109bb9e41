//! What is tiled where: an operation, and the hardware as its program sees it.

use std::sync::Arc;

use crate::problem::{Dim, Hardware, LoopNest, Memory, Node, Role};

use super::slot::{Slot, slots_of};
use super::switches::Switches;

/// An operation on hardware, with the slots of each dimension.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware, without what does not matter to what is minimised.
    pub hardware: Arc<Hardware>,
    /// The rules by which chains are left out.
    pub switches: Switches,
    slots: Arc<[Vec<Slot>; Dim::ALL.len()]>,
}

impl<'a> Site<'a> {
    /// The operation on this hardware.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &Hardware) -> Self {
        Self {
            operation,
            hardware: Arc::new(hardware.clone()),
            switches: Switches::ALL,
            slots: Arc::new(Dim::ALL.map(|d| slots_of(operation, hardware, d))),
        }
    }

    /// The same with some rules only.
    #[must_use]
    pub fn with(self, switches: Switches) -> Self {
        Self { switches, ..self }
    }

    /// The slots of a dimension, outermost first.
    #[must_use]
    pub fn slots(&self, d: Dim) -> &[Slot] {
        &self.slots[d as usize]
    }

    /// The extent of a dimension.
    #[must_use]
    pub fn extent(&self, d: Dim) -> u64 {
        self.operation.extents[d]
    }

    /// The number of slots of a dimension above the first array.
    #[must_use]
    pub fn outer_slots(&self, d: Dim) -> usize {
        let first = self.hardware.arrays().next();
        let array = first.map_or(usize::MAX, |(level, _)| level);
        let above = self.slots(d).iter().take_while(|s| s.level < array);
        above.count()
    }

    /// The outer slot from which on no operand uses any: their extents are the inner part's, or those
    /// around them. An unused slot further out takes those of the used ones inside it.
    #[must_use]
    pub fn first_unused(&self, d: Dim) -> usize {
        let used = |slot: &Slot| !self.is_never_used(d, *slot);
        let outer = &self.slots(d)[..self.outer_slots(d)];
        outer.iter().rposition(used).map_or(0, |s| s + 1)
    }

    /// \[PRU10\] Whether no class has a node at a slot: then no chain has a cut of its own there.
    #[must_use]
    pub fn is_never_used(&self, d: Dim, slot: Slot) -> bool {
        let may_keep = |memory: &Memory, node: Node| memory.may_keep(node.role);
        self.switches.unused_slots && self.kept_at_most(d, slot, may_keep)
    }

    /// Whether some class has no node at a slot: nodes use the first slots of their memory.
    #[must_use]
    pub fn may_be_unused(&self, d: Dim, slot: Slot) -> bool {
        let must_keep = |memory: &Memory, node: Node| !self.operation.may_bypass(memory, node);
        self.kept_at_most(d, slot, must_keep)
    }

    /// Whether a memory keeps no more operands with a dimension than stand before a slot.
    fn kept_at_most(&self, d: Dim, slot: Slot, keeps: impl Fn(&Memory, Node) -> bool) -> bool {
        let level = slot.level;
        self.hardware.memory(level).is_some_and(|memory| {
            let relevant = |r: &Role| self.operation.is_relevant(*r, d);
            let kept = Role::ALL.into_iter().filter(relevant);
            let kept = kept.filter(|&role| keeps(memory, Node { level, role }));
            kept.count() <= slot.rank
        })
    }
}
