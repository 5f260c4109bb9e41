//! The inference driver: every distinct loop nest is solved once, largest first, in parallel.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use regex::Regex;

use super::{fuse, stream};
use crate::cost::bound;
use crate::mapper::exact::{self, SolveOptions};
use crate::problem::result::{Proof, Solution, SolverStatistics, Status};
use crate::problem::run::{LayerRow, Work};
use crate::problem::{Fixed, Hardware, LayerKind, LoopNest, Network};

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

/// Layers with the same loop nest, of which the same is fixed.
struct Group<'a> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
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
    let (groups, group_of) = distinct(network, &selected, &options.fixed);
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
fn distinct<'a>(
    network: &'a Network,
    selected: &[usize],
    fixed: &[(Vec<usize>, Fixed)],
) -> (Vec<Group<'a>>, Vec<Option<usize>>) {
    let mut groups = Vec::new();
    let mut known: BTreeMap<(&LoopNest, Arc<Vec<Fixed>>), usize> = BTreeMap::new();
    let fixed_of = |index: usize| -> Arc<Vec<Fixed>> {
        let own = fixed.iter().filter(|(layers, _)| layers.contains(&index));
        Arc::new(own.map(|(_, fixed)| fixed.clone()).collect())
    };
    let mut group_of = vec![None; network.layers.len()];
    for &index in selected {
        let layer = &network.layers[index];
        if let LayerKind::MultiplyAccumulate(nest) = &layer.kind {
            let fixed = fixed_of(index);
            let key = (nest.as_ref(), Arc::clone(&fixed));
            let group = *known.entry(key).or_insert_with(|| {
                groups.push(Group {
                    nest,
                    fixed,
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
                let options = SolveOptions {
                    fixed: Arc::clone(&group.fixed),
                    ..options.clone()
                };
                let solution = exact::solve(group.nest, hardware, &options);
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
            let solution = solution.unwrap_or_else(|| not_started(nest, hardware));
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
        tie: solution.tie,
        objective_bound: solution.objective_bound,
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
        tie: None,
        objective_bound: None,
        reason: None,
        statistics: SolverStatistics::default(),
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

fn fused_names(network: &Network, fused: &[Option<usize>], producer: usize) -> Vec<String> {
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
        let (groups, group_of) = distinct(&network, &[0, 2, 3, 4], &[]);
        let first: Vec<&str> = groups.iter().map(|group| group.first).collect();
        assert_eq!(first, ["conv1", "conv2"]);
        assert_eq!(group_of, [Some(0), None, Some(1), Some(0), None]);
    }

    #[test]
    fn layers_of_which_something_else_is_fixed_are_groups_of_their_own() {
        let network = network();
        let fixed = Fixed {
            name: "fixed.yaml:1".to_owned(),
            ..Fixed::default()
        };
        let (groups, group_of) = distinct(&network, &[0, 2, 3], &[(vec![3], fixed)]);
        assert_eq!(group_of, [Some(0), None, Some(1), Some(2), None]);
        let names: Vec<Vec<&str>> = groups
            .iter()
            .map(|group| group.fixed.iter().map(|f| f.name.as_str()).collect())
            .collect();
        assert_eq!(names, [vec![], vec![], vec!["fixed.yaml:1"]]);
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
