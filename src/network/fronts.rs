//! The Pareto front of every operation: every distinct loop nest once, largest first, in parallel.

use rayon::ThreadPoolBuildError;

use super::distinct::{DistinctNests, Solved};
use super::driver::{self, Item, Options, Outcome, PhaseOutcome, Progress};
use super::forward;
use crate::cost::bound::{least_energy, lower_bounds};
use crate::cost::stream;
use crate::exact::SolveOptions;
use crate::exact::pareto;
use crate::problem::certificate::{Amount, Certificate};
use crate::problem::front::{Front, FrontEnd, FrontPart, FrontPoint, FrontRest, FrontRow};
use crate::problem::goal::Measure;
use crate::problem::graph::Graph;
use crate::problem::result::{Cost, SolverStatistics};
use crate::problem::{Hardware, LoopNest, Network, PhaseIndex, Work};

/// The fronts of all selected layers, in the network's order.
///
/// # Errors
/// If the threads cannot be started.
pub fn fronts(
    network: &Network,
    hardware: &Hardware,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<FrontRow>, ThreadPoolBuildError> {
    let graph = forward::graph(network, options.fuse);
    of_graph(&graph, hardware, options, progress)
}

/// The fronts of all selected operations of a step, in its order.
///
/// # Errors
/// If the threads cannot be started.
pub fn of_graph(
    graph: &Graph,
    hardware: &Hardware,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<FrontRow>, ThreadPoolBuildError> {
    let items = driver::items(graph, options);
    let solve = |nest: &LoopNest, own: &SolveOptions| {
        let front = pareto::front(nest, hardware, own);
        let (status, nodes) = (front.status(), front.statistics.nodes);
        (front, status, nodes)
    };
    let nests = driver::run(&items, options, &solve, progress)?;
    let rows = items.iter().enumerate().map(|(index, item)| {
        let (same_as, front) = front(&items, index, hardware, &nests);
        FrontRow {
            name: item.operation.name.clone(),
            op: item.operation.op.clone(),
            pass: item.operation.pass,
            fused: item.fused.clone(),
            same_as,
            front,
        }
    });
    Ok(rows.collect())
}

/// The front of one operation, and the earlier one whose front it is.
fn front(
    items: &[Item<'_>],
    index: usize,
    hardware: &Hardware,
    nests: &DistinctNests<'_, Front>,
) -> (Option<String>, Front) {
    let of = |solved: &Solved<'_, Front>| {
        let front = solved.solution.cloned();
        let mut front = front.unwrap_or_else(|| not_started(solved.nest, hardware));
        if solved.same_as.is_some() {
            front.statistics = SolverStatistics::default();
        }
        front
    };
    let streamed = |operation| only(Work::Streamed, stream::cost(operation, hardware).0);
    match driver::outcome(items, index, nests) {
        Outcome::Nest(solved) => (solved.same_as.map(str::to_owned), of(&solved)),
        Outcome::Phases(all, same_as) => {
            let fronts = all.iter().map(|(index, phase)| {
                let front = match phase {
                    PhaseOutcome::Nest(solved) => of(solved),
                    PhaseOutcome::Zeros(zeros) => streamed(zeros),
                };
                of_phase(front, *index)
            });
            let sum = fronts.reduce(|sum, own| sum.plus(&own)).unwrap_or_default();
            (same_as, sum)
        }
        Outcome::Stream(operation) => (None, streamed(operation)),
        Outcome::View => (None, only(Work::View, stream::nothing(hardware))),
    }
}

fn of_phase(mut front: Front, index: PhaseIndex) -> Front {
    for part in front.points.iter_mut().flat_map(|point| &mut point.parts) {
        part.phase = Some(index);
    }
    front
}

/// The front of work that is done in one way.
fn only(work: Work, cost: Cost) -> Front {
    let energy_pj = cost.energy_pj.unwrap_or(0.0);
    let certificate = Certificate::only_way(Measure::Cycles, Amount::Whole(cost.cycles));
    // One way: there are no others of less energy.
    let none = Certificate::nothing(Measure::Energy, certificate.evidence().clone());
    let point = FrontPoint {
        cycles: cost.cycles,
        energy_pj,
        certificate: certificate.clone(),
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
        end: FrontEnd::Closed(none),
        ..Front::default()
    }
}

/// What stands for a layer that an interrupt left out.
fn not_started(nest: &LoopNest, hardware: &Hardware) -> Front {
    let bound_cycles = lower_bounds(nest, hardware).best();
    Front {
        end: FrontEnd::Open(FrontRest {
            bound_cycles,
            bound_energy_pj: least_energy(nest, hardware, bound_cycles),
        }),
        reason: Some("interrupted before its turn".to_owned()),
        ..Front::default()
    }
}
