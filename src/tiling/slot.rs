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

/// Whether a level is a memory above all arrays with tiles per operand.
#[must_use]
pub fn is_above_arrays(hardware: &Hardware, level: usize) -> bool {
    let below = hardware.arrays().all(|(array, _)| level < array);
    let memory = hardware.memory(level);
    below && level > 0 && memory.is_some_and(|m| m.tiles == Tiles::PerOperand)
}
