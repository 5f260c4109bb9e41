//! What is read and written in the memory outside and in the shared memory during a replay, and the
//! time that it takes.

use crate::problem::port::{Direction, Port};
use crate::problem::schedule::{Mode, Operation, Part, Schedule};

/// Bits, times slices, that are read and written in both memories while an operation runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Accesses {
    pub(super) outside_read: u128,
    pub(super) outside_written: u128,
    pub(super) shared_read: u128,
    pub(super) shared_written: u128,
    /// Of what was read outside that whose time is added.
    waiting_in: u128,
    /// Of what was written outside that whose time is added.
    waiting_out: u128,
}

/// Whether a port serves reads of its memory, and writes.
fn serves(port: &Port) -> (bool, bool) {
    let carries = |direction| port.carries.contains(direction);
    if port.outer {
        (carries(Direction::Inward), carries(Direction::Outward))
    } else {
        (carries(Direction::Read), carries(Direction::Written))
    }
}

impl Accesses {
    /// Bits that are read outside and written into the shared memory.
    pub(super) fn fill(&mut self, bits: u128, waits: bool) {
        self.outside_read += bits;
        self.shared_written += bits;
        self.waiting_in += if waits { bits } else { 0 };
    }

    /// Bits that are read in the shared memory and written outside.
    pub(super) fn drain(&mut self, bits: u128, waits: bool) {
        self.shared_read += bits;
        self.outside_written += bits;
        self.waiting_out += if waits { bits } else { 0 };
    }

    /// The units of what waits: over the slower one of the two ports that it crosses.
    pub(super) fn waiting(&self, schedule: &Schedule) -> u128 {
        let slower = |inward: bool, bits: u128| {
            let crossed = schedule.ports.iter().filter(|port| {
                let (reads, writes) = serves(port);
                if port.outer == inward { reads } else { writes }
            });
            let times = crossed.map(|port| units(schedule, port, bits));
            times.max().unwrap_or(0)
        };
        slower(true, self.waiting_in) + slower(false, self.waiting_out)
    }

    /// What a part of a mode reads and writes by itself, with so many slices of its operands
    /// that pass by.
    pub(super) fn of_part(
        schedule: &Schedule,
        operation: &Operation,
        part: &Part,
        passing: impl Iterator<Item = u32>,
    ) -> Self {
        let all = |bits: u64| u128::from(bits) * u128::from(schedule.slices);
        let mut own = Self {
            shared_read: all(part.read_bits),
            shared_written: all(part.written_bits),
            ..Self::default()
        };
        own.drain(all(part.partial.outward), false);
        own.fill(all(part.partial.inward), false);
        for (operand, slices) in passing.enumerate() {
            let bits = u128::from(part.outer_bits[operand]) * u128::from(slices);
            if operand < operation.reads.len() {
                own.fill(bits, false);
            } else {
                own.drain(bits, false);
            }
        }
        own
    }

    /// The units of the busiest port, and no less than these cycles.
    pub(super) fn longest(&self, schedule: &Schedule, cycles: u128) -> u128 {
        let busy = schedule.ports.iter().map(|port| {
            let (reads, writes) = serves(port);
            let (read, written) = if port.outer {
                (self.outside_read, self.outside_written)
            } else {
                (self.shared_read, self.shared_written)
            };
            let bits = if reads { read } else { 0 } + if writes { written } else { 0 };
            units(schedule, port, bits)
        });
        busy.max()
            .unwrap_or(0)
            .max(cycles * schedule.units_per_cycle())
    }

    /// The units in which an operation runs whose parts take so many one after the other.
    pub(super) fn units(&self, schedule: &Schedule, mode: Option<&Mode>, parts: u128) -> u128 {
        let (cycles, added) = mode.map_or((0, 0), |m| (m.cycles, m.added_cycles));
        let longest = self.longest(schedule, cycles).max(parts);
        longest + added * schedule.units_per_cycle() + self.waiting(schedule)
    }
}

/// The units of bits, times slices, through a port: 8 bits are a byte, K slices a tensor.
fn units(schedule: &Schedule, port: &Port, bits: u128) -> u128 {
    let (numerator, denominator) = port.ratio();
    let in_one = schedule.units_per_cycle() / (8 * u128::from(schedule.slices));
    bits * (in_one / numerator) * denominator
}
