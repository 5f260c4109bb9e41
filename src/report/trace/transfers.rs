//! What passes through the outer port while each operation of a plan runs.

use crate::problem::plan::{Plan, TensorPlan};
use crate::problem::port::Direction;
use crate::problem::schedule::{Event, Schedule};

/// When a transfer takes place in relation to what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Track {
    /// What operations before have written.
    LateStore,
    /// What the operation reads.
    Fetch,
    /// What later operations read.
    EarlyFetch,
    /// What the operation writes.
    Store,
}

impl Track {
    /// All tracks, in the order in which transfers of an operation are drawn.
    pub(super) const ALL: [Track; 4] = [
        Track::LateStore,
        Track::Fetch,
        Track::EarlyFetch,
        Track::Store,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Track::LateStore => "late store",
            Track::Fetch => "fetch",
            Track::EarlyFetch => "early fetch",
            Track::Store => "store",
        }
    }

    pub(super) fn direction(self) -> Direction {
        match self {
            Track::Fetch | Track::EarlyFetch => Direction::Inward,
            Track::Store | Track::LateStore => Direction::Outward,
        }
    }
}

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) track: Track,
    /// Index of the tensor; `None` of partial sums.
    pub(super) tensor: Option<usize>,
    /// `kept` in the shared memory, or read or written while it `passes by`.
    pub(super) how: &'static str,
    /// Bits, times slices.
    pub(super) bits: u128,
}

const KEPT: &str = "kept";
const PASSING: &str = "passes by";
const PARTIAL: &str = "partial sums";

/// For every operation what passes through the outer port meanwhile, sorted by track.
pub(super) fn of(schedule: &Schedule, plan: &Plan) -> Vec<Vec<Transfer>> {
    let mut all = vec![Vec::new(); schedule.operations.len()];
    for (tensor, (own, at)) in plan.tensors.iter().zip(schedule.events()).enumerate() {
        gaps(schedule, tensor, own, &mut all);
        events(schedule, plan, (tensor, &at), &mut all);
    }
    for (operation, own) in all.iter_mut().enumerate() {
        own.extend(partial(schedule, plan, operation));
        own.retain(|transfer| transfer.bits > 0);
        own.sort_by_key(|transfer| transfer.track);
    }
    all
}

/// What is fetched early and stored late of a tensor.
fn gaps(schedule: &Schedule, tensor: usize, own: &TensorPlan, all: &mut [Vec<Transfer>]) {
    let bits = u128::from(schedule.tensors[tensor].bits);
    for gap in &own.gaps {
        let early = gap.early.iter().map(|moved| (Track::EarlyFetch, moved));
        let late = gap.late.iter().map(|moved| (Track::LateStore, moved));
        for (track, moved) in early.chain(late) {
            all[moved.operation].push(Transfer {
                track,
                tensor: Some(tensor),
                how: KEPT,
                bits: bits * u128::from(moved.slices),
            });
        }
    }
}

/// What operations fetch, store and stream of a tensor themselves.
fn events(
    schedule: &Schedule,
    plan: &Plan,
    (tensor, at): (usize, &[Event]),
    all: &mut [Vec<Transfer>],
) {
    let own = &plan.tensors[tensor];
    let bits = u128::from(schedule.tensors[tensor].bits);
    for (index, event) in at.iter().enumerate() {
        let (held, before) = (own.events[index], &own.gaps[index]);
        let mut add = |track, how, bits| {
            all[event.operation].push(Transfer {
                track,
                tensor: Some(tensor),
                how,
                bits,
            });
        };
        add(Track::Store, KEPT, bits * u128::from(held.stored));
        if event.reads {
            let there = before.kept + before.early_slices();
            let fetched = held.slices.saturating_sub(there);
            add(Track::Fetch, KEPT, bits * u128::from(fetched));
        }
        let Some(mode) = plan.modes[event.operation] else {
            continue;
        };
        let operation = &schedule.operations[event.operation];
        let passing = u128::from(schedule.slices - held.slices);
        let operands = operation.operands().enumerate();
        for (operand, _) in operands.filter(|own| own.1 == tensor) {
            let bits = u128::from(operation.modes[mode].outer_bits[operand]) * passing;
            let track = match operation.direction(operand) {
                Direction::Outward => Track::Store,
                _ => Track::Fetch,
            };
            add(track, PASSING, bits);
        }
    }
}

/// Partial sums of an operation that go out and come back.
fn partial(schedule: &Schedule, plan: &Plan, operation: usize) -> Vec<Transfer> {
    let Some(mode) = plan.modes[operation] else {
        return Vec::new();
    };
    let own = schedule.operations[operation].modes[mode].partial;
    let slices = u128::from(schedule.slices);
    let ways = [(Track::Store, own.outward), (Track::Fetch, own.inward)];
    let transfers = ways.map(|(track, bits)| Transfer {
        track,
        tensor: None,
        how: PARTIAL,
        bits: u128::from(bits) * slices,
    });
    transfers.into()
}
