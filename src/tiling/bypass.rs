//! Slots that operands may leave unused by going around a memory.

use smallvec::SmallVec;

use crate::problem::Dim;

use super::chain::Chain;
use super::facts::Facts;
use super::site::Site;
use super::slot::Slot;
use super::wanted::Wanted;

/// The slots of a dimension that a class may leave without a node, and what restrictions tell apart.
#[derive(Clone, Debug)]
pub struct Optional {
    /// For each optional slot with possible used neighbours: (outer + 1, slot, inner).
    triples: SmallVec<[(usize, usize, usize); 8]>,
    wanted: Wanted,
}

impl Optional {
    /// The optional slots of a dimension.
    #[must_use]
    pub fn new(site: &Site<'_>, d: Dim) -> Self {
        let slots = site.slots(d);
        let optional: Vec<bool> = slots.iter().map(|s| site.may_be_unused(d, *s)).collect();
        let mut triples = SmallVec::new();
        for slot in (0..slots.len()).filter(|&s| optional[s]) {
            let outer = (0..slot).rev().take_while(|&s| optional[s]).count();
            let inner = (slot + 1..slots.len()).take_while(|&s| optional[s]).count();
            for above in slot - outer..=slot {
                for below in slot + 1..=(slot + 1 + inner).min(slots.len()) {
                    triples.push((above, slot, below));
                }
            }
        }
        Self {
            triples,
            wanted: Wanted::default(),
        }
    }

    /// For a dimension whose slots are all used.
    #[cfg(test)]
    #[must_use]
    pub fn none() -> Self {
        Self {
            triples: SmallVec::new(),
            wanted: Wanted::default(),
        }
    }

    /// As it is, where restrictions ask something of the chains.
    #[must_use]
    pub fn wanting(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    /// For everything that restrictions ask of a chain whether it has it; and for every optional
    /// slot and pair of used neighbours whether it has no cut of its own there. Only a chain of
    /// which all is true that is true of another one can stand for it in all classes.
    #[must_use]
    pub fn uncut(&self, slots: &[Slot], extent: u64, chain: &Chain) -> Facts {
        let wide = |slot: usize| match slots.get(slot) {
            Some(_) => chain.wide(slots, slot),
            None => chain.spread_above(usize::MAX),
        };
        let mut facts = self.wanted.facts(chain);
        facts.extend(self.triples.iter().map(|&(above, slot, below)| {
            let around = above.checked_sub(1).map_or(extent, wide);
            wide(slot).min(around) == wide(below).min(around)
        }));
        facts
    }
}
