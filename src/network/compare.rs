//! The comparison driver: every distinct loop nest is mapped by all mappers, in parallel.

use std::sync::Arc;
use std::time::Duration;

use rayon::ThreadPoolBuildError;
use regex::Regex;

use super::distinct::Solved;
use super::driver::{self, Options, Outcome, PhaseOutcome, Progress};
use super::forward;
use crate::cost::stream;
use crate::exact::SolveOptions;
use crate::mapper::trial::{Budget, Trial};
use crate::mapper::{Mapper, registry};
use crate::problem::comparison::{Attempt, LayerComparison, Part, Stop};
use crate::problem::graph::Operation;
use crate::problem::result::Status;
use crate::problem::{Hardware, LoopNest, Network, PhaseIndex};

/// How mappers are compared.
pub struct CompareOptions {
    /// The mappers.
    pub mappers: Vec<&'static dyn Mapper>,
    /// What each may spend on a loop nest; its interrupt flag stops the whole run.
    pub budget: Budget,
    /// A cap on the exact mapper's time alone, beside the budget's: heuristics that only
    /// evaluations limit have the same results on every machine.
    pub exact_time: Option<Duration>,
    /// Loop nests mapped at the same time, at least 1.
    pub jobs: usize,
    /// Only layers whose name matches are mapped.
    pub layers: Option<Regex>,
}

impl CompareOptions {
    /// What a mapper may spend.
    fn budget_of(&self, mapper: &dyn Mapper) -> Budget {
        let exact = mapper.name() == registry::Exact.name();
        let own = self.exact_time.filter(|_| exact);
        Budget {
            time: own.into_iter().chain(self.budget.time).min(),
            ..self.budget.clone()
        }
    }
}

/// Maps every selected layer that multiplies with every mapper; with the number of selected
/// layers that have no mapping to choose.
///
/// # Errors
/// If the threads cannot be started.
pub fn compare(
    network: &Network,
    hardware: &Hardware,
    options: &CompareOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<(Vec<LayerComparison>, usize), ThreadPoolBuildError> {
    let graph = forward::graph(network, true);
    let run = Options {
        solve: SolveOptions {
            interrupt: Arc::clone(&options.budget.interrupt),
            ..SolveOptions::default()
        },
        fuse: true,
        jobs: options.jobs,
        layers: options.layers.clone(),
        fixed: Vec::new(),
    };
    let items = driver::items(&graph, &run);
    let solve = |nest: &LoopNest, _: &SolveOptions| {
        let all = options.mappers.iter();
        let attempts: Vec<Attempt> = all
            .map(|&mapper| attempt(mapper, nest, hardware, &options.budget_of(mapper)))
            .collect();
        (attempts, Status::Feasible, 0)
    };
    let nests = driver::run(&items, &run, &solve, progress)?;
    let outcomes = (0..items.len()).map(|index| driver::outcome(&items, index, &nests));
    let layers: Vec<LayerComparison> = (items.iter().zip(outcomes))
        .filter_map(|(item, outcome)| layer(item.operation, outcome, hardware, options))
        .collect();
    let streamed = items.len() - layers.len();
    Ok((layers, streamed))
}

/// One mapper's work on one loop nest.
#[must_use]
pub fn attempt(
    mapper: &dyn Mapper,
    nest: &LoopNest,
    hardware: &Hardware,
    budget: &Budget,
) -> Attempt {
    let mut trial = Trial::new(nest, hardware, budget);
    mapper.map(&mut trial);
    trial.finish()
}

/// A layer's results; `None` if it has no loop nest.
fn layer(
    own: &Operation,
    outcome: Outcome<'_, Vec<Attempt>>,
    hardware: &Hardware,
    options: &CompareOptions,
) -> Option<LayerComparison> {
    let mut zero_cycles = 0;
    let (parts, same_as) = match outcome {
        Outcome::Nest(solved) => {
            let same_as = solved.same_as.map(str::to_owned);
            (vec![part(None, &solved, options)], same_as)
        }
        Outcome::Phases(phases, same_as) => {
            let mut parts = Vec::new();
            for (index, phase) in phases {
                match phase {
                    PhaseOutcome::Nest(solved) => parts.push(part(Some(index), &solved, options)),
                    PhaseOutcome::Zeros(zeros) => {
                        let row = stream::row(&own.name, &own.op, zeros, hardware);
                        zero_cycles += row.cycles().unwrap_or(0);
                    }
                }
            }
            (parts, same_as)
        }
        Outcome::Stream(_) | Outcome::View => return None,
    };
    Some(LayerComparison {
        name: own.name.clone(),
        op: own.op.clone(),
        same_as,
        parts,
        zero_cycles,
    })
}

/// What the mappers found of a loop nest.
fn part(
    phase: Option<PhaseIndex>,
    solved: &Solved<'_, Vec<Attempt>>,
    options: &CompareOptions,
) -> Part {
    let nothing = || {
        let attempt = Attempt::nothing(Stop::Interrupt, "interrupted before its turn".into());
        vec![attempt; options.mappers.len()]
    };
    Part {
        phase,
        nest: solved.nest.clone(),
        attempts: solved.solution.cloned().unwrap_or_else(nothing),
    }
}
