//! Multiply-accumulates, parameters and shapes of the networks under `inputs/`, against what their
//! publications and their usual implementations state.

use std::collections::BTreeSet;
use std::path::Path;

use deepmatrix::problem::{Dim, LayerKind, LoopNest, Network, Role};
use deepmatrix::read::{self, NetworkOptions};

fn network(name: &str) -> Network {
    let path = format!("inputs/networks/{name}.yaml");
    read::network(Path::new(&path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn nests(network: &Network) -> impl Iterator<Item = (&str, &LoopNest)> {
    network.layers.iter().filter_map(|l| match &l.kind {
        LayerKind::MultiplyAccumulate(nest) => Some((l.op.as_str(), &**nest)),
        _ => None,
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
