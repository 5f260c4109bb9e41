//! The solver's cycles, ties, energy and energy-delay product are those of an exhaustive search over
//! all nests where operands go around memories, buffers are single or doubled, ports are separate,
//! axes do not share data, dimensions lie over several axes, and there are three memories or two
//! arrays.

use crate::cases::{enough, share};
use crate::exhaustive::Case;
use crate::exhaustive::backward::backward_feature_case;
use crate::exhaustive::features::{
    buffer_case, deep_feature_case, feature_case, padded_deep_case, scratchpad_case,
};
use crate::exhaustive::general::{Objective, size};
use crate::machine;
use crate::optimum::{compare, solved};
use crate::seeds;
use deepmatrix::problem::{
    AccessEnergy, Bandwidth, Bytes, Dim, Hardware, Level, LoopNest, Memory, PerDim, Ports,
    Precision, Role, RoleSet, Tiles, Window,
};
use rayon::prelude::*;

/// Cuts beyond which a case takes too long.
const MOST_CUTS: u128 = 150_000;

/// Compares the cases of some seeds that are not too large; how many these are.
fn compare_all(seeds: std::ops::Range<u64>, objective: Objective) -> usize {
    compare_drawn(seeds, feature_case, objective)
}

fn compare_drawn(
    seeds: std::ops::Range<u64>,
    draw: fn(u64) -> Case,
    objective: Objective,
) -> usize {
    let cases: Vec<Case> = seeds
        .map(draw)
        .filter(|case| size(case) <= MOST_CUTS)
        .collect();
    let wrong: Vec<String> = cases
        .par_iter()
        .filter_map(|case| compare(case, objective).err())
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    cases.len()
}

#[test]
fn cycles_and_ties_equal_exhaustive_search() {
    let compared = compare_all(share(0..260), Objective::Cycles);
    assert!(enough(compared, 200), "{compared}");
}

/// Convolutions in depth, by every measure.
#[test]
fn convolutions_in_depth_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, deep_feature_case, objective);
    assert!(enough(compared(share(0..80), Objective::Cycles), 50));
    assert!(enough(compared(share(80..160), Objective::Energy), 50));
    assert!(enough(
        compared(share(160..200), Objective::EnergyDelay),
        25
    ));
}

/// The same with strides, gaps and padding in depth.
#[test]
fn padded_convolutions_in_depth_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, padded_deep_case, objective);
    assert!(enough(compared(share(0..40), Objective::Cycles), 20));
    assert!(enough(compared(share(40..60), Objective::Energy), 10));
}

#[test]
fn energy_equals_exhaustive_search() {
    assert!(enough(compare_all(share(400..500), Objective::Energy), 70));
}

#[test]
fn energy_delay_products_equal_exhaustive_search() {
    assert!(enough(
        compare_all(share(560..660), Objective::EnergyDelay),
        70
    ));
}

#[test]
#[ignore = "minutes"]
fn many_more_scratchpads_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, scratchpad_case, objective);
    compared(1_000..1_100, Objective::Cycles);
    compared(1_100..1_400, Objective::Energy);
    compared(1_400..1_550, Objective::EnergyDelay);
}

/// Elements with memories of their own for one or two operands, and without energy of idle cycles,
/// where steps tell no chains apart.
#[test]
fn scratchpads_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, scratchpad_case, objective);
    assert!(enough(compared(share(20..50), Objective::Cycles), 15));
    assert!(enough(compared(share(100..160), Objective::Energy), 30));
    assert!(enough(
        compared(share(300..330), Objective::EnergyDelay),
        15
    ));
}

/// Buffers above the array for one or two operands each.
#[test]
fn separate_buffers_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, buffer_case, objective);
    assert!(enough(compared(share(0..60), Objective::Cycles), 40));
    assert!(enough(compared(share(100..150), Objective::Energy), 30));
    assert!(enough(
        compared(share(200..230), Objective::EnergyDelay),
        15
    ));
}

#[test]
fn backward_passes_equal_exhaustive_search() {
    let compared = |seeds, objective| compare_drawn(seeds, backward_feature_case, objective);
    assert!(enough(compared(share(0..90), Objective::Cycles), 60));
    assert!(enough(compared(share(150..190), Objective::Energy), 25));
    assert!(enough(
        compared(share(220..260), Objective::EnergyDelay),
        25
    ));
}

#[test]
#[ignore = "minutes"]
fn many_more_equal_exhaustive_search() {
    compare_all(260..400, Objective::Cycles);
    compare_all(500..560, Objective::Energy);
    compare_all(660..720, Objective::EnergyDelay);
    let compared = |seeds, objective| compare_drawn(seeds, backward_feature_case, objective);
    compared(90..150, Objective::Cycles);
    compared(190..220, Objective::Energy);
    compared(260..290, Objective::EnergyDelay);
    for objective in [Objective::Cycles, Objective::Energy, Objective::EnergyDelay] {
        compare_all(seeds::of_run(10_000..12_000), objective);
    }
}

/// Five rows on three elements, two for each: the tile of the elements' memory for inputs and
/// outputs is larger than that of the buffer around it, with a memory for weights in between that
/// no row takes part in.
#[test]
fn a_memory_in_between_makes_no_cut_of_tiles_larger_than_those_around() {
    let memory = |name, bytes: Option<u64>, pj, holds: &[Role]| Memory {
        capacity: bytes.map(Bytes),
        energy: AccessEnergy::both(Some(pj)),
        holds: RoleSet::of(holds),
        ..machine::memory(name)
    };
    let ported = |bytes, memory| Memory {
        ports: Ports::Shared(Bandwidth::new(bytes, 1)),
        ..memory
    };
    let shared = |memory| Memory {
        tiles: Tiles::Shared,
        ..memory
    };
    let others = [Role::Input, Role::Output];
    let levels = vec![
        Level::Memory(ported(4, memory("dram", None, 20.0, &Role::ALL))),
        Level::Memory(ported(3, memory("sram", Some(100), 10.0, &Role::ALL))),
        machine::array(vec![machine::axis("rows", 3, &[Dim::N])]),
        Level::Memory(shared(memory("pad", Some(1), 0.1, &[Role::Weight]))),
        Level::Memory(shared(memory("pad", Some(6), 0.1, &others))),
    ];
    let hardware = Hardware {
        energy_pj_per_mac: Some(0.5),
        ..machine::hardware("in_between", levels)
    };
    let mut extents = PerDim::all(1);
    extents[Dim::N] = 5;
    extents[Dim::C] = 4;
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    let case = Case {
        seed: 0,
        nest: LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision),
        hardware,
    };
    for objective in [Objective::Cycles, Objective::Energy, Objective::EnergyDelay] {
        compare(&case, objective).expect("the same optimum");
    }
    let found = solved(&case, Objective::Cycles).expect("a proof");
    assert_eq!(found.map(|best| best.cycles), Some(20));
}
