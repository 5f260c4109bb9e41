//! `solve --trace`: the planned step as trace events.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// The result of a step as JSON, and its trace.
fn traced([network, hardware]: [&str; 2], mode: &str) -> (Value, Value) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("trace.json");
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .args(["solve", network, hardware, "--mode", mode])
        .args(["--modes-per-operation", "2", "--format", "json", "--trace"])
        .arg(&path)
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = fs::read_to_string(path).expect("the trace");
    let parse = |text: &[u8]| serde_json::from_slice(text).expect("JSON");
    (parse(&output.stdout), parse(text.as_bytes()))
}

/// The events of a kind.
fn events<'a>(trace: &'a Value, phase: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = trace["traceEvents"].as_array().expect("a list").iter();
    all.filter(move |event| event["ph"] == phase)
}

/// A time of an event in nanoseconds.
fn nanoseconds(event: &Value, key: &str) -> i64 {
    let time = event[key].as_f64().expect("a number");
    assert!(time >= 0.0, "{event}");
    format!("{:.0}", time * 1e3).parse().expect("a number")
}

/// Start, end and name of the events of every track, in order.
fn tracks(trace: &Value) -> BTreeMap<u64, Vec<(i64, i64, String)>> {
    let mut tracks: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for event in events(trace, "X") {
        let start = nanoseconds(event, "ts");
        let end = start + nanoseconds(event, "dur");
        let name = event["name"].as_str().expect("a name").to_owned();
        let track = event["tid"].as_u64().expect("a track");
        tracks.entry(track).or_default().push((start, end, name));
    }
    for own in tracks.values_mut() {
        own.sort();
    }
    tracks
}

/// The track of operations.
const OPERATIONS: u64 = 1;

/// No event begins before the one before has ended.
fn apart(events: &[(i64, i64, String)]) {
    for pair in events.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{pair:?}");
    }
}

/// Whether one port carries what comes in and what goes out.
#[derive(Clone, Copy, PartialEq)]
enum Port {
    Shared,
    Separate,
}

fn check(hardware: &str, mode: &str, mhz: Option<f64>, port: Port) {
    let (result, trace) = traced(["inputs/tiny/tiny.yaml", hardware], mode);
    let plan = &result["memory_plan"];
    let tracks = tracks(&trace);
    for own in tracks.values() {
        apart(own);
    }
    // Where one port carries all, its transfers take turns.
    let transfers = tracks.iter().filter(|track| *track.0 > OPERATIONS);
    let mut transfers: Vec<_> = transfers.flat_map(|track| track.1.clone()).collect();
    transfers.sort();
    if port == Port::Shared {
        apart(&transfers);
    }
    // The step ends when the plan says; its cycles are rounded up.
    let cycles = plan["cycles"].as_f64().expect("cycles");
    let ends = tracks.values().flatten().map(|own| own.1);
    let end = f64::from(i32::try_from(ends.max().expect("events")).expect("short"));
    let per_cycle = 1e3 / mhz.unwrap_or(1.0);
    let expected = cycles * per_cycle;
    assert!(
        (end - expected).abs() <= per_cycle.max(1.0),
        "{end} {expected}"
    );
    assert_eq!(trace["otherData"]["cycles"], plan["cycles"]);
    let unit = trace["otherData"]["time_unit"].as_str().expect("a unit");
    assert_eq!(unit.starts_with("cycles"), mhz.is_none(), "{unit}");

    operations(plan, &trace);
    occupancy(plan, &trace);
}

/// Every operation that runs is there, one after the other without a gap, and moves what the plan says.
fn operations(plan: &Value, trace: &Value) {
    let all = plan["operations"].as_array().expect("operations");
    let runs = all.iter().filter(|own| !own["mode"].is_null());
    let names: Vec<&str> = runs.filter_map(|own| own["name"].as_str()).collect();
    let of = |category: &'static str| events(trace, "X").filter(move |e| e["cat"] == category);
    let told: Vec<&str> = of("operation").filter_map(|e| e["name"].as_str()).collect();
    assert_eq!(told, names);
    let lasts: Vec<_> = of("operation")
        .map(|e| (nanoseconds(e, "ts"), nanoseconds(e, "dur")))
        .collect();
    assert!(
        lasts
            .windows(2)
            .all(|pair| pair[0].0 + pair[0].1 == pair[1].0)
    );
    // Bytes are rounded up for each transfer.
    let moved = events(trace, "X").filter(|e| e["cat"] != "operation");
    let bytes: Vec<u64> = moved.filter_map(|e| e["args"]["bytes"].as_u64()).collect();
    let outer = plan["outer_bytes"].as_u64().expect("bytes");
    let sum: u64 = bytes.iter().sum();
    assert!(
        (outer..=outer + bytes.len() as u64).contains(&sum),
        "{sum} {outer}"
    );
    // Every tensor that is named is one of the plan's.
    let tensors = plan["tensors"].as_array().expect("tensors").iter();
    let tensors: BTreeSet<&str> = tensors.filter_map(|own| own["name"].as_str()).collect();
    for event in events(trace, "X").filter(|e| e["args"]["kind"].is_string()) {
        assert!(tensors.contains(event["name"].as_str().expect("a name")));
    }
    let threads = events(trace, "M").filter(|e| e["name"] == "thread_name");
    let threads: BTreeSet<u64> = threads.filter_map(|e| e["tid"].as_u64()).collect();
    assert!(tracks(trace).keys().all(|track| threads.contains(track)));
}

/// The memory never holds more than its capacity, and what kinds of blocks take adds up.
fn occupancy(plan: &Value, trace: &Value) {
    let capacity = plan["capacity_bytes"].as_u64().expect("a capacity");
    let mut held = Vec::new();
    for event in events(trace, "C") {
        let values = event["args"].as_object().expect("values").values();
        let sum: u64 = values.map(|own| own.as_u64().expect("bytes")).sum();
        assert!(sum <= capacity, "{event}");
        held.push((nanoseconds(event, "ts"), sum));
    }
    assert_eq!(held.len() % 2, 0);
    assert!(held.chunks(2).all(|both| both[0] == both[1]), "{held:?}");
    assert!(held.iter().any(|own| own.1 > 0), "{held:?}");
    assert_eq!(held.last().map(|own| own.1), Some(0));
}

#[test]
fn a_trace_is_the_plan_over_time() {
    let own = "inputs/tiny/tiny-hw.yaml";
    check(own, "inference", None, Port::Shared);
    check(own, "training", None, Port::Shared);
    check("shared-32x32", "training", Some(800.0), Port::Shared);
}

/// Ports for each direction: what comes in and what goes out pass at the same time.
#[test]
fn a_trace_of_separate_ports_keeps_to_each() {
    let folder = TempDir::new().expect("a folder");
    let own = fs::read_to_string("inputs/tiny/tiny-hw.yaml").expect("hardware");
    let dram = own.lines().find(|line| line.contains("memory: dram"));
    let dram = dram.expect("an outer memory");
    let separate = "read_bandwidth_bytes_per_cycle: 2, write_bandwidth_bytes_per_cycle: 1";
    let apart = dram.replace("bandwidth_bytes_per_cycle: 1", separate);
    assert_ne!(dram, apart);
    let path = folder.path().join("apart.yaml");
    fs::write(&path, own.replace(dram, &apart)).expect("writable");
    check(
        &path.display().to_string(),
        "training",
        None,
        Port::Separate,
    );
}

/// The one event of a category with this name.
fn only<'a>(trace: &'a Value, category: &str, name: &str) -> &'a Value {
    let is_own = |e: &&Value| e["cat"] == category && e["name"] == name;
    let all: Vec<&Value> = events(trace, "X").filter(is_own).collect();
    assert_eq!(all.len(), 1, "{category} {name}: {trace:#}");
    all[0]
}

/// What one operation wrote goes out, and what another one reads comes in, while a third computes.
#[test]
fn late_stores_and_early_fetches_stand_beside_the_operation_that_hides_them() {
    let inputs = [
        "tests/cmd/files/late-and-early.yaml",
        "tests/cmd/files/late-and-early-hw.yaml",
    ];
    let (result, trace) = traced(inputs, "inference");
    let span = |event: &Value| {
        let start = nanoseconds(event, "ts");
        (start, start + nanoseconds(event, "dur"))
    };
    let [a, b, c] = ["a", "b", "c"].map(|name| span(only(&trace, "operation", name)));
    assert!(a.1 <= b.0 && b.1 <= c.0);
    let late = only(&trace, "late store", "a");
    let early = only(&trace, "early fetch", "c.weight");
    for (event, kind) in [(late, "activation"), (early, "parameter")] {
        assert_eq!(event["args"]["during"], "b", "{event}");
        assert_eq!(event["args"]["kind"], kind, "{event}");
        assert_eq!(event["args"]["how"], "kept", "{event}");
        // The port takes a cycle, shown as a microsecond, for a byte.
        let bytes = event["args"]["bytes"].as_i64().expect("bytes");
        assert!(
            bytes > 0 && nanoseconds(event, "dur") == bytes * 1000,
            "{event}"
        );
    }
    // What is stored late goes first, then what `b` reads itself, then what is fetched early.
    let (late, early) = (span(late), span(early));
    let own = events(&trace, "X").filter(|e| e["cat"] == "fetch" && e["args"]["during"] == "b");
    let own: i64 = own.map(|e| nanoseconds(e, "dur")).sum();
    assert_eq!(late.0, b.0, "{trace:#}");
    assert_eq!(early.0, late.1 + own, "{trace:#}");
    assert!(early.1 <= b.1, "{trace:#}");
    // Without them the port would hold up `a` and `c`.
    let alone = result["total_layers"]["cycles"].as_u64().expect("cycles");
    let planned = result["total"]["cycles"].as_u64().expect("cycles");
    assert!(planned + 1000 < alone, "{planned} {alone}");
    operations(&result["memory_plan"], &trace);
    occupancy(&result["memory_plan"], &trace);
}
