//! More capacity or bandwidth never costs time: no plan with less is faster than what is proved of every
//! plan with more, whatever its mappings. Where both gaps of the whole are 0, that is the law itself.
//!
//! `LAW_CASES` is the number of cases; the suite runs a few.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use deepmatrix::memory::{self, Cutting, Known, ModeOptions, PlanOptions};
use deepmatrix::network::inference::{self, InferenceOptions};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode};
use deepmatrix::problem::plan::MemoryPlan;
use deepmatrix::problem::result::Status;
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

/// The plan and its schedule's modes; `None` where a layer has no mapping.
fn plan(graph: &Graph, hardware: &Hardware) -> Option<MemoryPlan> {
    let solve = plan_laws::solve_options();
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
        given: None,
        together: None,
        solve,
        per_operation: 3,
        switches: deepmatrix::memory::Switches::ALL,
        jobs: 1,
        known: Known::of(&rows),
        fixed: BTreeMap::new(),
    };
    let cutting = Cutting {
        slices: 2,
        ahead: 1,
        recompute: false,
    };
    let step = memory::schedule(graph, hardware, cutting, &modes).expect("a schedule");
    let options = PlanOptions {
        time_limit: Some(Duration::from_secs(20)),
        gap: 0.0,
        break_ties: false,
        ..PlanOptions::default()
    };
    Some(memory::plan(&step.schedule, step.modes, &options).expect("a plan"))
}

/// Whether every plan with more is proved to take longer than one with less does. Units are parts of
/// a cycle of which each schedule has its own number.
fn is_slower(more: &MemoryPlan, less: &MemoryPlan) -> bool {
    let per_cycle = |plan: &MemoryPlan| plan.schedule.units_per_cycle();
    more.bound_units() * per_cycle(less) > less.cost.total() * per_cycle(more)
}

/// The mode that stands for any is in nothing worse than those that were found.
fn least_is_least(plan: &MemoryPlan) {
    let all = plan.modes.least.as_ref().expect("modes of mappings");
    let all = all.iter().map(|own| &own.mode);
    for (operation, least) in plan.schedule.operations.iter().zip(all) {
        for mode in &operation.modes {
            let text = format!("{operation:#?} {least:#?}");
            assert!(least.buffer_bytes <= mode.buffer_bytes, "{text}");
            let (own, other) = (
                least.cycles + least.added_cycles,
                mode.cycles + mode.added_cycles,
            );
            assert!(own <= other, "{text}");
            let (own, other) = (
                least.read_bits + least.written_bits,
                mode.read_bits + mode.written_bits,
            );
            assert!(
                own <= other && least.written_bits <= mode.written_bits,
                "{text}"
            );
            let operands = least
                .outer_bits
                .iter()
                .zip(&mode.outer_bits)
                .zip(&mode.resident);
            let passing = operands.filter(|(_, resident)| !**resident);
            assert!(
                passing.into_iter().all(|((own, other), _)| own <= other),
                "{text}"
            );
            assert!(
                least
                    .waits
                    .iter()
                    .zip(&mode.waits)
                    .all(|(own, other)| own <= other),
                "{text}"
            );
        }
    }
}

/// A random step, and hardware to change.
fn case(source: &mut ChaCha8Rng, folder: &TempDir) -> (Graph, Hardware) {
    let (net, hw) = (
        folder.path().join("net.yaml"),
        folder.path().join("hw.yaml"),
    );
    fs::write(&net, plan_laws::network(source)).expect("writable");
    fs::write(&hw, plan_laws::hardware(source)).expect("writable");
    let network = read::network(&net, &NetworkOptions::default()).expect("a network");
    let hardware = read::hardware(&hw).expect("hardware");
    let step = StepOptions {
        mode: Mode::Inference,
        optimizer: Optimizer::default(),
        fuse: true,
    };
    (training::step(&network, step).expect("a step"), hardware)
}

#[test]
fn more_is_no_slower() {
    let cases = std::env::var("LAW_CASES").map_or(4, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let mut source = ChaCha8Rng::seed_from_u64(31);
    let (mut pairs, mut closed, mut gained, mut gaps) = (0, 0, 0, 0.0);
    let mut broken = Vec::new();
    for number in 0..cases {
        let (graph, hardware) = case(&mut source, &folder);
        for (what, ladder) in ladders(&hardware) {
            let plans = ladder.iter().map(|own| plan(&graph, own));
            let plans: Vec<MemoryPlan> = plans.flatten().collect();
            plans.iter().for_each(least_is_least);
            let ordered = (1..plans.len()).flat_map(|more| (0..more).map(move |less| (less, more)));
            for (less, more) in ordered {
                let (less, more) = (&plans[less], &plans[more]);
                pairs += 1;
                gaps += more.gap();
                closed += i32::from(more.whole.status() == Status::Optimal);
                let cycles = [less, more].map(|plan| plan.cycles(plan.cost.total()));
                gained += i32::from(cycles[1] < cycles[0]);
                if is_slower(more, less) {
                    broken.push(format!("case {number}, {what}: {cycles:?}"));
                }
            }
        }
    }
    println!(
        "{cases} cases: {pairs} pairs, {closed} with a whole that is proved, {gained} faster with more, mean gap of the whole {:.3}",
        gaps / f64::from(pairs)
    );
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(
        closed > 0 && gained * 10 > pairs,
        "{closed} {gained} {pairs}"
    );
}
