//! Coordinate descent over the columns of a class, in products instead of logarithms.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::columns_within;
use crate::engine::linear::Active;
use crate::engine::{Limit, Program, Row, Values, Watch};
use crate::layer;
use crate::layer::decode;
use crate::problem::Dim;
use crate::tiling::limits::WholeChains;
use crate::tiling::symmetry;
use crate::tiling::tile_space::TileSpace;

use super::space::LayerSpace;
use super::tuning::SWEEPS;

/// Score of exceeding a limit: worse than any number of cycles.
const EXCEEDED: f64 = 1e30;

/// Columns, and the factors of which their programs have the logarithms.
pub(super) struct Columns {
    pub(super) groups: Vec<ColumnGroup>,
    /// The dimension that uses only the first of several equal axes.
    anchor: Option<Dim>,
    /// By the address of the logarithms, which the groups keep.
    factors: RefCell<FxHashMap<*const Vec<f64>, Factors>>,
}

/// Factors of a group's columns in one term; `None` where all are 1.
type Factors = Option<Rc<Vec<f64>>>;

impl Columns {
    /// The groups, those first that may use but one of several equal axes.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_key(|&g| {
            self.anchor
                .is_none_or(|d| self.groups[g].position(d).is_none())
        });
        order
    }

    fn factors(&self, values: &Values) -> Factors {
        let values = values.as_ref()?;
        let mut known = self.factors.borrow_mut();
        let own = known
            .entry(Arc::as_ptr(values))
            .or_insert_with(|| Some(Rc::new(values.iter().map(|x| x.exp()).collect())));
        own.clone()
    }
}

/// All columns of a tile space, if they are not too many.
pub(super) fn columns(space: &LayerSpace<'_>, tiles: TileSpace, most: usize) -> Option<Columns> {
    let limits = space.limits(WholeChains::ALL, most);
    let groups = columns_within(&space.site, tiles, &limits)?;
    Some(Columns {
        groups,
        anchor: symmetry::anchor(space.operation),
        factors: RefCell::default(),
    })
}

/// Whether nothing better can be found, or the time is up.
pub(super) fn done(space: &LayerSpace<'_>) -> bool {
    space.watch.stopped() || space.is_met()
}

/// Improves one column after the other until nothing changes, and offers the result; its cycles.
/// Then does so again from the best point with one column changed at random, `kicks` times.
pub(super) fn descend(
    space: &mut LayerSpace<'_>,
    columns: &Columns,
    class: &Class,
    kicks: usize,
) -> Option<f64> {
    let active = allowed_columns(space, columns, class)?;
    let program = layer::program(&space.layer(&columns.groups), class);
    let mut search = Descent::new(&program, columns, active, &space.watch);
    search.run(None);
    let mut best = search.offer(space, columns, class);
    let mut best_choice = search.choice.clone();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..kicks {
        // A single multiply-accumulate has nothing to change.
        if done(space) || best_choice.is_empty() {
            break;
        }
        search.choice.clone_from(&best_choice);
        let group = random.below(search.choice.len());
        let column = random.below(search.active[group].len());
        search.choice[group] = search.active[group][column];
        search.run(Some(group));
        let cycles = search.offer(space, columns, class);
        if cycles.is_some_and(|c| best.is_none_or(|b| c < b)) {
            best = cycles;
            best_choice.clone_from(&search.choice);
        }
    }
    best
}

/// The columns that a class allows; `None` where a group has none.
pub(super) fn allowed_columns(
    space: &LayerSpace<'_>,
    columns: &Columns,
    class: &Class,
) -> Option<Active> {
    let all = |g: &ColumnGroup| {
        Arc::new((0..u32::try_from(g.columns.len()).unwrap_or(u32::MAX)).collect())
    };
    let mut active: Active = columns.groups.iter().map(all).collect();
    space.keep_allowed(class, &columns.groups, &mut active);
    active.iter().all(|own| !own.is_empty()).then_some(active)
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
pub(super) struct Descent<'a> {
    program: &'a Program,
    /// For each group and term the factors of all columns.
    terms: Vec<Vec<Factors>>,
    arguments: Vec<Vec<Factors>>,
    constants: Vec<f64>,
    limits: Vec<(f64, Option<usize>)>,
    /// Parts of the objective.
    parts: usize,
    /// Groups in the order in which they choose.
    order: Vec<usize>,
    /// The columns from which they choose.
    active: Active,
    pub(super) choice: Vec<u32>,
    watch: Watch,
}

impl<'a> Descent<'a> {
    pub(super) fn new(
        program: &'a Program,
        columns: &Columns,
        active: Active,
        watch: &Watch,
    ) -> Self {
        let factors = |values: &Vec<Values>| {
            values
                .iter()
                .map(|v| columns.factors(v))
                .collect::<Vec<_>>()
        };
        let limit = |row: &Row| match row.limit {
            Limit::Objective { part, constant } => (constant.exp(), Some(part)),
            Limit::Constant(constant) => (constant.exp() * (1.0 + 1e-9), None),
        };
        Self {
            program,
            terms: program.groups.iter().map(|g| factors(&g.terms)).collect(),
            arguments: (program.groups.iter())
                .map(|g| factors(&g.arguments))
                .collect(),
            constants: program.terms.iter().map(|t| t.constant.exp()).collect(),
            limits: program.rows.iter().map(limit).collect(),
            parts: program.parts(),
            order: columns.order(),
            choice: (columns.groups.iter().zip(&active))
                .map(|(group, own)| smallest_column(group, own))
                .collect(),
            active,
            watch: watch.clone(),
        }
    }

    /// Offers the choice as a mapping of a class; its cycles if it is valid.
    pub(super) fn offer(
        &self,
        space: &mut LayerSpace<'_>,
        columns: &Columns,
        class: &Class,
    ) -> Option<f64> {
        let (operation, hardware) = (space.operation, space.hardware);
        let own = decode::mapping(operation, hardware, &columns.groups, class, &self.choice);
        space.offer(own).value()
    }

    /// Starts from a choice, as far as its columns are allowed.
    pub(super) fn begin(&mut self, choice: &[u32]) {
        for (group, &column) in choice.iter().enumerate() {
            if self.active[group].binary_search(&column).is_ok() {
                self.choice[group] = column;
            }
        }
    }

    /// Sweeps over the groups; in the first sweep `fixed` stays as it is.
    pub(super) fn run(&mut self, fixed: Option<usize>) {
        for sweep in 0..SWEEPS {
            let mut changed = sweep == 0 && fixed.is_some();
            for &group in &self.order {
                if sweep == 0 && fixed == Some(group) {
                    continue;
                }
                if self.watch.stopped() {
                    return;
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
        let factor = |values: &Factors, j: u32| values.as_ref().map_or(1.0, |v| v[j as usize]);
        let others = |tables: &[Vec<Factors>], i: usize| -> f64 {
            (0..self.choice.len())
                .filter(|&g| g != group)
                .map(|g| factor(&tables[g][i], self.choice[g]))
                .product()
        };
        let terms: Vec<f64> = (0..self.constants.len())
            .map(|t| self.constants[t] * others(&self.terms, t))
            .collect();
        let arguments: Vec<f64> = (0..self.program.arguments.len())
            .map(|a| others(&self.arguments, a))
            .collect();
        let varying: Vec<Varying> = (terms.iter().zip(&self.program.terms).enumerate())
            .map(|(t, (&base, term))| Varying {
                base,
                factors: self.terms[group][t].clone(),
                bend: term.concave.map(|c| Bend {
                    slope: c.slope,
                    argument: arguments[c.argument],
                    factors: self.arguments[group][c.argument].clone(),
                    offset: c.offset,
                }),
            })
            .collect();
        let mut best = (self.choice[group], f64::INFINITY);
        let mut scoring = Scoring::new(self);
        for &j in self.active[group].iter() {
            if let Some(score) = scoring.below(best.1, |t| varying[t].value(j as usize)) {
                best = (j, score);
            }
        }
        best.0
    }

    /// The score of the choice as it is.
    pub(super) fn total(&self) -> f64 {
        let product = |tables: &[Vec<Factors>], i: usize| -> f64 {
            let own = tables.iter().zip(&self.choice);
            own.map(|(g, &j)| g[i].as_ref().map_or(1.0, |v| v[j as usize]))
                .product()
        };
        let value = |t: usize| {
            let base = self.constants[t] * product(&self.terms, t);
            self.program.terms[t].concave.map_or(base, |c| {
                base * (c.slope * product(&self.arguments, c.argument) - c.offset)
            })
        };
        let score = Scoring::new(self).below(f64::INFINITY, value);
        score.unwrap_or(f64::INFINITY)
    }
}

/// A term while the columns of one group are tried.
struct Varying {
    /// The product over the other groups.
    base: f64,
    factors: Factors,
    bend: Option<Bend>,
}

/// The concave part of such a term.
struct Bend {
    slope: f64,
    /// The argument's product over the other groups.
    argument: f64,
    factors: Factors,
    offset: f64,
}

impl Varying {
    fn value(&self, column: usize) -> f64 {
        let factor = |own: &Factors| own.as_ref().map_or(1.0, |own| own[column]);
        let base = self.base * factor(&self.factors);
        match &self.bend {
            None => base,
            Some(own) => base * (own.slope * own.argument * factor(&own.factors) - own.offset),
        }
    }
}

/// Scores choices, as far as they may be below the best one.
struct Scoring<'d> {
    descent: &'d Descent<'d>,
    /// The largest row of each part of the objective.
    parts: Vec<f64>,
    /// The row by which the last one was seen not to be below: it is looked at first.
    first: usize,
}

impl<'d> Scoring<'d> {
    fn new(descent: &'d Descent<'d>) -> Self {
        Self {
            descent,
            parts: vec![0.0; descent.parts],
            first: 0,
        }
    }

    /// The largest objective row plus a little of all others; where limits are exceeded, by how much.
    /// `None` where it is not below `best`: no row takes anything away, so that one may be enough to say so.
    fn below(&mut self, best: f64, value: impl Fn(usize) -> f64) -> Option<f64> {
        let (descent, one_part) = (self.descent, self.parts.len() == 1);
        let rows = &descent.program.rows;
        let total = |row: usize| -> f64 { rows[row].terms.iter().map(|&t| value(t)).sum() };
        // With one part its largest row is the score; and what exceeds a limit is above all others.
        let is_above = |row: usize, total: f64| match descent.limits[row] {
            (limit, Some(_)) => best < EXCEEDED && one_part && total / limit >= best,
            (limit, None) => best <= EXCEEDED && total > limit,
        };
        if self.first < rows.len() && is_above(self.first, total(self.first)) {
            return None;
        }
        let (mut sum, mut excess) = (0.0, 0.0);
        self.parts.fill(0.0);
        for (row, &(limit, part)) in descent.limits.iter().enumerate() {
            let total = total(row);
            if is_above(row, total) {
                self.first = row;
                return None;
            }
            if let Some(part) = part {
                self.parts[part] = self.parts[part].max(total / limit);
                sum += total / limit;
            } else if total > limit {
                excess += total / limit;
            }
        }
        let score = if excess > 0.0 {
            EXCEEDED * excess
        } else {
            let largest: f64 = self.parts.iter().product();
            largest + 1e-3 * sum
        };
        (score < best).then_some(score)
    }
}

/// The column of smallest tiles, which fits if any does.
fn smallest_column(group: &ColumnGroup, active: &[u32]) -> u32 {
    let size = |j: usize| -> u64 {
        (0..group.dims.len())
            .map(|p| {
                let chain = group.chain(j, p);
                chain.extents.iter().sum::<u64>()
                    + chain.spread.iter().map(|s| s.factor).sum::<u64>()
            })
            .sum()
    };
    let smallest = active.iter().min_by_key(|&&j| size(j as usize));
    smallest.copied().unwrap_or(0)
}
