//! More of anything never costs cycles, and what a proof on one piece of hardware says of another
//! one holds there.

use std::path::Path;

use deepmatrix::mapper::exact::{SolveOptions, search_anew};
use deepmatrix::mapper::monotone::{covers, scaled_bound};
use deepmatrix::problem::result::{Proof, Solution, Status};
use deepmatrix::problem::{Dim, Hardware, LoopNest, PerDim, Precision, Window};
use deepmatrix::read::vary::Template;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Values of the varied fields, each from less to more.
const FIELDS: [(&str, &[&str]); 6] = [
    ("sram.capacity_bytes", &["48", "96", "100", "400"]),
    ("dram.bandwidth_bytes_per_cycle", &["0.5", "1", "1.5", "4"]),
    ("sram.bandwidth_bytes_per_cycle", &["1", "2", "7", "16"]),
    ("pe.rows.size", &["1", "2", "3", "4"]),
    ("pe.cols.size", &["1", "2", "3", "5"]),
    (
        "dataflow",
        &["row_stationary", "output_stationary", "any", "any"],
    ),
];

fn nest(random: &mut ChaCha8Rng) -> LoopNest {
    let mut extents = PerDim::all(1);
    for (d, most) in [
        (Dim::K, 6),
        (Dim::C, 5),
        (Dim::P, 6),
        (Dim::Q, 4),
        (Dim::R, 3),
    ] {
        extents[d] = random.random_range(1..=most);
    }
    let window = |outputs: u64, taps: u64| Window {
        stride: 1,
        dilation: 1,
        padding: 0,
        rows: outputs + taps - 1,
    };
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    let windows = Window::planar([
        window(extents[Dim::P], extents[Dim::R]),
        window(extents[Dim::Q], 1),
    ]);
    LoopNest::forward(extents, windows, precision)
}

/// Hardware with random values, as places in [`FIELDS`].
fn places(random: &mut ChaCha8Rng) -> Vec<usize> {
    FIELDS.iter().map(|_| random.random_range(0..4)).collect()
}

fn hardware(template: &Template, places: &[usize]) -> Hardware {
    let settings = FIELDS.iter().zip(places);
    let settings: Vec<(&str, &str)> = settings.map(|((f, v), &p)| (*f, v[p])).collect();
    template.read_hardware(&settings).expect("hardware")
}

fn solve(nest: &LoopNest, hardware: &Hardware) -> Solution {
    search_anew(nest, hardware, &SolveOptions::default())
}

fn cycles(solution: &Solution) -> Option<u128> {
    solution.best.as_ref().map(|best| best.1.cycles)
}

#[test]
fn mappings_and_bounds_go_where_the_law_says() {
    let template = Template::hardware(Path::new("inputs/tiny/tiny-hw.yaml")).expect("a file");
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let (mut covered, mut scaled, mut met) = (0, 0, 0);
    for case in 0..150 {
        let nest = nest(&mut random);
        let less = places(&mut random);
        // In most cases more of one or two things, in some just other hardware.
        let mut more = if case % 5 == 0 {
            places(&mut random)
        } else {
            less.clone()
        };
        for _ in 0..2 {
            let index = *(0..FIELDS.len())
                .collect::<Vec<_>>()
                .choose(&mut random)
                .expect("one");
            more[index] = random.random_range(more[index]..4);
        }
        let (less, more) = (hardware(&template, &less), hardware(&template, &more));
        let (on_less, on_more) = (solve(&nest, &less), solve(&nest, &more));
        let what = format!("{nest:?}\n{less:?}\n{more:?}");
        if covers(&nest, &more, &less) {
            covered += 1;
            if let Some(least) = cycles(&on_less) {
                assert!(cycles(&on_more).is_some_and(|c| c <= least), "{what}");
                assert!(on_more.bound_cycles <= least, "{what}");
            }
        }
        for ((fast, on_fast), (slow, on_slow)) in [
            ((&more, &on_more), (&less, &on_less)),
            ((&less, &on_less), (&more, &on_more)),
        ] {
            let bound = scaled_bound(&nest, fast, slow, on_slow.bound_cycles);
            let (Some(bound), Some(cycles)) = (bound, cycles(on_fast)) else {
                continue;
            };
            scaled += 1;
            met += usize::from(bound == cycles);
            assert!(bound <= cycles, "{bound} > {cycles}: {what}");
        }
    }
    assert!(
        covered > 50 && scaled > 50 && met > 10,
        "{covered} {scaled} {met}"
    );
}

#[test]
fn longer_axes_may_forbid_row_stationary_mappings() {
    let template = Template::hardware(Path::new("inputs/tiny/tiny-hw.yaml")).expect("a file");
    let row = |size: &str| {
        let settings = [("dataflow", "row_stationary"), ("pe.rows.size", size)];
        template.read_hardware(&settings).expect("hardware")
    };
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut nest = nest(&mut random);
    nest.extents[Dim::R] = 3;
    // Two elements take two of three rows, and three or four all of them.
    assert!(!covers(&nest, &row("3"), &row("2")));
    assert!(covers(&nest, &row("4"), &row("3")));
}

#[test]
fn a_known_bound_ends_the_search_and_is_told() {
    let template = Template::hardware(Path::new("inputs/tiny/tiny-hw.yaml")).expect("a file");
    let hardware = template.read_hardware(&[]).expect("hardware");
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let mut told = 0;
    for _ in 0..30 {
        let nest = nest(&mut random);
        let alone = solve(&nest, &hardware);
        let (mapping, cost) = alone.best.clone().expect("a mapping");
        let options = SolveOptions {
            known_bound: cost.cycles,
            start: vec![mapping],
            ..SolveOptions::default()
        };
        let told_so = search_anew(&nest, &hardware, &options);
        assert_eq!(cycles(&told_so), Some(cost.cycles));
        assert_eq!(told_so.status(), Status::Optimal);
        if alone.proof() == Proof::Milp {
            assert_eq!(told_so.proof(), Proof::Monotone);
            assert_eq!(told_so.statistics.nodes, 0);
            told += 1;
        }
    }
    assert!(told > 3, "{told}");
}
