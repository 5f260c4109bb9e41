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
mod recompute;
mod search;
mod step;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cost;
use crate::formulate::residency::Cut;
use crate::milp::Watch;
use crate::problem::Bytes;
use crate::problem::packing::Unpackable;
use crate::problem::plan::{MemoryPlan, Modes, Plan, PlanBlocks, PlanCost, PlanProof, PlanTies};
use crate::problem::schedule::{Schedule, ScheduleError};

use super::addresses::{Packed, pack};
use search::{Search, improve};

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

/// Part of the capacity that is given up at a time where a plan has no addresses.
const SHRINK: u64 = 64;
/// Cuts that are tried before capacity is given up.
const MOST_CUTS: usize = 8;

/// The time that a search may take, in stages: programs end before the whole does, so that
/// there is time for addresses.
#[derive(Clone, Debug)]
struct Clock {
    begin: Instant,
    limit: Option<Duration>,
    interrupt: Arc<AtomicBool>,
}

/// Parts of the time limit, in percent, after which no program of least time, no program that breaks
/// ties and no search for addresses runs any more.
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
/// are found in time, or after some cuts, it is planned again in a little less memory. The bound
/// stays that of the whole memory without cuts, which holds for every plan.
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
    let start = best(baselines).ok_or_else(|| too_large(schedule))?;
    let start_units = start.1.total();
    let search = improve(schedule, &start, (options, &clock), &[]);
    let program = search.bound.map(|bound| (bound, "program"));
    let first = Search {
        found: search.found.or(Some(start)),
        ..search
    };
    let placed = place(schedule, first, (options, &clock)).ok_or_else(|| too_large(schedule))?;
    let (plan, cost) = placed.found;
    let (blocks, offsets) = placed.addresses;
    // A program's bound above a plan is one that nothing may rest on.
    let own = Some(least_units(schedule)).into_iter();
    let bounds = own
        .chain(program)
        .filter(|&(bound, name)| bound <= cost.total() || name != "program");
    let proof = bounds.max_by_key(|bound| bound.0);
    let proof = proof.and_then(|(bound, by)| PlanProof::new(cost.total(), bound, by));
    Ok(MemoryPlan {
        schedule: schedule.clone(),
        proof: proof.ok_or(ScheduleError::Bound)?,
        ties: placed.ties,
        modes,
        plan,
        cost,
        blocks,
        offsets,
        baselines: times,
        start_units,
        cuts: placed.cuts,
        given_up_bytes: placed.given_up_bytes,
        seconds: clock.begin.elapsed().as_secs_f64(),
    })
}

/// A plan with addresses, and what it took to find them.
struct Placed {
    found: Costed,
    ties: PlanTies,
    addresses: Addresses,
    cuts: usize,
    given_up_bytes: u64,
}

/// Finds addresses for a plan, or for the best one that has some.
fn place(schedule: &Schedule, first: Search, limits: (&PlanOptions, &Clock)) -> Option<Placed> {
    let mut cuts = Vec::new();
    let mut smaller = schedule.clone();
    let mut next = Some(first);
    for round in 0..SHRINK {
        if let Some((found, ties)) = next.take().and_then(|s| Some((s.found?, s.ties))) {
            let given_up_bytes = schedule.capacity.0 - smaller.capacity.0;
            match addresses(schedule, &found.0, limits) {
                Ok(addresses) => {
                    return Some(Placed {
                        found,
                        // With less to choose from nothing is proved of all plans.
                        ties: if round == 0 {
                            ties
                        } else {
                            PlanTies::default()
                        },
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
        if limits.1.is_over(ALL_ENDS) {
            break;
        }
        let start = best(baselines(&smaller))?;
        let again = improve(&smaller, &start, limits, &cuts);
        if again.found.is_none() {
            break;
        }
        next = Some(again);
    }
    by_rule(schedule, cuts.len(), limits)
}

/// The best plan by a rule that has addresses. The operations of the plan without reuse share no
/// bytes, so that it has some.
fn by_rule(schedule: &Schedule, cuts: usize, limits: (&PlanOptions, &Clock)) -> Option<Placed> {
    let plans = baselines(schedule).into_iter().filter_map(|(_, plan)| plan);
    let mut plans: Vec<Costed> = plans.collect();
    plans.sort_by_key(|(_, cost)| cost.total());
    plans.into_iter().find_map(|found| {
        let addresses = addresses(schedule, &found.0, limits).ok()?;
        Some(Placed {
            found,
            ties: PlanTies::default(),
            addresses,
            cuts,
            given_up_bytes: 0,
        })
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

type Addresses = (PlanBlocks, Vec<u64>);

/// Offsets for a plan: slices with the same life together, or each by itself. Otherwise a cut, if
/// it is proved that there are none for slices by themselves.
fn addresses(
    schedule: &Schedule,
    plan: &Plan,
    (options, clock): (&PlanOptions, &Clock),
) -> Result<Addresses, Option<Cut>> {
    let mut cut = None;
    for merged in [true, false] {
        let blocks = blocks(schedule, plan, merged);
        let own = Instant::now().checked_add(options.packing_limit);
        let deadline = own.into_iter().chain(clock.deadline(ALL_ENDS)).min();
        let watch = Watch::new(deadline, Arc::clone(&clock.interrupt));
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
