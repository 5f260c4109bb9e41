//! Laws of the heuristics on random tiny problems: nothing beats an optimum, every mapping passes
//! the independent check, a seed says all, and a larger budget never makes a result worse.
//!
//! `COMPARE_CASES` says how many seeds of problems the first law looks at.

use std::path::PathBuf;

use crate::cases::share;
use crate::exhaustive::features::feature_case;
use crate::exhaustive::generate::{Case, case, small_case, uneven_case};
use deepmatrix::check::check;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::Budget;
use deepmatrix::network::compare::attempt;
use deepmatrix::problem::comparison::{Attempt, Stop};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Dataflow, Mapping};
use deepmatrix::read;
use rayon::prelude::*;

/// Seeds unless `COMPARE_CASES` says otherwise: 2,080 problems.
const CASES: u64 = 640;

/// Mappers that choose at random.
const AT_RANDOM: [&str; 8] = [
    "random",
    "random-wide",
    "annealing",
    "genetic",
    "genetic-wide",
    "gradient",
    "gradient-wide",
    "local-search",
];

/// The mapping and what is the same on every machine.
type Outcome = (Option<Mapping>, Option<u128>, u64, Stop, Option<String>);

fn outcome(attempt: &Attempt) -> Outcome {
    (
        attempt.best.as_ref().map(|b| b.0.clone()),
        attempt.cycles(),
        attempt.evaluations,
        attempt.stop,
        attempt.reason.clone(),
    )
}

/// The heuristics' work on a problem, of those that get evaluations.
fn attempts(
    case: &Case,
    seed: u64,
    evaluations: impl Fn(&str) -> Option<u64>,
) -> Vec<(&'static str, Attempt)> {
    let heuristics = registry::ALL.into_iter().skip(1);
    heuristics
        .filter_map(|m| {
            let budget = Budget {
                evaluations: evaluations(m.name())?,
                seed,
                ..Budget::default()
            };
            Some((m.name(), attempt(m, &case.nest, &case.hardware, &budget)))
        })
        .collect()
}

/// Whether a mapper takes part in a law about thousands of problems: programs and gradients,
/// which take longer than all else, have their turn.
fn takes_turns(name: &str, seed: u64) -> bool {
    match name {
        "cosa" => seed.is_multiple_of(5),
        "gradient" => seed % 4 == 1,
        "gradient-wide" => seed % 4 == 3,
        _ => true,
    }
}

/// What a mapper may evaluate there: enough for a descent of the gradient method.
fn few(name: &str) -> u64 {
    if name.starts_with("gradient") {
        120
    } else {
        60
    }
}

/// The problems of a seed: of three kinds, and for every fourth seed of a fourth kind, for which
/// the exact mapper takes longest.
fn of_seed(seed: u64) -> Vec<(&'static str, Case)> {
    let mut all = vec![
        ("case", case(seed)),
        ("small_case", small_case(seed)),
        ("uneven_case", uneven_case(seed)),
    ];
    if seed.is_multiple_of(4) {
        all.push(("feature_case", feature_case(seed / 4)));
    }
    all
}

fn cases(seeds: std::ops::Range<u64>) -> impl ParallelIterator<Item = (&'static str, Case)> {
    seeds.into_par_iter().flat_map_iter(of_seed)
}

fn assert_none(failures: &[String]) {
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} failures:\n{}",
        failures.join("\n")
    );
}

/// What is wrong with the attempts at a case.
fn beaten(kind: &str, case: &Case) -> Vec<String> {
    let exact = solve(&case.nest, &case.hardware, &SolveOptions::default());
    let mut wrong = Vec::new();
    let mut say = |name: &str, what: String| {
        wrong.push(format!("{kind}({}), {name}: {what}", case.seed));
    };
    let evaluations = |name: &str| takes_turns(name, case.seed).then(|| few(name));
    for (name, own) in attempts(case, case.seed, evaluations) {
        let Some((mapping, cost)) = &own.best else {
            if own.reason.is_none() {
                say(name, "no mapping and no reason".to_owned());
            }
            continue;
        };
        if let Err(error) = check(&case.nest, &case.hardware, mapping, cost) {
            say(name, error.to_string());
        }
        match exact.status() {
            Status::Optimal if cost.cycles < exact.bound_cycles => say(
                name,
                format!(
                    "{} cycles beat the optimum of {}",
                    cost.cycles, exact.bound_cycles
                ),
            ),
            Status::Infeasible => say(name, "a mapping of what is infeasible".to_owned()),
            _ => {}
        }
    }
    wrong
}

#[test]
fn no_heuristic_beats_an_optimum() {
    let given = std::env::var("COMPARE_CASES").ok();
    let all = || share(0..CASES).end;
    let count = given.map_or_else(all, |text| text.parse().expect("a number"));
    let failures: Vec<String> = cases(0..count)
        .flat_map_iter(|(kind, case)| beaten(kind, &case))
        .collect();
    assert_none(&failures);
}

#[test]
fn a_seed_says_everything() {
    let failures: Vec<String> = cases(1_000..1_012)
        .flat_map_iter(|(kind, case)| {
            let evaluations = |name: &str| takes_turns(name, case.seed).then_some(250);
            let all = || attempts(&case, 7, evaluations);
            let (first, second) = (all(), all());
            let pairs: Vec<_> = first.into_iter().zip(second).collect();
            let differ = pairs
                .into_iter()
                .filter(|(a, b)| outcome(&a.1) != outcome(&b.1));
            differ
                .map(|(a, _)| format!("{kind}({}), {}: two results", case.seed, a.0))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(&failures);
}

#[test]
fn another_seed_is_another_search() {
    let differ = |name: &str| {
        (0..12).any(|seed| {
            let case = case(seed);
            let of = |seed| {
                let all = attempts(&case, seed, |other| (other == name).then_some(300));
                all.first().map(|a| outcome(&a.1))
            };
            of(1) != of(2)
        })
    };
    for name in AT_RANDOM {
        assert!(differ(name), "{name} does not depend on the seed");
    }
    for name in ["greedy", "loma", "cosa", "weight-stationary"] {
        assert!(!differ(name), "{name} depends on the seed");
    }
}

/// A mapper's cycles with a small budget, and with ten times as much.
struct Pair {
    what: String,
    mapper: &'static str,
    less: Option<u128>,
    more: Option<u128>,
}

/// The small budget is enough for a descent of the gradient method, so that it too has a mapping.
fn pairs(kind: &str, case: &Case) -> Vec<Pair> {
    let cycles = |name: &'static str, evaluations: u64| {
        let all = attempts(case, 3, |other| (other == name).then_some(evaluations));
        all.first().and_then(|a| a.1.cycles())
    };
    let own = |mapper: &'static str| {
        let evaluations = if mapper.starts_with("gradient") {
            150
        } else {
            30
        };
        Pair {
            what: format!("{kind}({}), {mapper}", case.seed),
            mapper,
            less: cycles(mapper, evaluations),
            more: cycles(mapper, 10 * evaluations),
        }
    };
    AT_RANDOM.into_iter().map(own).collect()
}

/// The layers of a network on a hardware, of the files that come with the project.
fn layers(network: &str, hardware: &str) -> Vec<Case> {
    let path = |kind: &str, name: &str| PathBuf::from(format!("inputs/{kind}/{name}.yaml"));
    let hardware = read::hardware(&path("hardware", hardware)).expect("hardware");
    let options = read::NetworkOptions::default();
    let network = read::network(&path("networks", network), &options).expect("a network");
    let nests = network.layers.iter().flat_map(|layer| layer.kind.nests());
    (0..)
        .zip(nests)
        .map(|(seed, nest)| Case {
            seed,
            nest: nest.clone(),
            hardware: hardware.clone(),
        })
        .collect()
}

/// On a chip that is built for it, a dataflow leaves no element idle: what is spread over the
/// array is fed from all memories above it, the inputs' and the outputs' own ones alike.
#[test]
fn a_dataflow_fills_the_chip_that_is_built_for_it() {
    let names = ["weight-stationary", "greedy", "genetic-wide"];
    for case in layers("bert_base_128", "nvdla-like").iter().take(6) {
        let exact = solve(&case.nest, &case.hardware, &SolveOptions::default());
        let optimum = exact.best.map(|b| b.1.cycles);
        for (name, own) in attempts(case, 0, |name| names.contains(&name).then_some(1_000)) {
            let what = format!("layer {}, {name}", case.seed);
            if name == "genetic-wide" {
                assert!(own.cycles() < optimum.map(|o| o * 5 / 4), "{what}");
            } else {
                assert_eq!(own.cycles(), optimum, "{what}");
            }
        }
    }
}

#[test]
fn ten_times_the_budget_is_never_worse() {
    let mut all: Vec<Pair> = cases(2_000..2_012)
        .flat_map_iter(|(kind, case)| pairs(kind, &case))
        .collect();
    // Layers of VGG-16 on a starved array, which no budget exhausts.
    let hard = layers("vgg16-hard", "hard-32x32");
    all.extend(hard.iter().flat_map(|case| pairs("vgg16-hard", case)));
    let worse = all.iter().filter(|pair| match (pair.less, pair.more) {
        (Some(less), Some(more)) => more > less,
        (less, more) => less.is_some() && more.is_none(),
    });
    assert_none(&worse.map(|pair| pair.what.clone()).collect::<Vec<_>>());
    for name in AT_RANDOM {
        let own = || all.iter().filter(|pair| pair.mapper == name);
        let mapped = own().filter(|pair| pair.less.is_some()).count();
        let better = own().filter(|pair| pair.more < pair.less).count();
        assert!(
            mapped >= 20 && better >= 3,
            "{name}: {mapped} mapped, {better} improved"
        );
    }
}

#[test]
fn improvements_lead_to_the_result() {
    for (kind, case) in (0..8).flat_map(|s| [("case", case(s)), ("feature_case", feature_case(s))])
    {
        let budget = Budget {
            evaluations: 200,
            ..Budget::default()
        };
        for mapper in registry::ALL {
            let own = attempt(mapper, &case.nest, &case.hardware, &budget);
            let what = format!("{kind}({}), {}", case.seed, mapper.name());
            let steps = &own.improvements;
            assert!(
                steps.is_sorted_by(|a, b| a.cycles > b.cycles && a.seconds <= b.seconds),
                "{what}"
            );
            assert_eq!(steps.last().map(|s| s.cycles), own.cycles(), "{what}");
            let bounds = &own.bounds;
            assert!(bounds.is_sorted_by(|a, b| a.cycles < b.cycles), "{what}");
            assert_eq!(
                bounds.last().map(|b| b.cycles),
                own.bound_cycles.filter(|_| !bounds.is_empty()),
                "{what}"
            );
            for bound in bounds {
                assert!(
                    own.cycles().is_none_or(|cycles| bound.cycles <= cycles),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn fixed_dataflows_have_their_dataflow() {
    let flows = [
        ("weight-stationary", Dataflow::WeightStationary),
        ("output-stationary", Dataflow::OutputStationary),
        ("input-stationary", Dataflow::InputStationary),
        ("row-stationary", Dataflow::RowStationary),
    ];
    let mut mapped = 0;
    for seed in 1..41 {
        let case = case(seed);
        for (name, own) in attempts(&case, 0, |name| {
            name.ends_with("-stationary").then_some(200)
        }) {
            let flow = flows.iter().find(|f| f.0 == name);
            if let (Some((_, flow)), Some((mapping, _))) = (flow, &own.best) {
                let has =
                    deepmatrix::cost::dataflow::has(&case.nest, &case.hardware, mapping, *flow);
                assert!(has, "case({seed}), {name}");
                mapped += 1;
            }
        }
    }
    assert!(mapped > 80, "only {mapped} mappings");
}

/// None is a straw man: on problems this small each finds the optimum often.
#[test]
fn every_heuristic_finds_optima() {
    let mut found = std::collections::BTreeMap::new();
    let mut solved = 0;
    for seed in 3_000..3_036 {
        let case = case(seed);
        let exact = solve(&case.nest, &case.hardware, &SolveOptions::default());
        let Some(optimum) = exact.best.map(|b| b.1.cycles) else {
            continue;
        };
        solved += 1;
        for (name, own) in attempts(&case, 0, |_| Some(600)) {
            *found.entry(name).or_insert(0) += u32::from(own.cycles() == Some(optimum));
        }
    }
    println!("{solved} problems: {found:?}");
    for (name, times) in found {
        assert!(
            times * 10 >= solved,
            "{name} finds {times} of {solved} optima"
        );
    }
}
