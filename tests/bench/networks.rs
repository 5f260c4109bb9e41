//! `./x bench networks`: every distinct weight layer of seven networks on seven hardware files.
//!
//! Prints a line for each layer that takes long or is not proved, and writes
//! `results/networks/table.md` and `layers.csv`. Options, as environment variables: `BENCH_SECONDS`
//! is the time limit of a layer on every file in place of the file's own, `BENCH_OUT` the folder of
//! the results.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use deepmatrix::exact::{SolveOptions, TieBreak};
use deepmatrix::problem::result::{Solution, Status, Tie};
use deepmatrix::problem::{Hardware, LoopNest};

use crate::layers;

const NETWORKS: [&str; 7] = [
    "resnet50",
    "mobilenet_v2",
    "googlenet",
    "bert_base_128",
    "bert_base_512",
    "gpt2_prefill",
    "gpt2_decode",
];

/// The hardware files with the seconds of a layer: long where every layer is to be proved, short
/// where many stay open.
const HARDWARE: [(&str, f64); 7] = [
    ("shared-32x32", 240.0),
    ("nvdla-like", 240.0),
    ("tpu-v1-like", 240.0),
    ("simba-like", 240.0),
    ("mcu-like", 5.0),
    ("eyeriss-like", 5.0),
    ("rapid-like", 5.0),
];

/// CPU seconds from which on a layer's line is shown.
const LONG: f64 = 2.0;

/// What was found of one layer.
struct Line {
    layer: String,
    solution: Solution,
    /// CPU seconds of the proof alone, and with ties broken as the command does.
    cpu: [f64; 2],
    tie_proved: bool,
}

impl Line {
    fn is_optimal(&self) -> bool {
        self.solution.status() == Status::Optimal
    }

    fn cycles(&self) -> u128 {
        self.solution.best.as_ref().map_or(0, |b| b.1.cycles)
    }

    /// How far the cycles may be above the optimum, in percent.
    #[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
    fn gap_percent(&self) -> f64 {
        if self.is_optimal() {
            return 0.0;
        }
        let (cycles, bound) = (self.cycles() as f64, self.solution.bound_cycles as f64);
        100.0 * (1.0 - bound / cycles.max(1.0))
    }

    fn csv(&self, network: &str, hardware: &str) -> String {
        format!(
            "{network},{hardware},{},{},{},{},{},{},{:.2},{:.3},{:.3},{}\n",
            self.layer,
            self.solution.status().name(),
            self.solution.proof().name(),
            self.cycles(),
            self.solution.bound_cycles,
            self.solution.lower_bounds.best(),
            self.gap_percent(),
            self.cpu[0],
            self.cpu[1],
            self.tie_proved
        )
    }
}

const CSV_HEADER: &str = "network,hardware,layer,status,proof,cycles,bound_cycles,lower_bound_cycles,gap_percent,cpu_seconds,cpu_seconds_with_ties,tie_proved\n";

const TABLE_HEADER: &str = "| network | hardware | layers | proved | median | 95th percentile | maximum | total | with ties | ties proved | largest gap |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";

/// Solves a layer; the CPU seconds that it took.
fn timed(
    nest: &LoopNest,
    hardware: &Hardware,
    tie_break: TieBreak,
    limit: Duration,
) -> (Solution, f64) {
    let options = SolveOptions {
        tie_break,
        time_limit: Some(limit),
        ..SolveOptions::default()
    };
    let (solution, cpu) = layers::timed(nest, hardware, &options);
    (solution, cpu.as_secs_f64())
}

/// Where the cycles are not proved, ties are not looked for.
fn line(layer: String, nest: &LoopNest, hardware: &Hardware, limit: Duration) -> Line {
    let (solution, alone) = timed(nest, hardware, TieBreak::Off, limit);
    if solution.status() != Status::Optimal {
        return Line {
            layer,
            cpu: [alone, alone],
            tie_proved: false,
            solution,
        };
    }
    let (tied, with_ties) = timed(nest, hardware, TieBreak::All, limit);
    let best = |s: &Solution| s.best.as_ref().map(|b| b.1.cycles);
    let both = [&solution, &tied]
        .iter()
        .all(|s| s.status() == Status::Optimal);
    assert!(
        !both || best(&solution) == best(&tied),
        "{layer}: two optima"
    );
    Line {
        layer,
        cpu: [alone, with_ties],
        tie_proved: tied.tie.as_ref().is_some_and(Tie::is_proved),
        solution,
    }
}

/// The element at a part of a sorted list.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index within a short list"
)]
fn at(sorted: &[f64], part: f64) -> f64 {
    let index = (part * sorted.len() as f64).ceil() as usize;
    sorted[index.clamp(1, sorted.len()) - 1]
}

/// One row of the table.
fn summary(network: &str, hardware: &str, lines: &[Line]) -> String {
    let mut alone: Vec<f64> = lines.iter().map(|l| l.cpu[0]).collect();
    alone.sort_by(f64::total_cmp);
    let total: f64 = alone.iter().sum();
    let with_ties: f64 = lines.iter().map(|l| l.cpu[1]).sum();
    let proved = lines.iter().filter(|l| l.is_optimal()).count();
    let ties = lines.iter().filter(|l| l.tie_proved).count();
    let gap = lines.iter().map(Line::gap_percent).fold(0.0, f64::max);
    format!(
        "| {network} | {hardware} | {} | {proved} | {:.3} | {:.3} | {:.2} | {total:.2} | {with_ties:.2} | {ties} | {gap:.2} % |\n",
        lines.len(),
        at(&alone, 0.5),
        at(&alone, 0.95),
        at(&alone, 1.0),
    )
}

/// The largest resident size of this process so far, in MiB, where the system tells.
fn peak_mebibytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024)
}

#[test]
#[ignore = "a benchmark; run by `./x bench networks`"]
fn networks() {
    let folder = layers::folder("results/networks");
    fs::create_dir_all(&folder).expect("a folder for the results");
    let mut csv = CSV_HEADER.to_owned();
    let mut table =
        format!("# Networks\n\nCPU seconds of one core for each distinct layer.\n\n{TABLE_HEADER}");
    for (hardware_name, seconds) in HARDWARE {
        let hardware = layers::hardware(hardware_name);
        for network in NETWORKS {
            let mut lines = Vec::new();
            for (name, nest) in layers::distinct_layers(network) {
                let line = line(name, &nest, &hardware, layers::limit(seconds));
                if !line.is_optimal() || line.cpu[1] > LONG {
                    print!("{}", line.csv(network, hardware_name));
                }
                csv.push_str(&line.csv(network, hardware_name));
                lines.push(line);
            }
            let row = summary(network, hardware_name, &lines);
            print!("{row}");
            table.push_str(&row);
            fs::write(folder.join("layers.csv"), &csv).expect("writable");
            fs::write(folder.join("table.md"), &table).expect("writable");
        }
        if let Some(peak) = peak_mebibytes() {
            println!("peak {peak} MiB after {hardware_name}");
        }
    }
    if let Some(peak) = peak_mebibytes() {
        let _ = writeln!(
            table,
            "\nLargest resident size of the process over all layers: {peak} MiB."
        );
    }
    fs::write(folder.join("layers.csv"), &csv).expect("writable");
    fs::write(folder.join("table.md"), &table).expect("writable");
}
