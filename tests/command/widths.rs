//! What the commands print is at most 100 columns wide, for all networks that the program carries.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Characters of a line, where nothing else is asked for.
const WIDTH: usize = 100;

/// Limits under which a search says something at once.
const AT_ONCE: [&str; 2] = ["--cpu-limit", "0.01"];

/// The lines that a command prints, whatever it found.
fn lines(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    let text = String::from_utf8(output.stdout).expect("it is text");
    assert!(!text.is_empty(), "{arguments:?} prints nothing: {errors}");
    text.lines().map(str::to_owned).collect()
}

fn is_narrow(folder: &Path, arguments: &[&str]) {
    for line in lines(folder, arguments) {
        let wide = line.chars().count();
        assert!(wide <= WIDTH, "{arguments:?}: {wide} columns: {line}");
    }
}

/// The names of all networks that the program carries.
fn networks(folder: &Path) -> Vec<String> {
    let list = lines(folder, &["list", "networks"]);
    let names = list
        .iter()
        .skip(2)
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// What is printed of a network without a plan.
fn of_network(folder: &Path, network: &str) {
    let on = [network, "shared-32x32"];
    is_narrow(folder, &["graph", network]);
    is_narrow(folder, &["check", network]);
    let alone = [&["solve"][..], &on, &AT_ONCE, &["--no-memory-plan"]].concat();
    is_narrow(folder, &alone);
}

#[test]
fn no_line_of_any_network_is_too_wide() {
    let place = TempDir::new().expect("a folder");
    let folder = place.path();
    let all = networks(folder);
    assert!(all.len() > 20, "{all:?}");
    for network in &all {
        of_network(folder, network);
    }
    for subject in ["networks", "hardware"] {
        is_narrow(folder, &["list", subject]);
    }
}

/// Commands that search for more, over a network with long names.
#[test]
fn no_line_of_any_command_is_too_wide() {
    let place = TempDir::new().expect("a folder");
    commands(place.path(), "llama3_8b_block_decode");
}

fn commands(folder: &Path, network: &str) {
    let on = [network, "shared-32x32"];
    let plan = ["--plan-time-limit", "0.5"];
    let modes = ["--modes-per-operation", "1"];
    let vary = [
        "--vary",
        "sram.capacity_bytes=262144,524288",
        "--vary",
        "dataflow=any",
    ];
    let results = format!("{network}-sweep");
    let change = ["--change-limit", "0.1"];
    let evaluations = ["--evaluations", "5"];
    for (command, more) in [
        ("solve", [&plan[..], &modes].concat()),
        ("explain", [&plan[..], &change].concat()),
        (
            "sweep",
            [&plan[..], &modes, &vary, &["-o", &results]].concat(),
        ),
        ("compare", evaluations.to_vec()),
    ] {
        is_narrow(folder, &[&[command][..], &on, &AT_ONCE, &more].concat());
    }
}

/// The same over all networks, and all steps of training: some minutes.
#[test]
#[ignore = "minutes; run with --ignored"]
fn no_line_of_any_command_over_any_network_is_too_wide() {
    let place = TempDir::new().expect("a folder");
    for network in &networks(place.path()) {
        commands(place.path(), network);
        let training = ["--mode", "training"];
        // Networks that take no part of their input from others have a step of training.
        let step = Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
            .args(["graph", network])
            .args(training)
            .output()
            .expect("the program starts");
        if step.status.success() {
            is_narrow(place.path(), &[&["graph", network][..], &training].concat());
            let on = ["solve", network, "shared-32x32", "--no-memory-plan"];
            is_narrow(place.path(), &[&on[..], &AT_ONCE, &training].concat());
        }
    }
}
