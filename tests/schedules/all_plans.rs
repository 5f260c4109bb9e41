//! The least time of a schedule over all memory plans, operation by operation over all states of
//! the memory, every slice by itself: a slice is in the shared memory, outside, or both.
//!
//! What moves is counted as reads and writes of the two memories, slice by slice, from the
//! problem definition alone: the array reads its tiles in the shared memory and writes its results there;
//! what passes by or is fetched is read outside and written into the shared memory; what is drained
//! or stored is read there and written outside; nothing else moves.

use std::collections::{BTreeMap, BTreeSet};

use deepmatrix::problem::port::{Direction, Port};
use deepmatrix::problem::schedule::{Mode, Operation, Schedule};

/// Where a slice is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Slice {
    inside: bool,
    outside: bool,
}

/// Bits, times slices, that are read and written in the two memories, and what of it waits: bits
/// inward and outward whose time is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Accesses {
    outside_read: u128,
    outside_written: u128,
    shared_read: u128,
    shared_written: u128,
    waiting_in: u128,
    waiting_out: u128,
}

impl Accesses {
    fn fill(&mut self, bits: u64, waits: bool) {
        self.outside_read += u128::from(bits);
        self.shared_written += u128::from(bits);
        self.waiting_in += if waits { u128::from(bits) } else { 0 };
    }

    fn drain(&mut self, bits: u64, waits: bool) {
        self.shared_read += u128::from(bits);
        self.outside_written += u128::from(bits);
        self.waiting_out += if waits { u128::from(bits) } else { 0 };
    }

    fn plus(self, other: Self) -> Self {
        Self {
            outside_read: self.outside_read + other.outside_read,
            outside_written: self.outside_written + other.outside_written,
            shared_read: self.shared_read + other.shared_read,
            shared_written: self.shared_written + other.shared_written,
            waiting_in: self.waiting_in + other.waiting_in,
            waiting_out: self.waiting_out + other.waiting_out,
        }
    }

    /// The bits through a port: a read port carries what is read in its memory, a write port
    /// what is written, one port both.
    fn through(&self, port: &Port) -> u128 {
        let (read, written) = if port.outer {
            (self.outside_read, self.outside_written)
        } else {
            (self.shared_read, self.shared_written)
        };
        let (reads, writes) = accesses_of(port);
        (if reads { read } else { 0 }) + (if writes { written } else { 0 })
    }
}

/// Whether a port is there for reads of its memory, and for writes.
fn accesses_of(port: &Port) -> (bool, bool) {
    if port.outer {
        let reads = port.carries.contains(Direction::Inward);
        return (reads, port.carries.contains(Direction::Outward));
    }
    let reads = port.carries.contains(Direction::Read);
    (reads, port.carries.contains(Direction::Written))
}

/// The units of one bit of one slice through a port: 8 bits a byte, K slices.
fn units(schedule: &Schedule, port: &Port, bit_slices: u128) -> u128 {
    let (numerator, denominator) = port.bandwidth.ratio();
    let per_cycle = 8 * u128::from(numerator) * u128::from(schedule.slices);
    let all = bit_slices * u128::from(denominator) * schedule.units_per_cycle();
    assert_eq!(all % per_cycle, 0, "times are whole numbers of units");
    all / per_cycle
}

/// The units of the parts of a mode, one after the other, where so many slices of each tensor are held.
fn parts(schedule: &Schedule, operation: &Operation, mode: &Mode, held: &[u32]) -> u128 {
    let mut total = 0;
    for part in &mode.parts {
        let mut own = Accesses::default();
        for _ in 0..schedule.slices {
            own.shared_read += u128::from(part.read_bits);
            own.shared_written += u128::from(part.written_bits);
            own.drain(part.partial.outward, false);
            own.fill(part.partial.inward, false);
        }
        for (operand, tensor) in operation.operands().enumerate() {
            for _ in held[tensor]..schedule.slices {
                if operand < operation.reads.len() {
                    own.fill(part.outer_bits[operand], false);
                } else {
                    own.drain(part.outer_bits[operand], false);
                }
            }
        }
        let ports = schedule.ports.iter();
        let busy = ports.map(|port| units(schedule, port, own.through(port)));
        let cycles = part.cycles * schedule.units_per_cycle();
        total += busy.max().unwrap_or(0).max(cycles);
    }
    total
}

/// The units of an operation in a mode whose parts take so many.
fn time(schedule: &Schedule, mode: Option<&Mode>, accesses: &Accesses, parts: u128) -> u128 {
    let cycles = mode.map_or(0, |m| m.cycles) * schedule.units_per_cycle();
    let ports = schedule.ports.iter();
    let busy = ports.map(|port| units(schedule, port, accesses.through(port)));
    let longest = busy.max().unwrap_or(0).max(cycles).max(parts);
    let slower = |wanted: &dyn Fn(&Port) -> bool, bits: u128| {
        let crossed = schedule.ports.iter().filter(|port| wanted(port));
        let times = crossed.map(|port| units(schedule, port, bits));
        times.max().unwrap_or(0)
    };
    // A fill is read outside and written inside, a drain the other way round.
    let (read, written) = (|p: &Port| accesses_of(p).0, |p: &Port| accesses_of(p).1);
    let fills = |p: &Port| if p.outer { read(p) } else { written(p) };
    let drains = |p: &Port| if p.outer { written(p) } else { read(p) };
    let waiting = slower(&fills, accesses.waiting_in) + slower(&drains, accesses.waiting_out);
    let added = mode.map_or(0, |m| m.added_cycles) * schedule.units_per_cycle();
    longest + added + waiting
}

/// What can become of a tensor while an operation runs.
struct Way {
    bytes: u64,
    held: u32,
    accesses: Accesses,
    next: Vec<Slice>,
}

/// The least time in the schedule's units, or `None` if there is no plan.
pub fn least(schedule: &Schedule) -> Option<u128> {
    let start = schedule.tensors.iter().map(|t| {
        let slice = Slice {
            inside: false,
            outside: t.begins_outside,
        };
        vec![slice; schedule.slices as usize]
    });
    let mut states = BTreeMap::from([(start.collect::<Vec<_>>(), 0_u128)]);
    for now in 0..schedule.operations.len() {
        let mut next = BTreeMap::new();
        for (state, time) in &states {
            step(schedule, now, state, *time, &mut next);
        }
        states = next;
    }
    let ends = |state: &[Vec<Slice>]| {
        (schedule.tensors.iter().zip(state))
            .all(|(t, slices)| !t.ends_outside || slices.iter().all(|s| s.outside))
    };
    let times = states.iter().filter(|(state, _)| ends(state));
    times.map(|(_, time)| *time).min()
}

type States = BTreeMap<Vec<Vec<Slice>>, u128>;

fn step(schedule: &Schedule, now: usize, state: &[Vec<Slice>], before: u128, next: &mut States) {
    let operation = &schedule.operations[now];
    let mut modes: Vec<Option<&Mode>> = operation.modes.iter().map(Some).collect();
    if operation.optional {
        modes.push(None);
    }
    for mode in modes {
        let ways: Vec<Vec<Way>> = (0..state.len())
            .map(|tensor| ways(schedule, now, mode, tensor, &state[tensor]))
            .collect();
        let mut choice = Vec::new();
        combine(schedule, mode, &ways, &mut choice, &mut |choice| {
            let all = choice
                .iter()
                .fold(array(schedule, mode), |sum, way| sum.plus(way.accesses));
            let held: Vec<u32> = choice.iter().map(|way| way.held).collect();
            let parts = mode.map_or(0, |mode| parts(schedule, operation, mode, &held));
            let own = before + time(schedule, mode, &all, parts);
            let after = choice.iter().map(|w| w.next.clone()).collect();
            let best = next.entry(after).or_insert(own);
            *best = own.min(*best);
        });
    }
}

/// What a mode moves whatever is resident: what the array exchanges with the shared memory, and
/// partial sums that go out and come back.
fn array(schedule: &Schedule, mode: Option<&Mode>) -> Accesses {
    let mut own = Accesses::default();
    for _ in 0..schedule.slices {
        if let Some(mode) = mode {
            own.shared_read += u128::from(mode.read_bits);
            own.shared_written += u128::from(mode.written_bits);
            own.drain(mode.partial.outward, mode.partial.waits);
            own.fill(mode.partial.inward, mode.partial.waits);
        }
    }
    own
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

/// One slice while an operation runs: whether it is in the memory meanwhile, what moves, and where
/// it is afterwards.
#[derive(Clone, Copy)]
struct Fate {
    held: bool,
    accesses: Accesses,
    next: Slice,
}

/// All ways of a tensor: every slice has a fate of its own; those that differ in the order of slices
/// alone are one.
fn ways(
    schedule: &Schedule,
    now: usize,
    mode: Option<&Mode>,
    tensor: usize,
    state: &[Slice],
) -> Vec<Way> {
    let mut distinct = BTreeSet::from([(0_u64, Accesses::default(), Vec::new())]);
    for &slice in state {
        let fates = match mode {
            _ if !touches(schedule, now, tensor) => between(schedule, now, tensor, slice),
            None => left_out(schedule, now, tensor, slice),
            Some(mode) => touched(schedule, now, mode, tensor, slice),
        };
        let mut longer = BTreeSet::new();
        for (held, accesses, before) in &distinct {
            for fate in &fates {
                let mut all: Vec<Slice> = before.clone();
                all.push(fate.next);
                all.sort_unstable();
                let held = held + u64::from(fate.held);
                longer.insert((held, accesses.plus(fate.accesses), all));
            }
        }
        distinct = longer;
    }
    let ways = distinct.into_iter().map(|(held, accesses, next)| Way {
        bytes: held * schedule.slice_bytes(tensor),
        held: u32::try_from(held).expect("few slices"),
        accesses,
        next,
    });
    ways.collect()
}

/// A slice between two operations that touch its tensor: it stays as it is, is stored late and then
/// leaves, or is fetched early.
fn between(schedule: &Schedule, now: usize, tensor: usize, slice: Slice) -> Vec<Fate> {
    let last = (0..now).rev().find(|&o| touches(schedule, o, tensor));
    let next = (now + 1..schedule.operations.len()).find(|&o| touches(schedule, o, tensor));
    let late = last.is_some_and(|o| now - o <= schedule.ahead);
    let early = next.is_some_and(|o| o - now <= schedule.ahead);
    let bits = schedule.tensors[tensor].bits;
    let mut fates = vec![Fate {
        held: slice.inside,
        accesses: Accesses::default(),
        next: slice,
    }];
    if late && slice.inside && !slice.outside {
        let mut accesses = Accesses::default();
        accesses.drain(bits, schedule.waits);
        fates.push(Fate {
            held: true,
            accesses,
            next: Slice {
                inside: false,
                outside: true,
            },
        });
    }
    if early && slice.outside && !slice.inside {
        let mut accesses = Accesses::default();
        accesses.fill(bits, schedule.waits);
        fates.push(Fate {
            held: true,
            accesses,
            next: Slice {
                inside: true,
                outside: true,
            },
        });
    }
    fates
}

/// A slice at an operation that is left out: it stays or is dropped.
fn left_out(schedule: &Schedule, now: usize, tensor: usize, slice: Slice) -> Vec<Fate> {
    let fate = Fate {
        held: slice.inside,
        accesses: Accesses::default(),
        next: slice,
    };
    ends(schedule, now, tensor, fate)
}

/// A slice of an operand: held, which fetches it if it is read and not there, or passing by.
fn touched(schedule: &Schedule, now: usize, mode: &Mode, tensor: usize, slice: Slice) -> Vec<Fate> {
    let operation = &schedule.operations[now];
    let reads = operation.reads.contains(&tensor);
    let writes = operation.writes.contains(&tensor);
    let operands = operation.operands().enumerate();
    let operands: Vec<usize> = operands.filter(|o| o.1 == tensor).map(|o| o.0).collect();
    let bits = schedule.tensors[tensor].bits;
    let mut fates = Vec::new();
    if reads && !slice.inside && !slice.outside {
        return fates;
    }
    let mut held = Fate {
        held: true,
        accesses: Accesses::default(),
        next: slice,
    };
    if reads && !slice.inside {
        held.accesses.fill(bits, schedule.waits);
        held.next.inside = true;
    }
    if writes {
        held.next = Slice {
            inside: true,
            outside: false,
        };
    }
    fates.extend(ends(schedule, now, tensor, held));
    if !held.next.outside {
        let mut stored = held;
        stored.accesses.drain(bits, schedule.waits);
        stored.next.outside = true;
        fates.extend(ends(schedule, now, tensor, stored));
    }
    // What is read and there already does not pass by; what is only written is gone.
    let there = reads && slice.inside;
    if !there && !operands.iter().any(|&o| mode.resident[o]) {
        let mut passing = Fate {
            held: false,
            accesses: Accesses::default(),
            next: Slice {
                inside: false,
                outside: slice.outside || writes,
            },
        };
        for operand in operands {
            if operand < operation.reads.len() {
                passing
                    .accesses
                    .fill(mode.outer_bits[operand], mode.waits[operand]);
            } else {
                passing
                    .accesses
                    .drain(mode.outer_bits[operand], mode.waits[operand]);
            }
        }
        fates.extend(ends(schedule, now, tensor, passing));
    }
    fates
}

/// After an operation a slice stays or is dropped: not the last copy of what is wanted.
fn ends(schedule: &Schedule, now: usize, tensor: usize, fate: Fate) -> Vec<Fate> {
    let mut gone = fate;
    gone.next.inside = false;
    if !wanted(schedule, now, tensor) {
        // Where nothing reads it, it does not matter where it is.
        gone.next.outside = false;
        return vec![gone];
    }
    let mut all = vec![fate];
    if fate.next.inside {
        all.push(gone);
    }
    all
}
