//! Transposed convolutions: their phases do all the work once and nothing else, their shapes are
//! `PyTorch`'s, and the solver's row is the sum of the best of all mappings of each phase.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use deepmatrix::cost::stream;
use deepmatrix::exact::SolveOptions;
use deepmatrix::network::inference::{InferenceOptions, infer};
use deepmatrix::problem::phases::{TransposedAxis, phases};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    Bits, Hardware, Layer, LayerKind, LayerRow, LoopNest, Network, PerDim, Phase, PhaseWork,
    Precision, Window,
};
use deepmatrix::read::{self, NetworkOptions};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use crate::mappings::{Mappings, generate};

/// An axis with stride 1..4, dilation 1..3, kernel 1..5, some padding on both sides, and outputs.
fn axis(rng: &mut ChaCha8Rng, most_rows: u64) -> TransposedAxis {
    loop {
        let (stride, dilation) = (rng.random_range(1..=4), rng.random_range(1..=3));
        let (taps, rows) = (rng.random_range(1..=5), rng.random_range(1..=most_rows));
        let padding = rng.random_range(0..=4);
        let output_padding = rng.random_range(0..u64::max(stride, dilation));
        let outputs = ((rows - 1) * stride + dilation * (taps - 1) + output_padding + 1)
            .saturating_sub(2 * padding);
        if outputs > 0 {
            return TransposedAxis {
                stride,
                dilation,
                padding,
                taps,
                rows,
                outputs,
            };
        }
    }
}

/// Every input row is scattered over the taps: (output, tap, input), as far as there is the output.
fn scattered(axis: &TransposedAxis) -> BTreeSet<(u64, u64, u64)> {
    let pairs = (0..axis.rows).flat_map(|x| (0..axis.taps).map(move |r| (x, r)));
    pairs
        .filter_map(|(x, r)| {
            let output = (x * axis.stride + r * axis.dilation).checked_sub(axis.padding)?;
            (output < axis.outputs).then_some((output, r, x))
        })
        .collect()
}

/// What the phases gather, with the rows of the input that their windows count, one by one.
fn gathered(axis: &TransposedAxis) -> Vec<(u64, u64, u64)> {
    let mut all = Vec::new();
    for index in 0..axis.count() {
        let phase = axis.phase(index);
        let Some(kernel) = phase.kernel else { continue };
        assert_eq!(kernel.window.stride, 1);
        assert!(kernel.skipped_rows + kernel.window.rows <= axis.rows);
        for (i, j) in (0..phase.outputs).flat_map(|i| (0..kernel.taps).map(move |j| (i, j))) {
            let row = (i + j * kernel.window.dilation).checked_sub(kernel.window.padding);
            if let Some(row) = row.filter(|&row| row < kernel.window.rows) {
                let tap = kernel.first_tap - j * kernel.tap_step;
                all.push((index + i * axis.stride, tap, kernel.skipped_rows + row));
            }
        }
    }
    all
}

#[test]
fn phases_cover_every_product_once() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut without_taps, mut skipped) = (0, 0);
    for case in 0..2_000 {
        let axis = axis(&mut rng, 6);
        let gathered = gathered(&axis);
        let set: BTreeSet<_> = gathered.iter().copied().collect();
        assert_eq!(set.len(), gathered.len(), "case {case}: {axis:?}");
        assert_eq!(set, scattered(&axis), "case {case}: {axis:?}");
        let outputs: u64 = (0..axis.count()).map(|a| axis.phase(a).outputs).sum();
        assert_eq!(outputs, axis.outputs, "case {case}: {axis:?}");
        let kernels = || (0..axis.count()).map(|a| axis.phase(a).kernel);
        without_taps += u64::from(kernels().any(|k| k.is_none()));
        skipped += u64::from(kernels().flatten().any(|k| k.skipped_rows > 0));
    }
    assert!(
        without_taps >= 200 && skipped >= 200,
        "{without_taps}, {skipped}"
    );
}

/// The phases of two axes with few channels.
fn transposed(rng: &mut ChaCha8Rng, axes: [TransposedAxis; 2], precision: Precision) -> Vec<Phase> {
    let [k, c] = [rng.random_range(1..=2), rng.random_range(1..=2)];
    let [down, across] = axes;
    let extents = PerDim::planar([
        1,
        1,
        k,
        c,
        down.outputs,
        across.outputs,
        down.taps,
        across.taps,
    ]);
    phases(extents, TransposedAxis::planar(axes), precision)
}

const BYTES: Precision = Precision {
    input: 8,
    weight: 8,
    output: 8,
    accumulator: 32,
};

#[test]
fn macs_are_those_of_the_scatter_and_zeros_the_outputs_without_any() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for case in 0..300 {
        let axes = [(); Window::COUNT].map(|()| axis(&mut rng, 4));
        let extents = PerDim::planar([2, 1, 3, 2, 1, 1, 1, 1]);
        let all = phases(extents, axes, BYTES);
        let macs: u128 = all.iter().filter_map(Phase::nest).map(LoopNest::macs).sum();
        let scattered = axes.iter().map(|a| scattered(a).len() as u128);
        let scattered: u128 = scattered.product();
        assert_eq!(macs, 12 * scattered, "case {case}: {axes:?}");
        let written: u128 = all
            .iter()
            .map(|phase| match &phase.work {
                PhaseWork::Zeros(zeros) => zeros.output.0 / 8,
                PhaseWork::MultiplyAccumulate(nest) => {
                    let [g, n, k, _, p, q, _, _, z, _] = nest.extents.0;
                    u128::from(g * n * k * p * q * z)
                }
            })
            .sum();
        let outputs = axes.iter().map(|axis| u128::from(axis.outputs));
        assert_eq!(written, 6 * outputs.product::<u128>());
    }
}

fn read_network(layers: &str) -> Network {
    let text = format!(
        "name: n\nprecision_bits: {{input: 8, weight: 8, output: 8, accumulator: 32}}\n\
         input: {{channels: 16, height: 50, width: 100}}\nlayers:\n{layers}"
    );
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    read::network(file.path(), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Shapes that `torch.nn.ConvTranspose2d` and `ConvTranspose1d` state: the examples of their
/// documentation, and DCGAN's and U-Net's layers.
#[test]
fn shapes_are_those_of_pytorch() {
    let shape = |options: &str| {
        let layer = format!("  - {{name: up, op: conv_transpose2d, {options}}}\n");
        read_network(&layer).layers[0].shape.clone()
    };
    assert_eq!(
        shape("out_channels: 33, kernel: 3, stride: 2"),
        [1, 33, 101, 201]
    );
    assert_eq!(
        shape("out_channels: 33, kernel: [3, 5], stride: [2, 1], padding: [4, 2]"),
        [1, 33, 93, 100]
    );
    assert_eq!(
        shape("out_channels: 8, kernel: 4, stride: 2, padding: 1, groups: 8"),
        [1, 8, 100, 200]
    );
    assert_eq!(
        shape("out_channels: 8, kernel: 5, stride: 2, padding: 2, output_padding: 1"),
        [1, 8, 100, 200]
    );
    assert_eq!(
        shape("out_channels: 8, kernel: 2, stride: 2"),
        [1, 8, 100, 200]
    );
    assert_eq!(
        shape("out_channels: 8, kernel: 3, stride: 3, dilation: [2, 1], output_padding: [2, 0]"),
        [1, 8, 154, 300]
    );
    let rows = read_network(
        "  - {name: r, op: reshape, shape: [800, 100]}\n  - {name: up, op: conv_transpose1d, out_channels: 4, kernel: 4, stride: 4}\n",
    );
    assert_eq!(rows.layers[1].shape, [1, 3_200, 4]);
}

fn network(phases: &[Phase]) -> Network {
    let layer = |name: &str, from| Layer {
        name: name.to_owned(),
        op: "conv_transpose2d".to_owned(),
        from,
        kind: LayerKind::Phases(phases.to_vec()),
        shape: Vec::new(),
        spec: deepmatrix::problem::LayerSpec::default(),
    };
    Network {
        name: "n".to_owned(),
        source: None,
        batch: 1,
        input: None,
        loss: deepmatrix::problem::Loss::default(),
        layers: vec![layer("up", vec![None]), layer("again", vec![Some(0)])],
    }
}

fn solved(phases: &[Phase], hardware: &Hardware) -> Vec<LayerRow> {
    let options = InferenceOptions {
        solve: SolveOptions {
            interrupt: Arc::new(AtomicBool::new(false)),
            ..SolveOptions::default()
        },
        fuse: true,
        jobs: 1,
        layers: None,
        fixed: Vec::new(),
    };
    infer(&network(phases), hardware, &options, &|_| {}).expect("threads")
}

/// The least cycles of every phase, added up; `None` where one has no mapping.
fn least(phases: &[Phase], hardware: &Hardware) -> Option<u128> {
    let of = |phase: &Phase| match &phase.work {
        PhaseWork::MultiplyAccumulate(nest) => Mappings { nest, hardware }.best().map(|b| b.0),
        PhaseWork::Zeros(zeros) => Some(stream::cost(zeros, hardware).0.cycles),
    };
    phases.iter().map(of).sum()
}

/// The phases on a random machine, if there are few enough mappings.
fn tiny(seed: u64) -> Option<(Vec<Phase>, Hardware)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let case = generate::case(seed, 60_000);
    let one = TransposedAxis::ONE;
    let own = axis(&mut rng, 4);
    let axes = if rng.random_bool(0.5) {
        [own, one]
    } else {
        [one, own]
    };
    let all = transposed(&mut rng, axes, case.nest.precision);
    let hardware = case.hardware;
    let few = all.iter().filter_map(Phase::nest).all(|nest| {
        let mappings = Mappings {
            nest,
            hardware: &hardware,
        };
        mappings.count(60_000) <= 60_000
    });
    let any = all.iter().any(|phase| phase.nest().is_some());
    (few && any && all.len() > 1).then_some((all, hardware))
}

/// Whether the case has mappings and phases without taps, or what differs.
fn compare(seed: u64) -> Option<Result<(bool, bool), String>> {
    let (phases, hardware) = tiny(seed)?;
    let rows = solved(&phases, &hardware);
    let least = least(&phases, &hardware);
    let (row, again) = (&rows[0], &rows[1]);
    let status = least.map_or(Status::Infeasible, |_| Status::Optimal);
    let macs: u128 = row.phases.iter().map(|phase| phase.row.macs()).sum();
    let same = row.cycles() == least
        && row.status() == status
        && row.macs() == macs
        && row.phases.len() == phases.len()
        && (row.lower_bound_cycles <= row.bound_cycles || least.is_none());
    // An equal layer is solved no second time.
    let once = again.same_as.as_deref() == Some("up")
        && again.cycles() == least
        && again.statistics.nodes == 0;
    let zeros = phases.iter().any(|phase| phase.nest().is_none());
    Some(if same && once {
        Ok((least.is_some(), zeros))
    } else {
        let found = (row.cycles(), row.status());
        Err(format!(
            "seed {seed}: {found:?} in place of {least:?}: {phases:?}\n{hardware:?}"
        ))
    })
}

#[test]
fn a_row_is_the_sum_of_the_best_mappings_of_its_phases() {
    let results: Vec<Result<(bool, bool), String>> =
        (0..400_u64).into_par_iter().filter_map(compare).collect();
    let wrong: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{}, the first: {}", wrong.len(), wrong[0]);
    let found = || results.iter().flatten();
    let mapped = found().filter(|f| f.0).count();
    let zeros = found().filter(|f| f.1).count();
    println!(
        "{} cases, {mapped} with mappings, {zeros} with phases without taps",
        results.len()
    );
    assert!(mapped >= 40 && zeros >= 10, "{mapped}, {zeros}");
}

#[test]
fn a_phase_without_taps_only_writes_its_zeros() {
    let axis = TransposedAxis {
        stride: 2,
        dilation: 1,
        padding: 0,
        taps: 1,
        rows: 3,
        outputs: 6,
    };
    let all = phases(
        PerDim::planar([1, 1, 2, 4, 6, 6, 1, 1]),
        TransposedAxis::planar([axis; 2]),
        BYTES,
    );
    let taps: Vec<bool> = all.iter().map(|phase| phase.nest().is_some()).collect();
    assert_eq!(taps, [true, false, false, false]);
    for phase in &all[1..] {
        let PhaseWork::Zeros(zeros) = &phase.work else {
            panic!("{phase:?}");
        };
        assert_eq!((zeros.input, zeros.weight), (Bits(0), Bits(0)));
        assert_eq!(zeros.output, Bits(2 * 9 * 8));
    }
}
