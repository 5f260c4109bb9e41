//! Every part of the method can be switched off, in every combination, and the optimum stays the same.

use crate::exhaustive::features::feature_case;
use crate::exhaustive::general::{Objective, optimum_of};
use crate::exhaustive::generate::{Case, case, uneven_case};
use crate::exhaustive::{TileChoice, optimum};
use deepmatrix::engine::Switches;
use deepmatrix::exact::{MethodSwitches, SolveOptions, solve};
use deepmatrix::problem::result::Status;
use rayon::prelude::*;

/// The number of switches.
const SWITCHES: u32 = 7;

/// The combination of switches of a number's bits.
fn combination(bits: u32) -> MethodSwitches {
    let on = |index: u32| bits & (1 << index) != 0;
    MethodSwitches {
        tree: Switches {
            filter: on(0),
            enumerate: on(1),
            chord_split: on(2),
            dominance: on(3),
            rounding: on(4),
        },
        incumbent: on(5),
        lower_bound: on(6),
    }
}

/// The least cycles of a case with some switches on.
fn cycles(case: &Case, tiles: TileChoice, switches: MethodSwitches) -> (Status, Option<u128>) {
    let options = SolveOptions {
        divisors_only: tiles == TileChoice::Divisors,
        switches,
        ..SolveOptions::default()
    };
    let solution = solve(&case.nest, &case.hardware, &options);
    (
        solution.status(),
        solution.best.map(|(_, cost)| cost.cycles),
    )
}

/// Every combination finds the optimum of exhaustive search.
fn agree(case: &Case, tiles: TileChoice) {
    agree_on(case, tiles, optimum(case, tiles));
}

/// Every combination finds so many cycles.
fn agree_on(case: &Case, tiles: TileChoice, expected: Option<u128>) {
    let status = expected.map_or(Status::Infeasible, |_| Status::Optimal);
    let wrong: Vec<String> = (0..1 << SWITCHES)
        .into_par_iter()
        .map(combination)
        .filter_map(|switches| {
            let found = cycles(case, tiles, switches);
            (found != (status, expected)).then(|| format!("{found:?} with {switches:?}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "seed {} {tiles:?}: {expected:?} cycles, but\n{}",
        case.seed,
        wrong.join("\n")
    );
}

#[test]
fn every_combination_of_switches_gives_the_same_optimum() {
    for seed in [7, 12, 16, 19, 23, 30] {
        agree(&case(seed), TileChoice::All);
    }
}

#[test]
fn so_it_does_where_uneven_tiles_matter_and_with_divisors() {
    for seed in [0, 1, 2] {
        agree(&uneven_case(seed), TileChoice::All);
    }
    for seed in [7, 12, 16, 24, 30, 42] {
        agree(&case(seed), TileChoice::Divisors);
    }
}

/// Operands that go around memories, chosen buffers, separate ports, three memories, two arrays.
#[test]
fn so_it_does_in_the_wide_space() {
    for seed in [2, 14, 16, 23, 31, 34, 53, 56] {
        let case = feature_case(seed);
        let expected = optimum_of(&case, TileChoice::All, Objective::Cycles);
        agree_on(&case, TileChoice::All, expected.map(|best| best.cycles));
    }
}
