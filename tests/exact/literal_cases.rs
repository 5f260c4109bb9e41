//! The literal replay against numbers derived by hand, and physical laws on random nests.

use crate::literal::{
    Counts, Kind, array, distinct, memory, random_case, random_nest, replay, replay_nest, search,
};
use deepmatrix::cost::bound::touched;
use deepmatrix::problem::{Hardware, Level, LoopNest, Overlap, PerDim, Precision, Role, Window};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Extents of K, C, P, Q, R, S; one byte an element, two a partial sum.
fn convolution([k, c, p, q, r, s]: [u64; 6], windows: [Window; 2]) -> LoopNest {
    let precision = Precision {
        input: 8,
        weight: 8,
        output: 8,
        accumulator: 16,
    };
    let extents = PerDim::planar([1, 1, k, c, p, q, r, s]);
    LoopNest::forward(extents, Window::planar(windows), precision)
}

/// Windows along the rows alone.
fn rows([k, c, p, r]: [u64; 4], window: Window) -> LoopNest {
    convolution([k, c, p, 1, r, 1], [window, Window::NONE])
}

fn window(stride: u64, dilation: u64, padding: u64, rows: u64) -> Window {
    Window {
        stride,
        dilation,
        padding,
        rows,
    }
}

fn hardware(levels: Vec<Level>) -> Hardware {
    let mut hardware = random_case(Kind::Rows, 0).hardware;
    hardware.levels = levels;
    hardware
}

fn dram() -> Level {
    Level::Memory(memory("dram", None, Some("1"), Overlap::Ideal))
}

fn sram(overlap: Overlap) -> Level {
    Level::Memory(memory("sram", Some(64), Some("2"), overlap))
}

fn registers() -> Level {
    Level::Memory(memory("registers", Some(64), None, Overlap::Ideal))
}

/// One memory above one axis of elements.
fn shared(elements: u64) -> Hardware {
    hardware(vec![dram(), sram(Overlap::Ideal), array(&[elements], true)])
}

/// Bytes that fill a memory with input, weight and partial sums, and those of output that leave it.
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
        [1, 1, 16, 8, 3, 3],
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
fn at_dilation_two_tiles_of_two_outputs_share_rows() {
    // Outputs p, p + 1 read rows p to p + 5, the next two p + 2 to p + 7: 6 rows, then 2 at a time,
    // 6 + 7 * 2 = 20 rows of 10 columns. Without sliding 8 * 6 rows.
    let operation = convolution(
        [1, 1, 16, 8, 3, 3],
        [window(1, 2, 0, 20), window(1, 1, 0, 10)],
    );
    let text = |slide: &str| {
        format!(
            "sram keeps weight [R 3, S 3]
             for p in 0..16 step 2
               sram keeps input [P 2, Q 8, R 3, S 3]{slide}
               for p in 0..2
                 for q in 0..8
                   sram keeps output []
                   for r in 0..3
                     for s in 0..3
                       multiply-accumulate"
        )
    };
    let bytes = |slide: &str| crossing(&replay(&operation, &shared(8), &text(slide)), 1)[0];
    assert_eq!(bytes(", sliding along P"), 200);
    assert_eq!(bytes(""), 480);
    assert_eq!(bytes(", sliding along Q"), 480);
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
    let windows = Window::planar([window(1, 1, 0, 5), window(1, 1, 0, 4)]);
    let operation = LoopNest::forward(PerDim::planar([1, 1, 1, 1, 2, 4, 4, 1]), windows, precision);
    let slow = memory("sram", Some(116), Some("1.5"), Overlap::DoubleBuffer);
    let hardware = hardware(vec![
        dram(),
        Level::Memory(slow),
        array(&[2, 3], false),
        registers(),
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
fn padding_and_gaps_are_never_fetched() {
    // Stride 3, taps 2: outputs read rows {0, 1}, {3, 4}, {6, 7} of 8; rows 2 and 5 are gaps.
    let nest = "sram keeps weight [R 2]
        for p in 0..3
          sram keeps input [R 2], sliding along P
          sram keeps output []
          for r in 0..2
            multiply-accumulate";
    let counts = replay(&rows([1, 1, 3, 2], window(3, 1, 0, 8)), &shared(1), nest);
    assert_eq!(crossing(&counts, 1), [6, 2, 0, 3]);
    // Padding 1: rows {-1, 0}, {2, 3}, {5, 6}: five of the tensor's.
    let counts = replay(&rows([1, 1, 3, 2], window(3, 1, 1, 8)), &shared(1), nest);
    assert_eq!(crossing(&counts, 1)[0], 5);
    assert_eq!(counts.memory(1).footprint[0], 16);
    // Padding 2: rows {-2, -1}, {1, 2}, {4}: the first tile is empty, the last ends at row 4 of 5.
    let counts = replay(&rows([1, 1, 3, 2], window(3, 1, 2, 5)), &shared(1), nest);
    assert_eq!(crossing(&counts, 1)[0], 3);
    // Steps are the box's, padding included.
    assert_eq!(counts.steps, 6);
}

#[test]
fn an_outer_loop_restarts_a_walk() {
    // Rows 0 to 5, a tile of 3: 3 + 1 + 1 + 1 in each of two walks.
    let operation = rows([2, 1, 4, 3], window(1, 1, 0, 6));
    let counts = replay(
        &operation,
        &shared(1),
        "for k in 0..2
           sram keeps weight [R 3]
           for p in 0..4
             sram keeps input [R 3], sliding along P
             sram keeps output []
             for r in 0..3
               multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [12, 6, 0, 8]);
    // The weight stays through the loop over p, the input is fetched again for every k inside p.
    let counts = replay(
        &operation,
        &shared(1),
        "for p in 0..4
           sram keeps input [R 3], sliding along P
           for k in 0..2
             sram keeps weight [R 3]
             sram keeps output []
             for r in 0..3
               multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [6, 24, 0, 8]);
}

#[test]
fn a_memory_slides_within_its_parents_tile_only() {
    // The outer one: rows 0 to 4, then 3 to 7, of which 3 are new: 8. The inner one: 3 + 1 + 1 rows
    // in each of the outer one's two tiles: 10.
    let operation = rows([1, 1, 6, 3], window(1, 1, 0, 8));
    let outer = Level::Memory(memory("outer", None, None, Overlap::Ideal));
    let hardware = hardware(vec![dram(), outer, sram(Overlap::Ideal), array(&[1], true)]);
    let counts = replay(
        &operation,
        &hardware,
        "outer keeps weight [R 3]
         outer keeps output [P 6]
         for p in 0..6 step 3
           outer keeps input [P 3, R 3], sliding along P
           sram keeps weight [R 3]
           for p in 0..3
             sram keeps input [R 3], sliding along P
             sram keeps output []
             for r in 0..3
               multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1)[0], 8);
    assert_eq!(crossing(&counts, 2)[0], 10);
    assert_eq!(counts.memory(1).inner[0].reads, 80);
    // With the loop over p above the outer one's node only that one slides: 3 + 5 rows, and the
    // inner one loads 3 for each of 6 outputs.
    let counts = replay(
        &operation,
        &hardware,
        "outer keeps weight [R 3]
         outer keeps output [P 6]
         for p in 0..6
           outer keeps input [R 3], sliding along P
           sram keeps weight [R 3]
           sram keeps input [R 3], sliding along P
           sram keeps output []
           for r in 0..3
             multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1)[0], 8);
    assert_eq!(crossing(&counts, 2)[0], 18);
}

#[test]
fn partial_sums_cross_at_the_accumulators_width() {
    // Three visits to each of 2 outputs: written 2 x 2 B, read back 2 x 2 B, at last 1 B: 5 B out.
    let operation = rows([1, 3, 2, 1], window(1, 1, 0, 2));
    let counts = replay(
        &operation,
        &shared(1),
        "for c in 0..3
           sram keeps weight [C 1]
           for p in 0..2
             sram keeps input []
             sram keeps output []
             multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [6, 3, 2 * 4, 2 * 5]);
    // Every step reads and writes from the memory above the array: the same once more inside.
    assert_eq!(counts.memory(1).inner[2].reads, 2 * 32);
    assert_eq!(counts.memory(1).inner[2].writes, 2 * 40);
    // With c below the output's node it leaves once.
    let counts = replay(
        &operation,
        &shared(1),
        "for p in 0..2
           sram keeps output []
           for c in 0..3
             sram keeps input []
             sram keeps weight [C 1]
             multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [6, 6, 0, 2]);
}

#[test]
fn an_edge_tile_gets_no_extra_reuse() {
    // k = {0, 1} then {2}: in the edge tile the inner loop has one trip and the output stays the
    // same from c = 0 to c = 1, but it has two in the largest tile: it is dropped all the same.
    // So each of 3 outputs is written as a partial sum, read back and written: 2 + 1 B out, 2 B in.
    let operation = rows([3, 2, 1, 1], window(1, 1, 0, 1));
    let counts = replay(
        &operation,
        &shared(1),
        "for k in 0..3 step 2
           sram keeps weight [K 2, C 2]
           sram keeps input [C 2]
           for c in 0..2
             for k in 0..2
               sram keeps output []
               multiply-accumulate",
    );
    assert_eq!(crossing(&counts, 1), [2, 6, 6, 9]);
    assert_eq!(counts.memory(1).loads, [1, 2, 6]);
}

#[test]
fn tiles_of_six_and_four_on_four_elements_take_three_steps() {
    let operation = rows([10, 1, 1, 1], window(1, 1, 0, 1));
    let steps = |step: u64| {
        let text = format!(
            "sram keeps input []
             for k in 0..10 step {step}
               sram keeps weight [K {step}]
               sram keeps output [K {step}]
               for k in 0..{step} step 4
                 parallel over x: K 4
                   multiply-accumulate"
        );
        replay(&operation, &shared(4), &text).steps
    };
    // 6 on 4 elements: 2, 4: 1; 5 and 5: 2 each.
    assert_eq!(steps(6), 3);
    assert_eq!(steps(5), 4);
}

#[test]
fn elements_are_dealt_contiguous_blocks_of_the_ceiling_share() {
    // 11 on 2 elements with tiles of 3: {0..3, 3..6} takes 3 steps, {6..9, 9..11} another 3.
    // 8: 3, and {6, 7} one more.
    let hardware = hardware(vec![
        dram(),
        sram(Overlap::Ideal),
        array(&[2], true),
        registers(),
    ]);
    let counts = |k: u64| {
        let text = format!(
            "sram keeps input []
             sram keeps weight [K {k}]
             sram keeps output [K {k}]
             for k in 0..{k} step 6
               parallel over x: K 2
                 registers keeps input []
                 registers keeps weight [K 3]
                 registers keeps output [K 3]
                 for k in 0..6 step 2
                   multiply-accumulate"
        );
        replay(&rows([k, 1, 1, 1], window(1, 1, 0, 1)), &hardware, &text)
    };
    assert_eq!(counts(11).steps, 6);
    assert_eq!(counts(8).steps, 4);
    // Element 0 gets 3 + 3 of 11 weights, and 3 + 1 of 8; all cross the parent's port.
    assert_eq!(crossing(&counts(11), 3)[1], 6);
    assert_eq!(crossing(&counts(8), 3)[1], 4);
    assert_eq!(counts(8).memory(1).inner[1].reads, 64);
}

#[test]
fn what_several_elements_need_crosses_once_with_multicast() {
    // Two outputs at a time on two elements, taps 2: rows {p, p + 1} and {p + 1, p + 2}.
    let operation = rows([1, 1, 4, 2], window(1, 1, 0, 5));
    let bits = |multicast: bool| {
        let levels = vec![
            dram(),
            sram(Overlap::Ideal),
            array(&[2], multicast),
            registers(),
        ];
        let counts = replay(
            &operation,
            &hardware(levels),
            "sram keeps input [P 4, R 2]
             sram keeps weight [R 2]
             sram keeps output [P 4]
             for p in 0..4 step 2
               parallel over x: P 2
                 registers keeps input [P 1, R 2]
                 registers keeps weight [R 2]
                 registers keeps output [P 1]
                 for r in 0..2
                   multiply-accumulate",
        );
        // An element receives 2 tiles of 2 rows and the weights once, whatever crosses outside.
        assert_eq!(crossing(&counts, 3), [4, 2, 0, 2]);
        let [input, weight, output] = counts.memory(1).inner;
        [input.reads, weight.reads, output.writes].map(|bits| bits / 8)
    };
    // 3 distinct rows a tile, or 2 + 2; the weights once, or for each element; 4 outputs.
    assert_eq!(bits(true), [6, 2, 4]);
    assert_eq!(bits(false), [8, 4, 4]);
}

#[test]
fn below_an_array_that_spreads_taps_nothing_slides() {
    // P 1 of 3, R 2 within an element: 2 + 1 + 1 rows if it slides. With R spread: 3 tiles of one
    // row in element 0, and 3 x 2 rows cross the parent's port.
    let operation = rows([1, 1, 3, 2], window(1, 1, 0, 4));
    let levels = vec![dram(), sram(Overlap::Ideal), array(&[2], true), registers()];
    let nest = |spread: &str, taps: u64, loops: &str| {
        format!(
            "sram keeps input [P 3, R 2]
             sram keeps weight [R 2]
             sram keeps output [P 3]
             {spread}
             registers keeps weight [R {taps}]
             for p in 0..3
               registers keeps input [R {taps}], sliding along P
               registers keeps output []
               {loops}
               multiply-accumulate"
        )
    };
    let run = |text: &str| {
        let counts = replay(&operation, &hardware(levels.clone()), text);
        [crossing(&counts, 3)[0], counts.memory(1).inner[0].reads / 8]
    };
    assert_eq!(run(&nest("", 2, "for r in 0..2")), [4, 4]);
    assert_eq!(run(&nest("parallel over x: R 2", 1, "")), [3, 6]);
}

#[test]
fn an_outputs_node_in_registers_ends_sliding_in_the_memory_above() {
    // Tiles of 1 of 3 outputs with 2 taps: 2 + 1 + 1 rows, or 3 x 2 where nothing slides.
    let operation = rows([1, 1, 3, 2], window(1, 1, 0, 4));
    let levels = vec![dram(), sram(Overlap::Ideal), array(&[2], true), registers()];
    let input = |text: &str| {
        let counts = replay(&operation, &hardware(levels.clone()), text);
        [1, 3].map(|level| crossing(&counts, level)[0])
    };
    // "The innermost relevant loop above the node is P": the SRAM's node of the output is no loop.
    let shared = input(
        "sram keeps weight [R 2]
         for p in 0..3
           sram keeps output []
           sram keeps input [R 2], sliding along P
           registers keeps weight [R 2]
           registers keeps output []
           registers keeps input [R 2]
           for r in 0..2
             multiply-accumulate",
    );
    assert_eq!(shared, [4, 6]);
    // Nor is that of the registers for their own node of the input: no loop stands between.
    let registers = input(
        "sram keeps weight [R 2]
         sram keeps input [P 3, R 2]
         sram keeps output [P 3]
         registers keeps weight [R 2]
         for p in 0..3
           registers keeps output []
           registers keeps input [R 2], sliding along P
           for r in 0..2
             multiply-accumulate",
    );
    assert_eq!(registers, [4, 4]);
    // "O's register node above I's ends I's sliding", in the SRAM.
    let deep = input(
        "sram keeps weight [R 2]
         sram keeps output [P 3]
         registers keeps weight [R 2]
         for p in 0..3
           registers keeps output []
           sram keeps input [R 2], sliding along P
           registers keeps input [R 2]
           for r in 0..2
             multiply-accumulate",
    );
    assert_eq!(deep, [6, 6]);
}

#[test]
fn one_tile_is_buffered_once_and_several_twice() {
    let operation = rows([2, 1, 4, 3], window(1, 1, 0, 6));
    let hardware = |overlap| hardware(vec![dram(), sram(overlap), array(&[1], true)]);
    let nest = "sram keeps weight [K 2, R 3]
        for p in 0..4
          sram keeps input [R 3], sliding along P
          for k in 0..2
            sram keeps output []
            for r in 0..3
              multiply-accumulate";
    // Weight 6 B, input 3 B a tile, output one partial sum of 2 B.
    let ideal = replay(&operation, &hardware(Overlap::Ideal), nest);
    assert_eq!(ideal.memory(1).occupied, 8 * (6 + 3 + 2));
    let doubled = replay(&operation, &hardware(Overlap::DoubleBuffer), nest);
    assert_eq!(doubled.memory(1).occupied, 8 * (6 + 2 * (3 + 2)));
    // DRAM: 6 weights, 6 rows, 8 outputs at 1 B a cycle. SRAM at 2 B a cycle: those 20 B, and 24
    // steps read an input and a weight and write: 48 B, partial sums 8 x 2 x 4 B, results 8 B.
    assert_eq!(doubled.memory(0).busy, 20);
    assert_eq!(doubled.memory(1).busy, (20 + 48 + 64 + 8) / 2);
    assert_eq!(doubled.cycles, 70);
}

#[test]
fn a_wrong_text_is_refused() {
    let operation = rows([2, 1, 4, 3], window(1, 1, 0, 6));
    let reason = |text: &str| {
        let nest = crate::literal::parse(&operation.extents, &shared(2), text)?;
        replay_nest(&operation, &shared(2), &nest).map(|_| ())
    };
    let cases = [
        (
            "for p in 0..5\nmultiply-accumulate",
            "the tile around it has 4",
        ),
        (
            "for p in 0..4 step 4\nmultiply-accumulate",
            "the tile around it has 4",
        ),
        ("for p in 0..4", "no multiply-accumulate"),
        (
            "sram keeps weight [K 1, R 3]\nmultiply-accumulate",
            "K 2 is touched",
        ),
        ("parallel over z: K 2\nmultiply-accumulate", "no spread"),
        (
            "parallel over x: K 2, R 3\nmultiply-accumulate",
            "more than 2 elements",
        ),
    ];
    for (text, expected) in cases {
        let reason = reason(text).expect_err(text);
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn a_search_finds_what_is_derived_by_hand() {
    // Every step of the array reads what it multiplies from the SRAM at 2 B a cycle. With the 3
    // taps on 2 elements each output takes 2 steps: 3 inputs, 3 weights, a partial sum of 2 B
    // written and read, a result: 11 B, 44 in all, and 6 + 3 + 4 = 13 B from and to the DRAM: 57 B,
    // 29 cycles. Outputs on the elements, the taps one by one: 3 x 2 x (2 + 1) + 4 x (2 x 4 + 1)
    // + 13 = 67 B; nothing spread: 24 + 36 + 13 B.
    let operation = rows([1, 1, 4, 3], window(1, 1, 0, 6));
    let best = search(&operation, &shared(2)).expect("it fits");
    assert_eq!(best.cycles, 29);
    // In 5 bytes: an input, a weight and a partial sum fit, 4 bytes; in 3 they do not.
    let small = |capacity| {
        let sram = memory("sram", Some(capacity), Some("2"), Overlap::Ideal);
        hardware(vec![dram(), Level::Memory(sram), array(&[1], true)])
    };
    assert!(search(&operation, &small(4)).is_some());
    assert!(search(&operation, &small(3)).is_none());
}

/// What every mapping must touch is counted as the set of it.
#[test]
fn what_is_touched_is_a_set_of_elements() {
    for seed in 0..100 {
        let operation = random_case(Kind::Depth, seed).operation;
        for role in Role::ALL {
            let bits = match role {
                Role::Output => operation.precision.output,
                other => operation.precision.working(other),
            };
            let expected = distinct(&operation, role) * u128::from(bits);
            assert_eq!(touched(&operation, role).0, expected, "{operation:?}");
        }
    }
}

/// Bytes across a port are at least the distinct ones, steps at least the multiply-accumulates
/// shared out evenly, and what is searched for is never above what a random nest costs.
#[test]
fn random_nests_obey_the_laws() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    for (kind, cases) in [
        (Kind::Rows, 200),
        (Kind::RowsAndColumns, 100),
        (Kind::Registers, 100),
        (Kind::Depth, 100),
    ] {
        for seed in 0..cases {
            let case = random_case(kind, seed);
            for _ in 0..5 {
                let nest = random_nest(&case, rng);
                let counts = replay_nest(&case.operation, &case.hardware, &nest).expect("a nest");
                assert_laws(&case.operation, &case.hardware, &counts);
                // What is printed is the nest.
                let text = nest.text(&case.hardware);
                assert_eq!(replay(&case.operation, &case.hardware, &text), counts);
            }
        }
    }
}

fn assert_laws(operation: &LoopNest, hardware: &Hardware, counts: &Counts) {
    assert!(counts.steps * hardware.processing_elements() >= operation.box_macs());
    let dram = &counts.memory(0).inner;
    let bits = |role: Role| {
        distinct(operation, role)
            * u128::from(match role {
                Role::Output => operation.precision.output,
                other => operation.precision.working(other),
            })
    };
    for memory in [&counts.memory(0).inner, &counts.memory(1).inner] {
        assert!(memory[0].reads >= bits(Role::Input));
        assert!(memory[1].reads >= bits(Role::Weight));
        assert!(memory[2].writes >= bits(Role::Output));
    }
    // What leaves the DRAM arrives in the SRAM, and partial sums are read after they are written.
    for (inside, outside) in dram.iter().zip(&counts.memory(1).outer) {
        assert_eq!(
            (inside.reads, inside.writes),
            (outside.writes, outside.reads)
        );
    }
    assert_eq!(dram[2].writes, dram[2].reads + bits(Role::Output));
    let busiest = counts.memories.iter().map(|m| m.busy).max();
    assert_eq!(counts.cycles, busiest.unwrap_or(0).max(counts.steps));
}

#[test]
fn no_random_nest_beats_the_search() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let mut fitting = 0;
    for (kind, cases) in [
        (Kind::Rows, 12),
        (Kind::RowsAndColumns, 6),
        (Kind::Depth, 6),
    ] {
        for seed in 0..cases {
            let case = random_case(kind, seed);
            let best = search(&case.operation, &case.hardware);
            if let Some(best) = &best {
                let again = replay_nest(&case.operation, &case.hardware, &best.nest);
                let again = again.expect("the nest found");
                assert_eq!((again.cycles, again.fits), (best.cycles, true));
            }
            for _ in 0..100 {
                let nest = random_nest(&case, rng);
                let counts = replay_nest(&case.operation, &case.hardware, &nest).expect("a nest");
                if counts.fits {
                    fitting += 1;
                    let least = best.as_ref().map(|b| b.cycles);
                    assert!(least.is_some_and(|l| l <= counts.cycles), "{case:?}");
                }
            }
        }
    }
    assert!(fitting > 200, "{fitting}");
}
