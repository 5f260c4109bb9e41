//! A step over a network as a schedule: its operations with their modes, its tensors with bytes of
//! their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error;

use crate::mapper::infeasible::too_small;
use crate::problem::graph::{Graph, TensorKind, Use};
use crate::problem::plan::Modes;
use crate::problem::port::{Direction, Directions, Port};
use crate::problem::schedule::{Operation, Schedule, Tensor};
use crate::problem::{
    Bandwidth, Bits, Bytes, Fixed, Hardware, LayerKind, Level, LoopNest, Memory, Overlap, Phase,
    PhaseIndex, PhaseWork, Ports, Role, RoleSet,
};

use super::known::KnownMapping;
use super::modes::{self, ModeOptions, NestModes, RoleMode};
use super::operands::Operands;
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

/// A schedule, and what was proved of the mappings among whose modes a plan of it chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The schedule.
    pub schedule: Schedule,
    /// The mappings.
    pub modes: Modes,
}

/// The schedule of a step: every distinct loop nest is mapped once for each capacity.
///
/// # Errors
/// The hardware has no shared memory, or an operation no mapping.
pub fn schedule(
    graph: &Graph,
    hardware: &Hardware,
    cutting: Cutting,
    options: &ModeOptions,
) -> Result<Step, StepError> {
    let (shared, memory, capacity) = shared(hardware)?;
    let nests = map(graph, (hardware, shared), options)?;
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
    let build = |group: &Grouped| operation(graph, (hardware, shared), &nests, &places, group);
    let operations: Result<Vec<Operation>, StepError> = groups.iter().map(build).collect();
    let mut modes = Modes::default();
    nests
        .found
        .values()
        .for_each(|nest| modes.add(&nest.counts));
    Ok(Step {
        schedule: Schedule {
            capacity,
            ports: ports(hardware, memory),
            waits: memory.overlap == Overlap::None,
            alignment: memory.alignment.0,
            slices: cutting.slices,
            ahead: cutting.ahead,
            tensors: places.tensors(graph, &groups),
            operations: operations?,
        },
        modes,
    })
}

/// Level, fields and capacity of the shared memory.
fn shared(hardware: &Hardware) -> Result<(usize, &Memory, Bytes), StepError> {
    match hardware.levels.get(1) {
        Some(Level::Memory(memory)) if memory.holds == RoleSet::ALL => {
            let found = memory.capacity.map(|capacity| (1, memory, capacity));
            found.ok_or_else(|| no_shared_memory(hardware))
        }
        _ => Err(no_shared_memory(hardware)),
    }
}

fn no_shared_memory(hardware: &Hardware) -> StepError {
    let name = match hardware.levels.first() {
        Some(Level::Memory(memory)) => memory.name.clone(),
        Some(Level::Array(array)) => array.name.clone(),
        None => String::new(),
    };
    StepError::NoSharedMemory {
        hardware: hardware.name.clone(),
        outermost: name,
    }
}

/// The ports of the outermost memory and of the shared memory, as far as they are limited.
fn ports(hardware: &Hardware, shared: &Memory) -> Vec<Port> {
    use Direction::{Inward, Outward, Read, Written};
    let outside = hardware.memory(0).map_or(Ports::Shared(None), |m| m.ports);
    let outer = of_memory(outside, true, [&[Inward], &[Outward]]);
    let inner = of_memory(shared.ports, false, [&[Read, Outward], &[Written, Inward]]);
    outer.into_iter().chain(inner).collect()
}

/// The ports of one memory through which these are read and written.
fn of_memory(ports: Ports, outer: bool, [reads, writes]: [&[Direction]; 2]) -> Vec<Port> {
    let port = |bandwidth: Option<Bandwidth>, carries: &[Direction]| {
        bandwidth.map(|bandwidth| Port {
            outer,
            bandwidth,
            carries: Directions::of(carries),
        })
    };
    let all = match ports {
        Ports::Shared(bandwidth) => vec![port(bandwidth, &[reads, writes].concat())],
        Ports::Separate { read, write } => vec![port(read, reads), port(write, writes)],
    };
    all.into_iter().flatten().collect()
}

/// The modes of every distinct loop nest of which the same is fixed.
struct Nests<'a> {
    options: &'a ModeOptions,
    found: BTreeMap<(&'a LoopNest, Arc<Vec<Fixed>>), NestModes>,
}

impl<'a> Nests<'a> {
    fn fixed(options: &ModeOptions, operation: &str) -> Arc<Vec<Fixed>> {
        options.fixed.get(operation).cloned().unwrap_or_default()
    }

    fn of(&self, operation: &str, nest: &'a LoopNest) -> Option<Vec<RoleMode>> {
        let key = (nest, Self::fixed(self.options, operation));
        self.found.get(&key).map(|own| own.modes.clone())
    }
}

/// A loop nest to be mapped, with what is known of it.
struct Wanted<'a> {
    nest: &'a LoopNest,
    fixed: Arc<Vec<Fixed>>,
    known: Option<&'a KnownMapping>,
}

/// The distinct loop nests of a step, that of most multiply-accumulates first.
fn wanted<'a>(graph: &'a Graph, options: &'a ModeOptions) -> Vec<Wanted<'a>> {
    let mut all = BTreeMap::new();
    for operation in graph.operations.iter().filter(|o| o.fused_into.is_none()) {
        let name = operation.name.as_str();
        let mut enter = |nest: &'a LoopNest, phase: Option<PhaseIndex>| {
            let fixed = Nests::fixed(options, name);
            let known = options.known.get(name, phase);
            let own = all.entry((nest, fixed)).or_insert(known);
            *own = own.or(known);
        };
        match &operation.kind {
            LayerKind::MultiplyAccumulate(nest) => enter(nest, None),
            LayerKind::Phases(phases) => {
                let with_nests = phases.iter().filter_map(|p| Some((p.nest()?, p.index)));
                with_nests.for_each(|(nest, index)| enter(nest, Some(index)));
            }
            LayerKind::Stream(_) | LayerKind::View => {}
        }
    }
    let wanted = all
        .into_iter()
        .map(|((nest, fixed), known)| Wanted { nest, fixed, known });
    let mut order: Vec<Wanted<'a>> = wanted.collect();
    order.sort_by_key(|wanted| std::cmp::Reverse(wanted.nest.box_macs()));
    order
}

fn map<'a>(
    graph: &'a Graph,
    hardware: (&Hardware, usize),
    options: &'a ModeOptions,
) -> Result<Nests<'a>, StepError> {
    let order = wanted(graph, options);
    let pool = ThreadPoolBuilder::new()
        .num_threads(options.jobs.max(1))
        .stack_size(8 << 20)
        .build()?;
    let mut found: Vec<NestModes> = vec![NestModes::default(); order.len()];
    pool.scope_fifo(|scope| {
        for (place, Wanted { nest, fixed, known }) in found.iter_mut().zip(&order) {
            scope.spawn_fifo(move |_| {
                *place = modes::of_nest(nest, fixed, *known, hardware, options);
            });
        }
    });
    let pairs = order.into_iter().zip(found);
    Ok(Nests {
        options,
        found: pairs
            .map(|(own, modes)| ((own.nest, own.fixed), modes))
            .collect(),
    })
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
                bits: u64::try_from(own.bits().0).unwrap_or(u64::MAX),
                begins_outside: own.kind.is_given(),
                ends_outside: own.kind.is_persistent() || !read,
            }
        };
        self.tensors.iter().map(tensor).collect()
    }
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
fn operation<'a>(
    graph: &'a Graph,
    (hardware, shared): (&Hardware, usize),
    nests: &Nests<'a>,
    places: &Places,
    group: &Grouped,
) -> Result<Operation, StepError> {
    let own = &graph.operations[group.leader];
    let alone =
        |modes: Option<Vec<RoleMode>>| modes.map(|modes| modes.into_iter().map(|m| vec![m]));
    let modes: Option<Vec<Vec<RoleMode>>> = match &own.kind {
        LayerKind::MultiplyAccumulate(nest) => {
            alone(nests.of(&own.name, nest)).map(Iterator::collect)
        }
        LayerKind::Phases(phases) => {
            let parts: Option<Vec<Vec<RoleMode>>> = (phases.iter())
                .map(|phase| match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => nests.of(&own.name, nest),
                    PhaseWork::Zeros(zeros) => {
                        Some(vec![modes::of_stream(zeros, hardware, shared)])
                    }
                })
                .collect();
            parts.map(|parts| side_by_side(&parts))
        }
        LayerKind::Stream(stream) => Some(vec![vec![modes::of_stream(stream, hardware, shared)]]),
        LayerKind::View => None,
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
    let operands = Operands::new(graph, &reads, &writes);
    Ok(Operation {
        name: format!("{}{again}", own.name),
        modes: modes.iter().map(|parts| operands.mode(parts)).collect(),
        reads: reads.iter().map(|r| r.0).collect(),
        writes: writes.iter().map(|w| w.0).collect(),
        optional: group.optional,
    })
}

/// Phases one after the other: the modes without resident operands, the first of each, the second
/// of each and so on.
fn side_by_side(parts: &[Vec<RoleMode>]) -> Vec<Vec<RoleMode>> {
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
        let chosen = parts.iter().map(|p| p[rank.min(p.len() - 1)].clone());
        chosen.collect()
    });
    combined.collect()
}
