//! `./x bench local`: what local search changes, each layer solved with it and without it in one run.
//!
//! The hard layers of `results/local`; with `BENCH_LAYERS=easy` every distinct layer of four networks on
//! the four files on which most are easy; with `BENCH_LAYERS=modes` the layers of VGG-16 and
//! `MobileNetV2` on `shared-32x32` in ever less shared memory, as memory plans ask for them. Writes
//! `results/local/hard.csv`, `easy.csv` or `modes.csv`.
//! `BENCH_SECONDS` is the time limit of a layer, `BENCH_OUT` the folder of the results.

#![expect(clippy::print_stdout, reason = "it is run for these figures")]

use std::fs;

use deepmatrix::exact::SolveOptions;
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::{Solution, Status};
use deepmatrix::problem::{
    Bytes, Convolution, Hardware, LayerKind, Level, LoopNest, PassPrecision,
};

use crate::layers;

/// Network, hardware, layer and what is minimised.
const HARD: [(&str, &str, &str, Measure); 12] = [
    ("resnet50", "eyeriss-like", "conv4_1a", Measure::Cycles),
    (
        "googlenet",
        "eyeriss-like",
        "inception_4e_5x5",
        Measure::Cycles,
    ),
    (
        "gpt2_prefill",
        "eyeriss-like",
        "block1_ff2",
        Measure::Cycles,
    ),
    (
        "resnet50",
        "shared-32x32",
        "conv1.backward_weight",
        Measure::Cycles,
    ),
    ("resnet50", "mcu-like", "conv3_1b", Measure::Cycles),
    ("resnet50", "mcu-like", "conv4_1a", Measure::Cycles),
    ("bert_base_128", "mcu-like", "encoder1_ff2", Measure::Cycles),
    ("resnet50", "rapid-like", "conv1", Measure::Cycles),
    ("resnet50", "simba-like", "conv5_1b", Measure::Cycles),
    ("vgg16", "shared-32x32", "conv3_1", Measure::Energy),
    ("vgg16", "eyeriss-like", "conv4_1", Measure::Energy),
    ("resnet50", "eyeriss-like", "conv4_1b", Measure::Energy),
];

const EASY: [&str; 4] = ["resnet50", "mobilenet_v2", "googlenet", "bert_base_128"];
const EASY_FILES: [&str; 4] = ["shared-32x32", "nvdla-like", "tpu-v1-like", "simba-like"];

const HEADER: &str = "network,hardware,layer,minimised,local_search,status,value,bound,gap_percent,cpu_seconds,nodes\n";

/// The layer, or its backward-weight pass.
fn nest(network: &str, layer: &str) -> LoopNest {
    let all = layers::layers(network);
    let forward = layer.strip_suffix(".backward_weight");
    let own = all.into_iter().find(|l| l.0 == forward.unwrap_or(layer));
    let nest = own.unwrap_or_else(|| panic!("no {layer}")).1;
    if forward.is_none() {
        return nest;
    }
    let precision = PassPrecision {
        activation: 8,
        kernel: 8,
        result: 8,
        accumulator: 32,
    };
    match Convolution::ordinary(&nest).backward_weight(precision) {
        LayerKind::MultiplyAccumulate(nest) => *nest,
        _ => panic!("{layer} has no single nest"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
fn line(solution: &Solution, minimise: Measure, on: bool, cpu: f64) -> String {
    let value = solution.best.as_ref().map_or(0.0, |b| minimise.of(&b.1));
    let bound = match solution.objective_bound {
        Some((_, bound)) => bound,
        None => solution.bound_cycles as f64,
    };
    let gap = match solution.status() {
        Status::Optimal => 0.0,
        _ => 100.0 * (1.0 - bound / value.max(1.0)),
    };
    let (status, nodes) = (solution.status().name(), solution.statistics.nodes);
    format!("{on},{status},{value:.0},{bound:.0},{gap:.3},{cpu:.3},{nodes}")
}

/// The CPU seconds of a layer without local search and with it.
fn pair(
    (network, file, layer): (&str, &str, &str),
    (nest, hardware): (&LoopNest, &Hardware),
    (minimise, seconds): (Measure, f64),
    csv: &mut String,
) -> [f64; 2] {
    [false, true].map(|on| {
        let mut options = SolveOptions {
            objective: minimise,
            time_limit: Some(layers::limit(seconds)),
            ..SolveOptions::default()
        };
        options.switches.mapper.local_search = on;
        let (solution, cpu) = layers::timed(nest, hardware, &options);
        let cpu = cpu.as_secs_f64();
        let own = line(&solution, minimise, on, cpu);
        let row = format!("{network},{file},{layer},{},{own}\n", minimise.name());
        print!("{row}");
        csv.push_str(&row);
        cpu
    })
}

#[test]
#[ignore = "a benchmark; run by `./x bench local`"]
fn local() {
    let which = std::env::var("BENCH_LAYERS").unwrap_or_else(|_| "hard".to_owned());
    let csv = match which.as_str() {
        "hard" => hard(),
        "easy" => easy(),
        "modes" => modes(),
        other => panic!("BENCH_LAYERS is hard, easy or modes, not {other}"),
    };
    let folder = layers::folder("results/local");
    fs::create_dir_all(&folder).expect("a folder for the results");
    fs::write(folder.join(format!("{which}.csv")), &csv).expect("writable");
}

fn hard() -> String {
    let mut csv = HEADER.to_owned();
    for (network, file, layer, minimise) in HARD {
        let hardware = layers::hardware(file);
        let nest = nest(network, layer);
        let name = (network, file, layer);
        pair(name, (&nest, &hardware), (minimise, 20.0), &mut csv);
    }
    csv
}

/// Prints the sums and the geometric mean of the ratios of pairs.
fn compare(name: &str, pairs: &[[f64; 2]]) {
    let sum = |i: usize| pairs.iter().map(|own| own[i]).sum::<f64>();
    let logarithms = pairs.iter().map(|own| (own[1] / own[0]).ln());
    let count = u32::try_from(pairs.len()).expect("few");
    let mean = (logarithms.sum::<f64>() / f64::from(count)).exp();
    let (without, with) = (sum(0), sum(1));
    println!("{name}: {without:.2} s without, {with:.2} s with; mean ratio {mean:.3}");
}

fn easy() -> String {
    let mut csv = HEADER.to_owned();
    for file in EASY_FILES {
        let hardware = layers::hardware(file);
        let mut pairs = Vec::new();
        for network in EASY {
            for (layer, nest) in layers::distinct_layers(network) {
                let name = (network, file, layer.as_str());
                let own = pair(name, (&nest, &hardware), (Measure::Cycles, 5.0), &mut csv);
                pairs.push(own);
            }
        }
        compare(file, &pairs);
    }
    csv
}

fn modes() -> String {
    let mut csv = HEADER.to_owned();
    for network in ["vgg16", "mobilenet_v2"] {
        let mut pairs = Vec::new();
        for (layer, nest) in layers::distinct_layers(network) {
            for kibibytes in [256, 128, 64, 32, 16, 8, 4, 2] {
                let mut hardware = layers::hardware("shared-32x32");
                if let Some(Level::Memory(memory)) = hardware.levels.get_mut(1) {
                    memory.capacity = Some(Bytes(kibibytes * 1024));
                }
                let file = format!("{kibibytes} KiB");
                let name = (network, file.as_str(), layer.as_str());
                let own = pair(name, (&nest, &hardware), (Measure::Cycles, 5.0), &mut csv);
                pairs.push(own);
            }
        }
        compare(network, &pairs);
    }
    csv
}
