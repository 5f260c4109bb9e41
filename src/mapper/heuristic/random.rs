//! Random sampling with a victory condition.
//!
//! Timeloop's random-pruned search (Parashar et al. 2019, ISPASS, section V.E; the mapper's
//! `random-pruned` algorithm): prime factors of every dimension go to random levels, temporal or
//! spatial, loops of a level stand in a random order, operands that may go around a memory do so
//! at random. Samples that overfill an axis or a memory are discarded. The search ends when so
//! many valid samples in a row were no improvement.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::problem::{Dim, Hardware, Node, PerDim, Role};

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::{Candidate, from_loops, orders};
use super::numbers::prime_factors;

/// The mapper, in the space of its publication or in the full one.
#[derive(Debug)]
pub struct RandomPruned {
    /// Whether extents are any integers, of each operand its own.
    pub wide: bool,
}

/// Valid samples in a row without improvement after which the search ends: Timeloop's default.
const VICTORY: u32 = 500;

impl Mapper for RandomPruned {
    fn name(&self) -> &'static str {
        if self.wide { "random-wide" } else { "random" }
    }

    fn description(&self) -> &'static str {
        "random-pruned search with a victory condition (Timeloop, Parashar et al. 2019, V.E)"
    }

    fn space(&self) -> &'static str {
        if self.wide {
            "all extents, per operand"
        } else {
            "divisors, one box per memory"
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("victory_condition", VICTORY.to_string())]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let mut rng = ChaCha8Rng::seed_from_u64(trial.seed);
        let mut best = None;
        let mut in_vain = 0;
        while !trial.is_over() && in_vain < VICTORY {
            let candidate = if self.wide {
                wide(&mut rng, trial)
            } else {
                divisors(&mut rng, trial)
            };
            let Some(score) = trial.offer(candidate.mapping(operation, hardware)) else {
                continue;
            };
            if best.is_none_or(|b| score.cycles < b) {
                best = Some(score.cycles);
                in_vain = 0;
            } else {
                in_vain += 1;
            }
        }
    }
}

/// Where a factor can go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Loops above the tile of the memory with this index; those of the last one lie inside it.
    Temporal(usize),
    /// An axis: the array's index among arrays, and the axis.
    Spatial(usize, usize),
}

fn slots(hardware: &Hardware) -> Vec<Slot> {
    let memories = hardware.memories().count();
    let axes = hardware.arrays().enumerate();
    let axes = axes.flat_map(|(i, (_, a))| (0..a.axes.len()).map(move |x| Slot::Spatial(i, x)));
    (0..memories).map(Slot::Temporal).chain(axes).collect()
}

/// A sample of the published space.
pub(super) fn divisors(rng: &mut ChaCha8Rng, trial: &Trial<'_>) -> Candidate {
    let (operation, hardware) = (trial.operation, trial.hardware);
    let mut candidate = Candidate::smallest(hardware);
    let all = slots(hardware);
    // Trips of every dimension between a memory and the one outside it.
    let mut trips = vec![PerDim::all(1_u64); candidate.stores.len() + 1];
    let mut dims = operation.dims().to_vec();
    dims.shuffle(rng);
    for d in dims {
        for p in prime_factors(operation.extents[d]) {
            let open: Vec<Slot> = (all.iter().copied())
                .filter(|slot| has_room(hardware, &candidate, *slot, d, p))
                .collect();
            match open[rng.random_range(0..open.len())] {
                Slot::Temporal(memory) => trips[memory][d] *= p,
                Slot::Spatial(array, axis) => candidate.spatial[array].axes[axis][d] *= p,
            }
        }
    }
    for index in 0..candidate.stores.len() {
        let level = candidate.stores[index].level;
        for d in Dim::ALL {
            let inside: u64 = trips[index + 1..].iter().map(|t| t[d]).product();
            let extent = inside * candidate.spread_below(level, d);
            candidate.set(index, d, extent);
        }
    }
    for (index, own) in trips.iter().enumerate().take(candidate.stores.len()) {
        let mut loops: Vec<Dim> = Dim::ALL.into_iter().filter(|&d| own[d] > 1).collect();
        loops.shuffle(rng);
        keep_some(rng, trial, &mut candidate, index);
        let store = &mut candidate.stores[index];
        (store.order, store.slide) = from_loops(operation, &loops, &store.order);
    }
    candidate
}

/// Whether a factor of a dimension still fits in a slot.
fn has_room(hardware: &Hardware, candidate: &Candidate, slot: Slot, d: Dim, p: u64) -> bool {
    let Slot::Spatial(number, axis) = slot else {
        return true;
    };
    let Some((_, array)) = hardware.arrays().nth(number) else {
        return false;
    };
    let axes = &candidate.spatial[number].axes;
    let used: u64 = axes[axis].0.iter().product();
    let elsewhere = axes
        .iter()
        .enumerate()
        .any(|(i, own)| i != axis && own[d] > 1);
    array.axes[axis].dims.contains(d)
        && used * p <= array.axes[axis].size
        && (array.split_dims || !elsewhere)
}

/// Lets operands that may go around a memory do so at random, and draws what is overlapped.
fn keep_some(rng: &mut ChaCha8Rng, trial: &Trial<'_>, candidate: &mut Candidate, index: usize) {
    let store = &mut candidate.stores[index];
    let level = store.level;
    let Some(memory) = trial.hardware.memory(level) else {
        return;
    };
    let may_go = |role| trial.operation.may_bypass(memory, Node { level, role });
    store
        .order
        .retain(|&role| !may_go(role) || rng.random_bool(0.5));
    store.doubled = rng.random_bool(0.5);
}

/// A sample of the full space: any integers, each operand with extents of its own.
fn wide(rng: &mut ChaCha8Rng, trial: &Trial<'_>) -> Candidate {
    let (operation, hardware) = (trial.operation, trial.hardware);
    let mut candidate = Candidate::smallest(hardware);
    let mut dims = operation.dims().to_vec();
    dims.shuffle(rng);
    for d in dims {
        for (number, (_, array)) in hardware.arrays().enumerate() {
            for axis in 0..array.axes.len() {
                let used: u64 = candidate.spatial[number].axes[axis].0.iter().product();
                let left = operation.extents[d].div_ceil(candidate.spread_above(usize::MAX, d));
                let most = (array.axes[axis].size / used).min(left);
                if most > 1 && has_room(hardware, &candidate, Slot::Spatial(number, axis), d, 1) {
                    candidate.spatial[number].axes[axis][d] = drawn(rng, most);
                }
            }
        }
    }
    let outputs = operation.window_outputs();
    for index in 0..candidate.stores.len() {
        keep_some(rng, trial, &mut candidate, index);
        let level = candidate.stores[index].level;
        let store = &mut candidate.stores[index];
        let all = orders(&store.order);
        store.order.clone_from(&all[rng.random_range(0..all.len())]);
        let slide = rng.random_range(0..=outputs.len());
        store.slide = slide.checked_sub(1).map(|i| outputs[i]);
        for d in Dim::ALL {
            let mut most = operation.extents[d].div_ceil(candidate.spread_above(level, d));
            for role in Role::ALL {
                most = drawn(rng, most);
                let place = candidate.stores[index].order.get(role as usize).copied();
                if let Some(role) = place {
                    candidate.stores[index].tiles[role as usize][d] = most;
                }
            }
        }
    }
    candidate
}

/// A number up to the largest, that one half of the time, else any with an even logarithm.
pub(super) fn drawn(rng: &mut ChaCha8Rng, most: u64) -> u64 {
    if most < 2 || rng.random_bool(0.5) {
        return most;
    }
    let exponent = rng.random_range(0.0..super::numbers::log(most));
    super::numbers::nearest(exponent.exp()).min(most)
}
