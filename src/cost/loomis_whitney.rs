//! The Loomis–Whitney bound with a window (Smith et al., arXiv 1702.02017;
//! `formulations/model.md`, "Lower bounds for any mapping"): what crosses a boundary above `M` bits of storage, in any mapping.

use crate::problem::{
    Bandwidth, Bits, Hardware, LoopNest, Memory, Node, Ports, Role, RoleSet, Window,
};

/// Cycles of the ports of the memory at `level` that the bound leaves no mapping below.
///
/// Every operand must pass through the memory, and there must be one of it. What it exchanges
/// with the level inside and what it exchanges with the level outside are bounded one by one: the
/// storage below the outer boundary is the memory's own as well. Both cross its ports. Nothing is
/// known of a boundary that some operand does not cross because it is resident below it.
#[must_use]
pub fn cycles(operation: &LoopNest, hardware: &Hardware, level: usize, memory: &Memory) -> u128 {
    let goes_around = |role| operation.may_bypass(memory, Node { level, role });
    let passes = !Role::ALL.into_iter().any(goes_around);
    let Some(limit) = total_bandwidth(memory.ports) else {
        return 0;
    };
    if !passes || hardware.instances(level) > 1 {
        return 0;
    }
    let below_inner =
        storage_inside(hardware, level).map(|b| b + in_flight(operation, hardware, level));
    let below_outer = below_inner
        .filter(|_| level > 0 && is_crossed_by_all(operation, level - 1))
        .and_then(|inside| Some(inside + memory.capacity?.bits()));
    let below_inner = below_inner.filter(|_| is_crossed_by_all(operation, level));
    let bits = [below_inner, below_outer]
        .into_iter()
        .flatten()
        .map(|storage| crossing_bits(operation, storage))
        .sum();
    whole_cycles(bits, limit)
}

/// Bits that the memory at `level` exchanges with the level inside at least, whatever it holds: at the
/// beginning nothing is inside, and at the end all results are outside. Rounded down; 0 where
/// nothing is known.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and rounded down by a relative 1e-9"
)]
pub fn exchanged(operation: &LoopNest, hardware: &Hardware, level: usize) -> Bits {
    if hardware.instances(level) > 1 || !is_crossed_by_all(operation, level) {
        return Bits(0);
    }
    let storage = storage_inside(hardware, level);
    storage.map_or(Bits(0), |storage| {
        let inside = storage + in_flight(operation, hardware, level);
        Bits((crossing_bits(operation, inside) * (1.0 - 1e-9)) as u128)
    })
}

/// Whether no operand lies below the inner boundary of the level: all of them cross it.
fn is_crossed_by_all(operation: &LoopNest, level: usize) -> bool {
    level >= LoopNest::SHARED_LEVEL || operation.resident == RoleSet::NONE
}

/// Bits of all memories inside the one at `level`, all instances; `None` if one is unbounded.
fn storage_inside(hardware: &Hardware, level: usize) -> Option<Bits> {
    hardware
        .memories()
        .filter(|&(l, _)| l > level)
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
        Ports::Separate { read, write } => read?.plus(write?),
    }
}

/// `2·MACs·sqrt(pI·pW·pO/(ρ·M)) − 2M` bits, never below 0, with `ρ = ∏ ⌈R·gcd(stride, dilation)/stride⌉`.
/// A multiply-accumulate on padding needs no input element, so those on real data count.
#[expect(
    clippy::cast_precision_loss,
    reason = "the cycles are rounded down by a relative 1e-9, so the bound stays valid"
)]
fn crossing_bits(operation: &LoopNest, storage: Bits) -> f64 {
    let precision = operation.precision;
    let smaller_output = precision.output.min(precision.accumulator);
    let bits: f64 = [precision.input, precision.weight, smaller_output]
        .map(f64::from)
        .iter()
        .product();
    let axes = 0..Window::COUNT;
    let rho = axes.map(|axis| reuse(operation, axis)).product::<u128>() as f64;
    let capacity = storage.0 as f64;
    let traffic = 2.0 * operation.macs() as f64 * (bits / (rho * capacity)).sqrt();
    (traffic - 2.0 * capacity).max(0.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and rounded down by a relative 1e-9"
)]
fn whole_cycles(bits: f64, limit: Bandwidth) -> u128 {
    let cycles = bits / (8.0 * limit.bytes_per_cycle()) * (1.0 - 1e-9);
    cycles.ceil() as u128
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
