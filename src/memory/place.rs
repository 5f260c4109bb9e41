//! Addresses for a plan: those of the program's, of one in a little less memory, or of a rule's.

use std::sync::Arc;
use std::time::Instant;

use super::residency::Exclusion;
use crate::engine::Watch;
use crate::problem::Bytes;
use crate::problem::packing::Unpackable;
use crate::problem::plan::{AddressSearch, Plan, PlanBlocks, PlanTies};
use crate::problem::schedule::Schedule;

use super::addresses::{Packed, pack};
use super::baselines::{Baseline, Costed, baselines, best};
use super::options::{Clock, PlanOptions};
use super::search::{Search, improve};
use super::tuning::{ALL_ENDS, GRACE, MOST_CUTS, SHRINK, TIME_ENDS};
use super::{blocks, cuts};

/// A plan with addresses, and what it took to find them.
pub(super) struct Placed {
    pub(super) found: Costed,
    pub(super) ties: PlanTies,
    pub(super) addresses: Addresses,
    pub(super) search: AddressSearch,
}

/// Blocks with an offset for each.
pub(super) type Addresses = (PlanBlocks, Vec<u64>);

/// Why a plan has no addresses.
enum Refusal {
    /// There are none, for blocks that can be excluded by a cut if they are no more than fit at once.
    Proved(Option<Exclusion>),
    /// A limit or an interrupt ended the search.
    Stopped,
}

/// Finds addresses for a plan, or for the best one that has some: never one that is slower than a
/// rule's plan with addresses.
pub(super) fn place(
    schedule: &Schedule,
    rules: &[(Baseline, Option<Costed>)],
    first: Search,
    limits: (&PlanOptions, &Clock),
) -> Option<Placed> {
    let mut search = AddressSearch::default();
    let own = by_program(schedule, first, &mut search, limits);
    by_rule(schedule, rules, (own, search), limits)
}

/// The plan of the program, again with cuts and in a little less memory where it has no addresses.
fn by_program(
    schedule: &Schedule,
    first: Search,
    search: &mut AddressSearch,
    limits: (&PlanOptions, &Clock),
) -> Option<(Costed, PlanTies, Addresses)> {
    let mut cuts = Vec::new();
    let mut smaller = schedule.clone();
    let mut next = Some(first);
    for round in 0..SHRINK {
        if let Some((found, ties)) = next.take().and_then(|s| Some((s.found?, s.ties))) {
            let watch = || watch(limits);
            match addresses(schedule, &found.0, &watch) {
                Ok(addresses) => {
                    search.given_up_bytes = schedule.capacity.0 - smaller.capacity.0;
                    // With less to choose from nothing is proved of all plans.
                    let ties = if round == 0 {
                        ties
                    } else {
                        PlanTies::default()
                    };
                    return Some((found, ties, addresses));
                }
                Err(Refusal::Proved(Some(cut))) if cuts.len() < MOST_CUTS => cuts.push(cut),
                Err(refusal) => {
                    search.cut_short |= matches!(refusal, Refusal::Stopped);
                    let step = (schedule.capacity.0 / SHRINK).max(1) * (round + 1);
                    smaller.capacity = Bytes(schedule.capacity.0.saturating_sub(step));
                }
            }
            search.cuts = cuts.len();
        }
        if limits.1.is_over(ALL_ENDS) {
            // What would have been looked for now is not.
            search.cut_short = true;
            return None;
        }
        let start = best(baselines(&smaller))?;
        let again = improve(&smaller, &start, limits, &cuts);
        if again.found.is_none() {
            search.cut_short |= limits.1.is_over(TIME_ENDS);
            return None;
        }
        next = Some(again);
    }
    None
}

/// The best of what was found and of the rules' plans that have addresses. The operations of the plan
/// without reuse share no bytes, so that it has some.
fn by_rule(
    schedule: &Schedule,
    rules: &[(Baseline, Option<Costed>)],
    (own, mut search): (Option<(Costed, PlanTies, Addresses)>, AddressSearch),
    limits: (&PlanOptions, &Clock),
) -> Option<Placed> {
    let found = own.as_ref().map(|own| own.0.1.total());
    let plans = rules
        .iter()
        .filter_map(|(rule, plan)| Some((*rule, plan.as_ref()?)));
    let mut faster: Vec<(Baseline, &Costed)> = plans
        .filter(|(_, plan)| found.is_none_or(|found| plan.1.total() < found))
        .collect();
    faster.sort_by_key(|(_, plan)| plan.1.total());
    let end = Instant::now().checked_add(GRACE);
    for (rule, plan) in faster {
        match addresses(schedule, &plan.0, &|| after_all(limits, end)) {
            Ok(addresses) => {
                search.given_up_bytes = 0;
                return Some(Placed {
                    found: plan.clone(),
                    ties: PlanTies::default(),
                    addresses,
                    search,
                });
            }
            Err(Refusal::Proved(_)) => search.rules_without.push(rule.name()),
            Err(Refusal::Stopped) => search.cut_short = true,
        }
    }
    let (found, ties, addresses) = own?;
    Some(Placed {
        found,
        ties,
        addresses,
        search,
    })
}

/// Ends a search for addresses with the whole, or after its own limit.
fn watch((options, clock): (&PlanOptions, &Clock)) -> Watch {
    let own = Instant::now().checked_add(options.packing_limit);
    let deadline = own.into_iter().chain(clock.deadline(ALL_ENDS)).min();
    Watch::new(deadline, Arc::clone(&clock.interrupt))
}

/// The same, but not before `end`.
fn after_all(limits: (&PlanOptions, &Clock), end: Option<Instant>) -> Watch {
    if limits.1.is_over(ALL_ENDS) {
        // An interrupt that was set already must not stop what it is followed by.
        return Watch::new(end, Arc::default());
    }
    let own = Instant::now().checked_add(limits.0.packing_limit);
    let whole = limits
        .1
        .deadline(ALL_ENDS)
        .map(|whole| end.map_or(whole, |end| whole.max(end)));
    let deadline = own.into_iter().chain(whole).min();
    Watch::new(deadline, Arc::clone(&limits.1.interrupt))
}

/// Offsets for a plan: slices with the same life together, or each by itself. Otherwise a cut, if
/// it is proved that there are none for slices by themselves.
fn addresses(
    schedule: &Schedule,
    plan: &Plan,
    watch: &dyn Fn() -> Watch,
) -> Result<Addresses, Refusal> {
    let mut refusal = Refusal::Stopped;
    for merged in [true, false] {
        let blocks = blocks(schedule, plan, merged);
        refusal = match pack(&blocks.packing, &watch()) {
            Packed::Fits(offsets) => return Ok((blocks, offsets)),
            Packed::Impossible(Unpackable::NoArrangement { blocks: core }) => {
                Refusal::Proved(Some(cuts::of(plan, &blocks, &core)))
            }
            Packed::Impossible(_) => Refusal::Proved(None),
            Packed::Stopped(_) => Refusal::Stopped,
        };
    }
    Err(refusal)
}
