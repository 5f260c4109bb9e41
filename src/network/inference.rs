//! The inference driver: every distinct loop nest is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use regex::Regex;

use super::{fuse, stream};
use crate::mapper::exact::{self, SolveOptions};
use crate::problem::result::{LowerBounds, Proof, Solution, SolverStatistics, Status};
use crate::problem::run::{LayerRow, Work};
use crate::problem::{Hardware, LayerKind, LoopNest, Network};

/// Stack of a solving thread, that of a main thread.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// How a network is mapped.
#[derive(Clone, Debug)]
pub struct InferenceOptions {
    /// Options of the exact mapper; its interrupt flag stops the whole run.
    pub solve: SolveOptions,
    /// Whether epilogues are fused into the layers before them.
    pub fuse: bool,
    /// Layers solved at the same time, at least 1.
    pub jobs: usize,
    /// Only layers whose name matches are mapped.
    pub layers: Option<Regex>,
}

/// A step of the run, for progress reports.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// So many distinct loop nests will be solved.
    Distinct(usize),
    /// The solver starts on this layer.
    Started(&'a str),
    /// The solver is done with this layer.
    Finished(&'a str, Status),
}

/// Layers with the same loop nest.
struct Group<'a> {
    nest: &'a LoopNest,
    first: &'a str,
    solution: OnceLock<Solution>,
}

/// Maps every selected layer; rows come in the network's order.
///
/// # Errors
/// If the threads cannot be started.
pub fn infer(
    network: &Network,
    hardware: &Hardware,
    options: &InferenceOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<LayerRow>, ThreadPoolBuildError> {
    let fused = if options.fuse {
        fuse::producers(network)
    } else {
        vec![None; network.layers.len()]
    };
    let selected: Vec<usize> = (0..network.layers.len())
        .filter(|&i| fused[i].is_none() && is_selected(&network.layers[i].name, options))
        .collect();
    let (groups, group_of) = distinct(network, &selected);
    progress(Progress::Distinct(groups.len()));
    let pool = thread_pool(options.jobs)?;
    solve_all(&pool, &groups, hardware, &options.solve, progress);
    Ok(selected
        .into_iter()
        .map(|index| LayerRow {
            fused: fused_names(network, &fused, index),
            ..row(
                network,
                index,
                hardware,
                group_of[index].map(|g| &groups[g]),
            )
        })
        .collect())
}

fn is_selected(name: &str, options: &InferenceOptions) -> bool {
    options
        .layers
        .as_ref()
        .is_none_or(|regex| regex.is_match(name))
}

fn thread_pool(jobs: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(jobs.max(1))
        .stack_size(STACK_BYTES)
        .build()
}

/// The distinct loop nests in order of first appearance, and each layer's group.
fn distinct<'a>(network: &'a Network, selected: &[usize]) -> (Vec<Group<'a>>, Vec<Option<usize>>) {
    let mut groups = Vec::new();
    let mut known: BTreeMap<&LoopNest, usize> = BTreeMap::new();
    let mut group_of = vec![None; network.layers.len()];
    for &index in selected {
        let layer = &network.layers[index];
        if let LayerKind::MultiplyAccumulate(nest) = &layer.kind {
            let group = *known.entry(nest).or_insert_with(|| {
                groups.push(Group {
                    nest,
                    first: &layer.name,
                    solution: OnceLock::new(),
                });
                groups.len() - 1
            });
            group_of[index] = Some(group);
        }
    }
    (groups, group_of)
}

/// Solves every group, the one of most multiply-accumulates first.
fn solve_all(
    pool: &ThreadPool,
    groups: &[Group<'_>],
    hardware: &Hardware,
    options: &SolveOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) {
    let mut order: Vec<&Group<'_>> = groups.iter().collect();
    order.sort_by_key(|group| Reverse(group.nest.box_macs()));
    pool.scope_fifo(|scope| {
        for group in order {
            scope.spawn_fifo(move |_| {
                if options.interrupt.load(Ordering::Relaxed) {
                    return;
                }
                progress(Progress::Started(group.first));
                let solution = exact::solve(group.nest, hardware, options);
                progress(Progress::Finished(group.first, solution.status));
                // Each group is solved by one task only, so the cell is empty.
                let _ = group.solution.set(solution);
            });
        }
    });
}

fn row(network: &Network, index: usize, hardware: &Hardware, group: Option<&Group>) -> LayerRow {
    let layer = &network.layers[index];
    match (&layer.kind, group) {
        (LayerKind::MultiplyAccumulate(nest), group) => {
            let solution = group.and_then(|g| g.solution.get()).cloned();
            let same_as = group.map(|g| g.first).filter(|&first| first != layer.name);
            let solution = solution.unwrap_or_else(not_started);
            mapped_row(&layer.name, &layer.op, nest, solution, same_as)
        }
        (LayerKind::Stream(operation), _) => {
            let (cost, lower_bound) = stream::cost(operation, hardware);
            let bound = cost.cycles;
            LayerRow {
                cost: Some(cost),
                bound_cycles: bound,
                lower_bound_cycles: lower_bound,
                ..row_without_mapping(&layer.name, &layer.op, Work::Streamed)
            }
        }
        (LayerKind::View, _) => LayerRow {
            cost: Some(stream::nothing(hardware)),
            ..row_without_mapping(&layer.name, &layer.op, Work::View)
        },
    }
}

/// The row of a layer of multiply-accumulates.
fn mapped_row(
    name: &str,
    op: &str,
    nest: &LoopNest,
    solution: Solution,
    same_as: Option<&str>,
) -> LayerRow {
    let (mapping, cost) = solution.best.unzip();
    LayerRow {
        same_as: same_as.map(str::to_owned),
        status: solution.status,
        proof: solution.proof,
        cost,
        mapping,
        bound_cycles: solution.bound_cycles,
        lower_bound_cycles: solution.lower_bounds.best(),
        reason: solution.reason,
        statistics: match same_as {
            Some(_) => SolverStatistics::default(),
            None => solution.statistics,
        },
        ..row_without_mapping(name, op, Work::Mapped(Box::new(nest.clone())))
    }
}

/// A row that needs no search: there is one way to do the work.
fn row_without_mapping(name: &str, op: &str, work: Work) -> LayerRow {
    LayerRow {
        name: name.to_owned(),
        op: op.to_owned(),
        work,
        fused: Vec::new(),
        same_as: None,
        status: Status::Optimal,
        proof: Proof::Enumeration,
        cost: None,
        mapping: None,
        bound_cycles: 0,
        lower_bound_cycles: 0,
        reason: None,
        statistics: SolverStatistics::default(),
    }
}

/// What stands for a layer that an interrupt left out.
fn not_started() -> Solution {
    Solution {
        status: Status::Unknown,
        proof: Proof::LowerBound,
        best: None,
        bound_cycles: 0,
        lower_bounds: LowerBounds::default(),
        reason: Some("interrupted before its turn".to_owned()),
        statistics: SolverStatistics::default(),
    }
}

fn fused_names(network: &Network, fused: &[Option<usize>], producer: usize) -> Vec<String> {
    (network.layers.iter().zip(fused))
        .filter(|(_, root)| **root == Some(producer))
        .map(|(layer, _)| layer.name.clone())
        .collect()
}
