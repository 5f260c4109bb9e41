//! The solver's cycles equal an exhaustive search that assumes no theorem.
//!
//! The seeds that run with the test suite are few seconds' work; the long run is
//! `./x bench exactness`, and its result is committed in `results/exactness/`.

#[expect(dead_code, reason = "other test crates use the rest of the module")]
mod exhaustive;

use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::Path;

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

/// What is wrong with the cases of some seeds.
fn failures(seeds: Range<u64>, draw: fn(u64) -> Case, tiles: TileChoice) -> Vec<String> {
    seeds
        .into_par_iter()
        .filter_map(|seed| compare(&draw(seed), tiles).err())
        .collect()
}

fn compare_all(seeds: Range<u64>, draw: fn(u64) -> Case, tiles: TileChoice) {
    let failures = failures(seeds, draw, tiles);
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

/// The kinds of cases of the long run: seeds, generator with its name, tiles.
type Batch = (Range<u64>, &'static str, fn(u64) -> Case, TileChoice);

const LONG_RUN: [Batch; 3] = [
    (1_000..6_000, "case", case, TileChoice::All),
    (6_000..8_000, "case", case, TileChoice::Divisors),
    (1_000..3_000, "uneven_case", uneven_case, TileChoice::All),
];

/// `BENCH_CASES` limits each kind to its first so many seeds; `BENCH_OUT` is the folder of the outcome.
#[test]
#[ignore = "minutes; run by `./x bench exactness`"]
fn long_run() {
    let most = std::env::var("BENCH_CASES").map_or(u64::MAX, |n| n.parse().expect("a number"));
    let folder = std::env::var("BENCH_OUT").unwrap_or_else(|_| "results/exactness".to_owned());
    let mut text = String::from(
        "# Outcome\n\n| generator | seeds | tiles | cases | different |\n|---|---|---|--:|--:|\n",
    );
    let mut wrong = Vec::new();
    for (seeds, name, draw, tiles) in LONG_RUN {
        let seeds = seeds.start..seeds.end.min(seeds.start.saturating_add(most));
        let found = failures(seeds.clone(), draw, tiles);
        let (cases, different) = (seeds.end - seeds.start, found.len());
        let tiles = if tiles == TileChoice::All {
            "all"
        } else {
            "divisors"
        };
        let _ = writeln!(
            text,
            "| {name} | {seeds:?} | {tiles} | {cases} | {different} |"
        );
        wrong.extend(found);
    }
    if !wrong.is_empty() {
        let _ = write!(text, "\n```\n{}\n```\n", wrong.join("\n"));
    }
    print!("{text}");
    fs::create_dir_all(&folder).expect("the folder of results");
    fs::write(Path::new(&folder).join("outcome.md"), text).expect("writable");
    assert!(wrong.is_empty(), "{} failures", wrong.len());
}
