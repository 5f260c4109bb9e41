//! The independent check of memory plans: the schedule is replayed operation by operation, with
//! every slice of every tensor in hand.

use crate::problem::plan::{Held, Plan, PlanCost};
use crate::problem::port::Direction;
use crate::problem::schedule::{Event, Operation, Schedule};

pub use super::plan_error::PlanError;
use super::plan_form::form;
use super::plan_ports::Accesses;

/// Where the bytes of a slice are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slice {
    /// In the shared memory.
    inside: bool,
    /// Outside, with the value that the tensor has now.
    outside: bool,
    /// In the shared memory until it is stored outside by this operation.
    leaves: Option<usize>,
}

/// A tensor during the replay.
struct State {
    events: Vec<Event>,
    /// The number of events so far.
    past: usize,
    slices: Vec<Slice>,
}

struct Replay<'a> {
    schedule: &'a Schedule,
    plan: &'a Plan,
    states: Vec<State>,
    /// The operation that runs, and what is read and written in both memories meanwhile.
    now: usize,
    accesses: Accesses,
}

/// Replays a plan: every read finds its bytes in the shared memory or moves them through the
/// ports of both memories, nothing is needed that was dropped, the capacity suffices at every moment, slices
/// are moved early and late only as far as the schedule allows, and the cost adds up.
///
/// # Errors
/// The first thing found wrong.
pub fn check(schedule: &Schedule, plan: &Plan, cost: &PlanCost) -> Result<(), PlanError> {
    form(schedule, plan, cost)?;
    let mut replay = Replay::new(schedule, plan);
    for (now, operation) in schedule.operations.iter().enumerate() {
        (replay.now, replay.accesses) = (now, Accesses::default());
        for tensor in 0..schedule.tensors.len() {
            replay.arrive(tensor)?;
        }
        replay.capacity(operation)?;
        for tensor in 0..schedule.tensors.len() {
            replay.leave(tensor)?;
        }
        replay.array(operation);
        replay.compare(operation, cost)?;
    }
    replay.end()
}

fn same(
    operation: &Operation,
    quantity: &'static str,
    stated: u128,
    found: u128,
) -> Result<(), PlanError> {
    if stated == found {
        return Ok(());
    }
    Err(PlanError::Cost {
        operation: operation.name.clone(),
        quantity,
        stated,
        found,
    })
}

impl<'a> Replay<'a> {
    fn new(schedule: &'a Schedule, plan: &'a Plan) -> Self {
        let states = schedule.tensors.iter().zip(schedule.events());
        let states = states.map(|(tensor, events)| {
            let slice = Slice {
                outside: tensor.begins_outside,
                ..Slice::default()
            };
            State {
                events,
                past: 0,
                slices: vec![slice; schedule.slices as usize],
            }
        });
        Self {
            schedule,
            plan,
            states: states.collect(),
            now: 0,
            accesses: Accesses::default(),
        }
    }

    fn name(&self) -> String {
        let operation = self.schedule.operations.get(self.now);
        operation.map_or_else(|| "the end of the step".to_owned(), |o| o.name.clone())
    }

    fn nowhere(&self, tensor: usize, what: &'static str, slices: usize) -> PlanError {
        PlanError::Nowhere {
            operation: self.name(),
            what,
            tensor: self.schedule.tensors[tensor].name.clone(),
            slices,
        }
    }

    fn wrong(&self, tensor: usize, what: String) -> PlanError {
        PlanError::Slices {
            operation: self.name(),
            tensor: self.schedule.tensors[tensor].name.clone(),
            what,
        }
    }

    /// The event of a tensor at this operation.
    fn event(&self, tensor: usize) -> Option<(usize, Event)> {
        let state = &self.states[tensor];
        let event = state.events.get(state.past)?;
        (event.operation == self.now).then_some((state.past, *event))
    }

    /// Slices that are stored: read in the shared memory, written outside.
    fn store(&mut self, tensor: usize, slices: usize) {
        let bits = u128::from(self.schedule.tensors[tensor].bits) * slices as u128;
        self.accesses.drain(bits, self.schedule.waits);
    }

    /// Brings slices in, early or for the operation itself.
    fn arrive(&mut self, tensor: usize) -> Result<(), PlanError> {
        let Some((index, event)) = self.event(tensor) else {
            let gap = &self.plan.tensors[tensor].gaps[self.states[tensor].past];
            let due = gap.early.iter().filter(|t| t.operation == self.now);
            let number: u32 = due.map(|t| t.slices).sum();
            return self.fetch(tensor, number as usize, "fetches early");
        };
        let held = self.plan.tensors[tensor].events[index];
        let wanted = held.slices as usize;
        let there = self.inside(tensor);
        let left_out = self.plan.modes[self.now].is_none();
        if wanted > self.states[tensor].slices.len()
            || wanted < there && !only_writes(event, left_out)
        {
            let what = format!("{wanted} slices are held, of which {there} are there already");
            return Err(self.wrong(tensor, what));
        }
        if left_out && (wanted != there || held.stored > 0) {
            let what = format!("it is left out, but changes {there} slices to {wanted}");
            return Err(self.wrong(tensor, what));
        }
        if !left_out && event.reads {
            self.fetch(tensor, wanted - there, "fetches")?;
            let slices = self.states[tensor].slices.iter();
            let missing = slices.filter(|s| !s.inside && !s.outside).count();
            if missing > 0 {
                return Err(self.nowhere(tensor, "reads", missing));
            }
        }
        if let Some(mode) = self.plan.modes[self.now] {
            self.stream(tensor, mode, held)?;
        }
        if !left_out && event.writes {
            self.produce(tensor, wanted);
        }
        Ok(())
    }

    fn inside(&self, tensor: usize) -> usize {
        self.states[tensor]
            .slices
            .iter()
            .filter(|s| s.inside)
            .count()
    }

    /// Loads slices that are outside only.
    fn fetch(&mut self, tensor: usize, number: usize, what: &'static str) -> Result<(), PlanError> {
        let slices = self.states[tensor].slices.iter_mut();
        let mut loaded = 0;
        for slice in slices.filter(|s| s.outside && !s.inside).take(number) {
            slice.inside = true;
            loaded += 1;
        }
        if loaded < number {
            return Err(self.nowhere(tensor, what, number - loaded));
        }
        let bits = u128::from(self.schedule.tensors[tensor].bits) * number as u128;
        self.accesses.fill(bits, self.schedule.waits);
        Ok(())
    }

    /// Counts what passes by an operand that is not held as a whole.
    fn stream(&mut self, tensor: usize, mode: usize, held: Held) -> Result<(), PlanError> {
        let operation = &self.schedule.operations[self.now];
        let mode = &operation.modes[mode];
        let passing = self.schedule.slices - held.slices;
        for (operand, own) in operation.operands().enumerate() {
            if own != tensor {
                continue;
            }
            if mode.resident[operand] && passing > 0 {
                let what = format!("the mode needs all of it, {passing} slices are missing");
                return Err(self.wrong(tensor, what));
            }
            if self.schedule.is_stage(self.now) && !mode.resident[operand] && held.slices > 0 {
                let what = format!(
                    "a stage has all of it or nothing, not {} slices",
                    held.slices
                );
                return Err(self.wrong(tensor, what));
            }
            let bits = u128::from(mode.outer_bits[operand]) * u128::from(passing);
            if operand < operation.reads.len() {
                self.accesses.fill(bits, mode.waits[operand]);
            } else {
                self.accesses.drain(bits, mode.waits[operand]);
            }
        }
        Ok(())
    }

    /// All slices get their new value: some in the shared memory, the others outside.
    fn produce(&mut self, tensor: usize, inside: usize) {
        for (index, slice) in self.states[tensor].slices.iter_mut().enumerate() {
            *slice = Slice {
                inside: index < inside,
                outside: index >= inside,
                leaves: None,
            };
        }
    }

    fn capacity(&self, operation: &Operation) -> Result<(), PlanError> {
        let buffers = self.plan.modes[self.now].map_or(0, |m| operation.modes[m].buffer_bytes);
        let tensors = (0..self.states.len()).map(|tensor| {
            let inside = self.inside(tensor) as u128;
            u128::from(self.schedule.slice_bytes(tensor)) * inside
        });
        let need = u128::from(buffers) + tensors.sum::<u128>();
        let capacity = self.schedule.capacity.0;
        if need > u128::from(capacity) {
            return Err(PlanError::Capacity {
                operation: self.name(),
                need,
                capacity,
            });
        }
        Ok(())
    }

    /// Stores and drops slices when the operation is over.
    fn leave(&mut self, tensor: usize) -> Result<(), PlanError> {
        if let Some((index, _)) = self.event(tensor) {
            self.after_event(tensor, index)?;
            self.states[tensor].past += 1;
            return Ok(());
        }
        let mut stored = 0;
        for slice in &mut self.states[tensor].slices {
            if slice.leaves == Some(self.now) {
                (slice.inside, slice.outside, slice.leaves) = (false, true, None);
                stored += 1;
            }
        }
        self.store(tensor, stored);
        Ok(())
    }

    /// Stores what is stored at once; then of the slices in the shared memory those leave late
    /// that are not outside yet, as far as the plan says so, and the others stay or are dropped.
    fn after_event(&mut self, tensor: usize, index: usize) -> Result<(), PlanError> {
        let own = &self.plan.tensors[tensor];
        let (held, gap) = (own.events[index], &own.gaps[index + 1]);
        let stay = gap.kept as usize + gap.late_slices() as usize;
        if stay > self.inside(tensor) || held.stored > held.slices {
            let what = format!("{stay} slices stay of {}", self.inside(tensor));
            return Err(self.wrong(tensor, what));
        }
        let mut leaving = (gap.late.iter()).flat_map(|t| vec![t.operation; t.slices as usize]);
        let slices = &mut self.states[tensor].slices;
        // Slices that are nowhere else come first.
        slices.sort_by_key(|s| (!s.inside, s.outside));
        let mut stored = held.stored;
        for slice in slices.iter_mut().filter(|s| s.inside) {
            slice.outside |= stored > 0;
            stored = stored.saturating_sub(1);
        }
        slices.sort_by_key(|s| (!s.inside, s.outside));
        for (place, slice) in slices.iter_mut().enumerate() {
            slice.leaves = leaving.next();
            slice.inside &= place < stay;
        }
        self.store(tensor, held.stored as usize);
        Ok(())
    }

    /// What the array or the vector unit reads and writes in the shared memory, and partial sums
    /// that go out and come back: the same whatever is resident.
    fn array(&mut self, operation: &Operation) {
        let Some(mode) = self.plan.modes[self.now].map(|m| &operation.modes[m]) else {
            return;
        };
        let all = |bits: u64| u128::from(bits) * u128::from(self.schedule.slices);
        self.accesses.shared_read += all(mode.read_bits);
        self.accesses.shared_written += all(mode.written_bits);
        self.accesses
            .drain(all(mode.partial.outward), mode.partial.waits);
        self.accesses
            .fill(all(mode.partial.inward), mode.partial.waits);
    }

    /// Compares what was found with what the plan says of the operation.
    fn compare(&self, operation: &Operation, cost: &PlanCost) -> Result<(), PlanError> {
        let (moved, found) = (&cost.moved[self.now], &self.accesses);
        // Whatever crosses the outer boundary crosses the shared memory's as well.
        let crossed = moved.outer();
        let pairs = [
            (
                "bits times slices read outside",
                moved.get(Direction::Inward),
                found.outside_read,
            ),
            (
                "bits times slices written outside",
                moved.get(Direction::Outward),
                found.outside_written,
            ),
            (
                "bits times slices read and written in the shared memory",
                crossed + moved.get(Direction::Read) + moved.get(Direction::Written),
                found.shared_read + found.shared_written,
            ),
            (
                "bits times slices read in the shared memory",
                moved.get(Direction::Outward) + moved.get(Direction::Read),
                found.shared_read,
            ),
            (
                "time units of what waits",
                cost.waiting[self.now],
                found.waiting(self.schedule),
            ),
        ];
        for (quantity, stated, found) in pairs {
            same(operation, quantity, stated, found)?;
        }
        let mode = self.plan.modes[self.now].map(|m| &operation.modes[m]);
        let held = |tensor: usize| {
            let state = &self.states[tensor];
            self.plan.tensors[tensor].events[state.past - 1].slices
        };
        let parts = mode.map_or(&[][..], |m| &m.parts).iter().map(|part| {
            let passing = operation.operands().map(|t| self.schedule.slices - held(t));
            Accesses::of_part(self.schedule, operation, part, passing)
                .longest(self.schedule, part.cycles)
        });
        let time = found.units(self.schedule, mode, parts.sum());
        same(operation, "time units", cost.units[self.now], time)
    }

    fn end(&mut self) -> Result<(), PlanError> {
        self.now = self.schedule.operations.len();
        for (index, tensor) in self.schedule.tensors.iter().enumerate() {
            let slices = self.states[index].slices.iter();
            let missing = slices.filter(|s| !s.outside).count();
            if tensor.ends_outside && missing > 0 {
                return Err(self.nowhere(index, "leaves", missing));
            }
        }
        Ok(())
    }
}

/// Whether what was there before does not matter.
fn only_writes(event: Event, left_out: bool) -> bool {
    event.writes && !event.reads && !left_out
}
