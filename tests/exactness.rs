//! The solver's cycles equal an exhaustive search that assumes no theorem.
//!
//! The seeds that run with the test suite are few seconds' work; the long run is
//! `./x bench exactness`, and its result is committed in `results/exactness/`.

#[expect(dead_code, reason = "other test crates use the rest of the module")]
mod exhaustive;

use std::ops::Range;

use deepmatrix::check::check;
use deepmatrix::mapper::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Status;
use exhaustive::generate::{Case, case, uneven_case};
use exhaustive::{TileChoice, optimum};
use rayon::prelude::*;

/// Solves a case and compares; an error says how to repeat it.
fn compare(case: &Case, tiles: TileChoice) -> Result<(), String> {
    let options = SolveOptions {
        divisors_only: tiles == TileChoice::Divisors,
        ..SolveOptions::default()
    };
    let solution = solve(&case.nest, &case.hardware, &options);
    let expected = optimum(case, tiles);
    let found = solution.best.as_ref().map(|(_, cost)| cost.cycles);
    let right_status = match expected {
        Some(_) => solution.status == Status::Optimal,
        None => solution.status == Status::Infeasible,
    };
    if found != expected || !right_status {
        return Err(format!(
            "seed {} {tiles:?}: solver {found:?} ({:?}, bound {}), exhaustive {expected:?}",
            case.seed, solution.status, solution.bound_cycles
        ));
    }
    if let Some((mapping, cost)) = &solution.best {
        check(&case.nest, &case.hardware, mapping, cost)
            .map_err(|error| format!("seed {}: {error}", case.seed))?;
    }
    Ok(())
}

fn compare_all(seeds: Range<u64>, draw: fn(u64) -> Case, tiles: TileChoice) {
    let failures: Vec<String> = seeds
        .into_par_iter()
        .filter_map(|seed| compare(&draw(seed), tiles).err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn solver_equals_exhaustive_search() {
    compare_all(0..400, case, TileChoice::All);
}

#[test]
fn solver_equals_exhaustive_search_with_divisors() {
    compare_all(400..600, case, TileChoice::Divisors);
}

#[test]
fn solver_equals_exhaustive_search_where_uneven_tiles_matter() {
    compare_all(0..200, uneven_case, TileChoice::All);
}

#[test]
#[ignore = "minutes; run by `./x bench exactness`"]
fn long_run() {
    compare_all(1_000..6_000, case, TileChoice::All);
    compare_all(6_000..8_000, case, TileChoice::Divisors);
    compare_all(1_000..3_000, uneven_case, TileChoice::All);
}
