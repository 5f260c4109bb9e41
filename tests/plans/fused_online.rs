//! The exhaustive search for fused stages by hand, where a softmax is online.

use crate::fused::case::{Access, Case, Index, Machine, Operation, Ports, Tensor, Unit};
use crate::fused::cost::{Costing, Hold};
use crate::fused::geometry::{Loop, Walk};
use crate::fused::online::{Online, Part};
use crate::fused::price::Bare;
use crate::fused::random::{self, Kind};
use crate::fused::rational::Rational;
use crate::fused::search::{self, Options};
use crate::fused::stage::Stage;

/// The tensors by number.
const Q: usize = 0;
const K: usize = 1;
const V: usize = 2;
const S: usize = 3;
const P: usize = 4;
const C: usize = 5;

fn tensor(name: &str, shape: [usize; 2], accumulator_bits: u64) -> Tensor {
    Tensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        bits: 8,
        accumulator_bits,
        begins_outside: ["Q", "K", "V"].contains(&name),
        ends_outside: name == "C",
    }
}

fn operation(unit: Unit, extents: &[usize], accesses: &[(usize, [usize; 2])]) -> Operation {
    let mut all: Vec<Access> = (accesses.iter())
        .map(|(tensor, dims)| Access {
            tensor: *tensor,
            index: dims.iter().map(|&d| Index::Dim(d)).collect(),
        })
        .collect();
    let write = all.pop().expect("a result");
    Operation {
        name: format!("writes {}", write.tensor),
        unit,
        extents: extents.to_vec(),
        whole: vec![false; extents.len()],
        online: false,
        passing: (0..all.len())
            .map(|i| unit == Unit::Vector || i == 1)
            .collect(),
        reads: all,
        write,
    }
}

/// `S = Q K'`, `P = softmax(S)` online, `C = P V`; `Q` is `[rows, 1]`, `V` is `[keys, values]`.
fn attention(rows: usize, keys: usize, values: usize) -> Case {
    let mut softmax = operation(Unit::Vector, &[rows, keys], &[(S, [0, 1]), (P, [0, 1])]);
    softmax.whole[1] = true;
    softmax.online = true;
    Case {
        tensors: vec![
            tensor("Q", [rows, 1], 8),
            tensor("K", [keys, 1], 8),
            tensor("V", [keys, values], 8),
            tensor("S", [rows, keys], 32),
            tensor("P", [rows, keys], 16),
            tensor("C", [rows, values], 32),
        ],
        operations: vec![
            // Rows, keys, depth.
            operation(
                Unit::Array,
                &[rows, keys, 1],
                &[(Q, [0, 2]), (K, [1, 2]), (S, [0, 1])],
            ),
            softmax,
            // Rows, values, keys.
            operation(
                Unit::Array,
                &[rows, values, keys],
                &[(P, [0, 2]), (V, [2, 1]), (C, [0, 1])],
            ),
        ],
        machine: Machine {
            capacity: 64,
            outer: Some(Ports::One((1, 1))),
            shared: Some(Ports::One((4, 1))),
            alignment: 4,
            double_buffer: false,
            waits: false,
        },
    }
}

/// The axis of a stage that has a dimension of its first operation in it.
fn axis(stage: &Stage, dim: usize) -> Option<usize> {
    stage.axes.iter().position(|a| a.dims[0] == dim)
}

/// Loops over rows (0) and keys (1) with tiles of 1.
fn nest(stage: &Stage, dims: &[usize]) -> Vec<Loop> {
    let axis = |&d: &usize| axis(stage, d).expect("an axis");
    let loops = dims.iter().map(axis);
    loops.map(|axis| Loop { axis, extent: 1 }).collect()
}

fn online(case: &Case, dims: &[usize]) -> Option<Online> {
    let stage = Stage::new(case, 0, 2);
    let walk = Walk::new(&stage, &nest(&stage, dims)).expect("a stage");
    Online::new(&walk, 1)
}

/// One row, two keys in tiles of 1, one value. Two iterations; the ports move 8 bits (outer) and
/// 32 bits (shared) a cycle. `Q` and `C` are held all through, `K` and `V` pass by.
///
/// | operation | iteration | array reads | array writes | outer | shared | cycles | takes |
/// |-----------|-----------|-------------|--------------|-------|--------|--------|-------|
/// | `S`       | both      | 8 Q + 8 K   | 8            | 8 / 8 | 32 / 32 | 1     | 1     |
/// | `P`       | first     | 8           | 8 + 2 · 16   | 0     | 48 / 32 | 1 + 3 | 4     |
/// | `P`       | second    | 8 + 2 · 16  | 8            | 0     | 48 / 32 | 1 + 3 | 4     |
/// | `C`       | first     | 8 P + 8 V   | 32           | 8 / 8 | 56 / 32 | 1     | 7/4   |
/// | `C`       | second    | 8 + 8 + 32  | 8            | 8 / 8 | 64 / 32 | 1     | 2     |
///
/// The 3 are the row's value of `C` and its two accumulators. Together 2 + 8 + 15/4 cycles; the
/// outer port needs 48 bits / 8, the shared one (144 + 8 + 104 + 40) / 32.
/// Blocks of 4 bytes: `Q`, `C` (32 bits) and both accumulators (32 bits) all through, `S` and `P` of
/// one element each while they are needed.
#[test]
fn a_row_of_two_keys_costs_what_is_worked_out_by_hand() {
    let case = attention(1, 2, 1);
    let stage = Stage::new(&case, 0, 2);
    let walk = Walk::new(&stage, &nest(&stage, &[1])).expect("a stage");
    let mut holds = vec![Hold::Passing; case.tensors.len()];
    (holds[Q], holds[C]) = (Hold::Level(0), Hold::Level(0));
    let prices = Bare(&case);
    let costing = Costing::new(&walk, &prices);
    let cost = costing.least(&holds, 0).expect("it fits");
    assert_eq!(cost.stage_bytes, [16, 20, 16]);
    let tally = cost.tally;
    assert_eq!((tally.inward, tally.outward), (40, 8));
    assert_eq!((tally.read, tally.written), (144, 104));
    assert_eq!(tally.paced, Rational::new(55, 4));
    assert_eq!(cost.time, Rational::new(55, 4));
}

/// Two rows of three keys, four values: the first part of a row reads no accumulators, the last one
/// writes none, and each costs 4 + 2 operations more. With the keys outside both rows wait for their
/// next part; with the rows outside one row does.
#[test]
fn accumulators_are_those_of_the_rows_under_the_loops_outside() {
    let case = attention(2, 3, 4);
    let parts = |of: &[[u64; 3]]| -> Vec<Part> {
        let each = of.iter().map(|&[read, written, operations]| Part {
            read,
            written,
            operations,
        });
        each.collect()
    };
    let (first, middle, last) = ([0, 2, 6], [2, 2, 6], [2, 0, 6]);
    let by_row = online(&case, &[0, 1]).expect("the keys are cut");
    assert_eq!(by_row.accumulators, 2);
    assert_eq!(
        by_row.parts,
        parts(&[first, middle, last, first, middle, last])
    );
    let by_key = online(&case, &[1, 0]).expect("the keys are cut");
    assert_eq!(by_key.accumulators, 4);
    assert_eq!(
        by_key.parts,
        parts(&[first, first, middle, middle, last, last])
    );
    let keys = online(&case, &[1]).expect("the keys are cut");
    assert_eq!(keys.accumulators, 4);
    assert_eq!(keys.parts, parts(&[[0, 4, 12], [4, 4, 12], [4, 0, 12]]));
    assert_eq!(online(&case, &[0]), None, "the rows alone are cut");
}

/// What it takes to cut the axis: each condition alone forbids it.
#[test]
fn the_axis_is_cut_for_one_summing_sink_of_the_array_alone() {
    let can_cut = |change: &dyn Fn(&mut Case)| {
        let mut case = attention(2, 3, 4);
        change(&mut case);
        let stage = Stage::new(&case, 0, 2.min(case.operations.len() - 1));
        axis(&stage, 1).is_some()
    };
    let reader = |case: &mut Case, at: usize| {
        case.tensors.push(tensor("R", [2, 3], 8));
        let accesses = [(P, [0, 1]), (6, [0, 1])];
        let reads = operation(Unit::Vector, &[2, 3], &accesses);
        case.operations.insert(at, reads);
    };
    assert!(can_cut(&|_| {}));
    assert!(!can_cut(&|case| case.operations[1].online = false));
    assert!(!can_cut(&|case| case.tensors[P].ends_outside = true));
    assert!(!can_cut(&|case| case.operations[2].unit = Unit::Vector));
    assert!(!can_cut(&|case| reader(case, 3)), "a reader after it");
    assert!(!can_cut(&|case| {
        case.operations.pop();
        reader(case, 2);
    }));
    assert!(!can_cut(&|case| {
        // `P` is a sink.
        case.operations.pop();
    }));
    let mut case = attention(2, 3, 4);
    reader(&mut case, 2);
    let stage = Stage::new(&case, 0, 3);
    assert_eq!(axis(&stage, 1), None, "a reader in the stage");
}

/// Among random cases it matters: many stages are faster, or fit at all, as their softmax is cut, and
/// some are better off with whole rows.
#[test]
fn online_softmaxes_of_random_cases_are_cut_where_it_helps() {
    let [mut all, mut cut, mut outer, mut faster, mut first] = [0; 5];
    for seed in 0..260 {
        let mut case = random::case(Kind::OnlineAttention, seed);
        case.machine.waits = false;
        let mut whole = case.clone();
        whole.operations.iter_mut().for_each(|o| o.online = false);
        for (from, to) in (0..case.operations.len())
            .flat_map(|from| (from + 1..case.operations.len()).map(move |to| (from, to)))
        {
            let options = Options {
                most_loops: 2,
                sums_pass: false,
            };
            let stage = Stage::new(&case, from, to);
            let Some(best) = search::best_stage(&stage, &Bare(&case), options) else {
                continue;
            };
            all += 1;
            let is_cut = |l: &Loop| {
                let pairs = stage.operations.iter().zip(&stage.axes[l.axis].dims);
                pairs.clone().any(|(o, &dim)| o.online && o.whole[dim])
            };
            let place = best.nest.iter().position(is_cut);
            cut += u64::from(place.is_some());
            outer += u64::from(place == Some(0) && best.nest.len() == 2);
            let stage = Stage::new(&whole, from, to);
            let uncut = search::best_stage(&stage, &Bare(&whole), options);
            first += u64::from(uncut.is_none());
            faster += u64::from(uncut.is_some_and(|u| best.cost.time < u.cost.time));
        }
    }
    println!("{all} stages: {cut} cut, {outer} by the outer loop, {faster} faster, {first} at all");
    assert!(cut > 0 && outer > 0 && faster > 0 && first > 0);
}
