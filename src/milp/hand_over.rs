//! Hands a named model to `good_lp`, takes the HiGHS model over, and solves it.
//!
//! `good_lp` builds the model; options, status and dual bound need the model underneath: its
//! gaps are single precision, it has no dual bound, and a stop without a solution is an error.

use std::time::Duration;

use good_lp::{Expression, ProblemVariables, SolverModel, constraint, variable};
use highs::{HighsModelStatus, HighsSolutionStatus, SolvedModel};

use super::named::{Kind, Named, Relation};

/// HiGHS's tolerance for rows, bounds and integrality.
pub const TOLERANCE: f64 = 1e-9;
/// The gap at which HiGHS stops, absolute.
pub const GAP: f64 = 1e-9;

/// What HiGHS says of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HighsStatus {
    /// Solved to the gap.
    Optimal,
    /// It has no solution.
    Infeasible,
    /// The time limit was met.
    TimeLimit,
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

/// How far a model is solved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// The gap at which `HiGHS` stops, relative to the objective.
    pub relative_gap: f64,
    /// The most nodes of its tree; `None` is no limit.
    pub nodes: Option<u32>,
}

impl Effort {
    /// To the optimum, as far as tolerances allow.
    pub const FULL: Self = Self {
        relative_gap: 0.0,
        nodes: None,
    };
}

/// Solves a model with one thread and no output, for at most `limit`.
#[must_use]
pub fn solve(model: &Named, limit: Option<Duration>) -> Outcome {
    solve_within(model, limit, Effort::FULL)
}

/// The same as far as the effort goes; a search that ends before has the status `Failed`, with
/// the best solution found.
#[must_use]
pub fn solve_within(model: &Named, limit: Option<Duration>, effort: Effort) -> Outcome {
    let Some(mut inner) = hand_over(model) else {
        return Outcome::failed();
    };
    inner.make_quiet();
    inner.set_option("threads", 1);
    inner.set_option("parallel", "off");
    inner.set_option("random_seed", 0);
    // Presolve of HiGHS 1.16 writes outside its memory on some of these programs
    // (`HPresolve::detectParallelRowsAndCols`, seen under valgrind).
    inner.set_option("presolve", "off");
    inner.set_option("mip_rel_gap", effort.relative_gap);
    inner.set_option("mip_abs_gap", GAP);
    inner.set_option("mip_feasibility_tolerance", TOLERANCE);
    inner.set_option("primal_feasibility_tolerance", TOLERANCE);
    inner.set_option("dual_feasibility_tolerance", TOLERANCE);
    if let Some(nodes) = effort.nodes.and_then(|nodes| i32::try_from(nodes).ok()) {
        inner.set_option("mip_max_nodes", nodes);
    }
    if let Some(limit) = limit {
        inner.set_option("time_limit", limit.as_secs_f64());
    }
    inner
        .try_solve()
        .map_or_else(|_| Outcome::failed(), |solved| outcome(model, &solved))
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
                Kind::Binary => definition.integer(),
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
        _ => HighsStatus::Failed,
    };
    let binaries = model.variables().iter().any(|v| v.kind == Kind::Binary);
    let bound = if binaries {
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
