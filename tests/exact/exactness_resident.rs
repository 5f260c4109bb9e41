//! Operands that lie in the shared memory: the solver's cycles, ties, energy and energy-delay
//! product are those of an exhaustive search over nests in which they are never fetched and take
//! no room, for each set of operands.

use crate::cases::{enough, share};
use crate::exhaustive::Case;
use crate::exhaustive::TileChoice;
use crate::exhaustive::general::{Best, Objective, optimum_of, size};
use crate::exhaustive::resident::{resident_case, subsets};
use crate::literal::{self, Kind, random_case};
use deepmatrix::check::check;
use deepmatrix::cost::bound::lower_bounds;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::RoleSet;
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::{Solution, Status, Tie};
use deepmatrix::tiling::limits::WholeChains;
use rayon::prelude::*;

/// Cuts beyond which a case takes too long.
const MOST_CUTS: u128 = 60_000;

fn measure(objective: Objective) -> Measure {
    match objective {
        Objective::Cycles => Measure::Cycles,
        Objective::Energy => Measure::Energy,
        Objective::EnergyDelay => Measure::EnergyDelay,
    }
}

/// Solves a case over whole chains, two parts of each, or boxes of them, in turn.
fn solution(case: &Case, objective: Objective) -> Solution {
    let whole = WholeChains {
        longest: if case.seed.is_multiple_of(4) { 40 } else { 1 },
        most: 0,
        boxes: case.seed % 4 > 1,
    };
    let options = SolveOptions {
        objective: measure(objective),
        tie_break: TieBreak::All,
        whole: [whole; 2],
        ..SolveOptions::default()
    };
    solve(&case.nest, &case.hardware, &options)
}

/// The solver's figures; `None` where it proves that nothing fits.
fn solved(case: &Case, objective: Objective) -> Result<Option<Best>, String> {
    let solution = solution(case, objective);
    let proved = solution.tie.as_ref().is_some_and(Tie::is_proved);
    match (solution.status(), &solution.best) {
        (Status::Infeasible, None) => Ok(None),
        (Status::Optimal, Some((mapping, cost))) if proved => {
            check(&case.nest, &case.hardware, mapping, cost).map_err(|e| e.to_string())?;
            let bound = lower_bounds(&case.nest, &case.hardware).best();
            if bound > cost.cycles {
                return Err(format!("bound {bound} above {}", cost.cycles));
            }
            Ok(Some(Best {
                cycles: cost.cycles,
                outer_bits: cost.outermost_bits(),
                energy_pj: cost.energy_pj.unwrap_or(0.0),
            }))
        }
        (status, _) => Err(format!("{status:?}, tie {:?}", solution.tie)),
    }
}

/// What an objective and its ties decide.
fn decided(best: Best, objective: Objective) -> [f64; 3] {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the figures of tiny problems are exact in a double"
    )]
    let (cycles, bits) = (best.cycles as f64, best.outer_bits as f64);
    match objective {
        Objective::Cycles => [cycles, bits, best.energy_pj],
        Objective::Energy => [best.energy_pj, 0.0, 0.0],
        Objective::EnergyDelay => [best.energy_pj * cycles, 0.0, 0.0],
    }
}

/// Compares the solver with the exhaustive search; an error says how to repeat it.
fn compare(case: &Case, objective: Objective) -> Result<(), String> {
    let expected = optimum_of(case, TileChoice::All, objective);
    let found = solved(case, objective);
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
    let same = match (&found, expected) {
        (Ok(None), None) => true,
        (Ok(Some(a)), Some(b)) => (decided(*a, objective).into_iter())
            .zip(decided(b, objective))
            .all(|(a, b)| close(a, b)),
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(format!(
        "seed {} {objective:?}: solver {found:?}, exhaustive {expected:?}\n{:?}\n{:?}",
        case.seed, case.nest, case.hardware
    ))
}

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
