//! `./x bench vgg`: the weight layers of VGG-16, proved over all tile sizes.
//!
//! Prints a line for each layer as it is done and writes `results/vgg/table.md` and `layers.csv`.
//! Options, as environment variables: `BENCH_SECONDS` is the time limit of a layer (120 unless set),
//! `BENCH_OUT` the folder of the results.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark shows each line as it is done"
)]

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use deepmatrix::exact::SolveOptions;
use deepmatrix::problem::result::{Solution, Status};

use crate::layers;

/// The networks, hardware and tile extents of the study, in the order of the table.
const RUNS: [(&str, &str, bool); 6] = [
    ("vgg16", "shared-16x16", false),
    ("vgg16", "shared-32x32", false),
    ("vgg16", "shared-64x64", false),
    ("vgg16", "starved-32x32", false),
    ("vgg16-hard", "hard-32x32", true),
    ("vgg16-hard", "hard-32x32", false),
];

/// The layers with weights in VGG-16.
const VGG_LAYERS: usize = 16;

/// The seconds of a layer unless `BENCH_SECONDS` says otherwise.
const SECONDS: f64 = 120.0;

/// What a run found of one layer.
struct Line {
    hardware: &'static str,
    tiles: &'static str,
    layer: String,
    solution: Solution,
    cpu: Duration,
}

impl Line {
    /// The cycles, or nothing where no mapping was found.
    fn cycles(&self) -> String {
        let best = self.solution.best.as_ref();
        best.map_or(String::new(), |(_, cost)| cost.cycles.to_string())
    }

    fn csv(&self) -> String {
        let Line {
            hardware,
            tiles,
            layer,
            ..
        } = self;
        let (status, proof) = (self.solution.status().name(), self.solution.proof().name());
        let (bound, lower) = (
            self.solution.bound_cycles,
            self.solution.lower_bounds.best(),
        );
        let (cycles, cpu) = (self.cycles(), self.cpu.as_secs_f64());
        let nodes = self.solution.statistics.nodes;
        format!(
            "{hardware},{tiles},{layer},{status},{proof},{cycles},{bound},{lower},{cpu:.3},{nodes}\n"
        )
    }
}

const CSV_HEADER: &str =
    "hardware,tiles,layer,status,proof,cycles,bound_cycles,lower_bound_cycles,cpu_seconds,nodes\n";

/// Solves all layers of a run, and shows each as it is done.
fn run((network, name, divisors): (&str, &'static str, bool)) -> Vec<Line> {
    let hardware = layers::hardware(name);
    let layers = layers::layers(network);
    assert!(network != "vgg16" || layers.len() == VGG_LAYERS);
    let options = SolveOptions {
        divisors_only: divisors,
        time_limit: Some(layers::limit(SECONDS)),
        ..SolveOptions::default()
    };
    let solved = layers.into_iter().map(|(layer, nest)| {
        let (solution, cpu) = layers::timed(&nest, &hardware, &options);
        let line = Line {
            hardware: name,
            tiles: if divisors { "divisors" } else { "all" },
            layer,
            solution,
            cpu,
        };
        print!("{}", line.csv());
        line
    });
    solved.collect()
}

/// The heading, the layers and the times of one run in Markdown.
fn table(lines: &[Line]) -> String {
    let mut text = String::new();
    let (hardware, tiles) = (lines[0].hardware, lines[0].tiles);
    let _ = writeln!(
        text,
        "## {hardware}, {tiles} tiles\n\n| layer | cycles | bound | status | proof | CPU s |\n|---|--:|--:|---|---|--:|"
    );
    for line in lines {
        let (status, proof) = (line.solution.status(), line.solution.proof());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} |",
            line.layer,
            line.cycles(),
            line.solution.bound_cycles,
            status.name(),
            proof.name(),
            line.cpu.as_secs_f64()
        );
    }
    let _ = writeln!(text, "\n{}\n", summary(lines));
    text
}

/// How many were proved, and the median and largest time.
fn summary(lines: &[Line]) -> String {
    let mut times: Vec<f64> = lines.iter().map(|l| l.cpu.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    let (middle, last) = (times.len() / 2, times.len() - 1);
    let median = f64::midpoint(times[last - middle], times[middle]);
    let proved = lines
        .iter()
        .filter(|l| l.solution.status() == Status::Optimal);
    format!(
        "{} of {} layers proved optimal; CPU seconds: median {median:.2}, maximum {:.2}.",
        proved.count(),
        lines.len(),
        times[last]
    )
}

#[test]
#[ignore = "minutes; run by `./x bench vgg`"]
fn vgg() {
    let folder = layers::folder("results/vgg");
    fs::create_dir_all(&folder).expect("the folder of results");
    let (mut tables, mut csv) = (String::from("# VGG-16\n\n"), CSV_HEADER.to_owned());
    print!("{CSV_HEADER}");
    for lines in RUNS.map(run) {
        csv.extend(lines.iter().map(Line::csv));
        tables += &table(&lines);
    }
    fs::write(folder.join("layers.csv"), csv).expect("writable");
    fs::write(folder.join("table.md"), tables.trim_end().to_owned() + "\n").expect("writable");
    println!("written to {}", folder.display());
}
