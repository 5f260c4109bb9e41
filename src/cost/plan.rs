//! The exact cost of a memory plan, operation by operation.

use crate::problem::plan::{Plan, PlanCost};
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::{Event, Mode, Operation, Part, Schedule};

/// The cost of a plan that is one of the schedule; whether it is, `check::plan` says.
///
/// An operation takes the largest of its mode's cycles and the times of all ports, and what is added
/// to it. Through the outer ports pass what its operands stream, what it fetches and stores itself,
/// and what is fetched early and stored late meanwhile; through those of the shared memory the
/// same, and what the array or the vector unit exchanges with it.
#[must_use]
pub fn evaluate(schedule: &Schedule, plan: &Plan) -> PlanCost {
    let mut moved = vec![Moved::default(); schedule.operations.len()];
    let mut waiting = vec![0; schedule.operations.len()];
    let mut all = Transfers {
        schedule,
        plan,
        moved: &mut moved,
        waiting: &mut waiting,
    };
    let events = schedule.events();
    for (tensor, own) in events.iter().enumerate() {
        all.slices(tensor, own);
    }
    for operation in 0..schedule.operations.len() {
        all.array(operation);
    }
    let units = (0..schedule.operations.len()).map(|operation| {
        let all = (&moved[operation], waiting[operation]);
        let own = &schedule.operations[operation];
        match plan.modes[operation] {
            Some(mode) => {
                let passing = passing(schedule, plan, &events, operation);
                time(schedule, own, &own.modes[mode], &passing, all)
            }
            None => busy(schedule, all.0) + all.1,
        }
    });
    PlanCost {
        units: units.collect(),
        waiting,
        moved,
    }
}

/// The units of the parts of an operation's mode, none where it is left out; `events` are those of
/// every tensor.
#[must_use]
pub fn parts(
    schedule: &Schedule,
    plan: &Plan,
    events: &[Vec<Event>],
    operation: usize,
) -> Vec<u128> {
    let Some(mode) = plan.modes[operation] else {
        return Vec::new();
    };
    let own = &schedule.operations[operation];
    of_parts(
        schedule,
        own,
        &own.modes[mode],
        &passing(schedule, plan, events, operation),
    )
    .collect()
}

fn of_parts<'a>(
    schedule: &'a Schedule,
    operation: &'a Operation,
    mode: &'a Mode,
    passing: &'a [u32],
) -> impl Iterator<Item = u128> + 'a {
    mode.parts.iter().map(move |part| {
        let moved = of_part(schedule, operation, part, passing);
        busy(schedule, &moved).max(part.cycles * schedule.units_per_cycle())
    })
}

/// For every operand of an operation the slices that pass by.
fn passing(schedule: &Schedule, plan: &Plan, events: &[Vec<Event>], operation: usize) -> Vec<u32> {
    let own = &schedule.operations[operation];
    let slices = own.operands().map(|tensor| {
        let event = events[tensor].partition_point(|e| e.operation < operation);
        schedule.slices - plan.tensors[tensor].events[event].slices
    });
    slices.collect()
}

/// The units of the busiest port.
#[must_use]
pub fn busy(schedule: &Schedule, moved: &Moved) -> u128 {
    let ports = schedule.ports.iter().zip(schedule.units_per_bit());
    let busy = ports.map(|(port, units)| moved.through(port) * units).max();
    busy.unwrap_or(0)
}

/// The units of an operation: the largest of what its mode takes, part by part, and the times of
/// all ports; then what the mode adds and what waits. `passing` has for every operand the slices
/// that pass by.
#[must_use]
pub fn time(
    schedule: &Schedule,
    operation: &Operation,
    mode: &Mode,
    passing: &[u32],
    (moved, waiting): (&Moved, u128),
) -> u128 {
    let per_cycle = schedule.units_per_cycle();
    let parts = of_parts(schedule, operation, mode, passing);
    let own = parts.sum::<u128>().max(mode.cycles * per_cycle);
    let longest = busy(schedule, moved).max(own);
    longest + mode.added_cycles * per_cycle + waiting
}

/// What moves in a part of a mode.
fn of_part(schedule: &Schedule, operation: &Operation, part: &Part, passing: &[u32]) -> Moved {
    let slices = u128::from(schedule.slices);
    let mut moved = Moved::default();
    moved.add(Direction::Read, u128::from(part.read_bits) * slices);
    moved.add(Direction::Written, u128::from(part.written_bits) * slices);
    moved.add(
        Direction::Outward,
        u128::from(part.partial.outward) * slices,
    );
    moved.add(Direction::Inward, u128::from(part.partial.inward) * slices);
    for (operand, (&bits, &slices)) in part.outer_bits.iter().zip(passing).enumerate() {
        let bits = u128::from(bits) * u128::from(slices);
        moved.add(operation.direction(operand), bits);
    }
    moved
}

/// What a mode moves whatever is resident, and the units of it that wait: what the array or the
/// vector unit exchanges with the shared memory, and partial sums that go out and come back.
#[must_use]
pub fn of_mode(schedule: &Schedule, mode: &Mode) -> (Moved, u128) {
    let slices = u128::from(schedule.slices);
    let partial = mode.partial;
    let mut moved = Moved::default();
    moved.add(Direction::Read, u128::from(mode.read_bits) * slices);
    moved.add(Direction::Written, u128::from(mode.written_bits) * slices);
    let mut waiting = 0;
    for (direction, bits) in [
        (Direction::Outward, partial.outward),
        (Direction::Inward, partial.inward),
    ] {
        let bits = u128::from(bits) * slices;
        moved.add(direction, bits);
        if partial.waits {
            waiting += bits * schedule.crossing_units(direction);
        }
    }
    (moved, waiting)
}

/// What the operands of a tensor stream in a mode while all of it lies outside, in bits of one
/// slice, and whether that waits: direction, bits, waits.
pub fn streamed<'a>(
    operation: &'a Operation,
    mode: &'a Mode,
    tensor: usize,
) -> impl Iterator<Item = (Direction, u128, bool)> + 'a {
    let own = operation
        .operands()
        .enumerate()
        .filter(move |o| o.1 == tensor);
    own.map(|(operand, _)| {
        let bits = u128::from(mode.outer_bits[operand]);
        (operation.direction(operand), bits, mode.waits[operand])
    })
}

struct Transfers<'a> {
    schedule: &'a Schedule,
    plan: &'a Plan,
    moved: &'a mut [Moved],
    waiting: &'a mut [u128],
}

impl Transfers<'_> {
    fn add(&mut self, operation: usize, direction: Direction, bits: u128, waits: bool) {
        self.moved[operation].add(direction, bits);
        if waits {
            self.waiting[operation] += bits * self.schedule.crossing_units(direction);
        }
    }

    /// What a mode moves whatever is resident.
    fn array(&mut self, operation: usize) {
        let Some(mode) = self.plan.modes[operation] else {
            return;
        };
        let mode = &self.schedule.operations[operation].modes[mode];
        let (moved, waiting) = of_mode(self.schedule, mode);
        for direction in Direction::ALL {
            self.moved[operation].add(direction, moved.get(direction));
        }
        self.waiting[operation] += waiting;
    }

    /// What passes by and what is fetched and stored of a tensor.
    fn slices(&mut self, tensor: usize, events: &[Event]) {
        let (schedule, own) = (self.schedule, &self.plan.tensors[tensor]);
        let (bits, waits) = (u128::from(schedule.tensors[tensor].bits), schedule.waits);
        for gap in &own.gaps {
            for (list, direction) in [
                (&gap.early, Direction::Inward),
                (&gap.late, Direction::Outward),
            ] {
                for transfer in list {
                    let bits = bits * u128::from(transfer.slices);
                    self.add(transfer.operation, direction, bits, waits);
                }
            }
        }
        for (index, event) in events.iter().enumerate() {
            let (held, before) = (own.events[index], &own.gaps[index]);
            let stored = bits * u128::from(held.stored);
            self.add(event.operation, Direction::Outward, stored, waits);
            if event.reads {
                let there = before.kept + before.early_slices();
                let fetched = bits * u128::from(held.slices.saturating_sub(there));
                self.add(event.operation, Direction::Inward, fetched, waits);
            }
            if let Some(mode) = self.plan.modes[event.operation] {
                let operation = &schedule.operations[event.operation];
                let passing = u128::from(schedule.slices - held.slices);
                for (direction, bits, waits) in streamed(operation, &operation.modes[mode], tensor)
                {
                    self.add(event.operation, direction, bits * passing, waits);
                }
            }
        }
    }
}
