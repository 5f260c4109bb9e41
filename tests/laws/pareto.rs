//! The Pareto front of cycles and energy is that of all mappings of tiny problems.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use deepmatrix::check::check;
use deepmatrix::cost::stream;
use deepmatrix::exact::SolveOptions;
use deepmatrix::exact::pareto::front;
use deepmatrix::network::fronts::fronts;
use deepmatrix::network::inference::InferenceOptions;
use deepmatrix::problem::front::RELATIVE_GAP;
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::phases::{TransposedAxis, phases};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    AccessEnergy, Hardware, Layer, LayerKind, Level, Network, PerDim, Phase, PhaseWork,
};
use rayon::prelude::*;

use crate::cases::share;
use crate::mappings::Mappings;
use crate::mappings::generate::{self, Case};

/// Mappings beyond this number are too many for a case.
const MOST_MAPPINGS: u128 = 60_000;

/// A case with energies that make fewer cycles cost more: idle elements and wide ports are cheap or not.
fn case(seed: u64) -> Case {
    let mut case = generate::case(seed, MOST_MAPPINGS);
    add_energy(&mut case.hardware, seed);
    case
}

fn add_energy(hardware: &mut Hardware, seed: u64) {
    let pick =
        |shift: u64, choices: [f64; 4]| choices[usize::try_from((seed >> shift) % 4).unwrap_or(0)];
    hardware.energy_pj_per_mac = Some(pick(0, [0.0, 0.5, 1.0, 8.0]));
    hardware.static_pj_per_cycle = Some(pick(2, [0.0, 0.0, 0.5, 3.0]));
    for (i, level) in hardware.levels.iter_mut().enumerate() {
        if let Level::Memory(memory) = level {
            let read = if i == 0 {
                10.0
            } else {
                pick(1, [6.0, 1.0, 30.0, 100.0])
            };
            let write = if i == 0 {
                8.0
            } else {
                pick(3, [6.0, 0.0, 20.0, 200.0])
            };
            memory.energy = AccessEnergy {
                read_pj_per_byte: Some(read),
                write_pj_per_byte: Some(write),
            };
        }
    }
}

/// The front of all mappings: cycles and energies.
fn enumerated(case: &Case) -> Vec<(u128, f64)> {
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    let mut all = Vec::new();
    mappings.for_each(&mut |_, cost| all.push((cost.cycles, Measure::Energy.of(cost))));
    nondominated(all)
}

/// Of some pairs of cycles and energy those that no other one dominates.
fn nondominated(mut all: Vec<(u128, f64)>) -> Vec<(u128, f64)> {
    all.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut points: Vec<(u128, f64)> = Vec::new();
    for (cycles, energy) in all {
        let last = points.last();
        if last.is_none_or(|last| energy < last.1 * (1.0 - RELATIVE_GAP)) {
            points.push((cycles, energy));
        }
    }
    points
}

/// The number of points, or what differs.
fn compare(case: &Case, options: &SolveOptions) -> Result<usize, String> {
    let expected = enumerated(case);
    let found = front(&case.nest, &case.hardware, options);
    let points: Vec<(u128, f64)> = found
        .points
        .iter()
        .map(|p| (p.cycles, p.energy_pj))
        .collect();
    let same = points.len() == expected.len()
        && points
            .iter()
            .zip(&expected)
            .all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= 2e-6 * b.1);
    let status = if expected.is_empty() {
        Status::Infeasible
    } else {
        Status::Optimal
    };
    if !same || found.status() != status {
        return Err(format!(
            "seed {}: {points:?} ({:?}, {:?}) in place of {expected:?}\n{:?}\n{:?}",
            case.seed,
            found.status(),
            found.reason,
            case.nest,
            case.hardware
        ));
    }
    for point in &found.points {
        let part = &point.parts[0];
        let mapping = part.mapping.as_ref().ok_or("no mapping")?;
        check(&case.nest, &case.hardware, mapping, &part.cost).map_err(|e| e.to_string())?;
        assert!(point.bound_cycles <= point.cycles && point.bound_energy_pj <= point.energy_pj);
    }
    Ok(points.len())
}

fn compare_all(seeds: std::ops::Range<u64>, options: &SolveOptions) -> [usize; 3] {
    let results: Vec<Result<usize, String>> = seeds
        .into_par_iter()
        .map(|seed| compare(&case(seed), options))
        .collect();
    let wrong: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    let counts = || results.iter().flatten();
    let (several, most) = (counts().filter(|&&n| n > 1).count(), counts().max());
    assert!(10 * several >= results.len(), "{several}");
    [results.len(), several, most.copied().unwrap_or(0)]
}

#[test]
fn the_front_is_that_of_all_mappings() {
    let [cases, several, most] = compare_all(share(30_000..30_200), &SolveOptions::default());
    println!("{cases} cases, {several} with several points, at most {most}");
}

#[test]
#[ignore = "minutes"]
fn the_front_is_that_of_all_mappings_of_many() {
    compare_all(40_000..41_500, &SolveOptions::default());
}

/// The front of a layer of phases by enumeration: of every choice of one mapping for each phase.
fn enumerated_sums(phases: &[Phase], hardware: &Hardware) -> Vec<(u128, f64)> {
    let fronts = phases.iter().map(|phase| match &phase.work {
        PhaseWork::MultiplyAccumulate(nest) => enumerated(&Case {
            seed: 0,
            nest: (**nest).clone(),
            hardware: hardware.clone(),
        }),
        PhaseWork::Zeros(zeros) => {
            let cost = stream::cost(zeros, hardware).0;
            vec![(cost.cycles, Measure::Energy.of(&cost))]
        }
    });
    let mut sums = vec![(0, 0.0)];
    for front in fronts {
        let pairs = sums
            .iter()
            .flat_map(|a| front.iter().map(move |b| (a.0 + b.0, a.1 + b.1)));
        sums = pairs.collect();
    }
    nondominated(sums)
}

#[test]
fn the_front_of_phases_is_that_of_their_sums() {
    let several: Vec<bool> = (31_000..31_060_u64)
        .into_par_iter()
        .filter_map(|seed| {
            let case = case(seed);
            let axis = |stride, taps, rows, outputs| TransposedAxis {
                stride,
                dilation: 1,
                padding: 0,
                taps,
                rows,
                outputs,
            };
            let axes = TransposedAxis::planar([axis(2, 3, 2, 5), axis(1, 1, 1, 1)]);
            let extents = PerDim::planar([1, 1, 2, 1, 5, 1, 3, 1]);
            let phases = phases(extents, axes, case.nest.precision);
            let few = phases.iter().filter_map(Phase::nest).all(|nest| {
                let (hardware, limit) = (&case.hardware, MOST_MAPPINGS);
                Mappings { nest, hardware }.count(limit) <= limit
            });
            few.then(|| compare_sums(seed, &phases, &case.hardware))
        })
        .collect();
    assert!(
        several.len() >= 20 && several.iter().any(|&s| s),
        "{}",
        several.len()
    );
}

/// Compares the front of a layer of phases; whether it has several points.
fn compare_sums(seed: u64, phases: &[Phase], hardware: &Hardware) -> bool {
    let layer = Layer {
        name: "up".to_owned(),
        op: "conv_transpose2d".to_owned(),
        from: vec![None],
        kind: LayerKind::Phases(phases.to_vec()),
        shape: Vec::new(),
        spec: deepmatrix::problem::LayerSpec::default(),
    };
    let network = Network {
        name: "n".to_owned(),
        source: None,
        batch: 1,
        input: None,
        loss: deepmatrix::problem::Loss::default(),
        layers: vec![layer],
    };
    let options = InferenceOptions {
        solve: SolveOptions::default(),
        fuse: true,
        jobs: 1,
        layers: None,
        fixed: Vec::new(),
    };
    let rows = fronts(&network, hardware, &options, &|_| {}).expect("threads");
    let expected = enumerated_sums(phases, hardware);
    let points = &rows[0].front.points;
    let same = points.len() == expected.len()
        && (points.iter().zip(&expected))
            .all(|(a, b)| a.cycles == b.0 && (a.energy_pj - b.1).abs() <= 2e-6 * b.1);
    let found: Vec<_> = points.iter().map(|p| (p.cycles, p.energy_pj)).collect();
    assert!(same, "seed {seed}: {found:?} in place of {expected:?}");
    assert!(rows[0].front.is_complete());
    let parts = points
        .iter()
        .map(|p| p.parts.iter().map(|part| part.cost.cycles).sum::<u128>());
    assert!(parts.eq(points.iter().map(|p| p.cycles)));
    points.len() > 1
}

/// Without time there is no claim: whatever is found is a mapping, and the bounds hold.
#[test]
fn what_a_limit_leaves_is_said() {
    for seed in 30_000..30_060 {
        let case = case(seed);
        let expected = enumerated(&case);
        for nanoseconds in [1, 300_000, 3_000_000] {
            let options = SolveOptions {
                time_limit: Some(Duration::from_nanos(nanoseconds)),
                interrupt: Arc::new(AtomicBool::new(false)),
                ..SolveOptions::default()
            };
            let found = front(&case.nest, &case.hardware, &options);
            if found.is_complete() {
                assert_eq!(found.points.len(), expected.len(), "seed {seed}");
                continue;
            }
            assert!(found.rest().is_none() || found.reason.is_some());
            for point in &found.points {
                let dominates = |e: &&(u128, f64)| {
                    e.0 <= point.cycles && e.1 < point.energy_pj * (1.0 - 2.0 * RELATIVE_GAP)
                };
                assert!(
                    !point.is_proved() || !expected.iter().any(|e| dominates(&e)),
                    "seed {seed}"
                );
                let same = |e: &&(u128, f64)| e.1 <= point.energy_pj * (1.0 + 1e-9);
                let fewest = expected.iter().filter(same).map(|e| e.0).min();
                assert!(
                    fewest.is_some_and(|c| point.bound_cycles <= c),
                    "seed {seed}"
                );
            }
            let Some(rest) = found.rest() else { continue };
            let least = found.points.last().map_or(f64::INFINITY, |p| p.energy_pj);
            for (cycles, energy) in &expected {
                if *energy < least * (1.0 - 2.0 * RELATIVE_GAP) {
                    assert!(rest.bound_cycles <= *cycles, "seed {seed}");
                    assert!(rest.bound_energy_pj <= *energy, "seed {seed}");
                }
            }
        }
    }
}
