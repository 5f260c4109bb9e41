//! The JSON result of a layer that is computed phase by phase: sums, phases, and mappings that are read again.

use std::fs;
use std::path::Path;
use std::process::Command;

use deepmatrix::cost::evaluate;
use deepmatrix::problem::Workload;
use deepmatrix::read::{self, NetworkOptions};
use serde_json::Value;

const NETWORK: &str = "tests/cmd/files/up.yaml";
const HARDWARE: &str = "inputs/tiny/tiny-hw.yaml";

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

fn sum(phases: &[Value], key: &str) -> u64 {
    let numbers = phases.iter().map(|phase| phase[key].as_u64().expect(key));
    numbers.sum()
}

#[test]
fn a_row_holds_its_phases_and_their_sums() {
    let text = run(&[
        "solve", NETWORK, HARDWARE, "--layers", "up", "--format", "json",
    ]);
    let result: Value = serde_json::from_str(&text).expect("it is JSON");
    let row = &result["layers"][0];
    let phases = row["phases"].as_array().expect("phases");
    let indices: Vec<&Value> = phases.iter().map(|phase| &phase["phase"]).collect();
    let expected: Vec<Value> = (0..2)
        .flat_map(|a| (0..3).map(move |b| serde_json::json!([a, b])))
        .collect();
    assert_eq!(indices, expected.iter().collect::<Vec<_>>());
    for key in [
        "cycles",
        "bound_cycles",
        "lower_bound_cycles",
        "macs",
        "box_macs",
        "compute_cycles",
        "energy_pj",
    ] {
        assert_eq!(row[key], sum(phases, key), "{key}");
    }
    for memory in ["dram", "sram"] {
        let of = |phase: &Value| phase["memory_cycles"][memory].as_u64().expect("cycles");
        assert_eq!(
            row["memory_cycles"][memory],
            phases.iter().map(of).sum::<u64>()
        );
        for operand in ["input", "weight", "output"] {
            let of = |phase: &Value| {
                phase["traffic_bytes"][memory][operand]
                    .as_f64()
                    .expect("bytes")
            };
            let all: f64 = phases.iter().map(of).sum();
            assert!((of(row) - all).abs() < 1e-9, "{memory} {operand}");
        }
    }
    assert_eq!(row["status"], "optimal");
    assert!(row.get("mapping").is_none());
    // Columns 2, 5 and 8 see no tap: their zeros are written, in 3 of 6 rows of two channels.
    let written = &phases[2]["traffic_bytes"]["dram"];
    assert_eq!(
        (&written["input"], &written["output"]),
        (&0.into(), &18.into())
    );
    assert!(phases[2].get("mapping").is_none() && phases[2]["macs"] == 0);
    assert_eq!(phases[1]["same_as"], "up [0, 0]");
}

#[test]
fn mappings_of_phases_are_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("up.json");
    let file = path.to_str().expect("a path");
    run(&[
        "solve", NETWORK, HARDWARE, "--layers", "up", "--output", file,
    ]);
    let options = NetworkOptions::default();
    let network = read::network(Path::new(NETWORK), &options).expect("a network");
    let hardware = read::hardware(Path::new(HARDWARE)).expect("hardware");
    let mappings = read::mappings(&path, &network, &hardware).expect("mappings");
    let result: Value =
        serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("it is JSON");
    let row = &result["layers"][0];
    assert_eq!(mappings.len(), 4);
    for (of, mapping) in &mappings {
        let index = of.phase.expect("a phase");
        let nest = network.nest(*of).expect("a loop nest");
        let cost = evaluate(nest, &hardware, mapping).expect("a mapping");
        let phases = row["phases"].as_array().expect("phases");
        let phase = phases
            .iter()
            .find(|p| p["phase"] == serde_json::json!(index));
        let stated = phase.expect("the phase")["cycles"]
            .as_u64()
            .expect("cycles");
        assert_eq!(cost.cycles, u128::from(stated));
    }
    // All phases together are the layer's row again.
    let evaluated = run(&[
        "evaluate",
        NETWORK,
        HARDWARE,
        "--mapping",
        file,
        "--format",
        "json",
    ]);
    let evaluated: Value = serde_json::from_str(&evaluated).expect("it is JSON");
    let again = &evaluated["layers"][0];
    for key in [
        "name",
        "cycles",
        "macs",
        "energy_pj",
        "traffic_bytes",
        "occupied_bytes",
    ] {
        assert_eq!(again[key], row[key], "{key}");
    }
    assert_eq!(again["phases"].as_array().map(Vec::len), Some(6));
    run(&["check", NETWORK, HARDWARE, file]);
}
