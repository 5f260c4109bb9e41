//! The memory plan of a step: modes of its operations, baselines, the residency program, and
//! addresses.

mod baselines;
mod blocks;
mod draft;
mod modes;
mod recompute;
mod step;

use std::time::{Duration, Instant};

use crate::cost;
use crate::formulate::residency::Residency;
use crate::milp::hand_over::{HighsStatus, Settings, solve_with};
use crate::milp::{Cause, Watch};
use crate::problem::Bytes;
use crate::problem::plan::{MemoryPlan, Plan, PlanBlocks, PlanCost};
use crate::problem::schedule::{Schedule, ScheduleError};

use super::addresses::{Packed, pack};

pub use baselines::Baseline;
pub use blocks::blocks;
pub use modes::ModeOptions;
pub use step::{Cutting, StepError, schedule};

/// How a plan is searched.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Time limit of the program.
    pub time_limit: Option<Duration>,
    /// Relative gap at which the search ends.
    pub gap: f64,
    /// Time limit of one search for addresses.
    pub packing_limit: Duration,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            time_limit: None,
            gap: 1e-4,
            packing_limit: Duration::from_secs(10),
        }
    }
}

/// Part of the capacity that is given up at a time where a plan has no addresses.
const SHRINK: u64 = 64;

/// Plans a schedule: baselines first, then the program from the best of them, then addresses.
/// Where the plan has none, or none are found in time, it is planned again in a little less
/// memory; the bound stays that of the whole memory.
///
/// # Errors
/// The schedule cannot be carried out in its memory.
pub fn plan(schedule: &Schedule, options: &PlanOptions) -> Result<MemoryPlan, ScheduleError> {
    schedule.validate()?;
    let begin = Instant::now();
    let baselines = baselines(schedule);
    let times: Vec<(&'static str, Option<u128>)> = (baselines.iter())
        .map(|(b, p)| (b.name(), p.as_ref().map(|p| p.1.total())))
        .collect();
    let start = best(baselines).ok_or_else(|| too_large(schedule))?;
    let start_units = start.1.total();
    let (mut found, bound_units) = improve(schedule, start.clone(), options);
    let mut smaller = schedule.clone();
    let mut known = None;
    for round in 0.. {
        if let Some(packed) = addresses(schedule, &found.0, options) {
            known = Some((found, packed));
            break;
        }
        let step = schedule.capacity.0 / SHRINK * (round + 1);
        smaller.capacity = Bytes(schedule.capacity.0.saturating_sub(step));
        let again = best(self::baselines(&smaller));
        let Some(again) = again.filter(|_| round < SHRINK / 2) else {
            break;
        };
        found = improve(&smaller, again, options).0;
    }
    let (found, (blocks, offsets)) = known
        .or_else(|| packable(schedule, options))
        .ok_or_else(|| too_large(schedule))?;
    Ok(MemoryPlan {
        schedule: schedule.clone(),
        plan: found.0,
        cost: found.1,
        blocks,
        offsets,
        bound_units,
        baselines: times,
        start_units,
        given_up_bytes: schedule.capacity.0 - smaller.capacity.0,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// Why no rule has a plan: the operation that needs most.
fn too_large(schedule: &Schedule) -> ScheduleError {
    let operations = 0..schedule.operations.len();
    let most = operations
        .max_by_key(|&o| schedule.least_bytes(o))
        .unwrap_or(0);
    ScheduleError::TooLarge {
        operation: schedule.operations[most].name.clone(),
        need: schedule.least_bytes(most),
        capacity: schedule.capacity.0,
    }
}

type Costed = (Plan, PlanCost);

fn baselines(schedule: &Schedule) -> Vec<(Baseline, Option<Costed>)> {
    let plan = |baseline: Baseline| {
        let plan = baseline.plan(schedule)?;
        let cost = cost::plan::evaluate(schedule, &plan);
        Some((plan, cost))
    };
    Baseline::ALL.iter().map(|&b| (b, plan(b))).collect()
}

fn best(baselines: Vec<(Baseline, Option<Costed>)>) -> Option<Costed> {
    let plans = baselines.into_iter().filter_map(|(_, plan)| plan);
    plans.min_by_key(|(_, cost)| cost.total())
}

/// The plan without reuse, whose operations share no bytes.
fn packable(schedule: &Schedule, options: &PlanOptions) -> Option<(Costed, Addresses)> {
    let plan = Baseline::NoReuse.plan(schedule)?;
    let cost = cost::plan::evaluate(schedule, &plan);
    let addresses = addresses(schedule, &plan, options)?;
    Some(((plan, cost), addresses))
}

/// Solves the program from a plan; the better one, and the bound.
fn improve(schedule: &Schedule, start: Costed, options: &PlanOptions) -> (Costed, u128) {
    let program = Residency::new(schedule, start.1.total(), &[]);
    let settings = Settings {
        limit: options.time_limit,
        start: Some(program.values(&start.0)),
        relative_gap: options.gap,
        presolve: true,
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    let bound = bound(schedule, program.time_units(outcome.bound));
    let usable = outcome.status != HighsStatus::Failed;
    let Some(values) = outcome.values.filter(|_| usable) else {
        return (start, bound);
    };
    let plan = program.plan(&values);
    let cost = cost::plan::evaluate(schedule, &plan);
    let better = cost.total() < start.1.total();
    (if better { (plan, cost) } else { start }, bound)
}

/// A relative error of the solver's bound beyond all of its tolerances.
const TOLERANCE: f64 = 1e-7;

/// The bound in units: moved outward, then up to the next whole number, as times of plans are
/// whole; and no less than all operations in their fastest modes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of units"
)]
fn bound(schedule: &Schedule, units: f64) -> u128 {
    let cycles = schedule.operations.iter().filter(|o| !o.optional);
    let cycles = cycles.map(|o| o.modes.iter().map(|m| m.cycles).min().unwrap_or(0));
    let compute = cycles.sum::<u128>() * schedule.units_per_cycle();
    let outward = units * (1.0 - TOLERANCE);
    compute.max(if outward > 0.0 {
        outward.ceil() as u128
    } else {
        0
    })
}

type Addresses = (PlanBlocks, Vec<u64>);

/// Offsets for a plan: slices with the same life together, or each by itself.
fn addresses(schedule: &Schedule, plan: &Plan, options: &PlanOptions) -> Option<Addresses> {
    [true, false].into_iter().find_map(|merged| {
        let blocks = blocks(schedule, plan, merged);
        let deadline = Instant::now() + options.packing_limit;
        let watch = Watch::new(Some(deadline), std::sync::Arc::default());
        match pack(&blocks.packing, &watch) {
            Packed::Fits(offsets) => Some((blocks, offsets)),
            Packed::Impossible(_)
            | Packed::Stopped(Cause::Time | Cause::Interrupt | Cause::Memory) => None,
        }
    })
}
