//! A step over a network as a schedule: its operations with their modes, its tensors with bytes of
//! their own.

use rayon::ThreadPoolBuildError;
use thiserror::Error;

use crate::exact::infeasible::too_small;
use crate::problem::graph::Graph;
use crate::problem::plan::{Least, Modes};
use crate::problem::planned::AGAIN;
use crate::problem::port::{Direction, Directions, Port};
use crate::problem::schedule::{Operation, Schedule, Tensor};
use crate::problem::{
    Bandwidth, Bits, Bytes, Hardware, LayerKind, Level, LoopNest, Memory, Overlap, Phase, Ports,
    RoleSet,
};

use super::grouping::{Grouped, Touch, groups};
use super::modes::{Mappings, ModeOptions};
use super::operands::Operands;
use super::recompute;
use super::ways::{Nests, ways};

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
    /// What was proved of the mappings.
    pub modes: Modes,
    /// The mappings of every distinct loop nest.
    pub mappings: Mappings,
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
    let mut mapped = Mapped::begin(graph, hardware, cutting, options)?;
    mapped.extend(options.per_operation);
    mapped.add_fastest_inside();
    mapped.step()
}

/// A step whose loop nests are mapped in ever less memory.
pub(super) struct Mapped<'a> {
    graph: &'a Graph,
    hardware: &'a Hardware,
    cutting: Cutting,
    nests: Nests<'a>,
}

impl<'a> Mapped<'a> {
    /// Begins with what is known of the layers.
    pub(super) fn begin(
        graph: &'a Graph,
        hardware: &'a Hardware,
        cutting: Cutting,
        options: &'a ModeOptions,
    ) -> Result<Self, StepError> {
        let (shared, ..) = shared(hardware)?;
        Ok(Self {
            graph,
            hardware,
            cutting,
            nests: Nests::begin(graph, (hardware, shared), options)?,
        })
    }

    /// Goes on until so many mappings of every loop nest were looked for.
    pub(super) fn extend(&mut self, most: usize) {
        self.nests.extend(most);
    }

    /// Adds mappings that are faster where no outer port has a limit.
    pub(super) fn add_fastest_inside(&mut self) {
        self.nests.add_fastest_inside();
    }

    /// Whether there are no others to look for.
    pub(super) fn is_complete(&self) -> bool {
        self.nests.is_complete()
    }

    /// The schedule with the modes of the mappings so far.
    pub(super) fn step(&self) -> Result<Step, StepError> {
        let (graph, hardware, cutting) = (self.graph, self.hardware, self.cutting);
        let (shared, memory, capacity) = shared(hardware)?;
        let groups = grouped(graph, cutting);
        let places = Places::new(graph, &groups);
        let build =
            |group: &Grouped| operation(graph, (hardware, shared), &self.nests, &places, group);
        let operations: Result<Vec<(Operation, Option<Least>)>, StepError> =
            groups.iter().map(build).collect();
        let (operations, least): (Vec<Operation>, Vec<Option<Least>>) =
            operations?.into_iter().unzip();
        Ok(Step {
            schedule: Schedule {
                capacity,
                ports: ports(hardware, memory),
                waits: memory.overlap == Overlap::None,
                alignment: memory.alignment.0,
                slices: cutting.slices,
                ahead: cutting.ahead,
                tensors: places.tensors(graph, &groups),
                operations,
                stages: Vec::new(),
            },
            modes: Modes {
                least: least.into_iter().collect(),
                ..self.nests.counts()
            },
            mappings: self.nests.mappings(),
        })
    }
}

/// The operations that move bytes, in order, with those that may compute something again.
pub(super) fn grouped(graph: &Graph, cutting: Cutting) -> Vec<Grouped> {
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
    groups
}

/// Whether hardware has a shared memory that a plan can fill.
#[must_use]
pub fn has_shared_memory(hardware: &Hardware) -> bool {
    shared(hardware).is_ok()
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

/// Where the tensors of a graph stand in the schedule.
pub(super) struct Places {
    /// By tensor of the graph.
    pub(super) place: Vec<Option<usize>>,
    /// By tensor of the schedule.
    tensors: Vec<usize>,
}

impl Places {
    pub(super) fn new(graph: &Graph, groups: &[Grouped]) -> Self {
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

/// An operation with its modes, and one that is in nothing worse than any.
fn operation<'a>(
    graph: &'a Graph,
    (hardware, shared): (&Hardware, usize),
    nests: &Nests<'a>,
    places: &Places,
    group: &Grouped,
) -> Result<(Operation, Option<Least>), StepError> {
    let own = &graph.operations[group.leader];
    let ways = ways(own, nests, (hardware, shared)).filter(|ways| !ways.modes.is_empty());
    let ways = ways.ok_or_else(|| StepError::NoMapping {
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
    let again = if group.optional { AGAIN } else { "" };
    let operands = Operands::new(graph, &reads, &writes);
    let operation = Operation {
        name: format!("{}{again}", own.name),
        modes: (ways.modes.iter())
            .map(|parts| operands.mode(parts))
            .collect(),
        reads: reads.iter().map(|r| r.0).collect(),
        writes: writes.iter().map(|w| w.0).collect(),
        optional: group.optional,
    };
    let least = ways.least.map(|parts| Least {
        mode: operands.least(&parts),
        alone_cycles: ways.alone_cycles,
    });
    Ok((operation, least))
}
