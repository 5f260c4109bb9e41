//! Random tiny schedules, and the exhaustive search over all of their memory plans.

pub mod all_plans;

use deepmatrix::problem::graph::TensorKind;
use deepmatrix::problem::schedule::{Mode, Operation, Schedule, Tensor};
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
        capacity: Bytes(1 << 30),
        bandwidth: [(1, 1), (2, 1), (3, 2), (1, 2)]
            .map(|(n, d)| Bandwidth::new(n, d).expect("positive"))[source.random_range(0..4)],
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

fn tensor(source: &mut ChaCha8Rng, index: usize, begins_outside: bool) -> Tensor {
    Tensor {
        name: format!("t{index}"),
        kind: TensorKind::Activation,
        bytes: source.random_range(1..7),
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
    let modes = (0..source.random_range(1..=2)).map(|_| Mode {
        buffer_bytes: source.random_range(0..4),
        cycles: source.random_range(0..12),
        outer_bytes: operands
            .iter()
            .map(|&t| tensors[t].bytes * source.random_range(1..3))
            .collect(),
        other_bytes: [0, 0, 0, 2][source.random_range(0..4)],
        resident: operands.iter().map(|_| source.random_bool(0.15)).collect(),
    });
    Operation {
        name: format!("o{index}"),
        modes: modes.collect(),
        reads,
        writes,
        optional: false,
    }
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
        mode.outer_bytes.iter_mut().for_each(|bytes| *bytes /= 4);
    }
    operations.insert(later, copy);
}
