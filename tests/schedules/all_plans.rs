//! The least time of a schedule over all memory plans, operation by operation over all states of
//! the memory: for every tensor how many slices are in it and outside, in it alone, outside alone.

use std::collections::BTreeMap;

use deepmatrix::problem::schedule::{Mode, Schedule};

/// Slices of a tensor: in the memory and outside, in the memory only, outside only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slices {
    both: u32,
    inside: u32,
    outside: u32,
}

/// What can become of a tensor while an operation runs.
struct Way {
    bytes: u64,
    moved: u128,
    next: Slices,
}

/// The least time in the schedule's units, or `None` if there is no plan.
pub fn least(schedule: &Schedule) -> Option<u128> {
    let start = schedule.tensors.iter().map(|t| Slices {
        both: 0,
        inside: 0,
        outside: if t.begins_outside { schedule.slices } else { 0 },
    });
    let mut states = BTreeMap::from([(start.collect::<Vec<_>>(), 0_u128)]);
    for now in 0..schedule.operations.len() {
        let mut next = BTreeMap::new();
        for (state, time) in &states {
            step(schedule, now, state, *time, &mut next);
        }
        states = next;
    }
    let ends = |state: &[Slices]| {
        (schedule.tensors.iter().zip(state))
            .all(|(t, s)| !t.ends_outside || s.both + s.outside == schedule.slices)
    };
    let times = states.iter().filter(|(state, _)| ends(state));
    times.map(|(_, time)| *time).min()
}

type States = BTreeMap<Vec<Slices>, u128>;

fn step(schedule: &Schedule, now: usize, state: &[Slices], time: u128, next: &mut States) {
    let operation = &schedule.operations[now];
    let mut modes: Vec<Option<&Mode>> = operation.modes.iter().map(Some).collect();
    if operation.optional {
        modes.push(None);
    }
    for mode in modes {
        let ways: Vec<Vec<Way>> = (0..state.len())
            .map(|tensor| ways(schedule, now, mode, tensor, state[tensor]))
            .collect();
        let mut choice = Vec::new();
        combine(schedule, mode, &ways, &mut choice, &mut |choice| {
            let other = mode.map_or(0, |m| m.other_bytes) * u64::from(schedule.slices);
            let moved = u128::from(other) + choice.iter().map(|w| w.moved).sum::<u128>();
            let cycles = mode.map_or(0, |m| m.cycles) * schedule.units_per_cycle();
            let own = time + cycles.max(schedule.transfer_units(moved));
            let after = choice.iter().map(|w| w.next).collect();
            let best = next.entry(after).or_insert(own);
            *best = own.min(*best);
        });
    }
}

/// All combinations of ways that fit in the memory.
fn combine<'w>(
    schedule: &Schedule,
    mode: Option<&Mode>,
    ways: &'w [Vec<Way>],
    choice: &mut Vec<&'w Way>,
    visit: &mut dyn FnMut(&[&Way]),
) {
    let buffers = mode.map_or(0, |m| m.buffer_bytes);
    let used = buffers + choice.iter().map(|w| w.bytes).sum::<u64>();
    if used > schedule.capacity.0 {
        return;
    }
    let Some(own) = ways.get(choice.len()) else {
        visit(choice);
        return;
    };
    for way in own {
        choice.push(way);
        combine(schedule, mode, ways, choice, visit);
        choice.pop();
    }
}

fn touches(schedule: &Schedule, operation: usize, tensor: usize) -> bool {
    let own = &schedule.operations[operation];
    own.reads.contains(&tensor) || own.writes.contains(&tensor)
}

/// Whether the value may still be wanted after an operation.
fn wanted(schedule: &Schedule, now: usize, tensor: usize) -> bool {
    for operation in &schedule.operations[now + 1..] {
        if operation.reads.contains(&tensor) {
            return true;
        }
        if operation.writes.contains(&tensor) && !operation.optional {
            return false;
        }
    }
    schedule.tensors[tensor].ends_outside
}

fn ways(
    schedule: &Schedule,
    now: usize,
    mode: Option<&Mode>,
    tensor: usize,
    state: Slices,
) -> Vec<Way> {
    if !touches(schedule, now, tensor) {
        return between(schedule, now, tensor, state);
    }
    match mode {
        None => {
            let mut ways = Vec::new();
            drop_some(
                schedule,
                now,
                tensor,
                (state, 0, state.both + state.inside),
                &mut ways,
            );
            ways
        }
        Some(mode) => touched(schedule, now, mode, tensor, state),
    }
}

/// Slices that are stored late and dropped, or fetched early.
fn between(schedule: &Schedule, now: usize, tensor: usize, state: Slices) -> Vec<Way> {
    let last = (0..now).rev().find(|&o| touches(schedule, o, tensor));
    let next = (now + 1..schedule.operations.len()).find(|&o| touches(schedule, o, tensor));
    let late = last.is_some_and(|o| now - o <= schedule.ahead);
    let early = next.is_some_and(|o| o - now <= schedule.ahead);
    let bytes = u128::from(schedule.tensors[tensor].bytes);
    let mut ways = Vec::new();
    for stored in 0..=if late { state.inside } else { 0 } {
        for fetched in 0..=if early { state.outside } else { 0 } {
            let there = state.both + state.inside + fetched;
            ways.push(Way {
                bytes: schedule.slice_bytes(tensor) * u64::from(there),
                moved: bytes * u128::from(stored + fetched),
                next: Slices {
                    both: state.both + fetched,
                    inside: state.inside - stored,
                    outside: state.outside - fetched + stored,
                },
            });
        }
    }
    ways
}

fn touched(schedule: &Schedule, now: usize, mode: &Mode, tensor: usize, state: Slices) -> Vec<Way> {
    let (operation, all) = (&schedule.operations[now], schedule.slices);
    let (reads, writes) = (
        operation.reads.contains(&tensor),
        operation.writes.contains(&tensor),
    );
    let operands: Vec<(u64, bool)> = (operation.operands().enumerate())
        .filter(|o| o.1 == tensor)
        .map(|(operand, _)| (mode.outer_bytes[operand], mode.resident[operand]))
        .collect();
    let there = state.both + state.inside;
    let mut ways = Vec::new();
    if reads && there + state.outside < all {
        return ways;
    }
    let bytes = u128::from(schedule.tensors[tensor].bytes);
    for held in if reads { there } else { 0 }..=all {
        if held < all && operands.iter().any(|o| o.1) {
            continue;
        }
        let passing: u64 = operands.iter().map(|o| o.0).sum();
        let mut moved = u128::from(passing) * u128::from(all - held);
        let mut after = state;
        if reads {
            moved += bytes * u128::from(held - there);
            after.both += held - there;
            after.outside -= held - there;
        }
        if writes {
            after = Slices {
                both: 0,
                inside: held,
                outside: all - held,
            };
        }
        for stored in 0..=after.inside {
            let own = Slices {
                both: after.both + stored,
                inside: after.inside - stored,
                outside: after.outside,
            };
            let all_moved = moved + bytes * u128::from(stored);
            drop_some(schedule, now, tensor, (own, all_moved, held), &mut ways);
        }
    }
    ways
}

/// All ways to drop slices after an operation; all of them where the value is not wanted any more.
fn drop_some(
    schedule: &Schedule,
    now: usize,
    tensor: usize,
    (state, moved, held): (Slices, u128, u32),
    ways: &mut Vec<Way>,
) {
    let bytes = schedule.slice_bytes(tensor) * u64::from(held);
    if !wanted(schedule, now, tensor) {
        let next = Slices {
            both: 0,
            inside: 0,
            outside: 0,
        };
        ways.push(Way { bytes, moved, next });
        return;
    }
    for both in 0..=state.both {
        for inside in 0..=state.inside {
            let next = Slices {
                both,
                inside,
                outside: state.outside + state.both - both,
            };
            ways.push(Way { bytes, moved, next });
        }
    }
}
