//! Places from which nothing can be read and to which nothing can be written.

use super::run::{Case, PLAN, strings};

/// Where results do not go.
const OUT: [&str; 10] = [
    "/proc/none/x.json",
    "missing/folder/x.json",
    "folder",
    "/dev/full",
    "precious.json/x",
    "",
    "/",
    "..",
    "folder/",
    "/sys/x.json",
];

/// Commands that write, the place last.
const WRITERS: [&str; 15] = [
    "solve network.yaml hardware.yaml --jobs 1 -o",
    "solve network.yaml hardware.yaml --jobs 1 --report",
    "solve network.yaml hardware.yaml @plan --memory-map",
    "solve network.yaml hardware.yaml @plan --trace",
    "compare network.yaml hardware.yaml --mappers greedy -o",
    "compare network.yaml hardware.yaml --mappers greedy --plot",
    "explain network.yaml hardware.yaml --layer conv -o",
    "export network.yaml hardware.yaml --layer fc -o",
    "sweep network.yaml hardware.yaml --vary batch=1 --jobs 1 -o",
    "graph network.yaml -o",
    "allocate blocks.csv --capacity 160 -o",
    "list networks -o",
    "man -o",
    "init hardware --macs 4x4 --sram 1KiB --dram 1GB/s --clock 1GHz --force -o",
    "merge folder -o",
];

/// Where inputs are not.
const IN: [&str; 8] = [
    "missing.yaml",
    "folder",
    "/dev/null",
    "",
    "/proc/self/mem",
    "/dev/zero",
    "resnet",
    "a\u{1b}b",
];

/// Commands that read, with `@` for the place.
const READERS: [&str; 9] = [
    "solve @ hardware.yaml",
    "solve network.yaml @",
    "check @",
    "graph @",
    "allocate @ --capacity 9",
    "evaluate network.yaml hardware.yaml --mapping @",
    "decode @ --for network.yaml hardware.yaml --layer conv",
    "solve network.yaml hardware.yaml --constraints @",
    "sweep @ hardware.yaml --vary batch=1 -o points",
];

/// All cases of odd places.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for command in WRITERS {
        for place in OUT {
            let command = command.replace("@plan", PLAN);
            let mut words: Vec<&str> = command.split(' ').collect();
            words.push(place);
            all.push(Case::of("places", format!("to {place:?}"), &words));
        }
    }
    for command in READERS {
        for place in IN {
            let words = command
                .split(' ')
                .map(|word| if word == "@" { place } else { word });
            let words: Vec<&str> = words.collect();
            all.push(Case::of("places", format!("from {place:?}"), &words));
        }
    }
    // Without a place for the cache, and with a file in its place.
    for before in ["touch cache", "mkdir -p cache/deepmatrix/solutions"] {
        let plan = format!("solve network.yaml hardware.yaml {PLAN}");
        let plan: Vec<&str> = plan.split(' ').collect();
        let mut case = Case::of("places", format!("after {before}"), &plan);
        if before.starts_with("touch") {
            case = case.with("cache", "a file");
        } else {
            case.before = vec![strings(&["list", "hardware"])];
        }
        all.push(case);
    }
    all
}
