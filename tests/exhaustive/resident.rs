//! Random tiny problems of which some operands lie in the shared memory.

use deepmatrix::problem::{
    Dim, Hardware, Level, LoopNest, PerDim, Precision, Role, RoleSet, Tiles, Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::Case;
use super::features::levels;

/// The sets of operands that are not empty.
pub fn subsets() -> impl Iterator<Item = RoleSet> {
    (1..8_usize).map(|bits| {
        let roles: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|&role| bits >> role as usize & 1 != 0)
            .collect();
        RoleSet::of(&roles)
    })
}

/// The case of a seed with these operands resident: one or two memories inside the outermost one,
/// none to two arrays below the first, strides, gaps between taps, padding, taps that may be spread.
pub fn resident_case(seed: u64, resident: RoleSet) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x4e51);
    let deep = rng.random_bool(0.35);
    let nest = nest(&mut rng, if deep { 2 } else { 3 });
    let hardware = shared(levels(&mut rng, deep));
    Case {
        seed,
        nest: nest.with_resident(resident),
        hardware,
    }
}

/// The case of a seed, small enough for an exhaustive search, with one of the sets resident in turn.
pub fn any_resident_case(seed: u64) -> Case {
    let resident = subsets().nth((seed % 7) as usize).unwrap_or_default();
    (0..1_000)
        .map(|round| resident_case(seed + 10_000 * round, resident))
        .find(|case| super::general::size(case) <= 10_000)
        .expect("one of many seeds")
}

/// The same hardware with tiles of each operand's own in the memory right inside the outermost one.
fn shared(mut hardware: Hardware) -> Hardware {
    if let Some(Level::Memory(memory)) = hardware.levels.get_mut(1) {
        memory.tiles = Tiles::PerOperand;
    }
    hardware
}

/// Two or three dimensions of 2 to `most` indices, most of them with a window, and few taps.
fn nest(rng: &mut ChaCha8Rng, most: u64) -> LoopNest {
    let shapes: [&[Dim]; 9] = [
        &[Dim::N, Dim::K, Dim::C],
        &[Dim::K, Dim::P, Dim::R],
        &[Dim::C, Dim::P, Dim::R],
        &[Dim::K, Dim::C, Dim::Q],
        &[Dim::Q, Dim::S],
        &[Dim::P, Dim::R],
        &[Dim::G, Dim::Q, Dim::S],
        &[Dim::N, Dim::P, Dim::R],
        &[Dim::P, Dim::Q, Dim::R],
    ];
    let own = shapes[rng.random_range(0..shapes.len())];
    let most = if own.len() == 2 { most + 3 } else { most };
    let mut extents = PerDim::all(1);
    for &d in own {
        let taps = matches!(d, Dim::R | Dim::S);
        extents[d] = rng.random_range(2..=if taps { most.min(3) } else { most });
    }
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| window(rng, extents[p], extents[r]));
    let precision = Precision {
        input: [8, 8, 16, 4][rng.random_range(0..4)],
        weight: [8, 8, 4][rng.random_range(0..3)],
        output: 8,
        accumulator: [8, 16, 24][rng.random_range(0..3)],
    };
    LoopNest::forward(extents, windows, precision)
}

/// A window over a tensor that may end before the last row that it reaches.
fn window(rng: &mut ChaCha8Rng, outputs: u64, taps: u64) -> Window {
    if outputs * taps == 1 {
        return Window::NONE;
    }
    let (stride, dilation) = (
        [1, 1, 1, 2, 3][rng.random_range(0..5)],
        [1, 1, 2, 3][rng.random_range(0..4)],
    );
    let reach = (outputs - 1) * stride + (taps - 1) * dilation + 1;
    let padding = [0, 0, 1, 2][rng.random_range(0..4)].min(reach - 1);
    let end = [0, 0, 1][rng.random_range(0..3)];
    Window {
        stride,
        dilation,
        padding,
        rows: (reach - padding).saturating_sub(end).max(1),
    }
}
