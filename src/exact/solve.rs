//! The exact mapper: lower bound and a first mapping, then branch and price on the layer program.

use std::time::Instant;

use crate::cost::bound::lower_bounds;
use crate::engine::{Space, TreeStatistics};
use crate::problem::certificate::Closing;
use crate::problem::goal::{Goal, Measure};
use crate::problem::result::{Solution, Status};
use crate::problem::{Hardware, LoopNest};

use super::history::{History, Traced};
use super::incumbent::{self, Descents};
use super::options::{SolveOptions, TieBreak};
use super::outcome::{conclude, evidence, objective_bound, solver_statistics, without_mapping};
use super::setup::space_of;
use super::strategy::branch_and_price;
use super::ties::break_ties;
use super::{conflict, infeasible};

/// Finds the mapping of fewest cycles and proves it, or takes it from the memo of the options.
#[must_use]
pub fn solve(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
    match &options.memo {
        Some(memo) => memo.solve(operation, hardware, options),
        None => search_anew(operation, hardware, options),
    }
}

/// Finds the mapping of fewest cycles and proves it, whatever a memo knows.
#[must_use]
pub fn search_anew(operation: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> Solution {
    solve_traced(operation, hardware, options, Instant::now()).solution
}

/// The same with the course of the search, whose time began at `started`.
#[must_use]
pub fn solve_traced(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
    started: Instant,
) -> Traced {
    let bounds = lower_bounds(operation, hardware);
    let footprints = options.switches.mapper.footprints;
    let too_small = || {
        let reason = footprints.then(|| infeasible::too_small(operation, hardware));
        reason
            .flatten()
            .map(|reason| (Closing::LeastFootprints, reason))
    };
    let nowhere = operation.check_residence(hardware).err();
    let refused = nowhere.map(|error| (Closing::Restrictions, error.to_string()));
    if let Some(why) = refused.or_else(too_small) {
        return History::new(started).with(
            without_mapping(options.objective, why, bounds, started),
            options.seeks_all(),
        );
    }
    let mut space = space_of(operation, hardware, options, bounds.best());
    space.history = History::new(started);
    space.history.proved(space.lower_bound);
    // [PRU32] So it does here.
    if options.switches.mapper.known_bound {
        space.known_bound = options.known_bound;
    }
    for mapping in &options.start {
        space.offer(mapping.clone());
    }
    if options.switches.mapper.incumbent {
        incumbent::find(&mut space, options.divisors_only, Descents::Many);
    }
    space.improve_first();
    let mut tree = (f64::INFINITY, TreeStatistics::default());
    if !space.is_met() {
        tree = branch_and_price(&mut space, options);
    }
    if space.is_met() {
        // Whatever is open is no better.
        tree.0 = f64::INFINITY;
    }
    let closed = tree.0 > space.target();
    let evidence = evidence(&space, &tree, bounds.best());
    let bound = objective_bound(&space, tree.0);
    let mut tie = None;
    if options.tie_break != TieBreak::Off && closed && space.best.is_some() {
        tie = Some(break_ties(&mut space, options, &mut tree.1));
        space.set_goal(Goal {
            minimise: options.objective,
            limits: options.limits.clone(),
        });
    }
    let (open, statistics) = tree;
    let statistics = solver_statistics(statistics, started);
    let history = std::mem::replace(&mut space.history, History::new(started));
    let mut solution = conclude(space, open, bound, evidence, bounds, statistics);
    if solution.status() == Status::Infeasible
        && let Some(reason) = conflict::reason(operation, hardware, options, started)
    {
        solution.reason = Some(reason);
    }
    let solution = Solution {
        tie,
        objective_bound: (options.objective != Measure::Cycles)
            .then_some((options.objective, bound)),
        ..solution
    };
    history.with(solution, options.seeks_all())
}
