//! The residency program of a schedule, solved from a plan: least time first, then what breaks
//! ties.

use std::sync::Arc;

use crate::cost;
use crate::engine::hand_over::{HighsStatus, Outcome, Settings, solve_with};
use crate::formulate::residency::{Aim, Cut, Residency};
use crate::problem::plan::PlanTies;
use crate::problem::schedule::Schedule;

use super::{Clock, Costed, PlanOptions, TIES_END, TIME_ENDS};

/// What a search found.
pub(super) struct Search {
    /// The best plan; with cuts that the plan at the start does not keep to there may be none.
    pub(super) found: Option<Costed>,
    /// No plan without cuts takes fewer units, as far as the program proved it.
    pub(super) bound: Option<u128>,
    /// What was proved of plans of the same time.
    pub(super) ties: PlanTies,
}

/// A row is violated beyond this.
const ROUNDING: f64 = 1e-7;

/// A relative error of the solver's bound beyond all of its tolerances.
const TOLERANCE: f64 = 1e-7;

/// Solves the program from a plan.
pub(super) fn improve(
    schedule: &Schedule,
    start: &Costed,
    (options, clock): (&PlanOptions, &Clock),
    cuts: &[Cut],
) -> Search {
    let program = Residency::new(schedule, start.1.total(), cuts);
    let values = program.values(&start.0);
    let kept_to = cuts.is_empty() || program.model.violation(&values) < ROUNDING;
    let mut search = Search {
        found: kept_to.then(|| start.clone()),
        bound: None,
        ties: PlanTies::default(),
    };
    if clock.is_over(TIME_ENDS) {
        return search;
    }
    let settings = Settings {
        limit: clock.left(TIME_ENDS),
        start: kept_to.then_some(values),
        relative_gap: options.gap,
        presolve: true,
        without_probing: true,
        interrupt: Some(Arc::clone(&clock.interrupt)),
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    if let Some(found) = decoded(schedule, &program, &outcome) {
        let better = (search.found.as_ref()).is_none_or(|s| found.1.total() < s.1.total());
        if better {
            search.found = Some(found);
        }
    }
    let known = search.found.as_ref().map(|found| found.1.total());
    search.bound =
        known.and_then(|known| bound(&outcome, program.time_units(outcome.bound), known));
    if options.break_ties {
        break_ties(schedule, &mut search, clock, cuts);
    }
    search
}

/// The plan that the solver found, with its exact cost.
fn decoded(schedule: &Schedule, program: &Residency<'_>, outcome: &Outcome) -> Option<Costed> {
    if outcome.status == HighsStatus::Failed {
        return None;
    }
    let plan = program.plan(outcome.values.as_ref()?);
    let cost = cost::plan::evaluate(schedule, &plan);
    Some((plan, cost))
}

/// The solver's bound in units, moved outward, then up to the next whole number, as times of plans
/// are whole. Only where its status says that there is one, and where it agrees with a plan that
/// is known.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of units"
)]
fn bound(outcome: &Outcome, units: f64, known: u128) -> Option<u128> {
    let stated = match outcome.status {
        HighsStatus::Optimal | HighsStatus::TimeLimit | HighsStatus::Interrupted => true,
        HighsStatus::Infeasible | HighsStatus::Failed => false,
    };
    let outward = units * (1.0 - TOLERANCE);
    if !stated || !outward.is_finite() || outward <= 0.0 {
        return None;
    }
    let bound = outward.ceil() as u128;
    (bound <= known).then_some(bound)
}

/// Of plans of the same time one that moves the fewest bits through the outer ports, and of those
/// one that holds the fewest bytes.
fn break_ties(schedule: &Schedule, search: &mut Search, clock: &Clock, cuts: &[Cut]) {
    let Some(found) = &mut search.found else {
        return;
    };
    let time = found.1.total();
    search.ties.outer_bits = tie(schedule, found, Aim::OuterBits { time }, clock, cuts);
    let outer = found.1.outer();
    let aim = Aim::ResidentBytes { time, outer };
    let fewest = tie(schedule, found, aim, clock, cuts);
    search.ties.resident_bytes = search.ties.outer_bits && fewest;
}

/// Replaces a plan by one that has less of the aim; whether it is proved to have the least.
fn tie(schedule: &Schedule, found: &mut Costed, aim: Aim, clock: &Clock, cuts: &[Cut]) -> bool {
    if clock.is_over(TIES_END) {
        return false;
    }
    let before = measure(schedule, aim, found);
    let program = Residency::aiming(schedule, aim, before, cuts);
    let settings = Settings {
        limit: clock.left(TIES_END),
        start: Some(program.values(&found.0)),
        presolve: true,
        without_probing: true,
        interrupt: Some(Arc::clone(&clock.interrupt)),
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    let Some(other) = decoded(schedule, &program, &outcome) else {
        return false;
    };
    // The solver's tolerances are not the plan's.
    let kept_to = match aim {
        Aim::Time => true,
        Aim::OuterBits { time } => other.1.total() <= time,
        Aim::ResidentBytes { time, outer } => other.1.total() <= time && other.1.outer() <= outer,
    };
    if kept_to && measure(schedule, aim, &other) <= before {
        *found = other;
    }
    kept_to && outcome.status == HighsStatus::Optimal
}

/// What a plan has of an aim.
fn measure(schedule: &Schedule, aim: Aim, (plan, cost): &Costed) -> u128 {
    match aim {
        Aim::Time => cost.total(),
        Aim::OuterBits { .. } => cost.outer(),
        Aim::ResidentBytes { .. } => plan.resident_bytes(schedule).iter().sum(),
    }
}
