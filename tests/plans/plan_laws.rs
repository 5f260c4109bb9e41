//! Laws of memory plans over random small networks and hardware, from files to addresses: what the layers
//! alone take is what the plan without reuse takes, no plan is faster than what must pass the
//! ports once, and an independent replay finds the same times.
//!
//! `LAW_CASES` is the number of cases; the suite runs a few.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use deepmatrix::check;
use deepmatrix::exact::SolveOptions;
use deepmatrix::memory::{
    self, Baseline, Cutting, Known, ModeOptions, PlanOptions, StageOptions, Step, least_units,
};
use deepmatrix::network::inference::{self, InferenceOptions};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::{Graph, Mode, TensorKind};
use deepmatrix::problem::plan::{MemoryPlan, Modes};
use deepmatrix::problem::result::{Cost, PortTraffic, Status};
use deepmatrix::problem::schedule::{Mode as Way, Schedule};
use deepmatrix::problem::stage::{StageMode, StageWay};
use deepmatrix::problem::{
    Bandwidth, Bits, Hardware, LayerRow, Network, Optimizer, Overlap, Ports,
};
use deepmatrix::read::{self, NetworkOptions};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use crate::schedules::rules::faster_rules_with_addresses;

/// A chain of a few small layers.
pub(crate) fn network(source: &mut ChaCha8Rng) -> String {
    let bits = [
        "8, weight: 8, output: 8",
        "8, weight: 4, output: 8",
        "4, weight: 4, output: 4",
    ];
    let mut text = format!(
        "name: random\nbatch: {}\nprecision_bits: {{input: {}, accumulator: {}}}\ninput: {{channels: {}, height: {}, width: {}}}\nlayers:\n",
        source.random_range(1..=2),
        bits[source.random_range(0..3)],
        [16, 32][source.random_range(0..2)],
        source.random_range(1..=6),
        source.random_range(3..=6),
        source.random_range(3..=6),
    );
    for index in 0..source.random_range(1..=4) {
        let layer = match source.random_range(0..4) {
            0 => "op: softmax".to_owned(),
            1 => format!(
                "op: conv2d, out_channels: {}, kernel: [1, 1]",
                source.random_range(1..=8)
            ),
            _ => format!(
                "op: conv2d, out_channels: {}, kernel: [3, 3], padding: [1, 1], stride: [{1}, {1}]",
                source.random_range(1..=8),
                [1, 1, 2][source.random_range(0..3)],
            ),
        };
        let _ = writeln!(text, "  - {{name: l{index}, {layer}}}");
    }
    text
}

fn bandwidth(source: &mut ChaCha8Rng, least: u32) -> String {
    let field = "bandwidth_bytes_per_cycle";
    let number = f64::from(least) * [1.0, 1.0, 1.5][source.random_range(0..3)];
    if source.random_bool(0.6) {
        format!("{field}: {number}")
    } else {
        let other = least * source.random_range(1..=2);
        format!("read_{field}: {number}, write_{field}: {other}")
    }
}

/// A small array below a shared memory whose port is 1 to 16 times as fast as the outer one.
pub(crate) fn hardware(source: &mut ChaCha8Rng) -> String {
    let outer = source.random_range(1..=4);
    let ratio = [1, 2, 3, 4, 8, 16][source.random_range(0..6)];
    let overlap = [
        "",
        ", overlap: ideal",
        ", overlap: none",
        ", overlap: choose",
    ];
    let mut text = format!(
        "name: random\nlevels:\n  - {{memory: dram, {}}}\n  - {{memory: sram, capacity_bytes: {}, alignment_bytes: 1, {}{}}}\n  - {{array: pe, axes: [{{name: rows, size: {}}}, {{name: cols, size: {}}}]}}\n",
        bandwidth(source, outer),
        [150, 300, 600, 2000][source.random_range(0..4)],
        bandwidth(source, outer * ratio),
        overlap[source.random_range(0..4)],
        source.random_range(1..=8),
        source.random_range(1..=8),
    );
    if source.random_bool(0.5) {
        text.push_str("  - {memory: registers, capacity_bytes: 16}\n");
    }
    if source.random_bool(0.5) {
        text.push_str("vector: {lanes: 4}\n");
    }
    text
}

/// A number of cycles as a fraction: numerator and denominator.
#[derive(Clone, Copy, Debug)]
struct Fraction(u128, u128);

impl Fraction {
    const ZERO: Fraction = Fraction(0, 1);

    fn whole(cycles: u128) -> Self {
        Self(cycles, 1)
    }

    fn plus(self, other: Self) -> Self {
        let (numerator, denominator) = (self.0 * other.1 + other.0 * self.1, self.1 * other.1);
        let common = gcd(numerator, denominator).max(1);
        Self(numerator / common, denominator / common)
    }

    fn max(self, other: Self) -> Self {
        if self.0 * other.1 >= other.0 * self.1 {
            self
        } else {
            other
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn passes(port: Option<Bandwidth>, bits: Bits) -> Fraction {
    port.map_or(Fraction::ZERO, |bandwidth| {
        let (numerator, denominator) = bandwidth.ratio();
        Fraction(bits.0 * u128::from(denominator), 8 * u128::from(numerator)).plus(Fraction::ZERO)
    })
}

/// The busy time of a memory's busiest port, not rounded.
fn busy(ports: Ports, traffic: &[PortTraffic]) -> Fraction {
    let read: Bits = traffic.iter().map(|t| t.read).sum();
    let write: Bits = traffic.iter().map(|t| t.write).sum();
    match ports {
        Ports::Shared(port) => passes(port, read + write),
        Ports::Separate { read: r, write: w } => passes(r, read).max(passes(w, write)),
    }
}

/// The time of what moves inward and outward through the ports of one memory, one after the other.
fn in_turn(ports: Ports, read: Bits, write: Bits) -> Fraction {
    match ports {
        Ports::Shared(port) => passes(port, read + write),
        Ports::Separate { read: r, write: w } => passes(r, read).plus(passes(w, write)),
    }
}

/// The cycles of a layer's result without any rounding of the outer memories' ports.
fn unrounded(cost: &Cost, hardware: &Hardware) -> Fraction {
    let mut longest = Fraction::whole(cost.compute_cycles);
    let mut added = Fraction::ZERO;
    for memory in &cost.memories {
        let ports = hardware.memory(memory.level).expect("a memory").ports;
        longest = longest.max(if memory.level <= 1 {
            busy(ports, &memory.traffic)
        } else {
            Fraction::whole(memory.busy_cycles)
        });
        for (role, &cycles) in memory.added_cycles.iter().enumerate() {
            if memory.level == 1 && cycles > 0 {
                let outside = cost.memories[0].traffic[role];
                let outer = hardware.memory(0).expect("a memory").ports;
                let there = in_turn(outer, outside.read, outside.write);
                // What is read outside is written here.
                let here = in_turn(ports, outside.write, outside.read);
                added = added.plus(there.max(here));
            } else {
                added = added.plus(Fraction::whole(cycles));
            }
        }
    }
    longest.plus(added)
}

/// Whether the slower port of partial sums differs by direction: they are counted a bit higher then.
fn has_mixed_ports(hardware: &Hardware) -> bool {
    let memory = |level| hardware.memory(level).expect("a memory");
    let waits = matches!(memory(1).overlap, Overlap::None | Overlap::Choose);
    waits
        && [0, 1]
            .iter()
            .any(|&l| matches!(memory(l).ports, Ports::Separate { .. }))
}

struct Case {
    network: Network,
    hardware: Hardware,
    graph: Graph,
    rows: Vec<LayerRow>,
}

/// A case of a mode by turns, with its files as a text; `None` where a layer has no mapping.
fn numbered(source: &mut ChaCha8Rng, folder: &Path, number: usize) -> Option<(Mode, Case, String)> {
    let mode = if number % 4 == 3 {
        Mode::Training
    } else {
        Mode::Inference
    };
    let case = case(source, folder, mode)?;
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a text");
    let text = format!("case {number}\n{}\n{}", read("net.yaml"), read("hw.yaml"));
    Some((mode, case, text))
}

/// The laws hold of any mappings: they need not be proved.
pub(crate) fn solve_options() -> SolveOptions {
    SolveOptions {
        divisors_only: true,
        time_limit: Some(Duration::from_millis(200)),
        ..SolveOptions::default()
    }
}

fn case(source: &mut ChaCha8Rng, folder: &Path, mode: Mode) -> Option<Case> {
    let (net, hw) = (folder.join("net.yaml"), folder.join("hw.yaml"));
    fs::write(&net, network(source)).expect("writable");
    fs::write(&hw, hardware(source)).expect("writable");
    let network = read::network(&net, &NetworkOptions::default()).expect("a network");
    let hardware = read::hardware(&hw).expect("hardware");
    let options = StepOptions {
        mode,
        optimizer: Optimizer::default(),
        fuse: true,
    };
    // A chain without parameters has nothing to train.
    let graph = training::step(&network, options).ok()?;
    let options = InferenceOptions {
        solve: solve_options(),
        fuse: true,
        jobs: 1,
        layers: None,
        fixed: Vec::new(),
    };
    let rows = inference::map(&graph, &hardware, &options, &|_| {}).expect("threads");
    let mapped = rows.iter().all(|row| row.cost.is_some());
    mapped.then_some(Case {
        network,
        hardware,
        graph,
        rows,
    })
}

const CUTTING: Cutting = Cutting {
    slices: 2,
    ahead: 1,
    recompute: true,
};

fn limits() -> PlanOptions {
    PlanOptions {
        time_limit: Some(Duration::from_secs(20)),
        ..PlanOptions::default()
    }
}

impl Case {
    fn modes(&self, per_operation: usize) -> ModeOptions {
        ModeOptions {
            given: None,
            together: None,
            solve: solve_options(),
            per_operation,
            switches: deepmatrix::memory::Switches::ALL,
            jobs: 1,
            known: Known::of(&self.rows),
            fixed: BTreeMap::new(),
        }
    }

    /// A plan with the modes of so many mappings of every operation.
    fn plan(&self, per_operation: usize) -> (Step, MemoryPlan) {
        let modes = self.modes(per_operation);
        let step = memory::schedule(&self.graph, &self.hardware, CUTTING, &modes);
        let step = step.expect("a schedule");
        let plan = memory::plan(&step.schedule, step.modes.clone(), &limits());
        (step, plan.unwrap_or_else(|error| panic!("{error}")))
    }

    /// The step with the modes of three mappings of every operation, and the same with the fastest stages of at
    /// most four operations, where there are some.
    fn with_stages(&self) -> (Step, Option<Step>) {
        let modes = self.modes(3);
        let step = memory::schedule(&self.graph, &self.hardware, CUTTING, &modes);
        let mut step = step.expect("a schedule");
        let stages = StageOptions {
            length: 4,
            ..StageOptions::default()
        };
        let (of, how) = ((&self.network, &self.graph), (stages, &modes.solve));
        let fused = memory::fuse(&mut step, of, &self.hardware, CUTTING, how);
        (step, fused)
    }

    /// A plan with as many as it needs.
    fn plan_in_rounds(&self, per_operation: usize) -> (Step, MemoryPlan) {
        let modes = self.modes(per_operation);
        let found = memory::plan_step(&self.graph, &self.hardware, CUTTING, &modes, &limits());
        found.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The sum of the layers' own times, not rounded.
    fn alone(&self) -> Fraction {
        let costs = self.rows.iter().flat_map(|row| {
            let own = row
                .phases
                .iter()
                .filter_map(|phase| phase.row.cost.as_ref());
            let own: Vec<&Cost> = own.collect();
            if own.is_empty() {
                row.cost.iter().collect()
            } else {
                own
            }
        });
        let times = costs.map(|cost| unrounded(cost, &self.hardware));
        times.fold(Fraction::ZERO, Fraction::plus)
    }

    /// What is given once in, what is a result once out, and the arithmetic, in whole cycles.
    fn least(&self) -> u128 {
        let compute = self.rows.iter().filter_map(|row| row.cost.as_ref());
        let compute: u128 = compute
            .map(|cost| cost.compute_cycles.min(cost.cycles))
            .sum();
        let weights: u128 = (self.graph.tensors.iter())
            .filter(|t| t.kind == TensorKind::Parameter)
            .map(|t| t.bits().0)
            .sum();
        let port = match self.hardware.memory(0).expect("a memory").ports {
            Ports::Shared(port) | Ports::Separate { read: port, .. } => port,
        };
        let Fraction(numerator, denominator) = passes(port, Bits(weights));
        let proved = self.rows.iter().all(|row| row.status() == Status::Optimal);
        // Another mapping may take fewer steps than that of least cycles.
        let least: u128 = self.rows.iter().map(|row| row.lower_bounds.compute).sum();
        assert!(!proved || least <= compute);
        (numerator / denominator).max(least)
    }
}

fn checked(step: &Step, plan: &MemoryPlan, text: &str) {
    let schedule = &step.schedule;
    assert_eq!(
        check::plan::check(schedule, &plan.plan, &plan.cost),
        Ok(()),
        "{text}"
    );
    let packed = check::packing::check(&plan.blocks.packing, &plan.offsets);
    assert_eq!(packed, Ok(()), "{text}");
    assert!(plan.bound_units_among_modes() <= plan.cost.total());
    assert!(least_units(schedule).0 <= plan.cost.total(), "{text}");
    let faster = faster_rules_with_addresses(schedule, plan);
    assert_eq!(faster, [""; 0], "{text}");
    // The program ends at its gap; only what has no addresses there makes a plan slower.
    let (gap, search) = (plan.gap_among_modes(), &plan.addresses);
    let moved = search.cuts > 0 || search.given_up_bytes > 0 || search.cut_short;
    assert!(gap <= limits().gap || moved, "{gap} {search:?} {text}");
}

#[test]
fn plans_keep_to_the_laws() {
    let cases = std::env::var("LAW_CASES").map_or(25, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let mut source = ChaCha8Rng::seed_from_u64(2026);
    let (mut equal, mut faster, mut none) = (0, 0, 0);
    // Planned with a few mappings, or with all.
    let (mut early, mut late) = (0, 0);
    let (mut gaps, mut largest) = (0.0, 0.0_f64);
    for number in 0..cases {
        let Some((mode, case, text)) = numbered(&mut source, folder.path(), number) else {
            none += 1;
            continue;
        };
        let (step, plan) = case.plan(1);
        checked(&step, &plan, &text);
        let no_reuse = plan
            .baselines
            .iter()
            .find(|b| b.0 == Baseline::NoReuse.name());
        let no_reuse = no_reuse.and_then(|b| b.1).expect("it fits");
        let alone = case.alone();
        let (found, expected) = (
            no_reuse * alone.1,
            alone.0 * step.schedule.units_per_cycle(),
        );
        // What training keeps beside a loop nest moves as well.
        if mode == Mode::Inference && !has_mixed_ports(&case.hardware) {
            assert_eq!(found, expected, "{no_reuse} {alone:?} {text}");
            equal += 1;
        }
        assert!(found >= expected, "{no_reuse} {alone:?} {text}");
        let (more_step, more) = case.plan(4);
        checked(&more_step, &more, &text);
        // What is proved of any mappings holds whatever their number.
        for own in [&plan, &more] {
            let fastest = plan.cost.total().min(more.cost.total());
            assert!(own.bound_units() <= fastest, "{text}");
            assert!(own.bound_units() <= own.bound_units_among_modes(), "{text}");
        }
        let (all, (own_step, own)) = (case.plan(9).1, case.plan_in_rounds(9));
        checked(&own_step, &own, &text);
        if own.modes.of < all.modes.of {
            assert!(own.gap() <= limits().gap, "{text}");
            early += 1;
        } else if own_step.schedule == all.schedule {
            assert_eq!(own.cost.total(), all.cost.total(), "{text}");
            late += 1;
        }
        gaps += more.gap();
        largest = more.gap_among_modes().max(largest);
        let cycles = more.cycles(more.cost.total());
        assert!(cycles >= case.least(), "{cycles} {} {text}", case.least());
        faster += usize::from(more.cost.total() < no_reuse);
    }
    println!(
        "{cases} cases: {none} without mapping, {equal} equal, {faster} faster than without reuse; largest gap among modes {largest:.6}, mean gap of the whole {:.3}",
        gaps / f64::from(u32::try_from(cases - none).expect("few"))
    );
    assert!(equal * 3 > cases - none, "{equal}");
    assert!(faster * 4 > cases - none, "{faster}");
    assert!(early > 0 && late > 0, "{early} {late}");
}

/// Checks all ways to run all stages of a step, and that each number of one that is another is noticed.
fn checked_stages(hardware: &Hardware, step: &Step, text: &str) -> usize {
    let mut ways = 0;
    for (place, fused) in step.schedule.stages.iter().enumerate() {
        for mode in 0..fused.modes.len() {
            ways += 1;
            let check = |schedule: &Schedule| {
                check::stage::check(schedule, hardware, &schedule.stages[place], mode)
            };
            if let Err(error) = check(&step.schedule) {
                panic!(
                    "{:?}: {error}\n{:?}\n{text}",
                    fused.members, fused.modes[mode]
                );
            }
            for (what, change) in CHANGES {
                let mut other = step.schedule.clone();
                let stage = &mut other.stages[place];
                let own = &mut other.operations[stage.operation].modes[mode];
                if change(&mut stage.modes[mode], own) {
                    assert!(
                        check(&other).is_err(),
                        "{what}: {:?}\n{text}",
                        fused.members
                    );
                }
            }
        }
    }
    ways
}

/// Changes a way to run a stage, or its mode; whether there was something to change.
type Change = fn(&mut StageMode, &mut Way) -> bool;

/// What is wrong after each.
const CHANGES: [(&str, Change); 13] = [
    ("a smaller tile", |way, _| {
        let tile = &mut way.loops[0].tile;
        *tile = if *tile > 1 { *tile - 1 } else { *tile + 1 };
        true
    }),
    ("a loop left out", |way, _| way.loops.pop().is_some()),
    ("a loop of another dimension", |way, _| {
        let places = &mut way.loops[0].places;
        places[0] = usize::from(places[0] == 0);
        true
    }),
    ("a smaller block inside", |way, _| {
        way.internal.iter_mut().map(|own| own.bytes -= 1).count() > 0
    }),
    ("a block inside left out", |way, _| {
        way.internal.pop().is_some()
    }),
    ("another way to come in", |way, _| {
        let held = |way| matches!(way, StageWay::Held(_));
        let own = way.external.iter_mut().find(|own| held(own.way));
        own.map(|own| own.way = StageWay::Resident).is_some()
    }),
    ("a smaller block of what is held", |way, _| {
        let own = way.external.iter_mut().find(|own| own.bytes > 0);
        own.map(|own| own.bytes -= 1).is_some()
    }),
    ("a mapping left out", |way, _| way.boxes.pop().is_some()),
    ("less time", |way, _| {
        way.units[0] -= 1;
        true
    }),
    ("fewer cycles", |_, mode| {
        mode.cycles -= 1;
        true
    }),
    ("fewer bytes", |_, mode| {
        mode.buffer_bytes -= 1;
        true
    }),
    ("fewer bits outside", |_, mode| {
        let own = mode.outer_bits.iter_mut().find(|bits| **bits > 0);
        own.map(|bits| *bits -= 1).is_some()
    }),
    ("fewer bits to the array", |_, mode| {
        mode.read_bits -= 1;
        true
    }),
];

/// How plans are searched whose time alone is compared.
fn to_the_end() -> PlanOptions {
    PlanOptions {
        break_ties: false,
        gap: 0.0,
        ..limits()
    }
}

/// The relative gap of a value to a bound.
#[expect(clippy::cast_precision_loss, reason = "a number to look at")]
fn gap(value: u128, bound: u128) -> f64 {
    (value - bound) as f64 / value.max(1) as f64
}

/// All divisions of so many operations into stages of at most four, by first operations and numbers of operations.
fn divisions(count: usize) -> Vec<Vec<(usize, usize)>> {
    let mut all: Vec<Vec<Vec<(usize, usize)>>> = vec![vec![Vec::new()]];
    for end in 1..=count {
        let mut here = all[end - 1].clone();
        for number in 2..=end.min(4) {
            let first = end - number;
            here.extend(all[first].iter().map(|before| {
                let mut own = before.clone();
                own.push((first, number));
                own
            }));
        }
        all.push(here);
    }
    all.pop().expect("one")
}

/// Nothing that is planned is below the bound over all divisions and listed ways (certificates refuse it), whichever of
/// them is planned, with all of its ways; and the bound is not far.
#[test]
fn no_division_is_below_the_path() {
    let cases = std::env::var("LAW_CASES").map_or(16, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let mut source = ChaCha8Rng::seed_from_u64(2031);
    let (mut steps, mut planned, mut closed, mut gaps) = (0, 0, 0, 0.0);
    for number in 0..cases {
        let Some((_, case, text)) = numbered(&mut source, folder.path(), number) else {
            continue;
        };
        let modes = case.modes(3);
        let step = memory::schedule(&case.graph, &case.hardware, CUTTING, &modes);
        let mut step = step.expect("a schedule");
        let stages = StageOptions {
            length: 4,
            ..StageOptions::default()
        };
        let of = (&case.network, &case.graph);
        let how = (stages, &modes.solve);
        let _ = memory::fuse(&mut step, of, &case.hardware, CUTTING, how);
        let Some((bound, _)) = step.modes.listed.clone() else {
            continue;
        };
        let count = step.schedule.operations.len();
        if count > 7 {
            continue;
        }
        let mut least = u128::MAX;
        for division in divisions(count) {
            let own = if division.is_empty() {
                Some(step.clone())
            } else {
                let of_cutting = (CUTTING, stages);
                let wanted = (division.as_slice(), &modes.solve);
                memory::divided(&step, of, &case.hardware, of_cutting, wanted)
            };
            let Some(own) = own else { continue };
            let plan = memory::plan(&own.schedule, own.modes.clone(), &to_the_end());
            let plan = plan.unwrap_or_else(|error| panic!("{division:?}: {error}\n{text}"));
            least = least.min(plan.cost.total());
            planned += 1;
        }
        assert!(bound <= least, "{bound} above {least}\n{text}");
        steps += 1;
        closed += u32::from(bound == least);
        gaps += gap(least, bound);
    }
    println!(
        "{planned} plans of {steps} steps, {closed} at their bound; mean gap {:.4}",
        gaps / f64::from(steps)
    );
    assert!(cases < 16 || planned > 10 && closed > 0);
}

/// Of operations by themselves the path follows what the program plans: no plan of the modes that nothing is below
/// is below it, and many are at it.
#[test]
fn no_plan_by_itself_is_below_the_path() {
    let cases = std::env::var("LAW_CASES").map_or(40, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let mut source = ChaCha8Rng::seed_from_u64(2032);
    let (mut steps, mut near, mut gaps) = (0, 0, 0.0);
    for number in 0..cases {
        let Some((_, case, text)) = numbered(&mut source, folder.path(), number) else {
            continue;
        };
        let step = memory::schedule(&case.graph, &case.hardware, CUTTING, &case.modes(1));
        let step = step.expect("a schedule");
        let least = step.modes.least.clone().expect("bounds on modes");
        let bound = memory::least_units_by_itself(&step.schedule, &least);
        let mut relaxed = step.schedule.clone();
        for (operation, own) in relaxed.operations.iter_mut().zip(&least) {
            operation.modes = vec![own.mode.clone()];
        }
        let plan = memory::plan(&relaxed, Modes::default(), &to_the_end());
        let plan = plan.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let units = plan.cost.total();
        assert!(bound <= units, "{bound} above {units}\n{text}");
        gaps += gap(units, bound);
        near += u32::from(gap(units, bound) < 0.01);
        steps += 1;
    }
    println!(
        "{steps} steps, {near} within 1 %; mean gap {:.4}",
        gaps / f64::from(steps)
    );
    assert!(cases < 40 || near > 10);
}

/// The bound for every division holds for plans with stages and without: certificates refuse it otherwise.
#[test]
fn plans_with_stages_keep_to_the_laws() {
    let cases = std::env::var("LAW_CASES").map_or(40, |n| n.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let mut source = ChaCha8Rng::seed_from_u64(2029);
    let (mut fused, mut ways, mut faster, mut gaps) = (0, 0, 0, 0.0);
    for number in 0..cases {
        let Some((_, case, text)) = numbered(&mut source, folder.path(), number) else {
            continue;
        };
        let planned = |step: &Step| {
            let plan = memory::plan(&step.schedule, step.modes.clone(), &limits());
            plan.unwrap_or_else(|error| panic!("{error}\n{text}"))
        };
        let (step, Some(other)) = case.with_stages() else {
            continue;
        };
        ways += checked_stages(&case.hardware, &other, &text);
        let (alone, together) = (planned(&step), planned(&other));
        checked(&step, &alone, &text);
        checked(&other, &together, &text);
        let bound = alone.bound_units();
        assert_eq!(bound, together.bound_units(), "{text}");
        assert!(
            bound <= together.cost.total().min(alone.cost.total()),
            "{text}"
        );
        fused += 1;
        faster += usize::from(together.cost.total() < alone.cost.total());
        gaps += together.gap();
    }
    println!(
        "{fused} with stages in {ways} ways, {faster} faster; mean gap {:.3}",
        gaps / f64::from(u32::try_from(fused).expect("few"))
    );
    assert!(fused * 4 > cases && faster > 0, "{fused} {faster}");
}
