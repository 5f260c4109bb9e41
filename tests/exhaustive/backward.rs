//! Random tiny backward passes: of convolutions with stride, dilation, padding and groups, of
//! transposed ones, linear layers and matrix multiplications.

use deepmatrix::problem::backward::Axes;
use deepmatrix::problem::phases::TransposedAxis;
use deepmatrix::problem::{
    Convolution, Dim, LayerKind, LoopNest, PassPrecision, PerDim, Phase, Window,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::features::levels;
use super::generate::hardware;
use super::{Case, TileChoice, estimate};

/// Which backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backward {
    /// The gradient of the activations.
    Data,
    /// The gradient of the kernel.
    Weight,
}

/// Dimensions above 1 of the kinds of convolutions, with their largest extents.
pub const SHAPES: [&[(Dim, u64)]; 14] = {
    use Dim::{C, G, K, N, P, Q, R, S};
    [
        &[(K, 4), (C, 4), (P, 5), (R, 3)],
        &[(K, 3), (C, 4), (Q, 5), (S, 3)],
        &[(K, 5), (P, 6), (R, 3)],
        &[(C, 5), (Q, 6), (S, 4)],
        &[(N, 4), (C, 3), (P, 5), (R, 3)],
        &[(N, 4), (K, 3), (Q, 5), (S, 3)],
        &[(P, 6), (Q, 4), (R, 3), (S, 2)],
        &[(N, 3), (K, 3), (Q, 5), (S, 3)],
        &[(N, 6), (K, 6), (C, 6)],
        &[(N, 10), (K, 4), (C, 4)],
        &[(G, 2), (N, 4), (K, 4), (C, 4)],
        &[(G, 2), (C, 3), (P, 5), (R, 3)],
        &[(G, 3), (N, 2), (Q, 5), (S, 3)],
        &[(K, 4), (C, 4), (P, 3), (Q, 3)],
    ]
};

/// The same over depth, rows and columns.
pub const DEEP_SHAPES: [&[(Dim, u64)]; 8] = {
    use Dim::{C, G, K, N, P, Q, R, S, T, Z};
    [
        &[(K, 3), (Z, 5), (T, 3)],
        &[(C, 3), (Z, 5), (T, 3)],
        &[(Z, 4), (T, 2), (P, 3), (R, 2)],
        &[(Z, 3), (T, 2), (Q, 4), (S, 2)],
        &[(Z, 3), (T, 2), (P, 2), (R, 2), (Q, 2), (S, 2)],
        &[(G, 2), (Z, 4), (T, 2), (C, 2)],
        &[(N, 2), (Z, 4), (T, 3)],
        &[(Z, 3), (P, 3), (R, 3)],
    ]
};

/// The most combinations of extents and orders of a case.
const MOST: u128 = 3_000_000;

/// The case of a seed: backward-data for even seeds, backward-weight for odd ones.
pub fn backward_case(seed: u64) -> Case {
    drawn(seed, &SHAPES)
}

/// The same over depth, rows and columns.
pub fn deep_backward_case(seed: u64) -> Case {
    drawn(seed, &DEEP_SHAPES)
}

fn drawn(seed: u64, shapes: &[&[(Dim, u64)]]) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xbac0);
    loop {
        let nest = nest(&mut rng, pass(seed), shapes);
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

/// The same on hierarchies where every way of using memories and arrays matters.
pub fn backward_feature_case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xbac1);
    let shapes: [&[(Dim, u64)]; 6] = {
        use Dim::{C, K, N, P, Q, R, S};
        [
            &[(N, 3), (K, 3), (C, 3)],
            &[(K, 3), (P, 3), (R, 2)],
            &[(C, 3), (P, 3), (R, 2)],
            &[(N, 2), (Q, 3), (S, 2)],
            &[(P, 4), (R, 3)],
            &[(K, 2), (C, 3), (Q, 3)],
        ]
    };
    let nest = nest(&mut rng, pass(seed), &shapes);
    let hardware = levels(&mut rng, false);
    Case {
        seed,
        nest,
        hardware,
    }
}

/// The pass of a seed's case.
pub fn pass(seed: u64) -> Backward {
    if seed.is_multiple_of(2) {
        Backward::Data
    } else {
        Backward::Weight
    }
}

/// A nest of a pass of a random convolution: of several phases any one.
fn nest(rng: &mut ChaCha8Rng, pass: Backward, shapes: &[&[(Dim, u64)]]) -> LoopNest {
    loop {
        let convolution = convolution(rng, shapes);
        let precision = precision(rng);
        let kind = match pass {
            Backward::Data => convolution.backward_data(precision),
            Backward::Weight => convolution.backward_weight(precision),
        };
        match kind {
            LayerKind::MultiplyAccumulate(nest) => return *nest,
            LayerKind::Phases(all) => {
                let mut nests: Vec<&LoopNest> = all.iter().filter_map(Phase::nest).collect();
                if !nests.is_empty() {
                    return nests.swap_remove(rng.random_range(0..nests.len())).clone();
                }
            }
            LayerKind::Stream(_) | LayerKind::View => {}
        }
    }
}

/// A convolution, one in five transposed, with some windows that see their tensor.
pub fn convolution(rng: &mut ChaCha8Rng, shapes: &[&[(Dim, u64)]]) -> Convolution {
    loop {
        let mut extents = PerDim::all(1);
        for &(d, most) in shapes[rng.random_range(0..shapes.len())] {
            extents[d] = rng.random_range(2..=most);
        }
        let transposed = rng.random_bool(0.2);
        let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| {
            if extents[p] * extents[r] == 1 {
                return Some(Window::NONE);
            }
            window(rng, extents[p], extents[r])
        });
        let [Some(down), Some(across), Some(deep)] = windows else {
            continue;
        };
        let windows = [down, across, deep];
        let sees =
            |((p, r), w): (&(Dim, Dim), &Window)| w.pairs_inside(extents[*p], extents[*r]) > 0;
        if !LoopNest::WINDOW_DIMS.iter().zip(&windows).all(sees) {
            continue;
        }
        if !transposed {
            let axes = Axes::Ordinary(windows);
            return Convolution { extents, axes };
        }
        // The transposed convolution whose results are the rows of these windows.
        let axes = [0, 1, 2].map(|axis: usize| {
            let (p, r) = LoopNest::WINDOW_DIMS[axis];
            let window = windows[axis];
            TransposedAxis {
                stride: window.stride,
                dilation: window.dilation,
                padding: window.padding,
                taps: extents[r],
                rows: extents[p],
                outputs: window.rows,
            }
        });
        for (axis, (p, _)) in LoopNest::WINDOW_DIMS.into_iter().enumerate() {
            extents[p] = windows[axis].rows;
        }
        let axes = Axes::Transposed(axes);
        return Convolution { extents, axes };
    }
}

/// A window with stride, dilation and padding, also padding beyond the kernel, whose tensor may have
/// rows at its end that no window reaches; `None` if nothing is left of the tensor.
fn window(rng: &mut ChaCha8Rng, outputs: u64, taps: u64) -> Option<Window> {
    let stride = [1, 1, 2, 2, 3][rng.random_range(0..5)];
    let dilation = [1, 1, 2, 3][rng.random_range(0..4)];
    let span = (outputs - 1) * stride + (taps - 1) * dilation + 1 + rng.random_range(0..stride);
    let padding = [0, 0, 1, 1, 2, 3][rng.random_range(0..6)];
    Some(Window {
        stride,
        dilation,
        padding,
        rows: span.checked_sub(2 * padding).filter(|&rows| rows > 0)?,
    })
}

fn precision(rng: &mut ChaCha8Rng) -> PassPrecision {
    let all = [
        (8, 8, 8, 8),
        (8, 8, 16, 32),
        (16, 16, 16, 32),
        (8, 32, 16, 32),
        (32, 8, 16, 16),
        (4, 8, 8, 24),
    ];
    let (activation, kernel, result, accumulator) = all[rng.random_range(0..all.len())];
    PassPrecision {
        activation,
        kernel,
        result,
        accumulator,
    }
}
