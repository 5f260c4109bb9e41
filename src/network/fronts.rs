//! The Pareto front of every layer: every distinct loop nest once, largest first, in parallel.

use std::sync::Arc;

use rayon::ThreadPoolBuildError;

use super::groups::Groups;
use super::inference::{
    InferenceOptions, Progress, first_equal, fused_names, selection, thread_pool,
};
use super::stream;
use crate::cost::bound::{least_energy, lower_bounds};
use crate::mapper::exact::SolveOptions;
use crate::mapper::pareto;
use crate::problem::front::{Front, FrontPart, FrontPoint, FrontRest, FrontRow};
use crate::problem::phases::label;
use crate::problem::result::{Cost, SolverStatistics};
use crate::problem::{Fixed, Hardware, LayerKind, LoopNest, Network, PhaseWork, Work};

/// The fronts of all selected layers, in the network's order.
///
/// # Errors
/// If the threads cannot be started.
pub fn fronts(
    network: &Network,
    hardware: &Hardware,
    options: &InferenceOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<FrontRow>, ThreadPoolBuildError> {
    let (fused, selected) = selection(network, options);
    let groups = Groups::distinct(network, &selected, &options.fixed);
    progress(Progress::Distinct(groups.len()));
    let pool = thread_pool(options.jobs)?;
    let solve = |nest: &LoopNest, fixed: &Arc<Vec<Fixed>>| {
        let own = SolveOptions {
            fixed: Arc::clone(fixed),
            ..options.solve.clone()
        };
        let front = pareto::front(nest, hardware, &own);
        let status = front.status();
        (front, status)
    };
    groups.solve(&pool, &options.solve.interrupt, &solve, progress);
    let rows = selected.iter().map(|&index| {
        let layer = &network.layers[index];
        let (same_as, front) = front(network, &selected, index, hardware, &groups);
        FrontRow {
            name: layer.name.clone(),
            op: layer.op.clone(),
            fused: fused_names(network, &fused, index),
            same_as,
            front,
        }
    });
    Ok(rows.collect())
}

/// The front of one layer, and the earlier layer whose front it is.
fn front(
    network: &Network,
    selected: &[usize],
    index: usize,
    hardware: &Hardware,
    groups: &Groups<'_, Front>,
) -> (Option<String>, Front) {
    let layer = &network.layers[index];
    let of = |nest: &LoopNest, own: &str| {
        let group = groups.of(nest, index);
        let front = group.and_then(|g| g.solution.get()).cloned();
        let mut front = front.unwrap_or_else(|| not_started(nest, hardware));
        let first = group.map(|g| g.first.clone()).filter(|first| first != own);
        if first.is_some() {
            front.statistics = SolverStatistics::default();
        }
        (first, front)
    };
    match &layer.kind {
        LayerKind::MultiplyAccumulate(nest) => of(nest, &layer.name),
        LayerKind::Phases(phases) => {
            let fronts = phases.iter().map(|phase| {
                let front = match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => {
                        of(nest, &label(&layer.name, phase.index)).1
                    }
                    PhaseWork::Zeros(zeros) => {
                        only(Work::Streamed, stream::cost(zeros, hardware).0)
                    }
                };
                of_phase(front, phase.index)
            });
            let sum = fronts.reduce(|sum, own| sum.plus(&own)).unwrap_or_default();
            (first_equal(network, selected, index, groups.fixed), sum)
        }
        LayerKind::Stream(operation) => (
            None,
            only(Work::Streamed, stream::cost(operation, hardware).0),
        ),
        LayerKind::View => (None, only(Work::View, stream::nothing(hardware))),
    }
}

fn of_phase(mut front: Front, index: [u64; 2]) -> Front {
    for part in front.points.iter_mut().flat_map(|point| &mut point.parts) {
        part.phase = Some(index);
    }
    front
}

/// The front of work that is done in one way.
fn only(work: Work, cost: Cost) -> Front {
    let energy_pj = cost.energy_pj.unwrap_or(0.0);
    let point = FrontPoint {
        cycles: cost.cycles,
        energy_pj,
        proved: true,
        bound_cycles: cost.cycles,
        bound_energy_pj: energy_pj,
        parts: vec![FrontPart {
            phase: None,
            work,
            mapping: None,
            cost,
        }],
    };
    Front {
        points: vec![point],
        ..Front::default()
    }
}

/// What stands for a layer that an interrupt left out.
fn not_started(nest: &LoopNest, hardware: &Hardware) -> Front {
    let bound_cycles = lower_bounds(nest, hardware).best();
    Front {
        rest: Some(FrontRest {
            bound_cycles,
            bound_energy_pj: least_energy(nest, hardware, bound_cycles),
        }),
        reason: Some("interrupted before its turn".to_owned()),
        ..Front::default()
    }
}
