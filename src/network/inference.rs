//! Mapping every operation of a step: the forward pass of a network, or a whole training step.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::ThreadPoolBuildError;

use super::distinct::{DistinctNests, Solved};
use super::driver::{self, Item, Outcome, PhaseOutcome};
use super::{forward, phases};
use crate::cost::bound;
use crate::cost::stream;
use crate::exact;
use crate::problem::certificate::not_begun;
use crate::problem::graph::Graph;
use crate::problem::result::{Solution, SolverStatistics};
use crate::problem::row::{LayerRow, PhaseRow, Work};
use crate::problem::{Fixed, Hardware, LoopNest, Network};

pub use super::driver::{Options as InferenceOptions, Progress};

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
    let graph = forward::graph(network, options.fuse);
    map(&graph, hardware, options, progress)
}

/// Maps every selected operation of a step; rows come in its order.
///
/// # Errors
/// If the threads cannot be started.
pub fn map(
    graph: &Graph,
    hardware: &Hardware,
    options: &InferenceOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<LayerRow>, ThreadPoolBuildError> {
    rows(&driver::items(graph, options), hardware, options, progress)
}

/// Maps every selected operation of a training step, and beside it the operations of inference
/// with the same batch, each distinct loop nest of both once. What is fixed of an operation is
/// fixed of the one of this name in inference.
///
/// # Errors
/// If the threads cannot be started.
pub fn train(
    training: &Graph,
    inference: &Graph,
    hardware: &Hardware,
    options: &InferenceOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<(Vec<LayerRow>, Vec<LayerRow>), ThreadPoolBuildError> {
    let mut items = driver::items(training, options);
    let own = items.len();
    let mut others = driver::items(
        inference,
        &InferenceOptions {
            fixed: Vec::new(),
            ..options.clone()
        },
    );
    let by_name: BTreeMap<&str, Arc<Vec<Fixed>>> = (items.iter().rev())
        .map(|item| (item.operation.name.as_str(), Arc::clone(&item.fixed)))
        .collect();
    for other in &mut others {
        if let Some(same) = by_name.get(other.operation.name.as_str()) {
            other.fixed = Arc::clone(same);
        }
    }
    items.append(&mut others);
    let mut all = rows(&items, hardware, options, progress)?;
    let inference = all.split_off(own);
    Ok((all, inference))
}

fn rows(
    items: &[Item<'_>],
    hardware: &Hardware,
    options: &InferenceOptions,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<LayerRow>, ThreadPoolBuildError> {
    let solve = |nest: &LoopNest, own: &exact::SolveOptions| {
        let solution = exact::solve(nest, hardware, own);
        let (status, nodes) = (solution.status(), solution.statistics.nodes);
        (solution, status, nodes)
    };
    let nests = driver::run(items, options, &solve, progress)?;
    let rows = (0..items.len()).map(|index| row(items, index, hardware, &nests));
    Ok(rows.collect())
}

fn row(
    items: &[Item<'_>],
    index: usize,
    hardware: &Hardware,
    nests: &DistinctNests<'_, Solution>,
) -> LayerRow {
    let Item {
        operation, fused, ..
    } = &items[index];
    let (name, op) = (&operation.name, &operation.op);
    let own = match driver::outcome(items, index, nests) {
        Outcome::Nest(solved) => mapped_row(name, op, &solved, hardware),
        Outcome::Phases(all, same_as) => {
            let rows = all.into_iter().map(|(index, phase)| PhaseRow {
                index,
                row: LayerRow {
                    pass: operation.pass,
                    ..match phase {
                        PhaseOutcome::Nest(solved) => mapped_row(name, op, &solved, hardware),
                        PhaseOutcome::Zeros(zeros) => stream::row(name, op, zeros, hardware),
                    }
                },
            });
            LayerRow {
                same_as,
                ..phases::row(name, op, rows.collect())
            }
        }
        Outcome::Stream(operation) => stream::row(name, op, operation, hardware),
        Outcome::View => LayerRow {
            cost: Some(stream::nothing(hardware)),
            ..LayerRow::without_mapping(name, op, Work::View)
        },
    };
    LayerRow {
        pass: operation.pass,
        fused: fused.clone(),
        ..own
    }
}

/// The row of an operation of multiply-accumulates.
fn mapped_row(
    name: &str,
    op: &str,
    solved: &Solved<'_, Solution>,
    hardware: &Hardware,
) -> LayerRow {
    let Solved { nest, same_as, .. } = *solved;
    let solution = (solved.solution.cloned()).unwrap_or_else(|| not_started(nest, hardware));
    let (mapping, cost) = solution.best.unzip();
    LayerRow {
        same_as: same_as.map(str::to_owned),
        certificate: solution.certificate,
        cost,
        mapping,
        bound_cycles: solution.bound_cycles,
        lower_bound_cycles: solution.lower_bounds.best(),
        lower_bounds: solution.lower_bounds,
        tie: solution.tie,
        objective_bound: solution.objective_bound,
        reason: solution.reason,
        statistics: match same_as {
            Some(_) => SolverStatistics::default(),
            None => solution.statistics,
        },
        ..LayerRow::without_mapping(name, op, Work::Mapped(Box::new(nest.clone())))
    }
}

/// What stands for a loop nest that an interrupt left out.
fn not_started(nest: &LoopNest, hardware: &Hardware) -> Solution {
    let lower_bounds = bound::lower_bounds(nest, hardware);
    Solution {
        certificate: not_begun(lower_bounds.best()),
        best: None,
        bound_cycles: lower_bounds.best(),
        tie: None,
        objective_bound: None,
        lower_bounds,
        reason: Some("interrupted before its turn".to_owned()),
        statistics: SolverStatistics::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use regex::Regex;

    use super::*;
    use crate::exact::SolveOptions;
    use crate::problem::result::Status;
    use crate::problem::{
        AccessEnergy, Array, Bandwidth, Bits, Dim, Fixed, Layer, LayerKind, LayerSpec, Level, Loss,
        Memory, Overlap, PerDim, Ports, Precision, RoleSet, StreamOperation, Tiles, Window,
    };

    fn layer(name: &str, from: Option<usize>, kind: LayerKind) -> Layer {
        Layer {
            name: name.to_owned(),
            op: "op".to_owned(),
            from: vec![from],
            shape: Vec::new(),
            spec: LayerSpec::default(),
            kind,
        }
    }

    fn conv(channels: u64) -> LayerKind {
        let mut extents = PerDim::all(1);
        extents[Dim::K] = channels;
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        };
        let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
        LayerKind::MultiplyAccumulate(Box::new(nest))
    }

    fn relu() -> LayerKind {
        LayerKind::Stream(StreamOperation {
            input: Bits(64),
            weight: Bits(0),
            output: Bits(64),
            vector_operations: 8,
            fusable: true,
        })
    }

    fn network() -> Network {
        Network {
            name: "test".to_owned(),
            source: None,
            batch: 1,
            input: None,
            loss: Loss::default(),
            layers: vec![
                layer("conv1", None, conv(4)),
                layer("relu1", Some(0), relu()),
                layer("conv2", Some(1), conv(8)),
                layer("conv3", Some(2), conv(4)),
                layer("flatten", Some(3), LayerKind::View),
            ],
        }
    }

    fn hardware() -> Hardware {
        let dram = Memory {
            name: "dram".to_owned(),
            capacity: None,
            ports: Ports::Shared(Bandwidth::new(1, 1)),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: Tiles::PerOperand,
            sliding_reuse: true,
            alignment: Memory::DEFAULT_ALIGNMENT,
        };
        let pe = Array {
            name: "pe".to_owned(),
            axes: Vec::new(),
            split_dims: false,
        };
        Hardware {
            name: "test".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![Level::Memory(dram), Level::Array(pe)],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        }
    }

    /// A run that is interrupted before it starts, so that no solver is needed.
    fn options(fuse: bool, layers: Option<&str>) -> InferenceOptions {
        InferenceOptions {
            solve: SolveOptions {
                interrupt: Arc::new(AtomicBool::new(true)),
                ..SolveOptions::default()
            },
            fuse,
            jobs: 2,
            layers: layers.map(|pattern| Regex::new(pattern).expect("a pattern")),
            fixed: Vec::new(),
        }
    }

    fn interrupted_rows(fuse: bool, layers: Option<&str>) -> Vec<LayerRow> {
        infer(&network(), &hardware(), &options(fuse, layers), &|_| ()).expect("threads")
    }

    fn names(rows: &[LayerRow]) -> Vec<&str> {
        rows.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn equal_layers_are_mapped_once() {
        let graph = forward::graph(&network(), true);
        let items = driver::items(&graph, &options(true, None));
        assert_eq!(DistinctNests::<Solution>::new(&items).len(), 2);
        let rows = interrupted_rows(true, None);
        let first: Vec<Option<&str>> = rows.iter().map(|row| row.same_as.as_deref()).collect();
        assert_eq!(first, [None, None, Some("conv1"), None]);
    }

    #[test]
    fn layers_of_which_something_else_is_fixed_are_mapped_apart() {
        let fixed = Fixed {
            name: "fixed.yaml:1".to_owned(),
            ..Fixed::default()
        };
        let options = InferenceOptions {
            fixed: vec![(vec![3], fixed)],
            ..options(true, None)
        };
        let rows = infer(&network(), &hardware(), &options, &|_| ()).expect("threads");
        let first: Vec<Option<&str>> = rows.iter().map(|row| row.same_as.as_deref()).collect();
        assert_eq!(first, [None; 4]);
    }

    #[test]
    fn rows_come_in_network_order_with_fused_layers_in_their_producer() {
        let rows = interrupted_rows(true, None);
        assert_eq!(names(&rows), ["conv1", "conv2", "conv3", "flatten"]);
        assert_eq!(rows[0].fused, ["relu1"]);
        assert_eq!(rows[2].same_as.as_deref(), Some("conv1"));
        assert_eq!(rows[3].cycles(), Some(0));
    }

    #[test]
    fn without_fusion_every_layer_is_a_row() {
        let rows = interrupted_rows(false, None);
        assert_eq!(rows.len(), 5);
        assert_eq!(
            (rows[1].cycles(), rows[1].status()),
            (Some(16), Status::Optimal)
        );
    }

    #[test]
    fn what_was_not_started_is_unknown() {
        let rows = interrupted_rows(true, Some("^conv[23]"));
        assert_eq!(names(&rows), ["conv2", "conv3"]);
        assert!(
            rows.iter()
                .all(|row| row.status() == Status::Unknown && row.cost.is_none())
        );
        assert_eq!(
            rows[1].same_as, None,
            "the layer that it equals is not in the run"
        );
    }
}
