//! Gradient descent on a continuous relaxation, with rounding.
//!
//! DOSA (Hong et al. 2023, MICRO, sections 4 and 5; only its search for mappings, on hardware
//! that is given): from random factors Adam descends the relaxed cycles (`relaxed`); every so many
//! steps the factors are rounded from the innermost out to the nearest ones that divide what is
//! left (section 5.3.1), the loop orders that suit best are chosen (section 5.2.2), the mapping is
//! scored, and the descent goes on from there; after some rounds it starts anew. Where a rounded
//! tile does not fit, its largest extent is halved until it does: DOSA sizes the memories instead.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::problem::{Dim, Mapping, PerDim, Role};

use super::super::Mapper;
use super::super::trial::Trial;
use super::candidate::Candidate;
use super::climb;
use super::numbers::{divisors, log, nearest};
use super::relaxed::{Factor, Relaxed};

/// The mapper, in the space of its publication or in the full one.
#[derive(Debug)]
pub struct Gradient {
    /// Whether factors are any integers.
    pub wide: bool,
}

/// Steps between roundings.
const STEPS: usize = 100;
/// Roundings before a new start.
const ROUNDS: usize = 3;
/// Step size of Adam, in logarithms.
const RATE: f64 = 0.05;
/// Halvings of a tile that does not fit.
const HALVINGS: usize = 60;

impl Mapper for Gradient {
    fn name(&self) -> &'static str {
        if self.wide {
            "gradient-wide"
        } else {
            "gradient"
        }
    }

    fn description(&self) -> &'static str {
        "gradient descent on a continuous relaxation, with rounding (DOSA, Hong et al. 2023, 4-5)"
    }

    fn space(&self) -> &'static str {
        if self.wide {
            "all extents, one box per memory"
        } else {
            "divisors, one box per memory"
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("steps", STEPS.to_string()),
            ("rounds", ROUNDS.to_string()),
            ("rate", RATE.to_string()),
        ]
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let (operation, hardware) = (trial.operation, trial.hardware);
        let relaxed = Relaxed::new(operation, hardware);
        let mut rng = ChaCha8Rng::seed_from_u64(trial.seed);
        let stores = hardware.memories().count() - 1;
        while !trial.is_over() {
            let mut x = start(&mut rng, trial, &relaxed);
            let mut stays = vec![Role::Output; stores];
            for _ in 0..ROUNDS {
                descend(trial, &relaxed, &mut x, &stays);
                let mut candidate = self.rounded(trial, &relaxed, &x);
                if fit(trial, &mut candidate) {
                    climb::settle(trial, &mut candidate);
                    let first = candidate.stores.iter().map(|s| s.order.first().copied());
                    stays = first.map(|role| role.unwrap_or(Role::Output)).collect();
                    x = logs(&relaxed, &candidate);
                }
            }
            // An operation of one step has nothing to descend.
            if relaxed.factors.is_empty() {
                return;
            }
        }
    }
}

/// Random factors: each dimension's logarithm is dealt to its places and to the outermost loops.
fn start(rng: &mut ChaCha8Rng, trial: &Trial<'_>, relaxed: &Relaxed<'_>) -> Vec<f64> {
    let mut x = vec![0.0; relaxed.factors.len()];
    for d in Dim::ALL {
        let places: Vec<usize> = (0..x.len())
            .filter(|&i| dim(relaxed.factors[i]) == d)
            .collect();
        let weights: Vec<f64> = (0..=places.len())
            .map(|_| rng.random_range(0.0..1.0))
            .collect();
        let total: f64 = weights.iter().sum::<f64>().max(1e-9);
        for (&place, weight) in places.iter().zip(&weights) {
            x[place] = log(trial.operation.extents[d]) * weight / total;
        }
    }
    x
}

fn dim(factor: Factor) -> Dim {
    match factor {
        Factor::Temporal(_, d) | Factor::Spatial(.., d) => d,
    }
}

/// Adam (Kingma & Ba 2015, algorithm 1) with its usual constants.
fn descend(trial: &mut Trial<'_>, relaxed: &Relaxed<'_>, x: &mut [f64], stays: &[Role]) {
    const DECAY: [f64; 2] = [0.9, 0.999];
    let (mut mean, mut square) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let mut powers = DECAY;
    for _ in 0..STEPS {
        if trial.is_over() {
            return;
        }
        trial.spend(1);
        let gradient = relaxed.gradient(x, stays);
        for (i, g) in gradient.iter().enumerate() {
            mean[i] = DECAY[0] * mean[i] + (1.0 - DECAY[0]) * g;
            square[i] = DECAY[1] * square[i] + (1.0 - DECAY[1]) * g * g;
            let step = mean[i] / (1.0 - powers[0]);
            let scale = (square[i] / (1.0 - powers[1])).sqrt() + 1e-8;
            x[i] = (x[i] - RATE * step / scale).max(0.0);
        }
        powers = [powers[0] * DECAY[0], powers[1] * DECAY[1]];
    }
}

impl Gradient {
    /// Factors rounded from the innermost out, each to what its dimension has left.
    fn rounded(&self, trial: &Trial<'_>, relaxed: &Relaxed<'_>, x: &[f64]) -> Candidate {
        let mut candidate = Candidate::smallest(trial.hardware);
        let mut left = trial.operation.extents;
        let round = |left: u64, value: f64| {
            if self.wide {
                return nearest(value.exp()).min(left);
            }
            let near = |f: &u64| (log(*f) - value).abs();
            let all = divisors(left).into_iter();
            all.min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(1)
        };
        let mut spatial: Vec<(f64, Factor)> = Vec::new();
        for (&factor, &value) in relaxed.factors.iter().zip(x) {
            if matches!(factor, Factor::Spatial(..)) {
                spatial.push((value, factor));
            }
        }
        // The largest first: a dimension uses one axis of an array, if it may not use several.
        spatial.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (value, factor) in spatial {
            if let Factor::Spatial(_, number, axis, d) = factor {
                let Some((_, array)) = trial.hardware.arrays().nth(number) else {
                    continue;
                };
                let axes = &mut candidate.spatial[number].axes;
                let elsewhere = axes.iter().any(|own| own[d] > 1);
                let used: u64 = axes[axis].0.iter().product();
                let room = array.axes[axis].size / used;
                let own = round(left[d], value);
                let own = if own > room {
                    round(left[d], log(room))
                } else {
                    own
                };
                if own > 1 && own <= room && (array.split_dims || !elsewhere) {
                    axes[axis][d] = own;
                    left[d] = if self.wide {
                        left[d].div_ceil(own)
                    } else {
                        left[d] / own
                    };
                }
            }
        }
        let mut inside = PerDim::all(1_u64);
        for index in (0..candidate.stores.len()).rev() {
            let level = candidate.stores[index].level;
            for (&factor, &value) in relaxed.factors.iter().zip(x) {
                if let Factor::Temporal(memory, d) = factor
                    && memory == index
                {
                    let own = round(left[d], value);
                    inside[d] *= own;
                    left[d] = if self.wide {
                        left[d].div_ceil(own)
                    } else {
                        left[d] / own
                    };
                }
            }
            for d in Dim::ALL {
                let extent = inside[d].saturating_mul(candidate.spread_below(level, d));
                candidate.set(index, d, extent.min(trial.operation.extents[d]));
            }
        }
        candidate
    }
}

/// Halves the largest extents of memories that are too full until the tiles fit; whether they do.
fn fit(trial: &mut Trial<'_>, candidate: &mut Candidate) -> bool {
    let any = |_: &Mapping| true;
    for _ in 0..HALVINGS {
        if climb::offer(trial, candidate, &any).is_some() {
            return true;
        }
        if trial.is_over() {
            return false;
        }
        let mut largest: Option<(u64, usize, Dim)> = None;
        for (index, store) in candidate.stores.iter().enumerate() {
            for d in Dim::ALL {
                let above = candidate.spread_below(store.level, d);
                let own = store.tiles[0][d].div_ceil(above);
                if own > 1 && largest.is_none_or(|l| own >= l.0) {
                    largest = Some((own, index, d));
                }
            }
        }
        let Some((own, index, d)) = largest else {
            return false;
        };
        let below = candidate.spread_below(candidate.stores[index].level, d);
        let smaller = divisors(own)
            .into_iter()
            .rev()
            .find(|&e| e < own)
            .unwrap_or(1);
        // Memories further in hold no more.
        for inner in index..candidate.stores.len() {
            let now = candidate.stores[inner].tiles[0][d];
            candidate.set(inner, d, now.min(smaller * below));
        }
    }
    false
}

/// The factors of a candidate as a point of the relaxation.
fn logs(relaxed: &Relaxed<'_>, candidate: &Candidate) -> Vec<f64> {
    let trips = |memory: usize, d: Dim| {
        let store = &candidate.stores[memory];
        let own = log(store.tiles[0][d]) - log(candidate.spread_below(store.level, d));
        let next = candidate.stores.get(memory + 1).map_or(0.0, |inner| {
            log(inner.tiles[0][d]) - log(candidate.spread_below(inner.level, d))
        });
        (own - next).max(0.0)
    };
    let of = |factor: &Factor| match *factor {
        Factor::Temporal(memory, d) => trips(memory, d),
        Factor::Spatial(_, number, axis, d) => log(candidate.spatial[number].axes[axis][d]),
    };
    relaxed.factors.iter().map(of).collect()
}
