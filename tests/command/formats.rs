//! What is written says its format; a newer one, and what cannot be, is refused in one line.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const TINY: [&str; 2] = ["inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"];
const NEWER: &str = "is of format 2, and this version reads formats up to 1";

/// A folder with a cache of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deepmatrix"));
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command
            .args(arguments)
            .output()
            .expect("the program starts")
    }

    /// A sweep over bandwidths into the folder `a`.
    fn sweep(&self, values: &str) -> Output {
        let vary = format!("dram.bandwidth_bytes_per_cycle={values}");
        let folder = self.path("a");
        let folder = folder.to_str().expect("a path");
        let [network, hardware] = TINY;
        self.run(&["sweep", network, hardware, "--vary", &vary, "-o", folder])
    }

    fn journal(&self) -> PathBuf {
        self.path("a/points.jsonl")
    }

    /// Changes the second line of the journal.
    fn change(&self, change: impl Fn(&mut Value)) {
        let text = fs::read_to_string(self.journal()).expect("a journal");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut point: Value = serde_json::from_str(&lines[1]).expect("JSON");
        change(&mut point);
        lines[1] = point.to_string();
        fs::write(self.journal(), lines.join("\n") + "\n").expect("writable");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The only line of an error.
fn refused(output: &Output) -> String {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                all_files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn every_object_says_its_format_first() {
    let place = Place::new();
    let [network, hardware] = TINY;
    let asked: [&[&str]; 5] = [
        &["solve", network, hardware],
        &[
            "solve",
            network,
            hardware,
            "--layers",
            "^fc$",
            "--pareto",
            "cycles,energy",
        ],
        &["compare", network, hardware, "--mappers", "greedy"],
        &["explain", network, hardware, "--layer", "fc"],
        &["graph", network],
    ];
    for arguments in asked {
        let output = place.run(&[arguments, &["--format", "json"]].concat());
        let said = text(&output.stdout);
        let first = said.lines().nth(1).unwrap_or_default().trim();
        assert_eq!(first, "\"format\": 1,", "{arguments:?}");
    }
}

#[test]
fn a_line_of_a_newer_format_is_refused_and_one_without_is_read() {
    let place = Place::new();
    assert!(place.sweep("1,2,4").status.success());
    place.change(|point| {
        let own = point.as_object_mut().expect("an object");
        assert_eq!(own.shift_remove("format"), Some(json!(1)));
    });
    let output = place.sweep("1,2,4");
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Whatever else a newer line holds.
    place.change(|point| *point = json!({"format": 2, "points": []}));
    let said = refused(&place.sweep("1,2,4"));
    assert!(said.contains(&format!("points.jsonl:2: {NEWER}")), "{said}");
}

/// A change of a point.
type Change = fn(&mut Value);

#[test]
fn a_line_is_believed_only_if_it_can_be() {
    let cases: [(Change, &str); 6] = [
        (
            |point| {
                let own = point.as_object_mut().expect("an object");
                own.shift_remove("gap");
            },
            "missing field `gap`",
        ),
        (
            |point| {
                let layer = point["layers"][0].as_object_mut().expect("an object");
                layer.shift_remove("cycles");
            },
            "missing field `cycles`",
        ),
        (
            |point| point["utilization"] = json!(1.5),
            "utilization is 1.5",
        ),
        (|point| point["seconds"] = json!(-1.0), "seconds is -1"),
        (
            |point| point["vary"] = json!({"dram.bandwidth_bytes_per_cycle": 3}),
            "point 2: `dram.bandwidth_bytes_per_cycle` is 3, for which the sweep was never asked",
        ),
        (
            |point| point["vary"] = json!({"clock_mhz": 2}),
            "point 2: `dram.bandwidth_bytes_per_cycle` of the sweep is not in it",
        ),
    ];
    let place = Place::new();
    assert!(place.sweep("1,2,4").status.success());
    let kept = fs::read(place.journal()).expect("a journal");
    for (change, expected) in cases {
        place.change(change);
        let said = refused(&place.sweep("1,2,4"));
        assert!(said.contains(expected), "{said}");
        fs::write(place.journal(), &kept).expect("writable");
    }
}

/// A sweep of fewer values, and then of others, goes on in the same folder.
#[test]
fn values_of_an_earlier_run_are_among_those_asked_for() {
    let place = Place::new();
    for values in ["1,2,4", "2", "2,8", "1,4"] {
        let output = place.sweep(values);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let points = fs::read_to_string(place.journal()).expect("a journal");
    assert_eq!(points.lines().count(), 4);
}

#[test]
fn a_manifest_of_a_newer_format_is_refused() {
    let place = Place::new();
    assert!(place.sweep("1").status.success());
    let file = place.path("a/sweep.json");
    let kept = fs::read_to_string(&file).expect("a manifest");
    assert!(kept.contains("\"format\": 1,"), "{kept}");
    fs::write(&file, kept.replace("\"format\": 1,", "\"format\": 2,")).expect("writable");
    let said = refused(&place.sweep("1"));
    assert!(
        said.contains("sweep.json") && said.contains(NEWER),
        "{said}"
    );
}

#[test]
fn cache_entries_of_a_newer_format_are_left_alone_and_said() {
    let place = Place::new();
    assert!(place.sweep("1").status.success());
    let entries = all_files(&place.path("cache"));
    assert!(!entries.is_empty());
    let newer = |kept: &str| kept.replacen("\"format\":1", "\"format\":2", 1);
    for entry in &entries {
        let kept = fs::read_to_string(entry).expect("an entry");
        assert!(kept.starts_with("{\"format\":1,"), "{kept}");
        fs::write(entry, newer(&kept)).expect("writable");
    }
    fs::remove_dir_all(place.path("a")).expect("a folder");
    let output = place.sweep("1");
    // Long messages go on below, indented.
    let said = text(&output.stderr).replace("\n    ", " ");
    assert!(output.status.success() && said.contains(NEWER), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for entry in &entries {
        let kept = fs::read_to_string(entry).expect("an entry");
        assert!(kept.starts_with("{\"format\":2,"), "{kept}");
    }
}

/// A file of so many zero bytes, of which nothing is on the disk.
fn sparse(path: &Path, bytes: u64) {
    let file = File::create(path).expect("writable");
    file.set_len(bytes).expect("a sparse file");
}

#[test]
fn files_that_are_too_large_are_refused_before_they_are_read() {
    let place = Place::new();
    let solution = place.path("large.sol");
    sparse(&solution, (256 << 20) + 1);
    let file = solution.to_str().expect("a path");
    let [network, hardware] = TINY;
    let asked = ["decode", file, "--for", network, hardware, "--layer", "fc"];
    let said = refused(&place.run(&asked));
    let expected = "large.sol: is larger than 256 MiB; is it the right file?";
    assert!(said.contains(expected), "{said}");

    assert!(place.sweep("1").status.success());
    let manifest = place.path("a/sweep.json");
    sparse(&manifest, (64 << 20) + 1);
    let said = refused(&place.sweep("1"));
    assert!(said.contains("it is larger than 64 MiB"), "{said}");

    fs::remove_file(&manifest).expect("a manifest");
    sparse(&place.journal(), (1 << 30) + 1);
    let said = refused(&place.sweep("1"));
    assert!(said.contains("it is larger than 1024 MiB"), "{said}");

    let entries = all_files(&place.path("cache"));
    for entry in &entries {
        sparse(entry, (16 << 20) + 1);
    }
    fs::remove_dir_all(place.path("a")).expect("a folder");
    let output = place.sweep("1");
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("it is larger than 16 MiB"), "{said}");
}
