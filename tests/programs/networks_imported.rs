//! Networks under `inputs/` that `import` wrote: their multiply-accumulates against what is
//! published or counted by hand, and their layers against the model that they came from.

use std::fs;
use std::path::Path;

use deepmatrix::problem::Network;
use deepmatrix::read::{self, NetworkOptions};
use serde_yaml::Value;

fn network(name: &str) -> Network {
    let path = format!("inputs/networks/{name}.yaml");
    read::network(Path::new(&path), &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn macs(network: &Network) -> u128 {
    network.layers.iter().map(|l| l.kind.box_macs()).sum()
}

/// Each network, and the model that it was imported from.
const IMPORTED: [(&str, &str); 10] = [
    ("vit_b_16", "vit_b_16.dynamo"),
    ("convnext_tiny", "convnext_tiny.dynamo"),
    ("mobilenet_v3_large", "mobilenet_v3_large.dynamo"),
    ("efficientnet_b0", "efficientnet_b0.dynamo"),
    ("whisper_tiny_encoder", "whisper_tiny_encoder.torchscript"),
    ("unet", "unet.dynamo"),
    ("yolov8n_like", "yolov8n_like.dynamo"),
    ("llama3_8b_block_decode", "llama3_8b_block_decode.dynamo23"),
    ("diffusion_block", "diffusion_block.dynamo23"),
    ("moe_einsum", "moe_einsum.torchscript"),
];

/// The layers and inputs of a network file.
fn content(text: &str) -> Value {
    let mut value: Value = serde_yaml::from_str(text).expect("YAML");
    let table = value.as_mapping_mut().expect("a table");
    for own in ["name", "source"] {
        table.remove(own);
    }
    value
}

#[test]
fn imported_networks_are_what_import_writes() {
    for (name, model) in IMPORTED {
        let path = format!("tests/onnx/{model}.onnx");
        let options = NetworkOptions::default();
        let (written, _) =
            read::network_text(Path::new(&path), &options).unwrap_or_else(|e| panic!("{e}"));
        let kept = fs::read_to_string(format!("inputs/networks/{name}.yaml")).expect("a file");
        assert!(
            content(&kept) == content(&written),
            "{name}: import {path} again"
        );
    }
}

/// Multiply-accumulates in millions as torchvision's documentation states them ("GFLOPS", which
/// are multiply-accumulates there), with two digits behind the point of a billion.
#[test]
fn published_counts() {
    for (name, millions) in [
        ("vit_b_16", 17_560),
        ("convnext_tiny", 4_460),
        ("mobilenet_v3_large", 220),
        ("efficientnet_b0", 390),
    ] {
        let macs = macs(&network(name));
        assert_eq!(
            (macs + 5_000_000) / 10_000_000 * 10,
            millions,
            "{name}: {macs}"
        );
    }
    // Ultralytics states 8.7 GFLOPs of YOLOv8n, two for each multiply-accumulate, with one digit.
    let yolo = macs(&network("yolov8n_like"));
    assert_eq!((2 * yolo + 50_000_000) / 100_000_000, 87);
}

#[test]
fn counts_by_hand() {
    // Two convolutions over time, then four blocks: twelve matrices of 384 x 384 for each of 1,500
    // positions, and scores and sums of values between all of them.
    let convolutions = 80 * 3 * 384 * 3000 + 384 * 3 * 384 * 1500;
    let block = 1500 * 12 * 384 * 384 + 2 * 1500 * 1500 * 384;
    assert_eq!(
        macs(&network("whisper_tiny_encoder")),
        convolutions + 4 * block
    );
    // Queries and output, keys and values of 8 heads, three matrices of the feed-forward layer, and
    // 32 heads against 256 keys.
    let llama = 2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14_336 + 2 * 32 * 128 * 256;
    assert_eq!(macs(&network("llama3_8b_block_decode")), llama);
    // The router, three matrices of every expert for each token, and the weighted sum.
    let experts = 16 * 256 * 8 + 3 * 16 * 8 * 256 * 512 + 16 * 8 * 256;
    assert_eq!(macs(&network("moe_einsum")), experts);
    // Kernels of 3 x 3 on five levels of 256 to 16 rows, kernels of 2 x 2 upwards, the last of 1 x 1.
    let level = |rows: u128, channels: &[u128]| -> u128 {
        channels
            .windows(2)
            .map(|c| rows * rows * 9 * c[0] * c[1])
            .sum()
    };
    let down = level(256, &[3, 64, 64]) + level(128, &[64, 128, 128]) + level(64, &[128, 256, 256]);
    let bottom = level(32, &[256, 512, 512]) + level(16, &[512, 1024, 1024]);
    let up = level(32, &[1024, 512, 512]) + level(64, &[512, 256, 256]);
    let top = level(128, &[256, 128, 128]) + level(256, &[128, 64, 64]) + 256 * 256 * 64 * 2;
    let wider = [(16, 1024), (32, 512), (64, 256), (128, 128)];
    let wider: u128 = wider
        .iter()
        .map(|&(rows, c): &(u128, u128)| rows * rows * 4 * c * c / 2)
        .sum();
    assert_eq!(macs(&network("unet")), down + bottom + up + top + wider);
}

#[test]
fn the_attention_of_the_diffusion_block_is_counted() {
    let products = network("diffusion_block");
    let attention: u128 = (products.layers.iter())
        .filter(|l| l.op == "matmul")
        .map(|l| l.kind.box_macs())
        .sum();
    // What a count that leaves the fused attention out misses.
    assert_eq!(attention, 12_382_371_840);
    assert_eq!(macs(&products), 75_191_910_400);
}
