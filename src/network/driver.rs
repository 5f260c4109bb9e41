//! The one driver of runs: every distinct loop nest of the selected operations is solved once,
//! the largest first, in parallel; what comes of it is put together operation by operation.

use std::sync::Arc;

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

use super::distinct::{DistinctNests, Solved, Solver};
pub(super) use super::work::Item;
pub use super::work::{Options, Progress};
use crate::problem::graph::Graph;
use crate::problem::{LayerKind, PhaseIndex, PhaseWork, StreamOperation};

/// Stack of a solving thread, that of a main thread.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// What comes of an item.
pub(super) enum Outcome<'a, T> {
    /// A loop nest, solved.
    Nest(Solved<'a, T>),
    /// Loop nests phase by phase; with the first item before that has the same phases.
    Phases(Vec<(PhaseIndex, PhaseOutcome<'a, T>)>, Option<String>),
    /// Streamed elements.
    Stream(&'a StreamOperation),
    /// Nothing to do.
    View,
}

/// What comes of a phase.
pub(super) enum PhaseOutcome<'a, T> {
    /// A loop nest, solved.
    Nest(Solved<'a, T>),
    /// Zeros to be written.
    Zeros(&'a StreamOperation),
}

/// The operations of a graph that are not fused into others and whose names match, in order.
pub(super) fn items<'a>(graph: &'a Graph, options: &Options) -> Vec<Item<'a>> {
    let matches = |name: &str| options.layers.as_ref().is_none_or(|r| r.is_match(name));
    let fixed = |index: usize| {
        let own = options.fixed.iter().filter(|(all, _)| all.contains(&index));
        Arc::new(own.map(|(_, fixed)| fixed.clone()).collect())
    };
    let mut fused: Vec<Vec<String>> = vec![Vec::new(); graph.operations.len()];
    for operation in &graph.operations {
        if let Some(into) = operation.fused_into {
            fused[into].push(operation.name.clone());
        }
    }
    let all = graph.operations.iter().enumerate();
    all.filter(|(_, operation)| operation.fused_into.is_none() && matches(&operation.name))
        .map(|(index, operation)| Item {
            operation,
            fixed: fixed(index),
            fused: std::mem::take(&mut fused[index]),
        })
        .collect()
}

/// Solves every distinct loop nest of the items, each with its share of the limits of its row.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn run<'a, T: Send + Sync>(
    items: &'a [Item<'a>],
    options: &Options,
    solve: &Solver<'_, T>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<DistinctNests<'a, T>, ThreadPoolBuildError> {
    let nests = DistinctNests::new(items);
    progress(Progress::Distinct(nests.len()));
    let pool = ThreadPoolBuilder::new()
        .num_threads(options.jobs.max(1))
        .stack_size(STACK_BYTES)
        .build()?;
    nests.solve(&pool, options, solve, progress);
    Ok(nests)
}

/// What comes of one of the items.
pub(super) fn outcome<'a, T: Send + Sync>(
    items: &'a [Item<'a>],
    index: usize,
    nests: &'a DistinctNests<'a, T>,
) -> Outcome<'a, T> {
    let item = &items[index];
    match &item.operation.kind {
        LayerKind::MultiplyAccumulate(nest) => Outcome::Nest(nests.of(nest, item, None)),
        LayerKind::Phases(all) => {
            let each = all.iter().map(|phase| match &phase.work {
                PhaseWork::MultiplyAccumulate(nest) => {
                    PhaseOutcome::Nest(nests.of(nest, item, Some(phase.index)))
                }
                PhaseWork::Zeros(zeros) => PhaseOutcome::Zeros(zeros),
            });
            let phases = all.iter().map(|phase| phase.index).zip(each).collect();
            Outcome::Phases(phases, first_equal(items, index))
        }
        LayerKind::Stream(operation) => Outcome::Stream(operation),
        LayerKind::View => Outcome::View,
    }
}

/// The first item before this one that computes the same, and of which the same is fixed.
fn first_equal(items: &[Item<'_>], index: usize) -> Option<String> {
    let own = &items[index];
    let first = items[..index]
        .iter()
        .find(|item| item.operation.kind == own.operation.kind && item.fixed == own.fixed)?;
    Some(first.operation.name.clone())
}
