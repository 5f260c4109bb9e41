//! `explain` of a whole network: what takes the time of its step, what more of each thing would buy, and
//! what could be halved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::args::{ExplainArguments, MODES_PER_OPERATION, TilesArgument, width};
use super::output::Output;
use super::planning::{Planned, Planning, suits, too_long};
use super::progress::Spinner;
use super::verify::{self, Restrictions};
use super::warnings::Notice;
use super::{Outcome, input, interrupt, jobs, planning, solve, step};
use crate::exact::SolveOptions;
use crate::memory::{self, Limits, Mappings, ModeOptions};
use crate::network::inference::{self, InferenceOptions};
use crate::problem::explanation::{FoundStep, StepChange};
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::plan::MemoryPlan;
use crate::problem::result::Status;
use crate::problem::{
    Hardware, HardwareChange, Network, Resource, RunResult, Scale, Space, TrainingStep,
};
use crate::report::explain_step::StepReport;
use crate::report::{self, Detail};
use crate::sweep::cache::Cache;
use crate::sweep::memo::Shared;

/// Limit of the processor time of a search for a mapping on changed hardware.
const MAPPING_LIMIT: Duration = Duration::from_millis(100);

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let (network, mut hardware) = input::read(&arguments.inputs)?;
    solve::restrict(&mut hardware, &arguments.among.dataflow)?;
    let file = &arguments.inputs.network;
    let graph = step::graph(&network, &arguments.step, true, file)?;
    let measure = Measure::from(arguments.objective);
    if measure.has_energy() {
        input::require_energy(&format!("--objective {}", measure.name()), &hardware)?;
    }
    let cache = if arguments.no_cache {
        Cache::default()
    } else {
        Cache::of_user()
    };
    let own = Explained {
        arguments,
        network: &network,
        graph: &graph,
        measure,
        shared: Arc::new(Shared::new(cache, true)),
        interrupt: interrupt::flag()?,
        jobs: jobs::of(arguments.jobs),
    };
    let output = Output::open(arguments.output.as_deref())?;
    let spinner = Spinner::new();
    let found = own.explain(hardware, &spinner);
    spinner.finish();
    let (result, changes) = found?;
    let report = StepReport {
        result: &result,
        changes: &changes,
    };
    let detail = Detail {
        all: arguments.all,
        width: width(arguments.output.as_deref()),
        ..Detail::default()
    };
    output.write(|out| report::write(&report, arguments.format, detail, out))?;
    Ok(if own.interrupt.load(Ordering::SeqCst) {
        Outcome::Interrupted
    } else if result.total_layers().cycles.is_some() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

/// A plan with what it takes to find one on changed hardware.
struct PlannedStep {
    graph: Graph,
    plan: MemoryPlan,
    modes: ModeOptions,
    mappings: Arc<Mappings>,
}

impl PlannedStep {
    /// The cycles of a plan on changed hardware, if one is found.
    fn what_if(
        &self,
        change: &HardwareChange,
        hardware: &Hardware,
        plan: Duration,
    ) -> Option<u128> {
        let limits = Limits {
            mapping: MAPPING_LIMIT,
            plan,
        };
        let changes = vec![change.clone()];
        let how = (&self.mappings, &self.modes);
        let all = memory::what_if(&self.graph, (hardware, &self.plan), changes, how, limits);
        all.first().map(|own| own.cycles)
    }
}

/// What is explained, and how it is searched.
struct Explained<'a> {
    arguments: &'a ExplainArguments,
    network: &'a Network,
    graph: &'a Graph,
    measure: Measure,
    shared: Arc<Shared>,
    interrupt: Arc<AtomicBool>,
    jobs: usize,
}

impl Explained<'_> {
    /// The step, and what changes of the hardware do to it.
    fn explain(
        &self,
        hardware: Hardware,
        spinner: &Spinner,
    ) -> anyhow::Result<(RunResult, Vec<StepChange>)> {
        spinner.show("mapping");
        let options = self.options(0);
        let mut result = self.layers(hardware, &options)?;
        let restrictions = Restrictions {
            work: self.graph,
            fixed: &[],
        };
        let failures = verify::rows(&mut result.layers, &result.hardware, Some(restrictions));
        failures.iter().for_each(Notice::show);
        for row in (result.layers.iter()).filter(|row| row.status() == Status::Infeasible) {
            let reason = row.reason.clone().unwrap_or_default();
            let layer = row.name.clone();
            Notice::NoMapping { layer, reason }.show();
        }
        let planned = self.plan(&result, &options, spinner)?;
        let mut changes = Vec::new();
        if result.total_layers().cycles.is_some() {
            for change in all_changes(&result.hardware) {
                spinner.show(&change.of.to_string());
                changes.extend(self.change(change, &result, planned.as_ref()));
            }
        }
        result.memory_plan = planned.map(|own| own.plan);
        Ok((result, changes))
    }

    fn options(&self, rank: usize) -> InferenceOptions {
        let arguments = self.arguments;
        InferenceOptions {
            solve: SolveOptions {
                divisors_only: arguments.among.tiles == TilesArgument::Divisors,
                objective: self.measure,
                time_limit: arguments.time_limit,
                cpu_limit: arguments.work.cpu_limit,
                node_limit: arguments.work.node_limit,
                interrupt: Arc::clone(&self.interrupt),
                memo: Some(Arc::new(self.shared.point(rank))),
                ..SolveOptions::default()
            },
            fuse: true,
            jobs: self.jobs,
            layers: None,
            fixed: Vec::new(),
        }
    }

    /// The operations of the step, each alone.
    fn layers(&self, hardware: Hardware, options: &InferenceOptions) -> anyhow::Result<RunResult> {
        let start = Instant::now();
        let layers = inference::map(self.graph, &hardware, options, &|_| ())?;
        let optimizer = step::optimizer(&self.arguments.step)?;
        Ok(RunResult {
            network: self.network.name.clone(),
            mode: self.graph.mode.name(),
            batch: self.network.batch,
            objective: self.measure,
            space: Space::of(&hardware, options.solve.divisors_only),
            notes: Vec::new(),
            training: optimizer.map(|optimizer| TrainingStep {
                optimizer: optimizer.name(),
                inference_cycles: None,
            }),
            partial: false,
            memory_plan: None,
            what_if: Vec::new(),
            origins: BTreeMap::new(),
            layers,
            hardware,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// The plan of the step with the tensors that it plans, where there is one.
    fn plan(
        &self,
        result: &RunResult,
        options: &InferenceOptions,
        spinner: &Spinner,
    ) -> anyhow::Result<Option<PlannedStep>> {
        let arguments = self.arguments;
        let fits = suits(self.measure, self.network, &result.hardware);
        if arguments.no_memory_plan || !fits || self.interrupt.load(Ordering::SeqCst) {
            return Ok(None);
        }
        if let Some(why) = too_long(self.graph) {
            let why = why.replace("; --memory-plan makes one", "");
            Notice::PlanLeftOut { why }.show();
            return Ok(None);
        }
        spinner.show("memory plan");
        let graph = planning::graph(self.network, &arguments.inputs, &arguments.step, true)?;
        let planning = Planning {
            graph: &graph,
            hardware: &result.hardware,
            rows: &result.layers,
            solve: &options.solve,
            per_operation: MODES_PER_OPERATION,
            stages: None,
            jobs: self.jobs,
            fixed: BTreeMap::new(),
            time_limit: arguments.plan_time_limit,
        };
        Ok(match planning.plan()? {
            Planned::Plan(found) => Some(PlannedStep {
                graph,
                plan: found.plan,
                modes: found.modes,
                mappings: Arc::new(found.mappings),
            }),
            Planned::Missing(missing) => {
                Notice::NoMemoryPlan { missing }.show();
                None
            }
            Planned::LeftOut(why) => {
                Notice::PlanLeftOut { why }.show();
                None
            }
        })
    }

    /// What a change does: to the planned step, where there is one, else to the layers alone. `None` where
    /// there is no twice or half of it.
    fn change(
        &self,
        change: HardwareChange,
        result: &RunResult,
        planned: Option<&PlannedStep>,
    ) -> Option<StepChange> {
        let changed = change.apply(&result.hardware)?;
        let from = change.of.amount(&result.hardware)?;
        let to = change.of.amount(&changed)?;
        let found = if self.interrupt.load(Ordering::SeqCst) {
            FoundStep::NotSearched
        } else {
            let cycles = match planned {
                Some(own) => own.what_if(&change, &result.hardware, self.arguments.change_limit),
                None => self.alone(&change, changed, result),
            };
            match cycles {
                Some(cycles) => FoundStep::Cycles(cycles),
                None if self.interrupt.load(Ordering::SeqCst) => FoundStep::NotSearched,
                None => FoundStep::None,
            }
        };
        Some(StepChange {
            change,
            from,
            to,
            found,
        })
    }

    /// The cycles of the layers alone on changed hardware, each found in little time from the mappings that
    /// are known.
    fn alone(
        &self,
        change: &HardwareChange,
        changed: Hardware,
        result: &RunResult,
    ) -> Option<u128> {
        let mut options = self.options(1);
        let limit = Some(self.arguments.change_limit);
        options.solve.cpu_limit = options.solve.cpu_limit.or(limit);
        let found = self.layers(changed, &options).ok()?.total_layers().cycles?;
        let own = result.total_layers().cycles?;
        Some(match change.scale {
            Scale::Half => found.max(own),
            Scale::Twice if self.measure == Measure::Cycles => found.min(own),
            Scale::Twice => found,
        })
    }
}

/// All changes, twice and half of one thing after the other.
fn all_changes(hardware: &Hardware) -> Vec<HardwareChange> {
    let all = Resource::all(hardware).into_iter().flat_map(|of| {
        let change = move |scale| HardwareChange {
            of: of.clone(),
            scale,
        };
        [Scale::Twice, Scale::Half].map(change)
    });
    all.collect()
}
