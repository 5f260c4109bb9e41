//! The checker on hand-computed mappings, and on broken ones.

use deepmatrix::check::{CheckError, check};
use deepmatrix::problem::result::{Cost, MemoryCost, PortTraffic};
use deepmatrix::problem::{
    AccessEnergy, Array, ArrayMapping, Axis, Bandwidth, Bits, Bytes, Dim, DimSet, Hardware, Level,
    LoopNest, Mapping, Memory, Node, Overlap, PerDim, Ports, Precision, ProblemError, Role,
    RoleSet, Tiles, Window,
};

use Role::{Input, Output, Weight};

/// Extents or factors, 1 where none is given.
fn dims(given: &[(Dim, u64)]) -> PerDim<u64> {
    let mut all = PerDim::all(1);
    for &(d, value) in given {
        all[d] = value;
    }
    all
}

/// A forward nest with 8 bits for every operand and 16 for partial sums.
fn nest(extents: &[(Dim, u64)], windows: [Window; Window::COUNT]) -> LoopNest {
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    LoopNest::forward(dims(extents), windows, precision)
}

/// A memory; `capacity` in bytes, `bandwidth` in bytes per cycle of its one port.
fn memory(name: &str, capacity: Option<u64>, bandwidth: Option<u64>) -> Memory {
    Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(bandwidth.and_then(|b| Bandwidth::new(b, 1))),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    }
}

/// Hardware of these levels.
fn hardware(levels: Vec<Level>) -> Hardware {
    Hardware {
        name: "tiny".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// DRAM of 1 byte per cycle and a double-buffered SRAM of this capacity in bytes.
fn two_memories(capacity: u64) -> Hardware {
    let mut sram = memory("sram", Some(capacity), None);
    sram.overlap = Overlap::DoubleBuffer;
    let dram = memory("dram", None, Some(1));
    hardware(vec![Level::Memory(dram), Level::Memory(sram)])
}

/// DRAM of 10 bytes per cycle, a row of four elements, and a register file in each.
fn row_of_four() -> Hardware {
    let mut registers = memory("registers", Some(6), None);
    registers.tiles = Tiles::Shared;
    registers.sliding_reuse = false;
    let axis = |name: &str, size| Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::of(&[Dim::C, Dim::K]),
        multicast: true,
        reduce: true,
    };
    let array = Array {
        name: "pe".to_owned(),
        axes: vec![axis("cols", 4), axis("rows", 1)],
        split_dims: false,
    };
    let dram = memory("dram", None, Some(10));
    hardware(vec![
        Level::Memory(dram),
        Level::Array(array),
        Level::Memory(registers),
    ])
}

/// A node with its extents.
type Tile<'a> = (usize, Role, &'a [(Dim, u64)]);

/// A mapping without arrays.
fn mapping(nodes: &[Tile]) -> Mapping {
    Mapping {
        order: nodes
            .iter()
            .map(|&(level, role, _)| Node { level, role })
            .collect(),
        extents: nodes.iter().map(|n| dims(n.2)).collect(),
        spatial: Vec::new(),
        slides: Vec::new(),
        double_buffered: Vec::new(),
    }
}

/// The cost of one memory: (bits read, bits written) and (bits occupied, doubled) per operand.
fn part(
    level: usize,
    traffic: [(u128, u128); 3],
    space: [(u128, bool); 3],
    busy_cycles: u128,
) -> MemoryCost {
    MemoryCost {
        level,
        traffic: traffic.map(|(read, write)| PortTraffic {
            read: Bits(read),
            write: Bits(write),
        }),
        occupied: space.map(|s| Bits(s.0)),
        doubled: space.map(|s| s.1),
        busy_cycles,
        added_cycles: [0; 3],
    }
}

/// No space at all.
const NOTHING: [(u128, bool); 3] = [(0, false); 3];

/// A cost without energy.
fn cost(cycles: u128, compute_cycles: u128, memories: Vec<MemoryCost>) -> Cost {
    Cost {
        cycles,
        compute_cycles,
        memories,
        energy_pj: None,
    }
}

/// A problem with a mapping and its cost.
type Case = (LoopNest, Hardware, Mapping, Cost);

/// A fully connected layer of 6 inputs and 4 outputs, no array.
fn fully_connected() -> Case {
    use Dim::{C, K};
    let mapping = mapping(&[
        (1, Input, &[(C, 6)]),
        (1, Output, &[(K, 2)]),
        (1, Weight, &[(K, 1), (C, 3)]),
    ]);
    // Nest: I; K by 2: O; K by 1, C by 3: W; then single steps: 4 * 6 = 24 of them.
    // I is whole, once: 6 * 8 = 48 bits. O: no reduction loop above its node, so 4 * 8 = 32 bits
    // written once. W: all 24 * 8 = 192 bits once.
    // Steps read I and W 24 * 8 = 192 bits each. Each of the 4 outputs is visited by 6 steps:
    // 5 partial reads 4 * 5 * 16 = 320, 5 partial writes 320 and a final one 32; draining reads 32.
    let sram = [(192, 48), (192, 192), (320 + 32, 320 + 32)];
    // I has no loop above it: 6 * 8, once. W and O twice: 3 * 8 * 2 and 2 * 16 * 2; 160 bits.
    let space = [(48, false), (48, true), (64, true)];
    // DRAM: 48 + 192 + 32 = 272 bits = 34 bytes at one per cycle.
    let dram = part(0, [(48, 0), (192, 0), (0, 32)], NOTHING, 34);
    let cost = cost(34, 24, vec![dram, part(1, sram, space, 0)]);
    (
        nest(&[(K, 4), (C, 6)], [Window::NONE; Window::COUNT]),
        two_memories(20),
        mapping,
        cost,
    )
}

/// Ten reductions on four elements of two each: 8 + 2, steps 2 + 1.
fn uneven_array() -> Case {
    use Dim::{C, K};
    let mut mapping = mapping(&[
        (2, Output, &[(K, 1)]),
        (2, Input, &[(C, 2)]),
        (2, Weight, &[(K, 1), (C, 2)]),
    ]);
    mapping.spatial = vec![ArrayMapping {
        level: 1,
        axes: vec![dims(&[(C, 4)]), dims(&[])],
    }];
    // Nest: K by 1 (3 trips): O; C by 8 (8 + 2): I, W. Steps: 3 * (2 + 1) = 9.
    // DRAM: I 3 * 10 * 8 = 240, W 30 * 8 = 240, O 3 * 8 = 24 after spatial reduction: 504 bits =
    // 63 bytes, at 10 per cycle 7 cycles.
    let dram = part(0, [(240, 0), (240, 0), (0, 24)], NOTHING, 7);
    // Element 0: I and W filled 3 * (2 + 1) * 8 = 72 and read at 9 steps: 72. O read and written
    // at 9 steps: 144; drained: 3 * 8 = 24.
    let registers = [(72, 72), (72, 72), (144 + 24, 144)];
    let space = [(16, false), (16, false), (16, false)];
    let cost = cost(9, 9, vec![dram, part(2, registers, space, 0)]);
    (
        nest(&[(K, 3), (C, 10)], [Window::NONE; Window::COUNT]),
        row_of_four(),
        mapping,
        cost,
    )
}

/// Six outputs of a kernel of three, padding one, in tiles of two that slide.
fn sliding() -> Case {
    use Dim::{P, R};
    let mut mapping = mapping(&[
        (1, Weight, &[(R, 3)]),
        (1, Input, &[(P, 2), (R, 3)]),
        (1, Output, &[(P, 2)]),
    ]);
    mapping.slides = vec![(1, P)];
    let window = Window {
        stride: 1,
        dilation: 1,
        padding: 1,
        rows: 6,
    };
    // Nest: W; P by 2: I, O; then 18 single steps.
    // I: rows 0-2, then 3-4 of 1-4, then 5 of 3-5: 6 rows = 48 bits, each once.
    // Steps read I where it is not padding, 18 - 2 = 16 times: 128 bits; W 18 * 8 = 144.
    // O: 3 visits by steps: reads 2 * 6 * 16 = 192, writes 192 + 48; drained 48.
    let sram = [(128, 48), (144, 24), (192 + 48, 192 + 48)];
    // The middle tile of I has 4 rows: 4 * 8 * 2 = 64. W is loaded once: 24. O: 2 * 16 * 2 = 64.
    let space = [(64, true), (24, false), (64, true)];
    // DRAM: 48 + 24 + 48 = 120 bits = 15 bytes.
    let dram = part(0, [(48, 0), (24, 0), (0, 48)], NOTHING, 15);
    let cost = cost(18, 18, vec![dram, part(1, sram, space, 0)]);
    (
        nest(&[(P, 6), (R, 3)], Window::planar([window, Window::NONE])),
        two_memories(19),
        mapping,
        cost,
    )
}

/// The input is reused across the weight's loop over K, though its node stands below it.
fn reused_below() -> Case {
    use Dim::{C, K};
    let mapping = mapping(&[
        (1, Weight, &[(K, 2), (C, 2)]),
        (1, Input, &[(C, 2)]),
        (1, Output, &[(K, 2)]),
    ]);
    // I moves above W and takes the C loop along: C by 2: I; K by 2: W, O; then 16 steps.
    // I: 4 * 8 = 32 bits, once. W: 16 * 8 = 128. O: 4 outputs, 2 visits: one partial read
    // 4 * 16 = 64, one partial write 64, final 32.
    // Steps: I and W 16 * 8 = 128 read; O 4 visits: 3 * 4 * 16 = 192 read, 192 + 32 written.
    let sram = [(128, 32), (128, 128), (192 + 64 + 32, 192 + 32 + 64)];
    let space = [(32, true), (64, true), (64, true)];
    // DRAM: 32 + 128 + 64 + 96 = 320 bits = 40 bytes.
    let dram = part(0, [(32, 0), (128, 0), (64, 96)], NOTHING, 40);
    let cost = cost(40, 16, vec![dram, part(1, sram, space, 0)]);
    (
        nest(&[(K, 4), (C, 4)], [Window::NONE; Window::COUNT]),
        two_memories(20),
        mapping,
        cost,
    )
}

/// The check of a case.
fn verdict(case: &Case) -> Result<(), CheckError> {
    check(&case.0, &case.1, &case.2, &case.3)
}

#[test]
fn hand_computed_costs_are_right() {
    for case in [fully_connected(), uneven_array(), sliding(), reused_below()] {
        assert_eq!(verdict(&case), Ok(()));
    }
}

#[test]
fn every_wrong_number_is_noticed() {
    for case in [fully_connected(), uneven_array(), sliding(), reused_below()] {
        for change in 0..22 {
            let mut wrong = case.clone();
            let memory = &mut wrong.3.memories[change % 2];
            match change / 2 {
                i @ 0..3 => memory.traffic[i].read.0 += 1,
                i @ 3..6 => memory.traffic[i - 3].write.0 += 1,
                i @ 6..9 => memory.occupied[i - 6].0 += 1,
                9 => memory.busy_cycles += 1,
                _ => wrong.3.cycles += 1,
            }
            assert!(verdict(&wrong).is_err(), "change {change}");
        }
    }
}

#[test]
fn a_wrong_number_is_named_with_both_values() {
    let mut case = fully_connected();
    case.3.memories[1].traffic[1].write = Bits(191);
    let error = verdict(&case).expect_err("a wrong number");
    assert_eq!(
        error.to_string(),
        "sram: bits written of weight: the cost says 191, the check finds 192"
    );
}

#[test]
fn too_few_steps_are_noticed() {
    let mut case = uneven_array();
    case.3.compute_cycles = 7;
    assert!(matches!(
        verdict(&case),
        Err(CheckError::TooFewSteps { macs: 30, .. })
    ));
}

#[test]
fn an_overfull_memory_is_noticed() {
    let mut case = fully_connected();
    case.1 = two_memories(19);
    let error = verdict(&case).expect_err("160 bits in 19 bytes");
    let CheckError::Mapping(ProblemError::Capacity { need_bits: 160, .. }) = error else {
        panic!("{error}");
    };
}

#[test]
fn extents_that_grow_are_noticed() {
    let mut case = fully_connected();
    case.2.extents[2][Dim::K] = 3;
    assert!(matches!(
        verdict(&case),
        Err(CheckError::Mapping(ProblemError::Extent {
            dim: Dim::K,
            extent: 3,
            largest: 2,
            ..
        }))
    ));
}

#[test]
fn spatial_factors_must_fit_and_stay_on_one_axis() {
    for (axes, message) in [
        (
            [dims(&[(Dim::C, 5)]), dims(&[])],
            "pe: axis cols: 5 elements are used, it has 4",
        ),
        (
            [dims(&[(Dim::C, 2)]), dims(&[(Dim::C, 2)])],
            "pe: C is spread over more than one axis",
        ),
        (
            [dims(&[(Dim::P, 2)]), dims(&[])],
            "pe: axis cols: P may not be spread over it",
        ),
    ] {
        let mut case = uneven_array();
        case.2.spatial[0].axes = axes.to_vec();
        let error = verdict(&case).expect_err("wrong factors");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn shared_tiles_nodes_and_slides_are_checked() {
    let mut case = uneven_array();
    case.2.extents[2][Dim::C] = 1;
    let error = verdict(&case).expect_err("two extents in C");
    assert!(matches!(
        error,
        CheckError::Mapping(ProblemError::NotShared { dim: Dim::C, .. })
    ));
    let mut case = uneven_array();
    case.2.slides = vec![(2, Dim::P)];
    let error = verdict(&case).expect_err("registers do not slide");
    assert!(matches!(
        error,
        CheckError::Mapping(ProblemError::Slide { .. })
    ));
    let mut case = uneven_array();
    case.2.order[0].role = Input;
    let error = verdict(&case).expect_err("no node of the output");
    assert_eq!(error, CheckError::Mapping(ProblemError::Nodes));
}
