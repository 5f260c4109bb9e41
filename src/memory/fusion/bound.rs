//! A bound on every plan of a step, however its operations are divided into stages and mapped: arithmetic
//! on all elements at work; what lies outside at the beginning or the end once through the outer
//! port; and both together, as far as the memory holds what is ahead or behind (`memory::early`).

use crate::cost;
use crate::problem::Hardware;
use crate::problem::access::{Access, AccessPlace, AccessWork, Accesses};
use crate::problem::certificate::Closing;
use crate::problem::plan::Modes;
use crate::problem::port::{Direction, Moved};
use crate::problem::schedule::{Operation, Schedule};

use super::walk;
use crate::memory::early::{self, Need};

/// Units that every plan takes, and what says so. `stages` are the first operations and numbers of
/// operations of all that may run together.
pub(super) fn least_units(
    schedule: &Schedule,
    modes: &Modes,
    all: &[Option<Accesses>],
    hardware: &Hardware,
    stages: &[(usize, usize)],
) -> (u128, Closing) {
    let computed = computed(schedule, all);
    let arithmetic = arithmetic(schedule, modes, all, (&computed, hardware));
    let needs = needs(schedule, (modes, &arithmetic), all, &computed);
    let early = early::of_ports(schedule, &needs, stages);
    let sum = arithmetic.iter().sum();
    let transfers = transfers(schedule, &needs).max(early);
    if transfers > sum {
        (transfers, Closing::Transfers)
    } else {
        (sum, Closing::Arithmetic)
    }
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

/// Units of every operation with all elements, or all lanes, at work.
fn arithmetic(
    schedule: &Schedule,
    modes: &Modes,
    all: &[Option<Accesses>],
    (computed, hardware): (&[bool], &Hardware),
) -> Vec<u128> {
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
            None => by_itself(modes, place),
        }
    });
    cycles
        .map(|cycles| cycles * schedule.units_per_cycle())
        .collect()
}

/// Cycles that no mapping of an operation by itself takes fewer of, what moves left aside.
fn by_itself(modes: &Modes, place: usize) -> u128 {
    (modes.least.as_ref()).map_or(0, |least| least[place].mode.cycles)
}

/// What every operation takes at least, and the bits that cross the outer boundary inward and outward for
/// it: of tensors that lie outside at the beginning, as far as it is the first to touch them and needs
/// all, and of those that must lie there at the end, where it alone writes them and is the last to touch them:
/// of others parts could go out before, or stay for long.
fn needs(
    schedule: &Schedule,
    (modes, arithmetic): (&Modes, &[u128]),
    all: &[Option<Accesses>],
    computed: &[bool],
) -> Vec<Need> {
    let runs = |place: usize| !schedule.operations[place].optional && computed[place];
    let mut needs: Vec<Need> = (arithmetic.iter().enumerate())
        .map(|(place, &together)| {
            let alone = if runs(place) {
                by_itself(modes, place) * schedule.units_per_cycle()
            } else {
                0
            };
            Need {
                alone: together.max(alone),
                together,
                ..Need::default()
            }
        })
        .collect();
    let slices = u128::from(schedule.slices);
    for (tensor, own) in schedule.tensors.iter().enumerate() {
        let touches = |o: &Operation| o.operands().any(|t| t == tensor);
        let bits = u128::from(own.bits) * slices;
        if let Some(place) = schedule.operations.iter().position(touches)
            && own.begins_outside
            && runs(place)
        {
            needs[place].inward +=
                slices * needed(schedule, modes, all[place].as_ref(), (place, tensor));
        }
        let writes = |o: &Operation| o.writes.contains(&tensor);
        if let Some(place) = schedule.operations.iter().rposition(touches)
            && own.ends_outside
            && !schedule.operations[place].optional
            && schedule.operations.iter().position(writes) == Some(place)
        {
            needs[place].outward += bits;
        }
    }
    needs
}

/// Bits of a tensor that an operation needs, at least.
fn needed(
    schedule: &Schedule,
    modes: &Modes,
    accesses: Option<&Accesses>,
    (place, tensor): (usize, usize),
) -> u128 {
    if let Some(accesses) = accesses {
        let mut reads = accesses.reads.iter().filter(|read| read.tensor == tensor);
        let whole =
            |read: &Access| read.place == AccessPlace::Beside || walk::whole(accesses, read);
        let bits = u128::from(schedule.tensors[tensor].bits);
        return if reads.any(whole) { bits } else { 0 };
    }
    // By itself in every division: what any mapping of it moves once.
    let own = &schedule.operations[place];
    let Some(least) = modes.least.as_ref().map(|least| &least[place].mode) else {
        return 0;
    };
    let reads = own.reads.iter().zip(&least.outer_bits);
    let bits = reads.filter(|(read, _)| **read == tensor);
    bits.map(|(_, bits)| u128::from(*bits)).max().unwrap_or(0)
}

/// The time of the busiest port with all that operations need, and what must go out whoever writes it.
fn transfers(schedule: &Schedule, needs: &[Need]) -> u128 {
    let mut moved = Moved::default();
    for need in needs {
        moved.add(Direction::Inward, need.inward);
    }
    for (tensor, own) in schedule.tensors.iter().enumerate() {
        let mut all = schedule.operations.iter();
        if own.ends_outside && all.any(|o| o.writes.contains(&tensor)) {
            let bits = u128::from(own.bits) * u128::from(schedule.slices);
            moved.add(Direction::Outward, bits);
        }
    }
    cost::plan::busy(schedule, &moved)
}
