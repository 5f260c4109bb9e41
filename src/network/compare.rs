//! The comparison driver: every distinct loop nest is mapped by all mappers, in parallel.

use std::sync::Arc;

use rayon::ThreadPoolBuildError;
use regex::Regex;

use super::fuse;
use super::groups::Groups;
use super::inference::{Progress, first_equal, is_matched, thread_pool};
use super::stream;
use crate::mapper::Mapper;
use crate::mapper::trial::{Budget, Trial};
use crate::problem::comparison::{Attempt, LayerComparison, Part, Stop};
use crate::problem::result::Status;
use crate::problem::{Fixed, Hardware, LayerKind, LoopNest, Network, PhaseWork};

/// How mappers are compared.
pub struct CompareOptions {
    /// The mappers.
    pub mappers: Vec<&'static dyn Mapper>,
    /// What each may spend on a loop nest; its interrupt flag stops the whole run.
    pub budget: Budget,
    /// Loop nests mapped at the same time, at least 1.
    pub jobs: usize,
    /// Only layers whose name matches are mapped.
    pub layers: Option<Regex>,
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
    let fused = fuse::producers(network);
    let own = |i: &usize| {
        fused[*i].is_none() && is_matched(&network.layers[*i].name, options.layers.as_ref())
    };
    let selected: Vec<usize> = (0..network.layers.len()).filter(own).collect();
    let groups: Groups<'_, Vec<Attempt>> = Groups::distinct(network, &selected, &[]);
    progress(Progress::Distinct(groups.len()));
    let pool = thread_pool(options.jobs)?;
    let solve = |nest: &LoopNest, _: &Arc<Vec<Fixed>>| {
        let all = options.mappers.iter();
        let attempts: Vec<Attempt> = all
            .map(|&mapper| attempt(mapper, nest, hardware, &options.budget))
            .collect();
        (attempts, Status::Feasible)
    };
    groups.solve(&pool, &options.budget.interrupt, &solve, progress);
    let rows = selected.iter();
    let layers: Vec<LayerComparison> = rows
        .filter_map(|&index| layer(network, &selected, index, hardware, &groups, options))
        .collect();
    let streamed = selected.len() - layers.len();
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
    network: &Network,
    selected: &[usize],
    index: usize,
    hardware: &Hardware,
    groups: &Groups<'_, Vec<Attempt>>,
    options: &CompareOptions,
) -> Option<LayerComparison> {
    let own = &network.layers[index];
    let part = |phase: Option<[u64; 2]>, nest: &LoopNest| {
        let known = groups.of(nest, index).and_then(|g| g.solution.get());
        let nothing = || {
            let attempt = Attempt::nothing(Stop::Interrupt, "interrupted before its turn".into());
            vec![attempt; options.mappers.len()]
        };
        Part {
            phase,
            nest: nest.clone(),
            attempts: known.cloned().unwrap_or_else(nothing),
        }
    };
    let mut zero_cycles = 0;
    let parts = match &own.kind {
        LayerKind::MultiplyAccumulate(nest) => vec![part(None, nest)],
        LayerKind::Phases(phases) => {
            let mut parts = Vec::new();
            for phase in phases {
                match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => {
                        parts.push(part(Some(phase.index), nest));
                    }
                    PhaseWork::Zeros(zeros) => {
                        let row = stream::row(&own.name, &own.op, zeros, hardware);
                        zero_cycles += row.cycles().unwrap_or(0);
                    }
                }
            }
            parts
        }
        LayerKind::Stream(_) | LayerKind::View => return None,
    };
    Some(LayerComparison {
        name: own.name.clone(),
        op: own.op.clone(),
        same_as: first_equal(network, selected, index, &[]),
        parts,
        zero_cycles,
    })
}
