//! Busy cycles of every port from the stated traffic, and the cycles that follow.

use crate::problem::result::{Cost, MemoryCost};
use crate::problem::{Bandwidth, Bits, Memory, Ports};

use super::nest::Plan;
use super::{CheckError, same_total};

/// Checks every memory's busy cycles and that the cycles are the largest of all.
pub(super) fn check(plan: &Plan, cost: &Cost) -> Result<(), CheckError> {
    for ((_, memory), stated) in plan.memories.iter().zip(&cost.memories) {
        let found = busy(memory, stated);
        if stated.busy_cycles != found {
            return Err(CheckError::Memory {
                memory: memory.name.clone(),
                quantity: "busy cycles",
                stated: stated.busy_cycles,
                found,
            });
        }
    }
    let ports = cost.memories.iter().map(|m| m.busy_cycles);
    let found = ports.fold(cost.compute_cycles, u128::max);
    same_total("cycles", cost.cycles, found)
}

/// The busy cycles of the busiest port of a memory, each port rounded up once.
fn busy(memory: &Memory, cost: &MemoryCost) -> u128 {
    let read: Bits = cost.traffic.iter().map(|t| t.read).sum();
    let write: Bits = cost.traffic.iter().map(|t| t.write).sum();
    let cycles = |port: Option<Bandwidth>, bits| port.map_or(0, |b| b.cycles(bits));
    match memory.ports {
        Ports::Shared(port) => cycles(port, read + write),
        Ports::Separate { read: r, write: w } => cycles(r, read).max(cycles(w, write)),
    }
}
