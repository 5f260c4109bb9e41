//! The literal replay against numbers derived by hand, and physical laws on random nests.

mod literal;

use deepmatrix::problem::{
    AccessEnergy, Array, Axis, Bandwidth, Bytes, DimSet, Hardware, Level, LoopNest, Memory,
    Overlap, PerDim, Ports, Precision, RoleSet, Tiles, Window,
};
use literal::{Counts, replay};

/// Extents of N, K, C, P, Q, R, S with the windows over rows and columns, one byte an element.
fn convolution([n, k, c, p, q, r, s]: [u64; 7], windows: [Window; 2]) -> LoopNest {
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    LoopNest::forward(PerDim([1, n, k, c, p, q, r, s]), windows, precision)
}

fn window(stride: u64, dilation: u64, padding: u64, rows: u64) -> Window {
    Window {
        stride,
        dilation,
        padding,
        rows,
    }
}

fn memory(name: &str, capacity: Option<u64>, bytes_per_cycle: Option<&str>) -> Level {
    Level::Memory(Memory {
        name: name.to_owned(),
        capacity: capacity.map(Bytes),
        ports: Ports::Shared(bytes_per_cycle.and_then(Bandwidth::parse)),
        energy: AccessEnergy::ABSENT,
        holds: RoleSet::ALL,
        bypass: RoleSet::NONE,
        overlap: Overlap::Ideal,
        tiles: Tiles::PerOperand,
        sliding_reuse: true,
        alignment: Memory::DEFAULT_ALIGNMENT,
    })
}

fn array(axes: &[(&str, u64)], multicast: bool) -> Level {
    let axis = |&(name, size): &(&str, u64)| Axis {
        name: name.to_owned(),
        size,
        dims: DimSet::ALL,
        multicast,
        reduce: true,
    };
    Level::Array(Array {
        name: "pe".to_owned(),
        axes: axes.iter().map(axis).collect(),
        split_dims: false,
    })
}

fn hardware(levels: Vec<Level>) -> Hardware {
    Hardware {
        name: "h".to_owned(),
        source: None,
        clock_mhz: None,
        levels,
        energy_pj_per_mac: None,
        static_pj_per_cycle: None,
        vector_lanes: None,
        dataflow: Vec::new(),
    }
}

/// One memory above one axis of elements.
fn shared(elements: u64) -> Hardware {
    hardware(vec![
        memory("dram", None, Some("1")),
        memory("sram", Some(40), Some("2")),
        array(&[("x", elements)], true),
    ])
}

/// Bytes of input, weight and output that cross the memory's outer boundary: in, in, in and out.
fn crossing(counts: &Counts, level: usize) -> [u128; 4] {
    let [input, weight, output] = counts.memory(level).outer;
    assert_eq!((input.reads, weight.reads), (0, 0));
    [input.writes, weight.writes, output.writes, output.reads].map(|bits| bits / 8)
}

#[test]
fn at_dilation_two_neighbouring_tiles_of_one_output_share_no_row() {
    // Outputs p and p + 1 read rows {p, p + 2, p + 4} and {p + 1, p + 3, p + 5}: 16 tiles of 3 rows
    // of 10 columns, 480 B. Output: 128 finished bytes. Weight: 9 B once.
    let operation = convolution(
        [1, 1, 1, 16, 8, 3, 3],
        [window(1, 2, 0, 20), window(1, 1, 0, 10)],
    );
    let counts = replay(
        &operation,
        &shared(8),
        "sram keeps weight [R 3, S 3]
         for p in 0..16
           sram keeps input [P 1, Q 8, R 3, S 3], sliding along P
           for q in 0..8
             sram keeps output [P 1, Q 1]
             for r in 0..3
               for s in 0..3
                 multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [480, 9, 0, 128]);
    assert_eq!(counts.memory(1).footprint, [240, 72, 16]);
    assert_eq!(counts.steps, 16 * 8 * 9);
}

#[test]
fn the_printed_order_costs_what_its_nest_costs() {
    // Memory below an array of which neither axis multicasts, bits: filled with 5 x 4 inputs and
    // 4 weights of 16, 8 finished outputs of 4 leave. Every one of the 16 steps sends an input and
    // a weight to each of two elements (r changes innermost): 2 x 512; 8 outputs of 4 come back.
    // 320 + 64 + 32 + 512 + 512 + 32 = 1472 bits = 184 B at 1.5 B a cycle: 122.67 cycles.
    let precision = Precision {
        input: 16,
        weight: 16,
        output: 4,
        accumulator: 8,
    };
    let windows = [window(1, 1, 0, 5), window(1, 1, 0, 4)];
    let operation = LoopNest::forward(PerDim([1, 1, 1, 1, 2, 4, 4, 1]), windows, precision);
    let hardware = hardware(vec![
        memory("dram", None, Some("4")),
        memory("sram", Some(116), Some("1.5")),
        array(&[("x", 2), ("y", 3)], false),
        memory("registers", Some(7), None),
    ]);
    let counts = replay(
        &operation,
        &hardware,
        "dataflow: weight_stationary input_stationary
         sram keeps input [P 2, Q 4, R 4] 40 bytes, sliding along P
         sram keeps weight [R 4] 8 bytes
         sram keeps output [P 2, Q 4] 8 bytes
         for p in 0..2
           for q in 0..4
             for r in 0..4 step 2
               parallel over x: R 2
                 registers keeps input [P 1, Q 1, R 1] 2 bytes
                 registers keeps weight [R 1] 2 bytes
                 registers keeps output [P 1, Q 1] 1 byte
                 multiply-accumulate",
    );
    assert_eq!(counts.memory(1).busy, 123);
    assert_eq!(counts.memory(1).occupied, 320 + 64 + 64);
    assert_eq!(counts.memory(3).footprint, [16, 16, 8]);
    assert_eq!(counts.steps, 16);
}

#[test]
fn a_search_finds_what_is_derived_by_hand() {
    let operation = convolution([1, 1, 1, 4, 1, 3, 1], [window(1, 1, 0, 6), Window::NONE]);
    let started = std::time::Instant::now();
    let best = literal::search(&operation, &shared(2)).expect("it fits");
    println!(
        "{} {:?}\n{}",
        best.cycles,
        started.elapsed(),
        best.nest.text(&shared(2))
    );
    let again = literal::replay_nest(&operation, &shared(2), &best.nest).expect("a nest");
    assert_eq!(again.cycles, best.cycles);
    // Everything fits: 6 + 3 + 4 B cross the outer port of 1 B a cycle, 13 cycles.
    // Inside, every step reads at 2 B a cycle at least what it multiplies.
    let operation = convolution([1, 2, 1, 6, 1, 3, 1], [window(1, 2, 1, 8), Window::NONE]);
    let started = std::time::Instant::now();
    let best = literal::search(&operation, &shared(2)).expect("it fits");
    println!(
        "{} {:?}\n{}",
        best.cycles,
        started.elapsed(),
        best.nest.text(&shared(2))
    );
}
