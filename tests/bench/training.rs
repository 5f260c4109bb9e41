//! `./x bench training`: whole training steps of four networks, with two batches, on two hardware
//! files; every operation is mapped, and none but views is without cost.
//!
//! Prints a line for each step and for each operation that takes long or is not proved, and writes
//! `results/training/table.md`, `passes.md` and `operations.csv`. Options, as environment variables:
//! `BENCH_SECONDS` is the time limit of a loop nest (60 unless set), `BENCH_ONLY` a part of the
//! names of the steps to run, such as `vgg16 b1 `, `BENCH_OUT` the folder of the results.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use deepmatrix::check::check;
use deepmatrix::exact::SolveOptions;
use deepmatrix::network::forward;
use deepmatrix::network::inference::{InferenceOptions, train};
use deepmatrix::network::training::{StepOptions, step};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::graph::{Mode, Pass};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Hardware, LayerRow, Optimizer, RunResult, Space, TrainingStep, Work};
use deepmatrix::read::{self, NetworkOptions};

const NETWORKS: [&str; 4] = ["vgg16", "resnet50", "bert_base_128", "gpt2_train"];

const BATCHES: [u64; 2] = [1, 32];

const HARDWARE: [&str; 2] = ["shared-32x32", "rapid-like"];

/// The seconds of a loop nest unless `BENCH_SECONDS` says otherwise.
const SECONDS: f64 = 60.0;

/// CPU seconds from which on an operation's line is shown.
const LONG: f64 = 10.0;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What came of one step.
struct Outcome {
    result: RunResult,
    cpu_seconds: f64,
    /// Distinct loop nests that were solved.
    distinct: usize,
}

fn run(network: &str, batch: u64, hardware: &Hardware) -> Outcome {
    let path = format!("inputs/networks/{network}.yaml");
    let options = NetworkOptions {
        batch: Some(batch),
        ..NetworkOptions::default()
    };
    let network = read::network(Path::new(&path), &options).unwrap_or_else(|e| panic!("{e}"));
    let optimizer = Optimizer::Adam;
    let graph = step(
        &network,
        StepOptions {
            mode: Mode::Training,
            optimizer,
            fuse: true,
        },
    )
    .unwrap_or_else(|e| panic!("{path}: {e}"));
    let seconds = setting("BENCH_SECONDS").map_or(SECONDS, |text| text.parse().expect("seconds"));
    let options = InferenceOptions {
        solve: SolveOptions {
            time_limit: Some(Duration::from_secs_f64(seconds)),
            ..SolveOptions::default()
        },
        fuse: true,
        jobs: setting("BENCH_JOBS").map_or(1, |text| text.parse().expect("a number")),
        layers: None,
        fixed: Vec::new(),
    };
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    let inference = forward::graph(&network, true);
    let (layers, beside) = train(&graph, &inference, hardware, &options, &|_| ()).expect("threads");
    let distinct = layers
        .iter()
        .flat_map(|row| std::iter::once(row).chain(row.phases.iter().map(|p| &p.row)))
        .filter(|row| row.statistics.seconds > 0.0 && matches!(row.work, Work::Mapped(_)))
        .count();
    let result = RunResult {
        network: network.name.clone(),
        hardware: hardware.clone(),
        mode: graph.mode.name(),
        batch,
        objective: Measure::Cycles,
        space: Space::of(hardware, false),
        layers,
        seconds: start.elapsed().as_secs_f64(),
        notes: Vec::new(),
        training: Some(TrainingStep {
            optimizer: optimizer.name(),
            inference_cycles: beside.iter().map(LayerRow::cycles).sum(),
        }),
        partial: false,
        memory_plan: None,
        what_if: Vec::new(),
        origins: std::collections::BTreeMap::new(),
    };
    Outcome {
        result,
        cpu_seconds: cpu.elapsed().as_secs_f64(),
        distinct,
    }
}

/// Every operation has its cost, views alone take none, and every mapping passes its check.
fn verify(result: &RunResult) {
    for row in &result.layers {
        let cycles = row.cycles();
        assert!(cycles.is_some(), "{}: no mapping", row.name);
        let free = cycles == Some(0);
        assert_eq!(free, row.work == Work::View, "{}: {cycles:?}", row.name);
        for own in std::iter::once(row).chain(row.phases.iter().map(|p| &p.row)) {
            if let (Work::Mapped(nest), Some(mapping), Some(cost)) =
                (&own.work, &own.mapping, &own.cost)
            {
                check(nest, &result.hardware, mapping, cost).unwrap_or_else(|e| panic!("{e}"));
            }
        }
    }
    // Both backward passes of a layer multiply what its forward pass multiplies.
    for pass in [Pass::BackwardData, Pass::BackwardWeight] {
        for row in result.layers.iter().filter(|row| row.pass == pass) {
            let layer = row.name.trim_end_matches(&format!(".{}", pass.name()));
            let forward = result.layers.iter().find(|row| row.name == layer);
            let macs = forward.map(LayerRow::macs);
            assert_eq!(macs, Some(row.macs()), "{}", row.name);
        }
    }
}

const TABLE: &str = "| network | batch | hardware | operations | loop nests | proved | largest gap | cycles | of inference | samples/s | CPU s | slowest |\n|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n";

const PASSES: &str = "| network | batch | hardware | forward | loss | backward | backward-data | backward-weight | update |\n|---|--:|---|--:|--:|--:|--:|--:|--:|\n";

const CSV: &str = "network,batch,hardware,name,op,pass,status,proof,cycles,bound_cycles,lower_bound_cycles,macs,utilization,seconds,same_as\n";

fn mapped(row: &LayerRow) -> bool {
    matches!(row.work, Work::Mapped(_) | Work::Phases)
}

fn table_line(network: &str, hardware: &str, outcome: &Outcome) -> String {
    let result = &outcome.result;
    let total = result.total();
    let nests: Vec<&LayerRow> = result.layers.iter().filter(|row| mapped(row)).collect();
    let proved = nests
        .iter()
        .filter(|r| r.status() == Status::Optimal)
        .count();
    let gap = nests.iter().filter_map(|r| r.gap()).fold(0.0, f64::max);
    let slowest = nests
        .iter()
        .max_by(|a, b| a.statistics.seconds.total_cmp(&b.statistics.seconds));
    let slowest = slowest.map_or(String::new(), |row| {
        format!("{} {:.1} s", row.name, row.statistics.seconds)
    });
    format!(
        "| {network} | {} | {hardware} | {} | {} ({} distinct) | {proved} | {:.2} % | {} | {:.2} | {:.3} | {:.1} | {slowest} |\n",
        result.batch,
        result.layers.len(),
        nests.len(),
        outcome.distinct,
        100.0 * gap,
        total.cycles.unwrap_or(0),
        result.ratio_to_inference().unwrap_or(0.0),
        result.samples_per_second().unwrap_or(0.0),
        outcome.cpu_seconds,
    )
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn passes_line(network: &str, hardware: &str, result: &RunResult) -> String {
    let total = result.total().cycles.unwrap_or(1).max(1) as f64;
    let mut line = format!("| {network} | {} | {hardware} |", result.batch);
    for pass in Pass::ALL {
        let own = result.passes().into_iter().find(|own| own.pass == pass);
        let cycles = own.and_then(|own| own.cycles).unwrap_or(0);
        let _ = write!(line, " {:.1} % |", 100.0 * cycles as f64 / total);
    }
    line.push('\n');
    line
}

fn csv_lines(network: &str, hardware: &str, result: &RunResult) -> String {
    let mut text = String::new();
    for row in &result.layers {
        let _ = writeln!(
            text,
            "{network},{},{hardware},{},{},{},{},{},{},{},{},{},{:.4},{:.3},{}",
            result.batch,
            row.name,
            row.op,
            row.pass.name(),
            row.status().name(),
            row.proof().name(),
            row.cycles().unwrap_or(0),
            row.bound_cycles,
            row.lower_bound_cycles,
            row.macs(),
            row.utilization(&result.hardware).unwrap_or(0.0),
            row.statistics.seconds,
            row.same_as.as_deref().unwrap_or("")
        );
    }
    text
}

#[expect(clippy::print_stdout, reason = "it is run for these figures")]
fn show(name: &str, line: &str, result: &RunResult) {
    print!("{line}");
    for row in &result.layers {
        let own = row.same_as.is_none();
        if own && (row.status() != Status::Optimal || row.statistics.seconds >= LONG) {
            let gap = 100.0 * row.gap().unwrap_or(1.0);
            let (status, seconds) = (row.status().name(), row.statistics.seconds);
            println!(
                "  {name}: {} {status}, gap {gap:.2} %, {seconds:.1} s",
                row.name
            );
        }
    }
}

#[test]
#[ignore = "minutes to hours; run by `./x bench training`"]
fn training_steps() {
    let folder =
        setting("BENCH_OUT").map_or_else(|| PathBuf::from("results/training"), PathBuf::from);
    let only = setting("BENCH_ONLY").unwrap_or_default();
    let [mut table, mut passes, mut csv] = [TABLE, PASSES, CSV].map(str::to_owned);
    fs::create_dir_all(&folder).expect("the folder of results");
    for network in NETWORKS {
        for batch in BATCHES {
            for file in HARDWARE {
                let name = format!("{network} b{batch} {file}");
                if !name.contains(&only) {
                    continue;
                }
                let path = format!("inputs/hardware/{file}.yaml");
                let hardware = read::hardware(Path::new(&path)).unwrap_or_else(|e| panic!("{e}"));
                let outcome = run(network, batch, &hardware);
                verify(&outcome.result);
                let line = table_line(network, file, &outcome);
                show(&name, &line, &outcome.result);
                table.push_str(&line);
                passes.push_str(&passes_line(network, file, &outcome.result));
                csv.push_str(&csv_lines(network, file, &outcome.result));
                for (name, text) in [
                    ("table.md", &table),
                    ("passes.md", &passes),
                    ("operations.csv", &csv),
                ] {
                    fs::write(folder.join(name), text).expect("writable");
                }
            }
        }
    }
}
