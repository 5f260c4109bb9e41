//! A law for each rule of `formulations/pruning.md`: a tiny case in which a wrong version of just
//! this rule changes what is found.
//!
//! What is expected was found by exhaustive search or by hand. The search has no first mapping, no
//! rounding and no bound for any mapping, so that it must find the optimum itself.

use crate::exhaustive::Case;
use crate::exhaustive::features::{deep_feature_case, feature_case, scratchpad_case};
use crate::exhaustive::generate::{kernel_case, small_case, uneven_case};
use crate::switches::{Asked, Kind, least, same};
use deepmatrix::exact::{MethodSwitches, SolveOptions, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Mapping,
    Memory, Overlap, PerDim, Ports, Precision, RoleSet, Tiles, Window,
};

/// Everything but a first mapping, rounding and the bound for any mapping; and the same without a
/// rule.
fn with_and_without(rule: &str) -> [MethodSwitches; 2] {
    let mut with = MethodSwitches::default();
    with.mapper.incumbent = false;
    with.mapper.lower_bound = rule == "PRU31";
    with.tree.rounding = false;
    let mut without = with;
    let mut found = 0;
    for (switch, (id, _)) in without.each().zip(MethodSwitches::rules()) {
        if id == rule {
            *switch = false;
            found += 1;
        }
    }
    assert_eq!(found, 1, "{rule}");
    [with, without]
}

/// The least is found with and without a rule.
fn law(rule: &str, case: &Case, asked: Asked, expected: f64) {
    for switches in with_and_without(rule) {
        let found = least(case, asked, switches);
        let expected = (Status::Optimal, Some(expected));
        assert!(same(found, expected), "{rule}: {found:?}, {expected:?}");
    }
}

const CYCLES: Asked = Asked::CYCLES;
const PARTS: Asked = Asked {
    kind: Kind::Parts,
    ..CYCLES
};
const BOXES: Asked = Asked {
    kind: Kind::Boxes,
    ..CYCLES
};
const ENERGY: Asked = Asked {
    measure: Measure::Energy,
    ..CYCLES
};

fn memory(name: &str, capacity: Option<u64>, bytes_per_cycle: Option<u64>) -> Memory {
    Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(bytes_per_cycle.and_then(|bytes| Bandwidth::new(bytes, 1))),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// Two memories above a row of elements.
fn case(extents: &[(Dim, u64)], memories: [Memory; 2], axis: (u64, &[Dim])) -> Case {
    let mut all = PerDim::all(1);
    for &(d, extent) in extents {
        all[d] = extent;
    }
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| Window {
        rows: all[p] + all[r] - 1,
        ..Window::NONE
    });
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 8,
    };
    let axis = Axis {
        name: "row".to_owned(),
        size: axis.0,
        dims: DimSet::of(axis.1),
        multicast: true,
        reduce: true,
    };
    let [outer, inner] = memories.map(Level::Memory);
    let array = Level::Array(Array {
        name: "pe".to_owned(),
        axes: vec![axis],
        split_dims: false,
    });
    Case {
        seed: 0,
        nest: LoopNest::forward(all, windows, precision),
        hardware: Hardware {
            name: "law".to_owned(),
            source: None,
            clock_mhz: None,
            levels: vec![outer, inner, array],
            energy_pj_per_mac: None,
            static_pj_per_cycle: None,
            vector_lanes: None,
            dataflow: Vec::new(),
        },
    }
}

/// Every element of an axis has something to do.
#[test]
fn needless_factors_leave_the_one_that_fills_the_axis() {
    law("PRU1", &small_case(6), CYCLES, 4.0);
}

/// Axes of which one takes other dimensions are not equal.
#[test]
fn equal_axes_are_equal_in_everything() {
    law("PRU2", &scratchpad_case(3), ENERGY, 442.5);
}

/// A tile that fits to the last bit is not left out.
#[test]
fn capacity_leaves_the_tile_that_just_fits() {
    law("PRU3", &small_case(2), CYCLES, 24.0);
}

/// A memory of two groups of four: only with both of them in it have both elements something to do.
#[test]
fn groups_are_cut_into_tiles_that_fill_the_array() {
    let memories = [memory("dram", None, None), memory("sram", Some(6), None)];
    let case = case(&[(Dim::G, 4)], memories, (2, &[Dim::G]));
    law("PRU4", &case, CYCLES, 2.0);
}

/// A slot that one class does not use is cut in another one.
#[test]
fn unused_slots_are_those_of_no_class() {
    law("PRU10", &feature_case(7), CYCLES, 11.0);
    law("PRU10", &deep_feature_case(2), CYCLES, 10.0);
}

/// Two outputs times two taps fill an axis of four elements.
#[test]
fn axis_pairs_may_fill_the_axis() {
    let memories = [memory("dram", None, None), memory("sram", None, None)];
    let case = case(
        &[(Dim::P, 2), (Dim::R, 2)],
        memories,
        (4, &[Dim::P, Dim::R]),
    );
    law("PRU11", &case, CYCLES, 1.0);
}

/// An outer extent that is just worth a factor goes with it.
#[test]
fn factor_need_is_the_least_that_is_worth_it() {
    law("PRU12", &small_case(6), PARTS, 4.0);
    law("PRU12", &uneven_case(2), PARTS, 27.0);
}

/// Parts that just fit together make a pair.
#[test]
fn couplings_leave_parts_that_just_fit() {
    law("PRU17", &kernel_case(1), PARTS, 12.0);
}

/// A pair of parts that costs all that the bound leaves is written out.
#[test]
fn pair_prices_leave_what_the_bound_leaves() {
    law("PRU18", &kernel_case(8), PARTS, 24.0);
}

/// So is a chain of such a pair.
#[test]
fn chain_prices_leave_what_the_bound_leaves() {
    law("PRU19", &kernel_case(8), PARTS, 24.0);
}

/// Outputs and taps of rows and of columns, two memories of which each may slide along either.
fn two_windows(seed: u64) -> Case {
    let mut case = feature_case(seed);
    let mut extents = PerDim::all(1);
    extents[Dim::P] = 2 + seed % 3;
    extents[Dim::Q] = 2 + (seed / 3) % 4;
    extents[Dim::R] = 2;
    extents[Dim::S] = 2 + (seed / 12) % 2;
    let windows = LoopNest::WINDOW_DIMS.map(|(p, r)| Window {
        rows: extents[p] + extents[r] - 1,
        ..Window::NONE
    });
    case.nest = LoopNest::forward(extents, windows, case.nest.precision);
    for level in &mut case.hardware.levels {
        if let Level::Memory(memory) = level {
            memory.sliding_reuse = true;
        }
    }
    case
}

/// A box that costs all that the bound leaves is halved on.
#[test]
fn box_prices_leave_what_the_bound_leaves() {
    law("PRU20", &small_case(15), BOXES, 112.0);
    law("PRU20", &uneven_case(24), BOXES, 80.0);
}

/// Rows and columns of other lengths do not mirror each other.
#[test]
fn equal_windows_are_equal_in_everything() {
    law("PRU21", &two_windows(22), CYCLES, 68.0);
}

/// Each operand can be the stationary one of a memory of shared tiles.
#[test]
fn shared_orders_have_every_operand_first() {
    law("PRU22", &small_case(10), CYCLES, 36.0);
    law("PRU22", &uneven_case(5), CYCLES, 48.0);
}

/// Transfers of a memory without a capacity overlap with the steps.
#[test]
fn endless_doubling_is_free() {
    let mut sram = memory("sram", None, None);
    sram.overlap = Overlap::Choose;
    let memories = [memory("dram", None, Some(1)), sram];
    // 4 + 16 + 4 bytes; the steps are 16.
    let case = case(&[(Dim::K, 4), (Dim::C, 4)], memories, (1, &[Dim::K]));
    law("PRU23", &case, CYCLES, 24.0);
}

/// A node whose bound is below the best mapping may hold a better one.
#[test]
fn bound_closes_what_is_no_better() {
    let memories = [memory("dram", None, Some(2)), memory("sram", Some(6), None)];
    let case = case(
        &[(Dim::N, 2), (Dim::K, 2), (Dim::C, 2)],
        memories,
        (2, &[Dim::N, Dim::K, Dim::C]),
    );
    law("PRU24", &case, CYCLES, 8.0);
    // Without the rule these would take too long.
    for (case, asked, expected) in [
        (kernel_case(1), PARTS, 12.0),
        (uneven_case(110), BOXES, 23.0),
    ] {
        let [with, _] = with_and_without("PRU24");
        let found = least(&case, asked, with);
        assert!(same(found, (Status::Optimal, Some(expected))), "{found:?}");
    }
}

/// A column within what the bound leaves may be part of the optimum.
#[test]
fn filter_leaves_what_the_bound_leaves() {
    law("PRU25", &small_case(9), CYCLES, 54.0);
}

/// A column that is smaller in one thing is not dominated.
#[test]
fn dominance_compares_every_term() {
    law("PRU26", &small_case(1), CYCLES, 36.0);
    law("PRU26", &uneven_case(8), CYCLES, 69.0);
}

/// Prices are exceeded by what is dearer than an improvement, not by what is as dear.
#[test]
fn partial_prices_leave_what_the_bound_leaves() {
    law("PRU27", &small_case(1), CYCLES, 36.0);
}

/// A choice that meets the rows just so is visited.
#[test]
fn partial_rows_leave_what_just_fits() {
    law("PRU28", &uneven_case(1), CYCLES, 27.0);
}

/// Operands that are loaded whole take their space once.
#[test]
fn footprints_are_those_of_some_mapping() {
    let mut sram = memory("sram", Some(5), None);
    sram.overlap = Overlap::DoubleBuffer;
    let memories = [memory("dram", None, None), sram];
    let case = case(&[(Dim::K, 2)], memories, (1, &[Dim::K]));
    law("PRU30", &case, CYCLES, 2.0);
}

/// A mapping that meets the bound for any mapping is optimal, and none is below it.
#[test]
fn lower_bound_is_met_by_the_optimum() {
    law("PRU31", &kernel_case(1), CYCLES, 12.0);
}

/// A bound from elsewhere ends the search at its value and not before: a mapping of three cycles is
/// no optimum where two are bound to be.
#[test]
fn known_bound_ends_the_search_at_its_value() {
    let of = |dims: &[Dim]| {
        let memories = [memory("dram", None, None), memory("sram", None, None)];
        case(&[(Dim::K, 3)], memories, (2, dims))
    };
    let solved = |case: &Case, switches, start: Vec<Mapping>, known_bound| {
        let options = SolveOptions {
            start,
            known_bound,
            switches,
            ..SolveOptions::default()
        };
        let best = solve(&case.nest, &case.hardware, &options).best;
        best.expect("a mapping")
    };
    let (slow, cost) = solved(&of(&[Dim::C]), MethodSwitches::default(), Vec::new(), 0);
    assert_eq!(cost.cycles, 3);
    for switches in with_and_without("PRU32") {
        let (_, cost) = solved(&of(&[Dim::K]), switches, vec![slow.clone()], 2);
        assert_eq!(cost.cycles, 2);
    }
}

/// One cycle less is an improvement.
#[test]
fn whole_numbers_leave_an_improvement_of_one() {
    law("PRU33", &small_case(1), CYCLES, 36.0);
    law("PRU33", &kernel_case(1), CYCLES, 12.0);
}
