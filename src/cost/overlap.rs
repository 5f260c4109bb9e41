//! Transfers that are not overlapped: the cycles that they add (problem definition, section 5).

use crate::problem::{Bandwidth, Bits, Hardware, Mapping, Overlap, Ports};

use super::nest::{Nest, PlacedNode};
use super::traffic::{Exchange, exchange};

/// Whether an operand takes twice its space: more than one tile is ever loaded, and its memory
/// is double-buffered, or the mapping says so where that is chosen. What lies there is not loaded.
#[must_use]
pub fn is_doubled(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
) -> bool {
    let overlap = hardware.memory(placed.node.level).map(|m| m.overlap);
    let buffered = match overlap {
        Some(Overlap::DoubleBuffer) => true,
        Some(Overlap::Choose) => mapping.double_buffered.contains(&placed.node),
        Some(Overlap::Ideal | Overlap::None) | None => false,
    };
    buffered && !nest.operation.is_resident(placed.node) && is_reloaded(nest, placed)
}

/// The cycles that the transfers of a node across its memory's outer boundary add: what the
/// slower of the two ports needs, rounded up once.
#[must_use]
pub fn added_cycles(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    placed: &PlacedNode,
) -> u128 {
    let added = match hardware.memory(placed.node.level).map(|m| m.overlap) {
        Some(Overlap::None) => true,
        Some(Overlap::Choose) => {
            is_reloaded(nest, placed) && !mapping.double_buffered.contains(&placed.node)
        }
        Some(Overlap::Ideal | Overlap::DoubleBuffer) | None => false,
    };
    if !added {
        return 0;
    }
    let parent = mapping.parent(placed.node);
    let cycles = |level, reads_inward| {
        let bits = exchange(nest, hardware, mapping, placed, level);
        let ports = hardware.memory(level).map(|m| m.ports);
        ports.map_or(0, |ports| port_cycles(ports, bits, reads_inward))
    };
    cycles(parent, true).max(cycles(placed.node.level, false))
}

/// Whether more than one tile is ever loaded.
fn is_reloaded(nest: &Nest<'_>, placed: &PlacedNode) -> bool {
    nest.tiles(placed) * nest.visits(placed) > 1
}

/// The cycles of one side's transfers, one after the other. What moves inward is read by the
/// port of the outer memory and written by that of the inner one.
fn port_cycles(ports: Ports, bits: Exchange, reads_inward: bool) -> u128 {
    match ports {
        Ports::Shared(limit) => limit.map_or(0, |b| b.cycles(bits.inward + bits.outward)),
        Ports::Separate { read, write } => {
            let (inward, outward) = if reads_inward {
                (read, write)
            } else {
                (write, read)
            };
            one_after_the_other((inward, bits.inward), (outward, bits.outward))
        }
    }
}

/// The cycles of two transfers at bandwidths of their own, rounded once for both.
fn one_after_the_other(
    first: (Option<Bandwidth>, Bits),
    second: (Option<Bandwidth>, Bits),
) -> u128 {
    match (first, second) {
        ((Some(a), first), (Some(b), second)) => a.cycles_with(first, b, second),
        ((Some(limit), bits), _) | (_, (Some(limit), bits)) => limit.cycles(bits),
        _ => 0,
    }
}
