//! `init`: what it writes is valid, derived as its comments say, and never replaces a file unasked.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use deepmatrix::problem::{Bandwidth, Bytes, Ports};
use deepmatrix::read;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deepmatrix"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const JOB: [&str; 10] = [
    "init", "hardware", "--macs", "64x32", "--sram", "1MiB", "--dram", "25.6GB/s", "--clock",
    "1GHz",
];

#[test]
fn what_is_written_is_checked_and_solved() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let written = run(folder, &[&JOB[..], &["-o", "chip.yaml"]].concat());
    assert!(written.status.success(), "{}", errors(&written));
    let hardware = read::hardware(&folder.join("chip.yaml")).expect("hardware");
    assert_eq!(hardware.processing_elements(), 64 * 32);
    assert_eq!(hardware.clock_mhz, Some(1000.0));
    assert_eq!(hardware.vector_lanes, Some(32));
    let dram = hardware.memory(0).expect("a memory");
    assert_eq!(dram.ports, Ports::Shared(Bandwidth::new(128, 5)));
    let sram = hardware.memory(1).expect("a memory");
    assert_eq!(sram.capacity, Some(Bytes(1 << 20)));
    // 64 inputs and 32 weights of a byte, twice.
    assert_eq!(sram.ports, Ports::Shared(Bandwidth::new(192, 1)));
    assert_eq!(hardware.memory(3).and_then(|m| m.capacity), Some(Bytes(48)));
    for command in [
        &["check", "chip.yaml"] as &[&str],
        &["solve", "vgg16", "chip.yaml", "--layers", "^fc8$"],
    ] {
        let output = run(folder, command);
        assert!(output.status.success(), "{}", errors(&output));
    }
    // Without a file to standard output, the same.
    let shown = run(folder, &JOB);
    assert_eq!(
        shown.stdout,
        fs::read(folder.join("chip.yaml")).expect("a file")
    );
}

/// With energies `--objective energy` needs nothing more.
#[test]
fn energies_are_those_of_their_source() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let written = run(
        folder,
        &[&JOB[..], &["--energies", "-o", "chip.yaml"]].concat(),
    );
    assert!(written.status.success(), "{}", errors(&written));
    let hardware = read::hardware(&folder.join("chip.yaml")).expect("hardware");
    let energies = [0, 1, 3].map(|level| hardware.memory(level).map(|own| own.energy));
    let pj = energies.map(|own| own.and_then(|own| own.read_pj_per_byte));
    assert_eq!(pj, [Some(160.0), Some(6.0), Some(0.5)]);
    let limit = ["--cpu-limit", "0.5"];
    let options = [&["--layers", "^fc8$", "--objective", "energy"][..], &limit].concat();
    let solved = run(
        folder,
        &[&["solve", "vgg16", "chip.yaml"], &options[..]].concat(),
    );
    assert!(solved.status.success(), "{}", errors(&solved));
}

#[test]
fn options_change_what_is_chosen() {
    let place = tempfile::tempdir().expect("a folder");
    let more = [
        "--precision",
        "input=16,weight=4",
        "--vector",
        "7",
        "--name",
        "a: \"b\" #\u{1}",
        "-o",
        "x.yaml",
    ];
    let job = [
        "init",
        "hardware",
        "--macs",
        "100",
        "--sram",
        "2kB",
        "--dram",
        "0.5B/cycle",
        "--clock",
        "3MHz",
    ];
    let output = run(place.path(), &[&job[..], &more].concat());
    assert!(output.status.success(), "{}", errors(&output));
    let hardware = read::hardware(&place.path().join("x.yaml")).expect("hardware");
    assert_eq!(hardware.name, "a: \"b\" #\u{1}");
    assert_eq!(hardware.vector_lanes, Some(7));
    let dram = hardware.memory(0).expect("a memory");
    assert_eq!(dram.ports, Ports::Shared(Bandwidth::new(1, 2)));
    let sram = hardware.memory(1).expect("a memory");
    assert_eq!(sram.capacity, Some(Bytes(2000)));
    // 100 inputs of 16 bits and a weight of 4: 200.5 bytes, rounded up and twice.
    assert_eq!(sram.ports, Ports::Shared(Bandwidth::new(402, 1)));
}

#[test]
fn a_file_that_exists_stays() {
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("chip.yaml");
    fs::write(&file, "mine").expect("writable");
    let job = [&JOB[..], &["-o", "chip.yaml"]].concat();
    let output = run(place.path(), &job);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        errors(&output),
        "error: chip.yaml: exists already; give another file, or --force to replace it\n"
    );
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
    assert!(
        run(place.path(), &[&job[..], &["--force"]].concat())
            .status
            .success()
    );
    assert!(read::hardware(&file).is_ok());
}

#[test]
fn wrong_quantities_are_one_line() {
    let place = tempfile::tempdir().expect("a folder");
    for (option, value) in [
        ("--macs", "64*32"),
        ("--macs", "0x8"),
        ("--sram", "1mib"),
        ("--sram", "1.0001B"),
        ("--dram", "25.6"),
        ("--dram", "25.6GB"),
        ("--dram", "0GB/s"),
        ("--clock", "1"),
        ("--clock", "1ghz"),
        ("--vector", "0"),
        ("--precision", "8"),
        ("--dram", "0.0001kB/s"),
    ] {
        let mut job = JOB.to_vec();
        match job.iter().position(|own| *own == option) {
            Some(at) => job[at + 1] = value,
            None => job.extend([option, value]),
        }
        let output = run(place.path(), &job);
        let text = errors(&output);
        assert!(!output.status.success(), "{option} {value}");
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("error: ") && first.contains(option),
            "{text}"
        );
        assert!(first.chars().count() <= 160, "{first}");
    }
}
