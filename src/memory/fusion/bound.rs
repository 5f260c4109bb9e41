//! A bound on every plan of a step, however its operations are divided into stages and mapped: arithmetic
//! on all elements at work, and what lies outside at the beginning or the end once through the outer
//! port.

use crate::cost;
use crate::problem::Hardware;
use crate::problem::access::{AccessPlace, AccessWork, Accesses};
use crate::problem::plan::Modes;
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::Schedule;

use super::walk;

/// Units that every plan takes.
pub(super) fn least_units(
    schedule: &Schedule,
    modes: &Modes,
    all: &[Option<Accesses>],
    hardware: &Hardware,
) -> u128 {
    let computed = computed(schedule, all);
    arithmetic(schedule, modes, all, (&computed, hardware)).max(transfers(schedule, all, &computed))
}

/// Whether all of each operation's result is computed in every division: a stage leaves out what none of
/// its operations needs.
fn computed(schedule: &Schedule, all: &[Option<Accesses>]) -> Vec<bool> {
    let mut computed = vec![true; all.len()];
    for place in (0..all.len()).rev() {
        let Some(own) = &all[place] else { continue };
        let Some(result) = own.result() else { continue };
        let readers: Vec<usize> = (place + 1..all.len())
            .filter(|&other| schedule.operations[other].reads.contains(&result.tensor))
            .collect();
        let outside = schedule.tensors[result.tensor].ends_outside || readers.is_empty();
        computed[place] = outside
            || readers.iter().any(|&reader| match &all[reader] {
                Some(accesses) => {
                    let reads = accesses.reads.iter().filter(|r| r.tensor == result.tensor);
                    let all = reads.clone().any(|read| walk::whole(accesses, read));
                    computed[reader] && all
                }
                None => true,
            });
    }
    computed
}

/// Every operation with all elements, or all lanes, at work.
fn arithmetic(
    schedule: &Schedule,
    modes: &Modes,
    all: &[Option<Accesses>],
    (computed, hardware): (&[bool], &Hardware),
) -> u128 {
    let elements = hardware.processing_elements().max(1);
    let cycles = all.iter().enumerate().map(|(place, own)| {
        if schedule.operations[place].optional || !computed[place] {
            return 0;
        }
        match own.as_ref().map(|own| &own.work) {
            Some(AccessWork::Array(nest)) => nest.box_macs() / elements,
            Some(AccessWork::Vector { operations }) => hardware
                .vector_lanes
                .map_or(0, |lanes| operations / u128::from(lanes.max(1))),
            // By itself in every division.
            None => (modes.least.as_ref()).map_or(0, |least| least[place].mode.cycles),
        }
    });
    cycles.sum::<u128>() * schedule.units_per_cycle()
}

/// The time of the outer port with what must pass it: tensors that lie outside at the beginning, as far
/// as an operation needs all of them, and those that must lie there at the end.
fn transfers(schedule: &Schedule, all: &[Option<Accesses>], computed: &[bool]) -> u128 {
    let slices = u128::from(schedule.slices);
    let mut moved = Moved::default();
    for (tensor, own) in schedule.tensors.iter().enumerate() {
        let mut first = schedule.operations.iter().enumerate();
        let first = first.find(|(_, o)| o.operands().any(|t| t == tensor));
        if let Some((place, _)) = first
            && own.begins_outside
            && computed[place]
            && let Some(accesses) = &all[place]
        {
            let reads = accesses.reads.iter().filter(|read| read.tensor == tensor);
            let whole = reads
                .clone()
                .any(|read| read.place == AccessPlace::Beside || walk::whole(accesses, read));
            let bits = if whole { u128::from(own.bits) } else { 0 };
            moved.add(Direction::Inward, bits * slices);
        }
        let written = schedule
            .operations
            .iter()
            .any(|o| o.writes.contains(&tensor));
        if own.ends_outside && written {
            moved.add(Direction::Outward, u128::from(own.bits) * slices);
        }
    }
    cost::plan::busy(schedule, &moved)
}
