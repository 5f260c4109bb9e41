//! Which operations run together: the fastest division of a step into stages and operations by themselves,
//! with tensors that stay between them.
//!
//! A dynamic program over the places between operations and the tensors that are in the memory there, each
//! of them whole from the operation that writes it to the last one that reads it. What is fetched early or stored
//! late, and slices, are left to the plan of the division.

use smallvec::SmallVec;

use crate::cost;
use crate::memory::tuning::MOST_SETS;
use crate::problem::schedule::{Operation, Schedule};
use crate::problem::stage::StageWay;

use super::list::Column;
use super::stage::Stage;

/// A stage with its columns.
pub(super) struct Candidate {
    /// The stage.
    pub(super) stage: Stage,
    /// Its columns.
    pub(super) columns: Vec<Column>,
}

/// A part of a division: the first operation, and which candidate with which column it begins; an
/// operation by itself has none.
pub(super) type Part = (usize, Option<(usize, usize)>);

/// Units of a column by itself: the longest of its iterations and of the time of every port.
pub(super) fn units(schedule: &Schedule, column: &Column) -> u128 {
    let ports = column.facts.ports.iter().zip(schedule.units_per_bit());
    let busy = ports.map(|(bits, units)| bits * units).max();
    busy.unwrap_or(0).max(column.facts.units)
}

/// Tensors in the memory, in order.
type Set = SmallVec<[usize; 4]>;

/// The columns of a stage that have the same residents, the fastest first.
struct Group {
    /// What it reads that is resident.
    read: Set,
    /// What it reads that is not.
    passing: Set,
    /// What it writes that stays.
    kept: Set,
    /// Units, bytes and number of each column.
    columns: Vec<(u128, u64, usize)>,
}

/// The least units in which a place is reached with a set of tensors in the memory.
struct Reached {
    set: Set,
    units: u128,
    /// The part that leads there, and the number of what was reached before it.
    part: Part,
    before: usize,
}

/// What of a schedule can be divided how.
pub(super) struct Divider<'s> {
    schedule: &'s Schedule,
    /// For every tensor that may stay the last operation that reads it.
    last_reader: Vec<Option<usize>>,
    /// By candidate.
    groups: Vec<Vec<Group>>,
    /// The candidates that end before each place.
    ending: Vec<Vec<usize>>,
}

impl<'s> Divider<'s> {
    pub(super) fn new(schedule: &'s Schedule, candidates: &[Candidate]) -> Self {
        let mut ending: Vec<Vec<usize>> = vec![Vec::new(); schedule.operations.len() + 1];
        for (number, candidate) in candidates.iter().enumerate() {
            ending[candidate.stage.first + candidate.stage.operations.len()].push(number);
        }
        let mut own = Self {
            schedule,
            last_reader: (0..schedule.tensors.len())
                .map(|tensor| last_reader(schedule, tensor))
                .collect(),
            groups: Vec::new(),
            ending,
        };
        own.groups = candidates.iter().map(|one| own.grouped(one)).collect();
        own
    }

    /// Takes over the columns of a candidate that have changed.
    pub(super) fn update(&mut self, number: usize, candidate: &Candidate) {
        self.groups[number] = self.grouped(candidate);
    }

    fn grouped(&self, candidate: &Candidate) -> Vec<Group> {
        let stage = &candidate.stage;
        let external: Vec<usize> = stage.external().collect();
        let mut groups: Vec<Group> = Vec::new();
        for (number, column) in candidate.columns.iter().enumerate() {
            let of = |written: bool, resident: bool| -> Set {
                let all = external.iter().zip(&column.choices);
                let own = all.filter(|(number, choice)| {
                    stage.tensors[**number].writer.is_some() == written
                        && (choice.way == StageWay::Resident) == resident
                });
                own.map(|(&number, _)| stage.tensors[number].tensor)
                    .collect()
            };
            let (read, kept) = (of(false, true), of(true, true));
            if read
                .iter()
                .chain(&kept)
                .any(|&t| self.last_reader[t].is_none())
            {
                continue;
            }
            let own = (units(self.schedule, column), column.facts.bytes, number);
            match groups.iter_mut().find(|g| g.read == read && g.kept == kept) {
                Some(group) => group.columns.push(own),
                None => groups.push(Group {
                    passing: of(false, false),
                    read,
                    kept,
                    columns: vec![own],
                }),
            }
        }
        for group in &mut groups {
            group.columns.sort_unstable();
        }
        groups
    }

    /// The division of least time.
    pub(super) fn division(&self, candidates: &[Candidate]) -> Vec<Part> {
        let count = self.schedule.operations.len();
        let mut best: Vec<Vec<Reached>> = vec![vec![Reached {
            set: Set::new(),
            units: 0,
            part: (0, None),
            before: 0,
        }]];
        for place in 1..=count {
            let mut reached = Vec::new();
            self.alone(place - 1, &best[place - 1], &mut reached);
            for &number in &self.ending[place] {
                let first = candidates[number].stage.first;
                self.together((number, first, place), &best[first], &mut reached);
            }
            thin(&mut reached);
            best.push(reached);
        }
        // Nothing is read after the last one, so that one set is left.
        let mut parts = Vec::new();
        let (mut place, mut at) = (count, 0);
        while place > 0 {
            let Some(own) = best[place].get(at) else {
                break;
            };
            parts.push(own.part);
            (place, at) = (own.part.0, own.before);
        }
        parts.reverse();
        parts
    }

    /// What an operation by itself leads to.
    fn alone(&self, operation: usize, before: &[Reached], reached: &mut Vec<Reached>) {
        let own = &self.schedule.operations[operation];
        let mut may_stay: Set = own.writes.iter().copied().collect();
        may_stay.retain(|tensor| self.last_reader[*tensor].is_some());
        for (number, from) in before.iter().enumerate() {
            if own.optional {
                let next = (self.left(&from.set, operation + 1), from.units);
                reach(reached, next, ((operation, None), number));
                continue;
            }
            for kept in [may_stay.clone(), Set::new()] {
                let there = union(&from.set, &kept);
                let Some(units) = self.fastest(own, &there) else {
                    continue;
                };
                let next = (self.left(&there, operation + 1), from.units + units);
                reach(reached, next, ((operation, None), number));
                if may_stay.is_empty() {
                    break;
                }
            }
        }
    }

    /// Units of an operation in its fastest mode beside these tensors; `None` where none fits.
    fn fastest(&self, own: &Operation, there: &Set) -> Option<u128> {
        let schedule = self.schedule;
        let room = schedule.capacity.0.checked_sub(self.bytes(there))?;
        let resident: Vec<bool> = own.operands().map(|t| there.contains(&t)).collect();
        let passing: Vec<u32> = (resident.iter())
            .map(|&inside| if inside { 0 } else { schedule.slices })
            .collect();
        let modes = own.modes.iter().filter(|mode| {
            let needs = mode.resident.iter().zip(&resident);
            mode.buffer_bytes <= room && needs.clone().all(|(needs, inside)| *inside || !needs)
        });
        let times = modes.map(|mode| {
            let (mut moved, waiting) = cost::plan::of_mode(schedule, mode);
            for (operand, &bits) in mode.outer_bits.iter().enumerate() {
                let bits = u128::from(bits) * u128::from(passing[operand]);
                moved.add(own.direction(operand), bits);
            }
            cost::plan::time(schedule, own, mode, &passing, (&moved, waiting))
        });
        times.min()
    }

    /// What a stage leads to.
    fn together(
        &self,
        (number, first, place): (usize, usize, usize),
        before: &[Reached],
        reached: &mut Vec<Reached>,
    ) {
        for (state, from) in before.iter().enumerate() {
            for group in &self.groups[number] {
                let inside = |tensor: &usize| from.set.contains(tensor);
                if !group.read.iter().all(inside) || group.passing.iter().any(inside) {
                    continue;
                }
                let there = union(&from.set, &group.kept);
                let Some(room) = self.schedule.capacity.0.checked_sub(self.bytes(&there)) else {
                    continue;
                };
                let fits = |own: &&(u128, u64, usize)| own.1 <= room;
                if let Some(&(units, _, column)) = group.columns.iter().find(fits) {
                    let next = (self.left(&there, place), from.units + units);
                    reach(reached, next, ((first, Some((number, column))), state));
                }
            }
        }
    }

    /// The bytes of tensors.
    fn bytes(&self, set: &Set) -> u64 {
        let slices = u64::from(self.schedule.slices);
        let all = set.iter().map(|&t| self.schedule.slice_bytes(t) * slices);
        all.sum()
    }

    /// Those that something reads from a place on.
    fn left(&self, set: &Set, place: usize) -> Set {
        let mut left = set.clone();
        left.retain(|tensor| self.last_reader[*tensor].is_some_and(|last| last >= place));
        left
    }
}

/// The last operation that reads a tensor which one operation writes, and which may then be lost.
pub(super) fn last_reader(schedule: &Schedule, tensor: usize) -> Option<usize> {
    let own = &schedule.tensors[tensor];
    let writers = schedule
        .operations
        .iter()
        .filter(|o| o.writes.contains(&tensor));
    let writers: Vec<&Operation> = writers.collect();
    let once = matches!(writers.as_slice(), [one] if !one.optional && !one.reads.contains(&tensor));
    if own.begins_outside || own.ends_outside || !once {
        return None;
    }
    schedule
        .operations
        .iter()
        .rposition(|o| o.reads.contains(&tensor))
}

fn union(set: &Set, others: &Set) -> Set {
    let mut all: Set = set.iter().chain(others).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Leaves those reached first, and where nothing stays.
fn thin(reached: &mut Vec<Reached>) {
    reached.sort_by(|a, b| (a.units, &a.set).cmp(&(b.units, &b.set)));
    let mut number = 0;
    reached.retain(|own| {
        number += 1;
        number <= MOST_SETS || own.set.is_empty()
    });
}

/// Notes that a set is reached in so many units, if that is the least.
fn reach(reached: &mut Vec<Reached>, (set, units): (Set, u128), (part, before): (Part, usize)) {
    let own = Reached {
        set,
        units,
        part,
        before,
    };
    match reached.iter_mut().find(|other| other.set == own.set) {
        Some(other) if other.units <= units => {}
        Some(other) => *other = own,
        None => reached.push(own),
    }
}
