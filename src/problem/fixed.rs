//! Parts of a mapping that are fixed beforehand.

use super::dim::Dim;
use super::mapping::{Mapping, Node};
use super::operation::LoopNest;
use super::role::{Role, RoleSet};

/// What one entry of a constraints file fixes; the rest is free.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixed {
    /// Where it is written, such as `file.yaml:3`.
    pub name: String,
    /// What is fixed of memories.
    pub memories: Vec<FixedMemory>,
    /// What is fixed of arrays.
    pub arrays: Vec<FixedArray>,
}

/// What is fixed of one memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedMemory {
    /// Index of the memory in [`super::Hardware::levels`].
    pub level: usize,
    /// The operands that it keeps, no others, the one whose node is outermost first.
    pub order: Option<Vec<Role>>,
    /// The operand that it keeps whose node stands before those of all others.
    pub stationary: Option<Role>,
    /// The operands that it keeps, no others.
    pub keeps: Option<RoleSet>,
    /// The operands with two buffers, no others.
    pub double_buffered: Option<RoleSet>,
    /// The dimension along which it slides.
    pub slide: Option<Dim>,
    /// Tile extents: of an operand that it keeps, or of all that it keeps and the dimension indexes.
    pub tiles: Vec<(Option<Role>, Dim, u64)>,
}

/// What is fixed of one array.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedArray {
    /// Index of the array in [`super::Hardware::levels`].
    pub level: usize,
    /// Factors of dimensions on axes.
    pub factors: Vec<(usize, Dim, u64)>,
}

impl Fixed {
    /// Whether a mapping keeps to all of it.
    #[must_use]
    pub fn holds(&self, operation: &LoopNest, mapping: &Mapping) -> bool {
        let arrays = self.arrays.iter().all(|array| {
            let own = mapping.spatial.iter().find(|own| own.level == array.level);
            let factor = |axis: usize, d: Dim| own.map_or(1, |own| own.axes[axis][d]);
            let fixed = array.factors.iter();
            fixed
                .copied()
                .all(|(axis, d, value)| factor(axis, d) == value)
        });
        arrays && self.memories.iter().all(|m| m.holds(operation, mapping))
    }
}

impl FixedMemory {
    /// Whether a mapping keeps to it.
    #[must_use]
    pub fn holds(&self, operation: &LoopNest, mapping: &Mapping) -> bool {
        let level = self.level;
        let own: Vec<Role> = roles_at(mapping, level);
        let kept = RoleSet::of(&own);
        let doubled: Vec<Role> = (mapping.double_buffered.iter())
            .filter(|n| n.level == level)
            .map(|n| n.role)
            .collect();
        self.stands_in_order(&own)
            && self.keeps.is_none_or(|fixed| fixed == kept)
            && (self.double_buffered).is_none_or(|fixed| fixed == RoleSet::of(&doubled))
            && (self.slide).is_none_or(|d| mapping.slide(level) == Some(d))
            && self.has_tiles(operation, mapping, &own)
    }

    /// Whether the kept operands, outermost first, stand as they must.
    #[must_use]
    pub fn stands_in_order(&self, own: &[Role]) -> bool {
        (self.order.as_ref()).is_none_or(|order| order == own)
            && (self.stationary).is_none_or(|role| own.first() == Some(&role))
    }

    fn has_tiles(&self, operation: &LoopNest, mapping: &Mapping, own: &[Role]) -> bool {
        let level = self.level;
        self.tiles.iter().all(|&(of, d, extent)| {
            let is_meant = |role: Role| of.is_none_or(|of| of == role);
            let has_extent = |role: Role| {
                let tile = mapping.extents_of(Node { level, role });
                tile.is_some_and(|tile| tile[d] == extent)
            };
            of.is_none_or(|of| own.contains(&of))
                && own
                    .iter()
                    .filter(|&&role| is_meant(role) && operation.is_relevant(role, d))
                    .all(|&role| has_extent(role))
        })
    }

    /// Operands that must be kept.
    #[must_use]
    pub fn needs(&self) -> RoleSet {
        let of_tiles = self.tiles.iter().filter_map(|tile| tile.0);
        let ordered = self.order.iter().flatten().copied();
        let named = ordered.chain(self.stationary);
        let doubled = self.double_buffered.unwrap_or_default();
        let all: Vec<Role> = named.chain(of_tiles).chain(doubled.iter()).collect();
        RoleSet::of(&all)
    }

    /// The operands that it keeps, if that is fixed.
    #[must_use]
    pub fn kept(&self) -> Option<RoleSet> {
        let ordered = self.order.as_ref().map(|order| RoleSet::of(order));
        self.keeps.or(ordered)
    }

    /// The kept operands, outermost first, as they must stand.
    #[must_use]
    pub fn arranged(&self, own: &[Role]) -> Vec<Role> {
        let mut arranged = match &self.order {
            Some(order) if RoleSet::of(order) == RoleSet::of(own) => order.clone(),
            _ => own.to_vec(),
        };
        arranged.sort_by_key(|&role| self.stationary.is_some() && self.stationary != Some(role));
        arranged
    }
}

/// The operands of a memory's nodes, outermost first.
fn roles_at(mapping: &Mapping, level: usize) -> Vec<Role> {
    let own = mapping.order.iter().filter(|n| n.level == level);
    own.map(|n| n.role).collect()
}

/// Writes a mapping as what is fixed asks, where that costs nothing: nodes of a memory in its
/// order, and the operands that it doubles. The levels whose nodes came into another order and that
/// slide, though nobody fixed along what: there the nodes that changed places may have a loop between
/// them that ends the walk, and in the new order a walk would need that loop further out.
pub fn arrange(fixed: &[Fixed], mapping: &mut Mapping) -> Vec<usize> {
    let mut moved = Vec::new();
    for memory in fixed.iter().flat_map(|own| &own.memories) {
        let level = memory.level;
        let own = roles_at(mapping, level);
        let arranged = memory.arranged(&own);
        if arranged != own {
            place(mapping, level, &arranged);
            if memory.slide.is_none() && mapping.slide(level).is_some() {
                moved.push(level);
            }
        }
        if let Some(doubled) = memory.double_buffered {
            mapping.double_buffered.retain(|n| n.level != level);
            let nodes = doubled.iter().map(|role| Node { level, role });
            mapping.double_buffered.extend(nodes);
            mapping.double_buffered.sort_unstable();
        }
    }
    moved
}

/// Puts the nodes of a memory into another order, at the places that they have.
fn place(mapping: &mut Mapping, level: usize, arranged: &[Role]) {
    let places: Vec<usize> = (0..mapping.order.len())
        .filter(|&i| mapping.order[i].level == level)
        .collect();
    let before = mapping.clone();
    for (&place, &role) in places.iter().zip(arranged) {
        let node = Node { level, role };
        if let Some(from) = before.order.iter().position(|n| *n == node) {
            mapping.order[place] = node;
            mapping.extents[place] = before.extents[from];
        }
    }
}
