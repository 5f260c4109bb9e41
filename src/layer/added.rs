//! Transfers that are not overlapped: the ports on which they may take longest.

use crate::classes::class::Buffering;
use crate::problem::{Bandwidth, Memory, Node, Ports, Role};

use super::builder::{Builder, Recipe};
use super::tuning::MOST_SIDES;

/// One side of a transfer: the port that its bits cross.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    /// The node that is filled.
    pub(super) node: Node,
    /// Level of the memory whose port it is.
    pub(super) port: usize,
    /// Directions of the bits with the bytes per cycle that each may have.
    pub(super) ways: Vec<(Way, f64)>,
}

impl Side {
    /// The port of the memory that fills the node; `None` if it is unlimited.
    pub(super) fn outer(node: Node, port: usize, ports: Ports) -> Option<Self> {
        match ports {
            Ports::Shared(limit) => Self::new(node, port, limit, limit, true),
            Ports::Separate { read, write } => Self::new(node, port, read, write, false),
        }
    }

    /// The port of the node's own memory.
    pub(super) fn own(node: Node, ports: Ports) -> Option<Self> {
        match ports {
            Ports::Shared(limit) => Self::new(node, node.level, limit, limit, true),
            Ports::Separate { read, write } => Self::new(node, node.level, write, read, false),
        }
    }

    fn new(
        node: Node,
        port: usize,
        inward: Option<Bandwidth>,
        outward: Option<Bandwidth>,
        shared: bool,
    ) -> Option<Self> {
        let bytes = |limit: Option<Bandwidth>| limit.map(Bandwidth::bytes_per_cycle);
        let ways: Vec<(Way, f64)> = match (node.role, shared) {
            (Role::Output, true) => bytes(inward).map(|b| (Way::Both, b)).into_iter().collect(),
            (Role::Output, false) => [(Way::Inward, inward), (Way::Outward, outward)]
                .into_iter()
                .filter_map(|(way, limit)| bytes(limit).map(|b| (way, b)))
                .collect(),
            _ => bytes(inward)
                .map(|b| (Way::Inward, b))
                .into_iter()
                .collect(),
        };
        (!ways.is_empty()).then_some(Self { node, port, ways })
    }

    /// Of two sides that the same bits cross, the slower one, or both where neither is slower for
    /// all of them.
    pub(super) fn slower(self, other: Self) -> Vec<Self> {
        let time = |side: &Self, way: Way| -> f64 {
            side.ways
                .iter()
                .filter(|w| w.0 == way || w.0 == Way::Both)
                .map(|w| w.1.recip())
                .sum()
        };
        let no_faster = |a: &Self, b: &Self| {
            [Way::Inward, Way::Outward]
                .into_iter()
                .all(|way| time(a, way) >= time(b, way))
        };
        if no_faster(&self, &other) {
            vec![self]
        } else if no_faster(&other, &self) {
            vec![other]
        } else {
            vec![self, other]
        }
    }
}

/// All ways of taking one side of every transfer; a single empty one where nothing is added.
pub(super) fn combinations(choices: &[Vec<Side>]) -> Vec<Vec<Side>> {
    let mut all: Vec<Vec<Side>> = vec![Vec::new()];
    for sides in choices.iter().filter(|s| !s.is_empty()) {
        let told_apart = if all.len() * sides.len() > MOST_SIDES {
            &sides[..1]
        } else {
            sides
        };
        all = all
            .iter()
            .flat_map(|prefix| {
                told_apart
                    .iter()
                    .map(|side| [prefix.as_slice(), std::slice::from_ref(side)].concat())
            })
            .collect();
    }
    all
}

/// Which way bits cross a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Towards the array.
    Inward,
    /// Away from it.
    Outward,
    /// In either direction.
    Both,
}

impl Builder<'_> {
    /// What the operands with a single buffer add to the cycles.
    pub(super) fn added(&mut self) {
        let mut choices = Vec::new();
        let memories: Vec<(usize, &Memory)> = self.layer.site.hardware.memories().skip(1).collect();
        for (level, memory) in memories {
            for role in Role::ALL {
                let node = Node { level, role };
                let single = match memory.overlap {
                    crate::problem::Overlap::None => {
                        self.class.keeps(&self.layer.site.hardware, node) == Some(true)
                    }
                    crate::problem::Overlap::Choose => {
                        self.class.buffering_of(node) == Some(Buffering::Single)
                    }
                    _ => false,
                };
                // Nothing is loaded of what lies there.
                if single && !self.layer.site.operation.is_resident(node) {
                    choices.push(self.sides(node));
                }
            }
        }
        self.added = combinations(&choices)
            .into_iter()
            .map(|sides| {
                sides
                    .iter()
                    .flat_map(|side| self.time(side))
                    .collect::<Vec<Recipe>>()
            })
            .collect();
    }

    /// The sides of a transfer that take time: its parent's port and its own.
    fn sides(&self, node: Node) -> Vec<Side> {
        let hardware = &self.layer.site.hardware;
        let parent = self.slots.parent_level(node);
        let ports = |level: usize| hardware.memory(level).map(|m| m.ports);
        let outer = ports(parent).and_then(|p| Side::outer(node, parent, p));
        let own = ports(node.level).and_then(|p| Side::own(node, p));
        let array = hardware
            .arrays()
            .any(|(level, _)| (parent..node.level).contains(&level));
        match (outer, own) {
            // The same bits cross both ports: the slower one counts.
            (Some(outer), Some(own)) if !array => outer.slower(own),
            (outer, own) => outer.into_iter().chain(own).collect(),
        }
    }

    /// The terms of one side, in cycles.
    fn time(&mut self, side: &Side) -> Vec<Recipe> {
        let mut found = Vec::new();
        for &(way, bytes) in &side.ways {
            if let Some(index) = self.exchange(side.node, side.port, way) {
                let mut recipe = self.recipes[index].clone();
                self.recipes.truncate(index);
                recipe.bits /= 8.0 * bytes;
                found.push(recipe);
            }
        }
        found
    }
}
