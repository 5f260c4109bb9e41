//! The residency program finds the best of all memory plans, and the check accepts its plans.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use deepmatrix::check;
use deepmatrix::cost;
use deepmatrix::engine::hand_over::{HighsStatus, Settings, solve_with};
use deepmatrix::engine::named::{Kind, Named};
use deepmatrix::exact::SolveOptions;
use deepmatrix::memory::residency::Residency;
use deepmatrix::memory::{self, Baseline, Cutting, Known, ModeOptions, PlanOptions};
use deepmatrix::network::training::{self, StepOptions};
use deepmatrix::problem::graph::Mode;
use deepmatrix::problem::packing::Block;
use deepmatrix::problem::plan::{Gap, Modes, Plan, PlanCost, TensorPlan, Transfer};
use deepmatrix::problem::schedule::Schedule;
use deepmatrix::problem::{Bytes, Level, Optimizer};
use deepmatrix::read::{self, NetworkOptions};
use deepmatrix::report;
use deepmatrix::report::memory_map::Planned;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::schedules::rules::faster_rules_with_addresses;
use crate::schedules::{Features, all_plans, random, streaming};

/// The best plan and its time by the program; `None` if it says that there is none.
fn solved(schedule: &Schedule) -> Option<(Plan, u128)> {
    let program = Residency::scaled(schedule, 1.0, &[]);
    let settings = Settings {
        presolve: true,
        ..Settings::default()
    };
    let outcome = solve_with(&program.model, &settings);
    if outcome.status == HighsStatus::Infeasible {
        return None;
    }
    assert_eq!(outcome.status, HighsStatus::Optimal);
    let plan = program.plan(&outcome.values.expect("a solution"));
    let cost = cost::plan::evaluate(schedule, &plan);
    assert_eq!(
        check::plan::check(schedule, &plan, &cost),
        Ok(()),
        "{schedule:#?}\n{plan:#?}"
    );
    let (total, objective) = (cost.total(), program.time_units(outcome.objective));
    #[expect(clippy::cast_precision_loss, reason = "few units")]
    let near = (objective - total as f64).abs() < 1e-5;
    assert!(near, "{objective} {total}");
    let violation = program.model.violation(&program.values(&plan));
    assert!(violation < 1e-7, "{violation}");
    Some((plan, total))
}

/// What is bounded without a solver is below the best of all plans, and often as much: what lies ahead of
/// its use or behind is in the memory.
#[test]
fn bounds_without_a_solver_hold_for_what_comes_early_and_goes_late() {
    let mut source = ChaCha8Rng::seed_from_u64(35);
    let (mut equal, mut apart) = (0, 0);
    for number in 0..1_500 {
        let schedule = streaming(&mut source);
        let Some(best) = all_plans::least(&schedule) else {
            continue;
        };
        let bound = memory::least_units(&schedule).0;
        assert!(bound <= best, "case {number}: {bound} {best} {schedule:#?}");
        equal += usize::from(bound == best);
        // Without anything ahead or behind it would take longer.
        let still = Schedule {
            ahead: 0,
            ..schedule
        };
        apart += usize::from(all_plans::least(&still).is_some_and(|still| still > best));
    }
    assert!(equal > 500 && apart > 200, "{equal} {apart}");
}

fn program_equals_exhaustive_search(seed: u64, cases: usize, features: Features) {
    let mut source = ChaCha8Rng::seed_from_u64(seed);
    let (mut found, mut none) = (0, 0);
    let mut used = [0; 5];
    for number in 0..cases {
        let schedule = random(&mut source, features);
        if schedule.validate().is_err() {
            continue;
        }
        let expected = all_plans::least(&schedule);
        let solution = solved(&schedule);
        if let Some((plan, _)) = &solution {
            let own = uses(&schedule, plan);
            used.iter_mut()
                .zip(own)
                .for_each(|(sum, one)| *sum += usize::from(one));
        }
        let best = solution.map(|s| s.1);
        assert_eq!(
            best, expected,
            "case {number} of {features:?}: {schedule:#?}"
        );
        let bound = memory::least_units(&schedule).0;
        assert!(
            best.is_none_or(|best| bound <= best),
            "case {number}: {bound} {best:?} {schedule:#?}"
        );
        *(if best.is_some() {
            &mut found
        } else {
            &mut none
        }) += 1;
    }
    assert!(found * 3 > cases, "{found} {none} of {cases}");
    let possible = [
        true,
        features.ahead > 0,
        features.ahead > 0,
        features.recompute,
        features.slices > 1,
    ];
    for (used, possible) in used.into_iter().zip(possible) {
        assert_eq!(used > 0, possible, "{features:?}: {used}");
    }
}

/// Whether a plan keeps tensors, fetches early, stores late, computes again, keeps parts.
fn uses(schedule: &Schedule, plan: &Plan) -> [bool; 5] {
    let gap =
        |wanted: &dyn Fn(&Gap) -> bool| plan.tensors.iter().any(|t| t.gaps.iter().any(wanted));
    let mut again = plan.modes.iter().zip(&schedule.operations);
    [
        gap(&|g| g.kept > 0),
        gap(&|g| !g.early.is_empty()),
        gap(&|g| !g.late.is_empty()),
        again.any(|(mode, operation)| operation.optional && mode.is_some()),
        gap(&|g| g.kept > 0 && g.kept < schedule.slices),
    ]
}

#[test]
fn whole_tensors() {
    let features = |ahead, recompute| Features {
        slices: 1,
        ahead,
        recompute,
        most: (8, 6),
    };
    program_equals_exhaustive_search(1, 60, features(0, false));
    program_equals_exhaustive_search(2, 60, features(2, false));
    program_equals_exhaustive_search(3, 60, features(0, true));
    program_equals_exhaustive_search(4, 60, features(2, true));
}

#[test]
fn slices() {
    let features = |ahead, recompute| Features {
        slices: 2,
        ahead,
        recompute,
        most: (6, 5),
    };
    program_equals_exhaustive_search(5, 40, features(0, false));
    program_equals_exhaustive_search(6, 40, features(1, false));
    program_equals_exhaustive_search(7, 40, features(0, true));
    program_equals_exhaustive_search(8, 40, features(1, true));
}

/// The same model without the rows whose names begin so.
fn without_rows(model: &Named, begin: &str) -> Named {
    let mut own = Named::new(model.objective());
    for v in model.variables() {
        let bounds = (v.lower, v.upper);
        match v.kind {
            Kind::Binary => own.binary(&v.name),
            Kind::Integer => own.integer(&v.name, bounds),
            Kind::Continuous => own.continuous(&v.name, bounds, v.cost),
        };
    }
    for row in model.rows().iter().filter(|r| !r.name.starts_with(begin)) {
        own.row(&row.name, row.factors.clone(), row.relation, row.right);
    }
    own
}

/// Every row of time is needed: without one kind of them the program promises plans that are faster
/// than all plans.
#[test]
fn without_a_ports_rows_the_program_promises_too_much() {
    let features = Features {
        slices: 2,
        ahead: 1,
        recompute: false,
        most: (5, 4),
    };
    for kind in ["RES4", "RES5", "RES12", "RES13", "RES14"] {
        let mut source = ChaCha8Rng::seed_from_u64(14);
        let mut too_low = 0;
        for _ in 0..40 {
            let schedule = random(&mut source, features);
            let Some((_, best)) = schedule.validate().ok().and_then(|()| solved(&schedule)) else {
                continue;
            };
            let program = Residency::scaled(&schedule, 1.0, &[]);
            let model = without_rows(&program.model, kind);
            let outcome = solve_with(&model, &Settings::default());
            #[expect(clippy::cast_precision_loss, reason = "few units")]
            let lower = program.time_units(outcome.objective) < best as f64 - 0.5;
            too_low += usize::from(lower);
        }
        assert!(too_low > 0, "{kind}");
    }
}

/// Changes one number of a plan or of its cost.
fn mutate(source: &mut ChaCha8Rng, schedule: &Schedule, plan: &mut Plan, cost: &mut PlanCost) {
    let tensor = source.random_range(0..plan.tensors.len());
    let own = &mut plan.tensors[tensor];
    let change = |source: &mut ChaCha8Rng, number: &mut u32| {
        *number = if *number > 0 && source.random() {
            *number - 1
        } else {
            *number + 1
        };
    };
    let operation = source.random_range(0..schedule.operations.len());
    match source.random_range(0..6) {
        0 if !own.events.is_empty() => {
            let event = source.random_range(0..own.events.len());
            change(source, &mut own.events[event].slices);
        }
        1 if !own.events.is_empty() => {
            let event = source.random_range(0..own.events.len());
            change(source, &mut own.events[event].stored);
        }
        2 => {
            let gap = source.random_range(0..own.gaps.len());
            change(source, &mut own.gaps[gap].kept);
        }
        3 => {
            let gap = source.random_range(0..own.gaps.len());
            let slices = 1;
            own.gaps[gap].early.push(Transfer { operation, slices });
        }
        4 => {
            let gap = source.random_range(0..own.gaps.len());
            let slices = 1;
            own.gaps[gap].late.push(Transfer { operation, slices });
        }
        _ => cost.units[operation] += 1,
    }
}

/// A mutated plan is refused, unless it is a plan that the program allows too and that costs
/// exactly what it says: no shorter than the best.
#[test]
fn mutated_plans_are_noticed() {
    let features = Features {
        slices: 2,
        ahead: 1,
        recompute: true,
        most: (6, 5),
    };
    let mut source = ChaCha8Rng::seed_from_u64(9);
    let (mut refused, mut accepted) = (0, 0);
    for _ in 0..60 {
        let schedule = random(&mut source, features);
        let Some((best, time)) = schedule.validate().ok().and_then(|()| solved(&schedule)) else {
            continue;
        };
        for _ in 0..20 {
            let mut plan = best.clone();
            let mut cost = cost::plan::evaluate(&schedule, &plan);
            mutate(&mut source, &schedule, &mut plan, &mut cost);
            if check::plan::check(&schedule, &plan, &cost).is_err() {
                refused += 1;
                continue;
            }
            // Cost and plan agree, so that the mutation moved nothing.
            assert_eq!(cost.total(), time);
            assert_eq!(cost::plan::evaluate(&schedule, &plan), cost);
            accepted += 1;
        }
    }
    assert!(
        refused > 400 && refused > 5 * accepted,
        "{refused} {accepted}"
    );
}

/// The program allows no plan that the check refuses: best plans with some numbers changed that keep
/// to all rows are plans.
#[test]
fn what_keeps_to_all_rows_is_a_plan() {
    let mut source = ChaCha8Rng::seed_from_u64(13);
    let (mut allowed, mut refused) = (0, 0);
    for number in 0..400 {
        let features = Features {
            slices: 1 + number % 2,
            ahead: 2,
            recompute: true,
            most: (8, 5),
        };
        let schedule = random(&mut source, features);
        let Some((best, _)) = schedule.validate().ok().and_then(|()| solved(&schedule)) else {
            continue;
        };
        let program = Residency::scaled(&schedule, 1.0, &[]);
        for _ in 0..200 {
            let mut plan = best.clone();
            for _ in 0..source.random_range(1..4) {
                change(&mut source, &schedule, &mut plan);
            }
            let values = program.values(&plan);
            // Some numbers have no variable, as nothing can be gained by them.
            if program.plan(&values) != plan {
                continue;
            }
            let cost = cost::plan::evaluate(&schedule, &plan);
            let accepted = check::plan::check(&schedule, &plan, &cost);
            let kept_to = program.model.violation(&values) < 1e-7;
            if kept_to {
                assert_eq!(accepted, Ok(()), "{schedule:#?}\n{plan:#?}");
            }
            *(if kept_to { &mut allowed } else { &mut refused }) += 1;
        }
    }
    assert!(allowed > 1000 && refused > 1000, "{allowed} {refused}");
}

/// Changes what one operation does or one number of slices.
fn change(source: &mut ChaCha8Rng, schedule: &Schedule, plan: &mut Plan) {
    let slices = source.random_range(0..=schedule.slices);
    let operation = source.random_range(0..schedule.operations.len());
    let own = &schedule.operations[operation];
    if source.random_bool(0.3) {
        let mode = source.random_range(0..own.modes.len());
        plan.modes[operation] = (!own.optional || source.random()).then_some(mode);
        return;
    }
    let index = source.random_range(0..schedule.tensors.len());
    let (events, tensor) = (&schedule.events()[index], &mut plan.tensors[index]);
    let gap = source.random_range(0..tensor.gaps.len());
    let away = source.random_range(1..=schedule.ahead);
    let after = events
        .get(gap)
        .map_or(schedule.operations.len(), |e| e.operation);
    match source.random_range(0..5) {
        0 => tensor.gaps[gap].kept = slices,
        1 if slices > 0 && after >= away => {
            let operation = after - away;
            tensor.gaps[gap].early = vec![Transfer { operation, slices }];
        }
        2 if slices > 0 && gap > 0 => {
            let operation = (events[gap - 1].operation + away).min(schedule.operations.len() - 1);
            tensor.gaps[gap].late = vec![Transfer { operation, slices }];
        }
        3 if gap > 0 => tensor.events[gap - 1].stored = slices,
        _ if gap > 0 => tensor.events[gap - 1].slices = slices,
        _ => {}
    }
}

/// Every baseline is a plan, none is better than the program's, which has addresses and a bound.
#[test]
fn plans_are_no_worse_than_baselines_and_have_addresses() {
    let mut source = ChaCha8Rng::seed_from_u64(10);
    let mut better = 0;
    for number in 0..150 {
        let features = Features {
            slices: 1 + number % 2,
            ahead: 1,
            recompute: number % 3 == 0,
            most: (6, 5),
        };
        let schedule = random(&mut source, features);
        let Ok(planned) = memory::plan(&schedule, Modes::default(), &PlanOptions::default()) else {
            continue;
        };
        let check = |plan: &Plan, cost: &PlanCost| check::plan::check(&schedule, plan, cost);
        assert_eq!(check(&planned.plan, &planned.cost), Ok(()));
        let packed = check::packing::check(&planned.blocks.packing, &planned.offsets);
        assert_eq!(packed, Ok(()), "{schedule:#?}");
        for baseline in Baseline::ALL {
            let Some(plan) = baseline.plan(&schedule) else {
                continue;
            };
            let cost = cost::plan::evaluate(&schedule, &plan);
            assert_eq!(
                check(&plan, &cost),
                Ok(()),
                "{baseline:?} {schedule:#?}\n{plan:#?}"
            );
            assert!(
                planned.bound_units_among_modes() <= cost.total(),
                "{baseline:?}"
            );
            let stated = planned.baselines.iter().find(|b| b.0 == baseline.name());
            assert_eq!(stated.and_then(|b| b.1), Some(cost.total()));
        }
        if planned.addresses.given_up_bytes == 0 && planned.addresses.cuts == 0 {
            assert!(planned.cost.total() <= planned.start_units);
            assert!(
                planned.gap_among_modes() <= 1.1e-4,
                "{}",
                planned.gap_among_modes()
            );
        }
        better += usize::from(planned.cost.total() < planned.start_units);
    }
    assert!(better > 40, "{better}");
}

/// The blocks of a plan are what the plan holds at every moment.
#[test]
fn blocks_are_all_that_a_plan_holds() {
    let mut source = ChaCha8Rng::seed_from_u64(11);
    let features = Features {
        slices: 2,
        ahead: 2,
        recompute: true,
        most: (6, 5),
    };
    for _ in 0..60 {
        let schedule = random(&mut source, features);
        let Some((plan, _)) = schedule.validate().ok().and_then(|()| solved(&schedule)) else {
            continue;
        };
        for merged in [true, false] {
            let blocks = memory::blocks(&schedule, &plan, merged);
            assert_eq!(blocks.packing.alignment, schedule.alignment);
            assert_eq!(blocks.packing.capacity, schedule.capacity);
            for now in 0..schedule.operations.len() {
                let alive = |b: &&Block| b.lower <= now as u64 && (now as u64) < b.upper;
                let bytes: u64 = blocks
                    .packing
                    .blocks
                    .iter()
                    .filter(alive)
                    .map(|b| b.size)
                    .sum();
                assert_eq!(bytes, held_bytes(&schedule, &plan, now), "{plan:#?}");
            }
        }
    }
}

/// The bytes in the memory while an operation runs.
fn held_bytes(schedule: &Schedule, plan: &Plan, now: usize) -> u64 {
    let buffers = plan.modes[now].map_or(0, |m| schedule.operations[now].modes[m].buffer_bytes);
    let of = |(tensor, own): (usize, &TensorPlan)| {
        let events = schedule.events()[tensor].clone();
        let next = events.partition_point(|e| e.operation < now);
        let here = events.get(next).is_some_and(|e| e.operation == now);
        let slices = if here {
            own.events[next].slices
        } else {
            own.gaps[next].slices_at(now)
        };
        u64::from(slices) * schedule.slice_bytes(tensor)
    };
    buffers + plan.tensors.iter().enumerate().map(of).sum::<u64>()
}

/// Where the best plan has no addresses, another one has, no better than the bound.
#[test]
fn plans_without_addresses_are_cut_off() {
    let mut source = ChaCha8Rng::seed_from_u64(12);
    let mut cut = 0;
    let options = PlanOptions {
        break_ties: false,
        ..PlanOptions::default()
    };
    for _ in 0..250 {
        let features = Features {
            slices: 1,
            ahead: 0,
            recompute: false,
            most: (32, 16),
        };
        let schedule = random(&mut source, features);
        let Ok(planned) = memory::plan(&schedule, Modes::default(), &options) else {
            continue;
        };
        let (plan, cost) = (&planned.plan, &planned.cost);
        assert_eq!(check::plan::check(&schedule, plan, cost), Ok(()));
        let packed = check::packing::check(&planned.blocks.packing, &planned.offsets);
        assert_eq!(packed, Ok(()));
        assert!(planned.bound_units_among_modes() <= planned.cost.total());
        assert_eq!(faster_rules_with_addresses(&schedule, &planned), [""; 0]);
        cut += usize::from(planned.addresses.cuts > 0 || planned.addresses.given_up_bytes > 0);
    }
    assert!(cut > 0, "every plan has addresses: nothing was tested");
}

/// Where there is no time left the best rule that has addresses is the plan, and that the search for
/// them was cut short is said.
#[test]
fn without_time_a_plan_is_no_slower_than_a_rule_with_addresses() {
    let mut source = ChaCha8Rng::seed_from_u64(13);
    let (mut short, mut without) = (0, 0);
    for number in 0..120 {
        let interrupted = number % 2 == 0;
        let options = PlanOptions {
            time_limit: (!interrupted).then_some(Duration::ZERO),
            interrupt: Arc::new(AtomicBool::new(interrupted)),
            ..PlanOptions::default()
        };
        let features = Features {
            slices: 1,
            ahead: 0,
            recompute: false,
            most: (32, 16),
        };
        let schedule = random(&mut source, features);
        let Ok(planned) = memory::plan(&schedule, Modes::default(), &options) else {
            continue;
        };
        let packed = check::packing::check(&planned.blocks.packing, &planned.offsets);
        assert_eq!(packed, Ok(()));
        assert_eq!(faster_rules_with_addresses(&schedule, &planned), [""; 0]);
        assert!(planned.addresses.cut_short || planned.cost.total() == planned.start_units);
        short += usize::from(planned.addresses.cut_short);
        without += usize::from(!planned.addresses.rules_without.is_empty());
    }
    println!("{short} cut short, {without} with rules without addresses");
    assert!(short > 0, "every search ended: nothing was tested");
}

/// The steps of a small network have plans that the checks accept, and a picture.
#[test]
fn steps_have_plans() {
    let network = Path::new("inputs/tiny/tiny.yaml");
    let network = read::network(network, &NetworkOptions::default()).expect("a network");
    let mut hardware = read::hardware(Path::new("inputs/tiny/tiny-hw.yaml")).expect("hardware");
    if let Level::Memory(memory) = &mut hardware.levels[1] {
        memory.alignment = Bytes(1);
    }
    let modes = ModeOptions {
        given: None,
        together: None,
        solve: SolveOptions::default(),
        per_operation: 3,
        switches: deepmatrix::memory::Switches::ALL,
        jobs: 1,
        known: Known::default(),
        fixed: BTreeMap::new(),
    };
    let cutting = Cutting::default();
    for mode in [Mode::Inference, Mode::Training] {
        let options = StepOptions {
            mode,
            optimizer: Optimizer::default(),
            fuse: true,
        };
        let graph = training::step(&network, options).expect("a step");
        let step = memory::schedule(&graph, &hardware, cutting, &modes).expect("a schedule");
        let schedule = step.schedule;
        let planned =
            memory::plan(&schedule, Modes::default(), &PlanOptions::default()).expect("a plan");
        assert_eq!(
            check::plan::check(&schedule, &planned.plan, &planned.cost),
            Ok(())
        );
        let packed = check::packing::check(&planned.blocks.packing, &planned.offsets);
        assert_eq!(packed, Ok(()));
        assert!(planned.cost.total() <= planned.start_units);
        let picture = report::memory_map::svg(Planned {
            plan: &planned,
            hardware: &hardware,
            rows: &[],
            title: "tiny",
        });
        let rectangles = picture.matches("<rect").count();
        assert!(rectangles > planned.offsets.len(), "{rectangles}");
    }
}
