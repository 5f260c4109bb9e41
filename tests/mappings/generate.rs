//! Random tiny problems of the wide space: operands that go around memories, buffers that are
//! single or doubled, dimensions over several axes, several arrays.

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Convolution, Dim, DimSet, Hardware, LayerKind,
    Level, LoopNest, Memory, Overlap, PassPrecision, PerDim, Phase, Ports, Precision, Role,
    RoleSet, Tiles, Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::Mappings;

/// A problem.
#[derive(Clone, Debug)]
pub struct Case {
    pub seed: u64,
    pub nest: LoopNest,
    pub hardware: Hardware,
}

const SHAPES: [&[(Dim, u64)]; 10] = {
    use Dim::{C, G, K, N, P, Q, R, S};
    [
        &[(K, 4), (C, 4)],
        &[(N, 4), (K, 4)],
        &[(N, 5), (C, 3)],
        &[(P, 5), (R, 3)],
        &[(P, 4), (R, 2), (K, 3)],
        &[(Q, 4), (S, 2), (C, 3)],
        &[(N, 3), (K, 3), (C, 3)],
        &[(G, 5), (K, 3)],
        &[(G, 3), (N, 2), (C, 2)],
        &[(K, 7)],
    ]
};

/// The first case of a seed with at most so many mappings.
pub fn case(seed: u64, most: u128) -> Case {
    drawn(seed, most, nest)
}

/// The first case of a backward pass, with an even seed of the data's and else of the weights'.
pub fn backward_case(seed: u64, most: u128) -> Case {
    drawn(seed, most, |rng| backward_nest(rng, seed.is_multiple_of(2)))
}

fn drawn(seed: u64, most: u128, draw: impl Fn(&mut ChaCha8Rng) -> LoopNest) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    loop {
        let nest = draw(&mut rng);
        let hardware = hardware(&mut rng, &nest);
        let mappings = Mappings {
            nest: &nest,
            hardware: &hardware,
        };
        if mappings.count(most) <= most {
            return Case {
                seed,
                nest,
                hardware,
            };
        }
    }
}

/// A backward pass of a random convolution: of several phases the first that computes.
fn backward_nest(rng: &mut ChaCha8Rng, data: bool) -> LoopNest {
    loop {
        let forward = nest(rng);
        let convolution = Convolution::ordinary(&forward);
        let precision = PassPrecision {
            activation: forward.precision.input,
            kernel: forward.precision.weight,
            result: forward.precision.output,
            accumulator: forward.precision.accumulator,
        };
        let kind = if data {
            convolution.backward_data(precision)
        } else {
            convolution.backward_weight(precision)
        };
        match kind {
            LayerKind::MultiplyAccumulate(nest) => return *nest,
            LayerKind::Phases(all) => {
                if let Some(nest) = all.iter().find_map(Phase::nest) {
                    return nest.clone();
                }
            }
            LayerKind::Stream(_) | LayerKind::View => {}
        }
    }
}

fn nest(rng: &mut ChaCha8Rng) -> LoopNest {
    let shape = SHAPES[rng.random_range(0..SHAPES.len())];
    let mut extents = PerDim::all(1);
    for &(d, most) in shape {
        extents[d] = rng.random_range(2..=most);
    }
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| {
        if extents[p] * extents[r] == 1 {
            return Window::NONE;
        }
        let stride = [1, 1, 1, 2][rng.random_range(0..4)];
        let span = (extents[p] - 1) * stride + extents[r];
        let padding = [0, 0, 1][rng.random_range(0..3)].min((span - 1) / 2);
        Window {
            stride,
            dilation: 1,
            padding,
            rows: span - 2 * padding,
        }
    });
    let (input, weight, output, accumulator) =
        [(8, 8, 8, 8), (8, 8, 8, 16), (4, 8, 8, 24), (16, 8, 8, 16)][rng.random_range(0..4)];
    let precision = Precision {
        input,
        weight,
        output,
        accumulator,
    };
    LoopNest::forward(extents, windows, precision)
}

fn hardware(rng: &mut ChaCha8Rng, nest: &LoopNest) -> Hardware {
    let mut levels = vec![Level::Memory(memory(rng, nest, "dram", true, false))];
    levels.push(Level::Memory(memory(rng, nest, "sram", false, false)));
    if rng.random_bool(0.8) {
        levels.push(Level::Array(array(rng, "array")));
        if rng.random_bool(0.6) {
            levels.push(Level::Memory(memory(rng, nest, "inner", false, true)));
            if rng.random_bool(0.4) {
                levels.push(Level::Array(array(rng, "second")));
                if rng.random_bool(0.4) {
                    levels.push(Level::Memory(memory(rng, nest, "registers", false, true)));
                }
            }
        }
    }
    Hardware {
        name: "wide".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

fn roles(rng: &mut ChaCha8Rng, share: f64) -> RoleSet {
    let chosen: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|_| rng.random_bool(share))
        .collect();
    RoleSet::of(&chosen)
}

fn memory(
    rng: &mut ChaCha8Rng,
    nest: &LoopNest,
    name: &str,
    outermost: bool,
    below_array: bool,
) -> Memory {
    let (holds, bypass) = match rng.random_range(0..4) {
        _ if outermost => (RoleSet::ALL, RoleSet::NONE),
        0 => (RoleSet::ALL, RoleSet::NONE),
        1 => (RoleSet::ALL, RoleSet::ALL),
        2 => (RoleSet::ALL, roles(rng, 0.5)),
        _ => (roles(rng, 0.7), roles(rng, 0.5)),
    };
    let overlap = match rng.random_range(0..6) {
        _ if outermost => Overlap::Ideal,
        0 | 1 => Overlap::Choose,
        2 => Overlap::None,
        3 => Overlap::DoubleBuffer,
        _ => Overlap::Ideal,
    };
    let single: u64 = Role::ALL
        .iter()
        .map(|&r| u64::from(nest.precision.working(r)))
        .sum();
    let times = if below_array { 1..=8 } else { 2..=16 };
    let bits = single * rng.random_range(times) / 2;
    let limited = outermost || rng.random_bool(0.5);
    Memory {
        name: name.to_owned(),
        capacity: (!outermost && rng.random_bool(0.95)).then(|| Bytes(bits.div_ceil(8))),
        ports: if limited {
            ports(rng)
        } else {
            Ports::Shared(None)
        },
        energy: AccessEnergy::ABSENT,
        holds,
        bypass,
        overlap,
        tiles: if rng.random_bool(if below_array { 0.3 } else { 0.75 }) {
            Tiles::PerOperand
        } else {
            Tiles::Shared
        },
        sliding_reuse: rng.random_bool(0.6),
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

fn ports(rng: &mut ChaCha8Rng) -> Ports {
    let mut bandwidth = || Bandwidth::new(rng.random_range(2..=24), 4);
    let (read, write) = (bandwidth(), bandwidth());
    match rng.random_range(0..6) {
        0 => Ports::Separate { read, write },
        1 => Ports::Separate { read, write: None },
        _ => Ports::Shared(read),
    }
}

fn array(rng: &mut ChaCha8Rng, name: &str) -> Array {
    let count = rng.random_range(1..=2);
    let axes = (0..count)
        .map(|i| {
            // Cases without depth, of which seeds stand in tests, are drawn as if it did not exist.
            let planar = Dim::ALL
                .into_iter()
                .filter(|d| !matches!(d, Dim::Z | Dim::T));
            let drawn = planar.filter(|_| rng.random_bool(0.7));
            let dims: Vec<Dim> = drawn.chain([Dim::Z, Dim::T]).collect();
            Axis {
                name: format!("{name}{i}"),
                size: rng.random_range(1..=3),
                dims: DimSet::of(if rng.random_bool(0.5) {
                    &Dim::ALL
                } else {
                    &dims
                }),
                multicast: true,
                reduce: true,
            }
        })
        .collect();
    Array {
        name: name.to_owned(),
        axes,
        split_dims: rng.random_bool(0.4),
    }
}
