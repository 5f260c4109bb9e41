//! All mappers, in the order in which they are listed.

use std::time::Instant;

use crate::exact::{self, SolveOptions};
use crate::problem::Dataflow;

use super::Mapper;
use super::heuristic::{
    Annealing, Cosa, Fixed, Genetic, Gradient, Greedy, Local, Loma, RandomPruned,
};
use super::trial::Trial;

/// The mapper that proves what it finds.
#[derive(Debug)]
pub struct Exact;

impl Mapper for Exact {
    fn name(&self) -> &'static str {
        "exact"
    }

    fn description(&self) -> &'static str {
        "branch and price over all mappings, with a proof"
    }

    fn space(&self) -> &'static str {
        "all extents, per operand"
    }

    fn map(&self, trial: &mut Trial<'_>) {
        let budget = trial.budget();
        let options = SolveOptions {
            time_limit: budget.time,
            cpu_limit: budget.cpu,
            node_limit: budget.nodes,
            interrupt: std::sync::Arc::clone(&budget.interrupt),
            ..SolveOptions::default()
        };
        let started = Instant::now();
        let traced = exact::solve_traced(trial.operation, trial.hardware, &options, started);
        trial.conclude(traced.solution, traced.improvements, traced.bounds);
    }
}

/// The mappers.
pub const ALL: [&dyn Mapper; 16] = [
    &Exact,
    &Fixed(Dataflow::WeightStationary),
    &Fixed(Dataflow::OutputStationary),
    &Fixed(Dataflow::InputStationary),
    &Fixed(Dataflow::RowStationary),
    &Greedy,
    &RandomPruned { wide: false },
    &RandomPruned { wide: true },
    &Annealing,
    &Loma,
    &Genetic { wide: false },
    &Genetic { wide: true },
    &Cosa,
    &Gradient { wide: false },
    &Gradient { wide: true },
    &Local,
];

/// The mapper of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Mapper> {
    ALL.into_iter().find(|mapper| mapper.name() == name)
}
