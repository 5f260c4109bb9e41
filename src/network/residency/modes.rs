//! The modes of a loop nest or a streamed operation: points of the Pareto frontier of buffers,
//! cycles and outer traffic, each with the exact cost of a mapping.

use crate::cost::bound::touched;
use crate::mapper::exact::{self, SolveOptions, TieBreak};
use crate::network::stream;
use crate::problem::result::{Cost, PortTraffic};
use crate::problem::{
    Bits, Bytes, Hardware, Level, LoopNest, Ports, Role, RoleSet, StreamOperation,
};

/// How modes are found.
#[derive(Clone, Debug)]
pub struct ModeOptions {
    /// How each layer program is solved; the time limit is that of one program.
    pub solve: SolveOptions,
    /// Capacities for which each loop nest is mapped, at least 1: the whole shared memory, then
    /// half of what the last mapping took, and so on.
    pub per_operation: usize,
    /// Loop nests mapped at the same time.
    pub jobs: usize,
}

/// A mode by roles: input, weight and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleMode {
    /// Tiles and partial sums in the shared memory.
    pub(super) buffers: Bits,
    /// Cycles of everything but the outer port.
    pub(super) cycles: u128,
    /// Bits through the outer port while the operand lies outside.
    pub(super) outer: [Bits; 3],
    /// Bits of partial sums through the outer port.
    pub(super) partial: Bits,
    /// Operands that must be resident.
    pub(super) resident: [bool; 3],
}

/// The modes of a loop nest on hardware whose memory at `shared` lies right inside the outermost
/// one, by descending capacity. Empty where the nest has no mapping.
pub(super) fn of_nest(
    nest: &LoopNest,
    hardware: &Hardware,
    shared: usize,
    options: &ModeOptions,
) -> Vec<RoleMode> {
    let mut own = hardware.clone();
    // What lies in the shared memory must be read from there.
    if let Some(Level::Memory(memory)) = own.levels.get_mut(shared) {
        memory.bypass = RoleSet::NONE;
    }
    let mut modes = Vec::new();
    let solve = SolveOptions {
        tie_break: TieBreak::Traffic,
        ..options.solve.clone()
    };
    let mut start = Vec::new();
    for _ in 0..options.per_operation.max(1) {
        let solve = SolveOptions {
            start: std::mem::take(&mut start),
            ..solve.clone()
        };
        let solution = exact::solve(nest, &own, &solve);
        let Some((_, cost)) = solution.best else {
            break;
        };
        let own_modes = of_cost(nest, &own, shared, &cost);
        let occupied = own_modes.first().map_or(Bits(0), |mode| mode.buffers);
        modes.extend(own_modes);
        let half = u64::try_from(occupied.bytes_ceil() / 2).unwrap_or(u64::MAX);
        if half == 0 {
            break;
        }
        if let Some(Level::Memory(memory)) = own.levels.get_mut(shared) {
            memory.capacity = Some(Bytes(half));
        }
    }
    undominated(modes)
}

/// The mode of a mapping's cost, and those in which operands that it loads whole, once, are
/// resident: they need no buffer of their own and are not filled.
fn of_cost(nest: &LoopNest, hardware: &Hardware, shared: usize, cost: &Cost) -> Vec<RoleMode> {
    let outer: Vec<Bits> = Role::ALL
        .iter()
        .map(|&role| cost.traffic(0, role))
        .collect();
    let whole = |role: Role| {
        let bits = touched(nest, role);
        let memory = cost.memories.iter().find(|m| m.level == shared);
        role != Role::Output
            && outer[role as usize] == bits
            && memory.is_some_and(|m| m.occupied[role as usize] == bits)
    };
    let finished = touched(nest, Role::Output).0.min(outer[2].0);
    let mut modes = Vec::new();
    for subset in 0..4_u8 {
        let resident = [subset & 1 > 0, subset & 2 > 0, false];
        let roles = Role::ALL.iter().filter(|&&role| resident[role as usize]);
        if !roles.clone().all(|&role| whole(role)) {
            continue;
        }
        let memories = cost.memories.iter().skip(1);
        let ports = memories.map(|memory| {
            if memory.level != shared {
                return memory.busy_cycles;
            }
            let mut traffic = memory.traffic;
            for &role in roles.clone() {
                let filled = outer[role as usize].0;
                let write = &mut traffic[role as usize].write;
                *write = Bits(write.0.saturating_sub(filled));
            }
            busy(hardware, shared, traffic)
        });
        let occupied = cost.memories.iter().find(|m| m.level == shared);
        let bits = |role: usize| occupied.map_or(0, |m| m.occupied[role].0);
        modes.push(RoleMode {
            buffers: Bits((0..3).filter(|&r| !resident[r]).map(bits).sum()),
            cycles: ports.max().unwrap_or(0).max(cost.compute_cycles) + cost.added_cycles(),
            outer: std::array::from_fn(|role| match (resident[role], role) {
                (true, _) => Bits(0),
                (false, 2) => Bits(finished),
                (false, _) => outer[role],
            }),
            partial: Bits(outer[2].0 - finished),
            resident,
        });
    }
    modes
}

fn busy(hardware: &Hardware, level: usize, traffic: [PortTraffic; 3]) -> u128 {
    let ports = hardware.memory(level).map(|memory| memory.ports);
    stream::busy_cycles(ports.unwrap_or(Ports::Shared(None)), traffic)
}

/// The only mode of a streamed operation: it takes no space that counts.
pub(super) fn of_stream(operation: &StreamOperation, hardware: &Hardware) -> RoleMode {
    let (cost, _) = stream::cost(operation, hardware);
    let ports = cost.memories.iter().skip(1).map(|m| m.busy_cycles).max();
    RoleMode {
        buffers: Bits(0),
        cycles: cost.compute_cycles.max(ports.unwrap_or(0)),
        outer: [operation.input, operation.weight, operation.output],
        partial: Bits(0),
        resident: [false; 3],
    }
}

/// Several loop nests one after the other as one: the largest buffers, the sums of the rest.
pub(super) fn in_turn(parts: &[RoleMode]) -> RoleMode {
    let sum = |of: &dyn Fn(&RoleMode) -> Bits| parts.iter().map(of).sum::<Bits>();
    RoleMode {
        buffers: parts.iter().map(|p| p.buffers).max().unwrap_or(Bits(0)),
        cycles: parts.iter().map(|p| p.cycles).sum(),
        outer: std::array::from_fn(|role| sum(&|part| part.outer[role])),
        partial: sum(&|part| part.partial),
        resident: [false; 3],
    }
}

/// The modes without those than which another one is nowhere worse.
pub(super) fn undominated(modes: Vec<RoleMode>) -> Vec<RoleMode> {
    let mut kept: Vec<RoleMode> = Vec::new();
    for mode in modes {
        if kept.iter().any(|other| covers(other, &mode)) {
            continue;
        }
        kept.retain(|other| !covers(&mode, other));
        kept.push(mode);
    }
    kept
}

/// Whether a mode can stand for another one: nowhere worse, with the same resident operands.
fn covers(a: &RoleMode, b: &RoleMode) -> bool {
    a.resident == b.resident
        && a.buffers <= b.buffers
        && a.cycles <= b.cycles
        && a.partial <= b.partial
        && a.outer.iter().zip(&b.outer).all(|(a, b)| a <= b)
}
