//! The stages of a plan: operations that run together, tile by tile.

use crate::problem::plan::MemoryPlan;
use crate::problem::stage::{Fused, StageMode};

/// The stages that run, each with its mode.
pub(super) fn running(own: &MemoryPlan) -> impl Iterator<Item = (&Fused, &StageMode)> {
    own.schedule.stages.iter().filter_map(|fused| {
        let mode = own.plan.modes[fused.operation]?;
        Some((fused, fused.modes.get(mode)?))
    })
}
