//! A genetic algorithm over tiles, orders and what is spread.
//!
//! GAMMA (Kao & Krishna 2020, ICCAD, section IV): a genome holds for every level the dimensions
//! that it spreads, the order of its loops and its tile extents, which are any integers. Parents
//! exchange tiles and orders of a dimension (crossover); mutation changes a tile, swaps two loops
//! of an order (reorder) or spreads another dimension; the best genomes stay. The number of levels
//! is the hardware's, so that growth and aging, which change it, have nothing to do here.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::problem::{Dim, LoopNest, Node, PerDim, Role};

use super::super::Mapper;
use super::super::trial::{Score, Trial};
use super::candidate::{Candidate, from_loops};
use super::random::drawn;
use super::spread;

/// The mapper, in the space of its publication or in the full one.
#[derive(Debug)]
pub struct Genetic {
    /// Whether each operand has extents of its own.
    pub wide: bool,
}

/// Genomes of a generation.
const POPULATION: usize = 40;
/// Those that stay as they are.
const ELITE: usize = 4;
/// Those that become parents.
const PARENTS: usize = 16;
/// Probabilities of a child's changes.
const CROSSOVER: f64 = 0.5;
const MUTATE_TILE: f64 = 0.7;
const MUTATE_SPREAD: f64 = 0.3;
const REORDER: f64 = 0.4;

impl Mapper for Genetic {
    fn name(&self) -> &'static str {
        if self.wide { "genetic-wide" } else { "genetic" }
    }

    fn description(&self) -> &'static str {
        "genetic algorithm over tiles, orders and parallelism (GAMMA, Kao & Krishna 2020, IV)"
    }

    fn space(&self) -> &'static str {
        if self.wide {
            "all extents, per operand"
        } else {
            "all extents, one box per memory"
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("population", POPULATION.to_string()),
            ("elite", ELITE.to_string()),
            ("parents", PARENTS.to_string()),
            ("crossover", CROSSOVER.to_string()),
            ("mutate_tile", MUTATE_TILE.to_string()),
            ("mutate_spread", MUTATE_SPREAD.to_string()),
            ("reorder", REORDER.to_string()),
        ]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let mut rng = ChaCha8Rng::seed_from_u64(trial.seed);
        let mut population: Vec<Genome> = (0..POPULATION)
            .map(|_| Genome::random(&mut rng, trial, self.wide))
            .collect();
        while !trial.is_over() {
            for genome in &mut population {
                if !genome.evaluated {
                    genome.score = trial.offer(genome.mapping(trial));
                    genome.evaluated = true;
                }
            }
            // Those that do not fit come last.
            population.sort_by_key(|genome| (genome.score.is_none(), genome.score));
            population = next_generation(&mut rng, trial, &population, self.wide);
        }
    }
}

fn next_generation(
    rng: &mut ChaCha8Rng,
    trial: &Trial<'_>,
    ranked: &[Genome],
    wide: bool,
) -> Vec<Genome> {
    let mut next: Vec<Genome> = ranked[..ELITE].to_vec();
    while next.len() < POPULATION {
        let mut child = ranked[rng.random_range(0..PARENTS)].clone();
        child.evaluated = false;
        if rng.random_bool(CROSSOVER) {
            let other = &ranked[rng.random_range(0..PARENTS)];
            child.cross(rng, other, trial.operation.dims());
        }
        child.mutate(rng, trial, wide);
        next.push(child);
    }
    next
}

/// A candidate with the order of all loops of each level.
#[derive(Clone, Debug)]
struct Genome {
    candidate: Candidate,
    /// For each memory the order of the loops above its tile, outermost first.
    loops: Vec<Vec<Dim>>,
    /// Whether its score is known.
    evaluated: bool,
    /// Its score; `None` if it is not valid.
    score: Option<Score>,
}

impl Genome {
    fn random(rng: &mut ChaCha8Rng, trial: &Trial<'_>, wide: bool) -> Self {
        let mut candidate = Candidate::smallest(trial.hardware);
        let loops = candidate.stores.iter().map(|_| {
            let mut order = trial.operation.dims().to_vec();
            order.shuffle(rng);
            order
        });
        let loops = loops.collect();
        spread_at_random(rng, trial, &mut candidate);
        let mut genome = Self {
            candidate,
            loops,
            evaluated: false,
            score: None,
        };
        // Tiles of one element fit; changes make the genomes differ.
        genome.mutate(rng, trial, wide);
        genome
    }

    fn mapping(&self, trial: &Trial<'_>) -> crate::problem::Mapping {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let mut candidate = self.candidate.clone();
        // A tile is that of one element there, and all of them are fed.
        candidate.feed();
        let mut around = operation.extents;
        for (store, loops) in candidate.stores.iter_mut().zip(&self.loops) {
            let extent = |d: Dim| {
                Role::ALL
                    .map(|r| store.tiles[r as usize][d])
                    .into_iter()
                    .min()
            };
            let moving: Vec<Dim> = (loops.iter().copied())
                .filter(|&d| extent(d).is_some_and(|e| e < around[d]))
                .collect();
            around = PerDim(Dim::ALL.map(|d| extent(d).unwrap_or(1).min(around[d])));
            (store.order, store.slide) = from_loops(operation, &moving, &store.order);
        }
        candidate.mapping(operation, hardware)
    }

    /// Takes the tiles of a dimension, or a level's order, or all that is spread from another.
    fn cross(&mut self, rng: &mut ChaCha8Rng, other: &Self, dims: &[Dim]) {
        if self.loops.is_empty() {
            return;
        }
        let level = rng.random_range(0..self.loops.len());
        match rng.random_range(0..3) {
            0 => {
                let d = dims[rng.random_range(0..dims.len())];
                for (own, theirs) in (self.candidate.stores.iter_mut()).zip(&other.candidate.stores)
                {
                    for (tile, their) in own.tiles.iter_mut().zip(&theirs.tiles) {
                        tile[d] = their[d];
                    }
                }
            }
            1 => self.loops[level].clone_from(&other.loops[level]),
            _ => self.candidate.spatial.clone_from(&other.candidate.spatial),
        }
    }

    fn mutate(&mut self, rng: &mut ChaCha8Rng, trial: &Trial<'_>, wide: bool) {
        let operation = trial.operation;
        let dims: Vec<Dim> = Dim::ALL
            .into_iter()
            .filter(|&d| operation.extents[d] > 1)
            .collect();
        if dims.is_empty() || self.loops.is_empty() {
            return;
        }
        let level = rng.random_range(0..self.loops.len());
        while rng.random_bool(MUTATE_TILE) {
            let level = rng.random_range(0..self.loops.len());
            let d = dims[rng.random_range(0..dims.len())];
            draw_tile(rng, operation, &mut self.candidate, level, d, wide);
        }
        if rng.random_bool(REORDER) {
            let order = &mut self.loops[level];
            let all = order.len();
            let (i, j) = (rng.random_range(0..all), rng.random_range(0..all));
            order.swap(i, j);
            turn(rng, trial, &mut self.candidate, level);
        }
        if rng.random_bool(MUTATE_SPREAD) {
            spread_at_random(rng, trial, &mut self.candidate);
        }
    }
}

/// Lets an operand that may go around a memory do so, or stop doing so, or changes what is overlapped.
fn turn(rng: &mut ChaCha8Rng, trial: &Trial<'_>, candidate: &mut Candidate, index: usize) {
    let store = &mut candidate.stores[index];
    let level = store.level;
    let Some(memory) = trial.hardware.memory(level) else {
        return;
    };
    let role = Role::ALL[rng.random_range(0..3)];
    let may_bypass = trial.operation.may_bypass(memory, Node { level, role });
    if memory.may_keep(role) && may_bypass {
        match store.order.iter().position(|&r| r == role) {
            Some(place) => drop(store.order.remove(place)),
            None => store.order.push(role),
        }
    }
    store.doubled ^= rng.random_bool(0.2);
}

/// Draws a tile extent: for all operands together, or for one of them.
fn draw_tile(
    rng: &mut ChaCha8Rng,
    operation: &LoopNest,
    candidate: &mut Candidate,
    level: usize,
    d: Dim,
    wide: bool,
) {
    let place = candidate.stores[level].level;
    let most = operation.extents[d].div_ceil(candidate.spread_above(place, d));
    let extent = drawn(rng, most);
    if wide && rng.random_bool(0.5) {
        let role = Role::ALL[rng.random_range(0..3)];
        candidate.stores[level].tiles[role as usize][d] = extent;
    } else {
        candidate.set(level, d, extent);
    }
}

/// Spreads on each axis a dimension drawn at random as far as it goes, or a part of it.
fn spread_at_random(rng: &mut ChaCha8Rng, trial: &Trial<'_>, candidate: &mut Candidate) {
    let (operation, hardware) = (trial.operation, trial.hardware);
    candidate.spatial = Candidate::smallest(hardware).spatial;
    for (number, (_, array)) in hardware.arrays().enumerate() {
        for (axis, own) in array.axes.iter().enumerate() {
            let mut dims: Vec<Dim> = own.dims.iter().collect();
            dims.shuffle(rng);
            let mut left = own.size;
            for d in dims.into_iter().take(2) {
                let axes = &candidate.spatial[number].axes;
                let elsewhere = axes.iter().any(|axis| axis[d] > 1);
                let rest = operation.extents[d].div_ceil(spread::spread(&candidate.spatial)[d]);
                if elsewhere && !array.split_dims {
                    continue;
                }
                let mut factor = spread::factor(rest, left, false);
                if rng.random_bool(0.2) {
                    factor = drawn(rng, factor);
                }
                candidate.spatial[number].axes[axis][d] = factor;
                left /= factor;
            }
        }
    }
}
