//! The memory plan of a step whose operations are mapped, checked: what `solve`, `explain` and `sweep`
//! have in common.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};

use super::args::{Inputs, StepArguments};
use super::step;
use crate::check;
use crate::exact::SolveOptions;
use crate::memory::tuning::{FEW_MODES, MODE_CPU, MODE_LIMIT};
use crate::memory::{
    self, Cutting, Known, Mappings, ModeOptions, PlanError, PlanOptions, StageOptions, Step,
    Switches,
};
use crate::network::training::{self, StepOptions};
use crate::problem::goal::Measure;
use crate::problem::graph::{Graph, Mode};
use crate::problem::plan::MemoryPlan;
use crate::problem::result::Status;
use crate::problem::{Fixed, Hardware, LayerRow, Network};

/// A step of more operations is planned only where that is asked for: it takes minutes.
const MOST_OPERATIONS: usize = 5_000;

/// Whether a step is one whose fewest cycles a plan says: of a whole network, on hardware with a bounded
/// shared memory.
pub(super) fn suits(measure: Measure, network: &Network, hardware: &Hardware) -> bool {
    measure == Measure::Cycles && network.is_connected() && memory::has_shared_memory(hardware)
}

/// Why a step that nobody asked to plan is not, if it is too long.
pub(super) fn too_long(graph: &Graph) -> Option<String> {
    let operations = graph.operations.len();
    let why = || format!("the step has {operations} operations; --memory-plan makes one");
    (operations > MOST_OPERATIONS).then(why)
}

/// The step with its tensors.
pub(super) fn graph(
    network: &Network,
    inputs: &Inputs,
    step: &StepArguments,
    fuse: bool,
) -> anyhow::Result<Graph> {
    let optimizer = step::optimizer(step)?;
    let options = StepOptions {
        mode: optimizer.map_or(Mode::Inference, |_| Mode::Training),
        optimizer: optimizer.unwrap_or_default(),
        fuse,
    };
    let file = inputs.network.display();
    training::step(network, options).map_err(|error| anyhow!("{file}: {error}"))
}

/// What is planned, and how.
pub(super) struct Planning<'a> {
    /// The step with its tensors.
    pub(super) graph: &'a Graph,
    pub(super) hardware: &'a Hardware,
    /// What was found of its operations, each alone.
    pub(super) rows: &'a [LayerRow],
    /// How each was searched.
    pub(super) solve: &'a SolveOptions,
    /// Mappings of each operation.
    pub(super) per_operation: usize,
    /// The network of which it is a step, and how many of its operations may run together at most.
    pub(super) stages: Option<(&'a Network, usize)>,
    /// Operations mapped at the same time.
    pub(super) jobs: usize,
    /// What is fixed of mappings, by the operations' names.
    pub(super) fixed: BTreeMap<String, Arc<Vec<Fixed>>>,
    /// Time limit of the programs and addresses.
    pub(super) time_limit: Duration,
}

/// A plan with the mappings among whose modes it chose.
pub(super) struct Found {
    pub(super) plan: MemoryPlan,
    pub(super) mappings: Mappings,
    pub(super) modes: ModeOptions,
}

/// What came of it.
pub(super) enum Planned {
    Plan(Box<Found>),
    /// These operations have no mapping yet.
    Missing(Vec<String>),
    /// There is no plan, and why.
    LeftOut(String),
}

impl Planning<'_> {
    /// Plans the step.
    ///
    /// # Errors
    /// The plan failed its check.
    pub(super) fn plan(self) -> anyhow::Result<Planned> {
        // What has no mapping at all is an error of its own.
        let missing = (self.rows.iter()).filter(|row| row.status() == Status::Unknown);
        let missing: Vec<String> = missing.map(|row| row.name.clone()).collect();
        if !missing.is_empty() {
            return Ok(Planned::Missing(missing));
        }
        let (graph, hardware) = (self.graph, self.hardware);
        let stages = self.stages.filter(|(_, length)| *length > 1);
        let limits = PlanOptions {
            time_limit: Some(self.time_limit),
            interrupt: Arc::clone(&self.solve.interrupt),
            ..PlanOptions::default()
        };
        let modes = self.modes();
        let found = match stages {
            None => memory::plan_step(graph, hardware, Cutting::default(), &modes, &limits),
            Some(stages) => fused(graph, hardware, stages, (&modes, &limits)),
        };
        let (step, plan) = match found {
            Ok(found) => found,
            Err(error) => return Ok(Planned::LeftOut(error.to_string())),
        };
        verify(&plan, hardware)?;
        Ok(Planned::Plan(Box::new(Found {
            plan,
            mappings: step.mappings,
            modes,
        })))
    }

    fn modes(self) -> ModeOptions {
        let cpu_limit = (self.solve.time_limit.is_none()).then_some(MODE_CPU);
        ModeOptions {
            solve: SolveOptions {
                time_limit: self.solve.time_limit.or(Some(MODE_LIMIT)),
                cpu_limit: self.solve.cpu_limit.or(cpu_limit),
                ..self.solve.clone()
            },
            together: self.solve.time_limit,
            per_operation: self.per_operation,
            switches: Switches::ALL,
            jobs: self.jobs,
            known: Known::of(self.rows),
            fixed: self.fixed,
            given: None,
        }
    }
}

/// Plans a step some operations of which may run together, where that is faster: with a few mappings of each
/// operation first, and with all of them where a plan without stages could be faster than the one that is found.
fn fused(
    graph: &Graph,
    hardware: &Hardware,
    (network, length): (&Network, usize),
    (modes, limits): (&ModeOptions, &PlanOptions),
) -> Result<(Step, MemoryPlan), PlanError> {
    let cutting = Cutting::default();
    let few = ModeOptions {
        per_operation: modes.per_operation.min(FEW_MODES),
        ..modes.clone()
    };
    let mut step = memory::schedule(graph, hardware, cutting, &few)?;
    // Boxes of a stage have mappings of their own, of which nothing is fixed.
    let stages = StageOptions {
        length,
        ..StageOptions::default()
    };
    let own = if modes.fixed.is_empty() {
        let boxes = of_boxes(&modes.solve);
        memory::fuse(
            &mut step,
            (network, graph),
            hardware,
            cutting,
            (stages, &boxes),
        )
    } else {
        None
    };
    let mut own = own.and_then(|own| memory::plan(&own.schedule, own.modes, limits).ok());

    // ---- Without stages ----
    let (divided, listed) = (step.modes.divided, step.modes.listed.clone());
    if divided.is_none() {
        // Nothing can run together.
        return memory::plan_step(graph, hardware, cutting, modes, limits);
    }
    let closed = own.as_ref().is_some_and(|own| {
        let units = own.cost.total();
        units <= memory::least_units_alone(&step, units, limits)
    });
    if let Some(own) = own.take_if(|_| closed) {
        return Ok((step, own));
    }
    let mut step = memory::schedule(graph, hardware, cutting, modes)?;
    (step.modes.divided, step.modes.listed) = (divided, listed);
    let failed = |error| PlanError::of(hardware, error);
    let plan = memory::plan(&step.schedule, step.modes.clone(), limits).map_err(failed)?;
    let faster = own.filter(|own| own.cost.total() < plan.cost.total());
    Ok((step, faster.unwrap_or(plan)))
}

/// How boxes of stages are mapped: there are many, and none takes longer than another mapping of a layer.
fn of_boxes(solve: &SolveOptions) -> SolveOptions {
    SolveOptions {
        time_limit: solve.time_limit.into_iter().chain([MODE_LIMIT]).min(),
        cpu_limit: solve.cpu_limit.into_iter().chain([MODE_CPU]).min(),
        ..solve.clone()
    }
}

fn verify(plan: &MemoryPlan, hardware: &Hardware) -> anyhow::Result<()> {
    for fused in &plan.schedule.stages {
        let mode = plan.plan.modes[fused.operation];
        let own = mode.map(|mode| check::stage::check(&plan.schedule, hardware, fused, mode));
        if let Some(Err(error)) = own {
            bail!("internal error, a fused stage failed its check: {error}");
        }
    }
    if let Err(error) = check::plan::check(&plan.schedule, &plan.plan, &plan.cost) {
        bail!("internal error, the memory plan failed its check: {error}");
    }
    if let Err(error) = check::packing::check(&plan.blocks.packing, &plan.offsets) {
        bail!("internal error, the addresses failed their check: {error}");
    }
    Ok(())
}
