//! The mappings of a loop nest in ever less shared memory, from which its modes come.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{
    ModeOptions, NestModes, RoleMode, least, of_cost, of_cycles, of_given, undominated,
    without_outer_ports,
};
use crate::cost;
use crate::exact::{self, SolveOptions, TieBreak};
use crate::memory::known::{KnownMapping, gap};
use crate::memory::tuning::{LEAST_MEMORY, WORTH_INSIDE};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Solution, Status};
use crate::problem::{Bits, Bytes, Fixed, Hardware, Level, LoopNest, RoleSet};

/// Cycles by which the ports of one layer and what waits for each operand are rounded up, all together
/// less than so many.
const ROUNDED_UP: u128 = 4;

/// What is mapped: a loop nest, with what is fixed of its mappings and what is known of it.
#[derive(Clone, Debug)]
pub(in crate::memory) struct Asked<'a> {
    pub(in crate::memory) nest: &'a LoopNest,
    pub(in crate::memory) fixed: Arc<Vec<Fixed>>,
    pub(in crate::memory) known: Option<&'a KnownMapping>,
}

/// The mappings of a loop nest by descending capacity: the known one first, then each in the largest
/// power of two that is below what the one before takes, as between these nothing is faster.
#[derive(Clone, Debug)]
pub(in crate::memory) struct Ladder<'a> {
    asked: Asked<'a>,
    /// The hardware on which it is mapped, and where its shared memory stands, right inside the outermost
    /// one.
    hardware: Hardware,
    shared: usize,
    solve: SolveOptions,
    /// What is left of the time for all mappings together; `None` where each may take its own.
    left: Option<Duration>,
    /// The capacity of the next mapping; `None` where there is none further.
    next: Option<Bytes>,
    /// Nothing is looked for in less: it would free no more.
    least: Bytes,
    /// Memories in which another mapping may take fewer cycles inside than these, and was not looked for yet.
    slow_inside: Vec<(Bytes, u128)>,
    found: NestModes,
}

impl<'a> Ladder<'a> {
    /// The known mapping, or the mappings that are given in place of all others.
    pub(in crate::memory) fn begin(
        asked: Asked<'a>,
        (hardware, shared): (&Hardware, usize),
        options: &ModeOptions,
    ) -> Self {
        let mut own = hardware.clone();
        // What lies in the shared memory must be read from there.
        if let Some(Level::Memory(memory)) = own.levels.get_mut(shared) {
            memory.bypass = RoleSet::NONE;
        }
        let all = own.memory(shared).and_then(|memory| memory.capacity);
        let mut ladder = Self {
            solve: SolveOptions {
                fixed: Arc::clone(&asked.fixed),
                ..of_cycles(&options.solve)
            },
            left: options.together,
            asked,
            next: all,
            least: Bytes(all.map_or(0, |all| all.0 / LEAST_MEMORY)),
            hardware: own,
            shared,
            slow_inside: Vec::new(),
            found: NestModes::default(),
        };
        let (nest, own) = (ladder.asked.nest, &ladder.hardware);
        if let Some(given) = &options.given {
            let what = (nest, &ladder.asked.fixed);
            ladder.found = of_given(what, (own, shared), given, &options.solve);
            ladder.next = None;
            return ladder;
        }
        ladder.found.least = Some(ladder.least());
        let own = &ladder.hardware;
        let known = ladder.asked.known;
        let known = known.and_then(|k| Some((k, cost::evaluate(nest, own, &k.mapping).ok()?)));
        if let Some((known, cost)) = known {
            let modes = of_cost(nest, own, shared, &cost);
            let inside = inside(&modes);
            ladder.found.add(&known.mapping, modes, known.gap);
            ladder.found.alone_cycles = known.bound_cycles.saturating_sub(ROUNDED_UP);
            ladder.note_inside(inside);
            if options.solve.objective == Measure::Cycles {
                let next = ladder.next.and_then(|all| below(&cost, shared, all));
                ladder.next = next;
            }
        }
        ladder
    }

    /// A search on the hardware as it is or with ports of its own. Of the time for all together it may take
    /// half of what is left, so that there is some for every other.
    fn search(&mut self, hardware: &Hardware, solve: SolveOptions) -> Solution {
        let begin = Instant::now();
        let half = self.left.map(|left| left / 2);
        let solve = SolveOptions {
            time_limit: solve.time_limit.into_iter().chain(half).min(),
            ..solve
        };
        let solution = exact::solve(self.asked.nest, hardware, &solve);
        self.left = self.left.map(|left| left.saturating_sub(begin.elapsed()));
        solution
    }

    /// A mode that is in nothing worse than any.
    fn least(&mut self) -> RoleMode {
        let unlimited = without_outer_ports(&self.hardware, self.shared);
        let solve = SolveOptions {
            tie_break: TieBreak::Off,
            known_bound: 0,
            ..self.solve.clone()
        };
        let interrupted = solve.interrupt.load(Ordering::Relaxed);
        let proved = (!interrupted).then(|| self.search(&unlimited, solve).bound_cycles);
        let known_cycles = proved.unwrap_or_default();
        least(self.asked.nest, &self.hardware, self.shared, known_cycles)
    }

    /// The loop nest, and what is fixed of its mappings.
    pub(in crate::memory) fn key(&self) -> (&'a LoopNest, Arc<Vec<Fixed>>) {
        (self.asked.nest, Arc::clone(&self.asked.fixed))
    }

    /// Goes on until so many mappings were looked for, at least one in all.
    pub(in crate::memory) fn extend(&mut self, most: usize, options: &ModeOptions) {
        while self.found.counts.of < most.max(1) {
            let Some(bytes) = self.next.filter(|own| *own >= self.least) else {
                break;
            };
            self.step(bytes, options);
        }
    }

    /// One mapping further, in a memory of so many bytes.
    fn step(&mut self, bytes: Bytes, options: &ModeOptions) {
        if options.solve.interrupt.load(Ordering::Relaxed) {
            // Nothing begins any more; that the list is not complete, the counts say.
            self.found.counts.missing();
            self.next = None;
            return;
        }
        self.set_capacity(bytes);
        let solution = self.search(&self.hardware.clone(), self.solve.clone());
        let (nest, hardware, shared) = (self.asked.nest, &self.hardware, self.shared);
        let found = &mut self.found;
        if found.modes.is_empty() {
            found.alone_cycles = solution.bound_cycles.saturating_sub(ROUNDED_UP);
        }
        self.next = match &solution.best {
            Some((mapping, cost)) => {
                let gap = gap(solution.status(), solution.bound_cycles, cost.cycles);
                let modes = of_cost(nest, hardware, shared, cost);
                let inside = inside(&modes);
                found.add(mapping, modes, gap);
                self.note_inside(inside);
                below(cost, shared, bytes)
            }
            // [PRU36] What does not fit here does not fit in less.
            None if solution.status() == Status::Infeasible => {
                smaller(bytes).filter(|_| !options.switches.smaller_memories)
            }
            None => {
                found.counts.missing();
                None
            }
        };
    }

    /// Notes a mapping that takes so many cycles inside, with the memory that it had, if another one may take
    /// fewer where no outer port has a limit.
    fn note_inside(&mut self, own: u128) {
        let least = self.found.least.as_ref().map_or(0, |least| least.cycles);
        let capacity = self
            .hardware
            .memory(self.shared)
            .and_then(|own| own.capacity);
        if is_worth(least, own) {
            self.slow_inside.extend(capacity.map(|bytes| (bytes, own)));
        }
    }

    /// Beside the mappings so far those that take fewer cycles where no outer port has a limit: what is
    /// resident does not wait for them, and among mappings that the ports make equally fast no search
    /// looks at what else takes time.
    pub(in crate::memory) fn add_fastest_inside(&mut self, options: &ModeOptions) {
        let nest = self.asked.nest;
        for (bytes, own) in std::mem::take(&mut self.slow_inside) {
            if options.solve.interrupt.load(Ordering::Relaxed) {
                return;
            }
            self.set_capacity(bytes);
            let unlimited = without_outer_ports(&self.hardware, self.shared);
            let Some((mapping, _)) = self.search(&unlimited, self.solve.clone()).best else {
                continue;
            };
            let Ok(cost) = cost::evaluate(nest, &self.hardware, &mapping) else {
                continue;
            };
            let modes = of_cost(nest, &self.hardware, self.shared, &cost);
            if is_worth(inside(&modes), own) {
                self.found.modes.extend(modes);
                self.found.mappings.push(mapping);
            }
        }
    }

    /// The hardware from now on with so many bytes of the shared memory.
    fn set_capacity(&mut self, bytes: Bytes) {
        if let Some(Level::Memory(memory)) = self.hardware.levels.get_mut(self.shared) {
            memory.capacity = Some(bytes);
        }
    }

    /// Whether less memory has been looked at down to where nothing fits, or nothing to speak of is freed.
    pub(in crate::memory) fn is_complete(&self) -> bool {
        self.next.is_none_or(|own| own < self.least)
    }

    /// The modes of the mappings so far; empty where the nest has no mapping.
    pub(in crate::memory) fn modes(&self, options: &ModeOptions) -> NestModes {
        let mut found = self.found.clone();
        if options.switches.mode_dominance {
            found.modes = undominated(found.modes);
        }
        found
    }
}

/// The cycles of everything but the outer ports in the modes of a mapping, which are the same in all.
fn inside(modes: &[RoleMode]) -> u128 {
    modes.first().map_or(0, |mode| mode.cycles)
}

/// Whether so many cycles are enough less than others.
fn is_worth(less: u128, own: u128) -> bool {
    less.saturating_mul(WORTH_INSIDE) < own.saturating_mul(100)
}

/// The largest power of two below what a mapping takes of the shared memory, at most of `all`;
/// `None` where there is none.
fn below(cost: &Cost, shared: usize, all: Bytes) -> Option<Bytes> {
    let memory = cost.memories.iter().find(|m| m.level == shared)?;
    let bits: Bits = memory.occupied.iter().copied().sum();
    let taken = u64::try_from(bits.bytes_ceil()).unwrap_or(u64::MAX);
    smaller(Bytes(taken.min(all.0)))
}

/// The largest power of two below a size; `None` where there is none.
fn smaller(size: Bytes) -> Option<Bytes> {
    let most = size.0.checked_sub(1)?;
    Some(Bytes(1 << most.checked_ilog2()?))
}
