//! More capacity or bandwidth never costs time: where both plans are proved to the unit, else not
//! beyond their gaps.
//!
//! `LAW_CASES` is the number of cases; it takes minutes, so that the suite leaves it out.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use deepmatrix::exact::SolveOptions;
use deepmatrix::network::inference::{self, InferenceOptions};
use deepmatrix::network::residency::{self, Cutting, Known, ModeOptions, PlanOptions};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode};
use deepmatrix::problem::plan::MemoryPlan;
use deepmatrix::problem::{Bandwidth, Bytes, Hardware, Level, Memory, Optimizer, Ports};
use deepmatrix::read::{self, NetworkOptions};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use crate::plan_laws;

/// Smallest first.
const CAPACITIES: [u64; 5] = [200, 256, 450, 1024, 3000];
const FACTORS: [u64; 3] = [1, 2, 6];

fn memory(hardware: &mut Hardware, level: usize) -> &mut Memory {
    match &mut hardware.levels[level] {
        Level::Memory(memory) => memory,
        Level::Array(array) => panic!("{} is no memory", array.name),
    }
}

fn faster(ports: Ports, factor: u64) -> Ports {
    let of = |port: Option<Bandwidth>| {
        port.and_then(|own| Bandwidth::new(own.ratio().0 * factor, own.ratio().1))
    };
    match ports {
        Ports::Shared(port) => Ports::Shared(of(port)),
        Ports::Separate { read, write } => Ports::Separate {
            read: of(read),
            write: of(write),
        },
    }
}

/// The same hardware with more and more of something.
fn ladders(hardware: &Hardware) -> Vec<(&'static str, Vec<Hardware>)> {
    let with = |change: &dyn Fn(&mut Hardware)| {
        let mut own = hardware.clone();
        change(&mut own);
        own
    };
    let capacities =
        CAPACITIES.map(|bytes| with(&|own| memory(own, 1).capacity = Some(Bytes(bytes))));
    let ports = |level: usize| {
        let own = FACTORS.map(|factor| {
            with(&|own| memory(own, level).ports = faster(memory(own, level).ports, factor))
        });
        own.to_vec()
    };
    vec![
        ("capacity", capacities.to_vec()),
        ("outer bandwidth", ports(0)),
        ("shared bandwidth", ports(1)),
    ]
}

/// The plan; `None` where a layer has no mapping.
fn plan(graph: &Graph, hardware: &Hardware) -> Option<MemoryPlan> {
    let solve = SolveOptions {
        time_limit: Some(Duration::from_secs(2)),
        ..plan_laws::solve_options()
    };
    let options = InferenceOptions {
        solve: solve.clone(),
        fuse: true,
        jobs: 1,
        layers: None,
        fixed: Vec::new(),
    };
    let rows = inference::map(graph, hardware, &options, &|_| {}).expect("threads");
    if rows.iter().any(|row| row.cost.is_none()) {
        return None;
    }
    let modes = ModeOptions {
        solve,
        per_operation: 64,
        jobs: 1,
        known: Known::of(&rows),
        fixed: BTreeMap::new(),
    };
    let cutting = Cutting {
        slices: 2,
        ahead: 1,
        recompute: false,
    };
    let step = residency::schedule(graph, hardware, cutting, &modes).expect("a schedule");
    let options = PlanOptions {
        time_limit: Some(Duration::from_secs(20)),
        gap: 0.0,
        break_ties: false,
        ..PlanOptions::default()
    };
    Some(residency::plan(&step.schedule, step.modes, &options).expect("a plan"))
}

/// Cycles, not rounded, and how far another plan may be below them.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn cycles(plan: &MemoryPlan) -> (f64, f64) {
    let cycles = plan.cost.total() as f64 / plan.schedule.units_per_cycle() as f64;
    let open = (1.0 - plan.proof.gap()) * (1.0 - plan.modes.largest_gap);
    (cycles, cycles * open)
}

#[test]
#[ignore = "a law of many minutes"]
fn more_is_no_slower() {
    let cases = std::env::var("LAW_CASES").map_or(6, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let (net, hw) = (
        folder.path().join("net.yaml"),
        folder.path().join("hw.yaml"),
    );
    let mut source = ChaCha8Rng::seed_from_u64(31);
    let (mut pairs, mut proved, mut faster) = (0, 0, 0);
    let mut broken = Vec::new();
    for number in 0..cases {
        fs::write(&net, plan_laws::network(&mut source)).expect("writable");
        // Without registers every mapping is proved in no time.
        let text = plan_laws::hardware(&mut source);
        let lines = text.lines().filter(|line| !line.contains("registers"));
        let lines: Vec<&str> = lines.collect();
        fs::write(&hw, lines.join("\n")).expect("writable");
        let network = read::network(&net, &NetworkOptions::default()).expect("a network");
        let hardware = read::hardware(&hw).expect("hardware");
        let step = StepOptions {
            mode: Mode::Inference,
            optimizer: Optimizer::default(),
            fuse: true,
        };
        let graph = training::step(&network, step).expect("a step");
        for (what, ladder) in ladders(&hardware) {
            let plans = ladder.iter().map(|own| plan(&graph, own));
            let plans: Vec<MemoryPlan> = plans.flatten().collect();
            for pair in plans.windows(2) {
                let [less, more] = [&pair[0], &pair[1]].map(cycles);
                pairs += 1;
                let closed = |p: &MemoryPlan| p.proof.is_closed() && p.modes.proved == p.modes.of;
                proved += usize::from(pair.iter().all(closed));
                faster += usize::from(more.0 < less.0);
                if more.1 > less.0 * (1.0 + 1e-9) {
                    println!("case {number}, {what}: {less:?} {more:?}");
                    broken.push(format!("case {number}, {what}: {less:?} {more:?}"));
                }
            }
        }
    }
    println!("{cases} cases: {pairs} pairs, {proved} proved, {faster} faster with more");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(
        proved * 2 > pairs && faster * 10 > pairs,
        "{proved} {faster} {pairs}"
    );
}
