//! Tangents for a file: those of the last relaxation, and those with which its optimum is exact.

use std::sync::Arc;

use super::assembly::{assemble, term_names};
use super::bound::{Prices, lagrangian};
use super::hand_over::{HighsStatus, solve};
use super::linear::{Active, Imposed, Linearised, ranges};
use super::master::Tangent;
use super::node::Node;
use super::piece::Piece;
use super::program::{Limit, Program};
use super::relaxation::{self, Limits, Relaxed};
use super::tuning::{ANYTHING, FULL_ROUNDS};
use super::watch::Watch;
use super::whole::{add_tangents, refine};

/// The relaxation of a program over some columns, solved to its end.
#[must_use]
pub fn relax(program: &Program, active: &Active, imposed: &Imposed, watch: &Watch) -> Relaxed {
    let own = ranges(program, active, imposed);
    let linear = Linearised::new(program, &own);
    let limits = Limits {
        target: ANYTHING,
        rounds: FULL_ROUNDS,
        filter: false,
        to_the_end: true,
        watch,
    };
    let mut active = active.clone();
    relaxation::solve(&linear, &mut active, &[], &Prices::default(), limits)
}

/// For each group the columns in the order of their prices, the cheapest first.
#[must_use]
pub fn by_price(program: &Program, active: &Active, relaxed: &Relaxed) -> Vec<Vec<u32>> {
    let free = Imposed::default();
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

/// Adds tangents, and splits pieces at values of arguments, until HiGHS's optimum of their program is
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

/// A row for a file that is there already: `Σ factor · variable ≤ 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct CutRow {
    /// The row that it is a tangent of; a number and the label are to follow.
    pub row: String,
    /// The piece's label.
    pub label: String,
    /// The names of variables with their factors.
    pub factors: Vec<(String, f64)>,
}

/// The tangents of a program with a single column in each group that its only choice violates
/// where the objective is `z`.
#[must_use]
pub fn cut_rows(program: &Program, label: &str, z: f64) -> Vec<CutRow> {
    let choice = vec![0; program.groups.len()];
    let node = Node::new((), program.clone(), 0.0);
    let mut piece = Piece::new(0, node.program, node.active, node.imposed);
    piece.tangents.clear();
    piece.add_violated(&choice, z);
    let names = term_names(program);
    let part = |part: usize| match part {
        0 => format!("z_{label}"),
        _ => format!("z{part}_{label}"),
    };
    let row = |tangent: &Tangent| {
        let row = &program.rows[tangent.row];
        let weights = row
            .terms
            .iter()
            .zip(&tangent.weights)
            .filter(|w| *w.1 > 0.0);
        let entropy: f64 = weights.clone().map(|w| -w.1 * w.1.ln()).sum();
        let mut factors: Vec<(String, f64)> = weights
            .map(|(&t, &w)| (format!("a_{}_{label}", names[t]), w))
            .collect();
        let right = match row.limit {
            Limit::Objective {
                part: own,
                constant,
            } => {
                factors.push((part(own), -1.0));
                constant
            }
            Limit::Constant(limit) => limit,
        };
        factors.push((format!("y_{label}"), entropy - right));
        CutRow {
            row: row.name.clone(),
            label: label.to_owned(),
            factors,
        }
    };
    piece.tangents.iter().map(row).collect()
}

/// The row that holds a choice to `least`, its exact objective: `least (Σ_g x_g − (G−1) y) ≤ Σ z`;
/// without it the row that excludes the choice: `Σ_g x_g ≤ (G−1) y`.
#[must_use]
pub fn excluding_row(columns: &[String], label: &str, parts: usize, least: Option<f64>) -> CutRow {
    let groups = u32::try_from(columns.len()).unwrap_or(u32::MAX);
    let scale = least.unwrap_or(1.0);
    let chosen = columns.iter().map(|c| (format!("x_{c}_{label}"), scale));
    let mut factors: Vec<(String, f64)> = chosen.collect();
    factors.push((format!("y_{label}"), -scale * (f64::from(groups) - 1.0)));
    if least.is_some() {
        factors.push((format!("z_{label}"), -1.0));
        factors.extend((1..parts).map(|part| (format!("z{part}_{label}"), -1.0)));
    }
    CutRow {
        row: "tried".to_owned(),
        label: label.to_owned(),
        factors,
    }
}
