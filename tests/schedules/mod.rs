//! Random tiny schedules, and the exhaustive search over all of their memory plans.

pub mod all_plans;
pub mod rules;

use deepmatrix::problem::graph::TensorKind;
use deepmatrix::problem::port::{Direction, Directions, Port};
use deepmatrix::problem::schedule::{Mode, Operation, Part, Partial, Schedule, Tensor};
use deepmatrix::problem::{Bandwidth, Bytes};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// What random schedules may have.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Slices of a tensor.
    pub slices: u32,
    /// Operations ahead.
    pub ahead: usize,
    /// Whether operations may be computed again.
    pub recompute: bool,
    /// Most operations and tensors.
    pub most: (usize, usize),
}

/// A port that is one of the memory outside or of the shared memory.
fn port(outer: bool, (numerator, denominator): (u64, u64), carries: &[Direction]) -> Port {
    Port {
        outer,
        bandwidth: Bandwidth::new(numerator, denominator).expect("positive"),
        carries: Directions::of(carries),
    }
}

/// The ports of both memories: one each, or one for each direction; the shared memory's is 1 to 16
/// times as fast, or not limited.
fn ports(source: &mut ChaCha8Rng) -> Vec<Port> {
    use Direction::{Inward, Outward, Read, Written};
    let outer = [(1, 1), (2, 1), (3, 2), (1, 2)][source.random_range(0..4)];
    let ratio = [1, 1, 2, 2, 3, 4, 8, 16][source.random_range(0..8)];
    let inner = (outer.0 * ratio, outer.1);
    let mut ports = if source.random_bool(0.7) {
        vec![port(true, outer, &[Inward, Outward])]
    } else {
        let other = [(1, 1), (2, 3)][source.random_range(0..2)];
        vec![port(true, outer, &[Inward]), port(true, other, &[Outward])]
    };
    match source.random_range(0..10) {
        0 => {}
        1..6 => ports.push(port(false, inner, &[Inward, Outward, Read, Written])),
        _ => {
            let other = (outer.0 * [1, 2, 5][source.random_range(0..3)], outer.1);
            ports.push(port(false, inner, &[Read, Outward]));
            ports.push(port(false, other, &[Written, Inward]));
        }
    }
    ports
}

/// A random schedule.
pub fn random(source: &mut ChaCha8Rng, features: Features) -> Schedule {
    let (most_operations, most_tensors) = features.most;
    let outside = source.random_range(1..=2);
    let mut tensors: Vec<Tensor> = (0..outside).map(|i| tensor(source, i, true)).collect();
    let mut operations: Vec<Operation> = Vec::new();
    let number = source.random_range(2..=most_operations - 2 * usize::from(features.recompute));
    for index in 0..number {
        let reads = some_of(source, tensors.len());
        let old = source.random_bool(0.2) || tensors.len() == most_tensors;
        let written = if old {
            source.random_range(0..tensors.len())
        } else {
            let new = tensor(source, tensors.len(), false);
            tensors.push(new);
            tensors.len() - 1
        };
        operations.push(operation(source, index, reads, vec![written], &tensors));
    }
    if features.recompute {
        again(source, &mut operations);
        again(source, &mut operations);
    }
    let mut schedule = Schedule {
        stages: Vec::new(),
        capacity: Bytes(1 << 30),
        ports: ports(source),
        waits: source.random_bool(0.15),
        alignment: [1, 1, 2][source.random_range(0..3)],
        slices: features.slices,
        ahead: features.ahead,
        tensors,
        operations,
    };
    let least = (0..schedule.operations.len()).map(|o| schedule.least_bytes(o));
    let least = u64::try_from(least.max().unwrap_or(0)).expect("small");
    schedule.capacity = Bytes((least + source.random_range(0..10)).max(1));
    schedule
}

/// A chain of operations each with a weight of its own, and now and then a result that goes outside: what
/// takes its time is what comes early and goes late.
pub fn streaming(source: &mut ChaCha8Rng) -> Schedule {
    let count = source.random_range(2..=4);
    let mut tensors = Vec::new();
    let mut operations = Vec::new();
    let named = |name: String, bits: u64, begins_outside: bool, ends_outside: bool| Tensor {
        name,
        kind: TensorKind::Activation,
        bits,
        begins_outside,
        ends_outside,
    };
    for index in 0..count {
        let mut bits = || 8 * source.random_range(1..=5);
        let (weight, result) = (bits(), bits());
        let outside = source.random_bool(0.3);
        tensors.push(named(format!("w{index}"), weight, true, false));
        let mut writes = Vec::new();
        if outside {
            tensors.push(named(format!("r{index}"), result, false, true));
            writes.push(tensors.len() - 1);
        }
        let operands = 1 + writes.len();
        operations.push(Operation {
            name: format!("o{index}"),
            modes: vec![Mode {
                buffer_bytes: 0,
                cycles: source.random_range(0..80),
                added_cycles: 0,
                read_bits: 0,
                written_bits: 0,
                outer_bits: [weight, result][..operands].to_vec(),
                partial: Partial::default(),
                resident: vec![false; operands],
                waits: vec![false; operands],
                parts: Vec::new(),
            }],
            reads: vec![tensors.len() - operands],
            writes,
            optional: false,
        });
    }
    let outer = [(1, 8), (1, 4)][source.random_range(0..2)];
    Schedule {
        stages: Vec::new(),
        capacity: Bytes(source.random_range(1..=8)),
        ports: vec![port(true, outer, &[Direction::Inward, Direction::Outward])],
        waits: false,
        alignment: 1,
        slices: [1, 2, 4][source.random_range(0..3)],
        ahead: source.random_range(0..=2),
        tensors,
        operations,
    }
}

fn tensor(source: &mut ChaCha8Rng, index: usize, begins_outside: bool) -> Tensor {
    Tensor {
        name: format!("t{index}"),
        kind: TensorKind::Activation,
        bits: 8 * source.random_range(1..7) - [0, 0, 0, 5][source.random_range(0..4)],
        begins_outside,
        ends_outside: source.random_bool(0.3),
    }
}

fn some_of(source: &mut ChaCha8Rng, number: usize) -> Vec<usize> {
    let mut reads = vec![source.random_range(0..number)];
    let other = source.random_range(0..number);
    // An operand may be the same tensor as another one.
    if source.random_bool(0.5) {
        reads.push(other);
    }
    reads
}

fn operation(
    source: &mut ChaCha8Rng,
    index: usize,
    reads: Vec<usize>,
    writes: Vec<usize>,
    tensors: &[Tensor],
) -> Operation {
    let operands: Vec<usize> = reads.iter().chain(&writes).copied().collect();
    let in_parts = source.random_bool(0.2);
    let modes = (0..source.random_range(1..=2)).map(|_| Mode {
        buffer_bytes: source.random_range(0..4),
        cycles: source.random_range(0..12),
        added_cycles: [0, 0, 0, 1][source.random_range(0..4)],
        read_bits: source.random_range(0..100),
        written_bits: source.random_range(0..60),
        outer_bits: operands
            .iter()
            .map(|&t| tensors[t].bits * source.random_range(1..3))
            .collect(),
        partial: if source.random_bool(0.2) {
            Partial {
                outward: 16,
                inward: 12,
                waits: source.random_bool(0.3),
            }
        } else {
            Partial::default()
        },
        resident: operands.iter().map(|_| source.random_bool(0.15)).collect(),
        waits: operands.iter().map(|_| source.random_bool(0.1)).collect(),
        parts: Vec::new(),
    });
    let modes: Vec<Mode> = modes.collect();
    let modes = modes.into_iter().map(|mode| {
        let parts = if in_parts {
            halves(source, &mode)
        } else {
            Vec::new()
        };
        Mode { parts, ..mode }
    });
    Operation {
        name: format!("o{index}"),
        modes: modes.collect(),
        reads,
        writes,
        optional: false,
    }
}

/// Two parts of a mode of which its numbers are the sums.
fn halves(source: &mut ChaCha8Rng, mode: &Mode) -> Vec<Part> {
    let mut cut = |whole: u64| source.random_range(0..=whole);
    let first = Part {
        cycles: u128::from(cut(u64::try_from(mode.cycles).expect("few"))),
        read_bits: cut(mode.read_bits),
        written_bits: cut(mode.written_bits),
        outer_bits: mode.outer_bits.iter().map(|&bits| cut(bits)).collect(),
        partial: Partial {
            outward: cut(mode.partial.outward),
            inward: cut(mode.partial.inward),
            waits: false,
        },
    };
    let rest = mode.outer_bits.iter().zip(&first.outer_bits);
    let second = Part {
        cycles: mode.cycles - first.cycles,
        read_bits: mode.read_bits - first.read_bits,
        written_bits: mode.written_bits - first.written_bits,
        outer_bits: rest.map(|(all, first)| all - first).collect(),
        partial: Partial {
            outward: mode.partial.outward - first.partial.outward,
            inward: mode.partial.inward - first.partial.inward,
            waits: false,
        },
    };
    vec![first, second]
}

/// Computes one tensor again right before a later operation that reads it, if there is one.
fn again(source: &mut ChaCha8Rng, operations: &mut Vec<Operation>) {
    let mut places = Vec::new();
    for (first, own) in operations.iter().enumerate() {
        let written = own.writes[0];
        for (later, other) in operations.iter().enumerate().skip(first + 2) {
            if other.reads.contains(&written) && !own.reads.contains(&written) {
                places.push((first, later));
            }
        }
    }
    if places.is_empty() {
        return;
    }
    let (first, later) = places[source.random_range(0..places.len())];
    let mut copy = Operation {
        name: format!("{}_again", operations[first].name),
        optional: true,
        ..operations[first].clone()
    };
    // Cheap, or it would hardly ever pay.
    for mode in &mut copy.modes {
        mode.cycles = source.random_range(0..3);
        mode.outer_bits.iter_mut().for_each(|bits| *bits /= 4);
        (mode.read_bits, mode.written_bits) = (mode.read_bits / 4, mode.written_bits / 4);
        if !mode.parts.is_empty() {
            mode.parts = halves(source, mode);
        }
    }
    operations.insert(later, copy);
}
