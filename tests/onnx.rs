//! Exported models: every node's multiply-accumulates are those that were counted independently.

use std::fs;
use std::path::{Path, PathBuf};

use deepmatrix::read::onnx::multiply_accumulates;
use deepmatrix::read::{NetworkOptions, ReadError};

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

/// What was counted of a model: open sizes, and node, operator and multiply-accumulates.
fn counted(name: &str) -> (Vec<(String, u64)>, Vec<(u64, String, u64)>) {
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
