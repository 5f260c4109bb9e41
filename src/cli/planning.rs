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
use crate::memory::{
    self, Cutting, Known, Mappings, ModeOptions, PlanOptions, StageOptions, Switches,
};
use crate::network::training::{self, StepOptions};
use crate::problem::goal::Measure;
use crate::problem::graph::{Graph, Mode};
use crate::problem::plan::MemoryPlan;
use crate::problem::result::Status;
use crate::problem::{Fixed, Hardware, LayerRow, Network};

/// A step of more operations is planned only where that is asked for: it takes minutes.
const MOST_OPERATIONS: usize = 5_000;

/// Time limit of one mapping for a mode, which need not be proved.
const MODE_LIMIT: Duration = Duration::from_secs(5);

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
        let (graph, hardware, time_limit) = (self.graph, self.hardware, self.time_limit);
        let fused = self.stages;
        let modes = self.modes();
        let mut step = match memory::schedule(graph, hardware, Cutting::default(), &modes) {
            Ok(step) => step,
            Err(error) => return Ok(Planned::LeftOut(error.to_string())),
        };
        // Boxes of a stage have mappings of their own, of which nothing is fixed.
        let fused = fused.filter(|_| modes.fixed.is_empty());
        let fused = fused.and_then(|(network, length)| {
            let stages = StageOptions {
                length,
                ..StageOptions::default()
            };
            let how = (stages, &modes.solve);
            memory::fuse(
                &mut step,
                (network, graph),
                hardware,
                Cutting::default(),
                how,
            )
        });
        let limits = PlanOptions {
            time_limit: Some(time_limit),
            interrupt: Arc::clone(&modes.solve.interrupt),
            ..PlanOptions::default()
        };
        let mut plan = match memory::plan(&step.schedule, step.modes, &limits) {
            Ok(plan) => plan,
            Err(error) => {
                let why = format!("{}: {error}", hardware.name);
                return Ok(Planned::LeftOut(why));
            }
        };
        if let Some(fused) = fused {
            let other = memory::plan(&fused.schedule, fused.modes, &limits);
            if let Some(other) = other
                .ok()
                .filter(|own| own.step_cycles() < plan.step_cycles())
            {
                plan = other;
            }
        }
        verify(&plan)?;
        Ok(Planned::Plan(Box::new(Found {
            plan,
            mappings: step.mappings,
            modes,
        })))
    }

    fn modes(self) -> ModeOptions {
        ModeOptions {
            solve: SolveOptions {
                time_limit: self.solve.time_limit.or(Some(MODE_LIMIT)),
                ..self.solve.clone()
            },
            per_operation: self.per_operation,
            switches: Switches::ALL,
            jobs: self.jobs,
            known: Known::of(self.rows),
            fixed: self.fixed,
            given: None,
        }
    }
}

fn verify(plan: &MemoryPlan) -> anyhow::Result<()> {
    if let Err(error) = check::plan::check(&plan.schedule, &plan.plan, &plan.cost) {
        bail!("internal error, the memory plan failed its check: {error}");
    }
    if let Err(error) = check::packing::check(&plan.blocks.packing, &plan.offsets) {
        bail!("internal error, the addresses failed their check: {error}");
    }
    Ok(())
}
