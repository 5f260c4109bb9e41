//! `solve --memory-plan`: which tensors stay in the shared memory between operations, and where.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::bail;

use super::args::SolveArguments;
use super::output::Output;
use super::planning::{self, Planned, Planning};
use super::run_pictures;
use super::warnings::Notice;
use crate::exact::Memo;
use crate::memory::{self, Limits};
use crate::network::inference::InferenceOptions;
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::plan::MemoryPlan;
use crate::problem::planned::COMPUTE;
use crate::problem::{
    Array, Fixed, Hardware, HardwareChange, Level, Network, Resource, RunResult, Scale,
};
use crate::report::trace;
use crate::sweep::cache::Cache;
use crate::sweep::memo::Shared;

/// Whether the step is planned: where that is asked for, or where it can be and is what a user would
/// want, as fewest cycles of a whole network are.
pub(super) fn is_wanted(
    arguments: &SolveArguments,
    (network, graph): (&Network, &Graph),
    hardware: &Hardware,
) -> bool {
    let plan = &arguments.plan;
    let measure = Measure::from(arguments.objective);
    let fits = arguments.layers.is_none() && planning::suits(measure, network, hardware);
    if is_asked(arguments) || !fits || plan.no_memory_plan {
        return is_asked(arguments);
    }
    let too_long = planning::too_long(graph);
    if let Some(why) = &too_long {
        Notice::PlanLeftOut { why: why.clone() }.show();
    }
    too_long.is_none()
}

/// Whether a plan is asked for by name, so that its absence is an error.
fn is_asked(arguments: &SolveArguments) -> bool {
    let plan = &arguments.plan;
    plan.memory_plan || plan.memory_map.is_some() || plan.trace.is_some()
}

/// The mappings that are kept from one plan to the next, those of the layers and those of modes.
pub(super) fn kept(arguments: &SolveArguments, planned: bool) -> Option<Arc<Shared>> {
    let cache = planned && !arguments.plan.no_cache;
    cache.then(|| Arc::new(Shared::new(Cache::of_user(), false)))
}

/// What knows the kept mappings.
pub(super) fn memo(kept: &Arc<Shared>) -> Arc<dyn Memo> {
    Arc::new(kept.point(0))
}

/// Says that mappings could not be kept, if so.
pub(super) fn show_failure(kept: &Shared) {
    if let Some(failure) = kept.cache().failure() {
        let what = failure.to_owned();
        Notice::CacheNotWritten { what }.show();
    }
}

/// Adds the memory plan to a result, checked: of the step of a network whose operations were
/// mapped as those of `mapped`.
pub(super) fn add(
    result: &mut RunResult,
    (network, mapped): (&Network, &Graph),
    arguments: &SolveArguments,
    options: &InferenceOptions,
) -> anyhow::Result<()> {
    let map = Output::open(arguments.plan.memory_map.as_deref())?;
    let events = Output::open(arguments.plan.trace.as_deref())?;
    let graph = planning::graph(network, &arguments.inputs, &arguments.step, options.fuse)?;
    let planning = Planning {
        graph: &graph,
        hardware: &result.hardware,
        rows: &result.layers,
        solve: &options.solve,
        per_operation: arguments.plan.modes_per_operation,
        stages: Some((network, arguments.plan.stage_length)),
        jobs: options.jobs,
        fixed: fixed(mapped, options),
        time_limit: arguments.plan.plan_time_limit,
    };
    let found = match planning.plan()? {
        Planned::Plan(found) => *found,
        Planned::Missing(missing) => {
            Notice::NoMemoryPlan { missing }.show();
            return Ok(());
        }
        Planned::LeftOut(why) => return left_out(arguments, why),
    };
    let (plan, modes) = (found.plan, found.modes);
    // A changed memory would want other stages.
    let fused = !plan.schedule.stages.is_empty();
    if !fused && !options.solve.interrupt.load(Ordering::SeqCst) {
        let changes = changes(result, &plan);
        let limits = Limits {
            mapping: WHAT_IF_MAPPING,
            plan: WHAT_IF_PLAN.max(Duration::from_secs_f64(plan.seconds) / 4),
        };
        let mappings = Arc::new(found.mappings);
        let own = (&result.hardware, &plan);
        result.what_if = memory::what_if(&graph, own, changes, (&mappings, &modes), limits);
    }
    result.memory_plan = Some(plan);
    if let (Some(_), Some(svg)) = (&arguments.plan.memory_map, run_pictures::svg(result)) {
        map.write(|out| out.write_all(svg.as_bytes()))?;
    }
    if let (Some(_), Some(text)) = (&arguments.plan.trace, trace::text(result)) {
        events.write(|out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// There is no plan: an error where one was asked for, else said.
fn left_out(arguments: &SolveArguments, why: String) -> anyhow::Result<()> {
    if is_asked(arguments) {
        bail!(why);
    }
    Notice::PlanLeftOut { why }.show();
    Ok(())
}

/// The changes of the hardware that are tried: twice what takes the time, half the shared memory.
fn changes(result: &RunResult, plan: &MemoryPlan) -> Vec<HardwareChange> {
    let hardware = &result.hardware;
    let mut all = Vec::new();
    for (name, share) in plan.bottlenecks(hardware) {
        if share < WHAT_IF_SHARE {
            continue;
        }
        let of = match hardware.arrays().next() {
            Some((_, array)) if name == COMPUTE => shortest_axis(array),
            _ => Some(Resource::Bandwidth(name.to_owned())),
        };
        all.extend(of.map(|of| HardwareChange {
            of,
            scale: Scale::Twice,
        }));
    }
    if let Some(Level::Memory(shared)) = hardware.levels.get(1) {
        all.push(HardwareChange {
            of: Resource::Capacity(shared.name.clone()),
            scale: Scale::Half,
        });
    }
    all
}

/// The elements along the shortest axis of an array, of several the innermost.
fn shortest_axis(array: &Array) -> Option<Resource> {
    let axis = array.axes.iter().rev().min_by_key(|axis| axis.size)?;
    Some(Resource::Elements {
        array: array.name.clone(),
        axis: axis.name.clone(),
    })
}

/// A bottleneck that takes a smaller part of the time is not doubled.
const WHAT_IF_SHARE: f64 = 0.1;

/// Limit of the processor time of a search for a mapping on changed hardware.
const WHAT_IF_MAPPING: Duration = Duration::from_millis(100);

/// Time limit of a plan on changed hardware, where a quarter of the plan's own time is less.
const WHAT_IF_PLAN: Duration = Duration::from_secs(2);

/// What is fixed of the mappings of operations, by name.
fn fixed(mapped: &Graph, options: &InferenceOptions) -> BTreeMap<String, Arc<Vec<Fixed>>> {
    let all = mapped.operations.iter().enumerate();
    let own = all.map(|(index, operation)| {
        let fixed = options.fixed.iter().filter(|(all, _)| all.contains(&index));
        let fixed: Vec<Fixed> = fixed.map(|(_, fixed)| fixed.clone()).collect();
        (operation.name.clone(), Arc::new(fixed))
    });
    own.filter(|(_, fixed)| !fixed.is_empty()).collect()
}
