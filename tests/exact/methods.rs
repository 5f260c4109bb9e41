//! All ways of solving the layer program prove the same optimum.

use std::ops::Range;
use std::path::Path;

use crate::exhaustive::generate::{Case, case, uneven_case};
use crate::exhaustive::resident::any_resident_case;
use deepmatrix::check::check;
use deepmatrix::engine::hand_over::{self, HighsStatus, Settings};
use deepmatrix::exact::program::{ProgramOptions, build};
use deepmatrix::exact::{Method, SolveOptions, solve};
use deepmatrix::problem::result::{Solution, Status};
use deepmatrix::problem::{NestId, Workload};
use deepmatrix::read::{self, NetworkOptions};
use rayon::prelude::*;

/// Solves a case; without a first mapping and the bound for every mapping the program alone proves it.
fn solved(case: &Case, method: Method, alone: bool) -> Solution {
    let mut options = SolveOptions {
        method,
        ..SolveOptions::default()
    };
    if alone {
        options.switches.mapper.incumbent = false;
        options.switches.mapper.lower_bound = false;
        options.switches.tree.rounding = false;
    }
    solve(&case.nest, &case.hardware, &options)
}

/// Compares both methods on a case; an error says how to repeat it.
fn compare(case: &Case, alone: bool) -> Result<u64, String> {
    let expected = solved(case, Method::BranchAndPrice, false);
    let found = solved(case, Method::Milp, alone);
    let cycles = |s: &Solution| s.best.as_ref().map(|b| b.1.cycles);
    if cycles(&found) != cycles(&expected) || found.status() != expected.status() {
        return Err(format!(
            "seed {}: milp {:?} {:?}, branch and price {:?} {:?}",
            case.seed,
            found.status(),
            cycles(&found),
            expected.status(),
            cycles(&expected)
        ));
    }
    if found.status() == Status::Optimal && found.bound_cycles > cycles(&found).unwrap_or(0) {
        return Err(format!("seed {}: bound {}", case.seed, found.bound_cycles));
    }
    if let Some((mapping, cost)) = &found.best {
        check(&case.nest, &case.hardware, mapping, cost)
            .map_err(|error| format!("seed {}: {error}", case.seed))?;
    }
    Ok(found.statistics.programs)
}

fn compare_all(seeds: Range<u64>, draw: fn(u64) -> Case, alone: bool) {
    let results: Vec<Result<u64, String>> = seeds
        .into_par_iter()
        .map(|seed| compare(&draw(seed), alone))
        .collect();
    let programs: u64 = results.iter().flatten().sum();
    let failures: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{failures:#?}",
        failures.len()
    );
    assert!(programs > 0, "no program was solved");
}

#[test]
fn whole_programs_and_branch_and_price_prove_the_same() {
    compare_all(0..120, case, false);
}

#[test]
fn so_they_do_with_resident_operands() {
    compare_all(0..70, any_resident_case, false);
    compare_all(100..121, any_resident_case, true);
}

#[test]
fn whole_programs_alone_prove_the_same() {
    compare_all(200..240, case, true);
    compare_all(0..20, uneven_case, true);
}

/// The program of `conv4_2` of VGG-16 on starved hardware, of which HiGHS, without presolve and at
/// tolerances of 1e-9, has called 15.0999 the optimum: every way in which it is asked finds that of
/// branch and price.
#[test]
fn every_way_of_asking_highs_finds_the_optimum_of_the_starved_conv4_2() {
    let network = Path::new("inputs/networks/vgg16.yaml");
    let network = read::network(network, &NetworkOptions::default()).expect("a network");
    let hardware = Path::new("inputs/hardware/starved-32x32.yaml");
    let hardware = read::hardware(hardware).expect("hardware");
    let layer = (network.layers.iter()).position(|layer| layer.name == "conv4_2");
    let id = NestId {
        layer: layer.expect("the layer"),
        phase: None,
    };
    let nest = network.nest(id).expect("a loop nest");
    let made = build(nest, &hardware, &ProgramOptions::default()).expect("a program");
    #[expect(clippy::cast_precision_loss, reason = "few cycles")]
    let least = (made.facts.best.cycles as f64).ln();
    assert_eq!(made.facts.certificate.status(), Status::Optimal);
    let bare = Settings {
        presolve: false,
        ..Settings::default()
    };
    for outcome in [
        hand_over::solve(made.model(), None),
        hand_over::solve_again(made.model(), None),
        hand_over::solve_with(made.model(), &bare),
    ] {
        assert_eq!(outcome.status, HighsStatus::Optimal);
        assert!((outcome.objective - least).abs() < 1e-6, "{outcome:?}");
        assert!((outcome.bound - least).abs() < 1e-6, "{outcome:?}");
    }
}
