//! Operands that lie in the shared memory: the solver's cycles, ties, energy and energy-delay
//! product are those of an exhaustive search over nests in which they are never fetched and take
//! no room, for each set of operands.

use crate::cases::{enough, share};
use crate::exhaustive::Case;
use crate::exhaustive::general::{Objective, size};
use crate::exhaustive::resident::{resident_case, subsets};
use crate::literal::{self, Kind, random_case};
use crate::optimum::compare;
use deepmatrix::exact::{SolveOptions, solve};
use deepmatrix::problem::RoleSet;
use deepmatrix::problem::result::Status;
use rayon::prelude::*;

/// Cuts beyond which a case takes too long.
const MOST_CUTS: u128 = 60_000;

/// Compares the cases of some seeds that are not too large, each with every set of operands; how
/// many these are.
fn compare_all(seeds: std::ops::Range<u64>, objective: Objective) -> usize {
    let cases: Vec<Case> = seeds
        .filter(|&seed| size(&resident_case(seed, RoleSet::NONE)) <= MOST_CUTS)
        .flat_map(|seed| subsets().map(move |own| resident_case(seed, own)))
        .collect();
    let wrong: Vec<String> = cases
        .par_iter()
        .filter_map(|case| compare(case, objective).err())
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    cases.len() / subsets().count()
}

#[test]
fn cycles_and_ties_equal_exhaustive_search() {
    let compared = compare_all(share(0..560), Objective::Cycles);
    assert!(enough(compared, 300), "{compared}");
}

#[test]
fn energy_equals_exhaustive_search() {
    let compared = compare_all(share(1_000..1_150), Objective::Energy);
    assert!(enough(compared, 80), "{compared}");
}

#[test]
fn energy_delay_products_equal_exhaustive_search() {
    let compared = compare_all(share(2_000..2_090), Objective::EnergyDelay);
    assert!(enough(compared, 40), "{compared}");
}

/// The replay of printed nests searches those of dilated, strided and padded windows.
#[test]
fn cycles_equal_those_of_a_literal_search() {
    let kinds = [
        (Kind::Rows, 420),
        (Kind::RowsAndColumns, 140),
        (Kind::Registers, 140),
    ];
    let all = kinds.map(|(kind, seeds)| share(0..seeds).map(move |seed| (kind, seed)));
    let cases: Vec<(Kind, u64)> = all.into_iter().flatten().collect();
    let wrong: Vec<String> = cases
        .into_par_iter()
        .filter_map(|(kind, seed)| {
            let literal::Case {
                operation,
                hardware,
            } = random_case(kind, seed);
            let own = subsets().nth((seed % 7) as usize).unwrap_or_default();
            let nest = operation.with_resident(own);
            let expected = literal::search(&nest, &hardware).map(|best| best.cycles);
            let solution = solve(&nest, &hardware, &SolveOptions::default());
            let proved = [Status::Optimal, Status::Infeasible].contains(&solution.status());
            let found = solution.best.map(|(_, cost)| cost.cycles);
            let same = proved && found == expected;
            (!same).then(|| format!("{kind:?} {seed}: {found:?}, literally {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
