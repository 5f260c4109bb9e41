//! What is taken from HiGHS: a solution after a look at it, a bound only if HiGHS comes to it twice.
//!
//! HiGHS computes in floating point and proves nothing: without presolve and at tolerances of 1e-9 it
//! has called 15.0999 the optimum of a program whose optimum is 14.8310. So that nothing is left in
//! some pieces is believed only if HiGHS says so again, in other arithmetic (without presolve, other
//! tolerance, other seed) and with a known choice still allowed, which it must then find. A solution
//! below a bound that was proved otherwise, or one that violates its rows, is no solution.

use std::time::Duration;

use super::assembly::assemble;
use super::hand_over::{HighsStatus, Outcome, solve, solve_again};
use super::judge::{Judge, Witness};
use super::named::Named;
use super::piece::Piece;
use super::tuning::{CONTRADICTION, NEAR, SLACK};

/// What HiGHS says of some pieces.
#[derive(Debug)]
pub(super) enum Opinion {
    /// Nothing better than the goal is left, said twice.
    Nothing,
    /// A choice of a piece, with the objective that HiGHS gives it.
    Choice(usize, Vec<u32>, f64),
    /// The time is up.
    Stopped,
    /// It failed, or contradicts what is known.
    Failed,
}

/// Asks HiGHS for the best choice of some pieces; the number of programs that it took is added.
pub(super) fn ask(pieces: &[Piece], judge: &dyn Judge, programs: &mut u64) -> Opinion {
    ask_solvers(pieces, judge, programs, [&solve, &solve_again])
}

type Solver<'a> = &'a dyn Fn(&Named, Option<Duration>) -> Outcome;

/// The same with solvers for the first and for the second opinion.
fn ask_solvers(
    pieces: &[Piece],
    judge: &dyn Judge,
    programs: &mut u64,
    [first, second]: [Solver<'_>; 2],
) -> Opinion {
    let witness = judge.witness().filter(|own| is_allowed(own, pieces, judge));
    let ceilings = [
        judge.target(),
        witness.as_ref().map_or(f64::NEG_INFINITY, |w| w.objective),
    ];
    for (solver, ceiling) in [(first, ceilings[0]), (second, ceilings[0].max(ceilings[1]))] {
        let (model, layout) = assemble(pieces, ceiling + SLACK);
        *programs += 1;
        let outcome = solver(&model, judge.time_left());
        match outcome.status {
            HighsStatus::TimeLimit | HighsStatus::Interrupted => return Opinion::Stopped,
            HighsStatus::Failed => return Opinion::Failed,
            // The witness is a choice of the second program.
            HighsStatus::Infeasible if ceiling > judge.target() => return Opinion::Failed,
            HighsStatus::Infeasible => {}
            HighsStatus::Optimal if is_refuted(&model, &outcome, judge) => return Opinion::Failed,
            HighsStatus::Optimal if outcome.bound > judge.target() + SLACK => {}
            HighsStatus::Optimal => {
                return match layout.choice(&outcome) {
                    Some((piece, choice)) => Opinion::Choice(piece, choice, outcome.objective),
                    None => Opinion::Failed,
                };
            }
        }
    }
    Opinion::Nothing
}

/// Whether a known choice is near the goal and a choice of the pieces.
fn is_allowed(witness: &Witness, pieces: &[Piece], judge: &dyn Judge) -> bool {
    let mut own = pieces.iter().filter(|p| p.origin == witness.origin);
    witness.objective <= judge.target() + NEAR
        && own.clone().next().is_some()
        && own.all(|piece| !piece.forbidden.contains(&witness.choice))
}

/// Whether a solution violates its rows, or is below what no choice is below.
fn is_refuted(model: &Named, outcome: &Outcome, judge: &dyn Judge) -> bool {
    let violated = (outcome.values.as_ref()).is_none_or(|v| model.violation(v) > CONTRADICTION);
    violated || outcome.objective < judge.floor() - CONTRADICTION
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::linear::Imposed;
    use super::super::program::{Group, Limit, Program, Row, Term};
    use super::*;

    /// A group of two columns, of which the first has 2 and the second 3 as its objective.
    fn pieces() -> Vec<Piece> {
        let program = Program {
            groups: vec![Group {
                columns: 2,
                terms: vec![Some(Arc::from(vec![2.0, 3.0]))],
                ..Group::default()
            }],
            terms: vec![Term {
                constant: 0.0,
                concave: None,
            }],
            rows: vec![Row {
                name: "R1".to_owned(),
                terms: vec![0],
                limit: Limit::Objective {
                    part: 0,
                    constant: 0.0,
                },
            }],
            ..Program::default()
        };
        let active = vec![Arc::new(vec![0, 1])];
        vec![Piece::new(0, Arc::new(program), active, Imposed::default())]
    }

    /// What is known, and what would be an improvement.
    struct Known {
        target: f64,
        floor: f64,
        witness: Option<Witness>,
    }

    impl Judge for Known {
        fn target(&self) -> f64 {
            self.target
        }
        fn offer(&mut self, _origin: usize, _choice: &[u32]) {}
        fn floor(&self) -> f64 {
            self.floor
        }
        fn witness(&self) -> Option<Witness> {
            self.witness.clone()
        }
        fn stop(&self) -> bool {
            false
        }
        fn time_left(&self) -> Option<Duration> {
            None
        }
    }

    fn known(target: f64) -> Known {
        Known {
            target,
            floor: 0.0,
            witness: None,
        }
    }

    /// A solver that sees nothing.
    fn blind(_: &Named, _: Option<Duration>) -> Outcome {
        Outcome {
            status: HighsStatus::Infeasible,
            values: None,
            objective: f64::INFINITY,
            bound: f64::INFINITY,
        }
    }

    /// A solver with an objective that its values do not have.
    fn cheap(model: &Named, _: Option<Duration>) -> Outcome {
        let names = model.variables().iter().map(|v| v.name.as_str());
        let value = |name: &str| match name {
            "x_0_0" | "z" => 1.0,
            "x_0_1" => 0.0,
            _ => 2.0,
        };
        Outcome {
            status: HighsStatus::Optimal,
            values: Some(names.map(value).collect()),
            objective: 1.0,
            bound: 1.0,
        }
    }

    fn asked(known: &Known, solvers: [Solver<'_>; 2]) -> Opinion {
        ask_solvers(&pieces(), known, &mut 0, solvers)
    }

    #[test]
    fn highs_finds_the_better_column_and_twice_that_nothing_is_below() {
        let mut programs = 0;
        let found = ask(&pieces(), &known(2.5), &mut programs);
        let Opinion::Choice(0, choice, objective) = found else {
            panic!("{found:?}");
        };
        assert_eq!((choice, programs), (vec![0], 1));
        assert!((objective - 2.0).abs() < 1e-6);
        let found = ask(&pieces(), &known(1.9), &mut programs);
        assert!(matches!(found, Opinion::Nothing), "{found:?}");
        assert_eq!(programs, 3);
    }

    #[test]
    fn a_false_bound_is_found_out_by_the_second_opinion() {
        let found = asked(&known(2.5), [&blind, &solve_again]);
        assert!(
            matches!(found, Opinion::Choice(0, _, o) if o < 2.1),
            "{found:?}"
        );
    }

    #[test]
    fn a_known_choice_that_is_not_found_again_contradicts_highs() {
        let near = Known {
            witness: Some(Witness {
                origin: 0,
                choice: vec![0],
                objective: 2.0,
            }),
            ..known(1.9995)
        };
        let found = asked(&near, [&blind, &blind]);
        assert!(matches!(found, Opinion::Failed), "{found:?}");
        let found = asked(&near, [&blind, &solve_again]);
        assert!(matches!(found, Opinion::Nothing), "{found:?}");
        // Far from the goal, or forbidden, it is not asked for.
        let far = Known {
            target: 1.5,
            ..near
        };
        assert!(matches!(asked(&far, [&blind, &blind]), Opinion::Nothing));
    }

    #[test]
    fn a_solution_below_a_proved_bound_or_beside_its_rows_is_none() {
        let bounded = Known {
            floor: 2.1,
            ..known(2.5)
        };
        let found = asked(&bounded, [&solve, &solve_again]);
        assert!(matches!(found, Opinion::Failed), "{found:?}");
        let found = asked(&known(2.5), [&cheap, &solve_again]);
        assert!(matches!(found, Opinion::Failed), "{found:?}");
    }
}
