//! Lower bounds in cycles that hold for every mapping (`formulations/model.md`, "Lower bounds
//! for any mapping").

use crate::problem::result::{LowerBounds, MemoryBound};
use crate::problem::{Bits, Hardware, LoopNest, Memory, Node, Role};

use super::{compulsory, loomis_whitney};

pub use super::compulsory::touched;

/// The compute bound of an operation on some hardware, and every memory's compulsory and
/// Loomis–Whitney bound.
#[must_use]
pub fn lower_bounds(operation: &LoopNest, hardware: &Hardware) -> LowerBounds {
    let elements = hardware.processing_elements().max(1);
    let memories = hardware.memories();
    LowerBounds {
        compute: operation.box_macs().div_ceil(elements),
        memories: memories
            .map(|(level, memory)| MemoryBound {
                level,
                compulsory: compulsory::cycles(operation, hardware, level, memory),
                loomis_whitney: loomis_whitney::cycles(operation, hardware, level, memory),
            })
            .collect(),
    }
}

/// Bits that cross the outermost memory's ports in any mapping.
#[must_use]
pub fn compulsory_bits(operation: &LoopNest) -> Bits {
    Role::ALL
        .into_iter()
        .filter(|&role| !operation.resident.contains(role))
        .map(|role| touched(operation, role))
        .sum()
}

/// Bits that the memory at `level` exchanges with the level inside at least, in both directions, by
/// the Loomis-Whitney bound; 0 where nothing is known.
#[must_use]
pub fn exchanged_bits(operation: &LoopNest, hardware: &Hardware, level: usize) -> Bits {
    loomis_whitney::exchanged(operation, hardware, level)
}

/// A bound on the energy of every mapping in pJ, given one on its cycles: idle cycles,
/// multiply-accumulates with their accesses of an innermost memory below the arrays, and every
/// touched bit once into and out of each memory that must keep its operand.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "rounded down by a relative 1e-9, so the bound stays valid"
)]
pub fn least_energy(operation: &LoopNest, hardware: &Hardware, cycles: u128) -> f64 {
    let macs = operation.box_macs() as f64;
    let mut total = cycles as f64 * hardware.static_pj_per_cycle.unwrap_or(0.0);
    total += macs * hardware.energy_pj_per_mac.unwrap_or(0.0);
    for role in Role::ALL {
        let touched = touched(operation, role).0 as f64;
        let working = f64::from(operation.precision.working(role));
        let must_keep = hardware
            .memories()
            .filter(|&(level, m)| !operation.may_bypass(m, Node { level, role }));
        for (level, memory) in must_keep {
            // A resident operand neither leaves the outermost memory nor fills the shared one.
            let resident = operation.resident.contains(role);
            if resident && level < LoopNest::SHARED_LEVEL {
                continue;
            }
            let (read, write) = per_bit(memory);
            let (filled, drained) = match role {
                Role::Output => (read, write),
                _ => (write, read),
            };
            // Nothing fills the outermost memory.
            let is_filled = level > 0 && !operation.is_resident(Node { level, role });
            total += if is_filled { touched * filled } else { 0.0 };
            if hardware.has_memory_below_arrays() && level + 1 == hardware.levels.len() {
                let written = if role == Role::Output { write } else { 0.0 };
                total += macs * working * (read + written);
            } else {
                total += touched * drained;
            }
        }
    }
    total * (1.0 - 1e-9)
}

/// pJ for each bit read from and written to a memory.
fn per_bit(memory: &Memory) -> (f64, f64) {
    let bit = |pj: Option<f64>| pj.unwrap_or(0.0) / 8.0;
    let energy = memory.energy;
    (bit(energy.read_pj_per_byte), bit(energy.write_pj_per_byte))
}
