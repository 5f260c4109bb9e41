//! The exact cost of a mapping, in integer arithmetic (problem definition, sections 4 and 5).

pub mod bound;
pub mod chain;
mod energy;
pub mod nest;
mod reuse;
pub mod spatial;
mod traffic;
mod validate;
pub mod window;

use crate::problem::result::{Cost, MemoryCost, PortTraffic};
use crate::problem::{Bits, Hardware, LoopNest, Mapping, Overlap, Ports, ProblemError, Role};

use nest::{Nest, PlacedNode};

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
    Ok(Cost {
        cycles: compute_cycles.max(busiest),
        compute_cycles,
        energy_pj: energy::energy_pj(&nest, hardware, mapping, &memories),
        memories,
    })
}

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
    for placed in &nest.nodes {
        let role = placed.node.role as usize;
        if placed.node.level == level {
            let outside = traffic::exchange(nest, mapping, placed, level);
            traffic[role].write += outside.inward;
            traffic[role].read += outside.outward;
            doubled[role] = is_doubled(nest, hardware, placed);
            let factor = if doubled[role] { 2 } else { 1 };
            occupied[role] = traffic::footprint(nest, hardware, mapping, placed) * factor;
        } else if parent_level(hardware, placed.node.level) == Some(level) {
            let inside = traffic::exchange(nest, mapping, placed, level);
            traffic[role].read += inside.inward;
            traffic[role].write += inside.outward;
        }
    }
    if hardware.has_memory_below_arrays() && level + 1 == hardware.levels.len() {
        add_compute_accesses(nest, steps, &mut traffic);
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
        added_cycles: [0; 3],
    }
}

/// Every step of an element reads an input and a weight, and reads and writes a partial sum.
fn add_compute_accesses(nest: &Nest<'_>, steps: u128, traffic: &mut [PortTraffic; 3]) {
    for role in Role::ALL {
        let bits = Bits(steps * u128::from(nest.operation.precision.working(role)));
        traffic[role as usize].read += bits;
        if role == Role::Output {
            traffic[role as usize].write += bits;
        }
    }
}

/// The level of the memory that fills the memory (or compute level) at `level`.
fn parent_level(hardware: &Hardware, level: usize) -> Option<usize> {
    hardware.memories().map(|(l, _)| l).rfind(|&l| l < level)
}

/// With `double_buffer`, an operand of which more than one tile is loaded takes twice its space.
fn is_doubled(nest: &Nest<'_>, hardware: &Hardware, placed: &PlacedNode) -> bool {
    hardware
        .memory(placed.node.level)
        .is_some_and(|m| m.overlap == Overlap::DoubleBuffer)
        && nest.tiles(placed) * nest.visits(placed) > 1
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
