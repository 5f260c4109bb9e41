//! Laws of the heuristics on random tiny problems: nothing beats an optimum, every mapping passes
//! the independent check, a seed says all, and a larger budget never makes a result worse.
//!
//! `COMPARE_CASES` says how many problems of each kind the first law looks at.

#[expect(dead_code, reason = "other test crates use the rest of the module")]
mod exhaustive;

use deepmatrix::check::check;
use deepmatrix::mapper::exact::{SolveOptions, solve};
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::Budget;
use deepmatrix::network::compare::attempt;
use deepmatrix::problem::comparison::{Attempt, Stop};
use deepmatrix::problem::result::Status;
use deepmatrix::problem::{Dataflow, Mapping};
use exhaustive::features::feature_case;
use exhaustive::generate::{Case, case, small_case, uneven_case};
use rayon::prelude::*;

/// Problems of each kind unless `COMPARE_CASES` says otherwise.
const CASES: u64 = 500;

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

fn attempts(case: &Case, evaluations: u64, seed: u64) -> Vec<(&'static str, Attempt)> {
    let budget = Budget {
        evaluations,
        seed,
        ..Budget::default()
    };
    // The integer programs of one heuristic take longer than all others: every eighth problem does.
    let own = |name: &str| name != "cosa" || case.seed.is_multiple_of(8);
    let heuristics = registry::ALL.into_iter().skip(1).filter(|m| own(m.name()));
    heuristics
        .map(|m| (m.name(), attempt(m, &case.nest, &case.hardware, &budget)))
        .collect()
}

/// The problems of some seeds, of four kinds.
fn cases(seeds: std::ops::Range<u64>) -> impl ParallelIterator<Item = (&'static str, Case)> {
    seeds.into_par_iter().flat_map_iter(|seed| {
        [
            ("case", case(seed)),
            ("small_case", small_case(seed)),
            ("uneven_case", uneven_case(seed)),
            ("feature_case", feature_case(seed)),
        ]
    })
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
    for (name, own) in attempts(case, 110, case.seed) {
        let Some((mapping, cost)) = &own.best else {
            if own.reason.is_none() {
                say(name, "no mapping and no reason".to_owned());
            }
            continue;
        };
        if let Err(error) = check(&case.nest, &case.hardware, mapping, cost) {
            say(name, error.to_string());
        }
        match exact.status {
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
    let count = given.map_or(CASES, |text| text.parse().expect("a number"));
    let failures: Vec<String> = cases(0..count)
        .flat_map_iter(|(kind, case)| beaten(kind, &case))
        .collect();
    assert_none(&failures);
}

#[test]
fn a_seed_says_everything() {
    let failures: Vec<String> = cases(1_000..1_016)
        .flat_map_iter(|(kind, case)| {
            let (first, second) = (attempts(&case, 300, 7), attempts(&case, 300, 7));
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
                let all = attempts(&case, 300, seed);
                let own = all.into_iter().find(|a| a.0 == name);
                own.map(|a| outcome(&a.1))
            };
            of(1) != of(2)
        })
    };
    let at_random = [
        "random",
        "random-wide",
        "annealing",
        "genetic",
        "genetic-wide",
        "gradient",
        "gradient-wide",
    ];
    for name in at_random {
        assert!(differ(name), "{name} does not depend on the seed");
    }
    for name in ["greedy", "loma", "cosa", "weight-stationary"] {
        assert!(!differ(name), "{name} depends on the seed");
    }
}

#[test]
fn ten_times_the_budget_is_never_worse() {
    let failures: Vec<String> = cases(2_000..2_024)
        .flat_map_iter(|(kind, case)| {
            let (less, more) = (attempts(&case, 60, 3), attempts(&case, 600, 3));
            let pairs: Vec<_> = less.into_iter().zip(more).collect();
            let cycles = |attempt: &Attempt| attempt.cycles().unwrap_or(u128::MAX);
            let worse = pairs
                .into_iter()
                .filter(|(a, b)| cycles(&b.1) > cycles(&a.1));
            worse
                .map(|(a, _)| format!("{kind}({}), {}", case.seed, a.0))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(&failures);
}

#[test]
fn improvements_lead_to_the_result() {
    for (kind, case) in (0..16).flat_map(|s| [("case", case(s)), ("feature_case", feature_case(s))])
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
        for (name, own) in attempts(&case, 200, 0) {
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
    for seed in 3_000..3_080 {
        let case = case(seed);
        let exact = solve(&case.nest, &case.hardware, &SolveOptions::default());
        let Some(optimum) = exact.best.map(|b| b.1.cycles) else {
            continue;
        };
        solved += 1;
        for (name, own) in attempts(&case, 1_000, 0) {
            if name == "cosa" {
                continue;
            }
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
