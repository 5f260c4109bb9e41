//! Bounds on the time of every plan of a schedule that need no solver: arithmetic, what lies
//! outside at the beginning or the end once through the ports, and both together (`early`).

use super::early::{self, Need};
use crate::cost;
use crate::problem::certificate::Closing;
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::{Event, Mode, Operation, Schedule};

/// Units that every plan takes, and what says so.
#[must_use]
pub fn least_units(schedule: &Schedule) -> (u128, Closing) {
    let alone: Vec<u128> = (schedule.operations.iter())
        .map(|operation| alone(schedule, operation))
        .collect();
    let arithmetic = (alone.iter().sum(), Closing::Arithmetic);
    let early = early::of_ports(schedule, &needs(schedule, &alone), &[]);
    let transfers = (transfers(schedule).max(early), Closing::Transfers);
    if transfers.0 > arithmetic.0 {
        transfers
    } else {
        arithmetic
    }
}

fn must_run(schedule: &Schedule) -> impl Iterator<Item = &Operation> {
    schedule.operations.iter().filter(|o| !o.optional)
}

fn least(operation: &Operation, of: impl Fn(&Mode) -> u128) -> u128 {
    operation.modes.iter().map(of).min().unwrap_or(0)
}

/// Units of an operation in its fastest mode, with what the array exchanges with the shared memory; 0
/// where it may be left out.
fn alone(schedule: &Schedule, operation: &Operation) -> u128 {
    let per_cycle = schedule.units_per_cycle();
    let slices = u128::from(schedule.slices);
    let time = |mode: &Mode| {
        let mut moved = Moved::default();
        moved.add(Direction::Read, u128::from(mode.read_bits) * slices);
        moved.add(Direction::Written, u128::from(mode.written_bits) * slices);
        let busy = cost::plan::busy(schedule, &moved);
        busy.max(mode.cycles * per_cycle) + mode.added_cycles * per_cycle
    };
    if operation.optional {
        0
    } else {
        least(operation, time)
    }
}

/// What every operation takes, and what crosses the outer boundary for it: tensors that it is the first
/// to touch, and those that it alone writes and is the last to touch. Of others a part could go out before, or
/// stay for long.
fn needs(schedule: &Schedule, alone: &[u128]) -> Vec<Need> {
    let need = |&units: &u128| Need {
        alone: units,
        together: units,
        ..Need::default()
    };
    let mut needs: Vec<Need> = alone.iter().map(need).collect();
    let slices = u128::from(schedule.slices);
    for (tensor, events) in schedule.events().iter().enumerate() {
        let own = &schedule.tensors[tensor];
        let crossing = |event: &Event, direction| {
            let operation = &schedule.operations[event.operation];
            slices * crosses(schedule, operation, tensor, direction)
        };
        if let Some(first) = events.first()
            && own.begins_outside
            && first.reads
            && !first.optional
        {
            needs[first.operation].inward += crossing(first, Direction::Inward);
        }
        if let Some((last, before)) = events.split_last()
            && own.ends_outside
            && last.writes
            && !last.optional
            && !before.iter().any(|event| event.writes)
        {
            needs[last.operation].outward += crossing(last, Direction::Outward);
        }
    }
    needs
}

/// The time of the busiest port with what must pass it.
fn transfers(schedule: &Schedule) -> u128 {
    let slices = u128::from(schedule.slices);
    let mut moved = Moved::default();
    for operation in must_run(schedule) {
        let read = least(operation, |mode| u128::from(mode.read_bits));
        let written = least(operation, |mode| u128::from(mode.written_bits));
        moved.add(Direction::Read, read * slices);
        moved.add(Direction::Written, written * slices);
    }
    for (tensor, events) in schedule.events().iter().enumerate() {
        let (inward, outward) = (
            read_once(schedule, tensor, events),
            left_outside(schedule, tensor, events),
        );
        moved.add(Direction::Inward, inward * slices);
        moved.add(Direction::Outward, outward * slices);
    }
    cost::plan::busy(schedule, &moved)
}

/// Bits of a tensor that come in at least: one that is there at the beginning and is read before
/// anything writes it.
fn read_once(schedule: &Schedule, tensor: usize, events: &[Event]) -> u128 {
    if !schedule.tensors[tensor].begins_outside {
        return 0;
    }
    let before = events.iter();
    let before = before.take_while(|event| event.reads || !event.writes);
    let mut most = 0;
    for event in before {
        let own = &schedule.operations[event.operation];
        if event.reads && !event.optional {
            most = most.max(crosses(schedule, own, tensor, Direction::Inward));
        }
        if event.writes {
            break;
        }
    }
    most
}

/// Bits of a tensor that go out at least: one that must lie outside at the end, written by an
/// operation that runs and by none that may be left out.
fn left_outside(schedule: &Schedule, tensor: usize, events: &[Event]) -> u128 {
    if !schedule.tensors[tensor].ends_outside {
        return 0;
    }
    let writers = events.iter().filter(|event| event.writes);
    let bits = writers.map(|event| {
        let own = &schedule.operations[event.operation];
        let bits = crosses(schedule, own, tensor, Direction::Outward);
        (bits, event.optional)
    });
    let all: Vec<(u128, bool)> = bits.collect();
    let certain = all.iter().any(|&(_, optional)| !optional);
    let fewest = all.iter().map(|&(bits, _)| bits).min();
    if certain { fewest.unwrap_or(0) } else { 0 }
}

/// Bits that cross the outer boundary at least where an operation reads or writes a tensor that
/// lies outside before or after: slices that are held are fetched or stored whole, the others pass
/// by.
fn crosses(schedule: &Schedule, own: &Operation, tensor: usize, direction: Direction) -> u128 {
    let whole = u128::from(schedule.tensors[tensor].bits);
    let operands = own.operands().enumerate();
    let operands = operands.filter(|&(o, t)| t == tensor && own.direction(o) == direction);
    let streamed = operands.map(|(operand, _)| {
        let modes = own.modes.iter().filter(|mode| !mode.resident[operand]);
        modes
            .map(|mode| u128::from(mode.outer_bits[operand]))
            .min()
            .unwrap_or(whole)
    });
    streamed.max().unwrap_or(0).min(whole)
}
