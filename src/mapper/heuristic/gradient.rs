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
use super::numbers::{divisors, even_extents, log};
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
            "even extents, one box per memory"
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
            let open = places(&mut rng, &relaxed);
            let mut x = start(&mut rng, trial, &relaxed, &open);
            let mut stays = vec![Role::Output; stores];
            for _ in 0..ROUNDS {
                descend(trial, &relaxed, &mut x, (&stays, &open));
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

/// Which factors may be above 1 in a descent: a dimension uses one axis of an array, drawn at
/// random, unless it may use several.
fn places(rng: &mut ChaCha8Rng, relaxed: &Relaxed<'_>) -> Vec<bool> {
    let mut open = vec![true; relaxed.factors.len()];
    for (i, &factor) in relaxed.factors.iter().enumerate() {
        let Factor::Spatial(level, number, _, d) = factor else {
            continue;
        };
        let same = |other: &usize| match relaxed.factors[*other] {
            Factor::Spatial(_, n, _, e) => (n, e) == (number, d),
            Factor::Temporal(..) => false,
        };
        let all: Vec<usize> = (0..open.len()).filter(same).collect();
        if all.first() == Some(&i) && !relaxed.splits(level) {
            let chosen = all[rng.random_range(0..all.len())];
            for other in all {
                open[other] = other == chosen;
            }
        }
    }
    open
}

/// Random factors: each dimension's logarithm is dealt to its places and to the outermost loops.
fn start(
    rng: &mut ChaCha8Rng,
    trial: &Trial<'_>,
    relaxed: &Relaxed<'_>,
    open: &[bool],
) -> Vec<f64> {
    let mut x = vec![0.0; relaxed.factors.len()];
    for &d in trial.operation.dims() {
        let own = |i: &usize| open[*i] && dim(relaxed.factors[*i]) == d;
        let places: Vec<usize> = (0..x.len()).filter(own).collect();
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
fn descend(
    trial: &mut Trial<'_>,
    relaxed: &Relaxed<'_>,
    x: &mut [f64],
    (stays, open): (&[Role], &[bool]),
) {
    const DECAY: [f64; 2] = [0.9, 0.999];
    let (mut mean, mut square) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let mut powers = DECAY;
    for _ in 0..STEPS {
        if trial.is_over() {
            return;
        }
        trial.spend(1);
        let gradient = relaxed.gradient(x, stays, open);
        for (i, g) in gradient.iter().enumerate().filter(|(i, _)| open[*i]) {
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
        self.round_spatial(trial, (relaxed, x), &mut candidate, &mut left);
        let mut inside = PerDim::all(1_u64);
        for index in (0..candidate.stores.len()).rev() {
            for (&factor, &value) in relaxed.factors.iter().zip(x) {
                if let Factor::Temporal(memory, d) = factor
                    && memory == index
                {
                    let own = self.nearest(left[d], value, u64::MAX);
                    inside[d] *= own;
                    left[d] = left[d].div_ceil(own);
                }
            }
            let level = candidate.stores[index].level;
            for d in Dim::ALL {
                let extent = inside[d].saturating_mul(candidate.spread_below(level, d));
                candidate.set(index, d, extent.min(trial.operation.extents[d]));
            }
        }
        candidate
    }

    /// Rounds what is spread, the largest factors first: the axes have only so much room.
    fn round_spatial(
        &self,
        trial: &Trial<'_>,
        (relaxed, x): (&Relaxed<'_>, &[f64]),
        candidate: &mut Candidate,
        left: &mut PerDim<u64>,
    ) {
        let mut spatial: Vec<(f64, Factor)> = (x.iter().copied())
            .zip(relaxed.factors.iter().copied())
            .filter(|(value, factor)| *value > 0.0 && matches!(factor, Factor::Spatial(..)))
            .collect();
        spatial.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (value, factor) in spatial {
            let Factor::Spatial(_, number, axis, d) = factor else {
                continue;
            };
            let Some((_, array)) = trial.hardware.arrays().nth(number) else {
                continue;
            };
            let axes = &mut candidate.spatial[number].axes;
            let elsewhere = axes.iter().any(|own| own[d] > 1);
            let used: u64 = axes[axis].0.iter().product();
            if elsewhere && !array.split_dims {
                continue;
            }
            let own = self.nearest(left[d], value, array.axes[axis].size / used);
            axes[axis][d] = own;
            left[d] = left[d].div_ceil(own);
        }
    }

    /// The factor nearest to a logarithm, of those that divide what is left or cut it evenly.
    fn nearest(&self, left: u64, value: f64, room: u64) -> u64 {
        let near = |f: &u64| (log(*f) - value).abs();
        let all = if self.wide {
            even_extents(left)
        } else {
            divisors(left)
        };
        let all = all.into_iter().filter(|&f| f <= room);
        all.min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(1)
    }
}

/// Halves the largest extents of memories that are too full until the tiles fit; whether they do.
fn fit(trial: &mut Trial<'_>, candidate: &mut Candidate) -> bool {
    let any = |_: &Mapping| true;
    for _ in 0..HALVINGS {
        if climb::offer(trial, candidate, &any).is_some() {
            return true;
        }
        let full = trial.overfull();
        let place = candidate
            .stores
            .iter()
            .position(|store| Some(store.level) == full);
        let Some(index) = place.filter(|_| !trial.is_over()) else {
            return false;
        };
        let level = candidate.stores[index].level;
        let own = |d: Dim| {
            let extent = candidate.stores[index].tiles[0][d];
            extent.div_ceil(candidate.spread_below(level, d))
        };
        let largest = Dim::ALL.into_iter().max_by_key(|&d| own(d));
        let Some((d, extent)) = largest.map(|d| (d, own(d))).filter(|l| l.1 > 1) else {
            return false;
        };
        let smaller = divisors(extent)
            .into_iter()
            .rev()
            .find(|&e| e < extent)
            .unwrap_or(1);
        // Memories further in hold no more.
        for inner in index..candidate.stores.len() {
            let below = candidate.spread_below(candidate.stores[index].level, d);
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
