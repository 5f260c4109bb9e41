//! What was found and what was proved, put together.

use std::time::Instant;

use crate::engine::{Cause, Space, TreeStatistics};
use crate::problem::certificate::{Amount, Certificate, Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::result::{LowerBounds, Solution, SolverStatistics, Status};

use super::infeasible;
use super::setup::TINY_PJ;
use super::space::LayerSpace;
use super::tolerance::{RELATIVE_GAP, largest_improvement, open_cycles};

/// What is minimised, of the best mapping.
pub(super) fn best_value(space: &LayerSpace<'_>) -> f64 {
    let best = space.best.as_ref();
    best.map_or(0.0, |(_, cost)| space.goal.minimise.of(cost))
}

/// What no mapping is below in what is minimised, as far as it was proved.
pub(super) fn objective_bound(space: &LayerSpace<'_>, open: f64) -> f64 {
    let energy = space.goal.minimise.has_energy();
    // Where nothing is known of energies the unit stands for a bound, and is none.
    let least = if energy && space.energy_unit <= TINY_PJ {
        0.0
    } else {
        space.least()
    };
    match (open > space.target(), energy) {
        (true, false) => best_value(space),
        (true, true) => least.max(best_value(space) * (1.0 - RELATIVE_GAP)),
        (false, false) => least.max(open.exp()),
        (false, true) => least.max(open.exp() * space.energy_unit),
    }
}

/// What closed the space, and what was left out: a bound for any mapping, one by enumeration of
/// spatial choices, one proved elsewhere, or the nodes of the tree.
pub(super) fn evidence(
    space: &LayerSpace<'_>,
    tree: &(f64, TreeStatistics),
    any_mapping: u128,
) -> Evidence {
    let (open, statistics) = tree;
    let cycles = space.goal.minimise == Measure::Cycles;
    let meets = |bound: u128| space.best.as_ref().is_some_and(|b| b.1.cycles <= bound);
    if space.is_met() {
        let by = match cycles {
            true if !meets(space.lower_bound) => Closing::Monotone,
            true if !meets(any_mapping) => Closing::FewestSteps,
            _ => Closing::LowerBound,
        };
        return Evidence::closed([by]);
    }
    if space.best.is_none() && space.is_empty() {
        return Evidence::closed([Closing::Restrictions]);
    }
    let mut by = vec![Closing::Lagrangian];
    by.extend((statistics.closed.enumeration > 0).then_some(Closing::Enumeration));
    by.extend((statistics.closed.solver > 0).then_some(Closing::Solver));
    let evidence = Evidence::closed(by);
    if *open > space.target() {
        return evidence;
    }
    let unevaluated = statistics.unevaluated;
    let stopped = space.watch.cause().map(|cause| limit(cause).to_owned());
    let left = match (stopped, unevaluated) {
        (Some(limit), _) => Some(Skipped::Left(limit)),
        (None, 0) => Some(Skipped::Left("the search".to_owned())),
        (None, _) => None,
    };
    let unevaluated = (unevaluated > 0).then_some(Skipped::Unevaluated(unevaluated));
    evidence.without(left.into_iter().chain(unevaluated))
}

/// What stopped a search, as results say it.
fn limit(cause: Cause) -> &'static str {
    match cause {
        Cause::Time => "the time limit",
        Cause::Cpu => "the limit of CPU time",
        Cause::Nodes => "the node limit",
        Cause::Interrupt => "an interrupt",
        Cause::Memory => "the memory limit",
    }
}

pub(super) fn solver_statistics(tree: TreeStatistics, started: Instant) -> SolverStatistics {
    SolverStatistics {
        seconds: started.elapsed().as_secs_f64(),
        programs: tree.programs,
        nodes: tree.nodes,
        cuts: tree.tangents,
        columns: tree.columns,
    }
}

/// Puts together what was found and what was proved. `bound` is that of what is minimised, where
/// it is not the cycles.
pub(super) fn conclude(
    space: LayerSpace<'_>,
    open: f64,
    bound: f64,
    evidence: Evidence,
    lower_bounds: LowerBounds,
    statistics: SolverStatistics,
) -> Solution {
    let measure = space.goal.minimise;
    let closed = open > space.target();
    let any = [lower_bounds.best(), space.lower_bound, space.known_bound];
    let any = any.into_iter().max().unwrap_or(0);
    let own = match (&space.best, measure, closed) {
        (Some((_, cost)), Measure::Cycles, true) if !space.is_met() => {
            largest_improvement(cost.cycles) + 1
        }
        (_, Measure::Cycles, false) => open_cycles(open),
        _ => 0,
    };
    let bound_cycles = own.max(any);
    let bound = match measure {
        Measure::Cycles => Amount::Whole(bound_cycles),
        _ => Amount::Real(bound),
    };
    let reason = left(&evidence, space.watch.cause(), space.best.is_some());
    let certificate = match &space.best {
        Some((_, cost)) => Certificate::found(measure, measure.amount(cost), bound, evidence),
        None if closed => Ok(Certificate::nothing(measure, evidence)),
        None => Ok(Certificate::open(measure, bound, evidence)),
    };
    let (certificate, error) = match certificate {
        Ok(certificate) => (certificate, None),
        Err(error) => (
            Certificate::contradicted(measure, &error),
            Some(error.to_string()),
        ),
    };
    let status = certificate.status();
    let no_mapping = || infeasible::reason(space.operation, space.hardware);
    Solution {
        bound_cycles: match (status, &error) {
            (Status::Infeasible, _) | (_, Some(_)) => 0,
            _ => bound_cycles,
        },
        reason: error.or_else(|| match status {
            Status::Infeasible => Some(no_mapping()),
            Status::Optimal => None,
            Status::Feasible | Status::Unknown => Some(reason),
        }),
        certificate,
        best: space.best,
        tie: None,
        objective_bound: None,
        lower_bounds,
        statistics,
    }
}

/// Why the proof is not complete, or no mapping was found, in one line.
fn left(evidence: &Evidence, cause: Option<Cause>, found: bool) -> String {
    let before = if found {
        "the proof was complete"
    } else {
        "a mapping was found"
    };
    match (evidence.skipped(), cause) {
        (_, Some(_)) | ([], None) => reason(cause, before),
        (all, None) => {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("left open: {}", all.join(", "))
        }
    }
}

/// What is said of an operation that cannot have a mapping: what closes it, and why.
pub(super) fn without_mapping(
    measure: Measure,
    (closing, reason): (Closing, String),
    lower_bounds: LowerBounds,
    started: Instant,
) -> Solution {
    let evidence = Evidence::closed([closing]);
    Solution {
        certificate: Certificate::nothing(measure, evidence),
        best: None,
        tie: None,
        objective_bound: None,
        bound_cycles: 0,
        lower_bounds,
        reason: Some(reason),
        statistics: solver_statistics(TreeStatistics::default(), started),
    }
}

/// Why the search stopped before something, in one line.
fn reason(cause: Option<Cause>, before: &str) -> String {
    match cause {
        Some(Cause::Time) => format!("the time limit ended the search before {before}"),
        Some(Cause::Cpu) => format!("the limit of CPU time ended the search before {before}"),
        Some(Cause::Nodes) => format!("the node limit ended the search before {before}"),
        Some(Cause::Interrupt) => format!("interrupted before {before}"),
        Some(Cause::Memory) => format!(
            "too many tilings to hold in memory: the search ended before {before} (--tiles divisors has fewer)"
        ),
        None => format!("stopped before {before}"),
    }
}
