//! Memory plans from the command line: mappings are kept, and addresses keep to the alignment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

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

/// So few mappings of each operation that all are proved: what a limit ends differs from run to run.
const FEW: [&str; 4] = ["--modes-per-operation", "2", "--time-limit", "60"];

#[test]
fn a_second_plan_maps_nothing() {
    let folder = TempDir::new().expect("a folder");
    let plan = |more: &[&str]| {
        let more = [more, &FEW].concat();
        let mut plan = plan(folder.path(), Path::new(HARDWARE), &more);
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
    self::plan(folder.path(), &other, &FEW);
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

/// The memory plan of a network on hardware that are given as texts, and the whole result.
fn plan_of(network: &str, hardware: &str, more: &[&str]) -> Value {
    let folder = TempDir::new().expect("a folder");
    let (net, hw) = (
        folder.path().join("net.yaml"),
        folder.path().join("hw.yaml"),
    );
    fs::write(&net, network).expect("writable");
    fs::write(&hw, hardware).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_deepmatrix"));
    command.env("XDG_CACHE_HOME", folder.path());
    command.arg("solve").args([net, hw]);
    command
        .args(["--memory-plan", "--format", "json"])
        .args(more);
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Both memories move 4 bytes a cycle; the array has so many rows and columns.
fn as_slow_as_outside(size: u64) -> String {
    format!(
        "name: slow
levels:
  - {{memory: dram, bandwidth_bytes_per_cycle: 4}}
  - {{memory: sram, capacity_bytes: 65536, bandwidth_bytes_per_cycle: 4}}
  - {{array: pe, axes: [{{name: rows, size: {size}}}, {{name: cols, size: {size}}}]}}
"
    )
}

const WIDTHS: &str = "batch: 1
precision_bits: {input: 8, weight: 8, output: 8, accumulator: 8}
";

#[test]
fn an_operations_own_fills_occupy_the_shared_memorys_port() {
    // 64 x 64 weights and 64 inputs are filled and read, 64 outputs written and drained.
    let network = format!(
        "name: one\n{WIDTHS}input: {{sequence: 1, features: 64}}
layers:\n  - {{name: a, op: linear, from: input, out_features: 64}}\n"
    );
    let all = plan_of(&network, &as_slow_as_outside(64), &[]);
    let bytes = 2 * (64 * 64 + 64 + 64);
    assert_eq!(all["layers"][0]["cycles"], bytes / 4);
    let plan = &all["memory_plan"];
    assert_eq!(plan["cycles"], bytes / 4);
    assert_eq!(plan["baselines"]["no_reuse"], bytes / 4);
    assert_eq!(plan["bound_cycles"], bytes / 4);
    assert_eq!(plan["status"], "optimal");
}

#[test]
fn a_resident_operand_is_not_filled_and_a_kept_result_not_drained() {
    let chain = "input: {features: 4096}
layers:
  - {name: a, op: softmax, from: input}
  - {name: b, op: softmax}
  - {name: c, op: softmax}
  - {name: d, op: softmax}
";
    let network = format!("name: chain\n{WIDTHS}{chain}");
    let all = plan_of(&network, &as_slow_as_outside(8), &[]);
    let plan = &all["memory_plan"];
    // Each reads and writes 4096 bytes there; the first one fills, the last one drains as many.
    assert_eq!(plan["cycles"], (4 * 8192 + 2 * 4096) / 4);
    assert_eq!(plan["baselines"]["no_reuse"], 16384);
    assert_eq!(plan["outer_bytes"], 8192);
    assert_eq!(plan["ties"]["proved"], true);
    // Nobody needs results of a, b and c outside: they are not stored.
    for tensor in list(&plan["tensors"]) {
        assert_eq!(tensor["stored_bytes"], 0, "{tensor}");
    }
}

/// A machine whose shared memory holds a part of what three layers need.
const TIGHT: &str = "name: tight
levels:
  - {memory: dram, bandwidth_bytes_per_cycle: 2}
  - {memory: sram, capacity_bytes: 1536, bandwidth_bytes_per_cycle: 16}
  - {array: pe, axes: [{name: rows, size: 8}, {name: cols, size: 4}]}
";

/// The gap covers what the modes leave out: more of them are never worse, no plan among fewer is below the
/// bound of the whole, and the result names how many there are.
#[test]
fn more_modes_make_no_worse_plan() {
    let layers = "input: {channels: 8, height: 8, width: 8}
layers:
  - {name: a, op: conv2d, out_channels: 16, kernel: [1, 1]}
  - {name: b, op: conv2d, out_channels: 16, kernel: [1, 1]}
  - {name: c, op: conv2d, out_channels: 8, kernel: [1, 1]}
";
    let network = format!("name: three\n{WIDTHS}{layers}");
    let plans = ["1", "2", "4"].map(|modes| {
        let more = ["--tiles", "divisors", "--modes-per-operation", modes];
        plan_of(&network, TIGHT, &more)["memory_plan"].clone()
    });
    let number = |plan: &Value, field: &str| plan[field].as_u64().expect("a number");
    let of = |plan: &Value| plan["modes"]["of"].as_u64().expect("a number");
    for pair in plans.windows(2) {
        let [fewer, more] = [&pair[0], &pair[1]];
        assert!(of(fewer) < of(more), "{fewer} {more}");
        let proved = more["modes"]["proved"] == more["modes"]["of"];
        assert!(more["status"] != "optimal" || proved || more["gap"] == 0.0);
        let cycles = number(more, "cycles");
        assert!(cycles <= number(fewer, "cycles"), "{cycles}");
        for own in [fewer, more] {
            let bound = number(own, "bound_cycles");
            assert!(bound > 0 && cycles >= bound, "{own}");
            assert!(number(&own["modes"], "bound_cycles") >= bound, "{own}");
        }
        assert!(more["gap"].as_f64() >= more["modes"]["gap"].as_f64());
    }
    // One mapping of each layer is not all there are: the gap of the best plan among them says so.
    assert!(plans[0]["gap"].as_f64() > Some(0.0), "{}", plans[0]);
    // Plans among one mapping of each layer are not the best there are.
    assert!(number(&plans[2], "cycles") < number(&plans[0], "cycles"));
    let baselines = plans[0]["baselines"].as_object().expect("an object");
    let best = baselines.values().filter_map(Value::as_u64).min();
    assert!(best.is_some_and(|best| number(&plans[0], "cycles") <= best));
    assert_eq!(plans[0]["addresses"]["cut_short"], false);
}

/// Two layers, of which one takes seconds to be mapped.
const SLOW: &str = "name: two
batch: 1
precision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}
input: {channels: 132, height: 8, width: 8}
layers:
  - {name: a, op: conv2d, out_channels: 12, kernel: [3, 3], padding: [1, 1]}
  - {name: b, op: conv2d, out_channels: 13, kernel: [3, 3], padding: [1, 1]}
";

/// The result of a plan that is interrupted a while after it began, and how long it ran on.
#[cfg(unix)]
fn interrupted(after: Duration) -> (Value, Duration) {
    let folder = TempDir::new().expect("a folder");
    let (net, out) = (
        folder.path().join("net.yaml"),
        folder.path().join("out.json"),
    );
    fs::write(&net, SLOW).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_deepmatrix"));
    command.env("XDG_CACHE_HOME", folder.path());
    command.arg("solve").arg(&net);
    command.arg("inputs/hardware/shared-16x16.yaml");
    command.args(["--memory-plan", "--no-cache", "--jobs", "2"]);
    command.args(["--format", "json", "--output"]).arg(&out);
    let mut child = command.stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(after);
    let mut kill = Command::new("kill");
    kill.args(["-INT", &child.id().to_string()]);
    assert!(kill.status().expect("kill").success());
    let begin = Instant::now();
    child.wait().expect("it ends");
    let text = fs::read_to_string(&out).expect("a result");
    (serde_json::from_str(&text).expect("JSON"), begin.elapsed())
}

/// Whatever the moment, what is printed after an interrupt is true of the table beside it.
#[cfg(unix)]
#[test]
fn an_interrupted_plan_agrees_with_the_table() {
    let mut plans = 0;
    for milliseconds in [1000, 2500, 5000] {
        let (all, took) = interrupted(Duration::from_millis(milliseconds));
        assert!(took < Duration::from_millis(1500), "{took:?}");
        let cycles: Vec<Option<u64>> = list(&all["layers"])
            .iter()
            .map(|row| row["cycles"].as_u64())
            .collect();
        let plan = &all["memory_plan"];
        let Some(sum) = cycles.iter().copied().sum::<Option<u64>>() else {
            assert!(
                plan.is_null(),
                "a plan without a mapping of each layer: {plan}"
            );
            continue;
        };
        plans += 1;
        // Each of both is rounded up, and so is the plan.
        let no_reuse = plan["baselines"]["no_reuse"].as_u64().expect("cycles");
        assert!(no_reuse <= sum && no_reuse + 2 > sum, "{no_reuse} {sum}");
        assert!(plan["cycles"].as_u64().expect("cycles") <= no_reuse);
        let modes = &plan["modes"];
        if modes["proved"] != modes["of"] {
            assert!(plan["status"] == "feasible" || plan["gap"] == 0.0, "{plan}");
            assert!(modes["largest_gap"].as_f64().expect("a gap") > 0.0);
        }
    }
    assert!(plans > 0, "no interrupt came after both layers were mapped");
}
