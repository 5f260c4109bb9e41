//! `./x bench compare`: all mappers on four networks and three hardware files.
//!
//! Writes for each pair a table, a CSV file and a picture into `results/compare`, and
//! `summary.md` with how each mapper did on each hardware. Five hard layers of VGG-16 are mapped
//! once more with 5,000 evaluations, for the comparison with what publications report: `papers.md`
//! and a JSON file besides. Options, as environment variables:
//! `BENCH_SECONDS` is the time limit of the exact mapper for a layer (4 unless set),
//! `BENCH_EVALUATIONS` what a heuristic may evaluate for a layer (2,000 unless set), `BENCH_OUT`
//! the folder of the results.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::slice;
use std::time::{Duration, Instant};

use deepmatrix::check::check;
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::Budget;
use deepmatrix::network::compare::{self, CompareOptions};
use deepmatrix::problem::Hardware;
use deepmatrix::problem::comparison::{Comparison, MapperInfo, Part};
use deepmatrix::problem::result::Status;
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::report::comparison::plot;
use deepmatrix::report::{self, Detail, formats};

use crate::layers;

const NETWORKS: [&str; 4] = ["vgg16", "resnet50", "mobilenet_v2", "bert_base_128"];

const HARDWARE: [&str; 3] = ["shared-16x16", "nvdla-like", "hard-32x32"];

/// The network, hardware and evaluations of the comparison with publications.
const PAPERS: (&str, &str, u64) = ("vgg16-hard", "hard-32x32", 5_000);

/// The seconds of the exact mapper for a layer unless `BENCH_SECONDS` says otherwise.
const SECONDS: f64 = 4.0;

/// Evaluations of a heuristic for a layer unless `BENCH_EVALUATIONS` says otherwise.
const EVALUATIONS: u64 = 2_000;

fn option<T: std::str::FromStr>(name: &str, default: T) -> T {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name}: a number"))
    })
}

fn folder() -> PathBuf {
    layers::folder("results/compare")
}

fn seconds() -> f64 {
    option("BENCH_SECONDS", SECONDS)
}

/// All mappers on a network; only the exact one's time is limited, so that the heuristics' results
/// are the same on every machine.
fn compare(network: &str, hardware: &Hardware, evaluations: u64) -> Comparison {
    let started = Instant::now();
    let path = format!("inputs/networks/{network}.yaml");
    let network = read::network(Path::new(&path), &NetworkOptions::default())
        .unwrap_or_else(|e| panic!("{e}"));
    let options = CompareOptions {
        mappers: registry::ALL.to_vec(),
        budget: Budget {
            evaluations,
            ..Budget::default()
        },
        exact_time: Some(Duration::from_secs_f64(seconds())),
        jobs: 1,
        layers: None,
    };
    let (layers, streamed_layers) =
        compare::compare(&network, hardware, &options, &|_| {}).expect("threads");
    for part in layers.iter().flat_map(|layer| &layer.parts) {
        verify(part, hardware);
    }
    Comparison {
        network: network.name,
        hardware: hardware.clone(),
        batch: network.batch,
        mappers: (registry::ALL.iter())
            .map(|m| MapperInfo {
                name: m.name(),
                description: m.description(),
                space: m.space(),
                parameters: m.parameters(),
            })
            .collect(),
        seed: 0,
        evaluations,
        time_budget_seconds: None,
        streamed_layers,
        layers,
        seconds: started.elapsed().as_secs_f64(),
    }
}

/// Every mapping passes the independent check, and none is better than an optimum.
fn verify(part: &Part, hardware: &Hardware) {
    let optimal = part
        .attempts
        .iter()
        .filter(|a| a.status() == Status::Optimal);
    let bound = optimal.filter_map(|a| a.bound_cycles).max().unwrap_or(0);
    for (own, mapper) in part.attempts.iter().zip(registry::ALL) {
        if let Some((mapping, cost)) = &own.best {
            check(&part.nest, hardware, mapping, cost).unwrap_or_else(|e| panic!("{e}"));
            assert!(cost.cycles >= bound, "{} beats an optimum", mapper.name());
        }
    }
}

/// Writes the results under a name in some formats, and the picture.
fn write(result: &Comparison, name: &str, files: &[(&str, &str)]) {
    let file = |extension: &str| folder().join(format!("{name}.{extension}"));
    let detail = Detail {
        all: true,
        ..Detail::default()
    };
    for &(format, extension) in files {
        let format = formats::find(format).expect("a format");
        let mut out = File::create(file(extension)).expect("writable");
        report::write(slice::from_ref(result), format, detail, &mut out).expect("writable");
    }
    let picture = plot::svg(slice::from_ref(result)).unwrap_or_else(|e| panic!("{e}"));
    fs::write(file("svg"), picture).expect("writable");
}

/// The layers on which heuristics are held against what their publications report.
fn papers() {
    let (network, name, evaluations) = PAPERS;
    let result = compare(network, &layers::hardware(name), evaluations);
    let files = [("table", "txt"), ("csv", "csv"), ("json", "json")];
    write(&result, &format!("{network}-{name}"), &files);
    let text = format!(
        "# {network} on {name}\n\nCycles over the optimum; a heuristic may evaluate {evaluations} mappings, the exact mapper has {} s for a layer.\n\n{}\n## After some time\n\nCycles of the best mapping so far.\n\n{}",
        seconds(),
        crate::comparison::layers(&result),
        crate::comparison::incumbents(&result)
    );
    fs::write(folder().join("papers.md"), text).expect("writable");
}

#[test]
#[ignore = "a benchmark; run by `./x bench compare`"]
fn mappers() {
    fs::create_dir_all(folder()).expect("a folder for the results");
    papers();
    let evaluations = option("BENCH_EVALUATIONS", EVALUATIONS);
    let mut text = format!(
        "# Mappers on four networks\n\nGeometric mean over the distinct layers of the cycles over the optimum, in brackets the worst layer. Where the exact mapper had no proof in time, over the fewest cycles that any mapper found. A heuristic may evaluate {evaluations} mappings for a layer, the exact mapper has {} s.\n",
        seconds()
    );
    for name in HARDWARE {
        let hardware = layers::hardware(name);
        let mut all = Vec::new();
        for network in NETWORKS {
            let result = compare(network, &hardware, evaluations);
            println!("{network} on {name}: {:.0} s", result.seconds);
            let files = [("table", "txt"), ("csv", "csv")];
            write(&result, &format!("{network}-{name}"), &files);
            all.push(result);
        }
        text.push_str(&crate::comparison::summary(&all));
        fs::write(folder().join("summary.md"), &text).expect("writable");
    }
}
