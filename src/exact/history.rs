//! When an exact search found what: its mappings and its bounds in time.

use std::time::Instant;

use crate::problem::comparison::{BoundStep, Improvement};
use crate::problem::result::Solution;

/// The course of a search.
#[derive(Debug)]
pub struct History {
    started: Instant,
    /// Whether a bound of the search that runs is one on the cycles of all mappings of the space: not
    /// of divisors only, of some classes, of mappings within limits, or of another measure.
    pub complete: bool,
    improvements: Vec<Improvement>,
    bounds: Vec<BoundStep>,
}

/// A solution with the course of the search.
#[derive(Debug)]
pub struct Traced {
    /// The solution.
    pub solution: Solution,
    /// Its mappings, each better than those before.
    pub improvements: Vec<Improvement>,
    /// Its bounds in cycles, each better than those before.
    pub bounds: Vec<BoundStep>,
}

impl History {
    /// A search that began then.
    #[must_use]
    pub fn new(started: Instant) -> Self {
        Self {
            started,
            complete: false,
            improvements: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// Notes a mapping of fewer cycles than all before.
    pub fn found(&mut self, cycles: u128) {
        if self.improvements.last().is_none_or(|i| cycles < i.cycles) {
            self.improvements.push(Improvement {
                evaluations: 0,
                seconds: self.started.elapsed().as_secs_f64(),
                cycles,
            });
        }
    }

    /// Notes a bound of the search that runs, if it is one on all mappings.
    pub fn bounded(&mut self, cycles: u128) {
        if self.complete {
            self.proved(cycles);
        }
    }

    /// Notes a bound on the cycles of all mappings.
    pub fn proved(&mut self, cycles: u128) {
        if self.bounds.last().is_none_or(|b| cycles > b.cycles) {
            self.bounds.push(BoundStep {
                seconds: self.started.elapsed().as_secs_f64(),
                cycles,
            });
        }
    }

    /// The solution with this course; its bound is the last one, where it is one on all mappings.
    #[must_use]
    pub fn with(mut self, solution: Solution, of_all: bool) -> Traced {
        if of_all {
            self.proved(solution.bound_cycles);
        }
        Traced {
            solution,
            improvements: self.improvements,
            bounds: self.bounds,
        }
    }
}
