//! `solve --mode training` as a program reads it: every operation of the step has a row, backward
//! passes multiply what forward passes multiply, tensors are named by what they are, totals are
//! sums, and every mapping is read again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const NETWORK: &str = "tests/cmd/files/passes.yaml";
const HARDWARE: &str = "inputs/tiny/tiny-hw.yaml";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn json(arguments: &[&str]) -> Value {
    let all = [arguments, &["--format", "json"]].concat();
    let output = run(&all);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

fn rows(result: &Value) -> &[Value] {
    result["layers"].as_array().expect("rows")
}

fn row<'a>(result: &'a Value, name: &str) -> &'a Value {
    let found = rows(result).iter().find(|row| row["name"] == name);
    found.unwrap_or_else(|| panic!("no row {name}"))
}

fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Value>, key: &str) -> u64 {
    rows.into_iter().map(|row| integer(&row[key])).sum()
}

/// A file of this test run.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).expect("a folder");
    folder.join(format!("training-{}-{name}", std::process::id()))
}

#[test]
fn a_step_is_all_its_operations() {
    let step = json(&["solve", NETWORK, HARDWARE, "--mode", "training"]);
    assert_eq!(step["mode"], "training");
    assert_eq!(step["optimizer"], "sgd");
    for row in rows(&step) {
        assert_eq!(row["status"], "optimal", "{}", row["name"]);
        let view = row["op"] == "flatten";
        assert_eq!(row["cycles"] == 0, view, "{}", row["name"]);
    }
    for layer in ["conv1", "conv2", "up", "fc"] {
        let macs = &row(&step, layer)["macs"];
        let weight = row(&step, &format!("{layer}.backward_weight"));
        assert_eq!(
            (&weight["pass"], &weight["macs"]),
            (&Value::from("backward_weight"), macs)
        );
        if layer != "conv1" {
            let data = row(&step, &format!("{layer}.backward_data"));
            assert_eq!(
                (&data["pass"], &data["macs"]),
                (&Value::from("backward_data"), macs)
            );
        }
    }
    // Nobody asks for the gradient of the network's input.
    assert!(
        !rows(&step)
            .iter()
            .any(|row| row["name"] == "conv1.backward_data")
    );
}

#[test]
fn the_phases_of_a_strided_gradient_add_up() {
    let step = json(&[
        "solve", NETWORK, HARDWARE, "--mode", "training", "--layers", "^conv2",
    ]);
    let data = row(&step, "conv2.backward_data");
    let phases = data["phases"].as_array().expect("phases");
    assert_eq!(phases.len(), 4, "two by two");
    for key in ["cycles", "macs", "box_macs", "bound_cycles"] {
        assert_eq!(integer(&data[key]), sum(phases, key), "{key}");
    }
    // One row of taps and a stride of 2: of every second row only the zeros are written.
    assert!(phases.iter().any(|phase| phase["macs"] == 0));
    for phase in phases {
        assert_eq!(phase["pass"], "backward_data");
        // 2 samples of 4 channels, 3 of 6 rows, 3 of 6 columns, 2 bytes each.
        assert_eq!(phase["traffic_bytes"]["dram"]["input"], 2 * 4 * 3 * 3 * 2);
    }
    let all: u64 = phases
        .iter()
        .map(|phase| integer(&phase["traffic_bytes"]["dram"]["output"]))
        .sum();
    assert_eq!(integer(&data["traffic_bytes"]["dram"]["output"]), all);
    assert_eq!(
        step["total"]["ratio_to_inference"],
        Value::Null,
        "only a part was mapped"
    );
}

#[test]
fn traffic_is_named_by_what_the_tensors_are() {
    let step = json(&[
        "solve", NETWORK, HARDWARE, "--mode", "training", "--layers", "^fc",
    ]);
    let bytes =
        |name: &str, tensor: &str| row(&step, name)["traffic_bytes"]["dram"][tensor].clone();
    // 2 samples, 72 features in bytes, 3 out; gradients take 2 bytes. Each crosses once.
    assert_eq!(bytes("fc", "input"), 2 * 72);
    assert_eq!(bytes("fc", "weight"), 3 * 72);
    assert_eq!(bytes("fc", "output"), 2 * 3);
    assert_eq!(bytes("fc.backward_data", "input"), 2 * 72 * 2);
    assert_eq!(bytes("fc.backward_data", "weight"), 3 * 72);
    assert_eq!(bytes("fc.backward_data", "output"), 2 * 3 * 2);
    assert_eq!(bytes("fc.backward_weight", "input"), 2 * 72);
    assert_eq!(bytes("fc.backward_weight", "weight"), 3 * 72 * 2);
    assert_eq!(bytes("fc.backward_weight", "output"), 2 * 3 * 2);
    // In the mapping the gradient of the kernel is what is accumulated.
    let levels = row(&step, "fc.backward_weight")["mapping"]["levels"].clone();
    let tiles = levels[0]["tiles"]["output"]
        .as_object()
        .expect("tiles")
        .clone();
    assert!(tiles.keys().all(|d| d == "K" || d == "C"), "{tiles:?}");
}

#[test]
fn totals_are_sums_over_passes_beside_inference() {
    let adam = ["--mode", "training", "--optimizer", "adam"];
    let alone = ["solve", NETWORK, HARDWARE, "--no-memory-plan"];
    let step = json(&[&alone[..], &adam].concat());
    let inference = json(&alone);
    let total = &step["total"];
    let passes = total["passes"].as_object().expect("passes");
    let names: Vec<&str> = passes.keys().map(String::as_str).collect();
    let all = [
        "forward",
        "loss",
        "backward",
        "backward_data",
        "backward_weight",
        "update",
    ];
    assert_eq!(names, all);
    for key in [
        "cycles",
        "bound_cycles",
        "lower_bound_cycles",
        "layers",
        "layers_optimal",
    ] {
        assert_eq!(sum(passes.values(), key), integer(&total[key]), "{key}");
    }
    for (name, pass) in passes {
        let own = || {
            rows(&step)
                .iter()
                .filter(|row| row["pass"] == name.as_str())
        };
        assert_eq!(integer(&pass["cycles"]), sum(own(), "cycles"));
        assert_eq!(integer(&pass["macs"]), sum(own(), "macs"));
    }
    assert_eq!(total["inference_cycles"], inference["total"]["cycles"]);
    let ratio = total["ratio_to_inference"].as_f64().expect("a ratio");
    let cycles = |of: &Value| of["total"]["cycles"].as_f64().expect("cycles");
    assert!((ratio - cycles(&step) / cycles(&inference)).abs() < 1e-9);
    assert_eq!(
        total["samples_per_second"],
        Value::Null,
        "tiny-hw has no clock"
    );
    assert!(inference["total"].get("passes").is_none());
}

#[test]
fn the_total_of_a_planned_step_stands_beside_the_sum_of_its_operations() {
    let training = ["solve", NETWORK, HARDWARE, "--mode", "training"];
    let planned = json(&training);
    let alone = json(&[&training[..], &["--no-memory-plan"]].concat());
    let cycles = |of: &Value, key: &str| integer(&of[key]["cycles"]);
    assert_eq!(cycles(&planned, "total_layers"), cycles(&alone, "total"));
    assert_eq!(cycles(&planned, "total"), cycles(&planned, "memory_plan"));
    assert!(cycles(&planned, "total") < cycles(&alone, "total"));
    assert_eq!(planned["total_layers"]["passes"], alone["total"]["passes"]);
    assert!(alone.get("memory_plan").is_none() && alone.get("total_layers").is_none());
    let of_rows = sum(rows(&planned).iter(), "planned_cycles");
    let (total, rows) = (cycles(&planned, "total"), rows(&planned).len() as u64);
    assert!(
        (total..total + rows).contains(&of_rows),
        "{of_rows} of {total}"
    );
}

#[test]
fn every_mapping_of_a_step_is_read_again() {
    let path = file("step.json");
    let name = path.to_str().expect("a name");
    let solved = run(&["solve", NETWORK, HARDWARE, "--mode", "training", "-o", name]);
    assert!(solved.status.success());
    let step: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    let again = json(&[
        "evaluate",
        NETWORK,
        HARDWARE,
        "--mode",
        "training",
        "--mapping",
        name,
    ]);
    let mapped = |row: &&Value| row.get("mapping").is_some() || row.get("phases").is_some();
    let expected: Vec<&Value> = rows(&step).iter().filter(mapped).collect();
    assert_eq!(
        expected.len(),
        11,
        "4 forward, 4 backward-weight and 3 backward-data"
    );
    assert_eq!(rows(&again).len(), expected.len());
    for (own, first) in rows(&again).iter().zip(expected) {
        for key in ["name", "pass", "cycles", "macs", "traffic_bytes", "mapping"] {
            assert_eq!(own[key], first[key], "{key} of {}", first["name"]);
        }
    }
    // Inference has the forward rows alone.
    let forward = json(&["evaluate", NETWORK, HARDWARE, "--mapping", name]);
    assert_eq!(rows(&forward).len(), 4);
    let checked = run(&["check", NETWORK, HARDWARE, name, "--mode", "training"]);
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.status.success() && text.contains("operations of a training step"),
        "{text}"
    );
    fs::remove_file(&path).expect("it is there");
}

#[test]
fn a_changed_mapping_of_a_gradient_is_refused() {
    let step = json(&[
        "solve",
        NETWORK,
        HARDWARE,
        "--mode",
        "training",
        "--layers",
        "^fc.backward_w",
    ]);
    let mut mapping = row(&step, "fc.backward_weight")["mapping"].clone();
    mapping["levels"][0]["tiles"]["output"]["C"] = Value::from(73);
    let path = file("wrong.json");
    fs::write(&path, mapping.to_string()).expect("writable");
    let name = path.to_str().expect("a name");
    let output = run(&[
        "evaluate",
        NETWORK,
        HARDWARE,
        "--mode",
        "training",
        "--mapping",
        name,
    ]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains('C') && errors.lines().count() == 1,
        "{errors}"
    );
    fs::remove_file(&path).expect("it is there");
}

#[test]
fn layers_that_stand_alone_have_their_passes_each() {
    let path = file("table.yaml");
    let text = "\
name: table
batch: 1
precision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}
layers:
  - {name: l1, op: conv2d, dims: {N: 1, K: 4, C: 3, P: 4, Q: 4, R: 3, S: 3}, stride: [1, 1], padding: [0, 0]}
  - {name: g1, op: matmul, dims: {B: 1, M: 4, N: 6, K: 8}}
";
    fs::write(&path, text).expect("writable");
    let name = path.to_str().expect("a name");
    let step = json(&["solve", name, HARDWARE, "--mode", "training"]);
    let names: Vec<&str> = rows(&step)
        .iter()
        .filter_map(|row| row["name"].as_str())
        .collect();
    let expected = [
        "l1",
        "g1",
        "g1.backward_weight",
        "g1.backward_data",
        "l1.backward_weight",
        "l1.backward_data",
        "l1.weight.update",
    ];
    assert_eq!(names, expected, "no loss, and a product has no parameter");
    for layer in ["l1", "g1"] {
        for pass in ["backward_data", "backward_weight"] {
            let own = row(&step, &format!("{layer}.{pass}"));
            assert_eq!(own["macs"], row(&step, layer)["macs"]);
        }
    }
    fs::remove_file(&path).expect("it is there");
}
