//! The backward passes element by element: the triples of result, activation and kernel element
//! whose product the forward pass adds up are those of backward-data and of backward-weight, each
//! once; every element of a gradient is written, and rows that no window reaches as zeros.

use std::collections::BTreeSet;

use crate::exhaustive::backward::{DEEP_SHAPES, SHAPES, convolution};
use deepmatrix::cost::bound::touched;
use deepmatrix::problem::backward::Axes;
use deepmatrix::problem::phases::TransposedAxis;
use deepmatrix::problem::{
    Convolution, Dim, LayerKind, LoopNest, PassPrecision, PhaseIndex, PhaseWork, Role, Window,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Activation, kernel and result element.
type Triple = ([u64; 6], [u64; 6], [u64; 6]);

const BITS: PassPrecision = PassPrecision {
    activation: 8,
    kernel: 16,
    result: 32,
    accumulator: 32,
};

/// Rows, columns or depth of activations and of results, with the steps between them.
struct Axis {
    activations: u64,
    results: u64,
    taps: u64,
    stride: u64,
    dilation: u64,
    padding: u64,
    /// Whether a tap leads from an activation to a result, and not the other way round.
    transposed: bool,
}

fn axes(convolution: &Convolution) -> [Axis; 3] {
    [0, 1, 2].map(|axis| {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        let (results, taps) = (convolution.extents[p], convolution.extents[r]);
        match convolution.axes {
            Axes::Ordinary(windows) => {
                let Window {
                    stride,
                    dilation,
                    padding,
                    rows,
                } = windows[axis];
                Axis {
                    activations: rows,
                    results,
                    taps,
                    stride,
                    dilation,
                    padding,
                    transposed: false,
                }
            }
            Axes::Transposed(axes) => {
                let TransposedAxis {
                    stride,
                    dilation,
                    padding,
                    rows,
                    ..
                } = axes[axis];
                Axis {
                    activations: rows,
                    results,
                    taps,
                    stride,
                    dilation,
                    padding,
                    transposed: true,
                }
            }
        }
    })
}

/// (activation row, tap, result row) by the definition of the convolution.
fn meetings(axis: &Axis) -> Vec<(u64, u64, u64)> {
    let mut all = Vec::new();
    for (a, r, p) in product([axis.activations, axis.taps, axis.results]) {
        let meets = if axis.transposed {
            p + axis.padding == a * axis.stride + r * axis.dilation
        } else {
            a + axis.padding == p * axis.stride + r * axis.dilation
        };
        if meets {
            all.push((a, r, p));
        }
    }
    all
}

fn product([a, b, c]: [u64; 3]) -> impl Iterator<Item = (u64, u64, u64)> {
    (0..a).flat_map(move |x| (0..b).flat_map(move |y| (0..c).map(move |z| (x, y, z))))
}

/// All triples of the forward pass by its definition.
fn forward(convolution: &Convolution) -> BTreeSet<Triple> {
    let places = axes(convolution).map(|axis| meetings(&axis));
    let mut all = BTreeSet::new();
    for (g, n, k, c) in channels(convolution) {
        for [(h, r, p), (w, s, q), (d, t, z)] in together(&places) {
            all.insert(([g, n, c, h, w, d], [g, k, c, r, s, t], [g, n, k, p, q, z]));
        }
    }
    all
}

/// What happens along one axis: three indices.
type Step = (u64, u64, u64);

/// Every combination of a step down, one across and one in depth.
fn together(axes: &[Vec<Step>; 3]) -> Vec<[Step; 3]> {
    let [down, across, deep] = axes;
    let planes = down
        .iter()
        .flat_map(|&a| across.iter().map(move |&b| (a, b)));
    let all = planes.flat_map(|(a, b)| deep.iter().map(move |&c| [a, b, c]));
    all.collect()
}

fn channels(convolution: &Convolution) -> Vec<(u64, u64, u64, u64)> {
    let e = &convolution.extents;
    let pairs = product([e[Dim::G], e[Dim::N], e[Dim::K]]);
    let all = pairs.flat_map(|(g, n, k)| (0..e[Dim::C]).map(move |c| (g, n, k, c)));
    all.collect()
}

/// How the indices of a nest along one axis are those of the whole operation.
#[derive(Clone, Copy)]
struct Place {
    /// Row of the output that is index 0, and the step to the next.
    output: (u64, u64),
    /// Tap that is index 0, and the step down to the next; `None` counts upwards from 0.
    tap: Option<(u64, u64)>,
    /// Row of the input that is row 0 of the window.
    input: u64,
}

const PLAIN: Place = Place {
    output: (0, 1),
    tap: None,
    input: 0,
};

/// (output index, tap, window row) of one axis of a nest, in the whole operation's indices.
fn steps(nest: &LoopNest, axis: usize, place: Place) -> Vec<(u64, u64, u64)> {
    let (p, r) = LoopNest::WINDOW_DIMS[axis];
    let window = nest.windows[axis];
    let mut all = Vec::new();
    for i in 0..nest.extents[p] {
        for j in 0..nest.extents[r] {
            let row = (i * window.stride + j * window.dilation).checked_sub(window.padding);
            if let Some(row) = row.filter(|&row| row < window.rows) {
                let output = place.output.0 + i * place.output.1;
                let tap = place.tap.map_or(j, |(first, step)| first - j * step);
                all.push((output, tap, place.input + row));
            }
        }
    }
    all
}

/// The triple of G, N, K and C and of what a step of each window axis touches.
type TripleOf<'a> = &'a dyn Fn([u64; 4], [Step; 3]) -> Triple;

/// The triples of a nest, each as often as it multiplies them.
fn triples(nest: &LoopNest, places: [Place; 3], of: TripleOf<'_>) -> Vec<Triple> {
    let all_steps = [0, 1, 2].map(|axis| steps(nest, axis, places[axis]));
    let convolution = Convolution::ordinary(nest);
    let mut all = Vec::new();
    for (g, n, k, c) in channels(&convolution) {
        let own = together(&all_steps).into_iter();
        all.extend(own.map(|steps| of([g, n, k, c], steps)));
    }
    assert_eq!(all.len() as u128, nest.macs(), "{nest:?}");
    all
}

/// The place of a phase, or of all of a transposed axis of stride 1.
fn place(axis: TransposedAxis, index: u64) -> Place {
    let kernel = axis.phase(index).kernel.expect("it has taps");
    Place {
        output: (index, axis.stride),
        tap: Some((kernel.first_tap, kernel.tap_step)),
        input: kernel.skipped_rows,
    }
}

/// The axes over which an ordinary convolution's gradient of the activations is gathered.
fn gathered(convolution: &Convolution) -> Option<[TransposedAxis; 3]> {
    let Axes::Ordinary(windows) = convolution.axes else {
        return None;
    };
    let of = |axis: usize| {
        let (p, r) = LoopNest::WINDOW_DIMS[axis];
        TransposedAxis {
            stride: windows[axis].stride,
            dilation: windows[axis].dilation,
            padding: windows[axis].padding,
            taps: convolution.extents[r],
            rows: convolution.extents[p],
            outputs: windows[axis].rows,
        }
    };
    Some([0, 1, 2].map(of))
}

/// The triples of backward-data, and how many elements of the gradient it writes.
fn of_data(convolution: &Convolution) -> (Vec<Triple>, u64) {
    // The window operand is the gradient of the results, the output that of the activations.
    let of = |[g, n, k, c]: [u64; 4], [(h, r, p), (w, s, q), (d, t, z)]: [Step; 3]| {
        ([g, n, c, h, w, d], [g, k, c, r, s, t], [g, n, k, p, q, z])
    };
    let written = |nest: &LoopNest| -> u64 {
        let dims = nest.relevant[Role::Output as usize].iter();
        dims.map(|d| nest.extents[d]).product()
    };
    let axes = gathered(convolution);
    match convolution.backward_data(BITS) {
        LayerKind::MultiplyAccumulate(nest) => {
            assert_eq!(bits(&nest), [32, 16, 8]);
            let places = axes.map_or([PLAIN; 3], |all| all.map(|axis| place(axis, 0)));
            (triples(&nest, places, &of), written(&nest))
        }
        LayerKind::Phases(phases) => {
            let axes = axes.expect("only an ordinary convolution's gradient has phases");
            let (mut all, mut elements) = (Vec::new(), 0);
            for phase in &phases {
                match &phase.work {
                    PhaseWork::MultiplyAccumulate(nest) => {
                        let PhaseIndex { depth, row, column } = phase.index;
                        let index = [row, column, depth.unwrap_or(0)];
                        let places = [0, 1, 2].map(|i| place(axes[i], index[i]));
                        all.extend(triples(nest, places, &of));
                        elements += written(nest);
                    }
                    PhaseWork::Zeros(zeros) => {
                        elements += u64::try_from(zeros.output.0 / 8).expect("few");
                    }
                }
            }
            (all, elements)
        }
        other => panic!("{other:?}"),
    }
}

/// The triples of backward-weight.
fn of_weight(convolution: &Convolution) -> Vec<Triple> {
    let LayerKind::MultiplyAccumulate(nest) = convolution.backward_weight(BITS) else {
        panic!("backward-weight is one nest");
    };
    let transposed = matches!(convolution.axes, Axes::Transposed(_));
    assert_eq!(
        bits(&nest),
        if transposed { [32, 8, 32] } else { [8, 32, 32] }
    );
    assert_eq!(nest.precision.output, 16);
    let kernel: u128 = {
        let e = &convolution.extents;
        let dims = [Dim::G, Dim::K, Dim::C, Dim::R, Dim::S, Dim::T];
        dims.iter().map(|&d| u128::from(e[d])).product()
    };
    assert_eq!(touched(&nest, Role::Output).0, 16 * kernel);
    if transposed {
        triples(
            &nest,
            [PLAIN; 3],
            &|[g, n, k, c], [(h, r, p), (w, s, q), (d, t, z)]| {
                ([g, n, c, h, w, d], [g, k, c, r, s, t], [g, n, k, p, q, z])
            },
        )
    } else {
        triples(
            &nest,
            [PLAIN; 3],
            &|[g, n, k, c], [(p, r, h), (q, s, w), (z, t, d)]| {
                ([g, n, c, h, w, d], [g, k, c, r, s, t], [g, n, k, p, q, z])
            },
        )
    }
}

/// Bits of input, weight and accumulator or output, whichever is given.
fn bits(nest: &LoopNest) -> [u32; 3] {
    let p = nest.precision;
    assert!(p.accumulator == 32);
    [
        p.input,
        p.weight,
        if p.output == 16 {
            p.accumulator
        } else {
            p.output
        },
    ]
}

#[test]
fn every_pass_multiplies_the_same_elements_once() {
    compare(600, &SHAPES);
}

#[test]
fn every_pass_over_three_axes_multiplies_the_same_elements_once() {
    compare(400, &DEEP_SHAPES);
}

/// Compares the passes of random convolutions with the definition.
fn compare(cases: u32, shapes: &[&[(Dim, u64)]]) {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let (mut zeros, mut phases, mut transposed, mut unreached) = (0, 0, 0, 0);
    for case in 0..cases {
        let convolution = convolution(&mut rng, shapes);
        let expected = forward(&convolution);
        let set = |all: Vec<Triple>| {
            let set: BTreeSet<Triple> = all.iter().copied().collect();
            assert_eq!(set.len(), all.len(), "case {case}: {convolution:?}");
            set
        };
        let (data, written) = of_data(&convolution);
        assert_eq!(set(data), expected, "case {case}: {convolution:?}");
        assert_eq!(
            set(of_weight(&convolution)),
            expected,
            "case {case}: {convolution:?}"
        );
        let all_axes = axes(&convolution);
        let e = &convolution.extents;
        let rows: u64 = all_axes.iter().map(|axis| axis.activations).product();
        let activations = e[Dim::G] * e[Dim::N] * e[Dim::C] * rows;
        assert_eq!(written, activations, "case {case}: {convolution:?}");
        let forward_macs: u128 = match convolution.forward(BITS) {
            LayerKind::MultiplyAccumulate(nest) => nest.macs(),
            LayerKind::Phases(all) => all
                .iter()
                .filter_map(|p| p.nest())
                .map(LoopNest::macs)
                .sum(),
            other => panic!("{other:?}"),
        };
        assert_eq!(forward_macs, expected.len() as u128);
        let reached: BTreeSet<_> = expected.iter().map(|t| t.0).collect();
        unreached += u32::from((reached.len() as u64) < activations);
        transposed += u32::from(all_axes[0].transposed);
        if let LayerKind::Phases(all) = convolution.backward_data(BITS) {
            phases += 1;
            zeros += u32::from(all.iter().any(|phase| phase.nest().is_none()));
        }
    }
    let seen = [zeros, phases, transposed, unreached];
    assert!(seen.iter().all(|&n| n >= 50), "{seen:?}");
}
