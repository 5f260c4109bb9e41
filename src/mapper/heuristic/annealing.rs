//! Simulated annealing over the order of loops.
//!
//! SALSA (Jung, Symons, Mei, Verhelst & Benini 2023, AICAS, section III; the engine in `ZigZag`):
//! the temporal loops are split into prime factors and shuffled; a step swaps two of them, and
//! the memories are filled from the innermost out (`nest`). A step from `now` to `next` cycles is
//! taken with probability exp((now/next − 1)/T), T falling from 0.05 by 0.5 % a step. Each run has
//! 1,000 steps; runs start anew, with the next best spatial loops, while the budget lasts.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::problem::{ArrayMapping, DimSet};

use super::super::Mapper;
use super::super::trial::Trial;
use super::nest::{self, Loop};
use super::spread;

/// The mapper.
#[derive(Debug)]
pub struct Annealing;

/// Steps of a run.
const STEPS: u32 = 1_000;
/// Temperature to begin with.
const TEMPERATURE: f64 = 0.05;
/// Factor of the temperature after each step.
const COOLING: f64 = 0.995;
/// Spatial loops that are tried, as many as `ZigZag` generates by default.
const SPREADS: usize = 3;

impl Mapper for Annealing {
    fn name(&self) -> &'static str {
        "annealing"
    }

    fn description(&self) -> &'static str {
        "simulated annealing over the order of loops (SALSA, Jung et al. 2023, III)"
    }

    fn space(&self) -> &'static str {
        "prime factors, per operand"
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("steps", STEPS.to_string()),
            ("temperature", TEMPERATURE.to_string()),
            ("cooling", COOLING.to_string()),
            ("spatial_loops", SPREADS.to_string()),
        ]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let mut rng = ChaCha8Rng::seed_from_u64(trial.seed);
        let all = spread::options(trial.operation, trial.hardware, DimSet::ALL, false, SPREADS);
        for spatial in all.iter().cycle() {
            if trial.is_over() {
                return;
            }
            run(trial, &mut rng, spatial);
        }
    }
}

/// One run with given spatial loops.
fn run(trial: &mut Trial<'_>, rng: &mut ChaCha8Rng, spatial: &[ArrayMapping]) {
    let mut now = nest::prime_loops(trial.operation, spatial);
    now.shuffle(rng);
    let mut cycles = cycles_of(trial, spatial, &now);
    let mut temperature = TEMPERATURE;
    for _ in 0..STEPS {
        if trial.is_over() || now.len() < 2 {
            return;
        }
        let mut next = now.clone();
        let (i, j) = (
            rng.random_range(0..now.len()),
            rng.random_range(0..now.len()),
        );
        next.swap(i, j);
        let after = cycles_of(trial, spatial, &next);
        let worse = if after.is_finite() {
            cycles / after - 1.0
        } else {
            -1.0
        };
        let accept = (worse / temperature).exp();
        if rng.random_range(0.0..1.0) < accept || cycles.is_infinite() {
            (now, cycles) = (next, after);
        }
        temperature *= COOLING;
    }
}

/// The cycles of an order of loops; infinite where it does not fit.
#[expect(clippy::cast_precision_loss, reason = "compared as ratios")]
pub(super) fn cycles_of(trial: &mut Trial<'_>, spatial: &[ArrayMapping], loops: &[Loop]) -> f64 {
    let (operation, hardware) = (trial.operation, trial.hardware);
    let Some(candidate) = nest::allocate(operation, hardware, spatial, loops) else {
        trial.spend(1);
        return f64::INFINITY;
    };
    let score = trial.offer(candidate.mapping(operation, hardware));
    score.map_or(f64::INFINITY, |score| score.cycles as f64)
}
