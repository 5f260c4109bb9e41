//! The exact cost of a mapping agrees with the exhaustive search: the best of all mappings of the
//! library's type takes as many cycles as the best of all nests.

#[expect(dead_code, reason = "other tests use the rest")]
mod exhaustive;
mod mappings;

use deepmatrix::check::check;
use deepmatrix::cost::evaluate;
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{
    AccessEnergy, Bandwidth, Dim, Hardware, Level, LoopNest, Mapping, Memory, Overlap, PerDim,
    Ports, Precision, RoleSet, Tiles, Window,
};

use exhaustive::{Case, TileChoice, generate, optimum};
use mappings::{Mappings, may_fit};

/// Mappings of one case beyond this number are too many for a test of seconds, and for one of minutes.
const MOST_MAPPINGS: [u128; 2] = [250_000, 6_000_000];

/// Every how many mappings one is checked.
const CHECKED: u64 = 97;

/// The best mapping of a case, some of the mappings being checked.
fn best_mapping(case: &Case, choice: TileChoice) -> Option<(Mapping, Cost)> {
    let mut best: Option<(Mapping, Cost)> = None;
    let mut seen = 0_u64;
    Mappings::new(case, choice).for_each(&mut |mapping| {
        if !may_fit(case, mapping) {
            return;
        }
        let Ok(cost) = evaluate(&case.nest, &case.hardware, mapping) else {
            return;
        };
        seen += 1;
        if seen.is_multiple_of(CHECKED) {
            verify(case, mapping, &cost);
        }
        if best.as_ref().is_none_or(|b| cost.cycles < b.1.cycles) {
            best = Some((mapping.clone(), cost));
        }
    });
    if let Some((mapping, cost)) = &best {
        verify(case, mapping, cost);
    }
    best
}

/// The checker accepts the cost.
fn verify(case: &Case, mapping: &Mapping, cost: &Cost) {
    if let Err(error) = check(&case.nest, &case.hardware, mapping, cost) {
        panic!("seed {}: {error}\n{mapping:?}\n{cost:?}", case.seed);
    }
}

/// Compares both optima over the cases whose mappings are few enough, and says how many these are.
fn compare(cases: impl Iterator<Item = Case>, most_mappings: u128, choice: TileChoice) -> usize {
    let mut compared = 0;
    let mut different = Vec::new();
    for case in cases {
        if Mappings::new(&case, choice).count() > most_mappings {
            continue;
        }
        compared += 1;
        let nest = optimum(&case, choice);
        let mapping = best_mapping(&case, choice).map(|b| b.1.cycles);
        if mapping != nest {
            different.push((case.seed, nest, mapping));
        }
    }
    assert!(
        different.is_empty(),
        "seed, best nest, best mapping: {different:?}"
    );
    compared
}

/// Cases with tiles per operand above registers, the only ones with deep reuse between nodes.
fn deep_cases(seeds: std::ops::Range<u64>) -> impl Iterator<Item = Case> {
    seeds.map(generate::small_case).filter(|c| {
        let sram = c.hardware.memories().nth(1);
        c.hardware.has_memory_below_arrays() && sram.is_some_and(|m| m.1.tiles == Tiles::PerOperand)
    })
}

#[test]
fn best_mapping_is_best_nest() {
    let cases = (0..70).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::All) > 50);
}

#[test]
fn best_mapping_is_best_nest_of_divisors() {
    let cases = (100..150).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::Divisors) > 40);
}

#[test]
fn best_mapping_is_best_nest_with_deep_reuse() {
    assert!(compare(deep_cases(5000..5300), MOST_MAPPINGS[0], TileChoice::All) > 10);
}

#[test]
#[ignore = "minutes"]
fn best_mapping_is_best_nest_of_many() {
    let cases = (1000..1600).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::All) > 400);
    let cases = (2000..2400).map(generate::small_case);
    assert!(compare(cases, MOST_MAPPINGS[0], TileChoice::Divisors) > 300);
}

#[test]
#[ignore = "minutes"]
fn best_mapping_is_best_nest_of_many_with_deep_reuse() {
    let cases = deep_cases(6000..8000);
    assert!(compare(cases, MOST_MAPPINGS[1], TileChoice::All) > 50);
}

#[test]
fn without_registers_every_step_reads_its_input() {
    // Two weights times one input, a byte each and 16 bits for a partial sum. The SRAM's port
    // moves 1 + 2 bytes in and 2 results out on the outer side; on the inner side each of the two
    // steps reads 2 bytes and writes 1: 11 bytes. An input kept over both steps would save one.
    let mut extents = PerDim::all(1);
    extents[Dim::K] = 2;
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    let memory = |name: &str, limit| {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: None,
            ports: Ports::Shared(limit),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::Ideal,
            tiles: Tiles::PerOperand,
            sliding_reuse: true,
        })
    };
    let case = Case {
        seed: 0,
        nest: LoopNest::forward(extents, [Window::NONE; 2], precision),
        hardware: Hardware {
            name: "no registers".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![memory("dram", None), memory("sram", Bandwidth::new(1, 1))],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes: None,
        },
    };
    assert_eq!(optimum(&case, TileChoice::All), Some(11));
    let best = best_mapping(&case, TileChoice::All);
    assert_eq!(best.map(|b| b.1.cycles), Some(11));
}
