//! Lower bounds that hold for every mapping: none of all mappings of a tiny problem has fewer
//! compute cycles, and none keeps a memory's ports busy for less than that memory's bounds.

use std::time::Duration;

use deepmatrix::cost::bound::lower_bounds;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::{Cost, LowerBounds, Status};
use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, Dim, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, Role, RoleSet, Tiles, Window,
};
use rayon::prelude::*;

use crate::cases::{enough, share};
use crate::mappings::Mappings;
use crate::mappings::generate::{self, Case};

/// Mappings beyond this number are too many for a case.
const MOST_MAPPINGS: u128 = 60_000;

/// What a mapping is below, if anything.
fn below(bounds: &LowerBounds, cost: &Cost) -> Option<String> {
    let more = |what: &str, bound: u128, found: u128| {
        (bound > found).then(|| format!("{what} bound {bound} above {found}"))
    };
    let memories = bounds.memories.iter().zip(&cost.memories);
    more("compute", bounds.compute, cost.compute_cycles)
        .or_else(|| more("best", bounds.best(), cost.cycles))
        .or_else(|| {
            memories
                .flat_map(|(bound, own)| {
                    assert_eq!(bound.level, own.level);
                    [
                        more("compulsory", bound.compulsory, own.busy_cycles),
                        more("Loomis-Whitney", bound.loomis_whitney, own.busy_cycles),
                    ]
                })
                .flatten()
                .next()
        })
}

/// What a set of cases exercises.
#[derive(Clone, Copy, Debug, Default)]
struct Exercised {
    mappings: u64,
    loomis_whitney: u64,
    inner_compulsory: u64,
    bypass: u64,
    separate: u64,
    two_arrays: u64,
    met: u64,
}

impl Exercised {
    fn plus(self, other: Self) -> Self {
        Self {
            mappings: self.mappings + other.mappings,
            loomis_whitney: self.loomis_whitney + other.loomis_whitney,
            inner_compulsory: self.inner_compulsory + other.inner_compulsory,
            bypass: self.bypass + other.bypass,
            separate: self.separate + other.separate,
            two_arrays: self.two_arrays + other.two_arrays,
            met: self.met + other.met,
        }
    }
}

fn hold(case: &Case) -> Result<Exercised, String> {
    let bounds = lower_bounds(&case.nest, &case.hardware);
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    let (mut count, mut best, mut wrong) = (0, u128::MAX, None);
    mappings.for_each(&mut |mapping, cost| {
        count += 1;
        best = best.min(cost.cycles);
        if wrong.is_none() {
            wrong = below(&bounds, cost).map(|what| format!("{what}: {mapping:?}"));
        }
    });
    if let Some(what) = wrong {
        let (seed, nest, hardware) = (case.seed, &case.nest, &case.hardware);
        return Err(format!("seed {seed}: {what}\n{nest:?}\n{hardware:?}"));
    }
    let memories = || case.hardware.memories().map(|(_, m)| m);
    let separate =
        |l: &Level| matches!(l, Level::Memory(m) if matches!(m.ports, Ports::Separate { .. }));
    let is = |yes: bool| u64::from(yes);
    Ok(Exercised {
        mappings: count,
        loomis_whitney: is(bounds.loomis_whitney() > 0),
        inner_compulsory: is(bounds.memories.iter().skip(1).any(|m| m.compulsory > 0)),
        bypass: is(memories().any(|m| Role::ALL.iter().any(|&r| m.may_bypass(r)))),
        separate: is(case.hardware.levels.iter().any(separate)),
        two_arrays: is(case.hardware.arrays().count() > 1),
        met: is(best == bounds.best()),
    })
}

fn of_all(seeds: std::ops::Range<u64>) -> Exercised {
    let results: Vec<Result<Exercised, String>> = seeds
        .into_par_iter()
        .map(|seed| hold(&generate::case(seed, MOST_MAPPINGS)))
        .collect();
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let failures: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
    assert!(
        failures.is_empty(),
        "{}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    let all = good.into_iter().filter_map(Result::ok);
    all.fold(Exercised::default(), Exercised::plus)
}

#[test]
fn no_mapping_is_below_a_bound() {
    let all = of_all(share(20_000..20_800));
    println!("{all:?}");
    assert!(
        enough(all.loomis_whitney, 19) && enough(all.inner_compulsory, 99),
        "{all:?}"
    );
    assert!(
        enough(all.bypass, 99) && enough(all.separate, 49) && enough(all.two_arrays, 24),
        "{all:?}"
    );
}

fn memory(name: &str, capacity: Option<u64>, ports: Ports) -> Level {
    Level::Memory(Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports,
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: false,
        alignment: Memory::DEFAULT_ALIGNMENT,
    })
}

fn hardware(levels: Vec<Level>) -> Hardware {
    Hardware {
        name: "directed".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Element 0 of three sees nothing but padding: the other elements' rows are not its own.
#[test]
fn element_0_may_stand_in_the_padding() {
    let write = Bandwidth::new(1, 8);
    let axis = Axis {
        name: "rows".to_owned(),
        size: 3,
        dims: DimSet::of(&[Dim::P]),
        multicast: true,
        reduce: true,
    };
    let array = Array {
        name: "pe".to_owned(),
        axes: vec![axis],
        split_dims: false,
    };
    let mut extents = PerDim::all(1);
    extents[Dim::P] = 3;
    extents[Dim::C] = 4;
    let window = Window {
        stride: 1,
        dilation: 1,
        padding: 1,
        rows: 1,
    };
    let precision = Precision {
        input: 32,
        weight: 1,
        output: 1,
        accumulator: 1,
    };
    let case = Case {
        seed: 0,
        nest: LoopNest::forward(extents, Window::planar([window, Window::NONE]), precision),
        hardware: hardware(vec![
            memory("dram", None, Ports::Shared(None)),
            Level::Array(array),
            memory("registers", Some(64), Ports::Separate { read: None, write }),
        ]),
    };
    let found = hold(&case).unwrap_or_else(|e| panic!("{e}"));
    assert!(found.mappings > 0);
}

/// Square products that do not fit: the least traffic is less than twice the Loomis–Whitney bound.
#[test]
fn loomis_whitney_is_near_the_least_traffic_of_a_product() {
    for (edge, bytes) in [(8, 6), (12, 12), (12, 18), (16, 20)] {
        let mut extents = PerDim::all(1);
        for d in [Dim::N, Dim::K, Dim::C] {
            extents[d] = edge;
        }
        let precision = Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 8,
        };
        let nest = LoopNest::forward(extents, [Window::NONE; Window::COUNT], precision);
        let hardware = hardware(vec![
            memory("dram", None, Ports::Shared(Bandwidth::new(1, 4))),
            memory("sram", Some(bytes), Ports::Shared(None)),
        ]);
        let solution = solve(&nest, &hardware, &SolveOptions::default());
        assert_eq!(solution.status(), Status::Optimal);
        let (_, cost) = solution.best.expect("a mapping");
        let (bound, least) = (
            solution.lower_bounds.loomis_whitney(),
            cost.memories[0].busy_cycles,
        );
        assert!(
            bound <= least && 2 * bound > least,
            "{edge}, {bytes}: {bound} of {least}"
        );
    }
}

/// Convolutions over memories that hold few of their elements, with strides, dilations and padding.
#[test]
fn no_mapping_of_a_convolution_moves_less_than_loomis_whitney() {
    let mut bounded = 0;
    for (stride, dilation, padding) in [
        (1, 1, 0),
        (1, 1, 1),
        (2, 1, 1),
        (1, 2, 2),
        (3, 2, 0),
        (2, 2, 2),
    ] {
        for bytes in [4, 8, 16, 40] {
            let (outputs, taps) = (6, 3);
            let span = (outputs - 1) * stride + (taps - 1) * dilation + 1;
            let window = Window {
                stride,
                dilation,
                padding,
                rows: span - 2 * padding,
            };
            let precision = Precision {
                input: 8,
                weight: 8,
                output: 8,
                accumulator: 8,
            };
            let extents = PerDim::planar([1, 1, 6, 6, outputs, outputs, taps, taps]);
            let nest = LoopNest::forward(extents, Window::planar([window; 2]), precision);
            let mut levels = vec![
                memory("dram", None, Ports::Shared(Bandwidth::new(1, 4))),
                memory("sram", Some(bytes), Ports::Shared(Bandwidth::new(1, 4))),
            ];
            if let Some(Level::Memory(sram)) = levels.last_mut() {
                sram.sliding_reuse = true;
            }
            let options = SolveOptions {
                time_limit: Some(Duration::from_millis(500)),
                ..SolveOptions::default()
            };
            let hardware = hardware(levels);
            let solution = solve(&nest, &hardware, &options);
            let (_, cost) = solution.best.expect("a mapping");
            let what = below(&solution.lower_bounds, &cost);
            assert!(
                what.is_none(),
                "{stride} {dilation} {padding} {bytes}: {what:?}"
            );
            bounded += u64::from(solution.lower_bounds.memories[0].loomis_whitney > 0);
        }
    }
    assert!(bounded >= 18, "{bounded}");
}
