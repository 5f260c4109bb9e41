//! What a change of the hardware does to a planned step: a plan on the changed hardware, from the
//! mappings that are known already. It is a plan that can be carried out, so that more of something
//! makes the step at least so much faster, and less of it at most so much slower.

use std::sync::Arc;
use std::time::Duration;

use crate::exact::TieBreak;
use crate::problem::graph::Graph;
use crate::problem::plan::MemoryPlan;
use crate::problem::{Hardware, HardwareChange, Resource, Scale, WhatIf};

use super::modes::{Given, Mappings, ModeOptions};
use super::options::PlanOptions;
use super::step::{Cutting, schedule};

/// How long is looked for a plan on changed hardware.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Limit of the processor time of a search for a mapping, where those that are known are none on the changed hardware,
    /// or leave its new elements idle.
    pub mapping: Duration,
    /// Limit of the plan.
    pub plan: Duration,
}

/// The step on changed hardware, as far as a plan was found there: `mappings` are those among whose
/// modes `own` was chosen, and `options` are those with which they were found.
#[must_use]
pub fn what_if(
    graph: &Graph,
    (hardware, own): (&Hardware, &MemoryPlan),
    changes: Vec<HardwareChange>,
    (mappings, options): (&Arc<Mappings>, &ModeOptions),
    limits: Limits,
) -> Vec<WhatIf> {
    let of = |change: HardwareChange| {
        let changed = change.apply(hardware)?;
        let improve = matches!(change.of, Resource::Elements { .. });
        let found = planned(graph, &changed, improve, (mappings, options), limits)?;
        let cycles = match change.scale {
            Scale::Half => found.max(own.step_cycles()),
            // What is more, the plan need not use.
            Scale::Twice => found.min(own.step_cycles()),
        };
        Some(WhatIf { change, cycles })
    };
    changes.into_iter().filter_map(of).collect()
}

/// The cycles of a plan on changed hardware.
fn planned(
    graph: &Graph,
    hardware: &Hardware,
    improve: bool,
    (mappings, options): (&Arc<Mappings>, &ModeOptions),
    limits: Limits,
) -> Option<u128> {
    let mut solve = options.solve.clone();
    solve.cpu_limit = Some(limits.mapping);
    solve.time_limit = limits.mapping.checked_mul(10);
    solve.tie_break = TieBreak::Off;
    solve.memo = None;
    let given = Given {
        mappings: Arc::clone(mappings),
        improve,
    };
    let modes = ModeOptions {
        solve,
        together: None,
        given: Some(given),
        ..options.clone()
    };
    let step = schedule(graph, hardware, Cutting::default(), &modes).ok()?;
    let limits = PlanOptions {
        time_limit: Some(limits.plan),
        break_ties: false,
        interrupt: Arc::clone(&options.solve.interrupt),
        ..PlanOptions::default()
    };
    let plan = super::plan(&step.schedule, step.modes, &limits).ok()?;
    Some(plan.step_cycles())
}
