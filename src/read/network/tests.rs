//! Inferred shapes and work, against numbers worked out by hand.

use std::fs;
use std::path::Path;

use crate::problem::{
    Bits, Dim, Layer, LayerKind, LoopNest, Network, PerDim, StreamOperation, Window,
};
use crate::read::{self, NetworkOptions};

use super::op;

mod operators;

fn batch_of(batch: u64) -> NetworkOptions {
    NetworkOptions {
        batch: Some(batch),
        ..NetworkOptions::default()
    }
}

fn read_with(text: &str, options: &NetworkOptions) -> Result<Network, read::ReadError> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), text).expect("writable");
    read::network(file.path(), options)
}

/// A network with 8-bit operands, this input and these layers.
fn network(input: &str, layers: &[&str]) -> Network {
    let layers: Vec<String> = layers.iter().map(|l| format!("  - {{{l}}}\n")).collect();
    let text = format!(
        "name: x\nbatch: 2\nprecision_bits: {{input: 8, weight: 8, output: 8, accumulator: 32}}\n{input}\nlayers:\n{}",
        layers.concat()
    );
    read_with(&text, &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn file(path: &str) -> Network {
    read::network(Path::new(path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn nest(layer: &Layer) -> Option<&LoopNest> {
    match &layer.kind {
        LayerKind::MultiplyAccumulate(nest) => Some(nest),
        _ => None,
    }
}

fn stream(layer: &Layer) -> StreamOperation {
    match layer.kind {
        LayerKind::Stream(operation) => operation,
        _ => panic!("{} is not streamed", layer.name),
    }
}

fn macs(network: &Network) -> u128 {
    network
        .layers
        .iter()
        .filter_map(nest)
        .map(LoopNest::box_macs)
        .sum()
}

#[test]
fn vgg16_has_its_known_work() {
    let vgg = file("inputs/networks/vgg16.yaml");
    assert_eq!(vgg.layers.iter().filter_map(nest).count(), 16);
    assert_eq!(macs(&vgg), 15_470_264_320);
}

#[test]
fn alexnet_has_its_known_work() {
    let alexnet = file("inputs/networks/alexnet.yaml");
    assert_eq!(macs(&alexnet), 724_406_816);
    let conv2 = alexnet
        .layers
        .iter()
        .find(|l| l.name == "conv2")
        .expect("conv2");
    assert_eq!(conv2.shape, [1, 256, 27, 27]);
    assert_eq!(
        nest(conv2).expect("a nest").extents,
        PerDim::planar([2, 1, 128, 48, 27, 27, 5, 5])
    );
}

#[test]
fn the_batch_of_the_command_line_wins_but_not_over_dims() {
    let text = "name: x\nbatch: 3\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\ninput: {features: 4}\nlayers:\n  - {name: a, op: linear, out_features: 2}\n  - {name: b, op: linear, dims: {N: 7, K: 2, C: 2}}\n";
    let options = batch_of(5);
    let read = read_with(text, &options).expect("readable");
    assert_eq!(read.batch, 5);
    let batches = read
        .layers
        .iter()
        .filter_map(nest)
        .map(|n| n.extents[Dim::N]);
    assert_eq!(batches.collect::<Vec<_>>(), [5, 7]);
    let error = read_with(text, &batch_of(0)).expect_err("an error");
    assert!(
        error.to_string().contains("batch: the batch size 0"),
        "{error}"
    );
}

#[test]
fn strided_dilated_convolution() {
    let net = network(
        "input: {channels: 4, height: 20, width: 11}",
        &[
            "name: a, op: conv2d, out_channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [2, 3], groups: 2",
        ],
    );
    let nest = nest(&net.layers[0]).expect("a nest");
    // (20 + 2 - 2·2 - 1) / 2 + 1 = 9 rows, 11 - 3·1 - 1 + 1 = 8 columns.
    assert_eq!(nest.extents, PerDim::planar([2, 2, 3, 2, 9, 8, 3, 2]));
    let rows = Window {
        stride: 2,
        dilation: 2,
        padding: 1,
        rows: 20,
    };
    let cols = Window {
        stride: 1,
        dilation: 3,
        padding: 0,
        rows: 11,
    };
    assert_eq!(nest.windows, Window::planar([rows, cols]));
    assert_eq!(net.layers[0].shape, [2, 6, 9, 8]);
}

#[test]
fn stand_alone_layers() {
    let net = network(
        "",
        &[
            "name: a, op: conv2d, dims: {N: 1, K: 8, C: 3, P: 5, Q: 6, R: 3, S: 1}, stride: 2, padding: [1, 0], dilation: [3, 1]",
            "name: b, op: conv2d, dims: {N: 1, G: 32, P: 4, Q: 4, R: 3, S: 3}",
            "name: c, op: matmul, dims: {B: 12, M: 128, N: 64, K: 32}",
            "name: d, op: linear, dims: {N: 3, K: 10, C: 20}",
            "name: e, op: relu",
        ],
    );
    let nests: Vec<&LoopNest> = net.layers.iter().filter_map(nest).collect();
    // (5-1)·2 + (3-1)·3 + 1 - 2·1 = 13 rows; (6-1)·2 + 0 + 1 = 11 columns.
    assert_eq!(nests[0].windows.map(|w| w.rows), [13, 11, 1]);
    assert_eq!(nests[1].extents, PerDim::planar([32, 1, 1, 1, 4, 4, 3, 3]));
    assert_eq!(
        nests[2].extents,
        PerDim::planar([12, 128, 64, 32, 1, 1, 1, 1])
    );
    assert_eq!(nests[3].extents, PerDim::planar([1, 3, 10, 20, 1, 1, 1, 1]));
    assert_eq!(nests[3].windows, [Window::NONE; Window::COUNT]);
    assert!(net.layers[..4].iter().all(|l| l.from.is_empty()));
    assert_eq!(net.layers[4].from, [Some(3)]);
    assert_eq!(net.layers[4].shape, [3, 10]);
}

#[test]
fn attention_chains() {
    let net = network(
        "input: {sequence: 128, features: 768}",
        &[
            "name: q, op: linear, out_features: 768",
            "name: k, op: linear, out_features: 768, from: input",
            "name: qh, op: reshape, shape: [128, 12, 64], from: q",
            "name: qt, op: transpose, axes: [1, 0, 2]",
            "name: kh, op: reshape, shape: [128, 12, 64], from: k",
            "name: kt, op: transpose, axes: [1, 2, 0]",
            "name: scores, op: matmul, from: [qt, kt]",
            "name: p, op: softmax",
        ],
    );
    let scores = &net.layers[6];
    assert_eq!(scores.shape, [2, 12, 128, 128]);
    assert_eq!(
        nest(scores).expect("a nest").extents,
        PerDim::planar([24, 128, 128, 64, 1, 1, 1, 1])
    );
    assert_eq!(scores.from, [Some(3), Some(5)]);
    assert_eq!(
        nest(&net.layers[0]).expect("a nest").extents,
        PerDim::planar([1, 256, 768, 768, 1, 1, 1, 1])
    );
    assert_eq!(
        stream(&net.layers[7]).vector_operations,
        5 * 2 * 12 * 128 * 128
    );
}

#[test]
fn streamed_operators_count_bits_and_operations() {
    let net = network(
        "input: {channels: 4, height: 7, width: 7}",
        &[
            "name: pool, op: max_pool, kernel: 2",
            "name: sparse, op: avg_pool, kernel: 1, stride: 3, from: input",
            "name: ceil, op: max_pool, kernel: 2, ceil_mode: true, from: input",
            "name: bn, op: batch_norm, from: pool, precision_bits: {weight: 16}",
            "name: sum, op: add, from: [pool, bn]",
            "name: cat, op: concat, from: [pool, sum]",
            "name: mean, op: global_avg_pool",
            "name: scaled, op: mul, from: [cat, mean]",
        ],
    );
    let pool = stream(&net.layers[0]);
    // Two images of 4 channels; 6 of 7 rows and columns are touched; 3 x 3 outputs of 4 taps.
    assert_eq!(pool.input, Bits(2 * 4 * 36 * 8));
    assert_eq!(pool.output, Bits(2 * 4 * 9 * 8));
    assert_eq!(
        (pool.vector_operations, pool.fusable),
        (2 * 4 * 9 * 4, false)
    );
    let sparse = stream(&net.layers[1]);
    assert_eq!(sparse.input, Bits(2 * 4 * 9 * 8));
    assert_eq!(sparse.vector_operations, 2 * 4 * 9 * 2);
    assert_eq!(net.layers[2].shape, [2, 4, 4, 4]);
    let bn = stream(&net.layers[3]);
    assert_eq!((bn.weight, bn.fusable), (Bits(2 * 4 * 16), true));
    let sum = stream(&net.layers[4]);
    assert_eq!(sum.input, Bits(2 * 2 * 4 * 9 * 8));
    assert_eq!(sum.vector_operations, 2 * 4 * 9);
    // Of two images the channels of one lie between those of the other: every element is moved.
    assert_eq!(stream(&net.layers[5]).output, Bits(2 * 8 * 9 * 8));
    assert_eq!(net.layers[5].shape, [2, 8, 3, 3]);
    assert_eq!(net.layers[6].shape, [2, 8, 1, 1]);
    assert_eq!(net.layers[7].shape, [2, 8, 3, 3]);
    assert_eq!(stream(&net.layers[7]).input, Bits(2 * 8 * 10 * 8));
}

#[test]
fn embeddings_read_one_row_for_each_token() {
    let net = network(
        "input: {sequence: 16}",
        &[
            "name: e, op: embedding, vocabulary: 1000, features: 8",
            "name: n, op: layer_norm",
            "name: f, op: linear, out_features: 4",
        ],
    );
    let embedding = stream(&net.layers[0]);
    assert_eq!(embedding.input, Bits(2 * 16 * 8));
    assert_eq!(embedding.weight, Bits(2 * 16 * 8 * 8));
    assert_eq!(stream(&net.layers[1]).weight, Bits(2 * 8 * 8));
    assert_eq!(net.layers[2].shape, [2, 16, 4]);
}

#[test]
fn a_linear_layer_flattens_an_image() {
    let net = network(
        "input: {channels: 4, height: 3, width: 2}",
        &["name: f, op: linear, out_features: 5", "name: g, op: relu"],
    );
    assert_eq!(
        nest(&net.layers[0]).expect("a nest").extents,
        PerDim::planar([1, 2, 5, 24, 1, 1, 1, 1])
    );
    assert_eq!(net.layers[1].shape, [2, 5]);
}
