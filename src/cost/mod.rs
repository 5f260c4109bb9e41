//! The exact cost of a mapping, in integer arithmetic (problem definition, sections 4 and 5).

mod block;
pub mod bound;
pub mod chain;
mod compulsory;
pub mod dataflow;
mod energy;
mod fan;
mod loomis_whitney;
pub mod loops;
pub mod monotone;
pub mod nest;
mod overlap;
pub mod plan;
mod reuse;
pub mod slides;
pub mod spatial;
pub mod stream;
mod traffic;
mod validate;
pub mod window;

use crate::problem::result::{Cost, MemoryCost, PortTraffic};
use crate::problem::{Bits, Dim, Hardware, LoopNest, Mapping, Ports, ProblemError, Role};

use nest::{Nest, is_read_every_step};

/// The cost of a mapping that may be wrong.
///
/// # Errors
/// What makes it no mapping of this operation on this hardware, capacities included.
pub fn evaluate(
    operation: &LoopNest,
    hardware: &Hardware,
    mapping: &Mapping,
) -> Result<Cost, ProblemError> {
    validate::validate(operation, hardware, mapping)?;
    let nest = Nest::new(operation, hardware, mapping);
    let compute_cycles = nest.steps();
    let memories: Vec<MemoryCost> = hardware
        .memories()
        .map(|(level, _)| memory_cost(&nest, hardware, mapping, level, compute_cycles))
        .collect();
    fits(hardware, &memories)?;
    let busiest = memories.iter().map(|m| m.busy_cycles).max().unwrap_or(0);
    let added: u128 = memories.iter().flat_map(|m| m.added_cycles).sum();
    let cycles = compute_cycles.max(busiest) + added;
    Ok(Cost {
        cycles,
        compute_cycles,
        energy_pj: energy::energy_pj(&nest, hardware, mapping, cycles),
        memories,
    })
}

/// The most pairs of pieces of outputs and taps of a window that sees padding, at any node of the
/// input, pieces of outputs away from it counted together: what the exact cost takes time for.
#[must_use]
pub fn window_pieces(operation: &LoopNest, mapping: &Mapping) -> u64 {
    let extents = operation.extents;
    let pieces = |d: Dim, clear: (u64, u64)| {
        let nodes = mapping.order.iter().zip(&mapping.extents);
        let inputs = nodes.filter(|(node, _)| node.role == Role::Input);
        let near = extents[d].saturating_sub(clear.1.saturating_sub(clear.0));
        inputs
            .map(|(node, own)| {
                let wide = own[d].saturating_mul(mapping.spread_above(node.level, d));
                let wide = wide.max(1);
                extents[d]
                    .div_ceil(wide)
                    .min(near.div_ceil(wide) + FEW_KINDS)
            })
            .max()
            .unwrap_or(extents[d])
    };
    (LoopNest::WINDOW_DIMS.iter())
        .zip(&operation.windows)
        .filter(|((p, r), window)| !window::is_unclipped(window, extents[*p], extents[*r]))
        .map(|(&(p, r), window)| {
            let (first, end) = window::clear_outputs(window, extents[r]);
            let outputs = pieces(p, (first.min(extents[p]), end.min(extents[p])));
            outputs.saturating_mul(pieces(r, (0, 0)))
        })
        .max()
        .unwrap_or(0)
}

/// Pieces away from padding, of different lengths, and those that lie across its ends.
const FEW_KINDS: u64 = 16;

/// Every bounded memory holds the tiles that stand in it.
fn fits(hardware: &Hardware, memories: &[MemoryCost]) -> Result<(), ProblemError> {
    for cost in memories {
        let Some(memory) = hardware.memory(cost.level) else {
            continue;
        };
        let Some(capacity) = memory.capacity else {
            continue;
        };
        let need: Bits = cost.occupied.iter().copied().sum();
        if need > capacity.bits() {
            return Err(ProblemError::Capacity {
                memory: memory.name.clone(),
                need_bits: need.0,
                capacity_bits: capacity.bits().0,
            });
        }
    }
    Ok(())
}

/// Traffic through the ports of one memory, and the space its tiles take.
fn memory_cost(
    nest: &Nest<'_>,
    hardware: &Hardware,
    mapping: &Mapping,
    level: usize,
    steps: u128,
) -> MemoryCost {
    let mut traffic = [PortTraffic::default(); 3];
    let mut occupied = [Bits(0); 3];
    let mut doubled = [false; 3];
    let mut added_cycles = [0; 3];
    for placed in &nest.nodes {
        let role = placed.node.role as usize;
        if placed.node.level == level {
            let outside = traffic::exchange(nest, hardware, mapping, placed, level);
            traffic[role].write += outside.inward;
            traffic[role].read += outside.outward;
            doubled[role] = overlap::is_doubled(nest, hardware, mapping, placed);
            let factor = if doubled[role] { 2 } else { 1 };
            occupied[role] = traffic::footprint(nest, hardware, mapping, placed) * factor;
            added_cycles[role] = overlap::added_cycles(nest, hardware, mapping, placed);
        } else if placed.node.level > level && mapping.parent(placed.node) == level {
            let inside = traffic::exchange(nest, hardware, mapping, placed, level);
            traffic[role].read += inside.inward;
            traffic[role].write += inside.outward;
        }
    }
    for role in Role::ALL {
        if level + 1 == hardware.levels.len() && !is_read_every_step(hardware, mapping, role) {
            add_compute_accesses(nest, steps, role, &mut traffic[role as usize]);
        }
    }
    let busy_cycles = hardware
        .memory(level)
        .map_or(0, |m| busy_cycles(m.ports, &traffic));
    MemoryCost {
        level,
        traffic,
        occupied,
        doubled,
        busy_cycles,
        added_cycles,
    }
}

/// Every step of an element reads an input and a weight, and reads and writes a partial sum.
fn add_compute_accesses(nest: &Nest<'_>, steps: u128, role: Role, traffic: &mut PortTraffic) {
    let bits = Bits(steps * u128::from(nest.operation.precision.working(role)));
    traffic.read += bits;
    if role == Role::Output {
        traffic.write += bits;
    }
}

/// The busy cycles of the busiest port, rounded once per port.
fn busy_cycles(ports: Ports, traffic: &[PortTraffic; 3]) -> u128 {
    let read: Bits = traffic.iter().map(|t| t.read).sum();
    let write: Bits = traffic.iter().map(|t| t.write).sum();
    match ports {
        Ports::Shared(limit) => limit.map_or(0, |b| b.cycles(read + write)),
        Ports::Separate { read: r, write: w } => {
            let reading = r.map_or(0, |b| b.cycles(read));
            let writing = w.map_or(0, |b| b.cycles(write));
            reading.max(writing)
        }
    }
}
