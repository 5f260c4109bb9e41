//! Lower bounds in cycles that hold for every mapping (`formulations/model.md`, "Lower bounds
//! for any mapping").

use crate::problem::result::{LowerBounds, MemoryBound};
use crate::problem::{Bits, Hardware, LoopNest, Memory, Role, Window};

use super::window::{Block, distinct_rows};
use super::{compulsory, loomis_whitney};

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
        .map(|role| touched(operation, role))
        .into_iter()
        .sum()
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
        let must_keep = hardware.memories().filter(|(_, m)| !m.may_bypass(role));
        for (level, memory) in must_keep {
            let (read, write) = per_bit(memory);
            let (filled, drained) = match role {
                Role::Output => (read, write),
                _ => (write, read),
            };
            // Nothing fills the outermost memory.
            total += if level > 0 { touched * filled } else { 0.0 };
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

/// Bits of an operand that are touched at all: distinct rows of a window, the output finished.
#[must_use]
pub fn touched(operation: &LoopNest, role: Role) -> Bits {
    let plain: u128 = operation.relevant[role as usize]
        .iter()
        .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
        .map(|d| u128::from(operation.extents[d]))
        .product();
    let rows: u128 = if role == Role::Input {
        (0..Window::COUNT)
            .map(|axis| u128::from(whole_rows(operation, axis)))
            .product()
    } else {
        1
    };
    let precision = operation.precision;
    let bits = match role {
        Role::Input => precision.input,
        Role::Weight => precision.weight,
        Role::Output => precision.output,
    };
    Bits(plain * rows * u128::from(bits))
}

fn whole_rows(operation: &LoopNest, axis: usize) -> u64 {
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let all = |length| Block { start: 0, length };
    distinct_rows(
        &operation.windows[axis],
        all(operation.extents[p]),
        all(operation.extents[r]),
    )
}
