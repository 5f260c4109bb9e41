//! Laws of the local search on mappings, on random tiny problems: a seed says all, what it takes is a
//! mapping of the space, also of a restricted one, and mostly it finds the best one.

use deepmatrix::check::{check, restrict};
use deepmatrix::cost::{dataflow, evaluate};
use deepmatrix::exact::local::{
    Common, Effort, Ground, Judge, Verdict, neighbour, search, weighed,
};
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::mapper::registry;
use deepmatrix::mapper::trial::Budget;
use deepmatrix::network::compare::attempt;
use deepmatrix::problem::result::Cost;
use deepmatrix::problem::{Dataflow, Dim, Fixed, Hardware, LoopNest, Mapping};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::cases::{enough, share};
use crate::exhaustive::features::{feature_case, scratchpad_case};
use crate::exhaustive::generate::{Case, case, deep_case, dilated_case, small_case, uneven_case};
use crate::exhaustive::{TileChoice, optimum};
use crate::mappings::Mappings;
use crate::mappings::generate;
use crate::restricted::random_parts;

/// Takes all mappings that can be evaluated and keep to the restrictions.
struct Taking<'a> {
    nest: &'a LoopNest,
    hardware: &'a Hardware,
    fixed: &'a [Fixed],
    taken: Vec<(Mapping, u128)>,
}

impl Judge for Taking<'_> {
    fn judge(&mut self, mapping: &Mapping) -> Verdict {
        let cost = match evaluate(self.nest, self.hardware, mapping) {
            Ok(cost) => cost,
            Err(error) => return Verdict::of(&error, self.hardware),
        };
        if !dataflow::allows(self.nest, self.hardware, self.fixed, mapping) {
            return Verdict::Useless;
        }
        self.taken.push((mapping.clone(), cost.cycles));
        let cycles = u32::try_from(cost.cycles).expect("few cycles");
        Verdict::Score(weighed(f64::from(cycles), cost.compute_cycles))
    }

    fn is_over(&mut self) -> bool {
        false
    }
}

/// The exact mapper without local search.
fn solved(case: &Case, divides: bool, node_limit: Option<u64>) -> Option<(Mapping, Cost)> {
    let mut options = SolveOptions {
        divisors_only: divides,
        node_limit,
        ..SolveOptions::default()
    };
    options.switches.mapper.local_search = false;
    solve(&case.nest, &case.hardware, &options).best
}

/// Some mapping of a problem: what the exact mapper has before its tree.
fn first(case: &Case, divides: bool) -> Option<Mapping> {
    Some(solved(case, divides, Some(0))?.0)
}

/// The fewest cycles: by exhaustive search, or where that does not know such hardware by a proof.
fn least(kind: Kind, case: &Case, tiles: TileChoice) -> Option<u128> {
    match kind {
        Kind::Searched => optimum(case, tiles),
        Kind::Proved => Some(solved(case, tiles == TileChoice::Divisors, None)?.1.cycles),
    }
}

/// How the optimum of a case is known.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Searched,
    Proved,
}

/// What a search takes from a first mapping.
fn taken(
    case: &Case,
    (divides, fixed): (bool, &[Fixed]),
    first: &Mapping,
    effort: Effort,
) -> Vec<(Mapping, u128)> {
    let mut judge = Taking {
        nest: &case.nest,
        hardware: &case.hardware,
        fixed,
        taken: Vec::new(),
    };
    let ground = Ground::new(&case.nest, &case.hardware, fixed, divides);
    search(&ground, first, &mut judge, effort);
    judge.taken
}

/// Cases of all kinds.
fn cases(seeds: std::ops::Range<u64>) -> impl ParallelIterator<Item = (Kind, Case)> {
    share(seeds).into_par_iter().flat_map_iter(|seed| {
        [
            (Kind::Searched, case(seed)),
            (Kind::Searched, uneven_case(seed)),
            (Kind::Searched, small_case(seed)),
            (Kind::Searched, deep_case(seed)),
            (Kind::Searched, dilated_case(seed)),
            (Kind::Proved, feature_case(seed)),
            (Kind::Proved, scratchpad_case(seed)),
        ]
    })
}

#[test]
fn a_seed_says_all() {
    let differing: usize = cases(0..60)
        .filter_map(|(_, case)| Some((first(&case, false)?, case)))
        .map(|(first, case)| {
            let of = |seed| {
                let effort = Effort { seed, steps: 600 };
                taken(&case, (false, &[]), &first, effort)
            };
            assert_eq!(of(1), of(1), "seed {}", case.seed);
            usize::from(of(1) != of(2))
        })
        .sum();
    assert!(
        enough(u64::try_from(differing).expect("few"), 250),
        "only {differing}"
    );
}

/// Whether tiles and spatial factors divide what is around them, in every dimension.
fn divides(case: &Case, mapping: &Mapping) -> bool {
    let mut nodes: Vec<usize> = (0..mapping.order.len()).collect();
    nodes.sort_by_key(|&i| mapping.order[i].level);
    Dim::ALL.into_iter().all(|d| {
        let step = mapping.spread_above(usize::MAX, d);
        let mut outer = case.nest.extents[d];
        let relevant = nodes
            .iter()
            .filter(|&&i| case.nest.is_relevant(mapping.order[i].role, d));
        outer.is_multiple_of(step)
            && relevant.into_iter().all(|&i| {
                let spread = mapping.spread_above(mapping.order[i].level, d);
                let own = mapping.extents[i][d] * spread;
                let fits = outer.is_multiple_of(own) && own.is_multiple_of(step);
                outer = own;
                fits
            })
    })
}

/// Checks all that a search of a case takes; how many these are.
fn all_are_of_the_space(kind: Kind, case: &Case, tiles: TileChoice) -> u64 {
    let only_divisors = tiles == TileChoice::Divisors;
    let Some(first) = first(case, only_divisors) else {
        return 0;
    };
    let effort = Effort {
        seed: case.seed,
        steps: 2_000,
    };
    let mut taken = taken(case, (only_divisors, &[]), &first, effort);
    taken.sort();
    taken.dedup();
    let best = least(kind, case, tiles);
    for (mapping, cycles) in &taken {
        let cost = evaluate(&case.nest, &case.hardware, mapping).expect("a mapping");
        check(&case.nest, &case.hardware, mapping, &cost)
            .unwrap_or_else(|e| panic!("seed {}: {e}\n{mapping:?}", case.seed));
        assert!(
            best.is_some_and(|best| best <= *cycles),
            "seed {}",
            case.seed
        );
        assert!(
            !only_divisors || divides(case, mapping),
            "seed {}\n{:?}\n{mapping:?}",
            case.seed,
            case.nest.extents
        );
        let own_cut = |i: usize, d: Dim| {
            !case.nest.is_relevant(mapping.order[i].role, d) && mapping.extents[i][d] > 1
        };
        let cut = (0..mapping.order.len()).any(|i| Dim::ALL.iter().any(|&d| own_cut(i, d)));
        assert!(!cut, "seed {}: {mapping:?}", case.seed);
    }
    u64::try_from(taken.len()).expect("few")
}

#[test]
fn what_is_taken_is_of_the_space() {
    for tiles in [TileChoice::All, TileChoice::Divisors] {
        let number: u64 = cases(100..160)
            .map(|(kind, case)| all_are_of_the_space(kind, &case, tiles))
            .sum();
        assert!(enough(number, 20_000), "{tiles:?}: only {number}");
    }
}

/// What is taken under a restriction, and how many of all neighbours of a mapping keep to it.
fn restricted(case: &generate::Case) -> [u64; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(case.seed);
    let mut all: Vec<Mapping> = Vec::new();
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    mappings.for_each(&mut |mapping, _| all.push(mapping.clone()));
    if all.is_empty() {
        return [0; 3];
    }
    let of = all[rng.random_range(0..all.len())].clone();
    let fixed = random_parts(case, &of, 0.15, &mut rng);
    let mut numbers = [0; 3];
    let flows: [&[Dataflow]; 3] = [
        &[],
        &[Dataflow::WeightStationary],
        &[Dataflow::OutputStationary, Dataflow::RowStationary],
    ];
    for flows in flows {
        let mut own = Case {
            seed: case.seed,
            nest: case.nest.clone(),
            hardware: case.hardware.clone(),
        };
        own.hardware.dataflow = flows.to_vec();
        let keeps = |m: &Mapping| dataflow::allows(&own.nest, &own.hardware, &fixed, m);
        let Some(first) = all.iter().find(|m| keeps(m)) else {
            continue;
        };
        let effort = Effort {
            seed: case.seed,
            steps: 800,
        };
        let entries: Vec<&Fixed> = fixed.iter().collect();
        for (mapping, _) in taken(&own, (false, &fixed), first, effort) {
            restrict::check(&own.nest, &own.hardware, &entries, &mapping)
                .unwrap_or_else(|e| panic!("seed {}: {e:?}\n{mapping:?}", case.seed));
            numbers[0] += 1;
        }
        if flows.is_empty() {
            let ground = Ground::new(&own.nest, &own.hardware, &fixed, false);
            for _ in 0..50 {
                let next = neighbour(&ground, &mut rng, first, Common::Nothing);
                if evaluate(&own.nest, &own.hardware, &next).is_ok() {
                    numbers[1 + usize::from(!keeps(&next))] += 1;
                }
            }
        }
    }
    numbers
}

#[test]
fn restrictions_are_kept_and_most_moves_keep_to_them() {
    let all: Vec<[u64; 3]> = share(300..500)
        .into_par_iter()
        .map(|seed| restricted(&generate::case(seed, 20_000)))
        .collect();
    let [taken, kept, lost] = [0, 1, 2].map(|i| all.iter().map(|n| n[i]).sum::<u64>());
    assert!(enough(taken, 10_000), "only {taken}");
    assert!(kept > lost, "{kept} of {}", kept + lost);
}

#[test]
fn most_optima_are_found() {
    let mapper = registry::find("local-search").expect("a mapper");
    let found: Vec<bool> = cases(500..560)
        .filter_map(|(kind, case)| {
            let best = least(kind, &case, TileChoice::All)?;
            let budget = Budget {
                evaluations: 20_000,
                ..Budget::default()
            };
            let own = attempt(mapper, &case.nest, &case.hardware, &budget);
            let cycles = own.cycles()?;
            assert!(cycles >= best, "seed {}: {cycles} < {best}", case.seed);
            Some(cycles == best)
        })
        .collect();
    let number = found.iter().filter(|&&own| own).count();
    assert!(
        enough(u64::try_from(found.len()).expect("few"), 200),
        "only {}",
        found.len()
    );
    assert!(
        100 * number >= 95 * found.len(),
        "{number} of {}",
        found.len()
    );
}
