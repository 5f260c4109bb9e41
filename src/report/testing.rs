//! A small run for the tests of the formats: a convolution with fused layers, its equal,
//! a pooling layer and a view.

use std::collections::BTreeMap;

use crate::problem::certificate::{Amount, Certificate, Closing, Evidence, Skipped};
use crate::problem::goal::Measure;
use crate::problem::graph::Pass;
use crate::problem::result::{
    Cost, LowerBounds, MemoryBound, MemoryCost, PortTraffic, SolverStatistics,
};
use crate::problem::{
    AccessEnergy, Array, ArrayMapping, Axis, Bandwidth, Bits, Bytes, Dim, DimSet, Hardware,
    LayerRow, Level, LoopNest, Mapping, Memory, Node, Overlap, PerDim, Ports, Precision, Role,
    RoleSet, RunResult, Space, Tiles, Window, Work,
};

/// The run.
pub(super) fn run() -> RunResult {
    let hardware = hardware();
    let conv = conv_row();
    let equal = LayerRow {
        name: "conv2".to_owned(),
        fused: Vec::new(),
        same_as: Some("conv1".to_owned()),
        statistics: SolverStatistics::default(),
        ..conv.clone()
    };
    RunResult {
        network: "tiny".to_owned(),
        space: Space::of(&hardware, false),
        hardware,
        mode: "inference",
        batch: 1,
        objective: Measure::Cycles,
        layers: vec![
            conv,
            equal,
            plain_row("pool1", "max_pool", Work::Streamed, 1000),
            plain_row("flatten", "flatten", Work::View, 0),
        ],
        seconds: 1.5,
        notes: vec!["no energy is given for sram".to_owned()],
        training: None,
        partial: false,
        memory_plan: None,
        what_if: Vec::new(),
        origins: BTreeMap::new(),
    }
}

/// A row whose search stopped without a mapping.
pub(super) fn unknown_row() -> LayerRow {
    LayerRow {
        name: "conv3".to_owned(),
        fused: Vec::new(),
        certificate: Certificate::open(
            Measure::Cycles,
            Amount::Whole(7),
            Evidence::default().without([Skipped::NotStarted]),
        ),
        cost: None,
        mapping: None,
        bound_cycles: 7,
        lower_bound_cycles: 5,
        tie: None,
        objective_bound: None,
        reason: Some("interrupted".to_owned()),
        ..conv_row()
    }
}

fn hardware() -> Hardware {
    let memory = |name: &str, capacity: Option<u64>, bandwidth: u64, tiles| {
        Level::Memory(Memory {
            name: name.to_owned(),
            capacity: capacity.map(Bytes),
            ports: Ports::Shared(Bandwidth::new(bandwidth, 1)),
            energy: AccessEnergy::ABSENT,
            holds: RoleSet::ALL,
            bypass: RoleSet::NONE,
            overlap: Overlap::DoubleBuffer,
            tiles,
            sliding_reuse: true,
            alignment: Memory::DEFAULT_ALIGNMENT,
        })
    };
    let axis = |name: &str, size| Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::ALL,
        multicast: true,
        reduce: true,
    };
    Hardware {
        name: "tiny-32x16".to_owned(),
        source: None,
        clock_mhz: None,
        levels: vec![
            memory("dram", None, 16, Tiles::PerOperand),
            memory("sram", Some(131_072), 128, Tiles::PerOperand),
            Level::Array(Array {
                name: "pe".to_owned(),
                axes: vec![axis("rows", 32), axis("cols", 16)],
                split_dims: false,
            }),
            memory("registers", Some(64), 0, Tiles::Shared),
        ],
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// Extents with 1 in every dimension that is not named.
fn extents(named: &[(Dim, u64)]) -> PerDim<u64> {
    let mut extents = PerDim::all(1);
    for &(d, extent) in named {
        extents[d] = extent;
    }
    extents
}

fn conv_nest() -> LoopNest {
    use Dim::{C, K, P, Q, R, S};
    let window = Window {
        stride: 1,
        dilation: 1,
        padding: 1,
        rows: 28,
    };
    LoopNest::forward(
        extents(&[(K, 512), (C, 128), (P, 28), (Q, 28), (R, 3), (S, 3)]),
        Window::planar([window; 2]),
        Precision {
            input: 8,
            weight: 8,
            output: 8,
            accumulator: 32,
        },
    )
}

fn conv_mapping() -> Mapping {
    use Dim::{C, K, P, Q, R, S};
    let node = |level, role| Node { level, role };
    Mapping {
        order: vec![
            node(1, Role::Weight),
            node(1, Role::Input),
            node(1, Role::Output),
            node(3, Role::Input),
            node(3, Role::Weight),
            node(3, Role::Output),
        ],
        extents: vec![
            extents(&[(K, 64), (C, 128), (R, 3), (S, 3)]),
            extents(&[(C, 128), (P, 1), (Q, 28), (R, 3), (S, 3)]),
            extents(&[(K, 32), (P, 1), (Q, 28)]),
            extents(&[]),
            extents(&[]),
            extents(&[]),
        ],
        spatial: vec![ArrayMapping {
            level: 2,
            axes: vec![extents(&[(K, 32)]), extents(&[(C, 16)])],
        }],
        slides: vec![(1, P)],
        double_buffered: Vec::new(),
    }
}

fn conv_row() -> LayerRow {
    LayerRow {
        name: "conv1".to_owned(),
        op: "conv2d".to_owned(),
        pass: Pass::Forward,
        work: Work::Mapped(Box::new(conv_nest())),
        fused: vec!["bn1".to_owned(), "relu1".to_owned()],
        same_as: None,
        certificate: Certificate::found(
            Measure::Cycles,
            Amount::Whole(903_168),
            Amount::Whole(903_168),
            Evidence::closed([Closing::Lagrangian]),
        )
        .expect("the bound is no larger"),
        cost: Some(conv_cost()),
        mapping: Some(conv_mapping()),
        bound_cycles: 903_168,
        lower_bound_cycles: 903_168,
        lower_bounds: LowerBounds {
            compute: 903_168,
            memories: vec![
                MemoryBound {
                    level: 0,
                    compulsory: 600,
                    loomis_whitney: 500,
                },
                MemoryBound {
                    level: 1,
                    compulsory: 90,
                    loomis_whitney: 0,
                },
            ],
        },
        tie: None,
        objective_bound: None,
        reason: None,
        statistics: SolverStatistics {
            seconds: 0.25,
            programs: 3,
            nodes: 2,
            cuts: 1,
            columns: 9,
        },
        phases: Vec::new(),
    }
}

fn conv_cost() -> Cost {
    let traffic = [
        PortTraffic {
            read: Bits(804),
            write: Bits(0),
        },
        PortTraffic {
            read: Bits(80),
            write: Bits(0),
        },
        PortTraffic {
            read: Bits(0),
            write: Bits(800),
        },
    ];
    let memory = |level, occupied: [u128; 3], doubled, busy_cycles| MemoryCost {
        level,
        traffic,
        occupied: occupied.map(|bytes| Bits(bytes * 8)),
        doubled,
        busy_cycles,
        added_cycles: [0; 3],
    };
    Cost {
        cycles: 903_168,
        compute_cycles: 903_168,
        memories: vec![
            memory(0, [0; 3], [false; 3], 700),
            memory(1, [23_040, 73_728, 3_584], [true, false, false], 800),
            memory(3, [1, 1, 4], [false; 3], 0),
        ],
        energy_pj: None,
    }
}

fn plain_row(name: &str, op: &str, work: Work, cycles: u128) -> LayerRow {
    let memory = |level, busy_cycles| MemoryCost {
        level,
        traffic: [PortTraffic::default(); 3],
        occupied: [Bits(0); 3],
        doubled: [false; 3],
        busy_cycles,
        added_cycles: [0; 3],
    };
    LayerRow {
        name: name.to_owned(),
        op: op.to_owned(),
        pass: Pass::Forward,
        work,
        fused: Vec::new(),
        same_as: None,
        certificate: Certificate::only_way(Measure::Cycles, Amount::Whole(cycles)),
        cost: Some(Cost {
            cycles,
            compute_cycles: 0,
            memories: vec![memory(0, cycles), memory(1, 0), memory(3, 0)],
            energy_pj: None,
        }),
        mapping: None,
        bound_cycles: cycles,
        lower_bound_cycles: cycles,
        lower_bounds: LowerBounds::default(),
        tie: None,
        objective_bound: None,
        reason: None,
        statistics: SolverStatistics::default(),
        phases: Vec::new(),
    }
}
