//! Multiply-accumulates, parameters and shapes of the networks under `inputs/`, against what their
//! publications and their usual implementations state.

use std::collections::BTreeSet;
use std::path::Path;

use deepmatrix::problem::{Dim, LayerKind, LoopNest, Network, Phase, Role};
use deepmatrix::read::{self, NetworkOptions};

fn network(name: &str) -> Network {
    let path = format!("inputs/networks/{name}.yaml");
    read::network(Path::new(&path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn nests(network: &Network) -> impl Iterator<Item = (&str, &LoopNest)> {
    network.layers.iter().flat_map(|l| {
        let own: Vec<&LoopNest> = match &l.kind {
            LayerKind::MultiplyAccumulate(nest) => vec![&**nest],
            LayerKind::Phases(phases) => phases.iter().filter_map(Phase::nest).collect(),
            LayerKind::Stream(_) | LayerKind::View => Vec::new(),
        };
        own.into_iter().map(|nest| (l.op.as_str(), nest))
    })
}

fn macs(network: &Network) -> u128 {
    nests(network).map(|(_, nest)| nest.box_macs()).sum()
}

/// Weights of convolutions and fully connected layers; biases and norms are not counted.
fn weights(network: &Network) -> u64 {
    let of = |nest: &LoopNest| -> u64 {
        let dims = nest.relevant[Role::Weight as usize].iter();
        dims.map(|d| nest.extents[d]).product()
    };
    nests(network)
        .filter(|(op, _)| *op != "matmul")
        .map(|(_, nest)| of(nest))
        .sum()
}

fn distinct(network: &Network) -> usize {
    nests(network)
        .map(|(_, n)| n)
        .collect::<BTreeSet<_>>()
        .len()
}

fn shape(network: &Network, layer: &str) -> Vec<u64> {
    let found = network.layers.iter().find(|l| l.name == layer);
    found
        .unwrap_or_else(|| panic!("no layer {layer}"))
        .shape
        .clone()
}

#[test]
fn resnet50_has_4_09_billion_macs_and_25_5_million_weights() {
    // torchvision: 4.09 GMAC; 25,557,032 parameters, of which 53,120 of batch norms and 1,000 biases.
    let n = network("resnet50");
    assert_eq!(macs(&n), 4_089_184_256);
    assert_eq!(weights(&n), 25_557_032 - 53_120 - 1_000);
    assert_eq!(shape(&n, "conv5_3_relu"), [1, 2048, 7, 7]);
    assert_eq!(nests(&n).count(), 54);
    assert_eq!(distinct(&n), 24);
}

#[test]
fn r3d_18_has_40_697_million_macs_and_33_4_million_weights() {
    // torchvision's `R3D_18_Weights`: 33,371,472 parameters, of which 9,600 of batch norms and 400
    // biases, and 40.697 "GFLOPS", which are multiply-accumulates, padding included.
    let n = network("r3d-18");
    assert_eq!(macs(&n), 40_696_553_472);
    assert_eq!(weights(&n), 33_371_472 - 9_600 - 400);
    assert_eq!(shape(&n, "layer4_2_relu"), [1, 512, 2, 7, 7]);
    assert_eq!(nests(&n).count(), 21);
    assert_eq!(distinct(&n), 12);
    let (_, stem) = nests(&n).next().expect("a nest");
    assert_eq!([stem.extents[Dim::Z], stem.extents[Dim::T]], [16, 3]);
}

#[test]
fn mobilenet_v2_has_300_million_macs_and_3_5_million_weights() {
    // Sandler et al. 2018, table 4: 300 M multiply-adds, 3.4 M parameters (torchvision: 3,504,872,
    // of which 34,112 of batch norms and 1,000 biases).
    let n = network("mobilenet_v2");
    assert_eq!(macs(&n), 300_774_272);
    assert_eq!(weights(&n), 3_504_872 - 34_112 - 1_000);
    assert_eq!(shape(&n, "block17_project_bn"), [1, 320, 7, 7]);
    assert_eq!(nests(&n).count(), 53);
}

#[test]
fn googlenet_has_the_shapes_and_weights_of_its_table() {
    // Szegedy et al. 2015, table 1: 27 thousand to 1,388 thousand weights for each module.
    let n = network("googlenet");
    assert_eq!(shape(&n, "inception_3a"), [1, 256, 28, 28]);
    assert_eq!(shape(&n, "inception_4e"), [1, 832, 14, 14]);
    assert_eq!(shape(&n, "inception_5b"), [1, 1024, 7, 7]);
    assert_eq!(weights(&n), 6_990_272);
    assert_eq!(macs(&n), 1_582_671_872);
}

#[test]
fn bert_base_has_85_million_weights_in_its_encoders() {
    // 12 (4 * 768^2 + 2 * 768 * 3072) weights; products of scores and values beside them.
    for (name, tokens) in [("bert_base_128", 128), ("bert_base_512", 512)] {
        let n = network(name);
        assert_eq!(weights(&n), 84_934_656);
        let attention = 12 * 2 * tokens * tokens * 768;
        assert_eq!(macs(&n), u128::from(84_934_656 * tokens + attention));
        assert_eq!(shape(&n, "encoder12_norm2"), [1, tokens, 768]);
        assert_eq!(distinct(&n), 5);
    }
}

#[test]
fn bert_large_has_302_million_weights_in_its_encoders() {
    // 24 (4 * 1024^2 + 2 * 1024 * 4096) weights.
    let n = network("bert_large_128");
    assert_eq!(weights(&n), 301_989_888);
    let attention = 24 * 2 * 128 * 128 * 1024;
    assert_eq!(macs(&n), u128::from(301_989_888_u64 * 128 + attention));
    assert_eq!(shape(&n, "encoder24_norm2"), [1, 128, 1024]);
    assert_eq!(distinct(&n), 5);
}

#[test]
fn gpt2_has_124_million_weights_with_its_tables() {
    // Of its 124.4 million parameters 85 million stand in the blocks, the rest in the token table,
    // which is that of the logits too.
    let n = network("gpt2_prefill");
    assert_eq!(weights(&n), 84_934_656 + 50_257 * 768);
    assert_eq!(shape(&n, "norm"), [1, 1024, 768]);
    let decode = network("gpt2_decode");
    assert_eq!(weights(&decode), weights(&n));
    assert_eq!(shape(&decode, "block1_keys"), [1, 12, 64, 1024]);
    assert_eq!(shape(&decode, "logits"), [1, 1, 50_257]);
    let rows = nests(&decode).map(|(_, nest)| nest.extents[Dim::N]).max();
    assert_eq!(rows, Some(1));
}

#[test]
fn dcgan_has_the_shapes_of_its_figure_and_18_9_million_weights() {
    // Radford et al. 2016, figure 1: 1024 x 4 x 4, 512 x 8 x 8, 256 x 16 x 16, 128 x 32 x 32, 3 x 64 x 64.
    let n = network("dcgan_generator");
    assert_eq!(shape(&n, "reshape"), [1, 1024, 4, 4]);
    assert_eq!(shape(&n, "up1"), [1, 512, 8, 8]);
    assert_eq!(shape(&n, "up2"), [1, 256, 16, 16]);
    assert_eq!(shape(&n, "up3"), [1, 128, 32, 32]);
    assert_eq!(shape(&n, "up4"), [1, 3, 64, 64]);
    let channels = [1024_u64, 512, 256, 128, 3];
    let products: Vec<u64> = channels.windows(2).map(|c| c[0] * c[1]).collect();
    assert_eq!(
        weights(&n),
        100 * 16_384 + 25 * products.iter().sum::<u64>()
    );
    // Of the 5 taps of each of an axis's rows the first row loses 2 and the last one 1 to the edges.
    let rows = [4_u64, 8, 16, 32].map(|rows| 5 * rows - 3);
    let real = products.iter().zip(rows).map(|(c, rows)| c * rows * rows);
    let real = 100 * 16_384 + real.sum::<u64>();
    assert_eq!(real, 536_341_888);
    assert_eq!(
        nests(&n).map(|(_, nest)| nest.macs()).sum::<u128>(),
        u128::from(real)
    );
    // The phases' boxes have 3 and 2 taps: 25 products for every 4 outputs.
    let boxes = products
        .iter()
        .zip([4_u64, 8, 16, 32])
        .map(|(c, rows)| c * rows * rows * 25);
    assert_eq!(macs(&n), u128::from(100 * 16_384 + boxes.sum::<u64>()));
    assert_eq!(nests(&n).count(), 17);
    assert_eq!(distinct(&n), 17);
}

#[test]
fn vgg16_multiplies_less_on_real_data_than_its_boxes_hold() {
    // 15.35 G of the 15.47 G multiply-accumulates of the boxes: padding of 1 costs each axis 2 of 3 n pairs.
    let n = network("vgg16");
    let layers = [
        (3, 64, 224),
        (64, 64, 224),
        (64, 128, 112),
        (128, 128, 112),
        (128, 256, 56),
        (256, 256, 56),
        (256, 256, 56),
        (256, 512, 28),
        (512, 512, 28),
        (512, 512, 28),
        (512, 512, 14),
        (512, 512, 14),
        (512, 512, 14),
    ];
    let linear = 25_088 * 4096 + 4096 * 4096 + 4096 * 1000;
    let pairs = |n: u128| (3 * n - 2) * (3 * n - 2);
    let real: u128 = layers.iter().map(|&(c, k, n)| c * k * pairs(n)).sum();
    let boxes: u128 = layers.iter().map(|&(c, k, n)| c * k * 9 * n * n).sum();
    assert_eq!(
        nests(&n).map(|(_, nest)| nest.macs()).sum::<u128>(),
        real + linear
    );
    assert_eq!(macs(&n), boxes + linear);
    assert_eq!(boxes + linear, 15_470_264_320);
}
