//! Plans drafted from which slices stay between operations: the rest follows.

use crate::cost;
use crate::problem::plan::{Gap, Held, Plan, TensorPlan};
use crate::problem::port::Direction;
use crate::problem::schedule::{Event, Mode, Operation, Schedule};

/// What a draft decides: slices that stay in every gap, and which operations are computed again.
#[derive(Clone, Debug)]
pub(super) struct Draft<'s> {
    pub(super) schedule: &'s Schedule,
    /// The events of every tensor.
    all_events: Vec<Vec<Event>>,
    /// Those at operations that run.
    pub(super) events: Vec<Vec<Event>>,
    /// Slices that stay, by tensor and gap.
    pub(super) kept: Vec<Vec<u32>>,
    /// Whether an operation runs.
    pub(super) runs: Vec<bool>,
    /// Bytes of kept slices while each operation runs.
    used: Vec<u128>,
}

impl<'s> Draft<'s> {
    /// Nothing stays; these operations run.
    pub(super) fn new(schedule: &'s Schedule, runs: Vec<bool>) -> Self {
        let all_events = schedule.events();
        let run = |own: &Vec<Event>| {
            let own = own.iter().copied();
            own.filter(|e| runs[e.operation]).collect()
        };
        let events: Vec<Vec<Event>> = all_events.iter().map(run).collect();
        Self {
            schedule,
            kept: events.iter().map(|own| vec![0; own.len() + 1]).collect(),
            runs,
            used: vec![0; schedule.operations.len()],
            events,
            all_events,
        }
    }

    /// Whether the value of a tensor is used after an event: it is read before it is written
    /// anew, or it must lie outside at the end.
    pub(super) fn needed(&self, tensor: usize, event: usize) -> bool {
        let next = self.events[tensor].get(event + 1);
        next.map_or(self.schedule.tensors[tensor].ends_outside, |e| e.reads)
    }

    /// Whether slices can stay in the gap after an event.
    pub(super) fn can_stay(&self, tensor: usize, event: usize) -> bool {
        event + 1 < self.events[tensor].len()
            && self.needed(tensor, event)
            && self
                .ends(tensor, event)
                .all(|end| self.may_hold(end, tensor))
    }

    /// The operations at both ends of the gap after an event.
    fn ends(&self, tensor: usize, event: usize) -> impl Iterator<Item = usize> + '_ {
        let events = self.events[tensor][event..].iter().take(2);
        events.map(|event| event.operation)
    }

    /// Whether an operation can have some of a tensor in the memory.
    fn may_hold(&self, operation: usize, tensor: usize) -> bool {
        let own = &self.schedule.operations[operation];
        let needs = |mode: &Mode| needs(own, mode, tensor);
        !self.schedule.is_stage(operation) || own.modes.iter().any(needs)
    }

    /// The operations of the gap after an event, those at both ends included.
    fn span(&self, tensor: usize, event: usize) -> std::ops::RangeInclusive<usize> {
        let events = &self.events[tensor];
        events[event].operation..=events[event + 1].operation
    }

    /// The bytes that more slices in the gap after an event would add while an operation runs: at
    /// its ends the larger of two gaps counts.
    fn added(&self, tensor: usize, event: usize, slices: u32, operation: usize) -> u128 {
        let own = &self.kept[tensor];
        let (first, last) = self.span(tensor, event).into_inner();
        let other = if operation == first {
            own[event]
        } else if operation == last {
            own.get(event + 2).copied().unwrap_or(0)
        } else {
            0
        };
        let before = other.max(own[event + 1]);
        let more = other.max(own[event + 1] + slices) - before;
        u128::from(self.schedule.slice_bytes(tensor)) * u128::from(more)
    }

    /// Keeps slices in the gap after an event.
    pub(super) fn keep(&mut self, tensor: usize, event: usize, slices: u32) {
        for operation in self.span(tensor, event) {
            self.used[operation] += self.added(tensor, event, slices, operation);
        }
        self.kept[tensor][event + 1] += slices;
    }

    /// Keeps nothing in the gap after an event any more.
    pub(super) fn release(&mut self, tensor: usize, event: usize) {
        let slices = std::mem::take(&mut self.kept[tensor][event + 1]);
        for operation in self.span(tensor, event) {
            self.used[operation] -= self.added(tensor, event, slices, operation);
        }
    }

    /// Whether slices more fit in the gap after an event, beside reserved bytes.
    pub(super) fn fits(&self, tensor: usize, event: usize, slices: u32, reserved: &[u64]) -> bool {
        let all = self.kept[tensor][event + 1] + slices == self.schedule.slices;
        let mut ends = self.ends(tensor, event);
        if !all && ends.any(|end| self.schedule.is_stage(end)) {
            return false;
        }
        self.span(tensor, event).all(|operation| {
            let more = self.added(tensor, event, slices, operation);
            self.used[operation] + more + u128::from(reserved[operation])
                <= u128::from(self.schedule.capacity.0)
        })
    }

    /// Whether an operation has no room for what stays beside its reserved bytes.
    pub(super) fn overfull(&self, operation: usize, reserved: &[u64]) -> bool {
        self.used[operation] + u128::from(reserved[operation])
            > u128::from(self.schedule.capacity.0)
    }

    /// The plan: each operation in the mode in which it takes the least time with what stays;
    /// slices are stored by the operation after which they are dropped. `None` where no mode fits.
    pub(super) fn plan(&self) -> Option<Plan> {
        let schedule = self.schedule;
        let mut plan = Plan {
            modes: vec![None; schedule.operations.len()],
            tensors: (0..schedule.tensors.len())
                .map(|tensor| self.tensor_plan(tensor))
                .collect(),
        };
        let mut inside_only = vec![0; schedule.tensors.len()];
        for operation in 0..schedule.operations.len() {
            self.run(operation, &mut inside_only, &mut plan)?;
        }
        Some(plan)
    }

    /// What stays of a tensor. What is left out lies within a gap, and holds what stays.
    fn tensor_plan(&self, tensor: usize) -> TensorPlan {
        let gap = |past: usize| Gap {
            kept: self.kept[tensor][past],
            ..Gap::default()
        };
        let mut own = TensorPlan {
            events: Vec::new(),
            gaps: vec![gap(0)],
        };
        let mut past = 0;
        for event in &self.all_events[tensor] {
            own.events.push(Held {
                slices: self.kept[tensor][past],
                stored: 0,
            });
            past += usize::from(self.runs[event.operation]);
            own.gaps.push(gap(past));
        }
        own
    }

    /// Chooses the mode of an operation and what it holds and stores.
    fn run(&self, operation: usize, inside_only: &mut [u32], plan: &mut Plan) -> Option<()> {
        if !self.runs[operation] {
            return Some(());
        }
        let own = &self.schedule.operations[operation];
        let mut tensors: Vec<usize> = own.operands().collect();
        tensors.sort_unstable();
        tensors.dedup();
        let modes = (0..own.modes.len()).filter_map(|mode| {
            let (time, held) = self.attempt(operation, mode, &tensors, inside_only)?;
            Some((time, mode, held))
        });
        let (_, mode, held) = modes.min_by_key(|m| (m.0, m.1))?;
        plan.modes[operation] = Some(mode);
        for (tensor, held) in tensors.into_iter().zip(held) {
            let all = &self.all_events[tensor];
            let event = all.partition_point(|e| e.operation < operation);
            let fresh = own.writes.contains(&tensor);
            let dirty = if fresh {
                held.slices
            } else {
                inside_only[tensor]
            };
            inside_only[tensor] = dirty.saturating_sub(held.stored);
            plan.tensors[tensor].events[event] = held;
        }
        Some(())
    }

    fn event(&self, operation: usize, tensor: usize) -> usize {
        self.events[tensor].partition_point(|e| e.operation < operation)
    }

    /// The time of an operation in a mode and what it holds, if that fits.
    fn attempt(
        &self,
        operation: usize,
        mode: usize,
        tensors: &[usize],
        inside_only: &[u32],
    ) -> Option<(u128, Vec<Held>)> {
        let (schedule, own) = (self.schedule, &self.schedule.operations[operation]);
        let mode = &own.modes[mode];
        let mut bytes = self.used[operation] + u128::from(mode.buffer_bytes);
        let (mut moved, mut waiting) = cost::plan::of_mode(schedule, mode);
        let mut cross = |direction: Direction, bits: u128, waits: bool| {
            moved.add(direction, bits);
            if waits {
                waiting += bits * schedule.crossing_units(direction);
            }
        };
        let mut all = Vec::new();
        for &tensor in tensors {
            let event = self.event(operation, tensor);
            let (before, after) = (self.kept[tensor][event], self.kept[tensor][event + 1]);
            let (reads, writes) = (own.reads.contains(&tensor), own.writes.contains(&tensor));
            let there = if reads { before } else { 0 };
            let held = self.held(operation, mode, tensor, before.max(after));
            if self.schedule.is_stage(operation) && held > 0 && !needs(own, mode, tensor) {
                return None;
            }
            let dirty = if writes { held } else { inside_only[tensor] };
            let stored = if self.needed(tensor, event) {
                dirty.saturating_sub(after)
            } else {
                0
            };
            let extra = held - before.max(after);
            bytes += u128::from(schedule.slice_bytes(tensor)) * u128::from(extra);
            let bits = u128::from(schedule.tensors[tensor].bits);
            let fetched = if reads { held - there } else { 0 };
            cross(
                Direction::Inward,
                bits * u128::from(fetched),
                schedule.waits,
            );
            cross(
                Direction::Outward,
                bits * u128::from(stored),
                schedule.waits,
            );
            let passing = u128::from(schedule.slices - held);
            for (direction, bits, waits) in cost::plan::streamed(own, mode, tensor) {
                cross(direction, bits * passing, waits);
            }
            all.push(Held {
                slices: held,
                stored,
            });
        }
        let passing = own.operands().map(|tensor| {
            let known = tensors.iter().zip(&all).find(|(t, _)| **t == tensor);
            schedule.slices - known.map_or(0, |(_, held): (_, &Held)| held.slices)
        });
        let passing: Vec<u32> = passing.collect();
        let time = cost::plan::time(schedule, own, mode, &passing, (&moved, waiting));
        (bytes <= u128::from(schedule.capacity.0)).then_some((time, all))
    }

    /// Slices held by an operation: all where its mode needs all.
    fn held(&self, operation: usize, mode: &Mode, tensor: usize, least: u32) -> u32 {
        let own = &self.schedule.operations[operation];
        if needs(own, mode, tensor) {
            self.schedule.slices
        } else {
            least
        }
    }
}

/// Whether a mode needs all of a tensor.
fn needs(operation: &Operation, mode: &Mode, tensor: usize) -> bool {
    let mut operands = operation.operands().zip(&mode.resident);
    operands.any(|(own, needs)| own == tensor && *needs)
}
