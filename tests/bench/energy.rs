//! `./x bench energy`: least energy and least energy-delay product of every distinct weight layer of
//! three networks, on the hardware files that give energies.
//!
//! Prints a line for each layer, and writes `results/energy/table.md` and `layers.csv` as it goes.
//! Options, as environment variables: `BENCH_SECONDS` is the time limit of a layer (20 unless set),
//! `BENCH_OUT` the folder of the results.

use std::fs;

use deepmatrix::exact::SolveOptions;
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::{Solution, Status};
use deepmatrix::problem::{Hardware, LoopNest};

use crate::layers;

const NETWORKS: [&str; 3] = ["vgg16", "bert_base_128", "resnet50"];

/// Those of `inputs/hardware` with energies of their own.
const HARDWARE: [&str; 2] = ["shared-32x32", "eyeriss-like"];

const OBJECTIVES: [Measure; 2] = [Measure::Energy, Measure::EnergyDelay];

/// The seconds of a layer unless `BENCH_SECONDS` says otherwise.
const SECONDS: f64 = 20.0;

/// What was found of one layer.
struct Line {
    layer: String,
    objective: Measure,
    solution: Solution,
    cpu: f64,
}

impl Line {
    fn is_optimal(&self) -> bool {
        self.solution.status() == Status::Optimal
    }

    fn value(&self) -> f64 {
        let best = self.solution.best.as_ref();
        best.map_or(f64::INFINITY, |b| self.objective.of(&b.1))
    }

    fn bound(&self) -> f64 {
        self.solution.objective_bound.map_or(0.0, |b| b.1)
    }

    /// How far the value may be above the optimum, in percent.
    fn gap_percent(&self) -> f64 {
        if self.is_optimal() {
            return 0.0;
        }
        100.0 * (1.0 - self.bound() / self.value())
    }

    fn csv(&self, network: &str, hardware: &str) -> String {
        let statistics = &self.solution.statistics;
        format!(
            "{network},{hardware},{},{},{},{},{},{:.4},{},{:.2}\n",
            self.objective.name(),
            self.layer,
            self.solution.status().name(),
            self.value(),
            self.bound(),
            self.gap_percent(),
            statistics.nodes,
            self.cpu
        )
    }
}

const CSV_HEADER: &str =
    "network,hardware,objective,layer,status,value,bound,gap_percent,nodes,cpu_seconds\n";

const TABLE_HEADER: &str = "| network | hardware | objective | layers | proved | median gap | largest gap | CPU seconds |\n|---|---|---|--:|--:|--:|--:|--:|\n";

/// Solves a layer.
fn line(layer: String, nest: &LoopNest, hardware: &Hardware, objective: Measure) -> Line {
    let options = SolveOptions {
        objective,
        time_limit: Some(layers::limit(SECONDS)),
        ..SolveOptions::default()
    };
    let (solution, cpu) = layers::timed(nest, hardware, &options);
    Line {
        layer,
        objective,
        solution,
        cpu: cpu.as_secs_f64(),
    }
}

/// One row of the table.
fn summary(network: &str, hardware: &str, objective: Measure, lines: &[Line]) -> String {
    let mut gaps: Vec<f64> = lines.iter().map(Line::gap_percent).collect();
    gaps.sort_by(f64::total_cmp);
    let proved = lines.iter().filter(|l| l.is_optimal()).count();
    let cpu: f64 = lines.iter().map(|l| l.cpu).sum();
    format!(
        "| {network} | {hardware} | {} | {} | {proved} | {:.2} % | {:.2} % | {cpu:.1} |\n",
        objective.name(),
        lines.len(),
        gaps[gaps.len() / 2],
        gaps[gaps.len() - 1],
    )
}

#[test]
#[ignore = "a benchmark; run by `./x bench energy`"]
fn energy() {
    let folder = layers::folder("results/energy");
    fs::create_dir_all(&folder).expect("a folder for the results");
    let mut csv = CSV_HEADER.to_owned();
    let mut table = format!("# Energy and energy-delay product\n\n{TABLE_HEADER}");
    for hardware_name in HARDWARE {
        let hardware = layers::hardware(hardware_name);
        for network in NETWORKS {
            for objective in OBJECTIVES {
                let mut lines = Vec::new();
                for (name, nest) in layers::distinct_layers(network) {
                    let line = line(name, &nest, &hardware, objective);
                    print!("{}", line.csv(network, hardware_name));
                    csv.push_str(&line.csv(network, hardware_name));
                    lines.push(line);
                }
                let row = summary(network, hardware_name, objective, &lines);
                print!("{row}");
                table.push_str(&row);
                fs::write(folder.join("layers.csv"), &csv).expect("writable");
                fs::write(folder.join("table.md"), &table).expect("writable");
            }
        }
    }
}
