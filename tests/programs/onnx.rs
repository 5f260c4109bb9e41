//! Exported models: every node's multiply-accumulates are those that were counted independently,
//! and the network that a model stands for does just these.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use deepmatrix::problem::{Dim, LayerKind, Network};
use deepmatrix::read::onnx::multiply_accumulates;
use deepmatrix::read::{self, NetworkOptions, ReadError};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx");

/// All exported models, by name.
fn models() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir(FOLDER)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
        .map(|path| {
            let stem = path.file_stem().expect("a name");
            (stem.to_string_lossy().into_owned(), path)
        })
        .collect();
    found.sort();
    found
}

/// A node's place, its operator and its multiply-accumulates.
type Count = (u64, String, u64);

/// What was counted of a model: open sizes, and the nodes.
fn counted(name: &str) -> (Vec<(String, u64)>, Vec<Count>) {
    let text = fs::read_to_string(format!("{FOLDER}/{name}.macs.json")).expect("a file");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let bound = json["bound"].as_object().expect("an object");
    let bound = bound
        .iter()
        .map(|(k, v)| (k.clone(), v.as_u64().expect("a number")));
    let nodes = json["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|node| {
            let number = |key: &str| node[key].as_u64().expect("a number");
            let op = node["op"].as_str().expect("a text").to_owned();
            (number("node"), op, number("macs"))
        });
    (bound.collect(), nodes.collect())
}

fn options(dims: Vec<(String, u64)>) -> NetworkOptions {
    NetworkOptions {
        dims,
        ..NetworkOptions::default()
    }
}

#[test]
fn every_node_has_the_multiply_accumulates_that_were_counted() {
    let models = models();
    assert_eq!(models.len(), 31);
    for (name, path) in models {
        let (bound, expected) = counted(&name);
        let found = multiply_accumulates(&path, &options(bound)).unwrap_or_else(|e| panic!("{e}"));
        let found: Vec<(u64, String, u64)> = (found.into_iter())
            .map(|n| (n.node as u64, n.op, u64::try_from(n.macs).expect("small")))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

fn refused(name: &str, options: &NetworkOptions) -> ReadError {
    let path = Path::new(FOLDER).join(name);
    multiply_accumulates(&path, options).expect_err("an error")
}

#[test]
fn open_sizes_are_listed_and_must_be_given() {
    let name = "bert_base_dynamic.dynamo.onnx";
    let error = refused(name, &NetworkOptions::default());
    assert_eq!(error.errors.len(), 1);
    assert_eq!(
        error.errors[0].message,
        "leaves sizes open: `batch` of input `input_ids`, `seq` of input `input_ids`; give them with --dim batch=N --dim seq=N"
    );
    let batch = NetworkOptions {
        batch: Some(2),
        ..options(vec![("batch".to_owned(), 1), ("seq".to_owned(), 8)])
    };
    let error = refused(name, &batch).to_string();
    assert!(
        error.contains("--batch 2 and --dim batch=1 contradict each other"),
        "{error}"
    );
    let both = |sizes: [u64; 2]| {
        let dims = sizes.map(|size| ("seq".to_owned(), size));
        options([vec![("batch".to_owned(), 1)], dims.to_vec()].concat())
    };
    let error = refused(name, &both([8, 9])).to_string();
    assert!(
        error.contains("--dim seq=8 and --dim seq=9 contradict each other; give one of them"),
        "{error}"
    );
    let path = Path::new(FOLDER).join(name);
    assert!(multiply_accumulates(&path, &both([8, 8])).is_ok());
    let widths = NetworkOptions {
        precision: vec![("weight".to_owned(), 4), ("weight".to_owned(), 8)],
        ..both([8, 8])
    };
    let error = refused(name, &widths).to_string();
    assert!(
        error.contains("--precision weight=4 and --precision weight=8 contradict each other"),
        "{error}"
    );
    let wrong = options(vec![("sequence".to_owned(), 8)]);
    let error = refused(name, &wrong).to_string();
    assert!(
        error.contains("has no open size `sequence`; it has `batch`, `seq`"),
        "{error}"
    );
}

#[test]
fn work_grows_with_the_batch_and_the_sequence() {
    let path = Path::new(FOLDER).join("bert_base_dynamic.torchscript.onnx");
    let macs = |batch: u64, seq: u64| -> u128 {
        let options = NetworkOptions {
            batch: Some(batch),
            ..options(vec![("seq".to_owned(), seq)])
        };
        let nodes = multiply_accumulates(&path, &options).unwrap_or_else(|e| panic!("{e}"));
        nodes.iter().map(|n| n.macs).sum()
    };
    // Twelve layers: weights of 4·768² + 8·768² for every token, 2·768·T² for the attention.
    let expected = |batch: u128, t: u128| 12 * batch * t * (12 * 768 * 768 + 2 * 768 * t);
    assert_eq!(macs(3, 100), expected(3, 100));
    assert_eq!(macs(1, 512), expected(1, 512));
}

/// The network that an export stands for.
fn network(name: &str) -> Network {
    let path = Path::new(FOLDER).join(format!("{name}.onnx"));
    read::network(&path, &options(counted(name).0)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_export_is_a_network_that_does_what_was_counted() {
    for (name, _) in models() {
        let (_, expected) = counted(&name);
        let network = network(&name);
        let mut found: BTreeMap<u64, u128> = BTreeMap::new();
        for layer in &network.layers {
            let macs = layer.kind.box_macs();
            if macs > 0 {
                let onnx = layer
                    .spec
                    .onnx
                    .as_ref()
                    .expect("an imported layer has its node");
                *found.entry(onnx.node).or_default() += macs;
            }
        }
        let expected: BTreeMap<u64, u128> = expected
            .iter()
            .map(|(node, _, macs)| (*node, u128::from(*macs)))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// The loop nests of a network, and bits and vector operations of what it streams, in any order.
fn work(network: &Network) -> (Vec<String>, Vec<String>) {
    let nests = network.layers.iter().flat_map(|l| l.kind.nests());
    let mut nests: Vec<String> = nests.map(|nest| format!("{nest:?}")).collect();
    let mut streams: Vec<String> = (network.layers.iter())
        .filter_map(|l| match &l.kind {
            LayerKind::Stream(stream) => Some(format!("{stream:?}")),
            _ => None,
        })
        .collect();
    nests.sort();
    streams.sort();
    (nests, streams)
}

#[test]
fn both_exporters_give_the_same_work() {
    let same = [
        "resnet50",
        "mobilenet_v3_large",
        "lstm",
        "bert_base_128",
        "bert_base_dynamic",
        "diffusion_block",
        "swin_1stage",
    ];
    for name in same {
        let dynamo = work(&network(&format!("{name}.dynamo")));
        let torchscript = work(&network(&format!("{name}.torchscript")));
        assert_eq!(dynamo.0, torchscript.0, "{name}");
        assert_eq!(dynamo.1, torchscript.1, "{name}");
    }
    let [older, newer] =
        ["dynamo", "dynamo23"].map(|e| work(&network(&format!("llama3_8b_block_decode.{e}"))));
    assert_eq!(older, newer);
    let [older, newer] =
        ["dynamo", "dynamo23"].map(|e| work(&network(&format!("diffusion_block.{e}"))));
    assert_eq!(older, newer);
}

#[test]
fn only_places_outside_a_file_are_taken_for_granted() {
    for (name, _) in models() {
        let layers = network(&name).layers;
        let origins = layers.iter().filter_map(|layer| layer.spec.onnx.as_ref());
        let assumed: Vec<String> = (origins.filter(|node| node.assumed.is_some()))
            .map(ToString::to_string)
            .collect();
        // Of the model whose sizes are open the places are computed in the file, and are in order.
        match name.as_str() {
            "bert_base_128.dynamo" => assert_eq!(assumed, ["node `node_GatherND_46` (GatherND)"]),
            _ => assert!(assumed.is_empty(), "{name}: {assumed:?}"),
        }
    }
}

/// How many layers have each operator.
fn operators(name: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for layer in network(name).layers {
        *found.entry(layer.op).or_default() += 1;
    }
    found
}

#[test]
fn groups_of_nodes_are_the_operations_that_they_are() {
    let of = |name: &str, op: &str| operators(name).get(op).copied().unwrap_or(0);
    assert_eq!(of("yolov8n_like.dynamo", "silu"), 57);
    assert_eq!(of("yolov8n_like.dynamo", "sigmoid"), 1);
    assert_eq!(of("bert_base_128.torchscript", "gelu"), 12);
    assert_eq!(of("bert_base_128.torchscript", "erf"), 0);
    assert_eq!(of("gpt2_128.dynamo", "gelu"), 12);
    assert_eq!(of("gpt2_128.dynamo", "tanh"), 0);
    assert_eq!(of("gpt2_128.dynamo", "mask"), 12);
    assert_eq!(of("llama_2x512_128.dynamo", "rms_norm"), 5);
    assert_eq!(of("llama_2x512_128.dynamo", "rope"), 4);
    assert_eq!(of("llama_2x512_128.dynamo", "expand"), 0);
    for exporter in ["dynamo", "dynamo23", "torchscript"] {
        let name = format!("diffusion_block.{exporter}");
        assert_eq!(of(&name, "group_norm"), 9, "{name}");
        assert_eq!(of(&name, "instance_norm"), 0, "{name}");
        assert_eq!(of(&name, "silu"), 8, "{name}");
    }
    // Biases of linear layers are no additions of their own: two residuals in each of 12 blocks,
    // the mask of each, and two sums of embeddings.
    assert_eq!(of("bert_base_128.dynamo", "add"), 38);
}

#[test]
fn the_cache_is_read_once_for_a_group_of_queries() {
    for exporter in ["dynamo", "dynamo23"] {
        let network = network(&format!("llama3_8b_block_decode.{exporter}"));
        let products = network.layers.iter().filter(|l| l.op == "matmul");
        let extents: Vec<Vec<u64>> = products
            .flat_map(|l| l.kind.nests())
            .map(|nest| {
                [Dim::G, Dim::N, Dim::K, Dim::C]
                    .map(|d| nest.extents[d])
                    .to_vec()
            })
            .collect();
        // 8 heads of keys, each for 4 queries, 256 keys, 128 features.
        assert_eq!(extents, [[8, 4, 256, 128], [8, 4, 128, 256]]);
    }
}

#[test]
fn layers_are_named_by_their_weights_or_modules() {
    let names = |name: &str| -> Vec<String> {
        let weighted = network(name)
            .layers
            .into_iter()
            .filter(|l| l.kind.box_macs() > 0);
        weighted.map(|l| l.name).collect()
    };
    let resnet = names("resnet50.dynamo");
    assert_eq!(
        resnet[..4],
        [
            "conv1",
            "layer1.0.conv1",
            "layer1.0.conv2",
            "layer1.0.conv3"
        ]
    );
    assert_eq!(resnet, names("resnet50.torchscript"));
    let bert = names("bert_base_128.torchscript");
    assert_eq!(bert[0], "m.encoder.layer.0.attention.self.query");
    assert_eq!(bert[0], names("bert_base_128.dynamo")[0]);
    let llama = names("llama3_8b_block_decode.dynamo");
    assert_eq!(
        llama,
        [
            "q", "k", "v", "matmul", "matmul_2", "o", "gate", "up", "down"
        ]
    );
    for (name, _) in models() {
        let layers = network(&name).layers;
        let distinct: BTreeSet<&str> = layers.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(distinct.len(), layers.len(), "{name}");
    }
}

#[test]
fn the_written_network_file_is_the_network() {
    for (name, path) in models() {
        let options = options(counted(&name).0);
        let (text, _) = read::network_text(&path, &options).unwrap_or_else(|e| panic!("{e}"));
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), &text).expect("written");
        let read = read::network(file.path(), &NetworkOptions::default());
        assert_eq!(
            read.unwrap_or_else(|e| panic!("{name}: {e}")),
            network(&name),
            "{name}"
        );
    }
}

#[test]
fn a_batch_size_replaces_that_of_an_export() {
    let path = Path::new(FOLDER).join("resnet50.torchscript.onnx");
    let batch = NetworkOptions {
        batch: Some(8),
        ..NetworkOptions::default()
    };
    let eight = read::network(&path, &batch).unwrap_or_else(|e| panic!("{e}"));
    let macs = |network: &Network| {
        network
            .layers
            .iter()
            .map(|l| l.kind.box_macs())
            .sum::<u128>()
    };
    assert_eq!(macs(&eight), 8 * macs(&network("resnet50.torchscript")));
    assert_eq!(eight.batch, 8);
}

#[test]
fn quantized_operators_keep_their_widths_and_others_take_those_of_the_command_line() {
    let path = Path::new(FOLDER).join("small_cnn.qdq.onnx");
    let wide = NetworkOptions {
        precision: ["input", "weight", "output"]
            .map(|role| (role.to_owned(), 16))
            .to_vec(),
        ..NetworkOptions::default()
    };
    let quantized = read::network(&path, &wide).unwrap_or_else(|e| panic!("{e}"));
    let conv = quantized
        .layers
        .iter()
        .find(|l| l.op == "conv2d")
        .expect("a convolution");
    assert_eq!(
        (conv.spec.precision.input, conv.spec.precision.weight),
        (8, 8)
    );
    let path = Path::new(FOLDER).join("resnet50.dynamo.onnx");
    let plain = read::network(&path, &wide).unwrap_or_else(|e| panic!("{e}"));
    let conv = plain
        .layers
        .iter()
        .find(|l| l.op == "conv2d")
        .expect("a convolution");
    assert_eq!(
        (conv.spec.precision.input, conv.spec.precision.weight),
        (16, 16)
    );
}
