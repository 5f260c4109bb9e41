//! Lower bounds in cycles that hold for every mapping (formulation notes, "Lower bounds").

use crate::problem::result::LowerBounds;
use crate::problem::{Bandwidth, Bits, Hardware, LoopNest, Memory, Ports, Role};

use super::window::{Block, distinct_rows};

/// Compute, compulsory and Loomis–Whitney bounds of an operation on some hardware.
#[must_use]
pub fn lower_bounds(operation: &LoopNest, hardware: &Hardware) -> LowerBounds {
    let compulsory: [Bits; 3] = Role::ALL.map(|role| touched(operation, role));
    LowerBounds {
        compute: operation
            .box_macs()
            .div_ceil(hardware.processing_elements().max(1)),
        compulsory: compulsory_cycles(hardware, &compulsory),
        loomis_whitney: loomis_whitney(operation, hardware),
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
        (0..2)
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

/// Every touched bit crosses the outermost memory's port once.
fn compulsory_cycles(hardware: &Hardware, [input, weight, output]: &[Bits; 3]) -> u128 {
    let Some((_, outermost)) = hardware.memories().next() else {
        return 0;
    };
    let cycles = |limit: Option<Bandwidth>, bits: Bits| limit.map_or(0, |b| b.cycles(bits));
    match outermost.ports {
        Ports::Shared(limit) => cycles(limit, *input + *weight + *output),
        Ports::Separate { read, write } => {
            cycles(read, *input + *weight).max(cycles(write, *output))
        }
    }
}

/// The Loomis–Whitney bound, the largest over the memories (Smith et al., arXiv 1702.02017, with
/// a window): traffic across the port of a memory above `M` bits of storage is at least
/// `2·MACs·sqrt(pI·pW·pO/(ρ·M)) − 2M`, with `ρ = ∏ ⌈R·gcd(stride, dilation)/stride⌉`.
/// Only where every operand passes through the memory.
fn loomis_whitney(operation: &LoopNest, hardware: &Hardware) -> u128 {
    hardware
        .memories()
        .filter(|&(level, _)| hardware.instances(level) == 1)
        .filter(|(_, memory)| !Role::ALL.into_iter().any(|role| memory.may_bypass(role)))
        .filter_map(|(level, memory)| {
            let inside = storage_inside(hardware, level)? + in_flight(operation, hardware, level);
            let limit = total_bandwidth(memory.ports)?;
            Some(loomis_whitney_cycles(operation, inside, limit))
        })
        .max()
        .unwrap_or(0)
}

/// Bits of all memories inside the one at `level`, all instances; `None` if one is unbounded.
fn storage_inside(hardware: &Hardware, level: usize) -> Option<Bits> {
    let inner: Vec<_> = hardware.memories().filter(|&(l, _)| l > level).collect();
    if inner.is_empty() {
        return None;
    }
    inner
        .into_iter()
        .map(|(l, m)| m.capacity.map(|c| c.bits() * hardware.instances(l)))
        .sum()
}

/// Bits of operands that may go around all memories inside the one at `level`: an element of each
/// for every processing element, as if they were kept for the step that uses them.
fn in_flight(operation: &LoopNest, hardware: &Hardware, level: usize) -> Bits {
    let passes = |role: &Role| {
        let mut inner = hardware.memories().filter(|&(l, _)| l > level);
        inner.all(|(_, memory)| memory.may_bypass(*role))
    };
    let bits = |role| u128::from(operation.precision.working(role));
    let element: u128 = Role::ALL.into_iter().filter(passes).map(bits).sum();
    Bits(element * hardware.processing_elements())
}

fn total_bandwidth(ports: Ports) -> Option<Bandwidth> {
    match ports {
        Ports::Shared(limit) => limit,
        Ports::Separate { read, write } => Some(read?.plus(write?)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded down by a relative 1e-9, so the bound stays valid"
)]
fn loomis_whitney_cycles(operation: &LoopNest, storage: Bits, limit: Bandwidth) -> u128 {
    let precision = operation.precision;
    let smaller_output = precision.output.min(precision.accumulator);
    let bits: f64 = [precision.input, precision.weight, smaller_output]
        .map(f64::from)
        .iter()
        .product();
    let rho = (reuse(operation, 0) * reuse(operation, 1)) as f64;
    let capacity = storage.0 as f64;
    let traffic =
        2.0 * operation.box_macs() as f64 * (bits / (rho * capacity)).sqrt() - 2.0 * capacity;
    let cycles = traffic / (8.0 * limit.bytes_per_cycle()) * (1.0 - 1e-9);
    if cycles > 0.0 {
        cycles.ceil() as u128
    } else {
        0
    }
}

/// How many taps of one window axis can use the same row.
fn reuse(operation: &LoopNest, axis: usize) -> u128 {
    let window = operation.windows[axis];
    let taps = operation.extents[LoopNest::WINDOW_DIMS[axis].1];
    let (mut a, mut b) = (window.stride, window.dilation);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    u128::from((taps * a).div_ceil(window.stride))
}
