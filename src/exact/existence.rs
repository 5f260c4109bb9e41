//! Whether there is any mapping at all.

use crate::engine::Space;
use crate::problem::goal::Goal;
use crate::problem::{Hardware, LoopNest};

use super::incumbent::{self, Descents};
use super::infeasible;
use super::options::SolveOptions;
use super::setup::empty_space;
use super::strategy::branch_and_price;

/// More cycles than any mapping takes: with such a bound the first mapping found is good enough.
const ANY_CYCLES: u128 = 1 << 100;

/// Whether there is a mapping; `None` where that was not found out before the time was up.
pub(super) fn has_mapping(
    operation: &LoopNest,
    hardware: &Hardware,
    options: &SolveOptions,
) -> Option<bool> {
    if infeasible::too_small(operation, hardware).is_some() {
        return Some(false);
    }
    let mut space = empty_space(operation, hardware, options, ANY_CYCLES);
    space.set_goal(Goal::default());
    incumbent::find(&mut space, options.divisors_only, Descents::Many);
    if space.best.is_some() {
        return Some(true);
    }
    let (open, _) = branch_and_price(&mut space, options);
    match &space.best {
        Some(_) => Some(true),
        None if open > space.target() => Some(false),
        None => None,
    }
}
