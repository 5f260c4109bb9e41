//! Broken ONNX files: one clear line each, in little time and memory, and no panic.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::fuzz;
use crate::onnx_files::*;
use cpu_time::ThreadTime;
use deepmatrix::read::{self, NetworkOptions};
use rand::Rng;

/// The error of a file, as the command prints it, and how long it took this thread.
fn refused(path: &Path) -> (Option<String>, Duration) {
    let start = ThreadTime::now();
    let read = read::network(path, &NetworkOptions::default());
    (read.err().map(|e| e.to_string()), start.elapsed())
}

#[test]
fn each_broken_file_has_one_clear_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, bytes, expected) in cases {
        let path = folder.path().join(format!("{name}.onnx"));
        fs::write(&path, &bytes).expect("written");
        let (error, time) = refused(&path);
        let error = error.unwrap_or_else(|| "no error".to_owned());
        let fits = error.contains(expected)
            && error.lines().count() == 1
            && error.starts_with(path.to_str().expect("a text"))
            && time < Duration::from_secs(1);
        if !fits {
            wrong.push(format!("{name} ({time:?}): {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_unknown_operators_are_listed_at_once() {
    let chain = ["A", "B", "A", "Relu", "A", "A"];
    let nodes: Vec<Message> = (chain.iter().enumerate())
        .map(|(i, op)| {
            let (from, to) = (format!("v{i}"), format!("v{}", i + 1));
            node(op, &[&from], &[&to], &[]).bytes(3, format!("n{i}"))
        })
        .collect();
    let input = value("v0", 1, &[1, 4]);
    let model = model(&graph(&nodes, &[], &[input], &[untyped("v6")]));
    let file = tempfile::Builder::new()
        .suffix(".onnx")
        .tempfile()
        .expect("a file");
    fs::write(file.path(), &model.0).expect("written");
    let error = read::network(file.path(), &NetworkOptions::default()).expect_err("an error");
    let lines: Vec<String> = error
        .errors
        .iter()
        .map(|p| format!("{}: {}", p.field, p.message))
        .collect();
    assert_eq!(
        lines,
        [
            "node `n0` (A), node `n2` (A), node `n4` (A) and 1 more: the operator `A` is not supported",
            "node `n1` (B): the operator `B` is not supported",
        ]
    );
}

/// A model of two linear layers whose weights of a gigabyte each stand in the file.
fn with_weights_inside(path: &Path) {
    let bytes = 1_u64 << 30;
    let nodes = [
        node("MatMul", &["x", "a"], &["h"], &[]),
        node("MatMul", &["h", "b"], &["y"], &[]),
    ];
    let rest = graph(&nodes, &[], &[value("x", 1, &[1, 16_384])], &[untyped("y")]);
    // Tensors as the graph's first fields: their heads, with room for the data.
    let mut pieces: Vec<(Vec<u8>, u64)> = Vec::new();
    for name in ["a", "b"] {
        let head = Message::default().int(1, 16_384).int(1, 16_384).int(2, 1);
        let tensor = claims(head.bytes(8, name), 9, bytes).0;
        let field = claims(Message::default(), 5, tensor.len() as u64 + bytes);
        pieces.push(([field.0, tensor].concat(), bytes));
    }
    let size: u64 = pieces
        .iter()
        .map(|(head, data)| head.len() as u64 + data)
        .sum();
    let model = claims(Message::default().int(1, 8), 7, size + rest.0.len() as u64);
    let mut file = fs::File::create(path).expect("a file");
    file.write_all(&model.0).expect("written");
    for (head, data) in pieces {
        file.write_all(&head).expect("written");
        // A hole in the file reads as zeros.
        let offset = i64::try_from(data).expect("small");
        file.seek(SeekFrom::Current(offset)).expect("a place");
    }
    file.write_all(&rest.0).expect("written");
}

#[test]
fn two_gigabytes_of_weights_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.onnx");
    with_weights_inside(&path);
    assert!(fs::metadata(&path).expect("a file").len() > 2 << 30);
    let start = Instant::now();
    let network =
        read::network(&path, &NetworkOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    let macs: u128 = network.layers.iter().map(|l| l.kind.box_macs()).sum();
    assert_eq!(macs, 2 * 16_384 * 16_384);
}

/// Reads mutated files for some time; the seeds of those that panic, take long or much memory.
fn mutate(seeds: impl Iterator<Item = u64>, until: Instant, largest: u64) -> Vec<(u64, String)> {
    let mut files: Vec<Vec<u8>> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "onnx"))
        .filter(|p| fs::metadata(p).is_ok_and(|m| m.len() < largest))
        .map(|p| fs::read(p).expect("a file"))
        .collect();
    files.sort();
    files.extend(
        cases()
            .into_iter()
            .map(|c| c.1)
            .filter(|bytes| !bytes.is_empty()),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mutated.onnx");
    fuzz::run(seeds, until, |rng| {
        let good = &files[rng.random_range(0..files.len())];
        fs::write(&path, fuzz::mutated(good, rng)).expect("written");
        let options = NetworkOptions {
            batch: rng.random_bool(0.3).then_some(2),
            dims: if rng.random_bool(0.3) {
                vec![("seq".to_owned(), 5)]
            } else {
                Vec::new()
            },
            ..NetworkOptions::default()
        };
        let _ = read::network(&path, &options);
    })
}

#[test]
fn mutated_files_never_panic() {
    let until = Instant::now() + Duration::from_secs(20);
    let wrong = mutate(0..2000, until, 20_000);
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// `FUZZ_SECONDS=3600 cargo test --release --test programs onnx_broken -- --ignored --nocapture`
#[test]
#[ignore = "runs for FUZZ_SECONDS, a minute where that is not given"]
fn mutated_files_never_panic_for_long() {
    let (seeds, until) = fuzz::long();
    let wrong = mutate(seeds, until, 150_000);
    assert!(wrong.is_empty(), "{wrong:?}");
}
