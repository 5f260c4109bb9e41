//! A first mapping: coordinate descent over a few columns in every class.

use crate::cost::spatial::fewest_steps;
use crate::formulate::class::{self, Class};
use crate::formulate::columns::ColumnGroup;
use crate::formulate::groups::all_columns;
use crate::formulate::{TileSpace, decode, layer};
use crate::milp::{Limit, Program, Space};

use super::space::LayerSpace;

/// Score of exceeding a limit: worse than any number of cycles.
const EXCEEDED: f64 = 1e30;
/// Sweeps over all groups before a descent is given up.
const SWEEPS: usize = 8;

/// Classes whose mappings are improved over more columns.
const POLISHED: usize = 6;

/// Random restarts in each of the best classes.
const KICKS: usize = 60;

/// Looks for a good mapping; stops as soon as the lower bound is met.
///
/// First every class with very few columns, then the best classes again from changed starts,
/// then the best classes with more columns.
pub fn find(space: &mut LayerSpace<'_>, divisors_only: bool) {
    let columns = |tiles| all_columns(space.operation, &space.planned, tiles, u64::MAX);
    let few = columns(match (divisors_only, uneven(space)) {
        (true, _) => TileSpace::Divisors,
        (false, true) => TileSpace::Balanced,
        (false, false) => TileSpace::Seed,
    });
    let mut found = sweep(space, &few);
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(POLISHED);
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &few, class, KICKS);
    }
    if divisors_only || done(space) {
        return;
    }
    let more = all_columns(
        space.operation,
        &space.planned,
        TileSpace::Starter,
        u64::MAX,
    );
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &more, class, 0);
    }
}

/// Whether the dimensions do not fill the array evenly, so that odd factors may be best.
fn uneven(space: &LayerSpace<'_>) -> bool {
    let elements = space.hardware.processing_elements().max(1);
    fewest_steps(space.operation, space.hardware) > space.operation.box_macs().div_ceil(elements)
}

/// Whether nothing better can be found, or the time is up.
fn done(space: &LayerSpace<'_>) -> bool {
    space.stop() || space.best.as_ref().is_some() && space.is_met()
}

/// Descends in every class; the cycles reached in each.
fn sweep(space: &mut LayerSpace<'_>, columns: &[ColumnGroup]) -> Vec<(f64, Class)> {
    let mut found = Vec::new();
    for root in class::roots(space.operation, space.hardware) {
        for class in class::completions(space.operation, space.hardware, &root) {
            for variant in variants(space, &class) {
                if done(space) {
                    return found;
                }
                if let Some(cycles) = descend(space, columns, &variant, 0) {
                    found.push((cycles, variant));
                }
            }
        }
    }
    found
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

/// Improves one column after the other until nothing changes, and offers the result; its cycles.
/// Then does so again from the best point with one column changed at random, `kicks` times.
fn descend(
    space: &mut LayerSpace<'_>,
    columns: &[ColumnGroup],
    class: &Class,
    kicks: usize,
) -> Option<f64> {
    if columns.iter().any(|group| group.columns.is_empty()) {
        return None;
    }
    let program = layer::program(&space.layer(columns), class);
    let mut search = Descent::new(&program, columns);
    search.run(None);
    let offer = |space: &mut LayerSpace<'_>, choice: &[u32]| {
        space.offer(decode::mapping(
            space.operation,
            space.hardware,
            columns,
            class,
            choice,
        ))
    };
    let mut best = offer(space, &search.choice);
    let mut best_choice = search.choice.clone();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..kicks {
        if done(space) {
            break;
        }
        search.choice.clone_from(&best_choice);
        let group = random.below(search.choice.len());
        let column = random.below(columns[group].columns.len());
        search.choice[group] = u32::try_from(column).unwrap_or(0);
        search.run(Some(group));
        let cycles = offer(space, &search.choice);
        if cycles.is_some_and(|c| best.is_none_or(|b| c < b)) {
            best = cycles;
            best_choice.clone_from(&search.choice);
        }
    }
    best
}

/// A small deterministic generator (xorshift64, Marsaglia 2003).
struct Random(u64);

impl Random {
    /// A number below `bound`, which is positive.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}

/// A descent in products instead of logarithms.
struct Descent<'a> {
    program: &'a Program,
    /// For each group and term the factors of all columns.
    terms: Vec<Vec<Option<Vec<f64>>>>,
    arguments: Vec<Vec<Option<Vec<f64>>>>,
    constants: Vec<f64>,
    limits: Vec<(f64, Option<usize>)>,
    choice: Vec<u32>,
    /// 0 for every part of the objective.
    no_parts: Vec<f64>,
}

impl<'a> Descent<'a> {
    fn new(program: &'a Program, columns: &[ColumnGroup]) -> Self {
        let exponentials = |values: &crate::milp::Values| {
            values
                .as_ref()
                .map(|v| v.iter().map(|x| x.exp()).collect::<Vec<f64>>())
        };
        let limit = |row: &crate::milp::Row| match row.limit {
            Limit::Objective { part, constant } => (constant.exp(), Some(part)),
            Limit::Constant(constant) => (constant.exp() * (1.0 + 1e-9), None),
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
            no_parts: vec![0.0; program.parts()],
        }
    }

    /// Sweeps over the groups; in the first sweep `fixed` stays as it is.
    fn run(&mut self, fixed: Option<usize>) {
        for sweep in 0..SWEEPS {
            let mut changed = sweep == 0 && fixed.is_some();
            for group in 0..self.choice.len() {
                if sweep == 0 && fixed == Some(group) {
                    continue;
                }
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

    /// The largest objective row plus a little of all others; where limits are exceeded, by how much.
    fn score(&self, value: &dyn Fn(usize) -> f64) -> f64 {
        let (mut sum, mut excess) = (0.0, 0.0);
        let mut parts = self.no_parts.clone();
        for (row, &(limit, part)) in self.program.rows.iter().zip(&self.limits) {
            let total: f64 = row.terms.iter().map(|&t| value(t)).sum();
            if let Some(part) = part {
                parts[part] = parts[part].max(total / limit);
                sum += total / limit;
            } else if total > limit {
                excess += total / limit;
            }
        }
        if excess > 0.0 {
            EXCEEDED * excess
        } else {
            let largest: f64 = parts.iter().product();
            largest + 1e-3 * sum
        }
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
