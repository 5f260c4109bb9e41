//! Random tiny problems on hierarchies where every way of using memories and arrays matters.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, Role, RoleSet, Tiles, Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::Case;

/// The case of a seed: two memories or three, none to two arrays.
pub fn feature_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xfea7);
    let deep = rng.random_bool(0.3);
    let nest = nest(&mut rng, if deep { 2 } else { 3 });
    let hardware = levels(&mut rng, deep);
    Case {
        seed,
        nest,
        hardware,
    }
}

/// The same of a convolution in depth, and perhaps along rows.
pub fn deep_feature_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xdee9);
    let deep = rng.random_bool(0.2);
    let shapes: [&[Dim]; 5] = [
        &[Dim::Z, Dim::T],
        &[Dim::Z, Dim::T, Dim::K],
        &[Dim::Z, Dim::T, Dim::C],
        &[Dim::Z, Dim::T, Dim::P],
        &[Dim::Z, Dim::P, Dim::R],
    ];
    let own = shapes[rng.random_range(0..shapes.len())];
    let nest = nest_of(&mut rng, own, if deep { 2 } else { 3 });
    let hardware = levels(&mut rng, deep);
    Case {
        seed,
        nest,
        hardware,
    }
}

/// The same with strides, gaps between taps, and padding in depth on either side.
pub fn padded_deep_case(seed: u64) -> Case {
    let mut case = deep_feature_case(seed);
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x9add);
    let [outputs, taps] = [Dim::Z, Dim::T].map(|d| case.nest.extents[d]);
    let [stride, dilation] = [0; 2].map(|_| rng.random_range(1..3));
    let [before, after] = [0; 2].map(|_| rng.random_range(0..2));
    let reach = (outputs - 1) * stride + (taps - 1) * dilation + 1;
    case.nest.windows[2] = Window {
        stride,
        dilation,
        padding: before,
        rows: (reach - before).saturating_sub(after).max(1),
    };
    case
}

/// The case of a seed: elements with one memory for all operands, or with one for each or two of
/// them, below a buffer that one operand may go around; idle cycles cost no energy.
pub fn scratchpad_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5cad);
    let nest = short_nest(&mut rng);
    let roles = |all: &[Role]| RoleSet::of(all);
    let kept: Vec<RoleSet> = match rng.random_range(0..6) {
        0 | 1 => vec![RoleSet::ALL],
        2 => vec![roles(&[Role::Weight]), roles(&[Role::Input, Role::Output])],
        3 => vec![roles(&[Role::Input, Role::Output]), roles(&[Role::Weight])],
        4 => vec![roles(&[Role::Input]), roles(&[Role::Weight, Role::Output])],
        _ => [Role::Weight, Role::Input, Role::Output]
            .map(|role| roles(&[role]))
            .to_vec(),
    };
    let around = [
        RoleSet::ALL,
        RoleSet::ALL,
        roles(&[Role::Input, Role::Output]),
        roles(&[Role::Weight, Role::Output]),
    ];
    let memory = |rng: &mut ChaCha8Rng, name: &str, bytes: (u64, u64), holds: RoleSet| Memory {
        name: name.to_owned(),
        capacity: Some(Bytes(rng.random_range(bytes.0..=bytes.1))),
        ports: ports(rng, (8, 40)),
        energy: energy(rng, 6),
        holds,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: rng.random_bool(0.5),
        alignment: Memory::DEFAULT_ALIGNMENT,
    };
    let holds = around[rng.random_range(0..around.len())];
    let buffer = memory(&mut rng, "sram", (8, 40), holds);
    let axis = |rng: &mut ChaCha8Rng, i: usize| Axis {
        name: format!("pe{i}"),
        size: rng.random_range(2..=4),
        dims: DimSet::ALL,
        multicast: true,
        reduce: true,
    };
    let axes = (0..rng.random_range(1..=2))
        .map(|i| axis(&mut rng, i))
        .collect();
    let mut levels = vec![
        Level::Memory(dram(&mut rng)),
        Level::Memory(buffer),
        Level::Array(Array {
            name: "pe".to_owned(),
            axes,
            split_dims: false,
        }),
    ];
    for (i, &holds) in kept.iter().enumerate() {
        let mut own = memory(&mut rng, &format!("pad{i}"), (2, 9), holds);
        own.tiles = Tiles::Shared;
        own.sliding_reuse = false;
        levels.push(Level::Memory(own));
    }
    let hardware = Hardware {
        name: "scratchpads".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: Some(0.5),
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    };
    Case {
        seed,
        nest,
        hardware,
    }
}

/// The same with the elements' memories as buffers of their own operands above the array, and
/// nothing below it.
pub fn buffer_case(seed: u64) -> Case {
    let mut case = scratchpad_case(seed);
    let levels = &mut case.hardware.levels;
    levels.remove(1);
    let array = levels.remove(1);
    for level in &mut levels[1..] {
        if let Level::Memory(own) = level {
            own.tiles = Tiles::PerOperand;
            own.capacity = own.capacity.map(|bytes| Bytes(4 * bytes.0));
        }
    }
    levels.push(array);
    case
}

/// Two dimensions of up to seven indices, or three of up to four.
fn short_nest(rng: &mut ChaCha8Rng) -> LoopNest {
    let shapes: [&[Dim]; 6] = [
        &[Dim::N, Dim::K],
        &[Dim::N, Dim::C],
        &[Dim::K, Dim::C],
        &[Dim::C, Dim::P],
        &[Dim::N, Dim::K, Dim::C],
        &[Dim::K, Dim::P, Dim::R],
    ];
    let own = shapes[rng.random_range(0..shapes.len())];
    nest_of(rng, own, if own.len() > 2 { 4 } else { 7 })
}

/// Dimensions of 2 to `most` indices, and of two taps.
fn nest_of(rng: &mut ChaCha8Rng, own: &[Dim], most: u64) -> LoopNest {
    let mut extents = PerDim::all(1);
    for &d in own {
        extents[d] = rng.random_range(
            2..=if matches!(d, Dim::R | Dim::T) {
                2
            } else {
                most
            },
        );
    }
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| Window {
        rows: extents[p] + extents[r] - 1,
        ..Window::NONE
    });
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: [8, 16, 24][rng.random_range(0..3)],
    };
    LoopNest::forward(extents, windows, precision)
}

/// Hardware of two memories, or with `deep` of three or with two arrays.
pub fn levels(rng: &mut ChaCha8Rng, deep: bool) -> Hardware {
    let mut levels = vec![Level::Memory(dram(rng))];
    let cores = deep && rng.random_bool(0.3);
    levels.push(Level::Memory(inner(rng, "sram", (6, 30))));
    if cores {
        levels.push(Level::Array(array(rng, "cores", false)));
    }
    if deep && !cores {
        levels.push(Level::Memory(inner(rng, "buffer", (4, 14))));
    }
    if rng.random_bool(0.7) {
        let split = rng.random_bool(0.3);
        levels.push(Level::Array(array(rng, "pe", split)));
        if cores || (!deep && rng.random_bool(0.3)) {
            levels.push(Level::Memory(inner(rng, "registers", (3, 8))));
        }
    }
    Hardware {
        name: "features".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: Some(0.5),
        static_pj_per_cycle: Some(f64::from(rng.random_range(0..8_u32))),
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Three dimensions of 2 to `most` indices.
fn nest(rng: &mut ChaCha8Rng, most: u64) -> LoopNest {
    let shapes = [
        [Dim::N, Dim::K, Dim::C],
        [Dim::K, Dim::P, Dim::R],
        [Dim::C, Dim::P, Dim::R],
        [Dim::K, Dim::C, Dim::Q],
    ];
    let own = shapes[rng.random_range(0..shapes.len())];
    nest_of(rng, &own, most)
}

/// An unbounded memory that is rather slow.
fn dram(rng: &mut ChaCha8Rng) -> Memory {
    Memory {
        name: "dram".to_owned(),
        capacity: None,
        ports: ports(rng, (4, 16)),
        energy: energy(rng, 20),
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// A memory of a few bytes, often as slow as the outermost one.
fn inner(rng: &mut ChaCha8Rng, name: &str, (least, most): (u64, u64)) -> Memory {
    let overlaps = [
        Overlap::Ideal,
        Overlap::DoubleBuffer,
        Overlap::None,
        Overlap::Choose,
        Overlap::Choose,
    ];
    Memory {
        name: name.to_owned(),
        capacity: Some(Bytes(rng.random_range(least..=most))),
        ports: ports(rng, (6, 32)),
        energy: energy(rng, 6),
        holds: RoleSet::ALL,
        bypass: if rng.random_bool(0.6) {
            RoleSet::ALL
        } else {
            RoleSet::NONE
        },
        overlap: overlaps[rng.random_range(0..overlaps.len())],
        tiles: if rng.random_bool(0.6) {
            Tiles::PerOperand
        } else {
            Tiles::Shared
        },
        sliding_reuse: rng.random_bool(0.7),
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// One or two axes of two or three elements.
fn array(rng: &mut ChaCha8Rng, name: &str, split_dims: bool) -> Array {
    let joined = split_dims || rng.random_bool(0.5);
    let axes = (0..if split_dims {
        2
    } else {
        rng.random_range(1..=2)
    })
        .map(|i| Axis {
            name: format!("{name}{i}"),
            size: 2,
            dims: DimSet::ALL,
            multicast: joined || rng.random_bool(0.5),
            reduce: joined || rng.random_bool(0.5),
        })
        .collect();
    Array {
        name: name.to_owned(),
        axes,
        split_dims,
    }
}

/// Ports of quarter bytes per cycle within a range.
fn ports(rng: &mut ChaCha8Rng, (least, most): (u64, u64)) -> Ports {
    let mut port = || Bandwidth::new(rng.random_range(least..=most), 4);
    let (read, write) = (port(), port());
    if rng.random_bool(0.4) {
        Ports::Separate { read, write }
    } else {
        Ports::Shared(read)
    }
}

/// Energies that differ by direction.
fn energy(rng: &mut ChaCha8Rng, most: u32) -> AccessEnergy {
    AccessEnergy {
        read_pj_per_byte: Some(f64::from(rng.random_range(1..=most))),
        write_pj_per_byte: Some(f64::from(rng.random_range(1..=most))),
    }
}
