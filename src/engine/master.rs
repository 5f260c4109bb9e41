//! The restricted master: a linear program over a few columns and tangents, solved by HiGHS.
//!
//! ```text
//! minimise Σ_o z[o] + penalty · s
//!   Σ_j x[g,j] = 1                            for every group g
//!   Σ_t p_t a_t(x) + H(p) ≤ limit + (z[o] | s)  for every tangent p of every row
//! ```
//!
//! A tangent of log-sum-exp is given by its softmax weights `p` alone: by conjugacy
//! `log Σ exp(a_t) = max_p Σ p_t a_t + H(p)`.

use std::collections::BTreeSet;

use highs::{Col, ColProblem, Model, Row, Sense};

use super::bound::Prices;
use super::linear::Linearised;
use super::tuning::{NO_SHARE, PENALTY};

/// A tangent of a row.
#[derive(Clone, Debug)]
pub struct Tangent {
    /// The row.
    pub row: usize,
    /// Softmax weights of the row's terms.
    pub weights: Vec<f64>,
}

/// The restricted master program.
pub struct Master<'a, 'p> {
    linear: &'a Linearised<'p>,
    model: Option<Model>,
    objective: Vec<Col>,
    excess: Col,
    convexity: Vec<Row>,
    columns: Vec<(usize, u32, Col)>,
    present: BTreeSet<(usize, u32)>,
    tangents: Vec<(Tangent, Row)>,
}

/// A solution of the restricted master.
#[derive(Debug)]
pub struct MasterSolution {
    /// Its objective with the penalty.
    pub objective: f64,
    /// The parts of the objective alone.
    pub z: Vec<f64>,
    /// Columns with their values, where positive.
    pub columns: Vec<(usize, u32, f64)>,
    /// The prices of the rows, not yet normalised.
    pub prices: Prices,
}

impl<'a, 'p> Master<'a, 'p> {
    /// A master without tangents and columns.
    #[must_use]
    pub fn new(linear: &'a Linearised<'p>) -> Self {
        let mut model = ColProblem::default().optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("presolve", "off");
        model.set_option("solver", "simplex");
        model.set_option("parallel", "off");
        model.set_option("threads", 1);
        let objective = (0..linear.program.parts())
            .map(|_| model.add_col::<f64, _>(1.0, .., []))
            .collect();
        let excess = model.add_col(PENALTY, 0.0.., []);
        let convexity = linear
            .program
            .groups
            .iter()
            .map(|_| model.add_row(1.0..=1.0, []))
            .collect();
        Self {
            linear,
            model: Some(model),
            objective,
            excess,
            convexity,
            columns: Vec::new(),
            present: BTreeSet::new(),
            tangents: Vec::new(),
        }
    }

    /// Solves it; `None` if HiGHS finds no optimum.
    pub fn solve(&mut self) -> Option<MasterSolution> {
        let solved = self.model.take()?.try_solve().ok()?;
        let optimal = solved.status() == highs::HighsModelStatus::Optimal;
        let objective = solved.objective_value();
        let solution = solved.get_solution();
        self.model = Some(solved.into());
        if !optimal {
            return None;
        }
        let rows = &self.linear.program.rows;
        let mut prices = Prices {
            weights: rows.iter().map(|r| vec![0.0; r.terms.len()]).collect(),
        };
        let duals = &solution.dual_rows()[self.convexity.len()..];
        for ((tangent, _), &dual) in self.tangents.iter().zip(duals) {
            let multiplier = dual.abs();
            for (total, weight) in prices.weights[tangent.row].iter_mut().zip(&tangent.weights) {
                *total += multiplier * weight;
            }
        }
        let columns = self
            .columns
            .iter()
            .map(|&(g, j, col)| (g, j, solution[col]))
            .filter(|c| c.2 > NO_SHARE)
            .collect();
        Some(MasterSolution {
            objective,
            z: self.objective.iter().map(|&part| solution[part]).collect(),
            columns,
            prices,
        })
    }

    /// Adds a column unless it is there; says whether it was added.
    pub fn add_column(&mut self, group: usize, column: u32) -> bool {
        if !self.present.insert((group, column)) {
            return false;
        }
        let Some(model) = &mut self.model else {
            return false;
        };
        let mut factors = vec![(self.convexity[group], 1.0)];
        for (tangent, row) in &self.tangents {
            let value = tangent_value(self.linear, tangent, group, column);
            if value != 0.0 {
                factors.push((*row, value));
            }
        }
        let col = model.add_col(0.0, 0.0.., factors);
        self.columns.push((group, column, col));
        true
    }

    /// Adds a tangent: `Σ_t p_t value_t(x) − (z | s) ≤ limit − H(p) − Σ_t p_t constant_t`.
    pub fn add_tangent(&mut self, tangent: Tangent) {
        let Some(model) = &mut self.model else { return };
        let (limit, part) = self.linear.limit(tangent.row);
        let terms = &self.linear.program.rows[tangent.row].terms;
        let mut right = limit;
        for (&term, &weight) in terms.iter().zip(&tangent.weights) {
            if weight > 0.0 {
                right += weight * weight.ln() - weight * self.linear.constants[term];
            }
        }
        let mut factors = vec![(part.map_or(self.excess, |part| self.objective[part]), -1.0)];
        for &(group, column, col) in &self.columns {
            let value = tangent_value(self.linear, &tangent, group, column);
            if value != 0.0 {
                factors.push((col, value));
            }
        }
        let row = model.add_row(..=right, factors);
        self.tangents.push((tangent, row));
    }

    /// Its tangents.
    #[must_use]
    pub fn into_tangents(self) -> Vec<Tangent> {
        self.tangents.into_iter().map(|t| t.0).collect()
    }
}

/// The coefficient of a column in a tangent.
fn tangent_value(linear: &Linearised<'_>, tangent: &Tangent, group: usize, column: u32) -> f64 {
    linear.program.rows[tangent.row]
        .terms
        .iter()
        .zip(&tangent.weights)
        .filter(|&(_, &w)| w > 0.0)
        .map(|(&term, &w)| w * linear.value(group, term, column))
        .sum()
}
