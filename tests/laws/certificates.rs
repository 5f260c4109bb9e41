//! Nothing is claimed that is not proved: not under limits, not where mappings are not evaluated,
//! not with numbers that are too large for a product.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::exhaustive::generate::{Case, case};
use crate::exhaustive::{TileChoice, optimum};
use deepmatrix::check::check;
use deepmatrix::columns::outer_parts::outer_boxes;
use deepmatrix::cost::monotone::scaled_bound;
use deepmatrix::engine::Watch;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::certificate::Skipped;
use deepmatrix::problem::result::{Solution, Status};
use deepmatrix::problem::{Dim, Fixed, FixedMemory, Hardware, LayerKind, Level, LoopNest, Ports};
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::tiling::limits::{ColumnLimits, WholeChains};
use deepmatrix::tiling::site::Site;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// What is wrong with a claim beside the exhaustive answer, if anything is.
fn falsehood(case: &Case, solution: &Solution, least: Option<u128>) -> Option<String> {
    let found = solution.best.as_ref().map(|best| best.1.cycles);
    let right = match solution.status() {
        Status::Optimal => found.is_some() && found == least,
        Status::Infeasible => least.is_none(),
        Status::Feasible | Status::Unknown => !solution.certificate.evidence().skipped().is_empty(),
    };
    let bounded = least.is_none_or(|least| solution.bound_cycles <= least);
    let kept = (solution.best.as_ref())
        .map(|(mapping, cost)| check(&case.nest, &case.hardware, mapping, cost));
    let sound = kept.is_none_or(|checked| checked.is_ok());
    (!right || !bounded || !sound).then(|| {
        format!(
            "seed {}: {found:?} ({:?}, bound {}, {:?}) in place of {least:?}",
            case.seed,
            solution.status(),
            solution.bound_cycles,
            solution.certificate
        )
    })
}

/// A share of the time, memory and evaluations that a case would take.
fn stinted(random: &mut ChaCha8Rng) -> SolveOptions {
    let mut options = SolveOptions::default();
    if random.random_bool(0.6) {
        let microseconds = 1 << random.random_range(0..18);
        options.time_limit = Some(Duration::from_micros(microseconds));
    }
    if random.random_bool(0.3) {
        options.memory_limit = Some(1 << random.random_range(8..24));
    }
    if random.random_bool(0.3) {
        options.most_pieces = random.random_range(1..12);
    }
    options.switches.mapper.incumbent = random.random_bool(0.5);
    options.switches.mapper.lower_bound = random.random_bool(0.7);
    options
}

/// Wherever a limit ends a search, what it claims is what an exhaustive search finds.
fn claims_hold(seeds: std::ops::Range<u64>) -> [usize; 4] {
    let count = seeds.clone().count();
    let outcomes: Vec<(Status, Option<String>)> = seeds
        .into_par_iter()
        .flat_map_iter(|seed| {
            let case = case(seed);
            let least = optimum(&case, TileChoice::All);
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let all = (0..4).map(|_| {
                let options = stinted(&mut random);
                let solution = solve(&case.nest, &case.hardware, &options);
                (solution.status(), falsehood(&case, &solution, least))
            });
            all.collect::<Vec<_>>()
        })
        .collect();
    let wrong: Vec<&String> = outcomes.iter().filter_map(|o| o.1.as_ref()).collect();
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
    let all = [
        Status::Optimal,
        Status::Infeasible,
        Status::Feasible,
        Status::Unknown,
    ];
    all.map(|status| outcomes.iter().filter(|o| o.0 == status).count())
}

#[test]
fn what_is_claimed_under_limits_is_what_an_exhaustive_search_finds() {
    let counts = claims_hold(70_000..70_060);
    println!("optimal, infeasible, feasible, unknown: {counts:?}");
    assert!(
        counts[0] > 20 && counts[2] > 5 && counts[3] > 5,
        "{counts:?}"
    );
}

#[test]
#[ignore = "minutes"]
fn what_is_claimed_under_limits_holds_in_thousands_of_cases() {
    println!("{:?}", claims_hold(80_000..82_500));
}

/// Where many mappings are not evaluated, a proof has to do without them.
#[test]
fn mappings_that_are_not_evaluated_are_no_proof_of_anything() {
    let outcomes: Vec<(bool, bool, Option<String>)> = (70_000..70_080_u64)
        .into_par_iter()
        .map(|seed| {
            let case = case(seed);
            let least = optimum(&case, TileChoice::All);
            let options = SolveOptions {
                most_pieces: 1,
                ..SolveOptions::default()
            };
            let solution = solve(&case.nest, &case.hardware, &options);
            let skipped = solution.certificate.evidence().skipped();
            let skips = |own: &Skipped| matches!(own, Skipped::Unevaluated(n) if *n > 0);
            let missed = solution.best.as_ref().map(|b| b.1.cycles) != least;
            (
                skipped.iter().any(skips),
                missed,
                falsehood(&case, &solution, least),
            )
        })
        .collect();
    let wrong: Vec<&String> = outcomes.iter().filter_map(|o| o.2.as_ref()).collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    let skipped = outcomes.iter().filter(|o| o.0).count();
    let missed = outcomes.iter().filter(|o| o.1).count();
    assert!(skipped > 2 && missed > 1, "{skipped} {missed}");
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new("tests/claims").join(name)
}

/// The only loop nest of a network, and the hardware.
fn problem(network: &str, hardware: &str) -> (LoopNest, Hardware) {
    let network = read::network(&file(network), &NetworkOptions::default()).expect("a network");
    let hardware = read::hardware(&file(hardware)).expect("a hardware file");
    let nest = network.layers.iter().find_map(|layer| match &layer.kind {
        LayerKind::MultiplyAccumulate(nest) => Some((**nest).clone()),
        _ => None,
    });
    (nest.expect("a layer to map"), hardware)
}

/// A list that was cut short is none, though what restrictions leave of it is short enough.
#[test]
fn a_list_that_was_cut_short_is_not_taken_for_a_whole_one() {
    let (nest, hardware) = problem("bandwidths-network.yaml", "bandwidths-hardware.yaml");
    let fixed = Fixed {
        memories: vec![FixedMemory {
            level: 1,
            tiles: vec![(None, Dim::K, 8)],
            ..FixedMemory::default()
        }],
        ..Fixed::default()
    };
    let boxes = |fixed: &[Fixed], most: usize| {
        let limits = ColumnLimits {
            whole: WholeChains::FEW,
            most,
            watch: Watch::default(),
            fixed: Arc::new(fixed.to_vec()),
            free_steps: false,
        };
        outer_boxes(&Site::new(&nest, &hardware), Dim::K, &limits).map(|all| all.len())
    };
    let all = boxes(&[], usize::MAX).expect("no limit");
    let left = boxes(std::slice::from_ref(&fixed), usize::MAX).expect("no limit");
    assert!(0 < left && left < all / 2, "{left} of {all}");
    assert_eq!(boxes(&[fixed], all / 2), None);
}

/// Millions of pairs of pieces of a window are counted, and what fits is found.
#[test]
fn a_long_window_is_evaluated_and_fits() {
    let (nest, hardware) = problem("long-network.yaml", "long-hardware.yaml");
    let solution = solve(&nest, &hardware, &SolveOptions::default());
    assert_eq!(solution.status(), Status::Optimal, "{:?}", solution.reason);
    let (mapping, cost) = solution.best.expect("a mapping");
    assert_eq!(cost.cycles, 4_507_501);
    check(&nest, &hardware, &mapping, &cost).unwrap_or_else(|e| panic!("{e}"));
    let options = SolveOptions {
        most_pieces: 1,
        time_limit: Some(Duration::from_secs(600)),
        ..SolveOptions::default()
    };
    let skipping = solve(&nest, &hardware, &options);
    assert_eq!(skipping.status(), Status::Unknown, "{:?}", skipping.reason);
    assert!(skipping.bound_cycles <= cost.cycles);
}

/// Products of fractions of nine decimals do not fit in 128 bits: the bound of one port is none of
/// another one by mistake.
#[test]
fn a_bound_of_other_hardware_is_no_larger_than_the_optimum_whatever_the_fractions() {
    let (nest, slow) = problem("bandwidths-network.yaml", "bandwidths-hardware.yaml");
    let mut fast = slow.clone();
    if let Some(Level::Memory(dram)) = fast.levels.first_mut() {
        dram.ports = Ports::Shared(deepmatrix::problem::Bandwidth::parse("1325.714285714"));
    }
    let on_slow = solve(&nest, &slow, &SolveOptions::default());
    assert_eq!(
        (on_slow.status(), on_slow.bound_cycles),
        (Status::Optimal, 76_801)
    );
    let bound = scaled_bound(&nest, &fast, &slow, on_slow.bound_cycles);
    assert!(bound.is_some_and(|bound| bound <= 29_377), "{bound:?}");
    let options = SolveOptions {
        known_bound: bound.unwrap_or(0),
        ..SolveOptions::default()
    };
    let on_fast = solve(&nest, &fast, &options);
    let cycles = on_fast.best.as_ref().map(|best| best.1.cycles);
    assert_eq!((on_fast.status(), cycles), (Status::Optimal, Some(29_377)));
}

/// A bound that is none is an error, told in a line, and never a result.
#[test]
fn a_false_bound_is_told_and_proves_nothing() {
    let (nest, hardware) = problem("bandwidths-network.yaml", "bandwidths-hardware.yaml");
    let options = SolveOptions {
        known_bound: 100_000,
        ..SolveOptions::default()
    };
    let solution = solve(&nest, &hardware, &options);
    assert_eq!(solution.status(), Status::Unknown);
    assert_eq!(solution.bound_cycles, 0);
    let reason = solution.reason.unwrap_or_default();
    assert!(
        reason.starts_with("internal error: a bound of 100000 cycles"),
        "{reason}"
    );
}
