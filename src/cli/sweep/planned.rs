//! The memory plan of a point: whether there is one, and the step with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::bail;

use super::args::{PointPlanArguments, SweepArguments};
use crate::cli::args::StepArguments;
use crate::cli::fold::names;
use crate::cli::planning;
use crate::cli::planning::{Planned, Planning, suits, too_long};
use crate::cli::warnings::Notice;
use crate::exact::SolveOptions;
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::{Hardware, Network, RunResult};

/// Which points of one network are planned, by what the command line asks for.
pub(super) struct Wish<'a> {
    arguments: &'a SweepArguments,
    network: Network,
    step: StepArguments,
    is_too_long: bool,
    /// The step with its tensors, once it was needed.
    graph: Option<Arc<Graph>>,
}

impl<'a> Wish<'a> {
    /// What is wished for the points of a network whose operations are those of `graph`.
    pub(super) fn new(
        arguments: &'a SweepArguments,
        network: Network,
        step: StepArguments,
        graph: &Graph,
    ) -> Self {
        let plan = &arguments.plan;
        let wanted = !plan.no_memory_plan && !plan.memory_plan && arguments.layers.is_none();
        let why = too_long(graph).filter(|_| wanted && network.is_connected());
        if let Some(why) = &why {
            Notice::PlanLeftOut { why: why.clone() }.show();
        }
        Self {
            arguments,
            network,
            step,
            is_too_long: why.is_some(),
            graph: None,
        }
    }

    /// The step that is planned on this hardware; `None` where the layers alone are mapped.
    ///
    /// # Errors
    /// The step has no graph of its tensors.
    pub(super) fn graph(&mut self, hardware: &Hardware) -> anyhow::Result<Option<Arc<Graph>>> {
        if !self.is_planned(hardware) {
            return Ok(None);
        }
        if self.graph.is_none() {
            let (inputs, fuse) = (&self.arguments.inputs, !self.arguments.no_fuse);
            let graph = planning::graph(&self.network, inputs, &self.step, fuse)?;
            self.graph = Some(Arc::new(graph));
        }
        Ok(self.graph.clone())
    }

    fn is_planned(&self, hardware: &Hardware) -> bool {
        let PointPlanArguments {
            memory_plan: asked,
            no_memory_plan: refused,
            ..
        } = self.arguments.plan;
        let measure = Measure::from(self.arguments.objective);
        let fits = self.arguments.layers.is_none() && !self.is_too_long;
        asked || (!refused && fits && suits(measure, &self.network, hardware))
    }
}

/// Adds the plan of a step to what was found of its operations; why there is none, if so.
///
/// # Errors
/// The plan failed its check, or there is none where one was asked for by name.
pub(super) fn add(
    result: &mut RunResult,
    graph: &Graph,
    plan: &PointPlanArguments,
    (solve, jobs): (&SolveOptions, usize),
) -> anyhow::Result<Option<String>> {
    let planning = Planning {
        graph,
        hardware: &result.hardware,
        rows: &result.layers,
        solve,
        per_operation: plan.modes_per_operation,
        stages: None,
        jobs,
        fixed: BTreeMap::new(),
        time_limit: plan.plan_time_limit,
    };
    match planning.plan()? {
        Planned::Plan(found) => {
            result.memory_plan = Some(found.plan);
            Ok(None)
        }
        Planned::Missing(missing) => Ok(Some(format!("no mapping of {}", names(&missing)))),
        Planned::LeftOut(why) if plan.memory_plan => bail!(why),
        Planned::LeftOut(why) => Ok(Some(why)),
    }
}
