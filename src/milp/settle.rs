//! Tangents for a file: those of the last relaxation, and those with which its optimum is exact.

use std::sync::Arc;

use super::assembly::assemble;
use super::bound::lagrangian;
use super::hand_over::{HighsStatus, solve};
use super::linear::{Active, Linearised, Range, ranges};
use super::piece::Piece;
use super::program::Program;
use super::relaxation::{self, Limits, Relaxed};
use super::watch::Watch;
use super::whole::{add_tangents, refine};

/// Rounds of pricing.
const ROUNDS: usize = 200;
/// No program has a larger objective: no bound cuts anything off.
const ANYTHING: f64 = 1e6;

/// The relaxation of a program over some columns, solved to its end.
#[must_use]
pub fn relax(program: &Program, active: &Active, imposed: &[Range], watch: &Watch) -> Relaxed {
    let own = ranges(program, active, imposed);
    let linear = Linearised::new(program, &own);
    let limits = Limits {
        target: ANYTHING,
        rounds: ROUNDS,
        filter: false,
        watch,
    };
    let mut active = active.clone();
    relaxation::solve(&linear, &mut active, &[], &super::bound::Prices::default(), limits)
}

/// For each group the columns in the order of their prices, the cheapest first.
#[must_use]
pub fn by_price(program: &Program, active: &Active, relaxed: &Relaxed) -> Vec<Vec<u32>> {
    let free = vec![Range::ALL; program.arguments];
    let linear = Linearised::new(program, &ranges(program, active, &free));
    let bound = lagrangian(&linear, active, &relaxed.prices);
    let groups = active.iter().zip(&bound.priced);
    groups
        .map(|(own, priced)| {
            let mut order: Vec<usize> = (0..own.len()).collect();
            order.sort_by(|&a, &b| priced[a].total_cmp(&priced[b]));
            order.into_iter().map(|i| own[i]).collect()
        })
        .collect()
}

/// Adds the tangents of the last round of a piece's relaxation.
pub fn add_relaxation(piece: &mut Piece, watch: &Watch) {
    let program = Arc::clone(&piece.program);
    let relaxed = relax(&program, &piece.active, &piece.imposed, watch);
    for cut in relaxed.cuts {
        piece.add_tangent(cut);
    }
}

/// How the program of the pieces ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// Its optimum.
    pub objective: f64,
    /// The number of the optimum's piece, and its choice.
    pub choice: (usize, Vec<u32>),
    /// Programs solved by HiGHS.
    pub rounds: u64,
}

/// Adds tangents, and splits pieces at numbers of visits, until HiGHS's optimum of their program is
/// a choice of exactly that objective. A choice that `accepts` refuses is forbidden.
/// `None` if that is not reached in so many rounds, or before the watch says stop.
pub fn settle(
    pieces: &mut Vec<Piece>,
    most_rounds: u64,
    watch: &Watch,
    accepts: &mut dyn FnMut(usize, &[u32]) -> bool,
) -> Option<Settled> {
    for round in 1..=most_rounds {
        pieces.retain(Piece::is_possible);
        if pieces.is_empty() || watch.stopped() {
            return None;
        }
        let (model, layout) = assemble(pieces, f64::INFINITY);
        let outcome = solve(&model, watch.time_left());
        if outcome.status != HighsStatus::Optimal {
            return None;
        }
        let (piece, choice) = layout.choice(&outcome)?;
        if add_tangents(pieces, piece, &choice, outcome.objective) > 0 {
            continue;
        }
        if pieces[piece].split(&choice).is_none() && accepts(pieces[piece].origin, &choice) {
            return Some(Settled {
                objective: outcome.objective,
                choice: (piece, choice),
                rounds: round,
            });
        }
        refine(pieces, piece, choice);
    }
    None
}
