//! Memory plans of whole steps, inference and training, with all baselines: `./x bench residency`.
//!
//! `BENCH_SECONDS` limits each program, `BENCH_ONLY` picks the lines whose text contains it,
//! `BENCH_OUT` is the folder in which `table.csv` is written. With `BENCH_CACHE` mappings are taken
//! from the user's cache and kept there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use deepmatrix::check;
use deepmatrix::exact::{Memo, SolveOptions};
use deepmatrix::memory::{self, Baseline, Cutting, Known, ModeOptions, PlanOptions, Step};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::Mode;
use deepmatrix::problem::{Bytes, Hardware, Level, Optimizer};
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::sweep::cache::Cache;
use deepmatrix::sweep::memo::Shared;

const NETWORKS: [&str; 3] = ["vgg16", "resnet50", "bert_base_128"];
/// More than 1,000 operations.
const LARGE: &str = "bert_large_128";
const BATCHES: [u64; 3] = [1, 8, 64];
const MEBIBYTES: [u64; 3] = [2, 8, 32];
const HARDWARE: &str = "inputs/hardware/shared-32x32.yaml";

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |t| t.parse().expect("a number"))
}

/// The array of the hardware file with a shared memory of another size.
fn hardware(mebibytes: u64) -> Hardware {
    let mut hardware = read::hardware(HARDWARE.as_ref()).expect("hardware");
    if let Level::Memory(memory) = &mut hardware.levels[1] {
        memory.capacity = Some(Bytes(mebibytes << 20));
    }
    hardware
}

fn schedule(network: &str, batch: u64, mode: Mode, mebibytes: u64) -> Step {
    let path = PathBuf::from(format!("inputs/networks/{network}.yaml"));
    let options = NetworkOptions {
        batch: Some(batch),
        ..NetworkOptions::default()
    };
    let network = read::network(&path, &options).expect("a network");
    let options = StepOptions {
        mode,
        optimizer: Optimizer::default(),
        fuse: true,
    };
    let graph = training::step(&network, options).expect("a step");
    let modes = ModeOptions {
        given: None,
        together: None,
        solve: SolveOptions {
            time_limit: Some(Duration::from_millis(number(
                "BENCH_MODE_MILLISECONDS",
                1000,
            ))),
            memo: std::env::var_os("BENCH_CACHE").map(|_| {
                let shared = Arc::new(Shared::new(Cache::of_user(), false));
                Arc::new(shared.point(0)) as Arc<dyn Memo>
            }),
            ..SolveOptions::default()
        },
        per_operation: 4,
        switches: deepmatrix::memory::Switches::ALL,
        jobs: 1,
        known: Known::default(),
        fixed: BTreeMap::new(),
    };
    let cutting = Cutting::default();
    memory::schedule(&graph, &hardware(mebibytes), cutting, &modes).expect("a schedule")
}

fn row(network: &str, batch: u64, mode: Mode, mebibytes: u64) -> String {
    let begin = Instant::now();
    let Step {
        schedule, modes, ..
    } = schedule(network, batch, mode, mebibytes);
    let mapping = begin.elapsed().as_secs_f64();
    let limits = PlanOptions {
        time_limit: Some(Duration::from_secs(number("BENCH_SECONDS", 60))),
        ..PlanOptions::default()
    };
    let processor = ProcessTime::now();
    let plan = memory::plan(&schedule, modes, &limits).expect("a plan");
    let processor = processor.elapsed().as_secs_f64();
    assert_eq!(
        check::plan::check(&schedule, &plan.plan, &plan.cost),
        Ok(())
    );
    assert_eq!(
        check::packing::check(&plan.blocks.packing, &plan.offsets),
        Ok(())
    );
    let mut text = format!(
        "{network},{},{batch},{mebibytes},{},{},{},{:.6},{},{:.6},{:.1},{:.1},{processor:.1},{},{}",
        mode.name(),
        schedule.operations.len(),
        plan.cycles(plan.cost.total()),
        plan.cycles(plan.bound_units_among_modes()),
        plan.gap_among_modes(),
        plan.cycles(plan.bound_units()),
        plan.gap(),
        mapping,
        plan.seconds,
        plan.offsets.len(),
        plan.addresses.given_up_bytes,
    );
    for (_, units) in &plan.baselines {
        let cycles = units.map_or(String::new(), |u| plan.cycles(u).to_string());
        let _ = write!(text, ",{cycles}");
    }
    text
}

fn header() -> String {
    let names = Baseline::ALL.map(Baseline::name).join(",");
    format!(
        "network,mode,batch,memory_mib,operations,cycles,bound_cycles,gap,whole_bound_cycles,whole_gap,mapping_seconds,plan_seconds,plan_cpu_seconds,blocks,given_up_bytes,{names}"
    )
}

#[test]
#[ignore = "a benchmark of several minutes"]
fn memory_plans() {
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let folder = std::env::var("BENCH_OUT").unwrap_or_else(|_| "results/residency".to_owned());
    fs::create_dir_all(&folder).expect("a writable folder");
    let file = PathBuf::from(folder).join("table.csv");
    let mut lines = vec![header()];
    println!("{}", lines[0]);
    for (network, mode, batch, mebibytes) in cases() {
        let name = format!("{network},{},{batch},{mebibytes}", mode.name());
        if !name.contains(&only) {
            continue;
        }
        let line = row(network, batch, mode, mebibytes);
        println!("{line}");
        lines.push(line);
        fs::write(&file, lines.join("\n") + "\n").expect("writable");
    }
}

/// Network, mode, batch and mebibytes of all lines.
fn cases() -> Vec<(&'static str, Mode, u64, u64)> {
    let mut cases = Vec::new();
    for mode in [Mode::Inference, Mode::Training] {
        for network in NETWORKS {
            for batch in BATCHES {
                cases.extend(MEBIBYTES.map(|mebibytes| (network, mode, batch, mebibytes)));
            }
        }
    }
    cases.extend(BATCHES.map(|batch| (LARGE, Mode::Training, batch, 8)));
    cases
}
