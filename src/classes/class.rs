//! Classes of mappings: which memory keeps which operand, the order of the nodes, what each
//! memory slides along, and how each kept operand is buffered.
//!
//! A class may leave decisions open; its program then takes the best of each.

use crate::problem::{Dataflow, Dim, Hardware, Node, RoleSet};

/// What a memory slides along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slide {
    /// Not decided: the best of both everywhere.
    Open,
    /// Along this dimension.
    Along(Dim),
    /// It does not slide.
    Nothing,
}

/// How a memory that may double its buffers holds an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buffering {
    /// Loaded whole, once: it takes its space once, and its transfer is overlapped.
    Whole,
    /// In tiles, at twice the space.
    Double,
    /// In tiles, at once the space; the transfers take time of their own.
    Single,
}

/// A class of mappings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// The nodes of the memories decided so far, the one whose tile changes least often first.
    /// What a decided memory has no node for goes around it.
    pub order: Vec<Node>,
    /// Levels of the inner memories whose nodes are in `order`.
    pub decided: Vec<usize>,
    /// Memories of which it is known what they keep, but not yet in which order.
    pub keeps: Vec<(usize, RoleSet)>,
    /// For each inner memory what it slides along.
    pub slides: Vec<(usize, Slide)>,
    /// How operands are buffered, where the memory leaves a choice and it is decided.
    pub buffering: Vec<(Node, Buffering)>,
    /// The dataflow that its mappings have.
    pub dataflow: Option<Dataflow>,
}

impl Class {
    /// Whether the memory of a node keeps its operand; `None` if that is not decided.
    #[must_use]
    pub fn keeps(&self, hardware: &Hardware, node: Node) -> Option<bool> {
        if node.level == 0 {
            return Some(true);
        }
        if self.decided.contains(&node.level) {
            return Some(self.order.contains(&node));
        }
        if let Some(known) = self.keeps.iter().find(|k| k.0 == node.level) {
            return Some(known.1.contains(node.role));
        }
        let memory = hardware.memory(node.level)?;
        match (memory.may_keep(node.role), memory.may_bypass(node.role)) {
            (false, _) => Some(false),
            (true, false) => Some(true),
            (true, true) => None,
        }
    }

    /// How an operand is buffered, if that is decided.
    #[must_use]
    pub fn buffering_of(&self, node: Node) -> Option<Buffering> {
        self.buffering.iter().find(|b| b.0 == node).map(|b| b.1)
    }

    /// Whether the order of all nodes is decided.
    #[must_use]
    pub fn is_ordered(&self, hardware: &Hardware) -> bool {
        hardware
            .memories()
            .skip(1)
            .all(|(level, _)| self.decided.contains(&level))
    }
}
