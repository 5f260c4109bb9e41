//! The solver's cycles equal an exhaustive search that assumes no theorem.
//!
//! The seeds that run with the test suite are few seconds' work; the long run is
//! `./x bench exactness`, and its result is committed in `results/exactness/`.

use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::cases::{enough, share};
use crate::exhaustive::generate::{Case, case, deep_case, dilated_case, kernel_case, uneven_case};
use crate::exhaustive::{Rules, TileChoice, optimum, optimum_with};
use crate::seeds;
use deepmatrix::check::check;
use deepmatrix::cost::evaluate;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::Space;
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    Array, ArrayMapping, Axis, Dim, DimSet, Hardware, LayerKind, Level, LoopNest, PerDim,
};
use deepmatrix::read::{NetworkOptions, hardware, network};
use deepmatrix::tiling::limits::WholeChains;
use deepmatrix::tiling::site::Site;
use deepmatrix::tiling::third::{LONGEST, gaps};
use rayon::prelude::*;

/// Dimensions up to an extent are written out whole, longer ones are solved in two parts.
fn whole_chains(longest: u64) -> WholeChains {
    WholeChains {
        longest,
        most: 0,
        boxes: false,
    }
}

/// Solves a case and compares; an error says how to repeat it.
fn compare(case: &Case, tiles: TileChoice, longest_whole: u64) -> Result<(), String> {
    let mut options = SolveOptions {
        divisors_only: tiles == TileChoice::Divisors,
        whole: [whole_chains(longest_whole); 2],
        ..SolveOptions::default()
    };
    // Without a first mapping, pruning has to leave the optimum for the tree to find.
    options.switches.mapper.incumbent = case.seed.is_multiple_of(2);
    let solution = solve(&case.nest, &case.hardware, &options);
    let expected = optimum(case, tiles);
    let found = solution.best.as_ref().map(|(_, cost)| cost.cycles);
    let right_status = match expected {
        Some(_) => solution.status() == Status::Optimal,
        None => solution.status() == Status::Infeasible,
    };
    if found != expected || !right_status {
        return Err(format!(
            "seed {} {tiles:?}: solver {found:?} ({:?}, bound {}), exhaustive {expected:?}",
            case.seed,
            solution.status(),
            solution.bound_cycles
        ));
    }
    if let Some(best) = expected.filter(|&best| best < solution.lower_bounds.best()) {
        let bounds = &solution.lower_bounds;
        return Err(format!("seed {}: {best} is below {bounds:?}", case.seed));
    }
    if let Some((mapping, cost)) = &solution.best {
        check(&case.nest, &case.hardware, mapping, cost)
            .map_err(|error| format!("seed {}: {error}", case.seed))?;
    }
    Ok(())
}

/// Dimensions of at most this extent stay whole: all of the tiny ones.
const WHOLE: u64 = 40;

/// What is wrong with the cases of some seeds.
fn failures(
    seeds: Range<u64>,
    draw: fn(u64) -> Case,
    tiles: TileChoice,
    longest_whole: u64,
) -> Vec<String> {
    seeds
        .into_par_iter()
        .filter_map(|seed| compare(&draw(seed), tiles, longest_whole).err())
        .collect()
}

fn compare_all(seeds: Range<u64>, draw: fn(u64) -> Case, tiles: TileChoice, longest_whole: u64) {
    let failures = failures(seeds, draw, tiles, longest_whole);
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn solver_equals_exhaustive_search() {
    compare_all(share(0..400), case, TileChoice::All, WHOLE);
}

/// One row of padding: element 0's share of 3 + 1 outputs on three elements has fewer rows than that
/// of 2 + 2 on two.
#[test]
fn shares_beside_padding_differ() {
    compare_all(1_001_409..1_001_410, case, TileChoice::All, WHOLE);
}

/// A dimension without a window, in tiles of 3 + 2 + 3 + 2 on two elements, where no two extents have so
/// few steps in so few tiles.
#[test]
fn remainders_of_plain_dimensions_are_traded() {
    compare_all(2_004_435..2_004_436, case, TileChoice::All, WHOLE);
}

/// Convolutions over depth, rows and columns: any of the three may be slid along, and spread.
#[test]
fn solver_equals_exhaustive_search_over_three_axes() {
    compare_all(share(0..300), deep_case, TileChoice::All, WHOLE);
    compare_all(share(300..340), deep_case, TileChoice::All, 1);
    compare_all(share(340..370), deep_case, TileChoice::Divisors, WHOLE);
    let seeds = (0..300_u64).into_par_iter();
    let slid = seeds.filter(|&seed| needs_sliding_in_depth(&deep_case(seed)));
    let slid = slid.count();
    assert!(slid >= 5, "{slid}");
}

/// Whether a case takes longer where nothing slides, and has a window in depth alone.
fn needs_sliding_in_depth(case: &Case) -> bool {
    let rules = Rules {
        sliding: false,
        ..Rules::default()
    };
    let slides = |(p, r): (Dim, Dim)| case.nest.extents[p] > 1 && case.nest.extents[r] > 1;
    LoopNest::WINDOW_DIMS.map(slides) == [false, false, true]
        && optimum(case, TileChoice::All) != optimum_with(case, TileChoice::All, rules)
}

#[test]
fn solver_equals_exhaustive_search_with_divisors() {
    compare_all(share(400..600), case, TileChoice::Divisors, WHOLE);
}

#[test]
fn solver_equals_exhaustive_search_where_uneven_tiles_matter() {
    compare_all(share(0..200), uneven_case, TileChoice::All, WHOLE);
}

/// Tiles, or element 0's share of them, that see only padding: no rows at all.
#[test]
fn tiles_in_the_padding_move_nothing() {
    for seed in [1749, 2699, 3477, 3769, 4123, 4671, 20157] {
        for longest_whole in [WHOLE, 1] {
            let outcome = compare(&case(seed), TileChoice::All, longest_whole);
            assert_eq!(outcome, Ok(()));
        }
    }
}

/// The output dimension of a window, cut a third time at the node of the weight: full tiles at
/// padded ends only, or (10663, without padding) fewer remainders.
#[test]
fn a_third_cut_of_a_window_is_found() {
    let seeds = [
        2424, 2470, 2548, 2875, 3163, 4257, 5436, 7462, 10302, 10607, 10663, 12065,
    ];
    let mut failures = Vec::new();
    for seed in seeds {
        for longest_whole in [WHOLE, 1] {
            let outcome = compare(&case(seed), TileChoice::All, longest_whole);
            failures.extend(outcome.err());
        }
    }
    assert_eq!(failures, Vec::<String>::new());
}

/// The kernel dimension is cut a third time at the node of the output.
#[test]
fn a_third_cut_of_many_taps_is_found() {
    compare_all(share(0..150), kernel_case, TileChoice::All, WHOLE);
    compare_all(share(230..260), kernel_case, TileChoice::All, 1);
}

#[test]
fn only_short_dimensions_are_cut_a_third_time_as_the_space_says() {
    let hardware = hardware(Path::new("inputs/hardware/shared-32x32.yaml")).expect("hardware");
    let gaps_of = |outputs: u64, channels: u64| {
        let mut nest = case(0).nest;
        nest.extents = PerDim::all(4);
        nest.extents[Dim::P] = outputs;
        nest.extents[Dim::K] = channels;
        let site = Site::new(&nest, &hardware);
        let of = |d| gaps(&site, d).len();
        [Dim::P, Dim::R, Dim::Q, Dim::K].map(of)
    };
    assert_eq!(gaps_of(LONGEST, LONGEST), [3, 3, 3, 3]);
    assert_eq!(gaps_of(LONGEST + 1, 4), [0, 0, 3, 3]);
    assert_eq!(gaps_of(4, LONGEST + 1), [3, 3, 3, 0]);
    let named =
        format!("dimensions of up to {LONGEST}, windows of up to {LONGEST} outputs and taps");
    assert!(Space::of(&hardware, false).extents.contains(&named));
}

/// Tiles of fewer outputs than the dilation hold none of the rows of the tile before.
#[test]
fn walks_with_dilation_equal_exhaustive_search() {
    compare_all(share(0..300), dilated_case, TileChoice::All, WHOLE);
    compare_all(share(300..400), dilated_case, TileChoice::All, 1);
}

/// The layer of `tests/examples/dilated.yaml`, and its hardware.
fn dilated() -> (LoopNest, Hardware) {
    let options = NetworkOptions::default();
    let network = network(Path::new("tests/examples/dilated.yaml"), &options).expect("network");
    let hardware = hardware(Path::new("tests/examples/dilated-hw.yaml")).expect("hardware");
    let LayerKind::MultiplyAccumulate(nest) = &network.layers[0].kind else {
        panic!("a loop nest");
    };
    (LoopNest::clone(nest), hardware)
}

/// In 40 bytes no mapping of this layer moves less than 417 bytes: with one output a tile its
/// neighbours, one output apart, share no row at a dilation of 2.
#[test]
fn a_dilated_layer_takes_417_cycles() {
    let (nest, hardware) = dilated();
    let solution = solve(&nest, &hardware, &SolveOptions::default());
    assert_eq!(solution.status(), Status::Optimal);
    let (mapping, cost) = solution.best.expect("a mapping");
    assert_eq!(cost.cycles, 417);
    assert_eq!(check(&nest, &hardware, &mapping, &cost), Ok(()));
}

/// The exhaustive search over all extents, orders and loops says the same, of traffic alone.
#[test]
#[ignore = "takes minutes: `./x bench exactness`"]
fn no_nest_of_the_dilated_layer_moves_less_than_417_bytes() {
    let (nest, mut hardware) = dilated();
    hardware.levels.truncate(2);
    let case = Case {
        seed: 0,
        nest,
        hardware,
    };
    let rules = Rules {
        free_steps: true,
        ..Rules::default()
    };
    assert_eq!(optimum_with(&case, TileChoice::All, rules), Some(417));
}

/// A description without an array is one with an array of one element.
#[test]
fn without_an_array_there_is_one_element() {
    let without = |seed: &u64| case(*seed).hardware.arrays().next().is_none();
    let seeds: Vec<u64> = share(0..300).filter(without).collect();
    assert!(enough(seeds.len(), 20), "{}", seeds.len());
    for seed in seeds {
        let Case { nest, hardware, .. } = case(seed);
        let mut one = hardware.clone();
        let axis = Axis {
            name: "only".to_owned(),
            size: 1,
            dims: DimSet::ALL,
            multicast: true,
            reduce: true,
        };
        one.levels.push(Level::Array(Array {
            name: "element".to_owned(),
            axes: vec![axis],
            split_dims: false,
        }));
        for longest_whole in [WHOLE, 1] {
            let options = SolveOptions {
                whole: [whole_chains(longest_whole); 2],
                ..SolveOptions::default()
            };
            let solutions = [&hardware, &one].map(|own| solve(&nest, own, &options));
            assert_eq!(solutions[0].status(), solutions[1].status(), "seed {seed}");
            assert_eq!(
                solutions[0].bound_cycles, solutions[1].bound_cycles,
                "seed {seed}"
            );
            let Some((mapping, cost)) = &solutions[0].best else {
                continue;
            };
            let mut on_one = mapping.clone();
            on_one.spatial = vec![ArrayMapping {
                level: one.levels.len() - 1,
                axes: vec![PerDim::all(1)],
            }];
            assert_eq!(
                evaluate(&nest, &one, &on_one).as_ref(),
                Ok(cost),
                "seed {seed}"
            );
            for (own, mapping) in [(&hardware, mapping), (&one, &on_one)] {
                assert_eq!(check(&nest, own, mapping, cost), Ok(()), "seed {seed}");
            }
        }
    }
}

/// Deep reuse in dimensions solved in parts: a part knows the tiles of its own slots only.
#[test]
fn parts_leave_deep_reuse_to_the_chains() {
    for seed in [6279, 6448, 6501, 6597] {
        assert_eq!(compare(&case(seed), TileChoice::All, 1), Ok(()));
    }
}

/// Long dimensions are solved in two parts, with bounds on what depends on both; here all are.
#[test]
fn solver_equals_exhaustive_search_in_parts() {
    compare_all(share(0..400), case, TileChoice::All, 1);
    compare_all(share(200..300), uneven_case, TileChoice::All, 1);
}

/// The kinds of cases of the long run: seeds, generator with its name, tiles.
type Batch = (Range<u64>, &'static str, fn(u64) -> Case, TileChoice, u64);

const LONG_RUN: [Batch; 6] = [
    (1_000..6_000, "case", case, TileChoice::All, WHOLE),
    (6_000..8_000, "case, in parts", case, TileChoice::All, 1),
    (6_000..8_000, "case", case, TileChoice::Divisors, WHOLE),
    (
        1_000..3_000,
        "uneven_case",
        uneven_case,
        TileChoice::All,
        WHOLE,
    ),
    (
        1_000..2_500,
        "kernel_case",
        kernel_case,
        TileChoice::All,
        WHOLE,
    ),
    (
        2_500..3_000,
        "kernel_case, in parts",
        kernel_case,
        TileChoice::All,
        1,
    ),
];

/// `BENCH_CASES` limits each kind to its first so many seeds, `BENCH_SEED` is added to all of them,
/// and `BENCH_OUT` is the folder of the outcome.
#[test]
#[ignore = "minutes; run by `./x bench exactness`"]
fn long_run() {
    let most = std::env::var("BENCH_CASES").map_or(u64::MAX, |n| n.parse().expect("a number"));
    let folder = std::env::var("BENCH_OUT").unwrap_or_else(|_| "results/exactness".to_owned());
    let mut text = String::from(
        "# Outcome\n\n| generator | seeds | tiles | cases | different |\n|---|---|---|--:|--:|\n",
    );
    let mut wrong = Vec::new();
    for (seeds, name, draw, tiles, longest_whole) in LONG_RUN {
        let seeds = seeds::of_run(seeds);
        let seeds = seeds.start..seeds.end.min(seeds.start.saturating_add(most));
        let found = failures(seeds.clone(), draw, tiles, longest_whole);
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
