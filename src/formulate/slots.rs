//! Which slot of a chain belongs to which node of a class.

use crate::problem::{Dim, Hardware, LoopNest, Node, Role, Tiles};

use super::chains::slots_of;
use super::class::Class;

/// Looks up slots for the nodes of a class, decided or not.
pub struct SlotMap<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    class: &'a Class,
}

impl<'a> SlotMap<'a> {
    /// The slots of a class.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &'a Hardware, class: &'a Class) -> Self {
        Self {
            operation,
            hardware,
            class,
        }
    }

    /// The level that the memory at `level` fills: the next memory, or the compute level where
    /// no memory lies below the arrays.
    #[must_use]
    pub fn child_level(&self, level: usize) -> Option<usize> {
        let next = self
            .hardware
            .memories()
            .map(|(l, _)| l)
            .find(|&l| l > level);
        let compute = self.hardware.levels.len();
        next.or((!self.hardware.has_memory_below_arrays()).then_some(compute))
    }

    /// The level of the memory that fills the one at `level`.
    #[must_use]
    pub fn parent_level(&self, level: usize) -> usize {
        self.hardware
            .memories()
            .map(|(l, _)| l)
            .rfind(|&l| l < level)
            .unwrap_or(0)
    }

    /// The slot that gives a node its extent in a relevant dimension. Where the order of its
    /// memory is open, the smallest that it could be.
    #[must_use]
    pub fn own(&self, node: Node, d: Dim) -> Option<usize> {
        let slots = slots_of(self.operation, self.hardware, d);
        let first = slots.iter().position(|s| s.level == node.level)?;
        let shared = self
            .hardware
            .memory(node.level)
            .is_none_or(|m| m.tiles == Tiles::Shared);
        if shared {
            return Some(first);
        }
        let same = |n: &&Node| n.level == node.level && self.operation.is_relevant(n.role, d);
        match self.class.order.iter().position(|n| *n == node) {
            Some(position) => {
                Some(first + self.class.order[..position].iter().filter(same).count())
            }
            None => Some(slots.iter().rposition(|s| s.level == node.level)?),
        }
    }

    /// The slot of the nearest node above that the dimension is relevant to; `None` if there is
    /// none. For a node that is not in the order yet, the nearest above its operand's own outer node.
    #[must_use]
    pub fn above(&self, node: Node, d: Dim) -> Option<usize> {
        if node.level == self.hardware.levels.len() {
            // Every step reads anew: one visit for every array tile.
            return slots_of(self.operation, self.hardware, d)
                .len()
                .checked_sub(1);
        }
        let end = match self.class.order.iter().position(|n| *n == node) {
            Some(position) => position,
            None => self
                .class
                .order
                .iter()
                .rposition(|n| n.role == node.role)
                .map_or(0, |own| own + 1),
        };
        let nearest = self.class.order[..end]
            .iter()
            .rfind(|n| self.operation.is_relevant(n.role, d))?;
        self.own(*nearest, d)
    }

    /// Pairs of slots of a dimension between which the class allows no loop: a node of an inner
    /// memory stands above one of an outer memory.
    #[must_use]
    pub fn pinned(&self, d: Dim) -> Vec<(usize, usize)> {
        let order = &self.class.order;
        let relevant = |n: &Node| self.operation.is_relevant(n.role, d);
        let mut pairs = Vec::new();
        for (i, inner) in order.iter().enumerate().filter(|(_, n)| relevant(n)) {
            for outer in order[i + 1..]
                .iter()
                .filter(|n| relevant(n) && n.level < inner.level)
            {
                if let (Some(a), Some(b)) = (self.own(*outer, d), self.own(*inner, d)) {
                    pairs.push((a, b));
                }
            }
        }
        pairs
    }

    /// The slots at which an operand that is loaded whole must have a single tile.
    pub fn whole(&self, node: Node) -> impl Iterator<Item = (Dim, usize)> + '_ {
        Dim::ALL
            .into_iter()
            .filter(move |&d| {
                self.operation.is_relevant(node.role, d) && self.operation.extents[d] > 1
            })
            .filter_map(move |d| self.own(node, d).map(|slot| (d, slot)))
    }

    /// The role whose node stands first in a memory.
    #[must_use]
    pub fn first_role(&self, level: usize) -> Option<Role> {
        self.class
            .order
            .iter()
            .find(|n| n.level == level)
            .map(|n| n.role)
    }
}
