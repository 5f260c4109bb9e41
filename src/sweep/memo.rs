//! What stands between the points of a sweep and the searches: solutions that are kept, and what
//! those on other hardware say.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::cache::{self, Cache, Key, Remembered};
use super::known::{AllKnown, Hints};
use crate::cost::{bound, evaluate};
use crate::exact::{Memo, SolveOptions, search_anew};
use crate::problem::certificate::not_begun;
use crate::problem::goal::Measure;
use crate::problem::result::{Proof, Solution, SolverStatistics};
use crate::problem::{Hardware, LoopNest};

/// What all points of a sweep share.
#[derive(Debug, Default)]
pub struct Shared {
    cache: Cache,
    /// Whether solutions on other hardware are made use of.
    neighbours: bool,
    known: Mutex<AllKnown>,
    cells: Mutex<BTreeMap<Key, Arc<OnceLock<Solution>>>>,
    counts: [AtomicU64; 3],
}

/// How many solutions came from where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Searched for.
    pub searched: u64,
    /// Taken from the cache.
    pub cached: u64,
    /// Those of the searched ones that a bound of other hardware proved.
    pub inherited: u64,
}

/// The memo of one point. Points of a higher rank make use of what those of a lower one found.
#[derive(Debug)]
pub struct PointMemo {
    shared: Arc<Shared>,
    rank: usize,
    /// Only what is kept is taken.
    recalls: bool,
    /// What is found on other hardware is of no concern here.
    alone: bool,
}

impl Shared {
    /// A memo over this cache.
    #[must_use]
    pub fn new(cache: Cache, neighbours: bool) -> Self {
        Self {
            cache,
            neighbours,
            ..Self::default()
        }
    }

    /// The memo of a point of this rank.
    #[must_use]
    pub fn point(self: &Arc<Self>, rank: usize) -> PointMemo {
        PointMemo {
            shared: Arc::clone(self),
            rank,
            recalls: false,
            alone: false,
        }
    }

    /// The memo of the mappings among whose modes a plan chooses: they begin with those of its own step,
    /// so that they do not depend on which points came before.
    #[must_use]
    pub fn modes(self: &Arc<Self>, rank: usize) -> PointMemo {
        PointMemo {
            alone: true,
            ..self.point(rank)
        }
    }

    /// The memo of a point that is finished: what the cache has of it is let known to points of
    /// higher rank, and nothing is searched for.
    #[must_use]
    pub fn recall(self: &Arc<Self>, rank: usize) -> PointMemo {
        PointMemo {
            recalls: true,
            ..self.point(rank)
        }
    }

    /// The cache.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// How many solutions came from where so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let [searched, cached, inherited] =
            [0, 1, 2].map(|i| self.counts[i].load(Ordering::Relaxed));
        Counts {
            searched,
            cached,
            inherited,
        }
    }

    fn count(&self, which: usize) {
        self.counts[which].fetch_add(1, Ordering::Relaxed);
    }

    /// Whether what is known of other hardware holds for such a search.
    fn has_neighbours(&self, options: &SolveOptions) -> bool {
        self.neighbours
            && options.objective == Measure::Cycles
            && options.limits.is_empty()
            && options.fixed.is_empty()
    }

    fn hints(
        &self,
        rank: Option<usize>,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
    ) -> Hints {
        let Some(rank) = rank.filter(|_| self.has_neighbours(options)) else {
            return Hints::default();
        };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.hints(rank, operation, hardware)
    }

    fn search(
        &self,
        rank: Option<usize>,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
        part: Option<Solution>,
    ) -> Solution {
        let hints = self.hints(rank, operation, hardware, options);
        let mut own = options.clone();
        own.memo = None;
        own.start.extend(hints.start);
        own.known_bound = own.known_bound.max(hints.bound);
        if let Some(part) = part {
            own.known_bound = own.known_bound.max(part.bound_cycles);
            own.start.extend(part.best.map(|best| best.0));
        }
        let solution = search_anew(operation, hardware, &own);
        self.count(0);
        if solution.proof() == Proof::Monotone {
            self.count(2);
        }
        solution
    }

    /// Finds the solution in the cache or by a search, and lets points of higher rank know; without a
    /// rank nothing of other hardware matters.
    fn find(
        &self,
        key: &Key,
        rank: Option<usize>,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
    ) -> Solution {
        let kept = self.cache.load(key, operation, hardware, options);
        let solution = match kept {
            Some(Remembered::Whole(solution)) => {
                self.count(1);
                solution
            }
            other => {
                let part = other.map(Remembered::solution);
                let solution = self.search(rank, operation, hardware, options, part);
                self.cache.store(key, &solution, options);
                solution
            }
        };
        if let Some(rank) = rank {
            self.let_know(rank, operation, hardware, &solution, options);
        }
        solution
    }

    fn let_know(
        &self,
        rank: usize,
        operation: &LoopNest,
        hardware: &Hardware,
        solution: &Solution,
        options: &SolveOptions,
    ) {
        if self.has_neighbours(options) && !options.interrupt.load(Ordering::SeqCst) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.enter(rank, operation, hardware, solution);
        }
    }
}

impl Memo for PointMemo {
    fn solve(&self, operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
        let shared = &self.shared;
        let key = cache::key(operation, hardware, options);
        if self.recalls {
            let kept = shared.cache.load(&key, operation, hardware, options);
            let known = kept.map_or_else(|| not_kept(operation, hardware), Remembered::solution);
            shared.let_know(self.rank, operation, hardware, &known, options);
            return known;
        }
        let cell = {
            let mut cells = shared.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        let rank = Some(self.rank).filter(|_| !self.alone);
        let find = || shared.find(&key, rank, operation, hardware, options);
        let solution = cell.get_or_init(find);
        // Energies and bounds are those of this hardware, which may differ where the key does not.
        if let Some((mapping, _)) = &solution.best
            && let Ok(cost) = evaluate(operation, hardware, mapping)
        {
            return Solution {
                best: Some((mapping.clone(), cost)),
                ..solution.clone()
            };
        }
        solution.clone()
    }
}

/// What stands for a solution that is not kept.
fn not_kept(operation: &LoopNest, hardware: &Hardware) -> Solution {
    let lower_bounds = bound::lower_bounds(operation, hardware);
    Solution {
        certificate: not_begun(lower_bounds.best()),
        best: None,
        bound_cycles: lower_bounds.best(),
        tie: None,
        objective_bound: None,
        lower_bounds,
        reason: None,
        statistics: SolverStatistics::default(),
    }
}
