//! Lower bounds that hold for every mapping: none of all mappings of a tiny problem has fewer
//! compute cycles, and none keeps a memory's ports busy for less than that memory's bounds.

#[expect(dead_code, reason = "another test uses the rest")]
mod mappings;

use deepmatrix::cost::bound::lower_bounds;
use deepmatrix::problem::result::{Cost, LowerBounds};
use deepmatrix::problem::{Level, Ports, Role};
use rayon::prelude::*;

use mappings::Mappings;
use mappings::generate::{self, Case};

/// Mappings beyond this number are too many for a case.
const MOST_MAPPINGS: u128 = 60_000;

/// What a mapping is below, if anything.
fn below(bounds: &LowerBounds, cost: &Cost) -> Option<String> {
    let more = |what: &str, bound: u128, found: u128| {
        (bound > found).then(|| format!("{what} bound {bound} above {found}"))
    };
    let memories = bounds.memories.iter().zip(&cost.memories);
    more("compute", bounds.compute, cost.compute_cycles)
        .or_else(|| more("best", bounds.best(), cost.cycles))
        .or_else(|| {
            memories
                .flat_map(|(bound, own)| {
                    assert_eq!(bound.level, own.level);
                    [
                        more("compulsory", bound.compulsory, own.busy_cycles),
                        more("Loomis-Whitney", bound.loomis_whitney, own.busy_cycles),
                    ]
                })
                .flatten()
                .next()
        })
}

/// What a set of cases exercises.
#[derive(Clone, Copy, Debug, Default)]
struct Exercised {
    mappings: u64,
    loomis_whitney: u64,
    inner_compulsory: u64,
    bypass: u64,
    separate: u64,
    two_arrays: u64,
    met: u64,
}

impl Exercised {
    fn plus(self, other: Self) -> Self {
        Self {
            mappings: self.mappings + other.mappings,
            loomis_whitney: self.loomis_whitney + other.loomis_whitney,
            inner_compulsory: self.inner_compulsory + other.inner_compulsory,
            bypass: self.bypass + other.bypass,
            separate: self.separate + other.separate,
            two_arrays: self.two_arrays + other.two_arrays,
            met: self.met + other.met,
        }
    }
}

fn hold(case: &Case) -> Result<Exercised, String> {
    let bounds = lower_bounds(&case.nest, &case.hardware);
    let mappings = Mappings {
        nest: &case.nest,
        hardware: &case.hardware,
    };
    let (mut count, mut best, mut wrong) = (0, u128::MAX, None);
    mappings.for_each(&mut |mapping, cost| {
        count += 1;
        best = best.min(cost.cycles);
        if wrong.is_none() {
            wrong = below(&bounds, cost).map(|what| format!("{what}: {mapping:?}"));
        }
    });
    if let Some(what) = wrong {
        let (seed, nest, hardware) = (case.seed, &case.nest, &case.hardware);
        return Err(format!("seed {seed}: {what}\n{nest:?}\n{hardware:?}"));
    }
    let memories = || case.hardware.memories().map(|(_, m)| m);
    let separate =
        |l: &Level| matches!(l, Level::Memory(m) if matches!(m.ports, Ports::Separate { .. }));
    let is = |yes: bool| u64::from(yes);
    Ok(Exercised {
        mappings: count,
        loomis_whitney: is(bounds.loomis_whitney() > 0),
        inner_compulsory: is(bounds.memories.iter().skip(1).any(|m| m.compulsory > 0)),
        bypass: is(memories().any(|m| Role::ALL.iter().any(|&r| m.may_bypass(r)))),
        separate: is(case.hardware.levels.iter().any(separate)),
        two_arrays: is(case.hardware.arrays().count() > 1),
        met: is(best == bounds.best()),
    })
}

fn of_all(seeds: std::ops::Range<u64>) -> Exercised {
    let results: Vec<Result<Exercised, String>> = seeds
        .into_par_iter()
        .map(|seed| hold(&generate::case(seed, MOST_MAPPINGS)))
        .collect();
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let failures: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
    assert!(
        failures.is_empty(),
        "{}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    let all = good.into_iter().filter_map(Result::ok);
    all.fold(Exercised::default(), Exercised::plus)
}

#[test]
fn no_mapping_is_below_a_bound() {
    let all = of_all(20_000..20_800);
    println!("{all:?}");
    assert!(
        all.loomis_whitney >= 20 && all.inner_compulsory >= 100,
        "{all:?}"
    );
    assert!(
        all.bypass >= 100 && all.separate >= 50 && all.two_arrays >= 25,
        "{all:?}"
    );
}
