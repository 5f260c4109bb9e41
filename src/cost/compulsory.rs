//! What crosses the ports of a memory in any mapping: every touched bit of each operand that it
//! must keep, into it and out of it again.

use crate::problem::{Bandwidth, Bits, Hardware, LoopNest, Memory, Node, Ports, Role, Window};

use super::block::Block;
use super::window::{distinct_rows, is_unclipped};

/// Cycles of the busiest port of the memory at `level` (below an array that of element 0) that no
/// mapping is below.
#[must_use]
pub fn cycles(operation: &LoopNest, hardware: &Hardware, level: usize, memory: &Memory) -> u128 {
    let (read, write) = bits(operation, hardware, level, memory);
    let cycles = |limit: Option<Bandwidth>, bits: Bits| limit.map_or(0, |b| b.cycles(bits));
    match memory.ports {
        Ports::Shared(limit) => cycles(limit, read + write),
        Ports::Separate { read: r, write: w } => cycles(r, read).max(cycles(w, write)),
    }
}

/// Bits read from and written to the memory at least.
///
/// An input or weight is written when it is filled and read by what lies inside, an output the
/// other way round; nothing fills the outermost memory, nor what lies in the shared one. Where the
/// elements' innermost memory is this one, every step reads an input, a weight and a partial sum,
/// and writes a partial sum.
fn bits(operation: &LoopNest, hardware: &Hardware, level: usize, memory: &Memory) -> (Bits, Bits) {
    let (mut read, mut write) = (Bits(0), Bits(0));
    let innermost = hardware.has_memory_below_arrays() && level + 1 == hardware.levels.len();
    let elements = hardware.processing_elements().max(1);
    let steps = operation.box_macs().div_ceil(elements);
    for role in Role::ALL {
        let node = Node { level, role };
        let stays_inside = level < LoopNest::SHARED_LEVEL && operation.resident.contains(role);
        if operation.may_bypass(memory, node) || stays_inside {
            continue;
        }
        let share = share(operation, role, hardware.instances(level));
        let is_filled = level > 0 && !operation.is_resident(node);
        let filled = if is_filled { share } else { Bits(0) };
        let used = if innermost {
            Bits(steps * u128::from(operation.precision.working(role)))
        } else {
            share
        };
        if role == Role::Output {
            // Drained, and written from inside; a step reads its partial sum as well.
            read += filled + if innermost { used } else { Bits(0) };
            write += used;
        } else {
            write += filled;
            read += used;
        }
    }
    (read, write)
}

/// The touched bits of which one of so many instances, element 0, has its share at least.
///
/// Element 0 takes the ceiling share in every dimension. Of a window with padding its rows may
/// yet be fewer than another element's, as they may lie in the padding.
fn share(operation: &LoopNest, role: Role, instances: u128) -> Bits {
    let clipped = LoopNest::WINDOW_DIMS
        .iter()
        .zip(&operation.windows)
        .any(|((p, r), w)| !is_unclipped(w, operation.extents[*p], operation.extents[*r]));
    if instances > 1 && role == Role::Input && clipped {
        return Bits(0);
    }
    Bits(touched(operation, role).0.div_ceil(instances.max(1)))
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
