//! The operators of the page of networks: shapes, work and layers against numbers worked out by hand.

use super::*;

const PAGE: &str = "inputs/networks/README.md";

/// The examples of the page: whole files.
fn examples() -> Vec<String> {
    let page = fs::read_to_string(PAGE).expect("the page");
    let blocks = page.split("```yaml\n").skip(1);
    let blocks: Vec<String> = blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect();
    assert!(blocks.len() >= 5);
    blocks
}

#[test]
fn every_example_of_the_page_is_a_network() {
    for text in examples() {
        let network = read_with(&text, &NetworkOptions::default());
        let network = network.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(network.layers.len() > 3);
    }
}

#[test]
fn the_page_has_every_operator_with_its_keys() {
    let page = fs::read_to_string(PAGE).expect("the page");
    for operator in op::OPERATORS {
        let name = format!("`{}`", operator.name);
        let first = |line: &&str| {
            line.split('|')
                .nth(1)
                .is_some_and(|cell| cell.contains(&name))
        };
        let row = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .find(first);
        let row = row.unwrap_or_else(|| panic!("{name} has no row"));
        for key in operator.keys {
            assert!(row.contains(&format!("`{key}`")), "{name} misses `{key}`");
        }
    }
}

#[test]
fn asymmetric_padding_and_same() {
    let net = network(
        "input: {channels: 4, height: 224, width: 7}",
        &[
            "name: a, op: conv2d, out_channels: 2, kernel: 3, stride: 2, padding: [[0, 1], [2, 1]]",
            "name: b, op: conv2d, out_channels: 2, kernel: [3, 4], stride: 2, padding: same, from: input",
            "name: c, op: conv2d, out_channels: 2, kernel: [3, 4], stride: 2, padding: same_lower, from: input",
            "name: d, op: max_pool, kernel: 2, stride: 1, padding: same, from: input",
            "name: e, op: conv_transpose2d, out_channels: 2, kernel: 3, stride: 2, padding: [[1, 0], [0, 1]], from: input",
            "name: f, op: conv2d, out_channels: 2, kernel: 3, stride: 2, padding: [0, 2, 1, 1], from: input",
        ],
    );
    // The order of ONNX's `pads`.
    assert_eq!(net.layers[5].shape, net.layers[0].shape);
    assert_eq!(
        nest(&net.layers[5]).map(|n| n.windows),
        nest(&net.layers[0]).map(|n| n.windows)
    );
    // (224 + 1 - 3) / 2 + 1 rows, (7 + 3 - 3) / 2 + 1 columns.
    assert_eq!(net.layers[0].shape, [2, 2, 112, 4]);
    let windows = |layer: usize| {
        let [down, across, _] = nest(&net.layers[layer]).expect("a nest").windows;
        [down, across]
    };
    assert_eq!(windows(0).map(|w| (w.padding, w.rows)), [(0, 224), (2, 7)]);
    // 112 and 4 outputs: one row and three columns of padding, the odd one behind or in front.
    assert_eq!(net.layers[1].shape, [2, 2, 112, 4]);
    assert_eq!(windows(1).map(|w| w.padding), [0, 1]);
    assert_eq!(windows(2).map(|w| w.padding), [1, 2]);
    assert_eq!(net.layers[3].shape, [2, 4, 224, 7]);
    // (224 - 1)·2 - 1 + 2 + 1 rows, (7 - 1)·2 - 1 + 2 + 1 columns.
    assert_eq!(net.layers[4].shape, [2, 2, 448, 14]);
}

#[test]
fn grouped_queries_are_rows_of_one_product() {
    let net = network(
        "inputs: {q: {shape: [32, 5, 64]}, k: {shape: [8, 64, 7]}, one: {shape: [1, 64, 3]}, w: {shape: [6, 64], with_batch: true}}",
        &[
            "name: a, op: matmul, from: [q, k]",
            "name: b, op: matmul, from: [q, one]",
            "name: wt, op: transpose, axes: [1, 0], from: w, with_batch: true, view: true",
            "name: c, op: matmul, from: [q, wt]",
        ],
    );
    let layer = |name: &str| net.layers.iter().find(|l| l.name == name).expect(name);
    let extents = |name: &str| nest(layer(name)).expect("a nest").extents;
    // A batch of two with 8 heads of keys: 4 query heads of 5 rows for each.
    assert_eq!(extents("a"), PerDim::planar([16, 20, 7, 64, 1, 1, 1, 1]));
    assert_eq!(layer("a").shape, [2, 32, 5, 7]);
    assert_eq!(extents("b"), PerDim::planar([2, 160, 3, 64, 1, 1, 1, 1]));
    assert_eq!(extents("c"), PerDim::planar([1, 320, 6, 64, 1, 1, 1, 1]));
    assert_eq!(layer("c").shape, [2, 32, 5, 6]);
}

#[test]
fn windows_merged_into_the_batch_come_back() {
    // Windows of 7 x 7 of an image of 14 x 14 with 6 channels, as in Swin.
    let net = network(
        "input: {shape: [14, 14, 6]}",
        &[
            "name: cut, op: reshape, shape: [2, 2, 7, 2, 7, 6], with_batch: true",
            "name: sorted, op: transpose, axes: [0, 1, 3, 2, 4, 5], with_batch: true",
            "name: windows, op: reshape, shape: [8, 49, 6], with_batch: true",
            "name: qkv, op: linear, out_features: 18",
            "name: heads, op: reshape, shape: [8, 49, 3, 2, 3], with_batch: true",
            "name: first, op: transpose, axes: [2, 0, 3, 1, 4], with_batch: true, view: true",
            "name: q, op: slice, axis: 0, end: 1, with_batch: true",
        ],
    );
    let shapes: Vec<&[u64]> = net.layers.iter().map(|l| l.shape.as_slice()).collect();
    assert_eq!(shapes[1], [2, 2, 2, 7, 7, 6]);
    assert_eq!(stream(&net.layers[1]).vector_operations, 2 * 14 * 14 * 6);
    assert_eq!(
        nest(&net.layers[3]).expect("a nest").extents,
        PerDim::planar([1, 392, 18, 6, 1, 1, 1, 1])
    );
    assert_eq!(shapes[5], [3, 8, 2, 49, 3]);
    // The outermost axis: the elements lie behind each other.
    assert_eq!(
        (shapes[6], &net.layers[6].kind),
        ([1, 8, 2, 49, 3].as_slice(), &LayerKind::View)
    );
}

#[test]
fn operands_are_broadcast_and_counted() {
    let net = network(
        "input: {channels: 4, height: 3, width: 3}",
        &[
            "name: gate, op: reduce, function: mean, axes: [1, 2]",
            "name: scaled, op: mul, from: [input, gate]",
            "name: shifted, op: add, parameter: [4, 1, 1]",
            "name: table, op: add, parameter: [4, 3, 3]",
            "name: power, op: pow, value: 3",
            "name: q, op: quantize, precision_bits: {output: 4}",
        ],
    );
    let gate = stream(&net.layers[0]);
    assert_eq!(
        (gate.input, gate.output),
        (Bits(2 * 36 * 8), Bits(2 * 4 * 8))
    );
    assert_eq!(gate.vector_operations, 2 * 36 + 2 * 4);
    let scaled = stream(&net.layers[1]);
    assert_eq!(
        (scaled.input, scaled.vector_operations),
        (Bits((72 + 8) * 8), 72)
    );
    let shifted = stream(&net.layers[2]);
    assert_eq!((shifted.weight, shifted.fusable), (Bits(4 * 8), true));
    let table = stream(&net.layers[3]);
    assert_eq!((table.weight, table.fusable), (Bits(36 * 8), false));
    assert_eq!(stream(&net.layers[4]).vector_operations, 3 * 72);
    let q = stream(&net.layers[5]);
    assert_eq!((q.output, q.vector_operations), (Bits(72 * 4), 5 * 72));
}

#[test]
fn parts_and_places_are_layers_of_their_own() {
    let net = network(
        "input: {sequence: 5, features: 12}",
        &[
            "name: s, op: split, axis: 1, sizes: [4, 8]",
            "name: r, op: relu, from: s.1",
            "name: best, op: topk, k: 3",
            "name: t, op: gather, axis: 2, from: [r, best.indices], with_batch: true",
            "name: l, op: lstm, hidden: 7, from: input, directions: 2",
            "name: h, op: relu, from: l.cell",
        ],
    );
    let names: Vec<&str> = net.layers.iter().map(|l| l.name.as_str()).collect();
    // The first part is read by no layer, and neither is the hidden state.
    assert_eq!(
        names,
        [
            "s.1",
            "r",
            "best",
            "best.indices",
            "t",
            "l.input",
            "l.recurrent",
            "l",
            "l.cell",
            "h"
        ]
    );
    assert_eq!(stream(&net.layers[0]).input, Bits(2 * 5 * 8 * 8));
    assert_eq!(net.layers[3].shape, [2, 5, 3]);
    assert_eq!(net.layers[4].shape, [2, 5, 2, 5, 3]);
    let [input, recurrent, gates] = [5, 6, 7].map(|i| &net.layers[i]);
    assert_eq!(
        nest(input).expect("a nest").extents,
        PerDim::planar([1, 10, 56, 12, 1, 1, 1, 1])
    );
    let steps: Vec<PerDim<u64>> = recurrent.kind.nests().map(|n| n.extents).collect();
    assert_eq!(steps, [PerDim::planar([2, 2, 28, 7, 1, 1, 1, 1]); 5]);
    assert_eq!(recurrent.kind.macs(), 5 * 2 * 2 * 28 * 7);
    assert_eq!(
        (gates.shape.as_slice(), gates.from.len()),
        ([2, 5, 14].as_slice(), 2)
    );
    assert_eq!(net.layers[8].shape, [2, 2, 7]);
}

#[test]
fn blocks_run_on_what_the_time_before_gave() {
    let text = "name: x\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\ninput: {features: 4}\nlayers:\n  - {name: stem, op: relu}\n  - name: block\n    repeat: 2\n    layers:\n      - {name: a, op: linear, out_features: 4}\n      - {name: b, op: add, from: [a, input]}\n  - {name: head, op: add, from: [block, block.0.a]}\n  - {name: tied, op: linear, out_features: 4, shares: block.1.a}\n";
    let net = read_with(text, &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let layers: Vec<(&str, Vec<Option<usize>>)> = (net.layers.iter())
        .map(|l| (l.name.as_str(), l.from.clone()))
        .collect();
    let at = |i| Some(i);
    assert_eq!(
        layers,
        [
            ("stem", vec![None]),
            ("block.0.a", vec![at(0)]),
            ("block.0.b", vec![at(1), at(0)]),
            ("block.1.a", vec![at(2)]),
            ("block.1.b", vec![at(3), at(2)]),
            ("head", vec![at(4), at(1)]),
            ("tied", vec![at(5)]),
        ]
    );
    assert_eq!(net.layers[6].spec.shares, Some(3));
}

#[test]
fn factorised_convolutions_of_volumes() {
    let net = network(
        "input: {shape: [6, 4, 9, 8]}",
        &[
            "name: t, op: conv3d, out_channels: 10, kernel: [3, 1, 1], padding: [[2, 0], [0, 0], [0, 0]]",
            "name: s, op: conv3d, out_channels: 5, kernel: [1, 3, 3], stride: [1, 2, 1], groups: 5",
            "name: p, op: conv3d, out_channels: 3, kernel: 1",
        ],
    );
    let extents = |layer: usize| nest(&net.layers[layer]).expect("a nest").extents;
    // Depth and columns are the windows' axes, the rows go with the batch of two.
    assert_eq!(extents(0), PerDim::planar([1, 18, 10, 6, 4, 8, 3, 1]));
    assert_eq!(net.layers[0].shape, [2, 10, 4, 9, 8]);
    assert_eq!(nest(&net.layers[0]).expect("a nest").windows[0].padding, 2);
    assert_eq!(extents(1), PerDim::planar([5, 8, 1, 2, 4, 6, 3, 3]));
    assert_eq!(net.layers[1].shape, [2, 5, 4, 4, 6]);
    assert_eq!(extents(2), PerDim::planar([1, 8, 3, 5, 4, 6, 1, 1]));
}

#[test]
fn convolutions_over_depth_rows_and_columns() {
    let net = network(
        "input: {shape: [6, 5, 9, 8]}",
        &[
            "name: a, op: conv3d, out_channels: 10, kernel: [3, 2, 4], stride: [1, 2, 3], padding: [[2, 0], [1, 0], [0, 3]], dilation: [2, 1, 1], groups: 2, bias: true",
            "name: b, op: conv3d, out_channels: 4, kernel: 1, stride: 2",
            "name: up, op: conv_transpose3d, out_channels: 6, kernel: [2, 3, 2], stride: [2, 1, 2], padding: [0, 1, 0], output_padding: [1, 0, 0]",
        ],
    );
    let own = |layer: usize| nest(&net.layers[layer]).expect("a nest");
    let tails = |layer: usize| {
        use Dim::{P, Q, R, S, T, Z};
        [Z, P, Q, T, R, S].map(|d| own(layer).extents[d])
    };
    // 5 + 2 - (2·2 + 1) + 1 planes, (9 + 1 - 2) / 2 + 1 rows, (8 + 3 - 4) / 3 + 1 columns.
    assert_eq!(net.layers[0].shape, [2, 10, 3, 5, 3]);
    assert_eq!(tails(0), [3, 5, 3, 3, 2, 4]);
    let [g, n, k, c] = [Dim::G, Dim::N, Dim::K, Dim::C].map(|d| own(0).extents[d]);
    assert_eq!([g, n, k, c], [2, 2, 5, 3]);
    let windows = own(0)
        .windows
        .map(|w| (w.stride, w.dilation, w.padding, w.rows));
    assert_eq!(windows, [(2, 1, 1, 9), (3, 1, 0, 8), (1, 2, 2, 5)]);
    // A stride on every axis is a window on every axis.
    assert_eq!(tails(1), [2, 3, 2, 1, 1, 1]);
    // (2 - 1)·2 + 2 + 1 planes, 3 - 2 + 3 - 1 rows, (2 - 1)·2 + 2 columns: four phases.
    assert_eq!(net.layers[2].shape, [2, 6, 5, 3, 4]);
    let LayerKind::Phases(phases) = &net.layers[2].kind else {
        panic!("it has phases");
    };
    let indices: Vec<String> = phases.iter().map(|p| p.index.to_string()).collect();
    assert_eq!(
        indices,
        ["[0, 0, 0]", "[0, 0, 1]", "[1, 0, 0]", "[1, 0, 1]"]
    );
}
