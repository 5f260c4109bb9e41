//! The Lagrangian bound, computed in own arithmetic from any nonnegative prices.
//!
//! For a row with terms `a_t` and weights `λ_t ≥ 0` of sum `w`,
//! `w · log Σ exp(a_t) ≥ Σ λ_t · a_t + w · H(λ/w)` with the entropy `H`. Adding up all rows, the
//! weights of the rows of each part of the objective summing to 1, bounds the objective from below by
//! `Σ_i w_i (H_i − limit_i) + Σ_t λ_t constant_t + Σ_groups min over columns of Σ_t λ_t value_t`.
//! It holds whatever the tolerances of the solver that the prices came from.

use std::sync::Arc;

use super::linear::{Active, Linearised};
use super::tuning::ROUNDING;

/// Multipliers: for each row the weight of each of its terms.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// `weights[row][k]` belongs to the row's `k`-th term.
    pub weights: Vec<Vec<f64>>,
}

/// A bound with what it is made of.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The bound on the objective, rounded down.
    pub value: f64,
    /// For each group the smallest priced value.
    pub smallest: Vec<f64>,
    /// For each group the priced value of every active column.
    pub priced: Vec<Vec<f64>>,
}

impl Prices {
    /// For each part of the objective the sum of the weights of its rows.
    fn objective_weights(&self, linear: &Linearised<'_>) -> Vec<f64> {
        let mut totals = vec![0.0; linear.program.parts()];
        for (row, weights) in self.weights.iter().enumerate() {
            if let Some(part) = linear.limit(row).1 {
                totals[part] += weights.iter().sum::<f64>();
            }
        }
        totals
    }

    /// Scales the weights so that those of each part of the objective sum to 1; `None` if some
    /// part's vanish. The other rows' weights may be any: they are scaled by the parts' mean.
    #[must_use]
    pub fn normalised(mut self, linear: &Linearised<'_>) -> Option<Self> {
        let totals = self.objective_weights(linear);
        if totals.iter().any(|&total| total < 1e-9) {
            return None;
        }
        let parts = u32::try_from(totals.len()).unwrap_or(u32::MAX);
        let mean = totals.iter().sum::<f64>() / f64::from(parts);
        for (row, weights) in self.weights.iter_mut().enumerate() {
            let total = linear.limit(row).1.map_or(mean, |part| totals[part]);
            for weight in weights {
                *weight /= total;
            }
        }
        Some(self)
    }

    /// The weight of every term over all rows.
    #[must_use]
    pub fn term_weights(&self, linear: &Linearised<'_>) -> Vec<f64> {
        let mut total = vec![0.0; linear.program.terms.len()];
        for (row, weights) in linear.program.rows.iter().zip(&self.weights) {
            for (&term, &weight) in row.terms.iter().zip(weights) {
                total[term] += weight;
            }
        }
        total
    }
}

/// The Lagrangian bound at normalised prices.
#[must_use]
pub fn lagrangian(linear: &Linearised<'_>, active: &Active, prices: &Prices) -> Bound {
    let mut value = 0.0;
    for (row, weights) in prices.weights.iter().enumerate() {
        let total: f64 = weights.iter().sum();
        if total <= 0.0 {
            continue;
        }
        let entropy: f64 = weights
            .iter()
            .filter(|&&w| w > 0.0)
            .map(|&w| -w * (w / total).ln())
            .sum();
        value += entropy - total * linear.limit(row).0;
    }
    let weights = prices.term_weights(linear);
    for (term, &weight) in weights.iter().enumerate().filter(|&(_, &w)| w > 0.0) {
        value += weight * linear.constants[term];
    }
    let priced: Vec<Vec<f64>> = (0..active.len())
        .map(|g| priced_columns(linear, g, &active[g], &weights))
        .collect();
    let smallest: Vec<f64> = priced
        .iter()
        .map(|p| p.iter().copied().fold(f64::INFINITY, f64::min))
        .collect();
    value += smallest.iter().sum::<f64>();
    let rounding = ROUNDING * (1.0 + value.abs() + smallest.iter().map(|s| s.abs()).sum::<f64>());
    Bound {
        value: value - rounding,
        smallest,
        priced,
    }
}

/// The priced value of every active column of a group.
fn priced_columns(
    linear: &Linearised<'_>,
    group: usize,
    active: &[u32],
    weights: &[f64],
) -> Vec<f64> {
    let mut sums = vec![0.0; active.len()];
    for (term, &weight) in weights.iter().enumerate().filter(|&(_, &w)| w > 0.0) {
        linear.accumulate(group, term, weight, active, &mut sums);
    }
    sums
}

/// \[PRU25\] Keeps the columns that can be part of a solution with objective at most `target`, and their prices.
pub fn filter(active: &mut Active, bound: &mut Bound, target: f64) {
    for (group, columns) in active.iter_mut().enumerate() {
        let room = target - bound.value + bound.smallest[group];
        let priced = &mut bound.priced[group];
        if priced.iter().all(|&p| p <= room) {
            continue;
        }
        let kept = columns.iter().zip(&*priced).filter(|(_, p)| **p <= room);
        *columns = Arc::new(kept.map(|(&j, _)| j).collect());
        priced.retain(|&p| p <= room);
    }
}
