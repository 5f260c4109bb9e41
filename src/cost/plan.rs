//! The exact cost of a memory plan, operation by operation.

use crate::problem::plan::{Plan, PlanCost};
use crate::problem::schedule::{Mode, Schedule};

/// The cost of a plan that is one of the schedule; whether it is, `check::plan` says.
///
/// An operation takes the larger of its mode's cycles and the time of the outer port, through
/// which pass what its operands stream, what it fetches and stores itself, and what is fetched
/// early and stored late meanwhile.
#[must_use]
pub fn evaluate(schedule: &Schedule, plan: &Plan) -> PlanCost {
    let mut byte_slices = vec![0_u128; schedule.operations.len()];
    for tensor in 0..schedule.tensors.len() {
        transfers(schedule, plan, tensor, &mut byte_slices);
    }
    let modes = plan.modes.iter().zip(&schedule.operations);
    for ((mode, operation), moved) in modes.zip(&mut byte_slices) {
        let other = mode.map_or(0, |m| operation.modes[m].other_bytes);
        *moved += u128::from(other) * u128::from(schedule.slices);
    }
    let units = plan
        .modes
        .iter()
        .zip(&schedule.operations)
        .zip(&byte_slices);
    let units = units.map(|((mode, operation), &moved)| {
        let cycles = mode.map_or(0, |m| operation.modes[m].cycles);
        (cycles * schedule.units_per_cycle()).max(schedule.transfer_units(moved))
    });
    PlanCost {
        units: units.collect(),
        byte_slices,
    }
}

/// Adds the bytes of a tensor, times slices, to those of each operation.
fn transfers(schedule: &Schedule, plan: &Plan, tensor: usize, byte_slices: &mut [u128]) {
    let bytes = u128::from(schedule.tensors[tensor].bytes);
    let own = &plan.tensors[tensor];
    for gap in &own.gaps {
        for transfer in gap.early.iter().chain(&gap.late) {
            byte_slices[transfer.operation] += bytes * u128::from(transfer.slices);
        }
    }
    for (index, event) in schedule.events(tensor).iter().enumerate() {
        let (held, before) = (own.events[index], &own.gaps[index]);
        let moved = &mut byte_slices[event.operation];
        *moved += bytes * u128::from(held.stored);
        if event.reads {
            let there = before.kept + before.early_slices();
            *moved += bytes * u128::from(held.slices.saturating_sub(there));
        }
        if let Some(mode) = plan.modes[event.operation] {
            let operation = &schedule.operations[event.operation];
            let streamed = streamed_bytes(operation.operands(), &operation.modes[mode], tensor);
            *moved += streamed * u128::from(schedule.slices - held.slices);
        }
    }
}

/// The bytes that a tensor's operands stream while all of it lies outside.
fn streamed_bytes(operands: impl Iterator<Item = usize>, mode: &Mode, tensor: usize) -> u128 {
    let own = operands.zip(&mode.outer_bytes).filter(|o| o.0 == tensor);
    own.map(|(_, &bytes)| u128::from(bytes)).sum()
}
