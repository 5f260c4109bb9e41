//! The modes of a loop nest or a streamed operation: points of the Pareto frontier of buffers,
//! cycles and traffic, each with the exact cost of a mapping.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::known::Known;
use super::switches::Switches;
use crate::cost;
use crate::cost::bound::{exchanged_bits, touched};
use crate::cost::stream;
use crate::exact::{self, SolveOptions, TieBreak};
use crate::problem::goal::Measure;
use crate::problem::plan::Modes;
use crate::problem::result::{Cost, MemoryCost};
use crate::problem::schedule::Partial;
use crate::problem::{
    Bits, Fixed, Hardware, Level, LoopNest, Mapping, Overlap, Ports, Role, StreamOperation,
};

mod ladder;
#[cfg(test)]
mod tests;

pub(super) use ladder::{Asked, Ladder};

/// How modes are found.
#[derive(Clone, Debug)]
pub struct ModeOptions {
    /// How each layer program is solved; its limits are those of one program. As the known
    /// mappings were found, so that those of a smaller memory are among those of a larger one.
    pub solve: SolveOptions,
    /// Time that the mappings of one loop nest may take all together; none: as long as each of them may.
    pub together: Option<Duration>,
    /// Mappings of each loop nest at most, at least 1: for the whole shared memory, then each for the
    /// largest power of two below what the one before takes of it.
    pub per_operation: usize,
    /// Loop nests mapped at the same time.
    pub jobs: usize,
    /// What was found of the operations before: modes start from it.
    pub known: Known,
    /// What is fixed of the mappings of some operations, by their names.
    pub fixed: BTreeMap<String, Arc<Vec<Fixed>>>,
    /// The rules by which modes are left out.
    pub switches: Switches,
    /// Mappings that were found on other hardware. With them modes come from these alone, as far as they
    /// are mappings here.
    pub given: Option<Given>,
}

/// The mappings of distinct loop nests, with what is fixed of them.
pub type Mappings = BTreeMap<(LoopNest, Arc<Vec<Fixed>>), Vec<Mapping>>;

/// Mappings from which modes are made without more of a search than they need.
#[derive(Clone, Debug)]
pub struct Given {
    /// The mappings.
    pub mappings: Arc<Mappings>,
    /// Whether a search from them looks for a better one.
    pub improve: bool,
}

/// A mode by roles: input, weight and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleMode {
    /// Tiles and partial sums in the shared memory.
    pub(super) buffers: Bits,
    /// Cycles of everything but the outer ports and the shared memory's.
    pub(super) cycles: u128,
    /// Cycles that transfers further in add.
    pub(super) added: u128,
    /// Bits that the array reads from the shared memory.
    pub(super) read: Bits,
    /// Bits that it writes there.
    pub(super) written: Bits,
    /// Bits through the outer port while the operand lies outside.
    pub(super) outer: [Bits; 3],
    /// Operands whose transfers across the outer boundary overlap with nothing.
    pub(super) waits: [bool; 3],
    /// Bits of partial sums through the outer port.
    pub(super) partial: Partial,
    /// Operands that must be resident.
    pub(super) resident: [bool; 3],
}

/// The modes of a loop nest, and what was proved of the mappings that they come from.
#[derive(Clone, Debug, Default)]
pub(super) struct NestModes {
    pub(super) modes: Vec<RoleMode>,
    /// In nothing worse than the mode of any mapping.
    pub(super) least: Option<RoleMode>,
    /// Cycles that no mapping takes fewer of while nothing is resident, not rounded.
    pub(super) alone_cycles: u128,
    pub(super) counts: Modes,
    /// The mappings of the modes.
    pub(super) mappings: Vec<Mapping>,
}

impl NestModes {
    fn add(&mut self, mapping: &Mapping, modes: Vec<RoleMode>, gap: f64) {
        self.modes.extend(modes);
        self.counts.count(gap);
        self.mappings.push(mapping.clone());
    }
}

/// How mappings are sought among which plans choose: of them nothing need be proved but the cycles.
pub(super) fn of_cycles(solve: &SolveOptions) -> SolveOptions {
    SolveOptions {
        objective: Measure::Cycles,
        tie_break: match solve.tie_break {
            TieBreak::Off => TieBreak::Off,
            TieBreak::Quick | TieBreak::Traffic | TieBreak::All => TieBreak::Quick,
        },
        ..solve.clone()
    }
}

/// The modes of mappings that were found on other hardware, as far as they are mappings of this one;
/// where none is, or they are to be improved, of one that a search finds from them as well.
fn of_given(
    (nest, fixed): (&LoopNest, &Arc<Vec<Fixed>>),
    (hardware, shared): (&Hardware, usize),
    given: &Given,
    solve: &SolveOptions,
) -> NestModes {
    let mut found = NestModes::default();
    let key = (nest.clone(), Arc::clone(fixed));
    let all = given.mappings.get(&key).map_or(&[][..], Vec::as_slice);
    for mapping in all {
        if let Ok(cost) = cost::evaluate(nest, hardware, mapping) {
            found.add(mapping, of_cost(nest, hardware, shared, &cost), 1.0);
        }
    }
    if given.improve || found.modes.is_empty() {
        let options = SolveOptions {
            objective: Measure::Cycles,
            fixed: Arc::clone(fixed),
            start: found.mappings.clone(),
            ..solve.clone()
        };
        if let Some((mapping, cost)) = &exact::solve(nest, hardware, &options).best {
            found.add(mapping, of_cost(nest, hardware, shared, cost), 1.0);
        }
    }
    found.modes = undominated(found.modes);
    found
}

/// The hardware whose shared memory and memory outside have ports without limits.
fn without_outer_ports(hardware: &Hardware, shared: usize) -> Hardware {
    let mut own = hardware.clone();
    for level in own.levels.iter_mut().take(shared + 1) {
        if let Level::Memory(memory) = level {
            memory.ports = Ports::Shared(None);
        }
    }
    own
}

/// A mode that is in nothing worse than that of any mapping: no buffers, every operand once through
/// each boundary or what the Loomis-Whitney bound says of it, and the fewest cycles that a mapping
/// takes where the ports of the shared memory and of the memory outside have no limits, as far as they are
/// known.
fn least(nest: &LoopNest, hardware: &Hardware, shared: usize, known_cycles: u128) -> RoleMode {
    let own = without_outer_ports(hardware, shared);
    let any = cost::bound::lower_bounds(nest, &own).best();
    let [input, weight, output] = Role::ALL.map(|role| touched(nest, role));
    let memory = hardware.memory(shared);
    let exchanged = match memory.map(|memory| memory.ports) {
        // Whatever the direction.
        Some(Ports::Shared(Some(_))) => exchanged_bits(nest, hardware, shared),
        _ => Bits(0),
    };
    let waits = memory.is_some_and(|memory| memory.overlap == Overlap::None);
    RoleMode {
        buffers: Bits(0),
        cycles: known_cycles.max(any),
        added: 0,
        read: Bits((input.0 + weight.0).max(exchanged.0.saturating_sub(output.0))),
        written: output,
        outer: [input, weight, output],
        waits: [waits; 3],
        partial: Partial::default(),
        resident: [false; 3],
    }
}

/// The mode of a mapping's cost, and those in which operands that it loads whole, once, are
/// resident: they need no buffer of their own and are not filled.
fn of_cost(nest: &LoopNest, hardware: &Hardware, shared: usize, cost: &Cost) -> Vec<RoleMode> {
    let Some(memory) = cost.memories.iter().find(|m| m.level == shared) else {
        return Vec::new();
    };
    let free = free(nest, hardware, memory, cost);
    let whole = |role: Role| {
        let bits = touched(nest, role);
        let loaded = free.outer[role as usize] == bits;
        role != Role::Output && loaded && memory.occupied[role as usize] == bits
    };
    let mut modes = Vec::new();
    for subset in 0..4_u8 {
        let resident = [subset & 1 > 0, subset & 2 > 0, false];
        let mut roles = Role::ALL.iter().filter(|&&role| resident[role as usize]);
        if !roles.all(|&role| whole(role)) {
            continue;
        }
        let kept = |role: usize| {
            if resident[role] {
                0
            } else {
                memory.occupied[role].0
            }
        };
        modes.push(RoleMode {
            buffers: Bits((0..3).map(kept).sum()),
            outer: std::array::from_fn(|role| {
                if resident[role] {
                    Bits(0)
                } else {
                    free.outer[role]
                }
            }),
            resident,
            ..free.clone()
        });
    }
    modes
}

/// The mode of a mapping in which all may lie outside, but for operands that lie in the shared memory
/// anyway.
pub(super) fn free_of(
    nest: &LoopNest,
    hardware: &Hardware,
    shared: usize,
    cost: &Cost,
) -> Option<RoleMode> {
    let memory = cost.memories.iter().find(|m| m.level == shared)?;
    Some(free(nest, hardware, memory, cost))
}

/// The mode of a mapping in which all may lie outside.
fn free(nest: &LoopNest, hardware: &Hardware, memory: &MemoryCost, cost: &Cost) -> RoleMode {
    let inner = || cost.memories.iter().filter(|m| m.level > memory.level);
    let outside = cost.memories.first().map(|m| m.traffic).unwrap_or_default();
    // What crosses the outer boundary is read on one side and written on the other.
    let exchanged = |role: usize| {
        let (own, outside) = (memory.traffic[role], outside[role]);
        (own.read.0 - outside.write.0, own.write.0 - outside.read.0)
    };
    let output = outside[Role::Output as usize];
    let finished = touched(nest, Role::Output).0.min(output.write.0);
    let waits = match hardware.memory(memory.level).map(|m| m.overlap) {
        Some(Overlap::None) => [true; 3],
        Some(Overlap::Choose) => memory.added_cycles.map(|added| added > 0),
        Some(Overlap::Ideal | Overlap::DoubleBuffer) | None => [false; 3],
    };
    let bits = |bits: u128| u64::try_from(bits).unwrap_or(u64::MAX);
    RoleMode {
        buffers: memory.occupied.iter().copied().sum(),
        cycles: inner()
            .map(|m| m.busy_cycles)
            .max()
            .unwrap_or(0)
            .max(cost.compute_cycles),
        added: inner().flat_map(|m| m.added_cycles).sum(),
        read: Bits((0..3).map(|role| exchanged(role).0).sum()),
        written: Bits((0..3).map(|role| exchanged(role).1).sum()),
        outer: [outside[0].read, outside[1].read, Bits(finished)],
        waits,
        partial: Partial {
            outward: bits(output.write.0 - finished),
            inward: bits(output.read.0),
            waits: waits[Role::Output as usize],
        },
        resident: [false; 3],
    }
}

/// The only mode of a streamed operation: it takes no space that counts. The vector unit reads
/// its operands in the shared memory and writes its result there.
pub(super) fn of_stream(
    operation: &StreamOperation,
    hardware: &Hardware,
    shared: usize,
) -> RoleMode {
    let (cost, _) = stream::cost(operation, hardware);
    let inner = cost.memories.iter().filter(|m| m.level > shared);
    RoleMode {
        buffers: Bits(0),
        cycles: inner
            .map(|m| m.busy_cycles)
            .max()
            .unwrap_or(0)
            .max(cost.compute_cycles),
        added: 0,
        read: operation.input + operation.weight,
        written: operation.output,
        outer: [operation.input, operation.weight, operation.output],
        waits: [false; 3],
        partial: Partial::default(),
        resident: [false; 3],
    }
}

/// \[PRU35\] The modes without those than which another one is nowhere worse.
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
    let (partial, other) = (a.partial, b.partial);
    a.resident == b.resident
        && a.buffers <= b.buffers
        && a.cycles <= b.cycles
        && a.added <= b.added
        && a.read <= b.read
        && a.written <= b.written
        && a.waits.iter().zip(&b.waits).all(|(a, b)| a <= b)
        && (partial.waits <= other.waits)
        && partial.outward <= other.outward
        && partial.inward <= other.inward
        && a.outer.iter().zip(&b.outer).all(|(a, b)| a <= b)
}
