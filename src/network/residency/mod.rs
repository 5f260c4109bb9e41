//! The memory plan of a step: modes of its operations, baselines, the residency program, and
//! addresses.

mod baselines;
mod blocks;
mod bounds;
mod cuts;
mod draft;
mod file;
mod known;
mod modes;
mod operands;
mod place;
mod recompute;
mod search;
mod step;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cost;
use crate::problem::Certificate;
use crate::problem::certificate::{Amount, Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::plan::{Least, MemoryPlan, Modes, Plan, PlanCost};
use crate::problem::schedule::{Schedule, ScheduleError};

use place::place;
use search::{Search, improve, of_any_modes};

pub use baselines::Baseline;
pub use blocks::blocks;
pub use bounds::least_units;
pub use file::{ResidencyFacts, ResidencyProgram, program};
pub use known::{Known, KnownMapping};
pub use modes::ModeOptions;
pub use step::{Cutting, Step, StepError, schedule};

/// How a plan is searched.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Time limit of programs and addresses together.
    pub time_limit: Option<Duration>,
    /// Relative gap at which the search ends.
    pub gap: f64,
    /// Time limit of one search for addresses.
    pub packing_limit: Duration,
    /// Whether of plans of the same time those are looked for that move and hold less.
    pub break_ties: bool,
    /// Set to stop: the best plan so far gets addresses.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            time_limit: None,
            gap: 1e-4,
            packing_limit: Duration::from_secs(10),
            break_ties: true,
            interrupt: Arc::default(),
        }
    }
}

/// The time that a search may take, in stages: programs end before the whole does, so that
/// there is time for addresses.
#[derive(Clone, Debug)]
struct Clock {
    begin: Instant,
    limit: Option<Duration>,
    interrupt: Arc<AtomicBool>,
}

/// Parts of the time limit, in percent, after which no program of any modes, no program of least
/// time, no program that breaks ties and no search for addresses runs any more.
const WHOLE_ENDS: u32 = 10;
const TIME_ENDS: u32 = 75;
const TIES_END: u32 = 90;
const ALL_ENDS: u32 = 100;

impl Clock {
    /// The moment at which a stage ends.
    fn deadline(&self, percent: u32) -> Option<Instant> {
        let limit = self.limit?;
        self.begin.checked_add(limit.checked_mul(percent)? / 100)
    }

    /// The time that is left of a stage; `None` without a limit.
    fn left(&self, percent: u32) -> Option<Duration> {
        let deadline = self.deadline(percent)?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether a stage is over.
    fn is_over(&self, percent: u32) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.left(percent) == Some(Duration::ZERO)
    }
}

/// Plans a schedule: baselines first, then the program from the best of them, then addresses.
/// Where it is proved that the plan has none, a cut excludes what cannot be arranged; where none
/// are found in time, or after some cuts, it is planned again in a little less memory, and a rule's
/// plan with addresses takes its place where that is faster. The bound stays that of the whole memory without cuts, which holds for every plan.
///
/// # Errors
/// The schedule cannot be carried out in its memory.
pub fn plan(
    schedule: &Schedule,
    modes: Modes,
    options: &PlanOptions,
) -> Result<MemoryPlan, ScheduleError> {
    schedule.validate()?;
    let clock = Clock {
        begin: Instant::now(),
        limit: options.time_limit,
        interrupt: Arc::clone(&options.interrupt),
    };
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
    let bounds = own
        .chain(program)
        .chain(whole.clone().into_iter().flatten());
    let among_modes = certificate(cost.total(), bounds)?;
    let among_modes = match modes.unproved() {
        Some(what) => among_modes.without(Skipped::Part(what)),
        None => among_modes,
    };
    let whole = match whole {
        Some(bounds) => certificate(cost.total(), bounds)?,
        None => among_modes.clone(),
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
    let (value, bound) = (Amount::Whole(value), Amount::Whole(bound));
    Certificate::found(Measure::Cycles, value, bound, Evidence::closed([by]))
        .map_err(|_| ScheduleError::Bound)
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
