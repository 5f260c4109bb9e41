//! The fastest way to run each stage of random tiny steps, against an exhaustive search that walks
//! tiles as sets of elements.

use deepmatrix::memory::{self, StageOptions};
use deepmatrix::problem::access::{
    Access, AccessDim, AccessPlace, AccessWork, Accesses, AxisIndex,
};
use deepmatrix::problem::graph::TensorKind;
use deepmatrix::problem::port::{Direction, Directions, Port};
use deepmatrix::problem::schedule::{Operation, Schedule, Tensor};
use deepmatrix::problem::{
    Bandwidth, Bytes, Dim, Hardware, LoopNest, PerDim, Precision, Role, Window,
};

use crate::fused::case::{self, Case, Index, Machine, Ports, Unit};
use crate::fused::price::{Place, Price, Prices};
use crate::fused::random::{self, KINDS};
use crate::fused::search::{self, Options};
use crate::fused::stage::Stage;

/// Every box takes a cycle for each multiply-accumulate or vector operation, and moves each operand
/// once, without room of its own.
struct Bare<'a>(&'a Case);

impl Prices for Bare<'_> {
    fn of(
        &self,
        operation: usize,
        extents: &[usize],
        touched: &[u64],
        places: &[Place],
    ) -> Vec<Price> {
        let own = &self.0.operations[operation];
        let accesses = own.reads.iter().chain([&own.write]);
        let bits: Vec<u64> = accesses
            .zip(touched)
            .map(|(access, elements)| elements * self.0.tensors[access.tensor].bits)
            .collect();
        let passing = bits.iter().zip(places);
        vec![Price {
            buffers: 0,
            cycles: extents.iter().map(|&e| e as u64).product(),
            read_bits: bits[..own.reads.len()].iter().sum(),
            written_bits: bits[own.reads.len()],
            outer_bits: passing
                .map(|(&bits, &place)| if place == Place::Passing { bits } else { 0 })
                .collect(),
            inward_partial_bits: 0,
            outward_partial_bits: 0,
        }]
    }
}

/// A machine of one element and one lane.
fn hardware() -> Hardware {
    Hardware {
        name: "one".to_owned(),
        source: None,
        clock_mhz: None,
        levels: Vec::new(),
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: Some(1),
        dataflow: Vec::new(),
    }
}

fn ports(machine: &Machine) -> Vec<Port> {
    use Direction::{Inward, Outward, Read, Written};
    let port = |outer, (numerator, denominator), carries: &[Direction]| Port {
        outer,
        bandwidth: Bandwidth::new(numerator, denominator).expect("a bandwidth"),
        carries: Directions::of(carries),
    };
    let of = |ports: Option<Ports>, outer, reads: &[Direction], writes: &[Direction]| match ports {
        None => Vec::new(),
        Some(Ports::One(b)) => vec![port(outer, b, &[reads, writes].concat())],
        Some(Ports::Separate { read, write }) => {
            vec![port(outer, read, reads), port(outer, write, writes)]
        }
    };
    let outer = of(machine.outer, true, &[Inward], &[Outward]);
    let shared = of(machine.shared, false, &[Read, Outward], &[Written, Inward]);
    [outer, shared].concat()
}

fn schedule(case: &Case) -> Schedule {
    let machine = &case.machine;
    Schedule {
        capacity: Bytes(machine.capacity),
        ports: ports(machine),
        waits: machine.waits,
        alignment: machine.alignment,
        slices: 1,
        ahead: 0,
        tensors: (case.tensors.iter())
            .map(|tensor| Tensor {
                name: tensor.name.clone(),
                kind: TensorKind::Activation,
                bits: tensor.size() as u64 * tensor.bits,
                begins_outside: tensor.begins_outside,
                ends_outside: tensor.ends_outside,
            })
            .collect(),
        operations: (case.operations.iter())
            .map(|own| Operation {
                name: own.name.clone(),
                reads: own.reads.iter().map(|read| read.tensor).collect(),
                writes: vec![own.write.tensor],
                modes: Vec::new(),
                optional: false,
            })
            .collect(),
        stages: Vec::new(),
    }
}

/// The operation as the program knows it: taps are no dimensions of their own.
fn accesses(case: &Case, own: &case::Operation) -> Accesses {
    let all = || own.reads.iter().chain([&own.write]);
    let is_tap = |d: usize| {
        let indices = || all().flat_map(|access| &access.index);
        indices().any(|index| matches!(index, Index::Window { tap, .. } if *tap == d))
    };
    let counted: Vec<usize> = (0..own.extents.len()).filter(|&d| !is_tap(d)).collect();
    let place = |d: usize| counted.iter().position(|&own| own == d);
    let names = [Dim::G, Dim::N, Dim::K, Dim::C, Dim::P, Dim::Q, Dim::Z];
    let mut extents = PerDim::all(1);
    let mut taps = 1;
    for (d, &extent) in own.extents.iter().enumerate() {
        match place(d) {
            Some(place) => extents[names[place]] = extent as u64,
            None => taps *= extent as u64,
        }
    }
    extents[Dim::R] = taps;
    let index = |index: Index, extent: usize| match index {
        Index::Dim(d) => place(d).map_or(AxisIndex::Whole, AxisIndex::Dim),
        Index::Window {
            outer,
            tap,
            stride,
            dilation,
            pad,
        } => AxisIndex::Window {
            outer: place(outer).expect("an output"),
            taps: own.extents[tap] as u64,
            window: Window {
                stride: stride as u64,
                dilation: dilation as u64,
                padding: pad as u64,
                rows: extent as u64,
            },
        },
    };
    let access = |access: &case::Access, role: Role| {
        let tensor = &case.tensors[access.tensor];
        let axes = access.index.iter().zip(&tensor.shape);
        Access {
            tensor: access.tensor,
            axes: axes
                .map(|(&own, &extent)| (extent as u64, index(own, extent)))
                .collect(),
            bits: tensor.bits,
            place: AccessPlace::Operand(role),
        }
    };
    let bits = case.tensors[own.write.tensor].accumulator_bits;
    let reads = own.reads.iter().zip(&own.passing);
    Accesses {
        dims: (counted.iter().zip(names))
            .map(|(&d, name)| AccessDim {
                extent: own.extents[d] as u64,
                whole: own.whole[d],
                dim: Some(name),
            })
            .collect(),
        reads: reads
            .map(|(read, passes)| access(read, if *passes { Role::Weight } else { Role::Input }))
            .collect(),
        writes: vec![access(&own.write, Role::Output)],
        accumulator_bits: bits,
        work: match own.unit {
            Unit::Array => AccessWork::Array(Box::new(LoopNest::forward(
                extents,
                [Window::NONE; Window::COUNT],
                Precision {
                    input: 8,
                    weight: 8,
                    output: 8,
                    accumulator: 32,
                },
            ))),
            Unit::Vector => AccessWork::Vector {
                operations: own.extents.iter().map(|&e| e as u128).product(),
            },
        },
        online: None,
    }
}

/// Whether the program leaves something out, or counts it as a product where sets are smaller: partial
/// sums that go out and come back each time, and operands that several operations read.
fn is_bounded_alone(stage: &Stage<'_>) -> bool {
    let reduced = stage.axes.iter().any(|axis| {
        let dims = stage.operations.iter().zip(&axis.dims);
        dims.clone().any(|(own, &dim)| own.reduces(dim))
    });
    let shared = stage.external.iter().any(|&tensor| {
        stage
            .operations
            .iter()
            .filter(|own| own.reads(tensor))
            .count()
            > 1
    });
    reduced || shared
}

/// Random steps of each kind.
const SEEDS: u64 = 130;

#[test]
fn the_fastest_way_to_run_a_stage_is_that_of_an_exhaustive_search() {
    let (mut equal, mut above, mut none) = (0, 0, 0);
    for kind in KINDS {
        for seed in 0..SEEDS {
            let mut case = random::case(kind, seed);
            case.machine.waits = false;
            let schedule = schedule(&case);
            let all: Vec<Option<Accesses>> = (case.operations.iter())
                .map(|own| Some(accesses(&case, own)))
                .collect();
            let options = StageOptions {
                length: 4,
                loops: 2,
                all_tiles: true,
            };
            let found = memory::stage_times(
                (&schedule, case.machine.double_buffer),
                &hardware(),
                &all,
                options,
            );
            for first in 0..case.operations.len() {
                for last in first + 1..case.operations.len() {
                    let stage = Stage::new(&case, first, last);
                    let options = Options { most_loops: 2 };
                    let best = search::best_stage(&stage, &Bare(&case), options);
                    let own = found.iter().find(|own| own.0 == (first, last + 1 - first));
                    let what = format!("{kind:?} {seed}: {first}..={last}");
                    let (Some(best), Some(&(_, units))) = (&best, own) else {
                        assert!(own.is_none() || best.is_some(), "{what}: too good");
                        assert!(
                            best.is_none() || is_bounded_alone(&stage),
                            "{what}: missing"
                        );
                        none += 1;
                        continue;
                    };
                    let per_cycle = schedule.units_per_cycle();
                    let time = best.cost.time;
                    let [own, least] = [units * time.denominator(), time.numerator() * per_cycle];
                    assert!(own >= least, "{what}: {own} below {least}: {best:?}");
                    if own > least {
                        assert!(
                            is_bounded_alone(&stage),
                            "{what}: {own} above {least}: {best:?}"
                        );
                        above += 1;
                    } else {
                        equal += 1;
                    }
                }
            }
        }
    }
    println!("{equal} equal, {above} above, {none} without");
    // So many are above for these reasons; more would be another fault.
    assert!(equal >= 1_630 && above <= 8, "{equal} {above}");
}
