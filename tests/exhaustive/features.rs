//! Random tiny problems on hierarchies where every way of using memories and arrays matters.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, RoleSet, Tiles, Window,
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
    let mut extents = PerDim::all(1);
    for d in shapes[rng.random_range(0..shapes.len())] {
        extents[d] = rng.random_range(2..=if d == Dim::R { 2 } else { most });
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
