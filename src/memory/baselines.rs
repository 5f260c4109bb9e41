//! Plans by the rules that people use: what the program is compared with, and starts from.

use crate::cost;
use crate::problem::plan::{Plan, PlanCost};
use crate::problem::schedule::{Mode, Operation, Schedule, ScheduleError};

use super::draft::Draft;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Every operand comes from outside, every result goes there.
    NoReuse,
    /// A result stays for the operation right after, if it fits.
    ProducerToConsumer,
    /// Everything stays while there is room; then what is used last goes (Belady, "A study of
    /// replacement algorithms for a virtual-storage computer", IBM Systems Journal 5, 1966), and
    /// is stored only then.
    Belady,
    /// Gaps between uses are filled by the bits that they save per byte and time.
    DensityGreedy,
    /// As the density greedy, beside buffers for each operation's fastest mode.
    DensityGreedyFast,
    /// Of n results that can be computed again about √n stay, and the others are (Chen et al.,
    /// "Training deep nets with sublinear memory cost", arXiv 1604.06174, section 4).
    SqrtCheckpoints,
}

impl Baseline {
    /// All rules.
    pub const ALL: [Baseline; 6] = [
        Baseline::NoReuse,
        Baseline::ProducerToConsumer,
        Baseline::Belady,
        Baseline::DensityGreedy,
        Baseline::DensityGreedyFast,
        Baseline::SqrtCheckpoints,
    ];

    /// The name used in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Baseline::NoReuse => "no_reuse",
            Baseline::ProducerToConsumer => "producer_to_consumer",
            Baseline::Belady => "belady",
            Baseline::DensityGreedy => "density_greedy",
            Baseline::DensityGreedyFast => "density_greedy_fast",
            Baseline::SqrtCheckpoints => "sqrt_checkpoints",
        }
    }

    /// The plan by this rule; `None` where an operation does not fit beside what stays.
    #[must_use]
    pub fn plan(self, schedule: &Schedule) -> Option<Plan> {
        let runs = match self {
            Baseline::SqrtCheckpoints => checkpoints(schedule),
            _ => schedule.operations.iter().map(|o| !o.optional).collect(),
        };
        let mut draft = Draft::new(schedule, runs);
        match self {
            Baseline::NoReuse => {}
            Baseline::ProducerToConsumer => producer_to_consumer(&mut draft),
            Baseline::Belady => belady(&mut draft),
            Baseline::DensityGreedy | Baseline::SqrtCheckpoints => {
                density(&mut draft, &smallest(schedule));
            }
            Baseline::DensityGreedyFast => density(&mut draft, &fastest(schedule)),
        }
        draft.plan()
    }
}

/// For every operation that runs the bytes that it needs at least.
fn smallest(schedule: &Schedule) -> Vec<u64> {
    let least = (0..schedule.operations.len()).map(|operation| schedule.least_bytes(operation));
    least
        .map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX))
        .collect()
}

/// For every operation the buffers of the mode that streams its operands in the least time.
fn fastest(schedule: &Schedule) -> Vec<u64> {
    let least = smallest(schedule);
    let of = |(operation, least): (&Operation, u64)| {
        let time = |mode: &&Mode| {
            let (mut moved, mut waiting) = cost::plan::of_mode(schedule, mode);
            for (operand, &bits) in mode.outer_bits.iter().enumerate() {
                let direction = operation.direction(operand);
                let bits = u128::from(bits) * u128::from(schedule.slices);
                moved.add(direction, bits);
                if mode.waits[operand] {
                    waiting += bits * schedule.crossing_units(direction);
                }
            }
            let passing = vec![schedule.slices; mode.outer_bits.len()];
            cost::plan::time(schedule, operation, mode, &passing, (&moved, waiting))
        };
        let streaming = operation
            .modes
            .iter()
            .filter(|m| !m.resident.contains(&true));
        let fitting = streaming.filter(|m| m.buffer_bytes <= schedule.capacity.0);
        fitting.min_by_key(time).map_or(least, |m| m.buffer_bytes)
    };
    schedule.operations.iter().zip(least).map(of).collect()
}

fn producer_to_consumer(draft: &mut Draft<'_>) {
    let reserved = smallest(draft.schedule);
    let all = draft.schedule.slices;
    for tensor in 0..draft.schedule.tensors.len() {
        for event in 0..draft.events[tensor].len().saturating_sub(1) {
            let (own, next) = (draft.events[tensor][event], draft.events[tensor][event + 1]);
            let adjacent = own.writes && next.reads && next.operation == own.operation + 1;
            if adjacent && draft.fits(tensor, event, all, &reserved) {
                draft.keep(tensor, event, all);
            }
        }
    }
}

/// Everything that is touched stays until its next use; where an operation has no room, what is
/// used last is dropped, as if it had not stayed at all.
fn belady(draft: &mut Draft<'_>) {
    let reserved = smallest(draft.schedule);
    let mut staying: Vec<(usize, usize, usize)> = Vec::new();
    for operation in 0..draft.schedule.operations.len() {
        staying.retain(|&(next, _, _)| next >= operation);
        for tensor in 0..draft.schedule.tensors.len() {
            let events = &draft.events[tensor];
            let event = events.partition_point(|e| e.operation < operation);
            let here = events.get(event).is_some_and(|e| e.operation == operation);
            if here && draft.can_stay(tensor, event) {
                staying.push((events[event + 1].operation, tensor, event));
                draft.keep(tensor, event, draft.schedule.slices);
            }
        }
        while draft.overfull(operation, &reserved) {
            let Some(last) = (0..staying.len()).max_by_key(|&i| staying[i]) else {
                break;
            };
            let (_, tensor, event) = staying.swap_remove(last);
            draft.release(tensor, event);
        }
    }
}

/// A gap with the bytes that it saves.
struct Candidate {
    tensor: usize,
    event: usize,
    density: u128,
}

/// Fills gaps in the order of saved bytes per byte and operation, as many slices as fit.
fn density(draft: &mut Draft<'_>, reserved: &[u64]) {
    let mut candidates = Vec::new();
    for tensor in 0..draft.schedule.tensors.len() {
        for event in 0..draft.events[tensor].len() {
            if draft.can_stay(tensor, event) {
                candidates.push(Candidate {
                    tensor,
                    event,
                    density: saved(draft, tensor, event),
                });
            }
        }
    }
    candidates.sort_by_key(|c| (std::cmp::Reverse(c.density), c.tensor, c.event));
    for candidate in candidates {
        let Candidate { tensor, event, .. } = candidate;
        let slices = (1..=draft.schedule.slices).rev();
        let mut fitting = slices.filter(|&s| draft.fits(tensor, event, s, reserved));
        if let Some(slices) = fitting.next() {
            draft.keep(tensor, event, slices);
        }
    }
}

/// Bits through the outer port that a gap saves, in millionths per byte and operation.
fn saved(draft: &Draft<'_>, tensor: usize, event: usize) -> u128 {
    let events = &draft.events[tensor];
    let (own, next) = (events[event], events[event + 1]);
    let streamed = |operation: usize| -> u128 {
        let own = &draft.schedule.operations[operation];
        let operands = own.operands().enumerate().filter(|o| o.1 == tensor);
        let least = |operand: usize| own.modes.iter().map(|m| m.outer_bits[operand]).min();
        operands
            .map(|(o, _)| u128::from(least(o).unwrap_or(0)))
            .sum()
    };
    let read = streamed(next.operation);
    let written = if own.writes {
        streamed(own.operation)
    } else {
        0
    };
    let length = (next.operation - own.operation) as u128;
    let size = u128::from(draft.schedule.slice_bytes(tensor)) * u128::from(draft.schedule.slices);
    (read + written) * 125_000 / (size * length).max(1)
}

/// The operations that run: of n that may be left out all but about every √n-th.
fn checkpoints(schedule: &Schedule) -> Vec<bool> {
    let segment = schedule
        .operations
        .iter()
        .filter(|o| o.optional)
        .count()
        .isqrt();
    let mut number = 0;
    let runs = |operation: &Operation| {
        number += usize::from(operation.optional);
        !operation.optional || number % (segment + 1) > 0
    };
    schedule.operations.iter().map(runs).collect()
}

/// A plan with its cost.
pub(super) type Costed = (Plan, PlanCost);

/// The plan of every rule, where it has one.
pub(super) fn baselines(schedule: &Schedule) -> Vec<(Baseline, Option<Costed>)> {
    let plan = |baseline: Baseline| {
        let plan = baseline.plan(schedule)?;
        let cost = cost::plan::evaluate(schedule, &plan);
        Some((plan, cost))
    };
    Baseline::ALL.iter().map(|&b| (b, plan(b))).collect()
}

/// The fastest of them.
pub(super) fn best(baselines: Vec<(Baseline, Option<Costed>)>) -> Option<Costed> {
    let plans = baselines.into_iter().filter_map(|(_, plan)| plan);
    plans.min_by_key(|(_, cost)| cost.total())
}

/// Why no rule has a plan: the operation that needs most.
pub(super) fn too_large(schedule: &Schedule) -> ScheduleError {
    let operations = 0..schedule.operations.len();
    let most = operations
        .max_by_key(|&o| schedule.least_bytes(o))
        .unwrap_or(0);
    ScheduleError::TooLarge {
        operation: schedule.operations[most].name.clone(),
        need: schedule.least_bytes(most),
        capacity: schedule.capacity.0,
    }
}
