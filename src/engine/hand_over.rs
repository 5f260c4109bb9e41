//! Hands a named model to `good_lp`, takes the HiGHS model over, and solves it.
//!
//! `good_lp` builds the model; options, status and dual bound need the model underneath: its
//! gaps are single precision, it has no dual bound, and a stop without a solution is an error.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use good_lp::{Expression, ProblemVariables, SolverModel, constraint, variable};
use highs::{HighsModelStatus, HighsSolutionStatus, SolvedModel};

use super::interrupt;
use super::named::{Kind, Named, Relation};
pub(super) use super::tuning::ATTEMPTS;
use super::tuning::OTHERS;
pub use super::tuning::{GAP, TOLERANCE};

/// What HiGHS says of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HighsStatus {
    /// Solved to the gap.
    Optimal,
    /// It has no solution.
    Infeasible,
    /// The time limit was met.
    TimeLimit,
    /// The flag of the settings was set.
    Interrupted,
    /// Anything else: nothing is known.
    Failed,
}

/// The outcome of a solve.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is known.
    pub status: HighsStatus,
    /// The value of every variable, if a solution was found.
    pub values: Option<Vec<f64>>,
    /// The objective of that solution.
    pub objective: f64,
    /// The dual bound: no solution has a smaller objective, up to HiGHS's tolerances.
    pub bound: f64,
}

impl Outcome {
    fn failed() -> Self {
        Self {
            status: HighsStatus::Failed,
            values: None,
            objective: f64::INFINITY,
            bound: f64::NEG_INFINITY,
        }
    }
}

/// Solves a model with one thread and no output, for at most `limit`.
#[must_use]
pub fn solve(model: &Named, limit: Option<Duration>) -> Outcome {
    attempts(model, limit, &ATTEMPTS, 0)
}

/// The same in other arithmetic: what both say of a model is less likely to be an error.
#[must_use]
pub fn solve_again(model: &Named, limit: Option<Duration>) -> Outcome {
    attempts(model, limit, &OTHERS, 1)
}

/// Solves with one setting after the other until HiGHS says something.
fn attempts(
    model: &Named,
    limit: Option<Duration>,
    settings: &[(bool, f64)],
    seed: i32,
) -> Outcome {
    let deadline = super::watch::deadline(limit);
    let mut outcome = Outcome::failed();
    for &(presolve, tolerance) in settings {
        let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
        let settings = Settings {
            limit: left,
            presolve,
            tolerance,
            seed,
            ..Settings::default()
        };
        outcome = solve_with(model, &settings);
        if outcome.status != HighsStatus::Failed {
            break;
        }
    }
    outcome
}

/// How a model is solved.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The longest time.
    pub limit: Option<Duration>,
    /// A solution to start with: the value of every variable.
    pub start: Option<Vec<f64>>,
    /// The relative gap at which the search ends.
    pub relative_gap: f64,
    /// The most nodes of its tree, after which the status is `Failed`, with the best solution
    /// found; `None` is no limit.
    pub nodes: Option<u32>,
    /// Whether the model is simplified first.
    pub presolve: bool,
    /// Whether the simplification leaves out probing, which fixes each binary in turn to see what
    /// follows: on models with long rows it can take longer than the search.
    pub without_probing: bool,
    /// The tolerance for rows, bounds and integrality.
    pub tolerance: f64,
    /// The seed of HiGHS's random choices.
    pub seed: i32,
    /// Stops the search where it is set.
    pub interrupt: Option<Arc<AtomicBool>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: None,
            start: None,
            relative_gap: 0.0,
            nodes: None,
            presolve: true,
            without_probing: false,
            tolerance: TOLERANCE,
            seed: 0,
            interrupt: None,
        }
    }
}

/// The bits of rules of HiGHS 1.16's presolve that are wrong.
///
/// Parallel rows and columns (13): it writes outside its memory on some programs
/// (`HPresolve::detectParallelRowsAndCols`, seen under valgrind). Sparsify (14) and enumeration (16)
/// together remove solutions of some memory plans' programs: twenty seeds gave ten "optima" of one,
/// and no solution at all with one seed; without either rule, or without presolve, all gave the same
/// (`results/residency`).
pub const FAULTY_RULES: i32 = 1 << 13 | 1 << 14 | 1 << 16;
/// The bit of HiGHS's probing.
const PROBING: i32 = 1 << 15;

/// Solves a model with one thread and no output.
#[must_use]
pub fn solve_with(model: &Named, settings: &Settings) -> Outcome {
    let Some(mut inner) = hand_over(model) else {
        return Outcome::failed();
    };
    inner.make_quiet();
    inner.set_option("threads", 1);
    inner.set_option("parallel", "off");
    inner.set_option("random_seed", settings.seed);
    if settings.presolve {
        let probing = if settings.without_probing { PROBING } else { 0 };
        inner.set_option("presolve_rule_off", FAULTY_RULES | probing);
    } else {
        inner.set_option("presolve", "off");
    }
    inner.set_option("mip_rel_gap", settings.relative_gap);
    inner.set_option("mip_abs_gap", GAP);
    inner.set_option("mip_feasibility_tolerance", settings.tolerance);
    inner.set_option("primal_feasibility_tolerance", settings.tolerance);
    inner.set_option("dual_feasibility_tolerance", settings.tolerance);
    if let Some(nodes) = settings.nodes.and_then(|nodes| i32::try_from(nodes).ok()) {
        inner.set_option("mip_max_nodes", nodes);
    }
    if let Some(limit) = settings.limit {
        inner.set_option("time_limit", limit.as_secs_f64());
    }
    if let Some(start) = &settings.start
        && inner
            .try_set_solution(Some(start), None, None, None)
            .is_err()
    {
        return Outcome::failed();
    }
    let solved = match &settings.interrupt {
        Some(flag) => interrupt::solve(inner, flag),
        None => inner.try_solve().ok(),
    };
    let outcome = solved.map_or_else(Outcome::failed, |solved| outcome(model, &solved));
    if settings.start.is_some() && !is_consistent(model, &outcome) {
        let start = None;
        return solve_with(
            model,
            &Settings {
                start,
                ..settings.clone()
            },
        );
    }
    outcome
}

/// Whether the values have the stated objective. Where presolve leaves nothing to solve, HiGHS 1.16
/// states the optimum but returns the values that it was given to start with.
fn is_consistent(model: &Named, outcome: &Outcome) -> bool {
    outcome.values.as_ref().is_none_or(|values| {
        let costs = model.variables().iter().map(|v| v.cost);
        let objective: f64 = costs.zip(values).map(|(cost, value)| cost * value).sum();
        (objective - outcome.objective).abs() <= 1e-6 * objective.abs().max(1.0)
    })
}

/// Builds the model with `good_lp` and takes over what it made; its objective has no constant.
fn hand_over(model: &Named) -> Option<highs::Model> {
    let mut variables = ProblemVariables::new();
    let own: Vec<good_lp::Variable> = model
        .variables()
        .iter()
        .map(|v| {
            let definition = variable().min(v.lower).max(v.upper).name(v.name.clone());
            variables.add(match v.kind {
                Kind::Continuous => definition,
                Kind::Binary | Kind::Integer => definition.integer(),
            })
        })
        .collect();
    let mut objective = Expression::with_capacity(1);
    for (v, &handle) in model.variables().iter().zip(&own) {
        if v.cost != 0.0 {
            objective.add_mul(v.cost, handle);
        }
    }
    let mut problem = variables.minimise(objective).using(good_lp::highs);
    for row in model.rows() {
        let mut left = Expression::with_capacity(row.factors.len());
        for &(v, factor) in &row.factors {
            left.add_mul(factor, own[v]);
        }
        problem.add_constraint(match row.relation {
            Relation::AtMost => constraint::leq(left, row.right),
            Relation::Equal => constraint::eq(left, row.right),
            Relation::AtLeast => constraint::geq(left, row.right),
        });
    }
    problem.try_into_inner().ok()
}

fn outcome(model: &Named, solved: &SolvedModel) -> Outcome {
    let found = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
    let status = match solved.status() {
        HighsModelStatus::Optimal if found => HighsStatus::Optimal,
        HighsModelStatus::Infeasible => HighsStatus::Infeasible,
        // With a bounded objective it cannot be unbounded.
        HighsModelStatus::UnboundedOrInfeasible if bounded(model) => HighsStatus::Infeasible,
        HighsModelStatus::ReachedTimeLimit => HighsStatus::TimeLimit,
        HighsModelStatus::ReachedInterrupt => HighsStatus::Interrupted,
        _ => HighsStatus::Failed,
    };
    let integers = (model.variables().iter()).any(|v| v.kind != Kind::Continuous);
    let bound = if integers {
        solved
            .double_info_value(c"mip_dual_bound")
            .unwrap_or(f64::NEG_INFINITY)
    } else if status == HighsStatus::Optimal {
        solved.objective_value()
    } else {
        f64::NEG_INFINITY
    };
    Outcome {
        status,
        values: found.then(|| solved.get_solution().columns().to_vec()),
        objective: solved.objective_value(),
        bound,
    }
}

/// Whether the bounds of the variables alone bound the objective from below.
fn bounded(model: &Named) -> bool {
    model.variables().iter().all(|v| {
        v.cost == 0.0
            || (v.cost > 0.0 && v.lower.is_finite())
            || (v.cost < 0.0 && v.upper.is_finite())
    })
}
