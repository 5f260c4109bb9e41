//! What fixed parts of a mapping leave of a class and its columns.

use std::sync::Arc;

use crate::milp::linear::{Active, retain};
use crate::problem::{Dim, Fixed, FixedMemory, Hardware, LoopNest, Node, Overlap, Role};

use super::allowed::retain_equal;
use super::candidates::{Candidates, TileSpace};
use super::chains::slots_of;
use super::class::{Buffering, Class, Slide};
use super::columns::{Attribute, ColumnGroup};
use super::flow::Equal;
use super::parts::Part;
use super::slots::SlotMap;
use super::wanted::Wanted;

/// Whether rows, columns and depth are still alike: nothing is fixed of one of them.
#[must_use]
pub fn are_mirrored(fixed: &[Fixed]) -> bool {
    let in_window = |d: Dim| LoopNest::window_of(d).is_some();
    fixed.iter().all(|own| {
        let tiles = own
            .memories
            .iter()
            .flat_map(|m| &m.tiles)
            .map(|tile| tile.1);
        let factors = own.arrays.iter().flat_map(|a| &a.factors).map(|f| f.1);
        !tiles.chain(factors).any(in_window) && own.memories.iter().all(|m| m.slide.is_none())
    })
}

/// Whether every tile that must be there fits in its memory alone, before anything is listed.
#[must_use]
pub fn fit(operation: &LoopNest, hardware: &Hardware, fixed: &[Fixed]) -> bool {
    let mut dims = Dim::ALL.into_iter().filter(|&d| operation.extents[d] > 1);
    dims.all(|d| {
        let slots = slots_of(operation, hardware, d);
        let candidates = Candidates::new(operation, hardware, d, TileSpace::All);
        Wanted::new(operation, hardware, d, fixed).fits(&slots, &candidates)
    })
}

/// Whether some mapping of a class may keep to all that is fixed, as far as its decisions tell.
#[must_use]
pub fn is_possible(hardware: &Hardware, fixed: &[Fixed], class: &Class) -> bool {
    let mut memories = fixed.iter().flat_map(|own| &own.memories);
    memories.all(|memory| keeps(hardware, memory, class) && slides_and_doubles(memory, class))
}

fn keeps(hardware: &Hardware, memory: &FixedMemory, class: &Class) -> bool {
    let level = memory.level;
    Role::ALL.into_iter().all(|role| {
        let kept = class.keeps(hardware, Node { level, role });
        let fixed = memory.kept().map(|fixed| fixed.contains(role));
        let needed = memory.needs().contains(role);
        kept.is_none_or(|kept| fixed.is_none_or(|fixed| fixed == kept) && (kept || !needed))
    })
}

fn slides_and_doubles(memory: &FixedMemory, class: &Class) -> bool {
    let level = memory.level;
    let slide = class.slides.iter().find(|s| s.0 == level).map(|s| s.1);
    let slides = memory.slide.is_none_or(|d| {
        slide.is_none_or(|slide| matches!(slide, Slide::Open) || slide == Slide::Along(d))
    });
    let doubles = memory.double_buffered.is_none_or(|fixed| {
        Role::ALL.into_iter().all(|role| {
            let buffering = class.buffering_of(Node { level, role });
            match buffering {
                Some(Buffering::Double) => fixed.contains(role),
                Some(Buffering::Single) => !fixed.contains(role),
                Some(Buffering::Whole) | None => true,
            }
        })
    });
    slides && doubles
}

/// Whether the nodes of a class stand as what is fixed asks.
#[must_use]
pub fn stands(fixed: &[Fixed], class: &Class) -> bool {
    let mut memories = fixed.iter().flat_map(|own| &own.memories);
    memories.all(|memory| {
        let own = class.order.iter().filter(|n| n.level == memory.level);
        let own: Vec<Role> = own.map(|n| n.role).collect();
        memory.arranged(&own) == own
    })
}

/// Where the doubled buffers of an unbounded memory are fixed, the others may be worth deciding:
/// loaded whole, or in tiles whose transfers take time. `None` where nothing is open.
#[must_use]
pub fn split_unbounded(hardware: &Hardware, fixed: &[Fixed], class: &Class) -> Option<Vec<Class>> {
    let open = fixed
        .iter()
        .flat_map(|own| &own.memories)
        .find_map(|memory| {
            let doubled = memory.double_buffered?;
            hardware
                .memory(memory.level)
                .filter(|m| m.capacity.is_none() && m.overlap == Overlap::Choose)?;
            class.order.iter().copied().find(|node| {
                let here = node.level == memory.level && !doubled.contains(node.role);
                here && class.buffering_of(*node).is_none()
            })
        })?;
    let with = |buffering| {
        let mut next = class.clone();
        next.buffering.push((open, buffering));
        next
    };
    Some(vec![with(Buffering::Whole), with(Buffering::Single)])
}

/// Drops the columns that do not keep to what is fixed. Spatial factors are fixed where chains
/// are made.
pub fn restrict(
    operation: &LoopNest,
    hardware: &Hardware,
    fixed: &[Fixed],
    class: &Class,
    columns: &[ColumnGroup],
    active: &mut Active,
) {
    if fixed.is_empty() {
        return;
    }
    let restriction = Restriction {
        operation,
        hardware,
        class,
        slots: SlotMap::new(operation, hardware, class),
    };
    let mut equal = Vec::new();
    for memory in fixed.iter().flat_map(|own| &own.memories) {
        equal.extend(restriction.rewritten(memory));
        for (group, active) in columns.iter().zip(active.iter_mut()) {
            restriction.tiles(memory, group, active);
            restriction.slide(memory, group, active);
        }
    }
    retain_equal(columns, active, &equal);
}

struct Restriction<'a> {
    operation: &'a LoopNest,
    hardware: &'a Hardware,
    class: &'a Class,
    slots: SlotMap<'a>,
}

impl Restriction<'_> {
    /// Keeps the columns that have a memory's fixed extents: at the slot of their node, or where
    /// that is not decided at any of the memory's.
    fn tiles(&self, memory: &FixedMemory, group: &ColumnGroup, active: &mut Arc<Vec<u32>>) {
        let level = memory.level;
        for &(of, d, extent) in &memory.tiles {
            let Some(position) = group.position(d) else {
                continue;
            };
            let nodes = Role::ALL.map(|role| Node { level, role });
            let kept = |n: &&Node| self.class.keeps(self.hardware, **n) == Some(true);
            let meant = |n: &&Node| of.is_none_or(|of| of == n.role);
            let relevant = |n: &&Node| self.operation.is_relevant(n.role, d);
            let own = nodes.iter().filter(kept).filter(meant).filter(relevant);
            for node in own {
                let slots: Vec<usize> = if self.slots.is_placed(*node) {
                    self.slots.own(*node, d).into_iter().collect()
                } else {
                    let all = group.slots[position].iter().enumerate();
                    all.filter(|(_, s)| s.level == level)
                        .map(|(i, _)| i)
                        .collect()
                };
                let here = slots
                    .iter()
                    .filter(|&&s| group.has(Attribute::Extent(d, s)));
                let here: Vec<usize> = here.copied().collect();
                if !here.is_empty() {
                    let has = |j: u32, s: usize| can_have(group, j as usize, position, s, extent);
                    retain(active, |j| here.iter().any(|&s| has(j, s)));
                }
            }
        }
    }

    /// Keeps the columns that spread nothing of a fixed slide, and no taps of it, between the memory
    /// and the one that fills it.
    fn slide(&self, memory: &FixedMemory, group: &ColumnGroup, active: &mut Arc<Vec<u32>>) {
        if !memory.slide.is_some_and(|d| group.dims.contains(&d)) {
            return;
        }
        let level = memory.level;
        let role = Role::Input;
        if !self.class.is_ordered(self.hardware) || group.part == Part::Outer {
            return;
        }
        let parent = self.slots.parent_level(Node { level, role });
        retain(active, |j| {
            let mut chains =
                (0..group.dims.len()).map(|position| group.chain(j as usize, position));
            chains.all(|chain| chain.spread_above(level) == chain.spread_above(parent))
        });
    }

    /// Where the nodes of a memory stand otherwise than they must, a mapping can be written with
    /// them as they must, at the same cost, if nothing is tiled between those that change places:
    /// for a node that comes to stand below another one, no node in between cuts its tile, and it
    /// has no loop of its own that the other does not depend on.
    fn rewritten(&self, memory: &FixedMemory) -> Vec<Equal> {
        let order = &self.class.order;
        let own: Vec<Role> = order
            .iter()
            .filter(|n| n.level == memory.level)
            .map(|n| n.role)
            .collect();
        let arranged = memory.arranged(&own);
        if !self.class.is_ordered(self.hardware) || arranged == own {
            return Vec::new();
        }
        let place = |role: Role| arranged.iter().position(|&r| r == role);
        let mut equal = Vec::new();
        for (i, &upper) in own.iter().enumerate() {
            for &lower in own[i + 1..]
                .iter()
                .filter(|&&lower| place(lower) < place(upper))
            {
                let node = |role| Node {
                    level: memory.level,
                    role,
                };
                equal.extend(self.exchanged(node(upper), node(lower)));
            }
        }
        equal
    }

    /// What must be equal for `upper` to be written below `lower`.
    fn exchanged(&self, upper: Node, lower: Node) -> Vec<Equal> {
        let order = &self.class.order;
        let place = |node: Node| order.iter().position(|n| *n == node).unwrap_or(0);
        let dims = self.operation.relevant[upper.role as usize].iter();
        let mut equal = Vec::new();
        for d in dims.filter(|&d| self.operation.extents[d] > 1) {
            let Some(own) = self.slots.own(upper, d) else {
                continue;
            };
            let between = &order[place(upper) + 1..=place(lower)];
            let relevant = |n: &&Node| self.operation.is_relevant(n.role, d);
            let others = between.iter().filter(relevant);
            equal.extend(others.filter_map(|n| Some((d, self.slots.own(*n, d)?, Some(own)))));
            if !self.operation.is_relevant(lower.role, d) {
                equal.push((d, own, self.slots.above(upper, d)));
            }
        }
        equal
    }
}

/// Whether a column has an extent at a slot; of a box, whether it holds one that has.
fn can_have(group: &ColumnGroup, column: usize, position: usize, slot: usize, extent: u64) -> bool {
    let own = group.chain(column, position).extents[slot];
    if group.part != Part::Outer {
        return own == extent;
    }
    let chain = group.columns[column][position] as usize;
    (own..=group.highest[position][chain][slot]).contains(&extent)
}
