//! What restrictions ask for is found even where it is never best: chains that others would
//! otherwise make useless, and factors that leave elements idle.

use std::sync::Arc;

use deepmatrix::engine::pareto::prune;
use deepmatrix::engine::{Group, Program, Term, Watch};
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dataflow, Dim, DimSet, Fixed, FixedArray,
    FixedMemory, Hardware, Level, LoopNest, Mapping, Memory, Overlap, PerDim, Ports, Precision,
    Role, RoleSet, Tiles, Window,
};
use deepmatrix::tiling::limits::WholeChains;

fn memory(name: &str, capacity: Option<u64>, bypass: RoleSet) -> Level {
    Level::Memory(Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(Bandwidth::new(2, 1)),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    })
}

fn axis(name: &str, size: u64, dims: &[Dim]) -> Axis {
    Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::of(dims),
        multicast: true,
        reduce: true,
    }
}

/// A buffer of some bytes above two axes.
fn hardware(bytes: u64, bypass: RoleSet, axes: Vec<Axis>) -> Hardware {
    Hardware {
        name: "dominated".to_owned(),
        source: None,
        clock_mhz: None,
        levels: vec![
            memory("dram", None, RoleSet::NONE),
            memory("sram", Some(bytes), bypass),
            Level::Array(Array {
                name: "pe".to_owned(),
                axes,
                split_dims: false,
            }),
        ],
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

fn nest(extents: &[(Dim, u64)]) -> LoopNest {
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
    LoopNest::forward(all, windows, precision)
}

fn solved(nest: &LoopNest, hardware: &Hardware, fixed: Vec<Fixed>, longest: u64) -> Mapping {
    let whole = WholeChains {
        longest,
        most: 0,
        boxes: false,
    };
    let mut options = SolveOptions {
        fixed: Arc::new(fixed),
        whole: [whole; 2],
        ..SolveOptions::default()
    };
    // The search itself must find it.
    options.switches.mapper.incumbent = false;
    let solution = solve(nest, hardware, &options);
    assert_eq!(solution.status(), Status::Optimal, "{:?}", solution.reason);
    solution.best.expect("a mapping").0
}

/// Five rows of the kernel take two steps on three elements as on four, but row stationary asks for
/// as many as there are.
#[test]
fn rows_cover_the_axis_though_fewer_elements_do() {
    let axes = vec![axis("rows", 4, &[Dim::R]), axis("cols", 2, &[Dim::P])];
    let mut hardware = hardware(64, RoleSet::NONE, axes);
    hardware.dataflow = vec![Dataflow::RowStationary];
    let nest = nest(&[(Dim::R, 5), (Dim::P, 4), (Dim::S, 3), (Dim::Q, 3)]);
    let mapping = solved(&nest, &hardware, Vec::new(), 40);
    assert_eq!(mapping.spatial[0].axes[0][Dim::R], 4);
    assert_eq!(mapping.spatial[0].axes[1][Dim::P], 2);
}

/// Four cut into 3 + 1 are as many tiles as 2 + 2, and larger ones.
#[test]
fn a_fixed_extent_is_found_though_a_smaller_one_does() {
    let hardware = hardware(64, RoleSet::ALL, vec![axis("rows", 2, &[Dim::C])]);
    let nest = nest(&[(Dim::K, 4), (Dim::N, 3), (Dim::C, 3)]);
    for (of, whole) in [
        (None, 40),
        (Some(Role::Output), 40),
        (None, 2),
        (Some(Role::Weight), 2),
    ] {
        let fixed = Fixed {
            memories: vec![FixedMemory {
                level: 1,
                keeps: Some(RoleSet::ALL),
                tiles: vec![(of, Dim::K, 3)],
                ..FixedMemory::default()
            }],
            ..Fixed::default()
        };
        let mapping = solved(&nest, &hardware, vec![fixed], whole);
        let own = mapping.order.iter().zip(&mapping.extents);
        let role = of.unwrap_or(Role::Output);
        let tile = own.into_iter().find(|(n, _)| n.role == role);
        assert_eq!(tile.map(|t| t.1[Dim::K]), Some(3), "{of:?}");
    }
}

/// Groups are relevant to all operands: one at a time, or all, is best, whatever the machine.
#[test]
fn groups_are_cut_as_is_fixed() {
    let hardware = hardware(64, RoleSet::NONE, vec![axis("rows", 2, &[Dim::C])]);
    let nest = nest(&[(Dim::G, 6), (Dim::K, 3), (Dim::C, 2)]);
    let fixed = Fixed {
        memories: vec![FixedMemory {
            level: 1,
            tiles: vec![(Some(Role::Input), Dim::G, 4)],
            ..FixedMemory::default()
        }],
        ..Fixed::default()
    };
    let mapping = solved(&nest, &hardware, vec![fixed], 40);
    let input = mapping.order.iter().position(|n| n.role == Role::Input);
    assert_eq!(input.map(|i| mapping.extents[i][Dim::G]), Some(4));
}

/// Rows and columns are alike until one of them is fixed.
#[test]
fn columns_slide_where_that_is_fixed() {
    let hardware = hardware(24, RoleSet::NONE, vec![axis("rows", 2, &[Dim::C])]);
    let nest = nest(&[
        (Dim::P, 4),
        (Dim::Q, 4),
        (Dim::R, 2),
        (Dim::S, 2),
        (Dim::K, 2),
    ]);
    let fixed = Fixed {
        memories: vec![FixedMemory {
            level: 1,
            slide: Some(Dim::Q),
            ..FixedMemory::default()
        }],
        ..Fixed::default()
    };
    let mapping = solved(&nest, &hardware, vec![fixed], 40);
    assert_eq!(mapping.slides, [(1, Dim::Q)]);
}

/// Equal axes are alike until a factor on one of them is fixed.
#[test]
fn the_second_of_two_equal_axes_has_what_is_fixed() {
    let both = [Dim::K, Dim::C];
    let axes = vec![axis("rows", 2, &both), axis("cols", 2, &both)];
    let hardware = hardware(64, RoleSet::NONE, axes);
    let nest = nest(&[(Dim::K, 6), (Dim::C, 2)]);
    let fixed = Fixed {
        arrays: vec![FixedArray {
            level: 2,
            factors: vec![(1, Dim::K, 2)],
        }],
        ..Fixed::default()
    };
    let mapping = solved(&nest, &hardware, vec![fixed], 40);
    assert_eq!(mapping.spatial[0].axes[1][Dim::K], 2);
}

/// A buffer of three bytes holds one element of each operand, so that of four elements along
/// the axis three are idle.
#[test]
fn a_fixed_factor_may_leave_elements_idle() {
    for whole in [40, 2] {
        let hardware = hardware(3, RoleSet::NONE, vec![axis("rows", 4, &[Dim::K, Dim::C])]);
        let nest = nest(&[(Dim::K, 6), (Dim::C, 5)]);
        let fixed = Fixed {
            arrays: vec![FixedArray {
                level: 2,
                factors: vec![(0, Dim::K, 4)],
            }],
            ..Fixed::default()
        };
        let mapping = solved(&nest, &hardware, vec![fixed], whole);
        assert_eq!(mapping.spatial[0].axes[0][Dim::K], 4);
    }
}

/// A box has values that none of its chains may have: it is dropped for a chain, never the other
/// way round.
#[test]
fn what_stands_for_many_makes_nothing_useless() {
    let program = |exact: Option<[bool; 4]>| Program {
        groups: vec![Group {
            columns: 4,
            terms: vec![Some(Arc::new(vec![0.0, 1.0, 2.0, 2.0]))],
            exact: exact.map(|own| Arc::new(own.to_vec())),
            ..Group::default()
        }],
        terms: vec![Term {
            constant: 0.0,
            concave: None,
        }],
        ..Program::default()
    };
    let left = |exact: Option<[bool; 4]>| {
        let mut active = vec![Arc::new(vec![0, 1, 2, 3])];
        prune(&program(exact), &mut active, &Watch::default());
        active[0].to_vec()
    };
    assert_eq!(left(None), [0]);
    assert_eq!(left(Some([true; 4])), [0]);
    assert_eq!(left(Some([false; 4])), [0, 1, 2, 3]);
    assert_eq!(left(Some([false, true, false, false])), [0, 1]);
    assert_eq!(left(Some([false, false, false, true])), [0, 1, 3]);
}
