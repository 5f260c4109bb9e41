//! Random tiny operations on random tiny hardware, so tight that every rule of the model matters.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, Role, RoleSet, Tiles, Window,
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
const SHAPES: [&[(Dim, u64)]; 17] = {
    use Dim::{C, G, K, N, P, Q, R, S};
    [
        &[(K, 4), (C, 4), (P, 6), (R, 3)],
        &[(K, 4), (C, 4), (Q, 6), (S, 3)],
        &[(K, 5), (P, 7), (R, 3)],
        &[(C, 5), (Q, 7), (S, 3)],
        &[(C, 2), (Q, WIDE), (S, 3)],
        &[(C, 3), (P, WIDE), (R, 3), (K, 2)],
        &[(Q, WIDE), (P, 2), (S, 3)],
        &[(N, WIDE), (K, WIDE)],
        &[(K, WIDE), (C, 4)],
        &[(N, 8), (K, WIDE), (C, 3)],
        &[(N, WIDE), (K, 8), (C, 2)],
        &[(P, 6), (Q, 4), (R, 3), (S, 2)],
        &[(N, 3), (K, 3), (Q, 6), (S, 3)],
        &[(N, 6), (K, 6), (C, 6)],
        &[(G, 2), (N, 4), (K, 4), (C, 4)],
        &[(G, 2), (C, 3), (P, 5), (R, 3)],
        &[(K, 4), (C, 4), (P, 3), (Q, 3)],
    ]
};

/// The same with windows of many taps.
const LONG_KERNELS: [&[(Dim, u64)]; 4] = {
    use Dim::{C, K, P, Q, R, S};
    [
        &[(K, 3), (P, 5), (R, 6)],
        &[(C, 3), (Q, 5), (S, 6)],
        &[(P, 6), (R, 5)],
        &[(K, 2), (Q, 4), (S, 8)],
    ]
};

/// The same over depth, rows and columns.
const DEEP: [&[(Dim, u64)]; 12] = {
    use Dim::{C, G, K, N, P, Q, R, S, T, Z};
    [
        &[(Z, 6), (T, 3), (K, 3)],
        &[(Z, 6), (T, 3), (C, 3)],
        &[(Z, 5), (T, 3), (P, 3)],
        &[(Z, 4), (T, 3), (Q, 3), (S, 2)],
        &[(Z, 3), (T, 2), (P, 4), (R, 3)],
        &[(Z, 3), (T, 2), (P, 3), (R, 2), (Q, 2)],
        &[(Z, 2), (T, 2), (P, 2), (R, 2), (Q, 2), (S, 2)],
        &[(Z, 4), (P, 4), (R, 2)],
        &[(T, 3), (P, 5), (R, 2)],
        &[(G, 2), (Z, 4), (T, 2), (K, 2)],
        &[(N, 2), (Z, 5), (T, 2), (C, 2)],
        &[(Z, 4), (T, 2), (P, 3), (R, 2), (K, 2)],
    ]
};

/// Marks a dimension that is drawn from [`WIDE_EXTENTS`].
const WIDE: u64 = u64::MAX;

/// Extents of which some uneven cuts take fewer steps on two to four elements than even ones.
const WIDE_EXTENTS: [u64; 6] = [6, 6, 8, 8, 10, 10];

/// The share of cases made for uneven cuts.
const UNEVEN: f64 = 0.15;

/// The most combinations of extents and orders of a case.
const MOST: u128 = 6_000_000;

/// The case of a seed, for the exhaustive search.
pub fn case(seed: u64) -> Case {
    limited(seed, MOST, UNEVEN)
}

/// The case of a seed among those over depth, rows and columns.
pub fn deep_case(seed: u64) -> Case {
    drawn(seed, &DEEP)
}

/// The case of a seed among the smallest ones.
pub fn small_case(seed: u64) -> Case {
    limited(seed, MOST / 300, UNEVEN)
}

/// The case of a seed among those made for uneven cuts.
pub fn uneven_case(seed: u64) -> Case {
    limited(seed, MOST, 1.0)
}

/// The case of a seed among those with windows of many taps.
pub fn kernel_case(seed: u64) -> Case {
    drawn(seed, &LONG_KERNELS)
}

/// The first case of these shapes drawn from a seed that is not too large.
fn drawn(seed: u64, shapes: &[&[(Dim, u64)]]) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    loop {
        let nest = nest(&mut rng, shapes);
        let hardware = hardware(&mut rng, &nest);
        let case = Case {
            seed,
            nest,
            hardware,
        };
        if estimate(&case, TileChoice::All) <= MOST {
            return case;
        }
    }
}

/// Dimensions of dilated windows, with their largest extents.
const DILATED: [&[(Dim, u64)]; 8] = {
    use Dim::{C, K, N, P, Q, R, S};
    [
        &[(P, 8), (R, 3)],
        &[(K, 3), (P, 7), (R, 3)],
        &[(C, 3), (Q, 7), (S, 3)],
        &[(K, 2), (C, 2), (P, 6), (R, 3)],
        &[(N, 2), (Q, 7), (S, 3)],
        &[(P, 5), (Q, 4), (R, 2), (S, 2)],
        &[(P, 6), (Q, 3), (R, 3)],
        &[(C, 2), (P, 8), (R, 2)],
    ]
};

/// The case of a seed among those with dilated windows, where memories slide.
pub fn dilated_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xd11a);
    loop {
        let mut nest = nest(&mut rng, &DILATED);
        for (axis, (p, r)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
            if nest.extents[p] * nest.extents[r] > 1 {
                nest.windows[axis] = dilated_window(&mut rng, nest.extents[p], nest.extents[r]);
            }
        }
        let mut hardware = hardware(&mut rng, &nest);
        for level in hardware.levels.iter_mut().skip(1) {
            if let Level::Memory(memory) = level {
                memory.sliding_reuse = true;
            }
        }
        let case = Case {
            seed,
            nest,
            hardware,
        };
        if estimate(&case, TileChoice::All) <= MOST {
            return case;
        }
    }
}

/// A window of dilation 2 to 4 in a tensor with padding on either side, or none.
fn dilated_window(rng: &mut ChaCha8Rng, outputs: u64, taps: u64) -> Window {
    let stride = [1, 1, 1, 2, 3][rng.random_range(0..5)];
    let dilation = rng.random_range(2..=4);
    let span = (outputs - 1) * stride + (taps - 1) * dilation + 1 + rng.random_range(0..stride);
    let padding = [0, 0, 1, 2, 3][rng.random_range(0..5)].min((span - 1) / 2);
    let after = [padding, 0][rng.random_range(0..2)];
    Window {
        stride,
        dilation,
        padding,
        rows: span - padding - after,
    }
}

/// The first case drawn from a seed with at most so many combinations of extents and orders.
fn limited(seed: u64, most: u128, uneven_share: f64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    loop {
        let (nest, hardware) = if rng.random_bool(uneven_share) {
            uneven(&mut rng)
        } else {
            let nest = nest(&mut rng, &SHAPES);
            let hardware = hardware(&mut rng, &nest);
            (nest, hardware)
        };
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

/// A linear layer on a row of elements that divides no even share of its longest dimension,
/// where compute and the outermost memory take about as long.
fn uneven(rng: &mut ChaCha8Rng) -> (LoopNest, Hardware) {
    let mut extents = PerDim::all(1);
    let (wide, size) = [(6, 2), (6, 2), (8, 3), (10, 2), (10, 4)][rng.random_range(0..5)];
    extents[Dim::K] = wide;
    extents[Dim::N] = rng.random_range(5..=9);
    extents[Dim::C] = rng.random_range(1..=3);
    let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision(rng));
    let (least, most) = (single_bits(&nest), whole_bits(&nest));
    let steps: u64 = extents.0.iter().product::<u64>().div_ceil(size);
    // Quarter bytes per cycle that move all tensors once in so many steps.
    let once = (most / (2 * steps)).max(1);
    let bandwidth = Bandwidth::new(rng.random_range(once * 4 / 10..=once * 9 / 10).max(1), 4);
    let memory = |name: &str, capacity, limit| Memory {
        name: name.to_owned(),
        capacity,
        ports: Ports::Shared(limit),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    };
    let mut sram = memory(
        "sram",
        Some(between(least, most, rng.random_range(0.06..0.3))),
        None,
    );
    if rng.random_bool(0.6) {
        sram.tiles = Tiles::Shared;
    }
    let axis = Axis {
        name: "axis0".to_owned(),
        size,
        dims: DimSet::of(&[Dim::K]),
        multicast: true,
        reduce: true,
    };
    let mut levels = vec![
        Level::Memory(memory("dram", None, bandwidth)),
        Level::Memory(sram),
        Level::Array(Array {
            name: "array".to_owned(),
            axes: vec![axis],
            split_dims: false,
        }),
    ];
    if rng.random_bool(0.3) {
        levels.push(Level::Memory(registers(rng, &nest)));
    }
    let hardware = Hardware {
        name: "uneven".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    };
    (nest, hardware)
}

/// A random operation.
fn nest(rng: &mut ChaCha8Rng, shapes: &[&[(Dim, u64)]]) -> LoopNest {
    let shape = shapes[rng.random_range(0..shapes.len())];
    let mut extents = PerDim::all(1);
    for &(d, most) in shape {
        extents[d] = if most == WIDE {
            WIDE_EXTENTS[rng.random_range(0..WIDE_EXTENTS.len())]
        } else {
            rng.random_range(2..=most)
        };
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
pub(super) fn hardware(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Hardware {
    let mut inner = Vec::new();
    let mut elements = 1;
    if rng.random_bool(0.85) {
        let array = array(rng, nest);
        elements = array.axes.iter().map(|a| a.size).product();
        inner.push(Level::Array(array));
        if rng.random_bool(0.6) {
            inner.push(Level::Memory(registers(rng, nest)));
        }
    }
    let dram = Memory {
        name: "dram".to_owned(),
        capacity: None,
        ports: ports(rng, outer_bandwidth(nest, elements)),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    };
    let mut levels = vec![Level::Memory(dram), Level::Memory(sram(rng, nest))];
    levels.append(&mut inner);
    Hardware {
        name: "tiny".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Quarter bytes per cycle with which the tensors, moved once to a few times, take about as long
/// as the multiply-accumulates.
fn outer_bandwidth(nest: &LoopNest, elements: u64) -> (u64, u64) {
    let macs: u64 = nest.extents.0.iter().product();
    let balanced = (whole_bits(nest) * elements / (2 * macs)).max(1);
    (balanced.div_ceil(2), balanced * 2)
}

/// An SRAM that holds more than single elements and less than all tensors.
fn sram(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Memory {
    let fraction = if rng.random_bool(0.6) {
        rng.random_range(0.05..0.75_f64).powi(2) + 0.02
    } else {
        rng.random_range(0.2..0.6)
    };
    let limited = rng.random_bool(0.5);
    let (overlap, least) = overlap(rng, nest, 0.5);
    Memory {
        name: "sram".to_owned(),
        capacity: Some(between(least, whole_bits(nest), fraction)),
        ports: if limited {
            ports(rng, (8, 48))
        } else {
            Ports::Shared(None)
        },
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap,
        tiles: if rng.random_bool(0.85) {
            Tiles::PerOperand
        } else {
            Tiles::Shared
        },
        sliding_reuse: rng.random_bool(0.75),
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// Registers of a few elements of each operand.
fn registers(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Memory {
    let (overlap, least) = overlap(rng, nest, 0.2);
    let bits = least * [2, 3, 4, 6, 8][rng.random_range(0..5)] / 2;
    Memory {
        name: "registers".to_owned(),
        capacity: Some(Bytes(bits.div_ceil(8))),
        ports: if rng.random_bool(0.2) {
            ports(rng, (12, 80))
        } else {
            Ports::Shared(None)
        },
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap,
        tiles: Tiles::Shared,
        sliding_reuse: rng.random_bool(0.3),
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// What transfers do, and the least bits that can surely hold a tile of each operand; now and
/// then fewer.
fn overlap(rng: &mut ChaCha8Rng, nest: &LoopNest, doubled: f64) -> (Overlap, u64) {
    let single = single_bits(nest);
    if !rng.random_bool(doubled) {
        return (Overlap::Ideal, single);
    }
    let copies = if rng.random_bool(0.9) { 2 } else { 1 };
    (Overlap::DoubleBuffer, copies * single)
}

/// One or two axes of a few elements, for all dimensions or for some.
fn array(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Array {
    let active = |d: &Dim| nest.extents[*d] > 1;
    let widest = Dim::ALL.into_iter().max_by_key(|&d| nest.extents[d]);
    let count = rng.random_range(1..=2);
    let axes = (0..count)
        .map(|i| {
            let dims: Vec<Dim> = match rng.random_range(0..10) {
                0..4 => Dim::ALL.to_vec(),
                4..7 => widest.into_iter().collect(),
                _ => Dim::ALL
                    .into_iter()
                    .filter(active)
                    .filter(|_| rng.random_bool(0.5))
                    .collect(),
            };
            Axis {
                name: format!("axis{i}"),
                size: rng.random_range(1..=4),
                dims: DimSet::of(&dims),
                multicast: true,
                reduce: true,
            }
        })
        .collect();
    Array {
        name: "array".to_owned(),
        axes,
        split_dims: false,
    }
}

/// Ports of quarter bytes per cycle within a range.
fn ports(rng: &mut ChaCha8Rng, (least, most): (u64, u64)) -> Ports {
    let mut bandwidth = || Bandwidth::new(rng.random_range(least..=most), 4);
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
