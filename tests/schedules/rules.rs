//! Rules' plans beside a plan: none that has addresses is faster.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deepmatrix::cost;
use deepmatrix::engine::Watch;
use deepmatrix::memory::addresses::{Packed, pack};
use deepmatrix::memory::{Baseline, blocks};
use deepmatrix::problem::plan::MemoryPlan;
use deepmatrix::problem::schedule::Schedule;

/// The rules whose plans are faster and have addresses, or may have some although the plan says that
/// no limit ended a search for addresses.
pub fn faster_rules_with_addresses(schedule: &Schedule, plan: &MemoryPlan) -> Vec<&'static str> {
    let faster = Baseline::ALL.into_iter().filter(|rule| {
        let Some(own) = rule.plan(schedule) else {
            return false;
        };
        let cost = cost::plan::evaluate(schedule, &own);
        if cost.total() >= plan.cost.total() {
            return false;
        }
        let deadline = Instant::now() + Duration::from_secs(1);
        let watch = Watch::new(Some(deadline), Arc::default());
        match pack(&blocks(schedule, &own, false).packing, &watch) {
            Packed::Fits(_) => true,
            Packed::Impossible(_) => false,
            Packed::Stopped(_) => !plan.addresses.cut_short,
        }
    });
    faster.map(Baseline::name).collect()
}
