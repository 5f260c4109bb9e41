//! The memory plan of a step: modes of its operations, baselines, the residency program, and
//! addresses.

pub mod addresses;
mod baselines;
mod blocks;
mod bounds;
mod cuts;
mod draft;
mod early;
mod file;
mod fusion;
mod grouping;
mod known;
mod modes;
mod operands;
mod options;
mod place;
mod recompute;
pub mod residency;
mod rounds;
mod search;
mod step;
mod switches;
pub mod tuning;
mod ways;
mod what_if;

use crate::problem::Certificate;
use crate::problem::certificate::{Amount, Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::plan::{Least, MemoryPlan, Modes};
use crate::problem::schedule::{Schedule, ScheduleError};

use baselines::{baselines, best, too_large};
use options::Clock;
use place::place;
use search::{Search, improve, of_any_modes};

pub use baselines::Baseline;
pub use blocks::blocks;
pub use bounds::least_units;
pub use file::{ResidencyFacts, ResidencyProgram, program};
pub use fusion::{StageOptions, divided, fuse, least_units_by_itself, stage_times, touched};
pub use known::{Known, KnownMapping};
pub use modes::{Given, Mappings, ModeOptions};
pub use options::PlanOptions;
pub use rounds::{PlanError, plan_step};
pub use step::{Cutting, Step, StepError, has_shared_memory, schedule};
pub use switches::Switches;
pub use what_if::{Limits, what_if};

/// Plans a schedule: baselines first, then the program from the best of them, then addresses.
/// Where it is proved that the plan has none, a cut excludes what cannot be arranged; where none
/// are found in time, or after some cuts, it is planned again in a little less memory, and a rule's
/// plan with addresses takes its place where that is faster. The bound stays that of the whole memory
/// without cuts, which holds for every plan.
///
/// # Errors
/// The schedule cannot be carried out in its memory.
pub fn plan(
    schedule: &Schedule,
    modes: Modes,
    options: &PlanOptions,
) -> Result<MemoryPlan, ScheduleError> {
    schedule.validate()?;
    let clock = Clock::start(options);
    let baselines = baselines(schedule);
    let times: Vec<(&'static str, Option<u128>)> = (baselines.iter())
        .map(|(b, p)| (b.name(), p.as_ref().map(|p| p.1.total())))
        .collect();
    let start = best(baselines.clone()).ok_or_else(|| too_large(schedule))?;
    let start_units = start.1.total();
    let whole = (modes.least.as_deref())
        .map(|least| bounds_of_any_modes(schedule, least, start_units, (options, &clock)));
    let search = improve(schedule, &start, (options, &clock), &[]);
    let program = search.bound.map(|bound| (bound, Closing::SolverBound));
    let first = Search {
        found: search.found.or(Some(start)),
        ..search
    };
    let placed = place(schedule, &baselines, first, (options, &clock));
    let placed = placed.ok_or_else(|| too_large(schedule))?;
    let (plan, cost) = placed.found;
    let (blocks, offsets) = placed.addresses;
    let own = std::iter::once(least_units(schedule));
    // What the solver says of a program is used only where a known plan agrees with it.
    let agrees = |own: &(u128, Closing)| own.1 != Closing::SolverBound || own.0 <= cost.total();
    let whole: Option<Vec<_>> = whole.map(|all| all.into_iter().filter(agrees).collect());
    let bounds = own
        .chain(program)
        .chain(whole.clone().into_iter().flatten());
    let among_modes = certificate(cost.total(), bounds)?;
    let (divided, listed) = (modes.divided, modes.listed.clone());
    let among_modes = match modes.unproved() {
        Some(what) => among_modes.without(Skipped::Part(what)),
        None => among_modes,
    };
    let whole = match (whole, divided) {
        (_, Some(bound)) => match listed.filter(|own| own.0 > bound.0) {
            Some((units, others)) => {
                let own = certificate(cost.total(), [(units, Closing::ShortestPath)])?;
                own.without(Skipped::Part(others))
            }
            None => certificate(cost.total(), [bound])?,
        },
        (Some(bounds), None) => certificate(cost.total(), bounds)?,
        (None, None) => among_modes.clone(),
    };
    Ok(MemoryPlan {
        schedule: schedule.clone(),
        among_modes,
        whole,
        ties: placed.ties,
        modes,
        plan,
        cost,
        blocks,
        offsets,
        baselines: times,
        start_units,
        addresses: placed.search,
        seconds: clock.begin.elapsed().as_secs_f64(),
    })
}

/// Units that no plan of a step takes fewer of in which every operation runs by itself, whatever its mapping, as far
/// as a short search proves; `scale` are those of some plan.
#[must_use]
pub fn least_units_alone(step: &Step, scale: u128, options: &PlanOptions) -> u128 {
    let clock = Clock::start(options);
    let least = step.modes.least.as_deref();
    let bounds =
        least.map(|least| bounds_of_any_modes(&step.schedule, least, scale, (options, &clock)));
    let units = bounds.into_iter().flatten().map(|bound| bound.0);
    units.max().unwrap_or(0)
}

/// Bounds on plans of a schedule whose operations may have any modes, none of which is in anything
/// better than `least`.
fn bounds_of_any_modes(
    schedule: &Schedule,
    least: &[Least],
    start_units: u128,
    limits: (&PlanOptions, &Clock),
) -> Vec<(u128, Closing)> {
    let mut relaxed = schedule.clone();
    for (operation, own) in relaxed.operations.iter_mut().zip(least) {
        operation.modes = vec![own.mode.clone()];
    }
    let alone = least.iter().map(|own| own.alone_cycles);
    let program = of_any_modes(&relaxed, alone, start_units, limits);
    let program = program.map(|bound| (bound, Closing::SolverBound));
    std::iter::once(least_units(&relaxed))
        .chain(program)
        .collect()
}

/// The claim of a plan that takes `value` units, by the best of bounds.
///
/// # Errors
/// A bound is above the plan, so that one of them is wrong.
fn certificate(
    value: u128,
    bounds: impl IntoIterator<Item = (u128, Closing)>,
) -> Result<Certificate, ScheduleError> {
    let best = bounds.into_iter().max_by_key(|bound| bound.0);
    let (bound, by) = best.unwrap_or((0, Closing::Arithmetic));
    let [of_plan, least] = [value, bound].map(Amount::Whole);
    Certificate::found(Measure::Cycles, of_plan, least, Evidence::closed([by])).map_err(|_| {
        ScheduleError::Bound {
            value,
            bound,
            by: by.name(),
        }
    })
}
