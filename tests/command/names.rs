//! Inputs by the names of shipped files, from standard input and from pipes, far from the repository.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs the program in a folder, with this text as its standard input.
fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that reads nothing closes the pipe.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_with(folder, arguments, "")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn good(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

const NETWORK: &str = "name: own\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\nlayers:\n  - {name: g1, op: matmul, dims: {B: 1, M: 2, N: 3, K: 4}}\n";

#[test]
fn every_command_takes_names_far_from_the_repository() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let fc8 = ["vgg16", "shared-32x32", "--layers", "^fc8$"];
    let layer = ["vgg16", "shared-32x32", "--layer", "fc8"];
    let all: [&[&str]; 8] = [
        &["solve", "-o", "result.json"],
        &["compare", "--mappers", "greedy"],
        &["sweep", "--vary", "batch=1", "--jobs", "1", "-o", "points"],
        &["explain"],
        &["export", "-o", "fc8.lp"],
        &["evaluate", "--mapping", "result.json"],
        &["graph"],
        &["check"],
    ];
    for command in all {
        let (name, options) = command.split_first().expect("a name");
        let inputs: &[&str] = match *name {
            "solve" | "compare" | "sweep" => &fc8,
            "explain" | "export" => &layer,
            "graph" => &fc8[..1],
            _ => &fc8[..2],
        };
        good(&run(folder, &[&[*name], inputs, options].concat()));
    }
    let lines = good(&run(
        folder,
        &["check", "vgg16", "shared-32x32", "result.json"],
    ));
    assert_eq!(lines.lines().count(), 3, "{lines}");
    fs::write(
        folder.join("none.sol"),
        "Infeasible - objective value 3.0\n",
    )
    .expect("writable");
    let decode = [
        "decode",
        "none.sol",
        "--for",
        "vgg16",
        "shared-32x32",
        "--layer",
        "fc8",
    ];
    let errors = text(&run(folder, &decode).stderr);
    assert!(errors.starts_with("error: none.sol:1:"), "{errors}");
}

#[test]
fn a_path_that_exists_wins_over_a_name() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let shipped = good(&run(folder, &["check", "vgg16"]));
    assert!(shipped.starts_with("vgg16: network vgg16, "), "{shipped}");
    fs::write(folder.join("vgg16"), NETWORK).expect("writable");
    let own = good(&run(folder, &["check", "vgg16"]));
    assert_eq!(own, "vgg16: network own, 1 layers\n");
}

#[test]
fn a_name_that_is_not_known_gets_the_nearest() {
    let place = tempfile::tempdir().expect("a folder");
    for (network, hardware, expected) in [
        (
            "resnet5",
            "shared-32x32",
            "error: resnet5: there is no such file, and no network of that name is shipped; did you mean `resnet50`?",
        ),
        (
            "vgg16",
            "shared-33x32",
            "error: shared-33x32: there is no such file, and no hardware of that name is shipped; did you mean one of `shared-32x32`,",
        ),
        (
            "shared-32x32",
            "shared-32x32",
            "error: shared-32x32: there is no such file, and no network",
        ),
    ] {
        let output = run(place.path(), &["solve", network, hardware]);
        assert_eq!(output.status.code(), Some(1));
        // Long lines are folded.
        let errors = text(&output.stderr);
        let words: Vec<&str> = errors.split_whitespace().collect();
        assert!(words.join(" ").starts_with(expected), "{errors}");
    }
}

#[test]
fn a_dash_is_standard_input() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let solve = ["solve", "-", "shared-16x16", "--format", "json"];
    let result = good(&run_with(folder, &solve, NETWORK));
    let result: Value = serde_json::from_str(&result).expect("JSON");
    assert_eq!(result["network"], "own");
    // What stands at the begin of files that some editors write.
    let marked = format!("\u{feff}{NETWORK}");
    assert_eq!(
        good(&run_with(folder, &["check", "-"], &marked)),
        "-: network own, 1 layers\n"
    );
    let sweep = [
        "sweep",
        "-",
        "shared-16x16",
        "--vary",
        "sram.capacity_bytes=65536",
        "-o",
        "points",
    ];
    good(&run_with(folder, &sweep, NETWORK));
    let hardware = fs::read_to_string("inputs/hardware/shared-16x16.yaml").expect("a file");
    good(&run_with(
        folder,
        &["solve", "vgg16", "-", "--layers", "^fc8$"],
        &hardware,
    ));
    for command in ["solve", "sweep"] {
        let both = [command, "-", "-", "-o", "x", "--vary", "batch=1"];
        let both = if command == "solve" {
            &both[..5]
        } else {
            &both
        };
        let errors = text(&run_with(folder, both, NETWORK).stderr);
        assert!(
            errors.starts_with("error: -: standard input is either"),
            "{errors}"
        );
    }
}

#[test]
fn pipes_are_read() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    for arguments in [
        &["check", "pipe"] as &[&str],
        &["solve", "pipe", "shared-16x16"],
        &[
            "sweep",
            "pipe",
            "shared-16x16",
            "--vary",
            "batch=1",
            "-o",
            "points",
        ],
    ] {
        let pipe = folder.join("pipe");
        let writer = std::thread::spawn(move || fs::write(pipe, NETWORK));
        good(&run(folder, arguments));
        writer.join().expect("it ends").expect("it is read");
    }
    let fed = run_with(folder, &["check", "/dev/stdin"], NETWORK);
    assert_eq!(good(&fed), "/dev/stdin: network own, 1 layers\n");
    // A model, too.
    let model = fs::read("tests/onnx/packed_proto3.onnx").expect("a model");
    let made = Command::new("mkfifo").arg(folder.join("m.onnx")).status();
    assert!(made.expect("mkfifo runs").success());
    let pipe = folder.join("m.onnx");
    let writer = std::thread::spawn(move || fs::write(pipe, model));
    good(&run(folder, &["check", "m.onnx"]));
    writer.join().expect("it ends").expect("it is read");
}

#[test]
fn lists_hold_every_shipped_file() {
    let place = tempfile::tempdir().expect("a folder");
    for (subject, folder) in [
        ("networks", "inputs/networks"),
        ("hardware", "inputs/hardware"),
    ] {
        let json = good(&run(place.path(), &["list", subject, "--format", "json"]));
        let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        let listed: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
        assert_eq!(listed, names);
        for (format, lines) in [("csv", names.len() + 1), ("table", names.len() + 2)] {
            let text = good(&run(place.path(), &["list", subject, "--format", format]));
            assert_eq!(text.lines().count(), lines, "{text}");
            let wide = text.lines().filter(|line| line.chars().count() > 100);
            assert!(format == "csv" || wide.count() == 0, "{text}");
        }
    }
}

/// ResNet-50 has 25,557,032 parameters and does 4.09 G multiply-accumulates, VGG-16 138,357,544 and
/// 15.47 G (torchvision); the files have no biases, 1,000 and 13,416.
#[test]
fn listed_sizes_are_the_published_ones() {
    let place = tempfile::tempdir().expect("a folder");
    let json = good(&run(
        place.path(),
        &["list", "networks", "--format", "json"],
    ));
    let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).expect("a row");
    let of = |name: &str, key: &str| row(name)[key].as_u64().expect("a number");
    assert_eq!(of("resnet50", "parameters"), 25_557_032 - 1_000);
    assert_eq!(of("resnet50", "macs"), 4_089_184_256);
    assert_eq!(of("vgg16", "parameters"), 138_357_544 - 13_416);
    assert_eq!(of("vgg16", "macs"), 15_470_264_320);
}
