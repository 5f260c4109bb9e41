//! What must not be lost or let loose: files on a full disk, control characters of names, large networks.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SMALL: [&str; 2] = ["inputs/tiny/tiny.yaml", "inputs/tiny/tiny-hw.yaml"];

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    for (from, to) in SMALL.iter().zip(["n.yaml", "h.yaml"]) {
        fs::copy(from, place.path().join(to)).expect("a copy");
    }
    place
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Where files may have 1 KiB and no more, as on a full disk, the old ones stay.
#[test]
fn a_full_disk_leaves_the_old_files() {
    let place = place();
    let folder = place.path();
    for file in [
        "result.json",
        "page.html",
        "map.svg",
        "x.lp",
        "chip.yaml",
        "points.csv",
    ] {
        fs::write(folder.join(file), "old\n").expect("writable");
    }
    let before = names(folder);
    for command in [
        "solve n.yaml h.yaml --format json -o result.json",
        "solve n.yaml h.yaml --report page.html",
        "solve n.yaml h.yaml --memory-plan --no-cache --memory-map map.svg",
        "export n.yaml h.yaml --layer conv -o x.lp",
        "init hardware --macs 64x32 --sram 1MiB --dram 1GB/s --clock 1GHz --force -o chip.yaml",
    ] {
        let script = format!("trap '' XFSZ; ulimit -f 1; exec \"$0\" {command}");
        let output = Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_deepmatrix")])
            .current_dir(folder)
            .output()
            .expect("bash runs");
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {errors}");
        assert!(
            errors.contains("cannot write the result to"),
            "{command}: {errors}"
        );
    }
    for file in ["result.json", "page.html", "map.svg", "x.lp", "chip.yaml"] {
        assert_eq!(
            fs::read_to_string(folder.join(file)).expect("a file"),
            "old\n",
            "{file}"
        );
    }
    assert_eq!(names(folder), before);
}

#[test]
fn a_folder_that_takes_no_files_is_said_before_long_work() {
    let place = place();
    for path in [
        "/proc/x.json",
        "/proc/self/x.json",
        "missing/x.json",
        "n.yaml/x.json",
    ] {
        let output = run(place.path(), &["solve", "n.yaml", "h.yaml", "-o", path]);
        assert_eq!(output.status.code(), Some(1));
        let errors = text(&output.stderr);
        let expected = format!("error: cannot write the result to {path}: ");
        assert!(errors.starts_with(&expected), "{errors}");
    }
}

/// A network whose names do something to terminals, pages, pictures and spreadsheets.
const ODD: &str = r#"
name: "=net\e[31m"
precision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: "=1+1\e[2J\r\u202e<b>", op: conv2d, out_channels: 4, kernel: [3, 3]}
  - {name: "@x\u009b1m", op: relu}
"#;

#[test]
fn control_characters_and_formulas_of_names_do_nothing() {
    let place = place();
    let folder = place.path();
    fs::write(folder.join("odd.yaml"), ODD).expect("writable");
    let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for command in [
        "solve odd.yaml h.yaml",
        "solve odd.yaml h.yaml --format csv -o result.csv",
        "solve odd.yaml h.yaml --memory-plan --report page.html --memory-map map.svg --trace trace.json",
        "solve odd.yaml h.yaml --layers nothing",
        "compare odd.yaml h.yaml --mappers greedy --format csv -o compare.csv",
        "sweep odd.yaml h.yaml --vary batch=1,2 -o points --report sweep.html",
        "graph odd.yaml --format dot",
        "check odd.yaml h.yaml",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let output = run(folder, &words);
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        let fine = output.status.success() || command.ends_with("nothing");
        assert!(fine, "{command}: {errors}");
        assert!(
            !out.contains(acts) && !errors.contains(acts),
            "{command}: {out:?} {errors:?}"
        );
    }
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a file");
    for file in [
        "result.csv",
        "page.html",
        "map.svg",
        "trace.json",
        "compare.csv",
        "points/points.csv",
        "sweep.html",
    ] {
        assert!(!read(file).contains(acts), "{file}");
        let is_page = Path::new(file)
            .extension()
            .is_none_or(|e| e != "csv" && e != "json");
        assert!(!is_page || !read(file).contains("<b>"), "{file}");
    }
    for file in ["result.csv", "compare.csv", "points/points.csv"] {
        let content = read(file);
        let cells = content
            .split([',', '\n'])
            .map(|cell| cell.trim_matches('"'));
        let formulas: Vec<&str> = cells.filter(|c| c.starts_with(['=', '@'])).collect();
        assert!(formulas.is_empty(), "{file}: {formulas:?}");
    }
    // JSON holds the names as they are.
    let output = run(folder, &["solve", "odd.yaml", "h.yaml", "--format", "json"]);
    assert!(!text(&output.stdout).contains(acts));
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(result["layers"][0]["name"], "=1+1\u{1b}[2J\r\u{202e}<b>");
}

#[test]
fn ten_thousand_layers_are_solved() {
    let place = place();
    let mut network =
        "name: deep\nprecision_bits: {input: 8, weight: 8, output: 8, accumulator: 32}\n\
                       input: {features: 8}\nlayers:\n"
            .to_owned();
    for index in 0..10_000 {
        let _ = writeln!(
            network,
            "  - {{name: l{index}, op: linear, out_features: 8}}"
        );
    }
    fs::write(place.path().join("deep.yaml"), network).expect("writable");
    for command in [
        "check deep.yaml h.yaml",
        "solve deep.yaml h.yaml --format csv -o deep.csv",
        "graph deep.yaml --mode training --format json -o deep.json",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let output = run(place.path(), &words);
        assert!(
            output.status.success(),
            "{command}: {}",
            text(&output.stderr)
        );
    }
    let rows = fs::read_to_string(place.path().join("deep.csv")).expect("a file");
    assert_eq!(rows.lines().count(), 10_001);
}
