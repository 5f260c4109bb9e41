//! Busy cycles of every port from the stated traffic, added cycles, and the cycles that follow.

use crate::problem::result::{Cost, MemoryCost};
use crate::problem::{Bandwidth, Bits, Memory, Node, Ports, Ratio, Role};

use super::error::{CheckError, same_operand, same_total};
use super::nest::Plan;
use super::space::added;
use super::tally::Tallies;

/// Checks every memory's busy and added cycles, and that the cycles follow from them.
pub(super) fn check(plan: &Plan, tallies: &Tallies, cost: &Cost) -> Result<(), CheckError> {
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
    let mut sum = 0;
    for (i, adds) in added(plan).iter().enumerate() {
        for role in Role::ALL {
            let r = role as usize;
            let found = if adds[r] {
                time(plan, tallies, i, role)
            } else {
                0
            };
            let stated = cost.memories[i].added_cycles[r];
            same_operand(plan.memories[i].1, role, "added cycles", stated, found)?;
            sum += found;
        }
    }
    let ports = cost.memories.iter().map(|m| m.busy_cycles);
    let found = ports.fold(cost.compute_cycles, u128::max) + sum;
    same_total("cycles", cost.cycles, found)
}

/// The time in cycles that an operand's transfers across the outer boundary of a memory take: the
/// longer of those of both ports, rounded up once.
fn time(plan: &Plan, tallies: &Tallies, memory: usize, role: Role) -> u128 {
    let (level, own) = plan.memories[memory];
    let parent = plan.memories[plan.parent(Node { level, role })].1;
    let crossing = tallies.crossing(memory, role);
    let (inward, outward) = crossing.parent;
    let outer = port_time(parent.ports, inward, outward);
    let (inward, outward) = crossing.own;
    let inner = port_time(own.ports, outward, inward);
    // The ceiling of the larger is the larger ceiling.
    outer.max(inner)
}

/// The time in cycles to read and write so many bits one after the other, rounded up once.
fn port_time(ports: Ports, read: u128, write: u128) -> u128 {
    let (r, w) = match ports {
        Ports::Shared(port) => (port, port),
        Ports::Separate { read, write } => (read, write),
    };
    let part = |port: Option<Bandwidth>, bits: u128| {
        let (bytes, cycles) = port.map_or((1, 0), Bandwidth::ratio);
        let (moved, in_one) = (bits.saturating_mul(cycles.into()), 8 * u128::from(bytes));
        (moved / in_one, Ratio::new(moved % in_one, in_one))
    };
    let ((a, rest), (b, others)) = (part(r, read), part(w, write));
    // What does not fit is no time that a cost can state.
    let both = rest.zip(others).and_then(|(x, y)| x.plus(y));
    both.map_or(u128::MAX, |rest| {
        a.saturating_add(b).saturating_add(rest.ceil())
    })
}

/// The busy cycles of the busiest port of a memory, each port rounded up once.
fn busy(memory: &Memory, cost: &MemoryCost) -> u128 {
    let read: Bits = cost.traffic.iter().map(|t| t.read).sum();
    let write: Bits = cost.traffic.iter().map(|t| t.write).sum();
    busiest(memory.ports, read, write)
}

/// The cycles in which the busiest of these ports reads and writes so many bits.
pub(super) fn busiest(ports: Ports, read: Bits, write: Bits) -> u128 {
    let cycles = |port: Option<Bandwidth>, bits| port.map_or(0, |b| b.cycles(bits));
    match ports {
        Ports::Shared(port) => cycles(port, read + write),
        Ports::Separate { read: r, write: w } => cycles(r, read).max(cycles(w, write)),
    }
}
