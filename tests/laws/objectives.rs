//! Energy, energy-delay product and ties: the solver finds the best of all mappings of tiny cases.

use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::{Cost, Status};
use deepmatrix::problem::{AccessEnergy, Hardware, Level};
use deepmatrix::tiling::limits::WholeChains;
use rayon::prelude::*;

use crate::cases::share;
use crate::mappings::Mappings;
use crate::mappings::generate::{self, Case};

/// Mappings beyond this number are too many for a case.
const MOST_MAPPINGS: u128 = 60_000;

/// The first case with this seed, and energies that make objectives differ.
fn case(seed: u64) -> Case {
    let mut case = generate::case(seed, MOST_MAPPINGS);
    add_energy(&mut case.hardware, seed);
    case
}

fn add_energy(hardware: &mut Hardware, seed: u64) {
    let pick =
        |shift: u64, choices: [f64; 4]| choices[usize::try_from((seed >> shift) % 4).unwrap_or(0)];
    hardware.energy_pj_per_mac = Some(pick(0, [0.0, 0.5, 1.0, 8.0]));
    hardware.static_pj_per_cycle = Some(pick(1, [0.0, 3.0, 0.0, 100.0]));
    for (i, level) in hardware.levels.iter_mut().enumerate() {
        if let Level::Memory(memory) = level {
            let outer = i == 0;
            memory.energy = AccessEnergy {
                read_pj_per_byte: Some(if outer {
                    100.0
                } else {
                    pick(2, [6.0, 1.0, 30.0, 0.0])
                }),
                write_pj_per_byte: Some(if outer {
                    80.0
                } else {
                    pick(3, [6.0, 0.0, 20.0, 2.0])
                }),
            };
        }
    }
}

/// What is compared: least energy, least product, and least cycles, then traffic, then energy.
#[derive(Debug, Default)]
struct Best {
    energy: Option<f64>,
    product: Option<f64>,
    tie: Option<(u128, u128, f64)>,
}

fn best(case: &Case) -> Best {
    let mut best = Best::default();
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    mappings.for_each(&mut |_, cost| {
        let least = |a: Option<f64>, b: f64| Some(a.map_or(b, |a| a.min(b)));
        best.energy = least(best.energy, Measure::Energy.of(cost));
        best.product = least(best.product, Measure::EnergyDelay.of(cost));
        let own = (cost.cycles, cost.outermost_bits(), Measure::Energy.of(cost));
        if best.tie.is_none_or(|tie| own < tie) {
            best.tie = Some(own);
        }
    });
    best
}

fn solved(case: &Case, objective: Measure) -> Option<Cost> {
    let options = SolveOptions {
        objective,
        tie_break: TieBreak::All,
        whole: [WholeChains {
            longest: if case.seed.is_multiple_of(2) { 40 } else { 2 },
            most: 0,
            boxes: case.seed % 4 == 1,
        }; 2],
        ..SolveOptions::default()
    };
    let solution = solve(&case.nest, &case.hardware, &options);
    assert!(
        matches!(solution.status(), Status::Optimal | Status::Infeasible),
        "seed {}",
        case.seed
    );
    solution.best.map(|b| b.1)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs()
}

/// What differs from the best of all mappings, and how to repeat it.
fn difference(case: &Case) -> Option<String> {
    let best = best(case);
    let energy = solved(case, Measure::Energy).map(|c| Measure::Energy.of(&c));
    let product = solved(case, Measure::EnergyDelay).map(|c| Measure::EnergyDelay.of(&c));
    let cycles = solved(case, Measure::Cycles)
        .map(|c| (c.cycles, c.outermost_bits(), Measure::Energy.of(&c)));
    let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a == b,
    };
    let tie = match (cycles, best.tie) {
        (Some(a), Some(b)) => (a.0, a.1) == (b.0, b.1) && close(a.2, b.2),
        (a, b) => a.is_none() && b.is_none(),
    };
    (!same(energy, best.energy) || !same(product, best.product) || !tie).then(|| {
        format!(
            "seed {}: energy {energy:?}, product {product:?}, cycles {cycles:?}, {best:?}\n{:?}\n{:?}",
            case.seed, case.nest, case.hardware
        )
    })
}

fn compare(seeds: std::ops::Range<u64>) {
    let wrong: Vec<String> = seeds
        .into_par_iter()
        .filter_map(|seed| difference(&case(seed)))
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_objective_is_the_best_of_all_mappings() {
    compare(share(0..150));
    // The innermost memory may hold the input alone.
    compare(10_667..10_668);
}

#[test]
#[ignore = "minutes"]
fn every_objective_is_the_best_of_all_mappings_of_many() {
    compare(10_000..11_500);
}
