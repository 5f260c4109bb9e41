//! The solver's cycles in the wide space are those of the best of all mappings of the library's
//! type: bypass, single and doubled buffers, dimensions over several axes, several arrays.

use std::ops::Range;

use crate::cases::share;
use crate::mappings::Mappings;
use crate::mappings::generate::{Case, case};
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Status;
use deepmatrix::tiling::limits::WholeChains;
use rayon::prelude::*;

/// Mappings beyond this number are too many for a case.
const MOST_MAPPINGS: u128 = 150_000;

/// Solves a case and compares; an error says how to repeat it.
fn compare(case: &Case, longest_whole: u64) -> Result<(), String> {
    let mut options = SolveOptions {
        whole: [whole_chains(longest_whole); 2],
        ..SolveOptions::default()
    };
    options.switches.mapper.incumbent = case.seed.is_multiple_of(2);
    let solution = solve(&case.nest, &case.hardware, &options);
    let found = solution.best.as_ref().map(|(_, cost)| cost.cycles);
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    let best = mappings.best();
    let expected = best.as_ref().map(|b| b.0);
    let right = match expected {
        Some(_) => solution.status() == Status::Optimal,
        None => solution.status() == Status::Infeasible,
    };
    if found == expected && right {
        return Ok(());
    }
    Err(format!(
        "seed {}: solver {found:?} ({:?}, bound {}), best mapping {expected:?}\n{:?}\n{:?}\nbest {:?}\nfound {:?}",
        case.seed,
        solution.status(),
        solution.bound_cycles,
        case.nest,
        case.hardware.levels,
        best.map(|b| b.1),
        solution.best.map(|b| b.0)
    ))
}

fn whole_chains(longest: u64) -> WholeChains {
    WholeChains {
        longest,
        most: 0,
        boxes: false,
    }
}

fn compare_all(seeds: Range<u64>, longest_whole: u64) {
    let failures: Vec<String> = seeds
        .into_par_iter()
        .filter_map(|seed| compare(&case(seed, MOST_MAPPINGS), longest_whole).err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

#[test]
fn solver_finds_the_best_mapping() {
    compare_all(share(0..300), 40);
}

#[test]
fn solver_finds_the_best_mapping_in_parts() {
    compare_all(share(300..450), 1);
}
