//! A first mapping: coordinate descent over a few columns in every class.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::classes::class::{Buffering, Class};
use crate::classes::keeps::without_one;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::columns_within;
use crate::cost::spatial::fewest_steps;
use crate::engine::linear::Active;
use crate::engine::{Limit, Program, Row, Values, Watch};
use crate::layer;
use crate::layer::decode;
use crate::problem::{Dim, Node, Role};
use crate::tiling::limits::WholeChains;
use crate::tiling::symmetry;
use crate::tiling::tile_space::TileSpace;

use super::smallest;
use super::space::LayerSpace;

/// Score of exceeding a limit: worse than any number of cycles.
const EXCEEDED: f64 = 1e30;
/// Sweeps over all groups before a descent is given up.
const SWEEPS: usize = 8;

/// Classes whose mappings are improved over more columns.
const POLISHED: usize = 6;

/// Rounds in which one operand more goes around a memory.
const ROUNDS: usize = 3;

/// Random restarts in each of the best classes.
const KICKS: usize = 60;

/// Columns of a group beyond which a coarser list is taken.
const FEW: usize = 4_000;

/// Classes beyond which only those are looked at to which the best partly decided ones lead.
const SWEPT: usize = 700;

/// Looks for a good mapping; stops as soon as the lower bound is met.
///
/// First the smallest tiles, which fit if any do. Then every class with very few columns, then
/// the best classes again from changed starts, then the best classes with more columns.
pub fn find(space: &mut LayerSpace<'_>, divisors_only: bool) {
    smallest::offer(space);
    if done(space) {
        return;
    }
    if !divisors_only {
        at_once(space);
    }
    if done(space) {
        return;
    }
    let Some(few) = few_columns(space, divisors_only) else {
        return;
    };
    let mut found = match all_classes(space) {
        Some(classes) => sweep(space, &few, classes),
        None => Vec::new(),
    };
    if found.is_empty() && !done(space) {
        found = beam(space, &few);
    }
    keep_best(&mut found);
    go_around(space, &few, &mut found);
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &few, class, KICKS);
    }
    if divisors_only || done(space) {
        return;
    }
    let Some(more) = columns(space, TileSpace::Starter, 4 * FEW) else {
        return;
    };
    for (_, class) in &found {
        if done(space) {
            return;
        }
        descend(space, &more, class, 0);
    }
}

/// The few best classes, the best first.
fn keep_best(found: &mut Vec<(f64, Class)>) {
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(POLISHED);
}

/// Tries the best classes with one operand after the other going around a memory.
fn go_around(space: &mut LayerSpace<'_>, columns: &Columns, found: &mut Vec<(f64, Class)>) {
    let mut seen: Vec<Class> = found.iter().map(|f| f.1.clone()).collect();
    for _ in 0..ROUNDS {
        let mut more = Vec::new();
        for (_, class) in found.iter() {
            for next in without_one(space.hardware, class) {
                if done(space) {
                    return;
                }
                if seen.contains(&next) {
                    continue;
                }
                seen.push(next.clone());
                if let Some(cycles) = descend(space, columns, &next, 0) {
                    more.push((cycles, next));
                }
            }
        }
        let before = found.clone();
        found.extend(more);
        keep_best(found);
        if *found == before {
            return;
        }
    }
}

/// Whether every memory keeps all that it may keep.
fn keeps_all(space: &LayerSpace<'_>, class: &Class) -> bool {
    space.hardware.memories().skip(1).all(|(level, memory)| {
        Role::ALL.into_iter().all(|role| {
            let kept = class.keeps(space.hardware, Node { level, role });
            !memory.may_keep(role) || kept != Some(false)
        })
    })
}

/// Descends over a handful of columns in one class for each order of the outermost tiles.
fn at_once(space: &mut LayerSpace<'_>) {
    let Some(handful) = columns(space, TileSpace::Coarsest, FEW) else {
        return;
    };
    for root in space.roots() {
        if done(space) {
            return;
        }
        if keeps_all(space, &root) {
            let leaf = last_leaf(space, root);
            descend(space, &handful, &leaf, 0);
        }
    }
}

/// The last class to which splitting leads: with every operand in tiles, which asks least of
/// them. Memories that are not decided keep all that they may.
pub(super) fn last_leaf(space: &LayerSpace<'_>, mut class: Class) -> Class {
    while let Some(mut parts) = space.split_class(&class) {
        let keeping = parts
            .first()
            .is_some_and(|p| p.keeps.len() > class.keeps.len());
        let next = if keeping && parts.iter().all(|p| p.order == class.order) {
            Some(parts.swap_remove(0))
        } else {
            let last = parts.iter().rposition(|p| space.stands_well(p));
            last.map(|i| parts.swap_remove(i)).or_else(|| parts.pop())
        };
        match next {
            Some(next) => class = next,
            None => break,
        }
    }
    class
}

/// The columns with which every class is looked at: the finest list that is short enough.
fn few_columns(space: &LayerSpace<'_>, divisors_only: bool) -> Option<Columns> {
    if divisors_only {
        return columns(space, TileSpace::Divisors, 4 * FEW);
    }
    let fine = if uneven(space) {
        TileSpace::Balanced
    } else {
        TileSpace::Seed
    };
    columns(space, fine, FEW)
        .or_else(|| columns(space, TileSpace::Coarse, 4 * FEW))
        .or_else(|| columns(space, TileSpace::Coarsest, 4 * FEW))
}

/// All columns of a tile space, if they are not too many.
fn columns(space: &LayerSpace<'_>, tiles: TileSpace, most: usize) -> Option<Columns> {
    let limits = space.limits(WholeChains::ALL, most);
    let groups = columns_within(space.operation, &space.planned, tiles, &limits)?;
    Some(Columns {
        groups,
        anchor: symmetry::anchor(space.operation),
        factors: RefCell::default(),
    })
}

/// Columns, and the factors of which their programs have the logarithms.
struct Columns {
    groups: Vec<ColumnGroup>,
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

/// Whether the dimensions do not fill the array evenly, so that odd factors may be best.
fn uneven(space: &LayerSpace<'_>) -> bool {
    let elements = space.hardware.processing_elements().max(1);
    fewest_steps(space.operation, space.hardware) > space.operation.box_macs().div_ceil(elements)
}

/// Whether nothing better can be found, or the time is up.
fn done(space: &LayerSpace<'_>) -> bool {
    space.watch.stopped() || space.is_met()
}

/// All single classes with at most one operand loaded whole in which every memory keeps all that
/// it may; `None` if they are too many.
fn all_classes(space: &LayerSpace<'_>) -> Option<Vec<Class>> {
    let mut all = Vec::new();
    let mut open = space.roots();
    open.retain(|c| keeps_all(space, c));
    open.reverse();
    while let Some(class) = open.pop() {
        if all.len() > SWEPT {
            return None;
        }
        match space.split_class(&class) {
            None => all.push(class),
            Some(parts) => {
                let plain = |c: &Class| is_plain(c) && keeps_all(space, c);
                open.extend(parts.into_iter().rev().filter(plain));
            }
        }
    }
    Some(all)
}

/// Whether at most one operand is loaded whole, and the others are all doubled, or all but one.
fn is_plain(class: &Class) -> bool {
    let count = |own| class.buffering.iter().filter(|b| b.1 == own).count();
    let (double, single) = (count(Buffering::Double), count(Buffering::Single));
    count(Buffering::Whole) <= 1 && (double <= 1 || single <= 1)
}

/// Descends in every class; the cycles reached in each.
fn sweep(space: &mut LayerSpace<'_>, columns: &Columns, classes: Vec<Class>) -> Vec<(f64, Class)> {
    let mut found = Vec::new();
    for class in classes {
        if done(space) {
            break;
        }
        if let Some(cycles) = descend(space, columns, &class, 0) {
            found.push((cycles, class));
        }
    }
    found
}

/// Partly decided classes that are kept at each step of a beam.
const WIDTH: usize = 4;

/// Decides one thing after the other, keeps the few best classes each time, and offers the
/// last class to which each of them leads.
fn beam(space: &mut LayerSpace<'_>, columns: &Columns) -> Vec<(f64, Class)> {
    let mut found = Vec::new();
    let mut front: Vec<(f64, Class, Option<Vec<u32>>)> = space
        .roots()
        .into_iter()
        .map(|class| (0.0, class, None))
        .collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for (_, class, start) in front {
            if done(space) {
                return found;
            }
            let program = layer::program(&space.layer(&columns.groups), &class);
            let Some(active) = allowed_columns(space, columns, &class) else {
                continue;
            };
            let mut search = Descent::new(&program, columns, active, &space.watch);
            if let Some(start) = start {
                search.begin(&start);
            }
            search.run(None);
            let leaf = last_leaf(space, class.clone());
            let mut cycles = search.offer(space, columns, &leaf);
            if cycles.is_none() && space.is_restricted() {
                // The class leaves open what the restriction asks of the last one.
                cycles = descend(space, columns, &leaf, 0);
            }
            if leaf == class {
                found.extend(cycles.map(|c| (c, leaf)));
            }
            next.push((search.total(), class, search.choice));
        }
        next.sort_by(|a, b| a.0.total_cmp(&b.0));
        next.truncate(WIDTH);
        front = Vec::new();
        for (score, class, choice) in next {
            let parts = space.split_class(&class).unwrap_or_default();
            front.extend(parts.into_iter().map(|c| (score, c, Some(choice.clone()))));
        }
    }
    found
}

/// Improves one column after the other until nothing changes, and offers the result; its cycles.
/// Then does so again from the best point with one column changed at random, `kicks` times.
fn descend(
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
fn allowed_columns(space: &LayerSpace<'_>, columns: &Columns, class: &Class) -> Option<Active> {
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
struct Descent<'a> {
    program: &'a Program,
    /// For each group and term the factors of all columns.
    terms: Vec<Vec<Factors>>,
    arguments: Vec<Vec<Factors>>,
    constants: Vec<f64>,
    limits: Vec<(f64, Option<usize>)>,
    /// 0 for every part of the objective.
    no_parts: Vec<f64>,
    /// Groups in the order in which they choose.
    order: Vec<usize>,
    /// The columns from which they choose.
    active: Active,
    choice: Vec<u32>,
    watch: Watch,
}

impl<'a> Descent<'a> {
    fn new(program: &'a Program, columns: &Columns, active: Active, watch: &Watch) -> Self {
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
            no_parts: vec![0.0; program.parts()],
            order: columns.order(),
            choice: (columns.groups.iter().zip(&active))
                .map(|(group, own)| smallest_column(group, own))
                .collect(),
            active,
            watch: watch.clone(),
        }
    }

    /// Offers the choice as a mapping of a class; its cycles if it is valid.
    fn offer(&self, space: &mut LayerSpace<'_>, columns: &Columns, class: &Class) -> Option<f64> {
        let (operation, hardware) = (space.operation, space.hardware);
        let own = decode::mapping(operation, hardware, &columns.groups, class, &self.choice);
        space.offer(own).value()
    }

    /// Starts from a choice, as far as its columns are allowed.
    fn begin(&mut self, choice: &[u32]) {
        for (group, &column) in choice.iter().enumerate() {
            if self.active[group].binary_search(&column).is_ok() {
                self.choice[group] = column;
            }
        }
    }

    /// Sweeps over the groups; in the first sweep `fixed` stays as it is.
    fn run(&mut self, fixed: Option<usize>) {
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
        for &j in self.active[group].iter() {
            let score = self.score(&|t| value(t, j));
            if score < best.1 {
                best = (j, score);
            }
        }
        best.0
    }

    /// The score of the choice as it is.
    fn total(&self) -> f64 {
        let product = |tables: &[Vec<Factors>], i: usize| -> f64 {
            let own = tables.iter().zip(&self.choice);
            own.map(|(g, &j)| g[i].as_ref().map_or(1.0, |v| v[j as usize]))
                .product()
        };
        self.score(&|t| {
            let base = self.constants[t] * product(&self.terms, t);
            self.program.terms[t].concave.map_or(base, |c| {
                base * (c.slope * product(&self.arguments, c.argument) - c.offset)
            })
        })
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
