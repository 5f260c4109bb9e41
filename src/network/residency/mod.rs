//! The memory plan of a step: modes of its operations, baselines, the residency program, and
//! addresses.

mod baselines;
mod blocks;
mod cuts;
mod draft;
mod file;
mod modes;
mod recompute;
mod step;

use std::time::{Duration, Instant};

use crate::cost;
use crate::formulate::residency::{Cut, Residency};
use crate::milp::Watch;
use crate::milp::hand_over::{HighsStatus, Settings, solve_with};
use crate::problem::Bytes;
use crate::problem::packing::Unpackable;
use crate::problem::plan::{MemoryPlan, Plan, PlanBlocks, PlanCost};
use crate::problem::schedule::{Schedule, ScheduleError};

use super::addresses::{Packed, pack};

pub use baselines::Baseline;
pub use blocks::blocks;
pub use file::{ResidencyFacts, ResidencyProgram, program};
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
/// Cuts that are tried before capacity is given up.
const MOST_CUTS: usize = 8;

/// Plans a schedule: baselines first, then the program from the best of them, then addresses.
/// Where it is proved that the plan has none, a cut excludes what cannot be arranged; where none
/// are found in time, or after some cuts, it is planned again in a little less memory. The bound
/// stays that of the whole memory without cuts, which holds for every plan.
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
    let (found, bound_units) = improve(schedule, &start, options, &[]);
    let first = found.unwrap_or(start);
    let placed = place(schedule, first, options).ok_or_else(|| too_large(schedule))?;
    let (plan, cost) = placed.found;
    let (blocks, offsets) = placed.addresses;
    Ok(MemoryPlan {
        schedule: schedule.clone(),
        plan,
        cost,
        blocks,
        offsets,
        bound_units,
        baselines: times,
        start_units,
        cuts: placed.cuts,
        given_up_bytes: placed.given_up_bytes,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// A plan with addresses, and what it took to find them.
struct Placed {
    found: Costed,
    addresses: Addresses,
    cuts: usize,
    given_up_bytes: u64,
}

/// Finds addresses for a plan, or for the best one that has some.
fn place(schedule: &Schedule, first: Costed, options: &PlanOptions) -> Option<Placed> {
    let mut cuts = Vec::new();
    let mut smaller = schedule.clone();
    let mut next = Some(first);
    for round in 0..SHRINK {
        if let Some(found) = next.take() {
            let given_up_bytes = schedule.capacity.0 - smaller.capacity.0;
            match addresses(schedule, &found.0, options) {
                Ok(addresses) => {
                    return Some(Placed {
                        found,
                        addresses,
                        cuts: cuts.len(),
                        given_up_bytes,
                    });
                }
                Err(Some(cut)) if cuts.len() < MOST_CUTS => cuts.push(cut),
                Err(_) => {
                    let step = (schedule.capacity.0 / SHRINK).max(1) * (round + 1);
                    smaller.capacity = Bytes(schedule.capacity.0.saturating_sub(step));
                }
            }
        }
        let start = best(baselines(&smaller))?;
        next = improve(&smaller, &start, options, &cuts).0;
        if next.is_none() {
            break;
        }
    }
    // The operations of the plan without reuse share no bytes.
    let plan = Baseline::NoReuse.plan(schedule)?;
    let cost = cost::plan::evaluate(schedule, &plan);
    let addresses = addresses(schedule, &plan, options).ok()?;
    Some(Placed {
        found: (plan, cost),
        addresses,
        cuts: cuts.len(),
        given_up_bytes: 0,
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

/// Solves the program from a plan; the better one, and the bound. With cuts that the plan at the
/// start does not keep to there may be none.
fn improve(
    schedule: &Schedule,
    start: &Costed,
    options: &PlanOptions,
    cuts: &[Cut],
) -> (Option<Costed>, u128) {
    let program = Residency::new(schedule, start.1.total(), cuts);
    let values = program.values(&start.0);
    let kept_to = cuts.is_empty() || program.model.violation(&values) < ROUNDING;
    let settings = Settings {
        limit: options.time_limit,
        start: kept_to.then_some(values),
        relative_gap: options.gap,
        presolve: true,
        without_probing: true,
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    let bound = bound(schedule, program.time_units(outcome.bound));
    let usable = outcome.status != HighsStatus::Failed;
    let found = outcome.values.filter(|_| usable).map(|values| {
        let plan = program.plan(&values);
        let cost = cost::plan::evaluate(schedule, &plan);
        (plan, cost)
    });
    let start = kept_to.then(|| start.clone());
    let plans = start.into_iter().chain(found);
    (plans.min_by_key(|plan| plan.1.total()), bound)
}

/// A row is violated beyond this.
const ROUNDING: f64 = 1e-7;

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

/// Offsets for a plan: slices with the same life together, or each by itself. Otherwise a cut, if
/// it is proved that there are none for slices by themselves.
fn addresses(
    schedule: &Schedule,
    plan: &Plan,
    options: &PlanOptions,
) -> Result<Addresses, Option<Cut>> {
    let mut cut = None;
    for merged in [true, false] {
        let blocks = blocks(schedule, plan, merged);
        let deadline = Instant::now() + options.packing_limit;
        let watch = Watch::new(Some(deadline), std::sync::Arc::default());
        match pack(&blocks.packing, &watch) {
            Packed::Fits(offsets) => return Ok((blocks, offsets)),
            Packed::Impossible(Unpackable::NoArrangement { blocks: core }) => {
                cut = Some(cuts::of(plan, &blocks, &core));
            }
            Packed::Impossible(Unpackable::PeakLoad(_)) | Packed::Stopped(_) => cut = None,
        }
    }
    Err(cut)
}
