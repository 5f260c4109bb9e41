//! The inference driver: every distinct loop nest is solved once, largest first, in parallel.

use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use regex::Regex;

use super::groups::{FixedOf, Groups, fixed_of};
use super::{fuse, phases, stream};
use crate::cost::bound;
use crate::mapper::exact::{self, SolveOptions};
use crate::problem::phases::label;
use crate::problem::result::{Proof, Solution, SolverStatistics, Status};
use crate::problem::run::{LayerRow, PhaseRow, Work};
use crate::problem::{Fixed, Hardware, LayerKind, LoopNest, Network, PhaseWork};

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
    /// What is fixed of the mappings of some layers, by the layers' indices.
    pub fixed: Vec<(Vec<usize>, Fixed)>,
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
    let (fused, selected) = selection(network, options);
    let groups = Groups::distinct(network, &selected, &options.fixed);
    progress(Progress::Distinct(groups.len()));
    let pool = thread_pool(options.jobs)?;
    let solve = |nest: &LoopNest, fixed: &Arc<Vec<Fixed>>| {
        let own = SolveOptions {
            fixed: Arc::clone(fixed),
            ..options.solve.clone()
        };
        let solution = exact::solve(nest, hardware, &own);
        let status = solution.status;
        (solution, status)
    };
    groups.solve(&pool, &options.solve.interrupt, &solve, progress);
    let rows = selected.iter().map(|&index| LayerRow {
        fused: fused_names(network, &fused, index),
        ..row(network, &selected, index, hardware, &groups)
    });
    Ok(rows.collect())
}

/// For each layer the one into which it is fused, and the layers that get a row.
pub(super) fn selection(
    network: &Network,
    options: &InferenceOptions,
) -> (Vec<Option<usize>>, Vec<usize>) {
    let fused = if options.fuse {
        fuse::producers(network)
    } else {
        vec![None; network.layers.len()]
    };
    let selected = (0..network.layers.len())
        .filter(|&i| fused[i].is_none() && is_selected(&network.layers[i].name, options))
        .collect();
    (fused, selected)
}

fn is_selected(name: &str, options: &InferenceOptions) -> bool {
    is_matched(name, options.layers.as_ref())
}

/// Whether a layer of this name is asked for.
pub(super) fn is_matched(name: &str, layers: Option<&Regex>) -> bool {
    layers.is_none_or(|regex| regex.is_match(name))
}

pub(super) fn thread_pool(jobs: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(jobs.max(1))
        .stack_size(STACK_BYTES)
        .build()
}

fn row(
    network: &Network,
    selected: &[usize],
    index: usize,
    hardware: &Hardware,
    groups: &Groups<'_, Solution>,
) -> LayerRow {
    let layer = &network.layers[index];
    let (name, op) = (&layer.name, &layer.op);
    let mapped = |nest: &LoopNest, own: &str| {
        let group = groups.of(nest, index);
        let solution = group.and_then(|g| g.solution.get()).cloned();
        let solution = solution.unwrap_or_else(|| not_started(nest, hardware));
        let same_as = group
            .map(|g| g.first.as_str())
            .filter(|&first| first != own);
        mapped_row(name, op, nest, solution, same_as)
    };
    match &layer.kind {
        LayerKind::MultiplyAccumulate(nest) => mapped(nest, name),
        LayerKind::Phases(all) => {
            let rows = all.iter().map(|phase| PhaseRow {
                index: phase.index,
                row: match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => mapped(nest, &label(name, phase.index)),
                    PhaseWork::Zeros(zeros) => stream::row(name, op, zeros, hardware),
                },
            });
            LayerRow {
                same_as: first_equal(network, selected, index, groups.fixed),
                ..phases::row(name, op, rows.collect())
            }
        }
        LayerKind::Stream(operation) => stream::row(name, op, operation, hardware),
        LayerKind::View => LayerRow {
            cost: Some(stream::nothing(hardware)),
            ..LayerRow::without_mapping(name, op, Work::View)
        },
    }
}

/// The first selected layer before this one that computes the same, and of which the same is fixed.
pub(super) fn first_equal(
    network: &Network,
    selected: &[usize],
    index: usize,
    fixed: &[FixedOf],
) -> Option<String> {
    let kind = &network.layers[index].kind;
    let mut before = selected.iter().take_while(|&&i| i < index);
    let first = before.find(|&&i| {
        network.layers[i].kind == *kind && fixed_of(fixed, i) == fixed_of(fixed, index)
    })?;
    Some(network.layers[*first].name.clone())
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

/// What stands for a layer that an interrupt left out.
fn not_started(nest: &LoopNest, hardware: &Hardware) -> Solution {
    let lower_bounds = bound::lower_bounds(nest, hardware);
    Solution {
        status: Status::Unknown,
        proof: Proof::LowerBound,
        best: None,
        bound_cycles: lower_bounds.best(),
        tie: None,
        objective_bound: None,
        lower_bounds,
        reason: Some("interrupted before its turn".to_owned()),
        statistics: SolverStatistics::default(),
    }
}

pub(super) fn fused_names(
    network: &Network,
    fused: &[Option<usize>],
    producer: usize,
) -> Vec<String> {
    (network.layers.iter().zip(fused))
        .filter(|(_, root)| **root == Some(producer))
        .map(|(layer, _)| layer.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::problem::{
        AccessEnergy, Array, Bandwidth, Bits, Dim, Layer, Level, Memory, Overlap, PerDim, Ports,
        Precision, RoleSet, StreamOperation, Tiles, Window,
    };

    fn layer(name: &str, from: Option<usize>, kind: LayerKind) -> Layer {
        Layer {
            name: name.to_owned(),
            op: "op".to_owned(),
            from: vec![from],
            shape: Vec::new(),
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
        let nest = LoopNest::forward(extents, [Window::NONE; 2], precision);
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

    /// The rows of a run that is interrupted before it starts, so that no solver is needed.
    fn interrupted_rows(fuse: bool, layers: Option<&str>) -> Vec<LayerRow> {
        let options = InferenceOptions {
            solve: SolveOptions {
                interrupt: Arc::new(AtomicBool::new(true)),
                ..SolveOptions::default()
            },
            fuse,
            jobs: 2,
            layers: layers.map(|pattern| Regex::new(pattern).expect("a pattern")),
            fixed: Vec::new(),
        };
        infer(&network(), &hardware(), &options, &|_| ()).expect("threads")
    }

    fn names(rows: &[LayerRow]) -> Vec<&str> {
        rows.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn equal_layers_are_one_group() {
        let network = network();
        let groups = Groups::<Solution>::distinct(&network, &[0, 2, 3, 4], &[]);
        assert_eq!(groups.len(), 2);
        let rows = interrupted_rows(true, None);
        let first: Vec<Option<&str>> = rows.iter().map(|row| row.same_as.as_deref()).collect();
        assert_eq!(first, [None, None, Some("conv1"), None]);
    }

    #[test]
    fn layers_of_which_something_else_is_fixed_are_groups_of_their_own() {
        let network = network();
        let fixed = Fixed {
            name: "fixed.yaml:1".to_owned(),
            ..Fixed::default()
        };
        let all = [(vec![3], fixed)];
        let groups = Groups::<Solution>::distinct(&network, &[0, 2, 3], &all);
        assert_eq!(groups.len(), 3);
        let LayerKind::MultiplyAccumulate(nest) = &network.layers[3].kind else {
            panic!("no layer of multiply-accumulates");
        };
        let first = |index: usize| groups.of(nest, index).map(|g| g.first.as_str());
        assert_eq!(first(0), Some("conv1"));
        assert_eq!(first(3), Some(network.layers[3].name.as_str()));
        assert_eq!(first_equal(&network, &[0, 2, 3], 3, &all), None);
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
            (rows[1].cycles(), rows[1].status),
            (Some(16), Status::Optimal)
        );
    }

    #[test]
    fn what_was_not_started_is_unknown() {
        let rows = interrupted_rows(true, Some("^conv[23]"));
        assert_eq!(names(&rows), ["conv2", "conv3"]);
        assert!(
            rows.iter()
                .all(|row| row.status == Status::Unknown && row.cost.is_none())
        );
        assert_eq!(
            rows[1].same_as, None,
            "the layer that it equals is not in the run"
        );
    }
}
