//! `./x bench compare`: all mappers on four networks and three hardware files.
//!
//! Writes for each pair a table, a CSV file and a picture into `results/compare`, and
//! `summary.md` with how each mapper did on each hardware. Options, as environment variables:
//! `BENCH_SECONDS` is the time limit of the exact mapper for a layer (4 unless set),
//! `BENCH_EVALUATIONS` what a heuristic may evaluate for a layer (2,000 unless set), `BENCH_OUT`
//! the folder of the results.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deepmatrix::check::check;
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::Budget;
use deepmatrix::network::compare::attempt;
use deepmatrix::problem::comparison::{Attempt, Comparison, LayerComparison, MapperInfo, Part};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Hardware, LayerKind, LoopNest};
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::report::{Format, comparison};

const NETWORKS: [&str; 4] = ["vgg16", "resnet50", "mobilenet_v2", "bert_base_128"];

const HARDWARE: [&str; 3] = ["shared-16x16", "nvdla-like", "hard-32x32"];

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
    let given = std::env::var_os("BENCH_OUT").map(PathBuf::from);
    given.unwrap_or_else(|| PathBuf::from("results/compare"))
}

/// All mappers' attempts at a loop nest; only the exact one's time is limited, so that the
/// heuristics' results are the same on every machine.
fn attempts(nest: &LoopNest, hardware: &Hardware) -> Vec<Attempt> {
    let mut all: Vec<Attempt> = Vec::new();
    for mapper in registry::ALL {
        let seconds = Duration::from_secs_f64(option("BENCH_SECONDS", SECONDS));
        let budget = Budget {
            evaluations: option("BENCH_EVALUATIONS", EVALUATIONS),
            time: (mapper.name() == "exact").then_some(seconds),
            ..Budget::default()
        };
        let own = attempt(mapper, nest, hardware, &budget);
        if let Some((mapping, cost)) = &own.best {
            check(nest, hardware, mapping, cost).unwrap_or_else(|e| panic!("{e}"));
            let exact = all.first().filter(|exact| exact.status == Status::Optimal);
            let bound = exact.and_then(|exact| exact.bound_cycles).unwrap_or(0);
            assert!(cost.cycles >= bound, "{} beats an optimum", mapper.name());
        }
        all.push(own);
    }
    all
}

fn compare(network: &str, hardware: &Hardware) -> Comparison {
    let started = Instant::now();
    let path = format!("inputs/networks/{network}.yaml");
    let network = read::network(Path::new(&path), &NetworkOptions::default())
        .unwrap_or_else(|e| panic!("{e}"));
    let mut layers: Vec<LayerComparison> = Vec::new();
    let count = network.layers.len();
    for layer in network.layers {
        let LayerKind::MultiplyAccumulate(nest) = layer.kind else {
            continue;
        };
        let known = layers
            .iter()
            .find(|l| l.same_as.is_none() && l.parts[0].nest == *nest);
        let (same_as, attempts) = match known {
            Some(first) => (Some(first.name.clone()), first.parts[0].attempts.clone()),
            None => (None, attempts(&nest, hardware)),
        };
        layers.push(LayerComparison {
            name: layer.name,
            op: layer.op,
            same_as,
            parts: vec![Part {
                phase: None,
                nest: *nest,
                attempts,
            }],
            zero_cycles: 0,
        });
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
        evaluations: option("BENCH_EVALUATIONS", EVALUATIONS),
        time_budget_seconds: None,
        streamed_layers: count - layers.len(),
        layers,
        seconds: started.elapsed().as_secs_f64(),
    }
}

/// One row for each mapper: its geometric mean and worst ratio on each network.
fn summary(hardware: &str, all: &[Comparison]) -> String {
    let mut text = format!("\n## {hardware}\n\n| mapper |");
    for comparison in all {
        let proved = comparison
            .distinct()
            .filter(|l| l.reference(registry::ALL.len()).1)
            .count();
        let layers = comparison.distinct().count();
        let _ = write!(
            text,
            " {}, {proved} of {layers} proved |",
            comparison.network
        );
    }
    text.push_str(" seconds | space |\n|---|");
    text.push_str(&"--:|".repeat(all.len() + 1));
    text.push_str("---|\n");
    for (index, mapper) in registry::ALL.iter().enumerate() {
        let _ = write!(text, "| {} |", mapper.name());
        let mut seconds = 0.0;
        for comparison in all {
            let standing = comparison.standing(index);
            seconds += standing.seconds;
            let layers = comparison.distinct().count();
            match (standing.geometric_mean, standing.worst) {
                (Some(mean), Some((worst, _))) => {
                    let _ = write!(text, " {mean:.3} ({worst:.2})");
                }
                _ => text.push_str(" –"),
            }
            if standing.mapped < layers {
                let _ = write!(text, ", {} without", layers - standing.mapped);
            }
            text.push_str(" |");
        }
        let _ = writeln!(text, " {seconds:.1} | {} |", mapper.space());
    }
    text
}

#[test]
#[ignore = "a benchmark; run by `./x bench compare`"]
fn mappers() {
    let folder = folder();
    fs::create_dir_all(&folder).expect("a folder for the results");
    let mut text = "# Mappers on four networks\n\nGeometric mean over the distinct layers of the cycles over the optimum, in brackets the worst layer. Where the exact mapper had no proof in time, over the fewest cycles that any mapper found.\n".to_owned();
    for name in HARDWARE {
        let path = format!("inputs/hardware/{name}.yaml");
        let hardware = read::hardware(Path::new(&path)).unwrap_or_else(|e| panic!("{e}"));
        let mut all = Vec::new();
        for network in NETWORKS {
            let result = compare(network, &hardware);
            let file = |extension| folder.join(format!("{network}-{name}.{extension}"));
            for (format, extension) in [(Format::Table, "txt"), (Format::Csv, "csv")] {
                let mut out = File::create(file(extension)).expect("writable");
                comparison::write(&result, format, &mut out).expect("writable");
            }
            let picture = comparison::plot::svg(&result).unwrap_or_else(|e| panic!("{e}"));
            fs::write(file("svg"), picture).expect("writable");
            println!("{network} on {name}: {:.0} s", result.seconds);
            all.push(result);
        }
        text.push_str(&summary(name, &all));
        fs::write(folder.join("summary.md"), &text).expect("writable");
    }
}
