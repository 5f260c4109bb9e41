//! A step over a network as a schedule: its operations with their modes, its tensors with bytes of
//! their own.

use std::collections::BTreeMap;

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error;

use crate::mapper::infeasible::too_small;
use crate::problem::graph::{Graph, TensorKind, Use};
use crate::problem::schedule::{Mode, Operation, Schedule, Tensor};
use crate::problem::{
    Bandwidth, Bits, Bytes, Hardware, LayerKind, Level, LoopNest, Memory, Phase, PhaseWork, Ports,
    Role, RoleSet,
};

use super::modes::{self, ModeOptions, RoleMode};
use super::recompute;

/// Why a step has no schedule.
#[derive(Debug, Error)]
pub enum StepError {
    /// The hardware has no shared memory that a plan could fill.
    #[error(
        "{hardware}: a memory plan needs a bounded memory for all operands right inside {outermost}, above all arrays"
    )]
    NoSharedMemory {
        /// Hardware.
        hardware: String,
        /// Its outermost memory.
        outermost: String,
    },
    /// The outermost memory's bandwidth is not one number.
    #[error(
        "{hardware}: a memory plan needs one `bandwidth_bytes_per_cycle` of {outermost}, for reads and writes together"
    )]
    Bandwidth {
        /// Hardware.
        hardware: String,
        /// Its outermost memory.
        outermost: String,
    },
    /// An operation has no mapping.
    #[error("{operation}: no mapping was found in the whole shared memory: {why}")]
    NoMapping {
        /// Operation.
        operation: String,
        /// Which memory is too small, or what to try.
        why: String,
    },
    /// Threads cannot be started.
    #[error(transparent)]
    Threads(#[from] ThreadPoolBuildError),
}

/// A tensor that an operation reads or writes, with the operand that it is; `None` beside the
/// loop nest, as a mask or a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) tensor: usize,
    pub(super) role: Option<Role>,
}

/// An operation with those that are fused into it.
#[derive(Clone, Debug)]
pub(super) struct Grouped {
    /// Index in the graph.
    pub(super) leader: usize,
    pub(super) reads: Vec<Touch>,
    pub(super) writes: Vec<Touch>,
    pub(super) optional: bool,
}

/// How tensors are cut and moved.
#[derive(Clone, Copy, Debug)]
pub struct Cutting {
    /// Slices of a tensor.
    pub slices: u32,
    /// Operations ahead.
    pub ahead: usize,
    /// Whether cheap operations may be computed again.
    pub recompute: bool,
}

impl Default for Cutting {
    fn default() -> Self {
        Self {
            slices: 4,
            ahead: 2,
            recompute: true,
        }
    }
}

/// The schedule of a step: every distinct loop nest is mapped once for each capacity.
///
/// # Errors
/// The hardware has no shared memory or no single outer bandwidth, or an operation no mapping.
pub fn schedule(
    graph: &Graph,
    hardware: &Hardware,
    cutting: Cutting,
    options: &ModeOptions,
) -> Result<Schedule, StepError> {
    let (shared, capacity, bandwidth) = memories(hardware)?;
    let alignment = hardware.memory(shared).map(|memory| memory.alignment);
    let nests = map(graph, hardware, shared, options)?;
    let lifetimes = graph.lifetimes();
    let own: Vec<bool> = lifetimes.iter().map(Option::is_some).collect();
    let mut groups = groups(graph, &own);
    if cutting.recompute {
        let mut copies = recompute::again(graph, &groups);
        copies.sort_by_key(|copy| copy.0);
        for (before, copy) in copies.into_iter().rev() {
            groups.insert(before, copy);
        }
    }
    let places = Places::new(graph, &groups);
    let build = |group: &Grouped| operation(graph, hardware, &nests, &places, group);
    let operations: Result<Vec<Operation>, StepError> = groups.iter().map(build).collect();
    Ok(Schedule {
        capacity,
        bandwidth,
        alignment: alignment.unwrap_or(Memory::DEFAULT_ALIGNMENT).0,
        slices: cutting.slices,
        ahead: cutting.ahead,
        tensors: places.tensors(graph, &groups),
        operations: operations?,
    })
}

/// Level and capacity of the shared memory, and the bandwidth outside.
fn memories(hardware: &Hardware) -> Result<(usize, Bytes, Bandwidth), StepError> {
    let name = |level: Option<&Level>| match level {
        Some(Level::Memory(memory)) => memory.name.clone(),
        Some(Level::Array(array)) => array.name.clone(),
        None => String::new(),
    };
    let outermost = name(hardware.levels.first());
    let capacity = match hardware.levels.get(1) {
        Some(Level::Memory(memory)) if memory.holds == RoleSet::ALL => memory.capacity,
        _ => None,
    };
    let ports = hardware.memory(0).map(|memory| memory.ports);
    match (capacity, ports) {
        (None, _) => Err(StepError::NoSharedMemory {
            hardware: hardware.name.clone(),
            outermost,
        }),
        (Some(capacity), Some(Ports::Shared(Some(bandwidth)))) => Ok((1, capacity, bandwidth)),
        _ => Err(StepError::Bandwidth {
            hardware: hardware.name.clone(),
            outermost,
        }),
    }
}

/// The modes of every distinct loop nest.
type Nests<'a> = BTreeMap<&'a LoopNest, Vec<RoleMode>>;

fn map<'a>(
    graph: &'a Graph,
    hardware: &Hardware,
    shared: usize,
    options: &ModeOptions,
) -> Result<Nests<'a>, StepError> {
    let all = graph.operations.iter().filter(|o| o.fused_into.is_none());
    let mut distinct: Vec<&LoopNest> = all.flat_map(|o| o.kind.nests()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut order = distinct;
    order.sort_by_key(|nest| std::cmp::Reverse(nest.box_macs()));
    let pool = ThreadPoolBuilder::new()
        .num_threads(options.jobs.max(1))
        .stack_size(8 << 20)
        .build()?;
    let mut found: Vec<Option<Vec<RoleMode>>> = vec![None; order.len()];
    pool.scope_fifo(|scope| {
        for (place, nest) in found.iter_mut().zip(&order) {
            scope.spawn_fifo(move |_| {
                *place = Some(modes::of_nest(nest, hardware, shared, options));
            });
        }
    });
    let pairs = order.into_iter().zip(found);
    Ok(pairs
        .map(|(nest, modes)| (nest, modes.unwrap_or_default()))
        .collect())
}

/// The operations that move bytes, in order, each with those fused into it.
fn groups(graph: &Graph, own_bytes: &[bool]) -> Vec<Grouped> {
    let mut groups = Vec::new();
    for (leader, operation) in graph.operations.iter().enumerate() {
        if operation.fused_into.is_some() || operation.kind == LayerKind::View {
            continue;
        }
        let mut group = Grouped {
            leader,
            reads: Vec::new(),
            writes: Vec::new(),
            optional: false,
        };
        enter(
            graph,
            own_bytes,
            &operation.reads,
            Some(true),
            &mut group.reads,
        );
        enter(
            graph,
            own_bytes,
            &operation.writes,
            Some(true),
            &mut group.writes,
        );
        for fused in graph
            .operations
            .iter()
            .filter(|o| o.fused_into == Some(leader))
        {
            // What takes the place of the leader's result is its output.
            let known = group.writes.iter().any(|w| w.role == Some(Role::Output));
            let output = if known { Some(false) } else { None };
            enter(
                graph,
                own_bytes,
                &fused.reads,
                Some(false),
                &mut group.reads,
            );
            enter(graph, own_bytes, &fused.writes, output, &mut group.writes);
        }
        let written: Vec<usize> = group.writes.iter().map(|w| w.tensor).collect();
        let fresh = |r: &Touch| r.role.is_some() || !written.contains(&r.tensor);
        group.reads.retain(fresh);
        groups.push(group);
    }
    groups
}

/// Adds the tensors of uses, those that have bytes of their own, once each.
///
/// `leads` tells whether they are operands of the loop nest; `None`: its result's successor is.
fn enter(
    graph: &Graph,
    own_bytes: &[bool],
    uses: &[Use],
    leads: Option<bool>,
    list: &mut Vec<Touch>,
) {
    for one in uses {
        for tensor in graph.storage(one.tensor) {
            let known = list.iter().any(|t| t.tensor == tensor);
            if own_bytes[tensor] && !known {
                // Masks and the like pass beside the loop nest's result.
                let saved = leads.is_none() && graph.tensors[tensor].kind == TensorKind::Saved;
                let role = (leads.unwrap_or(true) && !saved).then_some(one.role);
                list.push(Touch { tensor, role });
            }
        }
    }
}

/// Where the tensors of a graph stand in the schedule.
struct Places {
    /// By tensor of the graph.
    place: Vec<Option<usize>>,
    /// By tensor of the schedule.
    tensors: Vec<usize>,
}

impl Places {
    fn new(graph: &Graph, groups: &[Grouped]) -> Self {
        let mut used = vec![false; graph.tensors.len()];
        for group in groups {
            for touch in group.reads.iter().chain(&group.writes) {
                used[touch.tensor] = graph.tensors[touch.tensor].bits() > Bits(0);
            }
        }
        let tensors: Vec<usize> = (0..used.len()).filter(|&t| used[t]).collect();
        let mut place = vec![None; used.len()];
        for (index, &tensor) in tensors.iter().enumerate() {
            place[tensor] = Some(index);
        }
        Self { place, tensors }
    }

    fn tensors(&self, graph: &Graph, groups: &[Grouped]) -> Vec<Tensor> {
        let touched = |list: &dyn Fn(&Grouped) -> &Vec<Touch>, tensor: usize| {
            groups
                .iter()
                .any(|g| list(g).iter().any(|t| t.tensor == tensor))
        };
        let tensor = |&index: &usize| {
            let own = &graph.tensors[index];
            let read = touched(&|g| &g.reads, index);
            Tensor {
                name: own.name.clone(),
                kind: own.kind,
                bytes: bytes(own.bits()),
                begins_outside: own.kind.is_given(),
                ends_outside: own.kind.is_persistent() || !read,
            }
        };
        self.tensors.iter().map(tensor).collect()
    }
}

fn bytes(bits: Bits) -> u64 {
    u64::try_from(bits.bytes_ceil()).unwrap_or(u64::MAX)
}

/// Which memory is too small for an operation without a mapping, or what to try.
fn why_none(kind: &LayerKind, hardware: &Hardware) -> String {
    let nests: Vec<&LoopNest> = match kind {
        LayerKind::MultiplyAccumulate(nest) => vec![nest],
        LayerKind::Phases(phases) => phases.iter().filter_map(Phase::nest).collect(),
        LayerKind::Stream(_) | LayerKind::View => Vec::new(),
    };
    let too_small = nests.iter().find_map(|nest| too_small(nest, hardware));
    too_small.unwrap_or_else(|| "make memories larger, or give `--time-limit` more".to_owned())
}

/// An operation with its modes.
fn operation(
    graph: &Graph,
    hardware: &Hardware,
    nests: &Nests<'_>,
    places: &Places,
    group: &Grouped,
) -> Result<Operation, StepError> {
    let own = &graph.operations[group.leader];
    let modes = match &own.kind {
        LayerKind::MultiplyAccumulate(nest) => nests.get(nest.as_ref()).cloned(),
        LayerKind::Phases(phases) => {
            let parts: Option<Vec<Vec<RoleMode>>> = (phases.iter())
                .map(|phase| match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => nests.get(nest.as_ref()).cloned(),
                    PhaseWork::Zeros(zeros) => Some(vec![modes::of_stream(zeros, hardware)]),
                })
                .collect();
            parts.map(|parts| side_by_side(&parts))
        }
        LayerKind::Stream(stream) => Some(vec![modes::of_stream(stream, hardware)]),
        LayerKind::View => Some(Vec::new()),
    };
    let modes = modes.filter(|modes| !modes.is_empty());
    let modes = modes.ok_or_else(|| StepError::NoMapping {
        operation: own.name.clone(),
        why: why_none(&own.kind, hardware),
    })?;
    let placed = |list: &[Touch]| -> Vec<(usize, Touch)> {
        let placed = list
            .iter()
            .filter_map(|t| Some((places.place[t.tensor]?, *t)));
        placed.collect()
    };
    let (reads, writes) = (placed(&group.reads), placed(&group.writes));
    let again = if group.optional { ".again" } else { "" };
    Ok(Operation {
        name: format!("{}{again}", own.name),
        modes: modes
            .iter()
            .map(|mode| by_operand(graph, mode, &reads, &writes))
            .collect(),
        reads: reads.iter().map(|r| r.0).collect(),
        writes: writes.iter().map(|w| w.0).collect(),
        optional: group.optional,
    })
}

/// Phases one after the other: the modes without resident operands, the first of each, the second
/// of each and so on.
fn side_by_side(parts: &[Vec<RoleMode>]) -> Vec<RoleMode> {
    let free = |part: &Vec<RoleMode>| -> Vec<RoleMode> {
        let all = part.iter().filter(|m| m.resident == [false; 3]);
        all.cloned().collect()
    };
    let parts: Vec<Vec<RoleMode>> = parts.iter().map(free).collect();
    if parts.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let most = parts.iter().map(Vec::len).max().unwrap_or(0);
    let combined = (0..most).map(|rank| {
        let chosen: Vec<RoleMode> = parts
            .iter()
            .map(|p| p[rank.min(p.len() - 1)].clone())
            .collect();
        modes::in_turn(&chosen)
    });
    modes::undominated(combined.collect())
}

/// A mode by operands: what a role moves is divided among its tensors by their sizes; a tensor
/// beside the loop nest moves once.
fn by_operand(
    graph: &Graph,
    mode: &RoleMode,
    reads: &[(usize, Touch)],
    writes: &[(usize, Touch)],
) -> Mode {
    let size = |touch: &Touch| graph.tensors[touch.tensor].bits().0;
    let outer = |list: &[(usize, Touch)], touch: &Touch| {
        let Some(role) = touch.role else {
            return bytes(Bits(size(touch)));
        };
        let same = list.iter().filter(|(_, t)| t.role == Some(role));
        let all: u128 = same.map(|(_, t)| size(t)).sum();
        bytes(Bits(
            (mode.outer[role as usize].0 * size(touch)).div_ceil(all.max(1)),
        ))
    };
    let operands = reads
        .iter()
        .map(|r| (reads, r))
        .chain(writes.iter().map(|w| (writes, w)));
    let operands: Vec<_> = operands.collect();
    Mode {
        buffer_bytes: bytes(mode.buffers),
        cycles: mode.cycles,
        outer_bytes: operands
            .iter()
            .map(|(list, (_, t))| outer(list, t))
            .collect(),
        other_bytes: bytes(mode.partial),
        resident: (operands.iter())
            .map(|(_, (_, t))| t.role.is_some_and(|role| mode.resident[role as usize]))
            .collect(),
    }
}
