//! Simulated annealing, from many starts.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::problem::{Dim, Hardware, Mapping, ProblemError};

use super::super::tuning::{
    LOCAL_COLD, LOCAL_POOL, LOCAL_PROBE_HEAT, LOCAL_PROBE_STEPS, LOCAL_PROBES, LOCAL_REPAIRS,
    LOCAL_RUN_HEATS, LOCAL_RUN_STEPS, LOCAL_SPREADS, LOCAL_WORK,
};
use super::extents::shrink;
use super::ground::Ground;
use super::neighbour::{Common, neighbour};
use super::settle::settle;
use super::starts::{few_steps, smallest, with_spread};

/// What a mapping is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It is one of the space; about the logarithm of what is minimised.
    Score(f64),
    /// Its tiles do not fit in the memory at this level.
    Overfull(usize),
    /// It is none of the space.
    Useless,
}

impl Verdict {
    /// What an error of the evaluator says.
    #[must_use]
    pub fn of(error: &ProblemError, hardware: &Hardware) -> Self {
        let ProblemError::Capacity { memory, .. } = error else {
            return Verdict::Useless;
        };
        let mut all = hardware.memories();
        let full = all.find(|(_, own)| own.name == *memory);
        full.map_or(Verdict::Useless, |(level, _)| Verdict::Overfull(level))
    }

    /// The score, if there is one.
    fn score(self) -> Option<f64> {
        match self {
            Verdict::Score(score) => Some(score),
            Verdict::Overfull(_) | Verdict::Useless => None,
        }
    }
}

/// What judges mappings.
pub trait Judge {
    /// What a mapping is worth.
    fn judge(&mut self, mapping: &Mapping) -> Verdict;

    /// Whether nothing better can be found, or all that may be spent is spent.
    fn is_over(&mut self) -> bool;
}

/// The score of a mapping: the logarithm of what is minimised, and a little of that of all busy cycles
/// together.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "compared as ratios")]
pub fn weighed(value: f64, work: u128) -> f64 {
    value.max(f64::MIN_POSITIVE).ln() + LOCAL_WORK * (work.max(1) as f64).ln()
}

/// How long a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Seed of its choices.
    pub seed: u64,
    /// Neighbours that it looks at.
    pub steps: u64,
}

/// A mapping and its score.
type Scored = (f64, Mapping);

/// Looks for better mappings, beginning with a first one. The judge sees all that are found.
///
/// Short runs from starts with other spatial loops, which they keep, say which of these are worth
/// more. Longer runs follow from the best mappings that those came by, by turns from hot and from
/// mild beginnings, until all steps are spent.
pub fn search(ground: &Ground<'_>, first: &Mapping, judge: &mut dyn Judge, effort: Effort) {
    let mut search = Search {
        ground,
        rng: ChaCha8Rng::seed_from_u64(effort.seed),
        left: effort.steps,
        judged: 0,
        judge,
    };
    let first = without_own_cuts(ground, first);
    let Some(score) = search.judge.judge(&first).score() else {
        return;
    };
    let mut pool = vec![(score, first)];
    search.probe(&mut pool);
    search.run(&mut pool);
}

/// A mapping without cuts in dimensions on which operands do not depend: of these only some are in the
/// space, and moves around them know nothing of that.
fn without_own_cuts(ground: &Ground<'_>, mapping: &Mapping) -> Mapping {
    let mut own = mapping.clone();
    for (node, extents) in own.order.iter().zip(&mut own.extents) {
        let others = Dim::ALL.into_iter();
        for d in others.filter(|&d| !ground.is_relevant(node.role, d)) {
            extents[d] = 1;
        }
    }
    settle(ground, &mut own);
    own
}

/// A search that runs.
struct Search<'a, 'b> {
    ground: &'a Ground<'b>,
    rng: ChaCha8Rng,
    left: u64,
    /// Mappings that were judged.
    judged: u64,
    judge: &'a mut dyn Judge,
}

impl Search<'_, '_> {
    /// Short runs from starts with spatial loops of few steps; they add what they find.
    fn probe(&mut self, pool: &mut Vec<Scored>) {
        let spreads = few_steps(self.ground, &mut self.rng, LOCAL_SPREADS);
        for spatial in spreads.iter().cycle().take(LOCAL_PROBES) {
            if self.left == 0 || self.judge.is_over() {
                return;
            }
            let best = best_of(pool);
            let other = with_spread(self.ground, &pool[best].1, spatial);
            let fed = smallest(self.ground, &other);
            let scored =
                |judge: &mut dyn Judge, own: Mapping| Some((judge.judge(&own).score()?, own));
            let start = scored(self.judge, other).or_else(|| scored(self.judge, fed));
            if let Some(start) = start {
                let steps = LOCAL_PROBE_STEPS.min(self.left);
                let found = self.anneal(&start, steps, LOCAL_PROBE_HEAT, Common::Spatial);
                pool.push(found);
            }
        }
    }

    /// Longer runs from the best ones.
    fn run(&mut self, pool: &mut Vec<Scored>) {
        pool.sort_by(|a, b| a.0.total_cmp(&b.0));
        pool.dedup();
        pool.truncate(LOCAL_POOL);
        let mut heats = LOCAL_RUN_HEATS.into_iter().cycle();
        while self.left > 0 {
            let heat = heats.next().unwrap_or(LOCAL_COLD);
            let before = self.judged;
            for own in pool.iter_mut() {
                if self.left == 0 || self.judge.is_over() {
                    return;
                }
                let found = self.anneal(own, LOCAL_RUN_STEPS.min(self.left), heat, Common::Nothing);
                if found.0 < own.0 {
                    *own = found;
                }
            }
            if self.judged == before {
                // There is nothing to change.
                return;
            }
            pool.sort_by(|a, b| a.0.total_cmp(&b.0));
            pool.dedup();
            if pool.len() > 1 {
                pool.pop();
            }
        }
    }

    /// The score of a mapping; where it does not fit, of one with smaller tiles in that memory.
    fn fitting(&mut self, mut mapping: Mapping) -> Option<Scored> {
        for _ in 0..LOCAL_REPAIRS {
            match self.judge.judge(&mapping) {
                Verdict::Score(score) => return Some((score, mapping)),
                Verdict::Useless => return None,
                Verdict::Overfull(level) => {
                    shrink(self.ground, &mut self.rng, &mut mapping, level);
                    settle(self.ground, &mut mapping);
                }
            }
        }
        Some((self.judge.judge(&mapping).score()?, mapping))
    }

    /// One run; the best mapping that it came by.
    #[expect(clippy::cast_precision_loss, reason = "some thousand steps")]
    fn anneal(&mut self, start: &Scored, steps: u64, heat: f64, common: Common) -> Scored {
        let (mut now, mut best) = (start.clone(), start.clone());
        self.left -= steps;
        for step in 0..steps {
            if self.judge.is_over() {
                break;
            }
            let temperature = heat * (LOCAL_COLD / heat).powf(step as f64 / steps as f64);
            let next = neighbour(self.ground, &mut self.rng, &now.1, common);
            if next == now.1 {
                continue;
            }
            self.judged += 1;
            let Some((score, next)) = self.fitting(next) else {
                continue;
            };
            let accept = ((now.0 - score) / temperature).exp();
            if accept >= 1.0 || self.rng.random_range(0.0..1.0) < accept {
                now = (score, next);
                if now.0 < best.0 {
                    best.clone_from(&now);
                }
            }
        }
        best
    }
}

/// The place of the best one.
fn best_of(pool: &[Scored]) -> usize {
    let all = 0..pool.len();
    all.min_by(|&a, &b| pool[a].0.total_cmp(&pool[b].0))
        .unwrap_or(0)
}
