//! Depth-first enumeration of a node's choices with the exact rows.

use super::bound::{Bound, Prices, lagrangian};
use super::linear::{Active, Linearised};
use super::program::{Limit, Program};
use super::switches::Switches;
use super::tuning::SAME;
use super::watch::{Ticker, Watch};

/// How long an enumeration may take.
pub struct Effort {
    /// Columns that may be tried.
    pub columns: usize,
    /// Columns that a visited choice counts as.
    pub each_choice: usize,
    /// What is left out.
    pub switches: Switches,
    /// When to stop.
    pub watch: Watch,
}

/// Visits every choice of the active columns whose rows can all be met with objective at most
/// `target()`. Returns false if the effort was spent or it was time to stop, so that the
/// enumeration is not complete.
pub fn enumerate(
    linear: &Linearised<'_>,
    active: &Active,
    prices: &Prices,
    target: &mut dyn FnMut() -> f64,
    effort: &Effort,
    visit: &mut dyn FnMut(&[u32]),
) -> bool {
    let bound = lagrangian(linear, active, prices);
    let mut search = Search::new(linear, active, &bound, effort);
    search.descend(0, 0.0, target, visit);
    search.budget > 0
}

/// Exact products along the search.
struct Search<'a> {
    program: &'a Program,
    /// Groups in the order in which they are chosen, the smallest first.
    order: Vec<usize>,
    /// Columns of each group by increasing price, with the price above the group's smallest.
    columns: Vec<Vec<(u32, f64)>>,
    bound: f64,
    budget: usize,
    each_choice: usize,
    switches: Switches,
    ticker: Ticker,
    /// For each depth and term the smallest sum that the groups from this depth on can add.
    rest: Vec<Vec<f64>>,
    /// The same for arguments.
    rest_arguments: Vec<Vec<f64>>,
    terms: Vec<Vec<f64>>,
    arguments: Vec<Vec<f64>>,
    choice: Vec<u32>,
    /// Minus infinity for every part of the objective.
    no_parts: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(linear: &Linearised<'a>, active: &Active, bound: &Bound, effort: &Effort) -> Self {
        let program = linear.program;
        let mut order: Vec<usize> = (0..active.len()).collect();
        order.sort_by_key(|&g| active[g].len());
        let columns: Vec<Vec<(u32, f64)>> = active
            .iter()
            .enumerate()
            .map(|(g, own)| {
                let mut priced: Vec<(u32, f64)> = own
                    .iter()
                    .zip(&bound.priced[g])
                    .map(|(&j, &p)| (j, p - bound.smallest[g]))
                    .collect();
                priced.sort_by(|a, b| a.1.total_cmp(&b.1));
                priced
            })
            .collect();
        let smallest = |count: usize, value: &dyn Fn(usize, usize, u32) -> f64| {
            let mut rest = vec![vec![0.0; count]; order.len() + 1];
            for depth in (0..order.len()).rev() {
                let g = order[depth];
                let least = |i: usize| {
                    let values = active[g].iter().map(|&j| value(g, i, j));
                    values.fold(f64::INFINITY, f64::min)
                };
                rest[depth] = (0..count).map(|i| rest[depth + 1][i] + least(i)).collect();
            }
            rest
        };
        let rest = smallest(program.terms.len(), &|g, t, j| program.value(g, t, j));
        let rest_arguments = smallest(program.arguments.len(), &|g, a, j| {
            program.argument(g, a, j)
        });
        let depths = order.len() + 1;
        let mut terms = vec![vec![0.0; program.terms.len()]; depths];
        terms[0] = program.terms.iter().map(|t| t.constant).collect();
        Self {
            program,
            bound: bound.value,
            budget: effort.columns,
            each_choice: effort.each_choice,
            switches: effort.switches,
            ticker: effort.watch.ticker(),
            rest,
            rest_arguments,
            terms,
            arguments: vec![vec![0.0; program.arguments.len()]; depths],
            choice: vec![0; order.len()],
            no_parts: vec![f64::NEG_INFINITY; program.parts()],
            order,
            columns,
        }
    }

    fn descend(
        &mut self,
        depth: usize,
        excess: f64,
        target: &mut dyn FnMut() -> f64,
        visit: &mut dyn FnMut(&[u32]),
    ) {
        if depth == self.order.len() {
            self.budget = self.budget.saturating_sub(self.each_choice);
            visit(&self.choice);
            return;
        }
        let g = self.order[depth];
        for i in 0..self.columns[g].len() {
            let (column, price) = self.columns[g][i];
            let goal = target();
            // [PRU27] Columns come by their prices: those after this one are dearer.
            if self.switches.partial_prices && self.bound + excess + price > goal {
                return;
            }
            if self.ticker.stopped() {
                self.budget = 0;
            }
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            self.choose(depth, g, column);
            if !self.switches.partial_rows || self.possible(depth + 1, goal) {
                self.choice[g] = column;
                self.descend(depth + 1, excess + price, target, visit);
            }
        }
    }

    /// Adds a column's values to the sums of the next depth.
    fn choose(&mut self, depth: usize, group: usize, column: u32) {
        for term in 0..self.program.terms.len() {
            self.terms[depth + 1][term] =
                self.terms[depth][term] + self.program.value(group, term, column);
        }
        for a in 0..self.program.arguments.len() {
            self.arguments[depth + 1][a] =
                self.arguments[depth][a] + self.program.argument(group, a, column);
        }
    }

    /// \[PRU28\] Whether all rows can still be met, every remaining group at its smallest.
    fn possible(&self, depth: usize, goal: f64) -> bool {
        let smallest = |term: usize| {
            let concave = self.program.terms[term].concave.map_or(0.0, |c| {
                let argument =
                    self.arguments[depth][c.argument] + self.rest_arguments[depth][c.argument];
                c.at(argument.max(0.0))
            });
            (self.terms[depth][term] + self.rest[depth][term] + concave).exp()
        };
        let mut parts = self.no_parts.clone();
        let within = self.program.rows.iter().all(|row| {
            let sum: f64 = row.terms.iter().map(|&t| smallest(t)).sum();
            match row.limit {
                Limit::Objective { part, constant } => {
                    parts[part] = parts[part].max(sum.ln() - constant);
                    parts.len() > 1 || parts[part] <= goal + SAME
                }
                Limit::Constant(limit) => sum.ln() <= limit + SAME,
            }
        });
        within && parts.iter().sum::<f64>() <= goal + SAME
    }
}
