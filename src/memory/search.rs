//! The residency program of a schedule, solved from a plan: least time first, then what breaks
//! ties.

use std::sync::Arc;

use super::residency::{Aim, Exclusion, Residency};
use crate::cost;
use crate::engine::hand_over::{HighsStatus, Outcome, Settings, solve_with};
use crate::problem::Certificate;
use crate::problem::certificate::{Amount, Closing, Evidence};
use crate::problem::goal::Measure;
use crate::problem::plan::PlanTies;
use crate::problem::schedule::Schedule;

use super::baselines::Costed;
use super::options::{Clock, PlanOptions};
use super::tuning::{ROUNDING, TIES_END, TIME_ENDS, TOLERANCE, WHOLE_ENDS};

/// What a search found.
pub(super) struct Search {
    /// The best plan; with cuts that the plan at the start does not keep to there may be none.
    pub(super) found: Option<Costed>,
    /// No plan without cuts takes fewer units, as far as the program proved it.
    pub(super) bound: Option<u128>,
    /// What was proved of plans of the same time.
    pub(super) ties: PlanTies,
}

impl Search {
    /// Whether the bound is above a plan: one of the solver's reductions lost it.
    fn is_contradicted(&self) -> bool {
        let plan = self.found.as_ref().map(|found| found.1.total());
        plan.zip(self.bound)
            .is_some_and(|(plan, bound)| bound > plan)
    }
}

/// Solves the program from a plan; where a plan contradicts what the solver proved, once more from
/// that plan and without reductions.
pub(super) fn improve(
    schedule: &Schedule,
    start: &Costed,
    limits: (&PlanOptions, &Clock),
    cuts: &[Exclusion],
) -> Search {
    let search = improve_once(schedule, start, limits, cuts, true);
    match &search.found {
        Some(found) if search.is_contradicted() => {
            improve_once(schedule, found, limits, cuts, false)
        }
        _ => search,
    }
}

fn improve_once(
    schedule: &Schedule,
    start: &Costed,
    (options, clock): (&PlanOptions, &Clock),
    cuts: &[Exclusion],
    presolve: bool,
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
        presolve,
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
    search.bound = bound(&outcome, program.time_units(outcome.bound));
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

/// Units that no plan takes less of, whatever modes other than `schedule`'s it has: by a program of
/// one mode for every operation that is in nothing worse than any other.
pub(super) fn of_any_modes(
    schedule: &Schedule,
    alone_cycles: impl Iterator<Item = u128>,
    scale: u128,
    (options, clock): (&PlanOptions, &Clock),
) -> Option<u128> {
    if clock.is_over(WHOLE_ENDS) {
        return None;
    }
    let mut program = Residency::new(schedule, scale, &[]);
    for (operation, cycles) in alone_cycles.enumerate() {
        program.takes_alone(operation, cycles * schedule.units_per_cycle());
    }
    let settings = Settings {
        limit: clock.left(WHOLE_ENDS),
        relative_gap: options.gap,
        presolve: true,
        without_probing: true,
        interrupt: Some(Arc::clone(&clock.interrupt)),
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    bound(&outcome, program.time_units(outcome.bound))
}

/// The solver's bound of something whole, as times of plans in units are: moved outward, then up to
/// the next whole number. Only where its status says that there is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of units"
)]
fn bound(outcome: &Outcome, value: f64) -> Option<u128> {
    let stated = match outcome.status {
        HighsStatus::Optimal | HighsStatus::TimeLimit | HighsStatus::Interrupted => true,
        HighsStatus::Infeasible | HighsStatus::Failed => false,
    };
    let outward = value * (1.0 - TOLERANCE);
    if !stated || !outward.is_finite() || outward <= 0.0 {
        return None;
    }
    Some(outward.ceil() as u128)
}

/// Of plans of the same time one that moves the fewest bits through the outer ports, and of those
/// one that holds the fewest bytes.
fn break_ties(schedule: &Schedule, search: &mut Search, clock: &Clock, cuts: &[Exclusion]) {
    let Some(found) = &mut search.found else {
        return;
    };
    let time = found.1.total();
    search.ties.outer_bits = tie(schedule, found, Aim::OuterBits { time }, clock, cuts);
    let outer = found.1.outer();
    let aim = Aim::ResidentBytes { time, outer };
    search.ties.resident_bytes = tie(schedule, found, aim, clock, cuts);
}

/// Replaces a plan by one that has less of the aim; what is proved of what it has then.
fn tie(
    schedule: &Schedule,
    found: &mut Costed,
    aim: Aim,
    clock: &Clock,
    cuts: &[Exclusion],
) -> Option<Certificate> {
    if clock.is_over(TIES_END) {
        return None;
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
    let other = decoded(schedule, &program, &outcome)?;
    // The solver's tolerances are not the plan's.
    let kept_to = match aim {
        Aim::Time => true,
        Aim::OuterBits { time } => other.1.total() <= time,
        Aim::ResidentBytes { time, outer } => other.1.total() <= time && other.1.outer() <= outer,
    };
    if kept_to && measure(schedule, aim, &other) <= before {
        *found = other;
    }
    let least = bound(&outcome, program.aim_value(aim, outcome.bound)).unwrap_or(0);
    let evidence = Evidence::closed([Closing::SolverBound]);
    let (value, least) = (measure(schedule, aim, found), Amount::Whole(least));
    // Of bits or bytes; what contradicts the plan proves nothing.
    Certificate::found(Measure::Traffic, Amount::Whole(value), least, evidence).ok()
}

/// What a plan has of an aim.
fn measure(schedule: &Schedule, aim: Aim, (plan, cost): &Costed) -> u128 {
    match aim {
        Aim::Time => cost.total(),
        Aim::OuterBits { .. } => cost.outer(),
        Aim::ResidentBytes { .. } => plan.resident_bytes(schedule).iter().sum(),
    }
}
