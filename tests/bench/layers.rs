//! What the benchmarks of single layers share: their options, the layers, and a timed and checked solution.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpu_time::ProcessTime;
use deepmatrix::check::check;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::result::Solution;
use deepmatrix::problem::{Hardware, LayerKind, LoopNest};
use deepmatrix::read::{self, NetworkOptions};

/// The time limit of a layer: `BENCH_SECONDS`, or so many unless that is set.
pub fn limit(seconds: f64) -> Duration {
    let given = std::env::var("BENCH_SECONDS").ok();
    let seconds = given.map_or(seconds, |text| text.parse().expect("seconds"));
    Duration::from_secs_f64(seconds)
}

/// The folder of the results: `BENCH_OUT`, or this one unless that is set.
pub fn folder(own: &str) -> PathBuf {
    let given = std::env::var_os("BENCH_OUT").map(PathBuf::from);
    given.unwrap_or_else(|| PathBuf::from(own))
}

/// The layers of a network of `inputs/networks` that multiply and accumulate.
pub fn layers(name: &str) -> Vec<(String, LoopNest)> {
    let path = format!("inputs/networks/{name}.yaml");
    let network = read::network(Path::new(&path), &NetworkOptions::default())
        .unwrap_or_else(|e| panic!("{e}"));
    let nests = network.layers.into_iter().filter_map(|l| match l.kind {
        LayerKind::MultiplyAccumulate(nest) => Some((l.name, *nest)),
        _ => None,
    });
    nests.collect()
}

/// The same, of equal ones the first.
pub fn distinct_layers(name: &str) -> Vec<(String, LoopNest)> {
    let mut known = BTreeSet::new();
    let mut layers = layers(name);
    layers.retain(|(_, nest)| known.insert(nest.clone()));
    layers
}

/// A file of `inputs/hardware`.
pub fn hardware(name: &str) -> Hardware {
    let path = format!("inputs/hardware/{name}.yaml");
    read::hardware(Path::new(&path)).unwrap_or_else(|e| panic!("{e}"))
}

/// Solves a layer, nothing else running in this process, and checks what was found; with the CPU
/// time that it took.
pub fn timed(nest: &LoopNest, hardware: &Hardware, options: &SolveOptions) -> (Solution, Duration) {
    let start = ProcessTime::now();
    let solution = solve(nest, hardware, options);
    let cpu = start.elapsed();
    if let Some((mapping, cost)) = &solution.best {
        check(nest, hardware, mapping, cost).unwrap_or_else(|e| panic!("{e}"));
    }
    (solution, cpu)
}
