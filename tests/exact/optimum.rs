//! The solver's cycles, ties, energy and energy-delay product against those of an exhaustive search.

use crate::exhaustive::general::{Best, Objective, optimum_of};
use crate::exhaustive::{Case, TileChoice};
use deepmatrix::check::check;
use deepmatrix::cost::bound::lower_bounds;
use deepmatrix::exact::{SolveOptions, TieBreak, solve};
use deepmatrix::problem::goal::Measure;
use deepmatrix::problem::result::{Status, Tie};
use deepmatrix::tiling::limits::WholeChains;

fn measure(objective: Objective) -> Measure {
    match objective {
        Objective::Cycles => Measure::Cycles,
        Objective::Energy => Measure::Energy,
        Objective::EnergyDelay => Measure::EnergyDelay,
    }
}

/// Whole chains, two parts of each, or boxes of them, in turn.
fn columns_of(seed: u64) -> WholeChains {
    WholeChains {
        longest: if seed.is_multiple_of(4) { 40 } else { 1 },
        most: 0,
        boxes: seed % 4 > 1,
    }
}

/// The solver's figures; `None` where it proves that nothing fits.
pub fn solved(case: &Case, objective: Objective) -> Result<Option<Best>, String> {
    let options = SolveOptions {
        objective: measure(objective),
        tie_break: TieBreak::All,
        whole: [columns_of(case.seed); 2],
        ..SolveOptions::default()
    };
    let solution = solve(&case.nest, &case.hardware, &options);
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

/// Whether two optima agree in what an objective and its ties decide.
fn agree(a: Best, b: Best, objective: Objective) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
    match objective {
        Objective::Cycles => {
            (a.cycles, a.outer_bits) == (b.cycles, b.outer_bits) && close(a.energy_pj, b.energy_pj)
        }
        Objective::Energy => close(a.energy_pj, b.energy_pj),
        Objective::EnergyDelay => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the figures of tiny problems are exact in a double"
            )]
            let product = |x: Best| x.energy_pj * x.cycles as f64;
            close(product(a), product(b))
        }
    }
}

/// Compares the solver with the exhaustive search; an error says how to repeat it.
pub fn compare(case: &Case, objective: Objective) -> Result<(), String> {
    let expected = optimum_of(case, TileChoice::All, objective);
    let found = solved(case, objective);
    let same = match (&found, expected) {
        (Ok(None), None) => true,
        (Ok(Some(found)), Some(expected)) => agree(*found, expected, objective),
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
