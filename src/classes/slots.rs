//! Which slot of a chain belongs to which node of a class.

use smallvec::SmallVec;

use crate::problem::{Dim, Hardware, LoopNest, Memory, Node, Role, Tiles};
use crate::tiling::slot::is_above_arrays;
use crate::tiling::slot::{Slot, slots_of};

use super::class::Class;

/// Looks up slots for the nodes of a class, decided or not.
///
/// The compute level has the slot after the last one: its tile is one element for every element
/// of the arrays, and it has as many tiles as the dimension has steps.
pub struct SlotMap<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    class: &'a Class,
    slots: [Vec<Slot>; Dim::ALL.len()],
}

/// A node that a memory fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// The node; of the compute level where no memory keeps the operand.
    pub node: Node,
    /// Whether this node is kept for sure. If not, every other node that the memory may fill
    /// instead lies further in, and moves at least as much.
    pub sure: bool,
}

/// A slot that no node uses, between the nearest ones that are used: its extent is that of the
/// inner one, or of the outer one where that is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The slot.
    pub slot: usize,
    /// The nearest used slot further out; `None` for the whole dimension.
    pub outer: Option<usize>,
    /// The nearest used slot further in; `None` for the compute level.
    pub inner: Option<usize>,
}

impl<'a> SlotMap<'a> {
    /// The slots of a class.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &'a Hardware, class: &'a Class) -> Self {
        Self {
            operation,
            hardware,
            class,
            slots: Dim::ALL.map(|d| slots_of(operation, hardware, d)),
        }
    }

    fn slots(&self, d: Dim) -> &[Slot] {
        &self.slots[d as usize]
    }

    /// Whether a node's operand has a dimension.
    #[must_use]
    pub fn indexes(&self, node: Node, d: Dim) -> bool {
        self.operation.is_relevant(node.role, d)
    }

    /// The node that the memory at `level` fills with tiles of an operand that it keeps; `None`
    /// for the innermost memory below an array.
    #[must_use]
    pub fn child(&self, level: usize, role: Role) -> Option<Child> {
        let compute = self.hardware.levels.len();
        for (inner, _) in self.hardware.memories().filter(|m| m.0 > level) {
            let node = Node { level: inner, role };
            match self.class.keeps(self.hardware, node) {
                Some(false) => {}
                kept => {
                    let sure = kept.is_some();
                    return Some(Child { node, sure });
                }
            }
        }
        let below_arrays = self.hardware.has_memory_below_arrays() && level + 1 == compute;
        (!below_arrays).then_some(Child {
            node: Node {
                level: compute,
                role,
            },
            sure: true,
        })
    }

    /// The level of the memory that fills a node: the nearest one that surely keeps its operand.
    #[must_use]
    pub fn parent_level(&self, node: Node) -> usize {
        self.hardware
            .memories()
            .map(|(level, _)| level)
            .filter(|&level| level < node.level)
            .rfind(|&level| {
                let role = node.role;
                self.class.keeps(self.hardware, Node { level, role }) == Some(true)
            })
            .unwrap_or(0)
    }

    /// The level of the nearest memory further out that may fill a node.
    #[must_use]
    pub fn nearest_parent_level(&self, node: Node) -> usize {
        let role = node.role;
        self.hardware
            .memories()
            .map(|(level, _)| level)
            .filter(|&level| level < node.level)
            .rfind(|&level| self.class.keeps(self.hardware, Node { level, role }) != Some(false))
            .unwrap_or(0)
    }

    /// Whether the slots of a node are known, and no smallest or largest ones stand for them.
    #[must_use]
    pub fn is_placed(&self, node: Node) -> bool {
        let shared = |level| {
            self.hardware
                .memory(level)
                .is_none_or(|m| m.tiles == Tiles::Shared)
        };
        self.class.order.contains(&node) || shared(node.level)
    }

    /// The slot that gives a node its extent in a relevant dimension. Where the order of its
    /// memory is open, the outermost that it could be: the least traffic.
    #[must_use]
    pub fn own(&self, node: Node, d: Dim) -> Option<usize> {
        let slots = self.slots(d);
        if node.level == self.hardware.levels.len() {
            let compute = slots.iter().position(|s| s.level == node.level);
            return Some(compute.unwrap_or(slots.len()));
        }
        let first = slots.iter().position(|s| s.level == node.level)?;
        if self.shares(node.level) {
            return Some(first);
        }
        let same = |n: &&Node| n.level == node.level && self.operation.is_relevant(n.role, d);
        let position = self.class.order.iter().position(|n| *n == node);
        let before = position.map_or(0, |p| self.class.order[..p].iter().filter(same).count());
        Some(first + before)
    }

    /// As [`Self::own`], but where the order of its memory is open, the innermost slot that it
    /// could be: the smallest tile.
    #[must_use]
    pub fn smallest(&self, node: Node, d: Dim) -> Option<usize> {
        if self.is_placed(node) {
            return self.own(node, d);
        }
        self.slots(d).iter().rposition(|s| s.level == node.level)
    }

    fn shares(&self, level: usize) -> bool {
        self.hardware
            .memory(level)
            .is_none_or(|m| m.tiles == Tiles::Shared)
    }

    /// The slot of the nearest node above that the dimension is relevant to; `None` if there is
    /// none. For a node that is not in the order yet, the nearest above its operand's own outer
    /// node. Not for the compute level, which is visited in every step.
    #[must_use]
    pub fn above(&self, node: Node, d: Dim) -> Option<usize> {
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

    /// The gap between the slots of a dimension irrelevant to a node in which the node stands, if
    /// it may have a cut of its own there: before the slot of this number.
    ///
    /// A cut at a node of one memory stands neither below a tile of a memory further in nor above one
    /// of a memory further out: there is none where the order has these with loops in between.
    #[must_use]
    pub fn gap(&self, node: Node, d: Dim) -> Option<usize> {
        let order = &self.class.order;
        let position = order.iter().position(|n| *n == node)?;
        let relevant = |n: &&Node| self.operation.is_relevant(n.role, d);
        if relevant(&&node) || !is_above_arrays(self.hardware, node.level) {
            return None;
        }
        let (before, after) = (&order[..position], &order[position + 1..]);
        let (before, after) = (
            before.iter().filter(relevant),
            after.iter().filter(relevant),
        );
        let nested = before.clone().all(|n| n.level <= node.level)
            && after.clone().all(|n| n.level >= node.level);
        let after_last = |n: &Node| self.own(*n, d).map(|slot| slot + 1);
        let gap = before.filter_map(after_last).max().unwrap_or(0);
        let mut after = after.filter_map(|n| self.own(*n, d));
        (nested && after.all(|slot| slot >= gap)).then_some(gap)
    }

    /// The gaps of a dimension in which some node of the class may have a cut of its own; `None`
    /// where that is not decided.
    #[must_use]
    pub fn gaps(&self, d: Dim) -> Option<SmallVec<[usize; 4]>> {
        let open = |&(level, _): &(usize, &Memory)| {
            is_above_arrays(self.hardware, level) && !self.class.decided.contains(&level)
        };
        if self.hardware.memories().any(|m| open(&m)) {
            return None;
        }
        let nodes = self.class.order.iter();
        Some(nodes.filter_map(|&n| self.gap(n, d)).collect())
    }

    /// Whether a node uses each slot of a dimension; `None` where that is not decided. The nodes
    /// of a memory use its first slots.
    fn used(&self, d: Dim) -> SmallVec<[Option<bool>; 8]> {
        let of = |slot: &Slot| {
            let level = slot.level;
            if level == self.hardware.levels.len() {
                return Some(true);
            }
            let keeps = |role: &Role| self.class.keeps(self.hardware, Node { level, role: *role });
            let relevant = || {
                let roles = Role::ALL.into_iter();
                roles.filter(|&r| self.operation.is_relevant(r, d))
            };
            let kept = relevant().filter(|r| keeps(r) == Some(true)).count();
            let open = relevant().filter(|r| keeps(r).is_none()).count();
            match (kept > slot.rank, kept + open > slot.rank) {
                (true, _) => Some(true),
                (false, true) => None,
                (false, false) => Some(false),
            }
        };
        self.slots(d).iter().map(of).collect()
    }

    /// The slots of a dimension that no node uses and whose neighbours are known.
    #[must_use]
    pub fn unused(&self, d: Dim) -> Vec<Unused> {
        let used = self.used(d);
        let mut found = Vec::new();
        for slot in (0..used.len()).filter(|&s| used[s] == Some(false)) {
            let inner = (slot + 1..used.len()).find(|&s| used[s] != Some(false));
            let outer = (0..slot).rfind(|&s| used[s] != Some(false));
            let known = |s: Option<usize>| s.is_none_or(|s| used[s] == Some(true));
            if known(inner) && known(outer) {
                found.push(Unused { slot, outer, inner });
            }
        }
        found
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
}
