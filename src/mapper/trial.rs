//! One mapper's work on one loop nest: what it may spend, what it found, and when.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::cost::{dataflow, evaluate, window_pieces};
use crate::engine::{Cause, Watch};
use crate::exact::MOST_PIECES;
use crate::problem::certificate::{Amount, Certificate, Evidence};
use crate::problem::comparison::{Attempt, BoundStep, Improvement, Stop};
use crate::problem::goal::Measure;
use crate::problem::result::{Cost, Solution};
use crate::problem::{Hardware, LoopNest, Mapping, ProblemError};

/// What a mapper may spend on a loop nest.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Mappings that it may evaluate: the same on every machine.
    pub evaluations: u64,
    /// A cap on its time; results that it cuts short say so.
    pub time: Option<Duration>,
    /// A cap on the processor time of the exact mapper.
    pub cpu: Option<Duration>,
    /// A cap on the tree nodes of the exact mapper.
    pub nodes: Option<u64>,
    /// Seed of its random choices.
    pub seed: u64,
    /// Set to stop.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            evaluations: 5_000,
            time: None,
            cpu: None,
            nodes: None,
            seed: 0,
            interrupt: Arc::default(),
        }
    }
}

/// How good a valid mapping is: first its cycles, then the sum of all ports' busy cycles and the
/// compute steps, by which methods that climb tell apart what another bottleneck hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// Cycles.
    pub cycles: u128,
    /// Busy cycles of all memories and compute cycles, added up.
    pub work: u128,
}

/// A loop nest that is being mapped.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The operation.
    pub operation: &'a LoopNest,
    /// The hardware.
    pub hardware: &'a Hardware,
    /// Seed of random choices.
    pub seed: u64,
    budget: Budget,
    watch: Watch,
    started: Instant,
    evaluations: u64,
    best: Option<(Mapping, Cost)>,
    improvements: Vec<Improvement>,
    bounds: Vec<BoundStep>,
    proved: Option<(Certificate, u128)>,
    /// Mappings that were offered and not evaluated.
    skipped: u64,
    reason: Option<String>,
    overfull: Option<usize>,
}

impl<'a> Trial<'a> {
    /// A trial with nothing found yet, whose time begins now.
    #[must_use]
    pub fn new(operation: &'a LoopNest, hardware: &'a Hardware, budget: &Budget) -> Self {
        let started = Instant::now();
        let deadline = budget.time.and_then(|time| started.checked_add(time));
        Self {
            operation,
            hardware,
            seed: budget.seed,
            budget: budget.clone(),
            watch: Watch::new(deadline, Arc::clone(&budget.interrupt)),
            started,
            evaluations: 0,
            best: None,
            improvements: Vec::new(),
            bounds: Vec::new(),
            proved: None,
            skipped: 0,
            reason: None,
            overfull: None,
        }
    }

    /// What the mapper may spend.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether all that may be spent is spent.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.evaluations >= self.budget.evaluations || self.watch.stopped()
    }

    /// Evaluations so far.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The time until the cap, if there is one.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.watch.time_left()
    }

    /// Counts work that costs about as much as evaluating so many mappings.
    pub fn spend(&mut self, evaluations: u64) {
        self.evaluations += evaluations;
    }

    /// Evaluates a mapping and keeps it if it is the best so far; its score if it is valid, fits,
    /// and has one of the dataflows that the hardware allows.
    pub fn offer(&mut self, mapping: Mapping) -> Option<Score> {
        self.offer_if(mapping, |_, _| true)
    }

    /// The same for mappings that pass a test of the mapper's own.
    pub fn offer_if(
        &mut self,
        mapping: Mapping,
        passes: impl FnOnce(&Mapping, &Cost) -> bool,
    ) -> Option<Score> {
        if self.is_over() {
            return None;
        }
        self.evaluations += 1;
        self.overfull = None;
        if window_pieces(self.operation, &mapping) > MOST_PIECES {
            self.skipped += 1;
            return None;
        }
        let cost = match evaluate(self.operation, self.hardware, &mapping) {
            Ok(cost) => cost,
            Err(error) => {
                self.overfull = self.level_of(&error);
                return None;
            }
        };
        if !dataflow::allows(self.operation, self.hardware, &[], &mapping)
            || !passes(&mapping, &cost)
        {
            return None;
        }
        let score = score(&cost);
        if self.best.as_ref().is_none_or(|b| cost.cycles < b.1.cycles) {
            self.improvements.push(Improvement {
                evaluations: self.evaluations,
                seconds: self.started.elapsed().as_secs_f64(),
                cycles: cost.cycles,
            });
            self.best = Some((mapping, cost));
        }
        Some(score)
    }

    /// The level of the memory in which the mapping that was offered last does not fit.
    #[must_use]
    pub fn overfull(&self) -> Option<usize> {
        self.overfull
    }

    fn level_of(&self, error: &ProblemError) -> Option<usize> {
        let ProblemError::Capacity { memory, .. } = error else {
            return None;
        };
        let mut all = self.hardware.memories();
        all.find(|(_, own)| own.name == *memory).map(|m| m.0)
    }

    /// Takes over what the exact mapper found and proved.
    pub fn conclude(
        &mut self,
        solution: Solution,
        improvements: Vec<Improvement>,
        bounds: Vec<BoundStep>,
    ) {
        self.proved = Some((solution.certificate, solution.bound_cycles));
        self.best = solution.best;
        self.reason = solution.reason;
        self.improvements = improvements;
        self.bounds = bounds;
    }

    /// Notes why the method cannot handle this loop nest or hardware.
    pub fn fail(&mut self, reason: String) {
        self.reason = Some(reason);
    }

    /// The result.
    #[must_use]
    pub fn finish(self) -> Attempt {
        let stop = match self.watch.cause() {
            Some(Cause::Interrupt) => Stop::Interrupt,
            Some(_) => Stop::Time,
            None if self.evaluations >= self.budget.evaluations => Stop::Evaluations,
            None => Stop::Finished,
        };
        let found = self.best.is_some();
        let spent = match self.skipped {
            0 => format!("none of {} mappings fits", self.evaluations),
            skipped => format!(
                "none of {} mappings fits, {skipped} of which were not evaluated",
                self.evaluations
            ),
        };
        let (certificate, bound_cycles) = match self.proved {
            Some((certificate, bound)) => (certificate, Some(bound)),
            None => (unproved(self.best.as_ref()), None),
        };
        Attempt {
            certificate,
            best: self.best,
            bound_cycles,
            evaluations: self.evaluations,
            seconds: self.started.elapsed().as_secs_f64(),
            stop,
            reason: if found {
                None
            } else {
                self.reason.or(Some(spent))
            },
            improvements: self.improvements,
            bounds: self.bounds,
        }
    }
}

/// Nothing is proved of the mappings of a method that only tries some.
fn unproved(best: Option<&(Mapping, Cost)>) -> Certificate {
    let evidence = || Evidence::default();
    let found = best.map(|(_, cost)| {
        let value = Amount::Whole(cost.cycles);
        Certificate::found(Measure::Cycles, value, Amount::Whole(0), evidence())
    });
    let nothing = || Certificate::nothing(Measure::Cycles, evidence());
    found.and_then(Result::ok).unwrap_or_else(nothing)
}

fn score(cost: &Cost) -> Score {
    let busy: u128 = cost.memories.iter().map(|m| m.busy_cycles).sum();
    Score {
        cycles: cost.cycles,
        work: busy + cost.compute_cycles + cost.added_cycles(),
    }
}
