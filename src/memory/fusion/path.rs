//! A bound on every plan whose stages have the columns that are listed: a shortest path over the places
//! between operations, the slices that stay in the memory there, and the bits that are ahead or behind.
//!
//! A column moves its own bits while it runs, whatever else moves then; what stays beside it, and what is ahead of its
//! use or behind, shares the memory with its blocks. Of an operation by itself no more is known than what no mapping of
//! it is below: what it reads from outside may come before it, and what it makes may leave after it (`memory::early`).
//! Tensors that are written once and need not lie outside at the end stay in any number of slices; slices that are
//! dropped cost nothing more, and of other tensors only what crosses for the first or the last time counts.

use std::ops::Range;

use smallvec::SmallVec;

use crate::cost;
use crate::memory::early::{NOWHERE, Reach, extend};
use crate::memory::tuning::{MOST_FOLLOWED, PATH_LEVELS, PATH_WORK};
use crate::problem::plan::Least;
use crate::problem::port::Direction;
use crate::problem::schedule::{Operation, Schedule};
use crate::problem::stage::StageWay;

use super::choose::{Candidate, last_reader};
use super::list::Column;

/// Slices of the tensors that are followed at a place, in their order there.
type Slices = SmallVec<[u32; 4]>;

/// Tensors with the slices of each.
type Held = SmallVec<[(usize, u32); 4]>;

/// A way to run a part of a step.
struct Way {
    /// Units, whatever moves beside it.
    units: u128,
    /// Bits times slices through the port that it needs or makes.
    moved: u128,
    /// Bytes of its blocks.
    bytes: u64,
}

/// Ways of a part that ask the same of what stays.
struct Alike {
    first: usize,
    end: usize,
    /// Slices that must be there before, of tensors that are followed.
    before: Held,
    /// Slices that it leaves of what it touches.
    after: Held,
    ways: Vec<Way>,
}

/// What is followed at a place.
#[derive(Clone, Default)]
struct Place {
    tensors: Vec<usize>,
    /// By state and level; empty where nothing leads there.
    best: Vec<Vec<u128>>,
}

/// The path of one port.
struct Path<'s> {
    schedule: &'s Schedule,
    /// Bits times slices of a level.
    step: u128,
    /// The level of what is neither ahead nor behind.
    start: usize,
    /// The levels that there are at each place.
    there: Vec<Range<usize>>,
    per_bit: u128,
    places: Vec<Place>,
}

/// Units that no plan takes fewer of whose stages run in ways that are listed, by the port of which that says most.
pub(super) fn least_units(schedule: &Schedule, least: &[Least], candidates: &[Candidate]) -> u128 {
    let ports = schedule.ports.iter().enumerate();
    let outer = ports.filter(|(_, port)| port.outer);
    let bounds = outer.map(|(port, _)| of_port(schedule, least, candidates, port));
    bounds.max().unwrap_or(0)
}

fn of_port(schedule: &Schedule, least: &[Least], candidates: &[Candidate], port: usize) -> u128 {
    let followed = followed(schedule);
    let all = ways(schedule, (least, candidates), &followed, port);
    let how = (port, levels(schedule, &followed, &all));
    let mut path = Path::new(schedule, (least, candidates), &followed, how);
    let mut starting: Vec<Vec<&Alike>> = vec![Vec::new(); schedule.operations.len()];
    for own in &all {
        starting[own.first].push(own);
    }
    for (place, ways) in starting.iter().enumerate() {
        path.let_go(place);
        for own in ways {
            path.extend(own);
        }
        path.places[place].best = Vec::new();
    }
    let last = path.places.pop().unwrap_or_default();
    let ends = last.best.iter().flat_map(|own| own.iter().skip(path.start));
    ends.copied().min().unwrap_or(0)
}

/// The levels in which what is ahead or behind is counted, fewer where there is much to extend.
fn levels(schedule: &Schedule, followed: Followed<'_>, all: &[Alike]) -> u128 {
    let base = u128::from(schedule.slices) + 1;
    let work = all.iter().map(|own| {
        let stays = |place: &(usize, usize)| place.0 < own.first && own.first <= place.1;
        let there = followed.iter().flatten().filter(|place| stays(place));
        let free = there.count().saturating_sub(own.before.len());
        base.pow(u32::try_from(free).unwrap_or(0)) * own.ways.len() as u128
    });
    (PATH_WORK / work.sum::<u128>().max(1)).clamp(1, PATH_LEVELS)
}

/// The tensors whose slices are followed: those that stay the shortest first, a few at each place.
fn followed(schedule: &Schedule) -> Vec<Option<(usize, usize)>> {
    let mut all: Vec<(usize, usize, usize)> = Vec::new();
    for tensor in 0..schedule.tensors.len() {
        let writer = schedule
            .operations
            .iter()
            .position(|o| o.writes.contains(&tensor));
        let mut readers = schedule
            .operations
            .iter()
            .filter(|o| o.reads.contains(&tensor));
        if readers.any(|o| o.optional) {
            // Whether its value is needed, and who fetches it, depends on what else runs.
            continue;
        }
        if let (Some(writer), Some(last)) = (writer, last_reader(schedule, tensor)) {
            all.push((writer, last, tensor));
        }
    }
    all.sort_by_key(|&(writer, last, tensor)| (last - writer, tensor));
    let mut number = vec![0; schedule.operations.len() + 1];
    let mut followed = vec![None; schedule.tensors.len()];
    for (writer, last, tensor) in all {
        if number[writer + 1..=last]
            .iter()
            .all(|&own| own < MOST_FOLLOWED)
        {
            number[writer + 1..=last]
                .iter_mut()
                .for_each(|own| *own += 1);
            followed[tensor] = Some((writer, last));
        }
    }
    followed
}

type Followed<'f> = &'f [Option<(usize, usize)>];

/// All ways of all parts.
fn ways(
    schedule: &Schedule,
    (least, candidates): (&[Least], &[Candidate]),
    followed: Followed<'_>,
    port: usize,
) -> Vec<Alike> {
    let mut all = Vec::new();
    for (place, own) in schedule.operations.iter().enumerate() {
        all.extend(alone(schedule, (place, own, &least[place]), followed, port));
    }
    for candidate in candidates {
        all.extend(together(schedule, candidate, followed, port));
    }
    all
}

/// The ways of an operation by itself: for all slices of each tensor that it touches, before and after.
fn alone(
    schedule: &Schedule,
    (place, own, least): (usize, &Operation, &Least),
    followed: Followed<'_>,
    port: usize,
) -> Vec<Alike> {
    let ways = |before: Held, after: Held, (units, moved): (u128, u128)| Alike {
        first: place,
        end: place + 1,
        before,
        after,
        ways: vec![Way {
            units,
            moved,
            bytes: least.mode.buffer_bytes,
        }],
    };
    if own.optional {
        return vec![ways(Held::new(), Held::new(), (0, 0))];
    }

    // ---- What the array exchanges with the shared memory, whatever stays ----
    let (inside, _) = cost::plan::of_mode(schedule, &least.mode);
    let cycles = least.mode.cycles * schedule.units_per_cycle();
    let units = cost::plan::busy(schedule, &inside).max(cycles);

    // ---- What crosses the outer boundary now, before or after, for all slices ----
    let mut all: Vec<(Held, Held, u128)> = vec![(Held::new(), Held::new(), 0)];
    for (operand, tensor) in own.operands().enumerate() {
        let direction = own.direction(operand);
        let whole = schedule.tensors[tensor].bits;
        let bits = u128::from(least.mode.outer_bits[operand].min(whole));
        let bits = if schedule.ports[port].carries.contains(direction) {
            bits
        } else {
            0
        };
        let slices = schedule.slices;
        if followed[tensor].is_none() {
            if crosses(schedule, place, tensor, direction) {
                for own in &mut all {
                    own.2 += bits * u128::from(slices);
                }
            }
            continue;
        }
        if all[0].0.iter().any(|own| own.0 == tensor) {
            // Another operand of the same tensor moves more, if anything.
            continue;
        }
        let longer = all.iter().flat_map(|(before, after, moved)| {
            (0..=slices).flat_map(move |own| {
                let crossing = bits * u128::from(slices - own);
                // What a reader fetches may stay.
                let last = if direction == Direction::Inward {
                    slices
                } else {
                    own
                };
                (own..=last).map(move |stays| {
                    let (mut before, mut after) = (before.clone(), after.clone());
                    if direction == Direction::Inward {
                        before.push((tensor, own));
                    }
                    after.push((tensor, stays));
                    (before, after, moved + crossing)
                })
            })
        });
        all = longer.collect();
    }
    let found = all.into_iter();
    found
        .map(|(before, after, moved)| ways(before, after, (units, moved)))
        .collect()
}

/// Whether what is not followed must cross the outer boundary at this operation, or before or after it.
fn crosses(schedule: &Schedule, place: usize, tensor: usize, direction: Direction) -> bool {
    let own = &schedule.tensors[tensor];
    let touches = |o: &Operation| o.operands().any(|t| t == tensor);
    if direction == Direction::Inward {
        return own.begins_outside && schedule.operations.iter().position(touches) == Some(place);
    }
    let writes = |o: &Operation| o.writes.contains(&tensor);
    own.ends_outside
        && schedule.operations.iter().rposition(touches) == Some(place)
        && schedule.operations.iter().position(writes) == Some(place)
}

/// The ways of a stage, those that ask the same of what stays together.
fn together(
    schedule: &Schedule,
    candidate: &Candidate,
    followed: Followed<'_>,
    port: usize,
) -> Vec<Alike> {
    let stage = &candidate.stage;
    let (first, end) = (stage.first, stage.first + stage.operations.len());
    let mut all: Vec<Alike> = Vec::new();
    let external: Vec<usize> = stage.external().collect();
    for column in &candidate.columns {
        let (mut before, mut after) = (Held::new(), Held::new());
        for (tensor, own) in stage.tensors.iter().enumerate() {
            if followed[own.tensor].is_none() {
                continue;
            }
            let choice = external.iter().position(|&other| other == tensor);
            let resident =
                choice.is_some_and(|choice| column.choices[choice].way == StageWay::Resident);
            let slices = if resident { schedule.slices } else { 0 };
            match own.writer {
                None => {
                    before.push((own.tensor, slices));
                    after.push((own.tensor, slices));
                }
                Some(_) => after.push((own.tensor, slices)),
            }
        }
        let way = way(schedule, column, port);
        match all
            .iter_mut()
            .find(|own| own.before == before && own.after == after)
        {
            Some(own) => own.ways.push(way),
            None => all.push(Alike {
                first,
                end,
                before,
                after,
                ways: vec![way],
            }),
        }
    }
    for own in &mut all {
        own.ways = undominated(std::mem::take(&mut own.ways));
    }
    all
}

fn way(schedule: &Schedule, column: &Column, port: usize) -> Way {
    let ports = column.facts.ports.iter().zip(schedule.units_per_bit());
    let busy = ports.map(|(bits, units)| bits * units).max();
    Way {
        units: busy.unwrap_or(0).max(column.facts.units),
        moved: column.facts.ports[port],
        bytes: column.facts.bytes,
    }
}

fn undominated(mut all: Vec<Way>) -> Vec<Way> {
    all.sort_by_key(|own| (own.units, own.moved, own.bytes));
    let mut kept: Vec<Way> = Vec::new();
    for own in all {
        let covered = |other: &Way| other.moved <= own.moved && other.bytes <= own.bytes;
        if !kept.iter().any(covered) {
            kept.push(own);
        }
    }
    kept
}

impl<'s> Path<'s> {
    fn new(
        schedule: &'s Schedule,
        (least, candidates): (&[Least], &[Candidate]),
        followed: Followed<'_>,
        (port, levels): (usize, u128),
    ) -> Self {
        let count = schedule.operations.len();
        let capacity = u128::from(schedule.capacity.0) * 8 * u128::from(schedule.slices);
        let step = capacity.div_ceil(levels).max(1);
        let carries = |way| schedule.ports[port].carries.contains(way);
        let most = |way| if carries(way) { capacity } else { 0 };
        let (ahead, behind) = (most(Direction::Inward), most(Direction::Outward));
        let level = |bits: u128| usize::try_from(bits).unwrap_or(0);
        let start = level(behind.div_ceil(step));

        // ---- How far ahead and behind there can be anything ----
        let joins: Vec<(usize, usize)> =
            candidates.iter().map(|own| own.stage.interval()).collect();
        let reach = Reach::of(count, &joins, schedule.ahead);
        let bits = |place: usize, way: Direction| -> u128 {
            let own = &schedule.operations[place];
            let operands = own
                .operands()
                .enumerate()
                .filter(|o| own.direction(o.0) == way);
            let operands = operands.filter(|&(_, tensor)| {
                followed[tensor].is_some() || crosses(schedule, place, tensor, way)
            });
            let bits = operands.map(|(o, _)| u128::from(least[place].mode.outer_bits[o]));
            bits.sum::<u128>() * u128::from(schedule.slices)
        };
        let there = |place: usize| {
            let inward = (place..reach.next[place]).map(|own| bits(own, Direction::Inward));
            let outward = (reach.last[place]..place).map(|own| bits(own, Direction::Outward));
            let (inward, outward) = (inward.sum::<u128>(), outward.sum::<u128>());
            start - level(outward.min(behind).div_ceil(step))
                ..start + level(inward.min(ahead) / step) + 1
        };
        let there: Vec<Range<usize>> = (0..=count).map(there).collect();

        // ---- What is followed at each place ----
        let tensors = |place: usize| -> Vec<usize> {
            let stays = |own: &(usize, usize)| own.0 < place && place <= own.1;
            let all = followed.iter().enumerate();
            all.filter(|(_, own)| own.as_ref().is_some_and(stays))
                .map(|(tensor, _)| tensor)
                .collect()
        };
        let mut places: Vec<Place> = (0..=count)
            .map(|place| Place {
                tensors: tensors(place),
                best: Vec::new(),
            })
            .collect();
        let mut first = vec![NOWHERE; there[0].end];
        first[start] = 0;
        places[0].best = vec![first];
        Self {
            schedule,
            step,
            start,
            there,
            per_bit: schedule.units_per_bit()[port],
            places,
        }
    }

    /// The states of a place.
    fn states(&self, place: usize) -> usize {
        let slices = self.schedule.slices as usize + 1;
        slices.pow(u32::try_from(self.places[place].tensors.len()).unwrap_or(0))
    }

    /// The slices of a state.
    fn slices(&self, place: usize, state: usize) -> Slices {
        let base = self.schedule.slices as usize + 1;
        let mut left = state;
        let tensors = self.places[place].tensors.iter();
        let own = tensors.map(|_| {
            let slices = left % base;
            left /= base;
            u32::try_from(slices).unwrap_or(0)
        });
        own.collect()
    }

    /// Slices can be dropped, and who is further ahead can be less far ahead in the same time.
    fn let_go(&mut self, place: usize) {
        let base = self.schedule.slices as usize + 1;
        for state in (0..self.places[place].best.len()).rev() {
            let own = &mut self.places[place].best[state];
            for level in (1..own.len()).rev() {
                own[level - 1] = own[level - 1].min(own[level]);
            }
            if own.is_empty() {
                continue;
            }
            let own = own.clone();
            let mut weight = 1;
            for _ in 0..self.places[place].tensors.len() {
                if state / weight % base > 0 {
                    let fewer = &mut self.places[place].best[state - weight];
                    if fewer.is_empty() {
                        fewer.clone_from(&own);
                    } else {
                        let both = fewer.iter_mut().zip(&own);
                        both.for_each(|(fewer, own)| *fewer = (*fewer).min(*own));
                    }
                }
                weight *= base;
            }
        }
    }

    /// Bytes of slices that are there before or after.
    fn bytes(&self, before: &Held, after: &Held) -> u64 {
        let of = |held: &Held, tensor: usize| {
            let own = held.iter().find(|own| own.0 == tensor);
            own.map_or(0, |own| own.1)
        };
        let mut tensors: Vec<usize> = before.iter().chain(after).map(|own| own.0).collect();
        tensors.sort_unstable();
        tensors.dedup();
        let bytes = tensors.into_iter().map(|tensor| {
            let slices = of(before, tensor).max(of(after, tensor));
            self.schedule.slice_bytes(tensor) * u64::from(slices)
        });
        bytes.sum()
    }

    /// Extends what leads to the first place of ways by each of them.
    fn extend(&mut self, own: &Alike) {
        let (first, end) = (own.first, own.end);
        if self.places[end].best.is_empty() {
            self.places[end].best = vec![Vec::new(); self.states(end)];
        }
        for state in 0..self.places[first].best.len() {
            let Some((room, target)) = self.leads(own, state) else {
                continue;
            };
            let mut to = std::mem::take(&mut self.places[end].best[target]);
            if to.is_empty() {
                to = vec![NOWHERE; self.there[end].end];
            }
            let from = &self.places[first].best[state];
            for way in &own.ways {
                let Some(free) = room.checked_sub(way.bytes) else {
                    continue;
                };
                let [before, after] = [first, end].map(|place| self.levels(place, free));
                let cost = (way.units, way.moved);
                extend(
                    (from, before),
                    cost,
                    (self.step, self.per_bit),
                    (&mut to, after),
                );
            }
            self.places[end].best[target] = to;
        }
    }

    /// The bytes that are left beside what stays while ways run from a state, and the state to which they lead;
    /// `None` where they cannot.
    fn leads(&self, own: &Alike, state: usize) -> Option<(u64, usize)> {
        if self.places[own.first].best[state].is_empty() {
            return None;
        }
        let slices = self.slices(own.first, state);
        let all = self.places[own.first].tensors.iter().copied().zip(slices);
        let held: Held = all.collect();
        if !own.before.iter().all(|asked| held.contains(asked)) {
            return None;
        }
        let bytes = self.bytes(&held, &own.after);
        let room = self.schedule.capacity.0.checked_sub(bytes)?;
        Some((room, self.target(own.end, &held, &own.after)))
    }

    /// The state of a place with what was there before and what is new.
    fn target(&self, place: usize, held: &Held, new: &Held) -> usize {
        let base = self.schedule.slices as usize + 1;
        let (mut state, mut weight) = (0, 1);
        for tensor in &self.places[place].tensors {
            let all = new.iter().chain(held);
            let slices = all.clone().find(|own| own.0 == *tensor);
            state += slices.map_or(0, |own| own.1 as usize) * weight;
            weight *= base;
        }
        state
    }

    /// The levels of a place for which there is room.
    fn levels(&self, place: usize, free: u64) -> Range<usize> {
        let bits = u128::from(free) * 8 * u128::from(self.schedule.slices);
        let level = |bits: u128| usize::try_from(bits).unwrap_or(0);
        let own = &self.there[place];
        let lowest = self.start.saturating_sub(level(bits.div_ceil(self.step)));
        let highest = self.start + level(bits / self.step) + 1;
        own.start.max(lowest)..own.end.min(highest)
    }
}
