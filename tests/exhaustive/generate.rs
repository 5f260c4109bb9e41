//! Random tiny operations on random tiny hardware, so tight that every rule of the model matters.

use deepmatrix::problem::{
    Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Memory, Overlap, PerDim,
    Ports, Precision, Role, Tiles, Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{TileChoice, estimate};

/// A problem.
#[derive(Clone, Debug)]
pub struct Case {
    /// The seed that it was drawn from.
    pub seed: u64,
    /// The operation.
    pub nest: LoopNest,
    /// The hardware.
    pub hardware: Hardware,
}

/// Dimensions above 1 of the kinds of operations, with their largest extents.
const SHAPES: [&[(Dim, u64)]; 10] = {
    use Dim::{C, G, K, N, P, Q, R, S};
    [
        &[(K, 4), (C, 4), (P, 6), (R, 3)],
        &[(K, 4), (C, 4), (P, 6), (R, 3)],
        &[(K, 5), (P, 6), (R, 3)],
        &[(C, 5), (Q, 6), (S, 3)],
        &[(P, 5), (Q, 4), (R, 3), (S, 2)],
        &[(N, 3), (K, 3), (Q, 5), (S, 3)],
        &[(N, 6), (K, 6), (C, 6)],
        &[(G, 2), (N, 4), (K, 4), (C, 4)],
        &[(G, 2), (C, 3), (P, 5), (R, 3)],
        &[(K, 4), (C, 4), (P, 3), (Q, 3)],
    ]
};

/// The case of a seed, for the exhaustive search.
pub fn case(seed: u64) -> Case {
    limited(seed, 400_000)
}

/// The case of a seed among the smallest ones.
pub fn small_case(seed: u64) -> Case {
    limited(seed, 20_000)
}

/// The first case drawn from a seed with at most so many combinations of extents and orders.
fn limited(seed: u64, most: u128) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    loop {
        let nest = nest(&mut rng);
        let hardware = hardware(&mut rng, &nest);
        let case = Case {
            seed,
            nest,
            hardware,
        };
        if estimate(&case, TileChoice::All) <= most {
            return case;
        }
    }
}

/// A random operation.
fn nest(rng: &mut ChaCha8Rng) -> LoopNest {
    let shape = SHAPES[rng.random_range(0..SHAPES.len())];
    let mut extents = PerDim::all(1);
    for &(d, most) in shape {
        extents[d] = rng.random_range(2..=most);
    }
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| {
        if extents[p] * extents[r] == 1 {
            Window::NONE
        } else {
            window(rng, extents[p], extents[r])
        }
    });
    LoopNest::forward(extents, windows, precision(rng))
}

/// A window whose tensor has the rows that such outputs and taps come from, some unused at the end.
fn window(rng: &mut ChaCha8Rng, outputs: u64, taps: u64) -> Window {
    let stride = [1, 1, 1, 2, 3][rng.random_range(0..5)];
    let dilation = [1, 1, 2][rng.random_range(0..3)];
    let span = (outputs - 1) * stride + (taps - 1) * dilation + 1 + rng.random_range(0..stride);
    let padding = [0, 0, 1, 1, 2][rng.random_range(0..5)].min((span - 1) / 2);
    Window {
        stride,
        dilation,
        padding,
        rows: span - 2 * padding,
    }
}

fn precision(rng: &mut ChaCha8Rng) -> Precision {
    let all = [
        (8, 8, 8, 8),
        (8, 8, 8, 16),
        (8, 8, 8, 32),
        (16, 16, 16, 32),
        (8, 4, 8, 16),
        (4, 4, 8, 16),
        (16, 8, 8, 24),
        (4, 16, 16, 16),
        (32, 8, 8, 16),
    ];
    let (input, weight, output, accumulator) = all[rng.random_range(0..all.len())];
    Precision {
        input,
        weight,
        output,
        accumulator,
    }
}

/// Random hardware for an operation.
fn hardware(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Hardware {
    let dram = Memory {
        name: "dram".to_owned(),
        capacity: None,
        ports: ports(rng, (1, 8)),
        energy_pj_per_byte: None,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
    };
    let mut levels = vec![Level::Memory(dram), Level::Memory(sram(rng, nest))];
    if rng.random_bool(0.85) {
        levels.push(Level::Array(array(rng, nest)));
        if rng.random_bool(0.6) {
            levels.push(Level::Memory(registers(rng, nest)));
        }
    }
    Hardware {
        name: "tiny".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        vector_lanes: None,
    }
}

/// An SRAM that holds more than single elements and less than all tensors.
fn sram(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Memory {
    let fraction = rng.random_range(0.05..0.75_f64).powi(2) + 0.02;
    let limited = rng.random_bool(0.6);
    Memory {
        name: "sram".to_owned(),
        capacity: Some(between(single_bits(nest), whole_bits(nest), fraction)),
        ports: if limited {
            ports(rng, (4, 24))
        } else {
            Ports::Shared(None)
        },
        energy_pj_per_byte: None,
        overlap: overlap(rng, 0.5),
        tiles: if rng.random_bool(0.8) {
            Tiles::PerOperand
        } else {
            Tiles::Shared
        },
        sliding_reuse: rng.random_bool(0.75),
    }
}

/// Registers of a few elements of each operand.
fn registers(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Memory {
    let bits = single_bits(nest) * [2, 3, 4, 6, 8][rng.random_range(0..5)] / 2;
    Memory {
        name: "registers".to_owned(),
        capacity: Some(Bytes(bits.div_ceil(8))),
        ports: if rng.random_bool(0.2) {
            ports(rng, (6, 40))
        } else {
            Ports::Shared(None)
        },
        energy_pj_per_byte: None,
        overlap: overlap(rng, 0.2),
        tiles: Tiles::Shared,
        sliding_reuse: rng.random_bool(0.3),
    }
}

fn overlap(rng: &mut ChaCha8Rng, doubled: f64) -> Overlap {
    if rng.random_bool(doubled) {
        Overlap::DoubleBuffer
    } else {
        Overlap::Ideal
    }
}

/// One or two axes of a few elements, for all dimensions or for some.
fn array(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Array {
    let active: Vec<Dim> = Dim::ALL
        .into_iter()
        .filter(|&d| nest.extents[d] > 1)
        .collect();
    let axes = (0..rng.random_range(1..=2))
        .map(|i| {
            let some: Vec<Dim> = active
                .iter()
                .copied()
                .filter(|_| rng.random_bool(0.5))
                .collect();
            let all = rng.random_bool(0.4);
            Axis {
                name: format!("axis{i}"),
                size: rng.random_range(1..=4),
                dims: if all { DimSet::ALL } else { DimSet::of(&some) },
            }
        })
        .collect();
    Array {
        name: "array".to_owned(),
        axes,
    }
}

/// Ports of half bytes per cycle within a range.
fn ports(rng: &mut ChaCha8Rng, (least, most): (u64, u64)) -> Ports {
    let mut bandwidth = || Bandwidth::new(rng.random_range(least..=most), 2);
    let (read, write) = (bandwidth(), bandwidth());
    match rng.random_range(0..8) {
        0 => Ports::Separate { read, write },
        1 => Ports::Separate { read, write: None },
        _ => Ports::Shared(read),
    }
}

/// A capacity of whole bytes between two numbers of bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small positive numbers"
)]
fn between(least: u64, most: u64, fraction: f64) -> Bytes {
    let extra = (most.saturating_sub(least) as f64 * fraction) as u64;
    Bytes((least + extra).div_ceil(8))
}

/// The bits of one element of each operand.
fn single_bits(nest: &LoopNest) -> u64 {
    Role::ALL
        .iter()
        .map(|&r| u64::from(nest.precision.working(r)))
        .sum()
}

/// The bits of the three tensors.
fn whole_bits(nest: &LoopNest) -> u64 {
    Role::ALL
        .iter()
        .map(|&role| {
            let plain = nest.relevant[role as usize]
                .iter()
                .filter(|&d| role != Role::Input || LoopNest::window_of(d).is_none())
                .map(|d| nest.extents[d]);
            let rows = nest.windows.iter().map(|w| w.rows);
            let elements = if role == Role::Input {
                plain.chain(rows).product::<u64>()
            } else {
                plain.product()
            };
            elements * u64::from(nest.precision.working(role))
        })
        .sum()
}
