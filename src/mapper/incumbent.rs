//! A first mapping: coordinate descent over a few columns in every class.

use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::{decode, layer};
use crate::milp::{Limit, Program, Space};

use super::space::LayerSpace;

/// Sweeps over all groups before a descent is given up.
const SWEEPS: usize = 8;

/// Looks for a good mapping among `columns`; stops as soon as the lower bound is met.
pub fn find(space: &mut LayerSpace<'_>, columns: &[ColumnGroup]) {
    for root in class::roots(space.operation, space.hardware) {
        for class in class::completions(space.operation, space.hardware, &root) {
            for variant in variants(space, &class) {
                if space
                    .best
                    .as_ref()
                    .is_some_and(|b| b.1.cycles <= space.lower_bound)
                    || space.stop()
                {
                    return;
                }
                descend(space, columns, &variant);
            }
        }
    }
}

/// The class with every operand in tiles, and with one operand at a time loaded whole.
fn variants(space: &LayerSpace<'_>, class: &Class) -> Vec<Class> {
    let mut leaves = vec![class.clone()];
    loop {
        let next: Vec<Class> = leaves
            .iter()
            .flat_map(|c| {
                class::split(space.operation, space.hardware, c).unwrap_or_else(|| vec![c.clone()])
            })
            .filter(|c| c.whole.iter().filter(|w| w.1).count() <= 1)
            .collect();
        if next == leaves {
            return leaves;
        }
        leaves = next;
    }
}

/// Improves one column after the other until nothing changes, and offers the result.
fn descend(space: &mut LayerSpace<'_>, columns: &[ColumnGroup], class: &Class) {
    let program = layer::program(&space.layer(columns), class);
    let mut search = Descent::new(&program, columns);
    search.run();
    space.offer(decode::mapping(
        space.operation,
        space.hardware,
        columns,
        class,
        &search.choice,
    ));
}

/// A descent in products instead of logarithms.
struct Descent<'a> {
    program: &'a Program,
    /// For each group and term the factors of all columns.
    terms: Vec<Vec<Option<Vec<f64>>>>,
    arguments: Vec<Vec<Option<Vec<f64>>>>,
    constants: Vec<f64>,
    limits: Vec<(f64, bool)>,
    choice: Vec<u32>,
}

impl<'a> Descent<'a> {
    fn new(program: &'a Program, columns: &[ColumnGroup]) -> Self {
        let exponentials = |values: &crate::milp::Values| {
            values
                .as_ref()
                .map(|v| v.iter().map(|x| x.exp()).collect::<Vec<f64>>())
        };
        let limit = |row: &crate::milp::Row| match row.limit {
            Limit::Objective(constant) => (constant.exp(), true),
            Limit::Constant(constant) => (constant.exp() * (1.0 + 1e-9), false),
        };
        Self {
            program,
            terms: program
                .groups
                .iter()
                .map(|g| g.terms.iter().map(exponentials).collect())
                .collect(),
            arguments: program
                .groups
                .iter()
                .map(|g| g.arguments.iter().map(exponentials).collect())
                .collect(),
            constants: program.terms.iter().map(|t| t.constant.exp()).collect(),
            limits: program.rows.iter().map(limit).collect(),
            choice: columns.iter().map(smallest_column).collect(),
        }
    }

    fn run(&mut self) {
        for _ in 0..SWEEPS {
            let mut changed = false;
            for group in 0..self.choice.len() {
                let best = self.best_column(group);
                changed |= best != self.choice[group];
                self.choice[group] = best;
            }
            if !changed {
                return;
            }
        }
    }

    /// The best column of a group with the other groups as they are.
    fn best_column(&self, group: usize) -> u32 {
        let factor =
            |values: &Option<Vec<f64>>, j: u32| values.as_ref().map_or(1.0, |v| v[j as usize]);
        let others = |tables: &[Vec<Option<Vec<f64>>>], i: usize| -> f64 {
            (0..self.choice.len())
                .filter(|&g| g != group)
                .map(|g| factor(&tables[g][i], self.choice[g]))
                .product()
        };
        let terms: Vec<f64> = (0..self.constants.len())
            .map(|t| self.constants[t] * others(&self.terms, t))
            .collect();
        let arguments: Vec<f64> = (0..self.program.arguments)
            .map(|a| others(&self.arguments, a))
            .collect();
        let value = |t: usize, j: u32| {
            let base = terms[t] * factor(&self.terms[group][t], j);
            match self.program.terms[t].concave {
                None => base,
                Some(c) => {
                    base * (c.slope
                        * arguments[c.argument]
                        * factor(&self.arguments[group][c.argument], j)
                        - c.offset)
                }
            }
        };
        let mut best = (self.choice[group], f64::INFINITY);
        for j in 0..u32::try_from(self.program.groups[group].columns).unwrap_or(u32::MAX) {
            let score = self.score(&|t| value(t, j));
            if score < best.1 {
                best = (j, score);
            }
        }
        best.0
    }

    /// The largest objective row plus a little of all others; infinite where a limit is exceeded.
    fn score(&self, value: &dyn Fn(usize) -> f64) -> f64 {
        let (mut largest, mut sum) = (0.0_f64, 0.0);
        for (row, &(limit, objective)) in self.program.rows.iter().zip(&self.limits) {
            let total: f64 = row.terms.iter().map(|&t| value(t)).sum();
            if objective {
                largest = largest.max(total / limit);
                sum += total / limit;
            } else if total > limit {
                return f64::INFINITY;
            }
        }
        largest + 1e-3 * sum
    }
}

/// The column of smallest tiles, which fits if any does.
fn smallest_column(group: &ColumnGroup) -> u32 {
    let size = |j: usize| -> u64 {
        (0..group.dims.len())
            .map(|p| {
                let chain = group.chain(j, p);
                chain.extents.iter().sum::<u64>()
                    + chain.spread.iter().map(|s| s.factor).sum::<u64>()
            })
            .sum()
    };
    let smallest = (0..group.columns.len())
        .min_by_key(|&j| size(j))
        .unwrap_or(0);
    u32::try_from(smallest).unwrap_or(u32::MAX)
}
