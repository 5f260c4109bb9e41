//! The slots of a dimension: one for each memory, or one for each operand that the dimension indexes
//! where a memory has tiles per operand.

use crate::problem::{Dim, Hardware, LoopNest, Role, Tiles};

/// A storage slot of a dimension: memory level and rank among the operands that it indexes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Level of the memory.
    pub level: usize,
    /// 0 for the outermost node of the memory that the dimension is relevant to.
    pub rank: usize,
}

/// The slots of a dimension, outermost first. Where no memory lies below the arrays, the
/// compute level is a last slot, with extent 1 per element.
#[must_use]
pub fn slots_of(operation: &LoopNest, hardware: &Hardware, d: Dim) -> Vec<Slot> {
    let operands = Role::ALL
        .into_iter()
        .filter(|&r| operation.is_relevant(r, d))
        .count();
    let mut slots: Vec<Slot> = hardware
        .memories()
        .skip(1)
        .flat_map(|(level, memory)| {
            let ranks = if memory.tiles == Tiles::Shared {
                1
            } else {
                operands
            };
            (0..ranks).map(move |rank| Slot { level, rank })
        })
        .collect();
    if !hardware.has_memory_below_arrays() {
        slots.push(Slot {
            level: hardware.levels.len(),
            rank: 0,
        });
    }
    slots
}

/// Whether no class has a node at a slot.
#[must_use]
pub fn is_never_used(operation: &LoopNest, hardware: &Hardware, d: Dim, slot: Slot) -> bool {
    let Some(memory) = hardware.memory(slot.level) else {
        return false;
    };
    let kept = Role::ALL
        .into_iter()
        .filter(|&r| operation.is_relevant(r, d) && memory.may_keep(r))
        .count();
    kept <= slot.rank
}

/// Whether some class has no node at a slot: nodes use the first slots of their memory.
#[must_use]
pub fn may_be_unused(operation: &LoopNest, hardware: &Hardware, d: Dim, slot: Slot) -> bool {
    let Some(memory) = hardware.memory(slot.level) else {
        return false;
    };
    let kept = Role::ALL
        .into_iter()
        .filter(|&r| operation.is_relevant(r, d) && !memory.may_bypass(r))
        .count();
    kept <= slot.rank
}

/// Whether a level is a memory above all arrays with tiles per operand.
#[must_use]
pub fn is_above_arrays(hardware: &Hardware, level: usize) -> bool {
    let below = hardware.arrays().all(|(array, _)| level < array);
    let memory = hardware.memory(level);
    below && level > 0 && memory.is_some_and(|m| m.tiles == Tiles::PerOperand)
}

/// The number of slots above the first array.
#[must_use]
pub fn outer_slots(hardware: &Hardware, slots: &[Slot]) -> usize {
    let array = hardware
        .arrays()
        .next()
        .map_or(usize::MAX, |(level, _)| level);
    slots.iter().take_while(|s| s.level < array).count()
}

/// The outer slot from which on no operand uses any: their extents are the inner part's, or those
/// around them. An unused slot further out takes those of the used ones inside it.
#[must_use]
pub fn first_unused(
    operation: &LoopNest,
    hardware: &Hardware,
    d: Dim,
    slots: &[Slot],
    outer: usize,
) -> usize {
    let used = |slot: &Slot| !is_never_used(operation, hardware, d, *slot);
    slots[..outer].iter().rposition(used).map_or(0, |s| s + 1)
}
