//! Memory plans from the command line: mappings are kept, and addresses keep to the alignment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

const NETWORK: &str = "inputs/tiny/tiny.yaml";
const HARDWARE: &str = "inputs/tiny/tiny-hw.yaml";

/// The memory plan of a training step, with the cache in a folder.
fn plan(cache: &Path, hardware: &Path, more: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deepmatrix"));
    command.env("XDG_CACHE_HOME", cache);
    command.args(["solve", NETWORK]).arg(hardware);
    command.args(["--mode", "training", "--memory-plan", "--format", "json"]);
    let output = command.args(more).output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    all["memory_plan"].clone()
}

/// What is kept, with the time at which it was written.
fn kept(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(kept(&path));
        } else {
            let data = path.metadata().expect("a file");
            found.push((path, data.modified().expect("a time")));
        }
    }
    found.sort();
    found
}

#[test]
fn a_second_plan_maps_nothing() {
    let folder = TempDir::new().expect("a folder");
    let plan = |more: &[&str]| {
        let mut plan = plan(folder.path(), Path::new(HARDWARE), more);
        plan["seconds"] = Value::Null;
        plan
    };
    let anew = plan(&["--no-cache"]);
    assert_eq!(kept(folder.path()), []);
    assert_eq!(plan(&[]), anew);
    // What is searched for is written.
    let first = kept(folder.path());
    assert!(first.len() > 5, "{first:?}");
    assert_eq!(plan(&[]), anew);
    assert_eq!(kept(folder.path()), first);
    // The alignment decides no mapping.
    let other = folder.path().join("other.yaml");
    write_aligned(&other, 4);
    self::plan(folder.path(), &other, &[]);
    let all = kept(folder.path());
    assert!(first.iter().all(|file| all.contains(file)));
    assert_eq!(all.len(), first.len() + 1, "{other:?} alone is new");
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// The hardware with an alignment.
fn write_aligned(file: &Path, alignment: u64) {
    let text = fs::read_to_string(HARDWARE).expect("a text");
    let field = "capacity_bytes: 128, ";
    assert!(text.contains(field));
    let aligned = text.replace(field, &format!("{field}alignment_bytes: {alignment}, "));
    fs::write(file, aligned).expect("writable");
}

#[test]
fn addresses_keep_to_the_alignment_of_the_hardware() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("hardware.yaml");
    let mut cycles = Vec::new();
    for alignment in [1, 12, 64] {
        write_aligned(&file, alignment);
        let plan = plan(folder.path(), &file, &[]);
        assert_eq!(plan["alignment_bytes"], alignment);
        let tensors = list(&plan["tensors"]).iter();
        let intervals = tensors.flat_map(|tensor| list(&tensor["intervals"]));
        let blocks = intervals.chain(list(&plan["buffers"]));
        let offsets = blocks.map(|b| b["offset"].as_u64().expect("an offset"));
        let offsets: Vec<u64> = offsets.collect();
        assert!(offsets.iter().all(|o| o % alignment == 0), "{offsets:?}");
        assert!(offsets.iter().any(|&o| o > 0), "{offsets:?}");
        cycles.push(plan["cycles"].as_u64().expect("cycles"));
    }
    let without = plan(folder.path(), Path::new(HARDWARE), &[]);
    assert_eq!(without["alignment_bytes"], 64);
    assert_eq!(without["cycles"], cycles[2]);
    // Whole multiples of 64 bytes leave less room than any bytes.
    assert!(cycles[0] < cycles[2], "{cycles:?}");
}
